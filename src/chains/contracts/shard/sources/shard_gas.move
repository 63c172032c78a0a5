/// Gas for shards: coins go from the root to a shard and come back. On the root coins are deposited,
/// and released when enough peers in office confirm that the shard wants them back; on a shard they
/// are asked back, and fees are committed.
module holdfast_shard::shard_gas {
    use std::bcs;
    use std::hash;
    use std::option::Option;
    use std::signer;
    use std::vector;
    use aptos_std::table::{Self, Table};
    use aptos_framework::aptos_account;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin;
    use aptos_framework::transaction_fee;
    use holdfast_shard::confirmation::{Self, Confirmations};
    use holdfast_shard::custody;
    use holdfast_shard::errors;
    use holdfast_shard::fee_commit::{Self, FeeCommit};
    use holdfast_shard::gas_account;
    use holdfast_shard::governance;
    use holdfast_shard::home;
    use holdfast_shard::peer_key;
    use holdfast_shard::pool;
    use holdfast_shard::shard_event;
    use holdfast_shard::shard_mgmt;
    use holdfast_shard::shard_stake;
    use holdfast_shard::withdrawal::{Self, Unfinished};

    /// Version of the contract, once its operator has begun it.
    const VERSION: u64 = 1;
    /// All there is of the native coin.
    const TOTAL_SUPPLY: u64 = 1_000_000_000_000_000;
    const HASH_SIZE: u64 = 32;

    /// A peer says: this was asked back on the shard.
    struct WithdrawStatement has drop {
        shard_id: u64,
        user: address,
        withdraw_id: u64,
        amount: u64,
    }

    /// A peer says: this epoch of the shard ended in this block with these fees.
    struct CommitStatement has copy, drop, store {
        shard_id: u64,
        epoch: u64,
        height: u64,
        block_hash: vector<u8>,
        fee_amount: u64,
    }

    struct WithdrawalName has copy, drop, store {
        shard_id: u64,
        user: address,
        withdraw_id: u64,
    }

    struct EpochName has copy, drop, store {
        shard_id: u64,
        epoch: u64,
    }

    /// On the root.
    struct ShardGas has key {
        version: u64,
        withdraw_confirmations: Confirmations,
        commit_confirmations: Confirmations,
        /// Amounts of the withdrawals that were paid.
        released: Table<WithdrawalName, u64>,
        /// Hashes of the statements by which epochs ended.
        committed: Table<EpochName, vector<u8>>,
    }

    struct RootFigures has drop {
        /// Coins here, of all shards.
        custody: u64,
        balance: u64,
        deposited: u128,
        released: u128,
        fees: u128,
    }

    struct ShardFigures has drop {
        supply: u128,
        /// Coins that are in nobody's hands.
        pool: u64,
        /// Fees that are not committed.
        fees: u64,
        deposited: u128,
        requested: u128,
        finished: u128,
        committed: u128,
    }

    package fun initialize(owner: &signer) {
        let gas = ShardGas {
            version: 0,
            withdraw_confirmations: confirmation::new(),
            commit_confirmations: confirmation::new(),
            released: table::new(),
            committed: table::new(),
        };
        move_to(owner, gas)
    }

    // On the root.

    /// Opens the contract, once.
    entry fun init(operator: &signer) acquires ShardGas {
        governance::assert_operator(operator);
        let gas = borrow_global_mut<ShardGas>(@holdfast_shard);
        assert!(gas.version == 0, errors::wrong_version());
        gas.version = VERSION
    }

    /// Lends coins to a shard: the same address has them there once a block of the shard has taken
    /// the deposit in.
    entry fun deposit_gas(user: &signer, shard_id: u64, amount: u64) acquires ShardGas {
        home::assert_root();
        assert!(amount > 0 && amount <= TOTAL_SUPPLY, errors::bad_amount());
        assert!(get_version() == VERSION, errors::wrong_version());
        shard_mgmt::assert_active(shard_id);
        let addr = signer::address_of(user);
        let is_enough = coin::balance<AptosCoin>(addr) >= amount;
        assert!(is_enough, errors::insufficient_balance());
        custody::put(shard_id, coin::withdraw<AptosCoin>(user, amount));
        gas_account::note_deposit(shard_id, addr, amount);
        shard_event::emit_deposit(shard_id, addr, amount)
    }

    /// `deposit_gas` under a number, which is how many deposits the account has made for the shard:
    /// repeated, it is refused.
    entry fun deposit_gas_once(
        user: &signer,
        shard_id: u64,
        amount: u64,
        number: u64,
    ) acquires ShardGas {
        gas_account::assert_next(shard_id, signer::address_of(user), number);
        deposit_gas(user, shard_id, amount)
    }

    /// A peer confirms a withdrawal. The confirmation that is the last one needed pays, once for
    /// all; it and every later one tell the shard so, in case it has not heard.
    entry fun peer_confirm_withdraw(
        node: &signer,
        key: vector<u8>,
        user: address,
        shard_id: u64,
        amount: u64,
        withdraw_id: u64,
    ) acquires ShardGas {
        let in_office = assert_in_office(node, &key, shard_id);
        assert!(amount > 0 && withdraw_id > 0, errors::bad_amount());
        let gas = borrow_global_mut<ShardGas>(@holdfast_shard);
        let name = WithdrawalName { shard_id, user, withdraw_id };
        if (table::contains(&gas.released, name)) {
            assert!(*table::borrow(&gas.released, name) == amount, errors::other_amount());
            shard_event::emit_withdraw_done(shard_id, user, withdraw_id);
            return
        };
        let statement = hash_of_withdrawal(shard_id, user, withdraw_id, amount);
        let confirmations = &mut gas.withdraw_confirmations;
        confirmation::add(confirmations, statement, key);
        let count = confirmation::count(confirmations, statement, &in_office);
        if (count < shard_mgmt::get_required(shard_id)) return;
        confirmation::clear(confirmations, statement);
        table::add(&mut gas.released, name, amount);
        gas_account::note_release(shard_id, user, amount);
        aptos_account::deposit_coins(user, custody::release(shard_id, amount));
        shard_event::emit_withdraw_done(shard_id, user, withdraw_id)
    }

    /// A peer confirms that an epoch of the shard has ended. With C + 1 confirmations stakes stand
    /// still, for then an honest peer is among them; with K - C the fees are shared and the next
    /// epoch begins.
    entry fun commit_dpos(
        node: &signer,
        key: vector<u8>,
        shard_id: u64,
        epoch: u64,
        height: u64,
        block_hash: vector<u8>,
        fee_amount: u64,
    ) acquires ShardGas {
        let in_office = assert_in_office(node, &key, shard_id);
        shard_mgmt::assert_running(shard_id);
        assert!(vector::length(&block_hash) == HASH_SIZE, errors::bad_hash());
        let said = CommitStatement { shard_id, epoch, height, block_hash, fee_amount };
        let statement = hash::sha3_256(bcs::to_bytes(&said));
        let gas = borrow_global_mut<ShardGas>(@holdfast_shard);
        let name = EpochName { shard_id, epoch };
        if (table::contains(&gas.committed, name)) {
            // Late, and nothing new.
            assert!(*table::borrow(&gas.committed, name) == statement, errors::wrong_epoch());
            return
        };
        assert!(epoch == shard_mgmt::get_epoch(shard_id), errors::wrong_epoch());
        let confirmations = &mut gas.commit_confirmations;
        confirmation::add(confirmations, statement, key);
        let count = confirmation::count(confirmations, statement, &in_office);
        if (count > shard_mgmt::get_faults(shard_id)) shard_stake::lock(shard_id);
        if (count < shard_mgmt::get_required(shard_id)) return;
        confirmation::clear(confirmations, statement);
        table::add(&mut gas.committed, name, statement);
        shard_mgmt::commit_dpos(shard_id, height, custody::release_fees(shard_id, fee_amount))
    }

    /// Closes a shard that was stopped, once nothing of it is left here.
    entry fun archive_shard(creator: &signer, shard_id: u64) {
        shard_mgmt::archive(creator, shard_id);
        let left = custody::balance(&custody::account(shard_id));
        assert!(left == 0, errors::balance_left())
    }

    /// The peers in office, of which `key` must be one and the signer that one's account.
    fun assert_in_office(
        node: &signer,
        key: &vector<u8>,
        shard_id: u64,
    ): vector<vector<u8>> {
        home::assert_root();
        peer_key::assert_is_of(key, node);
        let in_office = shard_mgmt::get_consensus_peers(shard_id);
        assert!(vector::contains(&in_office, key), errors::not_in_office());
        in_office
    }

    fun hash_of_withdrawal(
        shard_id: u64,
        user: address,
        withdraw_id: u64,
        amount: u64,
    ): vector<u8> {
        let said = WithdrawStatement { shard_id, user, withdraw_id, amount };
        hash::sha3_256(bcs::to_bytes(&said))
    }

    // On a shard.

    /// Asks coins back to the root. They leave the shard at once; the root pays when enough of the
    /// shard's peers confirm it.
    entry fun user_withdraw_gas(user: &signer, amount: u64) {
        home::assert_shard();
        let addr = signer::address_of(user);
        assert!(amount > 0, errors::bad_amount());
        let is_enough = coin::balance<AptosCoin>(addr) >= amount;
        assert!(is_enough, errors::insufficient_balance());
        let withdraw_id = withdrawal::begin(addr, amount);
        pool::take_back(coin::withdraw<AptosCoin>(user, amount));
        shard_event::emit_withdraw_request(addr, withdraw_id, amount)
    }

    /// Asks again for what has not been paid. No coins move and no new id is given.
    entry fun withdraw_retry(user: &signer, withdraw_id: u64) {
        home::assert_shard();
        let addr = signer::address_of(user);
        let amount = withdrawal::amount(addr, withdraw_id);
        assert!(amount > 0, errors::has_withdrawn());
        shard_event::emit_withdraw_request(addr, withdraw_id, amount)
    }

    /// The root has paid; tells whether the shard did not know. `shard_sys_msg` alone calls this.
    package fun user_withdraw_success(user: address, withdraw_id: u64): bool {
        withdrawal::finish(user, withdraw_id)
    }

    /// Ends the shard's epoch when its blocks are over: the fees leave for the root. Again, it tells
    /// the root again. Anybody may call it; the shard's own nodes do.
    entry fun shard_commit_dpos(_sender: &signer) {
        home::assert_shard();
        fee_commit::commit()
    }

    // Views on the root.

    #[view]
    public fun get_version(): u64 acquires ShardGas {
        borrow_global<ShardGas>(@holdfast_shard).version
    }

    #[view]
    public fun get_shard_gas_balance(shard_id: u64): u64 {
        custody::balance(&custody::account(shard_id))
    }

    #[view]
    /// Peers in office that have confirmed a withdrawal that is not paid yet.
    public fun get_withdraw_confirm_num(
        shard_id: u64,
        user: address,
        withdraw_id: u64,
        amount: u64,
    ): u64 acquires ShardGas {
        let in_office = shard_mgmt::get_consensus_peers(shard_id);
        let gas = borrow_global<ShardGas>(@holdfast_shard);
        let statement = hash_of_withdrawal(shard_id, user, withdraw_id, amount);
        confirmation::count(&gas.withdraw_confirmations, statement, &in_office)
    }

    #[view]
    /// Keys of all who have confirmed it, in office still or not.
    public fun get_withdraw_confirm_peers(
        shard_id: u64,
        user: address,
        withdraw_id: u64,
        amount: u64,
    ): vector<vector<u8>> acquires ShardGas {
        let gas = borrow_global<ShardGas>(@holdfast_shard);
        let statement = hash_of_withdrawal(shard_id, user, withdraw_id, amount);
        confirmation::peers(&gas.withdraw_confirmations, statement)
    }

    #[view]
    /// What was paid for a withdrawal; 0 for nothing.
    public fun get_released(
        shard_id: u64,
        user: address,
        withdraw_id: u64,
    ): u64 acquires ShardGas {
        let released = &borrow_global<ShardGas>(@holdfast_shard).released;
        *table::borrow_with_default(released, WithdrawalName { shard_id, user, withdraw_id }, &0)
    }

    #[view]
    /// Peers in office that have confirmed an end of the present epoch.
    public fun get_commit_peers_num(
        shard_id: u64,
        epoch: u64,
        height: u64,
        block_hash: vector<u8>,
        fee_amount: u64,
    ): u64 acquires ShardGas {
        let in_office = shard_mgmt::get_consensus_peers(shard_id);
        let said = CommitStatement { shard_id, epoch, height, block_hash, fee_amount };
        let statement = hash::sha3_256(bcs::to_bytes(&said));
        let gas = borrow_global<ShardGas>(@holdfast_shard);
        confirmation::count(&gas.commit_confirmations, statement, &in_office)
    }

    #[view]
    /// Keys of all who have confirmed it, in office still or not.
    public fun get_commit_dpos_peers(
        shard_id: u64,
        epoch: u64,
        height: u64,
        block_hash: vector<u8>,
        fee_amount: u64,
    ): vector<vector<u8>> acquires ShardGas {
        let said = CommitStatement { shard_id, epoch, height, block_hash, fee_amount };
        let statement = hash::sha3_256(bcs::to_bytes(&said));
        let gas = borrow_global<ShardGas>(@holdfast_shard);
        confirmation::peers(&gas.commit_confirmations, statement)
    }

    #[view]
    /// What the root holds, and has held, for a shard.
    public fun get_root_figures(shard_id: u64): RootFigures {
        let account = custody::account(shard_id);
        RootFigures {
            custody: custody::total(),
            balance: custody::balance(&account),
            deposited: custody::deposited(&account),
            released: custody::released(&account),
            fees: custody::fees(&account),
        }
    }

    // Views on a shard.

    #[view]
    /// A user's newest withdrawal; 0 for none.
    public fun get_withdraw_id(user: address): u64 {
        withdrawal::newest(user)
    }

    #[view]
    /// What a withdrawal asks for; 0 when it is finished or never was.
    public fun get_withdraw_by_id(user: address, withdraw_id: u64): u64 {
        withdrawal::amount(user, withdraw_id)
    }

    #[view]
    /// A user's unfinished withdrawals, the newest last.
    public fun get_unfinished(user: address): vector<Unfinished> {
        withdrawal::unfinished(user)
    }

    #[view]
    /// The end of an epoch that the root has not answered yet.
    public fun get_fee_commit(): Option<FeeCommit> {
        fee_commit::pending()
    }

    #[view]
    /// What is and was on this shard.
    public fun get_shard_figures(): ShardFigures {
        ShardFigures {
            supply: *std::option::borrow(&coin::supply<AptosCoin>()),
            pool: pool::size(),
            fees: transaction_fee::pool_balance(@holdfast_shard),
            deposited: pool::deposited(),
            requested: withdrawal::requested(),
            finished: withdrawal::finished(),
            committed: fee_commit::committed(),
        }
    }
}
