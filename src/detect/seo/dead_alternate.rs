//! Another form of many pages, by language or for phones, is not there.

use std::collections::BTreeMap;

use crate::detect::facts::{Facts, FailedPath, clients_of};
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Finding, Group};
use crate::untrusted::Untrusted;

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "dead-alternate",
    group: Group::Seo,
    summary: "pages are there, but their form in another language, or their AMP form, answers 404",
    explain: "Search engines ask for another form of many pages (/de/… beside /…, or …/amp) and get 404, while \
        the pages themselves are there. They learn of such forms from the pages: hreflang names the languages, \
        amphtml the short form. A dead one breaks the pair: the language is not offered to those who speak it, \
        or the page is not shown in its short form. How sure it is: it is told by the addresses, for a log has \
        no page contents; the real search engine asked (by its address), for ten pages at least. What to do: \
        bring that form back, or take hreflang and amphtml off the pages; redirect an AMP form that is given \
        up to the page itself with 301. Sources: Google Search Central, \"Tell Google about localized versions \
        of your page\" and \"Remove AMP content from Google Search\".",
    statuses: &[404, 410],
    thresholds: &[
        Threshold {
            name: "pairs",
            value: 10.0,
            summary: "pages whose other form is missing, at least",
        },
        Threshold {
            name: "succeeded",
            value: 5.0,
            summary: "requests for each such page, at least",
        },
    ],
    find,
    fires_on: &[
        "12x google 0d10:00+1h /de/a-{n} 404\n12x 198.18.{n}.7 0d10:00+1h /a-{n} 200\n\
         12x 198.18.{n}.8 0d10:00+1h /a-{n} 200\n12x 198.18.{n}.9 0d10:00+1h /a-{n} 200\n\
         12x 198.18.{n}.6 0d10:00+1h /a-{n} 200\n12x 198.18.{n}.5 0d10:00+1h /a-{n} 200\n\
         198.18.1.7 0d10:00 /de/start 200",
        "12x google 0d10:00+1h /a-{n}/amp 404\n12x 198.18.{n}.7 0d10:00+1h /a-{n} 200\n\
         12x 198.18.{n}.8 0d10:00+1h /a-{n} 200\n12x 198.18.{n}.9 0d10:00+1h /a-{n} 200\n\
         12x 198.18.{n}.6 0d10:00+1h /a-{n} 200\n12x 198.18.{n}.5 0d10:00+1h /a-{n} 200",
    ],
    silent_on: &[
        // The site has no such language: they are guesses.
        "12x google 0d10:00+1h /de/a-{n} 404\n12x 198.18.{n}.7 0d10:00+1h /a-{n} 200\n\
         12x 198.18.{n}.8 0d10:00+1h /a-{n} 200\n12x 198.18.{n}.9 0d10:00+1h /a-{n} 200\n\
         12x 198.18.{n}.6 0d10:00+1h /a-{n} 200\n12x 198.18.{n}.5 0d10:00+1h /a-{n} 200",
        // The pages are not there either.
        "12x google 0d10:00+1h /de/a-{n} 404\n198.18.1.7 0d10:00 /de/start 200",
        // No search engine.
        "12x 198.18.1.7 0d10:00+1h /de/a-{n} 404\n12x 198.18.{n}.7 0d10:00+1h /a-{n} 200\n\
         198.18.1.7 0d10:00 /de/start 200",
    ],
};

/// A language and perhaps a country: `de`, `pt-br`.
fn is_locale(segment: &[u8]) -> bool {
    let is_letters = |text: &[u8]| text.len() == 2 && text.iter().all(u8::is_ascii_alphabetic);
    match segment {
        [a, b] => is_letters(&[*a, *b]),
        [a, b, b'-' | b'_', c, d] => is_letters(&[*a, *b]) && is_letters(&[*c, *d]),
        _ => false,
    }
}

/// What makes a path another form of a page: that, and the page's own path.
fn form(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let bare = path.strip_suffix(b"/").unwrap_or(path);
    if let Some(page) = bare.strip_suffix(b"/amp").filter(|page| !page.is_empty()) {
        return Some((b"/amp", page));
    }
    let first = path.get(1..)?.split(|byte| *byte == b'/').next()?;
    if is_locale(first) && path.len() > first.len() + 2 {
        let (prefix, rest) = path.split_at(first.len() + 2);
        return Some((prefix, &path[prefix.len() - 1..])).filter(|_| !rest.is_empty());
    }
    None
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let succeeded = limits.count("succeeded");
    let mut forms: BTreeMap<(&[u8], &[u8]), Vec<&FailedPath<'_>>> = BTreeMap::new();
    if !facts.has_addresses {
        return Found::default();
    }
    for path in facts.failed.iter().filter(|path| path.is_missing() && path.crawled() > 0) {
        let Some((mark, page)) = form(path.key.tail) else { continue };
        let is_there = |page: &[u8]| {
            let row = facts.path(path.key.head, page);
            row.is_some_and(|row| row.counts.success().requests() >= succeeded)
        };
        let with_slash = [page, b"/"].concat();
        let languages = [&b"/en"[..], b"/de", b"/fr", b"/es", b"/it"].into_iter();
        let in_another = |language: &[u8]| is_there(&[language, page].concat());
        let has_another = || mark != b"/amp" && languages.clone().any(in_another);
        if is_there(page) || is_there(&with_slash) || has_another() {
            forms.entry((path.key.head, mark)).or_default().push(path);
        }
    }
    let enough = forms.into_iter().filter(|(_, paths)| paths.len() as u64 >= limits.count("pairs"));
    enough
        .filter(|((host, mark), _)| *mark == b"/amp" || is_known(facts, host, mark))
        .map(|((host, mark), paths)| finding(host, mark, &paths))
        .collect()
}

/// Whether any page of that language was ever served.
fn is_known(facts: &Facts<'_>, host: &[u8], mark: &[u8]) -> bool {
    let pages = facts.pages(host);
    let from = pages.partition_point(|row| row.key.tail < mark);
    pages.get(from).is_some_and(|row| row.key.tail.starts_with(mark))
}

fn finding(host: &[u8], mark: &[u8], paths: &[&FailedPath<'_>]) -> Finding {
    let count = paths.len() as u64;
    let requests = paths.iter().map(|path| path.missing).sum();
    let crawled: u64 = paths.iter().map(|path| path.crawled()).sum();
    let score = Score {
        weight: if mark == b"/amp" { 0.3 } else { 0.5 },
        size: count as f64,
        size_max: 1_000.0,
        seen: crawled,
    };
    let title = Sentence::new(plural(count, "page is", "pages are"))
        .words(" there, but not their form with ")
        .text(mark)
        .words(", which search engines ask for");
    let action = Sentence::new(match mark {
        b"/amp" => {
            "redirect the AMP form to the page itself with 301, and take amphtml off the pages"
        }
        _ => "bring that form back, or take hreflang off the pages",
    });
    let mut subject = of("prefix", mark);
    subject.host = (!host.is_empty()).then(|| Untrusted::new(host));
    let periods = paths.iter().filter_map(|path| path.missing_period());
    let period = periods.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let clients = clients_of(paths.iter().copied());
    Draft::new(&DETECTOR, subject, score.get(), requests)
        .seen(clients, period)
        .says(title, action)
        .count("pairs", count)
        .count("crawler_requests", crawled)
        .examples("path", paths.iter().map(|path| (path.key.tail, path.missing)))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_their_addresses() {
        let of = |path: &'static str| {
            let (mark, page) = form(path.as_bytes())?;
            Some((std::str::from_utf8(mark).unwrap(), std::str::from_utf8(page).unwrap()))
        };
        assert_eq!(of("/de/a/b"), Some(("/de/", "/a/b")));
        assert_eq!(of("/pt-BR/a"), Some(("/pt-BR/", "/a")));
        assert_eq!(of("/a/b/amp"), Some(("/amp", "/a/b")));
        assert_eq!(of("/a/amp/"), Some(("/amp", "/a")));
        assert_eq!(of("/amp"), None);
        assert_eq!(of("/de/"), None);
        assert_eq!(of("/d3/a"), None);
        assert_eq!(of("/about/a"), None);
        assert_eq!(of(""), None);
    }
}
