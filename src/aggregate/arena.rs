//! Rows: what is counted of a key, and the key, together on one line of the cache or a few.
//!
//! Rows lie in pieces of memory that never move, so that growing copies nothing. A row begins with a
//! line of the cache and with what all rows have ([`Fixed`]); the bytes of its key follow. An IPv4
//! address and all that is counted of a client fit one line, and so do most paths.

use std::alloc::{Layout, handle_alloc_error};
use std::marker::PhantomData;

use bytemuck::{Pod, Zeroable};
use memmap2::{MmapMut, MmapOptions};

use super::prefetch::prefetch_at;
use crate::options::KEY_BYTES_MAX;

/// A key in two parts: a path is known by its host and path, a client by one part alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key<'a> {
    /// The virtual host; empty where there is none.
    pub head: &'a [u8],
    /// The rest.
    pub tail: &'a [u8],
}

impl<'a> Key<'a> {
    /// A key of one part.
    pub fn new(tail: &'a [u8]) -> Key<'a> {
        Key { head: b"", tail }
    }

    /// Bytes of both parts.
    pub fn length(&self) -> usize {
        self.head.len() + self.tail.len()
    }
}

/// The lengths of both parts of a key, in three bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub struct Lengths([u8; 3]);

impl Lengths {
    /// What a part can have at most.
    const MAX: usize = (1 << 12) - 1;

    #[inline(always)]
    fn of(key: Key<'_>) -> Lengths {
        debug_assert!(key.head.len().max(key.tail.len()) <= Self::MAX);
        let [a, b, c, _] = ((key.head.len() << 12 | key.tail.len()) as u32).to_le_bytes();
        Lengths([a, b, c])
    }

    fn get(self) -> (usize, usize) {
        let [a, b, c] = self.0;
        let both = u32::from_le_bytes([a, b, c, 0]) as usize;
        (both >> 12, both & Self::MAX)
    }
}

const _: () = assert!(KEY_BYTES_MAX <= Lengths::MAX);

/// What a row begins with: what is counted of its key, with a place for the lengths of the key.
/// Nothing yet is all zeros.
pub trait Fixed: Pod + Send + Sync {
    /// The lengths of the row's key.
    fn lengths(&self) -> Lengths;

    /// The same, to set them.
    fn lengths_mut(&mut self) -> &mut Lengths;
}

/// Where a row lies, in [`Unit`]s from the start of the first piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row(u32);

impl Row {
    /// A row of this number.
    #[inline(always)]
    pub fn new(number: u32) -> Row {
        Row(number)
    }

    /// Its number, below [`u32::MAX`].
    #[inline(always)]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The number of its piece, and its place there.
    #[inline(always)]
    fn place(self) -> (usize, usize) {
        (self.0 as usize / PIECE_UNITS, self.0 as usize % PIECE_UNITS)
    }
}

/// What rows are measured in: a line of the cache.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C, align(64))]
struct Unit([u64; 8]);

const UNIT_BYTES: usize = size_of::<Unit>();

/// How many units a piece has: 256 KiB.
const PIECE_UNITS: usize = 4 << 10;

/// A piece. No row lies on two. Its memory is the system's own, which has it back as soon as the
/// piece is dropped, so that a table that is given up makes room for another.
#[derive(Debug)]
pub struct Piece {
    memory: MmapMut,
    /// How many of its units rows take.
    taken: usize,
}

impl Piece {
    /// An empty one. With `is_sure` to be filled, its pages are made at once, which is cheaper than
    /// one by one. Where there is no memory the program ends, as with every other allocation.
    fn new(is_sure: bool) -> Piece {
        let mut options = MmapOptions::new();
        options.len(PIECE_UNITS * UNIT_BYTES);
        if is_sure {
            options.populate();
        }
        let Ok(memory) = options.map_anon() else {
            handle_alloc_error(Layout::new::<[Unit; PIECE_UNITS]>());
        };
        Piece { memory, taken: 0 }
    }

    #[inline(always)]
    fn units(&self) -> &[Unit] {
        bytemuck::cast_slice(&self.memory)
    }

    #[inline(always)]
    fn units_mut(&mut self) -> &mut [Unit] {
        bytemuck::cast_slice_mut(&mut self.memory)
    }
}

impl Clone for Piece {
    fn clone(&self) -> Piece {
        let mut piece = Piece { taken: self.taken, ..Piece::new(false) };
        piece.units_mut()[..self.taken].copy_from_slice(&self.units()[..self.taken]);
        piece
    }
}

/// Rows. They are never removed.
#[derive(Clone, Debug)]
pub struct Arena<V> {
    pieces: Vec<Piece>,
    /// How many units rows take.
    units: usize,
    rows: usize,
    /// Pieces that other rows lay on, for rows to come.
    spares: Vec<Piece>,
    counts: PhantomData<V>,
}

impl<V> Default for Arena<V> {
    fn default() -> Arena<V> {
        Arena { pieces: Vec::new(), units: 0, rows: 0, spares: Vec::new(), counts: PhantomData }
    }
}

impl<V: Fixed> Arena<V> {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The memory that rows take, in bytes: a number that depends on the rows alone.
    pub fn bytes(&self) -> usize {
        self.units * UNIT_BYTES
    }

    /// The part of [`Arena::bytes`] that is one row's.
    pub fn row_bytes(&self, row: Row) -> usize {
        Self::units(self.counts(row).lengths()) * UNIT_BYTES
    }

    /// How many pieces of memory it holds.
    #[cfg(test)]
    pub fn pieces(&self) -> usize {
        self.pieces.len() + self.spares.len()
    }

    /// How many units a row takes whose key is so long.
    fn units(lengths: Lengths) -> usize {
        let (head, tail) = lengths.get();
        (size_of::<V>() + head + tail).div_ceil(UNIT_BYTES)
    }

    /// The bytes from the start of a row on.
    #[inline(always)]
    fn row(&self, row: Row) -> &[u8] {
        let (piece, at) = row.place();
        bytemuck::cast_slice(&self.pieces[piece].units()[at..])
    }

    /// The same, to change them.
    #[inline(always)]
    fn row_mut(&mut self, row: Row) -> &mut [u8] {
        let (piece, at) = row.place();
        bytemuck::cast_slice_mut(&mut self.pieces[piece].units_mut()[at..])
    }

    /// What is counted of a row.
    #[inline(always)]
    pub fn counts(&self, row: Row) -> &V {
        bytemuck::from_bytes(&self.row(row)[..size_of::<V>()])
    }

    /// What is counted of a row, to change it.
    #[inline(always)]
    pub fn counts_mut(&mut self, row: Row) -> &mut V {
        bytemuck::from_bytes_mut(&mut self.row_mut(row)[..size_of::<V>()])
    }

    /// The key of a row.
    pub fn key(&self, row: Row) -> Key<'_> {
        let (head, tail) = self.counts(row).lengths().get();
        let (head, rest) = self.row(row)[size_of::<V>()..].split_at(head);
        Key { head, tail: &rest[..tail] }
    }

    /// Whether a row has this key.
    #[inline(always)]
    pub fn holds(&self, row: Row, key: Key<'_>) -> bool {
        let (counts, bytes) = self.row(row).split_at(size_of::<V>());
        let counts: &V = bytemuck::from_bytes(counts);
        if counts.lengths() != Lengths::of(key) {
            return false;
        }
        if key.head.is_empty() {
            return same(&bytes[..key.tail.len()], key.tail);
        }
        let (head, rest) = bytes.split_at(key.head.len());
        same(&rest[..key.tail.len()], key.tail) && same(head, key.head)
    }

    /// Asks for a row whose key has so many bytes.
    #[inline(always)]
    pub fn prefetch(&self, row: Row, key_bytes: usize) {
        let start = self.row(row).as_ptr();
        prefetch_at(start);
        let bytes = size_of::<V>() + key_bytes;
        if bytes > UNIT_BYTES {
            prefetch_at(start.wrapping_add(UNIT_BYTES));
        }
    }

    /// A new row with this key, of which nothing is counted.
    pub fn push(&mut self, key: Key<'_>) -> Row {
        let longest = key.head.len().max(key.tail.len());
        assert!(longest <= Lengths::MAX, "a key of {longest} bytes");
        let lengths = Lengths::of(key);
        let units = Self::units(lengths);
        let has_room = |piece: &Piece| piece.taken + units <= PIECE_UNITS;
        if !self.pieces.last().is_some_and(has_room) {
            let spare = self.spares.pop();
            self.pieces.push(spare.unwrap_or_else(|| Piece::new(self.pieces.len() >= 2)));
        }
        let number = self.pieces.len() - 1;
        let piece = &mut self.pieces[number];
        let place = u32::try_from(number * PIECE_UNITS + piece.taken).ok();
        let place = place.filter(|&place| place < u32::MAX);
        let row = Row(place.expect("256 GiB of keys need more memory than can be had"));
        piece.taken += units;
        self.units += units;
        self.rows += 1;
        // A spare has what lay there before.
        self.row_mut(row)[..size_of::<V>()].fill(0);
        *self.counts_mut(row).lengths_mut() = lengths;
        let (head, tail) = self.row_mut(row)[size_of::<V>()..].split_at_mut(key.head.len());
        head.copy_from_slice(key.head);
        tail[..key.tail.len()].copy_from_slice(key.tail);
        row
    }

    /// No rows, and pieces for those to come: to give them back to the system and to ask for them
    /// again costs as much as to fill them.
    pub fn on(spares: Vec<Piece>) -> Arena<V> {
        Arena { spares, ..Arena::default() }
    }

    /// The pieces on which no row lies.
    pub fn take_spares(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.spares)
    }

    /// All pieces, without the rows.
    pub fn into_pieces(self) -> impl Iterator<Item = Piece> {
        let pieces = self.pieces.into_iter().map(|piece| Piece { taken: 0, ..piece });
        pieces.chain(self.spares)
    }

    /// The rows in order of arrival, which differs from run to run: sort before showing.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        self.pieces.iter().enumerate().flat_map(move |(number, piece)| {
            let mut next = 0;
            std::iter::from_fn(move || {
                if next >= piece.taken {
                    return None;
                }
                let row = Row((number * PIECE_UNITS + next) as u32);
                next += Self::units(self.counts(row).lengths());
                Some(row)
            })
        })
    }

    /// The rows in the order of [`Arena::rows`], with what is counted of them, to change it.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = (Row, &mut V)> {
        self.pieces.iter_mut().enumerate().flat_map(|(number, piece)| {
            let taken = piece.taken;
            let (mut next, mut rest) = (0, &mut piece.units_mut()[..taken]);
            std::iter::from_fn(move || {
                let bytes: &[u8] = bytemuck::cast_slice(rest);
                let counts: &V = bytemuck::from_bytes(bytes.get(..size_of::<V>())?);
                let units = Self::units(counts.lengths());
                let (row, after) = std::mem::take(&mut rest).split_at_mut(units);
                let bytes: &mut [u8] = bytemuck::cast_slice_mut(row);
                let counts = bytemuck::from_bytes_mut(&mut bytes[..size_of::<V>()]);
                let row = Row((number * PIECE_UNITS + next) as u32);
                (next, rest) = (next + units, after);
                Some((row, counts))
            })
        })
    }
}

/// Compares texts of equal length, sixteen bytes at a time, the last of them again where that is
/// needed. `memcmp` loads 32 bytes, and with the last of them often a line of the cache that the key
/// does not lie on, which nobody has asked for: a fifth of a whole run.
#[inline(always)]
fn same(a: &[u8], b: &[u8]) -> bool {
    if let (Some(a_end), Some(b_end)) = (a.last_chunk::<16>(), b.last_chunk::<16>()) {
        let (mut a, mut b) = (a, b);
        while let (Some((a_chunk, a_rest)), Some((b_chunk, b_rest))) =
            (a.split_first_chunk::<16>(), b.split_first_chunk::<16>())
        {
            if a_chunk != b_chunk {
                return false;
            }
            (a, b) = (a_rest, b_rest);
        }
        return a_end == b_end;
    }
    if let (Some(a_end), Some(b_end)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        return a_end == b_end && a.first_chunk::<8>() == b.first_chunk::<8>();
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_the_same_where_all_bytes_are(
            text in prop::collection::vec(0_u8..2, 0..70),
            at: prop::sample::Index,
        ) {
            let mut other = text.clone();
            prop_assert!(same(&text, &other));
            if !text.is_empty() {
                other[at.index(text.len())] ^= 1;
                prop_assert!(!same(&text, &other));
            }
        }
    }

    #[test]
    fn lengths_come_back() {
        for lengths in [(0, 0), (0, 1), (1, 0), (4_095, 4_095), (255, 256), (2_048, 2_048)] {
            let (head, tail) = (vec![0; lengths.0], vec![0; lengths.1]);
            assert_eq!(Lengths::of(Key { head: &head, tail: &tail }).get(), lengths);
        }
    }
}
