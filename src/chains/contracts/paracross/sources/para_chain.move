/// What is called on the parallel chain itself, by its nodes alone: its name, the main block behind
/// each of its own, and the coins that come from the main chain and go back.
module paracross::para_chain {
    use std::signer;
    use std::string::String;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::block;
    use aptos_framework::coin::{Self, Coin};
    use aptos_framework::event;
    use paracross::cross_asset;
    use paracross::crossing;
    use paracross::errors;
    use paracross::title;

    /// Blocks whose status is kept, so that what was not agreed on can be committed after a
    /// restart; nodes stop making blocks long before so many are open.
    const STATUSES_KEPT: u64 = 1_000;

    struct MinerStatus has copy, drop, store {
        title: String,
        height: u64,
        main_block_hash: vector<u8>,
        main_block_height: u64,
        pre_block_hash: vector<u8>,
        pre_state_hash: vector<u8>,
    }

    struct ParaChain has key {
        title: String,
        main_block_height: u64,
        /// The cross-chain action that comes next: each is applied once, in order.
        next_cross_id: u64,
        /// What the main chain holds for none of this chain's accounts.
        reserve: Coin<AptosCoin>,
        /// By height modulo `STATUSES_KEPT`.
        statuses: Table<u64, MinerStatus>,
    }

    #[event]
    struct Miner has drop, store {
        title: String,
        height: u64,
        main_block_hash: vector<u8>,
        main_block_height: u64,
        pre_block_hash: vector<u8>,
        pre_state_hash: vector<u8>,
    }

    #[event]
    struct AssetDeposit has drop, store {
        hash: vector<u8>,
        id: u64,
        account: address,
        amount: u64,
        is_ok: bool,
    }

    #[event]
    struct AssetWithdrawn has drop, store {
        hash: vector<u8>,
        id: u64,
        account: address,
        amount: u64,
        is_ok: bool,
    }

    /// Makes this chain the parallel chain `title`. All coins of the faucet, which genesis gave
    /// them to, become the reserve: an account here has what the main chain locked for it.
    fun initialize(owner: signer, faucet: signer, title: String) {
        title::check(&title);
        assert!(!exists<ParaChain>(@paracross), errors::wrong_chain());
        let supply = coin::balance<AptosCoin>(signer::address_of(&faucet));
        let chain = ParaChain {
            title,
            main_block_height: 0,
            next_cross_id: 0,
            reserve: coin::withdraw<AptosCoin>(&faucet, supply),
            statuses: table::new(),
        };
        move_to(&owner, chain)
    }

    /// The first transaction of a block: on which main block it stands and what lies below it.
    fun mine(
        _owner: signer,
        title: String,
        height: u64,
        main_block_hash: vector<u8>,
        main_block_height: u64,
        pre_block_hash: vector<u8>,
        pre_state_hash: vector<u8>,
    ) acquires ParaChain {
        let chain = borrow_chain();
        assert!(chain.title == title, errors::wrong_chain());
        let is_next = height == block::get_current_block_height()
            && (height == 1 || main_block_height > chain.main_block_height);
        assert!(is_next, errors::out_of_order());
        chain.main_block_height = main_block_height;
        let status = MinerStatus {
            title,
            height,
            main_block_hash,
            main_block_height,
            pre_block_hash,
            pre_state_hash,
        };
        table::upsert(&mut chain.statuses, height % STATUSES_KEPT, status);
        event::emit(Miner {
            title,
            height,
            main_block_hash,
            main_block_height,
            pre_block_hash,
            pre_state_hash,
        })
    }

    /// Credits what the main chain locked. Where it cannot, `is_ok` says so and it goes back there.
    fun deposit(
        _owner: signer,
        id: u64,
        from: address,
        to: address,
        amount: u64,
    ) acquires ParaChain {
        let chain = borrow_next(id);
        let hash = cross_asset::hash_of_parts(chain.title, id, false, from, to, amount);
        crossing::note_arrival(from, amount);
        let is_ok = to != @0x0 && coin::value(&chain.reserve) >= amount;
        if (is_ok) aptos_account::deposit_coins(to, coin::extract(&mut chain.reserve, amount));
        event::emit(AssetDeposit { hash, id, account: to, amount, is_ok })
    }

    /// Takes what the main chain is to release, from the account that asked for it there.
    fun withdraw(
        _owner: signer,
        from: signer,
        id: u64,
        to: address,
        amount: u64,
    ) acquires ParaChain {
        let chain = borrow_next(id);
        let account = signer::address_of(&from);
        let hash = cross_asset::hash_of_parts(chain.title, id, true, account, to, amount);
        let is_ok = coin::balance<AptosCoin>(account) >= amount;
        if (is_ok) {
            coin::merge(&mut chain.reserve, coin::withdraw<AptosCoin>(&from, amount))
        };
        event::emit(AssetWithdrawn { hash, id, account, amount, is_ok })
    }

    inline fun borrow_chain(): &mut ParaChain {
        assert!(exists<ParaChain>(@paracross), errors::wrong_chain());
        borrow_global_mut<ParaChain>(@paracross)
    }

    inline fun borrow_next(id: u64): &mut ParaChain {
        let chain = borrow_chain();
        assert!(chain.next_cross_id == id, errors::out_of_order());
        chain.next_cross_id = id + 1;
        chain
    }

    #[view]
    /// Aborts on a chain that is no parallel chain, as all these do.
    public fun title(): String acquires ParaChain {
        borrow_chain().title
    }

    #[view]
    public fun next_cross_id(): u64 acquires ParaChain {
        borrow_chain().next_cross_id
    }

    #[view]
    /// Coins that no account here has.
    public fun reserve(): u64 acquires ParaChain {
        coin::value(&borrow_chain().reserve)
    }

    #[view]
    /// What was mined at one of the newest 1,000 heights.
    public fun get_status(height: u64): MinerStatus acquires ParaChain {
        let chain = borrow_chain();
        let key = height % STATUSES_KEPT;
        assert!(table::contains(&chain.statuses, key), errors::out_of_order());
        let status = *table::borrow(&chain.statuses, key);
        assert!(status.height == height, errors::out_of_order());
        status
    }
}
