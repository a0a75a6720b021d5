//! Many pages of one folder were lost at once.

use std::collections::BTreeSet;

use crate::aggregate::PathCounts;
use crate::aggregate::arena::Key;
use crate::aggregate::shards::RowCounts;
use crate::detect::facts::{Facts, FailedPath, clients_of};
use crate::detect::findings::{Draft, Sentence, grouped, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};
use crate::untrusted::Untrusted;

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "mass-not-found",
    group: Group::Seo,
    summary: "many pages of one folder answer 404 from the same moment on",
    explain: "A good part of the pages under one folder were served until some moment, and answer 404 since. \
        That is one change, not many: a deploy, a rename of the folder, a rule of the web server, a database \
        that was not filled. Search engines drop each of these pages when they next look at it, and what they \
        were worth goes with them. How sure it is: every page that is counted was served before and never \
        since, and the moments at which they can have been lost overlap. What to do: look what was changed at \
        the moment told under evidence (lost_from to lost_until), and take it back. If the folder moved, \
        redirect each old address to its new one with 301, for a year at least. Do not send them all to the \
        home page: that counts as missing (soft 404). Sources: Google Search Central, \"Site moves with URL \
        changes\" and \"HTTP status codes, network and DNS errors\".",
    statuses: &[404, 410],
    thresholds: &[
        Threshold { name: "pages", value: 5.0, summary: "pages that were lost, at least" },
        Threshold { name: "clients", value: 3.0, summary: "clients that missed them, at least" },
        Threshold {
            name: "share",
            value: 0.3,
            summary: "share of the folder's pages that were lost, at least",
        },
    ],
    find,
    fires_on: &[
        "9x 198.18.{n}.7 0d10:00+1m /shop/p{n} 200\n9x 198.18.{n}.7 0d12:00+1m /shop/p{n} 404\n\
         9x 198.18.{n}.7 0d10:00+10m / 200",
    ],
    silent_on: &[
        // They were never there.
        "9x 198.18.{n}.7 0d12:00+1m /shop/p{n} 404\n9x 198.18.{n}.7 0d10:00+10m / 200",
        // A few of many.
        "6x 198.18.{n}.7 0d10:00+1m /shop/p{n} 200\n6x 198.18.{n}.7 0d12:00+1m /shop/p{n} 404\n\
         40x 198.18.{n}.7 0d10:00+10m /shop/q{n} 200",
        // They are there again.
        "9x 198.18.{n}.7 0d10:00+1m /shop/p{n} 200\n9x 198.18.{n}.7 0d12:00+1m /shop/p{n} 404\n\
         9x 198.18.{n}.7 0d14:00+10m /shop/p{n} 200",
        // One after the other.
        "9x 198.18.{n}.7 0d10:00+1d /shop/p{n} 200\n9x 198.18.{n}.7 0d10:10+1d /shop/p{n} 404",
    ],
};

/// What was lost at once.
pub struct Loss<'a> {
    host: &'a [u8],
    /// The folder, with the slash at its end.
    folder: &'a [u8],
    pub pages: Vec<FailedPath<'a>>,
    /// How many pages of the folder were served at all.
    served: u64,
    /// The time in which it must have happened.
    period: (u32, u32),
    is_most_of_host: bool,
}

fn find(facts: &Facts<'_>, _: &Limits<'_>) -> Found {
    facts.losses().iter().map(|loss| finding(facts, loss)).collect()
}

/// So many changes of a site are looked for.
const MOMENTS_MAX: usize = 64;

/// What was lost at once, of all hosts.
pub fn losses<'a>(facts: &Facts<'a>, limits: &Limits<'_>) -> Vec<Loss<'a>> {
    let is_lost = |path: &FailedPath<'_>| {
        !path.is_asset
            && path.is_lost()
            && path.missing > 0
            && !path.is_unlinked
            && !path.is_missing_by_query()
            && facts.believed_clients(path) > 0
    };
    let lost: Vec<FailedPath<'a>> =
        facts.failed.iter().filter(|path| is_lost(path)).copied().collect();
    let mut losses = Vec::new();
    for here in lost.chunk_by(|one, other| one.key.head == other.key.head) {
        let mut here = here.to_vec();
        if (here.len() as u64) < limits.count("pages") {
            continue;
        }
        let served = facts.pages(here[0].key.head);
        let lost = here.clone();
        // One change after the other: the moment at which most can have been lost comes first.
        for _ in 0..MOMENTS_MAX {
            let Some(moment) = busiest(&here, facts.period) else { break };
            let is_then = |path: &FailedPath<'_>| {
                path.lost_between().is_some_and(|(from, until)| (from..=until).contains(&moment))
            };
            let (then, later): (Vec<_>, Vec<_>) = here.into_iter().partition(is_then);
            if (then.len() as u64) < limits.count("pages") {
                break;
            }
            split(limits, (served, &lost), then, b"/", &mut losses);
            here = later;
        }
    }
    losses
}

/// The moment at which most of these can have been lost. Of what is asked for rarely nobody knows when: where
/// there is enough else, what may have been lost at any time in a quarter of the log has no say.
fn busiest(paths: &[FailedPath<'_>], period: (u32, u32)) -> Option<u32> {
    let quarter = (period.1 - period.0) / 4;
    let is_sharp = |path: &&FailedPath<'_>| {
        path.lost_between().is_some_and(|(from, until)| until - from <= quarter)
    };
    let sharp: Vec<FailedPath<'_>> = paths.iter().filter(is_sharp).copied().collect();
    let paths = if sharp.len() >= 5 { &sharp } else { paths };
    let mut ends: Vec<(u32, i32)> = paths
        .iter()
        .filter_map(FailedPath::lost_between)
        .flat_map(|(from, until)| [(from, -1), (until.saturating_add(1), 1)])
        .collect();
    // Where one begins as another ends both count: beginnings first.
    ends.sort_unstable();
    let (mut open, mut most) = (0, (0, None));
    for (at, change) in ends {
        open -= change;
        if open > most.0 {
            most = (open, Some(at));
        }
    }
    most.1
}

/// Finds the deepest folder that holds nearly all of these, or several folders where it takes them.
fn split<'a>(
    limits: &Limits<'_>,
    of_host: (&[RowCounts<'a, PathCounts>], &[FailedPath<'a>]),
    pages: Vec<FailedPath<'a>>,
    folder: &'a [u8],
    losses: &mut Vec<Loss<'a>>,
) {
    if (pages.len() as u64) < limits.count("pages") {
        return;
    }
    let mut below: Vec<(&[u8], Vec<FailedPath<'a>>)> = Vec::new();
    for path in &pages {
        let Some(child) = child_of(path.key.tail, folder) else { continue };
        // Those of one folder stand together.
        match below.last_mut() {
            Some((known, paths)) if *known == child => paths.push(*path),
            _ => below.push((child, vec![*path])),
        }
    }
    let largest = below.iter().position(|(_, paths)| paths.len() * 5 >= pages.len() * 4);
    if let Some(at) = largest {
        let (child, paths) = below.swap_remove(at);
        return split(limits, of_host, paths, child, losses);
    }
    let (served, lost) = of_host;
    let of_folder = under(served, folder, |row| row.key);
    let lost_there = under(lost, folder, |path| path.key);
    let most = pages.iter().map(|path| path.clients()).max().unwrap_or(0);
    let has_clients = most.max(distinct_clients(&pages)) >= limits.count("clients");
    // Most of what the folder lost at all: else it loses its pages one by one.
    let is_at_once = pages.len() as u64 * 5 >= lost_there * 3;
    if has_clients && is_at_once && pages.len() as f64 >= limits.of("share") * of_folder as f64 {
        let brackets = pages.iter().filter_map(FailedPath::lost_between);
        let period = brackets
            .fold((0, u32::MAX), |(from, until), (first, last)| (from.max(first), until.min(last)));
        let is_most_of_host = folder == b"/" || pages.len() * 5 >= served.len();
        losses.push(Loss {
            host: pages[0].key.head,
            folder,
            served: of_folder,
            period,
            is_most_of_host: is_most_of_host && pages.len() >= 20,
            pages,
        });
        return;
    }
    for (child, paths) in below {
        split(limits, of_host, paths, child, losses);
    }
}

/// How many clients these had at least: each page alone tells only of its own.
fn distinct_clients(pages: &[FailedPath<'_>]) -> u64 {
    const PAGES_MAX: usize = 100;
    let pages = pages.iter().take(PAGES_MAX);
    let all: BTreeSet<u64> = pages.flat_map(|path| path.errors.others.kept()).collect();
    all.len() as u64
}

/// The folder below `folder` in which a path lies, with the slash at its end.
fn child_of<'a>(path: &'a [u8], folder: &[u8]) -> Option<&'a [u8]> {
    let rest = path.strip_prefix(folder)?;
    // Deeper ones say no more about what was changed.
    const DEPTH_MAX: usize = 5;
    if folder.iter().filter(|byte| **byte == b'/').count() >= DEPTH_MAX {
        return None;
    }
    let slash = memchr::memchr(b'/', rest)?;
    (slash + 1 < rest.len() && slash > 0).then(|| &path[..folder.len() + slash + 1])
}

/// How many of these pages of a host lie under a folder.
fn under<'a, T>(pages: &[T], folder: &[u8], key: impl Fn(&T) -> Key<'a>) -> u64 {
    let from = pages.partition_point(|page| key(page).tail < folder);
    pages[from..].partition_point(|page| key(page).tail.starts_with(folder)) as u64
}

fn finding(facts: &Facts<'_>, loss: &Loss<'_>) -> Finding {
    let count = loss.pages.len() as u64;
    let requests = loss.pages.iter().map(|path| path.missing).sum();
    let clients = clients_of(&loss.pages);
    let crawled: u64 = loss.pages.iter().map(|path| path.crawled()).sum();
    let periods = loss.pages.iter().filter_map(|path| path.missing_period());
    let period = periods.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let score = Score { weight: 1.0, size: (count + clients) as f64, size_max: 300.0, seen: count };
    let title = Sentence::new(plural(count, "page", "pages"))
        .words(" under ")
        .text(loss.folder)
        .words(format!(" of {} that were served were lost at once", grouped(loss.served)));
    let mut subject = of("prefix", loss.folder);
    subject.host = (!loss.host.is_empty()).then(|| Untrusted::new(loss.host));
    let mut pages: Vec<(&[u8], u64)> =
        loss.pages.iter().map(|path| (path.key.tail, path.missing)).collect();
    pages.sort_by(|one, other| (other.1, one.0).cmp(&(one.1, other.0)));
    let moved = loss.pages.iter().filter(|path| facts.nearest(path.key).is_some()).count() as u64;
    let action = Sentence::new(
        "look what was changed then and take it back, or redirect each address to its new one with 301",
    );
    let draft = Draft::new(&DETECTOR, subject, score.get(), requests)
        .seen(clients, period)
        .says(title, action)
        .count("pages_lost", count)
        .count("pages_served", loss.served)
        .evidence("lost_from", Evidence::Moment(loss.period.0))
        .evidence("lost_until", Evidence::Moment(loss.period.1))
        .count("pages_with_a_likely_new_address", moved)
        .count("crawler_requests", crawled)
        .examples("path", pages);
    let draft = if loss.is_most_of_host { draft.at_least(Severity::Critical) } else { draft };
    draft.done()
}
