/// A land of 32 x 32 x 32 blocks at its owner: a table of layers, so that placing a block touches one of them.
module bench::movecraft {
    use std::signer;
    use std::vector;
    use aptos_std::table::{Self, Table};

    const EOUT_OF_LAND: u64 = 1;
    const EUNKNOWN_BLOCK: u64 = 2;
    const EOCCUPIED: u64 = 3;
    const ENO_LAND: u64 = 4;

    const LAND_SIZE: u64 = 32;
    const BLOCK_KINDS: u8 = 16;
    const AIR: u8 = 0;

    /// By height y; block (x, z) of a layer stands at z * 32 + x.
    struct Land has key { layers: Table<u64, vector<u8>> }

    public entry fun create(account: &signer) {
        let layers = table::new();
        let y = 0;
        while (y < LAND_SIZE) {
            let blocks = vector[];
            let index = 0;
            while (index < LAND_SIZE * LAND_SIZE) {
                vector::push_back(&mut blocks, AIR);
                index = index + 1;
            };
            table::add(&mut layers, y, blocks);
            y = y + 1;
        };
        move_to(account, Land { layers });
    }

    /// Puts a block into air, or takes one away by placing air.
    public entry fun place_block(account: &signer, x: u64, y: u64, z: u64, block: u8) acquires Land {
        assert!(x < LAND_SIZE && y < LAND_SIZE && z < LAND_SIZE, EOUT_OF_LAND);
        assert!(block < BLOCK_KINDS, EUNKNOWN_BLOCK);
        let owner = signer::address_of(account);
        assert!(exists<Land>(owner), ENO_LAND);
        let layer = table::borrow_mut(&mut borrow_global_mut<Land>(owner).layers, y);
        let place = vector::borrow_mut(layer, z * LAND_SIZE + x);
        assert!(*place == AIR || block == AIR, EOCCUPIED);
        *place = block;
    }
}
