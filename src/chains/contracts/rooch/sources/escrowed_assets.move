/// How a channel moves members' assets about, as a change set shows it, and what that means for
/// escrow. In the channel an asset is *held* as a resource of its owner's account, taken from
/// escrow when the seat is admitted; it is *parked* under a type of the channel's own when the seat
/// ends, out of reach of calls.
module rooch::escrowed_assets {
    use std::string::{Self, String};
    use std::vector;
    use rooch::change_set::{Self, Change};
    use rooch::errors;
    use rooch::op;

    /// The type of the channel's one record of itself, whose last byte says whether play has ended.
    const CONTROL: vector<u8> = b"0x0::channel::Control";
    const PARKED_PREFIX: vector<u8> = b"0x0::channel::Parked<";
    const PARKED_SUFFIX: vector<u8> = b">";
    /// One change for each asset whose value is another than before, wherever the channel had it.
    /// Its `old` is empty where the value was not in its owner's hands before: it came from escrow
    /// within this change set, or was parked. What was parked says nothing of escrow now, since its
    /// owner may have fetched it and come back with another. Aborts with E_BAD_PROPOSAL where an
    /// asset has vanished.
    package fun changes(changes: &vector<Change>, asset_type: String): vector<Change> {
        let found = vector[];
        let parked_type = parked(asset_type);
        vector::for_each_ref(changes, |change| {
            let change: &Change = change;
            let type_name = change_set::type_name(change);
            let owner = change_set::owner(change);
            if (type_name == asset_type) {
                add_change(&mut found, changes, change, owner, asset_type, parked_type)
            } else if (type_name == parked_type && !has(changes, owner, asset_type)) {
                add_change(&mut found, changes, change, owner, asset_type, parked_type)
            }
        });
        found
    }

    /// Whether the change set ends the channel's play.
    package fun ends_play(changes: &vector<Change>): bool {
        let control = string::utf8(CONTROL);
        let (found, at) = find(changes, @0x0, control);
        if (!found) return false;
        let value = op::value(&change_set::op(vector::borrow(changes, at)));
        let size = vector::length(&value);
        size > 0 && *vector::borrow(&value, size - 1) == 1
    }

    fun add_change(
        found: &mut vector<Change>,
        changes: &vector<Change>,
        change: &Change,
        owner: address,
        asset_type: String,
        parked_type: String,
    ) {
        let op = change_set::op(change);
        let is_held = change_set::type_name(change) == asset_type;
        let (old, value) = (if (is_held) op::old(&op) else vector[], op::value(&op));
        let (is_parked, at) = find(changes, owner, parked_type);
        if (is_parked && vector::is_empty(&value)) {
            value = op::value(&change_set::op(vector::borrow(changes, at)))
        };
        assert!(!vector::is_empty(&value), errors::bad_proposal());
        if (old == value) return;
        let op = op::new_modify(old, value);
        vector::push_back(found, change_set::new_resource(owner, asset_type, op))
    }

    fun parked(asset_type: String): String {
        let name = string::utf8(PARKED_PREFIX);
        string::append(&mut name, asset_type);
        string::append_utf8(&mut name, PARKED_SUFFIX);
        name
    }

    fun has(changes: &vector<Change>, owner: address, type_name: String): bool {
        let (found, _) = find(changes, owner, type_name);
        found
    }

    fun find(changes: &vector<Change>, owner: address, type_name: String): (bool, u64) {
        for (i in 0..vector::length(changes)) {
            let change = vector::borrow(changes, i);
            if (
                change_set::is_resource(change)
                    && change_set::owner(change) == owner
                    && change_set::type_name(change) == type_name
            ) return (true, i)
        };
        (false, 0)
    }
}
