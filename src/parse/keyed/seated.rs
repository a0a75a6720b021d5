//! Values that go straight into a record, where it is known before a line is read which of its keys say
//! what: there is nothing to choose between them, and what no key says need not be asked for.

use super::{Fact, Meaning, Product, Value, aliases, nearest, with_query};
use crate::parse::{Tools, field};
use crate::record::{Abort, Limit, Record, Request, Status};

/// Where the value of a key waits for the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat(u8);

/// As many seats as there are: one for each fact, and one for what says nothing.
const SEATS: usize = 32;

const _: () = assert!(Fact::COUNT < SEATS);

impl Seat {
    const NOWHERE: Seat = Seat(SEATS as u8 - 1);

    /// Whether the value may be without quotes, and then null or the like, which is taken for a hyphen
    /// here. Only of whether the response was sent to its end do the two not say the same.
    pub fn may_be_bare(self) -> bool {
        self.0 != Fact::Completion as u8
    }
}

/// Which values lines have that have the same keys.
#[derive(Clone, Copy, Debug)]
pub struct Seating {
    /// A bit for each fact.
    has: u32,
    /// Those for which there are several keys: another one counts where the best has no value.
    contested: u32,
    /// How good the key of the duration is, which tells the unit.
    duration_rank: u8,
}

/// What lines have in one of some hundred cases.
const RARE: u32 = bit(Fact::Peer)
    | bit(Fact::Location)
    | bit(Fact::Completion)
    | bit(Fact::LimitReq)
    | bit(Fact::LimitConn);

const fn bit(fact: Fact) -> u32 {
    1 << fact as u32
}

impl Seating {
    /// For keys with these meanings, and the seat of each key; `None` where too much depends on what the
    /// values are, or a value is missing that nearly all lines have. Then [`super::Facts`] are the way.
    pub fn new(meanings: &[Option<Meaning>]) -> Option<(Seating, Vec<Seat>)> {
        let all = || meanings.iter().flatten();
        let is_there = |fact| all().any(|meaning| meaning.fact == fact);
        let is_of_product = all().any(|meaning| meaning.product != Product::Other);
        // A logger tells whose line it is, and a date is half of a time.
        let is_odd = is_of_product || is_there(Fact::Logger) || is_there(Fact::Date);
        let has_line = is_there(Fact::RequestLine);
        let has_request = has_line || is_there(Fact::Method) && is_there(Fact::Target);
        let is_whole = [Fact::Time, Fact::Client, Fact::Status].into_iter().all(is_there);
        if is_odd || !has_request || !is_whole {
            return None;
        }
        let counts = |fact| match fact {
            Fact::Method | Fact::Target | Fact::Query => !has_line,
            // What a program says beside a request counts only where there is none.
            Fact::Level | Fact::Message | Fact::Flags | Fact::StatusDetails => false,
            _ => true,
        };
        let mut seating = Seating { has: 0, contested: 0, duration_rank: 0 };
        let mut seats = Vec::new();
        for (at, meaning) in meanings.iter().enumerate() {
            let Some(Meaning { fact, rank, .. }) = meaning.filter(|meaning| counts(meaning.fact))
            else {
                seats.push(Seat::NOWHERE);
                continue;
            };
            let is_better = |(to, other): (usize, &Option<Meaning>)| {
                other.is_some_and(|other| other.fact == fact && (other.rank, to) < (rank, at))
            };
            if meanings.iter().enumerate().any(is_better) {
                seating.contested |= bit(fact);
                seats.push(Seat::NOWHERE);
                continue;
            }
            seating.has |= bit(fact);
            if fact == Fact::Duration {
                seating.duration_rank = rank;
            }
            seats.push(Seat(fact as u8));
        }
        Some((seating, seats))
    }

    #[inline(always)]
    fn has(self, fact: Fact) -> bool {
        self.has & bit(fact) != 0
    }
}

/// The values of a line, each a text without escapes in its seat; those of seats that the line has no
/// key for are of other lines.
#[derive(Debug, Default)]
pub struct Seated<'a> {
    texts: [&'a [u8]; SEATS],
}

impl<'a> Seated<'a> {
    /// Takes a value.
    #[inline(always)]
    pub fn put(&mut self, seat: Seat, text: &'a [u8]) {
        self.texts[usize::from(seat.0) % SEATS] = text;
    }

    #[inline(always)]
    fn text(&self, fact: Fact) -> &'a [u8] {
        self.texts[fact as usize]
    }

    /// The text of a fact, unless it is a hyphen.
    #[inline(always)]
    fn said(&self, fact: Fact) -> Option<&'a [u8]> {
        let text = self.text(fact);
        (!matches!(text, [b'-'])).then_some(text)
    }

    /// As [`Seated::said`], and `None` where it is empty.
    #[inline(always)]
    fn filled(&self, fact: Fact) -> Option<&'a [u8]> {
        let text = self.text(fact);
        (!matches!(text, [] | [b'-'])).then_some(text)
    }

    /// Says in `record` what [`super::Facts::fill`] would. `None` where that would be something else than in
    /// nearly all lines: then it is to ask.
    ///
    /// `record` is blank or of another line with the same keys: what these do not say is blank in it.
    #[inline(always)]
    pub fn fill(
        &self,
        seating: Seating,
        record: &mut Record<'a>,
        tools: &mut Tools<'a, '_>,
    ) -> Option<()> {
        if seating.contested != 0 && !self.are_filled(seating.contested) {
            return None;
        }
        let status: &[u8; 3] = self.text(Fact::Status).try_into().ok()?;
        record.status = Status::parse(status)?;
        record.client = nearest(self.filled(Fact::Client)?);
        if seating.has(Fact::RequestLine) {
            // Without a space it may be a target, or nothing.
            let line = self.text(Fact::RequestLine);
            if line.first() == Some(&b'/') || !line.contains(&b' ') {
                return None;
            }
            record.request = Request::new(line);
        } else {
            let (method, mut target) = (self.filled(Fact::Method)?, self.filled(Fact::Target)?);
            if seating.has(Fact::Query) {
                target = with_query(target, self.filled(Fact::Query), tools.arena);
            }
            let parts = Request::is_method(method).then_some((method, target));
            record.request = Request { line: target, parts };
        }
        let host = if seating.has(Fact::Host) { self.filled(Fact::Host) } else { None };
        record.host = match host {
            Some(host) => Some(field::plain_host(host)),
            // An absolute target has it too.
            None => record.request.target().and_then(field::target_host),
        };
        if seating.has(Fact::Bytes) {
            record.bytes = whole(self.text(Fact::Bytes)).unwrap_or(0);
        }
        if seating.has(Fact::Duration) {
            let unit = aliases::unit(seating.duration_rank);
            let value = Value::Plain(self.text(Fact::Duration));
            record.latency_millis = value.millis(unit, tools.arena);
        }
        if seating.has(Fact::Referer) {
            record.referer = self.said(Fact::Referer);
        }
        if seating.has(Fact::Agent) {
            record.agent = self.said(Fact::Agent);
        }
        if seating.has(Fact::User) {
            record.user = self.filled(Fact::User);
        }
        if seating.has(Fact::Forwarded) {
            record.forwarded = self.filled(Fact::Forwarded);
        }
        let extra = &mut record.extra;
        if seating.has(Fact::RequestId) {
            extra.request_id = self.filled(Fact::RequestId);
        }
        if seating.has(Fact::UpstreamAddress) {
            extra.upstream.addresses = self.filled(Fact::UpstreamAddress);
        }
        if seating.has(Fact::UpstreamStatus) {
            extra.upstream.statuses = self.filled(Fact::UpstreamStatus);
        }
        if seating.has(Fact::UpstreamTime) {
            let list = self.text(Fact::UpstreamTime);
            extra.upstream.response_millis = field::seconds_of_list(list);
        }
        if seating.has & RARE != 0 {
            self.fill_rare(seating, record);
        }
        let time = Value::Plain(self.filled(Fact::Time)?);
        (record.time, record.extra.stamp_millis) = time.time(tools)?;
        Some(())
    }

    #[inline(never)]
    fn fill_rare(&self, seating: Seating, record: &mut Record<'a>) {
        let extra = &mut record.extra;
        let filled = |fact| self.filled(fact).filter(|_| seating.has(fact));
        (extra.peer, extra.location) = (filled(Fact::Peer), filled(Fact::Location));
        let is_incomplete = seating.has(Fact::Completion) && filled(Fact::Completion).is_none();
        extra.abort = is_incomplete.then_some(Abort::NginxIncomplete);
        let limit = |fact| filled(fact).and_then(Limit::parse);
        (extra.limit_req, extra.limit_conn) = (limit(Fact::LimitReq), limit(Fact::LimitConn));
    }

    /// Whether all of some facts have a value.
    #[inline(never)]
    fn are_filled(&self, facts: u32) -> bool {
        let wanted = self.texts.iter().enumerate().filter(|(at, _)| facts & (1 << at) != 0);
        wanted.into_iter().all(|(_, text)| !matches!(text, [] | [b'-']))
    }
}

/// As [`Value::whole`]: nearly always it is short and nothing follows it.
#[inline(always)]
fn whole(text: &[u8]) -> Option<u64> {
    match field::usual_bytes(text).filter(|_| text != b"-") {
        Some(number) => Some(number),
        None => Value::Plain(text).whole(),
    }
}
