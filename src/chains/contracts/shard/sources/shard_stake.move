/// Stakes for those who run shards, on the root: a peer's own (its init position) and users', and
/// the shards' fees that they share, view by view. A view is an epoch of the shard. While the end of
/// an epoch is being confirmed stakes stand still, so that nobody stakes knowing the fee.
module holdfast_shard::shard_stake {
    use std::signer;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};
    use holdfast_shard::errors;
    use holdfast_shard::home;
    use holdfast_shard::level::{Self, Level};
    use holdfast_shard::position::{Self, Position};
    use holdfast_shard::view_fee::{Self, ViewFee};

    /// Views whose fees one withdrawal pays.
    const USER_MAX_WITHDRAW_VIEW: u64 = 100;
    const PEER_MAX_PROPORTION: u64 = 100;

    struct Shard has copy, drop, store {
        view: u64,
        is_committing: bool,
        min_init_stake: u64,
    }

    struct Peer has copy, drop, store {
        owner: address,
        init: Position,
        /// All that users have staked.
        users: Level,
        /// Most that users may stake.
        max_authorization: u64,
        /// What users get of a fee, in a hundred.
        proportion: Level,
        /// Whether more may be staked: not for a peer that leaves.
        can_stake: bool,
        is_deleted: bool,
        /// Whether it was proved to break the rules, which cost it its position.
        is_punished: bool,
    }

    struct PeerName has copy, drop, store {
        shard_id: u64,
        key: vector<u8>,
    }

    struct UserName has copy, drop, store {
        peer: PeerName,
        user: address,
    }

    struct ViewName has copy, drop, store {
        peer: PeerName,
        view: u64,
    }

    struct ShardStake has key {
        coins: Coin<AptosCoin>,
        /// Of the coins, what is in positions or owed. The rest is fees.
        staked: u64,
        shards: Table<u64, Shard>,
        peers: Table<PeerName, Peer>,
        positions: Table<UserName, Position>,
        fees: Table<ViewName, ViewFee>,
        /// What accounts can withdraw that is in no position.
        owed: Table<address, u64>,
    }

    struct Holdings has drop {
        coins: u64,
        staked: u64,
    }

    package fun initialize(owner: &signer) {
        let stake = ShardStake {
            coins: coin::zero(),
            staked: 0,
            shards: table::new(),
            peers: table::new(),
            positions: table::new(),
            fees: table::new(),
            owed: table::new(),
        };
        move_to(owner, stake)
    }

    /// Before anybody has joined: view 0, which ends when the shard begins.
    package fun init_shard(shard_id: u64, min_init_stake: u64) acquires ShardStake {
        let shards = &mut borrow_global_mut<ShardStake>(@holdfast_shard).shards;
        table::upsert(shards, shard_id, Shard { view: 0, is_committing: false, min_init_stake })
    }

    /// The shard begins: what was staked before counts from view 1 on.
    package fun begin(shard_id: u64) acquires ShardStake {
        borrow_shard_mut(shard_id).view = 1
    }

    /// A peer joins with a stake of its owner's.
    package fun peer_init_stake(
        owner: &signer,
        shard_id: u64,
        key: vector<u8>,
        amount: u64,
    ) acquires ShardStake {
        let shard = open_shard(shard_id);
        assert!(amount >= shard.min_init_stake, errors::low_stake());
        pay_in(owner, amount);
        let init = position::new(shard.view);
        position::stake(&mut init, amount);
        let peer = Peer {
            owner: signer::address_of(owner),
            init,
            users: level::new(shard.view, 0),
            max_authorization: 0,
            proportion: level::new(shard.view, 0),
            can_stake: true,
            is_deleted: false,
            is_punished: false,
        };
        let peers = &mut borrow_global_mut<ShardStake>(@holdfast_shard).peers;
        table::add(peers, PeerName { shard_id, key }, peer)
    }

    entry fun add_init_pos(
        owner: &signer,
        shard_id: u64,
        key: vector<u8>,
        amount: u64,
    ) acquires ShardStake {
        assert!(amount > 0, errors::bad_amount());
        let peer = open_peer(owner, shard_id, key);
        assert!(peer.can_stake, errors::leaving());
        position::stake(&mut peer.init, amount);
        pay_in(owner, amount)
    }

    /// From the next view on, and then to be withdrawn.
    entry fun reduce_init_pos(
        owner: &signer,
        shard_id: u64,
        key: vector<u8>,
        amount: u64,
    ) acquires ShardStake {
        assert!(amount > 0, errors::bad_amount());
        let least = open_shard(shard_id).min_init_stake;
        let peer = open_peer(owner, shard_id, key);
        position::unfreeze(&mut peer.init, amount);
        assert!(position::next(&peer.init) >= least, errors::low_stake())
    }

    /// From now on for new stakes: what is staked already stays.
    entry fun change_max_authorization(
        owner: &signer,
        shard_id: u64,
        key: vector<u8>,
        max_authorization: u64,
    ) acquires ShardStake {
        open_peer(owner, shard_id, key).max_authorization = max_authorization
    }

    /// What users get of the fees from the next view on, in a hundred.
    entry fun change_proportion(
        owner: &signer,
        shard_id: u64,
        key: vector<u8>,
        proportion: u64,
    ) acquires ShardStake {
        assert!(proportion <= PEER_MAX_PROPORTION, errors::bad_proportion());
        level::set(&mut open_peer(owner, shard_id, key).proportion, proportion)
    }

    entry fun user_stake(
        user: &signer,
        shard_id: u64,
        key: vector<u8>,
        amount: u64,
    ) acquires ShardStake {
        assert!(amount > 0, errors::bad_amount());
        let view = open_shard(shard_id).view;
        let addr = signer::address_of(user);
        let peer = rolled_peer(shard_id, key, view);
        assert!(peer.owner != addr, errors::not_authorised());
        assert!(peer.can_stake, errors::leaving());
        let before = level::next(&peer.users);
        let room = if (before < peer.max_authorization) peer.max_authorization - before else 0;
        assert!(amount <= room, errors::full());
        level::raise(&mut peer.users, amount);
        pay_in(user, amount);
        open_position(shard_id, key, addr, view);
        position::stake(user_position(shard_id, key, addr, view), amount)
    }

    entry fun unfreeze_stake(
        user: &signer,
        shard_id: u64,
        key: vector<u8>,
        amount: u64,
    ) acquires ShardStake {
        assert!(amount > 0, errors::bad_amount());
        let view = open_shard(shard_id).view;
        let addr = signer::address_of(user);
        let peer = rolled_peer(shard_id, key, view);
        assert!(!peer.is_deleted, errors::unknown_peer());
        // Checked first: the level has no more than all positions together.
        position::unfreeze(user_position(shard_id, key, addr, view), amount);
        level::lower(&mut rolled_peer(shard_id, key, view).users, amount)
    }

    /// Pays out of what is free: of a user's position, or of the owner's.
    entry fun withdraw_stake(
        staker: &signer,
        shard_id: u64,
        key: vector<u8>,
        amount: u64,
    ) acquires ShardStake {
        assert!(amount > 0, errors::bad_amount());
        let view = open_shard(shard_id).view;
        let addr = signer::address_of(staker);
        let peer = rolled_peer(shard_id, key, view);
        if (peer.owner == addr) {
            position::withdraw(&mut peer.init, amount)
        } else {
            let is_deleted = peer.is_deleted;
            let own = user_position(shard_id, key, addr, view);
            if (is_deleted) position::release_all(own);
            position::withdraw(own, amount)
        };
        pay_out(addr, amount)
    }

    /// Pays what fees the signer has earned by its stake for a peer, for 100 views at most: those
    /// that are over and were not paid yet, the oldest first.
    entry fun withdraw_fee(
        staker: &signer,
        shard_id: u64,
        key: vector<u8>,
    ) acquires ShardStake {
        home::assert_root();
        let view = get_view(shard_id);
        let addr = signer::address_of(staker);
        let peer = rolled_peer(shard_id, key, view);
        let is_owner = peer.owner == addr;
        let own = if (is_owner) peer.init else *user_position(shard_id, key, addr, view);
        let end = position::claim_view(&own) + USER_MAX_WITHDRAW_VIEW;
        if (end > view) end = view;
        let earned = 0;
        while (position::claim_view(&own) < end) {
            let (of, stake) = position::claim_next(&mut own);
            let fee = get_view_fee(shard_id, key, of);
            earned = earned + part_of(&fee, is_owner, stake)
        };
        if (is_owner) {
            rolled_peer(shard_id, key, view).init = own
        } else {
            *user_position(shard_id, key, addr, view) = own
        };
        if (earned == 0) return;
        let coins = &mut borrow_global_mut<ShardStake>(@holdfast_shard).coins;
        aptos_account::deposit_coins(addr, coin::extract(coins, earned))
    }

    fun part_of(fee: &ViewFee, is_owner: bool, stake: u64): u64 {
        if (is_owner) view_fee::owner_part(fee) else view_fee::user_part(fee, stake)
    }

    /// Pays what ShardStake owes the signer outside of all positions: the position of a peer of its
    /// that is gone. (In the source stakes unbind coins of a second kind, which this pays. On a
    /// chain of one coin there are none.)
    entry fun withdraw_ong(account: &signer) acquires ShardStake {
        home::assert_root();
        let addr = signer::address_of(account);
        let owed = &mut borrow_global_mut<ShardStake>(@holdfast_shard).owed;
        assert!(table::contains(owed, addr), errors::stake_exceeded());
        let amount = table::remove(owed, addr);
        pay_out(addr, amount)
    }

    /// The peer is leaving: nobody stakes for it any more.
    package fun peer_exit(shard_id: u64, key: vector<u8>) acquires ShardStake {
        let view = open_shard(shard_id).view;
        rolled_peer(shard_id, key, view).can_stake = false
    }

    /// The peer is gone: its owner is owed its position, and users can withdraw theirs.
    package fun delete_peer(shard_id: u64, key: vector<u8>) acquires ShardStake {
        let view = get_view(shard_id);
        let peer = rolled_peer(shard_id, key, view);
        peer.can_stake = false;
        peer.is_deleted = true;
        position::release_all(&mut peer.init);
        let amount = position::free(&peer.init);
        position::withdraw(&mut peer.init, amount);
        level::set(&mut peer.users, 0);
        let owner = peer.owner;
        let owed = &mut borrow_global_mut<ShardStake>(@holdfast_shard).owed;
        let sum = table::borrow_mut_with_default(owed, owner, 0);
        *sum = *sum + amount
    }

    /// The peer has broken the rules, which costs it all that its owner has staked, from the present
    /// view on; what its users have staked brings fees for them alone. Stakes that stand still do
    /// not put this off: evidence comes when it comes, and its sender knows no fee.
    package fun forfeit(shard_id: u64, key: vector<u8>): Coin<AptosCoin> acquires ShardStake {
        let view = get_view(shard_id);
        let peer = rolled_peer(shard_id, key, view);
        assert!(!peer.is_deleted, errors::unknown_peer());
        assert!(!peer.is_punished, errors::punished());
        peer.is_punished = true;
        peer.can_stake = false;
        level::force(&mut peer.proportion, PEER_MAX_PROPORTION);
        let amount = position::forfeit(&mut peer.init);
        let stake = borrow_global_mut<ShardStake>(@holdfast_shard);
        stake.staked = stake.staked - amount;
        coin::extract(&mut stake.coins, amount)
    }

    /// The end of an epoch is being confirmed.
    package fun lock(shard_id: u64) acquires ShardStake {
        borrow_shard_mut(shard_id).is_committing = true
    }

    /// Ends a view: shares its fees among the peers in office, by all that is staked for them, and
    /// lets stakes move again.
    package fun commit_dpos(
        shard_id: u64,
        fees: Coin<AptosCoin>,
        in_office: &vector<vector<u8>>,
    ) acquires ShardStake {
        let view = get_view(shard_id);
        let weights = vector[];
        let i = 0;
        while (i < vector::length(in_office)) {
            let weight = weight(shard_id, *vector::borrow(in_office, i));
            vector::push_back(&mut weights, (weight as u128));
            i = i + 1
        };
        let shares = view_fee::split(coin::value(&fees), in_office, &weights);
        note_fees(shard_id, view, in_office, &shares);
        coin::merge(&mut borrow_global_mut<ShardStake>(@holdfast_shard).coins, fees);
        let shard = borrow_shard_mut(shard_id);
        shard.view = view + 1;
        shard.is_committing = false
    }

    fun note_fees(
        shard_id: u64,
        view: u64,
        keys: &vector<vector<u8>>,
        shares: &vector<u64>,
    ) acquires ShardStake {
        let i = 0;
        while (i < vector::length(keys)) {
            let key = *vector::borrow(keys, i);
            let peer = rolled_peer(shard_id, key, view);
            let fee = view_fee::new(
                *vector::borrow(shares, i),
                level::now(&peer.users),
                level::now(&peer.proportion),
            );
            let name = ViewName { peer: PeerName { shard_id, key }, view };
            table::add(&mut borrow_global_mut<ShardStake>(@holdfast_shard).fees, name, fee);
            i = i + 1
        }
    }

    /// All that counts for a peer from the present view on.
    package fun weight(shard_id: u64, key: vector<u8>): u64 acquires ShardStake {
        let view = get_view(shard_id);
        let peer = rolled_peer(shard_id, key, view);
        position::now(&peer.init) + level::now(&peer.users)
    }

    fun pay_in(staker: &signer, amount: u64) acquires ShardStake {
        let is_enough = coin::balance<AptosCoin>(signer::address_of(staker)) >= amount;
        assert!(is_enough, errors::insufficient_balance());
        let stake = borrow_global_mut<ShardStake>(@holdfast_shard);
        stake.staked = stake.staked + amount;
        coin::merge(&mut stake.coins, coin::withdraw<AptosCoin>(staker, amount))
    }

    fun pay_out(to: address, amount: u64) acquires ShardStake {
        let stake = borrow_global_mut<ShardStake>(@holdfast_shard);
        stake.staked = stake.staked - amount;
        aptos_account::deposit_coins(to, coin::extract(&mut stake.coins, amount))
    }

    /// The shard, whose stakes must not stand still.
    fun open_shard(shard_id: u64): Shard acquires ShardStake {
        home::assert_root();
        let shard = *borrow_shard_mut(shard_id);
        assert!(!shard.is_committing, errors::committing());
        shard
    }

    /// The signer's own peer, where stakes do not stand still.
    inline fun open_peer(owner: &signer, shard_id: u64, key: vector<u8>): &mut Peer {
        let view = open_shard(shard_id).view;
        let peer = rolled_peer(shard_id, key, view);
        assert!(peer.owner == signer::address_of(owner), errors::not_authorised());
        assert!(!peer.is_deleted, errors::unknown_peer());
        assert!(!peer.is_punished, errors::punished());
        peer
    }

    inline fun borrow_shard_mut(shard_id: u64): &mut Shard {
        let shards = &mut borrow_global_mut<ShardStake>(@holdfast_shard).shards;
        assert!(table::contains(shards, shard_id), errors::unknown_shard());
        table::borrow_mut(shards, shard_id)
    }

    inline fun rolled_peer(shard_id: u64, key: vector<u8>, view: u64): &mut Peer {
        let peers = &mut borrow_global_mut<ShardStake>(@holdfast_shard).peers;
        let name = PeerName { shard_id, key };
        assert!(table::contains(peers, name), errors::unknown_peer());
        let peer = table::borrow_mut(peers, name);
        position::roll(&mut peer.init, view);
        level::roll(&mut peer.users, view);
        level::roll(&mut peer.proportion, view);
        peer
    }

    /// The position of somebody who has staked here before.
    inline fun user_position(
        shard_id: u64,
        key: vector<u8>,
        user: address,
        view: u64,
    ): &mut Position {
        let positions = &mut borrow_global_mut<ShardStake>(@holdfast_shard).positions;
        let name = UserName { peer: PeerName { shard_id, key }, user };
        assert!(table::contains(positions, name), errors::stake_exceeded());
        let own = table::borrow_mut(positions, name);
        position::roll(own, view);
        own
    }

    fun open_position(
        shard_id: u64,
        key: vector<u8>,
        user: address,
        view: u64,
    ) acquires ShardStake {
        let positions = &mut borrow_global_mut<ShardStake>(@holdfast_shard).positions;
        let name = UserName { peer: PeerName { shard_id, key }, user };
        if (!table::contains(positions, name)) {
            table::add(positions, name, position::new(view))
        }
    }

    #[view]
    public fun get_view(shard_id: u64): u64 acquires ShardStake {
        borrow_shard_mut(shard_id).view
    }

    #[view]
    public fun is_committing(shard_id: u64): bool acquires ShardStake {
        borrow_shard_mut(shard_id).is_committing
    }

    #[view]
    /// A peer as it stands in the present view.
    public fun get_peer(shard_id: u64, key: vector<u8>): Peer acquires ShardStake {
        let view = get_view(shard_id);
        *rolled_peer(shard_id, key, view)
    }

    #[view]
    /// Whether a peer that has joined was punished.
    public fun is_punished(shard_id: u64, key: vector<u8>): bool acquires ShardStake {
        let view = get_view(shard_id);
        rolled_peer(shard_id, key, view).is_punished
    }

    #[view]
    /// A user's position as it stands in the present view; everything 0 where there is none.
    public fun get_position(
        shard_id: u64,
        key: vector<u8>,
        user: address,
    ): Position acquires ShardStake {
        let view = get_view(shard_id);
        open_position(shard_id, key, user, view);
        *user_position(shard_id, key, user, view)
    }

    #[view]
    /// What a peer brought in a view that is over; 0 where it was not in office.
    public fun get_view_fee(shard_id: u64, key: vector<u8>, view: u64): ViewFee acquires ShardStake {
        let fees = &borrow_global<ShardStake>(@holdfast_shard).fees;
        let name = ViewName { peer: PeerName { shard_id, key }, view };
        *table::borrow_with_default(fees, name, &view_fee::none())
    }

    #[view]
    /// What an account can withdraw that is in no position.
    public fun get_owed(account: address): u64 acquires ShardStake {
        let owed = &borrow_global<ShardStake>(@holdfast_shard).owed;
        *table::borrow_with_default(owed, account, &0)
    }

    #[view]
    /// All coins here, and how many of them are in positions or owed; the others are fees.
    public fun holdings(): Holdings acquires ShardStake {
        let stake = borrow_global<ShardStake>(@holdfast_shard);
        Holdings { coins: coin::value(&stake.coins), staked: stake.staked }
    }
}
