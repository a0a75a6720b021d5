//! What is asked for is nearly the address of a page that is there.

use crate::classify::referers;
use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "near-miss-url",
    group: Group::Seo,
    summary: "an address that answers 404 differs little from one that is there: a redirect would help",
    explain: "People or search engines ask for an address that does not exist, and one that does exist \
        differs from it only by a slash, by capitals, by a mark that was copied along, by a letter or by its \
        ending. A redirect (301) from the one to the other brings them where they wanted to go. How sure it \
        is stands beside the proposal in percent: the same address but for a slash or capitals is nearly \
        certain, a letter that differs is a guess. Numbers and identifiers are never taken for misspelt, and \
        nothing is ever sent to the home page. What to do: look at the proposal; if it is right, add the \
        redirect (logscan --remedy DIR writes them all for nginx and Apache) and mend the link where it \
        stands. Source: Google Search Central, \"Site moves with URL changes\"; \"Consolidate duplicate URLs\".",
    statuses: &[404],
    thresholds: &[
        Threshold {
            name: "relevance",
            value: 5.0,
            summary: "5 for each day of a verified crawler, 4 if it was there once, 3 for each own page and \
                2 for each other site that links to it, 1 for each client: at least",
        },
        Threshold {
            name: "confidence",
            value: 50.0,
            summary: "how sure the proposal is, in percent",
        },
    ],
    find,
    fires_on: &[
        "9x 198.18.{n}.7 0d10:00+1h /guide/setup 200\n6x 198.18.{n}.7 0d10:30+1h /Guide/Setup 404",
        "9x 198.18.{n}.7 0d10:00+1h /guide/setup 200\n6x 198.18.{n}.7 0d10:30+1h /guide/setup/ 404",
    ],
    silent_on: &[
        // One person.
        "9x 198.18.{n}.7 0d10:00+1h /guide/setup 200\n6x 198.18.1.7 0d10:30+1h /Guide/Setup 404",
        // Another page of a kind.
        "9x 198.18.{n}.7 0d10:00+1h /item/1234567 200\n6x 198.18.{n}.7 0d10:30+1h /item/1234568 404",
        // Nothing like it.
        "9x 198.18.{n}.7 0d10:00+1h /guide/setup 200\n6x 198.18.{n}.7 0d10:30+1h /quite/another 404",
        // What it could be was there only long ago.
        "9x 198.18.{n}.7 0d10:00+1m /guide/setup 200\n6x 198.18.{n}.7 8d10:30+1h /Guide/Setup 404\n\
         9x 198.18.{n}.7 0d10:00+1d / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    facts.failed.iter().filter_map(|path| judge(facts, path, limits)).collect()
}

/// How much a missing path matters for search: see the threshold.
fn relevance(facts: &Facts<'_>, path: &FailedPath<'_>) -> u64 {
    let crawlers = path.of_path.crawlers.as_ref().filter(|_| facts.has_addresses);
    let days = crawlers.map_or(0, |crawlers| u64::from(crawlers.days[0].count_ones()));
    let pages = path.of_path.referers.sorted();
    let is_own =
        |page: &[u8]| referers::host(page).is_some_and(|host| facts.is_own(host, path.key.head));
    let own = pages.iter().filter(|(page, _)| is_own(page)).count() as u64;
    let outside = (pages.len() as u64 - own).min(5);
    let own = own.min(5);
    let was_there = u64::from(path.succeeded() > 0);
    5 * days + 4 * was_there + 3 * own + 2 * outside + facts.believed_clients(path).min(10)
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    if path.is_asset || path.is_unlinked || !path.is_missing() || path.gone == path.missing {
        return None;
    }
    let relevance = relevance(facts, path);
    let clients = facts.believed_clients(path);
    // One who comes alone, without a search engine, has mistyped it.
    if relevance < limits.count("relevance") || (clients < 2 && path.crawled() == 0) {
        return None;
    }
    let fix = facts.nearest(path.key)?;
    if f64::from(fix.confidence_percent) < limits.of("confidence") {
        return None;
    }
    let score = Score {
        weight: 0.6 * f64::from(fix.confidence_percent) / 100.0,
        size: (relevance * path.missing) as f64,
        size_max: 500.0,
        seen: clients + path.crawled(),
    };
    let title = Sentence::new("")
        .text(path.key.tail)
        .words(format!(" is not there ({}), but ", plural(path.missing, "request", "requests")))
        .text(fix.text.bytes())
        .words(" is");
    let action = Sentence::new("redirect it with 301 to ").text(fix.text.bytes());
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), path.missing)
        .seen(clients, path.missing_period())
        .says(title, action)
        .count("relevance", relevance)
        .count("crawler_requests", path.crawled())
        .evidence("differs_by", Evidence::Words(fix.why))
        .count("confidence_percent", fix.confidence_percent.into())
        .pages("page", &path.of_path.referers);
    let is_sure = fix.confidence_percent >= 80;
    let finding = if is_sure { finding } else { finding.at_most(Severity::Low) };
    Some(finding.fix(Some(fix)).done())
}
