/// A group chat. On chain a group lives at a server until a session moves it into a state channel;
/// there the members post, and settlements bring the group's latest state back under this
/// contract's hands.
module rooch_demo::chat {
    use std::error;
    use std::signer;
    use std::string::{Self, String, utf8};
    use std::vector;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::event;
    use aptos_std::bcs_stream;
    use aptos_std::table::{Self, Table};
    use rooch::config;
    use rooch::op::{Self, OP};
    use rooch::state_channel::{Self, NoAsset, SettlementAction, SettlementCap};

    const ENO_SERVER: u64 = 1;
    const ESERVER_EXISTS: u64 = 2;
    const ENO_GROUP: u64 = 3;
    const EGROUP_EXISTS: u64 = 4;
    const ENO_SESSION: u64 = 5;
    const EBAD_NAME: u64 = 6;
    const ETEXT_EMPTY: u64 = 7;
    const ETEXT_TOO_LONG: u64 = 8;
    /// Posting is a matter of the channel: on chain the group is in escrow.
    const ENOT_IN_CHANNEL: u64 = 9;
    /// A settlement speaks of another group than the one it settles.
    const EWRONG_GROUP: u64 = 10;

    const NAME_SIZE_MAX: u64 = 64;
    const TEXT_SIZE_MAX: u64 = 280;
    /// Messages kept. With the longest texts the group stays below 11 KiB, within one value's
    /// limit.
    const HISTORY_MAX: u64 = 32;
    /// The stake is play money: silence is judged by the least window, a dispute likewise.
    const WINDOW_MS: u64 = 15_000;

    struct Message has copy, drop, store {
        /// Counts the group's messages, from 1.
        number: u64,
        author: address,
        text: String,
    }

    struct ChatGroup has key, store {
        id: u64,
        name: String,
        /// Messages ever posted.
        count: u64,
        /// The latest, as a ring: message `number` stands at `(number - 1) % 32`.
        messages: vector<Message>,
    }

    /// Groups that are not in a session.
    struct Server has key {
        groups: Table<u64, ChatGroup>,
    }

    struct ChatSession has store {
        server_address: address,
        state_channel_id: u64,
        settlement_cap: SettlementCap<ChatGroup, NoAsset>,
    }

    /// What finds sessions, under @rooch_demo.
    struct Lobby has key {
        /// By group.
        sessions: Table<u64, ChatSession>,
        /// Group by state channel.
        groups: Table<u64, u64>,
        /// Groups that were ever made, so that an id is never used twice.
        known: Table<u64, bool>,
    }

    #[event]
    struct Posted has drop, store {
        number: u64,
        author: address,
        text: String,
    }

    #[event]
    struct SessionCreated has drop, store {
        chat_group_id: u64,
        state_channel_id: u64,
    }

    /// Runs once, when the package is published: @rooch_demo itself is a server that everybody may
    /// use.
    fun init_module(account: &signer) {
        let lobby =
            Lobby { sessions: table::new(), groups: table::new(), known: table::new() };
        move_to(account, lobby);
        chat_server_create(account)
    }

    /// Makes the sender's account a server of groups.
    public entry fun chat_server_create(account: &signer) {
        let addr = signer::address_of(account);
        assert!(!exists<Server>(addr), error::already_exists(ESERVER_EXISTS));
        move_to(account, Server { groups: table::new() })
    }

    /// Makes an empty group at a server. The caller chooses its id.
    public entry fun chat_group_create(
        _account: &signer,
        server_address: address,
        chat_group_id: u64,
        name: String,
    ) acquires Lobby, Server {
        let size = string::length(&name);
        assert!(size > 0 && size <= NAME_SIZE_MAX, error::invalid_argument(EBAD_NAME));
        let known = &mut borrow_global_mut<Lobby>(@rooch_demo).known;
        assert!(!table::contains(known, chat_group_id), error::already_exists(EGROUP_EXISTS));
        table::add(known, chat_group_id, true);
        let group = ChatGroup { id: chat_group_id, name, count: 0, messages: vector[] };
        server_deposit_chat_group(server_address, group)
    }

    /// Moves a group into a new state channel, whose first member is the sender. Everybody who
    /// takes part stakes `stake` units of the native coin. The sender must have registered its
    /// node.
    public entry fun chat_session_create(
        account: &signer,
        server_address: address,
        chat_group_id: u64,
        stake: u64,
    ) acquires Lobby, Server {
        let group = server_withdraw_chat_group(server_address, chat_group_id);
        let cfg = state_channel::create_config(stake);
        config::set_dispute_window_ms(&mut cfg, WINDOW_MS);
        config::set_challenge_window_ms(&mut cfg, WINDOW_MS);
        config::add_label(&mut cfg, utf8(b"server_address"), server_address);
        let (settlement_cap, state_channel_id) =
            state_channel::create<ChatGroup, NoAsset, AptosCoin>(account, group, cfg);
        state_channel::join<NoAsset>(account, state_channel_id, state_channel::no_asset());
        let lobby = borrow_global_mut<Lobby>(@rooch_demo);
        let session = ChatSession { server_address, state_channel_id, settlement_cap };
        table::add(&mut lobby.sessions, chat_group_id, session);
        table::add(&mut lobby.groups, state_channel_id, chat_group_id);
        event::emit(SessionCreated { chat_group_id, state_channel_id })
    }

    public entry fun chat_session_join(account: &signer, chat_group_id: u64) acquires Lobby {
        let state_channel_id = chat_session_channel(chat_group_id);
        state_channel::join<NoAsset>(account, state_channel_id, state_channel::no_asset())
    }

    /// Returns the sender's stake, once the settlement that ends its seat is executed.
    public entry fun chat_session_leave(account: &signer, chat_group_id: u64) acquires Lobby {
        chat_channel_leave(account, chat_session_channel(chat_group_id))
    }

    /// {@link chat_session_leave} by the channel's id, which also works when the session is over.
    public entry fun chat_channel_leave(account: &signer, state_channel_id: u64) {
        state_channel::leave<NoAsset>(account, state_channel_id);
    }

    /// Ends the session and brings the group back to its server.
    public entry fun chat_session_close(
        account: &signer,
        chat_group_id: u64,
    ) acquires Lobby, Server {
        let lobby = borrow_global_mut<Lobby>(@rooch_demo);
        assert!(
            table::contains(&lobby.sessions, chat_group_id),
            error::not_found(ENO_SESSION)
        );
        let session = table::remove(&mut lobby.sessions, chat_group_id);
        let ChatSession { server_address, state_channel_id, settlement_cap } = session;
        table::remove(&mut lobby.groups, state_channel_id);
        let group = state_channel::close<ChatGroup>(account, state_channel_id);
        state_channel::destroy_cap(settlement_cap);
        server_deposit_chat_group(server_address, group)
    }

    /// Executes a settlement that has passed: the group becomes what the members certified.
    public entry fun chat_group_settlement(
        account: &signer,
        state_channel_id: u64,
        proposal_id: u64,
    ) acquires Lobby {
        let lobby = borrow_global_mut<Lobby>(@rooch_demo);
        assert!(
            table::contains(&lobby.groups, state_channel_id),
            error::not_found(ENO_SESSION)
        );
        let chat_group_id = *table::borrow(&lobby.groups, state_channel_id);
        let session = table::borrow_mut(&mut lobby.sessions, chat_group_id);
        let cap = &mut session.settlement_cap;
        let action =
            state_channel::execute_proposal<ChatGroup, SettlementAction>(
                account, state_channel_id, proposal_id
            );
        let changes = state_channel::get_account_change_sets(&action, @rooch_demo);
        if (state_channel::has_change_set_op<ChatGroup>(&changes)) {
            let chat_group = state_channel::borrow_mut(account, cap, state_channel_id);
            let op = state_channel::get_change_set_op<ChatGroup>(&changes);
            chat_group_apply_op(chat_group, &op)
        };
        state_channel::complete(action, cap)
    }

    fun chat_group_apply_op(chat_group: &mut ChatGroup, op: &OP) {
        chat_group_update(chat_group, op::modify(op))
    }

    /// Takes the fields' new values out of their bytes.
    fun chat_group_update(chat_group: &mut ChatGroup, bytes: vector<u8>) {
        let stream = bcs_stream::new(bytes);
        let id = bcs_stream::deserialize_u64(&mut stream);
        assert!(id == chat_group.id, error::invalid_argument(EWRONG_GROUP));
        chat_group.name = bcs_stream::deserialize_string(&mut stream);
        chat_group.count = bcs_stream::deserialize_u64(&mut stream);
        let messages = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(&mut stream)) {
            let number = bcs_stream::deserialize_u64(&mut stream);
            let author = bcs_stream::deserialize_address(&mut stream);
            let text = bcs_stream::deserialize_string(&mut stream);
            vector::push_back(&mut messages, Message { number, author, text })
        };
        bcs_stream::assert_finished(&stream);
        chat_group.messages = messages
    }

    /// Says something to the group: 1 to 280 bytes of text. In the channel only.
    public entry fun post(sender: &signer, text: String) acquires ChatGroup {
        assert!(exists<ChatGroup>(@rooch_demo), error::invalid_state(ENOT_IN_CHANNEL));
        let size = string::length(&text);
        assert!(size > 0, error::invalid_argument(ETEXT_EMPTY));
        assert!(size <= TEXT_SIZE_MAX, error::invalid_argument(ETEXT_TOO_LONG));
        let group = borrow_global_mut<ChatGroup>(@rooch_demo);
        let author = signer::address_of(sender);
        group.count = group.count + 1;
        let number = group.count;
        let message = Message { number, author, text };
        if (number <= HISTORY_MAX) {
            vector::push_back(&mut group.messages, message)
        } else {
            *vector::borrow_mut(&mut group.messages, (number - 1) % HISTORY_MAX) = message
        };
        event::emit(Posted { number, author, text })
    }

    #[view]
    /// The state channel of a group's session.
    public fun chat_session_channel(chat_group_id: u64): u64 acquires Lobby {
        let sessions = &borrow_global<Lobby>(@rooch_demo).sessions;
        assert!(table::contains(sessions, chat_group_id), error::not_found(ENO_SESSION));
        table::borrow(sessions, chat_group_id).state_channel_id
    }

    #[view]
    public fun has_session(chat_group_id: u64): bool acquires Lobby {
        table::contains(&borrow_global<Lobby>(@rooch_demo).sessions, chat_group_id)
    }

    #[view]
    /// A group at its server: name, messages ever posted, messages kept.
    public fun get_chat_group(
        server_address: address,
        chat_group_id: u64,
    ): (String, u64, vector<Message>) acquires Server {
        let groups = &borrow_server(server_address).groups;
        assert!(table::contains(groups, chat_group_id), error::not_found(ENO_GROUP));
        let group = table::borrow(groups, chat_group_id);
        (group.name, group.count, group.messages)
    }

    fun server_withdraw_chat_group(
        server_address: address,
        chat_group_id: u64,
    ): ChatGroup acquires Server {
        assert!(exists<Server>(server_address), error::not_found(ENO_SERVER));
        let groups = &mut borrow_global_mut<Server>(server_address).groups;
        assert!(table::contains(groups, chat_group_id), error::not_found(ENO_GROUP));
        table::remove(groups, chat_group_id)
    }

    fun server_deposit_chat_group(server_address: address, group: ChatGroup) acquires Server {
        assert!(exists<Server>(server_address), error::not_found(ENO_SERVER));
        let groups = &mut borrow_global_mut<Server>(server_address).groups;
        table::add(groups, group.id, group)
    }

    inline fun borrow_server(server_address: address): &Server {
        assert!(exists<Server>(server_address), error::not_found(ENO_SERVER));
        borrow_global<Server>(server_address)
    }
}
