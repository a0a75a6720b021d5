//! Lines of keys and values, whatever the syntax around them: JSON, LTSV and logfmt share the names
//! that people give to the facts of a request.

use bumpalo::Bump;
use memchr::{memchr, memrchr};

use super::clf::{is_of_digits_and_dots, is_other_address};
use super::{BLANK, Tools, field};
use crate::record::{Abort, Limit, Record, Request, Skip, Stamp, Status};

mod aliases;
mod seated;
mod values;

pub use aliases::{Fact, lookup};
pub use seated::{Seat, Seated, Seating};
pub use values::Value;

/// Who writes lines of this kind, as their keys tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Product {
    /// Anybody.
    #[default]
    Other,
    /// Caddy: a `logger` whose name begins with `http.`.
    Caddy,
    /// Traefik: `DownstreamStatus`.
    Traefik,
    /// Envoy and Istio: `response_flags`, or `response_code` beside Envoy's other names.
    Envoy,
    /// Google Cloud load balancers: an object `httpRequest`.
    Gcp,
    /// Cloudflare Logpush: `EdgeResponseStatus`, or `ClientRequest…`.
    Cloudflare,
}

/// The facts of a line, each with the value of the best key for it.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Which of them there are, a bit for each.
    there: u32,
    /// How good the key of each value is for its fact.
    ranks: [u8; Fact::COUNT],
    /// Their values, as texts: an enum with a text in it takes longer to be put into its place.
    texts: [&'a [u8]; Fact::COUNT],
    /// Which of the texts have escapes, and which values are none.
    escaped: u32,
    nothing: u32,
    product: Product,
}

const _: () = assert!(Fact::COUNT <= u32::BITS as usize);

impl Default for Facts<'_> {
    fn default() -> Self {
        Facts {
            there: 0,
            ranks: [0; Fact::COUNT],
            texts: [b""; Fact::COUNT],
            escaped: 0,
            nothing: 0,
            product: Product::Other,
        }
    }
}

/// What a key says: which fact, how good a name it is for it (0 is the best), and who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Which fact.
    pub fact: Fact,
    /// Of several keys for a fact the one with the least counts.
    pub rank: u8,
    /// Who writes lines with this key, where nobody else does.
    pub product: Product,
}

/// What lines with the same keys say alike, whatever their values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Always {
    there: u32,
    ranks: [u8; Fact::COUNT],
    product: Product,
}

impl Always {
    /// Adds a key that is alone in saying what it does. `false` where it depends on its value whether it
    /// says anything.
    pub fn add(&mut self, meaning: Meaning) -> bool {
        let is_sure = meaning.fact != Fact::Status;
        if is_sure {
            self.there |= 1 << meaning.fact as u32;
            self.ranks[meaning.fact as usize] = meaning.rank;
        }
        is_sure
    }

    /// Notes who uses such a key.
    pub fn note(&mut self, meaning: Meaning) {
        if self.product == Product::Other {
            self.product = meaning.product;
        }
    }
}

impl<'a> Facts<'a> {
    /// Takes in a value.
    #[inline]
    pub fn put(&mut self, meaning: Meaning, value: Value<'a>) {
        match value {
            Value::Plain(text) => self.put_plain(meaning, text),
            value if meaning.fact == Fact::Status && !value.is_status() => self.note(meaning),
            value if self.is_better(meaning, value) => self.set(meaning, value),
            _ => self.note(meaning),
        }
    }

    /// Takes in a text without escapes.
    #[inline(always)]
    pub fn put_plain(&mut self, meaning: Meaning, text: &'a [u8]) {
        self.note(meaning);
        let at = meaning.fact as usize;
        if meaning.fact == Fact::Status && !Value::Plain(text).is_status() {
            return;
        }
        if !self.has(meaning.fact) {
            self.there |= 1 << at;
            (self.ranks[at], self.texts[at]) = (meaning.rank, text);
        } else if self.is_better(meaning, Value::Plain(text)) {
            self.set(meaning, Value::Plain(text));
        }
    }

    /// Takes in the text of a key that is alone in saying what it does, and is there [`Always`].
    #[inline(always)]
    pub fn put_alone(&mut self, meaning: Meaning, text: &'a [u8]) {
        self.texts[meaning.fact as usize] = text;
    }

    /// Takes in what [`Facts::put_alone`] leaves out.
    #[inline(always)]
    pub fn put_always(&mut self, always: &Always) {
        let status = 1 << Fact::Status as u32;
        if self.there & !status == 0 {
            let rank = self.rank(Fact::Status);
            self.ranks = always.ranks;
            self.ranks[Fact::Status as usize] = rank;
        } else {
            self.add_ranks(always);
        }
        self.there |= always.there;
        // The first that uses such a key, in the order of the keys.
        self.product = always.product;
    }

    #[inline(never)]
    fn add_ranks(&mut self, always: &Always) {
        for (at, (rank, mine)) in always.ranks.iter().zip(&mut self.ranks).enumerate() {
            if always.there & (1 << at) != 0 {
                *mine = *rank;
            }
        }
    }

    /// Notes who uses such a key.
    #[inline(always)]
    fn note(&mut self, meaning: Meaning) {
        if meaning.product != Product::Other && self.product == Product::Other {
            self.product = meaning.product;
        }
    }

    /// Forgets all: it is made ready for another line, and not made anew.
    #[inline(always)]
    pub fn clear(&mut self) {
        (self.there, self.escaped, self.nothing) = (0, 0, 0);
        self.product = Product::Other;
    }

    /// Whether a value is better than what is there: of two values that which has the better name, or the
    /// first of equals; what has a value before what has none.
    #[inline(never)]
    fn is_better(&self, meaning: Meaning, value: Value<'a>) -> bool {
        let Some(there) = self.get(meaning.fact) else { return true };
        match (there.is_nothing(), value.is_nothing()) {
            (true, false) => true,
            (false, true) => false,
            _ => meaning.rank < self.rank(meaning.fact),
        }
    }

    #[inline(never)]
    fn set(&mut self, meaning: Meaning, value: Value<'a>) {
        self.note(meaning);
        let (at, bit) = (meaning.fact as usize, 1 << meaning.fact as u32);
        self.there |= bit;
        self.escaped &= !bit;
        self.nothing &= !bit;
        self.ranks[at] = meaning.rank;
        self.texts[at] = match value {
            Value::Plain(text) => text,
            Value::Escaped(text) => {
                self.escaped |= bit;
                text
            }
            Value::Nothing => {
                self.nothing |= bit;
                b""
            }
        };
    }

    #[inline(always)]
    fn has(&self, fact: Fact) -> bool {
        self.there & (1 << fact as u32) != 0
    }

    #[inline(always)]
    fn get(&self, fact: Fact) -> Option<Value<'a>> {
        let (text, bit) = (self.texts[fact as usize], 1 << fact as u32);
        match self.has(fact) {
            true if self.nothing & bit != 0 => Some(Value::Nothing),
            true if self.escaped & bit != 0 => Some(Value::Escaped(text)),
            true => Some(Value::Plain(text)),
            false => None,
        }
    }

    /// Whether they are beyond doubt of a request, though it is not known how it ended.
    pub fn is_request_without_end(&self) -> bool {
        let has = |facts: &[Fact]| facts.iter().any(|fact| self.has(*fact));
        has(&[Fact::Time])
            && has(&[Fact::Client])
            && has(&[Fact::RequestLine, Fact::Target])
            && !has(&[Fact::Message])
    }

    fn rank(&self, fact: Fact) -> u8 {
        self.ranks[fact as usize]
    }

    /// The text of a fact; `None` where it is missing, null or `-`.
    #[inline]
    fn text(&self, fact: Fact, tools: &Tools<'a, '_>) -> Option<&'a [u8]> {
        if !self.has(fact) {
            return None;
        }
        let mut text = self.texts[fact as usize];
        let bit = 1 << fact as u32;
        if (self.escaped | self.nothing) & bit != 0 {
            text = self.get(fact)?.text(tools.arena)?;
        }
        (text != b"-").then_some(text)
    }

    /// As [`Facts::text`], and `None` where it is empty.
    fn filled(&self, fact: Fact, tools: &Tools<'a, '_>) -> Option<&'a [u8]> {
        self.text(fact, tools).filter(|text| !text.is_empty())
    }

    /// Who writes such lines.
    pub fn product(&self, tools: &Tools<'a, '_>) -> Product {
        match self.text(Fact::Logger, tools) {
            Some(logger) if logger.starts_with(b"http.") => Product::Caddy,
            _ => self.product,
        }
    }

    /// The request that the facts are about.
    ///
    /// # Errors
    ///
    /// [`Skip::NoFormat`] where they are not about a request, or hold a line of another format;
    /// [`Skip::NoRequest`] where a program says something else; [`Skip::BadTime`].
    pub fn record(&self, tools: &mut Tools<'a, '_>) -> Result<Record<'a>, Skip> {
        let mut record = BLANK;
        self.fill(&mut record, tools)?;
        Ok(record)
    }

    /// As [`Facts::record`], into a record that is there already.
    ///
    /// # Errors
    ///
    /// Those of [`Facts::record`].
    pub fn fill(&self, record: &mut Record<'a>, tools: &mut Tools<'a, '_>) -> Result<(), Skip> {
        let product = self.product(tools);
        let is_message = self.filled(Fact::Message, tools).is_some();
        let request = self.request(tools);
        let client = self.client(tools);
        // Caddy tells of a failed request in a line of its own too, before the line of its access log.
        let is_access = |logger: &[u8]| logger.starts_with(b"http.log.access");
        if product == Product::Caddy && !self.text(Fact::Logger, tools).is_some_and(is_access) {
            return Err(Skip::NoRequest);
        }
        // What a program says of requests that it makes itself.
        let is_said = is_message && self.get(Fact::Level).is_some();
        if product == Product::Other && is_said && client.is_none() {
            return Err(Skip::NoRequest);
        }
        let has_status = self.get(Fact::Status).is_some();
        if !has_status && product != Product::Gcp {
            // A line with a level and a message is a program's; what is in it is looked at elsewhere.
            return Err(if is_said { Skip::NoRequest } else { Skip::NoFormat });
        }
        if request.is_none() && client.is_none() {
            return Err(Skip::NoFormat);
        }
        let status = self.status(tools).ok_or(Skip::NoFormat)?;
        let (time, stamp_millis) = self.time(tools)?;
        // Value by value: to make a record and then move it would take longer.
        (record.time, record.status) = (time, status);
        record.bytes = self.get(Fact::Bytes).and_then(|value| value.whole()).unwrap_or(0);
        record.client = client.unwrap_or(b"-");
        record.host = self.host(client, request.as_ref(), tools);
        record.user = self.filled(Fact::User, tools);
        record.request = request.unwrap_or(Request { line: b"", parts: None });
        record.referer = self.text(Fact::Referer, tools);
        record.agent = self.text(Fact::Agent, tools);
        record.forwarded = self.filled(Fact::Forwarded, tools);
        record.latency_millis = self.latency(product, tools);
        let extra = &mut record.extra;
        (extra.stamp, extra.stamp_millis) = (self.stamp(product), stamp_millis);
        extra.abort = self.abort(product, status, tools);
        extra.peer = self.filled(Fact::Peer, tools);
        extra.request_id = self.filled(Fact::RequestId, tools);
        extra.location = self.filled(Fact::Location, tools);
        extra.upstream.addresses = self.filled(Fact::UpstreamAddress, tools);
        extra.upstream.statuses = self.filled(Fact::UpstreamStatus, tools);
        let upstream = self.get(Fact::UpstreamTime);
        extra.upstream.response_millis = upstream.and_then(|value| value.list_millis());
        let limit = |fact| self.text(fact, tools).and_then(Limit::parse);
        (extra.limit_req, extra.limit_conn) = (limit(Fact::LimitReq), limit(Fact::LimitConn));
        Ok(())
    }

    fn status(&self, tools: &Tools<'a, '_>) -> Option<Status> {
        let text = self.text(Fact::Status, tools).unwrap_or(b"-");
        if text.len() == b"404".len() {
            return Status::parse(text);
        }
        // `404 Not Found`, `404.0`; 4.04e2 is no status.
        let text = text.split(|&byte| byte == b' ').next().unwrap_or(text);
        let text = match memchr(b'.', text) {
            Some(point) if text[point + 1..].iter().all(|byte| *byte == b'0') => &text[..point],
            _ => text,
        };
        Status::parse(if text.is_empty() { b"-" } else { text })
    }

    /// The request line where there is one, else made of method, target and query.
    fn request(&self, tools: &Tools<'a, '_>) -> Option<Request<'a>> {
        // What Logstash's patterns call `request` is the target; `verb` stands beside it.
        let is_bare = |line: &&[u8]| line.starts_with(b"/") && self.get(Fact::Method).is_some();
        let bare_target = self.text(Fact::RequestLine, tools).filter(is_bare);
        if let Some(line) = self.text(Fact::RequestLine, tools)
            && bare_target.is_none()
            && (line.is_empty() || line.contains(&b' ') || self.get(Fact::Target).is_none())
        {
            return Some(Request::new(line));
        }
        let method = self.filled(Fact::Method, tools);
        let target = self.filled(Fact::Target, tools).or(bare_target);
        if method.is_none() && target.is_none() {
            let is_there = self.get(Fact::Method).is_some() || self.get(Fact::Target).is_some();
            return is_there.then_some(Request { line: b"", parts: None });
        }
        let method = method.unwrap_or(b"-");
        let query = || self.filled(Fact::Query, tools);
        let target = target.map(|target| with_query(target, query(), tools.arena));
        let target = target.unwrap_or_default();
        let has_target = !target.is_empty() && Request::is_method(method);
        Some(Request { line: target, parts: has_target.then_some((method, target)) })
    }

    /// Who asked. `host` is the client where it is an address and there is no other, and of those on
    /// the way the nearest.
    fn client(&self, tools: &Tools<'a, '_>) -> Option<&'a [u8]> {
        if let Some(client) = self.filled(Fact::Client, tools) {
            // Of several the nearest, as in a header.
            return Some(nearest(client));
        }
        if let Some(forwarded) = self.filled(Fact::Forwarded, tools) {
            return Some(nearest(forwarded));
        }
        let host = self.filled(Fact::Host, tools).map(field::plain_host);
        host.filter(|host| field::is_address(host))
    }

    fn host(
        &self,
        client: Option<&'a [u8]>,
        request: Option<&Request<'a>>,
        tools: &Tools<'a, '_>,
    ) -> Option<&'a [u8]> {
        let host = self.filled(Fact::Host, tools).map(field::plain_host);
        let has_client = self.filled(Fact::Client, tools).is_some();
        match host {
            Some(host) if has_client || Some(host) != client => Some(host),
            Some(_) => None,
            // An absolute target has it too.
            None => request.and_then(Request::target).and_then(field::target_host),
        }
    }

    fn time(&self, tools: &mut Tools<'a, '_>) -> Result<(u32, Option<u16>), Skip> {
        let time = self.get(Fact::Time).filter(|value| !value.is_nothing());
        let read = match (time, self.filled(Fact::Date, tools)) {
            (Some(Value::Plain(time @ [_, _, b':', ..])), Some(date)) => {
                let whole = tools.arena.alloc_slice_copy(&[date, b"T", time].concat());
                Some(Value::Plain(whole))
            }
            (None, Some(date)) => Some(Value::Plain(date)),
            (time, _) => time,
        };
        match read.map(|value| value.time(tools)) {
            Some(Some(read)) => Ok(read),
            Some(None) => Err(Skip::BadTime),
            None => tools.state.fallback_time.map(|time| (time, None)).ok_or(Skip::BadTime),
        }
    }

    fn stamp(&self, product: Product) -> Stamp {
        match product {
            Product::Caddy => Stamp::End,
            Product::Traefik | Product::Envoy | Product::Gcp => Stamp::Start,
            Product::Cloudflare => Stamp::Start,
            Product::Other => Stamp::Unknown,
        }
    }

    fn latency(&self, product: Product, tools: &Tools<'a, '_>) -> Option<u64> {
        let value = self.get(Fact::Duration)?;
        let unit = match product {
            Product::Caddy => values::Unit::Seconds,
            Product::Traefik => values::Unit::Nanos,
            Product::Envoy | Product::Cloudflare => values::Unit::Millis,
            Product::Gcp => values::Unit::Seconds,
            Product::Other => aliases::unit(self.rank(Fact::Duration)),
        };
        value.millis(unit, tools.arena)
    }

    fn abort(&self, product: Product, status: Status, tools: &Tools<'a, '_>) -> Option<Abort> {
        match product {
            Product::Envoy => {
                let flags = self.text(Fact::Flags, tools)?;
                let has =
                    |wanted: &[u8]| flags.split(|&byte| byte == b',').any(|flag| flag == wanted);
                match (has(b"DC"), has(b"DR")) {
                    (true, _) => Some(Abort::EnvoyDownstream),
                    (_, true) => Some(Abort::EnvoyReset),
                    _ => None,
                }
            }
            Product::Caddy => (status == Status::ZERO).then_some(Abort::Caddy0),
            Product::Gcp => {
                let details = self.text(Fact::StatusDetails, tools)?;
                details.starts_with(b"client_disconnected").then_some(Abort::Gcp)
            }
            Product::Other => {
                let is_incomplete = match self.get(Fact::Completion)?.text(tools.arena) {
                    Some(text) => text.is_empty() || text == b"-",
                    None => false,
                };
                is_incomplete.then_some(Abort::NginxIncomplete)
            }
            Product::Traefik | Product::Cloudflare => None,
        }
    }
}

/// The target, and behind it the query that stands apart.
fn with_query<'a>(target: &'a [u8], query: Option<&[u8]>, arena: &'a Bump) -> &'a [u8] {
    match query {
        Some(query) if !target.contains(&b'?') => {
            let query = query.strip_prefix(b"?").unwrap_or(query);
            arena.alloc_slice_copy(&[target, b"?", query].concat())
        }
        _ => target,
    }
}

/// The last of some addresses, without its port.
#[inline(always)]
fn nearest(addresses: &[u8]) -> &[u8] {
    // Nearly always it is one, as it stands.
    if is_of_digits_and_dots(addresses) || is_other_address(addresses) {
        return addresses;
    }
    nearest_of_several(addresses)
}

#[inline(never)]
fn nearest_of_several(addresses: &[u8]) -> &[u8] {
    let last = memrchr(b',', addresses).map_or(addresses, |comma| &addresses[comma + 1..]);
    field::plain_host(last.trim_ascii())
}
