/// Vectors. The first eight functions are bytecode instructions; `move_range` is a native; the rest
/// is plain Move over them.
module std::vector {
    /// An index at or beyond the length, or a range that is not inside the vector.
    const EINDEX_OUT_OF_BOUNDS: u64 = 0x20000;

    #[bytecode_instruction]
    native public fun empty<Element>(): vector<Element>;

    #[bytecode_instruction]
    native public fun length<Element>(self: &vector<Element>): u64;

    #[bytecode_instruction]
    native public fun borrow<Element>(self: &vector<Element>, i: u64): &Element;

    #[bytecode_instruction]
    native public fun push_back<Element>(self: &mut vector<Element>, e: Element);

    #[bytecode_instruction]
    native public fun borrow_mut<Element>(self: &mut vector<Element>, i: u64): &mut Element;

    #[bytecode_instruction]
    native public fun pop_back<Element>(self: &mut vector<Element>): Element;

    #[bytecode_instruction]
    native public fun destroy_empty<Element>(self: vector<Element>);

    #[bytecode_instruction]
    native public fun swap<Element>(self: &mut vector<Element>, i: u64, j: u64);

    public fun singleton<Element>(e: Element): vector<Element> {
        let v = empty();
        push_back(&mut v, e);
        v
    }

    public fun is_empty<Element>(self: &vector<Element>): bool {
        length(self) == 0
    }

    public fun reverse<Element>(self: &mut vector<Element>) {
        let len = length(self);
        reverse_slice(self, 0, len)
    }

    /// Reverses the elements `left..right` in place.
    public fun reverse_slice<Element>(self: &mut vector<Element>, left: u64, right: u64) {
        assert!(left <= right && right <= length(self), EINDEX_OUT_OF_BOUNDS);
        while (left + 1 < right) {
            right = right - 1;
            swap(self, left, right);
            left = left + 1;
        };
    }

    public fun append<Element>(self: &mut vector<Element>, other: vector<Element>) {
        let at = length(self);
        let count = length(&other);
        move_range(&mut other, 0, count, self, at);
        destroy_empty(other)
    }

    /// Appends `other` from its last element to its first.
    public fun reverse_append<Element>(self: &mut vector<Element>, other: vector<Element>) {
        let remaining = length(&other);
        while (remaining > 0) {
            push_back(self, pop_back(&mut other));
            remaining = remaining - 1;
        };
        destroy_empty(other);
    }

    public fun contains<Element>(self: &vector<Element>, e: &Element): bool {
        let (found, _) = index_of(self, e);
        found
    }

    /// Whether `e` is in the vector and, if so, where it stands first.
    public fun index_of<Element>(self: &vector<Element>, e: &Element): (bool, u64) {
        let i = 0;
        let len = length(self);
        while (i < len) {
            if (borrow(self, i) == e) return (true, i);
            i = i + 1;
        };
        (false, 0)
    }

    /// Puts `e` at index `i`; what stood there and after it moves up by one.
    public fun insert<Element>(self: &mut vector<Element>, i: u64, e: Element) {
        let len = length(self);
        assert!(i <= len, EINDEX_OUT_OF_BOUNDS);
        push_back(self, e);
        while (i < len) {
            swap(self, i, len);
            i = i + 1;
        };
    }

    /// Takes the element at index `i` out; what stood after it moves down by one.
    public fun remove<Element>(self: &mut vector<Element>, i: u64): Element {
        let len = length(self);
        assert!(i < len, EINDEX_OUT_OF_BOUNDS);
        while (i + 1 < len) {
            swap(self, i, i + 1);
            i = i + 1;
        };
        pop_back(self)
    }

    /// Takes the element at index `i` out and puts the last one in its place.
    public fun swap_remove<Element>(self: &mut vector<Element>, i: u64): Element {
        let len = length(self);
        assert!(i < len, EINDEX_OUT_OF_BOUNDS);
        swap(self, i, len - 1);
        pop_back(self)
    }

    /// A copy of the elements `start..end`.
    public fun slice<Element: copy>(
        self: &vector<Element>,
        start: u64,
        end: u64,
    ): vector<Element> {
        assert!(start <= end && end <= length(self), EINDEX_OUT_OF_BOUNDS);
        let part = empty();
        while (start < end) {
            push_back(&mut part, *borrow(self, start));
            start = start + 1;
        };
        part
    }

    /// Cuts the vector to `new_length` elements and returns what was cut off.
    public fun trim<Element>(self: &mut vector<Element>, new_length: u64): vector<Element> {
        let len = length(self);
        assert!(new_length <= len, EINDEX_OUT_OF_BOUNDS);
        let rest = empty();
        move_range(self, new_length, len - new_length, &mut rest, 0);
        rest
    }

    public inline fun for_each_ref<Element>(self: &vector<Element>, f: |&Element|) {
        let i = 0;
        let len = length(self);
        while (i < len) {
            f(borrow(self, i));
            i = i + 1;
        }
    }

    /// Moves `length` elements of `from`, beginning at `removal_position`, into `to` at
    /// `insert_position`. Aborts when a range is not inside its vector.
    native package fun move_range<T>(
        from: &mut vector<T>,
        removal_position: u64,
        length: u64,
        to: &mut vector<T>,
        insert_position: u64,
    );
}
