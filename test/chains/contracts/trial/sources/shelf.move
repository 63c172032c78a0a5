/// Something of every kind that a client reads: resources, tables, events, views and type arguments.
module trial::shelf {
    use std::error;
    use std::option::{Self, Option};
    use std::signer;
    use std::string::String;
    use aptos_std::table::{Self, Table};
    use aptos_framework::event;

    /// There is no shelf at this address.
    const ENO_SHELF: u64 = 1;

    struct Book has copy, drop, store {
        title: String,
        pages: u16,
        mark: Option<u64>,
        cover: vector<u8>,
        lent_to: vector<address>,
    }

    struct Shelf<phantom Kind> has key {
        count: u64,
        books: Table<u64, Book>,
        worth: u256,
    }

    struct Novel {}

    /// What every publication leaves at its account.
    struct Opening has key {
        day: u8,
    }

    #[event]
    struct Placed<phantom Kind> has drop, store {
        owner: address,
        number: u64,
        book: Book,
    }

    fun init_module(account: &signer) {
        move_to(account, Opening { day: 1 })
    }

    public entry fun place<Kind>(
        owner: &signer,
        title: String,
        pages: u16,
        cover: vector<u8>,
    ) acquires Shelf {
        let addr = signer::address_of(owner);
        if (!exists<Shelf<Kind>>(addr)) {
            move_to(owner, Shelf<Kind> { count: 0, books: table::new(), worth: 0 })
        };
        let shelf = borrow_global_mut<Shelf<Kind>>(addr);
        let number = shelf.count;
        let mark = if (pages > 100) option::some((pages as u64) / 2) else option::none();
        let book = Book { title, pages, mark, cover, lent_to: vector[@0x1, addr] };
        table::add(&mut shelf.books, number, copy book);
        shelf.count = number + 1;
        shelf.worth = shelf.worth + (pages as u256);
        event::emit(Placed<Kind> { owner: addr, number, book })
    }

    /// Two people put their names to a book.
    public entry fun witness<Kind>(owner: &signer, other: &signer) acquires Shelf {
        let shelf = borrow_global_mut<Shelf<Kind>>(signer::address_of(owner));
        let book = table::borrow_mut(&mut shelf.books, 0);
        book.lent_to = vector[signer::address_of(owner), signer::address_of(other)]
    }

    #[view]
    public fun count<Kind>(addr: address): u64 acquires Shelf {
        assert!(exists<Shelf<Kind>>(addr), error::not_found(ENO_SHELF));
        borrow_global<Shelf<Kind>>(addr).count
    }

    #[view]
    public fun find<Kind>(
        addr: address,
        number: u64,
        floor: Option<u64>,
    ): (Book, bool) acquires Shelf {
        let shelf = borrow_global<Shelf<Kind>>(addr);
        let book = *table::borrow(&shelf.books, number);
        let above = option::is_none(&floor) || number >= *option::borrow(&floor);
        (book, above)
    }

    public fun hidden(): u64 {
        7
    }
}
