//! What was answered at the fixed addresses where programs look for a site's files: robots.txt and its kin.

use super::arena::Key;
use super::counts::{ByStatus, Period};
use super::crawls::{Outcome, Outcomes};
use super::few::Few;
use super::hash::sketch_hash;
use super::least::Least;
use crate::classify::roots::RootFile;
use crate::record::{Address, Hit};

/// So many are kept, over all hosts.
const ROOTS_MAX: usize = 1_024;

/// The files by host and path.
#[derive(Clone, Debug, Default)]
pub struct Roots(Least<RootCounts, ROOTS_MAX>);

/// What was answered for one of them.
#[derive(Clone, Debug, Default)]
pub struct RootCounts {
    /// By status.
    pub by_status: ByStatus,
    /// To everybody.
    pub all: Outcomes,
    /// To crawlers whose address is in their publisher's list.
    pub verified: Outcomes,
    /// When it was there, for anybody.
    pub succeeded: Period,
    /// When it was not there, for anybody: 4xx but those that mean too often.
    pub missing: Period,
    /// When a crawler with the right address could not have it: a limit, an error, no answer in time.
    pub unavailable: Period,
    /// When such a crawler was refused.
    pub denied: Period,
    /// When such a crawler had it.
    pub crawled: Period,
    /// Who did not get it.
    pub clients: Few,
}

impl Roots {
    /// Counts a request for one of them.
    pub fn count(&mut self, hit: &Hit<'_>, file: RootFile) {
        let key = Key { head: hit.host, tail: file.key(hit.path) };
        let Some(counts) = self.0.row(key) else { return };
        let outcome = Outcome::of(hit.status, hit.path);
        let is_verified = hit.crawl().is_some_and(|crawl| crawl.address == Address::Listed);
        counts.by_status.add(hit.status, 1);
        counts.all.add(outcome);
        if is_verified {
            counts.verified.add(outcome);
        }
        match outcome {
            Outcome::Page | Outcome::Asset | Outcome::Unchanged => {
                counts.succeeded.add(hit.time);
                if is_verified {
                    counts.crawled.add(hit.time);
                }
            }
            Outcome::Redirect => {}
            _ => {
                counts.clients.insert(sketch_hash(b"", hit.client));
                let is_missing = matches!(outcome, Outcome::Missing | Outcome::Denied);
                match outcome {
                    _ if is_missing => counts.missing.add(hit.time),
                    _ if is_verified => counts.unavailable.add(hit.time),
                    _ => {}
                }
                if is_verified && outcome == Outcome::Denied {
                    counts.denied.add(hit.time);
                }
            }
        }
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: Roots) {
        self.0.merge(other.0, |mine, other| {
            mine.by_status.merge(&other.by_status);
            mine.all.merge(&other.all);
            mine.verified.merge(&other.verified);
            mine.succeeded.merge(other.succeeded);
            mine.missing.merge(other.missing);
            mine.unavailable.merge(other.unavailable);
            mine.denied.merge(other.denied);
            mine.crawled.merge(other.crawled);
            mine.clients.merge(&other.clients);
        });
    }

    /// The files, by host and path.
    pub fn sorted(&self) -> Vec<(Key<'_>, &RootCounts)> {
        self.0.sorted()
    }
}
