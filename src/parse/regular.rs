//! Lines that are spelled one as the other, in a way of their format's own: as a configuration spells them,
//! or as the program that writes them in JSON does.

use super::compiled::Compiled;
use super::json;
use super::{Row, Tools, Unread};
use crate::record::Record;

/// How such lines of a source are read, with room for what they say: it is not made anew for each line,
/// which would take longer than to read some fields.
pub enum Regular<'f, 'a> {
    /// As a format spells them.
    Compiled(&'f Compiled, Box<Record<'a>>),
    /// As those before were spelled in JSON.
    Json(Box<json::Usual<'a>>),
}

impl<'f, 'a> Regular<'f, 'a> {
    /// How lines of a format are read; `None` where it has no way of its own.
    pub fn new(row: &'f Row) -> Option<Regular<'f, 'a>> {
        match row {
            Row::Compiled(format) => Some(Regular::Compiled(format, Box::new(format.blank()))),
            row => row.product().map(|product| Regular::Json(Box::new(json::Usual::new(product)))),
        }
    }

    /// Takes the first of some lines and reads it, if it is as nearly all of them are. `None` says nothing
    /// about it, and leaves it there: [`Unread::take`] and [`super::Formats::read`] do the rest.
    #[inline]
    pub fn read(
        &mut self,
        lines: &mut Unread<'a, '_>,
        tools: &mut Tools<'a, '_>,
    ) -> Option<&Record<'a>> {
        match self {
            Regular::Compiled(format, record) => {
                format.read_usual(lines, record, tools).then_some(&**record)
            }
            Regular::Json(usual) => usual.read(lines, tools),
        }
    }
}

#[cfg(test)]
mod tests;
