/// The change set of a settlement, as the channel writes it: what became of each value between two
/// heights. Reading it checks that its bytes are canonical, so that every key stands in it once.
module rooch::change_set {
    use std::string::{Self, String};
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::type_info;
    use rooch::errors;
    use rooch::op::{Self, OP};
    use rooch::struct_tag;

    const RESOURCE: u64 = 0;
    const TABLE_ITEM: u64 = 1;
    /// How the names of the channel's own types begin. No other type name is shorter.
    const RESERVED_TYPES: vector<u8> = b"0x0::";

    struct Change has copy, drop {
        kind: u64,
        /// Of the account that holds the resource, or the table's handle.
        address: address,
        /// Of the resource; empty for a table item.
        type_name: String,
        /// BCS of the item's key; empty for a resource.
        item_key: vector<u8>,
        /// The whole key as it stands in the change set, which is what the state root hashes.
        key: vector<u8>,
        op: OP,
    }

    /// The changes of one account, or of the items of one table.
    struct StateChangeSet has copy, drop {
        changes: vector<Change>,
    }

    /// Reads a whole change set. A change of a module, or of a key out of order, is refused.
    package fun decode(bytes: vector<u8>): vector<Change> {
        let all = bytes;
        let stream = bcs_stream::new(bytes);
        let count = bcs_stream::deserialize_uleb128(&mut stream);
        let changes: vector<Change> = vector[];
        for (i in 0..count) {
            let change = read_change(&mut stream, &all);
            if (i > 0) {
                let previous = &vector::borrow(&changes, i - 1).key;
                assert!(precedes(previous, &change.key), errors::bad_proposal())
            };
            vector::push_back(&mut changes, change)
        };
        bcs_stream::assert_finished(&stream);
        changes
    }

    fun read_change(stream: &mut BCSStream, all: &vector<u8>): Change {
        let size = vector::length(all);
        let start = size - bcs_stream::remaining(stream);
        let kind = bcs_stream::deserialize_uleb128(stream);
        assert!(kind == RESOURCE || kind == TABLE_ITEM, errors::bad_proposal());
        let address = bcs_stream::deserialize_address(stream);
        let type_name = if (kind == RESOURCE) struct_tag::read(stream) else string::utf8(b"");
        let item_key =
            if (kind == TABLE_ITEM) bcs_stream::deserialize_bytes(stream) else vector[];
        let key = vector::slice(all, start, size - bcs_stream::remaining(stream));
        Change { kind, address, type_name, item_key, key, op: op::read(stream) }
    }

    /// Byte order: a proper prefix comes first.
    package fun precedes(a: &vector<u8>, b: &vector<u8>): bool {
        let a_size = vector::length(a);
        let b_size = vector::length(b);
        let i = 0;
        while (i < a_size && i < b_size) {
            let (x, y) = (*vector::borrow(a, i), *vector::borrow(b, i));
            if (x != y) return x < y;
            i = i + 1
        };
        a_size < b_size
    }

    package fun new_resource(owner: address, type_name: String, op: OP): Change {
        let (item_key, key) = (vector[], vector[]);
        Change { kind: RESOURCE, address: owner, type_name, item_key, key, op }
    }

    package fun of_address(changes: &vector<Change>, address: address): StateChangeSet {
        let found = vector[];
        vector::for_each_ref(changes, |change| {
            let change: &Change = change;
            if (change.address == address) vector::push_back(&mut found, *change)
        });
        StateChangeSet { changes: found }
    }

    /// Whether the account's value of type `T` was changed.
    public fun contains<T>(self: &StateChangeSet): bool {
        let (found, _) = find(self, type_info::type_name<T>());
        found
    }

    /// What became of the account's value of type `T`. Aborts with E_NOT_APPLIED when nothing did.
    public fun get<T>(self: &StateChangeSet): OP {
        let (found, i) = find(self, type_info::type_name<T>());
        assert!(found, errors::not_applied());
        vector::borrow(&self.changes, i).op
    }

    /// The changes of a table's items, where the set is that of a table's handle.
    public fun items(self: &StateChangeSet): vector<Change> {
        let found = vector[];
        vector::for_each_ref(&self.changes, |change| {
            let change: &Change = change;
            if (change.kind == TABLE_ITEM) vector::push_back(&mut found, *change)
        });
        found
    }

    /// BCS of the key of a changed table item.
    public fun item_key(self: &Change): vector<u8> { self.item_key }

    public fun item_op(self: &Change): OP { self.op }

    /// Whether the key is one that the channel keeps for itself: a resource of its own types, or an
    /// item of the table with the zero handle.
    package fun is_reserved(self: &Change): bool {
        if (self.kind == TABLE_ITEM) return self.address == @0x0;
        let name = string::bytes(&self.type_name);
        let prefix = RESERVED_TYPES;
        for (i in 0..vector::length(&prefix)) {
            if (vector::borrow(name, i) != vector::borrow(&prefix, i)) return false
        };
        true
    }

    package fun is_resource(self: &Change): bool { self.kind == RESOURCE }

    package fun owner(self: &Change): address { self.address }

    package fun type_name(self: &Change): String { self.type_name }

    package fun key(self: &Change): vector<u8> { self.key }

    package fun op(self: &Change): OP { self.op }

    fun find(self: &StateChangeSet, type_name: String): (bool, u64) {
        for (i in 0..vector::length(&self.changes)) {
            let change = vector::borrow(&self.changes, i);
            if (change.kind == RESOURCE && change.type_name == type_name) return (true, i)
        };
        (false, 0)
    }
}
