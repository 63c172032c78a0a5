/// A document that several people edit at the same time, one of them in each paragraph. On chain it
/// is a file of a drive; opening it makes it the state of a channel, whose settlements bring the
/// latest text back under this contract's hands, and closing it saves the file.
module rooch_demo::editor {
    use std::error;
    use std::signer;
    use std::string::{Self, String, utf8};
    use std::vector;
    use aptos_framework::aptos_coin::AptosCoin;
    use aptos_framework::event;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_std::table::{Self, Table};
    use rooch::config;
    use rooch::op::{Self, OP};
    use rooch::state_channel::{Self, NoAsset, SettlementAction, SettlementCap};

    const ERR_NO_DRIVE: u64 = 1;
    const ERR_DRIVE_EXISTS: u64 = 2;
    const ERR_FILE_EXISTS: u64 = 3;
    /// The file is not the sender's to open, and nobody shared it with the sender.
    const ERR_NOT_ALLOWED: u64 = 4;
    const ERR_FILE_NOT_EXISTS: u64 = 5;
    const ERR_FILE_ALREADY_OPEN: u64 = 6;
    const ERR_DOCUMENT_NOT_OPEN: u64 = 7;
    const ERR_BAD_TITLE: u64 = 8;
    /// Editing is a matter of the channel: on chain the document is in escrow.
    const ERR_NOT_IN_CHANNEL: u64 = 9;
    /// A settlement speaks of another document than the one it settles.
    const ERR_WRONG_DOCUMENT: u64 = 10;
    const ERR_NO_PARAGRAPH: u64 = 11;
    /// Somebody else is editing this paragraph.
    const ERR_PARAGRAPH_TAKEN: u64 = 12;
    /// The sender has to begin before it edits or ends.
    const ERR_NOT_EDITING: u64 = 13;
    const ERR_TEXT_TOO_LONG: u64 = 14;
    const ERR_DOCUMENT_FULL: u64 = 15;
    const ERR_BAD_PLACE: u64 = 16;
    const ERR_TOO_MANY_EDITORS: u64 = 17;

    const TITLE_SIZE_MAX: u64 = 64;
    /// With the longest texts a document stays below 14 KiB, within one value's limit.
    const PARAGRAPHS_MAX: u64 = 24;
    const TEXT_SIZE_MAX: u64 = 512;
    const SHARED_MAX: u64 = 32;
    /// 1 AptosCoin.
    const STAKE: u64 = 10_000;
    /// The stake is play money: silence is judged by the least window, a dispute likewise.
    const WINDOW_MS: u64 = 15_000;
    const TICK_MS: u64 = 5_000;
    /// Who holds a paragraph and writes nothing for so long loses it.
    const IDLE_MS_MAX: u64 = 30_000;
    const NOBODY: address = @0x0;

    struct Drive has key {
        files: Table<u64, File>,
    }

    struct File has store {
        title: String,
        /// With whom the drive's owner shares it.
        editors: vector<address>,
        /// As of the last closing.
        paragraphs: vector<String>,
    }

    struct Document has key, store {
        drive_address: address,
        file_id: u64,
        title: String,
        /// Paragraphs ever made: their numbers are never used twice.
        count: u64,
        paragraphs: vector<Paragraph>,
    }

    struct Paragraph has copy, drop, store {
        id: u64,
        text: String,
        /// Who is editing it; 0x0 for nobody.
        editor: address,
        /// Time of the first tick after its editor was last heard; 0 before that tick.
        idle_since_ms: u64,
    }

    struct FileKey has copy, drop, store {
        drive_address: address,
        file_id: u64,
    }

    struct EditingDocument has store {
        drive_address: address,
        file_id: u64,
        settlement_cap: SettlementCap<Document, NoAsset>,
    }

    /// What finds open documents, under @rooch_demo.
    struct DocumentEditor has key {
        /// By document, whose id is that of its state channel.
        editing_documents: Table<u64, EditingDocument>,
        /// Document by file.
        open_files: Table<FileKey, u64>,
    }

    #[event]
    struct DocumentOpened has drop, store {
        drive_address: address,
        file_id: u64,
        state_channel_id: u64,
    }

    #[event]
    struct ParagraphChanged has drop, store {
        paragraph_id: u64,
        editor: address,
        text: String,
    }

    /// Runs once, when the package is published: the drive of @rooch_demo itself is everybody's.
    fun init_module(account: &signer) {
        move_to(
            account,
            DocumentEditor { editing_documents: table::new(), open_files: table::new() }
        );
        drive_create(account)
    }

    // ---- drives, on chain

    /// Gives the sender a drive of its own.
    public entry fun drive_create(account: &signer) {
        let addr = signer::address_of(account);
        assert!(!exists<Drive>(addr), error::already_exists(ERR_DRIVE_EXISTS));
        move_to(account, Drive { files: table::new() })
    }

    /// Makes an empty file. The caller chooses its id; only the drive of @rooch_demo takes files of
    /// others than its owner.
    public entry fun drive_file_create(
        account: &signer,
        drive_address: address,
        file_id: u64,
        title: String,
    ) acquires Drive {
        let is_owner = signer::address_of(account) == drive_address;
        assert!(is_owner || is_public(drive_address), error::permission_denied(ERR_NOT_ALLOWED));
        let size = string::length(&title);
        assert!(size > 0 && size <= TITLE_SIZE_MAX, error::invalid_argument(ERR_BAD_TITLE));
        assert!(exists<Drive>(drive_address), error::not_found(ERR_NO_DRIVE));
        let files = &mut borrow_global_mut<Drive>(drive_address).files;
        assert!(!table::contains(files, file_id), error::already_exists(ERR_FILE_EXISTS));
        table::add(files, file_id, File { title, editors: vector[], paragraphs: vector[] })
    }

    /// Lets somebody edit a file of the sender's drive.
    public entry fun drive_file_share(
        account: &signer,
        file_id: u64,
        editor: address,
    ) acquires Drive {
        let file = borrow_file_mut(signer::address_of(account), file_id);
        if (vector::contains(&file.editors, &editor)) return;
        let is_room = vector::length(&file.editors) < SHARED_MAX;
        assert!(is_room, error::resource_exhausted(ERR_TOO_MANY_EDITORS));
        vector::push_back(&mut file.editors, editor)
    }

    /// Takes that back. Who is in the document already stays in until it leaves.
    public entry fun drive_file_unshare(
        account: &signer,
        file_id: u64,
        editor: address,
    ) acquires Drive {
        let file = borrow_file_mut(signer::address_of(account), file_id);
        let (found, i) = vector::index_of(&file.editors, &editor);
        assert!(found, error::not_found(ERR_NOT_ALLOWED));
        vector::remove(&mut file.editors, i);
    }

    // ---- channels, on chain

    /// Opens a file for editing: a new state channel, whose first member is the sender. Everybody
    /// who takes part stakes 1 AptosCoin. The sender must have registered its node.
    public entry fun document_editor_open(
        account: &signer,
        drive_address: address,
        file_id: u64,
    ) acquires DocumentEditor, Drive {
        document_editor_open_with_stake(account, drive_address, file_id, STAKE)
    }

    /// {@link document_editor_open} with another stake, in units of the native coin.
    public entry fun document_editor_open_with_stake(
        account: &signer,
        drive_address: address,
        file_id: u64,
        stake: u64,
    ) acquires DocumentEditor, Drive {
        assert!(
            drive_file_exists(drive_address, file_id),
            error::not_found(ERR_FILE_NOT_EXISTS)
        );
        let key = FileKey { drive_address, file_id };
        let editor = borrow_global<DocumentEditor>(@rooch_demo);
        assert!(
            !table::contains(&editor.open_files, key),
            error::already_exists(ERR_FILE_ALREADY_OPEN)
        );
        assert_allowed(account, drive_address, file_id);
        let doc = document_create(drive_address, file_id);
        let cfg = state_channel::create_config(stake);
        config::set_dispute_window_ms(&mut cfg, WINDOW_MS);
        config::set_challenge_window_ms(&mut cfg, WINDOW_MS);
        config::set_tick(&mut cfg, utf8(b"0x21::editor::on_tick"), TICK_MS);
        config::add_label(&mut cfg, utf8(b"drive_address"), drive_address);
        let (settlement_cap, state_channel_id) =
            state_channel::create<Document, NoAsset, AptosCoin>(account, doc, cfg);
        state_channel::join<NoAsset>(account, state_channel_id, state_channel::no_asset());
        let editing = EditingDocument { drive_address, file_id, settlement_cap };
        let editor = borrow_global_mut<DocumentEditor>(@rooch_demo);
        table::add(&mut editor.editing_documents, state_channel_id, editing);
        table::add(&mut editor.open_files, key, state_channel_id);
        event::emit(DocumentOpened { drive_address, file_id, state_channel_id })
    }

    /// @param doc_id the document's id, which is that of its state channel.
    public entry fun editing_document_join(
        account: &signer,
        doc_id: u64,
    ) acquires DocumentEditor, Drive {
        let (drive_address, file_id) = editing_document_file(doc_id);
        assert_allowed(account, drive_address, file_id);
        state_channel::join<NoAsset>(account, doc_id, state_channel::no_asset())
    }

    /// Returns the sender's stake, once the settlement that ends its seat is executed; also when
    /// the document is closed.
    public entry fun editing_document_leave(account: &signer, doc_id: u64) {
        state_channel::leave<NoAsset>(account, doc_id);
    }

    /// Ends the channel and saves the text in its file.
    public entry fun editing_document_close(
        account: &signer,
        doc_id: u64,
    ) acquires DocumentEditor, Drive {
        assert_open(doc_id);
        let doc = state_channel::close<Document>(account, doc_id);
        let editor = borrow_global_mut<DocumentEditor>(@rooch_demo);
        let editing = table::remove(&mut editor.editing_documents, doc_id);
        let EditingDocument { drive_address, file_id, settlement_cap } = editing;
        table::remove(&mut editor.open_files, FileKey { drive_address, file_id });
        state_channel::destroy_cap(settlement_cap);
        document_destroy(doc)
    }

    /// Executes a settlement that has passed: the document becomes what the members certified.
    public entry fun document_settlement(
        account: &signer,
        state_channel_id: u64,
        proposal_id: u64,
    ) acquires DocumentEditor {
        assert_open(state_channel_id);
        let editor = borrow_global_mut<DocumentEditor>(@rooch_demo);
        let editing = table::borrow_mut(&mut editor.editing_documents, state_channel_id);
        let cap = &mut editing.settlement_cap;
        let action =
            state_channel::execute_proposal<Document, SettlementAction>(
                account, state_channel_id, proposal_id
            );
        let changes = state_channel::get_account_change_sets(&action, @rooch_demo);
        if (state_channel::has_change_set_op<Document>(&changes)) {
            let doc = state_channel::borrow_mut(account, cap, state_channel_id);
            let op = state_channel::get_change_set_op<Document>(&changes);
            document_apply_change_set(doc, &op)
        };
        state_channel::complete(action, cap)
    }

    /// Escrow lets no change set delete the document: there is only `modify`.
    fun document_apply_change_set(doc: &mut Document, op: &OP) {
        document_update_element(doc, op::modify(op))
    }

    /// Takes the fields' new values out of their bytes.
    fun document_update_element(doc: &mut Document, bytes: vector<u8>) {
        let stream = bcs_stream::new(bytes);
        let drive_address = bcs_stream::deserialize_address(&mut stream);
        let file_id = bcs_stream::deserialize_u64(&mut stream);
        let is_same = drive_address == doc.drive_address && file_id == doc.file_id;
        assert!(is_same, error::invalid_argument(ERR_WRONG_DOCUMENT));
        doc.title = bcs_stream::deserialize_string(&mut stream);
        doc.count = bcs_stream::deserialize_u64(&mut stream);
        let paragraphs = vector[];
        for (i in 0..bcs_stream::deserialize_uleb128(&mut stream)) {
            vector::push_back(&mut paragraphs, read_paragraph(&mut stream))
        };
        bcs_stream::assert_finished(&stream);
        doc.paragraphs = paragraphs
    }

    fun read_paragraph(stream: &mut BCSStream): Paragraph {
        let id = bcs_stream::deserialize_u64(stream);
        let text = bcs_stream::deserialize_string(stream);
        let editor = bcs_stream::deserialize_address(stream);
        let idle_since_ms = bcs_stream::deserialize_u64(stream);
        Paragraph { id, text, editor, idle_since_ms }
    }

    // ---- editing, in the channel

    /// Puts an empty paragraph before the one that stands at `place`, or at the end, and gives it
    /// to the sender to edit.
    public entry fun paragraph_insert(sender: &signer, place: u64) acquires Document {
        let doc = borrow_document_mut();
        let length = vector::length(&doc.paragraphs);
        assert!(place <= length, error::out_of_range(ERR_BAD_PLACE));
        assert!(length < PARAGRAPHS_MAX, error::resource_exhausted(ERR_DOCUMENT_FULL));
        doc.count = doc.count + 1;
        let (id, editor) = (doc.count, signer::address_of(sender));
        let paragraph = Paragraph { id, text: utf8(b""), editor, idle_since_ms: 0 };
        vector::insert(&mut doc.paragraphs, place, paragraph);
        event::emit(ParagraphChanged { paragraph_id: id, editor, text: utf8(b"") })
    }

    /// Takes a paragraph to edit, unless somebody else has it.
    public entry fun paragraph_begin(sender: &signer, paragraph_id: u64) acquires Document {
        let paragraph = borrow_free(sender, paragraph_id);
        paragraph.editor = signer::address_of(sender);
        paragraph.idle_since_ms = 0
    }

    /// Replaces the text of a paragraph that the sender is editing: at most 512 bytes.
    public entry fun paragraph_edit(
        sender: &signer,
        paragraph_id: u64,
        text: String,
    ) acquires Document {
        let size = string::length(&text);
        assert!(size <= TEXT_SIZE_MAX, error::invalid_argument(ERR_TEXT_TOO_LONG));
        let paragraph = borrow_held(sender, paragraph_id);
        paragraph.text = text;
        paragraph.idle_since_ms = 0;
        event::emit(ParagraphChanged { paragraph_id, editor: paragraph.editor, text })
    }

    /// Lets go of a paragraph.
    public entry fun paragraph_end(sender: &signer, paragraph_id: u64) acquires Document {
        let paragraph = borrow_held(sender, paragraph_id);
        paragraph.editor = NOBODY;
        paragraph.idle_since_ms = 0
    }

    /// Deletes a paragraph that nobody else is editing.
    public entry fun paragraph_delete(sender: &signer, paragraph_id: u64) acquires Document {
        borrow_free(sender, paragraph_id);
        let doc = borrow_document_mut();
        let i = index_of(doc, paragraph_id);
        vector::remove(&mut doc.paragraphs, i);
    }

    /// Frees paragraphs whose editors have written nothing for half a minute: who crashed holds
    /// nobody up. Changes nothing while nobody edits.
    public fun on_tick(now_ms: u64, _tick: u64) acquires Document {
        let doc = borrow_document_mut();
        for (i in 0..vector::length(&doc.paragraphs)) {
            let paragraph = vector::borrow_mut(&mut doc.paragraphs, i);
            if (paragraph.editor == NOBODY) continue;
            if (paragraph.idle_since_ms == 0) {
                paragraph.idle_since_ms = now_ms
            } else if (now_ms - paragraph.idle_since_ms >= IDLE_MS_MAX) {
                paragraph.editor = NOBODY;
                paragraph.idle_since_ms = 0
            }
        }
    }

    // ---- reading

    #[view]
    public fun drive_file_exists(drive_address: address, file_id: u64): bool acquires Drive {
        exists<Drive>(drive_address)
            && table::contains(&borrow_global<Drive>(drive_address).files, file_id)
    }

    #[view]
    /// A file as it was last closed: title, paragraphs.
    public fun get_file(
        drive_address: address,
        file_id: u64,
    ): (String, vector<String>) acquires Drive {
        let file = borrow_file(drive_address, file_id);
        (file.title, file.paragraphs)
    }

    #[view]
    /// The document, and state channel, in which a file is open.
    public fun editing_document(
        drive_address: address,
        file_id: u64,
    ): u64 acquires DocumentEditor {
        let open_files = &borrow_global<DocumentEditor>(@rooch_demo).open_files;
        let key = FileKey { drive_address, file_id };
        assert!(table::contains(open_files, key), error::not_found(ERR_DOCUMENT_NOT_OPEN));
        *table::borrow(open_files, key)
    }

    #[view]
    /// The drive and file of an open document.
    public fun editing_document_file(doc_id: u64): (address, u64) acquires DocumentEditor {
        assert_open(doc_id);
        let editor = borrow_global<DocumentEditor>(@rooch_demo);
        let editing = table::borrow(&editor.editing_documents, doc_id);
        (editing.drive_address, editing.file_id)
    }

    // ---- within

    /// The drive that takes files of everybody, for everybody to edit.
    fun is_public(drive_address: address): bool { drive_address == @rooch_demo }

    fun assert_allowed(account: &signer, drive_address: address, file_id: u64) acquires Drive {
        if (is_public(drive_address)) return;
        let addr = signer::address_of(account);
        if (addr == drive_address) return;
        let is_shared = vector::contains(&borrow_file(drive_address, file_id).editors, &addr);
        assert!(is_shared, error::permission_denied(ERR_NOT_ALLOWED))
    }

    fun assert_open(doc_id: u64) acquires DocumentEditor {
        let editor = borrow_global<DocumentEditor>(@rooch_demo);
        let is_open = table::contains(&editor.editing_documents, doc_id);
        assert!(is_open, error::not_found(ERR_DOCUMENT_NOT_OPEN))
    }

    /// A document with a file's text.
    fun document_create(drive_address: address, file_id: u64): Document acquires Drive {
        let file = borrow_file(drive_address, file_id);
        let paragraphs = vector[];
        let count = 0;
        vector::for_each_ref(&file.paragraphs, |text| {
            count = count + 1;
            let paragraph = Paragraph { id: count, text: *text, editor: NOBODY, idle_since_ms: 0 };
            vector::push_back(&mut paragraphs, paragraph)
        });
        Document { drive_address, file_id, title: file.title, count, paragraphs }
    }

    /// Saves a document's text in its file.
    fun document_destroy(doc: Document) acquires Drive {
        let Document { drive_address, file_id, title: _, count: _, paragraphs } = doc;
        let texts = vector[];
        vector::for_each_ref(&paragraphs, |paragraph| {
            let paragraph: &Paragraph = paragraph;
            vector::push_back(&mut texts, paragraph.text)
        });
        borrow_file_mut(drive_address, file_id).paragraphs = texts
    }

    inline fun borrow_file(drive_address: address, file_id: u64): &File {
        assert!(
            drive_file_exists(drive_address, file_id),
            error::not_found(ERR_FILE_NOT_EXISTS)
        );
        table::borrow(&borrow_global<Drive>(drive_address).files, file_id)
    }

    inline fun borrow_file_mut(drive_address: address, file_id: u64): &mut File {
        assert!(
            drive_file_exists(drive_address, file_id),
            error::not_found(ERR_FILE_NOT_EXISTS)
        );
        table::borrow_mut(&mut borrow_global_mut<Drive>(drive_address).files, file_id)
    }

    inline fun borrow_document_mut(): &mut Document {
        assert!(exists<Document>(@rooch_demo), error::invalid_state(ERR_NOT_IN_CHANNEL));
        borrow_global_mut<Document>(@rooch_demo)
    }

    /// A paragraph that nobody but the sender is editing.
    inline fun borrow_free(sender: &signer, paragraph_id: u64): &mut Paragraph {
        let doc = borrow_document_mut();
        let i = index_of(doc, paragraph_id);
        let paragraph = vector::borrow_mut(&mut doc.paragraphs, i);
        let is_free =
            paragraph.editor == NOBODY || paragraph.editor == signer::address_of(sender);
        assert!(is_free, error::invalid_state(ERR_PARAGRAPH_TAKEN));
        paragraph
    }

    /// A paragraph that the sender is editing.
    inline fun borrow_held(sender: &signer, paragraph_id: u64): &mut Paragraph {
        let doc = borrow_document_mut();
        let i = index_of(doc, paragraph_id);
        let paragraph = vector::borrow_mut(&mut doc.paragraphs, i);
        let is_held = paragraph.editor == signer::address_of(sender);
        assert!(is_held, error::permission_denied(ERR_NOT_EDITING));
        paragraph
    }

    fun index_of(doc: &Document, paragraph_id: u64): u64 {
        for (i in 0..vector::length(&doc.paragraphs)) {
            if (vector::borrow(&doc.paragraphs, i).id == paragraph_id) return i
        };
        abort error::not_found(ERR_NO_PARAGRAPH)
    }
}
