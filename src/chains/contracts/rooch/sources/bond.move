/// Money put up for what one says of others, in the chain's own coin: returned to who was right,
/// lost by who was not. Half of a lost bond goes to whoever showed it, so that showing is worth its
/// cost; the rest is nobody's, so that losing to oneself is no way to get it back.
module rooch::bond {
    use std::signer;
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};
    use aptos_std::table::{Self, Table};
    use rooch::errors;

    struct Bonds has key {
        held: Table<BondKey, Coin<AptosCoin>>,
        /// Sum of these.
        held_sum: u64,
        /// What was lost and not paid out; nothing takes it out again.
        lost: Coin<AptosCoin>,
    }

    /// What a bond is for: one of a kind under its number.
    struct BondKey has copy, drop {
        channel: u64,
        kind: u8,
        number: u64,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, Bonds { held: table::new(), held_sum: 0, lost: coin::zero() })
    }

    package fun new_key(channel: u64, kind: u8, number: u64): BondKey {
        BondKey { channel, kind, number }
    }

    /// Takes a bond from the sender. Aborts with E_STAKE where it cannot pay.
    package fun post(sender: &signer, key: BondKey, amount: u64) acquires Bonds {
        let owner = signer::address_of(sender);
        assert!(coin::balance<AptosCoin>(owner) >= amount, errors::stake());
        let bond = coin::withdraw<AptosCoin>(sender, amount);
        let bonds = borrow_global_mut<Bonds>(@rooch);
        bonds.held_sum = bonds.held_sum + amount;
        table::add(&mut bonds.held, key, bond)
    }

    /// Pays a bond to `receiver`: back to who put it up, or to whom it was put up for.
    package fun pay(key: BondKey, receiver: address) acquires Bonds {
        let bond = take(borrow_global_mut<Bonds>(@rooch), key);
        aptos_account::deposit_coins(receiver, bond)
    }

    /// Pays half of a bond to the finder; the rest is lost.
    package fun forfeit(key: BondKey, finder: address) acquires Bonds {
        let bonds = borrow_global_mut<Bonds>(@rooch);
        let bond = take(bonds, key);
        let half = coin::value(&bond) / 2;
        let reward = coin::extract(&mut bond, half);
        coin::merge(&mut bonds.lost, bond);
        aptos_account::deposit_coins(finder, reward)
    }

    /// Takes a bond away whole.
    package fun burn(key: BondKey) acquires Bonds {
        let bonds = borrow_global_mut<Bonds>(@rooch);
        let bond = take(bonds, key);
        coin::merge(&mut bonds.lost, bond)
    }

    fun take(bonds: &mut Bonds, key: BondKey): Coin<AptosCoin> {
        let bond = table::remove(&mut bonds.held, key);
        bonds.held_sum = bonds.held_sum - coin::value(&bond);
        bond
    }

    #[view]
    /// All coins that lie here: held for what was said, and lost.
    public fun balance(): u64 acquires Bonds {
        let bonds = borrow_global<Bonds>(@rooch);
        bonds.held_sum + coin::value(&bonds.lost)
    }
}
