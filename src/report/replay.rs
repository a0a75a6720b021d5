//! What limits would have done to the requests of a log.

use super::ClientKind;
use crate::untrusted::Untrusted;

/// How many, as far as the log's clock tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// No fewer.
    pub least: u64,
    /// With what the log has for its times; what came within one second is spread over it.
    pub likely: u64,
    /// No more.
    pub most: u64,
}

impl Span {
    /// Both together.
    pub fn add(&mut self, other: Span) {
        self.least += other.least;
        self.likely += other.likely;
        self.most += other.most;
    }

    /// Whether it is one number.
    pub fn is_sure(&self) -> bool {
        self.least == self.most
    }
}

/// What happened to some requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// All of them.
    pub requests: u64,
    /// Passed at once.
    pub passed: Span,
    /// Passed after a while.
    pub delayed: Span,
    /// Turned away.
    pub rejected: Span,
}

impl Outcomes {
    /// Both together.
    pub fn add(&mut self, other: Outcomes) {
        self.requests += other.requests;
        self.passed.add(other.passed);
        self.delayed.add(other.delayed);
        self.rejected.add(other.rejected);
    }
}

/// A limit that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its rate as nginx has it: `10r/s`.
    pub rate: String,
    /// How many more may come at once.
    pub burst: u32,
    /// How many of these pass at once; `None` is all of them, `nodelay`.
    pub delay: Option<u32>,
    /// What its key is made of: `client`, `prefix+path`.
    pub key: String,
    /// Which requests it is for, where it is not for all: as it was asked for.
    pub only: Option<String>,
}

/// What happened to those of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindOutcomes {
    /// To their requests.
    pub outcomes: Outcomes,
    /// How many clients they are.
    pub clients: u64,
    /// How many of these were turned away at least once.
    pub clients_rejected: u64,
}

/// A client that was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Who.
    pub client: Untrusted,
    /// What it is.
    pub kind: ClientKind,
    /// What it says that it is.
    pub agent: Option<Untrusted>,
    /// Its requests that the limits are for, and how many of them were turned away, and had to wait.
    pub requests: u64,
    /// See there.
    pub rejected: u64,
    /// See there.
    pub delayed: u64,
    /// When it was turned away first, in seconds since the epoch.
    pub first_rejected: Option<u32>,
    /// When it was turned away last.
    pub last_rejected: Option<u32>,
}

/// How long requests had to wait, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Waits {
    /// The median.
    pub p50_seconds: f64,
    /// One in twenty waited longer.
    pub p95_seconds: f64,
    /// The longest.
    pub max_seconds: f64,
}

/// A point of a grid of limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridRow {
    /// Its rate.
    pub rate: String,
    /// Its burst.
    pub burst: u32,
    /// What it would have done.
    pub outcomes: Outcomes,
    /// People that it would have turned away at least once.
    pub people_rejected: u64,
    /// Verified crawlers, the same.
    pub crawlers_rejected: u64,
}

/// A limit that is suggested for a class of paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The class: `page`, `asset`, `api`, `login`, `search`.
    pub route: &'static str,
    /// The rate; `None` where nothing can be suggested.
    pub rate: Option<String>,
    /// The burst.
    pub burst: u32,
    /// Why, or why not.
    pub reason: String,
    /// People and verified crawlers that it was made for.
    pub people: u64,
    /// Of these, those that it would turn away at least once.
    pub people_rejected: u64,
    /// The same of verified crawlers, which are exempt.
    pub crawlers: u64,
    /// What it would have done to all others.
    pub outcomes: Outcomes,
    /// Of all others those that it would have turned away most.
    pub worst: Vec<Hit>,
}

/// What limits would have done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// The limits.
    pub limits: Vec<Asked>,
    /// Lines of the log.
    pub lines: u64,
    /// Requests that were read and kept.
    pub requests: u64,
    /// First and last request.
    pub period: Option<(u32, u32)>,
    /// Requests of which only the second is known.
    pub coarse: u64,
    /// Requests of which only the end is known.
    pub untimed: u64,
    /// Requests that a limit of then turned away: they are replayed as the others are.
    pub turned_away: u64,
    /// How long others may have waited for that limit, where the log does not say: so much sooner than their ends
    /// they may have come.
    pub late_seconds: f64,
    /// What happened to all requests that a limit is for.
    pub outcomes: Outcomes,
    /// Keys that were counted, and those that were turned away at least once.
    pub keys: u64,
    /// See there.
    pub keys_rejected: u64,
    /// By kind of client, those with any, in the order of [`ClientKind::ALL`].
    pub by_kind: Vec<(ClientKind, KindOutcomes)>,
    /// Clients that were turned away most.
    pub worst: Vec<Hit>,
    /// How long those waited that were delayed.
    pub waits: Option<Waits>,
    /// The grid, where it was asked for.
    pub grid: Vec<GridRow>,
    /// What is suggested, where it was asked for.
    pub suggestions: Vec<Suggestion>,
    /// That as nginx has it.
    pub nginx: Option<String>,
}
