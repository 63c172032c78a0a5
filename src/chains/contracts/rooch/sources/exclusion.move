/// How a punished seat leaves the configuration: not at once, but after a window in which anyone may
/// show certificates. Otherwise whoever is about to lose could report himself, and with that void
/// what the others had confirmed and not yet shown to the chain.
module rooch::exclusion {
    use std::vector;
    use rooch::channel::{Self, Channel};
    use rooch::clock;
    use rooch::config;
    use rooch::configuration;
    use rooch::events;
    use rooch::header;
    use rooch::history;
    use rooch::member;
    use rooch::registry;
    use rooch::window;

    /// Opens the window for a seat that has just been punished and is not the only one.
    package fun open(channel: &mut Channel, seat: u64) {
        member::punish(channel::borrow_seat_mut(channel, seat));
        let window_ms = config::exclusion_window_ms(&channel::config(channel));
        let due_ms = clock::active_ms() + window_ms;
        channel::open_exclusion(channel, seat, due_ms);
        window::open(channel::id(channel), window::exclusion(), seat);
        events::exclusion_opened(channel::id(channel), seat, due_ms)
    }

    /// Takes out of the configuration all punished seats whose window is over, at the fence of now.
    package fun carry_out_due(channel: &mut Channel) {
        let due = channel::take_due_exclusions(channel);
        vector::for_each_ref(&due, |seat| carry_out(channel, *seat))
    }

    /// Where all others have left meanwhile the seat stays: nobody else could settle what is theirs.
    fun carry_out(channel: &mut Channel, seat: u64) {
        if (is_only_seat(channel, seat)) {
            member::admit(channel::borrow_seat_mut(channel, seat));
            return
        };
        let number = header::number(&channel::fence(channel));
        member::end_at(channel::borrow_seat_mut(channel, seat), number);
        history::exclude(channel, seat)
    }

    package fun is_only_seat(channel: &Channel, seat: u64): bool {
        let id = channel::id(channel);
        let latest = registry::configuration(id, channel::configuration(channel));
        configuration::size(&latest) == 1 && configuration::contains(&latest, seat)
    }
}
