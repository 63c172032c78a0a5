/// What the producers decide together: a call of this package that more than two thirds of those
/// in office approve runs as an inline action of this package's own account.
module resource_model::multisig {
    use std::signer;
    use std::string::{Self, String};
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::action;
    use resource_model::errors;
    use resource_model::producers;

    const NAME_SIZE_MAX: u64 = 64;
    const CALL_SIZE_MAX: u64 = 1_024;
    const ARGUMENT_COUNT_MAX: u64 = 16;

    struct ProposalName has copy, drop, store {
        proposer: address,
        name: String,
    }

    struct Proposal has copy, drop, store {
        /// A module of this package, and an entry function of it that takes one signer.
        module_name: vector<u8>,
        function: vector<u8>,
        /// BCS of the arguments behind the signer.
        args: vector<vector<u8>>,
        approvals: vector<address>,
    }

    struct Proposals has key {
        proposals: Table<ProposalName, Proposal>,
    }

    package fun initialize(owner: &signer) {
        move_to(owner, Proposals { proposals: table::new() })
    }

    /// Anybody may propose; the fee keeps the list short.
    entry fun propose(
        proposer: &signer,
        name: vector<u8>,
        module_name: vector<u8>,
        function: vector<u8>,
        args: vector<vector<u8>>,
    ) acquires Proposals {
        let length = vector::length(&name);
        assert!(length > 0 && length <= NAME_SIZE_MAX, errors::bad_name());
        assert!(call_size(&module_name, &function, &args) <= CALL_SIZE_MAX, errors::too_many());
        let key = ProposalName {
            proposer: signer::address_of(proposer),
            name: string::utf8(name),
        };
        let proposals = &mut borrow_global_mut<Proposals>(@resource_model).proposals;
        assert!(!table::contains(proposals, key), errors::bad_proposal());
        let proposal = Proposal { module_name, function, args, approvals: vector[] };
        table::add(proposals, key, proposal)
    }

    fun call_size(
        module_name: &vector<u8>,
        function: &vector<u8>,
        args: &vector<vector<u8>>,
    ): u64 {
        assert!(vector::length(args) <= ARGUMENT_COUNT_MAX, errors::too_many());
        let size = vector::length(module_name) + vector::length(function);
        let i = 0;
        while (i < vector::length(args)) {
            size = size + vector::length(vector::borrow(args, i));
            i = i + 1
        };
        size
    }

    entry fun approve(
        producer: &signer,
        proposer: address,
        name: vector<u8>,
    ) acquires Proposals {
        let by = signer::address_of(producer);
        assert!(producers::is_in_office(by), errors::not_in_office());
        let proposal = borrow_mut(proposer, name);
        if (!vector::contains(&proposal.approvals, &by)) {
            vector::push_back(&mut proposal.approvals, by)
        }
    }

    entry fun unapprove(
        producer: &signer,
        proposer: address,
        name: vector<u8>,
    ) acquires Proposals {
        let by = signer::address_of(producer);
        let approvals = &mut borrow_mut(proposer, name).approvals;
        let (found, place) = vector::index_of(approvals, &by);
        assert!(found, errors::bad_proposal());
        vector::remove(approvals, place);
    }

    /// Takes the signer's own proposal back.
    entry fun cancel(proposer: &signer, name: vector<u8>) acquires Proposals {
        take(signer::address_of(proposer), name);
    }

    /// Runs what was approved; anybody may. Approvals count that come from producers in office now.
    entry fun exec(
        _sender: &signer,
        proposer: address,
        name: vector<u8>,
    ) acquires Proposals {
        let Proposal { module_name, function, args, approvals } = take(proposer, name);
        let office = producers::get_schedule();
        let yes = 0;
        let i = 0;
        while (i < vector::length(&office)) {
            if (vector::contains(&approvals, vector::borrow(&office, i))) yes = yes + 1;
            i = i + 1
        };
        assert!(3 * yes > 2 * vector::length(&office), errors::not_passed());
        action::queue_inline(@resource_model, module_name, function, vector[], args)
    }

    inline fun borrow_mut(proposer: address, name: vector<u8>): &mut Proposal {
        let key = ProposalName { proposer, name: string::utf8(name) };
        let proposals = &mut borrow_global_mut<Proposals>(@resource_model).proposals;
        assert!(table::contains(proposals, key), errors::bad_proposal());
        table::borrow_mut(proposals, key)
    }

    fun take(proposer: address, name: vector<u8>): Proposal acquires Proposals {
        let key = ProposalName { proposer, name: string::utf8(name) };
        let proposals = &mut borrow_global_mut<Proposals>(@resource_model).proposals;
        assert!(table::contains(proposals, key), errors::bad_proposal());
        table::remove(proposals, key)
    }

    #[view]
    public fun get_proposal(proposer: address, name: String): Proposal acquires Proposals {
        let proposals = &borrow_global<Proposals>(@resource_model).proposals;
        let key = ProposalName { proposer, name };
        assert!(table::contains(proposals, key), errors::bad_proposal());
        *table::borrow(proposals, key)
    }
}
