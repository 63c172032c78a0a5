/// A game contract for tests: a state, an asset for each member, and settlements that do what is
/// asked, right and wrong.
module trial::game {
    use std::signer;
    use std::string::{utf8, String};
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin;
    use aptos_framework::event;
    use aptos_std::bcs_stream;
    use rooch::config;
    use rooch::exit;
    use rooch::op;
    use rooch::state_channel::{Self, NoAsset, PunishAction, SettlementAction, SettlementCap};

    struct Board has key, store {
        value: u64,
    }

    #[event]
    struct Claimed has drop, store {
        gems: u64,
    }

    struct Purse has key, store {
        gems: u64,
    }

    struct Shelf<phantom T> has key, store {
        value: u64,
    }

    struct Shell has key {}

    struct Caps has key {
        cap: SettlementCap<Board, Purse>,
        other: SettlementCap<Board, Purse>,
    }

    struct Kept<StateT: key + store, AssetT: key + store> has key {
        cap: SettlementCap<StateT, AssetT>,
    }

    /// Of channels that are never settled.
    struct Wide has key {
        caps: vector<SettlementCap<Board, Purse>>,
    }

    // How a settlement treats the state.
    const APPLY: u8 = 0;
    const LEAVE_AS_IT_IS: u8 = 1;
    const APPLY_WRONGLY: u8 = 2;
    const TAKE_OTHER_CAP: u8 = 3;
    const COMPLETE_WITH_OTHER_CAP: u8 = 4;

    /// Opens two channels, of which the first is played.
    public entry fun open(account: &signer, stake: u64, gems: u64) {
        let cfg = state_channel::create_config(stake);
        config::set_dispute_window_ms(&mut cfg, 15_000);
        config::set_challenge_window_ms(&mut cfg, 15_000);
        config::add_label(&mut cfg, utf8(b"world_address"), @trial);
        let played = Board { value: 1 };
        let (cap, id) = state_channel::create<Board, Purse, AptosCoin>(account, played, cfg);
        if (gems > 0) join(account, id, gems);
        let idle = Board { value: 2 };
        let (other, _) = state_channel::create<Board, Purse, AptosCoin>(account, idle, cfg);
        move_to(account, Caps { cap, other })
    }

    /// Opens a channel of more than five, or one whose stakes are shared with others.
    public entry fun open_wide(account: &signer, stake: u64, members_max: u64, is_shared: bool) acquires Wide {
        let cfg = state_channel::create_config(stake);
        config::set_dispute_window_ms(&mut cfg, 15_000);
        config::set_challenge_window_ms(&mut cfg, 15_000);
        config::set_members_max(&mut cfg, members_max);
        if (is_shared) config::share_stake(&mut cfg);
        let board = Board { value: 1 };
        let (cap, id) = state_channel::create<Board, Purse, AptosCoin>(account, board, cfg);
        join(account, id, 0);
        let owner = signer::address_of(account);
        if (!exists<Wide>(owner)) move_to(account, Wide { caps: vector[] });
        std::vector::push_back(&mut borrow_global_mut<Wide>(owner).caps, cap)
    }

    public entry fun join(account: &signer, id: u64, gems: u64) {
        state_channel::join(account, id, Purse { gems })
    }

    public entry fun join_with_wrong_asset(account: &signer, id: u64) {
        state_channel::join(account, id, state_channel::no_asset())
    }

    public entry fun join_with_shells(account: &signer, id: u64) {
        state_channel::join_with_coin<Purse, Shell>(account, id, Purse { gems: 0 })
    }

    public entry fun leave(account: &signer, id: u64) {
        let Purse { gems: _ } = state_channel::leave_with_coin<Purse, AptosCoin>(account, id);
    }

    /// Fetches the purse of a seat that has left alone. `skew` makes it another value than the one
    /// that was proven.
    public entry fun claim(account: &signer, id: u64, seat: u64, evidence: vector<u8>, skew: u64) {
        let claim = exit::begin_claim<Purse>(account, id, seat, evidence);
        let stream = bcs_stream::new(exit::claimed_bytes(&claim));
        let gems = bcs_stream::deserialize_u64(&mut stream) + skew;
        exit::claimed_asset_mut(&mut claim).gems = gems;
        let Purse { gems } = exit::complete_claim(claim);
        event::emit(Claimed { gems })
    }

    public entry fun claim_with_wrong_asset(
        account: &signer,
        id: u64,
        seat: u64,
        evidence: vector<u8>,
    ) {
        let claim = exit::begin_claim<NoAsset>(account, id, seat, evidence);
        exit::complete_claim(claim);
    }

    public entry fun leave_with_wrong_asset(account: &signer, id: u64) {
        state_channel::leave<NoAsset>(account, id);
    }

    public entry fun close(account: &signer, id: u64) {
        let Board { value: _ } = state_channel::close<Board>(account, id);
    }

    public entry fun close_as_shelf(account: &signer, id: u64) {
        let Shelf { value: _ } = state_channel::close<Shelf<u8>>(account, id);
    }

    /// A state whose type is generic cannot be a channel's.
    public entry fun open_generic(account: &signer) {
        let cfg = state_channel::create_config(0);
        let state = Shelf<u8> { value: 0 };
        let (cap, _) = state_channel::create<Shelf<u8>, NoAsset, AptosCoin>(account, state, cfg);
        move_to(account, Kept { cap })
    }

    /// A channel whose stakes are shells.
    public entry fun open_with_shells(account: &signer, stake: u64) {
        let cfg = state_channel::create_config(stake);
        let (cap, _) = state_channel::create<Board, Purse, Shell>(account, Board { value: 0 }, cfg);
        move_to(account, Kept { cap })
    }

    public entry fun mint_shells(trial: &signer, amount: u64) {
        let (burn, freeze, mint) =
            coin::initialize<Shell>(trial, utf8(b"Shell"), utf8(b"SH"), 0, true);
        coin::register<Shell>(trial);
        coin::deposit(signer::address_of(trial), coin::mint(amount, &mint));
        coin::destroy_burn_cap(burn);
        coin::destroy_freeze_cap(freeze);
        coin::destroy_mint_cap(mint)
    }

    /// Executes a settlement. `treatment` says what becomes of the state; the assets of `owners`
    /// are written as the change set says, and those of `idle` are borrowed and left alone.
    public entry fun settle(
        account: &signer,
        id: u64,
        proposal: u64,
        treatment: u8,
        owners: vector<address>,
        idle: vector<address>,
    ) acquires Caps {
        let caps = borrow_global_mut<Caps>(signer::address_of(account));
        let action =
            state_channel::execute_proposal<Board, SettlementAction>(account, id, proposal);
        if (treatment == TAKE_OTHER_CAP) {
            state_channel::borrow_mut(account, &mut caps.other, id);
        };
        if (treatment == COMPLETE_WITH_OTHER_CAP) {
            state_channel::complete(action, &mut caps.other);
            return
        };
        let cap = &mut caps.cap;
        let changes = state_channel::get_change_sets(&action, @trial);
        if (treatment != LEAVE_AS_IT_IS && state_channel::has_change_set_op<Board>(&changes)) {
            let op = state_channel::get_change_set_op<Board>(&changes);
            let board = state_channel::borrow_mut(account, cap, id);
            assert!(op::is_modify(&op) && !op::is_delete(&op), 0);
            let stream = bcs_stream::new(op::modify(&op));
            board.value = bcs_stream::deserialize_u64(&mut stream);
            if (treatment == APPLY_WRONGLY) board.value = board.value + 1
        };
        std::vector::for_each_ref(&owners, |owner| {
            let set = state_channel::get_account_change_sets(&action, *owner);
            let op = state_channel::get_change_set_op<Purse>(&set);
            let purse = state_channel::borrow_asset_mut(account, cap, id, *owner);
            let stream = bcs_stream::new(op::modify(&op));
            purse.gems = bcs_stream::deserialize_u64(&mut stream)
        });
        std::vector::for_each_ref(&idle, |owner| {
            state_channel::borrow_asset_mut(account, cap, id, *owner);
        });
        state_channel::complete(action, cap)
    }

    public entry fun punish(account: &signer, id: u64, proposal: u64) {
        let action = state_channel::execute_proposal<Board, PunishAction>(account, id, proposal);
        state_channel::complete_punishment(action)
    }

    /// No kind of action is called so.
    public entry fun execute_nonsense(account: &signer, id: u64, proposal: u64) {
        let action = state_channel::execute_proposal<Board, Shell>(account, id, proposal);
        // Nothing takes such an action apart, so this module could not end if there were one.
        keep(action)
    }

    fun keep(action: state_channel::ProposalAction<Shell>) {
        keep(action)
    }

    public entry fun borrow_outside(account: &signer, id: u64) acquires Caps {
        let caps = borrow_global_mut<Caps>(signer::address_of(account));
        state_channel::borrow_mut(account, &mut caps.cap, id);
    }

    public entry fun destroy_caps(account: &signer) acquires Caps {
        let Caps { cap, other } = move_from<Caps>(signer::address_of(account));
        state_channel::destroy_cap(cap);
        state_channel::destroy_cap(other)
    }

    public entry fun set_windows(dispute_ms: u64, challenge_ms: u64) {
        let cfg = state_channel::create_config(0);
        config::set_dispute_window_ms(&mut cfg, dispute_ms);
        config::set_challenge_window_ms(&mut cfg, challenge_ms)
    }

    public entry fun set_exclusion_window(window_ms: u64) {
        let cfg = state_channel::create_config(0);
        config::set_exclusion_window_ms(&mut cfg, window_ms)
    }

    public entry fun set_members_max(members_max: u64) {
        let cfg = state_channel::create_config(0);
        config::set_members_max(&mut cfg, members_max)
    }

    public entry fun set_tick(function: String, interval_ms: u64) {
        let cfg = state_channel::create_config(0);
        config::set_tick(&mut cfg, function, interval_ms)
    }

    public entry fun set_profile(profile: vector<u8>) {
        let cfg = state_channel::create_config(0);
        config::set_execution_profile(&mut cfg, profile)
    }

    public entry fun add_labels(names: vector<String>) {
        let cfg = state_channel::create_config(0);
        std::vector::for_each_ref(&names, |name| config::add_label(&mut cfg, *name, @trial))
    }
}
