/// A configuration: the numbered list of seats whose heads quorums count.
module rooch::configuration {
    use std::bcs;
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use rooch::domain;
    use rooch::errors;

    const KEY_SIZE: u64 = 32;

    /// A membership. Its keys are those its member had registered when it joined.
    struct Seat has copy, drop, store {
        /// Join sequence number, from 1, never reused.
        seat: u64,
        address: address,
        member_key: vector<u8>,
        node_key: vector<u8>,
        reveal_tip: vector<u8>,
    }

    struct Configuration has copy, drop, store {
        number: u64,
        /// Ascending.
        seats: vector<Seat>,
    }

    package fun new_seat(
        seat: u64,
        address: address,
        member_key: vector<u8>,
        node_key: vector<u8>,
        reveal_tip: vector<u8>,
    ): Seat {
        Seat { seat, address, member_key, node_key, reveal_tip }
    }

    /// Aborts with E_BAD_CONFIGURATION unless the seats are in ascending order.
    package fun read(stream: &mut BCSStream): Configuration {
        let number = bcs_stream::deserialize_u64(stream);
        let seats = vector[];
        let last_seat = 0;
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            let seat = read_seat(stream);
            assert!(seat.seat > last_seat, errors::bad_configuration());
            last_seat = seat.seat;
            vector::push_back(&mut seats, seat)
        };
        Configuration { number, seats }
    }

    fun read_seat(stream: &mut BCSStream): Seat {
        let seat = bcs_stream::deserialize_u64(stream);
        let address = bcs_stream::deserialize_address(stream);
        let member_key = bcs_stream::deserialize_fixed_bytes(stream, KEY_SIZE);
        let node_key = bcs_stream::deserialize_fixed_bytes(stream, KEY_SIZE);
        let reveal_tip = bcs_stream::deserialize_fixed_bytes(stream, KEY_SIZE);
        Seat { seat, address, member_key, node_key, reveal_tip }
    }

    package fun new(number: u64, seats: vector<Seat>): Configuration {
        Configuration { number, seats }
    }

    /// The next configuration, without one seat.
    package fun without(self: &Configuration, seat: u64): Configuration {
        let (found, i) = find(self, seat);
        assert!(found, errors::not_member());
        let seats = self.seats;
        vector::remove(&mut seats, i);
        Configuration { number: self.number + 1, seats }
    }

    /// The next configuration, with the same seats.
    package fun renumbered(self: &Configuration): Configuration {
        Configuration { number: self.number + 1, seats: self.seats }
    }

    /// The hash by which headers name a configuration of the channel.
    package fun digest(self: &Configuration, channel: vector<u8>): vector<u8> {
        vector::append(&mut channel, encoded(self));
        domain::digest(domain::configuration(), channel)
    }

    /// The bytes by which the channel writes a configuration: keys have no lengths there.
    package fun encoded(self: &Configuration): vector<u8> {
        let bytes = bcs::to_bytes(&self.number);
        // Fewer than 128 seats, so the length is one byte.
        vector::push_back(&mut bytes, (vector::length(&self.seats) as u8));
        vector::for_each_ref(&self.seats, |seat| {
            let seat: &Seat = seat;
            vector::append(&mut bytes, bcs::to_bytes(&seat.seat));
            vector::append(&mut bytes, bcs::to_bytes(&seat.address));
            vector::append(&mut bytes, seat.member_key);
            vector::append(&mut bytes, seat.node_key);
            vector::append(&mut bytes, seat.reveal_tip)
        });
        bytes
    }

    package fun number(self: &Configuration): u64 { self.number }

    package fun size(self: &Configuration): u64 { vector::length(&self.seats) }

    package fun contains(self: &Configuration, seat: u64): bool {
        let (found, _) = find(self, seat);
        found
    }

    package fun node_key(self: &Configuration, seat: u64): vector<u8> {
        let (found, i) = find(self, seat);
        assert!(found, errors::not_member());
        vector::borrow(&self.seats, i).node_key
    }

    package fun seat_ids(self: &Configuration): vector<u64> {
        let ids = vector[];
        vector::for_each_ref(&self.seats, |seat| {
            let seat: &Seat = seat;
            vector::push_back(&mut ids, seat.seat)
        });
        ids
    }

    package fun seats(self: &Configuration): vector<Seat> { self.seats }

    package fun id(self: &Seat): u64 { self.seat }

    package fun key_of_node(self: &Seat): vector<u8> { self.node_key }

    package fun key_of_member(self: &Seat): vector<u8> { self.member_key }

    package fun owner(self: &Seat): address { self.address }

    fun find(self: &Configuration, seat: u64): (bool, u64) {
        for (i in 0..vector::length(&self.seats)) {
            if (vector::borrow(&self.seats, i).seat == seat) return (true, i)
        };
        (false, 0)
    }
}
