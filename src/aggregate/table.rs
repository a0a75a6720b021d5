//! A hash table from keys to counts, made for the one pattern that counting has: look up, then
//! count.
//!
//! The tables, not the parser, are what a run costs: a table of real size misses the cache with
//! each look-up. So a row is one run of words in an arena (what is known of the key, the counts,
//! the key's bytes), found through a slot that is one word (32 bits of the hash, 32 bits of the
//! row's place); and the caller asks for the slots and then the rows of a whole batch
//! ([`Table::prefetch_slot`], [`Table::prefetch_row`]) before it looks up the first, so that the
//! misses of a batch overlap. A key is copied when it is first seen. Rows are never removed.

use std::marker::PhantomData;

use bytemuck::Pod;

use super::prefetch::prefetch;

/// A key in two parts: a path is known by its host and path, a client by one part alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    fn length(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// The first word of its row: the half of the hash that the slot does not have, and the lengths
    /// of both parts. Parts are far shorter than the 64 KiB that a length can tell: see
    /// [`crate::options::KEY_BYTES_MAX`].
    fn meta(&self, hash: u64) -> u64 {
        u64::from(hash as u32) | (self.head.len() as u64) << 32 | (self.tail.len() as u64) << 48
    }
}

/// The lengths of both parts of a key, out of the first word of its row.
fn lengths(meta: u64) -> (usize, usize) {
    (usize::from((meta >> 32) as u16), usize::from((meta >> 48) as u16))
}

/// Where a row lies, in words from the start of the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row(u32);

/// The table. See the head of the file. `V` is what is counted of a key; nothing yet is all zeros.
#[derive(Clone, Debug)]
pub struct Table<V> {
    /// The upper half of a hash, and the place of its row + 1 in the lower half; or 0 where empty.
    /// A search begins at the slot that the upmost bits of the hash number, so that slots can be
    /// doubled without a look at the rows. Their number is a power of two, or 0.
    slots: Vec<u64>,
    /// By how much a hash is to be shifted for the number of its slot.
    shift: u32,
    arena: Vec<u64>,
    rows: usize,
    counts: PhantomData<V>,
}

impl<V> Default for Table<V> {
    fn default() -> Table<V> {
        Table { slots: Vec::new(), shift: 63, arena: Vec::new(), rows: 0, counts: PhantomData }
    }
}

impl<V: Pod> Table<V> {
    const COUNT_WORDS: usize = {
        assert!(size_of::<V>().is_multiple_of(8) && align_of::<V>() <= 8);
        size_of::<V>() / 8
    };
    /// Where the key's bytes begin in a row.
    const KEY: usize = 1 + Self::COUNT_WORDS;

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The memory that its rows take, in bytes: a number that depends on the rows alone. Slots are at
    /// most three to a row.
    pub fn cost(&self) -> u64 {
        (self.arena.len() as u64 + 3 * self.rows as u64) * 8
    }

    /// The part of [`Table::cost`] that is one row's.
    pub fn row_cost(&self, row: Row) -> u64 {
        (Self::words(self.arena[row.0 as usize]) as u64 + 3) * 8
    }

    /// The key of a row.
    pub fn key(&self, row: Row) -> Key<'_> {
        let row = &self.arena[row.0 as usize..];
        let (head, tail) = lengths(row[0]);
        let bytes: &[u8] = bytemuck::cast_slice(&row[Self::KEY..]);
        Key { head: &bytes[..head], tail: &bytes[head..head + tail] }
    }

    /// What is counted of a row.
    pub fn counts(&self, row: Row) -> &V {
        let at = row.0 as usize + 1;
        bytemuck::from_bytes(bytemuck::cast_slice(&self.arena[at..at + Self::COUNT_WORDS]))
    }

    /// What is counted of a row, to change it.
    #[inline]
    pub fn counts_mut(&mut self, row: Row) -> &mut V {
        let at = row.0 as usize + 1;
        let words = &mut self.arena[at..at + Self::COUNT_WORDS];
        bytemuck::from_bytes_mut(bytemuck::cast_slice_mut(words))
    }

    /// The rows in order of arrival, which differs from run to run: sort before showing.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let row = Row(next as u32);
            next += Self::words(*self.arena.get(next)?);
            Some(row)
        })
    }

    /// The rows in the order of [`Table::rows`], with what is counted of them, to change it.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = (Row, &mut V)> {
        let (mut next, mut rest) = (0, &mut self.arena[..]);
        std::iter::from_fn(move || {
            let words = Self::words(*rest.first()?);
            let (row, after) = std::mem::take(&mut rest).split_at_mut(words);
            let counts = bytemuck::from_bytes_mut(bytemuck::cast_slice_mut(&mut row[1..Self::KEY]));
            let number = Row(next as u32);
            (next, rest) = (next + words, after);
            Some((number, counts))
        })
    }

    /// How many words a row takes that begins with this one.
    fn words(meta: u64) -> usize {
        let (head, tail) = lengths(meta);
        Self::KEY + (head + tail).div_ceil(8)
    }

    /// Asks for the slot at which the search for a hash begins.
    #[inline]
    pub fn prefetch_slot(&self, hash: u64) {
        if let Some(slot) = self.slots.get((hash >> self.shift) as usize) {
            prefetch(slot);
        }
    }

    /// Asks for the row that the slot at which the search for a hash begins speaks of. Most rows
    /// lie on two lines of the cache.
    #[inline]
    pub fn prefetch_row(&self, hash: u64) {
        const LINE_WORDS: usize = 8;
        let slot = self.slots.get((hash >> self.shift) as usize);
        let row = slot.map_or(0, |&slot| (slot as u32).wrapping_sub(1) as usize);
        if let Some(words) = self.arena.get(row..) {
            words.first().inspect(|word| prefetch(*word));
            words.get(LINE_WORDS).inspect(|word| prefetch(*word));
        }
    }

    /// The row of a key with this hash, which is new if there was none.
    #[inline]
    pub fn find(&mut self, hash: u64, key: Key<'_>) -> Row {
        let mask = self.slots.len().wrapping_sub(1);
        let (tag, meta) = (hash >> 32, key.meta(hash));
        let mut at = (hash >> self.shift) as usize;
        while let Some(&slot) = self.slots.get(at)
            && slot != 0
        {
            let row = slot as u32 - 1;
            if slot >> 32 == tag && self.holds(row, meta, key) {
                return Row(row);
            }
            at = (at + 1) & mask;
        }
        self.push(hash, key)
    }

    #[inline]
    fn holds(&self, row: u32, meta: u64, key: Key<'_>) -> bool {
        let row = &self.arena[row as usize..];
        if row[0] != meta {
            return false;
        }
        let bytes: &[u8] = bytemuck::cast_slice(&row[Self::KEY..]);
        let (head, rest) = bytes.split_at(key.head.len());
        same(&rest[..key.tail.len()], key.tail) && (head.is_empty() || same(head, key.head))
    }

    #[cold]
    fn push(&mut self, hash: u64, key: Key<'_>) -> Row {
        let longest = key.head.len().max(key.tail.len());
        assert!(u16::try_from(longest).is_ok(), "a key of {longest} bytes");
        let place = u32::try_from(self.arena.len()).ok().filter(|&place| place < u32::MAX);
        let row = place.expect("32 GiB of keys need more memory than can be had");
        self.arena.push(key.meta(hash));
        self.arena.extend(std::iter::repeat_n(0, Self::COUNT_WORDS + key.length().div_ceil(8)));
        let words = &mut self.arena[row as usize + Self::KEY..];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(words);
        bytes[..key.head.len()].copy_from_slice(key.head);
        bytes[key.head.len()..key.length()].copy_from_slice(key.tail);
        self.rows += 1;
        if self.rows * 3 / 2 > self.slots.len() {
            self.double();
        }
        self.take_slot(hash >> 32 << 32 | u64::from(row + 1));
        Row(row)
    }

    fn take_slot(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> self.shift) as usize;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    fn double(&mut self) {
        const SLOTS_MIN: usize = 16;
        let size = (self.slots.len() * 2).max(SLOTS_MIN);
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        self.shift = 64 - size.trailing_zeros();
        old.into_iter().filter(|&slot| slot != 0).for_each(|slot| self.take_slot(slot));
    }
}

/// Compares texts of equal length, eight or sixteen bytes at a time, the last of them again where
/// that is needed. `memcmp` loads 32 bytes, and with the last of them often a line of the cache that
/// the key does not lie on, which nobody has asked for: a fifth of a whole run.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    if let (Some(a_end), Some(b_end)) = (a.last_chunk::<16>(), b.last_chunk::<16>()) {
        let mut chunks = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0);
        return a_end == b_end && chunks.all(|(a, b)| a == b);
    }
    if let (Some(a_end), Some(b_end)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        return a_end == b_end && a.first_chunk::<8>() == b.first_chunk::<8>();
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::hash::table_hash;
    use super::*;

    type Keys = Vec<(Vec<u8>, Vec<u8>)>;

    fn count(keys: &Keys, hash: impl Fn(Key<'_>) -> u64) -> Table<u64> {
        let mut table = Table::default();
        for (head, tail) in keys {
            let key = Key { head, tail };
            let hash = hash(key);
            table.prefetch_slot(hash);
            table.prefetch_row(hash);
            let row = table.find(hash, key);
            *table.counts_mut(row) += 1;
        }
        table
    }

    fn seeded(key: Key<'_>) -> u64 {
        table_hash(key.head, key.tail)
    }

    fn counts(table: &Table<u64>) -> BTreeMap<(Vec<u8>, Vec<u8>), u64> {
        let rows = table.rows().map(|row| (table.key(row), *table.counts(row)));
        rows.map(|(key, n)| ((key.head.to_vec(), key.tail.to_vec()), n)).collect()
    }

    fn plainly(keys: &Keys) -> BTreeMap<(Vec<u8>, Vec<u8>), u64> {
        let mut counts = BTreeMap::new();
        for key in keys {
            *counts.entry(key.clone()).or_default() += 1;
        }
        counts
    }

    fn some_keys() -> impl Strategy<Value = Keys> {
        let part = || prop::collection::vec(0_u8..2, 0..40);
        let few = || prop::collection::vec(0_u8..4, 0..4);
        let parts = prop_oneof![(part(), part()), (few(), few()), (Just(Vec::new()), few())];
        prop::collection::vec(parts, 0..600)
    }

    proptest! {
        #[test]
        fn counts_are_those_of_a_plain_map(keys in some_keys()) {
            prop_assert_eq!(counts(&count(&keys, seeded)), plainly(&keys));
        }

        #[test]
        fn keys_of_one_hash_stay_apart(keys in some_keys(), hash: u64) {
            prop_assert_eq!(counts(&count(&keys, |_| hash)), plainly(&keys));
            let halves = count(&keys, |key| hash ^ (key.tail.len() as u64 & 1) << 63);
            prop_assert_eq!(counts(&halves), plainly(&keys));
        }

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
    fn the_longest_keys_stay_apart() {
        for length in [65_534_usize, 65_535] {
            let keys = vec![(Vec::new(), vec![b'a'; length]), (Vec::new(), b"b".to_vec())];
            let table = count(&keys, seeded);
            assert_eq!(counts(&table), plainly(&keys), "{length}");
        }
    }

    #[test]
    fn many_and_long_keys_stay_apart() {
        let key = |n: u32| (vec![b'x'; n as usize % 3_000], n.to_le_bytes().to_vec());
        let table = count(&(0..50_000).map(key).collect(), seeded);
        assert_eq!(table.len(), 50_000);
        assert!(table.rows().all(|row| *table.counts(row) == 1));
    }
}
