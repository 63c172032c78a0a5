/// What lands are made of: kinds of block, the order in which they stand in a layer, and how a new
/// land looks. Knows layers only.
module rooch_demo::blocks {
    use std::vector;

    /// Blocks of a land along x and z, and along y, which is height.
    const SIDE: u64 = 16;
    const HEIGHT: u64 = 32;

    const AIR: u8 = 0;
    /// The floor of every land: nobody takes it away.
    const BEDROCK: u8 = 1;
    const STONE: u8 = 2;
    const EARTH: u8 = 3;
    const GRASS: u8 = 4;
    /// Falls where nothing is below it.
    const SAND: u8 = 5;
    const WOOD: u8 = 6;
    const LEAVES: u8 = 7;
    /// Kinds above these are bricks of several colours.
    const KINDS: u8 = 16;

    /// The dune and the tree of a new land.
    const DUNE_SIDE: u64 = 4;
    const TREE_AT: u64 = 11;
    const GROUND: u64 = 4;
    const TREE_TOP: u64 = 7;

    package fun side(): u64 { SIDE }

    package fun height(): u64 { HEIGHT }

    package fun air(): u8 { AIR }

    /// Blocks of one layer.
    package fun layer_size(): u64 { SIDE * SIDE }

    package fun is_inside(x: u64, y: u64, z: u64): bool { x < SIDE && y < HEIGHT && z < SIDE }

    /// Where a block stands in its layer.
    package fun index(x: u64, z: u64): u64 { z * SIDE + x }

    package fun is_known(block: u8): bool { block < KINDS }

    /// Whether a hero cannot be where this block is.
    package fun is_solid(block: u8): bool { block != AIR }

    package fun is_fixed(block: u8): bool { block == BEDROCK }

    package fun is_loose(block: u8): bool { block == SAND }

    /// A layer of one kind.
    package fun layer_of(block: u8): vector<u8> {
        let layer = vector[];
        for (i in 0..(SIDE * SIDE)) {
            vector::push_back(&mut layer, block)
        };
        layer
    }

    /// The layers of a new land, from the floor: a meadow with a dune and a tree. Layers of air are
    /// empty.
    package fun meadow(): vector<vector<u8>> {
        let layers =
            vector[
                layer_of(BEDROCK), layer_of(STONE), layer_of(EARTH), layer_of(GRASS)
            ];
        for (y in GROUND..HEIGHT) {
            let layer = if (y <= TREE_TOP) layer_of(AIR) else vector[];
            vector::push_back(&mut layers, layer)
        };
        let dune = vector::borrow_mut(&mut layers, GROUND);
        for (i in 0..(DUNE_SIDE * DUNE_SIDE)) {
            *vector::borrow_mut(dune, index(i % DUNE_SIDE, i / DUNE_SIDE)) = SAND
        };
        for (y in GROUND..TREE_TOP) {
            let layer = vector::borrow_mut(&mut layers, y);
            *vector::borrow_mut(layer, index(TREE_AT, TREE_AT)) = WOOD
        };
        for (y in (TREE_TOP - 1)..(TREE_TOP + 1)) grow_leaves(vector::borrow_mut(&mut layers, y));
        layers
    }

    /// Leaves around the trunk, and above it.
    fun grow_leaves(layer: &mut vector<u8>) {
        for (i in 0..9) {
            let at = index(TREE_AT - 1 + i % 3, TREE_AT - 1 + i / 3);
            let place = vector::borrow_mut(layer, at);
            if (*place == AIR) *place = LEAVES
        }
    }

    /// What a new hero carries: by kind, the number of blocks.
    package fun first_inventory(): vector<u64> {
        let blocks = vector[];
        for (kind in 0..(KINDS as u64)) {
            let is_carried = kind > (BEDROCK as u64);
            vector::push_back(&mut blocks, if (is_carried) 32 else 0)
        };
        blocks
    }
}
