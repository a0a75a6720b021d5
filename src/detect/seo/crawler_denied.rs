//! Search engines are refused what others get.

use super::crawlers::{examples, outcomes, paths_with, verified};
use crate::aggregate::crawls::{CrawlerCounts, Outcome};
use crate::classify::crawlers::Crawler;
use crate::detect::facts::{Facts, FailedPath, requests_of};
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "crawler-denied",
    group: Group::Seo,
    summary: "a search engine gets 401, 403 or 451 for pages that others get",
    explain: "The server, or a firewall or bot protection before it, refuses a search engine pages that it \
        gives to others. To Google 401, 403 and 451 mean that the page does not exist: it drops it from the \
        index, as it would for 404. They do not slow a crawler down either; 429 and 503 are for that. A block \
        by country has the same effect, since Google fetches mostly from the United States. It is sure that it \
        was the search engine (by its address), and that others got the same pages in the same time. What to \
        do: find the rule that refuses (firewall, bot protection, deny, geo) and exempt the engine's published \
        addresses, by address and not by name. Sources: Google, \"Don't use 403s or 404s for rate limiting\" \
        (2023) and \"HTTP status codes, network and DNS errors\".",
    statuses: &[401, 403, 407, 451],
    thresholds: &[
        Threshold { name: "requests", value: 5.0, summary: "requests that were refused, at least" },
        Threshold { name: "paths", value: 2.0, summary: "paths that others get, at least" },
    ],
    find,
    fires_on: &["9x 198.18.{n}.7 0d10:00+1h /p{n} 200\n9x google 0d10:00+1h /p{n} 403"],
    silent_on: &[
        // Refused to everybody: it is private.
        "9x 198.18.{n}.7 0d10:00+1h /p{n} 403\n9x google 0d10:00+1h /p{n} 403\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        // Closed to all for a while.
        "9x 198.18.{n}.7 0d10:00+1h /p{n} 200\n9x 198.18.{n}.7 1d10:00+1h /p{n} 200\n\
         9x google 0d22:00+1m /p{n} 403\n9x 198.18.{n}.8 0d22:00+1m /p{n} 403\n\
         9x 198.18.{n}.9 0d22:00+1m /p{n} 403",
        // For those who are logged in.
        "9x 198.18.{n}.7 0d10:00+1h /account{n} 200\n9x google 0d10:30+1h /account{n} 403\n\
         9x 198.18.{n}.8 0d10:00+1h /account{n} 401\n9x 198.18.{n}.9 0d10:00+1h /account{n} 401",
        // Not the real one.
        "9x 198.18.{n}.7 0d10:00+1h /p{n} 200\n9x 198.18.0.1 0d10:00+1h /p{n} 403 ua=google",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    verified(facts)
        .filter_map(|(crawler, number, counts)| judge(facts, limits, crawler, number, counts))
        .collect()
}

/// Whether others had it in the time in which the crawler was refused it.
fn is_had_by_others(path: &FailedPath<'_>) -> bool {
    let refused = path.of_path.crawlers.as_ref().and_then(|crawlers| crawlers.denied.get());
    let (Some((first, last)), Some((from, until))) = (refused, path.success().get()) else {
        return false;
    };
    from <= last && first <= until
}

/// So many requests of people that were refused the same are too many for a rule against crawlers.
const BROWSERS_MAX: u64 = 3;

/// Requests of others that were refused too.
fn refused_to_others(path: &FailedPath<'_>) -> u64 {
    let all: u64 =
        [401, 403, 407, 451].into_iter().map(|code| requests_of(path.errors, code)).sum();
    let crawlers = path.of_path.crawlers.iter().flat_map(|crawlers| crawlers.iter());
    let of_crawlers = crawlers.filter(|error| error.outcome == Outcome::Denied);
    all.saturating_sub(of_crawlers.map(|error| error.requests).sum())
}

fn judge(
    facts: &Facts<'_>,
    limits: &Limits<'_>,
    crawler: &Crawler,
    number: u8,
    counts: &CrawlerCounts,
) -> Option<Finding> {
    let denied = counts.outcomes.of(Outcome::Denied);
    if denied < limits.count("requests") {
        return None;
    }
    let mut paths = paths_with(facts, number, Outcome::Denied);
    let legal: u64 = paths.iter().map(|(path, _)| requests_of(path.errors, 451)).sum();
    // Where most are refused it is private, or the site was closed to all.
    paths.retain(|(path, _)| is_had_by_others(path) && refused_to_others(path) < path.succeeded());
    let requests: u64 = paths.iter().map(|(_, requests)| requests).sum();
    let others: u64 = paths.iter().map(|(path, _)| refused_to_others(path)).sum();
    let browsers: u64 = paths
        .iter()
        .map(|(path, _)| refused_to_others(path).min(path.of_path.browsers.into()))
        .sum();
    // Where people are refused too it is for those who are logged in.
    if others > requests || browsers >= BROWSERS_MAX {
        return None;
    }
    if (paths.len() as u64) < limits.count("paths") || requests < limits.count("requests") {
        return None;
    }
    let share = requests as f64 / counts.outcomes.total().max(1) as f64;
    let score = Score { weight: 0.9, size: paths.len() as f64, size_max: 200.0, seen: requests };
    let title = Sentence::new(format!(
        "{} was refused {} that others get, in {}",
        crawler.name,
        plural(paths.len() as u64, "page", "pages"),
        plural(requests, "request", "requests")
    ));
    let action = Sentence::new(format!(
        "find the rule that refuses, and exempt the published addresses of {}",
        crawler.name
    ));
    let draft =
        Draft::new(&DETECTOR, of("crawler", crawler.name.as_bytes()), score.get(), requests)
            .seen(counts.clients.count(), counts.period.get())
            .says(title, action)
            .evidence("share", Evidence::Ratio(share))
            .count("paths", paths.len() as u64)
            .count("requests_451", legal)
            .evidence("outcomes", outcomes(counts))
            .examples("path", examples(&paths));
    let is_most = share >= 0.2;
    Some(draft.at_least(if is_most { Severity::Critical } else { Severity::High }).done())
}
