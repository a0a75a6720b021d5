//! Paths with a part too many: what they are without it.

use std::borrow::Cow;

use super::super::sites;
use super::Transform;

/// A path that was cut has at least so many bytes left: `/blog` begins many.
pub const BEGINNING_BYTES_MIN: usize = 8;

/// At least so many of a hundred of a path are left.
const BEGINNING_PERCENT_MIN: usize = 60;

/// At least so many bytes were cut off.
const CUT_BYTES_MIN: usize = 3;

/// What begins a query, or stands where one was mistaken for a part of the path.
const QUERIES: [&[u8]; 10] =
    [b"%3f", b"%253f", b"\\x3f", b"?", b"#", b"%23", b"%26", b"&", b"\\u0026", b";jsessionid"];

/// Languages (ISO 639-1) and the countries that sites write like them.
const LOCALES: &str = "af ar at au az be bg bn br bs ca ch cn cs cy da de dk el en eo es et eu fa fi fr ga \
    gb gl gr he hi hr hu hy id ie is it ja jp ka kk km kn ko kr lt lv mk ml mn mr ms mx nb ne nl nn no nz \
    pa pl ps pt ro ru se si sk sl sq sr sv sw ta te th tr tw ua uk ur us uz vi za zh zu";

/// What a missing path may have meant, in the order in which it is looked for.
pub fn of<'a>(path: &'a [u8]) -> Vec<(Transform, Cow<'a, [u8]>)> {
    let mut found = Vec::new();
    let mut add = |transform, variant: Option<Cow<'a, [u8]>>| {
        // What is left of a path of one segment is the home page.
        found.extend(variant.filter(|variant| variant.len() > 1).map(|v| (transform, v)));
    };
    add(Transform::Query, without_query(path).map(Cow::Borrowed));
    add(Transform::HostInPath, without_host(path).map(Cow::Borrowed));
    for variant in without_repetition(path) {
        add(Transform::RepeatedSegment, Some(Cow::Owned(variant)));
    }
    add(Transform::Locale, without_locale(path).map(Cow::Borrowed));
    add(Transform::Date, without_date(path).map(Cow::Owned));
    add(Transform::Amp, without_amp(path).map(Cow::Borrowed));
    found
}

fn without_query(path: &[u8]) -> Option<&[u8]> {
    let starts = |rest: &[u8]| {
        QUERIES.iter().any(|known| {
            rest.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
        })
    };
    let marks = memchr::memchr3_iter(b'%', b'&', b'?', path);
    let others = memchr::memchr3_iter(b'\\', b'#', b';', path);
    let first = |mut marks: memchr::Memchr3<'_>| marks.find(|at| starts(&path[*at..]));
    let at = [first(marks), first(others)].into_iter().flatten().min()?;
    Some(&path[..at])
}

/// The first segment and what follows it, with its slash.
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let segments = path.strip_prefix(b"/")?;
    let slash = memchr::memchr(b'/', segments)?;
    Some(segments.split_at(slash))
}

/// `/example.com/x`, `/https://example.com/x`, `//example.com/x`: from the slash behind the host on.
fn without_host(path: &[u8]) -> Option<&[u8]> {
    let from = path.iter().position(|byte| *byte != b'/')?.saturating_sub(1);
    let (first, rest) = split(&path[from..])?;
    if first.eq_ignore_ascii_case(b"http:") || first.eq_ignore_ascii_case(b"https:") {
        return without_host(rest).or(Some(rest));
    }
    is_host(first).then_some(rest)
}

/// Labels of a domain, the last of letters only.
fn is_host(segment: &[u8]) -> bool {
    let segment = sites::without_port(segment);
    let mut labels = segment.rsplit(|byte| *byte == b'.');
    let is_label = |label: &[u8]| {
        !label.is_empty() && label.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    };
    let domain = labels.next().unwrap_or_default();
    let is_domain = domain.len() >= 2 && domain.iter().all(u8::is_ascii_alphabetic);
    is_domain && segment.contains(&b'.') && labels.all(is_label)
}

/// So many segments of a path are looked at for repetition.
const SEGMENTS_MAX: usize = 12;

/// Without one to three segments that stand twice in a row.
fn without_repetition(path: &[u8]) -> Vec<Vec<u8>> {
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').skip(1).collect();
    let mut found = Vec::new();
    if segments.len() > SEGMENTS_MAX {
        return found;
    }
    for length in 1..=3 {
        for at in 0..(segments.len() + 1).saturating_sub(2 * length) {
            let (one, two) = (&segments[at..at + length], &segments[at + length..at + 2 * length]);
            if one == two && !one[0].is_empty() {
                let kept = segments[..at].iter().chain(&segments[at + length..]);
                found.push(kept.flat_map(|segment| [b"/", *segment].concat()).collect());
            }
        }
    }
    found
}

/// Without the language at its start.
pub fn without_locale(path: &[u8]) -> Option<&[u8]> {
    let (first, rest) = split(path)?;
    let is_known = |code: &[u8]| {
        let mut codes = LOCALES.as_bytes().split(|byte| *byte == b' ');
        code.len() == 2 && codes.any(|known| known.eq_ignore_ascii_case(code))
    };
    let is_locale = match first {
        [_, _] => is_known(first),
        [one, two, b'-' | b'_', country @ ..] => {
            let is_country = country.len() == 2 && country.iter().all(u8::is_ascii_alphabetic);
            is_country && is_known(&[*one, *two])
        }
        _ => false,
    };
    is_locale.then_some(rest)
}

/// Without the first year, the month and the day behind it.
fn without_date(path: &[u8]) -> Option<Vec<u8>> {
    let is_number = |segment: &[u8], length: usize| {
        segment.len() == length && segment.iter().all(u8::is_ascii_digit)
    };
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').skip(1).collect();
    let is_year = |segment: &&[u8]| is_number(segment, 4) && matches!(segment[0], b'1' | b'2');
    let year = segments.iter().take(SEGMENTS_MAX).position(is_year)?;
    let rest = &segments[year + 1..];
    let days = rest.iter().take(2).take_while(|segment| is_number(segment, 2)).count();
    let kept = segments[..year].iter().chain(&rest[days..]);
    // Nothing behind the date: it is an archive.
    let has_name = rest[days..].iter().any(|segment| !segment.is_empty());
    has_name.then(|| kept.flat_map(|segment| [b"/", *segment].concat()).collect())
}

fn without_amp(path: &[u8]) -> Option<&[u8]> {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    [&b"/amp"[..], b".amp", b"/amp.html"].into_iter().find_map(|ending| path.strip_suffix(ending))
}

/// Where a path may have been cut off: what stands before a hyphen or a slash near its end.
pub fn beginnings(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let from = (path.len() * BEGINNING_PERCENT_MIN).div_ceil(100).max(BEGINNING_BYTES_MIN);
    let to = path.len().saturating_sub(CUT_BYTES_MIN - 1).max(from);
    let places = memchr::memchr2_iter(b'-', b'/', path.get(from..to).unwrap_or_default());
    let starts = places.map(move |at| path.split_at(from + at));
    // An id that was cut off is not to be guessed.
    let has_words = |rest: &[u8]| rest.iter().any(u8::is_ascii_alphabetic);
    starts.filter(move |(_, rest)| has_words(rest)).map(|(start, _)| start)
}

/// Without what shows that it was cut: points, a hyphen, a slash.
pub fn without_cut_mark(path: &[u8]) -> &[u8] {
    let mut rest = path;
    while let Some(shorter) = [&b"-"[..], b"/", b".", b"%E2%80%A6", "\u{2026}".as_bytes()]
        .into_iter()
        .find_map(|mark| rest.strip_suffix(mark))
    {
        rest = shorter;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_too_many_is_left_out() {
        for (path, transform, wanted) in [
            ("/a%3Fx=1", "query", "/a"),
            ("/a&utm_source=x", "query", "/a"),
            ("/a;jsessionid=12", "query", "/a"),
            ("/shop.example/a", "host-in-path", "/a"),
            ("/https://shop.example/a/b", "host-in-path", "/a/b"),
            ("//shop.example/a", "host-in-path", "/a"),
            ("/http:/a", "host-in-path", "/a"),
            ("/a/a/b", "repeated-segment", "/a/b"),
            ("/a/b/a/b/c", "repeated-segment", "/a/b/c"),
            ("/de/a", "locale", "/a"),
            ("/de-AT/a", "locale", "/a"),
            ("/2021/03/04/a", "date", "/a"),
            ("/blog/2021/a/", "date", "/blog/a/"),
            ("/a/amp/", "amp", "/a"),
        ] {
            let found = of(path.as_bytes());
            let is_there = found.iter().any(|(way, variant)| {
                way.id() == transform && variant.as_ref() == wanted.as_bytes()
            });
            assert!(is_there, "{path} {wanted}");
        }
        for path in ["/a", "/js/a.js", "/a.css/b", "/2021/03/", "/deutsch/a", "/"] {
            let found = of(path.as_bytes());
            assert!(path == "/a.css/b" || found.is_empty(), "{path}: {}", found.len());
        }
    }

    #[test]
    fn a_path_may_be_cut_between_words() {
        let found: Vec<&[u8]> = beginnings(b"/blog/how-to-tie-a-knot").collect();
        assert_eq!(found, [&b"/blog/how-to-tie"[..], b"/blog/how-to-tie-a"]);
        assert_eq!(beginnings(b"/blog/how-to-123").count(), 0);
        assert_eq!(beginnings(b"").count() + beginnings(b"/").count(), 0);
        assert_eq!(without_cut_mark(b"/blog/how-to-..."), b"/blog/how-to");
    }
}
