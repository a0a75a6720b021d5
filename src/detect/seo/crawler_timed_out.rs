//! Search engines give up waiting.

use super::crawlers::{examples, outcomes, paths_with, verified, worst_day};
use crate::aggregate::crawls::{CrawlerCounts, Outcome};
use crate::classify::crawlers::Crawler;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "crawler-timed-out",
    group: Group::Seo,
    summary: "a search engine hangs up before the answer comes (499), or gets 408 or 504",
    explain: "The search engine waited, and left before the answer came: nginx logs that as 499, a proxy that \
        gives up as 504. To the engine the server is slow or broken: it lowers what it fetches of the whole \
        host (crawl capacity), so that new and changed pages are found later. It is sure that it was the \
        search engine (by its address). What to do: look at the slowest of the pages named under examples, at \
        the time of day at which it happens, and at the database or service behind them; a cache before them \
        helps most. Where the log has request times, logscan shows them beside the status 499. Sources: \
        Google, \"Optimize your crawl budget\" (crawl capacity limit); nginx, ngx_http_request.h (499).",
    statuses: &[408, 499],
    thresholds: &[
        Threshold { name: "share", value: 0.02, summary: "of all its requests, at least" },
        Threshold { name: "per_day", value: 10.0, summary: "on its worst day, at least" },
    ],
    find,
    fires_on: &[
        "60x google 0d10:00+1m /p{n} 200\n15x google 0d11:00+1m /q{n} 499\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
    silent_on: &[
        "60x google 0d10:00+1m /p{n} 200\n15x 198.18.1.7 0d11:00+1m /q{n} 499\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        "60x google 0d10:00+1m /p{n} 200\n5x google 0d11:00+1m /q{n} 499\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "999x google 0d10:00+1m /p{n} 200\n15x google 0d11:00+1m /q{n} 499\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
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
    let timed_out = counts.outcomes.of(Outcome::TimedOut);
    let share = timed_out as f64 / counts.outcomes.total().max(1) as f64;
    let worst = worst_day(&counts.days, |outcomes| outcomes.of(Outcome::TimedOut));
    if share < limits.of("share") || worst < limits.count("per_day") {
        return None;
    }
    let paths = paths_with(facts, number, Outcome::TimedOut);
    let score = Score { weight: 0.6, size: timed_out as f64, size_max: 1_000.0, seen: timed_out };
    let title = Sentence::new(format!(
        "{} left before the answer came in {} ({:.1} %)",
        crawler.name,
        plural(timed_out, "request", "requests"),
        share * 100.0
    ));
    let action = Sentence::new("make the slowest of these pages faster, or cache them");
    let finding =
        Draft::new(&DETECTOR, of("crawler", crawler.name.as_bytes()), score.get(), timed_out)
            .seen(counts.clients.count(), counts.period.get())
            .says(title, action)
            .evidence("share", Evidence::Ratio(share))
            .count("most_in_a_day", worst)
            .evidence("outcomes", outcomes(counts))
            .examples("path", examples(&paths));
    Some(finding.at_least(Severity::Medium).done())
}
