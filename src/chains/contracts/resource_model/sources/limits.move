/// Refuses what a transaction's fees did not buy. The chain measures, and calls this where the
/// measure is over; that the refusal is an abort makes it readable wherever statuses are.
module resource_model::limits {
    use resource_model::errors;

    fun exceed_cpu() {
        abort errors::cpu_usage_exceeded()
    }

    fun exceed_net() {
        abort errors::net_usage_exceeded()
    }

    fun exceed_ram() {
        abort errors::action_ram_exceeded()
    }

    fun exceed_fee_limit() {
        abort errors::fee_limit_exceeded()
    }

    fun lack_fee() {
        abort errors::no_fee()
    }

    fun exceed_actions() {
        abort errors::too_many_actions()
    }

    fun name_no_action() {
        abort errors::bad_action()
    }
}
