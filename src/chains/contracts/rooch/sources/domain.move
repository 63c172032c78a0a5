/// Domain separation: everything hashed or signed begins with 32 bytes that say what kind of object
/// it is, SHA-256("HOLDFAST::" then tag). The channel's SPEC.md, section "Bytes", lists the tags.
module rooch::domain {
    use std::hash;
    use std::vector;

    const ACK: vector<u8> = x"d3bfb4bbda145037c4bf95b7f0eb9d42cbacfb2d472b2d24b8eea6bf7f2fdc5b";
    const CALL: vector<u8> = x"5034e260e45abf4bdc53582d268aa17946df33aad6c8f6264d45cb977a9d5f0b";
    const CHANNEL: vector<u8> =
        x"577a3bd5650a893cf01a95fade4996e738a4f8fb4c4e245a8df0c58888d6d0e6";
    const CONFIGURATION: vector<u8> =
        x"2e6961f9a5eaf508219730bd1763856990780a39f2ac5b6e81551e953d772392";
    const GENESIS: vector<u8> =
        x"fcc9b7e211b90b063e8882b022bed3183303b1023d6c86e464a6ff0c6edba923";
    const HEADER: vector<u8> = x"2f108bcac0d093b5953775c08ef92baa55f56382605889fc16cc29625d6b31c1";
    const NODE_OWNER: vector<u8> =
        x"3ccd98c09fbee2b8c52487646bbdfc1f58e1e88cd2407ac09447eba0d53b60ff";
    const HISTORY_ROOT: vector<u8> =
        x"4b2d073f9b817c8e07073a68b198edff06e8a2da6766f94d21dfbab4031fb105";
    const STEPS_ROOT: vector<u8> =
        x"30b7bfa136b63ddacd17d333d24a7a907999c8094f56cfa4ecd61dcf158dde5f";
    const STEP: vector<u8> = x"4cfc3bde39a8ef7efc508a92bf74b41c6563b7832698ebea3af05d5fbc0a1f1a";
    const ENTRIES: vector<u8> =
        x"0f9ce850dd2f8cf7635f9ba1711708912f103a8fed00164ff605242dea6738ef";
    const REMOVAL: vector<u8> =
        x"7b92a6b3d9e6b4cdec140e5aa802f3893c0e10fed70a56db4f9962778e054edc";

    const STATE_INNER: vector<u8> =
        x"24f4365d70ab0cf8cf64b00fcc9fc6d2e4e05f7086024a452678b964dce75e43";
    const STATE_KEY: vector<u8> =
        x"1e79ccff89d1941998f12c3732624baa60469aee90a0ddb425c5e02592876347";
    const STATE_LEAF: vector<u8> =
        x"ec7a763d7a84c48f97695cb4a29af94f644b1f8a3f4968db0a3ad57d61cb4d0f";

    public fun ack(): vector<u8> { ACK }

    public fun call(): vector<u8> { CALL }

    public fun channel(): vector<u8> { CHANNEL }

    public fun configuration(): vector<u8> { CONFIGURATION }

    public fun genesis(): vector<u8> { GENESIS }

    public fun header(): vector<u8> { HEADER }

    public fun node_owner(): vector<u8> { NODE_OWNER }

    public fun history_root(): vector<u8> { HISTORY_ROOT }

    public fun steps_root(): vector<u8> { STEPS_ROOT }

    public fun step(): vector<u8> { STEP }

    public fun entries(): vector<u8> { ENTRIES }

    public fun removal(): vector<u8> { REMOVAL }

    public fun state_inner(): vector<u8> { STATE_INNER }

    public fun state_key(): vector<u8> { STATE_KEY }

    public fun state_leaf(): vector<u8> { STATE_LEAF }

    /// What is signed for an object: its prefix and its bytes.
    public fun message(prefix: vector<u8>, bytes: vector<u8>): vector<u8> {
        vector::append(&mut prefix, bytes);
        prefix
    }

    /// The hash of an object.
    public fun digest(prefix: vector<u8>, bytes: vector<u8>): vector<u8> {
        hash::sha2_256(message(prefix, bytes))
    }
}
