/// The two times that channels go by. Silences and windows run in *active* time, which stands still
/// while no blocks are made: nobody is late because the chain was. Bans run in wall time.
module rooch::clock {
    use aptos_framework::block;
    use aptos_framework::timestamp;

    const MICROSECONDS_PER_MILLISECOND: u64 = 1_000;

    /// Milliseconds of active time.
    package fun active_ms(): u64 {
        block::active_milliseconds()
    }

    /// Milliseconds since the Unix epoch.
    package fun wall_ms(): u64 {
        timestamp::now_microseconds() / MICROSECONDS_PER_MILLISECOND
    }
}
