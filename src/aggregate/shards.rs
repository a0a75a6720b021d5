//! A table with the 4xx of its rows, in parts that merge side by side.

use bytemuck::Pod;
use rayon::prelude::*;

use super::counts::ErrorCounts;
use super::hash::{sketch_hash, table_hash};
use super::prefetch::prefetch;
use super::table::{Key, Row, Table};

/// How many parts there are: enough to keep as many cores busy while tables merge.
pub const SHARDS: usize = 16;

/// What the rows of a table count. All zeros is nothing yet.
pub trait Counts: Pod + Send + Sync {
    /// All requests.
    fn requests(&self) -> u64;

    /// Where the 4xx of the row are among those of its shard, plus 1; 0 where it has none.
    fn errors(&self) -> u32;

    /// The same, to change it.
    fn errors_mut(&mut self) -> &mut u32;

    /// Takes in what `other` counted of the same key, but for its 4xx.
    fn merge(&mut self, other: &Self);
}

/// The table: a key's shard is chosen by its hash.
#[derive(Clone, Debug)]
pub struct Shards<V> {
    shards: [Shard<V>; SHARDS],
}

/// A part of the table.
#[derive(Clone, Debug)]
pub struct Shard<V> {
    table: Table<V>,
    errors: Vec<ErrorCounts>,
}

impl<V> Default for Shards<V> {
    fn default() -> Shards<V> {
        let empty = |_| Shard { table: Table::default(), errors: Vec::new() };
        Shards { shards: std::array::from_fn(empty) }
    }
}

/// A row, as reports see it.
#[derive(Clone, Copy, Debug)]
pub struct RowCounts<'a, V> {
    /// Its key.
    pub key: Key<'a>,
    /// What is counted of all its requests.
    pub counts: &'a V,
    /// What is counted of its 4xx, if any.
    pub errors: Option<&'a ErrorCounts>,
}

/// The number of the shard for a hash. Slots are found by the upper bits.
#[inline]
pub fn shard_of(hash: u64) -> usize {
    hash as usize % SHARDS
}

impl<V: Counts> Shards<V> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.table.len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shards, by number.
    pub fn shards(&self) -> &[Shard<V>; SHARDS] {
        &self.shards
    }

    /// The shards, by number, to change them.
    pub fn shards_mut(&mut self) -> &mut [Shard<V>; SHARDS] {
        &mut self.shards
    }

    /// All rows in no order.
    pub fn rows(&self) -> impl Iterator<Item = RowCounts<'_, V>> {
        self.shards.iter().flat_map(Shard::rows)
    }

    /// The shard for a hash.
    #[inline]
    pub fn shard(&mut self, hash: u64) -> &mut Shard<V> {
        &mut self.shards[shard_of(hash)]
    }

    /// Asks for the slot of a key. See [`Table::prefetch_slot`].
    #[inline]
    pub fn prefetch_slot(&self, hash: u64) {
        self.shards[shard_of(hash)].table.prefetch_slot(hash);
    }

    /// Asks for the row of a key. See [`Table::prefetch_row`].
    #[inline]
    pub fn prefetch_row(&self, hash: u64) {
        self.shards[shard_of(hash)].table.prefetch_row(hash);
    }

    /// Takes in all rows of `other`. Tells for each shard where its rows went, in their order.
    pub fn merge(&mut self, other: Shards<V>) -> Vec<Vec<(Row, Row)>> {
        let pairs = self.shards.par_iter_mut().zip(other.shards);
        pairs.map(|(mine, other)| mine.merge(other)).collect()
    }
}

impl<V: Counts> Shard<V> {
    /// The row of a key with this hash, which is new if there was none.
    #[inline]
    pub fn find(&mut self, hash: u64, key: Key<'_>) -> (Row, &mut V) {
        let row = self.table.find(hash, key);
        (row, self.table.counts_mut(row))
    }

    /// The place of a row's 4xx, which are new if there were none.
    pub fn errors_of(&mut self, row: Row) -> usize {
        let known = self.table.counts(row).errors();
        if known > 0 {
            let place = known as usize - 1;
            prefetch(&self.errors[place]);
            return place;
        }
        let Key { head, tail } = self.table.key(row);
        self.errors.push(ErrorCounts::new(sketch_hash(head, tail)));
        // There are no more of them than rows, which 32 bits number.
        *self.table.counts_mut(row).errors_mut() = self.errors.len() as u32;
        self.errors.len() - 1
    }

    /// The 4xx at a place that [`Shard::errors_of`] gave.
    #[inline]
    pub fn errors_mut(&mut self, place: usize) -> &mut ErrorCounts {
        &mut self.errors[place]
    }

    /// The counts of a row, to change them.
    pub fn counts_mut(&mut self, row: Row) -> &mut V {
        self.table.counts_mut(row)
    }

    /// All rows with their counts, to change them.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = (Row, &mut V)> {
        self.table.rows_mut()
    }

    /// All rows in order of arrival, which differs from run to run: sort before showing.
    pub fn rows(&self) -> impl Iterator<Item = RowCounts<'_, V>> {
        self.table.rows().map(|row| {
            let counts = self.table.counts(row);
            let place = (counts.errors() as usize).checked_sub(1);
            let errors = place.map(|place| &self.errors[place]);
            RowCounts { key: self.table.key(row), counts, errors }
        })
    }

    fn merge(&mut self, mut other: Shard<V>) -> Vec<(Row, Row)> {
        const BATCH: usize = 64;
        if self.table.is_empty() {
            *self = other;
            return self.table.rows().map(|row| (row, row)).collect();
        }
        let mut moves = Vec::with_capacity(other.table.len());
        let mut rows = other.table.rows();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            batch.extend(rows.by_ref().take(BATCH).map(|row| {
                let key = other.table.key(row);
                let hash = table_hash(key.head, key.tail);
                self.table.prefetch_slot(hash);
                (row, hash)
            }));
            if batch.is_empty() {
                return moves;
            }
            batch.iter().for_each(|(_, hash)| self.table.prefetch_row(*hash));
            for (from, hash) in batch.drain(..) {
                let to = self.table.find(hash, other.table.key(from));
                let counts = other.table.counts(from);
                self.table.counts_mut(to).merge(counts);
                if let Some(place) = (counts.errors() as usize).checked_sub(1) {
                    self.take_errors(to, std::mem::take(&mut other.errors[place]));
                }
                moves.push((from, to));
            }
        }
    }

    fn take_errors(&mut self, row: Row, errors: ErrorCounts) {
        let place = self.table.counts_mut(row).errors_mut();
        match (*place as usize).checked_sub(1) {
            Some(place) => self.errors[place].merge(errors),
            None => {
                self.errors.push(errors);
                *place = self.errors.len() as u32;
            }
        }
    }
}
