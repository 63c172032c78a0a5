/// Events: values that a transaction leaves behind for those who watch, in order, outside state.
module aptos_framework::event {
    native fun emit_event<T: store + drop>(e: &T);

    public fun emit<T: store + drop>(e: T) {
        emit_event(&e)
    }
}
