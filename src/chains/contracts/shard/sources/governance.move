/// Who looks after the root's contracts: the operator, named at genesis, and the fees that creators
/// of shards have paid.
module holdfast_shard::governance {
    use std::signer;
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};
    use holdfast_shard::errors;
    use holdfast_shard::home;

    struct Governance has key {
        operator: address,
        fees: Coin<AptosCoin>,
    }

    package fun initialize(owner: &signer, operator: address) {
        move_to(owner, Governance { operator, fees: coin::zero() })
    }

    package fun collect(fee: Coin<AptosCoin>) acquires Governance {
        coin::merge(&mut borrow_global_mut<Governance>(@holdfast_shard).fees, fee)
    }

    /// Pays out of the fees.
    entry fun withdraw(operator: &signer, to: address, amount: u64) acquires Governance {
        assert_operator(operator);
        let fees = &mut borrow_global_mut<Governance>(@holdfast_shard).fees;
        assert!(amount > 0, errors::bad_amount());
        assert!(amount <= coin::value(fees), errors::insufficient_balance());
        aptos_account::deposit_coins(to, coin::extract(fees, amount))
    }

    /// Hands the office on.
    entry fun change_operator(operator: &signer, successor: address) acquires Governance {
        assert_operator(operator);
        borrow_global_mut<Governance>(@holdfast_shard).operator = successor
    }

    /// On the root, where alone there is one.
    package fun assert_operator(account: &signer) acquires Governance {
        home::assert_root();
        assert!(signer::address_of(account) == get_operator(), errors::not_authorised())
    }

    #[view]
    public fun get_operator(): address acquires Governance {
        borrow_global<Governance>(@holdfast_shard).operator
    }

    #[view]
    /// Fees that were paid and not handed on.
    public fun balance(): u64 acquires Governance {
        coin::value(&borrow_global<Governance>(@holdfast_shard).fees)
    }
}
