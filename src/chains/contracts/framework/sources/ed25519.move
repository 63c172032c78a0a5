/// Ed25519 signatures under one acceptance rule on every engine.
module aptos_std::ed25519 {
    /// True when `signature` (64 bytes) is a signature of `message` by `public_key` (32 bytes).
    /// Strict: a non-canonical or small-order key or R, an S that is not below the group order and
    /// a wrong length are false, never an abort.
    native public fun verify_strict(
        signature: vector<u8>,
        public_key: vector<u8>,
        message: vector<u8>,
    ): bool;
}
