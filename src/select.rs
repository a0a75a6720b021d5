//! Which records are kept, and under which keys they are counted.

pub mod real_ip;

use std::borrow::Cow;
use std::net::IpAddr;

use bumpalo::Bump;
use ipnet::IpNet;
use memchr::{memchr, memchr2, memmem};

use crate::classify::agents::{self, Agent};
use crate::classify::causes::Failed;
use crate::classify::crawlers::{Crawler, Purpose};
use crate::classify::known::Known;
use crate::classify::probes;
use crate::classify::ranges::{self, List, Ranges, Verdict};
use crate::classify::referers::Referer;
use crate::classify::sites;
use crate::escape;
use crate::options::{Choice, Filters, KEY_BYTES_MAX, Options, Query, RealIp, StatusList};
use crate::record::{Address, Aside, Cause, Crawl, ErrorLine, Hit, Limit, Method, Record};
use crate::untrusted::Untrusted;

/// The path key of a request line without method or target.
pub const MALFORMED: &[u8] = b"(malformed)";

/// What a run keeps, ready to be asked for each record.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    filters: Filters,
    has_filters: bool,
    statuses: StatusList,
    query: Query,
    real_ip: Option<RealIp>,
    /// Where crawlers come from.
    lists: Ranges,
    /// What is known of the addresses of crawlers.
    addresses: Known<(u8, Address)>,
    agents: Known<Agent>,
    probes: Known<u8>,
    /// Own hosts.
    sites: Vec<Vec<u8>>,
    has_sites: bool,
}

impl Selection {
    /// From what the run was asked for.
    pub fn new(options: &Options) -> Selection {
        Selection {
            has_filters: !options.filters.is_empty(),
            filters: options.filters.clone(),
            statuses: options.statuses.clone(),
            query: options.query,
            real_ip: options.real_ip.clone(),
            lists: crawler_lists(options),
            addresses: Known::default(),
            agents: Known::default(),
            probes: Known::default(),
            sites: options.sites.iter().map(|site| site.clone().into_bytes()).collect(),
            has_sites: !options.sites.is_empty(),
        }
    }

    /// The record as it is counted, or `None` where a filter removes it. Keys that are not spelled
    /// as the log has them lie in `keys`.
    #[inline(always)]
    pub fn keep<'a>(&mut self, record: &Record<'a>, keys: &'a Bump) -> Option<Hit<'a>> {
        let client = match &self.real_ip {
            None => record.client,
            Some(real_ip) => real_ip::client(record.client, record.forwarded, &real_ip.trusted),
        };
        if self.has_filters && !self.is_kept(record, client) {
            return None;
        }
        let (path, is_page) = match record.request.target() {
            // Nearly every target is its own key.
            Some(target) if is_key(target) => (target, !sites::is_asset_path(target)),
            Some(target) => {
                let path = key(path_key(target, self.query), keys);
                (path, !sites::is_asset(path))
            }
            None => (MALFORMED, true),
        };
        let is_error = self.statuses.has_error(record.status);
        // Of nearly all requests there is nothing else to say.
        let method = method(record);
        let may_be_crawler = record.agent.is_some_and(agents::may_be_crawler);
        let has_aside =
            is_error || may_be_crawler || record.extra.location.is_some() || method != Method::Get;
        Some(Hit {
            time: record.time,
            status: record.status,
            is_error,
            bytes: record.bytes,
            latency_millis: record.latency_millis,
            abort: record.extra.abort.filter(|_| record.status.code() != Some(499)),
            client: key(Cow::Borrowed(client), keys),
            host: record.host.map_or(b"", |host| key(Cow::Borrowed(host), keys)),
            path,
            agent: record.agent.unwrap_or_default(),
            agent_hash: record.agent.map_or(0, agents::hash),
            is_page,
            has_referer: record.referer.is_some(),
            is_limited: matches!(record.status.code(), Some(429 | 444))
                || record.extra.limit_req == Some(Limit::Rejected),
            aside: match has_aside {
                true => self.aside(record, client, (is_error, may_be_crawler, method), keys),
                false => None,
            },
        })
    }

    /// What else there is to say of a request, if anything.
    #[inline(never)]
    fn aside<'a>(
        &mut self,
        record: &Record<'a>,
        client: &[u8],
        (is_error, may_be_crawler, method): (bool, bool, Method),
        keys: &'a Bump,
    ) -> Option<&'a Aside<'a>> {
        let agent = match is_error || may_be_crawler {
            true => self.agent(record),
            false => Agent::NAMELESS,
        };
        let is_redirect = record.status.code().is_some_and(|code| (300..400).contains(&code));
        let location = record.extra.location.filter(|_| is_redirect).unwrap_or_default();
        let aside = Aside {
            // Where not all of a crawler's requests are told from those of browsers, none is.
            crawl: if may_be_crawler { self.crawl(record, agent, client) } else { None },
            method,
            location,
            ..Aside::none()
        };
        // Who asks, and why, is of interest where it failed.
        let aside = match is_error {
            true => {
                let (probe, cause) = self.judged(record, agent);
                let is_link = cause.is_link();
                let referer = record.referer.filter(|_| is_link);
                let referer = referer.map_or(&b""[..], |referer| page(referer, keys));
                let network = if is_link { ranges::network(client) } else { 0 };
                let target = record.request.target().unwrap_or_default();
                let has_query = self.query == Query::Drop && memchr(b'?', target).is_some();
                Aside { agent: agent.number(), probe, cause, referer, network, has_query, ..aside }
            }
            false => aside,
        };
        let has_more = aside.crawl.is_some() || method != Method::Get || !location.is_empty();
        (has_more || is_error).then(|| &*keys.alloc(aside))
    }

    /// What there is to say of what says that it is a crawler.
    fn crawl<'a>(&mut self, record: &Record<'a>, agent: Agent, client: &[u8]) -> Option<Crawl<'a>> {
        let (number, crawler) = (agent.crawler_number()?, agent.crawler()?);
        let lists = &self.lists;
        let proven = |client: &[u8]| match lists.verdict_in_time(crawler, client) {
            Verdict::Verified => Address::Listed,
            Verdict::Spoofed => Address::Unlisted,
            Verdict::Unverifiable => Address::Unknown,
        };
        let address = match self.addresses.get(client, |client| (number, proven(client))) {
            (known, address) if known == number => address,
            // Few are more crawlers than one.
            _ => proven(client),
        };
        let target = record.request.target().unwrap_or_default();
        let query = memchr(b'?', target).map_or(&b""[..], |at| &target[at + 1..]);
        let query = &query[..memchr(b'#', query).unwrap_or(query.len())];
        let is_search = crawler.purpose == Purpose::Search;
        Some(Crawl { crawler: number, is_search, address, query })
    }

    fn judged(&mut self, record: &Record<'_>, agent: Agent) -> (u8, Cause) {
        let target = record.request.target();
        // What is refused or given up says nothing of the path.
        let is_missing = matches!(record.status.code(), Some(400 | 403 | 404 | 405 | 410));
        let probe = match target {
            _ if !is_missing => 0,
            Some(target) => self.probes.get(target, probes::weight),
            None => probes::weight_of_malformed(record.request.line),
        };
        let is_own = |host: &[u8]| {
            self.sites.iter().any(|own| sites::is_same(own, host))
                || record.host.is_some_and(|own| sites::is_same(own, host))
        };
        let referer = Referer::new(record.referer, is_own);
        // The pages of a WordPress ask for what a scanner asks for too.
        let is_weak = probe < probes::WEIGHT_MAX;
        let probe = if referer == Referer::Own && is_weak { 0 } else { probe };
        let failed = Failed {
            status: record.status,
            is_whole: target.is_some(),
            probe,
            agent: agent.kind(),
            referer,
            is_asset: target.is_some_and(sites::is_asset),
        };
        (probe, failed.cause())
    }

    /// Says which hosts are own ones in the lines to come, unless the run was told.
    pub fn begin_source(&mut self, learnt: &[Vec<u8>]) {
        if !self.has_sites {
            self.sites = learnt.to_vec();
        }
    }

    fn agent(&mut self, record: &Record<'_>) -> Agent {
        self.agents.get(record.agent.unwrap_or_default(), |agent| Agent::new(Some(agent)))
    }

    #[inline(never)]
    fn is_kept(&mut self, record: &Record<'_>, client: &[u8]) -> bool {
        self.filters.keep(record, client, self.query)
            && (self.filters.crawlers.is_empty() || self.keeps_crawler(record, client))
    }

    /// Whether the request is of a crawler that is kept. One whose address gives it the lie is none.
    fn keeps_crawler(&mut self, record: &Record<'_>, client: &[u8]) -> bool {
        let agent = self.agent(record);
        let is_spoofed = |crawler: &Crawler| {
            self.lists.verdict(crawler, client, record.time.into()) == Verdict::Spoofed
        };
        let name = agent.name().filter(|_| !agent.crawler().is_some_and(is_spoofed));
        chosen(&self.filters.crawlers, |wanted| {
            name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        })
    }
}

#[inline(always)]
fn method(record: &Record<'_>) -> Method {
    match record.request.method() {
        Some([b'G', b'E', b'T']) => Method::Get,
        Some([b'H', b'E', b'A', b'D']) => Method::Head,
        _ => Method::Other,
    }
}

/// The page that a referer names, without query and fragment.
fn page<'a>(referer: &'a [u8], keys: &'a Bump) -> &'a [u8] {
    let end = memchr2(b'?', b'#', referer).unwrap_or(referer.len());
    key(Cow::Borrowed(&referer[..end]), keys)
}

/// What is known of the addresses of crawlers: what the program was built with, and what was given.
pub fn crawler_lists(options: &Options) -> Ranges {
    let mut ranges = Ranges::default();
    for given in &options.crawler_ranges {
        if let Some(list) = List::of_file(&given.file) {
            ranges.set(list, given.networks.clone(), given.fetched);
        }
    }
    ranges
}

impl Selection {
    /// Whether a line of an error log is counted.
    pub fn keeps_error(&self, line: &ErrorLine<'_>) -> bool {
        self.filters.keep_error(line)
    }
}

impl Filters {
    /// Whether they keep everything.
    pub fn is_empty(&self) -> bool {
        self.since.is_none()
            && self.until.is_none()
            && self.paths.is_empty()
            && self.clients.is_empty()
            && self.methods.is_empty()
            && self.vhosts.is_empty()
            && self.referers.is_empty()
            && self.crawlers.is_empty()
    }

    /// Whether a line of an error log is kept: by its time and its client, which is all that it surely
    /// has.
    fn keep_error(&self, line: &ErrorLine<'_>) -> bool {
        let time = i64::from(line.time);
        self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time < until)
            && chosen(&self.clients, |network| is_in(line.client.unwrap_or(b""), network))
    }

    #[inline(never)]
    fn keep(&self, record: &Record<'_>, client: &[u8], query: Query) -> bool {
        let target = record.request.target();
        let path = target.map_or(Cow::Borrowed(MALFORMED), |target| path_key(target, query));
        let time = i64::from(record.time);
        self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time < until)
            && chosen(&self.paths, |pattern| pattern.matches(&path))
            && chosen(&self.clients, |network| is_in(client, network))
            && chosen(&self.methods, |name| record.request.method() == Some(name.as_bytes()))
            && chosen(&self.vhosts, |name| {
                record.host.is_some_and(|host| host.eq_ignore_ascii_case(name.as_bytes()))
            })
            && chosen(&self.referers, |pattern| pattern.matches(record.referer.unwrap_or(b"-")))
    }
}

/// Kept is what no `!` matches, and of what stands without `!` at least one where there is any.
fn chosen<T>(choices: &[Choice<T>], matches: impl Fn(&T) -> bool) -> bool {
    let mut is_wanted = choices.iter().all(|choice| choice.negated);
    for choice in choices {
        if matches(&choice.value) {
            if choice.negated {
                return false;
            }
            is_wanted = true;
        }
    }
    is_wanted
}

fn is_in(client: &[u8], network: &IpNet) -> bool {
    // `fe80::1%eth0`: the interface is no part of the address.
    let client = &client[..memchr(b'%', client).unwrap_or(client.len())];
    let address = std::str::from_utf8(client).ok().and_then(|text| text.parse::<IpAddr>().ok());
    address.is_some_and(|address| {
        network.contains(&address) || network.contains(&address.to_canonical())
    })
}

/// Whether a target is its own key: a path of ASCII bytes without query and fragment.
#[inline]
fn is_key(target: &[u8]) -> bool {
    const UPMOST: u64 = u64::from_ne_bytes([0x80; 8]);
    // Eight at once: a byte that is none borrows from its upmost bit.
    let none = |bytes: u64| bytes.wrapping_sub(u64::from_ne_bytes([1; 8])) & !bytes;
    let odd = |bytes: &[u8; 8]| {
        let bytes = u64::from_ne_bytes(*bytes);
        let of = |byte: u8| none(bytes ^ u64::from_ne_bytes([byte; 8]));
        (of(b'?') | of(b'#') | bytes) & UPMOST
    };
    let is_plain = match target.last_chunk::<8>() {
        Some(end) => target.as_chunks().0.iter().fold(odd(end), |all, part| all | odd(part)) == 0,
        None => target.iter().all(|byte| byte.is_ascii() && !matches!(byte, b'?' | b'#')),
    };
    target.first() == Some(&b'/') && target.len() <= KEY_BYTES_MAX && is_plain
}

/// The key under which a target is counted: its path in the log's own spelling, without query and
/// fragment. An absolute target gives its path, `/` where it has none; `*` and `host:443` are
/// themselves.
pub fn path_key(target: &[u8], query: Query) -> Cow<'_, [u8]> {
    let local = match target.first() {
        Some(b'/') => target,
        _ => without_origin(target),
    };
    let end = memchr2(b'?', b'#', local).unwrap_or(local.len());
    let (path, rest) = local.split_at(end);
    if query == Query::Drop || rest.first() != Some(&b'?') {
        return Cow::Borrowed(path);
    }
    let rest = &rest[..memchr(b'#', rest).unwrap_or(rest.len())];
    let kept = match query {
        Query::Keep => rest[1..].to_vec(),
        Query::Keys | Query::Drop => names(&rest[1..]),
    };
    if kept.is_empty() {
        return Cow::Borrowed(path);
    }
    Cow::Owned([path, b"?", &kept].concat())
}

/// `x=1&y=2` to `x&y`.
fn names(query: &[u8]) -> Vec<u8> {
    let name = |pair: &[u8]| pair[..memchr(b'=', pair).unwrap_or(pair.len())].to_vec();
    let names: Vec<Vec<u8>> = query.split(|&byte| byte == b'&').map(name).collect();
    names.join(&b'&')
}

/// What follows scheme and authority in an absolute target (RFC 9112 §3.2.2); any other target
/// whole.
fn without_origin(target: &[u8]) -> &[u8] {
    let Some(colon) = memmem::find(target, b"://") else { return target };
    let scheme = &target[..colon];
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    if !is_scheme {
        return target;
    }
    let rest = &target[colon + 3..];
    match rest.iter().position(|byte| b"/?#".contains(byte)) {
        Some(at) if rest[at] == b'/' => &rest[at..],
        _ => b"/",
    }
}

/// A key as it is counted and shown: bytes that are not UTF-8 are written `\xhh`, so that what
/// looks the same is the same, and a key longer than [`KEY_BYTES_MAX`] is cut and ends in `~` and a
/// hash of the whole.
#[inline]
fn key<'a>(text: Cow<'a, [u8]>, keys: &'a Bump) -> &'a [u8] {
    match text {
        Cow::Borrowed(text) if text.len() <= KEY_BYTES_MAX && is_ascii(text) => text,
        text => unusual_key(text, keys),
    }
}

/// As the standard library has it, and without a call for an IPv4 address.
#[inline(always)]
fn is_ascii(text: &[u8]) -> bool {
    match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) if text.len() <= 16 => {
            let both = u64::from_ne_bytes(*first) | u64::from_ne_bytes(*last);
            both & u64::from_ne_bytes([0x80; 8]) == 0
        }
        _ => text.is_ascii(),
    }
}

#[cold]
fn unusual_key<'a>(text: Cow<'a, [u8]>, keys: &'a Bump) -> &'a [u8] {
    let text = match std::str::from_utf8(&text) {
        Ok(_) => text,
        Err(_) => Cow::Owned(escape::json(&Untrusted::new(text)).into_bytes()),
    };
    if text.len() <= KEY_BYTES_MAX {
        return match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => keys.alloc_slice_copy(&text),
        };
    }
    let hash = format!("~{:016x}", siphash(&text));
    keys.alloc_slice_copy(&[&text[..KEY_BYTES_MAX - hash.len()], hash.as_bytes()].concat())
}

/// Not secret: the same key is cut in the same way in every run.
fn siphash(key: &[u8]) -> u64 {
    siphasher::sip::SipHasher13::new().hash(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Pattern;
    use crate::record::{Extra, Request, Status};

    fn path(target: &str, query: Query) -> String {
        String::from_utf8(path_key(target.as_bytes(), query).into_owned()).unwrap()
    }

    #[test]
    fn a_path_key_has_the_logs_own_spelling() {
        for (target, wanted) in [
            ("/", "/"),
            ("/a?b=c#d", "/a"),
            ("/a#b?c", "/a"),
            ("/%41%2f//x/../y", "/%41%2f//x/../y"),
            ("//evil.example/x?y", "//evil.example/x"),
            ("/http://h/x", "/http://h/x"),
            ("http://evil.example/x?y=1", "/x"),
            ("HTTPS://user:secret@h:8443/a/b", "/a/b"),
            ("http://h", "/"),
            ("http://h?y=1", "/"),
            ("http://h#y", "/"),
            ("*", "*"),
            ("mail.example:443", "mail.example:443"),
            ("?a=b", ""),
            ("a b", "a b"),
            ("/caf\\xC3\\xA9", "/caf\\xC3\\xA9"),
            ("4x://h/a", "4x://h/a"),
        ] {
            assert_eq!(path(target, Query::Drop), wanted, "{target}");
        }
    }

    #[test]
    fn a_target_with_an_odd_byte_anywhere_is_not_its_own_key() {
        for length in 1..40 {
            let plain: Vec<u8> = (0..length).map(|at| b"/a-\x01\x7f>\"$@"[at % 9]).collect();
            assert!(is_key(&plain), "{}", plain.escape_ascii());
            for (at, byte) in (0..length).flat_map(|at| [b'?', b'#', 0x80, 0xff].map(|b| (at, b))) {
                let mut odd = plain.clone();
                odd[at] = byte;
                assert!(!is_key(&odd), "{}", odd.escape_ascii());
            }
        }
        assert!(!is_key(b"") && !is_key(b"*") && !is_key(b"http://shop.example/"));
    }

    #[test]
    fn of_a_query_stays_what_was_asked_for() {
        assert_eq!(path("/a?x=1&y=2#z", Query::Keys), "/a?x&y");
        assert_eq!(path("/a?x=1&y=2#z", Query::Keep), "/a?x=1&y=2");
        assert_eq!(path("/a?", Query::Keep), "/a");
        assert_eq!(path("/a?flag&&=v", Query::Keys), "/a?flag&&");
        assert_eq!(path("http://h/?x=1", Query::Keep), "/?x=1");
    }

    #[test]
    fn a_long_key_is_cut_and_told_apart() {
        let keys = Bump::new();
        let long = |end: &str| key(Cow::Owned([&[b'a'; 5_000], end.as_bytes()].concat()), &keys);
        assert_eq!(long("x").len(), KEY_BYTES_MAX);
        assert_ne!(long("x"), long("y"));
        assert_eq!(long("x"), long("x"));
        assert_eq!(key(Cow::Borrowed(&[b'a'; KEY_BYTES_MAX]), &keys).len(), KEY_BYTES_MAX);
        assert_eq!(key(Cow::Borrowed(b"/\xff"), &keys), br"/\xff");
    }

    fn record(
        client: &'static str,
        line: &'static str,
        host: Option<&'static str>,
    ) -> Record<'static> {
        Record {
            time: 1_000,
            status: Status::NOT_FOUND,
            bytes: 0,
            client: client.as_bytes(),
            host: host.map(str::as_bytes),
            user: None,
            request: Request::new(line.as_bytes()),
            referer: Some(b"https://partner.example/x"),
            agent: None,
            forwarded: None,
            latency_millis: None,
            extra: Extra::NONE,
        }
    }

    fn keeps(filters: Filters) -> bool {
        let mut selection = Selection::new(&Options { filters, ..Options::default() });
        let record = record("192.0.2.7", "GET /api/x?y HTTP/1.1", Some("Shop.example"));
        selection.keep(&record, &Bump::new()).is_some()
    }

    fn choice<T>(negated: bool, value: T) -> Vec<Choice<T>> {
        vec![Choice { negated, value }]
    }

    #[test]
    fn filters_keep_what_they_name_and_drop_what_they_negate() {
        let prefix = |text: &str| Pattern::Prefix(text.as_bytes().to_vec());
        let regex = |text: &str| Pattern::Regex(regex::bytes::Regex::new(text).unwrap());
        let network = |text: &str| text.parse::<IpNet>().unwrap();
        assert!(keeps(Filters::default()));
        for (kept, negated) in [(true, false), (false, true)] {
            let all = Filters::default;
            assert_eq!(keeps(Filters { paths: choice(negated, prefix("/api")), ..all() }), kept);
            assert_eq!(keeps(Filters { paths: choice(negated, regex("x$")), ..all() }), kept);
            let net = network("192.0.2.0/24");
            assert_eq!(keeps(Filters { clients: choice(negated, net), ..all() }), kept);
            assert_eq!(keeps(Filters { methods: choice(negated, "GET".into()), ..all() }), kept);
            let host = "shop.EXAMPLE".to_string();
            assert_eq!(keeps(Filters { vhosts: choice(negated, host), ..all() }), kept);
            let referer = prefix("https://partner.");
            assert_eq!(keeps(Filters { referers: choice(negated, referer), ..all() }), kept);
        }
        let both = Filters {
            paths: vec![
                Choice { negated: false, value: prefix("/api") },
                Choice { negated: true, value: prefix("/api/x") },
            ],
            ..Filters::default()
        };
        assert!(!keeps(both));
    }

    #[test]
    fn since_is_in_and_until_is_out() {
        let time = |since, until| Filters { since, until, ..Filters::default() };
        assert!(keeps(time(Some(1_000), Some(1_001))));
        assert!(!keeps(time(Some(1_001), None)));
        assert!(!keeps(time(None, Some(1_000))));
    }

    #[test]
    fn an_ipv4_client_is_found_behind_its_ipv6_form() {
        let filters = Filters {
            clients: choice(false, "192.0.2.0/24".parse().unwrap()),
            ..Filters::default()
        };
        let mut selection = Selection::new(&Options { filters, ..Options::default() });
        assert!(
            selection
                .keep(&record("::ffff:192.0.2.9", "GET / HTTP/1.1", None), &Bump::new())
                .is_some()
        );
        let named = record("host.example", "GET / HTTP/1.1", None);
        assert!(selection.keep(&named, &Bump::new()).is_none());
    }

    #[test]
    fn a_crawler_is_kept_unless_its_address_gives_it_the_lie() {
        let crawlers = |negated| Filters {
            crawlers: choice(negated, "googlebot".to_string()),
            ..Filters::default()
        };
        let keeps = |filters: Filters, client, agent: Option<&str>, time| {
            let record = record(client, "GET / HTTP/1.1", None);
            let record = Record { agent: agent.map(str::as_bytes), time, ..record };
            let mut selection = Selection::new(&Options { filters, ..Options::default() });
            selection.keep(&record, &Bump::new()).is_some()
        };
        const GOOGLEBOT: Option<&str> = Some("Mozilla/5.0 (compatible; Googlebot/2.1)");
        const FETCHED: u32 = 1_787_356_800;
        for (negated, kept) in [(false, true), (true, false)] {
            assert_eq!(keeps(crawlers(negated), "66.249.66.1", GOOGLEBOT, FETCHED), kept);
            assert_eq!(keeps(crawlers(negated), "192.0.2.1", GOOGLEBOT, FETCHED), !kept);
            // A year later the list proves nothing.
            assert_eq!(
                keeps(crawlers(negated), "192.0.2.1", GOOGLEBOT, FETCHED + 31_536_000),
                kept
            );
            assert_eq!(keeps(crawlers(negated), "66.249.66.1", Some("curl/8"), FETCHED), !kept);
            assert_eq!(keeps(crawlers(negated), "66.249.66.1", None, FETCHED), !kept);
        }
    }

    #[test]
    fn a_malformed_request_has_a_key_of_its_own() {
        let (mut selection, keys) = (Selection::default(), Bump::new());
        for line in ["", "-"] {
            assert_eq!(selection.keep(&record("a", line, None), &keys).unwrap().path, MALFORMED);
        }
    }
}
