//! Search engines spend their requests on what leads nowhere.

use super::crawlers::{outcomes, verified};
use crate::aggregate::arena::Key;
use crate::aggregate::crawls::{CrawlerCounts, Outcome, Queried};
use crate::aggregate::shards::Counts;
use crate::classify::crawlers::Crawler;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, grouped, of, of_path};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "crawl-waste",
    group: Group::Seo,
    summary: "a search engine spends much of its requests on errors, limits or endless queries",
    explain: "A search engine fetches only so much of a host. What goes to errors of the server and limits, or \
        to one path with ever new queries (filters, sort orders, calendars, session numbers), is not spent on \
        pages that should be found, and on a large site new pages are found late. 404s are not counted here: \
        they do not use up what a search engine is willing to fetch, although many of them may point to a \
        broken link or an old sitemap, which is told beside it. It matters for sites of ten thousand pages and \
        more; below that it is told as low. It is sure that it was the search engine (by its address). What to \
        do: for endless queries, answer 404 where a combination has no results, keep one order of parameters, \
        and forbid in robots.txt those that only sort or filter; for errors and limits, mend those first. \
        Sources: Google, \"Myths and facts about crawling\", \"Optimize your crawl budget\" and \"Managing \
        crawling of faceted navigation URLs\".",
    statuses: &[],
    thresholds: &[
        Threshold { name: "requests", value: 200.0, summary: "requests of the crawler, at least" },
        Threshold { name: "share", value: 0.2, summary: "of them wasted, at least" },
        Threshold { name: "missing_share", value: 0.3, summary: "of them 404 or 410, at least" },
        Threshold {
            name: "query_requests",
            value: 500.0,
            summary: "requests for one path with a query",
        },
        Threshold { name: "query_share", value: 0.8, summary: "of them with a query of their own" },
    ],
    find,
    fires_on: &[
        "600x google 0d00:00+1m /list?page={n} 200\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "200x google 0d00:00+1m /p{n} 200\n90x google 0d10:00+1m /q{n} 503\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
    silent_on: &[
        "600x google 0d00:00+1m /p{n} 200\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // The same few queries.
        "600x google 0d00:00+1m /list?page=1 200\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "300x google 0d00:00+1m /p{n} 200\n60x google 0d10:00+1m /q{n} 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

/// A crawler that fetched so much has a large site before it.
const LARGE_REQUESTS: u64 = 10_000;

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let mixes = verified(facts).filter_map(|(crawler, _, counts)| mix(limits, crawler, counts));
    let queried = if facts.has_addresses { facts.aggregate.crawls().queried() } else { Vec::new() };
    let queried =
        queried.into_iter().filter_map(|(key, counts)| endless(facts, limits, key, counts));
    mixes.chain(queried).collect()
}

fn mix(limits: &Limits<'_>, crawler: &Crawler, counts: &CrawlerCounts) -> Option<Finding> {
    let all = counts.outcomes.total();
    if all < limits.count("requests") {
        return None;
    }
    let outcomes_wasted =
        [Outcome::Limited, Outcome::Unavailable, Outcome::ServerError, Outcome::TimedOut];
    let wasted: u64 = outcomes_wasted.iter().map(|outcome| counts.outcomes.of(*outcome)).sum();
    let missing = counts.outcomes.of(Outcome::Missing);
    let share = |part: u64| part as f64 / all as f64;
    let rose = rise(counts);
    let is_wasted = share(wasted) >= limits.of("share");
    if !is_wasted && share(missing) < limits.of("missing_share") && rose.is_none() {
        return None;
    }
    let requests = if is_wasted { wasted } else { missing };
    let title = Sentence::new(match is_wasted {
        true => format!(
            "{:.0} % of the requests of {} ended in errors of the server or limits",
            share(wasted) * 100.0,
            crawler.name
        ),
        false => format!(
            "{:.0} % of the requests of {} were for what is not there",
            share(missing) * 100.0,
            crawler.name
        ),
    });
    let action = Sentence::new(match is_wasted {
        true => "mend the errors and limits that it meets first",
        false => "look for broken links and an old sitemap; the 404s themselves cost nothing",
    });
    let severity = match () {
        // A site that is mostly down for a search engine drops out of it, large or small.
        () if is_wasted && share(wasted) >= 0.4 => Severity::High,
        () if is_wasted && all >= LARGE_REQUESTS => Severity::Medium,
        () if rose.is_some() && all >= LARGE_REQUESTS => Severity::Medium,
        () => Severity::Low,
    };
    let draft = Draft::new(&DETECTOR, of("crawler", crawler.name.as_bytes()), 0, requests)
        .seen(counts.clients.count(), counts.period.get())
        .says(title, action)
        .evidence("wasted_share", Evidence::Ratio(share(wasted)))
        .evidence("missing_share", Evidence::Ratio(share(missing)))
        .evidence("outcomes", outcomes(counts));
    let draft = match rose {
        Some(times) => draft.evidence("missing_rose_times", Evidence::Ratio(times)),
        None => draft,
    };
    Some(draft.at_least(severity).done())
}

/// By how much the share of what is missing rose on the last day over the middle one of the seven days
/// before it: three times and more, with fifty requests.
fn rise(counts: &CrawlerCounts) -> Option<f64> {
    let mut days = counts.days.iter().map(|(_, outcomes)| outcomes).rev();
    let last = days.next()?;
    let share = |day: &crate::aggregate::crawls::Outcomes| {
        day.of(Outcome::Missing) as f64 / day.total().max(1) as f64
    };
    let mut before: Vec<f64> = days.take(7).map(share).collect();
    if before.len() < 7 || last.of(Outcome::Missing) < 50 {
        return None;
    }
    before.sort_by(f64::total_cmp);
    let times = share(last) / before[3].max(0.01);
    (times >= 3.0).then_some(times)
}

fn endless(
    facts: &Facts<'_>,
    limits: &Limits<'_>,
    key: Key<'_>,
    counts: &Queried,
) -> Option<Finding> {
    let queries = counts.queries.count().min(counts.requests);
    let share = queries as f64 / counts.requests as f64;
    if counts.requests < limits.count("query_requests") || share < limits.of("query_share") {
        return None;
    }
    // What people use with as many queries is a search of the site, or a list that they page through.
    let all = facts.path(key.head, key.tail).map_or(0, |row| row.counts.head().requests());
    let others = all.saturating_sub(counts.requests);
    if others > queries {
        return None;
    }
    let score =
        Score { weight: 0.7, size: queries as f64, size_max: 100_000.0, seen: counts.requests };
    let title = Sentence::new("search engines asked for ").text(key.tail).words(format!(
        " with {} different queries in {} requests",
        grouped(queries),
        grouped(counts.requests)
    ));
    let action = Sentence::new(
        "answer 404 where a query has no results, keep one order of parameters, forbid those that only \
         sort or filter in robots.txt",
    );
    let draft = Draft::new(&DETECTOR, of_path(key), score.get(), counts.requests)
        .seen(0, Some(facts.period))
        .says(title, action)
        .count("queries", queries)
        .count("requests_of_others", others);
    let is_small = facts.aggregate.paths().len() as u64 + queries < LARGE_REQUESTS;
    Some(if is_small { draft.at_most(Severity::Low) } else { draft }.done())
}
