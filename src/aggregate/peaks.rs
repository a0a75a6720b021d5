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
//! Things to change together: [`survives`] says what is closed for a client that is here
//! ([`Peak::settle`]) and for one that was absent for whole spans ([`Reach::lets_pass`]).

use rayon::slice::ParallelSliceMut;
use smallvec::SmallVec;

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
    /// The latest second of each block that has requests.
    block_ends: Vec<u32>,
    earliest: u32,
    latest: u32,
    /// By how much the latest line was late, within the span.
    late_seconds: u32,
}

/// What a whole span lets pass.
#[derive(Clone, Copy)]
struct Reach {
    least: u32,
    most: u32,
}

impl Reach {
    fn of(block_ends: &[u32]) -> Reach {
        Reach {
            least: block_ends.iter().copied().min().unwrap_or(u32::MAX),
            most: block_ends.iter().copied().max().unwrap_or(0),
        }
    }

    /// Whether a slot survives all its blocks: then it survives the least and the most of them.
    fn lets_pass(self, start: u32) -> bool {
        self.least > self.most || (survives(start, self.least) && survives(start, self.most))
    }
}

/// The state of one client.
#[derive(Clone, Debug)]
pub struct Peak {
    most: [u32; 4],
    /// The span and the block in it in which it was seen last; no span has this number at first.
    span: u32,
    block: u32,
    /// The seconds of open slots, mostly in order.
    open: SmallVec<[Second; 2]>,
}

impl Default for Peak {
    fn default() -> Peak {
        Peak { most: [0; 4], span: u32::MAX, block: 0, open: SmallVec::new() }
    }
}

/// A part of a slot that may go on in a neighbouring span.
#[derive(Clone, Copy, Debug)]
struct Fragment {
    client: u32,
    span: u32,
    /// Whether it was still open at the end of the span; else it was closed inside it.
    is_open: bool,
    second: Second,
}

/// What all clients share: the spans, and the parts of slots at their ends.
#[derive(Clone, Debug, Default)]
pub struct Peaks {
    spans: Vec<Span>,
    fragments: Vec<Fragment>,
    /// The current block, as requests are counted; set by [`Peaks::begin_block`].
    is_new_block: bool,
}

impl Peaks {
    /// Says that the requests to come stand in this span.
    pub fn begin_span(&mut self, key: SpanKey) {
        self.spans.push(Span {
            key,
            block_ends: Vec::new(),
            earliest: u32::MAX,
            latest: 0,
            late_seconds: 0,
        });
        self.is_new_block = true;
    }

    /// Says that the requests to come stand in the next block.
    pub fn begin_block(&mut self) {
        self.is_new_block = true;
    }

    /// Counts a request of a client, whose state is `peak` and whose row is `client`.
    ///
    /// # Panics
    ///
    /// If no span was begun.
    pub fn add(&mut self, client: u32, peak: &mut Peak, time: u32) {
        let span_number = self.spans.len() as u32 - 1;
        let span = &mut self.spans[span_number as usize];
        if self.is_new_block {
            span.block_ends.push(time);
            self.is_new_block = false;
        }
        let block = span.block_ends.len() as u32 - 1;
        let block_end = &mut span.block_ends[block as usize];
        *block_end = time.max(*block_end);
        span.earliest = span.earliest.min(time);
        if time >= span.latest {
            span.latest = time;
        } else {
            span.late_seconds = span.late_seconds.max(span.latest - time);
        }
        if (peak.span, peak.block) != (span_number, block) {
            peak.catch_up(client, span_number, block, &self.spans, &mut self.fragments);
        }
        match peak.open.last_mut() {
            Some((second, requests)) if *second == time => *requests += 1,
            _ => peak.open.push((time, 1)),
        }
    }

    /// Turns the open slots of all clients into fragments. To be called once, when the last line
    /// was counted and before merging.
    pub fn seal<'a>(&mut self, clients: impl Iterator<Item = (u32, &'a mut Peak)>) {
        for (client, peak) in clients {
            peak.catch_up(client, u32::MAX, 0, &self.spans, &mut self.fragments);
        }
    }

    /// Takes in what `other` has, whose client `n` is client `clients[n]` here. Both are sealed.
    pub fn merge(&mut self, other: Peaks, clients: &[u32]) {
        let shift = self.spans.len() as u32;
        self.spans.extend(other.spans);
        self.fragments.extend(other.fragments.into_iter().map(|fragment| Fragment {
            client: clients[fragment.client as usize],
            span: fragment.span + shift,
            ..fragment
        }));
    }

    /// Joins the fragments in source order and gives each client's peaks to `raise`.
    pub fn resolve(mut self, mut raise: impl FnMut(u32, [u32; 4])) {
        let mut order: Vec<u32> = (0..self.spans.len() as u32).collect();
        order.sort_by_key(|&span| self.spans[span as usize].key);
        let mut place = vec![0; order.len()];
        (0..).zip(&order).for_each(|(at, &span)| place[span as usize] = at);
        let spans: Vec<(u32, Reach)> = order
            .iter()
            .map(|&span| &self.spans[span as usize])
            .map(|span| (span.key.series, Reach::of(&span.block_ends)))
            .collect();
        for fragment in &mut self.fragments {
            fragment.span = place[fragment.span as usize];
        }
        self.fragments.par_sort_unstable_by_key(|f| (f.client, f.span, f.is_open, f.second));
        for fragments in self.fragments.chunk_by(|a, b| a.client == b.client) {
            let mut most = [0; 4];
            join(fragments, &spans, &mut most);
            raise(fragments[0].client, most);
        }
    }

    /// By how many seconds the latest line of any source was late.
    pub fn late_seconds(&self) -> u32 {
        let mut spans: Vec<&Span> = self.spans.iter().collect();
        spans.sort_by_key(|span| span.key);
        let mut late = 0;
        let mut latest = 0_u32;
        let mut series = u32::MAX;
        for span in spans.into_iter().filter(|span| !span.block_ends.is_empty()) {
            if span.key.series != series {
                (series, latest) = (span.key.series, 0);
            }
            late = late.max(span.late_seconds).max(latest.saturating_sub(span.earliest));
            latest = latest.max(span.latest);
        }
        late
    }
}

impl Peak {
    /// The peaks so far, of closed slots.
    pub fn most(&self) -> [u32; 4] {
        self.most
    }

    /// Takes in peaks found elsewhere.
    pub fn raise(&mut self, most: [u32; 4]) {
        for (mine, other) in self.most.iter_mut().zip(most) {
            *mine = other.max(*mine);
        }
    }

    /// Moves to another block: closes what the blocks since the last request closed.
    fn catch_up(
        &mut self,
        client: u32,
        span: u32,
        block: u32,
        spans: &[Span],
        fragments: &mut Vec<Fragment>,
    ) {
        if !self.open.is_empty() {
            let ends = &spans[self.span as usize].block_ends;
            let to = if span == self.span { block as usize } else { ends.len() };
            self.settle(client, &ends[..to], fragments);
            if span != self.span {
                let is_open = true;
                let last = self.span;
                fragments.extend(self.open.drain(..).map(|second| Fragment {
                    client,
                    span: last,
                    is_open,
                    second,
                }));
            }
        }
        (self.span, self.block) = (span, block);
    }

    /// Closes the slots that do not survive the blocks from the last seen one to the end of `ends`.
    fn settle(&mut self, client: u32, ends: &[u32], fragments: &mut Vec<Fragment>) {
        // Most clients have one open second, which the block it stands in closes.
        if let ([(second, requests)], Some(first), Some(own)) =
            (&self.open[..], ends.first(), ends.get(self.block as usize))
        {
            let (start, requests) = (slot_of(*second), *requests);
            if self.block > 0 && !survives(start, *first) && !survives(start, *own) {
                self.raise([requests; 4]);
                self.open.clear();
                return;
            }
        }
        if !self.open.is_sorted() {
            self.open.sort_unstable();
        }
        self.open.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        let open = std::mem::take(&mut self.open);
        for slot in open.chunk_by(|a, b| slot_of(a.0) == slot_of(b.0)) {
            let start = slot_of(slot[0].0);
            let closes = |&end: &u32| !survives(start, end);
            let from = self.block as usize;
            match ends[from..].iter().position(closes) {
                None => self.open.extend_from_slice(slot),
                // Had a block of this span before the closing one closed it already, then what
                // came before this span cannot belong to it.
                Some(at) if ends[..from + at].iter().any(closes) => peaks_of(slot, &mut self.most),
                Some(_) => fragments.extend(slot.iter().map(|&second| Fragment {
                    client,
                    span: self.span,
                    is_open: false,
                    second,
                })),
            }
        }
    }
}

/// Raises `most` to the peaks of a slot, whose seconds are sorted; a second may come twice.
fn peaks_of(slot: &[Second], most: &mut [u32; 4]) {
    for (most, length) in most.iter_mut().zip(WINDOW_SECONDS) {
        for window in slot.chunk_by(|a, b| a.0 / length == b.0 / length) {
            *most = window.iter().map(|(_, requests)| requests).sum::<u32>().max(*most);
        }
    }
}

/// Joins the fragments of one client: they are sorted by span, closed ones before open ones, and
/// by second. `spans` are all spans in source order.
fn join(fragments: &[Fragment], spans: &[(u32, Reach)], most: &mut [u32; 4]) {
    let mut open: Vec<Second> = Vec::new();
    let mut next = 0;
    for part in fragments.chunk_by(|a, b| a.span == b.span) {
        let span = part[0].span as usize;
        // The spans in which the client has no fragment.
        while next < span && !open.is_empty() {
            pass(&mut open, &[], spans, next, most);
            next += 1;
        }
        next = span;
        let split = part.partition_point(|fragment| !fragment.is_open);
        let seconds = |part: &[Fragment]| part.iter().map(|f| f.second).collect::<Vec<_>>();
        pass(&mut open, &seconds(&part[..split]), spans, next, most);
        open.extend(seconds(&part[split..]));
        open.sort_unstable();
        next += 1;
    }
    open.chunk_by(|a, b| slot_of(a.0) == slot_of(b.0)).for_each(|slot| peaks_of(slot, most));
}

/// Takes what is open across the span `at`: a slot that the span closes is joined with the part of
/// it that the span saw before, which is in `closed`.
fn pass(
    open: &mut Vec<Second>,
    closed: &[Second],
    spans: &[(u32, Reach)],
    at: usize,
    most: &mut [u32; 4],
) {
    let (series, reach) = spans[at];
    let is_same_series = at == 0 || spans[at - 1].0 == series;
    let mut ending: Vec<Second> = Vec::new();
    if is_same_series {
        open.retain(|&second| {
            let stays = reach.lets_pass(slot_of(second.0));
            if !stays {
                ending.push(second);
            }
            stays
        });
    } else {
        // Windows do not reach from one source into the next.
        open.sort_unstable();
        open.chunk_by(|a, b| slot_of(a.0) == slot_of(b.0)).for_each(|slot| peaks_of(slot, most));
        open.clear();
    }
    ending.extend_from_slice(closed);
    ending.sort_unstable();
    ending.chunk_by(|a, b| slot_of(a.0) == slot_of(b.0)).for_each(|slot| peaks_of(slot, most));
}

#[cfg(test)]
mod tests;
