/// What the root and its shards tell each other: an event of the chain that tells, which the nodes
/// carry over once its block is final. The payload is the BCS of the struct of its type.
module holdfast_shard::shard_event {
    use std::bcs;
    use aptos_framework::block;
    use aptos_framework::event;
    use holdfast_shard::home;

    /// The version of all messages so far.
    const VERSION: u32 = 1;

    #[event]
    struct ShardEventState has drop, store {
        version: u32,
        event_type: u32,
        to_shard: u64,
        from_height: u64,
        payload: vector<u8>,
    }

    struct CreateShardEvent has drop {
        source_shard: u64,
        target_shard: u64,
        height: u64,
        creator: address,
    }

    struct ConfigShardEvent has drop {
        source_shard: u64,
        target_shard: u64,
        height: u64,
        epoch: u64,
        n: u32,
        k: u32,
        c: u32,
        /// Keys of the peers in office from now on.
        peers: vector<vector<u8>>,
    }

    /// A peer that has joined, or is leaving.
    struct PeerEvent has drop {
        source_shard: u64,
        target_shard: u64,
        height: u64,
        peer_key: vector<u8>,
        owner: address,
    }

    struct ShardActiveEvent has drop {
        source_shard: u64,
        target_shard: u64,
        height: u64,
    }

    struct DepositGasEvent has drop {
        source_shard: u64,
        target_shard: u64,
        height: u64,
        user: address,
        amount: u64,
    }

    struct WithdrawGasReqEvent has drop {
        source_shard: u64,
        target_shard: u64,
        height: u64,
        user: address,
        withdraw_id: u64,
        amount: u64,
    }

    struct WithdrawGasDoneEvent has drop {
        source_shard: u64,
        target_shard: u64,
        height: u64,
        user: address,
        withdraw_id: u64,
    }

    struct ShardCommitDposEvent has drop {
        source_shard: u64,
        target_shard: u64,
        /// Of the block that committed first: it names the commit also when it is told again.
        height: u64,
        epoch: u64,
        fee_amount: u64,
    }

    package fun version(): u32 {
        VERSION
    }

    package inline fun create(): u32 { 0 }

    package inline fun config_update(): u32 { 1 }

    package inline fun peer_join(): u32 { 2 }

    package inline fun activated(): u32 { 3 }

    package inline fun peer_leave(): u32 { 4 }

    package inline fun gas_deposit(): u32 { 128 }

    package inline fun gas_withdraw_req(): u32 { 129 }

    package inline fun gas_withdraw_done(): u32 { 130 }

    package inline fun commit_dpos(): u32 { 131 }

    fun emit(event_type: u32, to_shard: u64, payload: vector<u8>) {
        let from_height = block::get_current_block_height();
        let state = ShardEventState { version: VERSION, event_type, to_shard, from_height, payload };
        event::emit(state)
    }

    package fun emit_create(target_shard: u64, creator: address) {
        let height = block::get_current_block_height();
        let told = CreateShardEvent { source_shard: home::root_id(), target_shard, height, creator };
        emit(create(), target_shard, bcs::to_bytes(&told))
    }

    package fun emit_config(
        target_shard: u64,
        epoch: u64,
        n: u32,
        k: u32,
        c: u32,
        peers: vector<vector<u8>>,
    ) {
        let height = block::get_current_block_height();
        let source_shard = home::root_id();
        let told = ConfigShardEvent { source_shard, target_shard, height, epoch, n, k, c, peers };
        emit(config_update(), target_shard, bcs::to_bytes(&told))
    }

    package fun emit_peer_join(target_shard: u64, peer_key: vector<u8>, owner: address) {
        emit_peer(peer_join(), target_shard, peer_key, owner)
    }

    package fun emit_peer_leave(target_shard: u64, peer_key: vector<u8>, owner: address) {
        emit_peer(peer_leave(), target_shard, peer_key, owner)
    }

    fun emit_peer(event_type: u32, target_shard: u64, peer_key: vector<u8>, owner: address) {
        let height = block::get_current_block_height();
        let source_shard = home::root_id();
        let told = PeerEvent { source_shard, target_shard, height, peer_key, owner };
        emit(event_type, target_shard, bcs::to_bytes(&told))
    }

    package fun emit_activated(target_shard: u64) {
        let height = block::get_current_block_height();
        let told = ShardActiveEvent { source_shard: home::root_id(), target_shard, height };
        emit(activated(), target_shard, bcs::to_bytes(&told))
    }

    package fun emit_deposit(target_shard: u64, user: address, amount: u64) {
        let height = block::get_current_block_height();
        let source_shard = home::root_id();
        let told = DepositGasEvent { source_shard, target_shard, height, user, amount };
        emit(gas_deposit(), target_shard, bcs::to_bytes(&told))
    }

    package fun emit_withdraw_request(user: address, withdraw_id: u64, amount: u64) {
        let height = block::get_current_block_height();
        let source_shard = home::shard_id();
        let target_shard = home::root_id();
        let told = WithdrawGasReqEvent {
            source_shard,
            target_shard,
            height,
            user,
            withdraw_id,
            amount,
        };
        emit(gas_withdraw_req(), target_shard, bcs::to_bytes(&told))
    }

    package fun emit_withdraw_done(target_shard: u64, user: address, withdraw_id: u64) {
        let height = block::get_current_block_height();
        let source_shard = home::root_id();
        let told = WithdrawGasDoneEvent { source_shard, target_shard, height, user, withdraw_id };
        emit(gas_withdraw_done(), target_shard, bcs::to_bytes(&told))
    }

    /// `height` is that of the block that committed first.
    package fun emit_fee_commit(height: u64, epoch: u64, fee_amount: u64) {
        let source_shard = home::shard_id();
        let target_shard = home::root_id();
        let told = ShardCommitDposEvent { source_shard, target_shard, height, epoch, fee_amount };
        emit(commit_dpos(), target_shard, bcs::to_bytes(&told))
    }
}
