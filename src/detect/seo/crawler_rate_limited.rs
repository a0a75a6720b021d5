//! A limit turns search engines away.

use super::crawlers::{examples, outcomes, paths_with, verified};
use crate::aggregate::crawls::{CrawlerCounts, Outcome};
use crate::classify::crawlers::Crawler;
use crate::classify::roots::RootFile;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "crawler-rate-limited",
    group: Group::Seo,
    summary: "a search engine is turned away by a rate limit (429, 444)",
    explain: "The site's rate limit hits a search engine. Google takes 429, as it takes 503 and a connection \
        that is closed without an answer (444), for an overloaded server: it fetches less of the whole host, \
        also of pages that answer well, and when the same page gets such answers for more than two days it \
        drops it from the index. nginx answers a limit with 503 unless limit_req_status says otherwise, and a \
        log cannot tell that from a server that is down: such answers stand beside it as unavailable. It is \
        sure that it was the search engine (by its address). What to do: exempt the engine's published \
        addresses from the limit, by address and not by name, since anyone can use the name; logscan \
        --remedy DIR writes such a list for nginx. Never limit robots.txt. If the load of the crawler itself \
        is the problem, 503 or 429 with Retry-After is right, for a day at most. Sources: Google, \"Reduce \
        Google crawl rate\", \"HTTP status codes, network and DNS errors\" and \"Troubleshoot crawling \
        errors\" (two days).",
    statuses: &[429, 444],
    thresholds: &[
        Threshold { name: "requests", value: 5.0, summary: "requests that were limited, at least" },
        Threshold { name: "share", value: 0.01, summary: "of all its requests, at least" },
    ],
    find,
    fires_on: &[
        "40x google 0d10:00+1m /p{n} 200\n8x google 0d11:00+1m /q{n} 429\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
    silent_on: &[
        // Not the real one.
        "40x 198.18.1.7 0d10:00+1m /p{n} 200 ua=google\n8x 198.18.1.7 0d11:00+1m /q{n} 429 ua=google\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        // Once in a while.
        "600x google 0d10:00+1m /p{n} 200\n5x google 0d11:00+1m /q{n} 429\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // The site was down, for all.
        "40x google 0d10:00+1m /p{n} 200\n8x google 0d11:00+1m /q{n} 502\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    verified(facts)
        .filter_map(|(crawler, number, counts)| judge(facts, limits, crawler, number, counts))
        .collect()
}

fn judge(
    facts: &Facts<'_>,
    limits: &Limits<'_>,
    crawler: &Crawler,
    number: u8,
    counts: &CrawlerCounts,
) -> Option<Finding> {
    let limited = counts.outcomes.of(Outcome::Limited);
    let share = limited as f64 / counts.outcomes.total().max(1) as f64;
    if limited < limits.count("requests") || share < limits.of("share") {
        return None;
    }
    let paths = paths_with(facts, number, Outcome::Limited);
    let is_robots =
        paths.iter().any(|(path, _)| RootFile::of(path.key.tail) == Some(RootFile::Robots));
    let days = paths.iter().filter(|(_, requests)| *requests >= 2);
    let days = days.filter_map(|(path, _)| path.of_path.crawlers.as_ref());
    let is_on_two_days = days.into_iter().any(|crawlers| crawlers.days[1].count_ones() >= 2);
    let score = Score { weight: 1.0, size: paths.len() as f64, size_max: 200.0, seen: limited };
    let title = Sentence::new(format!(
        "{} was turned away by a rate limit in {} ({:.1} %)",
        crawler.name,
        plural(limited, "request", "requests"),
        share * 100.0
    ));
    let action = Sentence::new(format!(
        "exempt the published addresses of {} from the limit, by address, not by name",
        crawler.name
    ));
    let draft = Draft::new(&DETECTOR, of("crawler", crawler.name.as_bytes()), score.get(), limited)
        .seen(counts.clients.count(), counts.period.get())
        .says(title, action)
        .evidence("share", Evidence::Ratio(share))
        .count("paths", paths.len() as u64)
        .evidence("outcomes", outcomes(counts))
        .examples("path", examples(&paths));
    let draft = match (is_on_two_days, share >= 0.05 || is_robots) {
        (true, _) => draft.at_least(Severity::Critical),
        (false, true) => draft.at_least(Severity::High),
        (false, false) => draft.at_least(Severity::Medium),
    };
    Some(draft.done())
}
