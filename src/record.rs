//! What one line says, borrowed from it; and why a line says nothing.

use std::fmt;

mod error_line;
mod extra;

pub use error_line::{ErrorKind, ErrorLine, LimitKind, LimitLine};
pub use extra::{Abort, Extra, Limit, Stamp, Upstream};

/// One request, as a line of an access log tells it. Slices point into the line and keep the log's
/// own spelling: nothing is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// When, in seconds since 1970-01-01T00:00:00Z. Which moment of the request this is depends on
    /// the server: nginx stamps the end, Apache the start.
    pub time: u32,
    /// The status as logged.
    pub status: Status,
    /// Bytes of the response; `-` counts as 0.
    pub bytes: u64,
    /// The client's address, or whatever the log has in its place.
    pub client: &'a [u8],
    /// The virtual host, without its port, where the format has a field for it.
    pub host: Option<&'a [u8]>,
    /// The name given by HTTP authentication. It is the client's to choose and may hold spaces and
    /// brackets. `None` stands for `-`.
    pub user: Option<&'a [u8]>,
    /// The request line, between its quotes.
    pub request: Request<'a>,
    /// The `Referer` field; `None` for `-` and for formats without it. Present but empty is `Some`.
    pub referer: Option<&'a [u8]>,
    /// The `User-Agent` field; as for `referer`.
    pub agent: Option<&'a [u8]>,
    /// The `X-Forwarded-For` field of nginx's `main` format.
    pub forwarded: Option<&'a [u8]>,
    /// How long the request took, in milliseconds, where the line says so.
    pub latency_millis: Option<u64>,
    /// What else it says.
    pub extra: Extra<'a>,
}

/// What a line that was read says.
#[expect(clippy::large_enum_variant, reason = "nearly all are requests")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// A request.
    Request(Record<'a>),
    /// Why one failed, or what the server has to say of itself: a line of an error log.
    Error(ErrorLine<'a>),
}

/// A record that is counted: what the counts need of it, with the keys of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// See [`Record::time`].
    pub time: u32,
    /// See [`Record::status`].
    pub status: Status,
    /// Whether it is one of the client errors that were asked for.
    pub is_error: bool,
    /// See [`Record::bytes`].
    pub bytes: u64,
    /// See [`Record::latency_millis`].
    pub latency_millis: Option<u64>,
    /// How the client left before the end, where the status does not tell it.
    pub abort: Option<Abort>,
    /// The client's key.
    pub client: &'a [u8],
    /// The virtual host; empty where the log has none.
    pub host: &'a [u8],
    /// The path's key.
    pub path: &'a [u8],
    /// Its user agent as logged; empty where there is none.
    pub agent: &'a [u8],
    /// The hash of that (`crate::classify::agents::hash`); 0 where there is none.
    pub agent_hash: u32,
    /// Whether it is for something that is no part of a page (`crate::classify::sites::is_asset`).
    pub is_page: bool,
    /// Whether it says where it comes from.
    pub has_referer: bool,
    /// Whether a limit turned it away: 429, 444, or `$limit_req_status` says so.
    pub is_limited: bool,
    /// What else there is to say of it; of nearly all hits nothing.
    pub aside: Option<&'a Aside<'a>>,
}

impl<'a> Hit<'a> {
    /// A request for nothing by nobody.
    pub const NONE: Hit<'static> = Hit {
        time: 0,
        status: Status::OK,
        is_error: false,
        bytes: 0,
        latency_millis: None,
        abort: None,
        client: b"",
        host: b"",
        path: b"",
        agent: b"",
        agent_hash: 0,
        is_page: true,
        has_referer: false,
        is_limited: false,
        aside: None,
    };

    /// What else there is to say of it, or that there is nothing.
    pub fn aside(&self) -> &'a Aside<'a> {
        const NONE: Aside<'_> = Aside::none();
        self.aside.unwrap_or(&NONE)
    }

    /// How long it took, in hundredths of a second; 0 where the log does not say.
    #[inline(always)]
    pub fn busy_centis(&self) -> u64 {
        self.latency_millis.map_or(0, |millis| millis.saturating_add(5) / 10)
    }

    /// What there is to say of one whose agent says that it is a crawler.
    pub fn crawl(&self) -> Option<Crawl<'a>> {
        self.aside?.crawl
    }
}

/// What there is to say of a hit that failed, or is a crawler's, or a redirect, or not a GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aside<'a> {
    /// Of a client error: the number of its user agent (`crate::classify::agents::Agent`).
    pub agent: u16,
    /// Of a client error: how sure it is that nobody but a scanner asks for this
    /// (`crate::classify::probes::weight`).
    pub probe: u8,
    /// Of a client error: why it failed.
    pub cause: Cause,
    /// Of a client error that a link led to: where that stands, without its query. Empty otherwise.
    pub referer: &'a [u8],
    /// Of the same: the client's network, of 24 bits or 48 (`crate::classify::ranges::network`).
    pub network: u64,
    /// How it was asked.
    pub method: Method,
    /// Of a client error: whether there was a query that is no part of the path's key.
    pub has_query: bool,
    /// Of what says that it is a crawler that is known by name.
    pub crawl: Option<Crawl<'a>>,
    /// Where a redirect leads to, where the log tells it. Empty otherwise.
    pub location: &'a [u8],
}

impl Aside<'_> {
    /// That there is nothing to say.
    pub const fn none() -> Aside<'static> {
        Aside {
            agent: 0,
            probe: 0,
            cause: Cause::Direct,
            referer: b"",
            network: 0,
            method: Method::Get,
            has_query: false,
            crawl: None,
            location: b"",
        }
    }
}

/// How something was asked for, as far as it matters whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As pages are.
    Get,
    /// For its head alone.
    Head,
    /// In another way, or none that can be read: what is there for GET may not be for it.
    Other,
}

/// A request of what says that it is a crawler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crawl<'a> {
    /// Which: its place in `crate::classify::crawlers::CRAWLERS`.
    pub crawler: u8,
    /// Whether it is one of a search engine.
    pub is_search: bool,
    /// Whether it comes from where that one does.
    pub address: Address,
    /// The query; empty where there is none.
    pub query: &'a [u8],
}

impl Crawl<'_> {
    /// Whether it is surely a search engine.
    pub fn is_verified_search(&self) -> bool {
        self.is_search && self.address == Address::Listed
    }
}

/// What the address of a crawler proves, as if its publisher's list were of the time of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// It is in the list.
    Listed,
    /// It is not.
    Unlisted,
    /// Nothing: there is no list, or such programs come from anywhere.
    Unknown,
}

impl Address {
    /// All of them.
    pub const ALL: &[Address] = &[Address::Listed, Address::Unlisted, Address::Unknown];
}

macro_rules! causes {
    ($($name:ident $id:literal $doc:literal,)*) => {
        /// Why a request failed, as far as its own line tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $(#[doc = $doc] $name,)*
        }

        impl Cause {
            /// All of them.
            pub const ALL: &[Cause] = &[$(Cause::$name,)*];

            /// The word in reports.
            pub fn id(self) -> &'static str {
                match self {
                    $(Cause::$name => $id,)*
                }
            }
        }
    };
}

impl Cause {
    /// Whether a link led there.
    pub fn is_link(self) -> bool {
        matches!(
            self,
            Cause::InternalLink | Cause::SearchResult | Cause::ExternalLink | Cause::MissingAsset
        )
    }

    /// Whether it is why somebody asked for what is not there.
    pub fn is_of_not_found(self) -> bool {
        match self {
            Cause::InternalLink
            | Cause::SearchResult
            | Cause::ExternalLink
            | Cause::MissingAsset
            | Cause::Crawler
            | Cause::Direct => true,
            Cause::Malformed
            | Cause::Scanner
            | Cause::Auth
            | Cause::RateLimit
            | Cause::ClientAbort
            | Cause::BadRequest => false,
        }
    }
}

causes! {
    Malformed "malformed" "Its request line is none: TLS to a port without it, or rubbish.",
    Scanner "scanner" "Nobody but a scanner for weaknesses asks for that, or it says that it is one.",
    Auth "auth" "It was refused: 401, 403, 407, 451.",
    RateLimit "rate-limit" "A limit turned it away: 429, 444.",
    ClientAbort "client-abort" "The client left, or was too slow: 408, 460, 499.",
    InternalLink "internal-link" "A page of the site itself links to what is not there.",
    SearchResult "search-result" "A search engine sent somebody to what is not there.",
    ExternalLink "external-link" "Somebody else's page links to what is not there.",
    MissingAsset "missing-asset" "A part of a page is not there: a picture, a style, a script.",
    Crawler "crawler" "A crawler asked for what is not there, from a list of its own.",
    Direct "direct" "Somebody asked for what is not there, and nothing tells why.",
    BadRequest "bad-request" "It was not understood: any other 4xx.",
}

/// A request line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The whole of it, as logged.
    pub line: &'a [u8],
    /// The method and the target; `None` where the line is malformed, that is where its first word
    /// is no token (RFC 9110 §5.6.2) or no target follows: an empty line, `-`, TLS bytes, one word.
    pub parts: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Request<'a> {
    /// Takes a request line apart.
    ///
    /// The method ends at the first space. The protocol is what follows the last space, where that
    /// reads `HTTP/1` or `HTTP/1.1`; HTTP/0.9 has none. What lies between is the target: it may
    /// hold spaces (nginx before 1.21.1, lighttpd, Apache with `HttpProtocolOptions Unsafe`).
    #[inline]
    pub fn new(line: &'a [u8]) -> Request<'a> {
        Request { line, parts: split_request(line) }
    }

    /// Whether `text` can be a method: a token (RFC 9110 §5.6.2).
    pub fn is_method(text: &[u8]) -> bool {
        // Nearly every method is one of these.
        if matches!(text, b"GET" | b"POST" | b"HEAD") {
            return true;
        }
        !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
    }

    /// Takes `"GET /path HTTP/1.1"`, a request line in its quotes, apart as [`Request::new`] does;
    /// `None` where there are no quotes around it, or a backslash stands before the last.
    #[inline(always)]
    pub fn usual(quoted: &'a [u8]) -> Option<Request<'a>> {
        let [b'"', line @ .., b'"'] = quoted else { return None };
        if let Some(parts) = split_usual(quoted) {
            return Some(Request { line, parts: Some(parts) });
        }
        (line.last() != Some(&b'\\')).then(|| Request::new(line))
    }

    /// The method, unless the line is malformed.
    pub fn method(&self) -> Option<&'a [u8]> {
        self.parts.map(|(method, _)| method)
    }

    /// The target, unless the line is malformed.
    pub fn target(&self) -> Option<&'a [u8]> {
        self.parts.map(|(_, target)| target)
    }
}

/// Takes `"GET /path HTTP/1.1"` apart, where it is no different from that.
#[inline(always)]
fn split_usual(quoted: &[u8]) -> Option<(&[u8], &[u8])> {
    let (before, end) = quoted.split_last_chunk::<10>()?;
    let [name @ .., major, b'.', minor, b'"'] = *end else { return None };
    if name != *b" HTTP/" || !major.is_ascii_digit() || !minor.is_ascii_digit() {
        return None;
    }
    let space = match before {
        [b'"', b'G', b'E', b'T', b' ', b'/', ..] => 4,
        [b'"', b'P', b'O', b'S', b'T', b' ', b'/', ..]
        | [b'"', b'H', b'E', b'A', b'D', b' ', b'/', ..] => 5,
        _ => return None,
    };
    // Space at the end would have to be trimmed.
    let target = &before[space + 1..];
    target.last().is_some_and(|&byte| byte > b' ').then_some((&before[1..space], target))
}

#[inline]
fn split_request(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = match *line {
        // Nearly every method is one of these.
        [b'G', b'E', b'T', b' ', ..] => 3,
        [b'P', b'O', b'S', b'T', b' ', ..] | [b'H', b'E', b'A', b'D', b' ', ..] => 4,
        _ => line.iter().position(|&byte| !is_token_byte(byte))?,
    };
    if space == 0 || line[space] != b' ' {
        return None;
    }
    let (method, rest) = (&line[..space], line[space..].trim_ascii_end());
    let target = without_protocol(rest).trim_ascii();
    if target.is_empty() { None } else { Some((method, target)) }
}

/// `rest` begins with a space, so that the protocol is found even where there is no target.
#[inline]
fn without_protocol(rest: &[u8]) -> &[u8] {
    const NAME: [u8; 6] = *b" HTTP/";
    if let Some((before, [name @ .., major, b'.', minor])) = rest.split_last_chunk::<9>()
        && *name == NAME
        && major.is_ascii_digit()
        && minor.is_ascii_digit()
    {
        return before;
    }
    match rest.split_last_chunk::<7>() {
        Some((before, [name @ .., major])) if *name == NAME && major.is_ascii_digit() => before,
        _ => rest,
    }
}

/// `tchar` of RFC 9110 §5.6.2.
fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9'
        | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`'
        | b'|' | b'~')
}

/// A status in the log's own spelling: `404`, and also `000` and `009` (nginx, when no status was
/// chosen and for an HTTP/0.9 upstream), `-` (Apache) and `-1` (HAProxy).
///
/// One number for each spelling, below [`Status::SPELLINGS`], so that counting is an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(u16);

impl Status {
    /// How many spellings there are.
    pub const SPELLINGS: usize = 1112;
    /// `0`: no response began (Envoy, Caddy).
    pub const ZERO: Status = Status(Self::ONE_DIGIT);
    /// 000: none was chosen.
    pub const NONE_CHOSEN: Status = Status(0);
    /// 200.
    pub const OK: Status = Status(200);
    /// 404.
    pub const NOT_FOUND: Status = Status(404);
    const HYPHEN: u16 = 1000;
    const MINUS_ONE: u16 = 1001;
    const ONE_DIGIT: u16 = 1002;
    const TWO_DIGITS: u16 = 1012;

    /// Reads a status, or `None` where `text` is none.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Status> {
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
        let number = match *text {
            [a, b, c] => digit(a)? * 100 + digit(b)? * 10 + digit(c)?,
            [b'-'] => Self::HYPHEN,
            [b'-', b'1'] => Self::MINUS_ONE,
            [a] => Self::ONE_DIGIT + digit(a)?,
            [a, b] => Self::TWO_DIGITS + digit(a)? * 10 + digit(b)?,
            _ => return None,
        };
        Some(Status(number))
    }

    /// The status of a three-digit code.
    ///
    /// # Panics
    ///
    /// If `code` has more than three digits.
    pub fn from_code(code: u16) -> Status {
        assert!(code < 1000, "a status code has three digits: {code}");
        Status(code)
    }

    /// The status with this index.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`Status::SPELLINGS`].
    pub fn from_index(index: usize) -> Status {
        assert!(index < Self::SPELLINGS, "no status has index {index}");
        Status(index as u16)
    }

    /// A number below [`Status::SPELLINGS`], for tables.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The code, where it lies in 100–599.
    pub fn code(self) -> Option<u16> {
        (100..600).contains(&self.0).then_some(self.0)
    }

    /// Whether the code lies in 200–299, or is 304, which says that a success is still one.
    pub fn is_success(self) -> bool {
        (200..300).contains(&self.0) || self.0 == 304
    }

    /// Whether the code lies in 400–499.
    pub fn is_client_error(self) -> bool {
        (400..500).contains(&self.0)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            number @ 0..1000 => write!(out, "{number:03}"),
            Self::HYPHEN => out.write_str("-"),
            Self::MINUS_ONE => out.write_str("-1"),
            number @ Self::ONE_DIGIT..Self::TWO_DIGITS => {
                write!(out, "{}", number - Self::ONE_DIGIT)
            }
            number => write!(out, "{:02}", number - Self::TWO_DIGITS),
        }
    }
}

/// Why a line is no record. Each line is a record or has one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// Nothing, or white space only.
    Blank,
    /// NUL bytes only: what a crash, `copytruncate` or preallocation leaves.
    Nul,
    /// Longer than [`crate::options::LINE_BYTES_MAX`].
    TooLong,
    /// It begins as a record does and ends before the status.
    Cut,
    /// The time in its brackets is none.
    BadTime,
    /// Bytes that are no text, and no record of any format either.
    Binary,
    /// A line about the log itself: W3C directives, `logfile turned over`, the head of a table.
    Header,
    /// A line of a program whose requests are read that tells of none: it started, it reloaded.
    NoRequest,
    /// A line of an error log: it is counted by kind, in a part of the report of its own.
    ErrorLog,
    /// A part of a line that a container's log driver split; its rest follows.
    Part,
    /// Text that no format fits.
    NoFormat,
}

impl Skip {
    /// All of them.
    pub const ALL: [Skip; 11] = [
        Skip::Blank,
        Skip::Nul,
        Skip::TooLong,
        Skip::Cut,
        Skip::BadTime,
        Skip::Binary,
        Skip::Header,
        Skip::NoRequest,
        Skip::ErrorLog,
        Skip::Part,
        Skip::NoFormat,
    ];

    /// Whether something may be lost with the line. Nothing is where it is empty, of an error log,
    /// about the log itself, or a part of a line that is read when it is whole.
    pub fn is_loss(self) -> bool {
        match self {
            Skip::Blank | Skip::Header | Skip::NoRequest | Skip::ErrorLog | Skip::Part => false,
            Skip::Nul
            | Skip::TooLong
            | Skip::Cut
            | Skip::BadTime
            | Skip::Binary
            | Skip::NoFormat => true,
        }
    }

    /// The word in reports.
    pub fn id(self) -> &'static str {
        match self {
            Skip::Blank => "blank",
            Skip::Nul => "nul",
            Skip::TooLong => "too-long",
            Skip::Cut => "cut",
            Skip::BadTime => "bad-time",
            Skip::Binary => "binary",
            Skip::Header => "header",
            Skip::NoRequest => "no-request",
            Skip::ErrorLog => "error-log",
            Skip::Part => "part",
            Skip::NoFormat => "no-format",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Option<(&str, &str)> {
        let (method, target) = Request::new(line.as_bytes()).parts?;
        Some((std::str::from_utf8(method).unwrap(), std::str::from_utf8(target).unwrap()))
    }

    #[test]
    fn a_request_line_splits_into_method_and_target() {
        assert_eq!(split("GET / HTTP/1.1"), Some(("GET", "/")));
        assert_eq!(split("GET /a b HTTP/2"), Some(("GET", "/a b")));
        assert_eq!(split("GET /a.txt"), Some(("GET", "/a.txt")));
        assert_eq!(split("GET  /two HTTP/1.1"), Some(("GET", "/two")));
        assert_eq!(split("GET / HTTP/1.1 "), Some(("GET", "/")));
        assert_eq!(split("get / HTTP/1.1"), Some(("get", "/")));
        assert_eq!(split("PRI * HTTP/2.0"), Some(("PRI", "*")));
        assert_eq!(split("GET / HT"), Some(("GET", "/ HT")));
        assert_eq!(split("GET /x HTTP/1.12"), Some(("GET", "/x HTTP/1.12")));
    }

    #[test]
    fn a_malformed_request_line_has_no_parts() {
        for line in ["", "-", "GE", "GET", "GET ", "GET HTTP/1.1", " / HTTP/1.1", "  "] {
            assert_eq!(split(line), None, "{line:?}");
        }
        assert_eq!(split(r"\x16\x03\x01\x02 x"), None);
        assert_eq!(split("t3 12.1.2\\n"), Some(("t3", "12.1.2\\n")));
    }

    #[test]
    fn every_spelling_of_a_status_comes_back() {
        for index in 0..Status::SPELLINGS {
            let status = Status::from_index(index);
            assert_eq!(Status::parse(status.to_string().as_bytes()), Some(status));
        }
        for text in ["", "4044", "4o4", "--", "-2", "+12"] {
            assert_eq!(Status::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Status::parse(b"009").unwrap().to_string(), "009");
        assert_eq!(Status::parse(b"009").unwrap().code(), None);
        assert_eq!(Status::parse(b"499").unwrap().code(), Some(499));
        assert!(Status::parse(b"444").unwrap().is_client_error());
    }
}
