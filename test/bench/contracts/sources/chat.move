/// A chat room: the latest 32 messages in a ring, at the room's address.
module bench::chat {
    use std::signer;
    use std::vector;

    const ETEXT_TOO_LONG: u64 = 1;
    const ETEXT_EMPTY: u64 = 2;

    const HISTORY: u64 = 32;
    const TEXT_SIZE_MAX: u64 = 280;

    struct Message has copy, drop, store { number: u64, author: address, text: vector<u8> }

    struct Room has key { count: u64, messages: vector<Message> }

    public entry fun create(account: &signer) {
        move_to(account, Room { count: 0, messages: vector[] });
    }

    public entry fun post(author: &signer, room: address, text: vector<u8>) acquires Room {
        let size = vector::length(&text);
        assert!(size > 0, ETEXT_EMPTY);
        assert!(size <= TEXT_SIZE_MAX, ETEXT_TOO_LONG);
        let room = borrow_global_mut<Room>(room);
        let slot = room.count % HISTORY;
        room.count = room.count + 1;
        let message = Message { number: room.count, author: signer::address_of(author), text };
        if (vector::length(&room.messages) < HISTORY) {
            vector::push_back(&mut room.messages, message);
        } else {
            *vector::borrow_mut(&mut room.messages, slot) = message;
        }
    }
}
