/// Actions of every kind that the fee rule tells apart: some work, some store, some queue others.
module trial::acting {
    use std::bcs;
    use std::signer;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::action;
    use aptos_framework::event;

    struct Kept has key {
        bytes: vector<u8>,
    }

    struct Shelves has key {
        shelves: Table<u64, vector<u8>>,
    }

    #[event]
    struct Acted has drop, store {
        by: address,
        depth: u64,
    }

    /// Turns a loop so many times.
    public entry fun work(_sender: &signer, rounds: u64) {
        while (rounds > 0) rounds = rounds - 1
    }

    /// Takes any number of bytes and does nothing.
    public entry fun swallow(_sender: &signer, _bytes: vector<u8>) {}

    /// Keeps so many bytes under the sender, in the place of what was kept.
    public entry fun keep(sender: &signer, size: u64) acquires Kept {
        let addr = signer::address_of(sender);
        let bytes = bytes_of(size);
        if (exists<Kept>(addr)) {
            borrow_global_mut<Kept>(addr).bytes = bytes
        } else {
            move_to(sender, Kept { bytes })
        }
    }

    public entry fun forget(sender: &signer) acquires Kept {
        let Kept { bytes: _ } = move_from<Kept>(signer::address_of(sender));
    }

    /// Keeps so many bytes in a table of this package under `shelf`.
    public entry fun shelve(sender: &signer, shelf: u64, size: u64) acquires Shelves {
        let addr = signer::address_of(sender);
        if (!exists<Shelves>(addr)) move_to(sender, Shelves { shelves: table::new() });
        let shelves = &mut borrow_global_mut<Shelves>(addr).shelves;
        table::upsert(shelves, shelf, bytes_of(size))
    }

    fun bytes_of(size: u64): vector<u8> {
        let bytes = vector[];
        while (vector::length(&bytes) < size) vector::push_back(&mut bytes, 7);
        bytes
    }

    /// Queues any action for this package's account.
    public entry fun queue(
        _sender: &signer,
        module_address: address,
        module_name: vector<u8>,
        function: vector<u8>,
        type_args: vector<vector<u8>>,
        args: vector<vector<u8>>,
    ) {
        action::queue_inline(module_address, module_name, function, type_args, args)
    }

    /// Says who acts, and queues itself as long as there is depth left.
    public entry fun nest(sender: &signer, depth: u64) {
        event::emit(Acted { by: signer::address_of(sender), depth });
        if (depth == 0) return;
        let args = vector[bcs::to_bytes(&(depth - 1))];
        action::queue_inline(@trial, b"acting", b"nest", vector[], args)
    }

    /// Tells an account so many times.
    public entry fun tell(_sender: &signer, account: address, times: u64) {
        while (times > 0) {
            action::notify(account, b"tell", vector[], vector[]);
            times = times - 1
        }
    }
}
