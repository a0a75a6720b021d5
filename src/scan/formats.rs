//! Which format a source has, how sure that is, and what each of its lines was.

use std::sync::Arc;

use bumpalo::Bump;

use super::chosen::{Chosen, chosen};
use super::plan::Plan;
use super::stream::Stream;
use super::worker::{read_unusual, unglued};
use crate::error::{Error, Result};
use crate::input::lines::{Lines, Piece, trim};
use crate::input::{self, Discovery};
use crate::options::Options;
use crate::parse::{Formats, Marks, State, Tools};
use crate::record::Skip;
use crate::report::{Gap, Note};
use crate::untrusted::Untrusted;

/// So many first lines are tried with each format alone.
const TRIED_LINES: usize = 1_000;

/// How much of a line is kept, in bytes.
const SHOWN_BYTES_MAX: usize = 512;

/// What was found of all sources.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The sources.
    pub sources: Vec<SourceFormat>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// What is worth telling.
    pub notes: Vec<Note>,
}

/// What was found of a source.
#[derive(Clone, Debug)]
pub struct SourceFormat {
    /// Its path.
    pub path: Untrusted,
    /// The id of the format that most of its first lines have; `None` where no line fits any.
    pub format: Option<String>,
    /// Its lines.
    pub lines: u64,
    /// Those in that format.
    pub in_format: u64,
    /// What its lines were, most first.
    pub classes: Vec<LineClass>,
    /// Of its first lines, how many each format reads by itself; without those that read none and
    /// come close to none.
    pub alone: Vec<Alone>,
    /// How many first lines were tried with each.
    pub tried: u64,
}

/// Lines that were the same thing.
#[derive(Clone, Debug)]
pub struct LineClass {
    /// What: a format's id, or the reason why it was skipped.
    pub id: String,
    /// Whether it is the id of a format.
    pub is_format: bool,
    /// How many.
    pub lines: u64,
    /// The number of the first, from 1.
    pub first: u64,
    /// The beginning of the first.
    pub text: Untrusted,
}

/// How a format does alone.
#[derive(Clone, Debug)]
pub struct Alone {
    /// The format's id.
    pub id: String,
    /// Lines that it reads.
    pub read: u64,
    /// Why it does not read others: the reason for most, and how many.
    pub reason: Option<(Skip, u64)>,
}

/// Looks at all lines of all sources.
///
/// # Errors
///
/// A format that does not exist; no source that could be read.
pub fn formats(options: &Options) -> Result<Findings> {
    let Chosen { formats, paths, notes: chosen_notes } = chosen(options)?;
    let Discovery { sources, mut gaps, notes } = input::discover(&paths);
    let notes = chosen_notes.into_iter().chain(notes).collect();
    let mut found = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        let plan = Plan::new(number, source, &formats, None, None);
        let mut looker = Looker::new(&formats, options);
        match looker.look(&plan, options) {
            Ok(fault) => {
                gaps.extend(fault.as_ref().map(|fault| source.gap(fault)));
                found.push(looker.finish(Untrusted::from(source.path.as_path())));
            }
            Err(fault) => gaps.push(source.gap(&fault)),
        }
    }
    if found.is_empty() && !gaps.is_empty() {
        return Err(Error::NothingRead { gaps });
    }
    Ok(Findings { sources: found, gaps, notes })
}

struct Looker<'f> {
    formats: &'f Formats,
    state: State,
    marks: Marks,
    first: Option<usize>,
    lines: u64,
    classes: Vec<LineClass>,
    alone: Vec<Alone>,
    tried: u64,
}

impl<'f> Looker<'f> {
    fn new(formats: &'f Formats, options: &Options) -> Looker<'f> {
        Looker {
            formats,
            state: State::of(options),
            marks: Marks::default(),
            first: None,
            lines: 0,
            classes: Vec::new(),
            alone: Vec::new(),
            tried: 0,
        }
    }

    /// Reads a source; what is given is a fault within it.
    fn look(
        &mut self,
        plan: &Plan<'_>,
        options: &Options,
    ) -> std::result::Result<Option<input::Fault>, input::Fault> {
        let stream = Stream::open(plan, &plan.whole(), Arc::default(), options.layout)?;
        let sniff = stream.sniff(plan).cloned().unwrap_or_default();
        self.first = sniff.format;
        self.state.begin_source(sniff.wants_order);
        self.state.reference = Some(plan.written_at);
        self.try_alone(stream.head());
        let stream = stream.run(false, |buffer, cut| {
            match cut.piece(buffer) {
                Piece::Lines(lines) => lines.iter().for_each(|line| self.class(line)),
                Piece::TooLong { start, .. } => self.count(Skip::TooLong.id(), false, start),
            }
            true
        });
        let ending = stream.ending(plan).unwrap_or_default();
        Ok(ending.and_then(|ending| ending.fault))
    }

    fn class(&mut self, text: &[u8]) {
        let arena = Bump::new();
        let mut tools = Tools { arena: &arena, state: &mut self.state };
        let mut rest = Some(self.marks.line(text));
        let mut found = Vec::new();
        while let Some(line) = rest {
            let (line, behind) = unglued(line);
            rest = behind;
            let said = match read_unusual(line, self.formats, self.first, &mut tools) {
                Ok((_, at)) => (self.formats.rows()[at].id(), true),
                Err(skip) => (skip.id(), false),
            };
            found.push((said, trim(line.text)));
        }
        found.into_iter().for_each(|((id, is_format), text)| self.count(id, is_format, text));
    }

    fn count(&mut self, id: &str, is_format: bool, text: &[u8]) {
        self.lines += 1;
        match self.classes.iter_mut().find(|class| class.id == id) {
            Some(class) => class.lines += 1,
            None => self.classes.push(LineClass {
                id: id.to_string(),
                is_format,
                lines: 1,
                first: self.lines,
                text: Untrusted::new(&text[..text.len().min(SHOWN_BYTES_MAX)]),
            }),
        }
    }

    /// Tries the first lines with each format by itself.
    fn try_alone(&mut self, head: &[u8]) {
        let lines = Lines::new(head);
        let lines: Vec<&[u8]> = lines
            .iter()
            .map(trim)
            .filter(|line| !line.trim_ascii().is_empty())
            .take(TRIED_LINES)
            .collect();
        self.tried = lines.len() as u64;
        for row in self.formats.rows() {
            let only = Formats::of(vec![row.clone()]);
            let (mut state, mut arena) = (State::default(), Bump::new());
            state.begin_source(true);
            let mut read = 0;
            let mut skipped = [0; Skip::ALL.len()];
            for line in &lines {
                let mut tools = Tools { arena: &arena, state: &mut state };
                match only.identify(line, &mut tools) {
                    Ok(_) => read += 1,
                    Err(skip) => skipped[skip as usize] += 1,
                }
                arena.reset();
            }
            let close =
                |skip: &Skip| skip.is_loss() && !matches!(skip, Skip::NoFormat | Skip::Binary);
            let is_close =
                Skip::ALL.iter().filter(|skip| close(skip)).any(|s| skipped[*s as usize] > 0);
            if read > 0 || is_close {
                let most = Skip::ALL.into_iter().max_by_key(|skip| skipped[*skip as usize]);
                let reason = most.map(|skip| (skip, skipped[skip as usize]));
                let reason = reason.filter(|(_, lines)| *lines > 0);
                self.alone.push(Alone { id: row.id().to_string(), read, reason });
            }
        }
        self.alone.sort_by_key(|alone| std::cmp::Reverse(alone.read));
    }

    fn finish(mut self, path: Untrusted) -> SourceFormat {
        self.classes.sort_by_key(|class| (std::cmp::Reverse(class.lines), class.first));
        let format = self.first.map(|at| self.formats.rows()[at].id().to_string());
        let own =
            self.classes.iter().find(|class| class.is_format && Some(&class.id) == format.as_ref());
        SourceFormat {
            path,
            in_format: own.map_or(0, |class| class.lines),
            format,
            lines: self.lines,
            classes: self.classes,
            alone: self.alone,
            tried: self.tried,
        }
    }
}
