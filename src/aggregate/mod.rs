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
pub mod table;
pub mod windows;

use counts::{ErrorCounts, Period, StatusCounts};
use hash::sketch_hash;
use peaks::{LATE_SECONDS_MAX, Peak, Peaks, SpanKey};
use prefetch::prefetch;
use table::{Key, Table};
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
    paths: Table<PathCounts>,
    clients: Table<ClientCounts>,
    windows: Windows,
    peaks: Peaks,
    /// Scratch of `count`: the rows of a batch.
    path_rows: Vec<u32>,
    client_rows: Vec<u32>,
}

/// What is counted of a path.
#[derive(Clone, Debug)]
pub struct PathCounts {
    /// All requests.
    pub requests: u64,
    /// Its 4xx, if any.
    pub errors: Option<Box<ErrorCounts>>,
}

/// What is counted of a client: a line of the cache, since each request of it changes all of this.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct ClientCounts {
    /// All requests.
    pub requests: u64,
    /// Its 4xx, if any.
    pub errors: Option<Box<ErrorCounts>>,
    peak: Peak,
}

impl ClientCounts {
    /// Most requests in a window of each of [`peaks::WINDOW_SECONDS`]; whole once
    /// [`Aggregate::finish`] was called.
    pub fn peak(&self) -> [u32; 4] {
        self.peak.most()
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
        let mut path_rows = std::mem::take(&mut self.path_rows);
        let mut client_rows = std::mem::take(&mut self.client_rows);
        let paths = hits.iter().map(|hit| Key { head: hit.host, tail: hit.path });
        let new = |_: Key<'_>| PathCounts { requests: 0, errors: None };
        self.paths.find_all(paths, &mut path_rows, new);
        let clients = hits.iter().map(|hit| Key::new(hit.client));
        let new = |_: Key<'_>| ClientCounts { requests: 0, errors: None, peak: Peak::default() };
        self.clients.find_all(clients, &mut client_rows, new);
        if self.by_status.is_empty() {
            self.by_status = vec![0; Status::SPELLINGS];
        }
        for (hit, (&path, &client)) in hits.iter().zip(path_rows.iter().zip(&client_rows)) {
            if hit.is_error {
                self.paths.value(path).errors.as_deref().inspect(|errors| prefetch(*errors));
                self.clients.value(client).errors.as_deref().inspect(|errors| prefetch(*errors));
            }
        }
        for (hit, (&path, &client)) in hits.iter().zip(path_rows.iter().zip(&client_rows)) {
            self.count_one(hit, path, client);
        }
        self.path_rows = path_rows;
        self.client_rows = client_rows;
    }

    fn count_one(&mut self, hit: &Hit<'_>, path: u32, client: u32) {
        self.requests += 1;
        self.bytes = self.bytes.saturating_add(hit.bytes);
        self.period.add(hit.time);
        self.by_status[hit.status.index()] += 1;
        self.windows.add(hit.time, hit.is_error.then_some(hit.status));
        let path = self.paths.value_mut(path);
        path.requests += 1;
        let client_row = self.clients.value_mut(client);
        client_row.requests += 1;
        self.peaks.add(client, &mut client_row.peak, hit.time);
        if !hit.is_error {
            return;
        }
        let new = |head, tail| move || Box::new(ErrorCounts::new(sketch_hash(head, tail)));
        let path = path.errors.get_or_insert_with(new(hit.host, hit.path));
        let client = client_row.errors.get_or_insert_with(new(b"", hit.client));
        path.add(hit.status, client.sketch, hit.time);
        client.add(hit.status, path.sketch, hit.time);
        let (path, client) = (path.sketch, client.sketch);
        self.count_client_error(hit, path, client);
    }

    fn count_client_error(&mut self, hit: &Hit<'_>, path: u64, client: u64) {
        if self.client_errors.is_empty() {
            self.client_errors = vec![None; 100];
        }
        let counts = self.client_errors[hit.status.index() - 400].get_or_insert_default();
        counts.requests += 1;
        counts.bytes = counts.bytes.saturating_add(hit.bytes);
        counts.clients.insert(client);
        counts.paths.insert(path);
        counts.period.add(hit.time);
        if let Some(millis) = hit.latency_millis {
            counts.latencies.add(millis);
        }
    }

    /// Says that the last line was counted. To be called once, before merging.
    pub fn seal(&mut self) {
        let peaks = self.clients.values_mut().map(|counts| &mut counts.peak);
        self.peaks.seal((0..).zip(peaks));
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
        let ((), clients) = rayon::join(
            || {
                paths.absorb(other.paths, |mine, other| {
                    mine.requests += other.requests;
                    merge_errors(&mut mine.errors, other.errors);
                });
            },
            || {
                clients.absorb(other.clients, |mine, other| {
                    mine.requests += other.requests;
                    merge_errors(&mut mine.errors, other.errors);
                    mine.peak.raise(other.peak.most());
                })
            },
        );
        self.peaks.merge(other.peaks, &clients);
    }

    /// Joins what was counted of the peaks of different pieces of a log. To be called once, when
    /// all is merged.
    pub fn finish(&mut self) -> Finished {
        let late_seconds = self.peaks.late_seconds();
        let peaks = std::mem::take(&mut self.peaks);
        peaks.resolve(|client, most| self.clients.value_mut(client).peak.raise(most));
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
    pub fn paths(&self) -> &Table<PathCounts> {
        &self.paths
    }

    /// The clients.
    pub fn clients(&self) -> &Table<ClientCounts> {
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

const _: () =
    assert!(size_of::<ClientCounts>() == 64, "a client's counts fill a line of the cache");

fn merge_errors(mine: &mut Option<Box<ErrorCounts>>, other: Option<Box<ErrorCounts>>) {
    match (mine, other) {
        (Some(mine), Some(other)) => mine.merge(*other),
        (mine @ None, other) => *mine = other,
        (Some(_), None) => {}
    }
}

/// Merges vectors that are either empty or of one length.
fn merge_vec<T>(mine: &mut Vec<T>, other: Vec<T>, merge: impl Fn(&mut T, T)) {
    if mine.is_empty() {
        *mine = other;
    } else {
        mine.iter_mut().zip(other).for_each(|(mine, other)| merge(mine, other));
    }
}
