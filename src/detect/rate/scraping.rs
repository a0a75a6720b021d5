//! Somebody fetches page after page, and nothing else.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::crowd::HEAVY_PAGES;
use super::visitor::{Standing, Visitor};
use crate::classify::ranges;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "scraping",
    group: Group::Rate,
    summary: "a client fetches one page after the other, by no link and nothing of what they show",
    explain: "A client fetched hundreds of different pages, without a referer and without pictures, styles or \
        scripts, for ten minutes and longer: a program that copies the site. Whether that is unwelcome is for \
        you to say: shops and publishers lose by it, an archive or a partner may be meant to. Crawlers whose \
        addresses are in their publishers' lists, monitoring and readers of feeds are not told; what says that \
        it is a crawler is told as low, for robots.txt is the place for it. How many of the pages were \
        different is estimated, with a standard error of a quarter, and no more is asked than half. Where the \
        log shows no people that fetch what pages show (it lies on another host), or has no referers, programs \
        cannot be told from others and it is low. It is never more than medium. What to do: limit pages (not \
        what they show) for each address; name the crawlers that you do not want in robots.txt, and deny those \
        that do not heed it. Sources: OWASP Automated Threats, OAT-011 Scraping; CrowdSec hub, \
        http-crawl-non_statics; RFC 9309 (robots.txt); thresholds are ours.",
    statuses: &[],
    thresholds: &[
        Threshold { name: "pages", value: 200.0, summary: "pages by no link, at least" },
        Threshold { name: "distinct_share", value: 0.5, summary: "of them different, at least" },
        Threshold {
            name: "page_share",
            value: 0.95,
            summary: "pages of all its requests, at least",
        },
        Threshold { name: "unreferred_share", value: 0.9, summary: "of its pages by no link" },
        Threshold { name: "minutes", value: 10.0, summary: "minutes from first to last, at least" },
        Threshold {
            name: "clients",
            value: 4.0,
            summary: "such in one network, to be told as one",
        },
    ],
    find,
    fires_on: &[
        "300x 198.18.1.7 0d10:00+5s /product/{n} 200 ua=python\n\
         25x 198.18.{n}.9 0d10:00+1m / 200\n25x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // It says that it is a browser.
        "300x 198.18.1.7 0d10:00+5s /product/{n} 200 ua=chrome\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // A network.
        "250x 198.18.1.7 0d10:00+5s /p/{n} 200 ua=curl\n250x 198.18.1.8 0d10:00+5s /q/{n} 200 ua=curl\n\
         250x 198.18.1.9 0d10:00+5s /r/{n} 200 ua=curl\n250x 198.18.1.10 0d10:00+5s /s/{n} 200 ua=curl",
    ],
    silent_on: &[
        "300x google 0d10:00+5s /product/{n} 200\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // The same page again.
        "300x 198.18.1.7 0d10:00+5s /status 200 ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        "300x 198.18.1.7 0d10:00+5s /product/{n} 200 ref=https://shop.example/\n\
         9x 198.18.{n}.9 0d10:00+1h / 200",
        "300x 198.18.1.7 0d10:00+5s /product/{n} 200\n99x 198.18.1.7 0d10:00+5s /a{n}.png 200\n\
         9x 198.18.{n}.9 0d10:00+1h / 200",
        // It tries addresses, and finds nothing.
        "300x 198.18.1.7 0d10:00+5s /product/{n} 404 ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        "300x 198.18.1.7 0d10:00+1s /product/{n} 200 ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
    ],
};

/// Whether it does as scrapers do, with at least so many pages.
fn is_scraper(visitor: &Visitor<'_>, limits: &Limits<'_>, least: u64) -> bool {
    let visits = visitor.counts.visits();
    let (pages, unreferred) = (visits.pages() as f64, visits.unreferred());
    let seconds = visits.unreferred_period().map_or(0, |(first, last)| last.saturating_sub(first));
    !matches!(visitor.standing, Standing::Verified | Standing::Monitor | Standing::Feed)
        && unreferred >= least.max(1)
        && unreferred as f64 >= limits.of("unreferred_share") * pages
        && pages >= limits.of("page_share") * visitor.requests() as f64
        && f64::from(seconds) >= limits.of("minutes") * 60.0
        && visits.unreferred_paths() as f64 >= limits.of("distinct_share") * unreferred as f64
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    if !facts.has_addresses {
        return Found::default();
    }
    // Of a network each may have fetched no more than a part.
    let pages = limits.count("pages").max(1);
    let clients = limits.count("clients").max(2);
    let part = (pages / 10).max(HEAVY_PAGES);
    let mut networks: BTreeMap<String, Vec<&Visitor<'_>>> = BTreeMap::new();
    let like_scrapers = facts.crowd.heavy().iter().filter(|one| is_scraper(one, limits, part));
    for visitor in like_scrapers {
        // Who has no public address is a network by itself.
        let alone = || format!("#{}", String::from_utf8_lossy(visitor.client));
        let network = ranges::network_text(visitor.client).unwrap_or_else(alone);
        networks.entry(network).or_default().push(visitor);
    }
    let unreferred = |visitor: &&Visitor<'_>| visitor.counts.visits().unreferred();
    let findings = networks.into_iter().flat_map(|(network, members)| {
        let all: u64 = members.iter().map(unreferred).sum();
        match members.len() as u64 >= clients && all >= pages {
            true => vec![finding(facts, Some(network.as_bytes()), &members)],
            false => {
                let whole = members.iter().filter(|member| unreferred(member) >= pages);
                whole.map(|visitor| finding(facts, None, &[*visitor])).collect()
            }
        }
    });
    findings.collect()
}

/// What there is to say of the clients of a network, or of one client.
fn finding(facts: &Facts<'_>, network: Option<&[u8]>, members: &[&Visitor<'_>]) -> Finding {
    let sum = |of: &dyn Fn(&Visitor<'_>) -> u64| {
        members.iter().fold(0_u64, |sum, visitor| sum.saturating_add(of(visitor)))
    };
    let distinct = sum(&|visitor| visitor.counts.visits().unreferred_paths());
    let (pages, requests) = (sum(&|visitor| visitor.pages()), sum(&|visitor| visitor.requests()));
    let score = Score { weight: 0.6, size: distinct as f64, size_max: 1e5, seen: pages };
    let subject = match (network, members) {
        (Some(network), _) => of("network", network),
        (None, [visitor, ..]) => of("client", visitor.client),
        (None, []) => of("client", b""),
    };
    let value = subject.value.clone();
    let title = Sentence::new("").text(value.bytes()).words(format!(
        " fetched {}, about {:.0} % of them different, by no link and nothing of what they show",
        plural(pages, "page", "pages"),
        100.0 * distinct as f64 / pages.max(1) as f64
    ));
    let is_crawler = members.iter().all(|visitor| visitor.standing == Standing::Crawler);
    let action = match is_crawler {
        true => Sentence::new(
            "tell it in robots.txt which pages it may fetch and how fast (Crawl-delay), if that is too much",
        ),
        false => Sentence::new(format!(
            "if it is not welcome, limit pages for each address ({}), or deny it",
            facts.crowd.sparing_limit(10)
        )),
    };
    let periods = members.iter().map(|visitor| visitor.period(facts));
    let period = periods.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let mut draft = Draft::new(&DETECTOR, subject, score.get(), requests)
        .seen(members.len() as u64, period)
        .says(title, action)
        .count("pages", pages)
        .count("distinct_pages", distinct)
        .evidence(
            "share_of_pages",
            Evidence::Ratio(pages as f64 / facts.aggregate.pages().max(1) as f64),
        );
    if let [visitor] = members {
        draft = draft
            .evidence("agent", Evidence::Text(visitor.agent_text()))
            .evidence("kind", Evidence::Words(visitor.standing.id()));
    } else {
        let mut examples: Vec<(&[u8], u64)> =
            members.iter().map(|visitor| (visitor.client, visitor.requests())).collect();
        examples.sort_by_key(|(client, requests)| (Reverse(*requests), *client));
        draft = draft.examples("client", examples);
    }
    // Where nobody has referers, or fetches what pages show, there is nothing to tell programs by.
    let pages_of_all = facts.aggregate.pages();
    let has_referers =
        facts.crowd.unreferred().saturating_mul(100) < pages_of_all.saturating_mul(99);
    let is_local = members.iter().all(|visitor| visitor.is_local());
    let is_vague = facts.crowd.people() == 0 || !has_referers;
    let most = if is_crawler || is_local || is_vague { Severity::Low } else { Severity::Medium };
    draft.at_most(most).done()
}
