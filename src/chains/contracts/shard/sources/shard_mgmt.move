/// The shards of the root: who made them, how they are run, who runs them, and what their first
/// blocks are made from. Runs on the root only.
module holdfast_shard::shard_mgmt {
    use std::signer;
    use std::string;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::block;
    use aptos_framework::coin::{Self, Coin};
    use aptos_framework::timestamp;
    use holdfast_shard::chain_name;
    use holdfast_shard::config::{Self, Config};
    use holdfast_shard::errors;
    use holdfast_shard::governance;
    use holdfast_shard::home;
    use holdfast_shard::peer_key;
    use holdfast_shard::peers::{Self, Peer};
    use holdfast_shard::shard_event;
    use holdfast_shard::shard_stake;

    /// What a new shard costs: 100 coins.
    const SHARD_CREATE_FEE: u64 = 1_000_000;
    /// As many as have chain ids of their own: shard i is chain 10 + i, below those of parallel
    /// chains.
    const SHARD_COUNT_MAX: u64 = 89;
    const NETWORK_ADDRESS_SIZE_MAX: u64 = 256;

    const STATE_CREATED: u8 = 0;
    const STATE_CONFIGURED: u8 = 1;
    const STATE_ACTIVE: u8 = 2;
    /// Takes no more deposits; what is there can be withdrawn.
    const STATE_STOPPING: u8 = 3;
    const STATE_ARCHIVED: u8 = 4;

    const JOIN_NONE: u8 = 0;
    const JOIN_APPLIED: u8 = 1;
    const JOIN_APPROVED: u8 = 2;
    const JOIN_JOINED: u8 = 3;
    /// A peer that has left does not come back under its key.
    const JOIN_LEFT: u8 = 4;

    struct Shard has copy, drop, store {
        id: u64,
        creator: address,
        state: u8,
        config: Config,
        /// 0 until the shard begins.
        epoch: u64,
        /// The root's height at which the epoch began.
        epoch_height: u64,
        peers: vector<Peer>,
    }

    /// What a node makes a shard's first block from: as it was when the shard began, for ever.
    struct ShardGenesis has copy, drop, store {
        shard_id: u64,
        root_height: u64,
        time_microseconds: u64,
        config: Config,
        peers: vector<vector<u8>>,
    }

    struct PeerName has copy, drop, store {
        shard_id: u64,
        key: vector<u8>,
    }

    struct Application has copy, drop, store {
        owner: address,
        state: u8,
    }

    struct EpochName has copy, drop, store {
        shard_id: u64,
        epoch: u64,
    }

    /// Who had the seats in an epoch.
    struct Term has copy, drop, store {
        /// All blocks of the epoch stand above this height of the shard.
        above_height: u64,
        peers: vector<vector<u8>>,
    }

    struct ShardMgmt has key {
        shards: Table<u64, Shard>,
        geneses: Table<u64, ShardGenesis>,
        terms: Table<EpochName, Term>,
        applications: Table<PeerName, Application>,
        shard_count: u64,
        /// The least number of seats on this network.
        least_k: u32,
    }

    package fun initialize(owner: &signer, least_k: u32) {
        let management = ShardMgmt {
            shards: table::new(),
            geneses: table::new(),
            terms: table::new(),
            applications: table::new(),
            shard_count: 0,
            least_k,
        };
        move_to(owner, management)
    }

    /// Makes a shard and pays governance for it. Ids count from 1.
    entry fun create_shard(creator: &signer) acquires ShardMgmt {
        home::assert_root();
        let addr = signer::address_of(creator);
        let is_enough = coin::balance<AptosCoin>(addr) >= SHARD_CREATE_FEE;
        assert!(is_enough, errors::insufficient_balance());
        governance::collect(coin::withdraw<AptosCoin>(creator, SHARD_CREATE_FEE));
        let management = borrow_global_mut<ShardMgmt>(@holdfast_shard);
        let id = management.shard_count + 1;
        assert!(id <= SHARD_COUNT_MAX, errors::full());
        management.shard_count = id;
        let shard = Shard {
            id,
            creator: addr,
            state: STATE_CREATED,
            config: config::none(),
            epoch: 0,
            epoch_height: 0,
            peers: vector[],
        };
        table::add(&mut management.shards, id, shard);
        shard_event::emit_create(id, addr)
    }

    /// Says how the shard is run; again for as long as nobody has joined.
    entry fun configure_shard(
        creator: &signer,
        shard_id: u64,
        n: u32,
        k: u32,
        c: u32,
        l: u32,
        block_msg_delay_ms: u32,
        hash_msg_delay_ms: u32,
        peer_handshake_timeout_s: u32,
        max_block_change_view: u64,
        min_init_stake: u64,
        gas_price: u64,
        gas_limit: u64,
    ) acquires ShardMgmt {
        let shard = borrow_own(creator, shard_id);
        let is_open = shard.state == STATE_CREATED
            || (shard.state == STATE_CONFIGURED && vector::is_empty(&shard.peers));
        assert!(is_open, errors::wrong_state());
        let asked = config::of(
            n,
            k,
            c,
            l,
            block_msg_delay_ms,
            hash_msg_delay_ms,
            peer_handshake_timeout_s,
            max_block_change_view,
            min_init_stake,
            gas_price,
            gas_limit,
        );
        let least_k = borrow_global<ShardMgmt>(@holdfast_shard).least_k;
        let shard = borrow_mut(shard_id);
        shard.config = config::checked(asked, least_k);
        shard.state = STATE_CONFIGURED;
        shard_stake::init_shard(shard_id, min_init_stake);
        emit_config(shard)
    }

    /// A node asks to run the shard. It signs by its own account, so that nobody can ask in its
    /// name; the stake is to come from `owner`.
    entry fun apply_join(
        node: &signer,
        shard_id: u64,
        key: vector<u8>,
        owner: address,
    ) acquires ShardMgmt {
        assert_joinable(shard_id);
        peer_key::assert_is_of(&key, node);
        let state = get_join_state(shard_id, key);
        assert!(state == JOIN_NONE || state == JOIN_APPLIED, errors::known_peer());
        let applications = &mut borrow_global_mut<ShardMgmt>(@holdfast_shard).applications;
        let application = Application { owner, state: JOIN_APPLIED };
        table::upsert(applications, PeerName { shard_id, key }, application)
    }

    entry fun approve_join(
        creator: &signer,
        shard_id: u64,
        key: vector<u8>,
    ) acquires ShardMgmt {
        borrow_own(creator, shard_id);
        move_join_state(shard_id, key, JOIN_APPLIED, JOIN_APPROVED);
    }

    /// Pays the stake. Before the shard begins the first K have seats.
    entry fun join_shard(
        owner: &signer,
        shard_id: u64,
        key: vector<u8>,
        network_address: vector<u8>,
        stake: u64,
    ) acquires ShardMgmt {
        let shard = assert_joinable(shard_id);
        let named = move_join_state(shard_id, key, JOIN_APPROVED, JOIN_JOINED);
        let addr = signer::address_of(owner);
        assert!(named == addr, errors::not_authorised());
        let size = vector::length(&network_address);
        assert!(size <= NETWORK_ADDRESS_SIZE_MAX, errors::bad_config());
        let count = vector::length(&shard.peers);
        assert!(count < (config::n(&shard.config) as u64), errors::full());
        let is_early = shard.state == STATE_CONFIGURED;
        let is_seated = is_early && count < (config::k(&shard.config) as u64);
        shard_stake::peer_init_stake(owner, shard_id, key, stake);
        let network_address = string::utf8(network_address);
        peers::add(&mut borrow_mut(shard_id).peers, key, addr, network_address, is_seated);
        shard_event::emit_peer_join(shard_id, key, addr)
    }

    /// Fixes what the shard's first block is made from. From now on it takes deposits.
    entry fun activate_shard(creator: &signer, shard_id: u64) acquires ShardMgmt {
        let shard = borrow_own(creator, shard_id);
        assert!(shard.state == STATE_CONFIGURED, errors::wrong_state());
        let keys = peers::in_office(&shard.peers);
        let is_complete = vector::length(&keys) == (config::k(&shard.config) as u64);
        assert!(is_complete, errors::incomplete());
        let height = block::get_current_block_height();
        shard.state = STATE_ACTIVE;
        shard.epoch = 1;
        shard.epoch_height = height;
        let genesis = ShardGenesis {
            shard_id,
            root_height: height,
            time_microseconds: timestamp::now_microseconds(),
            config: shard.config,
            peers: keys,
        };
        table::add(&mut borrow_global_mut<ShardMgmt>(@holdfast_shard).geneses, shard_id, genesis);
        note_term(shard_id, 1, 0, keys);
        shard_stake::begin(shard_id);
        shard_event::emit_activated(shard_id)
    }

    /// A peer leaves: at once before the shard begins, a candidate with the end of this epoch, one
    /// in office with that of the next.
    entry fun exit_shard(owner: &signer, shard_id: u64, key: vector<u8>) acquires ShardMgmt {
        home::assert_root();
        let addr = signer::address_of(owner);
        let shard = borrow_mut(shard_id);
        peers::assert_owner(&shard.peers, &key, addr);
        let is_early = shard.state == STATE_CONFIGURED;
        if (is_early) {
            peers::remove(&mut shard.peers, &key);
            peers::fill_first(&mut shard.peers, (config::k(&shard.config) as u64))
        } else {
            peers::leave(&mut shard.peers, &key, (config::k(&shard.config) as u64))
        };
        shard_stake::peer_exit(shard_id, key);
        if (is_early) forget(shard_id, vector[key]);
        shard_event::emit_peer_leave(shard_id, key, addr)
    }

    entry fun stop_shard(creator: &signer, shard_id: u64) acquires ShardMgmt {
        let shard = borrow_own(creator, shard_id);
        assert!(shard.state == STATE_ACTIVE, errors::wrong_state());
        shard.state = STATE_STOPPING
    }

    /// Every peer is let go. `shard_gas` alone calls this, and knows that nothing is left.
    package fun archive(creator: &signer, shard_id: u64) acquires ShardMgmt {
        let shard = borrow_own(creator, shard_id);
        assert!(shard.state == STATE_STOPPING, errors::wrong_state());
        shard.state = STATE_ARCHIVED;
        let gone = peers::remove_all(&mut shard.peers);
        forget(shard_id, gone)
    }

    /// Ends an epoch of a shard, with its block at `height`: its fees go to those who were in
    /// office, those who leave move on, and their seats go to the candidates with the largest
    /// stakes.
    package fun commit_dpos(
        shard_id: u64,
        height: u64,
        fees: Coin<AptosCoin>,
    ) acquires ShardMgmt {
        let served = get_consensus_peers(shard_id);
        shard_stake::commit_dpos(shard_id, fees, &served);
        let shard = borrow_mut(shard_id);
        let_go_punished(shard);
        let gone = peers::advance_leaving(&mut shard.peers);
        let free = (config::k(&shard.config) as u64)
            - vector::length(&peers::in_office(&shard.peers));
        while (free > 0) {
            let next = strongest(shard_id, &peers::candidates(&shard.peers));
            peers::seat(&mut shard.peers, &next);
            free = free - 1
        };
        shard.epoch = shard.epoch + 1;
        shard.epoch_height = block::get_current_block_height();
        emit_config(shard);
        let (epoch, keys) = (shard.epoch, peers::in_office(&shard.peers));
        note_term(shard_id, epoch, height, keys);
        forget(shard_id, gone)
    }

    fun note_term(
        shard_id: u64,
        epoch: u64,
        above_height: u64,
        peers: vector<vector<u8>>,
    ) acquires ShardMgmt {
        let terms = &mut borrow_global_mut<ShardMgmt>(@holdfast_shard).terms;
        table::add(terms, EpochName { shard_id, epoch }, Term { above_height, peers })
    }

    /// The peer had a seat in an epoch in which the shard may have decided on the block at `height`:
    /// above the end of the epoch before, and below that of the next one, by which the shard has
    /// long had its next committee.
    package fun assert_in_term(
        shard_id: u64,
        epoch: u64,
        key: &vector<u8>,
        height: u64,
    ) acquires ShardMgmt {
        let terms = &borrow_global<ShardMgmt>(@holdfast_shard).terms;
        let name = EpochName { shard_id, epoch };
        assert!(table::contains(terms, name), errors::wrong_epoch());
        let term = table::borrow(terms, name);
        assert!(height > term.above_height, errors::wrong_epoch());
        let later = EpochName { shard_id, epoch: epoch + 2 };
        if (table::contains(terms, later)) {
            let end = table::borrow(terms, later).above_height;
            assert!(height < end, errors::wrong_epoch())
        };
        assert!(vector::contains(&term.peers, key), errors::not_in_office())
    }

    /// The peer has broken the rules: governance gets its stake, and it leaves as one that asks to,
    /// as soon as another can have its seat. Tells how much it cost.
    package fun punish(shard_id: u64, key: vector<u8>): u64 acquires ShardMgmt {
        let forfeited = shard_stake::forfeit(shard_id, key);
        let amount = coin::value(&forfeited);
        governance::collect(forfeited);
        let shard = borrow_mut(shard_id);
        let_go_punished(shard);
        shard_event::emit_peer_leave(shard_id, key, peers::owner_of(&shard.peers, &key));
        amount
    }

    /// Without a stake a peer keeps its seat only where there is nobody to have it.
    fun let_go_punished(shard: &mut Shard) {
        let seats = (config::k(&shard.config) as u64);
        let staying = peers::staying(&shard.peers);
        while (!vector::is_empty(&staying) && peers::can_spare(&shard.peers, seats)) {
            let key = vector::remove(&mut staying, 0);
            if (shard_stake::is_punished(shard.id, key)) peers::leave(&mut shard.peers, &key, seats)
        }
    }

    /// These peers are gone: what was staked for them is free.
    fun forget(shard_id: u64, gone: vector<vector<u8>>) acquires ShardMgmt {
        while (!vector::is_empty(&gone)) {
            let key = vector::pop_back(&mut gone);
            shard_stake::delete_peer(shard_id, key);
            move_join_state(shard_id, key, JOIN_JOINED, JOIN_LEFT);
        }
    }

    /// The candidate for whom most is staked; among equals the lowest key.
    fun strongest(shard_id: u64, candidates: &vector<vector<u8>>): vector<u8> {
        let best = *vector::borrow(candidates, 0);
        let most = shard_stake::weight(shard_id, best);
        let i = 1;
        while (i < vector::length(candidates)) {
            let key = *vector::borrow(candidates, i);
            let weight = shard_stake::weight(shard_id, key);
            let is_better = weight > most || (weight == most && peer_key::is_before(&key, &best));
            if (is_better) {
                best = key;
                most = weight
            };
            i = i + 1
        };
        best
    }

    fun emit_config(shard: &Shard) {
        let config = &shard.config;
        shard_event::emit_config(
            shard.id,
            shard.epoch,
            config::n(config),
            config::k(config),
            config::c(config),
            peers::in_office(&shard.peers),
        )
    }

    package fun assert_active(shard_id: u64) acquires ShardMgmt {
        assert!(get_shard(shard_id).state == STATE_ACTIVE, errors::wrong_state())
    }

    /// The shard has begun and is not archived.
    package fun assert_running(shard_id: u64) acquires ShardMgmt {
        let state = get_shard(shard_id).state;
        assert!(state == STATE_ACTIVE || state == STATE_STOPPING, errors::wrong_state())
    }

    fun assert_joinable(shard_id: u64): Shard acquires ShardMgmt {
        home::assert_root();
        let shard = get_shard(shard_id);
        let is_open = shard.state == STATE_CONFIGURED || shard.state == STATE_ACTIVE;
        assert!(is_open, errors::wrong_state());
        shard
    }

    /// Takes an application from one state to the next; tells its owner.
    fun move_join_state(
        shard_id: u64,
        key: vector<u8>,
        from: u8,
        to: u8,
    ): address acquires ShardMgmt {
        assert!(get_join_state(shard_id, key) == from, errors::unknown_peer());
        let applications = &mut borrow_global_mut<ShardMgmt>(@holdfast_shard).applications;
        let application = table::borrow_mut(applications, PeerName { shard_id, key });
        application.state = to;
        application.owner
    }

    inline fun borrow_mut(shard_id: u64): &mut Shard {
        let shards = &mut borrow_global_mut<ShardMgmt>(@holdfast_shard).shards;
        assert!(table::contains(shards, shard_id), errors::unknown_shard());
        table::borrow_mut(shards, shard_id)
    }

    inline fun borrow_own(creator: &signer, shard_id: u64): &mut Shard {
        home::assert_root();
        let shard = borrow_mut(shard_id);
        assert!(shard.creator == signer::address_of(creator), errors::not_authorised());
        shard
    }

    #[view]
    public fun get_shard(shard_id: u64): Shard acquires ShardMgmt {
        *borrow_mut(shard_id)
    }

    #[view]
    /// Shards have the ids from 1 to this.
    public fun get_shard_count(): u64 acquires ShardMgmt {
        borrow_global<ShardMgmt>(@holdfast_shard).shard_count
    }

    #[view]
    /// Refused for a shard that has not begun.
    public fun get_genesis(shard_id: u64): ShardGenesis acquires ShardMgmt {
        let geneses = &borrow_global<ShardMgmt>(@holdfast_shard).geneses;
        assert!(table::contains(geneses, shard_id), errors::unknown_shard());
        *table::borrow(geneses, shard_id)
    }

    /// What names the shard as a chain: the facts that its genesis is made from.
    package fun name_of(shard_id: u64): vector<u8> acquires ShardMgmt {
        let genesis = get_genesis(shard_id);
        chain_name::of_shard(
            shard_id,
            genesis.time_microseconds,
            &genesis.peers,
            config::epoch_blocks(&genesis.config),
            config::k(&genesis.config),
            config::c(&genesis.config),
        )
    }

    #[view]
    /// Peers in office that must agree: K - C.
    public fun get_required(shard_id: u64): u64 acquires ShardMgmt {
        config::required(&get_shard(shard_id).config)
    }

    #[view]
    /// Peers in office that may fail: C.
    public fun get_faults(shard_id: u64): u64 acquires ShardMgmt {
        (config::c(&get_shard(shard_id).config) as u64)
    }

    #[view]
    public fun get_epoch(shard_id: u64): u64 acquires ShardMgmt {
        get_shard(shard_id).epoch
    }

    #[view]
    /// The seats of an epoch that has begun, as they were then.
    public fun get_term(shard_id: u64, epoch: u64): Term acquires ShardMgmt {
        let terms = &borrow_global<ShardMgmt>(@holdfast_shard).terms;
        let name = EpochName { shard_id, epoch };
        assert!(table::contains(terms, name), errors::wrong_epoch());
        *table::borrow(terms, name)
    }

    #[view]
    /// Keys of the peers in office, in the order in which they came.
    public fun get_consensus_peers(shard_id: u64): vector<vector<u8>> acquires ShardMgmt {
        peers::in_office(&get_shard(shard_id).peers)
    }

    #[view]
    /// 0 none, 1 applied, 2 approved, 3 joined, 4 left.
    public fun get_join_state(shard_id: u64, key: vector<u8>): u8 acquires ShardMgmt {
        let applications = &borrow_global<ShardMgmt>(@holdfast_shard).applications;
        let name = PeerName { shard_id, key };
        if (table::contains(applications, name)) {
            table::borrow(applications, name).state
        } else {
            JOIN_NONE
        }
    }

    #[view]
    /// What creating a shard costs.
    public fun get_create_fee(): u64 {
        SHARD_CREATE_FEE
    }
}
