//! Crawlers that train language models take a large part of the server's time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::aggregate::counts::Period;
use crate::aggregate::distinct::Distinct;
use crate::classify::crawlers::Purpose;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Address;
use crate::report::{Evidence, Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "crawler-load",
    group: Group::Rate,
    summary: "crawlers for the training of language models take a fifth or more of all time",
    explain: "Crawlers that collect texts for the training of language models (GPTBot, ClaudeBot, CCBot, \
        Bytespider, meta-externalagent, Amazonbot) take a large part of the time that all requests took, or, \
        where the log has no times, of all requests. They bring nobody to the site; whether they are welcome \
        is for you to say. Search engines, and crawlers that fetch a page because somebody asked, are not \
        counted. How sure it is: they are told by the names that they give themselves, which anyone can use; \
        where the publisher has a list of addresses, the part that comes from there is told. What to do: tell \
        them in robots.txt (a group for the name, with Disallow or Crawl-delay, which not all of them heed), or \
        give them one limit_req zone of their own, with a key that is empty for all others, so that they \
        share a rate that the server can spare. Sources: OpenAI, \"Overview of OpenAI Crawlers\"; Anthropic, \
        \"Does Anthropic crawl data from the web\"; Common Crawl, CCBot; RFC 9309; nginx, \
        ngx_http_limit_req_module; the threshold is ours.",
    statuses: &[],
    thresholds: &[
        Threshold { name: "share", value: 0.2, summary: "of all time, of all of them, at least" },
        Threshold { name: "requests", value: 500.0, summary: "their requests, at least" },
    ],
    find,
    fires_on: &[
        "600x 198.18.1.7 0d10:00+10s /p{n} 200 ua=gptbot\n99x 198.18.{n}.9 0d10:00+1m / 200",
        // Few requests, but slow ones.
        "600x 198.18.1.7 0d10:00+10s /p{n} 200 ua=gptbot rt=2.000\n\
         4000x 198.18.2.9 0d10:00+1s / 200 rt=0.010",
    ],
    silent_on: &[
        "400x 198.18.1.7 0d10:00+10s /p{n} 200 ua=gptbot\n99x 198.18.{n}.9 0d10:00+1m / 200",
        "600x google 0d10:00+10s /p{n} 200\n99x 198.18.{n}.9 0d10:00+1m / 200",
        "600x 198.18.1.7 0d10:00+10s /p{n} 200 ua=gptbot\n4000x 198.18.2.9 0d10:00+1s / 200",
    ],
};

/// What a crawler took.
#[derive(Default)]
struct Taken {
    requests: u64,
    busy_centis: u64,
    listed: u64,
    clients: Distinct<13>,
    period: Period,
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    judge(facts, limits).into_iter().collect()
}

fn judge(facts: &Facts<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let mut by_name: BTreeMap<&'static str, Taken> = BTreeMap::new();
    let mut clients = Distinct::<13>::default();
    for ((number, address), counts) in facts.aggregate.crawls().crawlers() {
        let crawler = Facts::crawler(number);
        if crawler.purpose != Purpose::Training {
            continue;
        }
        let taken = by_name.entry(crawler.name).or_default();
        let requests = counts.outcomes.total();
        taken.requests = taken.requests.saturating_add(requests);
        taken.busy_centis = taken.busy_centis.saturating_add(counts.busy_centis);
        if address == Address::Listed && facts.has_addresses {
            taken.listed = taken.listed.saturating_add(requests);
        }
        taken.clients.merge(counts.clients.clone());
        taken.period.merge(counts.period);
        clients.merge(counts.clients.clone());
    }
    let sum = |of: &dyn Fn(&Taken) -> u64| {
        by_name.values().fold(0_u64, |sum, taken| sum.saturating_add(of(taken)))
    };
    let (requests, busy) = (sum(&|taken| taken.requests), sum(&|taken| taken.busy_centis));
    let has_times = facts.aggregate.busy_centis() > 0;
    let share = |requests: u64, busy: u64| match has_times {
        true => busy as f64 / facts.aggregate.busy_centis().max(1) as f64,
        false => requests as f64 / facts.aggregate.requests().max(1) as f64,
    };
    let of_all = share(requests, busy);
    if requests < limits.count("requests").max(1) || of_all < limits.of("share") {
        return None;
    }
    let weight = |taken: &Taken| if has_times { taken.busy_centis } else { taken.requests };
    let (name, most) =
        by_name.iter().max_by_key(|(name, taken)| (weight(taken), Reverse(**name)))?;
    let mut period = Period::default();
    by_name.values().for_each(|taken| period.merge(taken.period));
    let of_most = share(most.requests, most.busy_centis);
    let what = if has_times { "of the time of all requests" } else { "of all requests" };
    let title = Sentence::new(match by_name.len() {
        1 => format!("{name} takes {:.0} % {what}", of_all * 100.0),
        others => format!(
            "{} for the training of language models take {:.0} % {what}, {name} alone {:.0} %",
            plural(others as u64, "crawler", "crawlers"),
            of_all * 100.0,
            of_most * 100.0
        ),
    });
    let action = Sentence::new(format!(
        "tell {name} in robots.txt what it may fetch, or give such crawlers one limit_req zone of their own"
    ));
    let mut names: Vec<(&str, u64)> =
        by_name.iter().map(|(name, taken)| (*name, taken.requests)).collect();
    names.sort_by_key(|(name, requests)| (Reverse(*requests), *name));
    let score = Score { weight: 0.5, size: requests as f64, size_max: 1e6, seen: requests };
    let listed = sum(&|taken| taken.listed) as f64 / requests.max(1) as f64;
    let finding = Draft::new(&DETECTOR, of("crawler", name.as_bytes()), score.get(), requests)
        .seen(clients.count(), period.get())
        .says(title, action)
        .evidence("measured_by", Evidence::Words(if has_times { "time" } else { "requests" }))
        .evidence("share", Evidence::Ratio(of_all))
        .evidence("share_of_crawler", Evidence::Ratio(of_most))
        .evidence("share_from_listed_addresses", Evidence::Ratio(listed))
        .examples("crawler", names);
    Some(finding.done())
}
