//! Log formats that a server's configuration spells, compiled: a line is matched against the texts
//! and fields of the format string from left to right.
//!
//! Where a field ends is told by what its values look like, else by the text behind it. A field in
//! quotes ends at the next quote that is not escaped; any other text ends where what follows first
//! occurs and the rest of the line fits. How often the latter is tried is bounded by the length of
//! the line, and a format in which it could be tried in vain is refused.

mod calendar;
mod check;
mod literal;
mod piece;
mod program;
mod usual;
mod values;

use std::fmt;

use super::{Line, Tools, Unread, nginx_format};
use crate::options::RealIp;
use crate::record::{Record, Said, Skip, Stamp};
pub use calendar::Calendar;
pub use literal::Literal;
pub use piece::{Escape, Field, Holds, Piece, PieceKind, Role, Shape};
use program::Program;
pub use values::BLANK;

/// A log format that a string spells.
#[derive(Debug)]
pub struct Compiled {
    id: String,
    program: Program,
}

/// Why a format string is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// What is wrong, and what to do about it.
    pub reason: String,
    /// The format string.
    pub format: Vec<u8>,
    /// Where in it.
    pub at: usize,
}

/// A format string taken apart.
pub struct Parts {
    /// The string.
    pub text: Vec<u8>,
    /// Its texts and fields.
    pub pieces: Vec<Piece>,
    /// How values are escaped.
    pub escape: Escape,
    /// Which moment of a request its time is.
    pub stamp: Stamp,
    /// How times are spelled that only the format tells.
    pub calendar: Calendar,
}

impl Parts {
    /// Takes the header with this name for the one that names the clients behind proxies: `$http_x_real_ip`
    /// and `%{X-Real-IP}i` are `x_real_ip`.
    pub fn forwarded_by(mut self, header: &str) -> Parts {
        for piece in &mut self.pieces {
            let PieceKind::Field(field) = &mut piece.kind else { continue };
            let name = field.name.trim_start_matches(['$', '%', '{']);
            let name = name.strip_suffix("}i").unwrap_or(name).trim_end_matches('}');
            if RealIp::field_name(name) == header {
                field.role = Role::Forwarded;
            } else if field.role == Role::Forwarded {
                field.role = Role::Ignored;
            }
        }
        self
    }
}

impl Compiled {
    /// Compiles a format.
    ///
    /// # Errors
    ///
    /// When lines cannot be told apart into its fields, or say too little of a request.
    pub fn new(id: String, parts: Parts) -> Result<Compiled, FormatError> {
        let fault = |(reason, at)| FormatError { reason, format: parts.text.clone(), at };
        check::readable(&parts.pieces, parts.escape).map_err(fault)?;
        check::useful(&parts.pieces, parts.text.len()).map_err(fault)?;
        Ok(Compiled { id, program: Program::new(parts) })
    }

    /// What a format string of nginx spells, be it that of a format of the table.
    ///
    /// # Errors
    ///
    /// When nginx would refuse it, and as for [`Compiled::new`].
    pub fn nginx(text: &str) -> Result<Compiled, FormatError> {
        Compiled::new("log_format".to_string(), nginx_format::given(text)?)
    }

    /// What reports call it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// As for a format of the table.
    #[inline]
    pub fn read<'a>(
        &self,
        line: Line<'a, '_>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<Said<'a>, Skip> {
        let mut record = BLANK;
        self.program.read(line, &mut record, tools)?;
        Ok(Said::Request(record))
    }

    /// A record that says nothing, for [`Compiled::read_usual`].
    pub fn blank(&self) -> Record<'static> {
        self.program.blank()
    }

    /// Takes the first of some lines and reads it into `record`, if it is as servers write nearly all of
    /// them. `false` says nothing about it, and leaves it there: [`Unread::take`] and
    /// [`super::Formats::read`] do the rest.
    ///
    /// `record` must be the [`Compiled::blank`] one, or that of another line that was read so: it is not
    /// made anew for each line, which would take longer than to read some fields.
    #[inline]
    pub fn read_usual<'a>(
        &self,
        lines: &mut Unread<'a, '_>,
        record: &mut Record<'a>,
        tools: &mut Tools<'a, '_>,
    ) -> bool {
        self.program.read_usual(lines, record, tools)
    }
}

impl fmt::Display for FormatError {
    /// The reason, then what stands there with a caret below.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// So much is shown before and behind the place.
        const AROUND: usize = 36;
        let from = self.at.saturating_sub(AROUND).min(self.format.len());
        let to = (self.at + AROUND).min(self.format.len());
        // One column a byte, so that the caret stands where it should.
        let show = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '?',
        };
        let shown: String = self.format[from..to].iter().map(show).collect();
        let before = if from > 0 { "…" } else { "" };
        let behind = if to < self.format.len() { "…" } else { "" };
        let indent = self.at.min(self.format.len()) - from + before.chars().count();
        writeln!(out, "{}, at byte {}:", self.reason, self.at)?;
        writeln!(out, "  {before}{shown}{behind}")?;
        write!(out, "  {:indent$}^", "")
    }
}

#[cfg(test)]
mod tests;
