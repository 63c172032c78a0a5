/// Fetching the hero and inventory of a seat that has left a land's channel alone. A module of its
/// own, so that what players run in the channel does not depend on it.
module rooch_demo::land_claim {
    use rooch::exit;
    use rooch_demo::movecraft::{Self, Traveller};

    /// Brings the sender's hero and inventory home as they were where the exit was paid from
    /// (`evidence`: ClaimEvidence), once.
    public entry fun land_channel_claim(
        account: &signer,
        state_channel_id: u64,
        seat: u64,
        evidence: vector<u8>,
    ) {
        let claim = exit::begin_claim<Traveller>(account, state_channel_id, seat, evidence);
        let bytes = exit::claimed_bytes(&claim);
        movecraft::update_traveller(exit::claimed_asset_mut(&mut claim), bytes);
        movecraft::bring_home(account, state_channel_id, exit::complete_claim(claim))
    }
}
