//! The slow twin of the parser: the rules of the common log family, with regular expressions.
//!
//! Nothing here is clever, and nothing is taken from the parser but its answers' types. A line is
//! `[host ]client ident user [time] "request" status bytes tail`. It is read from two anchors: the
//! first `] "` behind something that is a time, and the first closing quote behind which a status
//! and bytes stand.

use std::sync::LazyLock;

use logscan::record::{Skip, Status};
use regex::bytes::{Captures, Regex};

/// The formats that it knows.
pub const FORMATS: [&str; 8] = [
    "combined",
    "main",
    "combined-extra",
    "common",
    "common-extra",
    "vhost-combined",
    "vhost-common",
    "vhost-extra",
];

/// What a line says, and in which format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spelled {
    pub format: &'static str,
    pub time: u32,
    pub status: String,
    pub bytes: u64,
    pub client: Vec<u8>,
    pub host: Option<Vec<u8>>,
    pub user: Option<Vec<u8>>,
    pub request: Vec<u8>,
    pub method_and_target: Option<(Vec<u8>, Vec<u8>)>,
    pub referer: Option<Vec<u8>>,
    pub agent: Option<Vec<u8>>,
    pub forwarded: Option<Vec<u8>>,
    pub latency_millis: Option<u64>,
}

/// A regular expression over bytes, in which `.` is any byte.
macro_rules! regex {
    ($pattern:expr) => {{
        static REGEX: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(concat!("(?s-u)", $pattern)).unwrap());
        &*REGEX
    }};
}

/// Reads a line.
pub fn line(line: &[u8]) -> Result<Spelled, Skip> {
    let (head, time, body) = find_time(line)?;
    let mut spelled = read_head(&head).ok_or_else(|| binary_or_no_format(line))?;
    spelled.time = time;
    let Some((request, status, bytes, tail)) = find_status(body) else {
        return Err(without_status(line, body));
    };
    spelled.status = status;
    spelled.bytes = bytes;
    spelled.method_and_target = split_request(&request);
    spelled.request = request;
    read_tail(tail, &mut spelled);
    Ok(spelled)
}

/// What stands before the time, the time, and what stands behind the quote that opens the request.
fn find_time(line: &[u8]) -> Result<(Vec<u8>, u32, &[u8]), Skip> {
    let mut had_time = false;
    for anchor in regex!(r#"\] ""#).find_iter(line) {
        // The last bracket, at most 47 bytes of text behind it.
        let before = &line[..anchor.start()];
        let Some(found) = regex!(r"^(.*)\[([^\[]{0,47})$").captures(before) else { continue };
        match read_time(&found[2]) {
            Some(time) => return Ok((found[1].to_vec(), time, &line[anchor.end()..])),
            None => had_time |= regex!("^[0-9]").is_match(&found[2]),
        }
    }
    Err(if had_time { Skip::BadTime } else { without_time(line) })
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const LONG_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `21/Nov/2026:14:05:09 +0000`, ISO 8601, or `November 21, 2026T14:05:09`, with or without a fraction
/// and an offset; `Sat Nov 21 14:05:09 2026` too.
fn read_time(text: &[u8]) -> Option<u32> {
    let asctime = regex!(
        r"^(?-u:.){3} ([A-Z][a-z]{2}) (?: ([0-9])|([0-9]{2})) ([0-9]{2}:[0-9]{2}:[0-9]{2}) ([0-9]{4})(.*)$"
    );
    let spelled = asctime.captures(text).map(|found| {
        let day = found.get(2).map_or(&b""[..], |_| b"0");
        let digits = found.get(2).or(found.get(3)).unwrap().as_bytes();
        [day, digits, b"/", &found[1], b"/", &found[5], b":", &found[4], &found[6]].concat()
    });
    let text = spelled.as_deref().unwrap_or(text);
    let found = regex!(
        r"^(?:(?P<d>[0-9]{2})/(?P<mon>[A-Z][a-z]{2})/(?P<y>[0-9]{4}):|(?P<iy>[0-9]{4})-(?P<im>[0-9]{2})-(?P<id>[0-9]{2})[T ]|(?P<long>[A-Z][a-z]+) (?P<ld>[0-9]{1,2}), (?P<ly>[0-9]{4})[T ])(?P<h>[0-9]{2}):(?P<min>[0-9]{2}):(?P<s>[0-9]{2})(?:[.,][0-9]+)?(?: ?(?:Z|(?P<sign>[-+])(?P<oh>[0-9]{2}):?(?P<om>[0-9]{2})))?$"
    )
    .captures(text)?;
    let number = |name: &str| found.name(name).map(|text| decimal(text.as_bytes()));
    let month = match found.name("mon") {
        Some(name) => {
            1 + MONTHS.iter().position(|month| month.as_bytes() == name.as_bytes())? as u64
        }
        None => match found.name("long") {
            Some(name) => {
                let mut months = LONG_MONTHS.iter();
                1 + months.position(|month| month.as_bytes() == name.as_bytes())? as u64
            }
            None => number("im")?,
        },
    };
    let year = number("y").or(number("iy")).or(number("ly"))?;
    let day = number("d").or(number("id")).or(number("ld"))?;
    let (hour, minute, second) = (number("h")?, number("min")?, number("s")?);
    let (east_hours, east_minutes) = (number("oh").unwrap_or(0), number("om").unwrap_or(0));
    let is_time = hour < 24 && minute < 60 && second <= 60 && east_hours < 24 && east_minutes < 60;
    if !is_time || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    // The days since 1970, counted one year and one month after the other.
    let mut days = day as i64 - 1;
    days += (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<i64>();
    days -= (year..1970).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<i64>();
    days += (1..month).map(|month| days_in(year, month) as i64).sum::<i64>();
    let east = (east_hours * 3_600 + east_minutes * 60) as i64;
    let east =
        if found.name("sign").is_some_and(|sign| sign.as_bytes() == b"-") { -east } else { east };
    let seconds = days * 86_400 + (hour * 3_600 + minute * 60 + second) as i64 - east;
    u32::try_from(seconds).ok()
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(400) || (year.is_multiple_of(4) && !year.is_multiple_of(100))
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number, at most the largest of 64 bits.
fn decimal(digits: &[u8]) -> u64 {
    std::str::from_utf8(digits).unwrap().parse().unwrap_or(u64::MAX)
}

/// A line without a time: cut before it, or none of ours. It was cut where an address begins it and
/// it is short: no more than a time behind its last bracket, or without any, three spaces.
fn without_time(line: &[u8]) -> Skip {
    let begins_so = regex!("^([^ ]*) ").captures(line).is_some_and(|word| is_address(&word[1]));
    let is_short = match regex!(r"\[[^\[]*$").find(line) {
        Some(rest) => rest.len() <= "[21/Nov/2026:14:05:09 +0000] ".len(),
        None => regex!(" ").find_iter(line).count() <= 3,
    };
    if begins_so && is_short { Skip::Cut } else { binary_or_no_format(line) }
}

/// A request that nothing closes was cut, or at most `" 40` is behind its last quote.
fn without_status(line: &[u8], body: &[u8]) -> Skip {
    let was_cut = regex!(r#"^[^"]*$|"[^"]{0,3}$"#).is_match(body);
    if was_cut { Skip::Cut } else { binary_or_no_format(line) }
}

fn binary_or_no_format(text: &[u8]) -> Skip {
    let has_controls = regex!(r"[\x00-\x08\x0a-\x1f\x7f]").is_match(text);
    if has_controls || std::str::from_utf8(text).is_err() { Skip::Binary } else { Skip::NoFormat }
}

/// `[host ]client[ ident][ user]`, and one space before the bracket.
fn read_head(text: &[u8]) -> Option<Spelled> {
    let text = text.strip_suffix(b" ").unwrap_or(text);
    let found = regex!("^(?P<client>[^ ]+)(?: (?P<ident>[^ ]+))?(?P<user>.*)$").captures(text)?;
    let with_host = regex!("^(?P<host>[^ ]+) (?P<client>[^ ]+)(?: (?P<ident>[^ ]+))?(?P<user>.*)$")
        .captures(text)
        .filter(|found| is_vhost(&found["host"], &found["client"]));
    let mut spelled = Spelled::default();
    let found = with_host.unwrap_or(found);
    spelled.client = found["client"].to_vec();
    match found.name("host") {
        Some(host) => spelled.host = Some(without_port(host.as_bytes()).to_vec()),
        None => spelled.client = regex!(",$").replace(&found["client"], &b""[..]).into_owned(),
    }
    spelled.user = user(&found);
    // A client that is no address is told by what follows it: a hyphen, or nothing at all.
    let is_bare = match found.name("ident") {
        Some(ident) => ident.as_bytes() == b"-",
        None => found["user"].trim_ascii().is_empty(),
    };
    let is_client = is_address(&spelled.client) || (is_bare && is_name(&spelled.client));
    is_client.then_some(spelled)
}

fn user(found: &Captures<'_>) -> Option<Vec<u8>> {
    let user = regex!("^ ").replace(&found["user"], &b""[..]).into_owned();
    match &user[..] {
        b"" | b"-" => None,
        b"\"\"" => Some(Vec::new()),
        _ => Some(user),
    }
}

/// The second word tells: it is an address and the first is a name or an address with its port; or
/// it is a name and the first has a port.
fn is_vhost(first: &[u8], second: &[u8]) -> bool {
    let host = without_port(first);
    let may_be = second != b"-" && !is_address(first) && !regex!(",$").is_match(first);
    // Other colons are those of a time or of a file's name.
    let is_host = regex!(r"^\[|^[^:]*$").is_match(host);
    may_be && is_host && (is_address(second) || (host != first && is_name(second)))
}

/// A name from reverse DNS, a hyphen, or `unix:`.
fn is_name(text: &[u8]) -> bool {
    regex!("^unix:$|^[-._0-9A-Za-z]+(?::[0-9]+)?$").is_match(text)
}

/// A port stands behind a name without any colon, or behind a bracket that closes an address.
fn without_port(host: &[u8]) -> &[u8] {
    regex!(r"^([^:]*|.*\]):[0-9]+$")
        .captures(host)
        .map_or(host, |found| found.get(1).unwrap().as_bytes())
}

fn is_address(text: &[u8]) -> bool {
    let v4 = regex!(r"^[0-9]*\.[0-9]*\.[0-9]*\.[0-9]*$");
    let v6 = regex!(r"^([0-9a-fA-F.]*:[0-9a-fA-F.]*:[0-9a-fA-F.:]*)(%.*)?$");
    let is_v6 = v6.captures(text).is_some_and(|found| {
        let has_zone = found.get(2).is_some();
        found[1].len() < if has_zone { 45 } else { 46 }
    });
    is_v6 || (text.len() < 46 && v4.is_match(text))
}

/// The request, the status, the bytes and the rest.
///
/// The first bare quote with status and bytes behind it closes the request; else the first escaped
/// one; else the first bare one with a status alone, of three digits.
fn find_status(body: &[u8]) -> Option<(Vec<u8>, String, u64, &[u8])> {
    let quotes = || regex!("\"").find_iter(body).map(|quote| quote.start());
    let bare = |quote: &usize| !is_escaped(&body[..*quote]);
    let whole = |quote: usize| {
        let found =
            regex!(r#"^" (-1?|[0-9]{1,3}) (?:-|\+?([0-9]+))( .*)?$"#).captures(&body[quote..])?;
        let bytes = found.get(2).map_or(0, |digits| decimal(digits.as_bytes()));
        Some((quote, text(&found[1]), bytes, found.get(3).map_or(0, |tail| tail.len())))
    };
    let alone = |quote: usize| {
        let found = regex!(r#"^" ([0-9]{3})( .*)?$"#).captures(&body[quote..])?;
        Some((quote, text(&found[1]), 0, found.get(2).map_or(0, |tail| tail.len())))
    };
    let (quote, status, bytes, tail) = quotes()
        .filter(bare)
        .find_map(whole)
        .or_else(|| quotes().find_map(whole))
        .or_else(|| quotes().filter(bare).find_map(alone))?;
    Some((body[..quote].to_vec(), status, bytes, &body[body.len() - tail..]))
}

fn text(bytes: &[u8]) -> String {
    Status::parse(bytes).unwrap().to_string()
}

/// Whether what stands behind `before` has an odd number of backslashes before it.
fn is_escaped(before: &[u8]) -> bool {
    regex!(r"\\*$").find(before).unwrap().len() % 2 == 1
}

/// `METHOD target[ HTTP/1.1]`, the method a token of RFC 9110 §5.6.2; the target may hold spaces.
fn split_request(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let found = regex!(r"^([-!#$%&'*+.^_`|~0-9A-Za-z]+)( .*?)[ \t\n\x0c\r]*$").captures(line)?;
    let rest = regex!(r" HTTP/[0-9](?:\.[0-9])?$").replace(&found[2], &b""[..]);
    let target = regex!(r"^[ \t\n\x0c\r]*(.*?)[ \t\n\x0c\r]*$").captures(&rest)?[1].to_vec();
    (!target.is_empty()).then(|| (found[1].to_vec(), target))
}

/// Referer and agent, what follows them, and from it all the format.
fn read_tail(tail: &[u8], spelled: &mut Spelled) {
    let kind = if tail.is_empty() {
        "common"
    } else if let Some((referer, rest)) = quoted(tail)
        && let Some((agent, rest)) = quoted(rest)
    {
        spelled.referer = unless_hyphen(referer);
        spelled.agent = unless_hyphen(agent);
        match quoted(rest) {
            None if rest.is_empty() => "combined",
            Some((forwarded, b"")) => {
                // Where a redirect leads may stand there instead.
                let is_location = spelled.status.starts_with('3')
                    && spelled.status.len() == 3
                    && regex!("^(?:/|https?://)").is_match(forwarded);
                spelled.forwarded = unless_hyphen(forwarded).filter(|_| !is_location);
                "main"
            }
            _ => {
                spelled.latency_millis = latency(rest);
                "combined-extra"
            }
        }
    } else {
        spelled.latency_millis = latency(tail);
        "common-extra"
    };
    spelled.format = match (spelled.host.is_some(), kind) {
        (false, kind) => kind,
        (true, "common") => "vhost-common",
        (true, "combined") => "vhost-combined",
        (true, _) => "vhost-extra",
    };
}

/// A space and a field in quotes. It ends at the first quote that is not escaped and has a space or
/// the end behind it.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = text.strip_prefix(b" \"")?;
    regex!("\"").find_iter(body).find_map(|quote| {
        let (field, rest) = (&body[..quote.start()], &body[quote.end()..]);
        (!is_escaped(field) && (rest.is_empty() || rest[0] == b' ')).then_some((field, rest))
    })
}

fn unless_hyphen(field: &[u8]) -> Option<Vec<u8>> {
    (field != b"-").then(|| field.to_vec())
}

/// Of the fields that do not begin inside quotes, the first with a label and a number of seconds; else
/// the last of all, where it is `s.mmm`.
fn latency(rest: &[u8]) -> Option<u64> {
    let spaces = regex!(" ").find_iter(rest).map(|space| space.end());
    let starts: Vec<usize> = std::iter::once(0).chain(spaces).collect();
    let is_outside = |at: &usize| regex!("\"").find_iter(&rest[..*at]).count() % 2 == 0;
    let field = |at: usize| rest[at..].split(|&byte| byte == b' ').next().unwrap();
    let last = starts.last().copied().filter(is_outside).map(field);
    let fields: Vec<&[u8]> = starts.into_iter().filter(is_outside).map(field).collect();
    let labelled = regex!(r#"^(?:rt|request_time)="*([0-9]+)(?:\.([0-9]+))?[",;]*$"#);
    let bare = regex!(r#"^"*([0-9]+)\.([0-9]{3})[",;]*$"#);
    let found = fields
        .iter()
        .find_map(|field| labelled.captures(field))
        .or_else(|| bare.captures(last?))?;
    let mut millis = found.get(2).map_or(Vec::new(), |digits| digits.as_bytes().to_vec());
    millis.resize(3, b'0');
    Some(decimal(&found[1]).saturating_mul(1_000).saturating_add(decimal(&millis)))
}
