//! A hash table from keys to counts, made for the one pattern that counting has: look up, then
//! count.
//!
//! The tables, not the parser, are what a run costs: a table of real size misses the cache with
//! each look-up. So a row (see [`super::arena`]) is found through a slot that is one word (32 bits of
//! the hash, 32 bits of the row's place); and the caller asks for the slot and then the row
//! ([`Table::prefetch_slot`], [`Table::prefetch_row`]) some time before it looks up the key
//! ([`super::queue`]), so that nobody waits. A key is copied when it is first seen.

use super::arena::{Arena, Fixed, Key, Piece, Row};
use super::prefetch::prefetch_at;

/// The table. See the head of the file. `V` is what is counted of a key.
#[derive(Clone, Debug)]
pub struct Table<V> {
    /// The upper half of a hash, and the number of its row + 1 in the lower half; or 0 where empty.
    /// A search begins at the slot that the upmost bits of the hash number, so that slots can be
    /// doubled without a look at the rows. Their number is a power of two, or 0.
    slots: Vec<u64>,
    /// By how much a hash is to be shifted for the number of its slot.
    shift: u32,
    rows: Arena<V>,
}

impl<V> Default for Table<V> {
    fn default() -> Table<V> {
        Table { slots: Vec::new(), shift: 63, rows: Arena::default() }
    }
}

impl<V: Fixed> Table<V> {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows.
    pub fn rows(&self) -> &Arena<V> {
        &self.rows
    }

    /// The rows, to change what is counted of them.
    pub fn rows_mut(&mut self) -> &mut Arena<V> {
        &mut self.rows
    }

    /// Takes all rows out, to make place for others on these pieces.
    pub fn take_rows(&mut self, spares: Vec<Piece>) -> Arena<V> {
        let emptied = Table { rows: Arena::on(spares), ..Table::default() };
        std::mem::replace(self, emptied).rows
    }

    /// The memory that its rows take, in bytes: a number that depends on the rows alone. Slots are at
    /// most three to a row.
    pub fn cost(&self) -> u64 {
        (self.rows.bytes() + 3 * size_of::<u64>() * self.len()) as u64
    }

    /// The part of [`Table::cost`] that is one row's.
    pub fn row_cost(&self, row: Row) -> u64 {
        (self.rows.row_bytes(row) + 3 * size_of::<u64>()) as u64
    }

    /// Asks for the slot at which the search for a hash begins.
    #[inline(always)]
    pub fn prefetch_slot(&self, hash: u64) {
        prefetch_at(self.slots.as_ptr().wrapping_add((hash >> self.shift) as usize).cast());
    }

    /// Looks for the row of a key by its hash alone and asks for what was found: the row of that key
    /// in nearly all cases, if there is one.
    #[inline(always)]
    pub fn prefetch_row(&self, hash: u64, key_bytes: usize) -> Option<Row> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = (hash >> self.shift) as usize;
        loop {
            let slot = *self.slots.get(at)?;
            if slot == 0 {
                return None;
            }
            if slot >> 32 == hash >> 32 {
                let row = Row::new(slot as u32 - 1);
                self.rows.prefetch(row, key_bytes);
                return Some(row);
            }
            at = (at + 1) & mask;
        }
    }

    /// The row of a key with this hash, which is new if there was none. `guess` is what
    /// [`Table::prefetch_row`] found.
    #[inline(always)]
    pub fn find_guessed(&mut self, hash: u64, key: Key<'_>, guess: Option<Row>) -> Row {
        match guess {
            Some(row) if self.rows.holds(row, key) => row,
            _ => self.find(hash, key),
        }
    }

    /// The row of a key with this hash, if there is one.
    #[inline]
    pub fn get(&self, hash: u64, key: Key<'_>) -> Option<Row> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = (hash >> self.shift) as usize;
        loop {
            let slot = *self.slots.get(at)?;
            if slot == 0 {
                return None;
            }
            let row = Row::new(slot as u32 - 1);
            if slot >> 32 == hash >> 32 && self.rows.holds(row, key) {
                return Some(row);
            }
            at = (at + 1) & mask;
        }
    }

    /// The row of a key with this hash, which is new if there was none.
    #[inline(never)]
    pub fn find(&mut self, hash: u64, key: Key<'_>) -> Row {
        if let Some(row) = self.get(hash, key) {
            return row;
        }
        let row = self.rows.push(key);
        if self.len() * 3 / 2 > self.slots.len() {
            self.double();
        }
        self.take_slot(hash >> 32 << 32 | u64::from(row.number() + 1));
        row
    }

    fn take_slot(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> self.shift) as usize;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    #[expect(clippy::slow_vector_initialization, reason = "here it is the faster one, see below")]
    fn double(&mut self) {
        const SLOTS_MIN: usize = 16;
        let size = (self.slots.len() * 2).max(SLOTS_MIN);
        // `vec![0; size]` would leave the zeros to the system. It maps one page of zeros everywhere,
        // and when the page that was read is written at last, all processors have to be told.
        let mut slots = Vec::with_capacity(size);
        slots.resize(size, 0);
        let old = std::mem::replace(&mut self.slots, slots);
        self.shift = 64 - size.trailing_zeros();
        old.into_iter().filter(|&slot| slot != 0).for_each(|slot| self.take_slot(slot));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytemuck::{Pod, Zeroable};
    use proptest::prelude::*;

    use super::super::arena::Lengths;
    use super::super::hash::TableHasher;
    use super::*;

    type Keys = Vec<(Vec<u8>, Vec<u8>)>;

    #[derive(Clone, Copy, Pod, Zeroable)]
    #[repr(C)]
    struct Times {
        lengths: Lengths,
        times: u8,
        more: [u8; 4],
    }

    impl Times {
        fn get(&self) -> u64 {
            u64::from(u32::from_le_bytes(self.more))
        }
    }

    impl Fixed for Times {
        fn lengths(&self) -> Lengths {
            self.lengths
        }

        fn lengths_mut(&mut self) -> &mut Lengths {
            &mut self.lengths
        }
    }

    fn count(keys: &Keys, hash: impl Fn(Key<'_>) -> u64) -> Table<Times> {
        let mut table: Table<Times> = Table::default();
        for (head, tail) in keys {
            let key = Key { head, tail };
            let hash = hash(key);
            table.prefetch_slot(hash);
            let guess = table.prefetch_row(hash, key.length());
            let row = table.find_guessed(hash, key, guess);
            assert_eq!(table.find(hash, key), row);
            let times = table.rows_mut().counts_mut(row);
            times.more = (times.get() as u32 + 1).to_le_bytes();
        }
        table
    }

    fn seeded(key: Key<'_>) -> u64 {
        TableHasher::new().hash(key)
    }

    fn counts(table: &Table<Times>) -> BTreeMap<(Vec<u8>, Vec<u8>), u64> {
        let rows = table.rows();
        let rows = rows.rows().map(|row| (rows.key(row), rows.counts(row).get()));
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
    }

    #[test]
    fn the_longest_keys_stay_apart() {
        let keys = vec![(vec![b'a'; 4_095], vec![b'a'; 4_095]), (Vec::new(), b"b".to_vec())];
        let table = count(&keys, seeded);
        assert_eq!(counts(&table), plainly(&keys));
    }

    #[test]
    fn many_and_long_keys_stay_apart() {
        let key = |n: u32| (vec![b'x'; n as usize % 3_000], n.to_le_bytes().to_vec());
        let mut table = count(&(0..50_000).map(key).collect(), seeded);
        assert_eq!(table.len(), 50_000);
        let rows = table.rows();
        assert!(rows.rows().all(|row| rows.counts(row).get() == 1));
        let all: Vec<Row> = rows.rows().collect();
        let changed: Vec<Row> = table.rows_mut().rows_mut().map(|(row, _)| row).collect();
        assert_eq!(all, changed);
        let cost: u64 = all.iter().map(|&row| table.row_cost(row)).sum();
        assert_eq!(cost, table.cost());
    }
}
