/// The numbers with which this package refuses, in one place: an abort code means the same in every
/// module of the package. Names in brackets are those of the system that the seed describes.
module paracross::errors {
    /// A field, a count, the length of a list, an amount or an address is none
    /// (ErrInvalidParam).
    package inline fun invalid_param(): u64 { 1 }

    /// Not `user.p.NAME.` (ErrInvalidTitle).
    package inline fun invalid_title(): u64 { 2 }

    /// The title has no group (ErrTitleNotExist).
    package inline fun title_not_exist(): u64 { 3 }

    /// No node of the title's group (ErrNodeNotForTheTitle).
    package inline fun node_not_for_title(): u64 { 4 }

    /// The block does not follow the one agreed on (ErrParaBlockHashNoMatch).
    package inline fun para_block_hash_no_match(): u64 { 5 }

    /// The main chain has no such block: it was rolled back (ErrBlockHashNoMatch).
    package inline fun block_hash_no_match(): u64 { 6 }

    /// Too many heights above the consensus.
    package inline fun too_far_ahead(): u64 { 7 }

    /// There are not so many coins.
    package inline fun insufficient_balance(): u64 { 8 }

    /// The title has all the cross-chain actions that one block may hold.
    package inline fun too_many_cross(): u64 { 9 }

    /// No such cross-chain action waits.
    package inline fun cross_not_exist(): u64 { 10 }

    /// The action is not owed, or there is too little locked still.
    package inline fun cross_not_payable(): u64 { 11 }

    /// The title has a group.
    package inline fun group_exists(): u64 { 12 }

    /// Fewer coins than a node has to freeze.
    package inline fun coins_frozen_low(): u64 { 13 }

    /// No addresses, too many, or one twice.
    package inline fun bad_addresses(): u64 { 14 }

    /// A group that one node's failure stops, and nobody said that this is meant.
    package inline fun small_group(): u64 { 15 }

    /// No such application, or it was approved or cancelled.
    package inline fun application_not_open(): u64 { 16 }

    /// Only who applied may do this.
    package inline fun not_applicant(): u64 { 17 }

    /// Only the super manager may do this; to appoint one, a producer in office.
    package inline fun not_manager(): u64 { 18 }

    /// A node already, or about to be one.
    package inline fun node_exists(): u64 { 19 }

    /// The node is in no state that allows this.
    package inline fun bad_node_state(): u64 { 20 }

    /// The last node cannot go (ErrParaNodeGroupLastAddr).
    package inline fun last_node(): u64 { 21 }

    /// Nobody votes about itself.
    package inline fun self_vote(): u64 { 22 }

    /// The consensus has not stood still for so long (ErrParaConsensStopBlocksNotReach).
    package inline fun stop_blocks_not_reached(): u64 { 23 }

    /// A stage that begins too early, or changes nothing.
    package inline fun bad_stage(): u64 { 24 }

    /// No such stage, or it was decided or cancelled.
    package inline fun stage_not_open(): u64 { 25 }

    /// Not the next height, main block or action of this parallel chain.
    package inline fun out_of_order(): u64 { 26 }

    /// The chain is no parallel chain, or already one.
    package inline fun wrong_chain(): u64 { 27 }

    /// The node has said too many different things of this height.
    package inline fun too_many_changes(): u64 { 28 }

    /// The account has begun this before, or another action came between.
    package inline fun begun_before(): u64 { 29 }

    /// There is evidence against the node of a height that is not done.
    package inline fun accused(): u64 { 30 }
}
