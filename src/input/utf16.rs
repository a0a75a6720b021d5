//! UTF-16 to UTF-8: what PowerShell's `>` makes of a log, and Notepad's "Unicode".

/// As many first bytes as tell UTF-16.
pub(super) const HEAD_BYTES: usize = 64;

/// The bytes of a character in UTF-8, at most.
pub(super) const CHARACTER_BYTES_MAX: usize = 4;

/// Spells UTF-16 as UTF-8, in pieces of any size. Half a surrogate pair, and half a unit at the end,
/// become U+FFFD; a byte order mark at the start is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Utf16 {
    is_big_endian: bool,
    /// Whether something was read.
    is_begun: bool,
    /// The first byte of a unit whose second is still to come.
    half: Option<u8>,
    /// The first unit of a surrogate pair.
    high: Option<u16>,
}

impl Utf16 {
    /// Tells it from the first [`HEAD_BYTES`] bytes of a source, or from all of a shorter one: by a byte
    /// order mark (Unicode 3.10, D98), or since one of two bytes is zero and the other is not, as it is
    /// with the letters of a log. UTF-32 begins with the same mark, but nobody logs in it.
    pub(super) fn of(head: &[u8]) -> Option<Utf16> {
        let new = |is_big_endian| Utf16 { is_big_endian, is_begun: false, half: None, high: None };
        match head {
            [0xFF, 0xFE, ..] => return Some(new(false)),
            [0xFE, 0xFF, ..] => return Some(new(true)),
            _ => {}
        }
        let (pairs, _) = head[..head.len().min(HEAD_BYTES)].as_chunks::<2>();
        let is_enough = pairs.len() >= HEAD_BYTES / 4;
        if is_enough && pairs.iter().all(|[first, second]| *first != 0 && *second == 0) {
            return Some(new(false));
        }
        let is_big_endian = pairs.iter().all(|[first, second]| *first == 0 && *second != 0);
        (is_enough && is_big_endian).then(|| new(true))
    }

    /// Spells `input` anew while there is room in `output`: how many bytes were taken, and how many
    /// given.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        let (mut taken, mut given) = (0, 0);
        // A unit may end half a pair and be a character of its own.
        while let Some(&byte) = input.get(taken)
            && output.len() - given >= 2 * CHARACTER_BYTES_MAX
        {
            taken += 1;
            let Some(first) = self.half.take() else {
                self.half = Some(byte);
                continue;
            };
            let unit = match self.is_big_endian {
                true => u16::from_be_bytes([first, byte]),
                false => u16::from_le_bytes([first, byte]),
            };
            given += self.unit(unit, &mut output[given..]);
        }
        (taken, given)
    }

    /// What is left at the end of the input, where `output` has room for it.
    pub(super) fn finish(&mut self, output: &mut [u8]) -> usize {
        let is_cut = self.half.take().is_some() | self.high.take().is_some();
        if is_cut { put(char::REPLACEMENT_CHARACTER, output) } else { 0 }
    }

    fn unit(&mut self, unit: u16, output: &mut [u8]) -> usize {
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let high = self.high.take();
        let lone = high.map(|_| char::REPLACEMENT_CHARACTER);
        match (high, unit) {
            (None, 0xFEFF) if is_first => 0,
            (Some(high), 0xDC00..=0xDFFF) => {
                let code = 0x1_0000 + (u32::from(high & 0x3FF) << 10) + u32::from(unit & 0x3FF);
                put(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), output)
            }
            (_, 0xD800..=0xDBFF) => {
                self.high = Some(unit);
                lone.map_or(0, |lone| put(lone, output))
            }
            _ => {
                let given = lone.map_or(0, |lone| put(lone, output));
                let character = char::from_u32(u32::from(unit));
                given + put(character.unwrap_or(char::REPLACEMENT_CHARACTER), &mut output[given..])
            }
        }
    }
}

fn put(character: char, output: &mut [u8]) -> usize {
    character.encode_utf8(output).len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(units: &[u16], is_big_endian: bool) -> Vec<u8> {
        let spelled = |unit: &u16| match is_big_endian {
            true => unit.to_be_bytes(),
            false => unit.to_le_bytes(),
        };
        units.iter().flat_map(spelled).collect()
    }

    /// Spelled anew in pieces of this size, with this much room.
    fn spelled(text: &[u8], piece: usize, room: usize) -> String {
        let mut utf16 = Utf16::of(text).unwrap();
        let (mut out, mut buffer, mut at) = (Vec::new(), vec![0; room], 0);
        while at < text.len() {
            let end = text.len().min(at + piece);
            let (taken, given) = utf16.step(&text[at..end], &mut buffer);
            assert!(taken > 0);
            out.extend_from_slice(&buffer[..given]);
            at += taken;
        }
        let given = utf16.finish(&mut buffer);
        out.extend_from_slice(&buffer[..given]);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn it_is_told_by_its_mark_or_its_zeros() {
        let log = "192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET / HTTP/1.1\" 404 153";
        let units: Vec<u16> = log.encode_utf16().collect();
        for is_big_endian in [false, true] {
            let plain = bytes(&units, is_big_endian);
            let marked = bytes(&[&[0xFEFF], &units[..]].concat(), is_big_endian);
            assert_eq!(spelled(&plain, 7, 8), log);
            assert_eq!(spelled(&marked, 7, 8), log);
            assert!(Utf16::of(&plain[..20]).is_none(), "too short to tell");
            assert_eq!(spelled(&marked[..4], 1, 8), "1");
        }
        for text in [log.as_bytes(), b"", b"\xFF", &[0; 64], &[1; 64], "é".repeat(40).as_bytes()] {
            assert_eq!(Utf16::of(text), None);
        }
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_what_the_standard_library_does(
            units in prop::collection::vec(prop_oneof![
                any::<u16>(), 0xD7F0..0xE010_u16, Just(0xFEFF), Just(u16::from(b'a')),
            ], 0..40),
            is_big_endian: bool,
            is_odd: bool,
            piece in 1..9_usize,
            room in 8..20_usize,
        ) {
            let mut text = bytes(&[&[0xFEFF], &units[..]].concat(), is_big_endian);
            let mut wanted = String::from_utf16_lossy(&units);
            if is_odd {
                text.push(b'x');
                // What is cut is one character, be it half a unit or a pair and a half.
                let has_high = units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit));
                wanted.push_str(if has_high { "" } else { "\u{fffd}" });
            }
            prop_assert_eq!(spelled(&text, piece, room), wanted);
        }
    }
}
