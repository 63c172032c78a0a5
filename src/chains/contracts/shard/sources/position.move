/// What one account has staked for one peer, and for which views its fees are to be paid. What is
/// staked counts from the next view on; what is taken off counts to the end of this one, and is free
/// then. What was added in this view never counted and is free at once. Pure arithmetic.
module holdfast_shard::position {
    use std::vector;
    use holdfast_shard::errors;
    use holdfast_shard::level::{Self, Level};

    /// From `view` on, until the next step, `amount` counts.
    struct Step has copy, drop, store {
        view: u64,
        amount: u64,
    }

    /// The account's coins are `level.next` + `releasing` + `free`.
    struct Position has copy, drop, store {
        /// Its view is that as of which `releasing` holds, too.
        level: Level,
        /// Taken off in that view.
        releasing: u64,
        /// To be withdrawn.
        free: u64,
        /// The next view to be paid fees for.
        claim_view: u64,
        /// What counts in `claim_view`, unless the first step says otherwise.
        claim_amount: u64,
        /// Changes from `claim_view` on, ascending.
        steps: vector<Step>,
    }

    package fun new(view: u64): Position {
        Position {
            level: level::new(view, 0),
            releasing: 0,
            free: 0,
            claim_view: view,
            claim_amount: 0,
            steps: vector[],
        }
    }

    /// Brings the position up to the view that is current.
    package fun roll(self: &mut Position, view: u64) {
        let since = level::view(&self.level);
        if (since >= view) return;
        let before = level::now(&self.level);
        level::roll(&mut self.level, view);
        let amount = level::now(&self.level);
        if (amount != before) {
            vector::push_back(&mut self.steps, Step { view: since + 1, amount })
        };
        self.free = self.free + self.releasing;
        self.releasing = 0
    }

    package fun stake(self: &mut Position, amount: u64) {
        level::raise(&mut self.level, amount)
    }

    package fun unfreeze(self: &mut Position, amount: u64) {
        let (now, next) = (level::now(&self.level), level::next(&self.level));
        assert!(amount <= next, errors::stake_exceeded());
        let fresh = if (next > now) next - now else 0;
        let at_once = if (amount < fresh) amount else fresh;
        level::lower(&mut self.level, amount);
        self.free = self.free + at_once;
        self.releasing = self.releasing + (amount - at_once)
    }

    /// Frees everything: its peer is gone.
    package fun release_all(self: &mut Position) {
        let staked = level::next(&self.level);
        level::lower(&mut self.level, staked);
        self.free = self.free + staked + self.releasing;
        self.releasing = 0
    }

    /// Takes away what is staked and what is on its way back, at once: tells how much. What was free
    /// already stays.
    package fun forfeit(self: &mut Position): u64 {
        let amount = level::next(&self.level) + self.releasing;
        let view = level::view(&self.level);
        level::force(&mut self.level, 0);
        self.releasing = 0;
        vector::push_back(&mut self.steps, Step { view, amount: 0 });
        amount
    }

    package fun withdraw(self: &mut Position, amount: u64) {
        assert!(amount <= self.free, errors::stake_exceeded());
        self.free = self.free - amount
    }

    /// Moves on to the next view whose fees are due; tells which one it was and what counted in it.
    package fun claim_next(self: &mut Position): (u64, u64) {
        let view = self.claim_view;
        while (!vector::is_empty(&self.steps) && vector::borrow(&self.steps, 0).view <= view) {
            self.claim_amount = vector::remove(&mut self.steps, 0).amount
        };
        self.claim_view = view + 1;
        (view, self.claim_amount)
    }

    package fun claim_view(self: &Position): u64 {
        self.claim_view
    }

    package fun now(self: &Position): u64 {
        level::now(&self.level)
    }

    package fun next(self: &Position): u64 {
        level::next(&self.level)
    }

    package fun free(self: &Position): u64 {
        self.free
    }
}
