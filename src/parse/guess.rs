//! `guess`: a line that no other format fits, of which a time, a request and a status can be told all
//! the same.

use std::net::IpAddr;
use std::ops::Range;

use super::marks::Line;
use super::words::{
    Moment, epoch, fraction_millis, host_alone, optional, request, whole_number, without_port,
};
use super::{Format, Reader, Samples, Tools, field};
use crate::record::{Extra, Record, Request, Said, Skip, Stamp, Status};

mod samples;
mod tokens;

use tokens::{Label, Shape, Token, Tokens};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "guess",
    summary: "any other line of which time, request and status can be told beyond doubt",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(samples::SAMPLES),
    reader: Reader::Last(read),
};

const EXPLAIN: &str = "\
A line of a format that was made for one place: with spaces, tabs, bars, commas or semicolons between
its fields, with quotes, brackets or labels (status=404) around them. It is read where all of these can
be told beyond doubt: one time; one request, either as a request line or as a method and a target that
follow each other; and a status, which stands behind the request, has a label, or is the only number that
is one. The client is the first address. Lines of error logs and of applications are not taken for
requests. Name the format where you can: --log-format takes the log_format of nginx as it stands.";

/// Methods that may stand without a protocol behind them (RFC 9110, RFC 4918, RFC 5789).
const METHODS: &[&[u8]] = &[
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"PATCH",
    b"OPTIONS",
    b"CONNECT",
    b"TRACE",
    b"PROPFIND",
    b"PROPPATCH",
    b"REPORT",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
    b"PURGE",
];

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let text = line.text;
    let is_other = matches!(text.first(), None | Some(b'{' | b'<' | b'#'));
    if is_other || !tokens::may_be_request(text) {
        return Err(Skip::NoFormat);
    }
    let is_control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
    if text.iter().any(is_control) {
        return Err(Skip::NoFormat);
    }
    let line = Guess { tokens: Tokens::new(text) };
    line.record(tools).map(Said::Request).ok_or(Skip::NoFormat)
}

/// A request among the pieces of a line.
#[derive(Clone, Copy, Debug)]
struct Found<'a> {
    request: Request<'a>,
    /// The first of its pieces, and the first behind it.
    start: usize,
    end: usize,
    /// Whether nothing else looks like it: a request line with a protocol, or labelled parts.
    is_plain: bool,
}

struct Guess<'a> {
    tokens: Tokens<'a>,
}

impl<'a> Guess<'a> {
    fn record(&self, tools: &mut Tools<'a, '_>) -> Option<Record<'a>> {
        let all = &self.tokens.all;
        let found = match self.request() {
            Some(found) => found?,
            None => self.malformed()?,
        };
        let (status, status_at) = self.status(&found)?;
        if self.is_prose(&found, status_at) {
            return None;
        }
        let is_request = |at: usize| (found.start..found.end).contains(&at);
        let ((time, stamp_millis), times) = self.time(is_request, tools)?;
        let others = || {
            let is_other = |at: &usize| !is_request(*at) && !times.contains(at) && *at != status_at;
            (0..all.len()).filter(is_other).map(|at| &all[at])
        };
        let client = others().find_map(client)?;
        let labelled = |label| {
            let token = all.iter().find(|token| token.label == Some(label))?;
            optional(token.text)
        };
        let bytes = match labelled(Label::Bytes) {
            Some(bytes) => whole_number(bytes),
            None => {
                all.get(status_at + 1).and_then(|token| whole_number(token.as_a(Label::Bytes)?))
            }
        };
        let seconds = labelled(Label::Seconds).or_else(|| {
            let last = all.last()?.as_a(Label::Seconds)?;
            matches!(last, [.., b'.', _, _, _]).then_some(last)
        });
        let (referer, agent) = self.referer_and_agent(&found);
        Some(Record {
            time,
            status,
            bytes: bytes.unwrap_or(0),
            client,
            host: labelled(Label::Host).map(host_alone),
            user: labelled(Label::User),
            request: found.request,
            referer: labelled(Label::Referer).or(referer),
            agent: labelled(Label::Agent).or(agent),
            forwarded: labelled(Label::Forwarded),
            latency_millis: seconds.and_then(field::seconds),
            extra: Extra { stamp_millis, ..Extra::NONE },
        })
    }

    /// The request; `Some(None)` where there is more than one.
    fn request(&self) -> Option<Option<Found<'a>>> {
        let all = &self.tokens.all;
        let mut only = None;
        let mut at = 0;
        while at < all.len() {
            let Some(found) = self.request_at(at) else {
                at += 1;
                continue;
            };
            if only.is_some() {
                return Some(None);
            }
            at = found.end;
            only = Some(found);
        }
        only.or_else(|| self.labelled_request()).map(Some)
    }

    fn request_at(&self, at: usize) -> Option<Found<'a>> {
        let all = &self.tokens.all;
        let token = all.get(at)?;
        if token.shape != Shape::Bare
            && let Some(line) = token.as_a(Label::Request)
            && let Some(is_plain) = request_line(line)
        {
            return Some(Found { request: Request::new(line), start: at, end: at + 1, is_plain });
        }
        let method = token.as_a(Label::Method)?;
        if !METHODS.contains(&method) {
            return None;
        }
        // `GET /a b HTTP/1.1` in a field of its own, without quotes.
        let field = self.tokens.fields.get(token.field).copied().unwrap_or_default();
        if token.shape == Shape::Bare && field.len() > method.len() && field.starts_with(method) {
            let is_plain = request_line(field)?;
            let behind = all[at..].iter().take_while(|other| other.field == token.field).count();
            return Some(Found {
                request: Request::new(field),
                start: at,
                end: at + behind,
                is_plain,
            });
        }
        let target = all.get(at + 1)?.as_a(Label::Target)?;
        if !is_target(target, method) {
            return None;
        }
        let protocol = all.get(at + 2).filter(|token| is_protocol(token.text));
        let is_labelled = token.label.is_some() && all[at + 1].label.is_some();
        let is_plain = protocol.is_some() || is_labelled;
        let end = at + 2 + usize::from(protocol.is_some());
        Some(Found { request: request(method, target), start: at, end, is_plain })
    }

    /// `method=GET ... path=/a`
    fn labelled_request(&self) -> Option<Found<'a>> {
        let all = &self.tokens.all;
        let place = |label| all.iter().position(|token| token.label == Some(label));
        let (method, target) = (place(Label::Method)?, place(Label::Target)?);
        let whole = request(all[method].text, all[target].text);
        let (method, _) = whole.parts?;
        let is_one = METHODS.contains(&method) && is_target(all[target].text, method);
        is_one.then_some(Found { request: whole, start: target, end: target + 1, is_plain: true })
    }

    /// What was sent was no request, and the server refused it: the first text in quotes, with a 4xx and
    /// a size behind it.
    fn malformed(&self) -> Option<Found<'a>> {
        let all = &self.tokens.all;
        let start =
            all.iter().position(|token| token.shape == Shape::Quoted && token.label.is_none())?;
        let line = all[start].text;
        let is_odd = line.is_empty() || line == b"-" || line.contains(&b'\\');
        let status = all.get(start + 1).filter(|token| token.text.first() == Some(&b'4'))?;
        let size = all.get(start + 2)?.text;
        let is_size = size == b"-" || whole_number(size).is_some();
        let is_bare = status.shape == Shape::Bare && status.label.is_none();
        let has_client = all[..start].iter().any(|token| client(token).is_some());
        let request = Request::new(line);
        (is_odd && is_size && is_bare && has_client && is_status(status.text)).then_some(Found {
            request,
            start,
            end: start + 1,
            is_plain: true,
        })
    }

    /// The status, and where it is.
    fn status(&self, found: &Found<'a>) -> Option<(Status, usize)> {
        let all = &self.tokens.all;
        let read = |at: usize| Some((Status::parse(all[at].text)?, at));
        let is_code = |text: &[u8]| {
            text.len() == 3 && matches!(text, [b'1'..=b'5', ..]) && whole_number(text).is_some()
        };
        if let Some(at) = all.iter().position(|token| token.label == Some(Label::Status)) {
            return read(at).filter(|_| is_code(all[at].text));
        }
        if all.iter().any(|token| is_squid(token.text)) {
            return None;
        }
        let is_outside = |at: &usize| !(found.start..found.end).contains(at);
        let is_code_at = |at: &usize| all[*at].label.is_none() && is_status(all[*at].text);
        let mut codes = (0..all.len()).filter(is_outside).filter(is_code_at);
        let first = codes.next()?;
        let direct = &all[found.end.min(all.len() - 1)];
        let is_unanswered = matches!(direct.text, b"-" | b"0" | b"000")
            && direct.shape == Shape::Bare
            && direct.label.is_none();
        // What a product writes where nobody answered, its own format knows.
        if is_unanswered {
            return None;
        }
        // Behind the request it is the first; but one before the request may be it as well, and this
        // a size.
        let is_direct = first == found.end;
        let is_only = codes.next().is_none()
            && (found.is_plain || self.tokens.divider.is_some() || first < found.start);
        if is_direct || is_only { read(first) } else { None }
    }

    /// Whether the line is one of an error log or of an application, which tell of requests in words.
    fn is_prose(&self, found: &Found<'a>, status_at: usize) -> bool {
        let all = &self.tokens.all;
        let before = &all[..found.start];
        // `nginx[404]:` is what syslog puts before a line, or the name of a thread, a class, a step.
        let is_tag = |token: &Token<'_>| {
            let is_name = token.text.len() > 1 && token.text != UNIX;
            token.shape == Shape::Bare && is_name && token.text.ends_with(b":")
        };
        // What a container's runtime puts before a line.
        let is_stream = |token: &&Token<'_>| matches!(token.text, b"stdout" | b"stderr");
        if before.iter().any(is_tag) || before.get(1).is_some_and(|token| is_stream(&token)) {
            return true;
        }
        let has_level = |levels| before.iter().any(|token| is_level(token, levels));
        let is_direct = status_at == found.end || all[status_at].label.is_some();
        if has_level(FAULTS) || (has_level(CALM) && !(found.is_plain && is_direct)) {
            return true;
        }
        let is_word = |token: &&Token<'_>| {
            let text = token.text.strip_suffix(b":").unwrap_or(token.text);
            let is_lower = text.iter().any(u8::is_ascii_lowercase);
            token.shape == Shape::Bare
                && token.label.is_none()
                && text.len() > 1
                && is_lower
                && text.iter().all(u8::is_ascii_alphabetic)
        };
        let between = if status_at > found.end { &all[found.end..status_at] } else { &[] };
        let words = before.iter().filter(is_word).count();
        let words_between = between.iter().filter(is_word).count();
        let most = if found.is_plain { 3 } else { 1 };
        words > most || words_between > usize::from(found.is_plain)
    }

    /// The time, and the pieces that it is made of.
    fn time(
        &self,
        is_request: impl Fn(usize) -> bool,
        tools: &mut Tools<'a, '_>,
    ) -> Option<(Moment, Range<usize>)> {
        let all = &self.tokens.all;
        let mut read = |text: &[u8]| {
            let time = tools.state.clock.read(text)?;
            Some((time, fraction_millis(text)))
        };
        for at in 0..all.len() {
            let Some(text) = all[at].as_a(Label::Time).filter(|_| !is_request(at)) else {
                continue;
            };
            if !text.first().is_some_and(u8::is_ascii_digit) {
                continue;
            }
            let is_first = at == 0 || all[at].label == Some(Label::Time);
            if is_first && let Some(time) = epoch(text) {
                return Some((time, at..at + 1));
            }
            let has_date = matches!(text, [_, _, _, _, b'-' | b'/', ..] | [_, _, b'/', ..]);
            if !has_date || text.len() > LONGEST_TIME {
                continue;
            }
            // Date, time of day and offset may stand apart.
            for count in (1..=3).rev() {
                let parts = all.get(at..at + count).unwrap_or_default();
                let is_apart = parts[..]
                    .iter()
                    .skip(1)
                    .any(|part| part.shape != Shape::Bare || part.label.is_some());
                let length: usize = parts.iter().map(|part| part.text.len() + 1).sum();
                if parts.is_empty() || is_apart || length > LONGEST_TIME {
                    continue;
                }
                let mut spelled = [b' '; LONGEST_TIME];
                let mut end = 0;
                for part in parts {
                    spelled[end..end + part.text.len()].copy_from_slice(part.text);
                    end += part.text.len() + 1;
                }
                if let Some(time) = read(&spelled[..end - 1]) {
                    return Some((time, at..at + count));
                }
            }
        }
        None
    }

    /// The last texts in quotes: a referer, which is `-` or a URL, and the agent behind it. In a line
    /// with tabs or bars they have no quotes.
    fn referer_and_agent(&self, found: &Found<'a>) -> (Option<&'a [u8]>, Option<&'a [u8]>) {
        let all = &self.tokens.all;
        let behind = &all[found.end.min(all.len())..];
        let quoted =
            behind.iter().filter(|token| token.shape == Shape::Quoted && token.label.is_none());
        let mut texts: Vec<&'a [u8]> = quoted.map(|token| token.text).collect();
        if texts.is_empty()
            && let Some(first) = behind.first()
        {
            texts = self.tokens.fields.get(first.field..).unwrap_or_default().to_vec();
        }
        let is_url = |text: &[u8]| text.starts_with(b"http://") || text.starts_with(b"https://");
        let is_agent = |text: &[u8]| {
            let begins = text.first().is_some_and(u8::is_ascii_alphabetic);
            begins && !is_url(text) && (text.contains(&b'/') || text.contains(&b' '))
        };
        for pair in texts.windows(2) {
            let [referer, agent] = [pair[0], pair[1]];
            if is_url(referer) && !is_url(agent)
                || (referer == b"-" && (is_agent(agent) || agent == b"-"))
            {
                return (optional(referer), optional(agent));
            }
        }
        (None, texts.iter().copied().find(|text| is_agent(text)))
    }
}

/// The levels of log lines that say what went wrong.
const FAULTS: &[&str] = &[
    "NOTICE", "WARN", "WARNING", "ERROR", "SEVERE", "CRIT", "CRITICAL", "FATAL", "ALERT", "EMERG",
];

/// The levels of those that say what went well.
const CALM: &[&str] = &["INFO", "DEBUG", "TRACE", "FINE"];

/// `ERROR`, `[error]`, `[core:error]` or `level=error`.
fn is_level(token: &Token<'_>, levels: &[&str]) -> bool {
    let word = token.text.rsplit(|&byte| byte == b':').next().unwrap_or_default();
    let is_marked = token.shape == Shape::Bracketed || token.label.is_some();
    levels.iter().any(|level| match is_marked {
        true => word.eq_ignore_ascii_case(level.as_bytes()),
        false => word == level.as_bytes(),
    })
}

/// A date, a time of day with a fraction and an offset have no more bytes.
const LONGEST_TIME: usize = 48;

/// What nginx calls a client that came by a socket of the file system.
const UNIX: &[u8] = b"unix:";

/// The client, where the piece is one.
fn client<'a>(token: &Token<'a>) -> Option<&'a [u8]> {
    let text = token.as_a(Label::Client)?;
    if text == UNIX {
        return Some(text);
    }
    let text = without_port(text);
    let is_address = || {
        let text = std::str::from_utf8(text).ok()?;
        (2..=45).contains(&text.len()).then(|| text.parse::<IpAddr>().ok())?
    };
    (token.label.is_some() || is_address().is_some()).then_some(text)
}

/// Whether `line` is a request line, and then whether it has a protocol.
fn request_line(line: &[u8]) -> Option<bool> {
    // Squid's word for what was no request.
    let (method, target) = Request::new(line).parts.filter(|(method, _)| *method != b"NONE")?;
    let has_protocol = line.len() > method.len() + 1 + target.len()
        && is_protocol(line.rsplit(|&byte| byte == b' ').next()?);
    let is_known =
        METHODS.contains(&method) && is_target(target, method) && !target.contains(&b' ');
    (has_protocol || is_known).then_some(has_protocol)
}

fn is_target(text: &[u8], method: &[u8]) -> bool {
    match text {
        [b'/', ..] => true,
        b"*" => method == b"OPTIONS",
        _ if method == b"CONNECT" => text.contains(&b':'),
        _ => text.starts_with(b"http://") || text.starts_with(b"https://"),
    }
}

fn is_protocol(text: &[u8]) -> bool {
    matches!(
        text,
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9']
            | [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']
    )
}

/// A status that somebody sends: a size or a duration of three digits is mostly none.
fn is_status(text: &[u8]) -> bool {
    let code = if text.len() == 3 { whole_number(text) } else { None };
    code.is_some_and(|code| {
        matches!(code, 100..=103 | 200..=208 | 226 | 300..=308 | 400..=431 | 440 | 444
        | 449..=451 | 460 | 463 | 464 | 494..=499 | 500..=511 | 520..=530 | 561 | 598 | 599)
    })
}

/// `TCP_MISS/200`: there is the status, and the number before the method is a size.
fn is_squid(text: &[u8]) -> bool {
    let [word @ .., b'/', a, b, c] = text else { return false };
    [a, b, c].iter().all(|byte| byte.is_ascii_digit())
        && word.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
}

#[cfg(test)]
mod tests;
