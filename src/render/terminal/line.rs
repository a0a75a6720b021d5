//! Lines made of parts with looks, never wider than the terminal.

use std::io::{self, Write};

use crate::escape;
use crate::untrusted::Untrusted;

/// How a part of a line looks. A look repeats what the words say, so that nothing is lost where
/// there are no colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// Headings, and the counts that the reader came for.
    Bold,
    /// What only a second look needs.
    Dim,
    /// What stands out.
    Accent,
}

impl Look {
    /// The SGR sequence (ECMA-48 §8.3.117) that turns it on.
    fn sequence(self) -> &'static str {
        match self {
            Look::Plain => "",
            Look::Bold => "\x1b[1m",
            Look::Dim => "\x1b[2m",
            Look::Accent => "\x1b[31m",
        }
    }
}

/// A line in parts. What is put in has gone through [`crate::escape`] or is our own.
#[derive(Clone, Debug, Default)]
pub struct Line {
    parts: Vec<(Look, String)>,
}

impl Line {
    /// Adds a part at its end.
    pub fn push(&mut self, look: Look, text: impl Into<String>) {
        self.parts.push((look, text.into()));
    }

    /// Adds spaces until it is `columns` wide.
    pub fn pad_to(&mut self, columns: usize) {
        let missing = columns.saturating_sub(self.columns());
        self.push(Look::Plain, " ".repeat(missing));
    }

    /// How wide it is.
    pub fn columns(&self) -> usize {
        self.parts.iter().map(|(_, text)| escape::columns(text)).sum()
    }

    /// Writes it without spaces at its end, cut where it would be wider than `columns`.
    pub fn write(mut self, out: &mut dyn Write, columns: usize, color: bool) -> io::Result<()> {
        while let Some((_, text)) = self.parts.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            self.parts.pop();
        }
        let mut room = columns;
        for (look, text) in &self.parts {
            let fitted = cut(text, room);
            room -= escape::columns(&fitted);
            if color && *look != Look::Plain && !fitted.trim().is_empty() {
                write!(out, "{}{fitted}\x1b[0m", look.sequence())?;
            } else {
                out.write_all(fitted.as_bytes())?;
            }
        }
        out.write_all(b"\n")
    }
}

/// Cuts text that is ours or has been escaped: escaping twice changes nothing.
pub fn cut(text: &str, columns: usize) -> String {
    escape::terminal(&Untrusted::new(text), columns)
}

/// Sets pieces one after the other, with ` · ` between those that share a line; a piece that needs
/// more than a line is broken at its spaces. Lines after the first begin with `indent` spaces.
pub fn wrap(pieces: &[(Look, String)], columns: usize, indent: usize) -> Vec<Line> {
    const BETWEEN: &str = " · ";
    let mut lines = Vec::new();
    let mut line = Line::default();
    line.push(Look::Plain, " ");
    let mut is_fresh = true;
    for (look, piece) in pieces {
        let wanted = escape::columns(piece) + if is_fresh { 0 } else { escape::columns(BETWEEN) };
        if !is_fresh && line.columns() + wanted > columns {
            lines.push(next_line(&mut line, indent));
            is_fresh = true;
        }
        if !is_fresh {
            line.push(Look::Dim, BETWEEN);
        }
        for (at, word) in piece.split(' ').enumerate() {
            let space = usize::from(at > 0);
            if !is_fresh && line.columns() + space + escape::columns(word) > columns {
                lines.push(next_line(&mut line, indent));
                is_fresh = true;
            }
            if at > 0 && !is_fresh {
                line.push(*look, " ");
            }
            line.push(*look, word);
            is_fresh = false;
        }
    }
    lines.push(line);
    lines
}

fn next_line(line: &mut Line, indent: usize) -> Line {
    let mut next = Line::default();
    next.push(Look::Plain, " ".repeat(indent));
    std::mem::replace(line, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: Line, columns: usize, color: bool) -> String {
        let mut out = Vec::new();
        line.write(&mut out, columns, color).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_is_cut_across_its_parts_and_trimmed() {
        let mut line = Line::default();
        line.push(Look::Bold, "abc");
        line.push(Look::Plain, "defg  ");
        line.push(Look::Dim, "  ");
        assert_eq!(shown(line.clone(), 80, false), "abcdefg\n");
        assert_eq!(shown(line.clone(), 80, true), "\x1b[1mabc\x1b[0mdefg\n");
        assert_eq!(shown(line.clone(), 5, false), "abcd…\n");
        assert_eq!(shown(line, 0, false), "\n");
    }

    #[test]
    fn pieces_stay_whole_while_they_fit() {
        let pieces = ["access.log", "12 lines", "a b c d e f g h i j k l"]
            .map(|piece| (Look::Plain, piece.to_string()));
        let lines: Vec<String> =
            wrap(&pieces, 24, 3).into_iter().map(|line| shown(line, 24, false)).collect();
        assert_eq!(lines, [" access.log · 12 lines\n", "   a b c d e f g h i j k\n", "   l\n"]);
    }
}
