//! What is counted, and how counts merge.
//!
//! An [`Aggregate`] knows no settings: it is the same for every run, and [`Aggregate::default`] is
//! nothing at all. Each worker has one of its own; they are merged once, when all lines are counted,
//! in any order. No float is among what is merged.

pub mod aborts;
pub mod agents;
pub mod arena;
pub mod counts;
pub mod crawls;
pub mod distinct;
pub mod error_log;
pub mod few;
pub mod hash;
pub mod least;
pub mod limited;
pub mod logins;
pub mod missing;
pub mod peaks;
mod prefetch;
mod queue;
pub mod redirects;
pub mod referers;
pub mod roots;
pub mod shards;
pub mod spread;
pub mod table;
pub mod visits;
pub mod windows;

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

use agents::AgentTexts;
use arena::{Fixed, Key, Lengths, Row};
use counts::{Period, StatusCounts};
use crawls::Crawls;
use error_log::ErrorLog;
use hash::sketch_hash;
use logins::Logins;
use missing::Sizes;
use peaks::{LATE_SECONDS_MAX, Peak, Peaks, SpanKey};
pub use queue::Queue;
use redirects::Redirects;
use roots::Roots;
use shards::{Counts, Head, Shards, shard_of};
use spread::Spread;
use visits::Visits;
use windows::Windows;

use crate::classify::answers::Answer;
use crate::classify::roots::RootFile;
use crate::classify::sites;
use crate::record::{Abort, Aside, ErrorLine, Hit, Method, Status};

/// What an [`Aggregate`] counts of the hits that it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// Everything.
    #[default]
    All,
    /// What there is by client alone.
    Clients,
    /// Everything but that.
    AllButClients,
}

impl Share {
    #[inline(always)]
    fn has_paths(self) -> bool {
        self != Share::Clients
    }

    #[inline(always)]
    fn has_clients(self) -> bool {
        self != Share::AllButClients
    }
}

/// What tables can take, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// That of the paths.
    pub paths: u64,
    /// That of the clients.
    pub clients: u64,
}

/// The counts.
#[derive(Clone, Debug, Default)]
pub struct Aggregate {
    share: Share,
    requests: u64,
    bytes: u64,
    period: Period,
    /// By [`Status::index`]; empty before the first request.
    by_status: Vec<u64>,
    /// By [`Abort::ALL`]; empty before the first.
    aborts: Vec<u64>,
    error_log: ErrorLog,
    /// By code less 400; empty before the first client error.
    client_errors: Vec<Option<Box<StatusCounts>>>,
    paths: Shards<PathCounts>,
    clients: Shards<ClientCounts>,
    windows: Windows,
    peaks: Peaks,
    crawls: Crawls,
    roots: Roots,
    redirects: Redirects,
    agents: AgentTexts,
    logins: Logins,
    /// Requests for what is no part of a page.
    pages: u64,
    /// How long all requests took together, in hundredths of a second.
    busy_centis: u64,
}

/// What is counted of a path.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct PathCounts {
    head: Head,
    success: Success,
    busy_centis: u32,
}

/// What is counted of the requests for a path with GET or HEAD that succeeded, with 2xx or 304.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Success {
    /// How many; no more than fit.
    requests: u32,
    spread: Spread,
    sizes: Sizes,
}

impl Success {
    /// How many there were.
    pub fn requests(&self) -> u64 {
        self.requests.into()
    }

    /// When.
    pub fn spread(&self) -> Spread {
        self.spread
    }

    /// How long the answers with 200 are, but to questions for the head alone.
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    #[inline(always)]
    fn add(&mut self, hit: &Hit<'_>, method: Method) {
        if method == Method::Other {
            return;
        }
        self.requests = self.requests.saturating_add(1);
        self.spread.add(hit.time);
        if hit.status == Status::OK && method == Method::Get {
            self.sizes.add(hit.bytes);
        }
    }

    fn merge(&mut self, other: &Success) {
        self.requests = self.requests.saturating_add(other.requests);
        self.spread.merge(other.spread);
        self.sizes.merge(other.sizes);
    }
}

impl PathCounts {
    /// What succeeded.
    pub fn success(&self) -> &Success {
        &self.success
    }

    /// How long all requests for it took together, in hundredths of a second; no more than fit.
    pub fn busy_centis(&self) -> u64 {
        self.busy_centis.into()
    }
}

impl Fixed for PathCounts {
    fn lengths(&self) -> Lengths {
        self.head.lengths
    }

    fn lengths_mut(&mut self) -> &mut Lengths {
        &mut self.head.lengths
    }
}

impl Counts for PathCounts {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn merge(&mut self, other: &PathCounts) {
        self.success.merge(&other.success);
        self.busy_centis = self.busy_centis.saturating_add(other.busy_centis);
    }

    /// A path that fails, and one that was there once, before one that only was asked for.
    fn bonus(&self) -> u64 {
        u64::from(self.head.has_errors()) + u64::from(self.success.requests > 0)
    }
}

/// What is counted of a client.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ClientCounts {
    head: Head,
    peak: Peak,
    visits: Visits,
}

impl Fixed for ClientCounts {
    fn lengths(&self) -> Lengths {
        self.head.lengths
    }

    fn lengths_mut(&mut self) -> &mut Lengths {
        &mut self.head.lengths
    }
}

impl ClientCounts {
    /// Most requests in a window of each of [`peaks::WINDOW_SECONDS`]; whole once
    /// [`Aggregate::finish`] was called.
    pub fn peak(&self) -> [u32; 4] {
        self.peak.most()
    }

    /// What it did in all.
    pub fn visits(&self) -> &Visits {
        &self.visits
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
        self.visits.merge(&other.visits);
    }

    fn bonus(&self) -> u64 {
        u64::from(self.head.has_errors())
    }
}

/// A key's hash, and the row that it led to when that was asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Lookup {
    hash: u64,
    guess: Option<Row>,
}

/// Where the 4xx of a path and a client lie, each in its shard.
#[derive(Clone, Copy, Debug, Default)]
struct ErrorPlaces {
    path: usize,
    client: usize,
}

fn path_key<'a>(hit: &Hit<'a>) -> Key<'a> {
    Key { head: hit.host, tail: hit.path }
}

impl Aggregate {
    /// Nothing at all, of which only a share will be counted. Two that were given the same hits, one
    /// with each share, merge to what one for all would have counted.
    pub fn new(share: Share) -> Aggregate {
        Aggregate { share, ..Aggregate::default() }
    }

    /// Says where the hits to come stand.
    pub fn begin_span(&mut self, key: SpanKey) {
        if self.share.has_clients() {
            self.peaks.begin_span(key);
        }
    }

    /// Says that the hits to come stand in the next block of their span.
    pub fn begin_block(&mut self) {
        if self.share.has_clients() {
            self.peaks.begin_block();
        }
    }

    /// Counts hits in the order of their source. A [`Queue`] takes one at a time.
    pub fn count(&mut self, hits: &[Hit<'_>]) {
        let mut queue = Queue::new();
        hits.iter().for_each(|&hit| queue.push(self, hit));
        queue.drain(self);
    }

    /// Counts a hit. Where it is a client error, the places of its path's and its client's 4xx are
    /// told: [`Aggregate::count_error`] is to follow.
    #[inline(always)]
    fn count_hit(&mut self, hit: &Hit<'_>, path: &Lookup, client: &Lookup) -> ErrorPlaces {
        let mut places = ErrorPlaces::default();
        if self.share.has_paths() {
            self.count_all(hit);
            let (paths, path) = self.paths.find(path.hash, path_key(hit), path.guess);
            let counts = paths.counts_mut(path);
            counts.head.add(1);
            let centis = u32::try_from(hit.busy_centis()).unwrap_or(u32::MAX);
            counts.busy_centis = counts.busy_centis.saturating_add(centis);
            if hit.status.is_success() {
                counts.success.add(hit, hit.aside.map_or(Method::Get, |aside| aside.method));
            }
            if hit.is_error {
                places.path = paths.errors_of(path);
            }
        }
        if self.share.has_clients() {
            let shard = shard_of(client.hash);
            let (clients, client) =
                self.clients.find(client.hash, Key::new(hit.client), client.guess);
            let counts = clients.counts_mut(client);
            counts.head.add(1);
            self.peaks.add(shard, client, &mut counts.peak, hit.time);
            counts.visits.add(hit);
            if hit.is_error {
                places.client = clients.errors_of(client);
            }
        }
        places
    }

    /// Counts what is neither by path nor by client.
    #[inline(always)]
    fn count_all(&mut self, hit: &Hit<'_>) {
        self.requests += 1;
        self.bytes = self.bytes.saturating_add(hit.bytes);
        self.period.add(hit.time);
        match self.by_status.get_mut(hit.status.index()) {
            Some(requests) => *requests += 1,
            None => {
                self.by_status = vec![0; Status::SPELLINGS];
                self.by_status[hit.status.index()] = 1;
            }
        }
        self.windows.add(hit.time, hit.is_error.then_some(hit.status));
        if let Some(abort) = hit.abort {
            self.count_abort(abort);
        }
        if let Some(file) = RootFile::of(hit.path) {
            self.roots.count(hit, file);
        }
        self.pages += u64::from(hit.is_page);
        self.busy_centis = self.busy_centis.saturating_add(hit.busy_centis());
        self.agents.add(hit.agent_hash, hit.agent);
        if let Some(aside) = hit.aside {
            self.count_aside(hit, aside);
        }
    }

    #[inline(never)]
    fn count_aside(&mut self, hit: &Hit<'_>, aside: &Aside<'_>) {
        if let Some(crawl) = &aside.crawl {
            self.crawls.count(hit, crawl);
        }
        if !aside.location.is_empty() && aside.method != Method::Other {
            self.redirects.count(hit, aside.location);
        }
        if aside.method == Method::Other && sites::is_login(hit.path) {
            self.logins.count(hit);
        }
    }

    #[cold]
    fn count_abort(&mut self, abort: Abort) {
        if self.aborts.is_empty() {
            self.aborts = vec![0; Abort::ALL.len()];
        }
        self.aborts[abort as usize] += 1;
    }

    /// Counts a line of an error log.
    pub fn count_error_line(&mut self, line: &ErrorLine<'_>) {
        if self.share.has_paths() {
            self.error_log.count(line);
        }
    }

    /// Asks for the memory that counting a client error needs.
    fn ask_for_sets(&mut self, hashes: (u64, u64), places: ErrorPlaces) {
        if self.share != Share::All {
            return;
        }
        let path = self.paths.shard(hashes.0).errors(places.path);
        let client = self.clients.shard(hashes.1).errors(places.client);
        path.others.prefetch(client.sketch);
        client.others.prefetch(path.sketch);
    }

    /// Counts a client error.
    #[inline(never)]
    fn count_error(&mut self, hit: &Hit<'_>, hashes: (u64, u64), places: ErrorPlaces) {
        let aside = hit.aside();
        let ErrorPlaces { path, client } = places;
        let (paths, clients) = (self.paths.shard(hashes.0), self.clients.shard(hashes.1));
        let (path_sketch, client_sketch) = match self.share {
            Share::All => (paths.errors(path).sketch, clients.errors(client).sketch),
            Share::Clients => (sketch_hash(hit.host, hit.path), clients.errors(client).sketch),
            Share::AllButClients => (paths.errors(path).sketch, sketch_hash(b"", hit.client)),
        };
        if self.client_errors.is_empty() {
            self.client_errors = vec![None; 100];
        }
        let counts = self.client_errors[hit.status.index() - 400].get_or_insert_default();
        // What had this status before was taken in then.
        if self.share.has_clients()
            && clients.change_errors(client, |client| client.add(hit, aside, path_sketch))
        {
            counts.clients.insert(client_sketch);
        }
        if self.share.has_paths() {
            if paths.change_errors(path, |path| path.add_to_path(hit, aside, client_sketch)) {
                counts.paths.insert(path_sketch);
            }
            counts.requests += 1;
            counts.bytes = counts.bytes.saturating_add(hit.bytes);
            counts.period.add(hit.time);
            counts.causes.add(aside.cause, 1);
            let answer = Answer::of(hit.status.index() as u16, hit.bytes);
            counts.answers[answer as usize] += 1;
            if let Some(millis) = hit.latency_millis {
                counts.latencies.add(millis);
            }
        }
    }

    /// The memory that the tables can take: numbers that depend on what is counted alone, and are no
    /// larger for a whole than for its parts together.
    pub fn cost(&self) -> Cost {
        Cost { paths: self.paths.cost(), clients: self.clients.cost() }
    }

    /// Drops the rows that matter least from each table that takes more than `table_bytes`.
    ///
    /// What is dropped depends on what was counted up to here. To be called where the same lines are
    /// always counted, and no others: at fixed places of a log that is read in its order.
    pub fn prune(&mut self, table_bytes: u64) {
        let kept = table_bytes / 4 * 3;
        if self.paths.cost() > table_bytes {
            self.paths.prune(kept, |_| {});
        }
        if self.clients.cost() > table_bytes {
            let moves = self.clients.prune(kept, |client| self.peaks.forget(&client.peak));
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
        merge_vec(&mut self.aborts, other.aborts, |mine, other| *mine += other);
        self.error_log.merge(other.error_log);
        self.windows.merge(other.windows);
        self.crawls.merge(other.crawls);
        self.roots.merge(other.roots);
        self.redirects.merge(other.redirects);
        self.agents.merge(other.agents);
        self.logins.merge(other.logins);
        self.pages += other.pages;
        self.busy_centis = self.busy_centis.saturating_add(other.busy_centis);
        let (statuses, paths, clients) =
            (&mut self.client_errors, &mut self.paths, &mut self.clients);
        let merge_statuses = || {
            merge_vec(statuses, other.client_errors, |mine, other| match mine {
                Some(mine) => {
                    if let Some(other) = other {
                        mine.merge(*other);
                    }
                }
                None => *mine = other,
            });
        };
        let merge_paths = || rayon::join(merge_statuses, || paths.merge(other.paths));
        let (_, moves) = rayon::join(merge_paths, || clients.merge(other.clients));
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

    /// Hits whose client left before the end, in ways that the status does not tell.
    pub fn aborts(&self) -> impl Iterator<Item = (Abort, u64)> {
        let counted = Abort::ALL.iter().copied().zip(self.aborts.iter().copied());
        counted.filter(|(_, requests)| *requests > 0)
    }

    /// What the error log says.
    pub fn error_log(&self) -> &ErrorLog {
        &self.error_log
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

    /// What crawlers were answered.
    pub fn crawls(&self) -> &Crawls {
        &self.crawls
    }

    /// What was answered for robots.txt and its kin.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The user agents that there were.
    pub fn agents(&self) -> &AgentTexts {
        &self.agents
    }

    /// Who tried to log in.
    pub fn logins(&self) -> &Logins {
        &self.logins
    }

    /// Requests for what is no part of a page.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// How long all requests took together, in hundredths of a second; 0 where the log does not say.
    pub fn busy_centis(&self) -> u64 {
        self.busy_centis
    }

    /// Where redirects lead.
    pub fn redirects(&self) -> &Redirects {
        &self.redirects
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
