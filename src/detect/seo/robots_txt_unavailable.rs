//! Crawlers cannot have robots.txt.

use crate::aggregate::arena::Key;
use crate::aggregate::crawls::Outcome;
use crate::aggregate::roots::RootCounts;
use crate::classify::roots::RootFile;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "robots-txt-unavailable",
    group: Group::Seo,
    summary: "search engines get a limit, an error or a refusal for robots.txt",
    explain: "Before it fetches anything, a search engine asks for robots.txt, which says what it may fetch. If \
        the answer is 429, 444 (no answer at all), 499 or any 5xx, Google stops fetching the whole host for up \
        to 12 hours, where it has an older copy; then it goes by that copy for up to 30 days. RFC 9309 asks \
        crawlers to take an error of the server, or none at all, for \"everything is forbidden\". If the answer is another 4xx, there \
        are no rules: what was forbidden may be fetched; where there never was such a file that is in order. \
        It is sure that the real search engine asked (by its address). What to do: never limit, protect or \
        block robots.txt: in nginx give it a location of its own, location = /robots.txt { }, without \
        limit_req, auth and geo rules, and with a file behind it. Sources: Google, \"How Google interprets the \
        robots.txt specification\"; RFC 9309 §2.3.1.",
    statuses: &[],
    thresholds: &[Threshold {
        name: "requests",
        value: 2.0,
        summary: "requests of verified crawlers that failed, at least",
    }],
    find,
    fires_on: &[
        "4x google 0d10:00+2h /robots.txt 429\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "4x google 0d10:00+2h /robots.txt 200\n4x google 1d10:00+2h /robots.txt 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        "4x google 0d10:00+2h /robots.txt 403\n198.18.1.7 0d10:00 /robots.txt 200\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
    silent_on: &[
        // There never was one.
        "4x google 0d10:00+2h /robots.txt 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // It is not the search engine that was limited.
        "4x 198.18.1.7 0d10:00+2h /robots.txt 429\n4x google 0d10:00+2h /robots.txt 200\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        // It was not there a month ago, and somebody else was refused lately.
        "2x google 0d10:00+2h /robots.txt 404\n9x google 1d10:00+2h /robots.txt 200\n\
         3x 198.18.1.7 2d10:00+2h /robots.txt 403\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // Once, and all is well since.
        "google 0d10:00 /robots.txt 503\n4x google 0d12:00+2h /robots.txt 200\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    if !facts.has_addresses {
        return Found::default();
    }
    let files = facts.aggregate.roots().sorted().into_iter();
    let files = files.filter(|(key, _)| RootFile::of(key.tail) == Some(RootFile::Robots));
    files.filter_map(|(key, counts)| judge(key, counts, limits)).collect()
}

/// Requests that a search engine takes for an error of the server.
pub fn unavailable(counts: &RootCounts) -> u64 {
    let outcomes =
        [Outcome::Limited, Outcome::Unavailable, Outcome::TimedOut, Outcome::ServerError];
    outcomes.into_iter().map(|outcome| counts.verified.of(outcome)).sum()
}

fn judge(key: Key<'_>, counts: &RootCounts, limits: &Limits<'_>) -> Option<Finding> {
    let least = limits.count("requests");
    let unavailable = unavailable(counts);
    let missing = counts.verified.of(Outcome::Missing) + counts.verified.of(Outcome::Denied);
    let had = counts.crawled.get().map(|(_, last)| last);
    let is_since = |period: Option<(u32, u32)>| match (period, had) {
        (Some((first, _)), Some(had)) => had < first,
        (period, _) => period.is_some(),
    };
    let is_last = |period: Option<(u32, u32)>| match (period, had) {
        (Some((_, last)), Some(had)) => had < last,
        (period, _) => period.is_some(),
    };
    let share = unavailable as f64 / counts.verified.total().max(1) as f64;
    let failed = counts.crawled_unavailable.get();
    let not_found = counts.crawled_missing.get();
    let (severity, requests, period, what) = if unavailable >= least {
        let severity = match () {
            // Not once since it began.
            () if is_since(failed) && unavailable >= 3 => Severity::Critical,
            () if is_last(failed) || share >= 0.2 => Severity::High,
            () if share >= 0.05 => Severity::Medium,
            () => Severity::Low,
        };
        (severity, unavailable, failed, "could not have it: limits, errors or no answer in time")
    } else if missing >= least && is_last(not_found) {
        counts.succeeded.get()?;
        let what = match counts.verified.of(Outcome::Denied) {
            0 => "do not find it any more: there are no rules now",
            _ => "are refused: they go on as if there were no rules",
        };
        (Severity::High, missing, not_found, what)
    } else {
        return None;
    };
    let title = Sentence::new("search engines that ask for ")
        .text(key.tail)
        .words(format!(" {what} ({})", plural(requests, "request", "requests")));
    let action = Sentence::new(
        "give robots.txt a location of its own, without limits, log-in or blocking rules",
    );
    let statuses = counts.by_status.sorted();
    let worst = statuses.iter().filter(|(status, _)| !status.is_success());
    let worst = worst.max_by_key(|(_, requests)| *requests).map(|(status, _)| status.to_string());
    let finding = Draft::new(&DETECTOR, of_path(key), 0, requests)
        .seen_by_few(&counts.clients, period)
        .says(title, action)
        .count("crawler_requests", counts.verified.total())
        .count("crawler_requests_failed", requests)
        .moment("last_had", had)
        .moment("last_failed", period.map(|(_, last)| last));
    let finding = match worst {
        Some(status) => {
            finding.evidence("status", Evidence::Text(crate::untrusted::Untrusted::new(status)))
        }
        None => finding,
    };
    Some(finding.at_least(severity).done())
}
