/// Takes the root's messages in on a shard. The chain alone calls this, with one call for each
/// message in the order of the root, so that one that cannot be applied never stops the others.
module holdfast_shard::shard_sys_msg {
    use std::bcs;
    use std::vector;
    use aptos_std::bcs_stream;
    use aptos_framework::event;
    use holdfast_shard::committee;
    use holdfast_shard::errors;
    use holdfast_shard::fee_commit;
    use holdfast_shard::gas_account;
    use holdfast_shard::home;
    use holdfast_shard::pool;
    use holdfast_shard::shard_event;
    use holdfast_shard::shard_gas;

    const APPLIED: u64 = 0;
    /// Bytes of every payload with a user: source, target, height, user, number.
    const USER_MESSAGE_SIZE: u64 = 64;
    /// Bytes of a change of epoch before its keys, and of each key.
    const CONFIG_HEAD_SIZE: u64 = 45;
    const KEY_SIZE: u64 = 32;
    /// A list of fewer keys has one byte for its length.
    const KEYS_END: u64 = 128;

    struct ShardSysMsg has key {
        /// All messages before this place are dealt with.
        height: u64,
        index: u64,
    }

    #[event]
    struct ShardMsgProcessed has drop, store {
        from_height: u64,
        index: u64,
        event_type: u32,
        /// 0 applied, else why not (`errors`).
        outcome: u64,
    }

    package fun initialize(owner: &signer) {
        move_to(owner, ShardSysMsg { height: 0, index: 0 })
    }

    /// Takes one message in. It aborts only where the chain is at fault, never for what the message
    /// says: that is told by an event.
    fun process_shard_msg(
        version: u32,
        event_type: u32,
        to_shard: u64,
        from_height: u64,
        index: u64,
        payload: vector<u8>,
    ) acquires ShardSysMsg {
        home::assert_shard();
        let outcome = if (!advance(from_height, index)) {
            errors::done_before()
        } else if (version != shard_event::version()) {
            errors::unknown_message_version()
        } else if (to_shard != home::shard_id()) {
            errors::bad_message()
        } else {
            apply(event_type, payload)
        };
        event::emit(ShardMsgProcessed { from_height, index, event_type, outcome })
    }

    /// Passes over a message whose call failed.
    fun skip_shard_msg(from_height: u64, index: u64, event_type: u32) acquires ShardSysMsg {
        home::assert_shard();
        let is_new = advance(from_height, index);
        let outcome = if (is_new) errors::skipped() else errors::done_before();
        event::emit(ShardMsgProcessed { from_height, index, event_type, outcome })
    }

    /// All messages of the root's blocks up to this height are dealt with.
    fun end_root_block(height: u64) acquires ShardSysMsg {
        home::assert_shard();
        let cursor = borrow_global_mut<ShardSysMsg>(@holdfast_shard);
        if (height >= cursor.height) {
            cursor.height = height + 1;
            cursor.index = 0
        }
    }

    /// Moves behind a message; tells whether it lay ahead.
    fun advance(from_height: u64, index: u64): bool acquires ShardSysMsg {
        let cursor = borrow_global_mut<ShardSysMsg>(@holdfast_shard);
        let is_ahead = from_height > cursor.height
            || (from_height == cursor.height && index >= cursor.index);
        if (is_ahead) {
            cursor.height = from_height;
            cursor.index = index + 1
        };
        is_ahead
    }

    fun apply(event_type: u32, payload: vector<u8>): u64 {
        if (event_type == shard_event::gas_deposit()) {
            deposit(payload)
        } else if (event_type == shard_event::gas_withdraw_done()) {
            finish_withdrawal(payload)
        } else if (event_type == shard_event::config_update()) {
            change_epoch(payload)
        } else if (event_type <= shard_event::peer_leave()) {
            // What the root tells of its shards in general; nothing here depends on it.
            APPLIED
        } else {
            errors::unknown_message_type()
        }
    }

    fun deposit(payload: vector<u8>): u64 {
        if (!is_for_user(&payload)) return errors::bad_message();
        let stream = bcs_stream::new(payload);
        skip_places(&mut stream);
        let user = bcs_stream::deserialize_address(&mut stream);
        let amount = bcs_stream::deserialize_u64(&mut stream);
        // The zero address stands for nobody: it can hold no coins.
        if (user == @0x0 || amount == 0) return errors::bad_message();
        gas_account::note_arrival(user, amount);
        if (pool::pay(user, amount)) APPLIED else errors::shard_balance_exceeded()
    }

    fun finish_withdrawal(payload: vector<u8>): u64 {
        if (!is_for_user(&payload)) return errors::bad_message();
        let stream = bcs_stream::new(payload);
        skip_places(&mut stream);
        let user = bcs_stream::deserialize_address(&mut stream);
        let withdraw_id = bcs_stream::deserialize_u64(&mut stream);
        let is_news = shard_gas::user_withdraw_success(user, withdraw_id);
        if (is_news) APPLIED else errors::has_withdrawn()
    }

    fun change_epoch(payload: vector<u8>): u64 {
        if (!is_config(&payload) || !is_for_us(&payload)) return errors::bad_message();
        let stream = bcs_stream::new(payload);
        skip_places(&mut stream);
        let epoch = bcs_stream::deserialize_u64(&mut stream);
        bcs_stream::deserialize_u32(&mut stream);
        let k = bcs_stream::deserialize_u32(&mut stream);
        let c = bcs_stream::deserialize_u32(&mut stream);
        let left = bcs_stream::deserialize_uleb128(&mut stream);
        let peers = vector[];
        while (left > 0) {
            vector::push_back(&mut peers, bcs_stream::deserialize_bytes(&mut stream));
            left = left - 1
        };
        if (!committee::change(epoch, k, c, peers)) return errors::done_before();
        fee_commit::begin_epoch();
        APPLIED
    }

    fun skip_places(stream: &mut bcs_stream::BCSStream) {
        bcs_stream::deserialize_u64(stream);
        bcs_stream::deserialize_u64(stream);
        bcs_stream::deserialize_u64(stream);
    }

    fun is_for_user(payload: &vector<u8>): bool {
        vector::length(payload) == USER_MESSAGE_SIZE && is_for_us(payload)
    }

    /// Whether the payload, too, says that it goes from the root to this shard.
    fun is_for_us(payload: &vector<u8>): bool {
        is_number_at(payload, 0, home::root_id()) && is_number_at(payload, 8, home::shard_id())
    }

    fun is_number_at(payload: &vector<u8>, at: u64, number: u64): bool {
        let bytes = bcs::to_bytes(&number);
        let i = 0;
        while (i < vector::length(&bytes)) {
            if (vector::borrow(payload, at + i) != vector::borrow(&bytes, i)) return false;
            i = i + 1
        };
        true
    }

    /// Whether the bytes read as a change of epoch: a head, then keys with their lengths.
    fun is_config(payload: &vector<u8>): bool {
        let size = vector::length(payload);
        if (size < CONFIG_HEAD_SIZE) return false;
        let count = (*vector::borrow(payload, CONFIG_HEAD_SIZE - 1) as u64);
        if (count >= KEYS_END || size != CONFIG_HEAD_SIZE + count * (KEY_SIZE + 1)) return false;
        let at = CONFIG_HEAD_SIZE;
        while (at < size) {
            if ((*vector::borrow(payload, at) as u64) != KEY_SIZE) return false;
            at = at + KEY_SIZE + 1
        };
        true
    }

    #[view]
    /// Height of the root and place in that block: every message before it is dealt with.
    public fun get_cursor(): (u64, u64) acquires ShardSysMsg {
        let cursor = borrow_global<ShardSysMsg>(@holdfast_shard);
        (cursor.height, cursor.index)
    }
}
