//! Bits of the input, lowest first (RFC 1951 §3.1.1), as the careful way takes them.

/// Bits that were taken from the input and are not used yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bits {
    /// The next bit is the lowest. Those above `count` are zero.
    pub(super) hold: u64,
    /// At most 63.
    pub(super) count: u32,
}

impl Bits {
    /// Takes whole bytes until there are at least 56 bits, more than any symbol needs with all that
    /// belongs to it, or until the input ends.
    pub(super) fn fill(&mut self, input: &mut &[u8]) {
        if let Some(word) = input.first_chunk() {
            let bytes = (63 - self.count) / 8;
            let kept = u64::from_le_bytes(*word) & !(u64::MAX << (8 * bytes));
            self.hold |= kept << self.count;
            self.count += 8 * bytes;
            *input = &input[bytes as usize..];
            return;
        }
        while self.count < 56 {
            let Some((byte, rest)) = input.split_first() else { return };
            self.hold |= u64::from(*byte) << self.count;
            self.count += 8;
            *input = rest;
        }
    }

    /// The next `bits`, at most 32, if they are there.
    pub(super) fn peek(&self, bits: u32) -> Option<u32> {
        (bits <= self.count).then_some((self.hold & ((1 << bits) - 1)) as u32)
    }

    /// Drops bits that were seen before.
    pub(super) fn drop(&mut self, bits: u32) {
        self.hold >>= bits;
        self.count -= bits;
    }

    /// Takes the next `bits`, at most 32, if they are there.
    pub(super) fn take(&mut self, bits: u32) -> Option<u32> {
        let taken = self.peek(bits)?;
        self.drop(bits);
        Some(taken)
    }

    /// Drops what is left of a byte that was begun.
    pub(super) fn align(&mut self) {
        self.drop(self.count % 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_lowest_first_and_only_when_they_are_there() {
        let (mut bits, mut input) = (Bits::default(), &[0b1010_0110, 0x12, 0x34][..]);
        assert_eq!(bits.take(1), None);
        bits.fill(&mut input);
        assert_eq!((bits.count, input.len()), (24, 0));
        assert_eq!(bits.take(3), Some(0b110));
        assert_eq!(bits.peek(5), Some(0b10100));
        bits.align();
        assert_eq!(bits.take(16), Some(0x3412));
        assert_eq!((bits.take(0), bits.take(1)), (Some(0), None));
    }

    #[test]
    fn no_more_is_taken_than_fits() {
        let (mut bits, mut input) = (Bits::default(), &[0xFF; 20][..]);
        bits.fill(&mut input);
        assert_eq!((bits.count, input.len()), (56, 13));
        bits.drop(1);
        bits.fill(&mut input);
        assert_eq!((bits.count, bits.hold, input.len()), (63, u64::MAX >> 1, 12));
    }
}
