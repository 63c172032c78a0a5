/// What peers in office have said they saw on their shard. A statement is counted by the hash of all
/// it says, so that peers who say different things never add up.
module holdfast_shard::confirmation {
    use std::vector;
    use aptos_std::table::{Self, Table};

    struct Confirmations has store {
        /// Keys of those who made a statement, by its hash.
        by_statement: Table<vector<u8>, vector<vector<u8>>>,
    }

    package fun new(): Confirmations {
        Confirmations { by_statement: table::new() }
    }

    /// Counts a peer once, however often it says the same.
    package fun add(self: &mut Confirmations, statement: vector<u8>, peer: vector<u8>) {
        let peers = table::borrow_mut_with_default(&mut self.by_statement, statement, vector[]);
        if (!vector::contains(peers, &peer)) vector::push_back(peers, peer)
    }

    /// The statement has had its effect: nothing is counted for it any more.
    package fun clear(self: &mut Confirmations, statement: vector<u8>) {
        if (table::contains(&self.by_statement, statement)) {
            table::remove(&mut self.by_statement, statement);
        }
    }

    package fun peers(self: &Confirmations, statement: vector<u8>): vector<vector<u8>> {
        *table::borrow_with_default(&self.by_statement, statement, &vector[])
    }

    /// How many of those in office now have made the statement. Who has left office since does not
    /// count.
    package fun count(
        self: &Confirmations,
        statement: vector<u8>,
        in_office: &vector<vector<u8>>,
    ): u64 {
        let said = peers(self, statement);
        let count = 0;
        let i = 0;
        while (i < vector::length(in_office)) {
            if (vector::contains(&said, vector::borrow(in_office, i))) count = count + 1;
            i = i + 1
        };
        count
    }
}
