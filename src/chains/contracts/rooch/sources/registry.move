/// Where channels, their configurations and their proposals are stored: tables under @rooch.
/// Everything is loaded and saved whole, as plain data; the values that a channel owns are in
/// `escrow`.
module rooch::registry {
    use std::bcs;
    use std::vector;
    use aptos_framework::chain_id;
    use aptos_framework::timestamp;
    use aptos_std::table::{Self, Table};
    use rooch::channel::{Self, Channel};
    use rooch::configuration::{Self, Configuration};
    use rooch::domain;
    use rooch::errors;
    use rooch::header::{Self, HeaderRef};
    use rooch::proposal::{Self, Proposal};

    /// Headers that may be under way in an epoch when a change of configuration is confirmed in it.
    const UNDER_WAY_MAX: u64 = 64;

    struct Registry has key {
        /// 32 bytes that name this chain and no other, so that what is signed for one is nothing on
        /// another.
        genesis: vector<u8>,
        next_channel: u64,
        channels: Table<u64, Channel>,
        configurations: Table<ConfigurationKey, KnownConfiguration>,
        proposals: Table<ProposalKey, Proposal>,
        /// Of configurations that the channel left by an entry.
        ends: Table<ConfigurationKey, HeaderRef>,
    }

    struct ConfigurationKey has copy, drop {
        channel: u64,
        number: u64,
    }

    struct KnownConfiguration has copy, drop, store {
        configuration: Configuration,
        /// None or one: the highest header that counts under it, where the chain itself ended it.
        ceiling: vector<HeaderRef>,
    }

    struct ProposalKey has copy, drop {
        channel: u64,
        number: u64,
    }

    /// Runs once, when the package is published.
    fun init_module(rooch: &signer) {
        let bytes = bcs::to_bytes(&chain_id::get());
        vector::append(&mut bytes, bcs::to_bytes(&timestamp::now_microseconds()));
        let registry = Registry {
            genesis: domain::digest(domain::genesis(), bytes),
            next_channel: 1,
            channels: table::new(),
            configurations: table::new(),
            proposals: table::new(),
            ends: table::new(),
        };
        move_to(rooch, registry)
    }

    package fun genesis(): vector<u8> acquires Registry {
        borrow_global<Registry>(@rooch).genesis
    }

    package fun take_channel_id(): u64 acquires Registry {
        let registry = borrow_global_mut<Registry>(@rooch);
        let id = registry.next_channel;
        registry.next_channel = id + 1;
        id
    }

    package fun has_channel(id: u64): bool acquires Registry {
        table::contains(&borrow_global<Registry>(@rooch).channels, id)
    }

    /// Aborts with E_NO_CHANNEL when there is none.
    package fun channel(id: u64): Channel acquires Registry {
        let channels = &borrow_global<Registry>(@rooch).channels;
        assert!(table::contains(channels, id), errors::no_channel());
        *table::borrow(channels, id)
    }

    /// {@link channel} that is not closed.
    package fun open_channel(id: u64): Channel acquires Registry {
        let channel = channel(id);
        channel::assert_open(&channel);
        channel
    }

    package fun save(channel: Channel) acquires Registry {
        let channels = &mut borrow_global_mut<Registry>(@rooch).channels;
        table::upsert(channels, channel::id(&channel), channel)
    }

    package fun has_configuration(channel: u64, number: u64): bool acquires Registry {
        let configurations = &borrow_global<Registry>(@rooch).configurations;
        table::contains(configurations, ConfigurationKey { channel, number })
    }

    /// Aborts with E_UNKNOWN_CONFIGURATION when the chain does not know it.
    package fun configuration(channel: u64, number: u64): Configuration acquires Registry {
        assert!(has_configuration(channel, number), errors::unknown_configuration());
        let configurations = &borrow_global<Registry>(@rooch).configurations;
        table::borrow(configurations, ConfigurationKey { channel, number }).configuration
    }

    package fun add_configuration(channel: u64, configuration: Configuration) acquires Registry {
        let number = configuration::number(&configuration);
        let configurations = &mut borrow_global_mut<Registry>(@rooch).configurations;
        let known = KnownConfiguration { configuration, ceiling: vector::empty() };
        table::add(configurations, ConfigurationKey { channel, number }, known)
    }

    /// Ends a configuration: of its headers, none above `ceiling` counts.
    package fun end_configuration(channel: u64, number: u64, ceiling: HeaderRef) acquires Registry {
        let configurations = &mut borrow_global_mut<Registry>(@rooch).configurations;
        let known = table::borrow_mut(configurations, ConfigurationKey { channel, number });
        known.ceiling = vector::singleton(ceiling)
    }

    /// Notes the header with whose certificate the channel's own change to the next configuration
    /// was confirmed.
    package fun leave_configuration(
        channel: u64,
        number: u64,
        confirming: HeaderRef,
    ) acquires Registry {
        let ends = &mut borrow_global_mut<Registry>(@rooch).ends;
        table::add(ends, ConfigurationKey { channel, number }, confirming)
    }

    /// Whether a header under a known configuration counts. Above the place where the chain ended
    /// the configuration none does; where the channel left it itself, those that were under way do.
    /// So a quorum of the past, such as a creator that was once alone, decides nothing today.
    package fun counts(
        channel: u64,
        number: u64,
        reference: &HeaderRef,
    ): bool acquires Registry {
        let ceiling = ceiling(channel, number);
        if (!vector::is_empty(&ceiling)) {
            return !header::is_higher(reference, vector::borrow(&ceiling, 0))
        };
        let key = ConfigurationKey { channel, number };
        let ends = &borrow_global<Registry>(@rooch).ends;
        if (!table::contains(ends, key)) return true;
        let end = table::borrow(ends, key);
        !header::is_higher(reference, end)
            || (
                header::same_epoch(reference, end)
                    && header::number(reference) - header::number(end) <= UNDER_WAY_MAX
            )
    }

    /// Aborts with E_STALE_CHECKPOINT unless the header counts.
    package fun assert_counts(
        channel: u64,
        number: u64,
        reference: &HeaderRef,
    ) acquires Registry {
        assert!(counts(channel, number, reference), errors::stale_checkpoint())
    }

    /// None or one: the highest header that counts under a configuration that the chain itself
    /// ended.
    package fun ceiling(channel: u64, number: u64): vector<HeaderRef> acquires Registry {
        assert!(has_configuration(channel, number), errors::unknown_configuration());
        let configurations = &borrow_global<Registry>(@rooch).configurations;
        table::borrow(configurations, ConfigurationKey { channel, number }).ceiling
    }

    /// Aborts with E_NO_PROPOSAL when there is none.
    package fun proposal(channel: u64, number: u64): Proposal acquires Registry {
        let proposals = &borrow_global<Registry>(@rooch).proposals;
        let key = ProposalKey { channel, number };
        assert!(table::contains(proposals, key), errors::no_proposal());
        *table::borrow(proposals, key)
    }

    package fun save_proposal(channel: u64, proposal: Proposal) acquires Registry {
        let number = proposal::id(&proposal);
        let proposals = &mut borrow_global_mut<Registry>(@rooch).proposals;
        table::upsert(proposals, ProposalKey { channel, number }, proposal)
    }
}
