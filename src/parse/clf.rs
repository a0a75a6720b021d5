//! The family of the common log format: what its members share, and what tells them apart.
//!
//! A line of it is `client ident user [time] "request" status bytes`, with a virtual host before
//! it in some, and more fields after it in most. Nothing is found by counting spaces: the user name
//! is the client's to choose and may hold spaces and brackets, and the request line may hold
//! anything. The anchors are the bracket and quote `] "` between time and request, which no escaped
//! field can hold, and `" 404 153` behind the request.

use memchr::{memchr, memrchr};

use super::field;
use super::marks::Line;
use crate::clock::Clock;
use crate::record::{Extra, Record, Request, Skip, Status};

mod head;
mod product;
mod tail;
mod usual;

use head::{Head, is_address, read_head};
pub use head::{bytes_equal, bytes_no_digit, is_other_address};
pub use product::{HAPROXY, INGRESS_NGINX, SQUID, TRAEFIK};
use tail::read_tail;
pub use usual::{
    is_of_digits_and_dots, parse_usual, usual_combined, usual_head, usual_status_and_bytes,
};

/// What a line has before and after the fields that all members share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Where its virtual host is.
    pub host: Host,
    /// What stands after the bytes.
    pub tail: Tail,
}

impl Shape {
    const fn bit(self) -> u64 {
        1 << (self.host as u32 * TAILS + self.tail as u32)
    }
}

/// Some shapes.
#[derive(Clone, Copy, Debug)]
pub struct Shapes(u64);

impl Shapes {
    /// Those in `shapes`.
    pub const fn new(shapes: &[Shape]) -> Shapes {
        let (mut bits, mut at) = (0, 0);
        while at < shapes.len() {
            bits |= shapes[at].bit();
            at += 1;
        }
        Shapes(bits)
    }

    /// Those with any tail that no product has to itself, and the virtual host there.
    pub const fn with_host(host: Host) -> Shapes {
        Shapes(Tail::GENERAL << (host as u32 * TAILS))
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and `others`.
    pub const fn or(self, others: Shapes) -> Shapes {
        Shapes(self.0 | others.0)
    }

    /// Whether `shape` is among them.
    #[inline]
    pub fn has(self, shape: Shape) -> bool {
        self.0 & shape.bit() != 0
    }

    /// Whether one of `others` is among them.
    pub fn has_any(self, others: Shapes) -> bool {
        self.0 & others.0 != 0
    }
}

/// Where the virtual host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Nowhere.
    Nowhere,
    /// Before the client.
    First,
    /// Behind the client, where others have the ident.
    Ident,
    /// In the target, which is an absolute one.
    Target,
}

/// What stands after the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    Nothing,
    /// Referer and user agent.
    Agent,
    /// Referer, user agent and one more field in quotes.
    AgentAndQuoted,
    /// Referer, user agent and anything else.
    AgentAndMore,
    /// Anything else, a cut referer or user agent among it.
    Other,
    /// What Traefik has there.
    Traefik,
    /// What the ingress controller of Kubernetes has there.
    IngressNginx,
    /// What HAProxy has there.
    Haproxy,
    /// What Squid has there.
    Squid,
}

/// How many tails there are.
const TAILS: u32 = 9;

impl Tail {
    /// Those that no product has to itself.
    const GENERAL: u64 = (1 << Tail::Traefik as u32) - 1;
}

/// Reads a line, whatever its shape. What only some products write is looked for where it is `wanted`.
///
/// # Errors
///
/// What is wrong with it.
pub fn parse<'a>(
    line: Line<'a, '_>,
    clock: &mut Clock,
    wanted: Shapes,
) -> Result<(Record<'a>, Shape), Skip> {
    let text = line.text;
    let mut quotes = line.quotes();
    let stamp = find_stamp(text, &mut quotes, clock)?;
    // One space stands before the bracket; another is the end of a user name.
    let head = &text[..stamp.bracket];
    let Some(head) = read_head(head.strip_suffix(b" ").unwrap_or(head)) else {
        return Err(Skip::NoFormat);
    };
    let open = stamp.quote + 1;
    let Some(close) = find_status(text, open, quotes) else {
        return Err(without_status(&text[open..]));
    };
    let mut record = Record {
        time: stamp.time,
        status: close.status,
        bytes: close.bytes,
        client: head.client,
        host: head.host,
        user: head.user,
        request: Request::new(&text[open..close.quote]),
        referer: None,
        agent: None,
        forwarded: None,
        latency_millis: None,
        extra: Extra::NONE,
    };
    let mut quotes = line.quotes();
    quotes.find(|&quote| quote == close.quote);
    let (tail, more) = read_tail(text, close.rest, quotes, &mut record);
    let host = if head.host.is_some() { Host::First } else { Host::Nowhere };
    let general = Shape { host, tail };
    let shape = product::read(&head, close.rest, more, general, wanted, &mut record);
    Ok((record, shape))
}

struct Stamp {
    time: u32,
    /// Where the bracket before it stands.
    bracket: usize,
    /// Where the quote that opens the request stands.
    quote: usize,
}

/// The time is what stands in the brackets right before the quote that opens the request. The
/// first place of that kind counts: no user name can hold a bare quote.
fn find_stamp(
    line: &[u8],
    quotes: &mut impl Iterator<Item = usize>,
    clock: &mut Clock,
) -> Result<Stamp, Skip> {
    /// `[2026-11-21T14:05:09.123456789+00:00` and some room.
    const BRACKET_BYTES_MAX: usize = 48;
    let mut had_time = false;
    for quote in quotes {
        let Some(text) = line[..quote].strip_suffix(b"] ") else { continue };
        let from = text.len().saturating_sub(BRACKET_BYTES_MAX);
        let usual = text.len().wrapping_sub(b"[21/Nov/2026:14:05:09 +0000".len());
        // No time holds a bracket: where one stands in the usual place, its bracket is the last.
        if text.get(usual) == Some(&b'[')
            && let Some(time) = clock.read(&text[usual + 1..])
        {
            return Ok(Stamp { time, bracket: usual, quote });
        }
        let Some(bracket) = memrchr(b'[', &text[from..]).map(|at| from + at) else { continue };
        if let Some(time) = clock.read(&text[bracket + 1..]) {
            return Ok(Stamp { time, bracket, quote });
        }
        had_time |= text[bracket + 1..].first().is_some_and(u8::is_ascii_digit);
    }
    Err(if had_time { Skip::BadTime } else { without_stamp(line) })
}

/// A line without time and request: one that was cut before them, or none of ours.
fn without_stamp(line: &[u8]) -> Skip {
    let begins_so = memchr(b' ', line).is_some_and(|space| is_address(&line[..space]));
    let is_short = match memrchr(b'[', line) {
        Some(bracket) => line.len() - bracket <= b"[21/Nov/2026:14:05:09 +0000] ".len(),
        None => line.iter().filter(|&&byte| byte == b' ').count() <= 3,
    };
    if begins_so && is_short { Skip::Cut } else { Skip::NoFormat }
}

/// A line with a time and an open request, but without a status.
fn without_status(body: &[u8]) -> Skip {
    match memrchr(b'"', body) {
        None => Skip::Cut,
        Some(quote) if body.len() - quote <= b"\" 40".len() => Skip::Cut,
        Some(_) => Skip::NoFormat,
    }
}

/// What closes a request.
struct Close<'a> {
    quote: usize,
    status: Status,
    bytes: u64,
    rest: &'a [u8],
}

/// The first bare quote with a status and bytes behind it closes the request that begins at `open`.
///
/// Only where there is none may it be an escaped quote (a server that does not escape backslashes),
/// and only then may the bytes be missing.
fn find_status<'a>(
    text: &'a [u8],
    open: usize,
    quotes: impl Iterator<Item = usize> + Clone,
) -> Option<Close<'a>> {
    let whole = |quote: usize| {
        let (rest, (status, bytes)) = field::status_and_bytes(&text[quote + 1..]).ok()?;
        Some(Close { quote, status, bytes, rest })
    };
    let alone = |quote: usize| {
        let (rest, status) = field::status_alone(&text[quote + 1..]).ok()?;
        Some(Close { quote, status, bytes: 0, rest })
    };
    let is_bare = |quote: &usize| !is_escaped(&text[open..*quote]);
    let bare = quotes.clone().filter(is_bare);
    let whole = bare.clone().find_map(whole).or_else(|| quotes.clone().find_map(whole));
    whole.or_else(|| bare.clone().find_map(alone))
}

/// Whether what follows `text` stands behind an odd number of backslashes.
fn is_escaped(text: &[u8]) -> bool {
    match text.last() {
        Some(b'\\') => text.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Marks;

    fn read(head: &str) -> Option<(Option<String>, String)> {
        let line = format!("{head} [21/Nov/2026:14:05:09 +0000] \"GET / HTTP/1.1\" 404 5");
        let mut marks = Marks::default();
        marks.find(line.as_bytes());
        let (record, _) =
            parse(marks.line(line.as_bytes()), &mut Clock::default(), Shapes::new(&[])).ok()?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Some((record.host.map(text), text(record.client)))
    }

    #[test]
    fn the_first_word_of_an_envelope_is_no_client() {
        for head in [
            "Jul  8 11:07:07 web nginx[2869]: 192.0.2.7 - -",
            "Jul 18 11:07:07 web nginx: 192.0.2.7 - -",
            "<190>Nov 22 11:27:02 web nginx: 192.0.2.7 - -",
            "2026-01-24T01:37:00.000000000+00:00 stdout F 192.0.2.7 - -",
            "2026-01-24T01:37:00.000000000+00:00 stdout F",
            "web-1  | 192.0.2.7 - -",
            "access.log:192.0.2.7 - -",
            "12:192.0.2.7 - -",
            "\u{1f}\u{8b}junk - -",
        ] {
            assert_eq!(read(head), None, "{head}");
        }
    }

    #[test]
    fn hosts_and_clients_are_told_apart() {
        let client = |head| read(head).map(|(host, client)| (host.unwrap_or_default(), client));
        let is = |host: &str, client: &str| Some((host.to_string(), client.to_string()));
        assert_eq!(client("192.0.2.7 - -"), is("", "192.0.2.7"));
        assert_eq!(client("192.0.2.7"), is("", "192.0.2.7"));
        assert_eq!(client("192.0.2.7 shop.example -"), is("", "192.0.2.7"));
        assert_eq!(client("host.example - ann"), is("", "host.example"));
        assert_eq!(client("unix: - -"), is("", "unix:"));
        assert_eq!(client("- - -"), is("", "-"));
        assert_eq!(client("192.0.2.7, 198.51.100.2 - -"), is("", "192.0.2.7"));
        assert_eq!(client("shop.example 192.0.2.7 - -"), is("shop.example", "192.0.2.7"));
        assert_eq!(client("_ 2001:db8::1 - -"), is("_", "2001:db8::1"));
        assert_eq!(client("[2001:db8::9]:80 192.0.2.7 - -"), is("[2001:db8::9]", "192.0.2.7"));
        assert_eq!(client("shop.example:80 host.example - -"), is("shop.example", "host.example"));
    }

    #[test]
    fn where_a_redirect_leads_is_no_forwarded_client() {
        let read = |status: &str, field: &str| {
            let line = format!(
                "192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET / HTTP/1.1\" {status} 5 \"-\" \"-\" \"{field}\""
            );
            let mut marks = Marks::default();
            marks.find(line.as_bytes());
            let line = marks.line(line.as_bytes());
            let (record, _) = parse(line, &mut Clock::default(), Shapes::new(&[])).ok().unwrap();
            let text = |field: &[u8]| String::from_utf8(field.to_vec()).unwrap();
            (record.forwarded.map(text), record.extra.location.map(text))
        };
        let page = "https://shop.example/new";
        assert_eq!(read("301", page), (None, Some(page.to_string())));
        assert_eq!(read("302", "/new"), (None, Some("/new".to_string())));
        assert_eq!(read("301", "192.0.2.9"), (Some("192.0.2.9".to_string()), None));
        assert_eq!(read("200", "/new"), (Some("/new".to_string()), None));
        assert_eq!(read("301", "-"), (None, None));
    }

    #[test]
    fn brackets_without_a_time_are_no_bad_time() {
        let reason = |line: &str| {
            let mut marks = Marks::default();
            marks.find(line.as_bytes());
            parse(marks.line(line.as_bytes()), &mut Clock::default(), Shapes::new(&[])).err()
        };
        assert_eq!(reason(r#"[1] - GET "/x" [Gzip -] "curl""#), Some(Skip::NoFormat));
        let bad = r#"192.0.2.7 - - [31/Feb/2026:14:05:09 +0000] "GET / HTTP/1.1" 404 5"#;
        assert_eq!(reason(bad), Some(Skip::BadTime));
    }
}
