//! A table with the 4xx of its rows, in parts that merge side by side.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

use super::arena::{Fixed, Key, Lengths, Piece, Row};
use super::counts::ErrorCounts;
use super::distinct::Distinct;
use super::hash::{TableHasher, sketch_hash};
use super::prefetch::prefetch;
use super::table::Table;

/// How many parts there are: enough to keep as many cores busy while tables merge.
pub const SHARDS: usize = 16;

/// What the rows of every table count. All zeros is nothing yet.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Head {
    /// Of the key.
    pub lengths: Lengths,
    /// All requests: the upmost eight bits of forty, and the lowest 32.
    requests_high: u8,
    requests_low: u32,
    /// Where the 4xx of the row are among those of its shard, plus 1; 0 where it has none.
    errors: u32,
    /// The most requests of the key that can have been dropped before the row began. It takes more
    /// lines than there are disks for that to be more than fits.
    missed: u32,
}

impl Head {
    /// All requests. A trillion is the most that can be told, a log of some 200 TB.
    #[inline(always)]
    pub fn requests(&self) -> u64 {
        u64::from(self.requests_high) << 32 | u64::from(self.requests_low)
    }

    /// Counts requests.
    #[inline(always)]
    pub fn add(&mut self, requests: u64) {
        const MAX: u64 = (1 << 40) - 1;
        let sum = self.requests().saturating_add(requests).min(MAX);
        (self.requests_high, self.requests_low) = ((sum >> 32) as u8, sum as u32);
    }

    /// Whether the row has 4xx.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    fn errors_place(&self) -> Option<usize> {
        (self.errors as usize).checked_sub(1)
    }

    /// All requests that the row can stand for.
    fn stands_for(&self) -> u64 {
        self.requests() + u64::from(self.missed)
    }
}

/// What the rows of a table count. All zeros is nothing yet.
pub trait Counts: Fixed {
    /// What those of every table do.
    fn head(&self) -> &Head;

    /// The same, to change it.
    fn head_mut(&mut self) -> &mut Head;

    /// Takes in what `other` counted of the same key beside its head.
    fn merge(&mut self, other: &Self);

    /// What makes the key worth knowing beside the number of its requests.
    fn bonus(&self) -> u64;
}

/// The table: a key's shard is chosen by its hash.
#[derive(Clone, Debug)]
pub struct Shards<V> {
    shards: [Shard<V>; SHARDS],
    dropped: Dropped,
}

/// Rows that were given up for want of room.
#[derive(Clone, Debug, Default)]
pub struct Dropped {
    /// The requests that they had counted.
    pub requests: u64,
    /// The most requests that any key, kept or not, can have had beyond what is counted of it: the
    /// most that one of the dropped rows stood for.
    pub max_error: u64,
    /// Their keys.
    keys: Distinct<15>,
}

/// A row that moved, and where to; `None` where it was dropped.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Where it was.
    pub from: Row,
    /// Where it is.
    pub to: Option<Row>,
}

/// A part of the table.
#[derive(Clone, Debug)]
pub struct Shard<V> {
    table: Table<V>,
    errors: Vec<ErrorCounts>,
    /// The sum of [`ErrorCounts::cost`].
    errors_cost: u64,
}

impl<V> Default for Shard<V> {
    fn default() -> Shard<V> {
        Shard { table: Table::default(), errors: Vec::new(), errors_cost: 0 }
    }
}

impl<V> Default for Shards<V> {
    fn default() -> Shards<V> {
        Shards { shards: std::array::from_fn(|_| Shard::default()), dropped: Dropped::default() }
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

    /// The row of a key, if there is one.
    pub fn get(&self, key: Key<'_>) -> Option<RowCounts<'_, V>> {
        let hash = TableHasher::new().hash(key);
        let shard = &self.shards[shard_of(hash)];
        let row = shard.table.get(hash, key)?;
        Some(shard.row(row))
    }

    /// The shard for a hash.
    #[inline]
    pub fn shard(&mut self, hash: u64) -> &mut Shard<V> {
        &mut self.shards[shard_of(hash)]
    }

    /// The shard for a hash, and the row of a key there, which is new if there was none. See
    /// [`Table::find_guessed`].
    #[inline(always)]
    pub fn find(&mut self, hash: u64, key: Key<'_>, guess: Option<Row>) -> (&mut Shard<V>, Row) {
        let shard = &mut self.shards[shard_of(hash)];
        let row = shard.table.find_guessed(hash, key, guess);
        let head = shard.table.rows_mut().counts_mut(row).head_mut();
        if head.requests() == 0 {
            head.missed = u32::try_from(self.dropped.max_error).unwrap_or(u32::MAX);
        }
        (shard, row)
    }

    /// Asks for the slot of a key. See [`Table::prefetch_slot`].
    #[inline(always)]
    pub fn prefetch_slot(&self, hash: u64) {
        self.shards[shard_of(hash)].table.prefetch_slot(hash);
    }

    /// Asks for the row of a key. See [`Table::prefetch_row`].
    #[inline(always)]
    pub fn prefetch_row(&self, hash: u64, key_bytes: usize) -> Option<Row> {
        self.shards[shard_of(hash)].table.prefetch_row(hash, key_bytes)
    }

    /// The memory that it can take, in bytes; see [`Distinct::cost`].
    pub fn cost(&self) -> u64 {
        self.shards.iter().map(|shard| shard.table.cost() + shard.errors_cost).sum()
    }

    /// What was dropped.
    pub fn dropped(&self) -> &Dropped {
        &self.dropped
    }

    /// How many distinct keys there were, those of dropped rows among them: exact where there are no
    /// such rows.
    pub fn distinct(&self) -> u64 {
        if self.dropped.requests == 0 {
            return self.len() as u64;
        }
        let mut keys = self.dropped.keys.clone();
        self.rows().for_each(|row| keys.insert(sketch_hash(row.key.head, row.key.tail)));
        keys.count()
    }

    /// Drops the rows that matter least, so that the rest costs no more than `cost`. Tells for each
    /// shard where its rows went, in their order.
    ///
    /// This is the space-saving algorithm (Metwally, Agrawal and El Abbadi, *Efficient Computation of
    /// Frequent and Top-k Elements in Data Streams*, 2005), many rows at a time: a row stands for the
    /// requests that it counted and for those that its key can have had before it, and the rows that
    /// stand for the fewest go. All rows of the weight at which the room ends are dropped, and told
    /// to `forget`: none is chosen by chance.
    pub fn prune(&mut self, cost: u64, mut forget: impl FnMut(&V)) -> Vec<Vec<Move>> {
        const LIGHT: usize = 256;
        let weight = |counts: &V| counts.head().stands_for() + counts.bonus();
        // What the rows of each weight cost. Nearly all weights are small.
        let (mut light, mut heavy) = ([0; LIGHT], BTreeMap::new());
        for shard in &self.shards {
            for row in shard.table.rows().rows() {
                let (weight, cost) = (weight(shard.table.rows().counts(row)), shard.row_cost(row));
                match light.get_mut(weight as usize) {
                    Some(costs) => *costs += cost,
                    None => *heavy.entry(Reverse(weight)).or_default() += cost,
                }
            }
        }
        let light = light.into_iter().enumerate().rev().filter(|(_, cost)| *cost > 0);
        let light = light.map(|(weight, cost)| (weight as u64, cost));
        let mut room = cost;
        let heavy = heavy.into_iter().map(|(Reverse(weight), cost)| (weight, cost));
        let last = heavy.chain(light).find_map(|(weight, cost): (u64, u64)| {
            let is_over = cost > room;
            room = room.saturating_sub(cost);
            is_over.then_some(weight)
        });
        let dropped = &mut self.dropped;
        let mut drop = |key: Key<'_>, counts: &V| {
            dropped.requests += counts.head().requests();
            dropped.keys.insert(sketch_hash(key.head, key.tail));
            dropped.max_error = counts.head().stands_for().max(dropped.max_error);
            forget(counts);
        };
        let keeps = |counts: &V| last.is_none_or(|last| weight(counts) > last);
        // One shard after the other, each on the pieces of those before it: both old and new there is
        // but one of them.
        let mut spares = Vec::new();
        let shards = self.shards.iter_mut();
        shards.map(|shard| shard.keep(keeps, &mut drop, &mut spares)).collect()
    }

    /// Takes in all rows of `other`. Tells for each shard where its rows went, in their order.
    pub fn merge(&mut self, other: Shards<V>) -> Vec<Vec<Move>> {
        self.dropped.requests += other.dropped.requests;
        self.dropped.max_error += other.dropped.max_error;
        self.dropped.keys.merge(other.dropped.keys);
        let pairs = self.shards.par_iter_mut().zip(other.shards);
        pairs.map(|(mine, other)| mine.merge(other)).collect()
    }
}

impl<V: Counts> Shard<V> {
    /// The place of a row's 4xx, which are new if there were none.
    pub fn errors_of(&mut self, row: Row) -> usize {
        if let Some(place) = self.table.rows().counts(row).head().errors_place() {
            prefetch(&self.errors[place]);
            return place;
        }
        let Key { head, tail } = self.table.rows().key(row);
        self.push_errors(row, ErrorCounts::new(sketch_hash(head, tail)))
    }

    fn push_errors(&mut self, row: Row, errors: ErrorCounts) -> usize {
        self.errors_cost += errors.cost();
        self.errors.push(errors);
        // There are no more of them than rows, which 32 bits number.
        self.table.rows_mut().counts_mut(row).head_mut().errors = self.errors.len() as u32;
        self.errors.len() - 1
    }

    /// The 4xx at a place that [`Shard::errors_of`] gave.
    #[inline]
    pub fn errors(&self, place: usize) -> &ErrorCounts {
        &self.errors[place]
    }

    /// Changes the 4xx at a place.
    #[inline]
    pub fn change_errors<T>(
        &mut self,
        place: usize,
        change: impl FnOnce(&mut ErrorCounts) -> T,
    ) -> T {
        let errors = &mut self.errors[place];
        let before = errors.cost();
        let changed = change(errors);
        self.errors_cost += errors.cost() - before;
        changed
    }

    /// What a row takes of [`Shards::cost`].
    fn row_cost(&self, row: Row) -> u64 {
        let place = self.table.rows().counts(row).head().errors_place();
        self.table.row_cost(row) + place.map_or(0, |place| self.errors[place].cost())
    }

    /// Keeps some rows, and gives the others to `drop`. The rows move to `spares`, where there are
    /// any, and the pieces that they lay on become such.
    fn keep(
        &mut self,
        keeps: impl Fn(&V) -> bool,
        drop: &mut impl FnMut(Key<'_>, &V),
        spares: &mut Vec<Piece>,
    ) -> Vec<Move> {
        let rows = self.table.take_rows(std::mem::take(spares));
        let hasher = TableHasher::new();
        let mut errors = std::mem::take(&mut self.errors);
        self.errors_cost = 0;
        let keep = |from| {
            let (key, counts) = (rows.key(from), rows.counts(from));
            if !keeps(counts) {
                drop(key, counts);
                return Move { from, to: None };
            }
            let to = self.table.find(hasher.hash(key), key);
            *self.table.rows_mut().counts_mut(to) = *counts;
            if let Some(place) = counts.head().errors_place() {
                self.push_errors(to, std::mem::take(&mut errors[place]));
            }
            Move { from, to: Some(to) }
        };
        let moves = rows.rows().map(keep).collect();
        spares.extend(self.table.rows_mut().take_spares());
        spares.extend(rows.into_pieces());
        moves
    }

    /// The counts of a row, to change them.
    pub fn counts_mut(&mut self, row: Row) -> &mut V {
        self.table.rows_mut().counts_mut(row)
    }

    /// All rows with their counts, to change them.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = (Row, &mut V)> {
        self.table.rows_mut().rows_mut()
    }

    /// All rows in order of arrival, which differs from run to run: sort before showing.
    pub fn rows(&self) -> impl Iterator<Item = RowCounts<'_, V>> {
        self.table.rows().rows().map(|row| self.row(row))
    }

    fn row(&self, row: Row) -> RowCounts<'_, V> {
        let counts = self.table.rows().counts(row);
        let place = counts.head().errors_place();
        let errors = place.map(|place| &self.errors[place]);
        RowCounts { key: self.table.rows().key(row), counts, errors }
    }

    fn merge(&mut self, mut other: Shard<V>) -> Vec<Move> {
        const BATCH: usize = 64;
        if self.table.is_empty() {
            *self = other;
            return self.table.rows().rows().map(|row| Move { from: row, to: Some(row) }).collect();
        }
        let mut moves = Vec::with_capacity(other.table.len());
        let theirs = other.table.rows();
        let mut rows = theirs.rows();
        let (mut batch, mut errors) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        let hasher = TableHasher::new();
        loop {
            batch.extend(rows.by_ref().take(BATCH).map(|row| {
                let hash = hasher.hash(theirs.key(row));
                self.table.prefetch_slot(hash);
                (row, hash, None)
            }));
            if batch.is_empty() {
                return moves;
            }
            for (row, hash, guess) in &mut batch {
                *guess = self.table.prefetch_row(*hash, theirs.key(*row).length());
            }
            for (from, hash, guess) in batch.drain(..) {
                let to = self.table.find_guessed(hash, theirs.key(from), guess);
                let counts = theirs.counts(from);
                let mine = self.table.rows_mut().counts_mut(to);
                mine.head_mut().add(counts.head().requests());
                mine.head_mut().missed = mine.head().missed.max(counts.head().missed);
                mine.merge(counts);
                if let Some(place) = counts.head().errors_place() {
                    let place_here = mine.head().errors_place();
                    place_here.inspect(|&place| prefetch(&self.errors[place]));
                    prefetch(&other.errors[place]);
                    errors.push((to, place));
                }
                moves.push(Move { from, to: Some(to) });
            }
            for (to, place) in errors.drain(..) {
                self.take_errors(to, std::mem::take(&mut other.errors[place]));
            }
        }
    }

    fn take_errors(&mut self, row: Row, errors: ErrorCounts) {
        match self.table.rows().counts(row).head().errors_place() {
            Some(place) => self.change_errors(place, |mine| mine.merge(errors)),
            None => {
                self.push_errors(row, errors);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PathCounts;
    use super::*;

    /// Rows that come and go as they do in a log without end, some of them often enough to stay.
    #[test]
    fn memory_does_not_grow_with_what_was_dropped() {
        const COST: u64 = 24 << 20;
        let (mut shards, hasher) = (Shards::<PathCounts>::default(), TableHasher::new());
        let (mut number, mut most) = (0_u64, Vec::new());
        for _ in 0..12 {
            while shards.cost() <= COST {
                number += 1;
                // Half of them come four times.
                let name = if number.is_multiple_of(2) { number / 8 * 2 } else { number };
                let name = format!("/path/{name:050}");
                let key = Key::new(name.as_bytes());
                let (shard, row) = shards.find(hasher.hash(key), key, None);
                shard.counts_mut(row).head_mut().add(1);
            }
            shards.prune(COST / 4 * 3, |_| {});
            assert!(!shards.is_empty() && shards.cost() <= COST / 4 * 3);
            most.push(shards.shards.iter().map(|shard| shard.table.rows().pieces()).sum::<usize>());
        }
        // Pieces are of 256 KiB; the last of each shard is not full.
        assert!(most.iter().all(|&pieces| pieces <= 3 * 24 + SHARDS), "{most:?}");
    }
}
