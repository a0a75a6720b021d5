//! Who the clients of a replay are.

use std::collections::HashMap;

use crate::aggregate::Aggregate;
use crate::aggregate::counts::ErrorCounts;
use crate::aggregate::shards::{Counts, RowCounts};
use crate::classify::agents::{Agent, Kind};
use crate::classify::ranges::{Ranges, Verdict};
use crate::detect::clients::Judge;
use crate::report::ClientKind;
use crate::scan::arrivals::client_hash;

/// A client.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// Its address, or what the log has for it.
    pub client: &'a [u8],
    /// What it is.
    pub kind: ClientKind,
    /// Whether it is somebody before a screen, or several behind one address: it says that it is a browser, and
    /// gets what pages show.
    pub is_person: bool,
    /// Its user agent, where it has one.
    pub agent: Option<&'a [u8]>,
}

/// All clients, by the hash that arrivals have.
#[derive(Debug, Default)]
pub struct People<'a>(HashMap<u64, Who<'a>>);

impl<'a> People<'a> {
    /// Those that were counted.
    pub fn new(aggregate: &'a Aggregate, lists: &Ranges, has_addresses: bool) -> People<'a> {
        let log_end = aggregate.period().map_or(0, |(_, last)| i64::from(last));
        let judge = Judge::new(lists, log_end, has_addresses);
        let mut agents: HashMap<u32, Agent> = HashMap::new();
        let mut all = HashMap::new();
        for RowCounts { key, counts, errors } in aggregate.clients().rows() {
            let visits = counts.visits();
            let text = visits.agent().and_then(|hash| aggregate.agents().get(hash));
            let agent = visits.agent().map(|hash| {
                *agents.entry(hash).or_insert_with(|| Agent::new(aggregate.agents().get(hash)))
            });
            let gets_assets = counts.head().requests() > visits.pages();
            let kind = kind((&judge, lists, log_end, has_addresses), key.tail, agent, errors);
            let may_be = match kind {
                ClientKind::Browser => true,
                // Several behind one address.
                ClientKind::Several | ClientKind::Unknown => visits.has_several_agents(),
                _ => false,
            };
            let who = Who { client: key.tail, kind, is_person: may_be && gets_assets, agent: text };
            all.insert(client_hash(key.tail), who);
        }
        People(all)
    }

    /// Who has this hash.
    pub fn get(&self, hash: u64) -> Option<&Who<'a>> {
        self.0.get(&hash)
    }

    /// What who has this hash is.
    pub fn kind(&self, hash: u64) -> ClientKind {
        self.get(hash).map_or(ClientKind::Unknown, |who| who.kind)
    }
}

/// What a client is: by what failed where something did, for that tells most; else by its user agent and address.
fn kind(
    (judge, lists, log_end, has_addresses): (&Judge<'_>, &Ranges, i64, bool),
    client: &[u8],
    agent: Option<Agent>,
    errors: Option<&ErrorCounts>,
) -> ClientKind {
    let by_errors = errors.map(|errors| judge.judge(client, errors).kind);
    if let Some(
        kind @ (ClientKind::VerifiedCrawler | ClientKind::SpoofedCrawler | ClientKind::Scanner),
    ) = by_errors
    {
        return kind;
    }
    let Some(agent) = agent else { return by_errors.unwrap_or(ClientKind::Unknown) };
    if let Some(crawler) = agent.crawler() {
        return match lists.verdict(crawler, client, log_end) {
            Verdict::Verified if has_addresses => ClientKind::VerifiedCrawler,
            Verdict::Spoofed if has_addresses => ClientKind::SpoofedCrawler,
            _ => ClientKind::Crawler,
        };
    }
    match agent.kind() {
        Kind::Crawler => ClientKind::Crawler,
        Kind::FakeCrawler => ClientKind::SpoofedCrawler,
        Kind::Scanner => ClientKind::Scanner,
        Kind::Monitoring => ClientKind::Monitoring,
        Kind::Feed => ClientKind::Feed,
        Kind::Library => ClientKind::Library,
        Kind::Browser => ClientKind::Browser,
        Kind::Other | Kind::Nameless => ClientKind::Unknown,
    }
}
