/// What channels tell those who watch the chain. An event says that something happened; how things
/// stand afterwards is read from the channel itself.
module rooch::events {
    use std::string::String;
    use aptos_framework::event;
    use rooch::configuration::{Configuration, Seat};
    use rooch::header::HeaderRef;

    #[event]
    struct ChannelCreated has drop, store {
        channel: u64,
        hash: vector<u8>,
        creator: address,
        state_type: String,
    }

    #[event]
    struct MemberJoined has drop, store {
        channel: u64,
        seat: Seat,
        stake: u64,
    }

    #[event]
    /// The seat's join will be taken back unless somebody shows its admission by then.
    struct JoinCancelling has drop, store {
        channel: u64,
        seat: u64,
        /// Active time.
        due_ms: u64,
    }

    #[event]
    struct MemberLeft has drop, store {
        channel: u64,
        seat: u64,
        stake_returned: u64,
    }

    #[event]
    struct KeptAlive has drop, store {
        channel: u64,
        seat: u64,
        /// Seat and round-trip time in milliseconds, in turn.
        peer_delays: vector<u64>,
    }

    #[event]
    struct LeaderChanged has drop, store {
        channel: u64,
        term: u64,
        seat: u64,
        /// What the new term must extend, as far as the chain knows.
        fence: HeaderRef,
    }

    #[event]
    struct CertificatePosted has drop, store {
        channel: u64,
        fence: HeaderRef,
    }

    #[event]
    struct ConfigurationChanged has drop, store {
        channel: u64,
        configuration: Configuration,
        /// Where the new configuration starts.
        fence: HeaderRef,
        /// The seat that the chain itself took out; zero where the channel ordered the change.
        removed: u64,
    }

    #[event]
    /// The seat will be removed unless it is heard by then.
    struct RemovalOpened has drop, store {
        channel: u64,
        accused: u64,
        /// Active time.
        due_ms: u64,
    }

    #[event]
    struct ProposalCreated has drop, store {
        channel: u64,
        proposal: u64,
        kind: u8,
        proposer: u64,
        hash: vector<u8>,
    }

    #[event]
    struct Voted has drop, store {
        channel: u64,
        proposal: u64,
        seat: u64,
        option: u8,
    }

    #[event]
    struct Settled has drop, store {
        channel: u64,
        proposal: u64,
        height: u64,
        reference: HeaderRef,
    }

    #[event]
    struct Punished has drop, store {
        channel: u64,
        seat: u64,
        fined: u64,
        /// Wall time.
        banned_until_ms: u64,
    }

    #[event]
    /// A punished seat leaves the configuration then; certificates shown before keep what they
    /// confirm.
    struct ExclusionOpened has drop, store {
        channel: u64,
        seat: u64,
        /// Active time.
        due_ms: u64,
    }

    #[event]
    /// Who proved an offence of the seat was paid for it.
    struct Rewarded has drop, store {
        channel: u64,
        seat: u64,
        receiver: address,
        amount: u64,
    }

    #[event]
    /// The seat lent its vote in elections of leaders; to zero: took it back.
    struct Delegated has drop, store {
        channel: u64,
        from: u64,
        to: u64,
    }

    #[event]
    struct CallForced has drop, store {
        channel: u64,
        seat: u64,
        nonce: u64,
        /// Active time.
        due_ms: u64,
    }

    #[event]
    struct CallAnswered has drop, store {
        channel: u64,
        seat: u64,
        nonce: u64,
    }

    #[event]
    struct LeaderDeposed has drop, store {
        channel: u64,
        seat: u64,
        /// Active time before which it may not lead.
        until_ms: u64,
    }

    #[event]
    struct ChannelClosed has drop, store {
        channel: u64,
    }

    package fun channel_created(
        channel: u64,
        hash: vector<u8>,
        creator: address,
        state_type: String,
    ) {
        event::emit(ChannelCreated { channel, hash, creator, state_type })
    }

    package fun member_joined(channel: u64, seat: Seat, stake: u64) {
        event::emit(MemberJoined { channel, seat, stake })
    }

    package fun join_cancelling(channel: u64, seat: u64, due_ms: u64) {
        event::emit(JoinCancelling { channel, seat, due_ms })
    }

    package fun member_left(channel: u64, seat: u64, stake_returned: u64) {
        event::emit(MemberLeft { channel, seat, stake_returned })
    }

    package fun kept_alive(channel: u64, seat: u64, peer_delays: vector<u64>) {
        event::emit(KeptAlive { channel, seat, peer_delays })
    }

    package fun leader_changed(channel: u64, term: u64, seat: u64, fence: HeaderRef) {
        event::emit(LeaderChanged { channel, term, seat, fence })
    }

    package fun certificate_posted(channel: u64, fence: HeaderRef) {
        event::emit(CertificatePosted { channel, fence })
    }

    package fun configuration_changed(
        channel: u64,
        configuration: Configuration,
        fence: HeaderRef,
        removed: u64,
    ) {
        event::emit(ConfigurationChanged { channel, configuration, fence, removed })
    }

    package fun removal_opened(channel: u64, accused: u64, due_ms: u64) {
        event::emit(RemovalOpened { channel, accused, due_ms })
    }

    package fun proposal_created(
        channel: u64,
        proposal: u64,
        kind: u8,
        proposer: u64,
        hash: vector<u8>,
    ) {
        event::emit(ProposalCreated { channel, proposal, kind, proposer, hash })
    }

    package fun voted(channel: u64, proposal: u64, seat: u64, option: u8) {
        event::emit(Voted { channel, proposal, seat, option })
    }

    package fun settled(channel: u64, proposal: u64, height: u64, reference: HeaderRef) {
        event::emit(Settled { channel, proposal, height, reference })
    }

    package fun punished(channel: u64, seat: u64, fined: u64, banned_until_ms: u64) {
        event::emit(Punished { channel, seat, fined, banned_until_ms })
    }

    package fun exclusion_opened(channel: u64, seat: u64, due_ms: u64) {
        event::emit(ExclusionOpened { channel, seat, due_ms })
    }

    package fun rewarded(channel: u64, seat: u64, receiver: address, amount: u64) {
        event::emit(Rewarded { channel, seat, receiver, amount })
    }

    package fun delegated(channel: u64, from: u64, to: u64) {
        event::emit(Delegated { channel, from, to })
    }

    package fun call_forced(channel: u64, seat: u64, nonce: u64, due_ms: u64) {
        event::emit(CallForced { channel, seat, nonce, due_ms })
    }

    package fun call_answered(channel: u64, seat: u64, nonce: u64) {
        event::emit(CallAnswered { channel, seat, nonce })
    }

    package fun leader_deposed(channel: u64, seat: u64, until_ms: u64) {
        event::emit(LeaderDeposed { channel, seat, until_ms })
    }

    package fun channel_closed(channel: u64) {
        event::emit(ChannelClosed { channel })
    }
}
