/// Proof of fraud by running again: nobody votes. A reporter brings one step of a channel with all
/// that it takes to run it; the chain's judge runs it in both executors, between the two halves of
/// this module, in the reporter's own transaction. The contract checks who signed what and draws
/// the consequences; it does not look into the step.
module rooch::fraud {
    use std::signer;
    use std::string::String;
    use std::vector;
    use aptos_std::bcs_stream;
    use aptos_std::table::{Self, Table};
    use aptos_std::type_info;
    use rooch::bond;
    use rooch::certificate::{Self, Certificate};
    use rooch::channel::{Self, Channel};
    use rooch::checkpoint;
    use rooch::config;
    use rooch::configuration::{Self, Configuration};
    use rooch::errors;
    use rooch::fraud_event;
    use rooch::header::{Self, HeaderRef, SignedHeader};
    use rooch::history::{Self, Confirmation};
    use rooch::member;
    use rooch::pinning;
    use rooch::punishment;
    use rooch::quorum;
    use rooch::registry;
    use rooch::settlement;

    /// In native units. What judging may cost others, so that wrong reports are not for nothing.
    const BOND: u64 = 50_000;
    const BOND_KIND: u8 = 2;
    /// From so many seats on, a proved fraud costs the stake.
    const FINED_FROM_SEATS: u64 = 3;

    // Verdicts of the judge.
    const FRAUD: u8 = 0;
    const SOUND: u8 = 1;
    const DECLINED: u8 = 2;

    /// What is being judged, within one transaction.
    struct Case has copy, drop, store {
        channel: u64,
        reporter: address,
        /// The header in question, and the configuration that it is under.
        reference: HeaderRef,
        configuration: u64,
        /// Who led and signed it, and then who acked it: an ack asserts to have run it again.
        accused: vector<u64>,
    }

    struct Cases has key {
        next: u64,
        open: Table<u64, Case>,
    }

    /// What the judge needs to know of the channel.
    struct Facts has drop {
        number: u64,
        channel: vector<u8>,
        creator: address,
        state_type: String,
        asset_type: String,
        tick_interval_ms: u64,
        execution_profile: vector<u8>,
        /// As the channel encodes it.
        configuration: vector<u8>,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, Cases { next: 1, open: table::new() })
    }

    /// Reports a leader's fraud (`evidence`: FraudEvidence) and takes a bond. Anyone may, while the
    /// accused is in or has something here. Only as a transaction of its own: the chain judges when
    /// this returns.
    entry fun report_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        evidence: vector<u8>,
    ) acquires Cases {
        let channel = registry::open_channel(state_channel_id);
        assert!(
            channel::state_type(&channel) == type_info::type_name<StateT>(),
            errors::wrong_type()
        );
        let stream = bcs_stream::new(evidence);
        let leader = bcs_stream::deserialize_u64(&mut stream);
        let signed = header::read_signed(&mut stream);
        let acks = certificate::read_optional(&mut stream);
        let configuration = led_under(&channel, leader, &signed);
        let reference = header::reference(&header::header(&signed));
        let accused = vector[leader];
        vector::append(&mut accused, acked(&channel, &acks, &configuration, &reference, leader));
        let case = Case {
            channel: state_channel_id,
            reporter: signer::address_of(sender),
            reference,
            configuration: configuration::number(&configuration),
            accused,
        };
        let cases = borrow_global_mut<Cases>(@rooch);
        let number = cases.next;
        cases.next = number + 1;
        table::add(&mut cases.open, number, case);
        bond::post(sender, bond::new_key(state_channel_id, BOND_KIND, number), BOND)
    }

    /// Who else stands for the header: the seats whose acks of it are shown.
    fun acked(
        channel: &Channel,
        acks: &vector<Certificate>,
        configuration: &Configuration,
        reference: &HeaderRef,
        leader: u64,
    ): vector<u64> {
        let seats = vector[];
        vector::for_each_ref(acks, |certificate| {
            let certificate: &Certificate = certificate;
            assert!(
                &certificate::reference(certificate) == reference,
                errors::bad_certificate()
            );
            let signers =
                certificate::verified_signers(
                    certificate,
                    channel::hash(channel),
                    configuration,
                );
            vector::for_each_ref(&signers, |seat| {
                if (*seat != leader && !vector::contains(&seats, seat)) {
                    vector::push_back(&mut seats, *seat)
                }
            })
        });
        seats
    }

    /// The configuration that the header is under. Aborts unless the accused is a seat of it, led it
    /// and signed the header, and has a record here.
    fun led_under(channel: &Channel, accused: u64, signed: &SignedHeader): Configuration {
        let header = header::header(signed);
        let named = header::configuration(&header);
        let number = header::configuration_number(&named);
        let configuration = registry::configuration(channel::id(channel), number);
        channel::borrow_seat(channel, accused);
        assert!(
            header::channel(&header) == channel::hash(channel)
                && header::leader(&header) == accused
                && configuration::contains(&configuration, accused)
                && header::configuration_hash(&named)
                    == configuration::digest(&configuration, channel::hash(channel)),
            errors::bad_evidence()
        );
        let key = configuration::node_key(&configuration, accused);
        assert!(header::is_signed_by(signed, key), errors::bad_signature());
        configuration
    }

    /// What the last report is about. Called by the chain.
    fun facts(): Facts acquires Cases {
        let (number, case) = last_case();
        let channel = registry::channel(case.channel);
        let config = channel::config(&channel);
        Facts {
            number,
            channel: channel::hash(&channel),
            creator: channel::creator(&channel),
            state_type: channel::state_type(&channel),
            asset_type: channel::asset_type(&channel),
            tick_interval_ms: config::tick_interval_ms(&config),
            execution_profile: pinning::get_profile(case.channel),
            configuration: configuration::encoded(
                &registry::configuration(case.channel, case.configuration)
            ),
        }
    }

    fun last_case(): (u64, Case) acquires Cases {
        let cases = borrow_global<Cases>(@rooch);
        let number = cases.next - 1;
        assert!(table::contains(&cases.open, number), errors::no_case());
        (number, *table::borrow(&cases.open, number))
    }

    /// Draws the consequences of the judge's verdict on the last report. Called by the chain.
    ///
    /// @param voided hashes of the header and of those shown to build on it.
    /// @param parent_* the header that it stands on; all zero for the channel's first.
    fun deliver(
        verdict: u8,
        voided: vector<vector<u8>>,
        parent_term: u64,
        parent_view: u64,
        parent_number: u64,
        parent_hash: vector<u8>,
    ) acquires Cases {
        let (number, case) = last_case();
        assert!(verdict <= DECLINED, errors::unfit_evidence());
        table::remove(&mut borrow_global_mut<Cases>(@rooch).open, number);
        let key = bond::new_key(case.channel, BOND_KIND, number);
        if (verdict == SOUND) bond::burn(key) else bond::pay(key, case.reporter);
        if (verdict == FRAUD) {
            let parent = header::new_ref(parent_term, parent_view, parent_number, parent_hash);
            let channel = registry::channel(case.channel);
            draw(&mut channel, &mut case, &voided, parent);
            registry::save(channel)
        };
        fraud_event::judged(case.channel, case.accused, case.reference, verdict)
    }

    /// What is settled has stood its window: a fraud in it is punished, and voids nothing any more.
    /// Otherwise who acked the settlement that is void for it, or what confirmed that one, is
    /// treated like who acked the header itself: an ack asserts to have run again all below it that
    /// is not settled.
    fun draw(
        channel: &mut Channel,
        case: &mut Case,
        voided: &vector<vector<u8>>,
        parent: HeaderRef,
    ) {
        let settled = channel::settled_reference(channel);
        if (header::number(&case.reference) <= header::number(&settled)) {
            punish(channel, case);
            return
        };
        let fallen = settlement::void_pending(channel, voided);
        vector::for_each_ref(&fallen, |confirmation| {
            accuse(case, history::certificate(confirmation));
            accuse(case, history::confirming_certificate(confirmation))
        });
        punish(channel, case);
        void(channel, case, voided, &fallen, parent)
    }

    fun accuse(case: &mut Case, certificate: &Certificate) {
        let signers = certificate::signers(certificate);
        vector::for_each_ref(&signers, |seat| {
            if (!vector::contains(&case.accused, seat)) {
                vector::push_back(&mut case.accused, *seat)
            }
        })
    }

    fun punish(channel: &mut Channel, case: &Case) {
        let configuration = registry::configuration(case.channel, case.configuration);
        let fines = configuration::size(&configuration) >= FINED_FROM_SEATS;
        vector::for_each_ref(&case.accused, |seat| {
            let (found, i) = channel::index_of(channel, *seat);
            let members = channel::members(channel);
            if (found && member::is_in(vector::borrow(&members, i))) {
                let stake = member::stake(vector::borrow(&members, i));
                punishment::force_out(channel, *seat, fines);
                if (fines) punishment::reward(channel, *seat, stake, case.reporter)
            }
        })
    }

    /// A seat that went out with what it signed is not taken out again later.
    fun settle_exclusion(channel: &mut Channel, seat: u64, number: u64) {
        let latest =
            registry::configuration(channel::id(channel), channel::configuration(channel));
        if (configuration::contains(&latest, seat)) return;
        if (!channel::is_being_excluded(channel, seat)) return;
        channel::drop_exclusion(channel, seat);
        member::end_at(channel::borrow_seat_mut(channel, seat), number)
    }

    /// What ends with the header, or builds on it, is void: what exits would be paid from, and the
    /// fence of the next term.
    fun void(
        channel: &mut Channel,
        case: &Case,
        voided: &vector<vector<u8>>,
        fallen: &vector<Confirmation>,
        parent: HeaderRef,
    ) {
        let highest = checkpoint::reference(&checkpoint::highest(channel));
        if (falls(channel, &highest, voided, fallen)) checkpoint::fall_back(channel);
        let fence = channel::fence(channel);
        if (falls(channel, &fence, voided, fallen)) {
            let leader = *vector::borrow(&case.accused, 0);
            history::end_at(channel, leader, case.configuration, parent);
            settle_exclusion(channel, leader, header::number(&parent))
        }
    }

    /// Whether a certified header is void: it was shown to be, or it is no lower than the header of
    /// the settlement that is, and who acked that one could certify today whatever they want.
    fun falls(
        channel: &Channel,
        reference: &HeaderRef,
        voided: &vector<vector<u8>>,
        fallen: &vector<Confirmation>,
    ): bool {
        let found = vector::contains(voided, &header::hash(reference));
        vector::for_each_ref(fallen, |confirmation| {
            let target = header::reference(&history::confirmed_header(confirmation));
            if (
                !header::is_higher(&target, reference)
                    && is_quorum(channel, history::certificate(confirmation))
            ) {
                found = true
            }
        });
        found
    }

    /// Whether those who signed a certificate are a quorum of the latest configuration.
    fun is_quorum(channel: &Channel, certificate: &Certificate): bool {
        let latest =
            registry::configuration(channel::id(channel), channel::configuration(channel));
        let count = 0;
        let signers = certificate::signers(certificate);
        vector::for_each_ref(&signers, |seat| {
            if (configuration::contains(&latest, *seat)) count = count + 1
        });
        quorum::certifies(count, configuration::size(&latest))
    }
}
