//! Other sites, or search results, send people to what is not there.

use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Cause;
use crate::report::{Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "lost-backlink",
    group: Group::Seo,
    summary: "other sites or search results send people to an address that answers 404",
    explain: "People come from another site, or from a search engine, and land on an error page. They are \
        lost, and so is what the link was worth: search engines count links from others as a recommendation, \
        but only of a page that is there. A search engine that still lists the address will drop it soon. How \
        sure it is: at least two people from different networks came, by what their browsers say; browsers \
        tell only the site they come from, not the page (strict-origin-when-cross-origin), and such a mark \
        can be made up, which is why one visitor does not count. What to do: where a page of this site says \
        the same or replaces it, send the address there with 301 and keep that for a year at least. Where \
        nothing does, leave the 404 (or 410): that is the right answer for what is gone. Never send it to the \
        home page. Sources: Google Search Central, \"Site moves with URL changes\" (avoid irrelevant \
        redirects); W3C Referrer Policy.",
    statuses: &[404, 410],
    thresholds: &[
        Threshold { name: "clients", value: 2.0, summary: "clients that came, at least" },
        Threshold { name: "networks", value: 2.0, summary: "their networks (/24, /48), at least" },
    ],
    find,
    fires_on: &[
        "5x 198.18.{n}.7 0d10:00+1m / 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://blog.example/",
        "5x 198.18.{n}.7 0d10:00+1m / 200\n\
         3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://www.google.com/",
    ],
    silent_on: &[
        // One network.
        "5x 198.18.{n}.7 0d10:00+1m / 200\n\
         9x 198.18.1.{n} 0d11:00+1m /old 404 ref=https://blog.example/",
        // A library makes the mark up.
        "5x 198.18.{n}.7 0d10:00+1m / 200\n\
         9x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://blog.example/ ua=curl",
        // A picture shown by another site is another matter.
        "5x 198.18.{n}.7 0d10:00+1m / 200\n\
         9x 198.18.{n}.7 0d11:00+1m /old.png 404 ref=https://blog.example/",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let least = (limits.count("clients"), limits.count("networks"));
    // What is to be done for a folder that was lost is done for all of it.
    let alone = facts.failed.iter().filter(|path| !facts.is_lost_with_others(path));
    alone.filter_map(|path| judge(facts, path, least)).collect()
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, least: (u64, u64)) -> Option<Finding> {
    let links = path.of_path.links.as_ref()?;
    if path.is_asset || path.is_unlinked || path.gone == path.missing || !path.is_missing() {
        return None;
    }
    let (outside, search) = (path.caused(Cause::ExternalLink), path.caused(Cause::SearchResult));
    let has = |clients: u64, networks: usize| {
        let has_networks = networks as u64 >= least.1 || !facts.has_addresses;
        clients >= least.0 && has_networks
    };
    // Where nobody knows which hosts are the site's own, its own pages look like those of others.
    let outside = if facts.knows_own(path.key.head) { outside } else { 0 };
    let from_outside = if outside > 0 { facts.believed(&links.outside, outside) } else { 0 };
    let from_search = facts.believed(&links.search, search);
    let is_listed = has(from_search, links.search_networks.len());
    if !is_listed && !has(from_outside, links.outside_networks.len()) {
        return None;
    }
    let clients = facts.believed_clients(path).min(outside + search);
    let score = Score {
        weight: if is_listed { 0.9 } else { 0.75 },
        size: (outside + search).min(clients.max(from_outside + from_search)) as f64,
        size_max: 500.0,
        seen: from_outside + from_search,
    };
    let title = Sentence::new("").text(path.key.tail).words(format!(
        " is not there, and {} sent {} to it",
        if is_listed { "search results" } else { "other sites" },
        plural(if is_listed { search } else { outside }, "request", "requests")
    ));
    let fix = facts.nearest(path.key);
    let action = match &fix {
        Some(fix) => Sentence::new("redirect it with 301 to ").text(fix.text.bytes()),
        None => Sentence::new(
            "redirect it with 301 to the page that replaces it; if none does, leave the 404",
        ),
    };
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), outside + search)
        .seen(clients, path.missing_period())
        .says(title, action)
        .count("requests_from_search", search)
        .count("requests_from_other_sites", outside)
        .count("crawler_requests", path.crawled())
        .moment("last_succeeded", path.success().get().map(|(_, last)| last))
        .pages("site", &path.of_path.referers);
    Some(finding.fix(fix).done())
}
