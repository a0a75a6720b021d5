//! Ways in which one path is written, and what is left of it when they are made one.

use super::Transform;

/// Ways of writing that are not told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways(u8);

/// The transforms that are ways of writing, in order; each has its bit.
const TRANSFORMS: [Transform; 7] = [
    Transform::TrailingSlash,
    Transform::DoubledSlash,
    Transform::Case,
    Transform::PercentEncoding,
    Transform::TrailingJunk,
    Transform::Extension,
    Transform::Separator,
];

impl Ways {
    /// All seven.
    pub const ALL: Ways = Ways((1 << TRANSFORMS.len()) - 1);

    /// All but extensions and separators: what a class or a name is seen in.
    pub const TIDY: Ways = Ways(0b1_1111);

    fn has(self, transform: Transform) -> bool {
        self.0 & 1 << transform as u8 != 0
    }

    /// The fewest of the first of them by which two paths are the same; `None` where they never are.
    pub fn between(one: &[u8], other: &[u8]) -> Option<Ways> {
        let is_same = |ways: &Ways| plain(one, *ways) == plain(other, *ways);
        let first = |count: usize| Ways((1 << count) - 1);
        let mut ways = (0..=TRANSFORMS.len()).map(first).find(is_same)?;
        for bit in 0..TRANSFORMS.len() {
            let fewer = Ways(ways.0 & !(1 << bit));
            if is_same(&fewer) {
                ways = fewer;
            }
        }
        Some(ways)
    }

    /// The place of the last of them in the order.
    pub fn last(self) -> u32 {
        u8::BITS - self.0.leading_zeros()
    }

    /// Them, in order.
    pub fn transforms(self) -> impl Iterator<Item = Transform> {
        TRANSFORMS.into_iter().filter(move |transform| self.has(*transform))
    }
}

/// Extensions that a page may have or not.
const EXTENSIONS: [&[u8]; 9] =
    [b".html", b".htm", b".php", b".aspx", b".asp", b".shtml", b".xhtml", b".jsp", b".cfm"];

/// Names of the page of a folder.
const INDEXES: [&[u8]; 2] = [b"/index", b"/default"];

/// What is left of a path when these ways of writing it are made one; empty for the home page, if
/// trailing slashes are among them.
pub fn plain(path: &[u8], ways: Ways) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    write_plain(path, ways, &mut out);
    out
}

/// As [`plain`], into a room that was made before.
pub fn write_plain(path: &[u8], ways: Ways, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(path);
    if !is_simple(path) {
        if ways.has(Transform::PercentEncoding) {
            decode(out);
            // What was encoded twice.
            decode(out);
            to_utf8(out);
        }
        if ways.has(Transform::Case) {
            lower(out);
        }
        if ways.has(Transform::TrailingJunk) {
            without_entities(out);
        }
        if ways.has(Transform::DoubledSlash) {
            out.dedup_by(|next, byte| *next == b'/' && *byte == b'/');
        }
    }
    loop {
        let length = out.len();
        if ways.has(Transform::TrailingJunk) {
            out.truncate(length - junk(out));
        }
        if ways.has(Transform::TrailingSlash) && out.ends_with(b"/") {
            out.pop();
        }
        if out.len() == length {
            break;
        }
    }
    if ways.has(Transform::Extension) {
        out.truncate(out.len() - extension(out));
        if let Some(index) = INDEXES.iter().find(|index| ends_with(out, index)) {
            let is_slash_kept = !ways.has(Transform::TrailingSlash);
            out.truncate(out.len() - index.len() + usize::from(is_slash_kept));
        }
    }
    if ways.has(Transform::Separator) {
        for byte in out.iter_mut().filter(|byte| matches!(byte, b'_' | b' ')) {
            *byte = b'-';
        }
    }
}

/// What stands behind the last slash.
pub fn name(plain: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', plain).map_or(plain, |slash| &plain[slash + 1..])
}

fn ends_with(text: &[u8], ending: &[u8]) -> bool {
    text.len() >= ending.len() && text[text.len() - ending.len()..].eq_ignore_ascii_case(ending)
}

/// How long the extension of a page is.
fn extension(path: &[u8]) -> usize {
    const BYTES_MAX: usize = 6;
    let from = path.len().saturating_sub(BYTES_MAX);
    let Some(point) = memchr::memrchr(b'.', &path[from..]) else { return 0 };
    let (rest, extension) = path.split_at(from + point);
    let is_known = EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
    let has_name = rest.last().is_some_and(|byte| *byte != b'/');
    if is_known && has_name { extension.len() } else { 0 }
}

/// Whether there is nothing to decode, to make small or to leave out but at the end, as in most paths.
fn is_simple(path: &[u8]) -> bool {
    let mut previous = 0;
    path.iter().all(|&byte| {
        let is_second = byte == b'/' && previous == b'/';
        previous = byte;
        matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_') && !is_second
    })
}

/// Decodes `%hh`, nginx's `\xhh` and `+`, in place.
fn decode(text: &mut Vec<u8>) {
    let mut to = 0;
    let mut at = 0;
    while at < text.len() {
        let (byte, length) = match &text[at..] {
            [b'%', high, low, ..] | [b'\\', b'x', high, low, ..] => {
                match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        (high << 4 | low, if text[at] == b'%' { 3 } else { 4 })
                    }
                    _ => (text[at], 1),
                }
            }
            [b'+', ..] => (b' ', 1),
            _ => (text[at], 1),
        };
        text[to] = byte;
        to += 1;
        at += length;
    }
    text.truncate(to);
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Takes bytes that are no UTF-8 for Latin-1.
fn to_utf8(text: &mut Vec<u8>) {
    if std::str::from_utf8(text).is_err() {
        let utf8: String = text.iter().map(|byte| char::from(*byte)).collect();
        *text = utf8.into_bytes();
    }
}

fn lower(text: &mut Vec<u8>) {
    if text.is_ascii() {
        return text.make_ascii_lowercase();
    }
    match std::str::from_utf8(text) {
        Ok(utf8) => *text = utf8.to_lowercase().into_bytes(),
        Err(_) => text.make_ascii_lowercase(),
    }
}

/// What HTML writes for an ampersand, which a copied link may have kept.
const AMPERSAND: &[u8] = b"&amp;";

fn without_entities(text: &mut Vec<u8>) {
    while let Some(at) = memchr::memmem::find(text, AMPERSAND) {
        text.drain(at + 1..at + AMPERSAND.len());
    }
}

/// What a text writes around a link, in its bytes and as HTML has it.
const JUNK: [&[u8]; 13] = [
    b"&quot;",
    b"&gt;",
    b"&lt;",
    b"&#39;",
    b"&nbsp;",
    b"...",
    "\u{2026}".as_bytes(),
    "\u{bb}".as_bytes(),
    "\u{201c}".as_bytes(),
    "\u{201d}".as_bytes(),
    "\u{2019}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{200b}".as_bytes(),
];

/// How much of the end of a path belongs to the text around it.
fn junk(path: &[u8]) -> usize {
    let Some(last) = path.last() else { return 0 };
    if last.is_ascii_alphanumeric() || *last == b'/' {
        return 0;
    }
    if let Some(known) = JUNK.iter().find(|known| ends_with(path, known)) {
        return known.len();
    }
    b")]}>.,;:!'\"`*<\\| \t\r\n".contains(last).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_written_otherwise_are_the_same() {
        for (one, other, last) in [
            ("/a/b", "/a/b/", "trailing-slash"),
            ("/a//b", "/a/b", "doubled-slash"),
            ("/a//b/", "/a/b", "doubled-slash"),
            ("/About", "/about", "case"),
            ("/a%2520b", "/a%20b", "percent-encoding"),
            ("/a+b", "/a%20b", "percent-encoding"),
            ("/caf%E9", "/caf%C3%A9", "percent-encoding"),
            ("/%C3%84rzte", "/%c3%a4rzte", "percent-encoding"),
            (r"/a\x22", "/a", "trailing-junk"),
            ("/a).", "/a", "trailing-junk"),
            ("/a%E2%80%A6", "/a", "trailing-junk"),
            ("/a/b&quot;/", "/a/b", "trailing-junk"),
            ("/a&amp;b", "/a&b", "trailing-junk"),
            ("/a.html", "/a", "extension"),
            ("/a.php", "/a.htm", "extension"),
            ("/a/index.html", "/a/", "extension"),
            ("/a_b", "/a-b", "separator"),
            ("/a%20b", "/a-b", "separator"),
        ] {
            let ways = Ways::between(one.as_bytes(), other.as_bytes()).expect(one);
            let found = TRANSFORMS[ways.last() as usize - 1];
            assert_eq!(found.id(), last, "{one} {other}");
        }
        assert_eq!(Ways::between(b"/a", b"/b"), None);
        assert_eq!(Ways::between(b"/a", b"/a"), Some(Ways(0)));
    }

    #[test]
    fn the_home_page_is_nothing() {
        for path in ["/", "//", "/index.html", "/INDEX.php", "/).", "/%20", "/index"] {
            assert!(plain(path.as_bytes(), Ways::ALL).is_empty(), "{path}");
        }
        assert_eq!(plain(b"/.html", Ways::ALL), b"/.html");
    }
}
