/// The blocks of a land, in two places, so that placing one touches one layer only: `ground` is the
/// land as its session began, `layers` holds those layers that were changed since. Folding brings
/// the second into the first.
module rooch_demo::terrain {
    use std::bcs;
    use std::error;
    use std::vector;
    use aptos_framework::event;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::table::{Self, Table};
    use rooch::change_set::{Self, StateChangeSet};
    use rooch::op::{Self, OP};
    use rooch_demo::blocks;

    /// What a settlement changes is not what is stored.
    const EOTHER_LAYER: u64 = 1;

    /// Loose blocks that fall in one tick; the others fall in later ones.
    const FALLING_MAX: u64 = 16;

    struct Terrain has store {
        /// Places of loose blocks that have nothing below them: place in the layer + 256 y.
        falling: vector<u64>,
        /// By height; a layer of nothing but air is empty.
        ground: vector<vector<u8>>,
        /// By height.
        layers: Table<u64, vector<u8>>,
    }

    #[event]
    struct BlockFell has drop, store {
        x: u64,
        /// Where it is now.
        y: u64,
        z: u64,
    }

    package fun new(): Terrain {
        Terrain { falling: vector[], ground: blocks::meadow(), layers: table::new() }
    }

    /// The layers as they were when the session began.
    package fun ground(self: &Terrain): vector<vector<u8>> { self.ground }

    /// The layers as they are now.
    package fun current(self: &Terrain): vector<vector<u8>> {
        let layers = self.ground;
        for (y in 0..vector::length(&layers)) {
            if (table::contains(&self.layers, y)) {
                *vector::borrow_mut(&mut layers, y) = *table::borrow(&self.layers, y)
            }
        };
        layers
    }

    package fun block_at(self: &Terrain, x: u64, y: u64, z: u64): u8 {
        let at = blocks::index(x, z);
        if (table::contains(&self.layers, y)) {
            return *vector::borrow(table::borrow(&self.layers, y), at)
        };
        let layer = vector::borrow(&self.ground, y);
        if (vector::is_empty(layer)) blocks::air() else *vector::borrow(layer, at)
    }

    package fun is_solid_at(self: &Terrain, x: u64, y: u64, z: u64): bool {
        blocks::is_solid(block_at(self, x, y, z))
    }

    /// Puts a block, and notes what it or its absence lets fall.
    package fun put_block(self: &mut Terrain, x: u64, y: u64, z: u64, block: u8) {
        set_block(self, x, y, z, block);
        loosen(self, x, y, z);
        loosen(self, x, y + 1, z)
    }

    /// Lets loose blocks with nothing below them fall by one. Changes nothing where none are.
    package fun fall(self: &mut Terrain) {
        let count = vector::length(&self.falling);
        if (count == 0) return;
        let first = if (count < FALLING_MAX) count else FALLING_MAX;
        let waiting = self.falling;
        self.falling = vector::slice(&waiting, first, count);
        for (i in 0..first) {
            fall_from(self, *vector::borrow(&waiting, i))
        }
    }

    /// Brings what was changed into the ground.
    package fun fold(self: &mut Terrain) {
        for (y in 0..blocks::height()) {
            if (table::contains(&self.layers, y)) {
                *vector::borrow_mut(&mut self.ground, y) = table::remove(&mut self.layers, y)
            }
        }
    }

    fun fall_from(self: &mut Terrain, place: u64) {
        let (x, y, z) = coordinates(place);
        if (!is_unsupported(self, x, y, z)) return;
        let block = block_at(self, x, y, z);
        set_block(self, x, y, z, blocks::air());
        set_block(self, x, y - 1, z, block);
        event::emit(BlockFell { x, y: y - 1, z });
        loosen(self, x, y - 1, z);
        loosen(self, x, y + 1, z)
    }

    /// Notes a loose block that has nothing below it, if that is what is there.
    fun loosen(self: &mut Terrain, x: u64, y: u64, z: u64) {
        if (y < blocks::height() && is_unsupported(self, x, y, z)) {
            remember_falling(self, blocks::index(x, z) + y * blocks::layer_size())
        }
    }

    fun is_unsupported(self: &Terrain, x: u64, y: u64, z: u64): bool {
        y > 0 && blocks::is_loose(block_at(self, x, y, z)) && !is_solid_at(self, x, y - 1, z)
    }

    fun remember_falling(self: &mut Terrain, place: u64) {
        if (!vector::contains(&self.falling, &place)) vector::push_back(&mut self.falling, place)
    }

    fun coordinates(place: u64): (u64, u64, u64) {
        let at = place % blocks::layer_size();
        (at % blocks::side(), place / blocks::layer_size(), at / blocks::side())
    }

    fun set_block(self: &mut Terrain, x: u64, y: u64, z: u64, block: u8) {
        if (!table::contains(&self.layers, y)) {
            let layer = *vector::borrow(&self.ground, y);
            if (vector::is_empty(&layer)) layer = blocks::layer_of(blocks::air());
            table::add(&mut self.layers, y, layer)
        };
        let layer = table::borrow_mut(&mut self.layers, y);
        *vector::borrow_mut(layer, blocks::index(x, z)) = block
    }

    // ---- settling

    /// Takes over what may have changed in the channel. Ground, and which table holds the layers,
    /// never do: those bytes are only passed over, and escrow compares them.
    package fun update(self: &mut Terrain, stream: &mut BCSStream) {
        let falling = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            vector::push_back(&mut falling, bcs_stream::deserialize_u64(stream))
        };
        self.falling = falling
    }

    /// The address under which a change set has the items of `layers`.
    package fun handle(self: &Terrain): address {
        bcs_stream::deserialize_address(&mut bcs_stream::new(bcs::to_bytes(&self.layers)))
    }

    /// @param items what a settlement changes at {@link handle}.
    package fun update_layers(self: &mut Terrain, items: &StateChangeSet) {
        let changes = change_set::items(items);
        vector::for_each_ref(&changes, |change| {
            let key = bcs_stream::new(change_set::item_key(change));
            let y = bcs_stream::deserialize_u64(&mut key);
            update_layer(self, y, &change_set::item_op(change))
        })
    }

    fun update_layer(self: &mut Terrain, y: u64, op: &OP) {
        if (op::is_new(op)) {
            table::add(&mut self.layers, y, read_layer(op::new(op)))
        } else {
            let layer = table::borrow_mut(&mut self.layers, y);
            let is_same = bcs::to_bytes(layer) == op::old(op);
            assert!(is_same, error::invalid_state(EOTHER_LAYER));
            *layer = read_layer(op::modify(op))
        }
    }

    fun read_layer(bytes: vector<u8>): vector<u8> {
        let stream = bcs_stream::new(bytes);
        let layer = bcs_stream::deserialize_bytes(&mut stream);
        bcs_stream::assert_finished(&stream);
        layer
    }
}
