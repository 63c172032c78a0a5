/// What counts as enough, in one place. Quorums count heads of a numbered configuration; nobody is
/// ever a quorum of nobody.
module rooch::quorum {
    /// Enough acks to certify: more than two thirds.
    public fun certifies(acks: u64, seats: u64): bool {
        seats > 0 && 3 * acks > 2 * seats
    }

    /// Enough yes votes to settle: two thirds. Abstaining counts among the seats, not among the
    /// yes.
    public fun settles(yes: u64, seats: u64): bool {
        seats > 0 && 3 * yes >= 2 * seats
    }

    /// Whether a settlement can still pass when `no` seats are against it.
    public fun may_settle(no: u64, seats: u64): bool {
        no < seats && settles(seats - no, seats)
    }

    /// Enough signatures to remove a silent seat at once: more than half.
    public fun removes(signers: u64, seats: u64): bool {
        2 * signers > seats
    }

    /// Enough approvals to force out a cheater: two of those who are left, or the only one.
    public fun punishes(approvals: u64, seats: u64): bool {
        if (seats == 2) approvals >= 1 else approvals >= 2
    }
}
