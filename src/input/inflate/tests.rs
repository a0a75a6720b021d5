//! What the tests of the decoder share: a way to feed it in pieces, the twin, a small encoder.

mod blocks;
mod members;
mod streams;

use flate2::{Decompress, FlushDecompress};

use super::codes::BLOCK_END;
use super::*;

/// How decoding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    End,
    Broken(Option<Defect>),
    /// The input ended before the stream.
    Cut,
}

impl Verdict {
    /// Without the reason, which the twin tells in other words.
    fn kind(self) -> Verdict {
        if let Verdict::Broken(_) = self { Verdict::Broken(None) } else { self }
    }
}

/// What came out, how it ended, and how much of the input was left.
#[derive(Debug, PartialEq, Eq)]
struct Unpacked {
    text: Vec<u8>,
    verdict: Verdict,
    left: usize,
}

/// Decodes by any `step`: input in pieces of at most `piece` bytes, output in pieces of at most
/// `room`. Each piece has an allocation of its own, so that valgrind sees any step beyond it.
fn unpack_by(
    mut step: impl FnMut(&[u8], &mut [u8]) -> Step,
    bytes: &[u8],
    piece: usize,
    room: usize,
) -> Unpacked {
    let (mut text, mut at, mut idle) = (Vec::new(), 0, 0);
    let verdict = loop {
        let input = bytes[at..bytes.len().min(at + piece)].to_vec().into_boxed_slice();
        let mut output = vec![0xA5; room].into_boxed_slice();
        let Step { consumed, produced, outcome } = step(&input, &mut output);
        assert!(consumed <= input.len() && produced <= output.len());
        text.extend_from_slice(&output[..produced]);
        at += consumed;
        match outcome {
            Outcome::End => break Verdict::End,
            Outcome::Broken(defect) => break Verdict::Broken(Some(defect)),
            Outcome::More if consumed + produced > 0 => idle = 0,
            Outcome::More if input.is_empty() => break Verdict::Cut,
            Outcome::More => idle += 1,
        }
        assert!(idle < 2, "it neither takes nor gives");
    };
    Unpacked { text, verdict, left: bytes.len() - at }
}

/// Decodes DEFLATE. The bytes taken beyond the end are counted as left.
fn unpack(bytes: &[u8], piece: usize, room: usize) -> Unpacked {
    let mut inflate = Inflate::default();
    let mut unpacked = unpack_by(|from, to| inflate.step(from, to), bytes, piece, room);
    if unpacked.verdict == Verdict::End {
        unpacked.left += std::iter::from_fn(|| inflate.take_byte()).count();
    }
    unpacked
}

/// What zlib-rs makes of it: DEFLATE, or gzip.
fn twin(bytes: &[u8], is_gzip: bool) -> Unpacked {
    let mut twin = if is_gzip { Decompress::new_gzip(15) } else { Decompress::new(false) };
    let (mut text, mut output) = (Vec::new(), vec![0; 1 << 16]);
    let verdict = loop {
        let (taken, given) = (twin.total_in(), twin.total_out());
        let rest = &bytes[taken as usize..];
        let status = twin.decompress(rest, &mut output, FlushDecompress::None);
        text.extend_from_slice(&output[..(twin.total_out() - given) as usize]);
        match status {
            Ok(flate2::Status::StreamEnd) => break Verdict::End,
            Ok(_) if (twin.total_in(), twin.total_out()) == (taken, given) => break Verdict::Cut,
            Ok(_) => {}
            Err(_) => break Verdict::Broken(None),
        }
    };
    Unpacked { text, verdict, left: bytes.len() - twin.total_in() as usize }
}

/// Pieces and rooms that reach the edges: byte by byte, between, and all at once.
const WAYS: [(usize, usize); 6] =
    [(1, 1), (7, 300), (40, 1000), (1000, 7), (1 << 20, 500), (1 << 20, 1 << 20)];

/// Asserts that every way gives the same as the twin, and gives it back. On what is wrong both
/// agree, and on every byte that came before one of them saw it.
fn agree(bytes: &[u8]) -> Unpacked {
    let mut expected = twin(bytes, false);
    let ours = unpack(bytes, 1 << 20, 1 << 20);
    if ours.verdict == Verdict::Broken(Some(Defect::LengthCode)) && expected.verdict == Verdict::Cut
    {
        // zlib sees that a code is empty only where all lengths were read by it.
        expected = twin(&[bytes, &[0; 64]].concat(), false);
    }
    assert_eq!(ours.verdict.kind(), expected.verdict.kind(), "{:?}", ours.verdict);
    if ours.verdict == Verdict::End {
        assert!(ours == expected, "{} {}", ours.text.len(), expected.text.len());
    } else {
        let common = ours.text.len().min(expected.text.len());
        assert!(ours.text[..common] == expected.text[..common]);
    }
    for (piece, room) in WAYS {
        // Byte by byte takes its time.
        if piece.min(room) < 100 && ours.text.len().max(bytes.len()) > 200_000 {
            continue;
        }
        let other = unpack(bytes, piece, room);
        assert_eq!(other.verdict, ours.verdict, "{piece} {room}");
        assert!(other.text == ours.text, "{piece} {room}");
        assert!(ours.verdict != Verdict::End || other.left == ours.left, "{piece} {room}");
    }
    ours
}

/// Asserts that a stream, alone or with more behind it, is whole and means `text`.
fn means(bytes: &[u8], text: &[u8]) {
    let unpacked = agree(bytes);
    assert_eq!((unpacked.verdict, unpacked.left), (Verdict::End, 0));
    assert!(unpacked.text == text);
    let more = [bytes, &[0x5A; 100]].concat();
    let unpacked = agree(&more);
    assert_eq!((unpacked.verdict, unpacked.left), (Verdict::End, 100));
    assert!(unpacked.text == text);
}

/// Writes blocks, bit by bit.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    hold: u64,
    count: u32,
}

impl Writer {
    /// Lowest bit first.
    fn bits(&mut self, value: u32, bits: u8) -> &mut Writer {
        self.hold |= u64::from(value) << self.count;
        self.count += u32::from(bits);
        while self.count >= 8 {
            self.bytes.push(self.hold as u8);
            self.hold >>= 8;
            self.count -= 8;
        }
        self
    }

    /// A prefix code: highest bit first.
    fn code(&mut self, lengths: &[u8], symbol: usize) -> &mut Writer {
        let bits = lengths[symbol];
        assert!(bits > 0, "{symbol} has no code");
        let code = canonical(lengths, symbol);
        self.bits(code.reverse_bits() >> (32 - u32::from(bits)), bits)
    }

    fn align(&mut self) -> &mut Writer {
        let missing = (8 - self.count % 8) % 8;
        self.bits(0, missing as u8)
    }

    fn stored(&mut self, text: &[u8], is_last: bool) -> &mut Writer {
        let length = text.len() as u32;
        self.bits(is_last.into(), 3).align().bits(length, 16).bits(!length & 0xFFFF, 16);
        self.bytes.extend_from_slice(text);
        self
    }

    fn fixed(&mut self, tokens: &[Token], is_last: bool) -> &mut Writer {
        let mut literals = [8; 288];
        literals[144..256].fill(9);
        literals[256..280].fill(7);
        self.bits(u32::from(is_last) | 1 << 1, 3).tokens(&literals, &[5; 32], tokens)
    }

    fn dynamic(
        &mut self,
        literals: &[u8],
        distances: &[u8],
        tokens: &[Token],
        is_last: bool,
    ) -> &mut Writer {
        self.bits(u32::from(is_last) | 2 << 1, 3);
        self.lengths(literals, distances).tokens(literals, distances, tokens)
    }

    /// The head of a dynamic block, each length for itself.
    fn lengths(&mut self, literals: &[u8], distances: &[u8]) -> &mut Writer {
        self.bits(literals.len() as u32 - 257, 5).bits(distances.len() as u32 - 1, 5);
        // All lengths have four bits, what repeats none.
        let mut code = [4; 19];
        code[16..].fill(0);
        self.bits(15, 4);
        for symbol in LENGTH_ORDER {
            self.bits(code[symbol].into(), 3);
        }
        for &length in literals.iter().chain(distances) {
            self.code(&code, length.into());
        }
        self
    }

    fn tokens(&mut self, literals: &[u8], distances: &[u8], tokens: &[Token]) -> &mut Writer {
        for &token in tokens {
            match token {
                Token::Literal(byte) => self.code(literals, byte.into()),
                Token::End => self.code(literals, BLOCK_END),
                Token::Match { length, distance } => {
                    let (symbol, more, extra) = length_symbol(length);
                    self.code(literals, symbol).bits(more, extra);
                    let (symbol, more, extra) = distance_symbol(distance);
                    self.code(distances, symbol).bits(more, extra)
                }
            };
        }
        self
    }

    fn finish(&mut self) -> Vec<u8> {
        self.align();
        std::mem::take(&mut self.bytes)
    }
}

/// The code of a symbol, as RFC 1951 §3.2.2 numbers them: one more than the code before it.
fn canonical(lengths: &[u8], symbol: usize) -> u32 {
    let bits = lengths[symbol];
    let worth = |length: u8| if length == 0 { 0 } else { 1_u32 << (15 - length) };
    let shorter = lengths.iter().filter(|length| **length < bits).map(|length| worth(*length));
    let earlier = lengths[..symbol].iter().filter(|length| **length == bits).count() as u32;
    (shorter.sum::<u32>() >> (15 - bits)) + earlier
}

/// Symbol, extra bits and how many, found by trying.
fn length_symbol(length: u16) -> (usize, u32, u8) {
    if length == 258 {
        return (285, 0, 0);
    }
    let number = codes::LENGTHS.iter().rposition(|(base, _)| *base <= length).unwrap();
    let (base, extra) = codes::LENGTHS[number];
    (257 + number, u32::from(length - base), extra)
}

fn distance_symbol(distance: u16) -> (usize, u32, u8) {
    let number = codes::DISTANCES.iter().rposition(|(base, _)| *base <= distance).unwrap();
    let (base, extra) = codes::DISTANCES[number];
    (number, u32::from(distance - base), extra)
}

/// What tokens mean after `text`, one byte after the other.
fn expand(text: &mut Vec<u8>, tokens: &[Token]) {
    for &token in tokens {
        match token {
            Token::Literal(byte) => text.push(byte),
            Token::End => {}
            Token::Match { length, distance } => {
                for _ in 0..length {
                    text.push(text[text.len() - usize::from(distance)]);
                }
            }
        }
    }
}
