/// Maps whose items are state keys of their own: using one item costs the same however many there
/// are. A table does not know its size and cannot be listed or dropped; see `table_with_length`.
module aptos_std::table {
    use std::error;

    const EALREADY_EXISTS: u64 = 1;
    const ENOT_FOUND: u64 = 2;

    struct Table<phantom K: copy + drop, phantom V> has store {
        handle: address,
    }

    /// How an item stands in state, so that natives handle every value type alike.
    struct Box<V> has key, drop, store {
        val: V,
    }

    public fun new<K: copy + drop, V: store>(): Table<K, V> {
        Table { handle: new_table_handle<K, V>() }
    }

    public fun contains<K: copy + drop, V>(self: &Table<K, V>, key: K): bool {
        contains_box<K, V, Box<V>>(self, key)
    }

    public fun add<K: copy + drop, V>(self: &mut Table<K, V>, key: K, val: V) {
        assert!(!contains(self, key), error::invalid_argument(EALREADY_EXISTS));
        add_box<K, V, Box<V>>(self, key, Box { val })
    }

    public fun borrow<K: copy + drop, V>(self: &Table<K, V>, key: K): &V {
        assert!(contains(self, key), error::invalid_argument(ENOT_FOUND));
        &borrow_box<K, V, Box<V>>(self, key).val
    }

    public fun borrow_with_default<K: copy + drop, V>(
        self: &Table<K, V>,
        key: K,
        default: &V,
    ): &V {
        if (contains(self, key)) borrow(self, key) else default
    }

    public fun borrow_mut<K: copy + drop, V>(self: &mut Table<K, V>, key: K): &mut V {
        assert!(contains(self, key), error::invalid_argument(ENOT_FOUND));
        &mut borrow_box_mut<K, V, Box<V>>(self, key).val
    }

    /// The item, which is made from `default` where there is none.
    public fun borrow_mut_with_default<K: copy + drop, V: drop>(
        self: &mut Table<K, V>,
        key: K,
        default: V,
    ): &mut V {
        if (!contains(self, copy key)) add(self, copy key, default);
        borrow_mut(self, key)
    }

    /// Sets an item, whether there was one or not.
    public fun upsert<K: copy + drop, V: drop>(self: &mut Table<K, V>, key: K, value: V) {
        if (contains(self, copy key)) {
            *borrow_mut(self, key) = value
        } else {
            add(self, key, value)
        }
    }

    public fun remove<K: copy + drop, V>(self: &mut Table<K, V>, key: K): V {
        assert!(contains(self, key), error::invalid_argument(ENOT_FOUND));
        let Box { val } = remove_box<K, V, Box<V>>(self, key);
        val
    }

    /// Only for a caller that counts the items and knows that there are none.
    package fun destroy_known_empty<K: copy + drop, V>(self: Table<K, V>) {
        destroy_empty_box<K, V, Box<V>>(&self);
        drop_unchecked_box<K, V, Box<V>>(self)
    }

    native fun new_table_handle<K, V>(): address;

    native fun add_box<K: copy + drop, V, B>(table: &mut Table<K, V>, key: K, val: Box<V>);

    native fun borrow_box<K: copy + drop, V, B>(table: &Table<K, V>, key: K): &Box<V>;

    native fun borrow_box_mut<K: copy + drop, V, B>(table: &mut Table<K, V>, key: K): &mut Box<V>;

    native fun contains_box<K: copy + drop, V, B>(table: &Table<K, V>, key: K): bool;

    native fun remove_box<K: copy + drop, V, B>(table: &mut Table<K, V>, key: K): Box<V>;

    native fun destroy_empty_box<K: copy + drop, V, B>(table: &Table<K, V>);

    native fun drop_unchecked_box<K: copy + drop, V, B>(table: Table<K, V>);
}
