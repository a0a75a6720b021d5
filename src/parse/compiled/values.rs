//! What the fields of a line say, and the record that they make.

use bumpalo::Bump;
use memchr::{memchr, memrchr};

use super::calendar::{Calendar, PARTS_MAX};
use super::piece::{Escape, Role};
use crate::parse::{Tools, field};
use crate::record::{Abort, Extra, Limit, Record, Request, Stamp, Status};

/// What is the same for all lines of a format.
#[derive(Debug)]
pub struct Plan {
    /// How values are escaped.
    pub escape: Escape,
    stamp: Stamp,
    calendar: Calendar,
    has_request: bool,
    has_method: bool,
    has_query: bool,
    has_time_before_status: bool,
    /// Where the client comes from when no field is it.
    client: Client,
}

/// Where the client comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Field,
    Peer,
    Forwarded,
    Nowhere,
}

impl Plan {
    /// For fields with these roles.
    pub fn new(roles: &[Role], escape: Escape, stamp: Stamp, calendar: Calendar) -> Plan {
        let has = |wanted: Role| {
            roles.iter().any(|role| role.slot().is_some_and(|(slot, _)| slot == wanted))
        };
        let client = if has(Role::Client(0)) {
            Client::Field
        } else if has(Role::Peer) {
            Client::Peer
        } else if has(Role::Forwarded) {
            Client::Forwarded
        } else {
            Client::Nowhere
        };
        let place = |wanted: fn(&Role) -> bool| roles.iter().position(wanted);
        let is_time = |role: &Role| {
            role.slot().is_some_and(|(slot, _)| slot == Role::Time) || *role == Role::TimePart
        };
        let (time, status) = (place(is_time), place(|role| *role == Role::Status));
        let has_request = has(Role::Request);
        Plan {
            escape,
            stamp,
            calendar,
            has_request,
            has_method: has(Role::Method),
            has_query: has(Role::Query),
            has_time_before_status: time < status,
            client,
        }
    }

    /// A record of the format that says nothing.
    pub fn blank(&self) -> Record<'static> {
        Record { extra: Extra { stamp: self.stamp, ..Extra::NONE }, ..BLANK }
    }
}

/// A record of which nothing is known.
pub const BLANK: Record<'static> = Record {
    time: 0,
    status: Status::NOT_FOUND,
    bytes: 0,
    client: b"-",
    host: None,
    user: None,
    request: Request { line: b"-", parts: None },
    referer: None,
    agent: None,
    forwarded: None,
    latency_millis: None,
    extra: Extra::NONE,
};

/// What the fields of a line said so far.
pub struct Values<'r, 'a> {
    /// Made where it is wanted: to move a record takes longer than to read some fields.
    record: &'r mut Record<'a>,
    has_time: bool,
    has_status: bool,
    method: Option<&'a [u8]>,
    target: Option<&'a [u8]>,
    query: Option<&'a [u8]>,
    parts: [&'a [u8]; PARTS_MAX],
}

impl<'r, 'a> Values<'r, 'a> {
    /// Nothing.
    #[inline(always)]
    pub fn new(plan: &Plan, record: &'r mut Record<'a>) -> Values<'r, 'a> {
        *record = plan.blank();
        Values::over(record)
    }

    /// Nothing that counts: `record` is [`Plan::blank`], or of another line of the same format, in which
    /// each value that is read has a place that nothing else writes to.
    #[inline(always)]
    pub fn over(record: &'r mut Record<'a>) -> Values<'r, 'a> {
        Values {
            record,
            has_time: false,
            has_status: false,
            method: None,
            target: None,
            query: None,
            parts: [b""; PARTS_MAX],
        }
    }

    /// Whether the time was read and the status is still to come, so that a line which ends here was
    /// cut.
    pub fn is_before_status(&self, plan: &Plan) -> bool {
        plan.has_time_before_status && self.has_time && !self.has_status
    }

    /// Takes a request line that is taken apart.
    #[inline(always)]
    pub fn set_request(&mut self, request: Request<'a>) {
        self.record.request = request;
    }

    /// Takes status and bytes.
    #[inline(always)]
    pub fn set_status_and_bytes(&mut self, status: Status, bytes: u64) {
        (self.record.status, self.record.bytes) = (status, bytes);
        self.has_status = true;
    }

    /// Takes a value; `false` where the field cannot have it.
    #[inline(always)]
    pub fn set(
        &mut self,
        role: Role,
        part: usize,
        value: &'a [u8],
        plan: &Plan,
        tools: &mut Tools<'a, '_>,
    ) -> bool {
        let record = &mut *self.record;
        match role {
            Role::Ignored => {}
            Role::Time => {
                let time = match value.try_into() {
                    Ok(stamp) => tools.state.clock.read_clf(stamp),
                    Err(_) => tools.state.clock.read_iso(value),
                };
                let Some(time) = time else { return false };
                (record.time, self.has_time) = (time, true);
            }
            Role::TimeSeconds | Role::TimeMillis | Role::TimeMicros => {
                let Some((time, millis)) = epoch(role, value) else { return false };
                (record.time, record.extra.stamp_millis) = (time, millis);
                self.has_time = true;
            }
            Role::TimePart => {
                let Some(place) = self.parts.get_mut(part) else { return false };
                if !plan.calendar.fits(part, value) {
                    return false;
                }
                (*place, self.has_time) = (value, true);
            }
            Role::FractionMillis | Role::FractionMicros => {
                let (digits, unit) = if role == Role::FractionMillis { (3, 1) } else { (6, 1_000) };
                let number = whole(value).filter(|_| value.len() == digits);
                let Some(number) = number else { return false };
                record.extra.stamp_millis = u16::try_from(number / unit).ok();
            }
            Role::Status => {
                let Some(status) = Status::parse(value) else { return false };
                (record.status, self.has_status) = (status, true);
            }
            Role::Bytes(_) => match field::usual_bytes(value) {
                Some(bytes) => record.bytes = bytes,
                None if value.is_empty() => record.bytes = 0,
                None => match whole(value) {
                    Some(bytes) => record.bytes = bytes,
                    None => return false,
                },
            },
            Role::Seconds => record.latency_millis = field::seconds(value),
            Role::Millis => record.latency_millis = whole(value),
            Role::Micros => record.latency_millis = whole(value).map(|micros| micros / 1_000),
            Role::UpstreamSeconds => record.extra.upstream.response_millis = sum_seconds(value),
            Role::UpstreamStatuses => record.extra.upstream.statuses = present(value),
            Role::UpstreamAddresses => record.extra.upstream.addresses = present(value),
            Role::LimitReq => record.extra.limit_req = Limit::parse(value),
            Role::LimitConn => record.extra.limit_conn = Limit::parse(value),
            Role::Completion => {
                record.extra.abort = value.is_empty().then_some(Abort::NginxIncomplete);
            }
            Role::Connection => {
                record.extra.abort = (value == b"X").then_some(Abort::ApacheAborted);
            }
            Role::Client(_) => record.client = unescaped(value, plan.escape, tools.arena),
            Role::Request => {
                record.request = Request::new(unescaped(value, plan.escape, tools.arena));
            }
            _ => self.set_text(role, value, plan, tools.arena),
        }
        true
    }

    #[inline(always)]
    fn set_text(&mut self, role: Role, value: &'a [u8], plan: &Plan, arena: &'a Bump) {
        let record = &mut *self.record;
        let value = optional(value, plan.escape).map(|value| unescaped(value, plan.escape, arena));
        match role {
            Role::User => {
                // Apache's way to write an empty name where no quotes stand around it.
                let is_empty = plan.escape == Escape::Apache && value == Some(b"\"\"");
                record.user = if is_empty { Some(b"") } else { value };
            }
            Role::Referer => record.referer = value,
            Role::Agent => record.agent = value,
            Role::Forwarded => record.forwarded = value,
            Role::Host(_) => record.host = value.map(without_port),
            Role::Method => self.method = value,
            Role::Target(_) => self.target = value,
            Role::Query => self.query = value,
            Role::HostAndTarget => {
                let whole = value.unwrap_or_default();
                // Without a slash there is no target: nginx writes `-` for one that it cannot read.
                let slash = memchr(b'/', whole).or(memchr(b'?', whole));
                let (host, target) = match slash {
                    Some(slash) => (&whole[..slash], Some(&whole[slash..])),
                    None => (whole.strip_suffix(b"-").unwrap_or(whole), None),
                };
                record.host = optional(host, plan.escape).map(without_port);
                self.target = target;
            }
            Role::Peer => record.extra.peer = value,
            Role::RequestId(_) => record.extra.request_id = value,
            Role::Location => record.extra.location = value,
            _ => {}
        }
    }

    /// Completes the record; `None` where its time is none.
    #[inline(always)]
    pub fn finish(self, plan: &Plan, tools: &mut Tools<'a, '_>) -> Option<()> {
        if !plan.has_request {
            self.record.request = self.request(plan, tools.arena);
        }
        if plan.client != Client::Field {
            // The nearest of those on the way: who stands to the left may be made up.
            let nearest = |list: &'a [u8]| list.rsplit(|&byte| byte == b',').next();
            let client = match plan.client {
                Client::Peer => self.record.extra.peer,
                Client::Forwarded => {
                    self.record.forwarded.and_then(nearest).map(<[u8]>::trim_ascii)
                }
                Client::Field | Client::Nowhere => None,
            };
            self.record.client = client.unwrap_or(b"-");
        }
        if !plan.calendar.is_empty() {
            self.record.time = plan.calendar.read(&self.parts, tools.state.clock.zone())?;
        }
        Some(())
    }

    /// The request, where method and target are fields of their own.
    fn request(&self, plan: &Plan, arena: &'a Bump) -> Request<'a> {
        let Some(mut target) = self.target.filter(|target| !target.is_empty()) else {
            return Request { line: b"-", parts: None };
        };
        if plan.has_query
            && memchr(b'?', target).is_none()
            && let Some(query) = self.query.filter(|query| !query.is_empty())
        {
            let mut whole = Vec::with_capacity(target.len() + query.len() + 1);
            whole.extend_from_slice(target);
            if query[0] != b'?' {
                whole.push(b'?');
            }
            whole.extend_from_slice(query);
            target = arena.alloc_slice_copy(&whole);
        }
        let method = if plan.has_method { self.method } else { Some(&b"-"[..]) };
        let is_token = |method: &&[u8]| !method.is_empty() && method.iter().all(is_token_byte);
        let method = method.filter(is_token);
        Request { line: target, parts: method.map(|method| (method, target)) }
    }
}

/// `tchar` of RFC 9110 §5.6.2.
fn is_token_byte(byte: &u8) -> bool {
    byte.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(byte)
}

/// A field that may be without a value.
#[inline(always)]
fn optional(value: &[u8], escape: Escape) -> Option<&[u8]> {
    let is_none = value == b"-" || (value.is_empty() && escape.writes_nothing_for_none());
    (!is_none).then_some(value)
}

/// A list that says something.
fn present(value: &[u8]) -> Option<&[u8]> {
    (!value.is_empty() && value != b"-").then_some(value)
}

fn whole(digits: &[u8]) -> Option<u64> {
    let number = digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number.saturating_mul(10).saturating_add(u64::from(digit)))
    });
    number.filter(|_| !digits.is_empty())
}

/// Seconds and milliseconds since the epoch.
fn epoch(role: Role, value: &[u8]) -> Option<(u32, Option<u16>)> {
    if role == Role::TimeSeconds && memchr(b'.', value).is_none() {
        return Some((u32::try_from(whole(value)?).ok()?, None));
    }
    let millis = match role {
        Role::TimeMicros => whole(value)? / 1_000,
        Role::TimeMillis => whole(value)?,
        _ => field::seconds(value)?,
    };
    let (seconds, millis) = (u32::try_from(millis / 1_000).ok()?, (millis % 1_000) as u16);
    Some((seconds, Some(millis)))
}

/// What the elements of a list of durations come to; `None` where none is one.
fn sum_seconds(list: &[u8]) -> Option<u64> {
    // Nearly always it is one, spelled so.
    if list.len() == b"0.123".len()
        && let Some(millis) = field::seconds(list)
    {
        return Some(millis);
    }
    let elements = list.split(|&byte| matches!(byte, b',' | b' ' | b':'));
    elements
        .filter(|element| !element.is_empty())
        .filter_map(field::seconds)
        .reduce(u64::saturating_add)
}

fn without_port(host: &[u8]) -> &[u8] {
    match memrchr(b':', host) {
        Some(colon) => {
            let (name, port) = (&host[..colon], &host[colon + 1..]);
            // A colon before that is of an address without brackets.
            let is_address = memchr(b':', name).is_some() && !name.ends_with(b"]");
            let is_port = !port.is_empty() && port.iter().all(u8::is_ascii_digit);
            if is_port && !is_address { name } else { host }
        }
        None => host,
    }
}

/// What a value says that is escaped as in JSON; others are left in the log's spelling.
#[inline(always)]
fn unescaped<'a>(value: &'a [u8], escape: Escape, arena: &'a Bump) -> &'a [u8] {
    if escape != Escape::Json || memchr(b'\\', value).is_none() {
        return value;
    }
    without_json_escapes(value, arena)
}

/// Undoes `\"`, `\\`, `\n`, `\r`, `\t`, `\b`, `\f` and `\u00HH` (`ngx_string.c`, `ngx_escape_json`).
fn without_json_escapes<'a>(value: &'a [u8], arena: &'a Bump) -> &'a [u8] {
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(backslash) = memchr(b'\\', rest) {
        plain.extend_from_slice(&rest[..backslash]);
        rest = &rest[backslash..];
        let (byte, length) = match *rest {
            [_, b'n', ..] => (b'\n', 2),
            [_, b'r', ..] => (b'\r', 2),
            [_, b't', ..] => (b'\t', 2),
            [_, b'b', ..] => (0x08, 2),
            [_, b'f', ..] => (0x0c, 2),
            [_, b'u', b'0', b'0', high, low, ..] => match hex(high).zip(hex(low)) {
                Some((high, low)) => (high << 4 | low, 6),
                None => (b'\\', 1),
            },
            [_, byte @ (b'"' | b'\\' | b'/'), ..] => (byte, 2),
            _ => (b'\\', 1),
        };
        plain.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    arena.alloc_slice_copy(&plain)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
