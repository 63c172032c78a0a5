/// The numbers with which this package refuses, in one place: an abort code means the same in every
/// module of the package.
module resource_model::errors {
    /// Only the account itself, or the producers together, may do this.
    package inline fun not_authorised(): u64 { 1 }

    /// A fee is 0.01 to 200 coins, in whole hundredths.
    package inline fun bad_fee(): u64 { 2 }

    /// Neither `module::function` nor a name as a setting, proposal or producer may have.
    package inline fun bad_name(): u64 { 3 }

    /// No producer of this name makes blocks here.
    package inline fun unknown_producer(): u64 { 4 }

    /// A stake is in whole coins.
    package inline fun fractional_stake(): u64 { 5 }

    /// There are not so many coins available.
    package inline fun insufficient_balance(): u64 { 6 }

    /// The stake is what it was.
    package inline fun unchanged_stake(): u64 { 7 }

    /// The producer is barred: its stake may only become smaller.
    package inline fun producer_barred(): u64 { 8 }

    /// The account stores more bytes than it would then rent, or than it rents.
    package inline fun ram_usage_exceeded(): u64 { 9 }

    /// The voter has no stake for this producer.
    package inline fun no_stake(): u64 { 10 }

    /// Nothing is being unstaked.
    package inline fun nothing_unstaking(): u64 { 11 }

    /// What is being unstaked is frozen still.
    package inline fun unfreeze_too_early(): u64 { 12 }

    /// There is no voteage yet to share by.
    package inline fun claim_too_early(): u64 { 13 }

    /// A setting is out of its range.
    package inline fun bad_setting(): u64 { 14 }

    /// The list is full.
    package inline fun too_many(): u64 { 15 }

    /// Not one of the producers in office.
    package inline fun not_in_office(): u64 { 16 }

    /// No proposal of this name, or there is one already.
    package inline fun bad_proposal(): u64 { 17 }

    /// Too few of the producers in office approve.
    package inline fun not_passed(): u64 { 18 }

    /// A key, a rate or an address of a producer that is none.
    package inline fun bad_producer(): u64 { 19 }

    /// The actions used more CPU than their fees bought.
    package inline fun cpu_usage_exceeded(): u64 { 20 }

    /// The transaction has more bytes than its actions' fees bought.
    package inline fun net_usage_exceeded(): u64 { 21 }

    /// The actions stored more than they are allowed to.
    package inline fun action_ram_exceeded(): u64 { 22 }

    /// The actions cost more than the transaction allows.
    package inline fun fee_limit_exceeded(): u64 { 23 }

    /// This chain runs no action that has no fee.
    package inline fun no_fee(): u64 { 24 }

    /// Actions are queued too deep, or too many.
    package inline fun too_many_actions(): u64 { 25 }

    /// What was queued names no function or no type.
    package inline fun bad_action(): u64 { 26 }

    /// The chain does this by itself.
    package inline fun no_call(): u64 { 27 }
}
