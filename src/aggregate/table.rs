//! A hash table from keys to rows, made for the one pattern that counting has: look up, then count.
//!
//! The tables, not the parser, are what a run costs: a table of real size misses the cache with
//! each look-up. So the slots are one word each (32 bits of the hash, 32 bits of the row's number),
//! rows and keys lie in order of arrival, and look-ups come in batches, so that the misses of a
//! batch overlap. A key is copied when it is first seen. Rows are never removed.

use super::hash::table_hash;
use super::prefetch::prefetch;

/// A key in two parts: a path is known by its host and path, a client by one part alone.
#[derive(Clone, Copy, Debug, Eq, PartialOrd, Ord)]
pub struct Key<'a> {
    /// The virtual host; empty where there is none.
    pub head: &'a [u8],
    /// The rest.
    pub tail: &'a [u8],
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Key<'_>) -> bool {
        same(self.head, other.head) && same(self.tail, other.tail)
    }
}

/// Compares word by word. `memcmp` loads 32 bytes at a time, and with the last of them often a line
/// of the cache that the key does not lie on, which nobody has loaded: a fifth of a whole run.
fn same(a: &[u8], b: &[u8]) -> bool {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut words = a_words.iter().zip(b_words);
    a.len() == b.len()
        && words.all(|(a, b)| u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b))
        && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}

impl<'a> Key<'a> {
    /// A key of one part.
    pub fn new(tail: &'a [u8]) -> Key<'a> {
        Key { head: b"", tail }
    }

    fn hash(self) -> u64 {
        table_hash(self.head, self.tail)
    }
}

/// The table. See the head of the file.
#[derive(Clone, Debug)]
pub struct Table<V> {
    /// `tag << 32 | row + 1`, or 0 where empty; the number of slots is a power of two, or 0.
    slots: Vec<u64>,
    /// A row's key and its value lie apart, so that each is on as few lines of the cache as it can.
    keys: Vec<StoredKey>,
    values: Vec<V>,
    arena: Arena,
    /// Scratch of `find_all`.
    hashes: Vec<u64>,
}

/// Half a line of the cache, and never on two.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct StoredKey {
    hash: u64,
    place: Place,
}

impl<V> Default for Table<V> {
    fn default() -> Table<V> {
        Table {
            slots: Vec::new(),
            keys: Vec::new(),
            values: Vec::new(),
            arena: Arena::default(),
            hashes: Vec::new(),
        }
    }
}

impl<V> Table<V> {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key of a row.
    pub fn key(&self, row: u32) -> Key<'_> {
        self.arena.get(&self.keys[row as usize].place)
    }

    /// What a row holds.
    pub fn value(&self, row: u32) -> &V {
        &self.values[row as usize]
    }

    /// What a row holds, to change it.
    pub fn value_mut(&mut self, row: u32) -> &mut V {
        &mut self.values[row as usize]
    }

    /// The rows in order of arrival, which differs from run to run: sort before showing.
    pub fn rows(&self) -> impl Iterator<Item = (u32, Key<'_>, &V)> {
        let keys = self.keys.iter().map(|key| self.arena.get(&key.place));
        (0..).zip(keys).zip(&self.values).map(|((number, key), value)| (number, key, value))
    }

    /// What the rows hold, in the order of [`Table::rows`].
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut()
    }

    /// Puts the number of each key's row into `found`, in order. A key that is new gets the row
    /// that `new` makes of it.
    pub fn find_all<'k>(
        &mut self,
        keys: impl Iterator<Item = Key<'k>> + Clone,
        found: &mut Vec<u32>,
        mut new: impl FnMut(Key<'k>) -> V,
    ) {
        let mut hashes = std::mem::take(&mut self.hashes);
        hashes.clear();
        hashes.extend(keys.clone().map(Key::hash));
        self.reserve(hashes.len());
        self.prefetch(&hashes);
        found.clear();
        for (key, &hash) in keys.zip(&hashes) {
            found.push(self.find(hash, key, &mut new));
        }
        self.hashes = hashes;
    }

    /// Asks for what the look-ups of a batch will need, one level at a time: slots, rows, keys. While
    /// a level is asked for, the one before it arrives.
    fn prefetch(&self, hashes: &[u64]) {
        let mask = self.slots.len() - 1;
        let slot = |hash: u64| &self.slots[hash as usize & mask];
        let row = |hash: u64| (*slot(hash) as u32).wrapping_sub(1) as usize;
        hashes.iter().for_each(|&hash| prefetch(slot(hash)));
        for row in hashes.iter().map(|&hash| row(hash)) {
            if let (Some(key), Some(value)) = (self.keys.get(row), self.values.get(row)) {
                prefetch(key);
                prefetch(value);
            }
        }
        for key in hashes.iter().filter_map(|&hash| self.keys.get(row(hash))) {
            self.arena.prefetch(&key.place);
        }
    }

    fn find<'k>(&mut self, hash: u64, key: Key<'k>, new: &mut impl FnMut(Key<'k>) -> V) -> u32 {
        let mask = self.slots.len() - 1;
        let tag = hash >> 32;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            let number = slot as u32 - 1;
            if slot >> 32 == tag && self.key(number) == key {
                return number;
            }
            at = (at + 1) & mask;
        }
        let number = u32::try_from(self.keys.len()).ok().filter(|&number| number < u32::MAX);
        let number = number.expect("4 billion distinct keys need more memory than can be had");
        self.slots[at] = tag << 32 | u64::from(number + 1);
        self.keys.push(StoredKey { hash, place: self.arena.push(key) });
        self.values.push(new(key));
        number
    }

    /// Makes room for so many more keys, so that no slot moves while they are looked up.
    fn reserve(&mut self, more: usize) {
        const SLOTS_MIN: usize = 256;
        let wanted = (self.keys.len() + more) * 3 / 2;
        if wanted <= self.slots.len() && !self.slots.is_empty() {
            return;
        }
        self.slots = vec![0; (wanted * 4 / 3).next_power_of_two().max(SLOTS_MIN)];
        let mask = self.slots.len() - 1;
        for (key, number) in self.keys.iter().zip(1_u64..) {
            let mut at = key.hash as usize & mask;
            while self.slots[at] != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = (key.hash >> 32) << 32 | number;
        }
    }

    /// Takes in all rows of `other`: `merge` joins the values of a key that both have. Gives, for
    /// each row of `other`, the number of its row here.
    pub fn absorb(&mut self, other: Table<V>, mut merge: impl FnMut(&mut V, V)) -> Vec<u32> {
        const BATCH: usize = 64;
        let mut numbers = Vec::with_capacity(other.len());
        let mut values = other.values.into_iter();
        for keys in other.keys.chunks(BATCH) {
            self.reserve(keys.len());
            let hashes: Vec<u64> = keys.iter().map(|key| key.hash).collect();
            self.prefetch(&hashes);
            for (key, value) in keys.iter().zip(values.by_ref()) {
                let mut value = Some(value);
                // The value is taken for a new key only; else it is still there to be joined.
                let number = self.find_or_take(key.hash, other.arena.get(&key.place), &mut value);
                if let Some(value) = value {
                    merge(self.value_mut(number), value);
                }
                numbers.push(number);
            }
        }
        numbers
    }

    fn find_or_take(&mut self, hash: u64, key: Key<'_>, value: &mut Option<V>) -> u32 {
        self.find(hash, key, &mut |_| value.take().expect("it is asked for once"))
    }
}

/// A key: its bytes where they are few (an IPv4 address is), which spares a line of the cache, or
/// else where they lie in the arena.
#[derive(Clone, Copy, Debug)]
struct Place {
    head: u16,
    tail: u16,
    /// The bytes, or in the first four of these a place in the arena.
    cell: [u8; CELL_BYTES],
}

const CELL_BYTES: usize = 20;

impl Place {
    fn length(&self) -> usize {
        usize::from(self.head) + usize::from(self.tail)
    }

    /// Where in the arena, for a key that does not lie here.
    fn at(&self) -> Option<usize> {
        let [a, b, c, d, ..] = self.cell;
        (self.length() > CELL_BYTES).then_some(u32::from_le_bytes([a, b, c, d]) as usize)
    }
}

/// The bytes of longer keys, in pages: growing copies at most the first.
///
/// A key begins at a multiple of 8, so that 32 bits reach 32 GiB.
#[derive(Clone, Debug, Default)]
struct Arena {
    pages: Vec<Vec<u8>>,
}

impl Arena {
    const ALIGN: usize = 8;
    const PAGE_BYTES: usize = 1 << 18;
    const UNITS: usize = Self::PAGE_BYTES / Self::ALIGN;
    const FIRST_PAGE_BYTES: usize = 4 << 10;

    /// Keys are far shorter than the 64 KiB that a length can tell: see
    /// [`crate::options::KEY_BYTES_MAX`].
    fn push(&mut self, key: Key<'_>) -> Place {
        let limit = usize::from(u16::MAX);
        let head = &key.head[..key.head.len().min(limit)];
        let tail = &key.tail[..key.tail.len().min(limit)];
        let (length, mut cell) = (head.len() + tail.len(), [0; CELL_BYTES]);
        if length <= CELL_BYTES {
            cell[..head.len()].copy_from_slice(head);
            cell[head.len()..length].copy_from_slice(tail);
        } else {
            let at = self.push_bytes(head, tail);
            cell[..4].copy_from_slice(&at.to_le_bytes());
        }
        Place { head: head.len() as u16, tail: tail.len() as u16, cell }
    }

    fn push_bytes(&mut self, head: &[u8], tail: &[u8]) -> u32 {
        let length = head.len() + tail.len();
        if self.pages.last().is_none_or(|page| page.len() + length > Self::PAGE_BYTES) {
            let is_first = self.pages.is_empty();
            let size = if is_first { Self::FIRST_PAGE_BYTES } else { Self::PAGE_BYTES };
            self.pages.push(Vec::with_capacity(size));
        }
        let number = self.pages.len() - 1;
        let page = &mut self.pages[number];
        let at = number * Self::UNITS + page.len() / Self::ALIGN;
        page.extend_from_slice(head);
        page.extend_from_slice(tail);
        page.resize(page.len().next_multiple_of(Self::ALIGN), 0);
        u32::try_from(at).expect("32 GiB of keys need more memory than can be had")
    }

    fn from(&self, at: usize) -> &[u8] {
        &self.pages[at / Self::UNITS][at % Self::UNITS * Self::ALIGN..]
    }

    /// Asks for the bytes of a key that lies here: for those at both ends, which can lie on two lines
    /// of the cache.
    fn prefetch(&self, place: &Place) {
        let Some(at) = place.at() else { return };
        let bytes = self.from(at);
        prefetch(&bytes[0]);
        prefetch(&bytes[place.length() - 1]);
    }

    fn get<'a>(&'a self, place: &'a Place) -> Key<'a> {
        let bytes = place.at().map_or(&place.cell[..], |at| self.from(at));
        let (head, rest) = bytes.split_at(usize::from(place.head));
        Key { head, tail: &rest[..usize::from(place.tail)] }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn count(keys: &[(Vec<u8>, Vec<u8>)], batch: usize) -> Table<u64> {
        let mut table = Table::default();
        let mut found = Vec::new();
        for keys in keys.chunks(batch) {
            let keys = keys.iter().map(|(head, tail)| Key { head, tail });
            table.find_all(keys, &mut found, |_| 0);
            for &row in &found {
                *table.value_mut(row) += 1;
            }
        }
        table
    }

    fn counts(table: &Table<u64>) -> BTreeMap<(Vec<u8>, Vec<u8>), u64> {
        table.rows().map(|(_, key, n)| ((key.head.to_vec(), key.tail.to_vec()), *n)).collect()
    }

    fn plainly(keys: &[(Vec<u8>, Vec<u8>)]) -> BTreeMap<(Vec<u8>, Vec<u8>), u64> {
        let mut counts = BTreeMap::new();
        for key in keys {
            *counts.entry(key.clone()).or_default() += 1;
        }
        counts
    }

    fn some_keys() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
        let part = || prop::collection::vec(0_u8..4, 0..4);
        prop::collection::vec((part(), part()), 0..600)
    }

    proptest! {
        #[test]
        fn counts_are_those_of_a_plain_map(keys in some_keys(), batch in 1_usize..70) {
            prop_assert_eq!(counts(&count(&keys, batch)), plainly(&keys));
        }

        #[test]
        fn absorbing_is_counting_both(a in some_keys(), b in some_keys()) {
            let mut whole = count(&a, 64);
            let part = count(&b, 7);
            let names: Vec<_> = part.rows().map(|(_, key, _)| format!("{key:?}")).collect();
            let numbers = whole.absorb(part, |n, m| *n += m);
            for (name, number) in names.iter().zip(numbers) {
                prop_assert_eq!(name, &format!("{:?}", whole.key(number)));
            }
            prop_assert_eq!(counts(&whole), plainly(&[a, b].concat()));
        }
    }

    #[test]
    fn many_and_long_keys_stay_apart() {
        let key = |n: u32| (vec![b'x'; n as usize % 3_000], n.to_le_bytes().to_vec());
        let table = count(&(0..50_000).map(key).collect::<Vec<_>>(), 64);
        assert_eq!(table.len(), 50_000);
        assert!(table.rows().all(|(_, _, n)| *n == 1));
    }
}
