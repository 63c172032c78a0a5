/// What the nodes of a title have said of one height: each one's latest word, the statuses that are
/// behind these words, and what proves that a node said two things of the same main block.
module paracross::height_record {
    use std::vector;
    use paracross::errors;
    use paracross::status::{Self, NodeStatus};

    /// How often a node may say something else of a height. All its words are remembered, to be
    /// compared with later ones; and a node that is in order says one on each branch of the main
    /// chain.
    const CHANGE_COUNT_MAX: u64 = 16;

    struct Vote has copy, drop, store {
        node: address,
        status_hash: vector<u8>,
        main_block_hash: vector<u8>,
    }

    struct Evidence has copy, drop, store {
        node: address,
        /// Two statuses that it signed for this height on one main block.
        first: vector<u8>,
        second: vector<u8>,
        main_block_hash: vector<u8>,
        /// Whether the node's frozen coins were taken for it.
        is_punished: bool,
    }

    struct HeightRecord has copy, drop, store {
        is_done: bool,
        /// One for each node that spoke.
        votes: vector<Vote>,
        /// What nodes said before.
        past: vector<Vote>,
        /// Everything that is voted for, each once; when done, what was.
        statuses: vector<NodeStatus>,
        /// One for each node at most.
        evidence: vector<Evidence>,
    }

    package fun new(): HeightRecord {
        HeightRecord {
            is_done: false,
            votes: vector[],
            past: vector[],
            statuses: vector[],
            evidence: vector[],
        }
    }

    /// Makes `status` the node's word, whatever it said before.
    package fun put(self: &mut HeightRecord, node: address, status: NodeStatus) {
        let (found, place) = vote_of(self, node);
        if (found) {
            let last = vector::remove(&mut self.votes, place);
            let is_new = last.status_hash != status::hash(&status);
            if (is_new) {
                assert!(changes_of(self, node) < CHANGE_COUNT_MAX, errors::too_many_changes());
                drop_unwanted(self, &last.status_hash);
                vector::push_back(&mut self.past, last)
            }
        };
        vector::push_back(&mut self.votes, vote_for(node, &status));
        if (!vector::contains(&self.statuses, &status)) {
            vector::push_back(&mut self.statuses, status)
        }
    }

    fun vote_for(node: address, status: &NodeStatus): Vote {
        Vote {
            node,
            status_hash: status::hash(status),
            main_block_hash: status::main_block_hash(status),
        }
    }

    fun vote_of(self: &HeightRecord, node: address): (bool, u64) {
        let i = 0;
        while (i < vector::length(&self.votes)) {
            if (vector::borrow(&self.votes, i).node == node) return (true, i);
            i = i + 1
        };
        (false, 0)
    }

    fun changes_of(self: &HeightRecord, node: address): u64 {
        let count = 0;
        let i = 0;
        while (i < vector::length(&self.past)) {
            if (vector::borrow(&self.past, i).node == node) count = count + 1;
            i = i + 1
        };
        count
    }

    /// Forgets a status that nobody votes for any more.
    fun drop_unwanted(self: &mut HeightRecord, hash: &vector<u8>) {
        let i = 0;
        while (i < vector::length(&self.votes)) {
            if (&vector::borrow(&self.votes, i).status_hash == hash) return;
            i = i + 1
        };
        let (found, place) = status_of(self, hash);
        if (found) {
            vector::remove(&mut self.statuses, place);
        }
    }

    fun status_of(self: &HeightRecord, hash: &vector<u8>): (bool, u64) {
        let i = 0;
        while (i < vector::length(&self.statuses)) {
            if (&status::hash(vector::borrow(&self.statuses, i)) == hash) return (true, i);
            i = i + 1
        };
        (false, 0)
    }

    /// Keeps evidence when the node said something else of this height on the same main block
    /// before; tells the hash of that, or nothing. What names no main block, as height 0 may,
    /// cannot contradict itself.
    package fun note_equivocation(
        self: &mut HeightRecord,
        node: address,
        status: &NodeStatus,
    ): vector<u8> {
        let second = status::hash(status);
        let main_block_hash = status::main_block_hash(status);
        if (vector::is_empty(&main_block_hash)) return vector[];
        let first = contradicted(&self.votes, node, &second, &main_block_hash);
        if (vector::is_empty(&first)) {
            first = contradicted(&self.past, node, &second, &main_block_hash)
        };
        if (vector::is_empty(&first) || has_evidence(self, node)) return vector[];
        let evidence = Evidence { node, first, second, main_block_hash, is_punished: false };
        vector::push_back(&mut self.evidence, evidence);
        first
    }

    fun contradicted(
        votes: &vector<Vote>,
        node: address,
        hash: &vector<u8>,
        main_block_hash: &vector<u8>,
    ): vector<u8> {
        let i = 0;
        while (i < vector::length(votes)) {
            let vote = vector::borrow(votes, i);
            let is_same_place = vote.node == node && &vote.main_block_hash == main_block_hash;
            if (is_same_place && &vote.status_hash != hash) return vote.status_hash;
            i = i + 1
        };
        vector[]
    }

    fun has_evidence(self: &HeightRecord, node: address): bool {
        let i = 0;
        while (i < vector::length(&self.evidence)) {
            if (vector::borrow(&self.evidence, i).node == node) return true;
            i = i + 1
        };
        false
    }

    /// Nodes against whom there is evidence that was not used; now it is.
    package fun take_offenders(self: &mut HeightRecord): vector<address> {
        let offenders = vector[];
        let i = 0;
        while (i < vector::length(&self.evidence)) {
            let evidence = vector::borrow_mut(&mut self.evidence, i);
            if (!evidence.is_punished) {
                evidence.is_punished = true;
                vector::push_back(&mut offenders, evidence.node)
            };
            i = i + 1
        };
        offenders
    }

    /// Which status most of `nodes` say is so: its place, how many say so, and how many of `nodes`
    /// said anything. There is at least one status.
    package fun count(self: &HeightRecord, nodes: &vector<address>): (u64, u64, u64) {
        let (best, most, total) = (0, 0, 0);
        let i = 0;
        while (i < vector::length(&self.statuses)) {
            let hash = status::hash(vector::borrow(&self.statuses, i));
            let same = vector::length(&voters_of(self, &hash, nodes));
            total = total + same;
            if (same > most) {
                best = i;
                most = same
            };
            i = i + 1
        };
        (best, most, total)
    }

    /// Those of `nodes` who vote for a status.
    package fun voters_of(
        self: &HeightRecord,
        hash: &vector<u8>,
        nodes: &vector<address>,
    ): vector<address> {
        let voters = vector[];
        let i = 0;
        while (i < vector::length(&self.votes)) {
            let vote = vector::borrow(&self.votes, i);
            if (&vote.status_hash == hash && vector::contains(nodes, &vote.node)) {
                vector::push_back(&mut voters, vote.node)
            };
            i = i + 1
        };
        voters
    }

    package fun status_at(self: &HeightRecord, place: u64): NodeStatus {
        *vector::borrow(&self.statuses, place)
    }

    /// From now on only this status is known, and no word changes that.
    package fun finish(self: &mut HeightRecord, status: NodeStatus) {
        self.is_done = true;
        self.statuses = vector[status]
    }

    package fun is_done(self: &HeightRecord): bool { self.is_done }
}
