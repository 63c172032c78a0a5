/// Members of a shard's committee that sign what excludes each other: in one round a vote of one
/// phase for two blocks, or for one and for none, or a proposal of two blocks. No honest node ever
/// does, whatever befalls it, so the two signatures alone are proof, whoever brings them.
module holdfast_shard::double_sign {
    use std::bcs;
    use std::signer;
    use std::vector;
    use aptos_std::ed25519;
    use aptos_framework::event;
    use holdfast_shard::errors;
    use holdfast_shard::home;
    use holdfast_shard::shard_mgmt;
    use holdfast_shard::shard_stake;

    /// SHA-256("HOLDFAST::ShardVote").
    const VOTE_DOMAIN: vector<u8> =
        x"fa0743bc15ee653d1671c6a43b1152a1ba67a182669e43202759b73d963132cd";
    /// SHA-256("HOLDFAST::ShardProposal").
    const PROPOSAL_DOMAIN: vector<u8> =
        x"c0c68800c3edbe098f98279050c9583fd3fa724de571367307b8cea63a33a101";
    /// Prevotes are of phase 0, precommits of phase 1.
    const PHASE_MAX: u8 = 1;
    /// A block's hash and that of the state that it leads to.
    const CHOICE_SIZE: u64 = 64;

    /// BCS of an option's variants.
    const NONE: u8 = 0;
    const SOME: u8 = 1;

    #[event]
    /// A peer was punished.
    struct DoubleSign has drop, store {
        shard_id: u64,
        epoch: u64,
        peer: vector<u8>,
        height: u64,
        round: u32,
        reporter: address,
        forfeited: u64,
    }

    /// Two votes of a peer that had a seat in `epoch`. What is voted for is a block's hash and its
    /// state root, or no bytes for no block.
    entry fun report_votes(
        reporter: &signer,
        shard_id: u64,
        epoch: u64,
        key: vector<u8>,
        height: u64,
        round: u32,
        phase: u8,
        first: vector<u8>,
        first_signature: vector<u8>,
        second: vector<u8>,
        second_signature: vector<u8>,
    ) {
        home::assert_root();
        assert!(phase <= PHASE_MAX && first != second, errors::no_evidence());
        let said = name(VOTE_DOMAIN, shard_id);
        vector::push_back(&mut said, phase);
        append_place(&mut said, height, round);
        shard_mgmt::assert_in_term(shard_id, epoch, &key, height);
        assert_signed(said, &option_of(first), first_signature, key);
        assert_signed(said, &option_of(second), second_signature, key);
        punish(reporter, shard_id, epoch, key, height, round)
    }

    /// Two proposals of a peer that had a seat in `epoch`. A proposal may name the round in which
    /// its block was prevoted for before: a list of that round, or of none.
    entry fun report_proposals(
        reporter: &signer,
        shard_id: u64,
        epoch: u64,
        key: vector<u8>,
        height: u64,
        round: u32,
        first: vector<u8>,
        first_valid_round: vector<u32>,
        first_signature: vector<u8>,
        second: vector<u8>,
        second_valid_round: vector<u32>,
        second_signature: vector<u8>,
    ) {
        home::assert_root();
        assert!(first != second, errors::no_evidence());
        let said = name(PROPOSAL_DOMAIN, shard_id);
        append_place(&mut said, height, round);
        shard_mgmt::assert_in_term(shard_id, epoch, &key, height);
        let offer = offer_of(first, &first_valid_round);
        assert_signed(said, &offer, first_signature, key);
        let other = offer_of(second, &second_valid_round);
        assert_signed(said, &other, second_signature, key);
        punish(reporter, shard_id, epoch, key, height, round)
    }

    /// Every node that has seen it tells: who comes late does no harm and changes nothing.
    fun punish(
        reporter: &signer,
        shard_id: u64,
        epoch: u64,
        peer: vector<u8>,
        height: u64,
        round: u32,
    ) {
        if (shard_stake::is_punished(shard_id, peer)) return;
        let forfeited = shard_mgmt::punish(shard_id, peer);
        let reporter = signer::address_of(reporter);
        event::emit(DoubleSign { shard_id, epoch, peer, height, round, reporter, forfeited })
    }

    /// What signatures of one kind begin with on one shard.
    fun name(domain: vector<u8>, shard_id: u64): vector<u8> {
        vector::append(&mut domain, shard_mgmt::name_of(shard_id));
        domain
    }

    fun append_place(said: &mut vector<u8>, height: u64, round: u32) {
        vector::append(said, bcs::to_bytes(&height));
        vector::append(said, bcs::to_bytes(&round))
    }

    fun option_of(choice: vector<u8>): vector<u8> {
        if (vector::is_empty(&choice)) return vector[NONE];
        assert!(vector::length(&choice) == CHOICE_SIZE, errors::no_evidence());
        let bytes = vector[SOME];
        vector::append(&mut bytes, choice);
        bytes
    }

    fun offer_of(choice: vector<u8>, valid_round: &vector<u32>): vector<u8> {
        assert!(vector::length(&choice) == CHOICE_SIZE, errors::no_evidence());
        assert!(vector::length(valid_round) <= 1, errors::no_evidence());
        // A list of one or none has the bytes of an option.
        vector::append(&mut choice, bcs::to_bytes(valid_round));
        choice
    }

    fun assert_signed(
        said: vector<u8>,
        rest: &vector<u8>,
        signature: vector<u8>,
        key: vector<u8>,
    ) {
        vector::append(&mut said, *rest);
        let is_signed = ed25519::verify_strict(signature, key, said);
        assert!(is_signed, errors::wrong_signature())
    }
}
