/// What each action costs. The chain reads these tables before it runs an action and takes the fee
/// of all a transaction's actions from who pays for it (`onfee` in the trace). An action without a
/// row pays for the gas it uses, or is refused where a chain is strict.
module resource_model::fees {
    use std::signer;
    use std::string::{Self, String};
    use aptos_std::table::{Self, Table};
    use resource_model::errors;

    /// The smallest fee and the step between fees: less would buy no CPU and no NET at all.
    const FEE_STEP: u64 = 100;
    const FEE_MAX: u64 = 2_000_000;
    const ACTION_NAME_SIZE_MAX: u64 = 256;

    /// An action's name: the account of its module, and `module::function`.
    struct ActionName has copy, drop, store {
        account: address,
        action: String,
    }

    struct ActionFee has copy, drop, store {
        /// Units, above 0.
        fee: u64,
        /// Microseconds; 0, with the others 0 too, for what the fee buys.
        cpu_limit: u32,
        /// Bytes.
        net_limit: u32,
        /// Bytes that the action may make its accounts store more; 0 for no limit of its own.
        ram_limit: u32,
    }

    struct FeeTables has key {
        action_fees: Table<ActionName, ActionFee>,
        /// As the chain was born with them.
        native_fees: Table<ActionName, u64>,
    }

    package fun initialize(owner: &signer) {
        let native_fees = table::new();
        let t = &mut native_fees;
        let framework = @0x1;
        add(t, framework, b"aptos_account::create_account", 1_000);
        add(t, framework, b"code::publish_package_txn", 1_000);
        add(t, framework, b"aptos_account::transfer", 100);
        add(t, framework, b"aptos_account::transfer_coins", 100);
        add(t, framework, b"coin::transfer", 100);
        let here = @resource_model;
        add(t, here, b"fees::setfee", 1_000);
        add(t, here, b"config::setconfig", 100);
        add(t, here, b"votes::vote", 500);
        add(t, here, b"votes::unfreeze", 100);
        add(t, here, b"votes::claim", 300);
        add(t, here, b"ram::vote4ram", 500);
        add(t, here, b"ram::unfreezeram", 100);
        add(t, here, b"producers::updatebp", 1_000_000);
        add(t, here, b"producers::removebp", 1_000_000);
        add(t, here, b"producers::claim_commission", 300);
        add(t, here, b"multisig::propose", 15_000);
        add(t, here, b"multisig::approve", 10_000);
        add(t, here, b"multisig::unapprove", 10_000);
        add(t, here, b"multisig::cancel", 10_000);
        add(t, here, b"multisig::exec", 10_000);
        move_to(owner, FeeTables { action_fees: table::new(), native_fees })
    }

    fun add(
        fees: &mut Table<ActionName, u64>,
        account: address,
        action: vector<u8>,
        fee: u64,
    ) {
        table::add(fees, ActionName { account, action: string::utf8(action) }, fee)
    }

    /// Sets what the action `module::function` of `account` costs. Without limits it is that
    /// account's to set, and the fee buys CPU and NET by the chain's prices; limits of its own only
    /// the producers give, together.
    entry fun setfee(
        auth: &signer,
        account: address,
        action: vector<u8>,
        fee: u64,
        cpu_limit: u32,
        net_limit: u32,
        ram_limit: u32,
    ) acquires FeeTables {
        let has_limits = cpu_limit > 0 || net_limit > 0 || ram_limit > 0;
        let required = if (has_limits) @resource_model else account;
        assert!(signer::address_of(auth) == required, errors::not_authorised());
        assert!(fee > 0 && fee <= FEE_MAX && fee % FEE_STEP == 0, errors::bad_fee());
        let action = string::utf8(action);
        assert!(is_action_name(&action), errors::bad_name());
        let fees = &mut borrow_global_mut<FeeTables>(@resource_model).action_fees;
        let row = ActionFee { fee, cpu_limit, net_limit, ram_limit };
        table::upsert(fees, ActionName { account, action }, row)
    }

    /// How the trace names the fee of an action. The chain takes it, with a transaction's other
    /// fees, behind the last action; nobody calls for it.
    entry fun onfee(_actor: address, _fee: u64, _bpname: address) {
        abort errors::no_call()
    }

    /// Something, `::`, something.
    fun is_action_name(action: &String): bool {
        let length = string::length(action);
        let at = string::index_of(action, &string::utf8(b"::"));
        length <= ACTION_NAME_SIZE_MAX && at > 0 && at + 2 < length
    }

    #[view]
    /// The row of an action: fee, CPU, NET and RAM limits. All 0 where nobody set it.
    public fun get_fee(account: address, action: String): ActionFee acquires FeeTables {
        let fees = &borrow_global<FeeTables>(@resource_model).action_fees;
        let nothing = ActionFee { fee: 0, cpu_limit: 0, net_limit: 0, ram_limit: 0 };
        *table::borrow_with_default(fees, ActionName { account, action }, &nothing)
    }

    #[view]
    /// What a native action costs; 0 for what is none.
    public fun get_native_fee(account: address, action: String): u64 acquires FeeTables {
        let fees = &borrow_global<FeeTables>(@resource_model).native_fees;
        *table::borrow_with_default(fees, ActionName { account, action }, &0)
    }
}
