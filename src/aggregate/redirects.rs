//! Where redirects lead, in logs that tell it (nginx's `$sent_http_location`).

use super::arena::Key;
use super::counts::Period;
use super::few::Few;
use super::hash::sketch_hash;
use super::least::Least;
use super::referers::Referers;
use crate::record::Hit;

/// So many paths that redirect are kept.
const REDIRECTS_MAX: usize = 4_096;

/// The paths that redirect, by host and path.
#[derive(Clone, Debug, Default)]
pub struct Redirects(Least<RedirectCounts, REDIRECTS_MAX>);

/// What is known of a path that redirects.
#[derive(Clone, Debug, Default)]
pub struct RedirectCounts {
    /// Requests.
    pub requests: u64,
    /// Where to, as the answer says: up to 16 places.
    pub targets: Referers,
    /// Who was sent there.
    pub clients: Few,
    /// First and last.
    pub period: Period,
}

impl Redirects {
    /// Counts a redirect.
    pub fn count(&mut self, hit: &Hit<'_>, location: &[u8]) {
        let Some(counts) = self.0.row(Key { head: hit.host, tail: hit.path }) else { return };
        counts.requests += 1;
        counts.targets.add(location);
        counts.clients.insert(sketch_hash(b"", hit.client));
        counts.period.add(hit.time);
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: Redirects) {
        self.0.merge(other.0, |mine, other| {
            mine.requests += other.requests;
            mine.targets.merge(other.targets);
            mine.clients.merge(&other.clients);
            mine.period.merge(other.period);
        });
    }

    /// Whether none is missing.
    pub fn is_whole(&self) -> bool {
        self.0.is_whole()
    }

    /// The paths, by host and path.
    pub fn sorted(&self) -> Vec<(Key<'_>, &RedirectCounts)> {
        self.0.sorted()
    }
}
