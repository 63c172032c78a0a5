/// Forcing a call: a member whose call the leader does not order posts it here, with a bond. The
/// leader has to show a certified state in which the call's nonce is used. If nobody does in time,
/// the leader loses the lead and anybody else may take it; the channel goes on.
///
/// Whoever answers is paid the bond, which is about what an answer costs: neither forcing nor being
/// forced is worth anything.
module rooch::forced_call {
    use std::signer;
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::type_info;
    use rooch::bond;
    use rooch::certificate;
    use rooch::channel::{Self, Channel};
    use rooch::checkpoint;
    use rooch::configuration;
    use rooch::election;
    use rooch::errors;
    use rooch::events;
    use rooch::forced_call_record::{Self, Barred, ForcedCall, Posted};
    use rooch::header::{Self, Header};
    use rooch::history;
    use rooch::member;
    use rooch::registry;
    use rooch::seat_record::{Self, SeatRecord};
    use rooch::signed_call;
    use rooch::state_proof;
    use rooch::state_root;
    use rooch::window;

    /// In native units.
    const BOND: u64 = 20_000;
    const BOND_KIND: u8 = 4;
    const HEADER_SIZE: u64 = 444;

    /// Posts a call of the sender's seat (`call`: SignedCall) and takes a bond. It must be the
    /// seat's next, and must not have expired yet: what shows otherwise answers it too.
    public entry fun force_call_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        call: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        let owner = signer::address_of(sender);
        let member = channel::borrow_in(&channel, owner);
        assert!(member::is_admitted(member), errors::not_admitted());
        let seat = member::id(member);
        let read = signed_call::read(call);
        let known = checkpoint::height(&checkpoint::highest(&channel));
        assert!(
            signed_call::channel(&read) == channel::hash(&channel)
                && signed_call::seat(&read) == seat
                && signed_call::expiry(&read) > known,
            errors::bad_evidence()
        );
        signed_call::assert_signed_by(&read, configuration::key_of_member(&member::seat(member)));
        let (nonce, expiry) = (signed_call::nonce(&read), signed_call::expiry(&read));
        let due_ms = forced_call_record::open(&channel, seat, owner, nonce, expiry, call);
        bond::post(sender, bond::new_key(state_channel_id, BOND_KIND, seat), BOND);
        events::call_forced(state_channel_id, seat, nonce, due_ms)
    }

    /// Shows what has become of a forced call (`answer`: CallAnswer): a certified header whose state
    /// says that its nonce is used, that its seat has departed, that another call had to come
    /// before it, or that it had expired before it was posted. Anyone may, and is paid the bond.
    public entry fun answer_call_entry<StateT>(
        sender: &signer,
        state_channel_id: u64,
        seat: u64,
        answer: vector<u8>,
    ) {
        let channel = typed_channel<StateT>(state_channel_id);
        let open = forced_call_record::call(state_channel_id, seat);
        let stream = bcs_stream::new(answer);
        let bytes = bcs_stream::deserialize_fixed_bytes(&mut stream, HEADER_SIZE);
        let certificate = certificate::read(&mut stream);
        history::adopt(&mut channel, history::read_steps(&mut stream));
        election::raise(&mut channel, vector[certificate], bytes);
        let header = header::decode(bytes);
        let record = read_proven(seat, header::state_root(&header), &mut stream);
        assert!(is_answered(&open, &header, &record), errors::bad_evidence());
        registry::save(channel);
        end(state_channel_id, seat, signer::address_of(sender));
        events::call_answered(state_channel_id, seat, forced_call_record::nonce(&open))
    }

    /// Takes the lead from who has not answered a forced call in its window, for a minute at least,
    /// and returns the bond. Anyone may.
    public entry fun depose_leader_entry<StateT>(
        _sender: &signer,
        state_channel_id: u64,
        seat: u64,
    ) {
        let channel = registry::channel(state_channel_id);
        assert_type<StateT>(&channel);
        let open = forced_call_record::call(state_channel_id, seat);
        let (found, i) = channel::index_of(&channel, seat);
        let members = channel::members(&channel);
        let is_in = found && member::is_admitted(vector::borrow(&members, i));
        // Who is out meanwhile has nothing ordered any more, nor has anybody once all is over.
        if (is_in && !channel::is_closed(&channel)) {
            let leader = channel::leader(&channel);
            assert!(
                leader != 0
                    && forced_call_record::is_due(&open)
                    && window::was_open_to_all(state_channel_id, window::forced_call(), seat),
                errors::window_open()
            );
            channel::clear_leader(&mut channel);
            registry::save(channel);
            let until_ms = forced_call_record::bar(state_channel_id, leader);
            events::leader_deposed(state_channel_id, leader, until_ms)
        };
        end(state_channel_id, seat, forced_call_record::owner(&open))
    }

    #[view]
    /// Calls that are forced and not answered yet, with their bytes, and seats that may not lead.
    public fun get_forced_calls(state_channel_id: u64): (vector<Posted>, vector<Barred>) {
        forced_call_record::posted(state_channel_id)
    }

    fun end(channel: u64, seat: u64, receiver: address) {
        forced_call_record::close(channel, seat);
        bond::pay(bond::new_key(channel, BOND_KIND, seat), receiver)
    }

    /// The seat's record under a state root. Aborts with E_BAD_PROOF unless the rest of the stream
    /// proves it.
    fun read_proven(seat: u64, root: vector<u8>, stream: &mut BCSStream): SeatRecord {
        let bytes = bcs_stream::deserialize_bytes(stream);
        let keys = vector[state_root::seat_key(seat)];
        state_proof::assert_holds(root, keys, vector[vector[bytes]], stream);
        bcs_stream::assert_finished(stream);
        seat_record::read(bytes)
    }

    fun is_answered(open: &ForcedCall, header: &Header, record: &SeatRecord): bool {
        let nonce = forced_call_record::nonce(open);
        let next = seat_record::nonce(record);
        if (next > nonce || seat_record::has_departed(record)) return true;
        let posted_ms = forced_call_record::posted_ms(open);
        if (header::time_ms(header) < posted_ms) {
            return header::last_height(header) >= forced_call_record::expiry(open)
        };
        // Only what is next can be ordered.
        next < nonce
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
