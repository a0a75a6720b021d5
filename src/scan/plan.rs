//! How a source is to be read: as one stream, or as spans that workers share out.

use std::fs::File;
use std::io::{self, Read};

use super::tally::Ending;
use crate::input::lines::{Lines, trim};
use crate::input::{Compression, Fault, FaultKind, Source};
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
    /// Where in it the spans end, for a file that workers can divide; `None` for a stream.
    span_ends: Option<Vec<u64>>,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    /// The source's number.
    pub source: usize,
    /// The bytes; `None` is all of a stream.
    pub span: Option<(u64, u64)>,
}

/// How a plain file is divided into spans.
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
    /// Where the spans of a file of this length end. They begin large, since the ends of each cost
    /// something, and become small, so that nobody waits long for who has the last.
    fn ends(&self, length: u64) -> Vec<u64> {
        const SPAN_BYTES_MIN: u64 = 4 << 20;
        let (mut ends, mut end) = (Vec::new(), 0);
        while end < length {
            let left = (length - end).saturating_add(self.behind_bytes);
            let bytes = match self.span_blocks {
                0 => (left / (self.workers * 3)).max(SPAN_BYTES_MIN) / self.block_bytes,
                blocks => blocks,
            };
            end = (end + bytes.max(1) * self.block_bytes).min(length);
            ends.push(end);
        }
        if ends.is_empty() { vec![0] } else { ends }
    }
}

impl<'a> Plan<'a> {
    /// With a division the source is a plain file.
    pub fn new(
        number: usize,
        source: &'a Source,
        formats: &'a Formats,
        division: Option<Division>,
    ) -> Plan<'a> {
        let mut plan = Plan { source, ending: Ending::default(), number, formats, span_ends: None };
        if let Some(division) = division {
            plan.ending.compression = Some(Compression::None);
            let ends = match read_head(source) {
                Ok((head, length)) => {
                    plan.ending.sniff = Some(sniff(&head, formats));
                    division.ends(length)
                }
                Err(cause) => {
                    plan.ending.fault = Some(unreadable(&cause));
                    Vec::new()
                }
            };
            plan.span_ends = Some(ends);
        }
        plan
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

/// Lets the first bytes of a source vote on its format.
pub fn sniff(head: &[u8], formats: &Formats) -> Sniff {
    // The last line may be cut by the end of the head; it has a vote only where it is alone.
    let whole = match memchr::memrchr(b'\n', head) {
        Some(newline) if head.len() == SNIFF_BYTES => &head[..newline],
        _ => head,
    };
    Sniff::new(Lines::new(whole).iter().map(trim), formats)
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
                    let ends = division.ends(length);
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
}
