//! A page that is there at one moment and not at the next.

use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "flapping-page",
    group: Group::Seo,
    summary: "a page answers 200 and 404 by turns",
    explain: "The same address is served at one moment and is missing at the next, many times over. Mostly \
        one of several servers or caches behind the balancer lacks what the others have, or a cache keeps an \
        old 404 (RFC 9110 allows that without being told). A search engine that meets the 404 drops the page, \
        takes it in again later, and trusts it less. How sure it is: it must have changed at least so often \
        between being there and not, which is counted on parts of the log's time, so that ten changes within \
        a minute count once. What to do: ask each server behind the balancer for the page by itself, and \
        empty the caches. Goods that come and go should answer 200 with a note instead. Source: Google Search \
        Central, \"HTTP status codes, network and DNS errors\"; RFC 9110 §15.5.5.",
    statuses: &[404, 410],
    thresholds: &[
        Threshold {
            name: "changes",
            value: 4.0,
            summary: "changes between there and not, at least",
        },
        Threshold { name: "requests", value: 3.0, summary: "requests of each kind, at least" },
        Threshold { name: "minority", value: 0.1, summary: "share of the rarer kind, at least" },
    ],
    find,
    fires_on: &["10x 198.18.{n}.7 0d10:00+1h /page 200\n10x 198.18.{n}.9 0d10:30+1h /page 404"],
    silent_on: &[
        // It was lost, once.
        "10x 198.18.{n}.7 0d00:00+1h /page 200\n10x 198.18.{n}.9 0d12:00+1h /page 404",
        // It was away for some hours, once.
        "10x 198.18.{n}.7 0d00:00+1h /page 200\n10x 198.18.{n}.7 0d16:00+1h /page 200\n\
         5x 198.18.{n}.9 0d11:00+1h /page 404",
        // It is there, and what a query asks for is not.
        "10x 198.18.{n}.7 0d10:00+1h /item?id={n} 200\n10x 198.18.{n}.9 0d10:30+1h /item?id=9{n} 404",
        // All within some minutes: a deploy.
        "10x 198.18.{n}.7 0d10:00+1s /page 200\n10x 198.18.{n}.9 0d10:00+1s /page 404\n\
         9x 198.18.{n}.7 1d10:00+1h /page 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    facts.failed.iter().filter_map(|path| judge(facts, path, limits)).collect()
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let (there, away) = (path.succeeded(), path.missing);
    let rarer = there.min(away);
    if path.is_unlinked
        || path.is_missing_by_query()
        || rarer < limits.count("requests")
        || (rarer as f64) < limits.of("minority") * (there + away) as f64
    {
        return None;
    }
    let changes = u64::from(path.success().changes(path.of_path.missing));
    let (first, last) = path.missing_period()?;
    if changes < limits.count("changes") || last - first < 600 {
        return None;
    }
    let clients = facts.believed_clients(path);
    let score = Score {
        weight: 0.8,
        size: (path.crawled() + clients) as f64,
        size_max: 300.0,
        seen: changes,
    };
    let title = Sentence::new("").text(path.key.tail).words(format!(
        " is there at one moment and missing at the next: {} in {}",
        plural(away, "404", "404s"),
        plural(there + away, "request", "requests")
    ));
    let action = Sentence::new(
        "ask each server behind the balancer for it by itself, and empty the caches before them",
    );
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), away)
        .seen(clients, Some((first, last)))
        .says(title, action)
        .count("changes", changes)
        .count("succeeded", there)
        .count("missing", away)
        .count("crawler_requests", path.crawled());
    Some(finding.done())
}
