//! When requests came, and by which keys limits would have counted them: what a replay is made of.

use std::net::IpAddr;

use crate::aggregate::arena::Key;
use crate::aggregate::hash::sketch_hash;
use crate::classify::known::Known;
use crate::classify::routes::Route;
use crate::options::{Choice, Pattern};
use crate::record::{Hit, Limit, Method, Record, Stamp};

/// What the key of a limit is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The client.
    Client,
    /// Its network: 24 bits of an IPv4 address, 64 of one of IPv6. A client that is no address is its own.
    Prefix,
    /// The path, without its query.
    Path,
    /// The virtual host.
    Host,
    /// The user agent.
    Agent,
}

impl Part {
    /// All of them, with their words.
    pub const ALL: [(&'static str, Part); 5] = [
        ("client", Part::Client),
        ("prefix", Part::Prefix),
        ("path", Part::Path),
        ("host", Part::Host),
        ("agent", Part::Agent),
    ];
}

/// The requests that a limit is for, and by which key it counts them.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What the key is made of, in order.
    pub parts: Vec<Part>,
    /// Which paths; none is all of them.
    pub paths: Vec<Choice<Pattern>>,
    /// Which methods; none is all of them.
    pub methods: Vec<String>,
}

impl Scope {
    /// Whether each client has keys of its own.
    pub fn has_client(&self) -> bool {
        self.parts.contains(&Part::Client)
    }

    /// Whether it is for this request.
    fn has(&self, record: &Record<'_>, hit: &Hit<'_>) -> bool {
        let is_method = |method: &String| record.request.method() == Some(method.as_bytes());
        let is_path = |choice: &Choice<Pattern>| choice.value.matches(hit.path) != choice.negated;
        (self.paths.is_empty() || self.paths.iter().any(is_path))
            && (self.methods.is_empty() || self.methods.iter().any(is_method))
    }
}

/// What is to be collected.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The limits' scopes.
    pub scopes: Vec<Scope>,
    /// So many words may be kept; see [`Arrivals::is_over`].
    pub words_max: usize,
    /// Which part of the keys of the first limit is wanted, and of how many.
    pub share: (u64, u64),
}

/// When a request came, what is known of that, and whose it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    const COARSE: u64 = 1;
    const UNTIMED: u64 = 1 << 1;
    const TURNED_AWAY: u64 = 1 << 2;
    const ROUTE_SHIFT: u32 = 3;
    const FLAG_BITS: u32 = 8;

    fn of(record: &Record<'_>, hit: &Hit<'_>) -> Moment {
        let stamp =
            u64::from(record.time) * 1_000 + u64::from(record.extra.stamp_millis.unwrap_or(0));
        // What does not say which moment it is is taken for the end: nginx writes `combined` so.
        let is_start = record.extra.stamp == Stamp::Start;
        let millis = match record.latency_millis {
            Some(latency) if !is_start => stamp.saturating_sub(latency),
            _ => stamp,
        };
        let reads = hit.aside.is_none_or(|aside| aside.method != Method::Other);
        let route = Route::of(hit.path, reads) as u64;
        let is_turned_away = hit.is_limited || record.extra.limit_req == Some(Limit::Rejected);
        let flags = [
            (record.extra.stamp_millis.is_none(), Moment::COARSE),
            (!is_start && record.latency_millis.is_none(), Moment::UNTIMED),
            (is_turned_away, Moment::TURNED_AWAY),
        ];
        let flags =
            flags.into_iter().filter(|(is_set, _)| *is_set).fold(0, |all, (_, bit)| all | bit);
        Moment(millis << Moment::FLAG_BITS | route << Moment::ROUTE_SHIFT | flags)
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> u64 {
        self.0 >> Moment::FLAG_BITS
    }

    /// Whether only the second is known.
    pub fn is_coarse(self) -> bool {
        self.0 & Moment::COARSE != 0
    }

    /// Whether it is the end, for want of a time that the request took.
    pub fn is_untimed(self) -> bool {
        self.0 & Moment::UNTIMED != 0
    }

    /// Whether a limit that there was turned it away.
    pub fn is_turned_away(self) -> bool {
        self.0 & Moment::TURNED_AWAY != 0
    }

    /// What was asked for.
    pub fn route(self) -> Route {
        Route::ALL[(self.0 >> Moment::ROUTE_SHIFT) as usize % 8 % Route::ALL.len()]
    }
}

/// Requests, each with the keys by which the limits count it.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// Rows: a moment, the hash of the client, and the hash of the key of each limit, 0 where it is not for
    /// the request.
    words: Vec<u64>,
    /// How many words a row has.
    stride: usize,
    /// How many words all would have taken that were wanted.
    all_words: u64,
    /// Whether there were more than may be kept: then nothing is.
    is_over: bool,
    /// Whether a limit that there was turned one of them away.
    has_turned_away: bool,
}

impl Arrivals {
    /// Whether a limit that there was turned one of them away, of all that were wanted.
    pub fn has_turned_away(&self) -> bool {
        self.has_turned_away
    }

    /// How many words all would have taken that were wanted.
    pub fn words(&self) -> u64 {
        self.all_words
    }

    /// Whether there were more than may be kept: then nothing is.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The requests: moment, client, keys.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (Moment, u64, &[u64])> {
        self.words.chunks_exact(self.stride.max(2)).map(|row| (Moment(row[0]), row[1], &row[2..]))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Takes in those of `other`.
    pub fn merge(&mut self, mut other: Arrivals) {
        self.is_over |= other.is_over;
        self.has_turned_away |= other.has_turned_away;
        self.all_words += other.all_words;
        self.stride = self.stride.max(other.stride);
        if self.words.len() < other.words.len() {
            std::mem::swap(&mut self.words, &mut other.words);
        }
        self.words.extend_from_slice(&other.words);
    }

    /// Whether they take more than so many words: then all are given up.
    pub fn check(&mut self, words_max: usize) {
        if self.is_over || self.words.len() > words_max {
            (self.is_over, self.words) = (true, Vec::new());
        }
    }
}

/// The hash by which a client is known in [`Arrivals`].
pub fn client_hash(client: &[u8]) -> u64 {
    sketch_hash(b"", client).max(1)
}

/// Collects for one worker.
#[derive(Debug)]
pub struct Collector<'a> {
    wanted: &'a Wanted,
    arrivals: Arrivals,
    clients: Known<u64>,
    text: Vec<u8>,
}

impl<'a> Collector<'a> {
    /// Nothing yet of what is wanted.
    pub fn new(wanted: &'a Wanted) -> Collector<'a> {
        let arrivals = Arrivals { stride: 2 + wanted.scopes.len(), ..Arrivals::default() };
        Collector { wanted, arrivals, clients: Known::default(), text: Vec::new() }
    }

    /// What was collected.
    pub fn finish(self) -> Arrivals {
        self.arrivals
    }

    /// Collects a request, if a limit is for it.
    pub fn add(&mut self, record: &Record<'_>, hit: &Hit<'_>) {
        let (share, of) = self.wanted.share;
        let client = self.clients.get(hit.client, client_hash);
        let start = self.arrivals.words.len();
        let moment = Moment::of(record, hit);
        self.arrivals.words.extend([moment.0, client]);
        let mut has_key = false;
        for scope in &self.wanted.scopes {
            let key = match &scope.parts[..] {
                _ if !scope.has(record, hit) => 0,
                [Part::Client] => client,
                parts => combined(parts, hit, client, &mut self.text),
            };
            has_key |= key != 0 && (of <= 1 || key % of == share);
            self.arrivals.words.push(key);
        }
        if !has_key {
            self.arrivals.words.truncate(start);
            return;
        }
        self.arrivals.has_turned_away |= moment.is_turned_away();
        self.arrivals.all_words += self.arrivals.stride as u64;
        if self.arrivals.is_over {
            self.arrivals.words.clear();
        }
        self.arrivals.check(self.wanted.words_max);
    }
}

/// The hash of a key of several parts; 0 where one of them is empty, as in nginx a key is that is.
fn combined(parts: &[Part], hit: &Hit<'_>, client: u64, text: &mut Vec<u8>) -> u64 {
    text.clear();
    for part in parts {
        match part {
            Part::Client => text.extend(client.to_le_bytes()),
            Part::Prefix => text.extend(prefix(hit.client).unwrap_or(client).to_le_bytes()),
            Part::Path => {
                text.extend((hit.path.len() as u64).to_le_bytes());
                text.extend(hit.path);
            }
            Part::Host if hit.host.is_empty() => return 0,
            Part::Host => {
                text.extend((hit.host.len() as u64).to_le_bytes());
                text.extend(hit.host);
            }
            Part::Agent if hit.agent.is_empty() => return 0,
            Part::Agent => {
                text.extend((hit.agent.len() as u64).to_le_bytes());
                text.extend(hit.agent);
            }
        }
    }
    let Key { head, tail } = Key { head: b"key", tail: text };
    sketch_hash(head, tail).max(1)
}

/// The network of an address: its first 24 or 64 bits.
fn prefix(client: &[u8]) -> Option<u64> {
    match std::str::from_utf8(client).ok()?.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(v4) => Some(u64::from(v4.to_bits() >> 8)),
        IpAddr::V6(v6) => Some((v6.to_bits() >> 64) as u64 | 1 << 63),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Extra, Request, Status};

    fn record(
        latency_millis: Option<u64>,
        stamp: Stamp,
        stamp_millis: Option<u16>,
    ) -> Record<'static> {
        Record {
            time: 1_000,
            status: Status::OK,
            bytes: 0,
            client: b"192.0.2.1",
            host: None,
            user: None,
            request: Request::new(b"GET /a HTTP/1.1"),
            referer: None,
            agent: None,
            forwarded: None,
            latency_millis,
            extra: Extra { stamp, stamp_millis, ..Extra::NONE },
        }
    }

    #[test]
    fn a_moment_is_when_the_request_came() {
        let of = |record: &Record<'_>| {
            let moment = Moment::of(record, &Hit { path: b"/a.css", ..Hit::NONE });
            assert_eq!(moment.route(), Route::Asset);
            (moment.millis(), moment.is_coarse(), moment.is_untimed())
        };
        assert_eq!(of(&record(Some(300), Stamp::End, Some(250))), (999_950, false, false));
        assert_eq!(of(&record(Some(300), Stamp::Unknown, None)), (999_700, true, false));
        assert_eq!(of(&record(None, Stamp::Unknown, None)), (1_000_000, true, true));
        assert_eq!(of(&record(Some(300), Stamp::Start, Some(7))), (1_000_007, false, false));
    }

    #[test]
    fn keys_are_as_the_scope_has_them() {
        let scope = |parts: &[Part]| Scope {
            parts: parts.to_vec(),
            paths: Vec::new(),
            methods: Vec::new(),
        };
        let scopes =
            vec![scope(&[Part::Client]), scope(&[Part::Prefix]), scope(&[Part::Host, Part::Path])];
        let wanted = Wanted { scopes, words_max: 1_000, share: (0, 1) };
        let mut collector = Collector::new(&wanted);
        let mut ask = |client: &'static [u8], host: &'static [u8]| {
            let hit = Hit { client, host, path: b"/a", ..Hit::NONE };
            collector.add(&record(None, Stamp::End, None), &hit);
        };
        ask(b"192.0.2.1", b"");
        ask(b"192.0.2.2", b"shop.example");
        ask(b"2001:db8::1", b"shop.example");
        let arrivals = collector.finish();
        let rows: Vec<Vec<u64>> = arrivals.rows().map(|(_, _, keys)| keys.to_vec()).collect();
        assert_eq!((arrivals.len(), rows[0][0]), (3, client_hash(b"192.0.2.1")));
        assert!(rows[0][0] != rows[1][0] && rows[0][1] == rows[1][1] && rows[1][1] != rows[2][1]);
        assert!(rows[0][2] == 0 && rows[1][2] != 0 && rows[1][2] == rows[2][2]);
    }

    #[test]
    fn more_than_may_be_kept_is_nothing() {
        let scopes =
            vec![Scope { parts: vec![Part::Client], paths: Vec::new(), methods: Vec::new() }];
        let wanted = Wanted { scopes, words_max: 30, share: (0, 1) };
        let mut collector = Collector::new(&wanted);
        for _ in 0..100 {
            collector.add(
                &record(None, Stamp::End, None),
                &Hit { client: b"a", path: b"/", ..Hit::NONE },
            );
        }
        let arrivals = collector.finish();
        assert!(arrivals.is_over() && arrivals.is_empty());
    }
}
