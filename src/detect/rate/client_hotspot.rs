//! Who asks for far more at once than people do.

use std::collections::BTreeMap;

use super::visitor::{Standing, Visitor};
use crate::classify::ranges;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, grouped, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "client-hotspot",
    group: Group::Rate,
    summary: "a client, or a network, asks for far more pages at once than people do",
    explain: "One client takes, for ten seconds or for five minutes, many times what the fastest of a thousand \
        people here takes; the server works for it while others wait. People are those whose browser also \
        fetches pictures, styles and scripts; those are left out on both sides, by the part that they are of \
        all requests of a client. Windows are aligned to multiples of their length, so that a burst across the \
        border of two counts as up to half of what it was. Crawlers whose addresses are in their publishers' \
        lists, monitoring, and addresses that several people share are not told; one of the site's own network \
        is told as low. Of a network (24 bits of an IPv4 address, 64 of IPv6) the peaks are added up of \
        clients that were there at one time, though they need not have been fast in the same ten seconds: it is \
        medium at most, and low where any was there for more than an hour. How sure it is: the numbers are \
        counted, that it was too much is for you to say. What to do: put a limit for each address before what \
        is expensive, and not before pictures, styles and scripts; try it first (limit_req_dry_run, or \
        logscan replay). Who needs more, such as an own program, is given a zone of its own. Sources: nginx, \
        ngx_http_limit_req_module; CrowdSec hub, http-crawl-non_statics (40 pages, one each half second); \
        Cloudflare, rate limiting rules (shared addresses); thresholds are ours.",
    statuses: &[],
    thresholds: &[
        Threshold { name: "requests", value: 100.0, summary: "pages in ten seconds, at least" },
        Threshold { name: "times", value: 10.0, summary: "times what people take in ten seconds" },
        Threshold { name: "sustained", value: 600.0, summary: "pages in five minutes, at least" },
        Threshold {
            name: "sustained_times",
            value: 5.0,
            summary: "times what people take in five minutes",
        },
        Threshold {
            name: "sustained_pages",
            value: 1_200.0,
            summary: "pages in all of who is told by five minutes",
        },
        Threshold { name: "clients", value: 4.0, summary: "clients of a network, at least" },
        Threshold { name: "network_times", value: 3.0, summary: "times the most of its clients" },
    ],
    find,
    fires_on: &[
        "300x 198.18.1.7 0d10:00+0.05s /p{n} 200 ua=curl\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // One is as fast as people may be, and does not stop.
        "25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200\n\
         1300x 198.18.1.7 0d10:00+0.4s /p{n} 200",
        // A network, of which no one is fast.
        "40x 198.18.1.7 0d10:00+0.1s /p{n} 200 ua=curl\n40x 198.18.1.8 0d10:00+0.1s /p{n} 200 ua=curl\n\
         40x 198.18.1.9 0d10:00+0.1s /p{n} 200 ua=curl\n40x 198.18.1.10 0d10:00+0.1s /p{n} 200 ua=curl",
    ],
    silent_on: &[
        // The real one.
        "300x google 0d10:00+0.05s /p{n} 200\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // What a page shows.
        "10x 198.18.1.7 0d10:00+1s /p{n} 200\n300x 198.18.1.7 0d10:00+0.05s /a{n}.png 200\n\
         9x 198.18.{n}.9 0d10:00+1h / 200",
        "1300x 198.18.1.7 0d10:00+1s /p{n} 200 ua=curl\n9x 198.18.{n}.9 0d10:00+1h / 200",
        "300x 198.18.1.7 0d10:00+0.05s / 200 ua=uptime\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // An office.
        "150x 198.18.1.7 0d10:00+0.05s /p{n} 200\n150x 198.18.1.7 0d10:00+0.05s /p{n} 200 ua=chrome\n\
         100x 198.18.1.7 0d10:00+0.05s /a{n}.css 200\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // A network, of which one is fast now and another then.
        "40x 198.18.1.7 0d10:00+0.1s /p{n} 200 ua=curl\n40x 198.18.1.8 1d10:00+0.1s /p{n} 200 ua=curl\n\
         40x 198.18.1.9 2d10:00+0.1s /p{n} 200 ua=curl\n40x 198.18.1.10 3d10:00+0.1s /p{n} 200 ua=curl",
        // Everybody is fast here.
        "700x 198.18.1.7 0d10:00+0.1s /p{n} 200\n40x 198.18.1.7 0d10:01+0.1s /a.css 200\n\
         700x 198.18.2.7 0d10:00+0.1s /p{n} 200\n40x 198.18.2.7 0d10:01+0.1s /a.css 200\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200\n\
         110x 198.18.3.7 0d10:00+0.09s /p{n} 200",
    ],
};

/// Clients that were there no longer than this, and at one time, were fast at one time.
const BRIEF_SECONDS: u32 = 3_600;

/// What is too much, here.
struct Bounds {
    in_ten_seconds: u64,
    in_five_minutes: u64,
    pages: u64,
    /// The most that people take in ten seconds, where that is known.
    people: Option<u64>,
}

impl Bounds {
    fn new(facts: &Facts<'_>, limits: &Limits<'_>) -> Bounds {
        let pace = facts.crowd.pace();
        let of = |at: usize, times: &str, least: &str| {
            let people = pace.map_or(0.0, |pace| pace.most[at] as f64 * limits.of(times));
            limits.count(least).max(people.ceil().max(0.0) as u64).max(1)
        };
        Bounds {
            in_ten_seconds: of(1, "times", "requests"),
            in_five_minutes: of(3, "sustained_times", "sustained"),
            pages: limits.count("sustained_pages"),
            people: pace.map(|pace| pace.most[1]),
        }
    }

    fn is_sustained(&self, visitor: &Visitor<'_>) -> bool {
        visitor.peaks()[3] >= self.in_five_minutes && visitor.pages() >= self.pages
    }

    fn is_passed(&self, visitor: &Visitor<'_>) -> bool {
        visitor.peaks()[1] >= self.in_ten_seconds || self.is_sustained(visitor)
    }
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    if !facts.has_addresses {
        return Found::default();
    }
    let bounds = Bounds::new(facts, limits);
    let is_judged = |visitor: &&Visitor<'_>| {
        let standing = visitor.standing;
        !matches!(standing, Standing::Verified | Standing::Monitor | Standing::Shared)
    };
    let judged = || facts.crowd.heavy().iter().filter(is_judged);
    let alone = judged().filter(|visitor| bounds.is_passed(visitor));
    let alone = alone.map(|visitor| of_client(facts, &bounds, visitor));
    let mut networks: BTreeMap<String, Vec<&Visitor<'_>>> = BTreeMap::new();
    let is_fast = |visitor: &&Visitor<'_>| visitor.peaks()[1] > bounds.people.unwrap_or(0);
    let members = judged().filter(is_fast).filter(|visitor| visitor.standing != Standing::Person);
    for visitor in members {
        if let Some(network) = ranges::network_text(visitor.client) {
            networks.entry(network).or_default().push(visitor);
        }
    }
    let together = networks.iter().filter_map(|(network, members)| {
        of_network(facts, &bounds, limits, network.as_bytes(), members)
    });
    alone.chain(together).collect()
}

fn score(in_ten_seconds: u64, in_five_minutes: Option<u64>) -> u32 {
    let (size, seen) = (in_ten_seconds as f64, in_ten_seconds);
    let peak = Score { weight: 0.6, size, size_max: 5_000.0, seen }.get();
    let sustained = in_five_minutes.map_or(0, |requests| {
        let size = requests as f64;
        Score { weight: 0.7, size, size_max: 1e6, seen: requests }.get()
    });
    peak.max(sustained)
}

fn action(facts: &Facts<'_>, visitor: &Visitor<'_>, bounds: &Bounds) -> Sentence {
    if visitor.may_be_search() {
        return Sentence::new(
            "look whether it is the real one (its address has to resolve to its name and back), and set its \
             pace in its webmaster tools",
        );
    }
    let limit = facts.crowd.sparing_limit(bounds.in_ten_seconds);
    Sentence::new(format!("{limit} stops it and spares people; see logscan replay --suggest"))
}

fn of_client(facts: &Facts<'_>, bounds: &Bounds, visitor: &Visitor<'_>) -> Finding {
    let peaks = visitor.peaks();
    let is_sustained = bounds.is_sustained(visitor);
    let score = score(peaks[1], is_sustained.then_some(peaks[3]));
    let (most, seconds) = match peaks[1] >= bounds.in_ten_seconds {
        true => (peaks[1], 10),
        false => (peaks[3], 300),
    };
    let people = facts.crowd.pace().map(|pace| pace.most[if seconds == 10 { 1 } else { 3 }]);
    let than = people.map_or(String::new(), |people| {
        format!(", where of a thousand people one asks for {}", grouped(people))
    });
    let title = Sentence::new("")
        .text(visitor.client)
        .words(format!(" asked for {} in {seconds} seconds{than}", plural(most, "page", "pages")));
    let draft = Draft::new(&DETECTOR, of("client", visitor.client), score, visitor.requests())
        .seen(1, Some(visitor.period(facts)))
        .says(title, action(facts, visitor, bounds));
    let draft =
        evidence(facts, draft, peaks, visitor.pages(), visitor.counts.visits().busy_centis())
            .evidence("agent", Evidence::Text(visitor.agent_text()))
            .evidence("kind", Evidence::Words(visitor.standing.id()));
    match () {
        () if visitor.is_local() || visitor.may_be_search() => draft.at_most(Severity::Low),
        () if visitor.standing == Standing::Person => draft.at_most(Severity::Medium),
        () => draft,
    }
    .done()
}

fn evidence(facts: &Facts<'_>, draft: Draft, peaks: [u64; 4], pages: u64, busy: u64) -> Draft {
    let draft = draft
        .count("pages", pages)
        .count("most_in_1_second", peaks[0])
        .count("most_in_10_seconds", peaks[1])
        .count("most_in_60_seconds", peaks[2])
        .count("most_in_300_seconds", peaks[3]);
    let draft = match facts.crowd.pace() {
        Some(pace) => draft
            .count("people_in_10_seconds", pace.most[1])
            .count("people_in_300_seconds", pace.most[3]),
        None => draft,
    };
    match facts.aggregate.busy_centis() {
        0 => draft,
        all => draft.evidence("share_of_time", Evidence::Ratio(busy as f64 / all as f64)),
    }
}

/// Those of them who were there at one time: as many as there are at any.
fn at_once<'v, 'a>(members: &[&'v Visitor<'a>]) -> Vec<&'v Visitor<'a>> {
    // Windows of ten seconds are the same where these are no further apart.
    let known = members.iter().filter_map(|visitor| {
        let (first, last) = visitor.known_period()?;
        Some((first, last.saturating_add(10), *visitor))
    });
    let known: Vec<(u32, u32, &Visitor<'_>)> = known.collect();
    let mut ends: Vec<(u32, i32)> =
        known.iter().flat_map(|(first, last, _)| [(*first, -1), (*last, 1)]).collect();
    // Where one begins as another ends both count: beginnings first.
    ends.sort_unstable();
    let (mut here, mut most, mut moment) = (0, 0, 0);
    for (at, change) in ends {
        here -= change;
        if here > most {
            (most, moment) = (here, at);
        }
    }
    let is_there = |(first, last, _): &&(u32, u32, _)| (*first..=*last).contains(&moment);
    known.iter().filter(is_there).map(|(_, _, visitor)| *visitor).collect()
}

fn of_network(
    facts: &Facts<'_>,
    bounds: &Bounds,
    limits: &Limits<'_>,
    network: &[u8],
    members: &[&Visitor<'_>],
) -> Option<Finding> {
    let members = at_once(members);
    if (members.len() as u64) < limits.count("clients").max(2)
        || members.iter().any(|visitor| bounds.is_passed(visitor))
    {
        return None;
    }
    let sum = |of: &dyn Fn(&Visitor<'_>) -> u64| {
        members.iter().fold(0_u64, |sum, visitor| sum.saturating_add(of(visitor)))
    };
    let peaks = [0, 1, 2, 3].map(|at| sum(&|visitor| visitor.peaks()[at]));
    let top = members.iter().map(|visitor| visitor.peaks()[1]).max().unwrap_or(0);
    if peaks[1] < bounds.in_ten_seconds
        || (peaks[1] as f64) < top as f64 * limits.of("network_times")
    {
        return None;
    }
    let periods = members.iter().map(|visitor| visitor.period(facts));
    let period = periods.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let title = Sentence::new(format!(
        "{} of {} asked for {} in ten seconds together, none of them for many",
        plural(members.len() as u64, "client", "clients"),
        String::from_utf8_lossy(network),
        plural(peaks[1], "page", "pages")
    ));
    let action = Sentence::new(
        "limit the network as one: a zone of limit_req whose key is the address without its last 8 bits, or \
         the first 64 of IPv6 (a map)",
    );
    let requests = sum(&|visitor| visitor.requests());
    let draft = Draft::new(&DETECTOR, of("network", network), score(peaks[1], None), requests)
        .seen(members.len() as u64, period)
        .says(title, action);
    let (pages, busy) =
        (sum(&|visitor| visitor.pages()), sum(&|visitor| visitor.counts.visits().busy_centis()));
    let mut examples: Vec<(&[u8], u64)> =
        members.iter().map(|visitor| (visitor.client, visitor.requests())).collect();
    examples.sort_by_key(|(client, requests)| (std::cmp::Reverse(*requests), *client));
    let draft = evidence(facts, draft, peaks, pages, busy).examples("client", examples);
    // Who is there for long need not have been fast when others were.
    let is_brief = members.iter().all(|visitor| {
        let (first, last) = visitor.period(facts);
        last - first <= BRIEF_SECONDS
    });
    let most = if is_brief { Severity::Medium } else { Severity::Low };
    Some(draft.at_most(most).done())
}
