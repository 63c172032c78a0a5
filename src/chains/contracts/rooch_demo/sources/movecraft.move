/// Lands of blocks that heroes build on. On chain a land lies in a world and a hero with its
/// inventory in its player's account; a session moves the land into a state channel, joining brings
/// hero and inventory in, leaving takes them out, and settlements bring the latest state of all of
/// them back under this contract's hands.
module rooch_demo::movecraft {
    use std::error;
    use std::option::{Self, Option};
    use std::signer;
    use std::string::{String, utf8};
    use std::vector;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::event;
    use aptos_std::bcs_stream;
    use aptos_std::table::{Self, Table};
    use rooch::config;
    use rooch::op::{Self, OP};
    use rooch::state_channel::{Self, SettlementAction, SettlementCap};
    use rooch_demo::blocks;
    use rooch_demo::hero::{Self, Hero, Inventory};
    use rooch_demo::terrain::{Self, Terrain};

    const EOUT_OF_LAND: u64 = 1;
    const EUNKNOWN_BLOCK: u64 = 2;
    const EOCCUPIED: u64 = 3;
    /// Building and walking are matters of the channel: on chain the land is in escrow.
    const ENO_LAND_HERE: u64 = 4;
    const ENO_WORLD: u64 = 5;
    const EWORLD_EXISTS: u64 = 6;
    const ENO_LAND: u64 = 7;
    const ELAND_EXISTS: u64 = 8;
    const ENO_SESSION: u64 = 9;
    const ENO_ACCOUNT: u64 = 10;
    const EACCOUNT_EXISTS: u64 = 11;
    /// The player's hero is in a land already.
    const EHERO_AWAY: u64 = 12;
    /// The sender has no hero in this land.
    const ENO_HERO: u64 = 13;
    /// The floor of a land cannot be taken away.
    const EUNBREAKABLE: u64 = 14;
    /// A settlement speaks of another land than the one it settles.
    const EWRONG_LAND: u64 = 15;

    /// 1 AptosCoin.
    const STAKE: u64 = 10_000;
    /// The stake is play money: silence is judged by the least window, a dispute likewise.
    const WINDOW_MS: u64 = 15_000;
    const TICK_MS: u64 = 1_000;

    struct World has key {
        lands: Table<u64, Land>,
    }

    struct Land has key, store {
        id: u64,
        name: String,
        terrain: Terrain,
    }

    /// What a member brings into a land.
    struct Traveller has key, store {
        hero: Hero,
        inventory: Inventory,
    }

    /// Hero and inventory while they are in no land.
    struct GameAccount has key {
        hero: Option<Hero>,
        inventory: Option<Inventory>,
    }

    struct LandSession has store {
        world_address: address,
        state_channel_id: u64,
        /// Whose travellers a settlement may change.
        members: vector<address>,
        settlement_cap: SettlementCap<Land, Traveller>,
    }

    /// What finds sessions, under @rooch_demo.
    struct Atlas has key {
        /// By land.
        sessions: Table<u64, LandSession>,
        /// Land by state channel.
        lands: Table<u64, u64>,
        /// Lands that were ever made, so that an id is never used twice.
        known: Table<u64, bool>,
    }

    #[event]
    struct SessionCreated has drop, store {
        land_id: u64,
        state_channel_id: u64,
    }

    #[event]
    struct BlockPlaced has drop, store {
        hero: address,
        x: u64,
        y: u64,
        z: u64,
        block: u8,
    }

    #[event]
    struct HeroMoved has drop, store {
        hero: address,
        x: u64,
        y: u64,
        z: u64,
    }

    /// Runs once, when the package is published: @rooch_demo itself is a world for everybody.
    fun init_module(account: &signer) {
        let atlas =
            Atlas { sessions: table::new(), lands: table::new(), known: table::new() };
        move_to(account, atlas);
        world_create(account)
    }

    // ---- worlds and players, on chain

    /// Makes the sender's account a world of lands.
    public entry fun world_create(account: &signer) {
        let addr = signer::address_of(account);
        assert!(!exists<World>(addr), error::already_exists(EWORLD_EXISTS));
        move_to(account, World { lands: table::new() })
    }

    /// Makes a new land, a meadow, in a world. The caller chooses its id.
    public entry fun land_create(
        _account: &signer,
        world_address: address,
        land_id: u64,
        name: String,
    ) acquires Atlas, World {
        hero::assert_name(&name);
        let known = &mut borrow_global_mut<Atlas>(@rooch_demo).known;
        assert!(!table::contains(known, land_id), error::already_exists(ELAND_EXISTS));
        table::add(known, land_id, true);
        let land = Land { id: land_id, name, terrain: terrain::new() };
        world_deposit_land(world_address, land)
    }

    /// Gives the sender a hero and an inventory of its own.
    public entry fun game_account_create(account: &signer, hero_name: String) {
        let hero = hero::new(hero_name);
        let addr = signer::address_of(account);
        assert!(!exists<GameAccount>(addr), error::already_exists(EACCOUNT_EXISTS));
        let (hero, inventory) = (option::some(hero), option::some(hero::first_inventory()));
        move_to(account, GameAccount { hero, inventory })
    }

    // ---- channels, on chain

    /// Moves a land into a new state channel, whose first member is the sender with hero and
    /// inventory. Everybody who takes part stakes 1 AptosCoin. The sender must have registered its
    /// node.
    public entry fun land_session_create(
        account: &signer,
        world_address: address,
        land_id: u64,
    ) acquires Atlas, GameAccount, World {
        land_session_create_with_stake(account, world_address, land_id, STAKE)
    }

    /// {@link land_session_create} with another stake, in units of the native coin.
    public entry fun land_session_create_with_stake(
        account: &signer,
        world_address: address,
        land_id: u64,
        stake: u64,
    ) acquires Atlas, GameAccount, World {
        let land = world_withdraw_land(world_address, land_id);
        let cfg = state_channel::create_config(stake);
        config::set_dispute_window_ms(&mut cfg, WINDOW_MS);
        config::set_challenge_window_ms(&mut cfg, WINDOW_MS);
        config::set_tick(&mut cfg, utf8(b"0x21::movecraft::on_tick"), TICK_MS);
        config::add_label(&mut cfg, utf8(b"world_address"), world_address);
        let (settlement_cap, state_channel_id) =
            state_channel::create<Land, Traveller, AptosCoin>(account, land, cfg);
        let traveller = game_account_withdraw_traveller(account);
        state_channel::join<Traveller>(account, state_channel_id, traveller);
        let members = vector[signer::address_of(account)];
        let session = LandSession { world_address, state_channel_id, members, settlement_cap };
        let atlas = borrow_global_mut<Atlas>(@rooch_demo);
        table::add(&mut atlas.sessions, land_id, session);
        table::add(&mut atlas.lands, state_channel_id, land_id);
        event::emit(SessionCreated { land_id, state_channel_id })
    }

    /// Brings the sender's hero and inventory into a land.
    public entry fun land_session_join(
        account: &signer,
        land_id: u64,
    ) acquires Atlas, GameAccount {
        let state_channel_id = land_session_channel(land_id);
        let traveller = game_account_withdraw_traveller(account);
        state_channel::join<Traveller>(account, state_channel_id, traveller);
        let atlas = borrow_global_mut<Atlas>(@rooch_demo);
        let members = &mut table::borrow_mut(&mut atlas.sessions, land_id).members;
        let addr = signer::address_of(account);
        if (!vector::contains(members, &addr)) vector::push_back(members, addr)
    }

    /// {@link land_session_join} that gives the sender a hero first, if it has none.
    public entry fun land_session_enter(
        account: &signer,
        land_id: u64,
        hero_name: String,
    ) acquires Atlas, GameAccount {
        if (!exists<GameAccount>(signer::address_of(account))) {
            game_account_create(account, hero_name)
        };
        land_session_join(account, land_id)
    }

    /// Takes the sender's hero and inventory out of a land, with the stake, once the settlement
    /// that ends its seat is executed.
    public entry fun land_session_leave(
        account: &signer,
        land_id: u64,
    ) acquires Atlas, GameAccount {
        land_channel_leave(account, land_session_channel(land_id))
    }

    /// {@link land_session_leave} by the channel's id, which also works when the session is over.
    public entry fun land_channel_leave(
        account: &signer,
        state_channel_id: u64,
    ) acquires Atlas, GameAccount {
        let traveller = state_channel::leave<Traveller>(account, state_channel_id);
        bring_home(account, state_channel_id, traveller)
    }

    package fun bring_home(
        account: &signer,
        state_channel_id: u64,
        traveller: Traveller,
    ) acquires Atlas, GameAccount {
        let addr = signer::address_of(account);
        let Traveller { hero, inventory } = traveller;
        game_account_deposit_hero(addr, hero);
        game_account_deposit_inventory(addr, inventory);
        forget_member(state_channel_id, addr)
    }

    /// Ends the session and brings the land back to its world.
    public entry fun land_session_close(
        account: &signer,
        land_id: u64,
    ) acquires Atlas, World {
        land_session_channel(land_id);
        let atlas = borrow_global_mut<Atlas>(@rooch_demo);
        let session = table::remove(&mut atlas.sessions, land_id);
        let LandSession { world_address, state_channel_id, members: _, settlement_cap } = session;
        table::remove(&mut atlas.lands, state_channel_id);
        let land = state_channel::close<Land>(account, state_channel_id);
        state_channel::destroy_cap(settlement_cap);
        terrain::fold(&mut land.terrain);
        world_deposit_land(world_address, land)
    }

    /// Executes a settlement that has passed: the land, and the travellers in it, become what the
    /// members certified.
    public entry fun land_settlement(
        account: &signer,
        state_channel_id: u64,
        proposal_id: u64,
    ) acquires Atlas {
        let atlas = borrow_global_mut<Atlas>(@rooch_demo);
        assert!(
            table::contains(&atlas.lands, state_channel_id),
            error::not_found(ENO_SESSION)
        );
        let land_id = *table::borrow(&atlas.lands, state_channel_id);
        let session = table::borrow_mut(&mut atlas.sessions, land_id);
        let cap = &mut session.settlement_cap;
        let action =
            state_channel::execute_proposal<Land, SettlementAction>(
                account, state_channel_id, proposal_id
            );
        let land = state_channel::borrow_mut(account, cap, state_channel_id);
        let changes = state_channel::get_account_change_sets(&action, @rooch_demo);
        if (state_channel::has_change_set_op<Land>(&changes)) {
            land_apply_op(land, &state_channel::get_change_set_op<Land>(&changes))
        };
        let layers =
            state_channel::get_account_change_sets(&action, terrain::handle(&land.terrain));
        terrain::update_layers(&mut land.terrain, &layers);
        for (i in 0..vector::length(&session.members)) {
            let owner = *vector::borrow(&session.members, i);
            let changes = state_channel::get_account_change_sets(&action, owner);
            if (state_channel::has_change_set_op<Traveller>(&changes)) {
                let traveller =
                    state_channel::borrow_asset_mut(account, cap, state_channel_id, owner);
                let op = state_channel::get_change_set_op<Traveller>(&changes);
                update_traveller(traveller, op::modify(&op))
            }
        };
        state_channel::complete(action, cap)
    }

    fun land_apply_op(land: &mut Land, op: &OP) {
        land_update(land, op::modify(op))
    }

    /// Takes over what may have changed in the channel; a land's name never does.
    fun land_update(land: &mut Land, bytes: vector<u8>) {
        let stream = bcs_stream::new(bytes);
        let id = bcs_stream::deserialize_u64(&mut stream);
        assert!(id == land.id, error::invalid_argument(EWRONG_LAND));
        bcs_stream::deserialize_string(&mut stream);
        terrain::update(&mut land.terrain, &mut stream)
    }

    package fun update_traveller(traveller: &mut Traveller, bytes: vector<u8>) {
        let stream = bcs_stream::new(bytes);
        hero::update(&mut traveller.hero, &mut stream);
        hero::update_inventory(&mut traveller.inventory, &mut stream);
        bcs_stream::assert_finished(&stream)
    }

    // ---- playing, in the channel

    /// Puts a block from the sender's inventory into air within reach of its hero, or, placing air,
    /// takes one away into the inventory.
    public entry fun place_block(
        sender: &signer,
        x: u64,
        y: u64,
        z: u64,
        block: u8,
    ) acquires Land, Traveller {
        assert!(blocks::is_inside(x, y, z), error::out_of_range(EOUT_OF_LAND));
        assert!(blocks::is_known(block), error::invalid_argument(EUNKNOWN_BLOCK));
        let addr = signer::address_of(sender);
        let terrain = &mut borrow_land_mut().terrain;
        let traveller = borrow_traveller_mut(addr);
        hero::assert_reaches(&traveller.hero, x, y, z);
        let old = terrain::block_at(terrain, x, y, z);
        if (block == blocks::air()) {
            assert!(!blocks::is_fixed(old), error::permission_denied(EUNBREAKABLE));
            if (old != blocks::air()) hero::put_in(&mut traveller.inventory, old)
        } else {
            let is_free = old == blocks::air() && !hero::is_at(&traveller.hero, x, y, z);
            assert!(is_free, error::invalid_state(EOCCUPIED));
            hero::take_out(&mut traveller.inventory, block)
        };
        terrain::put_block(terrain, x, y, z, block);
        event::emit(BlockPlaced { hero: addr, x, y, z, block })
    }

    /// Walks the sender's hero one step, along x, z or both, at most one block up; then it falls
    /// until something is below it.
    public entry fun move_hero(sender: &signer, x: u64, z: u64) acquires Land, Traveller {
        assert!(blocks::is_inside(x, 0, z), error::out_of_range(EOUT_OF_LAND));
        let addr = signer::address_of(sender);
        let terrain = &borrow_land_mut().terrain;
        let hero = &mut borrow_traveller_mut(addr).hero;
        hero::walk(hero, terrain, x, z);
        let (x, y, z) = hero::place(hero);
        event::emit(HeroMoved { hero: addr, x, y, z })
    }

    /// Lets sand fall.
    public fun on_tick(_now_ms: u64, _tick: u64) acquires Land {
        terrain::fall(&mut borrow_land_mut().terrain)
    }

    inline fun borrow_land_mut(): &mut Land {
        assert!(exists<Land>(@rooch_demo), error::invalid_state(ENO_LAND_HERE));
        borrow_global_mut<Land>(@rooch_demo)
    }

    inline fun borrow_traveller_mut(addr: address): &mut Traveller {
        assert!(exists<Traveller>(addr), error::not_found(ENO_HERO));
        borrow_global_mut<Traveller>(addr)
    }

    // ---- reading

    #[view]
    /// In the channel: the land's layers from the floor as they are now; one of air may be empty.
    public fun land_layers(): vector<vector<u8>> acquires Land {
        terrain::current(&borrow_land_mut().terrain)
    }

    #[view]
    /// In the channel: a member's hero by name and place, and by kind the blocks it carries.
    public fun traveller(
        player: address,
    ): (String, u64, u64, u64, vector<u64>) acquires Traveller {
        let traveller = borrow_traveller_mut(player);
        let (x, y, z) = hero::place(&traveller.hero);
        (hero::name(&traveller.hero), x, y, z, hero::carried(&traveller.inventory))
    }

    #[view]
    /// The state channel of a land's session.
    public fun land_session_channel(land_id: u64): u64 acquires Atlas {
        let sessions = &borrow_global<Atlas>(@rooch_demo).sessions;
        assert!(table::contains(sessions, land_id), error::not_found(ENO_SESSION));
        table::borrow(sessions, land_id).state_channel_id
    }

    #[view]
    public fun has_session(land_id: u64): bool acquires Atlas {
        table::contains(&borrow_global<Atlas>(@rooch_demo).sessions, land_id)
    }

    #[view]
    /// A land that is in no session: its name, and its layers from the floor; one of air is empty.
    public fun get_land(
        world_address: address,
        land_id: u64,
    ): (String, vector<vector<u8>>) acquires World {
        let lands = &borrow_world_mut(world_address).lands;
        assert!(table::contains(lands, land_id), error::not_found(ENO_LAND));
        let land = table::borrow(lands, land_id);
        (land.name, terrain::ground(&land.terrain))
    }

    #[view]
    /// Whether a player's hero is at home, its name, and by kind the blocks it carries; the latter
    /// two empty while it is in a land.
    public fun get_hero(player: address): (bool, String, vector<u64>) acquires GameAccount {
        let account = borrow_account_mut(player);
        if (option::is_none(&account.hero)) return (false, utf8(b""), vector[]);
        let name = hero::name(option::borrow(&account.hero));
        (true, name, hero::carried(option::borrow(&account.inventory)))
    }

    // ---- worlds and accounts, within

    fun world_withdraw_land(world_address: address, land_id: u64): Land acquires World {
        let lands = &mut borrow_world_mut(world_address).lands;
        assert!(table::contains(lands, land_id), error::not_found(ENO_LAND));
        table::remove(lands, land_id)
    }

    fun world_deposit_land(world_address: address, land: Land) acquires World {
        table::add(&mut borrow_world_mut(world_address).lands, land.id, land)
    }

    inline fun borrow_world_mut(world_address: address): &mut World {
        assert!(exists<World>(world_address), error::not_found(ENO_WORLD));
        borrow_global_mut<World>(world_address)
    }

    /// The sender's hero, above the middle of the land, with its inventory.
    fun game_account_withdraw_traveller(account: &signer): Traveller acquires GameAccount {
        let game_account = borrow_account_mut(signer::address_of(account));
        let hero = game_account_withdraw_hero(game_account);
        let inventory = game_account_withdraw_inventory(game_account);
        hero::arrive(&mut hero);
        Traveller { hero, inventory }
    }

    fun game_account_withdraw_hero(account: &mut GameAccount): Hero {
        assert!(option::is_some(&account.hero), error::invalid_state(EHERO_AWAY));
        option::extract(&mut account.hero)
    }

    fun game_account_withdraw_inventory(account: &mut GameAccount): Inventory {
        option::extract(&mut account.inventory)
    }

    fun game_account_deposit_hero(player: address, hero: Hero) acquires GameAccount {
        option::fill(&mut borrow_account_mut(player).hero, hero)
    }

    fun game_account_deposit_inventory(
        player: address,
        inventory: Inventory,
    ) acquires GameAccount {
        option::fill(&mut borrow_account_mut(player).inventory, inventory)
    }

    inline fun borrow_account_mut(player: address): &mut GameAccount {
        assert!(exists<GameAccount>(player), error::not_found(ENO_ACCOUNT));
        borrow_global_mut<GameAccount>(player)
    }

    /// Who has left with everything is not asked for again, where the session still is.
    fun forget_member(state_channel_id: u64, player: address) acquires Atlas {
        let atlas = borrow_global_mut<Atlas>(@rooch_demo);
        if (!table::contains(&atlas.lands, state_channel_id)) return;
        let land_id = *table::borrow(&atlas.lands, state_channel_id);
        let members = &mut table::borrow_mut(&mut atlas.sessions, land_id).members;
        let (found, i) = vector::index_of(members, &player);
        if (found) {
            vector::remove(members, i);
        }
    }
}
