/// Windows for objecting, beside their time. A window may end only when blocks of more than a third
/// of the producers, two where there are two, have become final since it began: whoever keeps
/// objections out of the blocks it makes must not outlast them alone.
module rooch::window {
    use aptos_framework::block;
    use aptos_std::table::{Self, Table};

    /// One window of a kind under its number: of a proposal, a seat or a demand.
    struct WindowKey has copy, drop {
        channel: u64,
        kind: u8,
        number: u64,
    }

    struct Windows has key {
        /// Height of the block in which each began, for the last time.
        began: Table<WindowKey, u64>,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, Windows { began: table::new() })
    }

    /// Begins a window, or begins it anew.
    package fun open(channel: u64, kind: u8, number: u64) acquires Windows {
        let key = WindowKey { channel, kind, number };
        let height = block::get_current_block_height();
        table::upsert(&mut borrow_global_mut<Windows>(@rooch).began, key, height)
    }

    /// Whether so many could object as have to be able to. What never began is over.
    package fun was_open_to_all(channel: u64, kind: u8, number: u64): bool acquires Windows {
        let began = &borrow_global<Windows>(@rooch).began;
        let key = WindowKey { channel, kind, number };
        !table::contains(began, key) || block::is_widely_finalised(*table::borrow(began, key))
    }

    // What windows are for, and whose number is theirs.

    /// Disputing a settlement: a proposal's.
    package inline fun dispute(): u8 { 1 }

    /// Being heard before one is removed as silent: a seat's.
    package inline fun removal(): u8 { 2 }

    /// Showing what was confirmed before a punished seat is out: a seat's.
    package inline fun exclusion(): u8 { 3 }

    /// Showing a higher checkpoint against an exit: a seat's.
    package inline fun exit(): u8 { 4 }

    /// Showing an admission against a join taken back: a seat's.
    package inline fun join(): u8 { 5 }

    /// Answering a demand for data: the demand's.
    package inline fun demand(): u8 { 6 }

    /// Ordering a forced call: a seat's.
    package inline fun forced_call(): u8 { 7 }
}
