/// What a shard's peers bring in one view, and who gets which part of it. Pure arithmetic: every
/// unit of a fee is some peer's.
module holdfast_shard::view_fee {
    use std::vector;
    use holdfast_shard::peer_key;

    /// Parts are in a hundred.
    const WHOLE: u64 = 100;

    /// What a peer brought in one view, and what it is shared by.
    struct ViewFee has copy, drop, store {
        whole_fee: u64,
        user_stake: u64,
        /// What users get of it, in a hundred.
        proportion: u64,
    }

    package fun new(whole_fee: u64, user_stake: u64, proportion: u64): ViewFee {
        ViewFee { whole_fee, user_stake, proportion }
    }

    /// Of a peer that was not in office.
    package fun none(): ViewFee {
        new(0, 0, 0)
    }

    /// Shares a fee among peers by their weights. What rounding leaves goes to the peer with the
    /// lowest key, and so does all of it where nothing is staked any more.
    package fun split(fee: u64, keys: &vector<vector<u8>>, weights: &vector<u128>): vector<u64> {
        let total = sum(weights);
        let shares = vector[];
        let (lowest, left) = (0, fee);
        let i = 0;
        while (i < vector::length(keys)) {
            let weight = (*vector::borrow(weights, i) as u256);
            let share = if (total == 0) 0 else (((fee as u256) * weight / total) as u64);
            left = left - share;
            vector::push_back(&mut shares, share);
            let is_lower = peer_key::is_before(vector::borrow(keys, i), vector::borrow(keys, lowest));
            if (is_lower) lowest = i;
            i = i + 1
        };
        let first = vector::borrow_mut(&mut shares, lowest);
        *first = *first + left;
        shares
    }

    fun sum(weights: &vector<u128>): u256 {
        let total = 0;
        let i = 0;
        while (i < vector::length(weights)) {
            total = total + (*vector::borrow(weights, i) as u256);
            i = i + 1
        };
        total
    }

    /// All of it where no user had staked.
    package fun owner_part(self: &ViewFee): u64 {
        if (self.user_stake == 0) return self.whole_fee;
        in_hundred(self.whole_fee, WHOLE - self.proportion)
    }

    /// What a user with `stake` of all users' stakes gets, rounded down.
    package fun user_part(self: &ViewFee, stake: u64): u64 {
        if (self.user_stake == 0) return 0;
        let shared = (in_hundred(self.whole_fee, self.proportion) as u128);
        ((shared * (stake as u128) / (self.user_stake as u128)) as u64)
    }

    fun in_hundred(amount: u64, part: u64): u64 {
        (((amount as u128) * (part as u128) / (WHOLE as u128)) as u64)
    }
}
