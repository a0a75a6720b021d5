//! Pages of the site link to what is not there.

use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Cause;
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "broken-internal-link",
    group: Group::Seo,
    summary: "pages of the site link to an address that answers 404",
    explain: "Somebody who reads a page of this site follows a link on it and lands on an error page. \
        Search engines find pages by such links too, and a link that leads nowhere leaves the page it was \
        meant for without one. A 404 by itself does no harm to the rest of the site. It is sure: several \
        people came from a page that was served, by what their browsers say (Referer); those who try many \
        addresses, scanners and pages that were never served are left out. What to do: open the pages named \
        under examples and mend the link. Where many pages are named, it stands in a menu, a footer or a \
        template, and is mended once. Where the address has only moved, send the old one to the new one with \
        301 as well, for links that others keep. Never send missing pages to the home page: search engines \
        take that for a missing page all the same (soft 404). Sources: Google Search Central, \"Make your \
        links crawlable\" and \"Site moves with URL changes\".",
    statuses: &[404],
    thresholds: &[Threshold {
        name: "clients",
        value: 2.0,
        summary: "clients that came from own pages, at least",
    }],
    find,
    fires_on: &[
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://shop.example/guide",
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://www.shop.example/guide?from=mail",
    ],
    silent_on: &[
        // One person, however often.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         9x 198.18.1.7 0d11:00+1m /old 404 ref=https://shop.example/guide",
        // A page that nobody ever got: the referers are made up.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://shop.example/made-up",
        // It is there again.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n5x 198.18.{n}.7 0d12:00+1m /old 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://shop.example/guide",
        // Those who try whatever they can think of.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         12x 198.18.1.7 0d11:00+1m /old{n} 404 ref=https://shop.example/guide\n\
         12x 198.18.2.7 0d11:00+1m /old{n} 404 ref=https://shop.example/guide",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let clients_min = limits.count("clients");
    // A link to a folder that was lost is not what is wrong.
    let alone = facts.failed.iter().filter(|path| !facts.is_lost_with_others(path));
    alone.filter_map(|path| judge(facts, path, clients_min)).collect()
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, clients_min: u64) -> Option<Finding> {
    let requests = path.caused(Cause::InternalLink);
    let links = path.of_path.links.as_ref()?;
    let is_gone = path.gone == path.missing;
    if requests == 0 || path.is_asset || path.is_unlinked || is_gone || !path.is_missing() {
        return None;
    }
    let clients = facts.believed(&links.own, requests);
    let pages = live_pages(facts, path);
    if clients < clients_min || pages.is_empty() {
        return None;
    }
    let is_whole = path.of_path.referers.is_whole();
    let count = pages.len() as u64;
    let score = Score {
        weight: 0.8,
        size: (count * clients.max(facts.believed_clients(path).min(requests))) as f64,
        size_max: 1_000.0,
        seen: clients,
    };
    let from = match (is_whole, count) {
        (true, 1) => "a page of the site".to_string(),
        (true, _) => plural(count, "page", "pages") + " of the site",
        (false, _) => "many pages of the site, as a menu or a footer does,".to_string(),
    };
    let title = Sentence::new("").text(path.key.tail).words(format!(
        " is not there, and {from} {} to it",
        if is_whole && count == 1 { "links" } else { "link" }
    ));
    let fix = facts.nearest(path.key);
    let action = match &fix {
        Some(fix) => Sentence::new("mend the link on ")
            .text(&pages[0].0)
            .words(": it most likely means ")
            .text(fix.text.bytes()),
        None => Sentence::new("mend or remove the link on ").text(&pages[0].0),
    };
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), requests)
        .seen(facts.believed_clients(path).min(requests), path.missing_period())
        .says(title, action)
        .count("pages", count)
        .count("clients_from_own_pages_at_least", clients)
        .moment("last_succeeded", path.success().get().map(|(_, last)| last));
    let finding = match is_whole {
        true => finding,
        false => finding.evidence("link", Evidence::Words("on more pages than are counted apart")),
    };
    // Whoever has a network of his own can say what he likes in the name of several.
    let finding = match facts.has_addresses && links.own_networks.len() == 1 {
        true => finding
            .evidence("networks", Evidence::Words("all who came by it are of one network"))
            .at_most(Severity::Low),
        false => finding,
    };
    Some(finding.examples("page", pages).fix(fix).done())
}

/// The pages that link there and were served themselves, most requests first.
pub fn live_pages(facts: &Facts<'_>, path: &FailedPath<'_>) -> Vec<(Vec<u8>, u64)> {
    let is_live = |page: &[u8]| {
        let row = facts.page(path.key.head, page);
        row.is_some_and(|row| row.key.tail != path.key.tail && row.counts.success().requests() > 0)
    };
    let pages = path.of_path.referers.sorted().into_iter();
    pages.filter(|(page, _)| is_live(page)).map(|(page, count)| (page.to_vec(), count)).collect()
}
