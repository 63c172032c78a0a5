/// What `exit` tells the world.
module rooch::exit_event {
    use aptos_framework::event;
    use rooch::header::HeaderRef;

    #[event]
    struct ExitOpened has drop, store {
        channel: u64,
        seat: u64,
        /// Active time.
        due_ms: u64,
        /// The highest confirmed header that the chain knows then.
        reference: HeaderRef,
    }

    #[event]
    struct ExitContested has drop, store {
        channel: u64,
        seat: u64,
        reference: HeaderRef,
        /// The seat was shown to have known better.
        lost_bond: bool,
    }

    #[event]
    struct ExitFinished has drop, store {
        channel: u64,
        seat: u64,
        stake_returned: u64,
        reference: HeaderRef,
    }

    #[event]
    struct ExitClaimed has drop, store {
        channel: u64,
        seat: u64,
    }

    package fun opened(channel: u64, seat: u64, due_ms: u64, reference: HeaderRef) {
        event::emit(ExitOpened { channel, seat, due_ms, reference })
    }

    package fun contested(channel: u64, seat: u64, reference: HeaderRef, lost_bond: bool) {
        event::emit(ExitContested { channel, seat, reference, lost_bond })
    }

    package fun finished(
        channel: u64,
        seat: u64,
        stake_returned: u64,
        reference: HeaderRef,
    ) {
        event::emit(ExitFinished { channel, seat, stake_returned, reference })
    }

    package fun claimed(channel: u64, seat: u64) {
        event::emit(ExitClaimed { channel, seat })
    }
}
