//! What only some products write: hosts in places of their own, and tails of their own.

use memchr::{memmem, memrchr};

use super::{Head, Host, Shape, Shapes, Tail, is_escaped};
use crate::parse::field::{last_word, seconds, target_host, unless_hyphen, whole_number, word};
use crate::record::{Abort, Record, Stamp, Upstream};

/// What all shapes of products have.
const OF_PRODUCTS: Shapes = Shapes::with_host(Host::Ident)
    .or(Shapes::with_host(Host::Target))
    .or(Shapes::new(&[TRAEFIK, INGRESS_NGINX, HAPROXY, SQUID]));

/// The shape of Traefik's lines.
pub const TRAEFIK: Shape = Shape { host: Host::Nowhere, tail: Tail::Traefik };
/// The shape of the lines of Kubernetes' ingress controller.
pub const INGRESS_NGINX: Shape = Shape { host: Host::Nowhere, tail: Tail::IngressNginx };
/// The shape of HAProxy's lines.
pub const HAPROXY: Shape = Shape { host: Host::Nowhere, tail: Tail::Haproxy };
/// The shape of Squid's lines.
pub const SQUID: Shape = Shape { host: Host::Nowhere, tail: Tail::Squid };

/// Reads what only a product writes that is `wanted`, and tells the shape that it makes of the
/// `general` one. `rest` stands behind the bytes, and `more` behind referer and agent.
pub fn read<'a>(
    head: &Head<'a>,
    rest: &'a [u8],
    more: &'a [u8],
    general: Shape,
    wanted: Shapes,
    record: &mut Record<'a>,
) -> Shape {
    if !wanted.has_any(OF_PRODUCTS) || general.host != Host::Nowhere {
        return general;
    }
    let has_agent = general.tail == Tail::AgentAndMore;
    if has_agent || general.tail == Tail::Other {
        if wanted.has(TRAEFIK) && traefik(rest, record).is_some() {
            return TRAEFIK;
        }
        if wanted.has(SQUID) && squid(more, record).is_some() {
            return SQUID;
        }
    }
    if has_agent {
        if wanted.has(INGRESS_NGINX) && ingress_nginx(more, record).is_some() {
            return INGRESS_NGINX;
        }
        if wanted.has(HAPROXY) && haproxy(more, record).is_some() {
            return HAPROXY;
        }
    }
    let with_host = |host| Shape { host, ..general };
    if wanted.has(with_host(Host::Ident)) {
        record.host = head.ident.and_then(unless_hyphen);
        record.extra.stamp = Stamp::End;
        return with_host(Host::Ident);
    }
    if wanted.has(with_host(Host::Target)) {
        record.host = record.request.target().and_then(target_host);
        record.extra.stamp = Stamp::Start;
        return with_host(Host::Target);
    }
    general
}

/// ` "referer" "agent" 42 "router" "http://192.0.2.80:80" 0ms`
/// (`pkg/middlewares/accesslog/logger_formatters.go`).
///
/// It is read from its end: old versions do not escape what the client sent, and only routers and
/// servers behind are named by somebody else.
fn traefik<'a>(rest: &'a [u8], record: &mut Record<'a>) -> Option<()> {
    let (before, duration) = last_word(rest)?;
    let latency_millis = whole_number(duration.strip_suffix(b"ms")?)?;
    let (before, server) = last_quoted(before)?;
    let (before, _router) = last_quoted(before)?;
    let (before, count) = last_word(before)?;
    whole_number(count)?;
    let fields = before.strip_prefix(b" \"")?.strip_suffix(b"\"")?;
    let gaps = || memmem::find_iter(fields, b"\" \"");
    let gap = gaps().find(|&gap| !is_escaped(&fields[..gap])).or_else(|| gaps().next())?;
    record.referer = unless_hyphen(&fields[..gap]);
    record.agent = unless_hyphen(&fields[gap + 3..]);
    record.latency_millis = Some(latency_millis);
    record.extra.stamp = Stamp::Start;
    record.extra.upstream.addresses = unless_hyphen(server);
    Some(())
}

/// The field in quotes at the end of `text`, which holds no quote, and what stands before it.
fn last_quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_suffix(b"\"")?;
    let quote = memrchr(b'"', text)?;
    Some((text[..quote].strip_suffix(b" ")?, &text[quote + 1..]))
}

/// ` 80 0.000 [namespace-service-80] [] 192.0.2.80:80 13 0.000 200 id`: the length of the request,
/// the request time, the upstream and its alternative, and of each server that was tried its address,
/// length, time and status (`internal/ingress/controller/config/config.go`). Old versions have no
/// alternative, older ones no id.
fn ingress_nginx<'a>(more: &'a [u8], record: &mut Record<'a>) -> Option<()> {
    let (length, rest) = word(more.strip_prefix(b" ")?);
    whole_number(length)?;
    let (time, rest) = word(rest);
    let latency_millis = seconds(time)?;
    let (name, mut rest) = word(rest);
    let is_bracketed = |name: &[u8]| name.starts_with(b"[") && name.ends_with(b"]");
    if !is_bracketed(name) {
        return None;
    }
    if let (alternative, after) = word(rest)
        && is_bracketed(alternative)
    {
        rest = after;
    }
    let (addresses, rest) = list(rest);
    let (_lengths, rest) = list(rest);
    let (times, rest) = list(rest);
    let (statuses, id) = list(rest);
    if statuses.is_empty() {
        return None;
    }
    record.latency_millis = Some(latency_millis);
    record.extra.stamp = Stamp::End;
    record.extra.request_id = unless_hyphen(id).filter(|id| !id.is_empty());
    record.extra.upstream = Upstream {
        addresses: unless_hyphen(addresses),
        statuses: unless_hyphen(statuses),
        response_millis: times
            .split(|&byte| byte == b' ')
            .filter_map(|time| seconds(time.strip_suffix(b",").unwrap_or(time)))
            .reduce(u64::saturating_add),
    };
    // `$the_real_ip - [$the_real_ip] - $remote_user` until 0.22.
    if let Some(user) = record.user
        && user.starts_with(b"[")
        && let Some(end) = memmem::find(user, b"] - ")
    {
        record.user = unless_hyphen(&user[end + 4..]);
    }
    Some(())
}

/// A list of nginx, `0.001, 0.002 : 0.003`, up to the next field, and what follows it.
fn list(text: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    loop {
        let (element, after) = word(&text[end..]);
        end += element.len();
        let goes_on = element.ends_with(b",") || element == b":" || after.starts_with(b": ");
        if !goes_on || after.is_empty() {
            return (&text[..end], text.get(end + 1..).unwrap_or_default());
        }
        end += 1;
    }
}

/// ` 34758 952 "frontend" "backend" "server" 0 0 0 1 2 ---- …`: the client's port, milliseconds of
/// the stamp, names, timers and the termination state (configuration.txt §8.2.3, `option httplog
/// clf`). What stands in the places of referer and agent is always empty.
fn haproxy<'a>(more: &'a [u8], record: &mut Record<'a>) -> Option<()> {
    if (record.referer, record.agent) != (Some(b""), Some(b"")) {
        return None;
    }
    let (port, rest) = word(more.strip_prefix(b" ")?);
    whole_number(port)?;
    let (millis, mut rest) = word(rest);
    let millis = whole_number(millis).filter(|&millis| millis < 1_000)?;
    for _ in 0..3 {
        let (name, after) = word(rest);
        name.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        rest = after;
    }
    let mut timer = &b""[..];
    for _ in 0..5 {
        (timer, rest) = word(rest);
    }
    let (state, _) = word(rest);
    if state.len() != 4 {
        return None;
    }
    (record.referer, record.agent) = (None, None);
    record.latency_millis = whole_number(timer.strip_prefix(b"+").unwrap_or(timer));
    record.extra.stamp = Stamp::Start;
    record.extra.stamp_millis = u16::try_from(millis).ok();
    record.extra.abort = Abort::haproxy(state);
    Some(())
}

/// ` TCP_MISS:HIER_DIRECT`: what Squid did, and whom it asked (`logformat combined`, and `common`
/// without referer and agent).
fn squid<'a>(more: &'a [u8], record: &mut Record<'a>) -> Option<()> {
    let more = more.strip_prefix(b" ")?;
    let colon = more.iter().position(|&byte| byte == b':')?;
    let (code, hierarchy) = (&more[..colon], &more[colon + 1..]);
    let is_code =
        [&b"TCP_"[..], b"UDP_", b"NONE", b"TAG_"].iter().any(|name| code.starts_with(name));
    let is_word =
        |text: &[u8]| text.iter().all(|byte| byte.is_ascii_uppercase() || b"_-".contains(byte));
    if !is_code || !is_word(code) || !is_word(hierarchy) {
        return None;
    }
    // What was no request has no target.
    let is_request = |(_, target): &(&[u8], &[u8])| !target.starts_with(b"error:");
    record.request.parts = record.request.parts.filter(is_request);
    record.latency_millis = None;
    record.host = record.request.target().and_then(target_host);
    record.extra.stamp = Stamp::End;
    record.extra.abort = Abort::squid(code, record.status);
    Some(())
}
