//! Small counts that many rows have: requests by status, and what is known of a row's 4xx.

use hdrhistogram::Histogram;
use smallvec::SmallVec;

use super::distinct::Distinct;
use super::limited::Limited;
use super::missing::PathErrors;
use crate::classify::agents::Agent;
use crate::classify::answers::Answer;
use crate::classify::probes;
use crate::record::{Aside, Cause, Hit, Status};
use crate::report::Latency;

/// Requests by status, for a row that sees few of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByStatus(SmallVec<[StatusRequests; 2]>);

/// A status, in the lowest bits, and its requests above: more than 48 bits tell no log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StatusRequests(u64);

impl StatusRequests {
    const STATUS_BITS: u32 = 16;

    fn new(status: Status, requests: u64) -> StatusRequests {
        StatusRequests(requests << Self::STATUS_BITS | status.index() as u64)
    }

    fn index(self) -> usize {
        usize::from(self.0 as u16)
    }

    fn requests(self) -> u64 {
        self.0 >> Self::STATUS_BITS
    }
}

impl ByStatus {
    /// Counts `requests` more. Says whether they are the first with this status.
    pub fn add(&mut self, status: Status, requests: u64) -> bool {
        match self.0.iter_mut().find(|known| known.index() == status.index()) {
            Some(counted) => {
                counted.0 += requests << StatusRequests::STATUS_BITS;
                false
            }
            None => {
                self.0.push(StatusRequests::new(status, requests));
                true
            }
        }
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: &ByStatus) {
        for (status, requests) in other.iter() {
            self.add(status, requests);
        }
    }

    /// The memory that this can take beside itself, in bytes; see [`Distinct::cost`].
    fn cost(&self) -> u64 {
        self.0.len() as u64 * 2 * size_of::<StatusRequests>() as u64
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        self.iter().map(|(_, requests)| requests).sum()
    }

    /// The statuses in ascending order.
    pub fn sorted(&self) -> Vec<(Status, u64)> {
        let mut rows: Vec<_> = self.iter().collect();
        rows.sort_unstable();
        rows
    }

    /// The counts in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Status, u64)> {
        self.0.iter().map(|row| (Status::from_index(row.index()), row.requests()))
    }
}

/// First and last moment, in seconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The earliest.
    pub first: u32,
    /// The latest.
    pub last: u32,
}

impl Default for Period {
    /// No moment at all: the identity of `merge`.
    fn default() -> Period {
        Period { first: u32::MAX, last: 0 }
    }
}

impl Period {
    /// Takes a moment in.
    pub fn add(&mut self, time: u32) {
        self.first = self.first.min(time);
        self.last = self.last.max(time);
    }

    /// Takes all moments of `other` in.
    pub fn merge(&mut self, other: Period) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }

    /// First and last, where there was any.
    pub fn get(self) -> Option<(u32, u32)> {
        (self.first <= self.last).then_some((self.first, self.last))
    }
}

/// What is counted of the 4xx of a path or a client.
#[derive(Clone, Debug, Default)]
pub struct ErrorCounts {
    /// The hash of its key, for the sketches of others.
    pub sketch: u64,
    /// By status.
    pub by_status: ByStatus,
    /// A path's clients, a client's paths. A standard error of 1.15 % past 512.
    pub others: Distinct<13>,
    /// First and last.
    pub period: Period,
    /// By cause.
    pub causes: Causes,
    /// Of a path: how and since when it is not there.
    pub of_path: Option<Box<PathErrors>>,
    /// By user agent.
    pub agents: Agents,
    /// What a client asked for that nobody but a scanner does; of a path it says nothing.
    pub probes: Probes,
    /// What limits turned away.
    pub limited: Option<Box<Limited>>,
}

impl ErrorCounts {
    /// No requests yet, of the path or client with this [`super::hash::sketch_hash`].
    pub fn new(sketch: u64) -> ErrorCounts {
        ErrorCounts {
            sketch,
            by_status: ByStatus::default(),
            others: Distinct::default(),
            period: Period::default(),
            causes: Causes::default(),
            of_path: None,
            agents: Agents::default(),
            probes: Probes::default(),
            limited: None,
        }
    }

    /// Counts a request; `other` is the sketch hash of the client, or path, on the other side. Says
    /// whether it is the first with this status.
    pub fn add(&mut self, hit: &Hit<'_>, aside: &Aside<'_>, other: u64) -> bool {
        self.others.insert(other);
        self.period.add(hit.time);
        self.causes.add(aside.cause, 1);
        self.agents.add(Agent::from_number(aside.agent), 1);
        self.probes.add(aside.probe, other);
        if hit.is_limited {
            self.limited.get_or_insert_default().add(hit, aside);
        }
        self.by_status.add(hit.status, 1)
    }

    /// Counts a request for a path, by the client with this sketch hash; see [`ErrorCounts::add`].
    pub fn add_to_path(&mut self, hit: &Hit<'_>, aside: &Aside<'_>, client: u64) -> bool {
        self.of_path.get_or_insert_default().count(hit, aside, client);
        self.add(hit, aside, client)
    }

    /// The memory that this can take, in bytes; see [`Distinct::cost`].
    #[inline]
    pub fn cost(&self) -> u64 {
        size_of::<ErrorCounts>() as u64
            + self.others.cost()
            + self.by_status.cost()
            + self.causes.cost()
            + self.of_path.as_ref().map_or(0, |of_path| of_path.cost())
            + self.agents.cost()
            + self.limited.as_ref().map_or(0, |limited| limited.cost())
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: ErrorCounts) {
        self.by_status.merge(&other.by_status);
        self.others.merge(other.others);
        self.period.merge(other.period);
        self.causes.merge(&other.causes);
        match (&mut self.of_path, other.of_path) {
            (Some(mine), Some(other)) => mine.merge(*other),
            (mine @ None, other) => *mine = other,
            (Some(_), None) => {}
        }
        self.agents.merge(&other.agents);
        self.probes.merge(other.probes);
        if let Some(limited) = &other.limited {
            self.limited.get_or_insert_default().merge(limited);
        }
    }
}

/// Requests by cause, for a row that sees few of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes(SmallVec<[u64; 2]>);

impl Causes {
    const CAUSE_BITS: u32 = 8;

    /// Counts `requests` more.
    pub fn add(&mut self, cause: Cause, requests: u64) {
        let number = cause as u64;
        match self.0.iter_mut().find(|counted| **counted & 0xFF == number) {
            Some(counted) => *counted += requests << Self::CAUSE_BITS,
            None => self.0.push(requests << Self::CAUSE_BITS | number),
        }
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: &Causes) {
        other.iter().for_each(|(cause, requests)| self.add(cause, requests));
    }

    fn cost(&self) -> u64 {
        self.0.len() as u64 * 2 * size_of::<u64>() as u64
    }

    /// The counts in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Cause, u64)> {
        let cause = |counted: u64| Cause::ALL.get((counted & 0xFF) as usize).copied();
        self.0
            .iter()
            .filter_map(move |counted| Some((cause(*counted)?, counted >> Self::CAUSE_BITS)))
    }

    /// Without `part`, which is a part of them.
    pub fn without(&self, part: &Causes) -> Causes {
        let counted = |wanted| {
            part.iter().find(|(cause, _)| *cause == wanted).map_or(0, |(_, requests)| requests)
        };
        let mut rest = Causes::default();
        for (cause, requests) in self.iter() {
            rest.add(cause, requests.saturating_sub(counted(cause)));
        }
        rest
    }

    /// The same as scanners have: whatever they ask for that is not there, nobody links to it, though their
    /// referers say so.
    pub fn of_scanners(&self) -> Causes {
        let mut causes = Causes::default();
        for (cause, requests) in self.iter() {
            causes.add(if cause.is_of_not_found() { Cause::Scanner } else { cause }, requests);
        }
        causes
    }

    /// The causes, most requests first.
    pub fn sorted(&self) -> Vec<(Cause, u64)> {
        let mut rows: Vec<_> = self.iter().filter(|(_, requests)| *requests > 0).collect();
        rows.sort_unstable_by_key(|(cause, requests)| (std::cmp::Reverse(*requests), *cause));
        rows
    }
}

/// Requests by user agent, for a row that sees few of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agents {
    /// An agent's number, in the lowest bits, and its requests above.
    counts: SmallVec<[u64; 2]>,
    /// Whether there were more than are kept apart: then none is kept.
    is_over: bool,
}

/// So many programs of a row are kept apart. Who has more is several, or hides.
const AGENTS_MAX: usize = 8;

impl Agents {
    const NUMBER_BITS: u32 = 16;

    fn add(&mut self, agent: Agent, requests: u64) {
        if self.is_over {
            return;
        }
        let number = u64::from(agent.number());
        match self.counts.iter().position(|counted| counted & 0xFFFF == number) {
            Some(at) => self.counts[at] += requests << Self::NUMBER_BITS,
            None if self.counts.len() < AGENTS_MAX => {
                self.counts.push(requests << Self::NUMBER_BITS | number);
            }
            None => *self = Agents { counts: SmallVec::new(), is_over: true },
        }
    }

    fn merge(&mut self, other: &Agents) {
        if other.is_over {
            *self = other.clone();
        }
        other.iter().for_each(|(agent, requests)| self.add(agent, requests));
    }

    /// The memory that this can take beside itself, in bytes; it does not shrink.
    fn cost(&self) -> u64 {
        let kept = if self.is_over { AGENTS_MAX } else { self.counts.len() };
        kept as u64 * 2 * size_of::<u64>() as u64
    }

    /// The user agents, in no order; none where there were too many.
    pub fn iter(&self) -> impl Iterator<Item = (Agent, u64)> {
        let agent = |counted: u64| Agent::from_number((counted & 0xFFFF) as u16);
        self.counts.iter().map(move |counted| (agent(*counted), counted >> Self::NUMBER_BITS))
    }
}

/// Which paths a client asked for that nobody but a scanner does: by how sure that is, a bit for each, of
/// which several may share one. Never too many are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probes([u64; probes::WEIGHT_MAX as usize]);

impl Probes {
    fn add(&mut self, weight: u8, path: u64) {
        if let Some(bits) = usize::from(weight).checked_sub(1).and_then(|at| self.0.get_mut(at)) {
            *bits |= 1 << (path >> 58);
        }
    }

    fn merge(&mut self, other: Probes) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, other)| *mine |= other);
    }

    /// The weights of all that was asked for, each path once.
    pub fn weight(&self) -> u32 {
        (1..).zip(self.0).map(|(weight, bits)| weight * bits.count_ones()).sum()
    }
}

/// What is counted of a 4xx status.
#[derive(Clone, Debug, Default)]
pub struct StatusCounts {
    /// Requests.
    pub requests: u64,
    /// Response bytes.
    pub bytes: u64,
    /// Clients. A standard error of 0.57 % past 512.
    pub clients: Distinct<15>,
    /// Paths; as for clients.
    pub paths: Distinct<15>,
    /// First and last.
    pub period: Period,
    /// Request times, where the log has them.
    pub latencies: Latencies,
    /// By cause.
    pub causes: Causes,
    /// By who answered, in the order of [`Answer::ALL`].
    pub answers: [u64; Answer::ALL.len()],
}

impl StatusCounts {
    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: StatusCounts) {
        self.requests += other.requests;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.clients.merge(other.clients);
        self.paths.merge(other.paths);
        self.period.merge(other.period);
        self.latencies.merge(other.latencies);
        self.causes.merge(&other.causes);
        self.answers.iter_mut().zip(other.answers).for_each(|(mine, other)| *mine += other);
    }
}

/// Request times.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    histogram: Option<Box<Histogram<u64>>>,
    /// The histogram rounds; the longest is kept as it was.
    max_millis: u64,
}

/// A request that took longer than this counts as this long: two days.
const LATENCY_MILLIS_MAX: u64 = 172_800_000;

impl Latencies {
    /// Takes a request time in.
    pub fn add(&mut self, millis: u64) {
        let millis = millis.min(LATENCY_MILLIS_MAX);
        self.histogram.get_or_insert_with(Self::empty).saturating_record(millis);
        self.max_millis = self.max_millis.max(millis);
    }

    fn empty() -> Box<Histogram<u64>> {
        // Three digits: a quantile is right to within 0.1 %.
        let histogram = Histogram::new_with_max(LATENCY_MILLIS_MAX, 3);
        Box::new(histogram.expect("these bounds are legal"))
    }

    /// Takes all request times of `other` in.
    pub fn merge(&mut self, other: Latencies) {
        self.max_millis = self.max_millis.max(other.max_millis);
        let Some(other) = other.histogram else { return };
        match &mut self.histogram {
            // Bounds are the same everywhere, so that adding cannot fail.
            Some(mine) => mine.add(&*other).expect("bounds are the same"),
            None => self.histogram = Some(other),
        }
    }

    /// The quantiles, where there was any request time.
    pub fn quantiles(&self) -> Option<Latency> {
        let histogram = self.histogram.as_ref()?;
        let seconds = |millis: u64| millis.min(self.max_millis) as f64 / 1e3;
        Some(Latency {
            p50_seconds: seconds(histogram.value_at_quantile(0.5)),
            p90_seconds: seconds(histogram.value_at_quantile(0.9)),
            p99_seconds: seconds(histogram.value_at_quantile(0.99)),
            max_seconds: seconds(self.max_millis),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_counted_and_sorted() {
        let status = Status::from_code;
        let mut counts = ByStatus::default();
        for code in [404, 499, 404, 400] {
            counts.add(status(code), 1);
        }
        let mut twice = counts.clone();
        twice.merge(&counts);
        assert_eq!(counts.sorted(), [(status(400), 1), (status(404), 2), (status(499), 1)]);
        assert_eq!((counts.total(), twice.total()), (4, 8));
    }

    #[test]
    fn agents_are_kept_apart_until_there_are_too_many() {
        let agent = |number| Agent::from_number(number);
        let mut few = Agents::default();
        (0..8).for_each(|number| few.add(agent(number), 1));
        few.add(agent(3), 4);
        let mut twice = few.clone();
        twice.merge(&few);
        assert_eq!(twice.iter().find(|(known, _)| *known == agent(3)), Some((agent(3), 10)));
        assert_eq!(twice.iter().count(), 8);
        // However many come, and in which order: no more is known.
        let mut one_more = Agents::default();
        one_more.add(agent(8), 1);
        let mut many = few.clone();
        many.merge(&one_more);
        one_more.merge(&few);
        assert_eq!(many, one_more);
        assert!(few.cost() <= many.cost() && many.cost() <= few.cost() + few.cost());
        assert_eq!(many.iter().count(), 0);
        few.merge(&many);
        assert_eq!(few, many);
    }

    #[test]
    fn a_path_is_one_probe_however_often_it_is_asked_for() {
        let mut probes = Probes::default();
        for path in [1 << 58, 1 << 58, 2 << 58] {
            probes.add(3, path);
        }
        probes.add(1, 5);
        probes.add(0, 7);
        assert_eq!(probes.weight(), 7);
        probes.merge(probes);
        assert_eq!(probes.weight(), 7);
    }

    #[test]
    fn no_moment_is_the_identity() {
        let mut period = Period::default();
        assert_eq!(period.get(), None);
        period.add(7);
        period.merge(Period::default());
        assert_eq!(period.get(), Some((7, 7)));
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_times() {
        let (mut even, mut odd) = (Latencies::default(), Latencies::default());
        for millis in 1..=1_000 {
            if millis % 2 == 0 { even.add(millis) } else { odd.add(millis) }
        }
        assert_eq!(Latencies::default().quantiles(), None);
        even.merge(odd);
        even.merge(Latencies::default());
        let latency = even.quantiles().unwrap();
        assert_eq!((latency.p50_seconds, latency.p90_seconds), (0.5, 0.9));
        assert_eq!((latency.p99_seconds, latency.max_seconds), (0.99, 1.0));
    }

    #[test]
    fn a_wall_at_thirty_seconds_reads_as_one() {
        let mut latencies = Latencies::default();
        (0..10).for_each(|_| latencies.add(30_000));
        let latency = latencies.quantiles().unwrap();
        assert_eq!((latency.p50_seconds, latency.max_seconds), (30.0, 30.0));
    }
}
