//! Pages that are not there are answered as if they were.

use std::collections::BTreeMap;

use crate::aggregate::PathCounts;
use crate::aggregate::redirects::RedirectCounts;
use crate::aggregate::shards::RowCounts;
use crate::classify::referers;
use crate::detect::facts::{Facts, path_of};
use crate::detect::findings::{Draft, Sentence, grouped, of};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "soft-not-found",
    group: Group::Seo,
    summary: "what is not there is answered with 200, or sent to the home page",
    explain: "The server answers 200 OK for addresses that do not exist, or redirects them all to the home \
        page. A search engine calls that a soft 404: it has to guess that the page is an error, keeps fetching \
        such addresses, which are without number, and may take real pages that look alike for errors too. Here \
        the answer is told by one of these: addresses that no site has (such as a scanner tries) were answered \
        with 200 and always the same length; or many pages answered with 200 are exactly as long as the page \
        that says 404; or many addresses are redirected to the home page. It is a strong hint, no proof: a log \
        has no page contents. What to do: open one of the examples. If it shows an error page, answer it with \
        404: for a single-page application let the server know which addresses there are; in nginx write \
        try_files $uri =404, and error_page 404 /404.html without = or =200 behind it. Redirect only what has \
        a real successor. Sources: Google Search Central, \"Fix soft 404 errors\", \"Fix lazy-loaded content \
        and JavaScript\" (soft 404 in single-page apps) and \"Site moves with URL changes\".",
    statuses: &[],
    thresholds: &[
        Threshold {
            name: "probes",
            value: 3.0,
            summary: "addresses that no site has, answered 200 with one length, at least",
        },
        Threshold {
            name: "pages",
            value: 20.0,
            summary: "pages that are as long as the 404 page, at least",
        },
        Threshold {
            name: "redirects",
            value: 5.0,
            summary: "addresses redirected to the home page, at least",
        },
    ],
    find,
    fires_on: &[
        "198.18.1.7 0d10:00 /.env 200 bytes=5120\n198.18.1.7 0d10:01 /.git/config 200 bytes=5120\n\
         198.18.1.7 0d10:02 /wp-login.php 200 bytes=5120\n5x 198.18.{n}.7 0d10:00+1m / 200",
        "8x 198.18.{n}.7 0d10:00+1m /old{n} 302 to=https://shop.example/\n\
         8x 198.18.{n}.8 0d11:00+1m /old{n} 302 to=https://shop.example/\n\
         5x 198.18.{n}.7 0d10:00+1m / 200",
        "40x 198.18.{n}.7 0d10:00+1m /no{n} 404 bytes=5120\n40x 198.18.{n}.7 0d12:00+1m /un{n} 200 bytes=5120\n\
         60x 198.18.{n}.7 0d10:00+1m /page{n} 200 bytes=9{n}",
    ],
    silent_on: &[
        // What a mail asked to confirm, and a log-out.
        "9x 198.18.{n}.7 0d10:00+1m /confirm/token{n} 302 to=https://shop.example/\n\
         9x 198.18.{n}.7 0d11:00+1m /logout 302 to=https://shop.example/\n\
         5x 198.18.{n}.7 0d10:00+1m / 200",
        // Each has its own length: they are pages.
        "198.18.1.7 0d10:00 /.env 200 bytes=5120\n198.18.1.7 0d10:01 /.git/config 200 bytes=20\n\
         198.18.1.7 0d10:02 /wp-login.php 200 bytes=720\n5x 198.18.{n}.7 0d10:00+1m / 200",
        // They are told that it is not there.
        "198.18.1.7 0d10:00 /.env 404 bytes=5120\n198.18.1.7 0d10:01 /.git/config 404 bytes=5120\n\
         198.18.1.7 0d10:02 /wp-login.php 404 bytes=5120\n5x 198.18.{n}.7 0d10:00+1m / 200",
        // Each is sent where it belongs.
        "8x 198.18.{n}.7 0d10:00+1m /old{n} 302 to=https://shop.example/new{n}\n\
         5x 198.18.{n}.7 0d10:00+1m / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let mut hosts = facts.hosts();
    hosts.extend(facts.redirects().iter().map(|(key, _)| key.head));
    hosts.sort_unstable();
    hosts.dedup();
    hosts.into_iter().filter_map(|host| judge(facts, limits, host)).collect()
}

/// What tells that a host answers what is not there as if it were.
struct Signal<'a> {
    words: &'static str,
    paths: Vec<(&'a [u8], u64)>,
    weight: f64,
    size_max: f64,
}

fn judge(facts: &Facts<'_>, limits: &Limits<'_>, host: &[u8]) -> Option<Finding> {
    let probes = answered_probes(facts, host);
    let enough = |paths: &[(&[u8], u64)], name: &str| paths.len() as u64 >= limits.count(name);
    let signal = if enough(&probes, "probes") {
        Signal {
            words: "addresses that scanners try were answered 200, with the same length",
            paths: probes,
            weight: 0.8,
            size_max: 1_000.0,
        }
    } else if let pages = as_long_as_not_found(facts, host)
        && enough(&pages, "pages")
    {
        Signal {
            words: "pages were answered 200 and are exactly as long as the page that says 404",
            paths: pages,
            weight: 0.8,
            size_max: 1_000.0,
        }
    } else {
        let sent = sent_home(facts, host);
        if !enough(&sent, "redirects") {
            return None;
        }
        Signal {
            words: "addresses are all redirected to the home page or an error page",
            paths: sent,
            weight: 0.6,
            size_max: 500.0,
        }
    };
    let count = signal.paths.len() as u64;
    let score =
        Score { weight: signal.weight, size: count as f64, size_max: signal.size_max, seen: count };
    let requests = signal.paths.iter().map(|(_, requests)| requests).sum();
    let title = Sentence::new(format!("{} {}", grouped(count), signal.words));
    let action = Sentence::new("open one of them: if it shows an error page, answer it with 404");
    let subject = of("host", if host.is_empty() { b"-" } else { host });
    let mut paths = signal.paths;
    paths.sort_by(|one, other| (other.1, one.0).cmp(&(one.1, other.0)));
    let finding = Draft::new(&DETECTOR, subject, score.get(), requests)
        .seen(0, Some(facts.period))
        .says(title, action)
        .evidence("told_by", Evidence::Words(signal.words))
        .count("addresses", count)
        .examples("path", paths);
    Some(finding.done())
}

/// An answer has no more lengths than that: plain, compressed in some ways.
const SIZES_MAX: usize = 4;

/// By host, the lengths in bytes of the answer that it has for whatever is asked, plain and compressed: those
/// that at least three probes got and one in twenty, or two of a few; and those of its home page, which is what
/// an application of one page answers.
pub fn catch_all_sizes<'a>(facts: &Facts<'a>) -> BTreeMap<&'a [u8], Vec<u32>> {
    let by_host = facts.answered_probes().chunk_by(|one, other| one.key.head == other.key.head);
    by_host
        .map(|probes| {
            let host = probes[0].key.head;
            let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
            for size in probes.iter().flat_map(|row| row.counts.success().sizes().iter()) {
                *sizes.entry(size).or_default() += 1;
            }
            let is_usual = |count: usize| {
                (count >= 3 && count * 20 >= probes.len()) || (count == 2 && probes.len() <= 6)
            };
            let mut usual: Vec<(u32, usize)> =
                sizes.into_iter().filter(|(_, count)| is_usual(*count)).collect();
            usual.sort_by_key(|(size, count)| (std::cmp::Reverse(*count), *size));
            usual.truncate(SIZES_MAX);
            let home = [&b"/"[..], b"/index.html"].into_iter();
            let home = home.filter_map(|path| facts.path(host, path));
            let home = home.flat_map(|row| row.counts.success().sizes().iter());
            (
                host,
                usual
                    .into_iter()
                    .map(|(size, _)| size)
                    .chain(home)
                    .filter(|size| *size > 0)
                    .collect(),
            )
        })
        .collect()
}

/// Whether an answer is of one of these lengths.
pub fn is_one_of(row: &RowCounts<'_, PathCounts>, lengths: &[u32]) -> bool {
    let mut sizes = row.counts.success().sizes().iter();
    sizes.any(|size| lengths.iter().any(|length| is_about(*length, size)))
}

/// Whether two answers are of one length, give or take a name or a number in them.
fn is_about(one: u32, other: u32) -> bool {
    one.abs_diff(other) <= (one.max(other) / 200).max(16)
}

fn path_requests<'a>(row: &RowCounts<'a, PathCounts>) -> (&'a [u8], u64) {
    (row.key.tail, row.counts.success().requests())
}

/// What nobody but a scanner asks for, answered with one length.
fn answered_probes<'a>(facts: &Facts<'a>, host: &[u8]) -> Vec<(&'a [u8], u64)> {
    let lengths = facts.catch_all(host);
    let here = facts.answered_probes().iter().filter(|row| row.key.head == host);
    let alike = here.filter(|row| is_one_of(row, lengths));
    alike.map(path_requests).collect()
}

/// How long the answers of a host are that say that a page is not there: those lengths that at least a fifth of
/// its missing pages have, of twenty and more.
fn not_found_sizes(facts: &Facts<'_>, host: &[u8]) -> Vec<u32> {
    let Some(sizes) = facts.missing_sizes(host) else { return Vec::new() };
    let all: u64 = sizes.values().sum();
    let usual = sizes.iter().filter(|(_, count)| all >= 20 && **count * 5 >= all);
    usual.map(|(size, _)| *size).collect()
}

/// Pages that were served rarely, and are as long as the page that says 404.
fn as_long_as_not_found<'a>(facts: &Facts<'a>, host: &[u8]) -> Vec<(&'a [u8], u64)> {
    let sizes = not_found_sizes(facts, host);
    let (mut alike, mut all) = (Vec::new(), 0_u64);
    if sizes.iter().all(|size| *size == 0) {
        return alike;
    }
    for row in facts.pages(host).iter().filter(|row| row.key.tail.starts_with(b"/")) {
        all += 1;
        let mut own = row.counts.success().sizes().iter();
        if own.any(|size| size > 0 && sizes.contains(&size)) {
            alike.push(path_requests(row));
        }
    }
    // Where most pages have that length it is a wall that all stand behind.
    if alike.len() as u64 * 20 < all || alike.len() as u64 * 2 > all {
        alike.clear();
    }
    alike
}

/// What is sent to the home page or an error page, where nearly all that is redirected is.
fn sent_home<'a>(facts: &Facts<'a>, host: &[u8]) -> Vec<(&'a [u8], u64)> {
    // What one person was sent from once may be what a mail asked to confirm.
    let is_several = |counts: &RedirectCounts| counts.requests >= 2;
    let redirects = facts.redirects_of(host).iter();
    let redirects = redirects.filter(|(key, counts)| is_no_home(key.tail) && is_several(counts));
    let (mut home, mut elsewhere) = (Vec::new(), 0);
    for (key, counts) in redirects {
        let targets = counts.targets.sorted();
        let is_home = |target: &[u8]| {
            let path = path_of(target);
            referers::host(target).is_none_or(|other| facts.is_own(other, host))
                && matches!(path, b"/" | b"/404" | b"/404.html" | b"/not-found" | b"/error")
        };
        match targets.first() {
            Some((target, _)) if is_home(target) => home.push((key.tail, counts.requests)),
            // The same path elsewhere: https, www, a slash.
            Some((target, _)) if is_same_path(path_of(target), key.tail) => {}
            _ => elsewhere += 1,
        }
    }
    if home.len() < 4 * elsewhere && elsewhere > 0 {
        // Some of one folder may be sent home while the rest of the site is in order.
        let folder = |path: &[u8]| path[..memchr::memrchr(b'/', path).unwrap_or(0)].to_vec();
        let mut folders: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        home.iter().for_each(|(path, _)| *folders.entry(folder(path)).or_default() += 1);
        home.retain(|(path, _)| folders.get(&folder(path)).is_some_and(|count| *count >= 5));
    }
    home
}

fn is_no_home(path: &[u8]) -> bool {
    // What switches, logs in and logs out sends people home for a reason.
    const SWITCHES: &[&[u8]] = &[
        b"/log", b"/sign", b"/auth", b"/lang", b"/locale", b"/set", b"/switch", b"/cart", b"/index",
    ];
    path.len() > 4 && !SWITCHES.iter().any(|switch| path.starts_with(switch))
}

fn is_same_path(one: &[u8], other: &[u8]) -> bool {
    let bare = |path: &[u8]| path.strip_suffix(b"/").unwrap_or(path).to_ascii_lowercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_about_the_same_within_a_name() {
        assert!(is_about(512, 520) && is_about(10_000, 10_050));
        assert!(!is_about(512, 540) && !is_about(10_000, 10_100));
    }

    #[test]
    fn a_slash_more_is_the_same_path() {
        assert!(is_same_path(b"/A/", b"/a") && !is_same_path(b"/a", b"/b"));
        assert!(is_no_home(b"/old-page") && !is_no_home(b"/login") && !is_no_home(b"/de"));
    }
}
