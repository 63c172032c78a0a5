/// Leaving alone. A member without whom, or with whom, no quorum acts any more posts the highest
/// confirmed header; in the challenge window anybody may post a higher one; then the chain pays the
/// stake, ends the configuration there, and lets the member claim its asset as it was there. The
/// game's contract cannot block it, and nobody needs to agree.
module rooch::exit {
    use std::bcs;
    use std::signer;
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::type_info;
    use rooch::bond;
    use rooch::certificate;
    use rooch::channel::{Self, Channel};
    use rooch::checkpoint::{Self, Checkpoint};
    use rooch::configuration;
    use rooch::errors;
    use rooch::escrow;
    use rooch::exit_event;
    use rooch::exit_record::{Self, Exits};
    use rooch::header;
    use rooch::history::{Self, Confirmation};
    use rooch::member;
    use rooch::punishment;
    use rooch::registry;
    use rooch::seat_record;
    use rooch::state_channel::NoAsset;
    use rooch::state_proof;
    use rooch::state_root;
    use rooch::struct_tag;
    use rooch::window;

    /// In native units. More than it costs to post a higher header, of which the finder gets half.
    const BOND: u64 = 20_000;
    const BOND_KIND: u8 = 1;

    /// A seat's asset on its way out: the value as escrow has it, and the bytes that it must have.
    /// It can be neither dropped nor stored: its contract writes the bytes into it and completes
    /// the claim.
    struct ExitClaim<AssetT: key + store> {
        channel: u64,
        seat: u64,
        /// BCS that the value must have; what it has already where the channel never had it.
        bytes: vector<u8>,
        asset: AssetT,
    }

    /// What the chain knows of a channel's exits.
    struct ExitView has copy, drop, store {
        highest: Checkpoint,
        /// None or one.
        floor: vector<Checkpoint>,
        exits: Exits,
    }

    /// Opens the exit of a seat of the sender, in or out, and takes a bond. `evidence`
    /// (ExitEvidence) shows the highest confirmed header the sender knows; without one the highest
    /// that the chain knows stands.
    public entry fun open_exit_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        seat: u64,
        evidence: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        let owner = signer::address_of(sender);
        show(&mut channel, evidence);
        let member = channel::borrow_seat(&channel, seat);
        assert!(member::owner(member) == owner, errors::not_member());
        assert!(!member::is_pending(member), errors::not_admitted());
        assert_not_alone(&channel, seat);
        let posted = checkpoint::reference(&checkpoint::highest(&channel));
        let due_ms = exit_record::open(&channel, seat, owner, posted);
        window::open(state_channel_id, window::exit(), seat);
        bond::post(sender, bond::new_key(state_channel_id, BOND_KIND, seat), BOND);
        // Who is leaving leads nobody.
        if (channel::leader(&channel) == seat) channel::clear_leader(&mut channel);
        registry::save(channel);
        exit_event::opened(state_channel_id, seat, due_ms, posted)
    }

    /// Shows a higher confirmed header against an open exit. Anyone may. Where it proves that the
    /// seat knew of something higher than it posted, its bond is lost and half of it the sender's.
    public entry fun contest_exit_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        seat: u64,
        evidence: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        let open = exit_record::open_exit(state_channel_id, seat);
        let before = checkpoint::reference(&checkpoint::highest(&channel));
        let shown = show(&mut channel, evidence);
        let after = checkpoint::reference(&checkpoint::highest(&channel));
        let is_stale = knew_better(&shown, seat, &open);
        assert!(is_stale || header::is_higher(&after, &before), errors::stale_checkpoint());
        if (is_stale) {
            exit_record::lose_bond(state_channel_id, seat);
            let key = bond::new_key(state_channel_id, BOND_KIND, seat);
            bond::forfeit(key, signer::address_of(sender))
        };
        registry::save(channel);
        exit_event::contested(state_channel_id, seat, after, is_stale)
    }

    /// Finishes an exit whose window is over, or whose seat has ended in what is settled: pays the
    /// stake, and ends the seat at the highest confirmed header. Anyone may.
    public entry fun finish_exit_entry<CoinT>(
        _sender: &signer,
        state_channel_id: u64,
        seat: u64,
    ) {
        let channel = registry::channel(state_channel_id);
        assert!(
            channel::coin_type(&channel) == type_info::type_name<CoinT>(),
            errors::stake()
        );
        let open = exit_record::open_exit(state_channel_id, seat);
        let checkpoint = checkpoint::highest(&channel);
        let (is_here, _) = channel::index_of(&channel, seat);
        if (is_here) {
            if (!is_over(&channel, seat)) {
                let is_over =
                    exit_record::is_due(&open)
                        && window::was_open_to_all(state_channel_id, window::exit(), seat);
                assert!(is_over, errors::window_open());
                checkpoint = checkpoint::raise_floor(&channel);
                end_seat(&mut channel, seat, &checkpoint)
            };
            pay<CoinT>(&mut channel, seat, &checkpoint)
        } else {
            // It was paid by leaving as others do.
            exit_record::finish(state_channel_id, seat, &checkpoint, false)
        };
        if (exit_record::has_bond(&open)) {
            let key = bond::new_key(state_channel_id, BOND_KIND, seat);
            bond::pay(key, exit_record::owner(&open))
        };
        registry::save(channel)
    }

    /// Whether what the seat left behind is settled: then there is nothing to wait for.
    fun is_over(channel: &Channel, seat: u64): bool {
        let settled = header::number(&channel::settled_reference(channel));
        channel::is_closed(channel)
            || member::is_final(channel::borrow_seat(channel, seat), settled)
    }

    /// Ends the seat at the checkpoint, unless the channel did so itself below it: the next
    /// configuration begins there, and what lies above is void.
    fun end_seat(channel: &mut Channel, seat: u64, checkpoint: &Checkpoint) {
        let reference = checkpoint::reference(checkpoint);
        let number = header::number(&reference);
        if (member::is_final(channel::borrow_seat(channel, seat), number)) return;
        assert_not_alone(channel, seat);
        member::remove(channel::borrow_seat_mut(channel, seat), number);
        let lowest = checkpoint::configuration(checkpoint);
        history::end_at(channel, seat, lowest, reference);
        channel::drop_exclusion(channel, seat);
        punishment::void_against(channel, seat)
    }

    /// Pays the stake, once: with the record of a seat that has nothing else here, or with a stake
    /// of zero left in it.
    fun pay<CoinT>(channel: &mut Channel, seat: u64, checkpoint: &Checkpoint) {
        let id = channel::id(channel);
        let holder = channel::creator(channel);
        let member = channel::borrow_seat_mut(channel, seat);
        let (owner, stake) = (member::owner(member), member::forfeit(member));
        let has_asset = member::has_asset(member);
        escrow::return_stake<CoinT>(holder, id, seat, owner, stake);
        let is_worthless = has_asset && !channel::has_assets(channel);
        if (is_worthless) {
            let _: NoAsset = escrow::take_asset(holder, id, seat);
        };
        let leaves_asset = has_asset && !is_worthless;
        if (!leaves_asset) {
            let (_, index) = channel::index_of(channel, seat);
            channel::take_member(channel, index);
        };
        exit_record::finish(id, seat, checkpoint, leaves_asset);
        exit_event::finished(id, seat, stake, checkpoint::reference(checkpoint))
    }

    // ---- claiming an asset

    /// Takes the asset of a seat that has left alone out of escrow, once. `evidence`
    /// (ClaimEvidence) shows the asset's bytes under the root that the exit was paid from. The
    /// caller writes them into the value and calls {@link complete_claim}.
    public fun begin_claim<AssetT: key + store>(
        sender: &signer,
        state_channel_id: u64,
        seat: u64,
        evidence: vector<u8>,
    ): ExitClaim<AssetT> {
        let channel = registry::channel(state_channel_id);
        assert!(
            channel::asset_type(&channel) == type_info::type_name<AssetT>(),
            errors::wrong_type()
        );
        let claim = exit_record::take_claim(state_channel_id, seat);
        let owner = signer::address_of(sender);
        assert!(exit_record::claimant(&claim) == owner, errors::not_member());
        let root = exit_record::claim_root(&claim);
        let proven = proven_asset<AssetT>(seat, owner, root, evidence);
        let asset =
            escrow::take_asset<AssetT>(channel::creator(&channel), state_channel_id, seat);
        let (found, index) = channel::index_of(&channel, seat);
        assert!(found, errors::not_member());
        channel::take_member(&mut channel, index);
        registry::save(channel);
        let bytes = if (vector::is_empty(&proven)) bcs::to_bytes(&asset) else proven;
        ExitClaim { channel: state_channel_id, seat, bytes, asset }
    }

    /// BCS of what the asset has to become.
    public fun claimed_bytes<AssetT: key + store>(self: &ExitClaim<AssetT>): vector<u8> {
        self.bytes
    }

    public fun claimed_asset_mut<AssetT: key + store>(
        self: &mut ExitClaim<AssetT>,
    ): &mut AssetT {
        &mut self.asset
    }

    /// Gives the asset out. Aborts with E_NOT_APPLIED unless it is what was proven, byte for byte.
    public fun complete_claim<AssetT: key + store>(claim: ExitClaim<AssetT>): AssetT {
        let ExitClaim { channel, seat, bytes, asset } = claim;
        assert!(bcs::to_bytes(&asset) == bytes, errors::not_applied());
        exit_event::claimed(channel, seat);
        asset
    }

    /// What the state under a root holds of the asset that a seat brought: in its owner's hands, or
    /// parked once the seat has departed. Empty where there is none, and where the seat has not come
    /// yet: what lies parked then is of an earlier seat, and was given back.
    fun proven_asset<AssetT>(
        seat: u64,
        owner: address,
        root: vector<u8>,
        evidence: vector<u8>,
    ): vector<u8> {
        let stream = bcs_stream::new(evidence);
        let tag = bcs_stream::deserialize_bytes(&mut stream);
        let named = bcs_stream::new(tag);
        assert!(
            struct_tag::read(&mut named) == type_info::type_name<AssetT>(),
            errors::wrong_type()
        );
        bcs_stream::assert_finished(&named);
        let record = read_optional(&mut stream);
        let held = read_optional(&mut stream);
        let parked = read_optional(&mut stream);
        let keys = vector[
            state_root::seat_key(seat),
            state_root::resource_key(owner, tag),
            state_root::parked_key(owner, tag),
        ];
        state_proof::assert_holds(root, keys, vector[record, held, parked], &mut stream);
        bcs_stream::assert_finished(&stream);
        if (vector::is_empty(&record)) return vector[];
        let has_departed = seat_record::has_departed(&seat_record::read(record[0]));
        let found = if (has_departed) parked else held;
        if (vector::is_empty(&found)) vector[] else *vector::borrow(&found, 0)
    }

    fun read_optional(stream: &mut BCSStream): vector<vector<u8>> {
        if (!bcs_stream::deserialize_bool(stream)) return vector[];
        vector[bcs_stream::deserialize_bytes(stream)]
    }

    // ---- reading

    #[view]
    public fun get_exits(state_channel_id: u64): ExitView {
        let channel = registry::channel(state_channel_id);
        ExitView {
            highest: checkpoint::highest(&channel),
            floor: checkpoint::floor(state_channel_id),
            exits: exit_record::exits(state_channel_id),
        }
    }

    // ---- evidence

    /// Takes in what the evidence shows: steps of configuration, and none or one confirmed header.
    fun show(channel: &mut Channel, evidence: vector<u8>): vector<Confirmation> {
        let stream = bcs_stream::new(evidence);
        let shown =
            if (bcs_stream::deserialize_bool(&mut stream)) {
                vector[history::read_confirmation(&mut stream)]
            } else {
                vector[]
            };
        let steps = history::read_steps(&mut stream);
        bcs_stream::assert_finished(&stream);
        history::adopt(channel, steps);
        vector::for_each_ref(&shown, |confirmation| {
            history::assert_confirmed(channel, confirmation);
        });
        shown
    }

    /// Whether the evidence proves that the seat knew of a confirmed header above the one it
    /// posted. Who acks a header holds the certificate that it carries: of the header H that this
    /// one confirms. H carries in turn the certificate of one before, which H confirms, where both
    /// are of one epoch. That one the seat knew to be confirmed. Its ack on H, or on what confirms
    /// H, does not show that it saw the certificate made of these acks.
    fun knew_better(
        shown: &vector<Confirmation>,
        seat: u64,
        open: &exit_record::Exit,
    ): bool {
        if (vector::is_empty(shown) || !exit_record::has_bond(open)) return false;
        let confirmation = vector::borrow(shown, 0);
        let header = history::confirmed_header(confirmation);
        let known = header::justify(&header);
        let posted = exit_record::posted(open);
        certificate::is_signed_by(history::confirming_certificate(confirmation), seat)
            && header::same_epoch(&known, &header::reference(&header))
            && header::is_higher(&known, &posted)
    }

    /// Who is alone needs no exit: it settles and closes by itself.
    fun assert_not_alone(channel: &Channel, seat: u64) {
        let number = channel::configuration(channel);
        let latest = registry::configuration(channel::id(channel), number);
        let is_alone =
            configuration::size(&latest) == 1 && configuration::contains(&latest, seat);
        assert!(!is_alone, errors::last_seat())
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
