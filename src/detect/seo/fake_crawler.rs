//! Somebody uses the name of a crawler.

use super::crawlers::outcomes;
use crate::aggregate::crawls::CrawlerCounts;
use crate::classify::crawlers::Crawler;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Address;
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "fake-crawler",
    group: Group::Seo,
    summary: "clients use a crawler's name and do not come from where it does",
    explain: "The user agent says Googlebot, bingbot or another crawler, and the address is none of those that \
        its publisher names. Anyone can write any name there: copiers of content and scanners do so to be let \
        through, and some tools for search engine optimisation to see what a crawler sees. It does no harm to \
        search by itself, but it spoils what statistics say about crawlers, and whoever lets clients through \
        by that name lets these through. How sure it is: as sure as the publisher's list is fresh; lists \
        change about once a month, so that with a list older than 60 days (seen from the log) this is never \
        more than info; give a new one with --crawler-ranges. If the addresses are your own audit tool's, all \
        is well. What to do: count crawlers by address; never exempt them from limits or blocks by name; limit \
        these clients as any other. Sources: Google, \"Verify requests from Google crawlers\"; the \
        publishers' lists.",
    statuses: &[],
    thresholds: &[Threshold { name: "requests", value: 3.0, summary: "their requests, at least" }],
    find,
    fires_on: &["4x 198.18.0.1 0d10:00+1m /p{n} 200 ua=google\n9x 198.18.{n}.7 0d10:00+1h / 200"],
    silent_on: &[
        "4x google 0d10:00+1m /p{n} 200\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // It comes from a private address: nobody knows who it is.
        "4x 192.168.0.1 0d10:00+1m /p{n} 200 ua=google\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "2x 198.18.0.1 0d10:00+1m /p{n} 200 ua=google\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let crawlers = facts.aggregate.crawls().crawlers();
    let fakes =
        crawlers.filter(|((_, address), _)| *address == Address::Unlisted && facts.has_addresses);
    fakes
        .filter_map(|((number, _), counts)| judge(facts, limits, Facts::crawler(number), counts))
        .collect()
}

fn judge(
    facts: &Facts<'_>,
    limits: &Limits<'_>,
    crawler: &Crawler,
    counts: &CrawlerCounts,
) -> Option<Finding> {
    let requests = counts.outcomes.total();
    if requests < limits.count("requests") {
        return None;
    }
    let same_name = facts.aggregate.crawls().crawlers();
    let same_name = same_name.filter(|((number, _), _)| Facts::crawler(*number) == crawler);
    let all: u64 = same_name.map(|(_, counts)| counts.outcomes.total()).sum();
    let share = requests as f64 / all.max(1) as f64;
    let clients = counts.clients.count();
    let score = Score {
        weight: if share >= 0.2 { 0.6 } else { 0.3 },
        size: requests as f64,
        size_max: 5_000.0,
        seen: clients,
    };
    let is_old = facts.lists.is_out_of_date(crawler, facts.period.1.into());
    let title = Sentence::new(format!(
        "{} used the name of {} in {}{}",
        plural(clients, "client", "clients"),
        crawler.name,
        plural(requests, "request", "requests"),
        if is_old { ", if a list of another time can be believed" } else { "" }
    ));
    let action = Sentence::new(match is_old {
        true => "give a list of the time of this log with --crawler-ranges, and look again",
        false => {
            "count and exempt crawlers by address, never by name, and limit these clients as any other"
        }
    });
    let draft =
        Draft::new(&DETECTOR, of("crawler", crawler.name.as_bytes()), score.get(), requests)
            .seen(clients, counts.period.get())
            .says(title, action)
            .evidence("share_of_that_name", Evidence::Ratio(share))
            .evidence("outcomes", outcomes(counts));
    let draft = match is_old {
        true => draft
            .evidence("list", Evidence::Words("of another time than the log"))
            .at_most(Severity::Info),
        false => draft.at_most(Severity::Medium),
    };
    Some(draft.done())
}
