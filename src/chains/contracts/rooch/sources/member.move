/// A seat's standing in its channel, from joining until everything it left behind was fetched.
module rooch::member {
    use rooch::clock;
    use rooch::configuration::{Self, Seat};

    /// As long as a member may be silent and still counts as there.
    const ALIVE_MS_MAX: u64 = 15_000;

    /// Joined; no configuration that the chain knows has had this seat yet.
    const PENDING: u8 = 0;
    /// In the chain's latest configuration.
    const ADMITTED: u8 = 1;
    /// Left, or was suspended, by an entry that the channel ordered. May be admitted again.
    const LEFT: u8 = 2;
    /// Removed on chain because it was silent.
    const REMOVED: u8 = 3;
    /// Forced out on chain because it cheated.
    const PUNISHED: u8 = 4;

    /// Where a seat ends that is out by the chain's decision but still in its configuration.
    const NOT_YET: u64 = 18_446_744_073_709_551_615;

    struct Member has copy, drop, store {
        seat: Seat,
        standing: u8,
        /// Still at stake; zero once fined.
        stake: u64,
        has_asset: bool,
        /// Active time.
        last_alive_ms: u64,
        /// Active time from which an unadmitted join may be taken back; zero when nobody asked for
        /// it.
        cancel_at_ms: u64,
        /// The header with which the seat ended. What it left behind is known once that one is
        /// settled.
        out_at_number: u64,
    }

    package fun new(seat: Seat, stake: u64, admitted: bool): Member {
        Member {
            seat,
            standing: if (admitted) ADMITTED else PENDING,
            stake,
            has_asset: false,
            last_alive_ms: clock::active_ms(),
            cancel_at_ms: 0,
            out_at_number: 0,
        }
    }

    package fun is_alive(self: &Member): bool {
        clock::active_ms() - self.last_alive_ms <= ALIVE_MS_MAX
    }

    package fun touch(self: &mut Member) { self.last_alive_ms = clock::active_ms() }

    package fun admit(self: &mut Member) {
        self.standing = ADMITTED;
        self.cancel_at_ms = 0;
        self.out_at_number = 0
    }

    package fun leave(self: &mut Member, number: u64) {
        self.standing = LEFT;
        self.out_at_number = number
    }

    package fun remove(self: &mut Member, number: u64) {
        self.standing = REMOVED;
        self.out_at_number = number
    }

    /// The seat is out for good. Where it ends is not known before its configuration does.
    package fun punish(self: &mut Member) {
        self.standing = PUNISHED;
        self.out_at_number = NOT_YET
    }

    package fun end_at(self: &mut Member, number: u64) { self.out_at_number = number }

    /// Takes the stake away from the seat and says how much it was.
    package fun forfeit(self: &mut Member): u64 {
        let stake = self.stake;
        self.stake = 0;
        stake
    }

    package fun ask_to_cancel(self: &mut Member, cancel_at_ms: u64) {
        self.cancel_at_ms = cancel_at_ms
    }

    package fun mark_asset(self: &mut Member) { self.has_asset = true }

    package fun is_in(self: &Member): bool { self.standing <= ADMITTED }

    /// In, or out by the channel's own decision and not by the chain's.
    package fun may_be_in(self: &Member): bool { self.standing <= LEFT }

    package fun is_admitted(self: &Member): bool { self.standing == ADMITTED }

    package fun is_punished(self: &Member): bool { self.standing == PUNISHED }

    package fun is_pending(self: &Member): bool { self.standing == PENDING }

    package fun may_cancel(self: &Member): bool {
        self.standing == PENDING
            && self.cancel_at_ms > 0
            && clock::active_ms() >= self.cancel_at_ms
    }

    /// Whether a settlement up to header `settled_number` holds all that the seat left behind.
    package fun is_final(self: &Member, settled_number: u64): bool {
        self.standing > ADMITTED && settled_number >= self.out_at_number
    }

    package fun seat(self: &Member): Seat { self.seat }

    package fun id(self: &Member): u64 { configuration::id(&self.seat) }

    package fun owner(self: &Member): address { configuration::owner(&self.seat) }

    package fun stake(self: &Member): u64 { self.stake }

    package fun has_asset(self: &Member): bool { self.has_asset }

    package fun last_alive_ms(self: &Member): u64 { self.last_alive_ms }
}
