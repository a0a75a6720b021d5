//! A search engine keeps asking for what was never there.

use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, days_words, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "crawled-not-found",
    group: Group::Seo,
    summary: "search engines ask again and again, over weeks, for an address that is not there",
    explain: "A search engine remembers an address, or finds a link to it somewhere, and asks for it again \
        now and then. That is normal and does no harm: 404s do not use up what a search engine is willing to \
        fetch of a site (crawl budget), and it never quite forgets an address. It is worth a look only because \
        an important page may have had that address once. It is sure that it was the search engine (by its \
        address) and that the page was never served in this log; what was before, the log cannot know. What \
        to do: usually nothing. If the page is gone for good you may answer 410, which Google treats as 404; \
        if it moved, answer 301. Take it out of the sitemap. Do not forbid it in robots.txt: then the engine \
        cannot learn that it is gone. Sources: Google, \"Myths and facts about crawling\" and \"Optimize your \
        crawl budget\"; Bing Webmaster, \"Crawl information\".",
    statuses: &[404],
    thresholds: &[
        Threshold { name: "days", value: 3.0, summary: "days on which it was asked for, at least" },
        Threshold { name: "span_days", value: 14.0, summary: "days from the first to the last" },
    ],
    find,
    fires_on: &["4x google 0d10:00+6d /old 404\n9x 198.18.{n}.7 0d10:00+1d / 200"],
    silent_on: &[
        // Some days only.
        "4x google 0d10:00+1d /old 404\n9x 198.18.{n}.7 0d10:00+1d / 200",
        // Not the real one.
        "4x 198.18.1.7 0d10:00+6d /old 404 ua=google\n9x 198.18.{n}.7 0d10:00+1d / 200",
        // What is asked for where nobody knows whether it is there.
        "4x google 0d10:00+6d /robots.txt 404\n9x 198.18.{n}.7 0d10:00+1d / 200",
        // Somebody links to it: that comes first.
        "4x google 0d10:00+6d /old 404\n9x 198.18.{n}.7 0d10:00+1d / 200\n\
         3x 198.18.{n}.7 0d11:00+1d /old 404 ref=https://blog.example/",
        // It is 410 already.
        "4x google 0d10:00+6d /old 410\n9x 198.18.{n}.7 0d10:00+1d / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    facts.failed.iter().filter_map(|path| judge(facts, path, limits)).collect()
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let crawlers = path.of_path.crawlers.as_ref()?;
    let (first, last) = crawlers.missing.get()?;
    let days = u64::from(crawlers.days[0].count_ones());
    let is_linked = path.of_path.links.as_ref().is_some_and(|links| !links.is_empty());
    if path.succeeded() > 0
        || path.is_unlinked
        || path.gone > 0
        || is_linked
        || !facts.has_addresses
        || days < limits.count("days")
        || f64::from(last - first) < limits.of("span_days") * 86_400.0
    {
        return None;
    }
    let crawled = path.crawled();
    let score = Score { weight: 0.2, size: crawled as f64, size_max: 500.0, seen: crawled };
    let title = Sentence::new("search engines asked for ").text(path.key.tail).words(format!(
        " {} on {}, and it was not there once in this log",
        plural(crawled, "time", "times"),
        days_words(days)
    ));
    let fix = facts.nearest(path.key);
    let action = match &fix {
        Some(fix) => {
            Sentence::new("if it moved, redirect it with 301, it seems to ").text(fix.text.bytes())
        }
        None => Sentence::new("leave it, or answer 410 if it is gone for good"),
    };
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), path.missing)
        .seen(path.clients(), Some((first, last)))
        .says(title, action)
        .count("crawler_requests", crawled)
        .count("days", days)
        .fix(fix);
    Some(finding.at_most(Severity::Low).done())
}
