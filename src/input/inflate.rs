//! DEFLATE (RFC 1951) and gzip (RFC 1952), from slice to slice, at the speed of the fastest.
//!
//! Most of what this program waits for is a gzip being decoded, which is one thread's work while
//! counting is that of many. So the decoder is the program's own:
//!
//! ```text
//! gzip     header, checksum and length of a member
//!   └─ Inflate (here)     blocks, and whatever lies at an edge of input or output: the careful way
//!        ├─ codes         prefix codes: tables for the fast way, definitions for the careful one
//!        ├─ bits          bits of the input, for the careful way
//!        ├─ run ── copy   the fast way, as long as there is input and room enough
//!        └─ history       32 KiB of earlier output, for matches over the start of a buffer
//! ```
//!
//! Output goes straight into the caller's buffer and is not copied again; only its last 32 KiB are
//! kept for the next call. The fast way is the one with `unsafe`; it is compiled twice on x86-64,
//! for processors with BMI2 and AVX2 and for all, chosen when it runs. Elsewhere the second is all
//! there is. zlib-rs, by flate2, is the twin that the tests hold this against; it accepts and
//! rejects the same streams.

mod bits;
mod codes;
mod copy;
mod gzip;
mod history;
mod run;

use std::fmt;

use bits::Bits;
use codes::{Codes, LENGTH_SYMBOLS, LITERAL_SYMBOLS, LengthTable, Token};
pub use gzip::Gzip;
use history::History;
use run::Exit;

/// What one call did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes taken from the input.
    pub consumed: usize,
    /// Bytes put into the output.
    pub produced: usize,
    /// What comes next.
    pub outcome: Outcome,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// More output, or more input.
    More,
    /// Nothing: the stream is over, and whole.
    End,
    /// Nothing: the bytes cannot be decoded. What came out before is right.
    Broken(Defect),
}

/// What can be wrong with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The two bytes of gzip's magic are not there (RFC 1952 §2.3.1).
    Magic,
    /// A gzip method other than deflate.
    Method,
    /// A reserved flag of gzip is set.
    Flags,
    /// The checksum of a gzip header does not fit it.
    HeaderChecksum,
    /// A block of type 3 (RFC 1951 §3.2.3).
    BlockType,
    /// The two lengths of a stored block contradict each other (RFC 1951 §3.2.4).
    StoredLength,
    /// More symbols than there are (RFC 1951 §3.2.7).
    TooManySymbols,
    /// The code for the code lengths is over-subscribed or incomplete.
    LengthCode,
    /// A code length is to be repeated before the first or beyond the last.
    Repeat,
    /// A block whose code has no symbol for its end.
    NoBlockEnd,
    /// The literal and length code is over-subscribed or incomplete.
    LiteralCode,
    /// The distance code is over-subscribed or incomplete.
    DistanceCode,
    /// A literal or length that there is not.
    Literal,
    /// A distance that there is not.
    Distance,
    /// A match that reaches back before the first byte.
    TooFarBack,
    /// The content has another CRC-32 than the end of the gzip member says.
    Checksum,
    /// The content has another length than the end of the gzip member says.
    Length,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Defect::Magic => "it does not begin as gzip does",
            Defect::Method => "its method is unknown",
            Defect::Flags => "a reserved flag is set",
            Defect::HeaderChecksum => "the checksum of its header is wrong",
            Defect::BlockType => "a block has an unknown type",
            Defect::StoredLength => "the length of a stored block is wrong",
            Defect::TooManySymbols => "a block has too many symbols",
            Defect::LengthCode => "a block's code of code lengths is wrong",
            Defect::Repeat => "a block's code lengths are wrong",
            Defect::NoBlockEnd => "a block has no end",
            Defect::LiteralCode => "a block's code of literals is wrong",
            Defect::DistanceCode => "a block's code of distances is wrong",
            Defect::Literal => "a literal or length is unknown",
            Defect::Distance => "a distance is unknown",
            Defect::TooFarBack => "a distance reaches back before the beginning",
            Defect::Checksum => "its checksum is wrong",
            Defect::Length => "its length is wrong",
        })
    }
}

/// Decodes one DEFLATE stream.
pub struct Inflate {
    phase: Phase,
    bits: Bits,
    /// Whether the block is the last.
    is_last: bool,
    codes: Box<Codes>,
    history: History,
    /// A match that did not fit in the output: what is left of it.
    pending: Match,
}

#[derive(Clone, Copy, Default)]
struct Match {
    length: usize,
    distance: usize,
}

/// What is to be decoded next.
enum Phase {
    /// The three bits that begin a block.
    Block,
    /// The lengths of a stored block.
    StoredLength,
    /// So many bytes of a stored block.
    Stored(usize),
    /// The numbers of symbols of a dynamic block.
    Numbers,
    /// The lengths of its codes.
    Lengths(Box<Lengths>),
    /// The symbols of a block.
    Symbols,
    /// Nothing.
    End,
    /// Nothing, for this reason.
    Broken(Defect),
}

/// The code lengths of a dynamic block (RFC 1951 §3.2.7), as far as they are known.
struct Lengths {
    /// How many symbols the code of literals and lengths has, and how many both have.
    literals: usize,
    all: usize,
    /// Of the code of code lengths: how many lengths there are, how many are known, and which.
    code_lengths: usize,
    code_known: usize,
    code: [u8; LENGTH_SYMBOLS],
    /// The table of that code, once it is known.
    table: Option<LengthTable>,
    known: usize,
    lengths: [u8; LITERALS_MAX + DISTANCES_MAX],
}

/// In this order the lengths of the code of code lengths stand (RFC 1951 §3.2.7).
const LENGTH_ORDER: [usize; LENGTH_SYMBOLS] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The most symbols that a dynamic block may have, as zlib takes them: those that must not occur
/// have no code.
const LITERALS_MAX: usize = LITERAL_SYMBOLS - 2;
const DISTANCES_MAX: usize = 30;

/// Why decoding rests.
enum Rest {
    /// The input has too few bytes.
    Input,
    /// The output has no room, or too little to go on with.
    Output,
    Broken(Defect),
}

impl From<Defect> for Rest {
    fn from(defect: Defect) -> Rest {
        Rest::Broken(defect)
    }
}

impl Default for Inflate {
    fn default() -> Inflate {
        Inflate {
            phase: Phase::Block,
            bits: Bits::default(),
            is_last: false,
            codes: Codes::new(),
            history: History::default(),
            pending: Match::default(),
        }
    }
}

impl Inflate {
    /// Decodes some of `input` into `output`. It goes on until the input is used up, the output is
    /// nearly full, or the stream ends; only where it neither takes nor gives more input or room is
    /// needed. After the end up to seven bytes of the input may be taken that follow it: see
    /// [`Inflate::take_byte`].
    pub fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (mut rest, mut written) = (input, 0);
        let outcome = loop {
            if let Err(reason) = self.advance(&mut rest, output, &mut written) {
                match reason {
                    Rest::Input | Rest::Output => break Outcome::More,
                    Rest::Broken(defect) => self.phase = Phase::Broken(defect),
                }
            }
            match self.phase {
                Phase::End => break Outcome::End,
                Phase::Broken(defect) => break Outcome::Broken(defect),
                _ => {}
            }
        };
        self.history.extend(&output[..written]);
        Step { consumed: input.len() - rest.len(), produced: written, outcome }
    }

    /// After the end: the next byte that was taken from the input and is not part of the stream.
    pub fn take_byte(&mut self) -> Option<u8> {
        self.bits.take(8).map(|byte| byte as u8)
    }

    /// Does what the phase is for, as far as it can.
    fn advance(
        &mut self,
        input: &mut &[u8],
        output: &mut [u8],
        written: &mut usize,
    ) -> Result<(), Rest> {
        match &mut self.phase {
            Phase::Block => {
                self.bits.fill(input);
                let begin = self.bits.take(3).ok_or(Rest::Input)?;
                self.is_last = begin & 1 != 0;
                self.phase = match begin >> 1 {
                    0 => Phase::StoredLength,
                    1 => {
                        self.codes.set_fixed()?;
                        Phase::Symbols
                    }
                    2 => Phase::Numbers,
                    _ => return Err(Defect::BlockType.into()),
                };
            }
            Phase::StoredLength => {
                self.bits.align();
                self.bits.fill(input);
                let both = self.bits.take(32).ok_or(Rest::Input)?;
                let (length, complement) = (both & 0xFFFF, both >> 16);
                if length ^ 0xFFFF != complement {
                    return Err(Defect::StoredLength.into());
                }
                self.phase = Phase::Stored(length as usize);
            }
            Phase::Stored(left) => {
                while *left > 0 {
                    if *written == output.len() {
                        return Err(Rest::Output);
                    }
                    // The bytes that were taken already come first.
                    if let Some(byte) = self.bits.take(8) {
                        output[*written] = byte as u8;
                        (*written, *left) = (*written + 1, *left - 1);
                        continue;
                    }
                    let count = (*left).min(input.len()).min(output.len() - *written);
                    if count == 0 {
                        return Err(Rest::Input);
                    }
                    let (piece, rest) = input.split_at(count);
                    output[*written..*written + count].copy_from_slice(piece);
                    (*input, *written, *left) = (rest, *written + count, *left - count);
                }
                self.end_block();
            }
            Phase::Numbers => {
                self.bits.fill(input);
                let numbers = self.bits.take(14).ok_or(Rest::Input)? as usize;
                self.phase = Phase::Lengths(Lengths::new(numbers)?);
            }
            Phase::Lengths(lengths) => {
                lengths.read(&mut self.bits, input)?;
                let (literals, distances) = lengths.both();
                self.codes.set(literals, distances)?;
                self.phase = Phase::Symbols;
            }
            Phase::Symbols => self.symbols(input, output, written)?,
            Phase::End | Phase::Broken(_) => {}
        }
        Ok(())
    }

    /// Decodes symbols, up to the end of the block.
    fn symbols(
        &mut self,
        input: &mut &[u8],
        output: &mut [u8],
        written: &mut usize,
    ) -> Result<(), Rest> {
        loop {
            self.copy_pending(output, written)?;
            if input.len() >= run::INPUT_SLACK && output.len() - *written >= run::OUTPUT_SLACK {
                let history = self.history.bytes();
                match run::run(&self.codes, &mut self.bits, input, output, written, history) {
                    // The caller has a buffer's worth: better a new one than the careful way.
                    Exit::Slack if output.len() - *written < run::OUTPUT_SLACK => {
                        return Err(Rest::Output);
                    }
                    Exit::Slack => {}
                    Exit::BlockEnd => {
                        self.end_block();
                        return Ok(());
                    }
                    Exit::Broken(defect) => return Err(defect.into()),
                }
            }
            self.bits.fill(input);
            let (token, bits) = self.codes.token(self.bits)?.ok_or(Rest::Input)?;
            match token {
                Token::Literal(literal) => {
                    *output.get_mut(*written).ok_or(Rest::Output)? = literal;
                    *written += 1;
                    self.bits.drop(bits);
                }
                Token::Match { length, distance } => {
                    let distance = usize::from(distance);
                    if distance > *written + self.history.bytes().len() {
                        return Err(Defect::TooFarBack.into());
                    }
                    self.pending = Match { length: length.into(), distance };
                    self.bits.drop(bits);
                }
                Token::End => {
                    self.bits.drop(bits);
                    self.end_block();
                    return Ok(());
                }
            }
        }
    }

    /// Copies what is left of a match, byte by byte: each may be one that was just copied.
    fn copy_pending(&mut self, output: &mut [u8], written: &mut usize) -> Result<(), Rest> {
        let Match { length, distance } = &mut self.pending;
        while *length > 0 {
            let byte = match written.checked_sub(*distance) {
                Some(from) => output.get(from),
                None => {
                    let history = self.history.bytes();
                    history.get(history.len() + *written - *distance)
                }
            };
            let room = output.len() - *written;
            let Some(&byte) = byte.filter(|_| room > 0) else { return Err(Rest::Output) };
            output[*written] = byte;
            (*written, *length) = (*written + 1, *length - 1);
        }
        Ok(())
    }

    fn end_block(&mut self) {
        self.phase = if self.is_last {
            self.bits.align();
            Phase::End
        } else {
            Phase::Block
        };
    }
}

impl Lengths {
    /// `numbers` are the 14 bits that begin a dynamic block.
    fn new(numbers: usize) -> Result<Box<Lengths>, Defect> {
        let literals = 257 + (numbers & 0x1F);
        let distances = 1 + (numbers >> 5 & 0x1F);
        if literals > LITERALS_MAX || distances > DISTANCES_MAX {
            return Err(Defect::TooManySymbols);
        }
        Ok(Box::new(Lengths {
            literals,
            all: literals + distances,
            code_lengths: 4 + (numbers >> 10),
            code_known: 0,
            code: [0; LENGTH_SYMBOLS],
            table: None,
            known: 0,
            lengths: [0; LITERALS_MAX + DISTANCES_MAX],
        }))
    }

    /// Reads on until all are known.
    fn read(&mut self, bits: &mut Bits, input: &mut &[u8]) -> Result<(), Rest> {
        while self.code_known < self.code_lengths {
            bits.fill(input);
            let length = bits.take(3).ok_or(Rest::Input)?;
            self.code[LENGTH_ORDER[self.code_known]] = length as u8;
            self.code_known += 1;
        }
        let table = match &self.table {
            Some(table) => table,
            None => self.table.insert(LengthTable::new(&self.code)?),
        };
        while self.known < self.all {
            bits.fill(input);
            let mut ahead = *bits;
            let symbol = table.take(&mut ahead).ok_or(Rest::Input)?;
            let (least, extra) = match symbol {
                16 => (3, 2),
                17 => (3, 3),
                18 => (11, 7),
                _ => (1, 0),
            };
            let count = least + ahead.take(extra).ok_or(Rest::Input)? as usize;
            let length = match symbol {
                0..16 => symbol as u8,
                16 => *self.lengths[..self.known].last().ok_or(Defect::Repeat)?,
                _ => 0,
            };
            let end = self.known + count;
            if end > self.all {
                return Err(Defect::Repeat.into());
            }
            self.lengths[self.known..end].fill(length);
            self.known = end;
            *bits = ahead;
        }
        Ok(())
    }

    /// Those of literals and lengths, and those of distances.
    fn both(&self) -> (&[u8], &[u8]) {
        self.lengths[..self.all].split_at(self.literals)
    }
}

#[cfg(test)]
mod tests;
