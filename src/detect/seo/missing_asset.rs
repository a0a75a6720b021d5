//! A part that pages need to be shown is missing, refused or limited.

use std::collections::{HashMap, HashSet};

use super::broken_internal_link::live_pages;
use crate::aggregate::arena::Key;
use crate::aggregate::crawls::Outcome;
use crate::detect::facts::{Facts, FailedPath, requests_of};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::{Address, Cause};
use crate::report::{Evidence, Finding, Group};
use crate::untrusted::Untrusted;

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "missing-asset",
    group: Group::Seo,
    summary: "a style, script, font or picture that pages show is not there, or refused to search engines",
    explain: "Pages ask for a part of themselves and do not get it. Visitors see the page without it; a search \
        engine renders pages as a browser does, and without its styles and scripts a page may look empty to it \
        (soft 404). A common case is a new build: the file's name has a fingerprint (app.3f9c2a.js), the old \
        one was deleted, and cached pages, also Google's copy, still ask for it. It is sure: several people \
        came from pages of the site, or the real search engine asked (by its address). What to do: put the \
        file back, or mend the address on the page; keep the files of old builds for at least as long as pages \
        may be cached (a month is safe). Never put a rate limit or a block before styles and scripts. \
        Sources: Google Search Central, \"Fix soft 404 errors\" (critical resources) and \"Understand the \
        JavaScript SEO basics\".",
    statuses: &[401, 403, 404, 410, 429, 444],
    thresholds: &[
        Threshold {
            name: "clients",
            value: 3.0,
            summary: "clients that came from own pages, at least",
        },
        Threshold {
            name: "crawler_requests",
            value: 1.0,
            summary: "or requests of verified crawlers",
        },
    ],
    find,
    fires_on: &[
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         4x 198.18.{n}.7 0d10:00+1m /css/site.css 404 ref=https://shop.example/guide",
        "5x 198.18.{n}.7 0d10:00+1m /js/app.9a8b7c6d.js 200 ref=https://shop.example/guide\n\
         4x 198.18.{n}.7 0d10:00+1m /js/app.1a2b3c4d.js 404 ref=https://shop.example/guide",
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\ngoogle 0d10:00 /css/site.css 404",
        // Refused to people, whatever their referers.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n4x 198.18.{n}.7 0d10:00+1m /css/site.css 403",
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n4x 198.18.{n}.7 0d10:00+1m /js/app.js 429",
    ],
    silent_on: &[
        // One person.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         4x 198.18.1.7 0d10:00+1m /css/site.css 404 ref=https://shop.example/guide",
        // Tools for developers ask for maps, phones for icons.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         4x 198.18.{n}.7 0d10:00+1m /js/app.js.map 404 ref=https://shop.example/guide\n\
         4x 198.18.{n}.7 0d10:00+1m /apple-touch-icon.png 404 ref=https://shop.example/guide",
        // Another site shows it.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
         4x 198.18.{n}.7 0d10:00+1m /a.png 404 ref=https://blog.example/",
        // Pictures may be kept from other sites.
        "5x 198.18.{n}.7 0d10:00+1m /guide 200\n4x 198.18.{n}.7 0d10:00+1m /a.png 403",
        // It is there again.
        "5x 198.18.{n}.7 0d12:00+1m /css/site.css 200\n\
         4x 198.18.{n}.7 0d10:00+1m /css/site.css 404 ref=https://shop.example/guide",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let assets = facts.failed.iter().filter(|path| path.is_asset && !is_optional(path.key.tail));
    let wanted: Vec<&FailedPath<'_>> =
        assets.filter(|path| is_wanted(facts, path, limits)).collect();
    let builds = if wanted.is_empty() { HashMap::new() } else { newer_builds(facts, &wanted) };
    wanted.into_iter().map(|path| finding(facts, path, &builds)).collect()
}

/// What browsers and tools ask for without a page that says so.
fn is_optional(path: &[u8]) -> bool {
    let name = name_of(path);
    path.ends_with(b".map")
        || name.starts_with(b"apple-touch-icon")
        || name.starts_with(b"favicon")
        || name == b"browserconfig.xml"
        || path.ends_with(b".mp4")
        || path.ends_with(b".mp3")
}

fn name_of(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..])
}

/// Requests that were refused or limited.
fn refused(path: &FailedPath<'_>) -> u64 {
    [401, 403, 429, 444].into_iter().map(|code| requests_of(path.errors, code)).sum()
}

fn crawled(facts: &Facts<'_>, path: &FailedPath<'_>) -> u64 {
    let Some(crawlers) = path.of_path.crawlers.as_ref().filter(|_| facts.has_addresses) else {
        return 0;
    };
    let is_it = |outcome| matches!(outcome, Outcome::Missing | Outcome::Denied | Outcome::Limited);
    let errors = crawlers.iter();
    let verified = errors.filter(|error| error.address == Address::Listed && is_it(error.outcome));
    verified.map(|error| error.requests).sum()
}

fn is_wanted(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> bool {
    let own = path.of_path.links.as_ref().map(|links| &links.own);
    let requests = path.caused(Cause::MissingAsset);
    let clients = own.map_or(0, |own| facts.believed(own, requests));
    let is_now =
        path.is_missing() || (path.missing == 0 && refused(path) * 2 >= path.succeeded().max(1));
    let was_or_is_asked_by_pages = clients >= limits.count("clients");
    is_now
        && (was_or_is_asked_by_pages
            || crawled(facts, path) >= limits.count("crawler_requests")
            || is_refused_to_people(facts, path, limits))
}

/// Whether people are refused what no page can be shown without. Pictures may be kept from other sites.
fn is_refused_to_people(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> bool {
    let needed: [&[u8]; 5] = [b".css", b".js", b".mjs", b".woff", b".woff2"];
    let refused = refused(path);
    refused > 0
        && path.missing == 0
        && needed.iter().any(|end| path.key.tail.ends_with(end))
        && u64::from(path.of_path.browsers) * 2 >= refused
        && facts.believed_clients(path) >= limits.count("clients").max(2)
}

/// A name without its fingerprint: `app.3f9c2a1b.js` to `app.` and `.js`. A fingerprint has at least six
/// letters and digits, digits among them.
fn without_fingerprint(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let name_at = path.len() - name_of(path).len();
    let point = name_at + memchr::memrchr(b'.', &path[name_at..])?;
    let start = path[name_at..point].iter().rposition(|byte| b".-_".contains(byte))?;
    let print = &path[name_at + start + 1..point];
    let is_print = print.len() >= 6
        && print.iter().all(u8::is_ascii_alphanumeric)
        && print.iter().any(u8::is_ascii_digit);
    is_print.then(|| (&path[..name_at + start + 1], &path[point..]))
}

type Build<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// What is there in the place of a file with a fingerprint, and until when it was seen.
type Builds<'a> = HashMap<Build<'a>, (u32, &'a [u8])>;

/// For each missing file with a fingerprint the latest that is there and has another.
fn newer_builds<'a>(facts: &Facts<'a>, wanted: &[&FailedPath<'a>]) -> Builds<'a> {
    let build = |key: Key<'a>| -> Option<Build<'a>> {
        let (start, end) = without_fingerprint(key.tail)?;
        Some((key.head, start, end))
    };
    let mut builds = Builds::new();
    let asked: HashSet<Build<'_>> = wanted.iter().filter_map(|path| build(path.key)).collect();
    if asked.is_empty() {
        return builds;
    }
    for row in facts.aggregate.paths().rows() {
        let there = row.counts.success().spread().get().filter(|_| row.errors.is_none());
        let Some((_, last)) = there else { continue };
        if let Some(of) = build(row.key).filter(|of| asked.contains(of)) {
            let known = builds.entry(of).or_insert((last, row.key.tail));
            *known = (*known).max((last, row.key.tail));
        }
    }
    builds
}

fn finding(facts: &Facts<'_>, path: &FailedPath<'_>, builds: &Builds<'_>) -> Finding {
    let newer = without_fingerprint(path.key.tail)
        .and_then(|(start, end)| builds.get(&(path.key.head, start, end)))
        .filter(|(last, _)| path.success().get().is_none_or(|(_, own)| own < *last))
        .map(|(_, newer)| newer);
    let (crawled, refused) = (crawled(facts, path), refused(path));
    let requests = path.missing + refused;
    let clients = facts.believed_clients(path);
    let pages = live_pages(facts, path);
    let score = Score {
        weight: 0.8,
        size: (pages.len() as u64 + clients) as f64,
        size_max: 1_000.0,
        seen: clients + crawled,
    };
    let what = match (path.missing > 0, newer) {
        (true, Some(_)) => "is of an older build and was deleted, and pages still ask for it",
        (true, None) => "is not there, and pages ask for it",
        (false, _) => "is refused or limited, and pages ask for it",
    };
    let title = Sentence::new("")
        .text(path.key.tail)
        .words(format!(" {what} ({})", plural(requests, "request", "requests")));
    let action = match (path.missing > 0, newer) {
        (true, Some(_)) => {
            Sentence::new("keep the files of old builds as long as pages are cached")
        }
        (true, None) => Sentence::new("put the file back, or mend its address on the page"),
        (false, _) => {
            Sentence::new("take limits and blocks away from styles, scripts and pictures")
        }
    };
    // One build is no substitute for another: what a page asks for goes with the rest of it.
    let fix = match newer {
        Some(_) => None,
        None => (path.missing > 0).then(|| facts.nearest(path.key)).flatten(),
    };
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), requests)
        .seen(clients, path.errors.period.get())
        .says(title, action)
        .count("pages", pages.len() as u64)
        .count("crawler_requests", crawled)
        .count("requests_refused", refused)
        .moment("last_succeeded", path.success().get().map(|(_, last)| last));
    let finding = match newer {
        Some(newer) => finding.evidence("newer_build", Evidence::Text(Untrusted::new(newer))),
        None => finding,
    };
    finding.examples("page", pages).fix(fix).done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_has_letters_and_digits() {
        let of = |path: &'static str| {
            let (start, end) = without_fingerprint(path.as_bytes())?;
            Some((std::str::from_utf8(start).unwrap(), std::str::from_utf8(end).unwrap()))
        };
        assert_eq!(of("/js/app.3f9c2a1b.js"), Some(("/js/app.", ".js")));
        assert_eq!(of("/js/app-3f9c2a.js"), Some(("/js/app-", ".js")));
        assert_eq!(of("/js/jquery.min.js"), None);
        assert_eq!(of("/js/app.js"), None);
        assert_eq!(of("/a.b123456/app"), None);
        assert_eq!(of("/v1.2/s"), None);
    }
}
