/// An amount as it is in the present view, and as it will be from the next one on. Pure arithmetic.
module holdfast_shard::level {
    struct Level has copy, drop, store {
        /// The view in which `now` holds.
        view: u64,
        now: u64,
        next: u64,
    }

    package fun new(view: u64, next: u64): Level {
        Level { view, now: 0, next }
    }

    /// Brings the level up to the view that is current; a level never lies ahead of it.
    package fun roll(self: &mut Level, view: u64) {
        if (self.view < view) {
            self.view = view;
            self.now = self.next
        }
    }

    package fun raise(self: &mut Level, amount: u64) {
        self.next = self.next + amount
    }

    package fun lower(self: &mut Level, amount: u64) {
        self.next = self.next - amount
    }

    package fun set(self: &mut Level, amount: u64) {
        self.next = amount
    }

    /// At once, against the rule that what is there counts to the end of its view.
    package fun force(self: &mut Level, amount: u64) {
        self.now = amount;
        self.next = amount
    }

    package fun view(self: &Level): u64 {
        self.view
    }

    package fun now(self: &Level): u64 {
        self.now
    }

    package fun next(self: &Level): u64 {
        self.next
    }
}
