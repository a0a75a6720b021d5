//! What is the same in all lines of a log in JSON: everything but the values.

use std::ops::Range;

use memchr::memchr;

use super::strict::{Spelled, Strict, bare_length};
use crate::options::LINE_BYTES_MAX;
use crate::parse::Unread;
use crate::parse::compiled::Literal;
use crate::parse::keyed::{Always, Facts, Meaning, Seating, Value};

/// A line with its values left out. Lines that differ from it in nothing but those are read without a look
/// at what is not a value, and the quotes that end most of them need not be searched for.
#[derive(Debug, Default)]
pub struct Template {
    gaps: Vec<Gap>,
    end: Option<Literal>,
    /// What all lines say alike.
    always: Always,
    /// Lines like the last that was learnt from, where it does not depend on their values which counts.
    strict: Option<Strict>,
    /// How often it was learnt.
    number: u64,
    /// How many lines did not fit.
    misses: u64,
}

/// Where a value stands, and what it says.
#[derive(Debug)]
struct Gap {
    before: Literal,
    /// How many quotes the text before it has.
    quotes: usize,
    meaning: Option<Meaning>,
    /// Whether nothing else in a line says the same, so that the value need not be compared with others.
    is_alone: bool,
    /// Whether a value without quotes ends where the text behind it begins.
    may_be_bare: bool,
    /// Whether it had quotes in the line that was learnt from.
    is_quoted: bool,
}

impl Gap {
    /// Takes in its value, `None` where that is null or the like.
    #[inline(always)]
    fn put<'a>(&self, value: Option<&'a [u8]>, facts: &mut Facts<'a>) {
        match (self.meaning, value) {
            (Some(meaning), Some(text)) if self.is_alone => facts.put_alone(meaning, text),
            (Some(meaning), Some(text)) => facts.put_plain(meaning, text),
            (Some(meaning), None) => facts.put(meaning, Value::Nothing),
            (None, _) => {}
        }
    }
}

/// What is learnt from a line while it is gone through.
pub struct Lesson<'a> {
    text: &'a [u8],
    gaps: Vec<Gap>,
    /// Where the last value ended.
    at: usize,
}

/// As many values as a line may have.
const GAPS_MAX: usize = 128;

impl Lesson<'_> {
    /// Adds the value at `place`.
    pub fn add(&mut self, place: Range<usize>, meaning: Option<Meaning>) {
        if self.gaps.len() > GAPS_MAX {
            return;
        }
        let before = Literal::new(self.text.get(self.at..place.start).unwrap_or_default());
        self.gaps.push(Gap {
            quotes: before.quotes(),
            before,
            meaning,
            is_alone: false,
            may_be_bare: false,
            is_quoted: self.text.get(place.start) == Some(&b'"'),
        });
        self.at = place.end;
    }
}

impl Template {
    /// To be taught by a line that did not fit. A log whose lines are not alike is not learnt from again
    /// and again.
    pub fn lesson<'a>(&mut self, text: &'a [u8]) -> Option<Lesson<'a>> {
        /// Each line of so many.
        const OFTEN: u64 = 64;
        self.misses += 1;
        let is_time = self.misses.is_power_of_two() || self.misses.is_multiple_of(OFTEN);
        // Docker's envelope looks so, and is taken off before a line is read.
        let is_envelope = text.starts_with(br#"{"log":"#);
        (is_time && !is_envelope).then(|| Lesson { text, gaps: Vec::new(), at: 0 })
    }

    /// Learns from a line that was gone through to its end.
    pub fn learn(&mut self, lesson: Lesson<'_>) {
        if lesson.gaps.is_empty() || lesson.gaps.len() > GAPS_MAX {
            return;
        }
        self.end = lesson.text.get(lesson.at..).map(Literal::new);
        self.gaps = lesson.gaps;
        let behind = self.gaps.iter().skip(1).map(|gap| &gap.before).chain(&self.end);
        let ends: Vec<bool> = behind.map(|literal| ends_bare(literal.bytes())).collect();
        self.gaps.iter_mut().zip(ends).for_each(|(gap, ends)| gap.may_be_bare = ends);
        let meanings: Vec<Meaning> = self.gaps.iter().filter_map(|gap| gap.meaning).collect();
        let mut always = Always::default();
        for gap in &mut self.gaps {
            let Some(meaning) = gap.meaning else { continue };
            let same = meanings.iter().filter(|other| other.fact == meaning.fact);
            gap.is_alone = same.count() == 1 && always.add(meaning);
        }
        meanings.iter().for_each(|meaning| always.note(*meaning));
        self.always = always;
        self.strict = self.strict_one();
        self.number += 1;
    }

    fn strict_one(&self) -> Option<Strict> {
        let meanings: Vec<_> = self.gaps.iter().map(|gap| gap.meaning).collect();
        let (seating, seats) = Seating::new(&meanings)?;
        let spelled = self.gaps.iter().map(|gap| Spelled {
            before: gap.before.bytes(),
            is_quoted: gap.is_quoted,
            may_be_bare: gap.may_be_bare,
        });
        Strict::new(spelled, self.end.as_ref()?.bytes(), seating, &seats)
    }

    /// The way of lines that are like the last that was learnt from, if there is one; and a number that no
    /// other template of the source has, nor is it 0.
    #[inline(always)]
    pub fn strict(&self) -> Option<(&Strict, u64)> {
        self.strict.as_ref().map(|strict| (strict, self.number))
    }

    /// Goes through the first of some lines, if it differs from the template in nothing but values, and
    /// these are numbers and strings without a backslash. Tells how many marks it has, its newline among
    /// them; what was found is to be thrown away where it is `None`.
    #[inline(always)]
    pub fn fit<'a>(
        &self,
        lines: &Unread<'a, '_>,
        facts: &mut Facts<'a>,
        plain: &mut Plain,
    ) -> Option<usize> {
        let end = self.end.as_ref()?;
        let (window, start, marks) = (lines.window(), lines.start(), lines.marks());
        let (mut at, mut quotes) = (start, 0);
        for gap in &self.gaps {
            at = gap.before.end(window, at)?;
            quotes += gap.quotes;
            let value = match window.get(at)? {
                b'"' => {
                    // The next mark is a newline where the line ends within the value.
                    let close = *marks.get(quotes + 1)? as usize;
                    let value = window.get(at + 1..close)?;
                    if window.get(close) != Some(&b'"') {
                        return None;
                    }
                    (quotes, at) = (quotes + 2, close + 1);
                    Some(value)
                }
                _ if gap.may_be_bare => {
                    let length = bare_length(&window[at..])?;
                    let word = &window[at..at + length];
                    at += length;
                    (!matches!(word, b"-" | b"null" | b"true" | b"false")).then_some(word)
                }
                _ => return None,
            };
            gap.put(value, facts);
        }
        facts.put_always(&self.always);
        at = end.end(window, at)?;
        let is_whole = marks.get(quotes).is_some_and(|&mark| mark as usize == at)
            && window.get(at) == Some(&b'\n')
            && at - start <= LINE_BYTES_MAX
            && plain.has_no_backslash(window, start, at);
        is_whole.then_some(quotes + 1)
    }
}

/// Whether what is no string ends before this text: at a bracket, or at a comma that is none of a list of
/// nginx's (`0.001, 0.002`).
fn ends_bare(text: &[u8]) -> bool {
    match text.trim_ascii_start() {
        [b'}' | b']', ..] => true,
        [b',', behind @ ..] => !matches!(behind.trim_ascii_start(), [b'0'..=b'9' | b'-', ..] | []),
        _ => false,
    }
}

/// How far a window has no backslash: it is looked for once in many lines.
#[derive(Debug, Default)]
pub struct Plain {
    /// Where the window lies in memory.
    window: usize,
    /// From here to there it has none.
    from: usize,
    to: usize,
}

impl Plain {
    /// Whether there is none from `start` to `end`.
    #[inline(always)]
    pub fn has_no_backslash(&mut self, window: &[u8], start: usize, end: usize) -> bool {
        let is_known = self.window == window.as_ptr() as usize && self.from <= start;
        if !is_known || self.to < end {
            let found = memchr(b'\\', &window[start..]);
            self.window = window.as_ptr() as usize;
            (self.from, self.to) = (start, found.map_or(window.len(), |at| start + at));
        }
        end <= self.to
    }
}
