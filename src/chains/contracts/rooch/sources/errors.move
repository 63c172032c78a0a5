/// The numbers with which this package refuses, in one place: an abort code means the same in every
/// module of the package. 1 to 15 are the seed's.
module rooch::errors {
    /// No channel has this id.
    package inline fun no_channel(): u64 { 1 }

    /// The sender holds no seat that may do this.
    package inline fun not_member(): u64 { 2 }

    /// The address was forced out and may not come back yet.
    package inline fun banned(): u64 { 3 }

    /// The leader's lease still holds.
    package inline fun leader_valid(): u64 { 4 }

    /// Somebody else is still in the channel.
    package inline fun not_only_member(): u64 { 5 }

    /// The proposal says something that can never be executed.
    package inline fun bad_proposal(): u64 { 6 }

    /// The settlement does not begin where the last one ended, or does not end where its header
    /// does.
    package inline fun height_mismatch(): u64 { 7 }

    /// This seat has voted on this proposal.
    package inline fun already_voted(): u64 { 8 }

    /// Too few voted yes.
    package inline fun not_passed(): u64 { 9 }

    /// The proposal was executed, replaced or voided.
    package inline fun executed(): u64 { 10 }

    /// The candidate has as many delegations as it may have.
    package inline fun cap(): u64 { 11 }

    /// The stake cannot be paid in the channel's coin.
    package inline fun stake(): u64 { 12 }

    /// Something higher is known already.
    package inline fun stale_checkpoint(): u64 { 13 }

    /// The window in which this may be contested is still open.
    package inline fun window_open(): u64 { 14 }

    /// The address has registered no node keys.
    package inline fun not_registered(): u64 { 16 }

    /// A key has the wrong length or does not belong to the address.
    package inline fun bad_key(): u64 { 17 }

    /// The address holds a seat, or has left something of an earlier one to collect.
    package inline fun already_member(): u64 { 18 }

    /// The channel has as many members as elections without candidates allow.
    package inline fun full(): u64 { 19 }

    /// The channel is closed.
    package inline fun closed(): u64 { 20 }

    /// A type argument is not the type that the channel was created with.
    package inline fun wrong_type(): u64 { 21 }

    /// The signatures do not make a quorum on this header.
    package inline fun bad_certificate(): u64 { 22 }

    /// A signature does not verify.
    package inline fun bad_signature(): u64 { 23 }

    /// The chain does not know this configuration: post the changes that lead to it.
    package inline fun unknown_configuration(): u64 { 24 }

    /// The seats given are not the configuration that the header names.
    package inline fun bad_configuration(): u64 { 25 }

    /// The accused was heard from in time.
    package inline fun not_silent(): u64 { 26 }

    /// What the seat left behind waits for a settlement, or for a window.
    package inline fun not_settled(): u64 { 28 }

    /// Escrowed values are lent out only while a settlement of this channel is executed.
    package inline fun not_executing(): u64 { 29 }

    /// What is stored is not what the change set started from.
    package inline fun old_mismatch(): u64 { 30 }

    /// The contract did not apply exactly what was certified.
    package inline fun not_applied(): u64 { 31 }

    /// A setting is out of range.
    package inline fun bad_config(): u64 { 32 }

    /// The channel has no label of this name.
    package inline fun no_label(): u64 { 33 }

    /// The seat is not in the configuration yet.
    package inline fun not_admitted(): u64 { 34 }

    /// The channel has no proposal of this number.
    package inline fun no_proposal(): u64 { 35 }

    /// The evidence does not show what it is said to show.
    package inline fun bad_evidence(): u64 { 36 }

    /// A vote is for, against or abstaining, and on the proposal that its hash names.
    package inline fun bad_vote(): u64 { 37 }

    /// The proof does not lead from the settled state root to the header's.
    package inline fun bad_proof(): u64 { 38 }

    /// The seat brought no asset, or brought it before.
    package inline fun no_asset(): u64 { 39 }

    /// The seat is none of the candidates, or cannot be delegated to.
    package inline fun not_candidate(): u64 { 40 }

    /// Nothing is owed for proving an offence of this seat.
    package inline fun no_reward(): u64 { 41 }

    /// The seat is the only one: it settles and closes by itself.
    package inline fun last_seat(): u64 { 60 }

    /// An exit of this seat is open.
    package inline fun exit_open(): u64 { 61 }

    /// No exit of this seat is open, or nothing of it is left to claim.
    package inline fun no_exit(): u64 { 62 }

    /// No evidence of fraud is being judged.
    package inline fun no_case(): u64 { 63 }

    /// The evidence cannot be judged: it does not hang together, or does not show what it takes.
    package inline fun unfit_evidence(): u64 { 64 }

    /// No such demand for data is open.
    package inline fun no_demand(): u64 { 65 }

    /// The seat has demanded data twice since the last settlement, or demands too much at once.
    package inline fun too_many_demands(): u64 { 66 }

    /// No call of this seat is forced.
    package inline fun no_forced_call(): u64 { 67 }

    /// A call of this seat is forced already.
    package inline fun call_forced(): u64 { 68 }

    /// The seat lost the lead because it did not order a forced call, and may not lead yet.
    package inline fun barred(): u64 { 69 }
}
