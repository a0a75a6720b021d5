//! What the detectors about crawlers share.

use crate::aggregate::crawls::{CrawlerCounts, Outcome, Outcomes};
use crate::classify::crawlers::{Crawler, Purpose};
use crate::detect::facts::{Facts, FailedPath};
use crate::record::Address;
use crate::report::Evidence;

/// The crawlers of search engines with the right address. To turn others away, such as those who train
/// language models, is a choice.
pub fn verified<'a>(
    facts: &Facts<'a>,
) -> impl Iterator<Item = (&'static Crawler, u8, &'a CrawlerCounts)> {
    let has_addresses = facts.has_addresses;
    let crawlers = facts.aggregate.crawls().crawlers();
    crawlers.filter_map(move |((number, address), counts)| {
        let crawler = Facts::crawler(number);
        let is_search = crawler.purpose == Purpose::Search;
        let is_it = has_addresses && address == Address::Listed && is_search;
        is_it.then_some((crawler, number, counts))
    })
}

/// The paths on which a verified crawler met one outcome, with how often, most first.
pub fn paths_with<'f, 'a>(
    facts: &'f Facts<'a>,
    crawler: u8,
    outcome: Outcome,
) -> Vec<(&'f FailedPath<'a>, u64)> {
    let of_path = |path: &'f FailedPath<'a>| {
        let crawlers = path.of_path.crawlers.as_ref()?;
        let is_it = |error: &crate::aggregate::missing::CrawlerError| {
            error.crawler == crawler && error.address == Address::Listed && error.outcome == outcome
        };
        Some((path, crawlers.iter().find(is_it)?.requests))
    };
    let mut paths: Vec<_> = facts.failed.iter().filter_map(of_path).collect();
    paths.sort_by(|one, other| (other.1, one.0.key).cmp(&(one.1, other.0.key)));
    paths
}

/// Their paths with their requests, as examples.
pub fn examples<'a>(paths: &[(&FailedPath<'a>, u64)]) -> Vec<(&'a [u8], u64)> {
    paths.iter().map(|(path, requests)| (path.key.tail, *requests)).collect()
}

/// The most of one outcome on one day.
pub fn worst_day(days: &[(u32, Outcomes)], of: impl Fn(&Outcomes) -> u64) -> u64 {
    days.iter().map(|(_, outcomes)| of(outcomes)).max().unwrap_or(0)
}

/// How a crawler's requests ended, for evidence.
pub fn outcomes(counts: &CrawlerCounts) -> Evidence {
    let names = [
        (Outcome::Page, "page"),
        (Outcome::Asset, "asset"),
        (Outcome::Unchanged, "unchanged"),
        (Outcome::Redirect, "redirect"),
        (Outcome::Missing, "missing"),
        (Outcome::Denied, "denied"),
        (Outcome::Limited, "limited"),
        (Outcome::Unavailable, "unavailable"),
        (Outcome::TimedOut, "timed-out"),
        (Outcome::ServerError, "server-error"),
        (Outcome::Other, "other"),
    ];
    let counted = names.into_iter().map(|(outcome, name)| (name, counts.outcomes.of(outcome)));
    Evidence::Names(counted.filter(|(_, requests)| *requests > 0).collect())
}
