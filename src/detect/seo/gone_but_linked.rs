//! Pages of the site link to what is gone on purpose.

use super::broken_internal_link::live_pages;
use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Cause;
use crate::report::{Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "gone-but-linked",
    group: Group::Seo,
    summary: "pages of the site still link to an address that answers 410 Gone",
    explain: "The server says that this is gone for good (410), and pages of this very site still send people \
        there. To answer 410 was right; what was forgotten is the link. How sure it is: several people came \
        from a page that was served, by what their browsers say (Referer). What to do: remove the link from \
        the pages named under examples, or let it lead to what replaces the page. There is no harm to the rest \
        of the site meanwhile. Source: RFC 9110 §15.5.11 (410: those who are responsible for links should \
        remove them); Google Search Central, \"Make your links crawlable\".",
    statuses: &[410],
    thresholds: &[Threshold {
        name: "clients",
        value: 2.0,
        summary: "clients that came from own pages, at least",
    }],
    find,
    fires_on: &["5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 410 ref=https://shop.example/guide"],
    silent_on: &[
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n3x 198.18.{n}.7 0d11:00+1m /old 410",
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         198.18.1.7 0d11:00+1m /old 410 ref=https://shop.example/guide",
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://shop.example/guide",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let clients_min = limits.count("clients");
    let gone = facts.failed.iter().filter(|path| path.gone > 0 && path.gone == path.missing);
    gone.filter_map(|path| judge(facts, path, clients_min)).collect()
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, clients_min: u64) -> Option<Finding> {
    let requests = path.caused(Cause::InternalLink) + path.caused(Cause::MissingAsset);
    let clients = facts.believed(&path.of_path.links.as_ref()?.own, requests);
    let pages = live_pages(facts, path);
    if clients < clients_min || pages.is_empty() || !path.is_missing() {
        return None;
    }
    let count = pages.len() as u64;
    let score =
        Score { weight: 0.5, size: (count * clients) as f64, size_max: 200.0, seen: clients };
    let title = Sentence::new("").text(path.key.tail).words(format!(
        " is gone (410), and {} of the site still {} to it",
        plural(count, "page", "pages"),
        if count == 1 { "links" } else { "link" }
    ));
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), requests)
        .seen(facts.believed_clients(path), path.missing_period())
        .says(title, Sentence::new("remove the link on ").text(&pages[0].0))
        .count("pages", count)
        .count("clients_from_own_pages_at_least", clients)
        .examples("page", pages);
    Some(finding.done())
}
