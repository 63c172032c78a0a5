/// The library's collections from outside, for tests.
module trial::collections {
    use std::option::{Self, Option};
    use std::signer;
    use std::string::{Self, String};
    use std::vector;
    use aptos_std::table_with_length::{Self, TableWithLength};

    struct Shelf has key {
        items: TableWithLength<u64, u64>,
    }

    public fun append(a: vector<u64>, b: vector<u64>): vector<u64> {
        vector::append(&mut a, b);
        a
    }

    public fun reverse_append(a: vector<u64>, b: vector<u64>): vector<u64> {
        vector::reverse_append(&mut a, b);
        a
    }

    public fun insert(v: vector<u64>, i: u64, e: u64): vector<u64> {
        vector::insert(&mut v, i, e);
        v
    }

    public fun remove(v: vector<u64>, i: u64): (vector<u64>, u64) {
        let e = vector::remove(&mut v, i);
        (v, e)
    }

    public fun swap_remove(v: vector<u64>, i: u64): (vector<u64>, u64) {
        let e = vector::swap_remove(&mut v, i);
        (v, e)
    }

    public fun reverse_slice(v: vector<u64>, left: u64, right: u64): vector<u64> {
        vector::reverse_slice(&mut v, left, right);
        v
    }

    public fun slice(v: vector<u64>, start: u64, end: u64): vector<u64> {
        vector::slice(&v, start, end)
    }

    public fun trim(v: vector<u64>, length: u64): (vector<u64>, vector<u64>) {
        let rest = vector::trim(&mut v, length);
        (v, rest)
    }

    public fun index_of(v: vector<u64>, e: u64): (bool, u64) {
        vector::index_of(&v, &e)
    }

    /// Fills, swaps and empties an option, and says what it held.
    public fun cycle(first: u64, second: u64): (u64, u64, bool) {
        let held: Option<u64> = option::none();
        option::fill(&mut held, first);
        let old = option::swap(&mut held, second);
        let last = option::extract(&mut held);
        (old, last, option::is_none(&held))
    }

    public fun fill_twice() {
        let held = option::some(1);
        option::fill(&mut held, 2)
    }

    public fun take_from_none(): u64 {
        option::destroy_some(option::none())
    }

    public fun sub_string(text: String, i: u64, j: u64): String {
        string::sub_string(&text, i, j)
    }

    public fun find(text: String, part: String): u64 {
        string::index_of(&text, &part)
    }

    public fun join(text: String, bytes: vector<u8>): String {
        string::append_utf8(&mut text, bytes);
        text
    }

    public entry fun make_shelf(account: &signer) {
        move_to(account, Shelf { items: table_with_length::new() })
    }

    public entry fun put(account: &signer, key: u64, value: u64) acquires Shelf {
        let items = &mut borrow_global_mut<Shelf>(signer::address_of(account)).items;
        table_with_length::add(items, key, value)
    }

    public entry fun set(account: &signer, key: u64, value: u64) acquires Shelf {
        let items = &mut borrow_global_mut<Shelf>(signer::address_of(account)).items;
        table_with_length::upsert(items, key, value)
    }

    public entry fun take(account: &signer, key: u64) acquires Shelf {
        let items = &mut borrow_global_mut<Shelf>(signer::address_of(account)).items;
        table_with_length::remove(items, key);
    }

    public entry fun drop_shelf(account: &signer) acquires Shelf {
        let Shelf { items } = move_from<Shelf>(signer::address_of(account));
        table_with_length::destroy_empty(items)
    }

    public fun look(owner: address, key: u64): (u64, bool, u64) acquires Shelf {
        let items = &borrow_global<Shelf>(owner).items;
        let has = table_with_length::contains(items, key);
        let value = if (has) *table_with_length::borrow(items, key) else 0;
        (table_with_length::length(items), has, value)
    }
}
