/// More for the chain to do in the present transaction, after the present action and with it or not
/// at all. The functions are natives that anybody may call, so that the chain knows which module
/// calls: an inline action acts for the account of that module, and for nobody else. Inside a
/// channel both abort with 0xD0001. (The first would be called `inline`, had the language not taken
/// that word.)
module aptos_framework::action {
    /// Runs an entry function as an action of its own, which has its own fee. It gets the calling
    /// module's account as its only signer, if it takes one. `type_args` are types as text, `args`
    /// the BCS of the arguments behind the signer.
    native public fun queue_inline(
        module_address: address,
        module_name: vector<u8>,
        function: vector<u8>,
        type_args: vector<vector<u8>>,
        args: vector<vector<u8>>,
    );

    /// Tells an account of what the calling module does: `function` with its type arguments as text
    /// and the BCS of its arguments. Runs
    /// `receiver::on_notify(module_address: address, module_name: vector<u8>, function: vector<u8>,
    /// type_args: vector<vector<u8>>, args: vector<vector<u8>>)` of that account, if it published
    /// such a module, with no signer and no fee.
    native public fun notify(
        account: address,
        function: vector<u8>,
        type_args: vector<vector<u8>>,
        args: vector<vector<u8>>,
    );
}
