/// State channels: what a game's contract and its players' nodes call. Members escrow the game's
/// state, their assets and their stakes here, play off chain, and settle: a change set that
/// certificates of the members fix is voted on and applied by the game's own contract, which cannot
/// apply anything else.
///
/// Refusals have the numbers of `rooch::errors`. "Active time" stands still while the chain makes
/// no blocks.
module rooch::state_channel {
    use std::bcs;
    use std::signer;
    use std::string::String;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_std::type_info;
    use rooch::candidates;
    use rooch::change_set::{Self, Change, StateChangeSet};
    use rooch::channel::{Self, Channel};
    use rooch::clock;
    use rooch::config::{Self, Config};
    use rooch::configuration::{Self, Configuration};
    use rooch::election;
    use rooch::errors;
    use rooch::escrow;
    use rooch::events;
    use rooch::header::HeaderRef;
    use rooch::identity;
    use rooch::lending::{Self, Loans};
    use rooch::member;
    use rooch::membership;
    use rooch::node;
    use rooch::op::OP;
    use rooch::proposal::{Self, Proposal};
    use rooch::punishment;
    use rooch::registry;
    use rooch::settlement;
    use rooch::silence;
    use rooch::state_root;

    const SETTLEMENT: u8 = 1;
    const PUNISHMENT: u8 = 2;
    const YES: u8 = 1;

    /// The asset type of channels whose members bring nothing but themselves.
    struct NoAsset has key, store, drop {}

    /// The right to apply settlements of one channel. Its holder is the contract that created the
    /// channel.
    struct SettlementCap<StateT: key + store, AssetT: key + store> has store {
        channel: u64,
        loans: Loans<StateT, AssetT>,
    }

    /// What a passed proposal lets its executor do. It can be neither dropped nor stored: a
    /// settlement must be applied and completed in the transaction that executes it.
    struct ProposalAction<phantom Kind> {
        channel: u64,
        proposal: u64,
        changes: vector<Change>,
    }

    /// Kinds of {@link ProposalAction}.
    struct SettlementAction has drop {}

    struct PunishAction has drop {}

    // ---- setting up

    /// Registers the keys with which the sender joins channels from now on. `account_public_key` is
    /// the Ed25519 key of the sender's address; `node_public_key` signs what its node says;
    /// `reveal_tip` ends the chain of hashes that its node draws chance from. 32 bytes each.
    /// `signature` is the node key's over the chain and the sender's address (64 bytes; channel
    /// SPEC.md, "Bytes").
    public entry fun register_node_entry(
        sender: &signer,
        account_public_key: vector<u8>,
        node_public_key: vector<u8>,
        reveal_tip: vector<u8>,
        signature: vector<u8>,
    ) {
        node::register(sender, account_public_key, node_public_key, reveal_tip, signature)
    }

    /// Settings in which every seat stakes so many units, with windows of a day, no ticks and no
    /// labels; `rooch::config` changes them.
    public fun create_config(stake: u64): Config {
        config::new(stake)
    }

    /// Creates a channel around a state and gives its creator the first seat. The creator must have
    /// registered its node and pays the stake. Code that may be called in the channel is that of
    /// StateT's module.
    public fun create<StateT: key + store, AssetT: key + store, CoinT>(
        sender: &signer,
        state: StateT,
        config: Config,
    ): (SettlementCap<StateT, AssetT>, u64) {
        let creator = signer::address_of(sender);
        let id = registry::take_channel_id();
        let state_type = type_info::type_name<StateT>();
        let asset_type = type_info::type_name<AssetT>();
        let coin_type = type_info::type_name<CoinT>();
        let settings = identity::new_settings(config, state_type, asset_type, coin_type);
        let hash = identity::of_channel(id, creator, bcs::to_bytes(&state), &settings);
        let root = state_root::of_single<StateT>(&state);
        escrow::open<StateT, AssetT, CoinT>(sender);
        escrow::put_state(creator, id, state);
        let stake = config::stake(&config);
        let is_shared = config::is_stake_shared(&config);
        let first = membership::first_seat();
        escrow::put_stake<CoinT>(creator, id, first, sender, stake, is_shared);

        let (member_key, node_key, reveal_tip) = node::keys(creator);
        let seat = configuration::new_seat(first, creator, member_key, node_key, reveal_tip);
        registry::add_configuration(id, configuration::new(0, vector[seat]));
        let channel = channel::new(
            id,
            hash,
            creator,
            state_type,
            type_info::account_address(&type_info::type_of<StateT>()),
            asset_type,
            asset_type != type_info::type_name<NoAsset>(),
            coin_type,
            config,
            root,
            member::new(seat, stake, true),
        );
        registry::save(channel);
        events::channel_created(id, hash, creator, state_type);
        events::member_joined(id, seat, stake);
        (SettlementCap { channel: id, loans: lending::new() }, id)
    }

    // ---- joining and leaving

    /// {@link join_with_coin} for channels whose stakes are in the chain's own coin.
    public fun join<AssetT: key + store>(sender: &signer, state_channel_id: u64, assets: AssetT) {
        join_with_coin<AssetT, AptosCoin>(sender, state_channel_id, assets)
    }

    /// Takes a seat, brings assets into the channel and pays the stake. The channel's members admit
    /// the seat. For its creator, who has a seat: brings the assets of that seat, once.
    public fun join_with_coin<AssetT: key + store, CoinT>(
        sender: &signer,
        state_channel_id: u64,
        assets: AssetT,
    ) {
        membership::join<AssetT, CoinT>(sender, state_channel_id, assets)
    }

    /// Asks to take a join back that nobody has admitted. Until the challenge window is over anyone
    /// may show the admission, with `post_certificate_entry`; after it the sender may leave.
    public entry fun cancel_join_entry<StateT>(sender: &signer, state_channel_id: u64) {
        let channel = typed_channel<StateT>(state_channel_id);
        membership::cancel_join(&mut channel, signer::address_of(sender));
        registry::save(channel)
    }

    /// {@link leave_with_coin} for channels whose stakes are in the chain's own coin.
    public fun leave<AssetT: key + store>(sender: &signer, state_channel_id: u64): AssetT {
        leave_with_coin<AssetT, AptosCoin>(sender, state_channel_id)
    }

    /// Fetches what a seat of the sender left behind: its assets are returned, its stake is paid.
    /// Possible once the settlement that contains the end of the seat is executed, or the channel
    /// is closed, or the join was taken back.
    public fun leave_with_coin<AssetT: key + store, CoinT>(
        sender: &signer,
        state_channel_id: u64,
    ): AssetT {
        membership::leave<AssetT, CoinT>(signer::address_of(sender), state_channel_id)
    }

    /// {@link leave_with_coin} for a creator that never brought an asset.
    public entry fun leave_without_asset_entry<CoinT>(sender: &signer, state_channel_id: u64) {
        membership::leave_without_asset<CoinT>(signer::address_of(sender), state_channel_id)
    }

    /// Ends the channel and returns its state: for any member once a settlement has ended the play;
    /// before that for the only member left, or for the creator when nobody is, and only when what
    /// others left behind is settled.
    public fun close<StateT: key + store>(sender: &signer, state_channel_id: u64): StateT {
        let channel = typed_channel<StateT>(state_channel_id);
        membership::assert_may_close(&channel, signer::address_of(sender));
        channel::close(&mut channel);
        let holder = channel::creator(&channel);
        registry::save(channel);
        events::channel_closed(state_channel_id);
        escrow::take_state(holder, state_channel_id)
    }

    // ---- leading, and being there

    /// Says that the sender is there: valid for 15 s of active time. `peer_delays` holds, for each
    /// peer the sender measured, its seat and the round-trip time in milliseconds; at most 16
    /// pairs.
    public entry fun keep_alive_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        peer_delays: vector<u64>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        election::keep_alive(&mut channel, signer::address_of(sender), peer_delays);
        registry::save(channel)
    }

    /// Makes the sender leader of a new term, unless somebody leads and was heard within 15 s of
    /// active time. `candidacy` (channel SPEC.md, "Evidence") carries the sender's highest
    /// certificate; empty for none.
    public entry fun apply_leader_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        candidacy: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        election::apply(&mut channel, signer::address_of(sender), candidacy);
        registry::save(channel)
    }

    /// Lends the sender's vote in elections of leaders to another seat; zero takes it back. Counts
    /// where more than five are in: then five candidates may lead.
    public entry fun delegate_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        candidate: u64,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        candidates::delegate(&mut channel, signer::address_of(sender), candidate);
        registry::save(channel)
    }

    /// Shows the chain a higher certificate and changes of configuration. Anyone may. `header`,
    /// where not empty, is the header of the certificate; a fresh one counts as its leader's
    /// keep_alive.
    public entry fun post_certificate_entry<StateT>(
        _sender: &signer,
        state_channel_id: u64,
        candidacy: vector<u8>,
        header: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        election::post(&mut channel, candidacy, header);
        registry::save(channel)
    }

    /// Removes a seat that was not heard for 15 s of active time. With wishes (`evidence`:
    /// SilenceEvidence) of more than half of the configuration at once; with fewer it opens the
    /// challenge window, and the same call after the window carries it out. Any keep_alive of the
    /// accused cancels it.
    public entry fun remove_silent_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        accused: u64,
        evidence: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        channel::borrow_in(&channel, signer::address_of(sender));
        silence::remove(&mut channel, accused, evidence);
        registry::save(channel)
    }

    // ---- proposals

    /// Proposes to settle (type 1, SettlementEvidence) or to punish (type 2, PunishmentEvidence).
    /// Counts as the proposer's yes where it may vote.
    public entry fun create_proposal_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        proposal_type: u8,
        proposal_data: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        let seat = member::id(channel::borrow_in(&channel, signer::address_of(sender)));
        let is_known = proposal_type == SETTLEMENT || proposal_type == PUNISHMENT;
        assert!(is_known, errors::bad_proposal());
        let proposal =
            if (proposal_type == SETTLEMENT) {
                settlement::propose(&mut channel, seat, proposal_data)
            } else {
                punishment::propose(&mut channel, seat, proposal_data)
            };
        let number = proposal::id(&proposal);
        let hash = proposal::hash(&proposal);
        events::proposal_created(state_channel_id, number, proposal_type, seat, hash);
        if (proposal::is_voter(&proposal, seat)) {
            proposal::vote(&mut proposal, seat, YES);
            events::voted(state_channel_id, number, seat, YES)
        };
        registry::save_proposal(state_channel_id, proposal);
        registry::save(channel)
    }

    /// Votes by hand: 0 against, 1 for, 2 abstaining. A node names what it judged:
    /// {@link vote_proposal_hash_entry}.
    public entry fun vote_proposal_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        proposal_id: u64,
        vote_option: u8,
    ) {
        let proposal = registry::proposal(state_channel_id, proposal_id);
        vote<StateT>(sender, state_channel_id, proposal, vote_option)
    }

    /// Votes on exactly the data that has this SHA-256, so that a vote cannot land on another
    /// proposal after a reorganisation of the chain.
    public entry fun vote_proposal_hash_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        proposal_id: u64,
        proposal_hash: vector<u8>,
        vote_option: u8,
    ) {
        let proposal = registry::proposal(state_channel_id, proposal_id);
        assert!(proposal::hash(&proposal) == proposal_hash, errors::bad_vote());
        vote<StateT>(sender, state_channel_id, proposal, vote_option)
    }

    fun vote<StateT>(sender: &signer, id: u64, proposal: Proposal, option: u8) {
        let channel = typed_channel<StateT>(id);
        let seat = channel::voting_seat(&channel, signer::address_of(sender), &proposal);
        proposal::vote(&mut proposal, seat, option);
        events::voted(id, proposal::id(&proposal), seat, option);
        registry::save_proposal(id, proposal)
    }

    /// Begins to execute a passed proposal: `Kind` is {@link SettlementAction} or {@link
    /// PunishAction}. A settlement is applied through the capability and ended with {@link
    /// complete}; a punishment has taken effect when this returns and is ended with {@link
    /// complete_punishment}.
    public fun execute_proposal<StateT, Kind>(
        sender: &signer,
        state_channel_id: u64,
        proposal_id: u64,
    ): ProposalAction<Kind> {
        let channel = typed_channel<StateT>(state_channel_id);
        channel::borrow_in(&channel, signer::address_of(sender));
        let proposal = registry::proposal(state_channel_id, proposal_id);
        let kind = type_info::type_name<Kind>();
        let changes =
            if (kind == type_info::type_name<SettlementAction>()) {
                settlement::begin(&mut channel, &proposal)
            } else {
                assert!(kind == type_info::type_name<PunishAction>(), errors::wrong_type());
                punishment::execute(&mut channel, &mut proposal);
                registry::save_proposal(state_channel_id, proposal);
                vector[]
            };
        registry::save(channel);
        ProposalAction { channel: state_channel_id, proposal: proposal_id, changes }
    }

    /// Executes a passed punishment; it needs nothing of the game's contract.
    public entry fun execute_punishment_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        proposal_id: u64,
    ) {
        complete_punishment(
            execute_proposal<StateT, PunishAction>(sender, state_channel_id, proposal_id)
        )
    }

    public fun complete_punishment(action: ProposalAction<PunishAction>) {
        let ProposalAction { channel: _, proposal: _, changes: _ } = action;
    }

    /// Punishes a leader that signed two headers for one place (`evidence`: Equivocation). Anyone
    /// may.
    public entry fun report_equivocation_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        evidence: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        punishment::punish_equivocation(&mut channel, signer::address_of(sender), evidence);
        registry::save(channel)
    }

    /// Pays what is owed to who proved an offence of the seat. Anyone may have it paid.
    public entry fun pay_reward_entry<CoinT>(
        _sender: &signer,
        state_channel_id: u64,
        seat: u64,
    ) {
        let channel = registry::channel(state_channel_id);
        assert!(channel::coin_type(&channel) == type_info::type_name<CoinT>(), errors::stake());
        let (offender, receiver, amount) = channel::take_reward(&mut channel, seat);
        let (holder, id) = (channel::creator(&channel), state_channel_id);
        escrow::pay_fine<CoinT>(holder, id, seat, offender, receiver, amount);
        registry::save(channel);
        events::rewarded(id, seat, receiver, amount)
    }

    // ---- applying a settlement

    /// The channel's state, lent to the contract that executes a settlement until it calls {@link
    /// complete}.
    public fun borrow_mut<StateT: key + store, AssetT: key + store>(
        _account: &signer,
        cap: &mut SettlementCap<StateT, AssetT>,
        state_channel_id: u64,
    ): &mut StateT {
        let channel = executing_channel(cap, state_channel_id);
        lending::lend_state(&mut cap.loans, &channel)
    }

    /// The assets that a member brought, lent likewise.
    public fun borrow_asset_mut<StateT: key + store, AssetT: key + store>(
        _account: &signer,
        cap: &mut SettlementCap<StateT, AssetT>,
        state_channel_id: u64,
        owner: address,
    ): &mut AssetT {
        let channel = executing_channel(cap, state_channel_id);
        lending::lend_asset(&mut cap.loans, &channel, owner)
    }

    fun executing_channel<StateT: key + store, AssetT: key + store>(
        cap: &SettlementCap<StateT, AssetT>,
        id: u64,
    ): Channel {
        let channel = registry::channel(id);
        let lends = cap.channel == id && channel::executing(&channel) != 0;
        assert!(lends, errors::not_executing());
        channel
    }

    /// Ends a settlement. Aborts unless every value that the change set names was its `old` before
    /// and is its new value now, and everything else that was lent is unchanged: what the
    /// certificates fixed is what is stored. Items of tables are the contract's own to apply.
    public fun complete<StateT: key + store, AssetT: key + store>(
        action: ProposalAction<SettlementAction>,
        cap: &mut SettlementCap<StateT, AssetT>,
    ) {
        let ProposalAction { channel: id, proposal: number, changes } = action;
        let channel = executing_channel(cap, id);
        lending::take_back(&mut cap.loans, &channel, &changes);
        let proposal = registry::proposal(id, number);
        settlement::finish(&mut channel, &mut proposal);
        registry::save_proposal(id, proposal);
        registry::save(channel)
    }

    /// Gives up the capability of a closed channel.
    public fun destroy_cap<StateT: key + store, AssetT: key + store>(
        cap: SettlementCap<StateT, AssetT>,
    ) {
        let SettlementCap { channel, loans } = cap;
        assert!(channel::is_closed(&registry::channel(channel)), errors::not_settled());
        lending::destroy(loans)
    }

    /// The changes of one account, or, for the handle of a table, of its items.
    public fun get_account_change_sets(
        action: &ProposalAction<SettlementAction>,
        owner: address,
    ): StateChangeSet {
        change_set::of_address(&action.changes, owner)
    }

    /// The seed's other name for {@link get_account_change_sets}.
    public fun get_change_sets(
        action: &ProposalAction<SettlementAction>,
        owner: address,
    ): StateChangeSet {
        get_account_change_sets(action, owner)
    }

    /// Whether the account's value of type `T` was changed.
    public fun has_change_set_op<T>(changes: &StateChangeSet): bool {
        change_set::contains<T>(changes)
    }

    /// What became of the account's value of type `T`.
    public fun get_change_set_op<T>(changes: &StateChangeSet): OP {
        change_set::get<T>(changes)
    }

    public fun no_asset(): NoAsset { NoAsset {} }

    // ---- reading

    #[view]
    public fun get_config_label(state_channel_id: u64, key: String): address {
        config::label(&channel::config(&registry::channel(state_channel_id)), key)
    }

    #[view]
    /// The seed's other name for {@link get_config_label}.
    public fun get_label(state_channel_id: u64, key: String): address {
        get_config_label(state_channel_id, key)
    }

    #[view]
    public fun has_channel(state_channel_id: u64): bool {
        registry::has_channel(state_channel_id)
    }

    #[view]
    public fun get_channel(state_channel_id: u64): Channel {
        registry::channel(state_channel_id)
    }

    #[view]
    public fun get_configuration(state_channel_id: u64, number: u64): Configuration {
        registry::configuration(state_channel_id, number)
    }

    #[view]
    /// Who may lead where more than five are in, the strongest first.
    public fun get_candidates(state_channel_id: u64): vector<u64> {
        candidates::of_channel(&registry::channel(state_channel_id))
    }

    #[view]
    /// Where the chain itself ended a configuration, by removing or punishing: the highest header
    /// that counts under it. Empty for one that the channel changed, and for the latest.
    public fun get_ceiling(state_channel_id: u64, number: u64): vector<HeaderRef> {
        registry::ceiling(state_channel_id, number)
    }

    #[view]
    public fun get_proposal(state_channel_id: u64, proposal_id: u64): Proposal {
        registry::proposal(state_channel_id, proposal_id)
    }

    #[view]
    /// BCS of the state in escrow.
    public fun get_state<StateT: key + store>(state_channel_id: u64): vector<u8> {
        let channel = registry::channel(state_channel_id);
        escrow::state_bytes<StateT>(channel::creator(&channel), state_channel_id)
    }

    #[view]
    /// BCS of a seat's assets in escrow; empty where it has none.
    public fun get_asset<AssetT: key + store>(state_channel_id: u64, seat: u64): vector<u8> {
        let channel = registry::channel(state_channel_id);
        escrow::asset_bytes<AssetT>(channel::creator(&channel), state_channel_id, seat)
    }

    #[view]
    /// Active time and wall time, in milliseconds.
    public fun get_time(): (u64, u64) {
        (clock::active_ms(), clock::wall_ms())
    }

    #[view]
    /// 32 bytes that name this chain.
    public fun get_genesis(): vector<u8> {
        registry::genesis()
    }

    #[view]
    public fun is_registered(owner: address): bool {
        node::is_registered(owner)
    }

    fun typed_channel<StateT>(id: u64): Channel {
        let channel = registry::open_channel(id);
        assert!(
            channel::state_type(&channel) == type_info::type_name<StateT>(),
            errors::wrong_type()
        );
        channel
    }
}
