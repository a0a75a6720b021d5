//! A format as a list of steps, and the matching of lines against it.

use smallvec::SmallVec;

use super::Parts;
use super::calendar::Calendar;
use super::literal::Literal;
use super::piece::{Escape, Holds, PieceKind, Role, Shape};
use super::usual::Usual;
use super::values::{Plan, Values};
use crate::parse::{Line, Tools, Unread};
use crate::record::{Record, Skip};

/// A format, compiled.
#[derive(Debug)]
pub struct Program {
    before: Literal,
    steps: Vec<Step>,
    usual: Usual,
    plan: Plan,
}

/// A field, and the text behind it.
#[derive(Debug)]
pub struct Step {
    /// How its end is found.
    pub find: Find,
    /// What it says.
    pub role: Role,
    /// Which part of a time it is.
    pub part: usize,
    /// The text behind it.
    pub after: Literal,
    /// Whether the text behind it may be a part of the value.
    can_retry: bool,
    /// Whether the value has no space for sure.
    pub is_word: bool,
}

/// How the end of a field is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Find {
    /// So many bytes on.
    Bytes(usize),
    /// At the first byte that is none of a number.
    Number {
        /// Whether it may have a point.
        has_fraction: bool,
    },
    /// As for a number, with separators between several.
    Numbers,
    /// Where the list ends.
    List {
        /// Whether groups in it are told apart by ` : `.
        has_groups: bool,
    },
    /// At the next quote that is not escaped.
    Quote,
    /// Where the text behind it begins.
    Literal,
    /// At the end of the line.
    End,
}

/// A place to go back to.
struct Retry<Q> {
    step: usize,
    at: usize,
    /// Where to look for another end.
    from: usize,
    quotes: Q,
}

impl Program {
    /// Compiles what was found to be readable.
    pub fn new(parts: Parts) -> Program {
        let Parts { pieces, escape, stamp, calendar, .. } = parts;
        let roles = pieces.iter().filter_map(|piece| match &piece.kind {
            PieceKind::Field(field) => Some(field.role),
            PieceKind::Literal(_) => None,
        });
        let roles = chosen(&roles.collect::<Vec<_>>(), &calendar);
        let plan = Plan::new(&roles, escape, stamp, calendar);
        let mut roles = roles.into_iter();
        let mut before = Vec::new();
        let mut found: Vec<(Shape, Role, Vec<u8>)> = Vec::new();
        for piece in pieces {
            match (piece.kind, found.last_mut()) {
                (PieceKind::Field(field), _) => {
                    found.push((field.shape, roles.next().unwrap_or(Role::Ignored), Vec::new()));
                }
                (PieceKind::Literal(text), Some((_, _, after))) => after.extend(text),
                (PieceKind::Literal(text), None) => before.extend(text),
            }
        }
        let mut parts = 0;
        let step = |(shape, role, after): (Shape, Role, Vec<u8>)| {
            let part = parts;
            parts += usize::from(role == Role::TimePart);
            let is_hard =
                !Shape::Text(Holds::Anything).can_hold(&after, escape) && escape != Escape::None;
            let is_open = !shape.is_strict() || shape == Shape::Calendar;
            let can_retry = is_open && !is_hard && !after.is_empty();
            // What the server itself writes is a word for sure.
            let is_word = shape == Shape::Protocol
                || matches!(shape, Shape::Text(Holds::Word | Holds::Target))
                    && matches!(role, Role::Ignored | Role::Client(_));
            Step {
                find: Find::new(shape, &after),
                role,
                part,
                after: Literal::new(&after),
                can_retry,
                is_word,
            }
        };
        let steps: Vec<Step> = found.into_iter().map(step).collect();
        let before = Literal::new(&before);
        let usual = Usual::new(&before, &steps, escape);
        Program { before, steps, usual, plan }
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// See [`super::Compiled::read`].
    #[inline]
    pub fn read<'a>(
        &self,
        line: Line<'a, '_>,
        record: &mut Record<'a>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<(), Skip> {
        let Some(at) = self.before.end(line.text, 0) else { return Err(Skip::NoFormat) };
        let mut values = Values::new(&self.plan, record);
        let fitted = self.fit(line, at, self.plan.escape, &mut values, tools);
        if fitted == Err(Skip::NoFormat) && self.may_be_of_another(line) {
            return self.read_of_another(line, at, record, tools);
        }
        fitted?;
        values.finish(&self.plan, tools).ok_or(Skip::BadTime)
    }

    /// Whether a line that nginx did not write may be another product's, with its format: it has quotes
    /// behind backslashes, of which nginx writes neither into a value.
    #[inline(never)]
    fn may_be_of_another(&self, line: Line<'_, '_>) -> bool {
        let is_escaped = |quote: usize| is_escaped(line.text.get(..quote).unwrap_or_default());
        self.plan.escape == Escape::Default && line.quotes().any(is_escaped)
    }

    /// Reads such a line: a quote that is escaped ends no field.
    #[inline(never)]
    fn read_of_another<'a>(
        &self,
        line: Line<'a, '_>,
        at: usize,
        record: &mut Record<'a>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<(), Skip> {
        let mut values = Values::new(&self.plan, record);
        self.fit(line, at, Escape::Apache, &mut values, tools)?;
        values.finish(&self.plan, tools).ok_or(Skip::BadTime)
    }

    /// A record that says nothing, for [`Program::read_usual`].
    pub fn blank(&self) -> Record<'static> {
        self.plan.blank()
    }

    /// Takes the first of some lines and reads it, if it is as servers write nearly all of them: what it
    /// reads it reads as [`Program::read`] does. `record` is the blank one, or that of another line that
    /// was read so. `false` says nothing about the line.
    #[inline]
    pub fn read_usual<'a>(
        &self,
        lines: &mut Unread<'a, '_>,
        record: &mut Record<'a>,
        tools: &mut Tools<'a, '_>,
    ) -> bool {
        self.usual.read(&self.before, &self.steps, &self.plan, lines, record, tools)
    }

    /// Matches a line from `at` on, with quotes in its values as `escape` has them. Where the rest does not fit, the last text that could have ended
    /// later does so. All of that together looks at no more than some times as many bytes as the line
    /// has, so that no line takes long.
    fn fit<'a>(
        &self,
        line: Line<'a, '_>,
        mut at: usize,
        escape: Escape,
        values: &mut Values<'_, 'a>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<(), Skip> {
        /// How often each byte may be looked at, about.
        const TIMES: usize = 8;
        let text = line.text;
        let mut quotes = line.quotes();
        let mut retries: SmallVec<[Retry<_>; 4]> = SmallVec::new();
        let mut budget = text.len() * TIMES + 4_096;
        let mut reason = Skip::NoFormat;
        let (mut number, mut from) = (0, at);
        loop {
            let fitted = match self.steps.get(number) {
                None if at == text.len() => return Ok(()),
                None => Err(Skip::NoFormat),
                Some(step) => {
                    let end = step.end(text, at, from, &mut quotes, escape);
                    let looked_at = end.unwrap_or(text.len()).saturating_sub(from);
                    budget = budget.saturating_sub(looked_at + 16);
                    if escape == Escape::Json {
                        // A value with escapes is copied each time.
                        budget = budget.saturating_sub(end.unwrap_or(at).saturating_sub(at));
                    }
                    if step.can_retry
                        && let Some(end) = end
                    {
                        pass(&mut quotes, end);
                        let (from, quotes) = (end.max(from) + 1, quotes.clone());
                        retries.push(Retry { step: number, at, from, quotes });
                    }
                    self.take(step, text, at, end, values, tools)
                }
            };
            match fitted {
                Ok(next) => {
                    (at, from) = (next, next);
                    number += 1;
                    continue;
                }
                Err(skip) if reason == Skip::NoFormat => reason = skip,
                Err(_) => {}
            }
            match retries.pop() {
                Some(retry) if budget > 0 => {
                    (number, at, from, quotes) = (retry.step, retry.at, retry.from, retry.quotes);
                }
                _ => return Err(reason),
            }
        }
    }

    /// Takes the value from `at` to `end`, and gives where the next field begins.
    #[inline(always)]
    fn take<'a>(
        &self,
        step: &Step,
        text: &'a [u8],
        at: usize,
        end: Option<usize>,
        values: &mut Values<'_, 'a>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<usize, Skip> {
        let ended = |is_cut: bool, values: &Values<'_, '_>| match is_cut {
            true if values.is_before_status(&self.plan) => Err(Skip::Cut),
            _ => Err(Skip::NoFormat),
        };
        let Some(end) = end else { return ended(true, values) };
        let Some(next) = step.after.end(text, end) else {
            return ended(step.after.is_cut(text, end), values);
        };
        let value = text.get(at..end).unwrap_or_default();
        if step.is_word && value.contains(&b' ') {
            return Err(Skip::NoFormat);
        }
        if values.set(step.role, step.part, value, &self.plan, tools) {
            return Ok(next);
        }
        let is_time = step.role == Role::Time && matches!(step.find, Find::Bytes(_));
        let is_dated = value.first().is_some_and(u8::is_ascii_digit) && value.last() != Some(&b'"');
        Err(if is_time && is_dated { Skip::BadTime } else { Skip::NoFormat })
    }
}

/// What each field fills of a record, given what it could: where several could fill the same, the
/// best source does, and the first among equals.
fn chosen(roles: &[Role], calendar: &Calendar) -> Vec<Role> {
    let beats = |other: (Role, u8, usize), mine: (Role, u8, usize)| {
        other.0 == mine.0 && (other.1, other.2) < (mine.1, mine.2)
    };
    let ranked: Vec<Option<(Role, u8, usize)>> = roles
        .iter()
        .enumerate()
        .map(|(at, role)| role.slot().map(|(slot, rank)| (slot, rank, at)))
        .collect();
    let is_best = |mine: (Role, u8, usize)| {
        let is_spelled_otherwise = mine.0 == Role::Time && mine.1 == 3 && !calendar.is_empty();
        let is_beaten = ranked.iter().flatten().any(|other| beats(*other, mine));
        !(is_beaten || is_spelled_otherwise)
    };
    let keep = |(role, ranked): (&Role, &Option<(Role, u8, usize)>)| match ranked {
        Some(mine) if !is_best(*mine) => Role::Ignored,
        _ => *role,
    };
    roles.iter().zip(&ranked).map(keep).collect()
}

impl Find {
    fn new(shape: Shape, after: &[u8]) -> Find {
        match shape {
            Shape::ClfTime => Find::Bytes(26),
            Shape::IsoTime => Find::Bytes(25),
            Shape::Status | Shape::Digits => Find::Number { has_fraction: false },
            Shape::Number => Find::Number { has_fraction: true },
            Shape::Numbers => Find::Numbers,
            _ if after.first() == Some(&b'"') => Find::Quote,
            _ if after.is_empty() => Find::End,
            Shape::Words => Find::List { has_groups: true },
            Shape::Text(Holds::Chain) => Find::List { has_groups: false },
            Shape::Text(_) | Shape::Calendar | Shape::Protocol => Find::Literal,
        }
    }
}

impl Step {
    /// Where the value that begins at `at` ends. `from` is `at`, or lies behind an end that was tried
    /// before.
    #[inline(always)]
    pub fn end(
        &self,
        text: &[u8],
        at: usize,
        from: usize,
        quotes: &mut impl Iterator<Item = usize>,
        escape: Escape,
    ) -> Option<usize> {
        match self.find {
            Find::Bytes(length) => Some(at + length).filter(|end| *end <= text.len()),
            Find::Number { has_fraction } => Some(number_end(text, at, has_fraction)),
            Find::Numbers => Some(list_end(text, at, true, |at| number_end(text, at, true))),
            Find::List { has_groups } if from == at => {
                let ends = [b' ', b',', self.after.bytes().first().copied().unwrap_or(b' ')];
                let word = |at: usize| {
                    let rest = text.get(at..).unwrap_or_default();
                    at + rest.iter().position(|byte| ends.contains(byte)).unwrap_or(rest.len())
                };
                Some(list_end(text, at, has_groups, word))
            }
            // A list that did not fit goes on where no list would.
            Find::List { .. } => self.after.find(text, from),
            Find::Quote => quotes.find(|quote| {
                let is_free = || {
                    !escape.has_backslashed_quotes()
                        || !is_escaped(text.get(at..*quote).unwrap_or_default())
                };
                *quote >= from && is_free()
            }),
            Find::Literal => self.after.find(text, from),
            Find::End => Some(text.len()),
        }
    }
}

/// Passes over the quotes before `at`, so that they are not looked at again.
fn pass(quotes: &mut (impl Iterator<Item = usize> + Clone), at: usize) {
    let mut next = quotes.clone();
    while next.next().is_some_and(|quote| quote < at) {
        *quotes = next.clone();
    }
}

/// Where a number, or `-`, ends that begins at `at`.
#[inline(always)]
fn number_end(text: &[u8], at: usize, has_fraction: bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    // lighttpd writes a duration of -1 where its clock stood still.
    if let [b'-', behind @ ..] = rest {
        let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
        return at + 1 + digits;
    }
    let is_part = |byte: &u8| byte.is_ascii_digit() || (has_fraction && *byte == b'.');
    at + rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len())
}

/// Where a list ends whose elements end where `element_end` says.
#[inline(always)]
fn list_end(
    text: &[u8],
    at: usize,
    has_groups: bool,
    element_end: impl Fn(usize) -> usize,
) -> usize {
    let mut end = element_end(at);
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let separator = match rest {
            [b',', b' ', ..] => 2,
            [b' ', b':', b' ', ..] if has_groups => 3,
            _ => return end,
        };
        let next = element_end(end + separator);
        if next == end + separator {
            return end;
        }
        end = next;
    }
}

/// Whether what follows `text` stands behind an odd number of backslashes.
fn is_escaped(text: &[u8]) -> bool {
    match text.last() {
        Some(b'\\') => text.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1,
        _ => false,
    }
}
