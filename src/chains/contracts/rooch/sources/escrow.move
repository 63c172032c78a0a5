/// What channels own: states, assets and stakes that were moved into them. They are held under the
/// account that created the channel, since only it signed when they were first needed, but nobody,
/// that account included, reaches them except through the channel's own rules.
module rooch::escrow {
    use std::bcs;
    use std::signer;
    use aptos_framework::coin::{Self, Coin};
    use aptos_std::table::{Self, Table};
    use rooch::errors;
    use rooch::shared_stake;

    struct States<StateT: key + store> has key {
        /// By channel.
        values: Table<u64, StateT>,
    }

    struct Assets<AssetT: key + store> has key {
        values: Table<SeatKey, AssetT>,
    }

    struct Stakes<phantom CoinT> has key {
        /// What is left of a forfeited stake stays here for ever: it is nobody's, least of all those
        /// who voted.
        values: Table<SeatKey, Coin<CoinT>>,
    }

    struct SeatKey has copy, drop {
        channel: u64,
        seat: u64,
    }

    /// Makes the creator's account able to hold what channels of these types own.
    package fun open<StateT: key + store, AssetT: key + store, CoinT>(creator: &signer) {
        let holder = signer::address_of(creator);
        if (!exists<States<StateT>>(holder)) {
            move_to(creator, States<StateT> { values: table::new() })
        };
        if (!exists<Assets<AssetT>>(holder)) {
            move_to(creator, Assets<AssetT> { values: table::new() })
        };
        if (!exists<Stakes<CoinT>>(holder)) {
            move_to(creator, Stakes<CoinT> { values: table::new() })
        }
    }

    package fun put_state<StateT: key + store>(
        holder: address,
        channel: u64,
        state: StateT,
    ) acquires States {
        table::add(&mut borrow_global_mut<States<StateT>>(holder).values, channel, state)
    }

    package fun take_state<StateT: key + store>(
        holder: address,
        channel: u64,
    ): StateT acquires States {
        table::remove(&mut borrow_global_mut<States<StateT>>(holder).values, channel)
    }

    package fun state_bytes<StateT: key + store>(
        holder: address,
        channel: u64,
    ): vector<u8> acquires States {
        bcs::to_bytes(table::borrow(&borrow_global<States<StateT>>(holder).values, channel))
    }

    package fun put_asset<AssetT: key + store>(
        holder: address,
        channel: u64,
        seat: u64,
        asset: AssetT,
    ) acquires Assets {
        let values = &mut borrow_global_mut<Assets<AssetT>>(holder).values;
        table::add(values, SeatKey { channel, seat }, asset)
    }

    package fun take_asset<AssetT: key + store>(
        holder: address,
        channel: u64,
        seat: u64,
    ): AssetT acquires Assets {
        let values = &mut borrow_global_mut<Assets<AssetT>>(holder).values;
        table::remove(values, SeatKey { channel, seat })
    }

    package fun asset_bytes<AssetT: key + store>(
        holder: address,
        channel: u64,
        seat: u64,
    ): vector<u8> acquires Assets {
        let values = &borrow_global<Assets<AssetT>>(holder).values;
        let key = SeatKey { channel, seat };
        if (table::contains(values, key)) bcs::to_bytes(table::borrow(values, key)) else vector[]
    }

    /// Takes a stake from the member's account, or exposes what it holds in `shared_stake`. Aborts
    /// with E_STAKE where it cannot pay.
    package fun put_stake<CoinT>(
        holder: address,
        channel: u64,
        seat: u64,
        member: &signer,
        amount: u64,
        is_shared: bool,
    ) acquires Stakes {
        if (amount == 0) return;
        let owner = signer::address_of(member);
        if (is_shared) {
            shared_stake::expose<CoinT>(owner, amount);
            return
        };
        assert!(coin::balance<CoinT>(owner) >= amount, errors::stake());
        let values = &mut borrow_global_mut<Stakes<CoinT>>(holder).values;
        table::add(values, SeatKey { channel, seat }, coin::withdraw<CoinT>(member, amount))
    }

    /// Pays a seat's stake back. What was forfeited has no claim and is not asked for.
    package fun return_stake<CoinT>(
        holder: address,
        channel: u64,
        seat: u64,
        owner: address,
        amount: u64,
    ) acquires Stakes {
        if (amount == 0) return;
        let values = &mut borrow_global_mut<Stakes<CoinT>>(holder).values;
        let key = SeatKey { channel, seat };
        if (!table::contains(values, key)) {
            shared_stake::release<CoinT>(owner, amount);
            return
        };
        aptos_framework::aptos_account::deposit_coins(owner, table::remove(values, key))
    }

    /// Pays a part of what the owner's seat has forfeited to somebody else; the rest stays for ever.
    package fun pay_fine<CoinT>(
        holder: address,
        channel: u64,
        seat: u64,
        owner: address,
        receiver: address,
        amount: u64,
    ) acquires Stakes {
        let values = &mut borrow_global_mut<Stakes<CoinT>>(holder).values;
        let key = SeatKey { channel, seat };
        let paid =
            if (table::contains(values, key)) {
                coin::extract(table::borrow_mut(values, key), amount)
            } else {
                shared_stake::take<CoinT>(owner, amount)
            };
        aptos_framework::aptos_account::deposit_coins(receiver, paid)
    }
}
