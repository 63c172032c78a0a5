/// How a title gets its first nodes: somebody applies for them and freezes coins for each, and the
/// super manager approves.
module paracross::node_group {
    use std::signer;
    use std::string::String;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::event;
    use paracross::errors;
    use paracross::manager;
    use paracross::node_list;
    use paracross::title;
    use paracross::vault;

    const GROUP_SIZE_MAX: u64 = 64;
    /// With fewer nodes than this and more than one, the failure of one stops the consensus.
    const SAFE_SIZE_MIN: u64 = 4;
    /// More units than there are; with it, what a group freezes fits a u64.
    const COINS_FROZEN_MAX: u64 = 1_000_000_000_000_000;

    const OPEN: u8 = 0;
    const APPROVED: u8 = 1;

    struct Application has copy, drop, store {
        title: String,
        applicant: address,
        addresses: vector<address>,
        /// Units for each address.
        coins_frozen: u64,
        state: u8,
    }

    struct Applications has key {
        applications: Table<u64, Application>,
        next_id: u64,
    }

    #[event]
    struct Applied has drop, store {
        application: u64,
        title: String,
        applicant: address,
        addresses: vector<address>,
        coins_frozen: u64,
    }

    #[event]
    struct Cancelled has drop, store {
        application: u64,
        title: String,
        applicant: address,
        addresses: vector<address>,
        coins_frozen: u64,
    }

    #[event]
    struct Approved has drop, store {
        application: u64,
        title: String,
        applicant: address,
        addresses: vector<address>,
        coins_frozen: u64,
    }

    fun init_module(owner: &signer) {
        move_to(owner, Applications { applications: table::new(), next_id: 0 })
    }

    /// Applies for a title's group and freezes `coins_frozen` units for each address. Two or three
    /// nodes have to be asked for in so many words: with strictly more than two thirds needed, each
    /// of them can stop the chain.
    entry fun apply(
        applicant: &signer,
        title: String,
        addresses: vector<address>,
        coins_frozen: u64,
        is_small_accepted: bool,
    ) acquires Applications {
        title::check(&title);
        assert!(!node_list::has_group(title), errors::group_exists());
        check_addresses(&addresses);
        let count = vector::length(&addresses);
        let is_small = count > 1 && count < SAFE_SIZE_MIN;
        assert!(is_small_accepted || !is_small, errors::small_group());
        assert!(coins_frozen >= manager::coins_frozen_min(), errors::coins_frozen_low());
        assert!(coins_frozen <= COINS_FROZEN_MAX, errors::insufficient_balance());
        vault::freeze_coins(applicant, title, coins_frozen * count);
        let applicant = signer::address_of(applicant);
        let state = borrow_global_mut<Applications>(@paracross);
        let application = state.next_id;
        state.next_id = application + 1;
        let row = Application { title, applicant, addresses, coins_frozen, state: OPEN };
        table::add(&mut state.applications, application, row);
        event::emit(Applied { application, title, applicant, addresses, coins_frozen })
    }

    fun check_addresses(addresses: &vector<address>) {
        let count = vector::length(addresses);
        assert!(count > 0 && count <= GROUP_SIZE_MAX, errors::bad_addresses());
        let i = 0;
        while (i < count) {
            let (_, first) = vector::index_of(addresses, vector::borrow(addresses, i));
            assert!(first == i, errors::bad_addresses());
            i = i + 1
        }
    }

    /// Takes the signer's application back, with its coins, as long as nobody approved it.
    entry fun cancel(applicant: &signer, application: u64) acquires Applications {
        let Application { title, applicant: by, addresses, coins_frozen, .. } =
            *open_application(application);
        assert!(by == signer::address_of(applicant), errors::not_applicant());
        let rows = &mut borrow_global_mut<Applications>(@paracross).applications;
        table::remove(rows, application);
        vault::unfreeze_coins(title, by, coins_frozen * vector::length(&addresses));
        event::emit(Cancelled { application, title, applicant: by, addresses, coins_frozen })
    }

    /// Makes the applied addresses the title's nodes.
    entry fun approve(manager: &signer, application: u64) acquires Applications {
        manager::check(manager);
        let row = open_application(application);
        let Application { title, applicant, addresses, coins_frozen, .. } = *row;
        assert!(!node_list::has_group(title), errors::group_exists());
        assert!(coins_frozen >= manager::coins_frozen_min(), errors::coins_frozen_low());
        row.state = APPROVED;
        node_list::create_group(title, addresses, coins_frozen, applicant);
        event::emit(Approved { application, title, applicant, addresses, coins_frozen })
    }

    inline fun open_application(application: u64): &mut Application {
        let rows = &mut borrow_global_mut<Applications>(@paracross).applications;
        assert!(table::contains(rows, application), errors::application_not_open());
        let row = table::borrow_mut(rows, application);
        assert!(row.state == OPEN, errors::application_not_open());
        row
    }

    #[view]
    /// An application that was not cancelled.
    public fun get_application(application: u64): Application acquires Applications {
        let rows = &borrow_global<Applications>(@paracross).applications;
        assert!(table::contains(rows, application), errors::application_not_open());
        *table::borrow(rows, application)
    }
}
