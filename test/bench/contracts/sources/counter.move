/// The smallest stateful contract: a number for each account.
module bench::counter {
    use std::signer;

    const ENO_COUNTER: u64 = 1;

    struct Counter has key { value: u64 }

    public entry fun create(account: &signer) {
        move_to(account, Counter { value: 0 });
    }

    public entry fun inc(account: &signer) acquires Counter {
        let owner = signer::address_of(account);
        assert!(exists<Counter>(owner), ENO_COUNTER);
        let counter = borrow_global_mut<Counter>(owner);
        counter.value = counter.value + 1;
    }

    /// Stops before and after writing: what it wrote must not stay.
    public entry fun inc_and_abort(account: &signer) acquires Counter {
        let counter = borrow_global_mut<Counter>(signer::address_of(account));
        counter.value = counter.value + 1;
        abort 7
    }

    #[view]
    public fun value(owner: address): u64 acquires Counter { borrow_global<Counter>(owner).value }
}
