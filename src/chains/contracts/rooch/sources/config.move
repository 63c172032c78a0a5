/// How a channel is set up: what its contract chooses when it creates it. Everything here is hashed
/// into the channel's identity, so nobody plays under other settings than the others.
module rooch::config {
    use std::string::{Self, String};
    use std::vector;
    use rooch::errors;

    const DAY_MS: u64 = 86_400_000;
    /// As long as a member may be silent: nobody can be heard in less.
    const WINDOW_MS_MIN: u64 = 15_000;
    /// A member's certificate needs a few blocks to reach the chain.
    const WINDOW_OF_EXCLUSION_MS: u64 = 10_000;
    const WINDOW_OF_EXCLUSION_MS_MIN: u64 = 5_000;
    /// Elections without candidates serve this many.
    const MEMBERS: u64 = 5;
    /// A certificate of all of them fits a transaction several times over.
    const MEMBERS_MAX: u64 = 64;
    const TICK_INTERVAL_MS_MIN: u64 = 10;
    const LABELS_MAX: u64 = 8;
    const KEY_SIZE_MAX: u64 = 64;
    const FUNCTION_SIZE_MAX: u64 = 256;
    const HASH_SIZE: u64 = 32;
    const NO_HASH: vector<u8> =
        x"0000000000000000000000000000000000000000000000000000000000000000";

    struct Config has copy, drop, store {
        /// Units of the channel's coin that every seat puts at stake.
        stake: u64,
        /// How long a settlement that not everybody voted for may be contested.
        dispute_window_ms: u64,
        /// How long a silent member has to be heard before half of the others or fewer may remove
        /// it, and how long an admission may be shown against a member that takes its join back.
        challenge_window_ms: u64,
        /// How long members may show what they had confirmed before a punished seat is out of the
        /// configuration.
        exclusion_window_ms: u64,
        /// Seats that may be in at once.
        members_max: u64,
        /// Whether stakes are exposures of what members hold in `shared_stake`, which backs many
        /// channels at once.
        is_stake_shared: bool,
        /// As `0x21::game::on_tick`; empty where the channel has no ticks.
        tick_function: String,
        tick_interval_ms: u64,
        /// Hash of what execution depends on; zero where the chain does not judge by executing
        /// again.
        execution_profile: vector<u8>,
        labels: vector<Label>,
    }

    struct Label has copy, drop, store {
        key: String,
        value: address,
    }

    package fun new(stake: u64): Config {
        Config {
            stake,
            dispute_window_ms: DAY_MS,
            challenge_window_ms: DAY_MS,
            exclusion_window_ms: WINDOW_OF_EXCLUSION_MS,
            members_max: MEMBERS,
            is_stake_shared: false,
            tick_function: string::utf8(b""),
            tick_interval_ms: 0,
            execution_profile: NO_HASH,
            labels: vector[],
        }
    }

    /// At least 15 s.
    public fun set_dispute_window_ms(self: &mut Config, window_ms: u64) {
        assert!(window_ms >= WINDOW_MS_MIN, errors::bad_config());
        self.dispute_window_ms = window_ms
    }

    /// At least 15 s.
    public fun set_challenge_window_ms(self: &mut Config, window_ms: u64) {
        assert!(window_ms >= WINDOW_MS_MIN, errors::bad_config());
        self.challenge_window_ms = window_ms
    }

    /// 5 s to a day.
    public fun set_exclusion_window_ms(self: &mut Config, window_ms: u64) {
        assert!(
            window_ms >= WINDOW_OF_EXCLUSION_MS_MIN && window_ms <= DAY_MS,
            errors::bad_config()
        );
        self.exclusion_window_ms = window_ms
    }

    /// 1 to 64. Above five, leaders are elected from five candidates.
    public fun set_members_max(self: &mut Config, members_max: u64) {
        assert!(members_max > 0 && members_max <= MEMBERS_MAX, errors::bad_config());
        self.members_max = members_max
    }

    /// Has members stake out of what they hold in `shared_stake`.
    public fun share_stake(self: &mut Config) { self.is_stake_shared = true }

    /// @param function `address::module::function`, called with the tick's time.
    /// @param interval_ms at least 10.
    public fun set_tick(self: &mut Config, function: String, interval_ms: u64) {
        let size = string::length(&function);
        assert!(
            size > 0 && size <= FUNCTION_SIZE_MAX && interval_ms >= TICK_INTERVAL_MS_MIN,
            errors::bad_config()
        );
        self.tick_function = function;
        self.tick_interval_ms = interval_ms
    }

    /// @param profile 32 bytes.
    public fun set_execution_profile(self: &mut Config, profile: vector<u8>) {
        assert!(vector::length(&profile) == HASH_SIZE, errors::bad_config());
        self.execution_profile = profile
    }

    /// Names an address that the channel's contract wants to find again; at most 8, each name once.
    public fun add_label(self: &mut Config, key: String, value: address) {
        let size = string::length(&key);
        assert!(
            size > 0 && size <= KEY_SIZE_MAX && vector::length(&self.labels) < LABELS_MAX,
            errors::bad_config()
        );
        let (found, _) = find_label(self, &key);
        assert!(!found, errors::bad_config());
        vector::push_back(&mut self.labels, Label { key, value })
    }

    package fun label(self: &Config, key: String): address {
        let (found, i) = find_label(self, &key);
        assert!(found, errors::no_label());
        vector::borrow(&self.labels, i).value
    }

    package fun stake(self: &Config): u64 { self.stake }

    package fun dispute_window_ms(self: &Config): u64 { self.dispute_window_ms }

    package fun challenge_window_ms(self: &Config): u64 { self.challenge_window_ms }

    package fun exclusion_window_ms(self: &Config): u64 { self.exclusion_window_ms }

    package fun tick_interval_ms(self: &Config): u64 { self.tick_interval_ms }

    package fun members_max(self: &Config): u64 { self.members_max }

    package fun is_stake_shared(self: &Config): bool { self.is_stake_shared }

    package fun execution_profile(self: &Config): vector<u8> { self.execution_profile }

    fun find_label(self: &Config, key: &String): (bool, u64) {
        for (i in 0..vector::length(&self.labels)) {
            if (&vector::borrow(&self.labels, i).key == key) return (true, i)
        };
        (false, 0)
    }
}
