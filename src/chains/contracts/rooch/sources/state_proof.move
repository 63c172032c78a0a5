/// Where a change set takes a state root, by a multiproof of the keys it names: the walk of rules
/// SM4 and SM5 of the sandbox's SPEC.md, which checks every `old` value under the root before and
/// gives the root after. What only keeps proofs unique is left out, as those rules allow.
module rooch::state_proof {
    use std::hash;
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use rooch::change_set::{Self, Change};
    use rooch::errors;
    use rooch::op;
    use rooch::state_root;

    const HASH_SIZE: u64 = 32;
    /// Bits of a key hash: no leaf lies deeper.
    const DEPTH_MAX: u64 = 256;
    const ZERO: vector<u8> =
        x"0000000000000000000000000000000000000000000000000000000000000000";

    // Bytes of a shape.
    const EMPTY: u8 = 0;
    const ENTRY: u8 = 1;
    const HASH: u8 = 2;
    const LEAF: u8 = 3;
    const PAIR: u8 = 4;
    const INNER: u8 = 5;

    /// What becomes of one key: hash of its value before and after, each none or one.
    struct Entry has copy, drop {
        key_hash: vector<u8>,
        old: vector<vector<u8>>,
        new: vector<vector<u8>>,
    }

    struct Leaf has copy, drop {
        key_hash: vector<u8>,
        value_hash: vector<u8>,
    }

    /// A proof while it is walked.
    struct Walk has drop {
        shape: vector<u8>,
        hashes: vector<vector<u8>>,
        node: u64,
        hash: u64,
        /// In strict order of key hash.
        entries: vector<Entry>,
        /// The bits that lead to the node at hand; those beyond its depth mean nothing.
        path: vector<u8>,
    }

    /// A subtree as it becomes.
    struct Subtree has copy, drop {
        hash: vector<u8>,
        /// None or one: the subtree is this leaf, which moves up where it is left alone.
        leaf: vector<Leaf>,
    }

    /// A node of the proof.
    struct Shown has copy, drop {
        kind: u8,
        before: vector<u8>,
        after: Subtree,
        /// Every leaf of it is an entry's.
        could_vanish: bool,
    }

    /// The root after the changes. Aborts with E_BAD_PROOF unless the proof shows that the state
    /// under `root` holds exactly what the changes say was there.
    public fun root_after(
        root: vector<u8>,
        change_set: vector<u8>,
        proof: vector<u8>,
    ): vector<u8> {
        let stream = bcs_stream::new(proof);
        let after = walk_all(root, &change_set::decode(change_set), &mut stream);
        bcs_stream::assert_finished(&stream);
        after
    }

    /// {@link root_after} of a proof inside other bytes.
    package fun walk_all(
        root: vector<u8>,
        changes: &vector<Change>,
        stream: &mut BCSStream,
    ): vector<u8> {
        let top = walk_entries(sorted_entries(changes), stream);
        assert!(top.before == root, errors::bad_proof());
        top.after.hash
    }

    fun walk_entries(entries: vector<Entry>, stream: &mut BCSStream): Shown {
        let walk = read_proof(stream, entries);
        let count = vector::length(&walk.entries);
        let top = walk_node(&mut walk, 0, count, 0);
        let is_whole =
            walk.node == vector::length(&walk.shape) && walk.hash == vector::length(&walk.hashes);
        assert!(is_whole, errors::bad_proof());
        top
    }

    /// Aborts with E_BAD_PROOF unless the proof shows that the state under `root` holds exactly
    /// these values under these keys.
    ///
    /// @param values for each key none or one.
    package fun assert_holds(
        root: vector<u8>,
        keys: vector<vector<u8>>,
        values: vector<vector<vector<u8>>>,
        stream: &mut BCSStream,
    ) {
        let sorted: vector<Entry> = vector[];
        for (i in 0..vector::length(&keys)) {
            let value = vector::borrow(&values, i);
            let old =
                if (vector::is_empty(value)) vector[]
                else vector[hash::sha2_256(*vector::borrow(value, 0))];
            let key_hash = state_root::key_hash(*vector::borrow(&keys, i));
            let at = place_of(&sorted, &key_hash);
            vector::insert(&mut sorted, at, Entry { key_hash, old, new: old })
        };
        assert!(walk_entries(sorted, stream).before == root, errors::bad_proof())
    }

    fun read_proof(stream: &mut BCSStream, entries: vector<Entry>): Walk {
        let shape = bcs_stream::deserialize_bytes(stream);
        let hashes = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            let hash = bcs_stream::deserialize_bytes(stream);
            assert!(vector::length(&hash) == HASH_SIZE, errors::bad_proof());
            vector::push_back(&mut hashes, hash)
        };
        Walk { shape, hashes, node: 0, hash: 0, entries, path: ZERO }
    }

    fun sorted_entries(changes: &vector<Change>): vector<Entry> {
        let sorted: vector<Entry> = vector[];
        vector::for_each_ref(changes, |change| {
            let op = change_set::op(change);
            let old = if (op::is_new(&op)) vector[] else vector[hash::sha2_256(op::old(&op))];
            let new = if (op::is_delete(&op)) vector[] else vector[hash::sha2_256(op::value(&op))];
            let key_hash = state_root::key_hash(change_set::key(change));
            let at = place_of(&sorted, &key_hash);
            vector::insert(&mut sorted, at, Entry { key_hash, old, new })
        });
        sorted
    }

    /// How many entries come before a key hash.
    fun place_of(sorted: &vector<Entry>, key_hash: &vector<u8>): u64 {
        let (low, high) = (0, vector::length(sorted));
        while (low < high) {
            let middle = (low + high) / 2;
            if (change_set::precedes(&vector::borrow(sorted, middle).key_hash, key_hash)) {
                low = middle + 1
            } else {
                high = middle
            }
        };
        low
    }

    /// Walks one node; the entries `from..to` are those below it.
    fun walk_node(walk: &mut Walk, from: u64, to: u64, depth: u64): Shown {
        assert!(walk.node < vector::length(&walk.shape), errors::bad_proof());
        let kind = *vector::borrow(&walk.shape, walk.node);
        walk.node = walk.node + 1;
        if (kind == INNER) return walk_inner(walk, from, to, depth);
        if (kind == EMPTY) {
            assert!(count_old(walk, from, to) == 0, errors::bad_proof());
            let after = build(&leaves_after(walk, from, to), depth);
            return Shown { kind, before: ZERO, after, could_vanish: false }
        };
        if (kind == ENTRY) return walk_entry(walk, from, to, depth);
        if (kind == LEAF) return walk_leaf(walk, from, to, depth);
        assert!((kind == HASH || kind == PAIR) && from == to, errors::bad_proof());
        let hash = next_hash(walk);
        if (kind == PAIR) hash = state_root::inner(hash, next_hash(walk));
        assert!(hash != ZERO, errors::bad_proof());
        Shown { kind, before: hash, after: Subtree { hash, leaf: vector[] }, could_vanish: false }
    }

    fun walk_entry(walk: &mut Walk, from: u64, to: u64, depth: u64): Shown {
        assert!(count_old(walk, from, to) == 1, errors::bad_proof());
        let before = ZERO;
        for (i in from..to) {
            let entry = vector::borrow(&walk.entries, i);
            if (!vector::is_empty(&entry.old)) {
                before = state_root::leaf(entry.key_hash, *vector::borrow(&entry.old, 0))
            }
        };
        let after = build(&leaves_after(walk, from, to), depth);
        Shown { kind: ENTRY, before, after, could_vanish: true }
    }

    fun walk_leaf(walk: &mut Walk, from: u64, to: u64, depth: u64): Shown {
        let key_hash = next_hash(walk);
        let value_hash = next_hash(walk);
        assert!(
            count_old(walk, from, to) == 0 && shares_path(&key_hash, &walk.path, depth),
            errors::bad_proof()
        );
        let at = place_of(&walk.entries, &key_hash);
        let count = vector::length(&walk.entries);
        let is_entry = at < count && vector::borrow(&walk.entries, at).key_hash == key_hash;
        assert!(!is_entry, errors::bad_proof());
        let leaves = leaves_after(walk, from, to);
        let place = 0;
        while (
            place < vector::length(&leaves)
                && change_set::precedes(&vector::borrow(&leaves, place).key_hash, &key_hash)
        ) place = place + 1;
        vector::insert(&mut leaves, place, Leaf { key_hash, value_hash });
        let before = state_root::leaf(key_hash, value_hash);
        Shown { kind: LEAF, before, after: build(&leaves, depth), could_vanish: false }
    }

    fun walk_inner(walk: &mut Walk, from: u64, to: u64, depth: u64): Shown {
        assert!(from < to && depth < DEPTH_MAX, errors::bad_proof());
        let middle = from;
        while (middle < to && !bit(&vector::borrow(&walk.entries, middle).key_hash, depth)) {
            middle = middle + 1
        };
        set_bit(&mut walk.path, depth, false);
        let left = walk_node(walk, from, middle, depth + 1);
        set_bit(&mut walk.path, depth, true);
        let right = walk_node(walk, middle, to, depth + 1);
        // Where one side may vanish, the other may have to move up: it must show whether it is a
        // leaf.
        if (from == middle && right.could_vanish) assert!(left.kind != HASH, errors::bad_proof());
        if (middle == to && left.could_vanish) assert!(right.kind != HASH, errors::bad_proof());
        let (left_empty, right_empty) = (left.kind == EMPTY, right.kind == EMPTY);
        let could_vanish =
            (left.could_vanish && (right.could_vanish || right_empty))
                || (right.could_vanish && left_empty);
        let before = state_root::inner(left.before, right.before);
        Shown { kind: INNER, before, after: join(left.after, right.after), could_vanish }
    }

    /// An inner node over two subtrees; a lone leaf moves up instead.
    fun join(left: Subtree, right: Subtree): Subtree {
        if (left.hash == ZERO && (right.hash == ZERO || !vector::is_empty(&right.leaf))) {
            return right
        };
        if (right.hash == ZERO && !vector::is_empty(&left.leaf)) return left;
        Subtree { hash: state_root::inner(left.hash, right.hash), leaf: vector[] }
    }

    /// The tree of leaves that agree in their first `depth` bits, in order.
    fun build(leaves: &vector<Leaf>, depth: u64): Subtree {
        build_range(leaves, 0, vector::length(leaves), depth)
    }

    fun build_range(leaves: &vector<Leaf>, from: u64, to: u64, depth: u64): Subtree {
        if (from == to) return Subtree { hash: ZERO, leaf: vector[] };
        if (from + 1 == to) {
            let leaf = *vector::borrow(leaves, from);
            let hash = state_root::leaf(leaf.key_hash, leaf.value_hash);
            return Subtree { hash, leaf: vector[leaf] }
        };
        let middle = from;
        while (middle < to && !bit(&vector::borrow(leaves, middle).key_hash, depth)) {
            middle = middle + 1
        };
        join(
            build_range(leaves, from, middle, depth + 1),
            build_range(leaves, middle, to, depth + 1),
        )
    }

    fun leaves_after(walk: &Walk, from: u64, to: u64): vector<Leaf> {
        let leaves = vector[];
        for (i in from..to) {
            let entry = vector::borrow(&walk.entries, i);
            if (!vector::is_empty(&entry.new)) {
                let value_hash = *vector::borrow(&entry.new, 0);
                vector::push_back(&mut leaves, Leaf { key_hash: entry.key_hash, value_hash })
            }
        };
        leaves
    }

    fun count_old(walk: &Walk, from: u64, to: u64): u64 {
        let count = 0;
        for (i in from..to) {
            if (!vector::is_empty(&vector::borrow(&walk.entries, i).old)) count = count + 1
        };
        count
    }

    fun next_hash(walk: &mut Walk): vector<u8> {
        assert!(walk.hash < vector::length(&walk.hashes), errors::bad_proof());
        walk.hash = walk.hash + 1;
        *vector::borrow(&walk.hashes, walk.hash - 1)
    }

    /// Bit `depth`, the most significant bit of the first byte being bit 0.
    fun bit(hash: &vector<u8>, depth: u64): bool {
        *vector::borrow(hash, depth / 8) & mask(depth) != 0
    }

    fun set_bit(hash: &mut vector<u8>, depth: u64, value: bool) {
        let byte = vector::borrow_mut(hash, depth / 8);
        let cleared = *byte & (255 - mask(depth));
        *byte = if (value) cleared | mask(depth) else cleared
    }

    fun mask(depth: u64): u8 {
        128 >> ((depth % 8) as u8)
    }

    fun shares_path(hash: &vector<u8>, path: &vector<u8>, depth: u64): bool {
        for (i in 0..depth) {
            if (bit(hash, i) != bit(path, i)) return false
        };
        true
    }
}
