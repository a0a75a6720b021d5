//! Lines of keys and values, whatever the syntax around them: JSON, LTSV and logfmt share the names
//! that people give to the facts of a request.

use super::{Tools, field};
use crate::record::{Abort, Extra, Limit, Record, Request, Skip, Stamp, Status, Upstream};

mod aliases;
mod values;

pub use aliases::{Fact, lookup};
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

/// That of a fact without a key.
const NO_RANK: u8 = u8::MAX;

/// The facts of a line, each with the value of the best key for it.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// How good the key of each value is for its fact.
    ranks: [u8; Fact::COUNT],
    values: [Value<'a>; Fact::COUNT],
    product: Product,
}

impl Default for Facts<'_> {
    fn default() -> Self {
        let values = [Value::Nothing; Fact::COUNT];
        Facts { ranks: [NO_RANK; Fact::COUNT], values, product: Product::Other }
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

impl<'a> Facts<'a> {
    /// Takes in a value.
    #[inline(always)]
    pub fn put(&mut self, meaning: Meaning, value: Value<'a>) {
        if meaning.product != Product::Other && self.product == Product::Other {
            self.product = meaning.product;
        }
        let at = meaning.fact as usize;
        if meaning.fact == Fact::Status && !value.is_status() {
            return;
        }
        if self.ranks[at] == NO_RANK {
            (self.ranks[at], self.values[at]) = (meaning.rank, value);
        } else {
            self.put_again(meaning, value);
        }
    }

    /// Of two values that which has the better name, or the first of equals; what has a value before
    /// what has none.
    #[inline(never)]
    fn put_again(&mut self, meaning: Meaning, value: Value<'a>) {
        let at = meaning.fact as usize;
        let is_better_name = meaning.rank < self.ranks[at];
        let is_better = match (self.values[at].is_nothing(), value.is_nothing()) {
            (true, false) => true,
            (false, true) => false,
            _ => is_better_name,
        };
        if is_better {
            (self.ranks[at], self.values[at]) = (meaning.rank, value);
        }
    }

    fn get(&self, fact: Fact) -> Option<Value<'a>> {
        let at = fact as usize;
        (self.ranks[at] != NO_RANK).then_some(self.values[at])
    }

    fn rank(&self, fact: Fact) -> u8 {
        self.ranks[fact as usize]
    }

    /// The text of a fact; `None` where it is missing, null or `-`.
    fn text(&self, fact: Fact, tools: &Tools<'a, '_>) -> Option<&'a [u8]> {
        let text = self.get(fact)?.text(tools.arena)?;
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
        let (stamp, latency_millis) = (self.stamp(product), self.latency(product, tools));
        let host = self.host(client, request.as_ref(), tools);
        let text = |fact| self.text(fact, tools);
        let filled = |fact| self.filled(fact, tools);
        let response = self.get(Fact::UpstreamTime).and_then(|value| value.list_millis());
        Ok(Record {
            time,
            status,
            bytes: self.get(Fact::Bytes).and_then(|value| value.whole()).unwrap_or(0),
            client: client.unwrap_or(b"-"),
            host,
            user: filled(Fact::User),
            request: request.unwrap_or(Request { line: b"", parts: None }),
            referer: text(Fact::Referer),
            agent: text(Fact::Agent),
            forwarded: filled(Fact::Forwarded),
            latency_millis,
            extra: Extra {
                stamp,
                stamp_millis,
                abort: self.abort(product, status, tools),
                peer: filled(Fact::Peer),
                request_id: filled(Fact::RequestId),
                location: filled(Fact::Location),
                upstream: Upstream {
                    addresses: filled(Fact::UpstreamAddress),
                    statuses: filled(Fact::UpstreamStatus),
                    response_millis: response,
                },
                limit_req: text(Fact::LimitReq).and_then(Limit::parse),
                limit_conn: text(Fact::LimitConn).and_then(Limit::parse),
            },
        })
    }

    fn status(&self, tools: &Tools<'a, '_>) -> Option<Status> {
        let text = self.text(Fact::Status, tools).unwrap_or(b"-");
        let text = text.split(|&byte| byte == b' ' || byte == b'.').next().unwrap_or(text);
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
        let target = target.map(|target| self.with_query(target, tools)).unwrap_or_default();
        let has_target = !target.is_empty() && Request::is_method(method);
        Some(Request { line: target, parts: has_target.then_some((method, target)) })
    }

    fn with_query(&self, target: &'a [u8], tools: &Tools<'a, '_>) -> &'a [u8] {
        match self.filled(Fact::Query, tools) {
            Some(query) if !target.contains(&b'?') => {
                let query = query.strip_prefix(b"?").unwrap_or(query);
                tools.arena.alloc_slice_copy(&[target, b"?", query].concat())
            }
            _ => target,
        }
    }

    /// Who asked. `host` is the client where it is an address and there is no other, and of those on
    /// the way the nearest.
    fn client(&self, tools: &Tools<'a, '_>) -> Option<&'a [u8]> {
        if let Some(client) = self.filled(Fact::Client, tools) {
            // Of several the nearest, as in a header.
            let nearest = client.rsplit(|&byte| byte == b',').next().unwrap_or(client);
            return Some(field::plain_host(nearest.trim_ascii()));
        }
        if let Some(forwarded) = self.filled(Fact::Forwarded, tools) {
            let last = forwarded.rsplit(|&byte| byte == b',').next().unwrap_or(forwarded);
            return Some(field::plain_host(last.trim_ascii()));
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
