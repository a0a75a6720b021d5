//! The usual way of reading a line of a compiled format: as servers write nearly all of them. Each field
//! ends where it first may, and all quotes of the line are those of the format, so that they show where
//! most fields end.

use super::literal::Literal;
use super::piece::{Escape, Role};
use super::program::{Find, Step};
use super::values::{Plan, Values};
use crate::options::LINE_BYTES_MAX;
use crate::parse::clf::{usual_combined, usual_head, usual_status_and_bytes};
use crate::parse::{Tools, Unread};
use crate::record::{Record, Request};

/// How the steps of a format are taken in the usual way.
#[derive(Debug)]
pub struct Usual {
    start: Start,
    /// What follows that.
    leaps: Vec<Leap>,
    /// How many quotes a line has.
    quotes: usize,
}

/// What lines begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// All of `combined`, up to the step with this number.
    Combined(usize),
    /// `$remote_addr - $remote_user [$time_local] "`, without a user.
    Head,
    /// The text before the first field.
    Text,
}

/// One or two steps.
#[derive(Debug)]
struct Leap {
    kind: Kind,
    /// The step, the last where it is two.
    step: usize,
    /// How many quotes stand before it.
    quotes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `$request`, in quotes.
    Request,
    /// `$status $body_bytes_sent`, a quote behind them.
    StatusAndBytes,
    /// What else stands in quotes.
    Quoted,
    /// What ends where its shape or the text behind it says.
    Other,
}

impl Usual {
    /// For these steps, `before` which a text stands.
    pub fn new(before: &Literal, steps: &[Step], escape: Escape) -> Usual {
        // Where nothing is written for a user that is missing, no line begins so; and what is escaped
        // as in JSON is to be unescaped.
        let is_combined_like = before.bytes().is_empty() && !escape.writes_nothing_for_none();
        let head = head(steps).filter(|_| is_combined_like);
        let (start, taken) = match head {
            Some(count) if is_combined(&steps[count..]) => (Start::Combined(count + 4), count + 5),
            Some(count) => (Start::Head, count),
            None => (Start::Text, 0),
        };
        let quotes_of =
            |steps: &[Step]| steps.iter().map(|step| step.after.quotes()).sum::<usize>();
        let mut leaps = Vec::new();
        let mut quotes = before.quotes() + quotes_of(&steps[..taken]);
        let mut rest = &steps[taken..];
        while let [first, ..] = rest {
            let at = steps.len() - rest.len();
            // In JSON a request line may have escapes.
            let is_request = first.role == Role::Request && escape != Escape::Json;
            let is_quoted = first.find == Find::Quote;
            let is_pair = is_behind_quote(&steps[..at]) && is_status_and_bytes(rest);
            let (kind, count) = match () {
                () if is_pair => (Kind::StatusAndBytes, 2),
                () if is_quoted && is_request => (Kind::Request, 1),
                () if is_quoted => (Kind::Quoted, 1),
                () => (Kind::Other, 1),
            };
            let (taken, behind) = rest.split_at(count);
            leaps.push(Leap { kind, step: at + count - 1, quotes });
            quotes += quotes_of(taken);
            rest = behind;
        }
        Usual { start, leaps, quotes }
    }

    /// Takes the first of some lines and reads it over `record`: see [`Values::over`]. `false` says
    /// nothing about the line, and leaves it there.
    #[inline(always)]
    pub fn read<'a>(
        &self,
        before: &Literal,
        steps: &[Step],
        plan: &Plan,
        lines: &mut Unread<'a, '_>,
        record: &mut Record<'a>,
        tools: &mut Tools<'a, '_>,
    ) -> bool {
        let is_read = self.fit(before, steps, plan, lines, record, tools).is_some();
        if is_read {
            lines.pass_marks(self.quotes + 1);
        }
        is_read
    }

    #[inline(always)]
    fn fit<'a>(
        &self,
        before: &Literal,
        steps: &[Step],
        plan: &Plan,
        lines: &Unread<'a, '_>,
        record: &mut Record<'a>,
        tools: &mut Tools<'a, '_>,
    ) -> Option<()> {
        let (window, start) = (lines.window(), lines.start());
        // All quotes but those of the texts are in none of the values, since there are no more of them.
        let marks = lines.marks().get(..=self.quotes)?;
        let newline = marks[self.quotes] as usize;
        let text = window.get(..newline)?;
        if window.get(newline) != Some(&b'\n') || newline - start > LINE_BYTES_MAX {
            return None;
        }
        // What is around a line is trimmed elsewhere.
        let [b'!'..=b'~', .., b'!'..=b'~'] = text.get(start..)? else { return None };
        let clock = &mut tools.state.clock;
        let at = match self.start {
            Start::Combined(last) => {
                let quotes = marks.first_chunk::<6>()?.map(|mark| mark as usize);
                let said = usual_combined(window, start, quotes, clock)?;
                (record.client, record.time) = (said.client, said.time);
                (record.status, record.bytes) = (said.status, said.bytes);
                record.request = said.request;
                (record.referer, record.agent) = (said.referer, said.agent);
                let at = steps.get(last)?.after.end(text, quotes[5])?;
                // Then nothing is missing that would have to be put together of several fields.
                if self.leaps.is_empty() {
                    return (at == newline).then_some(());
                }
                at
            }
            Start::Head => {
                let open = *marks.first()? as usize;
                (record.client, record.time) = usual_head(window, start, open, clock)?;
                open + 1
            }
            Start::Text => before.end(text, start)?,
        };
        let mut values = Values::over(record);
        self.leap(steps, plan, text, marks, at, &mut values, tools)?;
        values.finish(plan, tools)
    }

    /// Takes all leaps from `at` on, to the end of `text`.
    #[expect(clippy::too_many_arguments, reason = "together they are one moment of reading a line")]
    fn leap<'a>(
        &self,
        steps: &[Step],
        plan: &Plan,
        text: &'a [u8],
        marks: &[u32],
        mut at: usize,
        values: &mut Values<'_, 'a>,
        tools: &mut Tools<'a, '_>,
    ) -> Option<()> {
        for leap in &self.leaps {
            let step = steps.get(leap.step)?;
            let quote = || marks.get(leap.quotes).map(|&mark| mark as usize);
            let (value, end) = match leap.kind {
                Kind::Request => {
                    let close = quote()?;
                    let quoted = text.get(at.checked_sub(1)?..=close)?;
                    values.set_request(Request::usual(quoted)?);
                    at = step.after.end(text, close)?;
                    continue;
                }
                Kind::StatusAndBytes => {
                    let end = quote()?.checked_sub(1)?;
                    // A quote and a space stand before.
                    let close = at.checked_sub(2)?;
                    let (status, bytes) = usual_status_and_bytes(text, close, end)?;
                    values.set_status_and_bytes(status, bytes);
                    at = step.after.end(text, end)?;
                    continue;
                }
                Kind::Quoted => {
                    let end = quote()?;
                    let value = text.get(at..end)?;
                    if plan.escape.has_backslashed_quotes() && value.last() == Some(&b'\\') {
                        return None;
                    }
                    (value, end)
                }
                Kind::Other => {
                    let end = step.end(text, at, at, &mut std::iter::empty(), plan.escape)?;
                    (text.get(at..end)?, end)
                }
            };
            if step.is_word && value.contains(&b' ') {
                return None;
            }
            at = step.after.end(text, end)?;
            if !values.set(step.role, step.part, value, plan, tools) {
                return None;
            }
        }
        (at == text.len()).then_some(())
    }
}

/// How many steps are client, ident where there is one, user and time, as `combined` has them.
fn head(steps: &[Step]) -> Option<usize> {
    let is = |step: &Step, after: &[u8]| step.find == Find::Literal && step.after.bytes() == after;
    let (client, rest) = steps.split_first()?;
    let rest = match rest {
        [ident, rest @ ..] if is(client, b" ") && is(ident, b" ") => {
            if ident.role != Role::Ignored {
                return None;
            }
            rest
        }
        rest if is(client, b" - ") => rest,
        _ => return None,
    };
    let [user, time, behind @ ..] = rest else { return None };
    let is_head = matches!(client.role, Role::Client(_))
        && (user.role == Role::User && is(user, b" ["))
        && (time.role == Role::Time && time.find == Find::Bytes(crate::clock::CLF_BYTES))
        && time.after.bytes() == b"] \"";
    is_head.then_some(steps.len() - behind.len())
}

/// Whether steps begin with what `combined` has behind the time.
fn is_combined(steps: &[Step]) -> bool {
    let [request, behind @ ..] = steps else { return false };
    let [_, bytes, referer, agent, ..] = behind else { return false };
    let is = |step: &Step, role, after: &[u8]| {
        step.find == Find::Quote && step.role == role && step.after.bytes().starts_with(after)
    };
    is(request, Role::Request, b"\" ")
        && request.after.bytes().len() == 2
        && is_status_and_bytes(behind)
        && bytes.after.bytes() == b" \""
        && is(referer, Role::Referer, b"\" \"")
        && referer.after.bytes().len() == 3
        && is(agent, Role::Agent, b"\"")
}

/// Whether `" ` stands behind the last of some steps.
fn is_behind_quote(steps: &[Step]) -> bool {
    steps.last().is_some_and(|step| step.after.bytes().ends_with(b"\" "))
}

/// Whether steps begin with status and bytes, as `combined` has them behind the request.
fn is_status_and_bytes(steps: &[Step]) -> bool {
    let [status, bytes, ..] = steps else { return false };
    status.role == Role::Status
        && status.after.bytes() == b" "
        && matches!(bytes.role, Role::Bytes(_))
        && matches!(bytes.find, Find::Number { .. })
        && bytes.after.bytes().starts_with(b" \"")
}
