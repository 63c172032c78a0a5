/// The peers of one shard and who of them has a seat. Pure: it knows no stakes and no chain.
module holdfast_shard::peers {
    use std::string::String;
    use std::vector;
    use holdfast_shard::errors;

    /// Has no seat.
    const CANDIDATE: u8 = 0;
    const CONSENSUS: u8 = 1;
    /// Has asked to leave, and has its seat to the end of the epoch.
    const QUIT_CONSENSUS: u8 = 2;
    /// Has no seat any more and is gone with the end of the epoch.
    const QUITING_CONSENSUS: u8 = 3;

    struct Peer has copy, drop, store {
        key: vector<u8>,
        owner: address,
        network_address: String,
        node_type: u8,
    }

    /// The new peer has a seat if `is_seated`.
    package fun add(
        peers: &mut vector<Peer>,
        key: vector<u8>,
        owner: address,
        network_address: String,
        is_seated: bool,
    ) {
        let node_type = if (is_seated) CONSENSUS else CANDIDATE;
        vector::push_back(peers, Peer { key, owner, network_address, node_type })
    }

    /// Takes a peer out at once, as before a shard begins; tells whose it was.
    package fun remove(peers: &mut vector<Peer>, key: &vector<u8>): address {
        let place = place_of(peers, key);
        vector::remove(peers, place).owner
    }

    /// Tells the keys of all there were.
    package fun remove_all(peers: &mut vector<Peer>): vector<vector<u8>> {
        let keys = vector[];
        while (!vector::is_empty(peers)) vector::push_back(&mut keys, vector::pop_back(peers).key);
        keys
    }

    /// Before a shard begins the first `seats` peers have the seats, whoever has left.
    package fun fill_first(peers: &mut vector<Peer>, seats: u64) {
        let i = 0;
        while (i < vector::length(peers) && i < seats) {
            vector::borrow_mut(peers, i).node_type = CONSENSUS;
            i = i + 1
        }
    }

    /// A candidate is gone with the end of this epoch, a peer in office with that of the next one.
    /// At least `seats` others must stay.
    package fun leave(peers: &mut vector<Peer>, key: &vector<u8>, seats: u64) {
        let place = place_of(peers, key);
        let node_type = vector::borrow(peers, place).node_type;
        assert!(is_staying(node_type), errors::leaving());
        assert!(can_spare(peers, seats), errors::too_few_peers());
        let left = if (node_type == CONSENSUS) QUIT_CONSENSUS else QUITING_CONSENSUS;
        vector::borrow_mut(peers, place).node_type = left
    }

    /// Ends an epoch for those who leave; tells whose time is over and who is out of the list.
    package fun advance_leaving(peers: &mut vector<Peer>): vector<vector<u8>> {
        let gone = vector[];
        let i = 0;
        while (i < vector::length(peers)) {
            let peer = vector::borrow_mut(peers, i);
            if (peer.node_type == QUITING_CONSENSUS) {
                vector::push_back(&mut gone, vector::remove(peers, i).key)
            } else {
                if (peer.node_type == QUIT_CONSENSUS) peer.node_type = QUITING_CONSENSUS;
                i = i + 1
            }
        };
        gone
    }

    package fun seat(peers: &mut vector<Peer>, key: &vector<u8>) {
        let place = place_of(peers, key);
        vector::borrow_mut(peers, place).node_type = CONSENSUS
    }

    package fun owner_of(peers: &vector<Peer>, key: &vector<u8>): address {
        vector::borrow(peers, place_of(peers, key)).owner
    }

    package fun assert_owner(peers: &vector<Peer>, key: &vector<u8>, owner: address) {
        assert!(owner_of(peers, key) == owner, errors::not_authorised())
    }

    fun place_of(peers: &vector<Peer>, key: &vector<u8>): u64 {
        let i = 0;
        while (i < vector::length(peers)) {
            if (&vector::borrow(peers, i).key == key) return i;
            i = i + 1
        };
        abort errors::unknown_peer()
    }

    fun is_staying(node_type: u8): bool {
        node_type == CANDIDATE || node_type == CONSENSUS
    }

    /// Whether one may leave: all seats are filled without it.
    package fun can_spare(peers: &vector<Peer>, seats: u64): bool {
        vector::length(&staying(peers)) > seats
    }

    /// Keys of those who have not asked to leave, in the order in which they came.
    package fun staying(peers: &vector<Peer>): vector<vector<u8>> {
        let keys = vector[];
        let i = 0;
        while (i < vector::length(peers)) {
            let peer = vector::borrow(peers, i);
            if (is_staying(peer.node_type)) vector::push_back(&mut keys, peer.key);
            i = i + 1
        };
        keys
    }

    /// Keys of those in office, in the order in which they came.
    package fun in_office(peers: &vector<Peer>): vector<vector<u8>> {
        let keys = vector[];
        let i = 0;
        while (i < vector::length(peers)) {
            let peer = vector::borrow(peers, i);
            if (peer.node_type == CONSENSUS || peer.node_type == QUIT_CONSENSUS) {
                vector::push_back(&mut keys, peer.key)
            };
            i = i + 1
        };
        keys
    }

    package fun candidates(peers: &vector<Peer>): vector<vector<u8>> {
        let keys = vector[];
        let i = 0;
        while (i < vector::length(peers)) {
            let peer = vector::borrow(peers, i);
            if (peer.node_type == CANDIDATE) vector::push_back(&mut keys, peer.key);
            i = i + 1
        };
        keys
    }
}
