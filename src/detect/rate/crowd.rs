//! All who visit, as far as rates matter: how fast people are at most, and who may be faster.
//!
//! People are those with a browser that fetches what pages show as well; who only says that it is a browser
//! is none. How fast they are is the measure for all others.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::agent_swarm;
use super::visitor::{Standing, Visitor, fetches_assets, page_peaks};
use crate::aggregate::shards::{Counts, RowCounts, Shard};
use crate::aggregate::{Aggregate, ClientCounts};
use crate::classify::agents::{Agent, Kind};
use crate::classify::crawlers::CRAWLERS;
use crate::classify::ranges::{Ranges, Verdict, is_local_client};
use crate::detect::Limits;
use crate::detect::kinds::Kinds;
use crate::options;

/// With fewer people than these nobody knows how fast people are on this site.
pub const PEOPLE_MIN: u64 = 20;

/// Who fetched fewer pages, and was slower, is looked at no further.
pub const HEAVY_PAGES: u64 = 40;
const HEAVY_IN_TEN_SECONDS: u64 = 10;

/// The clients that take most.
const BUSIEST: usize = 5;

/// Whose addresses are known.
#[derive(Clone, Copy, Debug)]
pub struct Addresses<'a> {
    /// The lists of crawlers.
    pub lists: &'a Ranges,
    /// The last second of the log.
    pub log_end: i64,
    /// Whether addresses are those of clients.
    pub are_known: bool,
}

/// How fast people are, without what pages show: the fastest of a thousand, but for the very fastest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// In a second, ten, a minute and five.
    pub most: [u64; 4],
    /// In a minute half of them are no faster.
    pub middle_of_minute: u64,
}

/// What limits turned away, by whom.
#[derive(Clone, Debug, Default)]
pub struct TurnedAway {
    /// Requests.
    pub requests: u64,
    /// Of programs that say they are browsers.
    pub browsers: u64,
    /// Clients.
    pub clients: u64,
    /// People, by their busiest minute: how many, their requests that were turned away, and of these those for
    /// what pages show.
    people: BTreeMap<u64, (u64, u64, u64)>,
}

impl TurnedAway {
    /// People who were no faster than that in their busiest minute: how many, their requests that were turned
    /// away, and of these those for what pages show.
    pub fn people_up_to(&self, in_a_minute: u64) -> (u64, u64, u64) {
        let slow = self.people.range(..=in_a_minute).map(|(_, counted)| counted);
        slow.fold((0, 0, 0), |sum, counted| {
            (sum.0 + counted.0, sum.1 + counted.1, sum.2 + counted.2)
        })
    }
}

/// The clients of a user agent.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfAgent {
    /// All of them.
    pub clients: u64,
    /// Those who came for a few pages and nothing else, by no link.
    pub fleeting: u64,
    /// The pages of these.
    pub pages: u64,
}

/// See the head of the file.
#[derive(Debug)]
pub struct Crowd<'a> {
    agents: HashMap<u32, (Agent, &'a [u8])>,
    kinds: &'a Kinds,
    addresses: Addresses<'a>,
    counted: Counted<'a>,
}

/// What is counted of clients, one by one.
#[derive(Debug, Default)]
struct Counted<'a> {
    people: u64,
    /// How many people had each peak, for each length of window.
    peaks: [BTreeMap<u64, u64>; 4],
    turned_away: TurnedAway,
    unreferred: u64,
    heavy: Vec<Visitor<'a>>,
    busiest: Vec<(u64, Visitor<'a>)>,
    of_agents: HashMap<u32, OfAgent>,
}

/// What a client is judged by.
struct Judge<'f, 'a> {
    agents: &'f HashMap<u32, (Agent, &'a [u8])>,
    kinds: &'a Kinds,
    addresses: Addresses<'a>,
}

/// What is counted of clients depends on this too.
#[derive(Clone, Copy)]
struct Measure {
    /// Whether the log says how long requests took.
    has_times: bool,
    fleeting_requests: u64,
}

impl<'a> Crowd<'a> {
    /// Of these counts.
    pub fn new(
        aggregate: &'a Aggregate,
        kinds: &'a Kinds,
        addresses: Addresses<'a>,
        asked: &'a [options::Threshold],
    ) -> Crowd<'a> {
        let texts = aggregate.agents().iter();
        let agents = texts.map(|(hash, text)| (hash, (Agent::new(Some(text)), text))).collect();
        let limits = Limits { detector: &agent_swarm::DETECTOR, asked };
        let judge = Judge { agents: &agents, kinds, addresses };
        let measure = Measure {
            has_times: aggregate.busy_centis() > 0,
            fleeting_requests: limits.count("requests"),
        };
        let shards = aggregate.clients().shards().par_iter();
        let counted = shards.map(|shard| Counted::of_shard(shard, &judge, measure));
        let mut counted = counted.reduce(Counted::default, Counted::merge);
        counted.heavy.sort_unstable_by_key(|visitor| visitor.client);
        Crowd { agents, kinds, addresses, counted }
    }

    /// A client with what it is.
    pub fn visitor(&self, row: RowCounts<'a, ClientCounts>) -> Visitor<'a> {
        let Crowd { agents, kinds, addresses, .. } = self;
        let judge = Judge { agents, kinds, addresses: *addresses };
        let agent = judge.agent(&row);
        Visitor::new(row, agent, judge.standing(&row, agent.map(|(agent, _)| agent)))
    }

    /// How many people there were.
    pub fn people(&self) -> u64 {
        self.counted.people
    }

    /// How fast they are; `None` where there are too few of them to know.
    pub fn pace(&self) -> Option<Pace> {
        let people = self.counted.people;
        if people < PEOPLE_MIN {
            return None;
        }
        // Of fewer than two thousand, the second: one alone, who is no person, must not hide all others.
        let at = (people - 1).saturating_mul(999) / 1_000;
        let most = self.counted.peaks.each_ref().map(|peaks| quantile(peaks, at));
        Some(Pace { most, middle_of_minute: quantile(&self.counted.peaks[2], people / 2) })
    }

    /// What limits turned away.
    pub fn turned_away(&self) -> &TurnedAway {
        &self.counted.turned_away
    }

    /// Pages that were asked for without a referer and sent.
    pub fn unreferred(&self) -> u64 {
        self.counted.unreferred
    }

    /// Who fetched many pages, or was fast, whoever it is; by client.
    pub fn heavy(&self) -> &[Visitor<'a>] {
        &self.counted.heavy
    }

    /// The five who took most time, or where that is not known asked for most pages, each with how much: the
    /// most first. People, crawlers for search and those of the site's own network are not among them.
    pub fn busiest(&self) -> &[(u64, Visitor<'a>)] {
        &self.counted.busiest
    }

    /// The clients of the user agents that are kept, by their hashes.
    pub fn of_agents(&self) -> BTreeMap<u32, OfAgent> {
        self.counted.of_agents.iter().map(|(hash, of)| (*hash, *of)).collect()
    }

    /// A user agent by its hash.
    pub fn agent(&self, hash: u32) -> Option<(Agent, &'a [u8])> {
        self.agents.get(&hash).copied()
    }

    /// A rate for everyone that people do not reach, for a sentence: `limit_req at 2r/s with burst=15`. Where
    /// there are too few people, it is that of a detector's own threshold.
    pub fn sparing_limit(&self, else_in_ten_seconds: u64) -> String {
        let in_ten = self.pace().map_or(else_in_ten_seconds, |pace| pace.most[1]).max(1);
        format!("limit_req at {}r/s with burst={} and nodelay", in_ten.div_ceil(10), in_ten.max(5))
    }
}

/// The value at this place of all in their order, from 0 on.
fn quantile(counts: &BTreeMap<u64, u64>, place: u64) -> u64 {
    let mut passed = 0;
    let at = counts.iter().find(|(_, count)| {
        passed += **count;
        passed > place
    });
    at.map_or(0, |(value, _)| *value)
}

impl<'a> Judge<'_, 'a> {
    fn agent(&self, row: &RowCounts<'a, ClientCounts>) -> Option<(Agent, &'a [u8])> {
        self.agents.get(&row.counts.visits().agent()?).copied()
    }

    fn is_person(&self, row: &RowCounts<'a, ClientCounts>, agent: Option<Agent>) -> bool {
        agent.is_some_and(|agent| agent.kind() == Kind::Browser)
            && fetches_assets(row.counts)
            && row.errors.is_none_or(|errors| !self.kinds.is_scanner(errors.sketch))
    }

    fn standing(&self, row: &RowCounts<'a, ClientCounts>, agent: Option<Agent>) -> Standing {
        let client = row.key.tail;
        let Addresses { lists, log_end, are_known } = self.addresses;
        let verdict = |crawler| match are_known {
            true => lists.verdict(crawler, client, log_end),
            false => Verdict::Unverifiable,
        };
        let is_verified = match agent.and_then(Agent::crawler) {
            Some(crawler) => verdict(crawler) == Verdict::Verified,
            // It has several names, as crawlers for telephones and screens do, or one that is not kept.
            None if agent.is_none() => {
                CRAWLERS.iter().any(|crawler| verdict(crawler) == Verdict::Verified)
            }
            None => false,
        };
        if is_verified {
            return Standing::Verified;
        }
        if self.is_person(row, agent) {
            return Standing::Person;
        }
        let Some(agent) = agent else {
            let is_shared = row.counts.visits().has_several_agents() && fetches_assets(row.counts);
            return if is_shared { Standing::Shared } else { Standing::Program };
        };
        match agent.kind() {
            Kind::Crawler => match agent.crawler().map(verdict) {
                Some(Verdict::Spoofed) => Standing::Program,
                _ => Standing::Crawler,
            },
            Kind::Monitoring => Standing::Monitor,
            Kind::Feed => Standing::Feed,
            _ => Standing::Program,
        }
    }
}

impl<'a> Counted<'a> {
    fn of_shard(
        shard: &'a Shard<ClientCounts>,
        judge: &Judge<'_, 'a>,
        measure: Measure,
    ) -> Counted<'a> {
        let mut counted = Counted::default();
        shard.rows().for_each(|row| counted.add(row, judge, measure));
        counted
    }

    fn add(&mut self, row: RowCounts<'a, ClientCounts>, judge: &Judge<'_, 'a>, measure: Measure) {
        let visits = row.counts.visits();
        let agent = judge.agent(&row);
        let peaks = page_peaks(row.counts);
        self.unreferred = self.unreferred.saturating_add(visits.unreferred());
        let is_person = judge.is_person(&row, agent.map(|(agent, _)| agent));
        if is_person {
            self.people += 1;
            let counts = self.peaks.iter_mut().zip(peaks);
            counts.for_each(|(counts, most)| *counts.entry(most).or_default() += 1);
        }
        if let Some(limited) = row.errors.and_then(|errors| errors.limited.as_deref()) {
            self.turned_away.requests += limited.requests;
            self.turned_away.browsers += limited.browsers;
            self.turned_away.clients += 1;
            if is_person {
                let people = self.turned_away.people.entry(peaks[2]).or_default();
                *people = (people.0 + 1, people.1 + limited.requests, people.2 + limited.assets);
            }
        }
        if agent.is_some()
            && let Some(hash) = visits.agent()
        {
            let of_agent = self.of_agents.entry(hash).or_default();
            of_agent.clients += 1;
            if is_fleeting(row.counts, measure.fleeting_requests) {
                of_agent.fleeting += 1;
                of_agent.pages += visits.pages();
            }
        }
        let is_heavy = visits.pages() >= HEAVY_PAGES || peaks[1] >= HEAVY_IN_TEN_SECONDS;
        let weight = if measure.has_times { visits.busy_centis() } else { visits.pages() };
        let least = self.busiest.get(BUSIEST - 1).map_or(1, |(least, _)| *least);
        if !is_heavy && (weight < least || is_person) {
            return;
        }
        let standing = judge.standing(&row, agent.map(|(agent, _)| agent));
        let visitor = Visitor::new(row, agent, standing);
        if is_heavy {
            self.heavy.push(visitor);
        }
        let takes = matches!(standing, Standing::Program | Standing::Crawler)
            && !visitor.may_be_search()
            && !is_local_client(visitor.client);
        if weight >= least && takes {
            self.busiest.push((weight, visitor));
            self.trim();
        }
    }

    fn trim(&mut self) {
        self.busiest.sort_by_key(|(weight, visitor)| (Reverse(*weight), visitor.client));
        self.busiest.truncate(BUSIEST);
    }

    fn merge(mut self, other: Counted<'a>) -> Counted<'a> {
        self.people += other.people;
        for (mine, other) in self.peaks.iter_mut().zip(other.peaks) {
            for (most, count) in other {
                *mine.entry(most).or_default() += count;
            }
        }
        self.turned_away.requests += other.turned_away.requests;
        self.turned_away.browsers += other.turned_away.browsers;
        self.turned_away.clients += other.turned_away.clients;
        for (most, other) in other.turned_away.people {
            let mine = self.turned_away.people.entry(most).or_default();
            *mine = (mine.0 + other.0, mine.1 + other.1, mine.2 + other.2);
        }
        self.unreferred = self.unreferred.saturating_add(other.unreferred);
        self.heavy.extend(other.heavy);
        self.busiest.extend(other.busiest);
        self.trim();
        for (hash, other) in other.of_agents {
            let mine = self.of_agents.entry(hash).or_default();
            mine.clients += other.clients;
            mine.fleeting += other.fleeting;
            mine.pages += other.pages;
        }
        self
    }
}

/// Whether a client came for a few pages and nothing else, by no link.
pub fn is_fleeting(counts: &ClientCounts, requests_max: u64) -> bool {
    let (requests, visits) = (counts.head().requests(), counts.visits());
    requests <= requests_max && visits.pages() == requests && visits.unreferred() == requests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_value_that_was_there() {
        let counts = BTreeMap::from([(1, 10), (5, 9), (70, 1)]);
        assert_eq!([0, 9, 10, 18, 19].map(|place| quantile(&counts, place)), [1, 1, 5, 5, 70]);
        assert_eq!(quantile(&BTreeMap::new(), 0), 0);
    }
}
