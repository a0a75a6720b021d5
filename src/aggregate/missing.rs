//! What is counted of a path's 4xx beside their number: who came how to what is not there, and since when.

use smallvec::SmallVec;

use super::aborts::Aborts;
use super::crawls::Outcome;
use super::few::Few;
use super::referers::Referers;
use super::spread::Spread;
use crate::classify::agents::{Agent, Kind};
use crate::record::{Address, Aside, Cause, Hit, Method};

/// See the head of the file.
#[derive(Clone, Debug, Default)]
pub struct PathErrors {
    /// The pages that link to it.
    pub referers: Referers,
    /// When it was not there: 404 and 410 to GET.
    pub missing: Spread,
    /// How long the answer is that says so.
    pub sizes: Sizes,
    /// Requests of programs that say they are browsers.
    pub browsers: u32,
    /// 404 and 410 to a question for the head alone.
    pub heads_missing: u32,
    /// 404 and 410 to GET with a query that is no part of the path's key: what is missing may be what that
    /// asks for.
    pub queried_missing: u32,
    /// 404 and 410 to what was asked in other ways than GET and HEAD.
    pub others_missing: u32,
    /// 405 to such a question.
    pub heads_refused: u32,
    /// Who came by a link.
    pub links: Option<Box<Links>>,
    /// Which crawlers came.
    pub crawlers: Option<Box<CrawlerErrors>>,
    /// How long those waited who went before the answer came.
    pub aborts: Option<Box<Aborts>>,
    /// What all that can take, beside this itself, as it was when it was last changed.
    cost: u32,
}

/// Browsers that came by a link, by their sketch hashes.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// From a page of the site itself.
    pub own: Few,
    /// The networks of those, where they are known.
    pub own_networks: Few,
    /// From somebody else's.
    pub outside: Few,
    /// The networks of those.
    pub outside_networks: Few,
    /// From a search engine.
    pub search: Few,
    /// The networks of those.
    pub search_networks: Few,
}

/// Crawlers that got a 4xx.
#[derive(Clone, Debug, Default)]
pub struct CrawlerErrors {
    /// Each with its address and its outcome in the lowest 24 bits, and its requests above.
    counts: SmallVec<[u64; 2]>,
    /// When what is verified to be a crawler for search was told that it is not there.
    pub missing: Spread,
    /// When it came too often.
    pub limited: Spread,
    /// When it was refused.
    pub denied: Spread,
    /// The days of all that, a bit each: those of `missing`, `limited` and `denied`, by number modulo 64.
    pub days: [u64; 3],
}

/// What one crawler got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrawlerError {
    /// Which, by its place among those known by name.
    pub crawler: u8,
    /// What its address proves.
    pub address: Address,
    /// What it was answered.
    pub outcome: Outcome,
    /// How often.
    pub requests: u64,
}

const OUTCOMES: [Outcome; 5] =
    [Outcome::Missing, Outcome::Denied, Outcome::Limited, Outcome::TimedOut, Outcome::Other];

impl CrawlerErrors {
    const KEY_BITS: u32 = 24;

    fn add(&mut self, key: u64, requests: u64) {
        let mask = (1 << Self::KEY_BITS) - 1;
        match self.counts.iter_mut().find(|counted| **counted & mask == key) {
            Some(counted) => *counted += requests << Self::KEY_BITS,
            None => self.counts.push(requests << Self::KEY_BITS | key),
        }
    }

    /// The counts, in no order.
    pub fn iter(&self) -> impl Iterator<Item = CrawlerError> {
        self.counts.iter().map(|counted| CrawlerError {
            crawler: *counted as u8,
            address: Address::ALL[(*counted >> 8 & 3) as usize % Address::ALL.len()],
            outcome: OUTCOMES[(*counted >> 16 & 7) as usize % OUTCOMES.len()],
            requests: counted >> Self::KEY_BITS,
        })
    }

    fn count(&mut self, hit: &Hit<'_>, aside: &Aside<'_>) {
        let Some(crawl) = aside.crawl else { return };
        let outcome = Outcome::of(hit.status, hit.path);
        let at = OUTCOMES.iter().position(|known| *known == outcome).unwrap_or(4) as u64;
        self.add(u64::from(crawl.crawler) | (crawl.address as u64) << 8 | at << 16, 1);
        if !crawl.is_verified_search() {
            return;
        }
        let (at, spread) = match outcome {
            Outcome::Missing => (0, &mut self.missing),
            Outcome::Limited => (1, &mut self.limited),
            Outcome::Denied => (2, &mut self.denied),
            _ => return,
        };
        spread.add(hit.time);
        self.days[at] |= 1 << (hit.time / 86_400 % 64);
    }

    fn merge(&mut self, other: &CrawlerErrors) {
        let mask = (1 << Self::KEY_BITS) - 1;
        for counted in &other.counts {
            self.add(counted & mask, counted >> Self::KEY_BITS);
        }
        self.missing.merge(other.missing);
        self.limited.merge(other.limited);
        self.denied.merge(other.denied);
        self.days.iter_mut().zip(other.days).for_each(|(mine, other)| *mine |= other);
    }

    fn cost(&self) -> u64 {
        size_of::<CrawlerErrors>() as u64 + self.counts.len() as u64 * 2 * size_of::<u64>() as u64
    }
}

impl Links {
    /// Whether nobody came by one.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.outside.is_empty() && self.search.is_empty()
    }

    fn cost(&self) -> u64 {
        let few = [
            &self.own,
            &self.own_networks,
            &self.outside,
            &self.outside_networks,
            &self.search,
            &self.search_networks,
        ];
        size_of::<Links>() as u64 + few.into_iter().map(Few::cost).sum::<u64>()
    }

    fn merge(&mut self, other: &Links) {
        self.own.merge(&other.own);
        self.own_networks.merge(&other.own_networks);
        self.outside.merge(&other.outside);
        self.outside_networks.merge(&other.outside_networks);
        self.search.merge(&other.search);
        self.search_networks.merge(&other.search_networks);
    }
}

impl PathErrors {
    /// Counts a request of the client with this sketch hash.
    pub fn count(&mut self, hit: &Hit<'_>, aside: &Aside<'_>, client: u64) {
        if let (Some(499), Some(millis)) = (hit.status.code(), hit.latency_millis) {
            self.aborts.get_or_insert_default().add(millis);
            self.cost = self.cost_now();
        }
        let is_browser = Agent::from_number(aside.agent).kind() == Kind::Browser;
        self.browsers = self.browsers.saturating_add(is_browser.into());
        let is_missing = matches!(hit.status.code(), Some(404 | 410));
        let is_refused = hit.status.code() == Some(405);
        let count = match aside.method {
            Method::Get if is_missing => {
                self.missing.add(hit.time);
                self.sizes.add(hit.bytes);
                aside.has_query.then_some(&mut self.queried_missing)
            }
            Method::Head if is_missing => Some(&mut self.heads_missing),
            Method::Head if is_refused => Some(&mut self.heads_refused),
            Method::Other if is_missing => Some(&mut self.others_missing),
            _ => None,
        };
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
        let has_link = is_browser && aside.cause.is_link();
        if aside.referer.is_empty() && aside.crawl.is_none() && !has_link {
            return;
        }
        if !aside.referer.is_empty() {
            self.referers.add(aside.referer);
        }
        if aside.crawl.is_some() {
            self.crawlers.get_or_insert_default().count(hit, aside);
        }
        if has_link {
            self.count_link(aside, client);
        }
        self.cost = self.cost_now();
    }

    fn count_link(&mut self, aside: &Aside<'_>, client: u64) {
        let links = self.links.get_or_insert_default();
        match aside.cause {
            Cause::ExternalLink => {
                links.outside.insert(client);
                links.outside_networks.insert(aside.network);
            }
            Cause::SearchResult => {
                links.search.insert(client);
                links.search_networks.insert(aside.network);
            }
            _ if aside.referer.is_empty() => {}
            _ => {
                links.own.insert(client);
                if aside.network != 0 {
                    links.own_networks.insert(aside.network);
                }
            }
        }
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: PathErrors) {
        self.referers.merge(other.referers);
        self.missing.merge(other.missing);
        self.sizes.merge(other.sizes);
        self.browsers = self.browsers.saturating_add(other.browsers);
        self.heads_missing = self.heads_missing.saturating_add(other.heads_missing);
        self.queried_missing = self.queried_missing.saturating_add(other.queried_missing);
        self.others_missing = self.others_missing.saturating_add(other.others_missing);
        self.heads_refused = self.heads_refused.saturating_add(other.heads_refused);
        if let Some(links) = &other.links {
            self.links.get_or_insert_default().merge(links);
        }
        if let Some(crawlers) = &other.crawlers {
            self.crawlers.get_or_insert_default().merge(crawlers);
        }
        if let Some(aborts) = &other.aborts {
            self.aborts.get_or_insert_default().merge(aborts);
        }
        self.cost = self.cost_now();
    }

    /// The memory that this can take, in bytes; see [`super::distinct::Distinct::cost`].
    pub fn cost(&self) -> u64 {
        size_of::<PathErrors>() as u64 + u64::from(self.cost)
    }

    /// Of each part there is so little that all of it is far below what fits.
    fn cost_now(&self) -> u32 {
        let cost = self.referers.cost()
            + self.links.as_ref().map_or(0, |links| links.cost())
            + self.crawlers.as_ref().map_or(0, |crawlers| crawlers.cost())
            + self.aborts.as_ref().map_or(0, |_| size_of::<Aborts>() as u64);
        u32::try_from(cost).unwrap_or(u32::MAX)
    }
}

/// How long answers are, where all are of one length or two: plain and compressed. All zeros is none yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Sizes {
    /// Each plus 1, the smaller first; 0 is none.
    kept: [u32; 2],
}

impl Sizes {
    /// There were more than two.
    const VARIOUS: Sizes = Sizes { kept: [u32::MAX; 2] };

    /// Takes in the length of an answer, in bytes.
    #[inline(always)]
    pub fn add(&mut self, bytes: u64) {
        let size = bytes.saturating_add(1).min(u64::from(u32::MAX) - 1) as u32;
        if self.kept[0] != size && self.kept[1] != size {
            self.insert(size);
        }
    }

    fn insert(&mut self, size: u32) {
        let [first, second] = self.kept;
        match (first, second) {
            _ if size == 0 || size == first || size == second || *self == Sizes::VARIOUS => {}
            (0, _) => self.kept[0] = size,
            (_, 0) => self.kept = [first.min(size), first.max(size)],
            _ => *self = Sizes::VARIOUS,
        }
    }

    /// Takes in the lengths of others.
    pub fn merge(&mut self, other: Sizes) {
        if other == Sizes::VARIOUS {
            *self = other;
        } else {
            other.kept.into_iter().for_each(|size| self.insert(size));
        }
    }

    /// The lengths in bytes, where there are no more than two.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        let kept = if self == Sizes::VARIOUS { [0; 2] } else { self.kept };
        kept.into_iter().filter_map(|size| size.checked_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sizes_are_known_and_no_more() {
        let of = |sizes: &[u64]| {
            let mut all = Sizes::default();
            sizes.iter().for_each(|bytes| all.add(*bytes));
            all
        };
        let kept = |sizes: &[u64]| of(sizes).iter().collect::<Vec<_>>();
        assert!(kept(&[]).is_empty());
        assert_eq!(kept(&[0, 0]), [0]);
        assert_eq!(kept(&[512, 90, 512]), [90, 512]);
        assert!(kept(&[512, 90, 7]).is_empty());
        assert!(kept(&[512, 90, 7, 512]).is_empty());
        for (one, other) in [(&[7][..], &[8][..]), (&[], &[8]), (&[1, 2], &[2, 3]), (&[1, 2], &[2])]
        {
            let (mut merged, mut swapped) = (of(one), of(other));
            merged.merge(of(other));
            swapped.merge(of(one));
            assert_eq!(merged, of(&[one, other].concat()));
            assert_eq!(merged, swapped);
        }
    }
}
