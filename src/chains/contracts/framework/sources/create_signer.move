/// The framework's own power to act for an address, as it needs to make accounts and coin stores.
module aptos_framework::create_signer {
    native package fun create_signer(addr: address): signer;
}
