/// A contract that is paid and passes on half of it to each of two accounts, as the seed's `testc`
/// does.
module trial::receiver {
    use std::bcs;
    use aptos_std::bcs_stream;
    use aptos_framework::action;

    /// Nobody pays this much here.
    const EUNWELCOME: u64 = 1;

    const UNWELCOME: u64 = 17;
    const TIRING: u64 = 13;

    fun on_notify(
        module_address: address,
        module_name: vector<u8>,
        function: vector<u8>,
        _type_args: vector<vector<u8>>,
        args: vector<vector<u8>>,
    ) {
        if (module_address != @0x1 || module_name != b"aptos_account") return;
        if (function != b"transfer") return;
        let amount = bcs_stream::new(args.pop_back());
        let to = bcs_stream::new(args.pop_back());
        let from = bcs_stream::new(args.pop_back());
        if (bcs_stream::deserialize_address(&mut to) != @trial) return;
        if (bcs_stream::deserialize_address(&mut from) == @trial) return;
        let amount = bcs_stream::deserialize_u64(&mut amount);
        assert!(amount != UNWELCOME, EUNWELCOME);
        if (amount == TIRING) work();
        let half = amount / 2;
        pay(@0x7e57a, half);
        pay(@0x7e57b, half)
    }

    fun work() {
        let rounds = 5_000;
        while (rounds > 0) rounds = rounds - 1
    }

    fun pay(to: address, amount: u64) {
        let args = vector[bcs::to_bytes(&to), bcs::to_bytes(&amount)];
        action::queue_inline(@0x1, b"aptos_account", b"transfer", vector[], args)
    }
}
