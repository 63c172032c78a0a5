/// How transactions of a parallel chain travel on the main chain, which orders them and does not
/// read them.
module paracross::para_transaction {
    use std::signer;
    use std::string::String;
    use std::vector;
    use aptos_framework::event;
    use paracross::errors;
    use paracross::node_list;
    use paracross::title;

    /// Transactions in a group.
    const GROUP_SIZE_MAX: u64 = 20;

    #[event]
    struct Sent has drop, store {
        title: String,
        sender: address,
        payloads: vector<vector<u8>>,
    }

    /// Hands transactions to the nodes of a title, as a group: all of them or, when this main
    /// chain's transaction fails, none. Contracts may call this beside what else they do.
    public entry fun send(sender: &signer, title: String, payloads: vector<vector<u8>>) {
        title::check(&title);
        node_list::check_title(title);
        let count = vector::length(&payloads);
        assert!(count > 0 && count <= GROUP_SIZE_MAX, errors::invalid_param());
        event::emit(Sent { title, sender: signer::address_of(sender), payloads })
    }
}
