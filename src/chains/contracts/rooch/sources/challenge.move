/// Demanding data: a seat that would have to agree to a settlement, and was not given what it takes
/// to judge it, demands the entries of some of its headers on chain. Whoever answers is paid by the
/// one who demanded; unanswered, the settlement is void. Every answer restarts the dispute window,
/// so that what comes out can still be disputed.
module rooch::challenge {
    use std::signer;
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::type_info;
    use rooch::bond;
    use rooch::challenge_record::{Self, Answer, Demand};
    use rooch::channel::{Self, Channel};
    use rooch::configuration;
    use rooch::domain;
    use rooch::errors;
    use rooch::header::{Self, Header, SignedHeader};
    use rooch::merkle_list;
    use rooch::proposal::{Self, Proposal};
    use rooch::registry;
    use rooch::settlement;
    use rooch::window;

    /// In native units: what 256 KiB of answers cost at the least price.
    const BOND: u64 = 300_000;
    const BOND_KIND: u8 = 3;
    const HASH_SIZE: u64 = 32;
    const STEP_SIZE: u64 = 108;
    /// Where a step's hash of its entries stands.
    const HASH_OF_ENTRIES_AT: u64 = 12;

    /// Demands the entries of the headers numbered `first` to `last` of a settlement that is open;
    /// at most 16 headers, at most twice a seat. Takes a bond.
    public entry fun demand_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        proposal_id: u64,
        first: u64,
        last: u64,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        let proposal = open_settlement(&channel, proposal_id);
        let owner = signer::address_of(sender);
        let seat = channel::voting_seat(&channel, owner, &proposal);
        let target = header::number(&proposal::reference(&proposal::target(&proposal)));
        let settled = header::number(&channel::settled_reference(&channel));
        assert!(first > settled && first <= last && last <= target, errors::bad_evidence());
        let number = challenge_record::open(&channel, proposal_id, seat, owner, first, last);
        window::open(state_channel_id, window::demand(), number);
        bond::post(sender, bond::new_key(state_channel_id, BOND_KIND, number), BOND)
    }

    /// Answers a demand, wholly or in part and in order (`answer`: DataAnswer). Anyone may; who
    /// gives the last of it is paid the bond.
    public entry fun answer_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        demand: u64,
        answer: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        let open = challenge_record::demand(state_channel_id, demand);
        let number = challenge_record::proposal(&open);
        let proposal = open_settlement(&channel, number);
        let target = settlement::header_of(&proposal);
        let next = read_answer(&channel, &target, &open, answer);
        challenge_record::keep(&channel, number, answer);
        let is_whole = challenge_record::advance(state_channel_id, demand, next);
        if (is_whole) {
            let key = bond::new_key(state_channel_id, BOND_KIND, demand);
            bond::pay(key, signer::address_of(sender))
        };
        proposal::restart(&mut proposal);
        window::open(state_channel_id, window::dispute(), number);
        registry::save_proposal(state_channel_id, proposal)
    }

    /// Voids a settlement of which something was demanded and not answered in time, and returns the
    /// bond. Anyone may.
    public entry fun void_entry<StateT>(
        _sender: &signer,
        state_channel_id: u64,
        demand: u64,
    ) {
        let channel = registry::channel(state_channel_id);
        assert_type<StateT>(&channel);
        let open = challenge_record::demand(state_channel_id, demand);
        let proposal = registry::proposal(state_channel_id, challenge_record::proposal(&open));
        // One that ended otherwise voids nothing, but its bond is due all the same, in a closed
        // channel too.
        if (proposal::is_open(&proposal)) {
            let is_over =
                challenge_record::is_overdue(&open)
                    && window::was_open_to_all(state_channel_id, window::demand(), demand);
            assert!(is_over, errors::window_open());
            channel::end_proposal(&mut channel, challenge_record::proposal(&open));
            proposal::mark_void(&mut proposal);
            registry::save_proposal(state_channel_id, proposal);
            registry::save(channel)
        };
        challenge_record::close(state_channel_id, demand);
        let key = bond::new_key(state_channel_id, BOND_KIND, demand);
        bond::pay(key, challenge_record::challenger(&open))
    }

    #[view]
    /// What is demanded and not answered yet, and the names of what was answered since the last
    /// settlement.
    public fun get_demands(state_channel_id: u64): (vector<Demand>, vector<Answer>) {
        (
            challenge_record::demands(state_channel_id),
            challenge_record::answers(state_channel_id),
        )
    }

    #[view]
    /// One of these answers as it was given (DataAnswer).
    public fun get_answer(state_channel_id: u64, number: u64): vector<u8> {
        challenge_record::answer(state_channel_id, number)
    }

    /// Checks the headers of an answer one after the other and returns the number after the last.
    fun read_answer(
        channel: &Channel,
        target: &Header,
        open: &Demand,
        answer: vector<u8>,
    ): u64 {
        let stream = bcs_stream::new(answer);
        let next = challenge_record::next(open);
        let count = bcs_stream::deserialize_uleb128(&mut stream);
        assert!(count > 0, errors::bad_evidence());
        for (i in 0..count) {
            assert!(next <= challenge_record::last(open), errors::bad_evidence());
            read_header(channel, target, next, &mut stream);
            next = next + 1
        };
        bcs_stream::assert_finished(&stream);
        next
    }

    /// A header of the settlement's own branch, its steps, and the entries of each.
    fun read_header(
        channel: &Channel,
        target: &Header,
        number: u64,
        stream: &mut BCSStream,
    ) {
        let signed = header::read_signed(stream);
        assert_signed(channel, &signed);
        let header = header::header(&signed);
        let reference = header::reference(&header);
        assert!(header::number(&reference) == number, errors::bad_evidence());
        let path = read_hashes(stream);
        let target_reference = header::reference(target);
        if (reference != target_reference) {
            merkle_list::assert_contains(
                domain::history_root(),
                header::history_root(target),
                header::number(&target_reference) - 1,
                number - 1,
                header::hash(&reference),
                path,
            )
        };
        let hashes = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            let step = bcs_stream::deserialize_fixed_bytes(stream, STEP_SIZE);
            let entries = bcs_stream::deserialize_bytes(stream);
            let end = HASH_OF_ENTRIES_AT + HASH_SIZE;
            let named = vector::slice(&step, HASH_OF_ENTRIES_AT, end);
            assert!(
                domain::digest(domain::entries(), entries) == named,
                errors::bad_evidence()
            );
            vector::push_back(&mut hashes, domain::digest(domain::step(), step))
        };
        assert!(
            merkle_list::root(domain::steps_root(), &hashes) == header::steps_root(&header),
            errors::bad_evidence()
        )
    }

    /// What comes out may have to be proved false, and that takes its leader's signature.
    fun assert_signed(channel: &Channel, signed: &SignedHeader) {
        let header = header::header(signed);
        let number = header::configuration_number(&header::configuration(&header));
        let configuration = registry::configuration(channel::id(channel), number);
        let key = configuration::node_key(&configuration, header::leader(&header));
        assert!(header::is_signed_by(signed, key), errors::bad_signature())
    }

    fun read_hashes(stream: &mut BCSStream): vector<vector<u8>> {
        let hashes = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            vector::push_back(
                &mut hashes,
                bcs_stream::deserialize_fixed_bytes(stream, HASH_SIZE),
            )
        };
        hashes
    }

    fun open_settlement(channel: &Channel, number: u64): Proposal {
        let proposal = registry::proposal(channel::id(channel), number);
        assert!(proposal::is_settlement(&proposal), errors::bad_proposal());
        assert!(proposal::is_open(&proposal), errors::executed());
        proposal
    }

    fun typed_channel<StateT>(id: u64): Channel {
        let channel = registry::open_channel(id);
        assert_type<StateT>(&channel);
        channel
    }

    fun assert_type<StateT>(channel: &Channel) {
        assert!(
            channel::state_type(channel) == type_info::type_name<StateT>(),
            errors::wrong_type()
        )
    }
}
