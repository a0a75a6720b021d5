//! What is counted, and how counts merge.
//!
//! An [`Aggregate`] knows no settings: it is the same for every run, and [`Aggregate::default`] is
//! nothing at all. Each worker has one of its own; they are merged once, when all lines are counted,
//! in any order. No float is among what is merged.

pub mod counts;
pub mod distinct;
pub mod hash;
pub mod peaks;
mod prefetch;
pub mod shards;
pub mod table;
pub mod windows;

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

use counts::{Period, StatusCounts};
use hash::table_hash;
use peaks::{LATE_SECONDS_MAX, Peak, Peaks, SpanKey};
use shards::{Counts, Head, Shards, shard_of};
use table::Key;
use windows::Windows;

use crate::record::{Hit, Status};

/// How many hits are best counted at a time: enough to overlap the tables' cache misses.
pub const BATCH: usize = 64;

/// The counts.
#[derive(Clone, Debug, Default)]
pub struct Aggregate {
    requests: u64,
    bytes: u64,
    period: Period,
    /// By [`Status::index`]; empty before the first request.
    by_status: Vec<u64>,
    /// By code less 400; empty before the first client error.
    client_errors: Vec<Option<Box<StatusCounts>>>,
    paths: Shards<PathCounts>,
    clients: Shards<ClientCounts>,
    windows: Windows,
    peaks: Peaks,
}

/// What is counted of a path.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct PathCounts {
    head: Head,
    /// 1 where any request succeeded, with 2xx or 304, else 0.
    succeeded: u32,
    /// Rows are made of whole words.
    padding: u32,
}

impl Counts for PathCounts {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn merge(&mut self, other: &PathCounts) {
        self.succeeded |= other.succeeded;
    }

    /// A path that fails, and one that was there once, before one that only was asked for.
    fn bonus(&self) -> u64 {
        u64::from(self.head.has_errors()) + u64::from(self.succeeded)
    }
}

/// What is counted of a client.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ClientCounts {
    head: Head,
    peak: Peak,
    /// Rows are made of whole words.
    padding: u32,
}

impl ClientCounts {
    /// Most requests in a window of each of [`peaks::WINDOW_SECONDS`]; whole once
    /// [`Aggregate::finish`] was called.
    pub fn peak(&self) -> [u32; 4] {
        self.peak.most()
    }
}

impl Counts for ClientCounts {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn merge(&mut self, other: &ClientCounts) {
        self.peak.raise(other.peak.most());
    }

    fn bonus(&self) -> u64 {
        u64::from(self.head.has_errors())
    }
}

impl Aggregate {
    /// Says where the hits to come stand.
    pub fn begin_span(&mut self, key: SpanKey) {
        self.peaks.begin_span(key);
    }

    /// Says that the hits to come stand in the next block of their span.
    pub fn begin_block(&mut self) {
        self.peaks.begin_block();
    }

    /// Counts hits, best [`BATCH`] at a time, in the order of their source.
    pub fn count(&mut self, hits: &[Hit<'_>]) {
        hits.chunks(BATCH).for_each(|batch| self.count_batch(batch));
    }

    fn count_batch(&mut self, hits: &[Hit<'_>]) {
        if self.by_status.is_empty() {
            self.by_status = vec![0; Status::SPELLINGS];
        }
        let mut hashes = [(0, 0); BATCH];
        for (hit, hashes) in hits.iter().zip(&mut hashes) {
            *hashes = (table_hash(hit.host, hit.path), table_hash(b"", hit.client));
            self.paths.prefetch_slot(hashes.0);
            self.clients.prefetch_slot(hashes.1);
        }
        let hashes = &hashes[..hits.len()];
        for (path, client) in hashes {
            self.paths.prefetch_row(*path);
            self.clients.prefetch_row(*client);
        }
        let mut errors = [(0, 0, 0); BATCH];
        let mut errors_end = 0;
        for (number, (hit, hashes)) in hits.iter().zip(hashes).enumerate() {
            self.requests += 1;
            self.bytes = self.bytes.saturating_add(hit.bytes);
            self.period.add(hit.time);
            self.by_status[hit.status.index()] += 1;
            self.windows.add(hit.time, hit.is_error.then_some(hit.status));
            let (paths, path) = self.paths.find(hashes.0, Key { head: hit.host, tail: hit.path });
            let counts = paths.counts_mut(path);
            counts.head.requests += 1;
            counts.succeeded |= u32::from(hit.status.is_success());
            let (clients, client) = self.clients.find(hashes.1, Key::new(hit.client));
            let counts = clients.counts_mut(client);
            counts.head.requests += 1;
            self.peaks.add(shard_of(hashes.1), client, &mut counts.peak, hit.time);
            if hit.is_error {
                errors[errors_end] = (number, paths.errors_of(path), clients.errors_of(client));
                errors_end += 1;
            }
        }
        for &(number, path, client) in &errors[..errors_end] {
            self.count_error(&hits[number], hashes[number], path, client);
        }
    }

    /// Counts a client error. Its path and its client have their 4xx at these places.
    fn count_error(&mut self, hit: &Hit<'_>, hashes: (u64, u64), path: usize, client: usize) {
        let (paths, clients) = (self.paths.shard(hashes.0), self.clients.shard(hashes.1));
        let (path_sketch, client_sketch) =
            (paths.errors(path).sketch, clients.errors(client).sketch);
        let is_new_path =
            paths.change_errors(path, |path| path.add(hit.status, client_sketch, hit.time));
        let is_new_client =
            clients.change_errors(client, |client| client.add(hit.status, path_sketch, hit.time));
        if self.client_errors.is_empty() {
            self.client_errors = vec![None; 100];
        }
        let counts = self.client_errors[hit.status.index() - 400].get_or_insert_default();
        counts.requests += 1;
        counts.bytes = counts.bytes.saturating_add(hit.bytes);
        // What had this status before was taken in then.
        if is_new_client {
            counts.clients.insert(client_sketch);
        }
        if is_new_path {
            counts.paths.insert(path_sketch);
        }
        counts.period.add(hit.time);
        if let Some(millis) = hit.latency_millis {
            counts.latencies.add(millis);
        }
    }

    /// The memory that the tables can take, in bytes: a number that depends on what is counted alone,
    /// and is no larger for a whole than for its parts together.
    pub fn cost(&self) -> u64 {
        self.paths.cost() + self.clients.cost() + self.windows.cost()
    }

    /// Drops the rows that matter least from tables that take more than their part of `cost`.
    ///
    /// What is dropped depends on what was counted up to here. To be called where the same lines are
    /// always counted, and no others: at fixed places of a log that one worker reads in its order.
    pub fn prune(&mut self, cost: u64) {
        if self.paths.cost() > cost / 3 {
            self.paths.prune(cost / 4, |_| {});
        }
        if self.clients.cost() > cost / 3 {
            let moves = self.clients.prune(cost / 4, |client| self.peaks.forget(&client.peak));
            self.peaks.follow(&moves);
        }
    }

    /// Says that the last line was counted. To be called once, before merging.
    pub fn seal(&mut self) {
        for (number, shard) in self.clients.shards_mut().iter_mut().enumerate() {
            let rows = shard.rows_mut().map(|(row, counts)| (row, &mut counts.peak));
            self.peaks.seal(number, rows);
        }
    }

    /// Takes in all that `other` counted. Both are sealed.
    pub fn merge(&mut self, other: Aggregate) {
        self.requests += other.requests;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.period.merge(other.period);
        merge_vec(&mut self.by_status, other.by_status, |mine, other| *mine += other);
        merge_vec(&mut self.client_errors, other.client_errors, |mine, other| match mine {
            Some(mine) => {
                if let Some(other) = other {
                    mine.merge(*other);
                }
            }
            None => *mine = other,
        });
        self.windows.merge(other.windows);
        let (paths, clients) = (&mut self.paths, &mut self.clients);
        let (_, moves) = rayon::join(|| paths.merge(other.paths), || clients.merge(other.clients));
        self.peaks.merge(other.peaks, &moves);
    }

    /// Joins what was counted of the peaks of different pieces of a log. To be called once, when
    /// all is merged.
    pub fn finish(&mut self) -> Finished {
        let late_seconds = self.peaks.late_seconds();
        let (order, fragments) = std::mem::take(&mut self.peaks).resolve();
        let shards = self.clients.shards_mut().par_iter_mut();
        shards.zip(fragments).for_each(|(shard, fragments)| {
            fragments.join(&order, |client, most| shard.counts_mut(client).peak.raise(most));
        });
        Finished { peaks_exact: late_seconds <= LATE_SECONDS_MAX }
    }

    /// How much work it is to merge this into another: its rows.
    pub fn weight(&self) -> usize {
        self.paths.len() + self.clients.len()
    }

    /// All hits.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// All response bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// First and last hit.
    pub fn period(&self) -> Option<(u32, u32)> {
        self.period.get()
    }

    /// Hits by status, without those that have none.
    pub fn by_status(&self) -> impl Iterator<Item = (Status, u64)> {
        let counted = self.by_status.iter().enumerate().filter(|(_, requests)| **requests > 0);
        counted.map(|(index, requests)| (Status::from_index(index), *requests))
    }

    /// The 4xx by status, ascending.
    pub fn client_errors(&self) -> impl Iterator<Item = (Status, &StatusCounts)> {
        let rows = (400..).zip(&self.client_errors);
        rows.filter_map(|(code, counts)| Some((Status::from_code(code), &**counts.as_ref()?)))
    }

    /// The paths; the key's head is the virtual host.
    pub fn paths(&self) -> &Shards<PathCounts> {
        &self.paths
    }

    /// The clients.
    pub fn clients(&self) -> &Shards<ClientCounts> {
        &self.clients
    }

    /// The breakdown by time.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }
}

/// What [`Aggregate::finish`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Whether all lines were in order enough for peaks to be exact.
    pub peaks_exact: bool,
}

/// Merges vectors that are either empty or of one length.
fn merge_vec<T>(mine: &mut Vec<T>, other: Vec<T>, merge: impl Fn(&mut T, T)) {
    if mine.is_empty() {
        *mine = other;
    } else {
        mine.iter_mut().zip(other).for_each(|(mine, other)| merge(mine, other));
    }
}
