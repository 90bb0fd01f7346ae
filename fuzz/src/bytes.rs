//! Choices and texts from a fuzzer's bytes. At their end every choice is the first and every text empty, so any input is one.

/// What is left of the bytes.
pub struct Bytes<'input>(&'input [u8]);

impl<'input> Bytes<'input> {
    /// From the beginning.
    pub fn new(input: &'input [u8]) -> Self {
        Bytes(input)
    }

    /// Nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// One of so many.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Eight bytes as a number.
    pub fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    /// A piece whose length stands before it.
    pub fn piece(&mut self) -> &'input [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (piece, rest) = self.0.split_at(length);
        self.0 = rest;
        piece
    }

    /// A piece as text, whatever it is.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.piece()).into_owned()
    }

    /// Everything that is left.
    pub fn rest(self) -> &'input [u8] {
        self.0
    }
}
