/// How a shard is run: how many peers (N), how many of them have a seat (K), how many of those may
/// fail (C), and what its blocks cost and take. The names are those of VBFT, whose settings they
/// were.
module holdfast_shard::config {
    use holdfast_shard::errors;

    /// Peers of one shard: an epoch's end looks at all of them.
    const PEERS_MAX: u32 = 100;
    /// K must be 3 C + 1 at least: any two sets of K - C then have an honest peer in common.
    const SEATS_PER_FAULT: u32 = 3;
    /// Places in the position table for each seat, at least.
    const PLACES_PER_SEAT: u32 = 16;
    const PLACES_MAX: u32 = 1_000_000;
    const MESSAGE_DELAY_MS_MIN: u32 = 5_000;
    const HANDSHAKE_TIMEOUT_S_MIN: u32 = 10;
    const INIT_STAKE_MIN: u64 = 10_000;
    const DEFAULT_GAS_PRICE: u64 = 500;
    const DEFAULT_GAS_LIMIT: u64 = 200_000;

    struct Config has copy, drop, store {
        /// Peers, with seats and without.
        n: u32,
        /// Seats.
        k: u32,
        /// Seats whose peers may fail in any way.
        c: u32,
        /// Length of the table by which VBFT draws proposers. Here they take turns.
        l: u32,
        block_msg_delay_ms: u32,
        hash_msg_delay_ms: u32,
        peer_handshake_timeout_s: u32,
        /// Blocks after which an epoch may end.
        max_block_change_view: u64,
        /// Units.
        min_init_stake: u64,
        gas_price: u64,
        gas_limit: u64,
    }

    /// Nothing is set yet.
    package fun none(): Config {
        Config {
            n: 0,
            k: 0,
            c: 0,
            l: 0,
            block_msg_delay_ms: 0,
            hash_msg_delay_ms: 0,
            peer_handshake_timeout_s: 0,
            max_block_change_view: 0,
            min_init_stake: 0,
            gas_price: 0,
            gas_limit: 0,
        }
    }

    /// Fills in what is 0 and has a default, then checks. `least_k` is the network's own bound.
    package fun checked(asked: Config, least_k: u32): Config {
        let config = with_defaults(asked);
        let Config { n, k, c, l, .. } = config;
        assert!(n >= k && n <= PEERS_MAX && k >= least_k, errors::bad_config());
        assert!(c > 0 && k > c && (k - 1) / SEATS_PER_FAULT >= c, errors::bad_config());
        assert!(l >= PLACES_PER_SEAT * k && l % k == 0 && l <= PLACES_MAX, errors::bad_config());
        let is_patient = config.block_msg_delay_ms >= MESSAGE_DELAY_MS_MIN
            && config.hash_msg_delay_ms >= MESSAGE_DELAY_MS_MIN
            && config.peer_handshake_timeout_s >= HANDSHAKE_TIMEOUT_S_MIN;
        assert!(is_patient, errors::bad_config());
        let is_staked = config.min_init_stake >= INIT_STAKE_MIN;
        assert!(is_staked && config.max_block_change_view > 0, errors::bad_config());
        let is_priced = config.gas_price > 0 && config.gas_limit > 0;
        assert!(is_priced, errors::bad_config());
        config
    }

    fun with_defaults(config: Config): Config {
        if (config.c == 0 && config.k > 0) config.c = (config.k - 1) / SEATS_PER_FAULT;
        if (config.l == 0 && config.k <= PEERS_MAX) config.l = PLACES_PER_SEAT * config.k;
        if (config.gas_price == 0 && config.gas_limit == 0) {
            config.gas_price = DEFAULT_GAS_PRICE;
            config.gas_limit = DEFAULT_GAS_LIMIT
        };
        config
    }

    package fun of(
        n: u32,
        k: u32,
        c: u32,
        l: u32,
        block_msg_delay_ms: u32,
        hash_msg_delay_ms: u32,
        peer_handshake_timeout_s: u32,
        max_block_change_view: u64,
        min_init_stake: u64,
        gas_price: u64,
        gas_limit: u64,
    ): Config {
        Config {
            n,
            k,
            c,
            l,
            block_msg_delay_ms,
            hash_msg_delay_ms,
            peer_handshake_timeout_s,
            max_block_change_view,
            min_init_stake,
            gas_price,
            gas_limit,
        }
    }

    package fun n(self: &Config): u32 {
        self.n
    }

    package fun k(self: &Config): u32 {
        self.k
    }

    package fun c(self: &Config): u32 {
        self.c
    }

    /// Blocks after which an epoch may end.
    package fun epoch_blocks(self: &Config): u64 {
        self.max_block_change_view
    }

    package fun min_init_stake(self: &Config): u64 {
        self.min_init_stake
    }

    /// Peers in office that must agree.
    package fun required(self: &Config): u64 {
        ((self.k - self.c) as u64)
    }
}
