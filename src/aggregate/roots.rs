//! What was answered at the fixed addresses where programs look for a site's files: robots.txt and its kin.

use super::arena::Key;
use super::counts::{ByStatus, Period};
use super::crawls::{Outcome, Outcomes};
use super::few::Few;
use super::hash::sketch_hash;
use super::least::Least;
use crate::classify::roots::RootFile;
use crate::record::Hit;

/// So many are kept, over all hosts.
const ROOTS_MAX: usize = 1_024;

/// The files by host and path.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    files: Least<RootCounts, ROOTS_MAX>,
    /// Of these one host may have any number: they do not take the places of others.
    sitemaps: Least<RootCounts, ROOTS_MAX>,
}

/// What was answered for one of them.
#[derive(Clone, Debug, Default)]
pub struct RootCounts {
    /// By status.
    pub by_status: ByStatus,
    /// To everybody.
    pub all: Outcomes,
    /// To search engines whose address is in their publisher's list.
    pub verified: Outcomes,
    /// When it was there, for anybody.
    pub succeeded: Period,
    /// When it was not there, for anybody: 404, 410.
    pub missing: Period,
    /// When such a search engine did not find it, or was refused.
    pub crawled_missing: Period,
    /// When it could not have it: a limit, an error, no answer in time.
    pub crawled_unavailable: Period,
    /// When it had it.
    pub crawled: Period,
    /// Who did not get it.
    pub clients: Few,
}

impl Roots {
    /// Counts a request for one of them.
    pub fn count(&mut self, hit: &Hit<'_>, file: RootFile) {
        let key = Key { head: hit.host, tail: file.key(hit.path) };
        let rows = match file {
            RootFile::Sitemap => &mut self.sitemaps,
            _ => &mut self.files,
        };
        let Some(counts) = rows.row(key) else { return };
        let outcome = Outcome::of(hit.status, hit.path);
        let is_verified = hit.crawl().is_some_and(|crawl| crawl.is_verified_search());
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
                if outcome == Outcome::Missing {
                    counts.missing.add(hit.time);
                }
                match outcome {
                    _ if !is_verified => {}
                    Outcome::Missing | Outcome::Denied | Outcome::Other => {
                        counts.crawled_missing.add(hit.time);
                    }
                    _ => counts.crawled_unavailable.add(hit.time),
                }
            }
        }
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: Roots) {
        self.files.merge(other.files, RootCounts::merge);
        self.sitemaps.merge(other.sitemaps, RootCounts::merge);
    }

    /// The files, by host and path; sitemaps behind the others.
    pub fn sorted(&self) -> Vec<(Key<'_>, &RootCounts)> {
        let mut rows = self.files.sorted();
        rows.extend(self.sitemaps.sorted());
        rows
    }

    /// Whether none is missing.
    pub fn is_whole(&self) -> bool {
        self.files.is_whole() && self.sitemaps.is_whole()
    }
}

impl RootCounts {
    fn merge(&mut self, other: RootCounts) {
        self.by_status.merge(&other.by_status);
        self.all.merge(&other.all);
        self.verified.merge(&other.verified);
        self.succeeded.merge(other.succeeded);
        self.missing.merge(other.missing);
        self.crawled_missing.merge(other.crawled_missing);
        self.crawled_unavailable.merge(other.crawled_unavailable);
        self.crawled.merge(other.crawled);
        self.clients.merge(&other.clients);
    }
}
