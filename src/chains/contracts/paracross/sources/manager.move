/// The super manager, who approves groups and may decide about nodes where a parallel chain has
/// stood still for long, and what it sets. The main chain's producers appoint it.
module paracross::manager {
    use std::option::{Self, Option};
    use std::signer;
    use std::vector;
    use resource_model::producers;
    use paracross::errors;

    /// 100 coins.
    const DEFAULT_COINS_FROZEN_MIN: u64 = 1_000_000;

    struct Appointment has drop, store {
        producer: address,
        manager: address,
    }

    struct Manager has key {
        manager: Option<address>,
        /// Whom each producer wants; nobody twice.
        appointments: vector<Appointment>,
        /// Units that each node of a group has to freeze.
        coins_frozen_min: u64,
    }

    #[event]
    struct Appointed has drop, store {
        manager: address,
    }

    fun init_module(owner: &signer) {
        let manager = Manager {
            manager: option::none(),
            appointments: vector[],
            coins_frozen_min: DEFAULT_COINS_FROZEN_MIN,
        };
        move_to(owner, manager)
    }

    /// By a producer in office, for itself; whoever more than two thirds of those in office name
    /// is the super manager.
    entry fun appoint(producer: &signer, manager: address) acquires Manager {
        let by = signer::address_of(producer);
        let office = producers::get_schedule();
        assert!(vector::contains(&office, &by), errors::not_manager());
        let state = borrow_global_mut<Manager>(@paracross);
        let kept = vector[Appointment { producer: by, manager }];
        let yes = 1;
        while (!vector::is_empty(&state.appointments)) {
            let other = vector::pop_back(&mut state.appointments);
            if (other.producer != by && vector::contains(&office, &other.producer)) {
                if (other.manager == manager) yes = yes + 1;
                vector::push_back(&mut kept, other)
            }
        };
        state.appointments = kept;
        if (3 * yes > 2 * vector::length(&office)) {
            state.manager = option::some(manager);
            aptos_framework::event::emit(Appointed { manager })
        }
    }

    /// What groups and nodes have to freeze that apply from now on.
    entry fun set_coins_frozen_min(manager: &signer, units: u64) acquires Manager {
        check(manager);
        borrow_global_mut<Manager>(@paracross).coins_frozen_min = units
    }

    /// Aborts unless the super manager signs.
    package fun check(manager: &signer) acquires Manager {
        let by = signer::address_of(manager);
        let known = option::contains(&borrow_global<Manager>(@paracross).manager, &by);
        assert!(known, errors::not_manager())
    }

    #[view]
    /// The super manager; none where the producers have not agreed on one.
    public fun get(): Option<address> acquires Manager {
        borrow_global<Manager>(@paracross).manager
    }

    #[view]
    public fun coins_frozen_min(): u64 acquires Manager {
        borrow_global<Manager>(@paracross).coins_frozen_min
    }
}
