//! What crawlers were answered, day by day: all their requests, not only those that failed.

use super::arena::Key;
use super::counts::Period;
use super::distinct::Distinct;
use super::hash::sketch_hash;
use super::least::Least;
use crate::classify::known::Known;
use crate::classify::sites;
use crate::record::{Address, Crawl, Hit, Status};

/// How a request ended, as far as a crawler cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A page was sent.
    Page,
    /// A part of a page was sent.
    Asset,
    /// 304: it has not changed.
    Unchanged,
    /// It is elsewhere.
    Redirect,
    /// It is not there: 404, 410.
    Missing,
    /// It is refused: 401, 403, 407, 451.
    Denied,
    /// It came too often: 429, 444.
    Limited,
    /// 503, which is what a limit of nginx answers unless it is told otherwise.
    Unavailable,
    /// Nobody waited for the answer, or none came in time: 408, 499, 504.
    TimedOut,
    /// Another error of the server.
    ServerError,
    /// Anything else.
    Other,
}

impl Outcome {
    /// How many there are.
    pub const COUNT: usize = Outcome::Other as usize + 1;

    /// That of a request for this path.
    pub fn of(status: Status, path: &[u8]) -> Outcome {
        match status.code() {
            Some(304) => Outcome::Unchanged,
            Some(200..=299) if sites::is_asset(path) => Outcome::Asset,
            Some(200..=299) => Outcome::Page,
            Some(300..=399) => Outcome::Redirect,
            Some(404 | 410) => Outcome::Missing,
            Some(401 | 403 | 407 | 451) => Outcome::Denied,
            Some(429 | 444) => Outcome::Limited,
            Some(503) => Outcome::Unavailable,
            Some(408 | 499 | 504) => Outcome::TimedOut,
            Some(500..=599) => Outcome::ServerError,
            _ => Outcome::Other,
        }
    }
}

/// Requests by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes([u64; Outcome::COUNT]);

impl Outcomes {
    /// Counts a request.
    pub fn add(&mut self, outcome: Outcome) {
        self.0[outcome as usize] += 1;
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: &Outcomes) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, other)| *mine += other);
    }

    /// Those with this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize]
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Days of a crawler that are kept: the latest.
const DAYS_MAX: usize = 400;

/// Paths of which crawlers ask with many queries that are kept.
const QUERIED_MAX: usize = 1_024;

const DAY_SECONDS: u32 = 86_400;

/// A crawler by its place among those that are known by name, and what its address proves.
pub type CrawlerKey = (u8, Address);

/// All keys there are, in order.
fn keys() -> impl Iterator<Item = CrawlerKey> {
    (0..=u8::MAX).flat_map(|crawler| Address::ALL.iter().map(move |address| (crawler, *address)))
}

/// The place of a key among [`keys`].
fn place((crawler, address): CrawlerKey) -> usize {
    usize::from(crawler) * Address::ALL.len() + address as usize
}

/// All that is known of what crawlers were answered.
#[derive(Clone, Debug, Default)]
pub struct Crawls {
    /// By [`place`], as far as the last that came.
    crawlers: Vec<Option<Box<CrawlerCounts>>>,
    /// The sketch hashes of their addresses.
    clients: Known<u64>,
    /// What crawlers with the right address asked for with a query, by host and path.
    queried: Least<Queried, QUERIED_MAX>,
}

/// What a crawler was answered.
#[derive(Clone, Debug, Default)]
pub struct CrawlerCounts {
    /// In all.
    pub outcomes: Outcomes,
    /// Its addresses.
    pub clients: Distinct<13>,
    /// By day, counted from the epoch: the latest of them, in order.
    pub days: Vec<(u32, Outcomes)>,
    /// The first and the last second.
    pub period: Period,
    /// How long its requests took together, in hundredths of a second.
    pub busy_centis: u64,
}

/// What is asked for with many queries.
#[derive(Clone, Debug, Default)]
pub struct Queried {
    /// Requests.
    pub requests: u64,
    /// Distinct queries.
    pub queries: Distinct<13>,
}

impl CrawlerCounts {
    #[inline]
    fn add_to_day(&mut self, day: u32, add: impl FnOnce(&mut Outcomes)) {
        match self.days.last_mut() {
            Some((last, outcomes)) if *last == day => add(outcomes),
            _ => self.add_to_other_day(day, add),
        }
    }

    #[inline(never)]
    fn add_to_other_day(&mut self, day: u32, add: impl FnOnce(&mut Outcomes)) {
        let at = self.days.partition_point(|(known, _)| *known < day);
        if self.days.get(at).is_none_or(|(known, _)| *known != day) {
            self.days.insert(at, (day, Outcomes::default()));
        }
        add(&mut self.days[at].1);
        // One that was given up never comes back: as many later ones stay.
        if self.days.len() > DAYS_MAX {
            self.days.remove(0);
        }
    }

    fn merge(&mut self, other: CrawlerCounts) {
        self.outcomes.merge(&other.outcomes);
        self.clients.merge(other.clients);
        self.period.merge(other.period);
        self.busy_centis = self.busy_centis.saturating_add(other.busy_centis);
        for (day, outcomes) in &other.days {
            self.add_to_day(*day, |mine| mine.merge(outcomes));
        }
    }
}

impl Crawls {
    /// Counts a request of what says that it is a crawler.
    pub fn count(&mut self, hit: &Hit<'_>, crawl: &Crawl<'_>) {
        let outcome = Outcome::of(hit.status, hit.path);
        let client = self.clients.get(hit.client, |client| sketch_hash(b"", client));
        let counts = self.counts((crawl.crawler, crawl.address));
        counts.outcomes.add(outcome);
        counts.clients.insert(client);
        counts.period.add(hit.time);
        counts.busy_centis = counts.busy_centis.saturating_add(hit.busy_centis());
        counts.add_to_day(hit.time / DAY_SECONDS, |day| day.add(outcome));
        if !crawl.query.is_empty()
            && crawl.is_verified_search()
            && let Some(queried) = self.queried.row(Key { head: hit.host, tail: hit.path })
        {
            queried.requests += 1;
            queried.queries.insert(sketch_hash(b"query", crawl.query));
        }
    }

    #[inline]
    fn counts(&mut self, key: CrawlerKey) -> &mut CrawlerCounts {
        let place = place(key);
        if place >= self.crawlers.len() {
            self.crawlers.resize(place + 1, None);
        }
        self.crawlers[place].get_or_insert_default()
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: Crawls) {
        for (key, counts) in keys().zip(other.crawlers) {
            if let Some(counts) = counts {
                self.counts(key).merge(*counts);
            }
        }
        self.queried.merge(other.queried, |mine, other| {
            mine.requests += other.requests;
            mine.queries.merge(other.queries);
        });
    }

    /// The crawlers, in order.
    pub fn crawlers(&self) -> impl Iterator<Item = (CrawlerKey, &CrawlerCounts)> {
        keys().zip(&self.crawlers).filter_map(|(key, counts)| Some((key, &**counts.as_ref()?)))
    }

    /// What crawlers with the right address ask for with queries, by host and path.
    pub fn queried(&self) -> Vec<(Key<'_>, &Queried)> {
        self.queried.sorted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_place() {
        assert!(keys().map(place).eq(0..256 * Address::ALL.len()));
    }

    #[test]
    fn the_latest_days_stay_in_any_order() {
        let of = |days: &mut dyn Iterator<Item = u32>| {
            let mut counts = CrawlerCounts::default();
            days.for_each(|day| counts.add_to_day(day, |day| day.add(Outcome::Page)));
            counts.days
        };
        let (up, down) = (of(&mut (0..500)), of(&mut (0..500).rev()));
        assert_eq!(up, down);
        assert_eq!((up.len(), up[0].0), (400, 100));
    }

    #[test]
    fn outcomes_are_what_a_crawler_makes_of_a_status() {
        let of = |code, path: &str| Outcome::of(Status::from_code(code), path.as_bytes());
        assert_eq!((of(200, "/a"), of(206, "/a.css")), (Outcome::Page, Outcome::Asset));
        assert_eq!((of(304, "/a"), of(308, "/a")), (Outcome::Unchanged, Outcome::Redirect));
        assert_eq!((of(410, "/a"), of(451, "/a")), (Outcome::Missing, Outcome::Denied));
        assert_eq!((of(444, "/a"), of(503, "/a")), (Outcome::Limited, Outcome::Unavailable));
        assert_eq!((of(499, "/a"), of(504, "/a")), (Outcome::TimedOut, Outcome::TimedOut));
        assert_eq!((of(502, "/a"), of(400, "/a")), (Outcome::ServerError, Outcome::Other));
        assert_eq!(Outcome::of(Status::NONE_CHOSEN, b"/a"), Outcome::Other);
    }
}
