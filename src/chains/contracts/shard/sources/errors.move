/// The numbers with which this package refuses, in one place: an abort code, or the outcome of a
/// message, means the same in every module of the package.
module holdfast_shard::errors {
    /// This is done on the root only, or on a shard only.
    package inline fun wrong_chain(): u64 { 1 }

    /// The signer has fewer coins than that.
    package inline fun insufficient_balance(): u64 { 2 }

    /// There is no shard of this number.
    package inline fun unknown_shard(): u64 { 3 }

    /// Only the operator, the shard's creator or the peer's owner may do this.
    package inline fun not_authorised(): u64 { 4 }

    /// The shard is not in a state for this.
    package inline fun wrong_state(): u64 { 5 }

    /// A setting is out of its range.
    package inline fun bad_config(): u64 { 6 }

    /// The peer's key has not 32 bytes, or is not that of the signer's account.
    package inline fun wrong_key(): u64 { 7 }

    /// The peer has been approved, has joined or has left.
    package inline fun known_peer(): u64 { 8 }

    /// The peer did not apply, is not approved or has not joined.
    package inline fun unknown_peer(): u64 { 9 }

    /// An epoch is being closed: stakes stand still until it is.
    package inline fun committing(): u64 { 10 }

    /// A peer's own stake would be below the least that the shard asks for.
    package inline fun low_stake(): u64 { 11 }

    /// There is no room: for another shard or peer, or for more of users' stakes.
    package inline fun full(): u64 { 12 }

    /// As many peers as have seats must be in before a shard begins.
    package inline fun incomplete(): u64 { 13 }

    /// The peer is leaving already.
    package inline fun leaving(): u64 { 14 }

    /// Too few peers would stay for all seats.
    package inline fun too_few_peers(): u64 { 15 }

    /// Coins that belong to the shard are still on the root.
    package inline fun balance_left(): u64 { 16 }

    /// The contract was initialised before, or has not been.
    package inline fun wrong_version(): u64 { 17 }

    /// An amount is 0 or more than can exist.
    package inline fun bad_amount(): u64 { 18 }

    /// The key is not that of a peer in office.
    package inline fun not_in_office(): u64 { 19 }

    /// More than the root holds for the shard.
    package inline fun shard_balance_exceeded(): u64 { 20 }

    /// The withdrawal was paid, and the amount was another.
    package inline fun other_amount(): u64 { 21 }

    /// Not the shard's epoch.
    package inline fun wrong_epoch(): u64 { 22 }

    /// A block hash has 32 bytes.
    package inline fun bad_hash(): u64 { 23 }

    /// More than is staked, than may be taken off, or than can be withdrawn.
    package inline fun stake_exceeded(): u64 { 24 }

    /// Users' part of fees is 0 to 100 in a hundred.
    package inline fun bad_proportion(): u64 { 25 }

    /// The user has as many unfinished withdrawals as one may have.
    package inline fun too_many_withdrawals(): u64 { 26 }

    /// The withdrawal is finished, or never was.
    package inline fun has_withdrawn(): u64 { 27 }

    /// The epoch has blocks to come.
    package inline fun early_commit(): u64 { 28 }

    /// The message was dealt with before.
    package inline fun done_before(): u64 { 29 }

    /// The message is of a version that nobody here understands.
    package inline fun unknown_message_version(): u64 { 30 }

    /// The message is of a type that nobody here understands.
    package inline fun unknown_message_type(): u64 { 31 }

    /// The message is for another shard, or its bytes are none of its type.
    package inline fun bad_message(): u64 { 32 }

    /// The message was passed over because applying it failed.
    package inline fun skipped(): u64 { 33 }

    /// What genesis hands over is not the whole supply.
    package inline fun incomplete_supply(): u64 { 34 }

    /// The account has made this deposit before, or another came between.
    package inline fun deposited_before(): u64 { 35 }

    /// The two do not exclude each other, or are nothing that a peer signs.
    package inline fun no_evidence(): u64 { 36 }

    /// The peer has not signed this.
    package inline fun wrong_signature(): u64 { 37 }

    /// The peer was punished: its owner has nothing to say for it any more.
    package inline fun punished(): u64 { 38 }
}
