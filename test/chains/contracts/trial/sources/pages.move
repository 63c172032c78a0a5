/// Values of any number and size, for what a call may change at once.
module trial::pages {
    use std::vector;
    use aptos_std::table::{Self, Table};

    struct Pages has key {
        pages: Table<u64, vector<u8>>,
    }

    public entry fun open(owner: &signer) {
        move_to(owner, Pages { pages: table::new() })
    }

    /// Fills so many pages anew with so many bytes each.
    public entry fun write(
        _account: &signer,
        owner: address,
        count: u64,
        size: u64,
        byte: u8,
    ) acquires Pages {
        let pages = &mut borrow_global_mut<Pages>(owner).pages;
        for (number in 0..count) {
            let page = vector[];
            for (i in 0..size) vector::push_back(&mut page, byte);
            table::upsert(pages, number, page)
        }
    }
}
