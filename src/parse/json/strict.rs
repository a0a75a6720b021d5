//! Lines that are spelled as one before them but for their values, and in which the same values stand in
//! quotes: what is where shows in the places of the quotes alone.

use super::template::Plain;
use crate::options::LINE_BYTES_MAX;
use crate::parse::Unread;
use crate::parse::clf::{bytes_equal, bytes_no_digit};
use crate::parse::compiled::Literal;
use crate::parse::keyed::{Seat, Seated, Seating};

/// How such lines are spelled.
#[derive(Debug)]
pub struct Strict {
    gaps: Vec<Gap>,
    end: Literal,
    /// How many marks a line has, its newline among them.
    marks: usize,
    seating: Seating,
}

/// Where a value stands.
#[derive(Debug)]
struct Gap {
    /// With the quotes around the values before it and behind it.
    before: Literal,
    /// Which mark ends the value; `None` where it has no quotes.
    close: Option<u32>,
    seat: Seat,
}

/// A value in the line that is learnt from.
#[derive(Clone, Copy, Debug)]
pub struct Spelled<'t> {
    /// What stands before it.
    pub before: &'t [u8],
    /// Whether it has quotes.
    pub is_quoted: bool,
    /// Whether it may be without.
    pub may_be_bare: bool,
}

impl Strict {
    /// For lines with these values, and with `end` behind the last; `None` where one is where it could
    /// not be told where it ends.
    pub fn new<'t>(
        spelled: impl Iterator<Item = Spelled<'t>>,
        end: &[u8],
        seating: Seating,
        seats: &[Seat],
    ) -> Option<Strict> {
        let mut gaps = Vec::new();
        let (mut marks, mut behind) = (0, Vec::new());
        for (value, &seat) in spelled.zip(seats) {
            behind.extend_from_slice(value.before);
            if value.is_quoted {
                behind.push(b'"');
            } else if !value.may_be_bare || !seat.may_be_bare() {
                return None;
            }
            let before = Literal::new(&behind);
            marks += before.quotes();
            let close = value.is_quoted.then_some(u32::try_from(marks).ok()?);
            gaps.push(Gap { before, close, seat });
            behind.clear();
            if value.is_quoted {
                behind.push(b'"');
            }
        }
        behind.extend_from_slice(end);
        let end = Literal::new(&behind);
        let marks = marks + end.quotes() + 1;
        Some(Strict { gaps, end, marks, seating })
    }

    /// Where the values go.
    #[inline(always)]
    pub fn seating(&self) -> Seating {
        self.seating
    }

    /// Goes through the first of some lines, if it is spelled so and has no backslash. Tells how many
    /// marks it has; what was found is to be thrown away where it is `None`.
    #[inline(always)]
    pub fn fit<'a>(
        &self,
        lines: &Unread<'a, '_>,
        plain: &mut Plain,
        seated: &mut Seated<'a>,
    ) -> Option<usize> {
        let (window, start) = (lines.window(), lines.start());
        // As many quotes as the texts have: none is in a value.
        let marks = lines.marks().get(..self.marks)?;
        let newline = *marks.last()? as usize;
        let mut at = start;
        for gap in &self.gaps {
            at = gap.before.end(window, at)?;
            // That the mark is a quote shows where the text behind it is looked at.
            let end = match gap.close {
                Some(close) => *marks.get(close as usize)? as usize,
                None => at + bare_length(window.get(at..)?)?,
            };
            let value = window.get(at..end)?;
            seated.put(gap.seat, if gap.close.is_none() { said(value) } else { value });
            at = end;
        }
        at = self.end.end(window, at)?;
        let is_whole = at == newline
            && window.get(newline) == Some(&b'\n')
            && newline - start <= LINE_BYTES_MAX
            && plain.has_no_backslash(window, start, newline);
        is_whole.then_some(self.marks)
    }
}

/// What a value without quotes says: what stands for none of any kind is a hyphen.
#[inline(always)]
fn said(value: &[u8]) -> &[u8] {
    match value {
        [b'0'..=b'9', ..] => value,
        b"null" | b"true" | b"false" => b"-",
        _ => value,
    }
}

/// How long a number or a word is that a text begins with; `None` where it begins with neither.
#[inline(always)]
pub fn bare_length(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'0'..=b'9' => Some(number_length(text)),
        b'a'..=b'z' | b'-' => Some(word_length(text)),
        _ => None,
    }
}

/// How many digits and points a text begins with. Eight bytes are looked at at once: a loop would end
/// now here, now there, and never where it is foreseen.
#[inline(always)]
fn number_length(text: &[u8]) -> usize {
    if let Some(chunk) = text.first_chunk::<8>() {
        let bytes = u64::from_le_bytes(*chunk);
        let others = bytes_no_digit(bytes) & !bytes_equal(bytes, b'.');
        if others != 0 {
            return others.trailing_zeros() as usize / 8;
        }
    }
    text.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count()
}

#[inline(never)]
fn word_length(text: &[u8]) -> usize {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b".+-".contains(byte);
    text.iter().take_while(|byte| is_of_word(byte)).count()
}
