//! A record from the columns of a line of a W3C extended log.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::fields::{Fields, Role, Value, Values};
use crate::clock::Zone;
use crate::parse::field::seconds;
use crate::parse::words::{
    Moment, epoch, fraction_millis, host_alone, instant, joined, percent_decoded, request,
    whole_number, without_port,
};
use crate::parse::{State, Tools};
use crate::record::{Abort, Extra, Record, Request, Said, Skip, Stamp, Status};

/// What lines of a source say of those after them.
#[derive(Debug, Default)]
pub struct Directives {
    fields: Option<Fields>,
    /// That of the last `#Date`, for times without one.
    date: Option<NaiveDate>,
    /// The second of the day of the last time without a date.
    last_second: Option<i64>,
    /// How far local time is ahead of UTC, where times are local.
    offset_seconds: Option<i64>,
    /// Whether `#Software` names another than Microsoft's.
    is_foreign: bool,
}

/// Whose lines are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    Cloudfront,
    Other,
}

/// The columns of logs whose directives are not there: what IIS writes without being told otherwise
/// (version 8.5 and later, 7, 6), with those that people add, Azure App Service, `httperr.log`, and what
/// CloudFront always wrote before its fields could be chosen, and its real-time logs.
static DEFAULTS: LazyLock<Vec<Fields>> = LazyLock::new(|| {
    [
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         sc-status sc-substatus sc-win32-status time-taken",
        "date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
         cs(User-Agent) sc-status sc-substatus sc-win32-status",
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) cs-host sc-status sc-substatus sc-win32-status time-taken",
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) sc-status sc-substatus sc-win32-status time-taken X-Forwarded-For",
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken",
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken \
         X-Forwarded-For",
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken",
        "date time s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
         cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status \
         sc-bytes cs-bytes time-taken",
        "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port \
         cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status \
         sc-substatus sc-win32-status sc-bytes cs-bytes time-taken",
        "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason \
         s-queuename",
        "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status \
         cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id \
         x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher \
         x-edge-response-result-type cs-protocol-version",
        "timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host \
         cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header time-taken \
         cs-protocol-version c-ip-version cs-user-agent cs-referer",
    ]
    .map(|names| Fields::new(names.as_bytes()))
    .into()
});

/// Takes in a line that begins with `#`: what it says of the lines after it, where these come in order.
pub fn take_directive(line: &[u8], state: &mut State) {
    let Some(colon) = memchr::memchr(b':', line) else { return };
    let (name, rest) = (&line[1.min(colon)..colon], &line[colon + 1..]);
    let is = |known: &str| name.trim_ascii().eq_ignore_ascii_case(known.as_bytes());
    let is_fields = is("Fields");
    state.wants_order |= is_fields;
    if !state.is_in_order {
        return;
    }
    let directives = &mut state.directives;
    let first = || rest.split(u8::is_ascii_whitespace).find(|word| !word.is_empty());
    if is_fields {
        directives.fields = Some(Fields::new(rest));
    } else if is("Date") || is("Start-Date") {
        directives.date = first().and_then(date);
        directives.last_second = None;
    } else if is("GMT-Offset") {
        let zone = first().and_then(|word| Zone::parse(std::str::from_utf8(word).ok()?));
        directives.offset_seconds = zone.and_then(|zone| match zone {
            Zone::Fixed(offset) => Some(i64::from(offset.local_minus_utc())),
            Zone::Named(_) => None,
        });
    } else if is("Software") {
        let names = |known: &str| memchr::memmem::find(rest, known.as_bytes()).is_some();
        directives.is_foreign = !names("Microsoft") && !names("IIS");
    }
}

/// Reads a line by the columns that were named, else by those that such logs have by default.
pub fn read<'a>(
    line: &'a [u8],
    writer: Writer,
    tools: &mut Tools<'a, '_>,
) -> Result<Said<'a>, Skip> {
    let is_writers = |fields: &Fields| fields.is_cloudfront == (writer == Writer::Cloudfront);
    let mut reason = Skip::NoFormat;
    if tools.state.is_in_order
        && let Some(fields) = tools.state.directives.fields.take()
    {
        if is_writers(&fields) && fields.tell_requests() {
            match record(&fields, fields.split(line), tools) {
                Ok(record) => {
                    tools.state.directives.fields = Some(fields);
                    return Ok(Said::Request(record));
                }
                Err(skip) => reason = skip,
            }
        }
        tools.state.directives.fields = Some(fields);
    }
    if !line.first().is_some_and(u8::is_ascii_digit) || reason != Skip::NoFormat {
        return Err(reason);
    }
    let defaults = DEFAULTS.iter().filter(|fields| is_writers(fields));
    let mut values = None::<Values<'a>>;
    for fields in defaults {
        let count = values.as_ref().map(|values| values.count);
        // New columns are put behind CloudFront's, and its first logs had fewer.
        let fits = |count: usize| match writer {
            Writer::Cloudfront => count >= fields.len().min(CLOUDFRONT_COLUMNS_MIN),
            Writer::Other => count == fields.len(),
        };
        if count.is_some_and(|count| !fits(count)) {
            continue;
        }
        let split = fields.split(line);
        if fits(split.count)
            && is_surely(&split, writer)
            && let Ok(record) = record(fields, split.clone(), tools)
        {
            return Ok(Said::Request(record));
        }
        values = Some(split);
    }
    Err(Skip::NoFormat)
}

/// So many columns CloudFront wrote at first (2010: up to `cs-uri-query`).
const CLOUDFRONT_COLUMNS_MIN: usize = 12;

/// Whether what stands in the columns is what belongs there: nobody named them.
fn is_surely(values: &Values<'_>, writer: Writer) -> bool {
    let is_address = |text: &[u8]| {
        let text = std::str::from_utf8(text).ok();
        text.is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok())
    };
    let text = |role| values.get(role).map(|value| value.text);
    let is_status = |text: &[u8]| text.len() == 3 && text.iter().all(u8::is_ascii_digit);
    let is_path =
        |text: &[u8]| matches!(text.first(), Some(b'/' | b'*' | b'-')) || text.contains(&b':');
    let is_port = |text: &[u8]| text == b"-" || whole_number(text).is_some();
    let is_method = |text: &[u8]| {
        text.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
    };
    let is_edge = |text: &[u8]| text.len() >= 4 && text.iter().take(3).all(u8::is_ascii_uppercase);
    let is_writers = match writer {
        Writer::Cloudfront => values.are_tabbed && text(Role::Edge).is_none_or(is_edge),
        Writer::Other => text(Role::ServerPort).is_some_and(is_port),
    };
    is_writers
        && text(Role::Client).is_some_and(|text| is_address(without_port(text)))
        && text(Role::Status).is_some_and(is_status)
        && text(Role::Method).is_some_and(is_method)
        && text(Role::Stem).or(text(Role::Uri)).is_some_and(is_path)
}

fn record<'a>(
    fields: &Fields,
    values: Values<'a>,
    tools: &mut Tools<'a, '_>,
) -> Result<Record<'a>, Skip> {
    let method = values.get(Role::Method).map_or(&b"-"[..], |value| value.text);
    let status = values.get(Role::Status).map(|value| Status::parse(value.text));
    let (time, stamp_millis) = match time(&values, tools) {
        Some(time) => time,
        None if matches!(status, Some(Some(_))) => return Err(Skip::BadTime),
        None => return Err(Skip::NoFormat),
    };
    // Before the status there may be a value too few, or one that is the client's and has spaces.
    let status = status.ok_or(Skip::Cut)?.ok_or(Skip::NoFormat)?;
    let is_nothing = method == b"-" && status.to_string() == "-";
    // `[2]USER`: the second session of an FTP service (IIS 4 and 5).
    if fields.is_ftp || is_nothing || method.starts_with(b"[") {
        return Err(Skip::NoRequest);
    }
    let target = match values.get(Role::Stem).or(values.get(Role::Uri)) {
        Some(stem) => {
            let query = values.text(Role::Query).unwrap_or(b"-");
            joined(stem.text, query, tools.arena)
        }
        None => b"-",
    };
    let host = values.text(Role::ViewerHost).or(values.text(Role::Host));
    Ok(Record {
        time,
        status,
        bytes: values.text(Role::Bytes).and_then(whole_number).unwrap_or(0),
        client: values.get(Role::Client).map_or(b"-", |value| without_port(value.text)),
        host: host.map(host_alone),
        user: values.text(Role::User),
        request: match values.get(Role::Method) {
            // Some logs have no field for it.
            None if !target.is_empty() && target != b"-" => {
                Request { line: target, parts: Some((b"-", target)) }
            }
            _ => request(method, target),
        },
        referer: values.given(Role::Referer).map(|value| unquoted(value, tools)),
        agent: values.given(Role::Agent).map(|value| match fields.is_cloudfront {
            true => percent_decoded(value.text, tools.arena),
            false if value.is_quoted || values.are_tabbed => unquoted(value, tools),
            false => spaced(value.text, tools),
        }),
        forwarded: values.text(Role::Forwarded),
        latency_millis: latency(fields, &values, &tools.state.directives),
        extra: Extra {
            stamp: Stamp::End,
            stamp_millis,
            abort: abort(fields, &values, status),
            request_id: values.text(Role::RequestId),
            ..Extra::NONE
        },
    })
}

fn abort(fields: &Fields, values: &Values<'_>, status: Status) -> Option<Abort> {
    match fields.is_cloudfront {
        true => (status == Status::from_code(0)).then_some(Abort::Cloudfront000),
        false => matches!(values.text(Role::Win32Status)?, b"64" | b"1236").then_some(Abort::Iis64),
    }
}

/// IIS writes milliseconds, CloudFront seconds with a fraction. The draft says seconds, others write
/// what they like: only a fraction tells.
fn latency(fields: &Fields, values: &Values<'_>, directives: &Directives) -> Option<u64> {
    if let Some(millis) = values.text(Role::TimeTakenMillis) {
        return whole_number(millis);
    }
    let taken = values.text(Role::TimeTaken)?;
    match whole_number(taken) {
        Some(_) if fields.is_cloudfront => seconds(taken),
        Some(millis) => (!directives.is_foreign).then_some(millis),
        None => seconds(taken),
    }
}

/// `2026-11-21`
fn date(text: &[u8]) -> Option<NaiveDate> {
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let number = |digits: &[u8]| whole_number(digits).and_then(|number| u32::try_from(number).ok());
    let year = number(year).filter(|_| year.len() == 4)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
}

/// `14:05:09.123`, `14:05:09` or `14:05`, in seconds of the day.
fn second_of_day(text: &[u8]) -> Option<i64> {
    let whole = text.split(|byte| matches!(byte, b'.' | b',')).next()?;
    let (hour, minute, second) = match whole {
        [h1, h2, b':', m1, m2, b':', s1, s2] => ([*h1, *h2], [*m1, *m2], [*s1, *s2]),
        [h1, h2, b':', m1, m2] => ([*h1, *h2], [*m1, *m2], *b"00"),
        _ => return None,
    };
    let number =
        |digits: [u8; 2]| whole_number(&digits).and_then(|number| i64::try_from(number).ok());
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// The second since the epoch, and the milliseconds behind it.
fn time(values: &Values<'_>, tools: &mut Tools<'_, '_>) -> Option<Moment> {
    if let Some(since) = values.text(Role::Epoch).or(values.text(Role::EpochMillis)) {
        return epoch(since);
    }
    if let (Some(date_local), Some(time_local)) =
        (values.text(Role::DateLocal), values.text(Role::TimeLocal))
        && tools.state.directives.offset_seconds.is_none()
    {
        let length = date_local.len() + 1 + time_local.len();
        let spelled = tools.arena.alloc_slice_fill_copy(length, b' ');
        spelled[..date_local.len()].copy_from_slice(date_local);
        spelled[date_local.len() + 1..].copy_from_slice(time_local);
        return instant(spelled, &mut tools.state.clock);
    }
    let directives = &mut tools.state.directives;
    let spelled = values.text(Role::Time).or(values.text(Role::TimeLocal))?;
    let second = second_of_day(spelled)?;
    let day = match values.text(Role::Date).or(values.text(Role::DateLocal)) {
        Some(text) => date(text)?,
        None => {
            // The log of a week has one date, and its times start again each day.
            // Around midnight lines may be out of order: one of the evening before is no new day.
            const HALF_A_DAY: i64 = 12 * 3_600;
            match directives.last_second {
                Some(last) if second > last + HALF_A_DAY => directives.date?.pred_opt()?,
                last => {
                    if last.is_some_and(|last| second < last - HALF_A_DAY) {
                        directives.date = directives.date.and_then(|date| date.succ_opt());
                    }
                    directives.last_second = Some(second);
                    directives.date?
                }
            }
        }
    };
    let midnight = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
    let time = midnight + second - directives.offset_seconds.unwrap_or(0);
    Some((u32::try_from(time).ok()?, fraction_millis(spelled)))
}

/// The value with its doubled quotes single.
fn unquoted<'a>(value: Value<'a>, tools: &Tools<'a, '_>) -> &'a [u8] {
    if !value.is_quoted || memchr::memmem::find(value.text, b"\"\"").is_none() {
        return value.text;
    }
    let text = tools.arena.alloc_slice_copy(value.text);
    let (mut length, mut was_quote) = (0, false);
    for at in 0..text.len() {
        let is_second = text[at] == b'"' && was_quote;
        was_quote = text[at] == b'"' && !is_second;
        if !is_second {
            text[length] = text[at];
            length += 1;
        }
    }
    &text[..length]
}

/// An agent as it was sent: IIS writes a plus for each space. Of two the second is a plus, as crawlers
/// write `; +http://`.
fn spaced<'a>(agent: &'a [u8], tools: &Tools<'a, '_>) -> &'a [u8] {
    if memchr::memchr(b'+', agent).is_none() {
        return agent;
    }
    let text = tools.arena.alloc_slice_copy(agent);
    let mut was_space = false;
    for byte in text.iter_mut() {
        was_space = *byte == b'+' && !was_space;
        if was_space {
            *byte = b' ';
        }
    }
    text
}
