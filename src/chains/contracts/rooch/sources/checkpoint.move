/// The highest header of each channel that the chain has seen confirmed, whoever showed it and what
/// for; and the *floor*, the one that a finished exit was paid from. What can be paid out is never
/// below the one, and what is settled never below the other.
module rooch::checkpoint {
    use std::vector;
    use aptos_std::table::{Self, Table};
    use rooch::channel::{Self, Channel};
    use rooch::errors;
    use rooch::header::{Self, Header, HeaderRef};

    /// A confirmed header, as far as it matters for paying out.
    struct Checkpoint has copy, drop, store {
        reference: HeaderRef,
        /// Of its last entry.
        height: u64,
        /// Number of the configuration that it is under.
        configuration: u64,
        state_root: vector<u8>,
    }

    struct Marks has copy, drop, store {
        /// None or one, each.
        highest: vector<Checkpoint>,
        floor: vector<Checkpoint>,
    }

    struct Checkpoints has key {
        /// By channel.
        marks: Table<u64, Marks>,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        move_to(rooch, Checkpoints { marks: table::new() })
    }

    package fun of_header(header: &Header): Checkpoint {
        Checkpoint {
            reference: header::reference(header),
            height: header::last_height(header),
            configuration: header::configuration_number(&header::configuration(header)),
            state_root: header::state_root(header),
        }
    }

    fun of_settled(channel: &Channel): Checkpoint {
        Checkpoint {
            reference: channel::settled_reference(channel),
            height: channel::settled_height(channel),
            configuration: channel::settled_configuration(channel),
            state_root: channel::settled_root(channel),
        }
    }

    /// Remembers a confirmed header. The caller has verified it.
    package fun note(channel: u64, checkpoint: Checkpoint) acquires Checkpoints {
        let marks = marks(channel);
        let is_higher =
            vector::is_empty(&marks.highest)
                || header::is_higher(
                    &checkpoint.reference,
                    &vector::borrow(&marks.highest, 0).reference,
                );
        if (!is_higher) return;
        marks.highest = vector[checkpoint];
        save(channel, marks)
    }

    /// The highest confirmed header; what is settled where nothing above it was shown.
    package fun highest(channel: &Channel): Checkpoint acquires Checkpoints {
        let marks = marks(channel::id(channel));
        if (vector::is_empty(&marks.highest)) return of_settled(channel);
        *vector::borrow(&marks.highest, 0)
    }

    /// Makes the highest one what nothing settles below.
    package fun raise_floor(channel: &Channel): Checkpoint acquires Checkpoints {
        let highest = highest(channel);
        let marks = marks(channel::id(channel));
        marks.floor = vector[highest];
        save(channel::id(channel), marks);
        highest
    }

    /// Forgets everything that was confirmed above what is settled, since a header under it proved
    /// false.
    package fun fall_back(channel: &Channel) acquires Checkpoints {
        let marks = marks(channel::id(channel));
        marks.highest = vector[];
        save(channel::id(channel), marks)
    }

    /// None or one.
    package fun floor(channel: u64): vector<Checkpoint> acquires Checkpoints {
        marks(channel).floor
    }

    /// Whether this header is the floor: then it needs neither votes nor certificates any more.
    package fun is_floor(channel: u64, reference: &HeaderRef): bool acquires Checkpoints {
        let floor = marks(channel).floor;
        !vector::is_empty(&floor) && &vector::borrow(&floor, 0).reference == reference
    }

    /// Aborts with E_STALE_CHECKPOINT for a header below the floor.
    package fun assert_not_below_floor(
        channel: u64,
        reference: &HeaderRef,
    ) acquires Checkpoints {
        let floor = marks(channel).floor;
        if (vector::is_empty(&floor)) return;
        let lowest = &vector::borrow(&floor, 0).reference;
        assert!(!header::is_higher(lowest, reference), errors::stale_checkpoint())
    }

    package fun reference(self: &Checkpoint): HeaderRef { self.reference }

    package fun height(self: &Checkpoint): u64 { self.height }

    package fun configuration(self: &Checkpoint): u64 { self.configuration }

    package fun state_root(self: &Checkpoint): vector<u8> { self.state_root }

    fun marks(channel: u64): Marks acquires Checkpoints {
        let all = &borrow_global<Checkpoints>(@rooch).marks;
        if (table::contains(all, channel)) *table::borrow(all, channel)
        else Marks { highest: vector[], floor: vector[] }
    }

    fun save(channel: u64, marks: Marks) acquires Checkpoints {
        table::upsert(&mut borrow_global_mut<Checkpoints>(@rooch).marks, channel, marks)
    }
}
