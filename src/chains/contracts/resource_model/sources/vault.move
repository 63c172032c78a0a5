/// The coins that the resource model holds: what waits for block makers and voters, what voters
/// have staked, and what later blocks will be rewarded with. Each pile belongs to one address, so
/// that who may take it is plain.
module resource_model::vault {
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin::{Self, Coin};

    struct Vault has key {
        /// What a producer's voters share, by producer.
        rewards: Table<address, Coin<AptosCoin>>,
        /// What is a producer's own, by producer.
        commissions: Table<address, Coin<AptosCoin>>,
        /// Staked and being unstaked, by voter.
        stakes: Table<address, Coin<AptosCoin>>,
        /// What blocks are rewarded with; one pile, under this package's address.
        reserve: Table<address, Coin<AptosCoin>>,
    }

    package fun initialize(owner: &signer, reserve: Coin<AptosCoin>) {
        let vault = Vault {
            rewards: table::new(),
            commissions: table::new(),
            stakes: table::new(),
            reserve: table::new(),
        };
        put(&mut vault.reserve, @resource_model, reserve);
        move_to(owner, vault)
    }

    fun put(piles: &mut Table<address, Coin<AptosCoin>>, of: address, coins: Coin<AptosCoin>) {
        if (table::contains(piles, of)) {
            coin::merge(table::borrow_mut(piles, of), coins)
        } else {
            table::add(piles, of, coins)
        }
    }

    /// Aborts where the pile is smaller.
    fun take(
        piles: &mut Table<address, Coin<AptosCoin>>,
        of: address,
        amount: u64,
    ): Coin<AptosCoin> {
        if (amount == 0) return coin::zero();
        coin::extract(table::borrow_mut(piles, of), amount)
    }

    fun size(piles: &Table<address, Coin<AptosCoin>>, of: address): u64 {
        if (table::contains(piles, of)) coin::value(table::borrow(piles, of)) else 0
    }

    package fun add_reward(producer: address, coins: Coin<AptosCoin>) acquires Vault {
        if (coin::value(&coins) == 0) {
            coin::destroy_zero(coins)
        } else {
            put(&mut borrow_global_mut<Vault>(@resource_model).rewards, producer, coins)
        }
    }

    /// From a producer's pool to one who is entitled to a part of it.
    package fun pay_reward(producer: address, to: address, amount: u64) acquires Vault {
        if (amount == 0) return;
        let rewards = &mut borrow_global_mut<Vault>(@resource_model).rewards;
        aptos_account::deposit_coins(to, take(rewards, producer, amount))
    }

    /// Rent that votes have paid: from what voters share to what is the producer's own.
    package fun realise_rent(producer: address, amount: u64) acquires Vault {
        if (amount == 0) return;
        let vault = borrow_global_mut<Vault>(@resource_model);
        let rent = take(&mut vault.rewards, producer, amount);
        put(&mut vault.commissions, producer, rent)
    }

    /// From the reserve: `shared` to the producer's voters, `own` to the producer, `founders` to
    /// the foundation. Nothing at all once the reserve holds less.
    package fun reward_block(
        producer: address,
        shared: u64,
        own: u64,
        foundation: address,
        founders: u64,
    ) acquires Vault {
        let vault = borrow_global_mut<Vault>(@resource_model);
        if (size(&vault.reserve, @resource_model) < shared + own + founders) return;
        if (shared > 0) {
            let part = take(&mut vault.reserve, @resource_model, shared);
            put(&mut vault.rewards, producer, part)
        };
        if (own > 0) {
            let part = take(&mut vault.reserve, @resource_model, own);
            put(&mut vault.commissions, producer, part)
        };
        if (founders > 0) {
            let part = take(&mut vault.reserve, @resource_model, founders);
            put(&mut vault.commissions, foundation, part)
        }
    }

    /// Pays out all that is an address's own.
    package fun pay_commission(to: address) acquires Vault {
        let commissions = &mut borrow_global_mut<Vault>(@resource_model).commissions;
        if (table::contains(commissions, to)) {
            aptos_account::deposit_coins(to, table::remove(commissions, to))
        }
    }

    package fun add_stake(voter: address, coins: Coin<AptosCoin>) acquires Vault {
        put(&mut borrow_global_mut<Vault>(@resource_model).stakes, voter, coins)
    }

    package fun return_stake(voter: address, amount: u64) acquires Vault {
        let stakes = &mut borrow_global_mut<Vault>(@resource_model).stakes;
        aptos_account::deposit_coins(voter, take(stakes, voter, amount))
    }

    #[view]
    /// What a producer's voters share.
    public fun rewards_pool(producer: address): u64 acquires Vault {
        size(&borrow_global<Vault>(@resource_model).rewards, producer)
    }

    #[view]
    /// What an address can claim as its own.
    public fun commission(producer: address): u64 acquires Vault {
        size(&borrow_global<Vault>(@resource_model).commissions, producer)
    }

    #[view]
    /// What a voter has staked or is unstaking, for whatever end.
    public fun staked(voter: address): u64 acquires Vault {
        size(&borrow_global<Vault>(@resource_model).stakes, voter)
    }

    #[view]
    /// What blocks can still be rewarded with.
    public fun reserve(): u64 acquires Vault {
        size(&borrow_global<Vault>(@resource_model).reserve, @resource_model)
    }
}
