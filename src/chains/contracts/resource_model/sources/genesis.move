/// The first state of the resource model. The chain alone calls this, once, when the package has
/// been published.
module resource_model::genesis {
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::coin;
    use resource_model::config;
    use resource_model::fees;
    use resource_model::multisig;
    use resource_model::producers;
    use resource_model::ram;
    use resource_model::vault;
    use resource_model::votes;

    /// `owner` signs for this package's account, `faucet` for the account that has all coins and
    /// that becomes the foundation; `reserve` units of its are what blocks are rewarded with. The
    /// producers' keys are in the order of their names.
    fun initialize(
        owner: signer,
        faucet: signer,
        names: vector<address>,
        keys: vector<vector<u8>>,
        reserve: u64,
    ) {
        config::initialize(&owner);
        fees::initialize(&owner);
        vault::initialize(&owner, coin::withdraw<AptosCoin>(&faucet, reserve));
        producers::initialize(&owner, names, keys, std::signer::address_of(&faucet));
        votes::initialize(&owner);
        ram::initialize(&owner);
        multisig::initialize(&owner)
    }
}
