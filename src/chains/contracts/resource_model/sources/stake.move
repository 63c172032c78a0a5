/// One voter's stake for one producer, as the rows of `votes` and `votes4ram` hold it. Pure
/// arithmetic: it moves no coins.
module resource_model::stake {
    use resource_model::errors;

    const UNITS_PER_COIN: u64 = 10_000;
    /// Blocks for which an unstaked amount is frozen: three days of three-second blocks.
    const FROZEN_DELAY: u64 = 86_400;

    struct Stake has copy, drop, store {
        bpname: address,
        /// Units, whole coins.
        staked: u64,
        /// Whole coins times blocks, as of `voteage_update_height`.
        voteage: u128,
        voteage_update_height: u64,
        /// Units on their way back to the voter.
        unstaking: u64,
        /// When the last of them was taken off. Each reduction begins the freeze anew for all.
        unstake_height: u64,
    }

    package fun none(bpname: address, height: u64): Stake {
        Stake {
            bpname,
            staked: 0,
            voteage: 0,
            voteage_update_height: height,
            unstaking: 0,
            unstake_height: 0,
        }
    }

    /// Whole coins times blocks of `staked` units over `blocks`.
    package fun age(staked: u64, blocks: u64): u128 {
        ((staked / UNITS_PER_COIN) as u128) * (blocks as u128)
    }

    package fun age_at(self: &Stake, height: u64): u128 {
        self.voteage + age(self.staked, height - self.voteage_update_height)
    }

    /// Sets the stake to `target` units; tells by how much it grew or else shrank.
    package fun set(self: &mut Stake, target: u64, height: u64): (bool, u64) {
        assert!(target % UNITS_PER_COIN == 0, errors::fractional_stake());
        assert!(target != self.staked, errors::unchanged_stake());
        self.voteage = age_at(self, height);
        self.voteage_update_height = height;
        let before = self.staked;
        self.staked = target;
        if (target > before) return (true, target - before);
        self.unstaking = self.unstaking + (before - target);
        self.unstake_height = height;
        (false, before - target)
    }

    /// Takes out what has thawed.
    package fun release(self: &mut Stake, height: u64): u64 {
        assert!(self.unstaking > 0, errors::nothing_unstaking());
        assert!(self.unstake_height + FROZEN_DELAY < height, errors::unfreeze_too_early());
        let amount = self.unstaking;
        self.unstaking = 0;
        amount
    }

    /// Takes out the whole voteage, which is spent by a claim.
    package fun spend_age(self: &mut Stake, height: u64): u128 {
        let spent = age_at(self, height);
        self.voteage = 0;
        self.voteage_update_height = height;
        spent
    }

    package fun bpname(self: &Stake): address {
        self.bpname
    }

    package fun staked(self: &Stake): u64 {
        self.staked
    }
}
