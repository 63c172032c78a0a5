/// Settlement proposals: what the certificates fix is what may be settled, and votes decide only
/// whether.
module rooch::settlement {
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use rooch::challenge_record;
    use rooch::change_set::{Self, Change};
    use rooch::channel::{Self, Channel};
    use rooch::checkpoint;
    use rooch::config;
    use rooch::configuration;
    use rooch::errors;
    use rooch::escrowed_assets;
    use rooch::events;
    use rooch::exit_record;
    use rooch::header::{Self, Header};
    use rooch::history::{Self, ConfigurationStep, Confirmation};
    use rooch::member;
    use rooch::op;
    use rooch::proposal::{Self, Proposal, Target};
    use rooch::registry;
    use rooch::state_proof;
    use rooch::window;

    /// What a proposal carries.
    struct Evidence has drop {
        from_height: u64,
        to_height: u64,
        change_set: vector<u8>,
        confirmation: Confirmation,
        steps: vector<ConfigurationStep>,
        /// What is left of the data: the multiproof of the change set's keys.
        proof: BCSStream,
    }

    /// Makes a proposal out of evidence, and the channel's pending one. Where one is pending
    /// already, this one must be higher, unless that one is defeated or no longer counts.
    package fun propose(channel: &mut Channel, proposer: u64, data: vector<u8>): Proposal {
        let evidence = read_evidence(data);
        history::adopt(channel, evidence.steps);
        let header = confirmed(channel, &evidence.confirmation);
        let settled_height = channel::settled_height(channel);
        assert!(
            evidence.from_height == settled_height
                && evidence.to_height > settled_height
                && evidence.to_height == header::last_height(&header),
            errors::height_mismatch()
        );
        let changes = change_set::decode(evidence.change_set);
        applicable(channel, &changes);
        assert_leads_to(channel, &header, &changes, &mut evidence.proof);
        let number = header::configuration_number(&header::configuration(&header));
        let target = proposal::new_target(
            evidence.from_height,
            evidence.to_height,
            header::reference(&header),
            number,
            header::state_root(&header),
            escrowed_assets::ends_play(&changes),
        );
        replace_pending(channel, &target);
        let id = channel::open_proposal(channel);
        window::open(channel::id(channel), window::dispute(), id);
        channel::set_pending_settlement(channel, id);
        let latest = registry::configuration(channel::id(channel), number);
        let voters = configuration::seat_ids(&latest);
        let holders = holders_until(channel, number);
        proposal::new_settlement(id, proposer, data, voters, holders, target)
    }

    /// The header to settle. One that an exit was paid from is confirmed for ever: what confirmed it
    /// once lies above the end of its configuration.
    fun confirmed(channel: &mut Channel, confirmation: &Confirmation): Header {
        let header = history::confirmed_header(confirmation);
        let reference = header::reference(&header);
        if (checkpoint::is_floor(channel::id(channel), &reference)) return header;
        history::assert_confirmed(channel, confirmation)
    }

    fun read_evidence(data: vector<u8>): Evidence {
        let stream = bcs_stream::new(data);
        let from_height = bcs_stream::deserialize_u64(&mut stream);
        let to_height = bcs_stream::deserialize_u64(&mut stream);
        let change_set = bcs_stream::deserialize_bytes(&mut stream);
        let confirmation = history::read_confirmation(&mut stream);
        let steps = history::read_steps(&mut stream);
        Evidence { from_height, to_height, change_set, confirmation, steps, proof: stream }
    }

    /// Aborts with E_BAD_PROOF unless the change set takes the settled state root to the header's: what
    /// is settled is what was certified, whoever votes.
    fun assert_leads_to(
        channel: &Channel,
        header: &Header,
        changes: &vector<Change>,
        proof: &mut BCSStream,
    ) {
        let after = state_proof::walk_all(channel::settled_root(channel), changes, proof);
        bcs_stream::assert_finished(proof);
        assert!(after == header::state_root(header), errors::bad_proof())
    }

    /// The changes that a proposal's data carries.
    fun changes_of(data: vector<u8>): vector<Change> {
        let stream = bcs_stream::new(data);
        bcs_stream::deserialize_u64(&mut stream);
        bcs_stream::deserialize_u64(&mut stream);
        change_set::decode(bcs_stream::deserialize_bytes(&mut stream))
    }

    fun replace_pending(channel: &mut Channel, target: &Target) {
        let pending = channel::pending_settlement(channel);
        if (pending == 0) return;
        let old = registry::proposal(channel::id(channel), pending);
        let old_target = proposal::target(&old);
        assert!(
            !counts(channel, &old_target)
                || proposal::is_defeated(&old)
                || proposal::is_higher(target, &old_target),
            errors::stale_checkpoint()
        );
        channel::end_proposal(channel, pending);
        proposal::mark_replaced(&mut old);
        registry::save_proposal(channel::id(channel), old)
    }

    /// Whether the target's header counts by what the chain knows now.
    fun counts(channel: &Channel, target: &Target): bool {
        let reference = proposal::reference(target);
        registry::counts(channel::id(channel), proposal::configuration(target), &reference)
    }

    /// All seats of all configurations since the last settlement, up to this one, and everybody
    /// else who is in: of them the chain may just not know yet that they were admitted.
    fun holders_until(channel: &Channel, number: u64): vector<u64> {
        let holders = vector[];
        for (i in channel::settled_configuration(channel)..(number + 1)) {
            let known = registry::configuration(channel::id(channel), i);
            let seats = configuration::seat_ids(&known);
            vector::for_each_ref(&seats, |seat| {
                if (!vector::contains(&holders, seat)) vector::push_back(&mut holders, *seat)
            })
        };
        let members = channel::members(channel);
        vector::for_each_ref(&members, |member| {
            let seat = member::id(member);
            if (member::is_in(member) && !vector::contains(&holders, &seat)) {
                vector::push_back(&mut holders, seat)
            }
        });
        holders
    }

    /// What the channel's contract has to apply: changes of the state, of members' assets and of
    /// its tables' items. A change set may name nothing else but what the channel keeps for itself,
    /// and may make and destroy nothing that is in escrow: a value that is not there cannot be made
    /// here.
    fun applicable(channel: &Channel, changes: &vector<Change>): vector<Change> {
        let wanted = vector[];
        let state_type = channel::state_type(channel);
        let asset_type = channel::asset_type(channel);
        vector::for_each_ref(changes, |change| {
            let change: &Change = change;
            if (!change_set::is_resource(change)) {
                if (!change_set::is_reserved(change)) vector::push_back(&mut wanted, *change)
            } else if (change_set::type_name(change) == state_type) {
                assert!(
                    change_set::owner(change) == channel::state_address(channel)
                        && op::is_modify(&change_set::op(change)),
                    errors::bad_proposal()
                );
                vector::push_back(&mut wanted, *change)
            } else if (change_set::type_name(change) == asset_type) {
                let owner = change_set::owner(change);
                let (found, _) = asset_seat(channel, owner);
                let is_claimed = exit_record::has_claimed(channel::id(channel), owner);
                assert!(found || is_claimed, errors::bad_proposal())
            } else {
                assert!(change_set::is_reserved(change), errors::bad_proposal())
            }
        });
        if (channel::has_assets(channel)) {
            let assets = escrowed_assets::changes(changes, asset_type);
            vector::for_each_ref(&assets, |change| {
                // What left alone is not in escrow any more.
                let owner = change_set::owner(change);
                if (!exit_record::has_claimed(channel::id(channel), owner)) {
                    vector::push_back(&mut wanted, *change)
                }
            })
        };
        wanted
    }

    /// The seat whose asset lies in escrow for an address.
    package fun asset_seat(channel: &Channel, owner: address): (bool, u64) {
        let members = channel::members(channel);
        for (i in 0..vector::length(&members)) {
            let member = vector::borrow(&members, i);
            if (member::owner(member) == owner && member::has_asset(member)) {
                return (true, member::id(member))
            }
        };
        (false, 0)
    }

    /// Begins to execute a settlement that has passed: the caller gets the changes and must apply
    /// them.
    package fun begin(channel: &mut Channel, proposal: &Proposal): vector<Change> {
        assert!(proposal::is_settlement(proposal), errors::bad_proposal());
        assert!(channel::executing(channel) == 0, errors::executed());
        let window_ms = config::dispute_window_ms(&channel::config(channel));
        let target = proposal::target(proposal);
        let reference = proposal::reference(&target);
        exit_record::assert_may_settle(channel, &reference);
        // What an exit was paid from has stood a challenge window: nobody has to agree to it.
        if (checkpoint::is_floor(channel::id(channel), &reference)) {
            assert!(proposal::is_open(proposal), errors::executed())
        } else {
            let number = proposal::id(proposal);
            let was_open =
                window::was_open_to_all(channel::id(channel), window::dispute(), number);
            proposal::assert_settles(proposal, window_ms, was_open)
        };
        challenge_record::assert_answered(channel::id(channel), proposal::id(proposal));
        assert!(
            proposal::from_height(&target) == channel::settled_height(channel),
            errors::height_mismatch()
        );
        assert!(counts(channel, &target), errors::stale_checkpoint());
        channel::set_executing(channel, proposal::id(proposal));
        applicable(channel, &changes_of(proposal::data(proposal)))
    }

    /// The header that a proposal to settle ends with.
    package fun header_of(proposal: &Proposal): Header {
        let evidence = read_evidence(proposal::data(proposal));
        history::confirmed_header(&evidence.confirmation)
    }

    /// A header proved false: the pending settlement that ends with it or builds on it is void.
    /// Returns what confirmed that one, where there was one.
    ///
    /// @param voided hashes of such headers.
    package fun void_pending(
        channel: &mut Channel,
        voided: &vector<vector<u8>>,
    ): vector<Confirmation> {
        let pending = channel::pending_settlement(channel);
        if (pending == 0) return vector[];
        let id = channel::id(channel);
        let proposal = registry::proposal(id, pending);
        let reference = proposal::reference(&proposal::target(&proposal));
        if (!vector::contains(voided, &header::hash(&reference))) return vector[];
        let evidence = read_evidence(proposal::data(&proposal));
        channel::end_proposal(channel, pending);
        proposal::mark_void(&mut proposal);
        registry::save_proposal(id, proposal);
        vector[evidence.confirmation]
    }

    /// Ends an execution after everything was applied.
    package fun finish(channel: &mut Channel, proposal: &mut Proposal) {
        let target = proposal::target(proposal);
        let reference = proposal::reference(&target);
        let height = proposal::to_height(&target);
        channel::set_executing(channel, 0);
        channel::settle(
            channel,
            height,
            reference,
            proposal::configuration(&target),
            proposal::state_root(&target),
            proposal::ends(&target),
        );
        channel::end_proposal(channel, proposal::id(proposal));
        proposal::mark_executed(proposal);
        exit_record::forget_claimed(channel::id(channel));
        events::settled(channel::id(channel), proposal::id(proposal), height, reference)
    }
}
