/// A value or none, kept as a vector of at most one element.
module std::option {
    use std::vector;

    struct Option<Element> has copy, drop, store {
        vec: vector<Element>,
    }

    const EOPTION_IS_SET: u64 = 0x40000;
    const EOPTION_NOT_SET: u64 = 0x40001;

    public fun none<Element>(): Option<Element> {
        Option { vec: vector::empty() }
    }

    public fun some<Element>(e: Element): Option<Element> {
        Option { vec: vector::singleton(e) }
    }

    public fun is_none<Element>(self: &Option<Element>): bool {
        vector::is_empty(&self.vec)
    }

    public fun is_some<Element>(self: &Option<Element>): bool {
        !vector::is_empty(&self.vec)
    }

    public fun contains<Element>(self: &Option<Element>, e: &Element): bool {
        vector::contains(&self.vec, e)
    }

    public fun borrow<Element>(self: &Option<Element>): &Element {
        assert!(is_some(self), EOPTION_NOT_SET);
        vector::borrow(&self.vec, 0)
    }

    public fun borrow_mut<Element>(self: &mut Option<Element>): &mut Element {
        assert!(is_some(self), EOPTION_NOT_SET);
        vector::borrow_mut(&mut self.vec, 0)
    }

    public fun get_with_default<Element: copy + drop>(
        self: &Option<Element>,
        default: Element,
    ): Element {
        if (is_some(self)) *vector::borrow(&self.vec, 0) else default
    }

    /// Sets a value where there was none.
    public fun fill<Element>(self: &mut Option<Element>, e: Element) {
        assert!(is_none(self), EOPTION_IS_SET);
        vector::push_back(&mut self.vec, e)
    }

    /// Takes the value and leaves none.
    public fun extract<Element>(self: &mut Option<Element>): Element {
        assert!(is_some(self), EOPTION_NOT_SET);
        vector::pop_back(&mut self.vec)
    }

    /// Puts `e` in place of the value and returns the old one.
    public fun swap<Element>(self: &mut Option<Element>, e: Element): Element {
        let old = extract(self);
        fill(self, e);
        old
    }

    public fun destroy_with_default<Element: drop>(
        self: Option<Element>,
        default: Element,
    ): Element {
        if (is_some(&self)) extract(&mut self) else default
    }

    public fun destroy_some<Element>(self: Option<Element>): Element {
        let Option { vec } = self;
        assert!(!vector::is_empty(&vec), EOPTION_NOT_SET);
        let e = vector::pop_back(&mut vec);
        vector::destroy_empty(vec);
        e
    }

    public fun destroy_none<Element>(self: Option<Element>) {
        let Option { vec } = self;
        assert!(vector::is_empty(&vec), EOPTION_IS_SET);
        vector::destroy_empty(vec)
    }
}
