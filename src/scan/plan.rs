//! How a source is to be read: as one stream, or as spans that workers share out.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use rayon::prelude::*;

use super::tally::Ending;
use crate::classify::referers;
use crate::classify::sites::{self, Learner};
use crate::input::lines::{Lines, trim};
use crate::input::members::{self, Index, Start};
use crate::input::{Compression, Fault, FaultKind, Reader, Source, is_utf16};
use crate::options::Layout;
use crate::parse::{Formats, SNIFF_BYTES, Sniff};

/// How a source is to be read.
pub struct Plan<'a> {
    /// Which.
    pub source: &'a Source,
    /// What is known of it before it is read.
    pub ending: Ending,
    /// Its number among all.
    pub number: usize,
    /// Those that its lines may be in.
    pub formats: &'a Formats,
    /// When it was written to last: times without a year are not after that.
    pub written_at: u32,
    /// Where its members begin, for a compressed source that workers can divide.
    pub members: Option<Index>,
    /// Where in it the spans end, decompressed, for a source that workers can divide; `None` for a
    /// stream.
    span_ends: Option<Vec<u64>>,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    /// The source's number.
    pub source: usize,
    /// The bytes, decompressed; `None` is all of a stream.
    pub span: Option<(u64, u64)>,
}

/// How a source is divided into spans.
pub struct Division {
    /// See [`crate::options::Layout::block_bytes`].
    pub block_bytes: u64,
    /// See [`crate::options::Layout::span_blocks`].
    pub span_blocks: u64,
    /// How many workers there are.
    pub workers: u64,
    /// How many bytes the sources have that are read after this one.
    pub behind_bytes: u64,
}

impl Division {
    /// Where the spans of a source of this length end, whose members begin at `starts`; a plain file
    /// has none. They begin large, since the ends of each cost something, and become small, so that
    /// nobody waits long for who has the last.
    fn ends(&self, length: u64, starts: &[Start]) -> Vec<u64> {
        const SPAN_BYTES_MIN: u64 = 4 << 20;
        let (mut ends, mut end) = (Vec::new(), 0);
        while end < length {
            let left = (length - end).saturating_add(self.behind_bytes);
            let bytes = match self.span_blocks {
                0 => (left / (self.workers * 3)).max(SPAN_BYTES_MIN) / self.block_bytes,
                blocks => blocks,
            };
            end += bytes.max(1) * self.block_bytes;
            if self.span_blocks == 0 && !starts.is_empty() {
                end = self.member_block_end(end, starts);
            }
            end = end.min(length);
            ends.push(end);
        }
        if ends.is_empty() { vec![0] } else { ends }
    }

    /// The first end of a block, from this one on, in which a member begins: who reads on from there
    /// has to decode what lies before it in its member.
    fn member_block_end(&self, end: u64, starts: &[Start]) -> u64 {
        let next = starts.partition_point(|start| start.text < end - self.block_bytes);
        let block = starts.get(next).map(|start| start.text / self.block_bytes);
        block.map_or(u64::MAX, |block| (block + 1) * self.block_bytes)
    }
}

/// The indexes of those sources where it pays to have one, see [`members::index`].
pub fn indexes(sources: &[Source], threads: usize, layout: &Layout) -> Vec<Option<Index>> {
    /// So much on disk is looked at in a run: it is read twice, and the second time comes out of
    /// the page cache, which many a server has not much more of. Up to there looking takes some
    /// tenths of a second.
    const LOOKED_AT_BYTES_MAX: u64 = 1 << 30;
    let packed_bytes = |source: &Source| match source.compression {
        Some(Compression::None) => 0,
        _ => source.disk_bytes.unwrap_or(0),
    };
    let all_bytes = sources.iter().map(packed_bytes).fold(0, u64::saturating_add);
    // A stream that takes less than that keeps nobody waiting.
    let share_bytes = all_bytes / (threads as u64).saturating_mul(4);
    // Who counts in order has no use for spans.
    let is_shared = threads > 1 && sources.iter().all(|source| source.seekable);
    let mut left_bytes = if is_shared { LOOKED_AT_BYTES_MAX } else { 0 };
    let chosen: Vec<bool> = sources
        .iter()
        .map(|source| {
            let bytes = packed_bytes(source);
            let is_divisible =
                matches!(source.compression, Some(Compression::Gzip | Compression::Zstd));
            let is_chosen = is_divisible && bytes > share_bytes && bytes <= left_bytes;
            left_bytes -= if is_chosen { bytes } else { 0 };
            is_chosen
        })
        .collect();
    let index = |source| members::index(source, layout.block_bytes).filter(is_even(layout));
    let sources = sources.par_iter().zip(chosen);
    sources.map(|(source, is_chosen)| is_chosen.then(|| index(source)).flatten()).collect()
}

/// Whether no member is so large that its worker would be waited for longer than a stream, which is
/// decoded by one thread and counted by another: decoding takes three fifths of the time.
fn is_even(layout: &Layout) -> impl Fn(&Index) -> bool {
    let is_chosen = layout.span_blocks > 0;
    move |index| {
        let ends = index.starts().iter().skip(1).map(|start| start.text);
        let ends = ends.chain([index.text_bytes()]);
        let lengths = index.starts().iter().zip(ends).map(|(start, end)| end - start.text);
        is_chosen || lengths.max().is_some_and(|longest| longest <= index.text_bytes() / 5 * 3)
    }
}

impl<'a> Plan<'a> {
    /// With a division the source is a plain file, or has an index of its members.
    pub fn new(
        number: usize,
        source: &'a Source,
        formats: &'a Formats,
        division: Option<Division>,
        members: Option<Index>,
    ) -> Plan<'a> {
        let ending = Ending::default();
        let written_at = source.written_at();
        let mut plan =
            Plan { source, ending, number, formats, written_at, members: None, span_ends: None };
        match (division, members) {
            (None, _) => {}
            (Some(division), None) => plan.divide_file(&division),
            (Some(division), Some(index)) => plan.divide_members(&division, index),
        }
        plan
    }

    fn divide_file(&mut self, division: &Division) {
        self.ending.compression = Some(Compression::None);
        let ends = match read_head(self.source) {
            Ok((head, length)) => {
                // What is spelled anew has no places of its own.
                if is_utf16(&head) {
                    return;
                }
                let sniff = sniff(&head, self.formats);
                if sniff.wants_order {
                    return;
                }
                self.ending.sniff = Some(sniff);
                division.ends(length, &[])
            }
            Err(cause) => {
                self.ending.fault = Some(unreadable(&cause));
                Vec::new()
            }
        };
        self.span_ends = Some(ends);
    }

    /// Divides a source by its members, where there is something to divide.
    fn divide_members(&mut self, division: &Division, index: Index) {
        let mut ends = division.ends(index.text_bytes(), index.starts());
        let Ok(mut reader) = self.source.open(Arc::default()) else { return };
        let (head, fault) = first_bytes(&mut reader);
        let sniff = sniff(&head, self.formats);
        if ends.len() == 1 || fault.is_some() || sniff.wants_order || reader.is_utf16() {
            return;
        }
        // The last worker reads to the end, wherever that is.
        ends.pop();
        ends.push(u64::MAX);
        self.ending.compression = Some(reader.compression());
        self.ending.sniff = Some(sniff);
        self.members = Some(index);
        self.span_ends = Some(ends);
    }

    /// Makes a stream of a source that was divided by its members.
    pub fn forget_members(&mut self) {
        if self.members.take().is_some() {
            self.ending = Ending::default();
            self.span_ends = None;
        }
    }

    /// How long its text is; `None` where only reading it tells.
    pub fn text_bytes(&self) -> Option<u64> {
        let end = self.span_ends.as_ref()?.last().copied().unwrap_or(0);
        (end < u64::MAX).then_some(end)
    }

    /// All of it, to be read by one worker.
    pub fn whole(&self) -> Job {
        let end = self.span_ends.as_ref().map(|ends| ends.last().copied().unwrap_or(0));
        Job { source: self.number, span: end.map(|end| (0, end)) }
    }

    /// The work that it takes to read it.
    pub fn jobs(&self) -> Vec<Job> {
        let source = self.number;
        match &self.span_ends {
            None => vec![Job { source, span: None }],
            Some(ends) => {
                let starts = [0].into_iter().chain(ends.iter().copied());
                let spans = starts.zip(ends.iter().copied());
                spans.map(|span| Job { source, span: Some(span) }).collect()
            }
        }
    }

    /// The most that a job takes from disk that no other takes; `u64::MAX` where it takes all that
    /// it reads.
    pub fn disk_bytes(&self, job: &Job) -> u64 {
        match (&self.members, job.span) {
            (Some(index), Some((from, to))) if to != u64::MAX => {
                let disk = |end: u64| {
                    let starts = index.starts_from(end.saturating_sub(1));
                    starts.first().map_or(0, |start| start.disk)
                };
                disk(to) - disk(from)
            }
            _ => u64::MAX,
        }
    }
}

/// The first bytes of a plain file, and its length now: what is written later waits for the next
/// run.
fn read_head(source: &Source) -> io::Result<(Vec<u8>, u64)> {
    let file = File::open(&source.path)?;
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok((head, length))
}

/// As many first bytes as vote on a format, and what stopped reading before that.
pub fn first_bytes(reader: &mut Reader) -> (Vec<u8>, Option<Fault>) {
    let mut head = vec![0; SNIFF_BYTES];
    let mut filled = 0;
    let fault = loop {
        match reader.read(&mut head[filled..]) {
            Ok(0) => break None,
            Ok(count) => filled += count,
            Err(fault) => break Some(fault),
        }
    };
    head.truncate(filled);
    (head, fault)
}

/// Lets all sources know the own hosts that were learnt of each: what one file of a rotated log shows holds
/// for the others too, however a log is cut.
pub fn share_sites(plans: &mut [Plan<'_>]) {
    let sniffs = plans.iter().filter_map(|plan| plan.ending.sniff.as_ref());
    let mut all: Vec<Vec<u8>> = sniffs.flat_map(|sniff| sniff.sites.iter().cloned()).collect();
    all.sort();
    all.dedup();
    for sniff in plans.iter_mut().filter_map(|plan| plan.ending.sniff.as_mut()) {
        sniff.sites.clone_from(&all);
    }
}

/// Lets the first bytes of a source vote on its format, and tell its own hosts.
pub fn sniff(head: &[u8], formats: &Formats) -> Sniff {
    // The last line may be cut by the end of the head; it has a vote only where it is alone.
    let whole = match memchr::memrchr(b'\n', head) {
        Some(newline) if head.len() == SNIFF_BYTES => &head[..newline],
        _ => head,
    };
    let mut learner = Learner::default();
    let sniff = Sniff::telling(Lines::new(whole).iter().map(trim), formats, |record| {
        let is_asset = record.request.target().is_some_and(sites::is_asset);
        if is_asset && record.status.is_success() {
            record.referer.and_then(referers::host).into_iter().for_each(|host| learner.add(host));
        }
    });
    Sniff { sites: learner.own(), ..sniff }
}

/// Says why a source cannot be read.
pub fn unreadable(cause: &io::Error) -> Fault {
    Fault { kind: FaultKind::Unreadable, reason: crate::error::reason(cause) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_end_at_blocks_and_become_small() {
        const BLOCK: u64 = 256 << 10;
        for workers in [1, 2, 64] {
            for length in [0, 1, BLOCK, 5 << 20, 10 << 30] {
                for behind_bytes in [0, 1 << 40, u64::MAX] {
                    let division =
                        Division { block_bytes: BLOCK, span_blocks: 0, workers, behind_bytes };
                    let ends = division.ends(length, &[]);
                    let (last, inner) = ends.split_last().unwrap();
                    assert_eq!(*last, length);
                    assert!(ends.is_sorted_by(|a, b| a < b));
                    assert!(inner.iter().all(|end| end % BLOCK == 0));
                    let starts = [0].into_iter().chain(ends.iter().copied());
                    let sizes: Vec<u64> =
                        ends.iter().zip(starts).map(|(end, start)| end - start).collect();
                    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
                }
            }
        }
    }

    #[test]
    fn spans_of_members_end_just_behind_a_beginning() {
        const BLOCK: u64 = 256 << 10;
        let division = Division { block_bytes: BLOCK, span_blocks: 0, workers: 2, behind_bytes: 0 };
        // So many bytes in a member, of which each begins in a block of its own.
        for member_bytes in [BLOCK, 3 * BLOCK + 1, 16 << 20, 100 << 20] {
            let starts: Vec<Start> = (0..1_000_000_000 / member_bytes)
                .map(|number| Start { disk: number * 20, text: number * member_bytes })
                .collect();
            let ends = division.ends(1_000_000_000, &starts);
            let (last, inner) = ends.split_last().unwrap();
            assert_eq!(*last, 1_000_000_000);
            assert!(ends.is_sorted_by(|a, b| a < b));
            for end in inner {
                assert_eq!(end % BLOCK, 0);
                let before = starts.iter().rfind(|start| start.text < *end).unwrap();
                assert!(end - before.text <= BLOCK, "{end} of members of {member_bytes}");
            }
            assert!(ends.len() >= 7, "{}", ends.len());
        }
    }

    /// The plans of files, read by two workers in spans of so many blocks of 100 bytes.
    fn jobs_of(files: &[Vec<u8>], threads: usize, span_blocks: u64) -> Vec<usize> {
        let folder = tempfile::tempdir().unwrap();
        let path = |number: usize| folder.path().join(format!("{number}.log.gz"));
        let paths: Vec<_> = (0..files.len()).map(path).collect();
        paths.iter().zip(files).for_each(|(path, file)| std::fs::write(path, file).unwrap());
        let sources = crate::input::discover(&paths).sources;
        let layout = Layout { block_bytes: 100, span_blocks, ..Layout::default() };
        let formats = Formats::new(crate::parse::FORMATS);
        let plan = |(source, index): (&Source, Option<Index>)| {
            let division = index.is_some().then_some(Division {
                block_bytes: layout.block_bytes,
                span_blocks,
                workers: threads as u64,
                behind_bytes: 0,
            });
            let mut plan = Plan::new(0, source, &formats, division, index);
            let jobs = plan.jobs().len();
            plan.forget_members();
            assert_eq!(plan.jobs().len(), 1);
            assert_eq!(plan.whole().span, None);
            jobs
        };
        sources.iter().zip(indexes(&sources, threads, &layout)).map(plan).collect()
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::new(1);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        std::io::Write::write_all(&mut encoder, text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_are_divided_where_that_pays() {
        let text = [b'x'; 1_000];
        let members: Vec<u8> = [gzip(&text), gzip(&text), gzip(b"")].concat();
        let frame = zstd::bulk::compress(&text, 1).unwrap();
        assert_eq!(jobs_of(std::slice::from_ref(&members), 2, 1), [20]);
        assert_eq!(jobs_of(&[[frame.clone(), frame].concat()], 2, 5), [4]);
        assert_eq!(jobs_of(std::slice::from_ref(&members), 1, 1), [1], "one worker");
        assert_eq!(jobs_of(std::slice::from_ref(&members), 2, 0), [1], "too short");
        assert_eq!(jobs_of(&[gzip(&text)], 2, 1), [1], "one member");
        let many = vec![members.clone(); 9];
        assert_eq!(jobs_of(&many, 2, 1), [1; 9], "less than a fair share");
        let large = members.repeat(9);
        assert_eq!(jobs_of(&[many, vec![large]].concat(), 2, 20), [1, 1, 1, 1, 1, 1, 1, 1, 1, 9]);
    }
}
