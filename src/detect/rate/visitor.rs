//! One who visits: what it is as far as limits go, and how fast it was.

use crate::aggregate::ClientCounts;
use crate::aggregate::counts::ErrorCounts;
use crate::aggregate::shards::{Counts, RowCounts};
use crate::classify::agents::{Agent, Kind};
use crate::classify::crawlers::Purpose;
use crate::classify::ranges::is_local_client;
use crate::detect::facts::Facts;
use crate::untrusted::Untrusted;

/// What a client is, as far as a limit of rates has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody with a browser, which fetches what pages show as well.
    Person,
    /// Several such behind one address: an office, a carrier.
    Shared,
    /// A crawler whose address is in its publisher's list.
    Verified,
    /// What says that it is a crawler, and may be.
    Crawler,
    /// Who looks whether the site is up.
    Monitor,
    /// A reader of feeds.
    Feed,
    /// A program, or what only says that it is a browser.
    Program,
}

impl Standing {
    /// The word in evidence.
    pub fn id(self) -> &'static str {
        match self {
            Standing::Person => "person",
            Standing::Shared => "shared-address",
            Standing::Verified => "verified-crawler",
            Standing::Crawler => "crawler",
            Standing::Monitor => "monitoring",
            Standing::Feed => "feed",
            Standing::Program => "program",
        }
    }
}

/// A client with what is known of its haste.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// Its key.
    pub client: &'a [u8],
    /// What is counted of it.
    pub counts: &'a ClientCounts,
    /// What is counted of its 4xx, if any.
    pub errors: Option<&'a ErrorCounts>,
    /// What it says that it is, where it always says the same and that is kept.
    pub agent: Option<(Agent, &'a [u8])>,
    /// What it is.
    pub standing: Standing,
}

/// Whether more than one in twenty of its requests is for what pages show: of people many have most of that in
/// their caches, and programs want next to nothing of it.
pub fn fetches_assets(counts: &ClientCounts) -> bool {
    let (requests, pages) = (counts.head().requests(), counts.visits().pages());
    requests.saturating_sub(pages).saturating_mul(20) > pages
}

/// The most requests in a second, ten, a minute and five, as many of them as were for pages in all: what
/// pages show is fetched at once, and says nothing of haste.
pub fn page_peaks(counts: &ClientCounts) -> [u64; 4] {
    let (requests, pages) = (counts.head().requests().max(1), counts.visits().pages());
    counts.peak().map(|most| {
        let part = u128::from(most) * u128::from(pages.min(requests));
        let part = part.div_ceil(u128::from(requests));
        u64::try_from(part).unwrap_or(u64::MAX)
    })
}

impl<'a> Visitor<'a> {
    /// Of a row of the table of clients.
    pub fn new(
        row: RowCounts<'a, ClientCounts>,
        agent: Option<(Agent, &'a [u8])>,
        standing: Standing,
    ) -> Visitor<'a> {
        let RowCounts { key, counts, errors } = row;
        Visitor { client: key.tail, counts, errors, agent, standing }
    }

    /// All its requests.
    pub fn requests(&self) -> u64 {
        self.counts.head().requests()
    }

    /// Those that were for no part of a page.
    pub fn pages(&self) -> u64 {
        self.counts.visits().pages()
    }

    /// See [`page_peaks`].
    pub fn peaks(&self) -> [u64; 4] {
        page_peaks(self.counts)
    }

    /// Whether its address is of no public network.
    pub fn is_local(&self) -> bool {
        is_local_client(self.client)
    }

    /// Whether it is, or may be, a crawler for search.
    pub fn may_be_search(&self) -> bool {
        let crawler = self.agent.and_then(|(agent, _)| agent.crawler());
        self.standing == Standing::Crawler
            && crawler.is_some_and(|crawler| crawler.purpose == Purpose::Search)
    }

    /// Whether it says that it is a browser.
    pub fn is_browser(&self) -> bool {
        self.agent.is_some_and(|(agent, _)| agent.kind() == Kind::Browser)
    }

    /// Its user agent, for evidence.
    pub fn agent_text(&self) -> Untrusted {
        match self.agent {
            Some((_, text)) => Untrusted::new(text),
            None if self.counts.visits().has_several_agents() => Untrusted::new("several"),
            None => Untrusted::new("-"),
        }
    }

    /// When it was there, as far as is known: when it asked for pages without a link, and when it failed.
    pub fn known_period(&self) -> Option<(u32, u32)> {
        let failed = self.errors.and_then(|errors| errors.period.get());
        let known = [self.counts.visits().unreferred_period(), failed].into_iter().flatten();
        known.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// The same, or where nothing is known the whole of the log.
    pub fn period(&self, facts: &Facts<'_>) -> (u32, u32) {
        self.known_period().unwrap_or(facts.period)
    }
}
