//! What came out last, for matches that reach back over the start of an output buffer.

/// How far a match can reach back (RFC 1951 §2).
pub(super) const WINDOW_BYTES: usize = 32 << 10;

/// The last [`WINDOW_BYTES`] of all earlier output, or all of it while that is less.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Up to twice as many, so that short pieces do not move the window every time.
    bytes: Vec<u8>,
}

impl History {
    /// The bytes, the latest last.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.bytes.len().saturating_sub(WINDOW_BYTES)..]
    }

    /// Adds what came out.
    pub(super) fn extend(&mut self, piece: &[u8]) {
        if piece.len() >= WINDOW_BYTES {
            self.bytes.clear();
            self.bytes.extend_from_slice(&piece[piece.len() - WINDOW_BYTES..]);
            return;
        }
        if self.bytes.len() + piece.len() > 2 * WINDOW_BYTES {
            let kept = self.bytes.len() - WINDOW_BYTES;
            self.bytes.copy_within(kept.., 0);
            self.bytes.truncate(WINDOW_BYTES);
        }
        self.bytes.extend_from_slice(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_stay_however_they_come() {
        for piece_bytes in [1, 1000, 32_767, 32_768, 32_769, 70_000] {
            let (mut history, mut all) = (History::default(), Vec::new());
            for number in 0..(200_000_usize.div_ceil(piece_bytes)).min(3000) {
                let piece: Vec<u8> = (0..piece_bytes).map(|at| (at / 7 + number) as u8).collect();
                history.extend(&piece);
                all.extend_from_slice(&piece);
                let kept = all.len().min(WINDOW_BYTES);
                assert!(history.bytes() == &all[all.len() - kept..], "{piece_bytes} {number}");
            }
        }
    }
}
