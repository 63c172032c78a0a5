/// What escrow lends to a contract that executes a settlement, and what it takes back: exactly what
/// the change set says, byte for byte, or nothing.
module rooch::lending {
    use std::bcs;
    use std::vector;
    use rooch::change_set::{Self, Change};
    use rooch::channel::{Self, Channel};
    use rooch::errors;
    use rooch::escrow;
    use rooch::op;
    use rooch::settlement;

    /// Empty outside a settlement.
    struct Loans<StateT: key + store, AssetT: key + store> has store {
        /// None or one.
        states: vector<Loan<StateT>>,
        assets: vector<Loan<AssetT>>,
    }

    struct Loan<T: key + store> has store {
        /// Zero for the state.
        seat: u64,
        /// The account at which the value is a resource in the channel.
        owner: address,
        /// BCS of the value when it was lent.
        old: vector<u8>,
        value: T,
    }

    package fun new<StateT: key + store, AssetT: key + store>(): Loans<StateT, AssetT> {
        Loans { states: vector[], assets: vector[] }
    }

    package fun lend_state<StateT: key + store, AssetT: key + store>(
        self: &mut Loans<StateT, AssetT>,
        channel: &Channel,
    ): &mut StateT {
        if (vector::is_empty(&self.states)) {
            let value =
                escrow::take_state<StateT>(channel::creator(channel), channel::id(channel));
            let old = bcs::to_bytes(&value);
            let owner = channel::state_address(channel);
            vector::push_back(&mut self.states, Loan { seat: 0, owner, old, value })
        };
        &mut vector::borrow_mut(&mut self.states, 0).value
    }

    /// Aborts with E_NOT_MEMBER where escrow holds nothing of the owner's.
    package fun lend_asset<StateT: key + store, AssetT: key + store>(
        self: &mut Loans<StateT, AssetT>,
        channel: &Channel,
        owner: address,
    ): &mut AssetT {
        let count = vector::length(&self.assets);
        let at = 0;
        while (at < count && vector::borrow(&self.assets, at).owner != owner) at = at + 1;
        if (at == count) {
            let (found, seat) = settlement::asset_seat(channel, owner);
            assert!(found, errors::not_member());
            let (holder, id) = (channel::creator(channel), channel::id(channel));
            let value = escrow::take_asset<AssetT>(holder, id, seat);
            let old = bcs::to_bytes(&value);
            vector::push_back(&mut self.assets, Loan { seat, owner, old, value })
        };
        &mut vector::borrow_mut(&mut self.assets, at).value
    }

    /// Puts everything back. Aborts unless every value that the changes name was its `old` and is
    /// its new value, and every other is as it was.
    package fun take_back<StateT: key + store, AssetT: key + store>(
        self: &mut Loans<StateT, AssetT>,
        channel: &Channel,
        changes: &vector<Change>,
    ) {
        let (holder, id) = (channel::creator(channel), channel::id(channel));
        let applied = 0;
        while (!vector::is_empty(&self.states)) {
            let loan = vector::pop_back(&mut self.states);
            applied = applied + assert_applied(changes, &loan);
            let Loan { seat: _, owner: _, old: _, value } = loan;
            escrow::put_state(holder, id, value)
        };
        while (!vector::is_empty(&self.assets)) {
            let loan = vector::pop_back(&mut self.assets);
            applied = applied + assert_applied(changes, &loan);
            let Loan { seat, owner: _, old: _, value } = loan;
            escrow::put_asset(holder, id, seat, value)
        };
        assert!(applied == count_resources(changes), errors::not_applied())
    }

    package fun destroy<StateT: key + store, AssetT: key + store>(self: Loans<StateT, AssetT>) {
        let Loans { states, assets } = self;
        vector::destroy_empty(states);
        vector::destroy_empty(assets)
    }

    /// 1 where the changes name the value, 0 where they do not.
    fun assert_applied<T: key + store>(changes: &vector<Change>, loan: &Loan<T>): u64 {
        let now = bcs::to_bytes(&loan.value);
        let set = change_set::of_address(changes, loan.owner);
        if (!change_set::contains<T>(&set)) {
            assert!(loan.old == now, errors::not_applied());
            return 0
        };
        let op = change_set::get<T>(&set);
        let old = op::old(&op);
        // Empty where the channel took the value from escrow within this change set.
        assert!(vector::is_empty(&old) || loan.old == old, errors::old_mismatch());
        assert!(now == op::modify(&op), errors::not_applied());
        1
    }

    fun count_resources(changes: &vector<Change>): u64 {
        let count = 0;
        vector::for_each_ref(changes, |change| {
            if (change_set::is_resource(change)) count = count + 1
        });
        count
    }
}
