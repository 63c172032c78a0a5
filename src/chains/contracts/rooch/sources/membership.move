/// Coming and going: taking a seat with what its owner brings and stakes, taking a join back, and
/// fetching what a seat left behind. Who is in the configuration is the channel's to order.
module rooch::membership {
    use std::signer;
    use aptos_std::type_info;
    use rooch::channel::{Self, Channel};
    use rooch::clock;
    use rooch::config;
    use rooch::configuration;
    use rooch::errors;
    use rooch::escrow;
    use rooch::events;
    use rooch::exit_record;
    use rooch::member;
    use rooch::node;
    use rooch::registry;
    use rooch::window;

    /// The seat of who creates a channel, alone in configuration 0.
    const FIRST_SEAT: u64 = 1;

    package fun first_seat(): u64 { FIRST_SEAT }

    package fun join<AssetT: key + store, CoinT>(sender: &signer, id: u64, assets: AssetT) {
        let channel = registry::open_channel(id);
        assert_asset_type<AssetT>(&channel);
        let owner = signer::address_of(sender);
        let holder = channel::creator(&channel);
        if (channel::has_seat(&channel, owner)) {
            let member = channel::borrow_in_mut(&mut channel, owner);
            let seat = member::id(member);
            assert!(seat == FIRST_SEAT && !member::has_asset(member), errors::already_member());
            member::mark_asset(member);
            escrow::put_asset(holder, id, seat, assets);
            registry::save(channel);
            return
        };
        channel::assert_may_join(&mut channel, owner);
        exit_record::assert_may_join(id, owner);
        assert!(channel::coin_type(&channel) == type_info::type_name<CoinT>(), errors::stake());
        let (member_key, node_key, reveal_tip) = node::keys(owner);
        channel::assert_own_key(&channel, owner, &node_key);
        let number = channel::take_seat_number(&mut channel);
        let seat = configuration::new_seat(number, owner, member_key, node_key, reveal_tip);
        let stake = config::stake(&channel::config(&channel));
        let is_shared = config::is_stake_shared(&channel::config(&channel));
        escrow::put_stake<CoinT>(holder, id, number, sender, stake, is_shared);
        escrow::put_asset(holder, id, number, assets);
        let member = member::new(seat, stake, false);
        member::mark_asset(&mut member);
        channel::add_member(&mut channel, member);
        registry::save(channel);
        events::member_joined(id, seat, stake)
    }

    package fun cancel_join(channel: &mut Channel, owner: address) {
        let id = channel::id(channel);
        let window_ms = config::challenge_window_ms(&channel::config(channel));
        let due_ms = clock::active_ms() + window_ms;
        let member = channel::borrow_in_mut(channel, owner);
        assert!(member::is_pending(member), errors::already_member());
        member::ask_to_cancel(member, due_ms);
        let seat = member::id(member);
        window::open(id, window::join(), seat);
        events::join_cancelling(id, seat, due_ms)
    }

    package fun leave<AssetT: key + store, CoinT>(owner: address, id: u64): AssetT {
        let channel = registry::channel(id);
        assert_asset_type<AssetT>(&channel);
        let holder = channel::creator(&channel);
        let (seat, has_asset) = fetch_stake<CoinT>(channel, owner);
        assert!(has_asset, errors::no_asset());
        escrow::take_asset(holder, id, seat)
    }

    package fun leave_without_asset<CoinT>(owner: address, id: u64) {
        let (_, has_asset) = fetch_stake<CoinT>(registry::channel(id), owner);
        assert!(!has_asset, errors::no_asset())
    }

    fun fetch_stake<CoinT>(channel: Channel, owner: address): (u64, bool) {
        assert!(channel::coin_type(&channel) == type_info::type_name<CoinT>(), errors::stake());
        let index = channel::index_to_fetch(&channel, owner);
        let member = channel::take_member(&mut channel, index);
        let (id, seat) = (channel::id(&channel), member::id(&member));
        exit_record::drop_claim(id, seat);
        let stake = member::forfeit(&mut member);
        escrow::return_stake<CoinT>(channel::creator(&channel), id, seat, owner, stake);
        registry::save(channel);
        events::member_left(id, seat, stake);
        (seat, member::has_asset(&member))
    }

    /// Aborts unless this address may end the channel now.
    package fun assert_may_close(channel: &Channel, owner: address) {
        let seats = channel::count_in(channel);
        if (seats == 0) {
            assert!(owner == channel::creator(channel), errors::not_member())
        } else {
            let member = channel::borrow_in(channel, owner);
            assert!(member::is_admitted(member), errors::not_admitted())
        };
        if (!channel::is_ending(channel)) {
            assert!(seats <= 1, errors::not_only_member());
            assert!(channel::is_settled_for_all(channel), errors::not_settled())
        };
        exit_record::assert_may_close(channel)
    }

    fun assert_asset_type<AssetT>(channel: &Channel) {
        assert!(
            channel::asset_type(channel) == type_info::type_name<AssetT>(),
            errors::wrong_type()
        )
    }
}
