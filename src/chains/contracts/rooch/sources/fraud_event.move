/// What `fraud` tells the world.
module rooch::fraud_event {
    use aptos_framework::event;
    use rooch::header::HeaderRef;

    #[event]
    struct FraudJudged has drop, store {
        channel: u64,
        /// The leader, and those who acked its header.
        accused: vector<u64>,
        reference: HeaderRef,
        /// 0 fraud, 1 sound, 2 declined.
        verdict: u8,
    }

    package fun judged(
        channel: u64,
        accused: vector<u64>,
        reference: HeaderRef,
        verdict: u8,
    ) {
        event::emit(FraudJudged { channel, accused, reference, verdict })
    }
}
