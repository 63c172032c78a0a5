/// Heroes and what they carry. Knows the terrain they stand on, and no land.
module rooch_demo::hero {
    use std::error;
    use std::string::{Self, String};
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use rooch_demo::blocks;
    use rooch_demo::terrain::{Self, Terrain};

    /// A name has 1 to 64 bytes.
    const EBAD_NAME: u64 = 1;
    /// Further away than a hero walks or reaches at once.
    const EOUT_OF_REACH: u64 = 2;
    /// Nobody climbs two blocks.
    const ETOO_STEEP: u64 = 3;
    /// No block of this kind is left in the inventory.
    const ENONE_LEFT: u64 = 4;

    const NAME_SIZE_MAX: u64 = 64;
    /// In blocks along each axis.
    const REACH: u64 = 5;

    struct Hero has store {
        name: String,
        x: u64,
        y: u64,
        z: u64,
    }

    struct Inventory has store {
        /// By kind.
        blocks: vector<u64>,
    }

    package fun new(name: String): Hero {
        assert_name(&name);
        Hero { name, x: 0, y: 0, z: 0 }
    }

    package fun first_inventory(): Inventory {
        Inventory { blocks: blocks::first_inventory() }
    }

    package fun name(self: &Hero): String { self.name }

    package fun place(self: &Hero): (u64, u64, u64) { (self.x, self.y, self.z) }

    package fun carried(self: &Inventory): vector<u64> { self.blocks }

    package fun assert_name(name: &String) {
        let size = string::length(name);
        assert!(size > 0 && size <= NAME_SIZE_MAX, error::invalid_argument(EBAD_NAME))
    }

    /// Lifts the hero above the middle of a land: it falls when it takes its first step.
    package fun arrive(self: &mut Hero) {
        self.x = blocks::side() / 2;
        self.z = blocks::side() / 2;
        self.y = blocks::height() - 1
    }

    /// Walks one step, along x, z or both, or none, at most one block up; then falls until
    /// something is below.
    package fun walk(self: &mut Hero, terrain: &Terrain, x: u64, z: u64) {
        let is_step = distance(self.x, x) <= 1 && distance(self.z, z) <= 1;
        assert!(is_step, error::invalid_argument(EOUT_OF_REACH));
        let y = self.y;
        if (terrain::is_solid_at(terrain, x, y, z)) {
            y = y + 1;
            let is_free = y < blocks::height() && !terrain::is_solid_at(terrain, x, y, z);
            assert!(is_free, error::invalid_state(ETOO_STEEP))
        };
        while (y > 0 && !terrain::is_solid_at(terrain, x, y - 1, z)) y = y - 1;
        self.x = x;
        self.y = y;
        self.z = z
    }

    package fun assert_reaches(self: &Hero, x: u64, y: u64, z: u64) {
        let is_near =
            distance(self.x, x) <= REACH
                && distance(self.y, y) <= REACH
                && distance(self.z, z) <= REACH;
        assert!(is_near, error::invalid_argument(EOUT_OF_REACH))
    }

    package fun is_at(self: &Hero, x: u64, y: u64, z: u64): bool {
        self.x == x && self.y == y && self.z == z
    }

    package fun put_in(self: &mut Inventory, block: u8) {
        let count = vector::borrow_mut(&mut self.blocks, (block as u64));
        *count = *count + 1
    }

    package fun take_out(self: &mut Inventory, block: u8) {
        let count = vector::borrow_mut(&mut self.blocks, (block as u64));
        assert!(*count > 0, error::resource_exhausted(ENONE_LEFT));
        *count = *count - 1
    }

    // ---- settling

    package fun update(self: &mut Hero, stream: &mut BCSStream) {
        self.name = bcs_stream::deserialize_string(stream);
        self.x = bcs_stream::deserialize_u64(stream);
        self.y = bcs_stream::deserialize_u64(stream);
        self.z = bcs_stream::deserialize_u64(stream)
    }

    package fun update_inventory(self: &mut Inventory, stream: &mut BCSStream) {
        let blocks = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(stream)) {
            vector::push_back(&mut blocks, bcs_stream::deserialize_u64(stream))
        };
        self.blocks = blocks
    }

    fun distance(a: u64, b: u64): u64 { if (a > b) a - b else b - a }
}
