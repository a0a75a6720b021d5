//! How many requests a client sent in its busiest second, ten seconds, minute and five minutes.
//!
//! Windows are aligned to multiples of their length since the epoch, so that each lies inside the
//! next longer one; the longest is called a slot here, and the counts of its seconds give the peaks
//! of all four. What makes this hard is that a log is read in pieces, by several workers, and is not
//! quite in order: a slot can be cut by the end of a piece, and a line may be a minute late.
//!
//! **Blocks.** A source's decompressed bytes are cut into blocks of a fixed size
//! ([`crate::options::Layout::block_bytes`]), whoever reads them. After a block whose latest
//! request came at `t`, a client's open slots survive only where they touch the minute around it
//! (from `t` − 60 s to `t` + 60 s, see [`survives`]); the others are closed: their peaks are taken
//! and their seconds forgotten. While no line is more than a minute late nothing can come for a
//! closed slot, so peaks are exact. Beyond that a slot may be counted in two parts: the rule keeps
//! the answer the same for every way of reading, and `limits.peaks_exact` says so.
//!
//! **Spans.** A worker reads a run of blocks, a span, without knowing what came before. A slot that
//! no block of the span, from its first one on, has closed may have begun in the span before; one
//! that is open at the end may go on in the next. Both are kept as [`Fragment`]s and joined in
//! source order when all is read. They are few: a client has them only around a span's ends.
//!
//! **Lazily.** A client's slot is looked at again only when its next request comes. Nearly always
//! that one lies in the same slot, or the last block has closed the slot beyond doubt; the rule is
//! spelled out only for the rest ([`Peaks::catch_up`]).
//!
//! Things to change together: [`survives`] says what is closed for a client that is here
//! ([`settle`]), for one that was absent for whole spans ([`Reach::lets_pass`]), and what is sure
//! without a look at each block (`sure_slot` in [`Peaks::enter_block`], `closed` in
//! [`Peaks::end_block`]).

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use super::arena::Row;
use super::shards::{Move, SHARDS};

/// The windows' lengths in seconds; each divides the next.
pub const WINDOW_SECONDS: [u32; 4] = [1, 10, 60, 300];

/// The longest window, in which all others lie.
const SLOT_SECONDS: u32 = WINDOW_SECONDS[3];

/// How late a line may be.
pub const LATE_SECONDS_MAX: u32 = 60;

/// Requests in a second.
type Second = (u32, u32);

/// Whether a slot that begins at `start` is still open after a block whose latest request came at
/// `block_end`.
fn survives(start: u32, block_end: u32) -> bool {
    let (start, block_end) = (u64::from(start), u64::from(block_end));
    let late = u64::from(LATE_SECONDS_MAX);
    start <= block_end + late && start + u64::from(SLOT_SECONDS) + late > block_end
}

fn slot_of(second: u32) -> u32 {
    second - second % SLOT_SECONDS
}

/// Where a span stands: its source (a rotated set is one), and its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanKey {
    /// The source.
    pub series: u32,
    /// Which file of it, in the order of time.
    pub file: u32,
    /// The first block in that file.
    pub block: u64,
}

/// A span that was read.
#[derive(Clone, Debug)]
struct Span {
    key: SpanKey,
    /// The number of its first block with requests, among all that the worker read.
    first_block: u32,
    earliest: u32,
    latest: u32,
    /// By how much the latest line was late, within the span.
    late_seconds: u32,
    reach: Reach,
    /// A client that was last seen in this span after its first block, with one open slot that begins
    /// in this range, and so its last second lies there, has it closed by the last block; and the
    /// first block has closed it too, so that what came before the span cannot belong to it.
    closed: Range<u32>,
}

/// The first slot that begins at `start` or later.
fn slot_from(start: u32) -> u32 {
    start.checked_next_multiple_of(SLOT_SECONDS).unwrap_or(u32::MAX)
}

/// What a whole span lets pass.
#[derive(Clone, Copy, Debug)]
struct Reach {
    /// The least of the latest seconds of its blocks.
    least: u32,
    /// The most of them.
    most: u32,
}

impl Reach {
    /// Whether a slot survives all its blocks: then it survives the least and the most of them.
    fn lets_pass(self, start: u32) -> bool {
        self.least > self.most || (survives(start, self.least) && survives(start, self.most))
    }
}

/// The state of one client, in 32 bytes.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Peak {
    most: [u32; 4],
    /// The block in which it was seen last.
    block: u32,
    /// The last second that is open.
    second: u32,
    /// Where the seconds before the last two are, in [`Older`], with [`SEVERAL`] added where more
    /// than one slot is open.
    older: u32,
    /// By how much the second before the last is before it; negative where it is behind it.
    back: i16,
    /// The requests of the last second: 0 where nothing is open. Where a second has more than fit,
    /// it comes several times.
    requests: u8,
    /// Those of the second before it; 0 where there is none.
    requests_before: u8,
}

/// The bit that says that more than one slot is open. So many lists there cannot be.
const SEVERAL: u32 = 1 << 31;

impl Peak {
    /// The peaks so far, of closed slots.
    pub fn most(&self) -> [u32; 4] {
        self.most
    }

    /// The last second that is open, and its requests.
    #[inline(always)]
    fn last(&self) -> Second {
        (self.second, u32::from(self.requests))
    }

    /// The second before it, and its requests: 0 where there is none.
    #[inline(always)]
    fn before(&self) -> Second {
        (self.second.wrapping_sub(i32::from(self.back) as u32), u32::from(self.requests_before))
    }

    /// Takes in peaks found elsewhere.
    pub fn raise(&mut self, most: [u32; 4]) {
        for (mine, other) in self.most.iter_mut().zip(most) {
            *mine = other.max(*mine);
        }
    }
}

/// Lists of seconds, for the clients that have more than two open at a time. Number 0 is none.
#[derive(Clone, Debug, Default)]
struct Older {
    lists: Vec<Vec<Second>>,
    free: Vec<u32>,
}

impl Older {
    #[cold]
    fn push(&mut self, older: &mut u32, second: Second) {
        if *older & !SEVERAL == 0 {
            *older |= self.free.pop().unwrap_or_else(|| {
                self.lists.push(Vec::new());
                self.lists.len() as u32
            });
        }
        let list = &mut self.lists[(*older & !SEVERAL) as usize - 1];
        if list.len() == list.capacity() {
            // Before it grows: lines of two seconds can come in turns for as long as they like.
            join_equal(list);
            if list.len() * 2 > list.capacity() {
                list.reserve(list.capacity());
            }
        }
        list.push(second);
    }

    fn get(&self, older: u32) -> &[Second] {
        match older & !SEVERAL {
            0 => &[],
            number => &self.lists[number as usize - 1],
        }
    }

    /// Empties a list. Nothing is open then.
    fn clear(&mut self, older: &mut u32) {
        let number = std::mem::take(older) & !SEVERAL;
        if number > 0 {
            self.lists[number as usize - 1].clear();
            self.free.push(number);
        }
    }
}

/// A part of a slot that may go on in a neighbouring span.
#[derive(Clone, Copy, Debug)]
struct Fragment {
    client: Row,
    span: u32,
    /// Whether it was still open at the end of the span; else it was closed inside it.
    is_open: bool,
    second: Second,
}

/// The fragments of clients that moved; those of clients that were dropped are left out.
fn moved(mut fragments: Vec<Fragment>, moves: &[Move]) -> impl Iterator<Item = Fragment> {
    fragments.sort_unstable_by_key(|fragment| fragment.client);
    let mut moves = moves.iter().peekable();
    fragments.into_iter().filter_map(move |fragment| {
        while moves.next_if(|known| known.from < fragment.client).is_some() {}
        let client = moves.peek().filter(|known| known.from == fragment.client)?.to?;
        Some(Fragment { client, ..fragment })
    })
}

/// What all clients share: the spans, and the parts of slots at their ends.
#[derive(Clone, Debug, Default)]
pub struct Peaks {
    spans: Vec<Span>,
    /// The latest second of each block with requests.
    block_ends: Vec<u32>,
    /// The span of each block with requests.
    block_spans: Vec<u32>,
    /// What the blocks of its span that come before each block with requests let pass.
    block_reaches: Vec<Reach>,
    /// By the client's shard.
    fragments: [Vec<Fragment>; SHARDS],
    older: Older,
    /// Whether no request of the current block was counted yet.
    is_new_block: bool,
    /// The number of the current block.
    block: u32,
    /// The last time, and its slot: lines come many to a second.
    last_time: u32,
    last_slot: u32,
    /// A client that was last seen in this block or a later one, with open slots that begin at
    /// `sure_slot` or later, and so no second before it, has all of them still open: no block can have
    /// closed one.
    sure_block: u32,
    sure_slot: u32,
    /// Scratch of `catch_up`.
    seconds: Vec<Second>,
}

impl Peaks {
    /// Says that the requests to come stand in this span.
    pub fn begin_span(&mut self, key: SpanKey) {
        self.end_block();
        self.spans.push(Span {
            key,
            first_block: self.block_ends.len() as u32,
            earliest: u32::MAX,
            latest: 0,
            late_seconds: 0,
            reach: Reach { least: u32::MAX, most: 0 },
            closed: 0..0,
        });
        (self.sure_block, self.sure_slot) = (self.block_ends.len() as u32, 0);
        self.is_new_block = true;
    }

    /// Says that the requests to come stand in the next block.
    pub fn begin_block(&mut self) {
        self.is_new_block = true;
    }

    /// Takes the end of the last block into what is known of its span; once more changes nothing.
    fn end_block(&mut self) {
        if let Some(span) = self.spans.last_mut()
            && let [first_end, .., end] | [first_end @ end] =
                self.block_ends[span.first_block as usize..]
        {
            let from = first_end.saturating_add(LATE_SECONDS_MAX + 1);
            let to = end.saturating_sub(SLOT_SECONDS + LATE_SECONDS_MAX - 1);
            span.closed = slot_from(from)..slot_from(to);
            span.reach = Reach { least: end.min(span.reach.least), most: end.max(span.reach.most) };
        }
    }

    /// Notes when a request came: one that begins a block, or comes at another time than the last.
    #[cold]
    fn note(&mut self, time: u32) {
        if self.is_new_block {
            self.enter_block();
        }
        (self.last_time, self.last_slot) = (time, slot_of(time));
        let block_end = self.block_ends.last_mut().expect("a block was begun");
        *block_end = time.max(*block_end);
        let span = self.spans.last_mut().expect("a span was begun");
        span.earliest = span.earliest.min(time);
        span.latest = span.latest.max(time);
        span.late_seconds = span.late_seconds.max(span.latest - time);
    }

    fn enter_block(&mut self) {
        self.end_block();
        let span = self.spans.last().expect("a span was begun");
        let reach = span.reach;
        if let [.., end] = self.block_ends[span.first_block as usize..] {
            // Slots are closed by a block that ends long after them, or long before. The latter
            // takes a block that ends more than a minute before an earlier one did: then nothing
            // is sure any more in this span.
            let most = span.reach.most;
            let is_calm = self.sure_slot < u32::MAX && end.saturating_add(LATE_SECONDS_MAX) >= most;
            let least = most.saturating_sub(SLOT_SECONDS + LATE_SECONDS_MAX - 1);
            self.sure_slot = if is_calm { slot_from(least) } else { u32::MAX };
        }
        self.block = self.block_ends.len() as u32;
        self.block_ends.push(0);
        self.block_spans.push(self.spans.len() as u32 - 1);
        self.block_reaches.push(reach);
        self.is_new_block = false;
    }

    /// Counts a request of a client, whose state is `peak` and whose row is `client` of this shard.
    ///
    /// # Panics
    ///
    /// If no span was begun.
    #[inline]
    pub fn add(&mut self, shard: usize, client: Row, peak: &mut Peak, time: u32) {
        if self.is_new_block || self.last_time != time {
            self.note(time);
        }
        if peak.block != self.block && peak.requests > 0 {
            self.settle_up(shard, client, peak);
        }
        peak.block = self.block;
        if peak.second == time && peak.requests > 0 && peak.requests < u8::MAX {
            peak.requests += 1;
        } else {
            self.open(peak, (time, 1));
        }
    }

    /// Closes what blocks since the client's last have closed.
    #[inline(always)]
    fn settle_up(&mut self, shard: usize, client: Row, peak: &mut Peak) {
        let is_sure = peak.block >= self.sure_block
            // Of the very last second nothing is sure.
            && peak.second.wrapping_add(1) > self.sure_slot
            && (peak.older & SEVERAL == 0 || self.first_second(peak) >= self.sure_slot);
        if !is_sure && !self.has_closed(peak) {
            self.catch_up(shard, client, peak, self.block);
        }
    }

    /// The first second that is open.
    fn first_second(&self, peak: &Peak) -> u32 {
        let seconds = [peak.last(), peak.before()].into_iter();
        let seconds = seconds.chain(self.older.get(peak.older).iter().copied());
        let open = seconds.filter(|(_, requests)| *requests > 0);
        open.map(|(second, _)| second).min().unwrap_or(u32::MAX)
    }

    /// Makes a second the last one of what is open.
    #[inline(always)]
    fn open(&mut self, peak: &mut Peak, (second, requests): Second) {
        if peak.requests > 0 {
            if slot_of(peak.second) != slot_of(second) {
                peak.older |= SEVERAL;
            }
            if peak.requests_before > 0 {
                let before = peak.before();
                self.older.push(&mut peak.older, before);
            }
            match i16::try_from(i64::from(second) - i64::from(peak.second)) {
                Ok(back) => (peak.back, peak.requests_before) = (back, peak.requests),
                Err(_) => {
                    let last = peak.last();
                    self.older.push(&mut peak.older, last);
                    peak.requests_before = 0;
                }
            }
        }
        let fitting = requests.min(u8::MAX.into());
        if fitting < requests {
            self.older.push(&mut peak.older, (second, requests - fitting));
        }
        (peak.second, peak.requests) = (second, fitting as u8);
    }

    /// Closes the one slot that most clients have open, where it is beyond doubt that it is to be
    /// closed and joined with nothing.
    fn has_closed(&mut self, peak: &mut Peak) -> bool {
        let span = &self.spans[self.block_spans[peak.block as usize] as usize];
        let is_closed = span.closed.contains(&peak.second)
            && peak.older & SEVERAL == 0
            && peak.block > span.first_block;
        if !is_closed {
            return false;
        }
        let (before, last) = (peak.before(), peak.last());
        if peak.older > 0 {
            let older = self.older.get(peak.older);
            let is_in_order = older.is_sorted_by_key(|second| second.0)
                && older.last().is_none_or(|second| second.0 <= before.0)
                && before.0 <= last.0
                && before.1 > 0;
            if !is_in_order {
                return false;
            }
            let mut running = Running::default();
            older.iter().chain([&before, &last]).for_each(|&second| running.add(second));
            peak.raise(running.most);
            self.older.clear(&mut peak.older);
        } else if peak.requests_before > 0 {
            peak.raise(peaks_of_two(before, last));
        } else {
            peak.raise([last.1; 4]);
        }
        (peak.requests, peak.requests_before) = (0, 0);
        true
    }

    /// Moves to another block, or with `u32::MAX` to the end of all: closes what the blocks since the
    /// last request closed.
    #[cold]
    fn catch_up(&mut self, shard: usize, client: Row, peak: &mut Peak, block: u32) {
        let span = self.block_spans[peak.block as usize];
        let next_span = self.spans.get(span as usize + 1);
        let end = next_span.map_or(self.block_ends.len(), |next| next.first_block as usize);
        let is_other_span = block as usize >= end;
        let own = peak.block as usize;
        let (before, ends) =
            (self.block_reaches[own], &self.block_ends[own..end.min(block as usize)]);
        let mut seconds = std::mem::take(&mut self.seconds);
        seconds.clear();
        seconds.extend_from_slice(self.older.get(peak.older));
        let last = [peak.before(), peak.last()].into_iter();
        seconds.extend(last.filter(|(_, requests)| *requests > 0));
        join_equal(&mut seconds);
        self.older.clear(&mut peak.older);
        (peak.requests, peak.requests_before) = (0, 0);
        let fragment = |is_open, second| Fragment { client, span, is_open, second };
        let fragments = &mut self.fragments[shard];
        seconds = settle(seconds, before, ends, &mut peak.most, |second| {
            fragments.push(fragment(false, second));
        });
        if is_other_span {
            fragments.extend(seconds.drain(..).map(|second| fragment(true, second)));
        }
        self.reopen(peak, &seconds);
        self.seconds = seconds;
    }

    /// Makes what stayed open the state of the client.
    fn reopen(&mut self, peak: &mut Peak, seconds: &[Second]) {
        seconds.iter().for_each(|&second| self.open(peak, second));
    }

    /// Turns the open slots of a shard's clients into fragments. To be called once for each shard,
    /// when the last line was counted and before merging.
    pub fn seal<'a>(&mut self, shard: usize, clients: impl Iterator<Item = (Row, &'a mut Peak)>) {
        self.end_block();
        for (client, peak) in clients.filter(|(_, peak)| peak.requests > 0) {
            if !self.has_closed(peak) {
                self.catch_up(shard, client, peak, u32::MAX);
            }
        }
    }

    /// Follows the clients of each shard to other rows, and forgets those that are no more.
    pub fn follow(&mut self, moves: &[Vec<Move>]) {
        for (fragments, moves) in self.fragments.iter_mut().zip(moves) {
            *fragments = moved(std::mem::take(fragments), moves).collect();
        }
    }

    /// Forgets the open seconds of a client that is to be dropped.
    pub fn forget(&mut self, peak: &Peak) {
        self.older.clear(&mut { peak.older });
    }

    /// Takes in what `other` has, whose clients moved to rows here. Both are sealed.
    pub fn merge(&mut self, other: Peaks, moves: &[Vec<Move>]) {
        let shift = self.spans.len() as u32;
        self.spans.extend(other.spans);
        for ((mine, theirs), moves) in self.fragments.iter_mut().zip(other.fragments).zip(moves) {
            let theirs = moved(theirs, moves);
            mine.extend(theirs.map(|part| Fragment { span: part.span + shift, ..part }));
        }
    }

    fn order(&self) -> Order {
        let mut order: Vec<u32> = (0..self.spans.len() as u32).collect();
        order.sort_by_key(|&span| self.spans[span as usize].key);
        let mut places = vec![0; order.len()];
        (0..).zip(&order).for_each(|(at, &span)| places[span as usize] = at);
        let spans = order.iter().map(|&span| &self.spans[span as usize]);
        Order { spans: spans.map(|span| (span.key.series, span.reach)).collect(), places }
    }

    /// The parts of slots that lie on several spans, by their clients' shard, and the order of the
    /// spans, in which they are to be joined.
    pub fn resolve(self) -> (Order, [Fragments; SHARDS]) {
        (self.order(), self.fragments.map(Fragments))
    }

    /// By how many seconds the latest line of any source was late.
    pub fn late_seconds(&self) -> u32 {
        let mut spans: Vec<&Span> = self.spans.iter().collect();
        spans.sort_by_key(|span| span.key);
        let mut late = 0;
        let mut latest = 0_u32;
        let mut series = u32::MAX;
        for span in spans.into_iter().filter(|span| span.earliest <= span.latest) {
            if span.key.series != series {
                (series, latest) = (span.key.series, 0);
            }
            late = late.max(span.late_seconds).max(latest.saturating_sub(span.earliest));
            latest = latest.max(span.latest);
        }
        late
    }
}

/// All spans in the order of their sources.
#[derive(Debug)]
pub struct Order {
    /// Of each the source, and what it lets pass.
    spans: Vec<(u32, Reach)>,
    /// The place of each span in that order, by its number.
    places: Vec<u32>,
}

/// The parts of slots of a shard's clients.
#[derive(Debug)]
pub struct Fragments(Vec<Fragment>);

impl Fragments {
    /// Joins them, and gives the peaks of each client that has any to `raise`.
    pub fn join(self, order: &Order, mut raise: impl FnMut(Row, [u32; 4])) {
        let place = |fragment: &Fragment| order.places[fragment.span as usize];
        let mut all = self.0;
        all.sort_unstable_by_key(|f| (f.client, place(f), f.is_open, f.second));
        let (mut open, mut ending) = (Vec::new(), Vec::new());
        for fragments in all.chunk_by(|a, b| a.client == b.client) {
            let mut most = [0; 4];
            let mut next = 0;
            for part in fragments.chunk_by(|a, b| a.span == b.span) {
                let here = place(&part[0]) as usize;
                // The spans in which the client has no fragment.
                while next < here && !open.is_empty() {
                    order.pass(next, &mut open, &mut ending, &mut most);
                    close(&mut ending, &mut most);
                    next += 1;
                }
                order.pass(here, &mut open, &mut ending, &mut most);
                let split = part.partition_point(|fragment| !fragment.is_open);
                ending.extend(part[..split].iter().map(|fragment| fragment.second));
                close(&mut ending, &mut most);
                open.extend(part[split..].iter().map(|fragment| fragment.second));
                next = here + 1;
            }
            close(&mut open, &mut most);
            raise(fragments[0].client, most);
        }
    }
}

impl Order {
    /// Takes what is open across the span `at`: what the span closes moves to `ending`, to be joined
    /// with what the span itself saw of it. Windows do not reach from one source into the next:
    /// there all is closed.
    fn pass(
        &self,
        at: usize,
        open: &mut Vec<Second>,
        ending: &mut Vec<Second>,
        most: &mut [u32; 4],
    ) {
        let (series, reach) = self.spans[at];
        if at > 0 && self.spans[at - 1].0 != series {
            close(open, most);
        }
        open.retain(|&second| {
            let stays = reach.lets_pass(slot_of(second.0));
            if !stays {
                ending.push(second);
            }
            stays
        });
    }
}

/// Closes the slots that do not survive all of `ends`, which are those of a span's blocks from the
/// one on in which the client was seen last; `before` is what the blocks before that let pass.
/// Gives what stays open; what may have begun before the span goes to `fragment`.
fn settle(
    mut seconds: Vec<Second>,
    before: Reach,
    ends: &[u32],
    most: &mut [u32; 4],
    mut fragment: impl FnMut(Second),
) -> Vec<Second> {
    let mut kept = 0;
    let mut from = 0;
    while from < seconds.len() {
        let start = slot_of(seconds[from].0);
        let count = seconds[from..].iter().take_while(|second| slot_of(second.0) == start).count();
        let slot = from..from + count;
        from += count;
        // The latest block is the likeliest to close it.
        if ends.iter().rev().all(|&end| survives(start, end)) {
            seconds.copy_within(slot, kept);
            kept += count;
        } else if before.lets_pass(start) {
            seconds[slot].iter().for_each(|&second| fragment(second));
        } else {
            // A block of this span closed it before: what came before this span cannot belong to
            // it.
            peaks_of(&seconds[slot], most);
        }
    }
    seconds.truncate(kept);
    seconds
}

/// Sorts seconds, and makes one of those that are equal.
fn join_equal(seconds: &mut Vec<Second>) {
    if !seconds.is_sorted() {
        seconds.sort_unstable();
    }
    seconds.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        is_same
    });
}

/// Takes the peaks of whole slots, and forgets them.
fn close(seconds: &mut Vec<Second>, most: &mut [u32; 4]) {
    seconds.sort_unstable();
    seconds.chunk_by(|a, b| slot_of(a.0) == slot_of(b.0)).for_each(|slot| peaks_of(slot, most));
    seconds.clear();
}

/// The peaks of a slot with two seconds.
#[inline]
fn peaks_of_two(a: Second, b: Second) -> [u32; 4] {
    let (most, both) = (a.1.max(b.1), a.1.saturating_add(b.1));
    WINDOW_SECONDS.map(|length| if a.0 / length == b.0 / length { both } else { most })
}

/// Raises `most` to the peaks of a slot, whose seconds are sorted; a second may come twice.
fn peaks_of(slot: &[Second], most: &mut [u32; 4]) {
    let mut running = Running { most: *most, ..Running::default() };
    slot.iter().for_each(|&second| running.add(second));
    *most = running.most;
}

/// The peaks of the seconds of one slot that came so far, in their order.
#[derive(Default)]
struct Running {
    most: [u32; 4],
    /// The requests of the windows that the last second lies in.
    requests: [u32; 4],
    last: u32,
}

impl Running {
    #[inline(always)]
    fn add(&mut self, (second, more): Second) {
        let windows = WINDOW_SECONDS.into_iter().zip(&mut self.requests).zip(&mut self.most);
        for ((length, requests), most) in windows {
            // All of them lie in one slot, which is the longest window.
            let goes_on = length == SLOT_SECONDS || second / length == self.last / length;
            *requests = if goes_on { requests.saturating_add(more) } else { more };
            *most = (*requests).max(*most);
        }
        self.last = second;
    }
}

#[cfg(test)]
mod tests;
