/// Twenty-one: the players add one, two or three in turns, nobody twice in a row, and whoever
/// reaches 21 wins the round. The rules are `add`; all the rest brings a game into a state channel
/// and its score back onto the chain.
module twenty_one::twenty_one {
    use std::error;
    use std::signer;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::event;
    use aptos_std::bcs_stream;
    use aptos_std::table::{Self, Table};
    use rooch::config;
    use rooch::op;
    use rooch::state_channel::{Self, NoAsset, SettlementAction, SettlementCap};

    const EBAD_STEP: u64 = 1;
    const ENOT_YOUR_TURN: u64 = 2;
    /// The game is played in its channel: on chain it is in escrow.
    const ENOT_IN_CHANNEL: u64 = 3;
    const ENO_GAME: u64 = 4;

    const GOAL: u8 = 21;
    const STEP_MAX: u8 = 3;
    /// How long the chain waits for objections, and for somebody silent.
    const WINDOW_MS: u64 = 15_000;

    /// What the players agree on. In the channel it lies at @twenty_one.
    struct Game has key, store {
        total: u8,
        /// Who has added last; @0x0 before anybody has.
        last: address,
        rounds: u64,
        /// Who has won the latest round.
        winner: address,
    }

    struct Session has store {
        channel: u64,
        cap: SettlementCap<Game, NoAsset>,
    }

    /// Under @twenty_one: games in play, and the room of every channel.
    struct Hall has key {
        tables: Table<u64, Session>,
        rooms: Table<u64, u64>,
        /// Games whose channel was closed, to be taken up again.
        finished: Table<u64, Game>,
    }

    #[event]
    struct Won has drop, store {
        player: address,
        round: u64,
    }

    /// Runs when the package is published.
    fun init_module(account: &signer) {
        let hall = Hall { tables: table::new(), rooms: table::new(), finished: table::new() };
        move_to(account, hall)
    }

    /// The rules. Every player's browser runs this for every move.
    public entry fun add(player: &signer, step: u8) acquires Game {
        assert!(exists<Game>(@twenty_one), error::invalid_state(ENOT_IN_CHANNEL));
        assert!(step > 0 && step <= STEP_MAX, error::invalid_argument(EBAD_STEP));
        let who = signer::address_of(player);
        let game = borrow_global_mut<Game>(@twenty_one);
        assert!(game.last != who, error::invalid_state(ENOT_YOUR_TURN));
        game.last = who;
        game.total = game.total + step;
        if (game.total >= GOAL) {
            game.total = 0;
            game.rounds = game.rounds + 1;
            game.winner = who;
            event::emit(Won { player: who, round: game.rounds })
        }
    }

    #[view]
    /// How much is missing to the goal.
    public fun missing(): u8 acquires Game {
        GOAL - borrow_global<Game>(@twenty_one).total
    }

    #[view]
    /// The room's channel; aborts where there is none.
    public fun channel_of(room: u64): u64 acquires Hall {
        let tables = &borrow_global<Hall>(@twenty_one).tables;
        assert!(table::contains(tables, room), error::not_found(ENO_GAME));
        table::borrow(tables, room).channel
    }

    /// Opens the room's channel. Everybody who plays stakes `stake` units of the native coin.
    public entry fun create(account: &signer, room: u64, stake: u64) acquires Hall {
        let hall = borrow_global_mut<Hall>(@twenty_one);
        let game =
            if (table::contains(&hall.finished, room)) {
                table::remove(&mut hall.finished, room)
            } else {
                Game { total: 0, last: @0x0, rounds: 0, winner: @0x0 }
            };
        let cfg = state_channel::create_config(stake);
        config::set_dispute_window_ms(&mut cfg, WINDOW_MS);
        config::set_challenge_window_ms(&mut cfg, WINDOW_MS);
        let (cap, channel) =
            state_channel::create<Game, NoAsset, AptosCoin>(account, game, cfg);
        state_channel::join<NoAsset>(account, channel, state_channel::no_asset());
        table::add(&mut hall.rooms, channel, room);
        table::add(&mut hall.tables, room, Session { channel, cap })
    }

    public entry fun join(account: &signer, room: u64) acquires Hall {
        state_channel::join<NoAsset>(account, channel_of(room), state_channel::no_asset())
    }

    /// Returns the sender's stake, once the settlement that ends its seat is executed.
    public entry fun leave(account: &signer, channel: u64) {
        state_channel::leave<NoAsset>(account, channel);
    }

    /// Ends the channel for everybody, and keeps the game.
    public entry fun close(account: &signer, room: u64) acquires Hall {
        let hall = borrow_global_mut<Hall>(@twenty_one);
        assert!(table::contains(&hall.tables, room), error::not_found(ENO_GAME));
        let Session { channel, cap } = table::remove(&mut hall.tables, room);
        table::remove(&mut hall.rooms, channel);
        let game = state_channel::close<Game>(account, channel);
        state_channel::destroy_cap(cap);
        table::add(&mut hall.finished, room, game)
    }

    /// Executes a settlement that the members have passed: the game becomes what they certified.
    public entry fun settle(account: &signer, channel: u64, proposal: u64) acquires Hall {
        let hall = borrow_global_mut<Hall>(@twenty_one);
        assert!(table::contains(&hall.rooms, channel), error::not_found(ENO_GAME));
        let room = *table::borrow(&hall.rooms, channel);
        let cap = &mut table::borrow_mut(&mut hall.tables, room).cap;
        let action =
            state_channel::execute_proposal<Game, SettlementAction>(account, channel, proposal);
        let changes = state_channel::get_account_change_sets(&action, @twenty_one);
        if (state_channel::has_change_set_op<Game>(&changes)) {
            let change = state_channel::get_change_set_op<Game>(&changes);
            let stream = bcs_stream::new(op::modify(&change));
            let game = state_channel::borrow_mut(account, cap, channel);
            game.total = bcs_stream::deserialize_u8(&mut stream);
            game.last = bcs_stream::deserialize_address(&mut stream);
            game.rounds = bcs_stream::deserialize_u64(&mut stream);
            game.winner = bcs_stream::deserialize_address(&mut stream);
            bcs_stream::assert_finished(&stream)
        };
        state_channel::complete(action, cap)
    }
}
