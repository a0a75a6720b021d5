//! What was read of each source: lines, and what became of them.

use std::path::Path;

use bumpalo::Bump;

use super::plan::Plan;
use crate::aggregate::counts::Period;
use crate::escape;
use crate::input::{Compression, Fault, Source};
use crate::parse::{Formats, Sniff, State, Tools};
use crate::record::Skip;
use crate::report::{Gap, Note, Sample, SourceSummary};
use crate::untrusted::Untrusted;

/// How many skipped lines are kept as samples, of a source and of a run.
pub const SAMPLES_MAX: usize = 3;

/// How much of a skipped line is kept, in bytes.
const SAMPLE_BYTES_MAX: usize = 512;

/// The lines of a span.
#[derive(Debug, Default)]
pub struct Tally {
    /// The source's number.
    pub source: usize,
    /// Where in it the span begins, in blocks.
    pub block: u64,
    /// Lines.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records.
    pub parsed: u64,
    /// Records that a filter removed.
    pub filtered: u64,
    /// Other lines, in the order of [`Skip::ALL`].
    pub skipped: [u64; Skip::ALL.len()],
    /// First and last time.
    pub period: Period,
    /// The first lines that were skipped.
    pub samples: Vec<SampleAt>,
    /// How reading ended, where the span is a whole stream.
    pub ending: Option<Ending>,
}

/// A skipped line; lines are counted from the start of its span, from 0.
#[derive(Debug)]
pub struct SampleAt {
    line: u64,
    reason: Skip,
    text: Box<[u8]>,
}

/// How reading a source began and ended.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// How it was compressed.
    pub compression: Option<Compression>,
    /// What its first lines said; `None` where it could not be opened.
    pub sniff: Option<Sniff>,
    /// What went wrong.
    pub fault: Option<Fault>,
    /// How much followed the end of the compressed stream.
    pub trailing_garbage: Option<u64>,
    /// Whether it is UTF-16.
    pub is_utf16: bool,
}

impl Tally {
    /// Whether both have read the same, by all that is counted here: lines that others replaced
    /// between two readings, as long and as good, are not seen.
    pub fn agrees(&self, other: &Tally) -> bool {
        let fault = |tally: &Tally| tally.ending.as_ref().and_then(|ending| ending.fault.clone());
        let counts = |tally: &Tally| {
            let Tally { lines, bytes, parsed, filtered, skipped, period, .. } = tally;
            (*lines, *bytes, *parsed, *filtered, *skipped, *period)
        };
        counts(self) == counts(other) && fault(self) == fault(other)
    }

    /// Counts the line that was counted last as skipped.
    pub fn skip(&mut self, reason: Skip, line: &[u8]) {
        self.skipped[reason as usize] += 1;
        // A sample of nothing shows nothing, and what was read needs none.
        let has_text = !matches!(reason, Skip::Blank | Skip::Nul | Skip::ErrorLog);
        if has_text && self.samples.len() < SAMPLES_MAX {
            let text = line[..line.len().min(SAMPLE_BYTES_MAX)].into();
            self.samples.push(SampleAt { line: self.lines - 1, reason, text });
        }
    }
}

/// The lines of a source.
#[derive(Debug)]
pub struct SourceTally<'a> {
    source: &'a Source,
    ending: Ending,
    /// Lines.
    pub lines: u64,
    /// Their bytes, decompressed.
    pub bytes: u64,
    /// Records.
    pub parsed: u64,
    /// Records that a filter removed.
    pub filtered: u64,
    /// Other lines, in the order of [`Skip::ALL`].
    pub skipped: [u64; Skip::ALL.len()],
    period: Period,
    /// The first lines that were skipped.
    pub samples: Vec<Sample>,
}

/// Joins the tallies of each source's spans.
pub fn by_source(plans: Vec<Plan<'_>>, mut tallies: Vec<Tally>) -> Vec<SourceTally<'_>> {
    tallies.sort_by_key(|tally| (tally.source, tally.block));
    let mut tallies = tallies.into_iter().peekable();
    let mut sources = Vec::with_capacity(plans.len());
    for (number, plan) in plans.into_iter().enumerate() {
        let mut whole = SourceTally {
            source: plan.source,
            ending: plan.ending,
            lines: 0,
            bytes: 0,
            parsed: 0,
            filtered: 0,
            skipped: [0; Skip::ALL.len()],
            period: Period::default(),
            samples: Vec::new(),
        };
        while let Some(tally) = tallies.next_if(|tally| tally.source == number) {
            whole.append(tally);
        }
        sources.push(whole);
    }
    sources
}

impl SourceTally<'_> {
    fn append(&mut self, tally: Tally) {
        let room = SAMPLES_MAX - self.samples.len();
        let lines_before = self.lines;
        self.samples.extend(tally.samples.into_iter().take(room).map(|sample| Sample {
            source: Untrusted::from(self.source.path.as_path()),
            line: lines_before + sample.line + 1,
            reason: sample.reason,
            text: Untrusted::new(sample.text),
        }));
        self.lines += tally.lines;
        self.bytes += tally.bytes;
        self.parsed += tally.parsed;
        self.filtered += tally.filtered;
        self.skipped.iter_mut().zip(tally.skipped).for_each(|(mine, more)| *mine += more);
        self.period.merge(tally.period);
        if let Some(ending) = tally.ending {
            self.ending = ending;
        }
    }

    /// The source's path.
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// Whether reading it failed, at the start or on the way.
    pub fn has_fault(&self) -> bool {
        self.ending.fault.is_some()
    }

    /// What is missing of it.
    pub fn gap(&self) -> Option<Gap> {
        self.ending.fault.as_ref().map(|fault| self.source.gap(fault))
    }

    /// The own hosts that its first lines tell.
    pub fn sites(&self) -> &[Vec<u8>] {
        self.ending.sniff.as_ref().map_or(&[], |sniff| &sniff.sites)
    }

    /// Whether most of its first lines name a client behind the one that is logged.
    pub fn is_forwarded(&self) -> bool {
        let sniff = self.ending.sniff.as_ref();
        sniff.is_some_and(|sniff| sniff.forwarded > 0 && sniff.forwarded * 2 >= sniff.parsed)
    }

    /// Lines that were read: requests, and lines of an error log.
    pub fn read(&self) -> u64 {
        self.parsed + self.skipped[Skip::ErrorLog as usize]
    }

    /// Whether it was found in a folder and is no access log.
    pub fn is_left_out(&self) -> bool {
        self.source.from_folder && self.parsed == 0 && !self.only_blank() && !self.has_fault()
    }

    /// Whether it has no line with anything on it.
    pub fn only_blank(&self) -> bool {
        let blank = self.skipped[Skip::Blank as usize] + self.skipped[Skip::Nul as usize];
        !self.has_fault() && self.lines == blank
    }

    /// What is worth telling about it.
    pub fn notes(&self, formats: &Formats) -> Vec<Note> {
        let garbage = self.ending.trailing_garbage.map(|bytes| self.source.trailing_garbage(bytes));
        let poor_fit = self.poor_fit(formats).map(|text| Note {
            source: Untrusted::from(self.path()),
            kind: "poor-fit",
            text: Untrusted::new(text),
        });
        let utf16 = self.ending.is_utf16.then(|| self.source.utf16());
        garbage.into_iter().chain(utf16).chain(poor_fit).collect()
    }

    /// What to say when under half of its first lines are records, in one line.
    fn poor_fit(&self, formats: &Formats) -> Option<String> {
        let sniff = self.ending.sniff.as_ref()?;
        let (line, _) = sniff.first_misfit.as_ref()?;
        let (parsed, lines) = (sniff.parsed, sniff.lines);
        let shown = escape::terminal(&Untrusted::new(line), 60);
        // The first line may be so long that it was not whole when it had its vote.
        let is_first_alone = lines == 1 && self.read() * 2 >= self.lines;
        (parsed * 2 < lines && !is_first_alone).then(|| {
            format!(
                "only {parsed} of its first {lines} lines are in a known format; the first that is \
                 not: {shown} ({}); see `logscan list formats`, name one with --log-format",
                verdicts(line, formats),
            )
        })
    }

    /// What to say when none of its lines is a record: the first, what each format made of it, and
    /// the option to give.
    pub fn misfit(&self, formats: &Formats) -> Option<String> {
        let sniff = self.ending.sniff.as_ref()?;
        let (line, _) = sniff.first_misfit.as_ref()?;
        let shown = escape::terminal(&Untrusted::new(line), 160);
        Some(format!(
            "{}: no line is in a format that is known; the first:\n  {shown}\n  {}\n  `logscan list \
             formats` shows the formats, `--log-format NAME` names one",
            crate::error::show(self.path()),
            verdicts(line, formats),
        ))
    }

    /// The source as the report has it.
    pub fn summary(&self, formats: &Formats) -> SourceSummary {
        let sniff = self.ending.sniff.as_ref();
        SourceSummary {
            path: Untrusted::from(self.path()),
            format: sniff
                .and_then(|sniff| sniff.format)
                .map(|at| formats.rows()[at].id().to_string()),
            has_latency: sniff.is_some_and(|sniff| sniff.has_latency),
            compression: self.ending.compression.unwrap_or(Compression::None).id(),
            bytes: self.bytes,
            lines: self.lines,
            parsed: self.parsed,
            period: self.period.get(),
        }
    }
}

/// What each format makes of a line: those that it comes close to first.
fn verdicts(line: &[u8], formats: &Formats) -> String {
    let (mut state, arena) = (State::default(), Bump::new());
    let mut tools = Tools { arena: &arena, state: &mut state };
    let mut by_verdict: Vec<(&str, Vec<&str>)> = Vec::new();
    for format in formats.rows() {
        let alone = Formats::of(vec![format.clone()]);
        let verdict = match alone.identify(line, &mut tools) {
            Ok(_) => "fits",
            Err(skip) => skip.id(),
        };
        match by_verdict.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, ids)) => ids.push(format.id()),
            None => by_verdict.push((verdict, vec![format.id()])),
        }
    }
    let is_far = |verdict: &str| [Skip::NoFormat.id(), Skip::Binary.id()].contains(&verdict);
    by_verdict.sort_by_key(|(verdict, _)| is_far(verdict));
    let spelled = by_verdict.iter().map(|(verdict, ids)| format!("{verdict}: {}", ids.join(", ")));
    spelled.collect::<Vec<_>>().join("; ")
}
