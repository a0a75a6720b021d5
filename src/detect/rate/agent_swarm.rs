//! Many clients with one user agent, each of which comes once or twice: one program behind many addresses.

use super::crowd::{OfAgent, is_fleeting};
use crate::aggregate::distinct::Distinct;
use crate::aggregate::hash::sketch_hash;
use crate::classify::agents::{Agent, Kind};
use crate::classify::ranges::{self, Verdict};
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "agent-swarm",
    group: Group::Rate,
    summary: "many clients with one user agent come for a page or two each, from everywhere",
    explain: "Many addresses in many networks have the very same user agent, and each asks for a page or two, \
        by no link and with nothing that the page shows: nobody with a browser does that. It is one program \
        that is sent through many addresses, so that a limit for each address never sees it. It is told only \
        where four in five of all clients with that agent are so, and where the log shows people too, that is \
        clients that fetch pictures, styles and scripts: where these lie on another host nobody can be told \
        from a program. How sure it is: an agent of which a network or an application makes everybody look \
        alike can look so; see under examples where they come from. What to do: limit or challenge the agent \
        as a whole (a zone of limit_req whose key is $http_user_agent, through a map that is empty for all \
        others), since there is no address worth denying. Sources: nginx, ngx_http_limit_req_module (an empty \
        key is not limited) and ngx_http_map_module; OWASP Automated Threats, OAT-011 Scraping; CrowdSec \
        hub, http-dos-switching-ua, for its reverse; thresholds are ours.",
    statuses: &[],
    thresholds: &[
        Threshold { name: "requests", value: 5.0, summary: "requests of each client, at most" },
        Threshold { name: "clients", value: 50.0, summary: "such clients, at least" },
        Threshold { name: "networks", value: 30.0, summary: "their networks, at least" },
        Threshold { name: "share", value: 0.05, summary: "of all pages asked for, at least" },
        Threshold {
            name: "client_share",
            value: 0.8,
            summary: "of all clients with that agent, at least",
        },
        Threshold { name: "people", value: 20.0, summary: "people in the log, at least" },
    ],
    find,
    fires_on: &[
        "60x 198.18.{n}.7 0d10:00+1m /p{n} 200 ua=python\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
        "99x 198.18.{n}.7 0d10:00+1m /p{n} 200 ua=chrome\n99x 198.18.{n}.7 0d12:00+1m /q{n} 200 ua=chrome\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
    ],
    silent_on: &[
        "40x 198.18.{n}.7 0d10:00+1m /p{n} 200 ua=python\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // They fetch what pages show.
        "60x 198.18.{n}.7 0d10:00+1m /p{n} 200 ua=chrome\n60x 198.18.{n}.7 0d10:00+1m /a.css 200 ua=chrome\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // One network.
        "60x 198.18.200.{n} 0d10:00+1m /p{n} 200 ua=python\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // They come by links.
        "60x 198.18.{n}.7 0d10:00+1m /p{n} 200 ua=chrome ref=https://shop.example/\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // Nobody fetches what pages show: it is on another host.
        "60x 198.18.{n}.7 0d10:00+1m /p{n} 200 ua=chrome\n25x 198.18.{n}.9 0d10:00+1m / 200",
        "60x 198.18.{n}.7 0d10:00+1m /p{n} 200 ua=uptime\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    if !facts.has_addresses || facts.crowd.people() < limits.count("people") {
        return Found::default();
    }
    let pages = facts.aggregate.pages() as f64;
    let is_swarm = |of_agent: &OfAgent| {
        of_agent.fleeting >= limits.count("clients").max(1)
            && of_agent.fleeting as f64 >= limits.of("client_share") * of_agent.clients as f64
            && of_agent.pages as f64 >= limits.of("share") * pages
    };
    let swarms = facts.crowd.of_agents().into_iter().filter(|(_, of_agent)| is_swarm(of_agent));
    swarms.filter_map(|(hash, of_agent)| judge(facts, limits, hash, of_agent)).collect()
}

/// What there is to say of the clients of a swarm, one by one.
#[derive(Default)]
struct Members<'a> {
    networks: Distinct<13>,
    period: crate::aggregate::counts::Period,
    /// Those whose address is not that of the crawler that they say they are.
    spoofed: u64,
    /// Some of them, with their requests: those that come first.
    first: std::collections::BTreeMap<&'a [u8], u64>,
}

/// So many are named.
const NAMED: usize = 16;

fn members<'a>(facts: &Facts<'a>, hash: u32, agent: Agent, requests_max: u64) -> Members<'a> {
    let mut members = Members::default();
    for row in facts.aggregate.clients().rows() {
        let visits = row.counts.visits();
        if visits.agent() != Some(hash) || !is_fleeting(row.counts, requests_max) {
            continue;
        }
        let client = row.key.tail;
        let network = ranges::network(client);
        members.networks.insert(sketch_hash(b"network", &network.to_le_bytes()));
        if let Some((first, last)) = visits.unreferred_period() {
            members.period.add(first);
            members.period.add(last);
        }
        let verdict = agent
            .crawler()
            .map(|crawler| facts.lists.verdict(crawler, client, i64::from(facts.period.1)));
        members.spoofed += u64::from(verdict == Some(Verdict::Spoofed));
        members.first.insert(client, visits.pages());
        if members.first.len() > NAMED {
            members.first.pop_last();
        }
    }
    members
}

fn judge(facts: &Facts<'_>, limits: &Limits<'_>, hash: u32, counts: OfAgent) -> Option<Finding> {
    let (agent, text) = facts.crowd.agent(hash)?;
    if matches!(agent.kind(), Kind::Monitoring | Kind::Feed) {
        return None;
    }
    let members = members(facts, hash, agent, limits.count("requests"));
    let networks = members.networks.count();
    // A crawler that says what it is can be told so in robots.txt.
    let is_crawler = agent.kind() == Kind::Crawler && members.spoofed * 2 < counts.fleeting;
    if is_crawler || networks < limits.count("networks") {
        return None;
    }
    let share = counts.pages as f64 / facts.aggregate.pages().max(1) as f64;
    let score =
        Score { weight: 0.6, size: counts.fleeting as f64, size_max: 1e4, seen: counts.fleeting };
    let title = Sentence::new(format!(
        "{} in {} came for {} in all, by no link and with one user agent",
        plural(counts.fleeting, "client", "clients"),
        plural(networks, "network", "networks"),
        plural(counts.pages, "page", "pages")
    ));
    let action = Sentence::new(
        "limit or challenge this user agent as a whole (limit_req with $http_user_agent as its key, through a \
         map that is empty for all others): a limit for each address does not see it",
    );
    let finding = Draft::new(&DETECTOR, of("agent", text), score.get(), counts.pages)
        .seen(counts.fleeting, members.period.get())
        .says(title, action)
        .count("networks", networks)
        .evidence("share_of_pages", Evidence::Ratio(share))
        .evidence(
            "share_of_clients",
            Evidence::Ratio(counts.fleeting as f64 / counts.clients.max(1) as f64),
        )
        .examples("client", members.first);
    Some(finding.done())
}
