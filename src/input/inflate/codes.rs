//! The prefix codes of a block (RFC 1951 §3.2): as tables for the fast way, and as they are defined
//! for the careful way.
//!
//! A table is looked up with the next bits of the input, as many as its root has, whatever they
//! mean; codes that are longer go on in a sub-table. Each slot is 32 bits. One look-up can give two
//! literals, or a literal and the length of the match behind it, where both codes fit in the root:
//! in log text that halves the number of steps, and of branches that cannot be foretold.
//!
//! ```text
//! literals and lengths                             distances
//!  0..8   bits used, the length's extra ones too    0..8   bits used, extra ones too
//!  8..16  first literal                             8..12  of which are code
//! 16..24  second literal, or length base - 3        14     no such code
//! 24..26  how many literals                         15     goes on in a sub-table
//! 26..30  of the bits used, which are code         16..32  distance base, or the sub-table
//! 30      anything else: see `END` and what follows
//! 31      literals only
//! ```

use super::Defect;
use super::bits::Bits;

/// The longest code (RFC 1951 §3.2.7).
const CODE_BITS_MAX: usize = 15;

/// How many symbols there are, those that must not occur counted too (RFC 1951 §3.2.6).
pub(super) const LITERAL_SYMBOLS: usize = 288;
const DISTANCE_SYMBOLS: usize = 32;

pub(super) const LENGTH_SYMBOLS: usize = 19;

/// The symbol that ends a block.
pub(super) const BLOCK_END: usize = 256;

/// Length codes from 257 on: base and extra bits (RFC 1951 §3.2.5).
pub(super) const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// Distance codes: base and extra bits (RFC 1951 §3.2.5).
pub(super) const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

/// How many bits the tables are looked up with.
pub(super) const LITERAL_ROOT: u32 = 11;
pub(super) const DISTANCE_ROOT: u32 = 9;

const LENGTH_ROOT: u32 = 7;

/// How many bits the sub-tables are looked up with.
pub(super) const LITERAL_SUB: u32 = CODE_BITS_MAX as u32 - LITERAL_ROOT;
pub(super) const DISTANCE_SUB: u32 = CODE_BITS_MAX as u32 - DISTANCE_ROOT;

/// Room for the root, and a sub-table for each two symbols: fewer never share one, since only
/// complete codes have long symbols.
const LITERAL_SLOTS: usize = (1 << LITERAL_ROOT) + LITERAL_SYMBOLS / 2 * (1 << LITERAL_SUB);
const DISTANCE_SLOTS: usize = (1 << DISTANCE_ROOT) + DISTANCE_SYMBOLS / 2 * (1 << DISTANCE_SUB);

/// A slot that holds nothing but literals.
pub(super) const ONLY_LITERALS: u32 = 1 << 31;
/// A slot that holds neither literals nor a length: the end of the block, unless one of the next
/// two flags is set too.
pub(super) const END: u32 = 1 << 30;
/// A code that must not occur.
pub(super) const NO_LITERAL: u32 = 1 << 29;
/// The code goes on in the sub-table that begins at `slot >> 8 & 0xFFFF`.
pub(super) const LITERAL_GOES_ON: u32 = 1 << 28;

/// A distance code that must not occur.
pub(super) const NO_DISTANCE: u32 = 1 << 14;
/// The distance code goes on in the sub-table that begins at `slot >> 16`.
pub(super) const DISTANCE_GOES_ON: u32 = 1 << 15;

/// What a block means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A byte.
    Literal(u8),
    /// So many bytes, from so far back.
    Match { length: u16, distance: u16 },
    /// Nothing more.
    End,
}

/// Both codes of a block.
pub(super) struct Codes {
    pub(super) literals: [u32; LITERAL_SLOTS],
    pub(super) distances: [u32; DISTANCE_SLOTS],
    literal_code: Code<LITERAL_SYMBOLS>,
    distance_code: Code<DISTANCE_SYMBOLS>,
    /// Whether these are those of [`Codes::set_fixed`].
    are_fixed: bool,
}

impl Codes {
    /// No codes yet.
    pub(super) fn new() -> Box<Codes> {
        Box::new(Codes {
            literals: [0; LITERAL_SLOTS],
            distances: [0; DISTANCE_SLOTS],
            literal_code: Code::default(),
            distance_code: Code::default(),
            are_fixed: false,
        })
    }

    /// The codes of RFC 1951 §3.2.6.
    pub(super) fn set_fixed(&mut self) -> Result<(), Defect> {
        if self.are_fixed {
            return Ok(());
        }
        let mut lengths = [8; LITERAL_SYMBOLS];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        self.set(&lengths, &[5; DISTANCE_SYMBOLS])?;
        self.are_fixed = true;
        Ok(())
    }

    /// The codes whose symbols have these lengths, 0 for a symbol that does not occur.
    pub(super) fn set(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), Defect> {
        self.are_fixed = false;
        if literals[BLOCK_END] == 0 {
            return Err(Defect::NoBlockEnd);
        }
        self.literal_code = Code::new(literals).ok_or(Defect::LiteralCode)?;
        self.distance_code = Code::new(distances).ok_or(Defect::DistanceCode)?;
        let mut pairs = Pairs::default();
        self.literal_code.tabulate(&mut self.literals, LITERAL_RULES, |slots, codes| {
            pairs.add(&codes);
            pairs.join(slots, codes.bits);
        });
        self.distance_code.tabulate(&mut self.distances, DISTANCE_RULES, |_, _| {});
        Ok(())
    }

    /// What the next bits mean and how many they are; `None` when more are needed to tell.
    pub(super) fn token(&self, bits: Bits) -> Result<Option<(Token, u32)>, Defect> {
        let mut rest = bits;
        let token = self.take_token(&mut rest)?;
        Ok(token.map(|token| (token, bits.count - rest.count)))
    }

    fn take_token(&self, bits: &mut Bits) -> Result<Option<Token>, Defect> {
        let Some(symbol) = self.literal_code.take(bits).map_err(|NoSuchCode| Defect::Literal)?
        else {
            return Ok(None);
        };
        if let Ok(literal) = u8::try_from(symbol) {
            return Ok(Some(Token::Literal(literal)));
        }
        if symbol == BLOCK_END {
            return Ok(Some(Token::End));
        }
        let (base, extra) = *LENGTHS.get(symbol - BLOCK_END - 1).ok_or(Defect::Literal)?;
        let Some(more) = bits.take(extra.into()) else { return Ok(None) };
        let length = base + more as u16;
        let Some(symbol) = self.distance_code.take(bits).map_err(|NoSuchCode| Defect::Distance)?
        else {
            return Ok(None);
        };
        let (base, extra) = *DISTANCES.get(symbol).ok_or(Defect::Distance)?;
        let Some(more) = bits.take(extra.into()) else { return Ok(None) };
        Ok(Some(Token::Match { length, distance: base + more as u16 }))
    }
}

/// The code of the code lengths of a dynamic block (RFC 1951 §3.2.7): of each slot the lowest eight
/// bits are the bits used, and above them is the symbol.
pub(super) struct LengthTable([u32; 1 << LENGTH_ROOT]);

impl LengthTable {
    /// The code whose symbols have these lengths; it has to be complete.
    pub(super) fn new(lengths: &[u8; LENGTH_SYMBOLS]) -> Result<LengthTable, Defect> {
        let code = Code::<LENGTH_SYMBOLS>::new(lengths).filter(Code::is_complete);
        let mut slots = [0; 1 << LENGTH_ROOT];
        code.ok_or(Defect::LengthCode)?.tabulate(&mut slots, LENGTH_RULES, |_, _| {});
        Ok(LengthTable(slots))
    }

    /// Takes a symbol, if its bits are there.
    pub(super) fn take(&self, bits: &mut Bits) -> Option<usize> {
        let slot = self.0[(bits.hold & ((1 << LENGTH_ROOT) - 1)) as usize];
        bits.take(slot & 0xFF)?;
        Some((slot >> 8) as usize)
    }
}

/// No symbol has these bits.
struct NoSuchCode;

/// A code as RFC 1951 §3.2.2 defines it: symbols in the order of their codes, and how many codes of
/// each length there are.
#[derive(Clone, Debug)]
struct Code<const SYMBOLS: usize> {
    counts: [u16; CODE_BITS_MAX + 1],
    symbols: [u16; SYMBOLS],
    /// The length of the longest; 1 for a code without symbols.
    bits_max: usize,
}

impl<const SYMBOLS: usize> Default for Code<SYMBOLS> {
    fn default() -> Self {
        Code { counts: [0; CODE_BITS_MAX + 1], symbols: [0; SYMBOLS], bits_max: 1 }
    }
}

impl<const SYMBOLS: usize> Code<SYMBOLS> {
    /// The code whose symbols have these lengths. `None` when there is none: more codes than there
    /// can be, or codes to spare, unless that is for want of symbols: one symbol has one bit, and
    /// no symbols at all are right where none occurs.
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut code = Code::default();
        for &length in lengths {
            code.counts[usize::from(length)] += 1;
        }
        code.counts[0] = 0;
        let mut starts = [0; CODE_BITS_MAX + 2];
        let mut spare = 1_i32;
        for bits in 1..=CODE_BITS_MAX {
            let count = code.counts[bits];
            spare = 2 * spare - i32::from(count);
            if spare < 0 {
                return None;
            }
            if count > 0 {
                code.bits_max = bits;
            }
            starts[bits + 1] = starts[bits] + count;
        }
        if spare > 0 && code.bits_max > 1 {
            return None;
        }
        for (symbol, &length) in lengths.iter().enumerate() {
            if length > 0 {
                let at = &mut starts[usize::from(length)];
                code.symbols[usize::from(*at)] = symbol as u16;
                *at += 1;
            }
        }
        Some(code)
    }

    /// Whether every sequence of bits means something.
    fn is_complete(&self) -> bool {
        let used = |bits: usize| u32::from(self.counts[bits]) << (CODE_BITS_MAX - bits);
        (1..=CODE_BITS_MAX).map(used).sum::<u32>() == 1 << CODE_BITS_MAX
    }

    /// Takes a symbol, if its bits are there: one bit after the other, the highest of a code first.
    fn take(&self, bits: &mut Bits) -> Result<Option<usize>, NoSuchCode> {
        let (mut code, mut first, mut before) = (0_u32, 0_u32, 0_u32);
        for length in 1..=self.bits_max {
            if bits.count < length as u32 {
                return Ok(None);
            }
            code = code << 1 | (bits.hold >> (length - 1)) as u32 & 1;
            first <<= 1;
            let count = u32::from(self.counts[length]);
            if code - first < count {
                bits.drop(length as u32);
                return Ok(Some(self.symbols[(before + code - first) as usize].into()));
            }
            (first, before) = (first + count, before + count);
        }
        Err(NoSuchCode)
    }

    /// Fills a table of slots: the root, sub-tables behind it. `join` may add slots for more than
    /// one symbol whenever those for the codes of one length are there.
    ///
    /// The codes of one length fill a table of that many bits, which is then doubled for the next:
    /// a code means the same whatever follows it.
    fn tabulate<const SLOTS: usize>(
        &self,
        slots: &mut [u32; SLOTS],
        rules: Rules,
        mut join: impl FnMut(&mut [u32; SLOTS], Codewords<'_>),
    ) {
        let none = rules.none | 1;
        slots[..2].fill(none);
        let mut symbols = &self.symbols[..];
        let mut codewords = |bits: u32, first: u32| {
            let (those, rest) = symbols.split_at(self.counts[bits as usize].into());
            symbols = rest;
            Codewords { bits, first, symbols: those }
        };
        let mut code = 0;
        for bits in 1..=rules.root {
            if bits > 1 {
                slots.copy_within(..1 << (bits - 1), 1 << (bits - 1));
            }
            let codewords = codewords(bits, code);
            for (symbol, at) in codewords.iter() {
                slots[at] = (rules.slot)(symbol, bits);
            }
            code = (code + codewords.symbols.len() as u32) << 1;
            join(slots, codewords);
        }
        let mut free = 1 << rules.root;
        for bits in rules.root + 1..=CODE_BITS_MAX as u32 {
            let below = bits - rules.root;
            let codewords = codewords(bits, code);
            for (symbol, at) in codewords.iter() {
                let (at, first) = (at & ((1 << rules.root) - 1), at >> rules.root);
                if slots[at] == none {
                    slots[at] = rules.goes_on | (free as u32) << rules.sub_at | rules.root;
                    free += 1 << rules.sub;
                }
                let sub = (slots[at] >> rules.sub_at & 0xFFFF) as usize;
                for at in (first..1 << rules.sub).step_by(1 << below) {
                    slots[sub + at] = (rules.slot)(symbol, below);
                }
            }
            code = (code + codewords.symbols.len() as u32) << 1;
        }
    }
}

/// The codes of so many bits: one follows the other.
struct Codewords<'a> {
    bits: u32,
    first: u32,
    symbols: &'a [u16],
}

impl Codewords<'_> {
    /// Each symbol, and its code as it is looked up.
    fn iter(&self) -> impl Iterator<Item = (usize, usize)> {
        let codes = (self.first..).map(|code| reversed(code, self.bits));
        self.symbols.iter().map(|symbol| usize::from(*symbol)).zip(codes)
    }
}

/// The first `bits` of a code as they are looked up: the highest bit of a code comes first.
fn reversed(code: u32, bits: u32) -> usize {
    (code.reverse_bits() >> (u32::BITS - bits)) as usize
}

/// How the slots of a table are made.
#[derive(Clone, Copy)]
struct Rules {
    slot: fn(usize, u32) -> u32,
    none: u32,
    goes_on: u32,
    /// How many bits the root has, how many a sub-table, and where in a slot its beginning stands.
    root: u32,
    sub: u32,
    sub_at: u32,
}

const LITERAL_RULES: Rules = Rules {
    slot: literal_slot,
    none: END | NO_LITERAL,
    goes_on: END | LITERAL_GOES_ON,
    root: LITERAL_ROOT,
    sub: LITERAL_SUB,
    sub_at: 8,
};

const DISTANCE_RULES: Rules = Rules {
    slot: distance_slot,
    none: NO_DISTANCE,
    goes_on: DISTANCE_GOES_ON,
    root: DISTANCE_ROOT,
    sub: DISTANCE_SUB,
    sub_at: 16,
};

/// All of these codes fit in the root.
const LENGTH_RULES: Rules = Rules {
    slot: |symbol, bits| (symbol as u32) << 8 | bits,
    none: 0,
    goes_on: 0,
    root: LENGTH_ROOT,
    sub: 0,
    sub_at: 0,
};

fn literal_slot(symbol: usize, bits: u32) -> u32 {
    if let Ok(literal) = u8::try_from(symbol) {
        return ONLY_LITERALS | 1 << 24 | u32::from(literal) << 8 | bits;
    }
    if symbol == BLOCK_END {
        return END | bits;
    }
    match LENGTHS.get(symbol - BLOCK_END - 1) {
        Some((base, extra)) => {
            bits << 26 | (u32::from(*base) - 3) << 16 | (bits + u32::from(*extra))
        }
        None => END | NO_LITERAL | bits,
    }
}

fn distance_slot(symbol: usize, bits: u32) -> u32 {
    match DISTANCES.get(symbol) {
        Some((base, extra)) => u32::from(*base) << 16 | bits << 8 | (bits + u32::from(*extra)),
        None => NO_DISTANCE | bits,
    }
}

/// Literals and lengths, to be joined: a literal with what can follow it, where the root has room
/// for both codes.
struct Pairs {
    /// By length of code, literals first: the code as it is looked up, and the slot as it is behind
    /// a literal that has no bits.
    seconds: [(u16, u32); LITERAL_SYMBOLS],
    /// Where those with so many bits end, and how many of them are literals.
    ends: [usize; LITERAL_ROOT as usize + 1],
    literals: [usize; LITERAL_ROOT as usize + 1],
}

impl Default for Pairs {
    fn default() -> Pairs {
        Pairs {
            seconds: [(0, 0); LITERAL_SYMBOLS],
            ends: [0; LITERAL_ROOT as usize + 1],
            literals: [0; LITERAL_ROOT as usize + 1],
        }
    }
}

impl Pairs {
    /// Adds the codes of the next length.
    fn add(&mut self, codewords: &Codewords<'_>) {
        let bits = codewords.bits as usize;
        let mut end = self.ends[bits - 1];
        for (symbol, at) in codewords.iter() {
            let slot = literal_slot(symbol, codewords.bits);
            if slot & ONLY_LITERALS != 0 {
                self.literals[bits] += 1;
                self.seconds[end] =
                    (at as u16, slot + (1 << 24) + ((slot & 0xFF00) << 8) - (slot & 0xFF00));
                end += 1;
            } else if slot & END == 0 {
                self.seconds[end] = (at as u16, slot | 1 << 24);
                end += 1;
            }
        }
        self.ends[bits] = end;
    }

    /// Fills the slots of all pairs that have so many bits together.
    fn join(&self, slots: &mut [u32; LITERAL_SLOTS], bits: u32) {
        for used in 1..bits {
            let group = |bits: u32| self.ends[bits as usize - 1]..self.ends[bits as usize];
            let firsts = &self.seconds[group(used)][..self.literals[used as usize]];
            let seconds = &self.seconds[group(bits - used)];
            for &(first, literal) in firsts {
                let before = literal >> 8 & 0xFF00 | used << 26 | used;
                for &(second, slot) in seconds {
                    let at = usize::from(first) | usize::from(second) << used;
                    slots[at & ((1 << LITERAL_ROOT) - 1)] = slot + before;
                }
            }
        }
    }
}
