//! The table of outputs: a report in, bytes out.

use std::io::{self, Write};

use crate::clock::Zone;
use crate::report::Report;

pub mod json;
#[cfg(test)]
pub mod sample;
pub mod terminal;

/// A way to show a report.
pub struct Output {
    /// What `--output` calls it.
    pub id: &'static str,
    /// One line for `logscan list outputs`.
    pub summary: &'static str,
    /// What `logscan explain` prints.
    pub explain: &'static str,
    /// Writes the report.
    pub render: fn(&Report, &Style, &mut dyn Write) -> io::Result<()>,
}

/// How a report is to look: all that an output may not find out for itself.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The width of the terminal.
    pub columns: usize,
    /// Whether to use colours.
    pub color: bool,
    /// The zone in which times are shown. JSON is always UTC.
    pub zone: Zone,
    /// Rows in each table; `None` is all that the report holds.
    pub top: Option<usize>,
}

/// All outputs, by id.
pub static OUTPUTS: &[Output] = &[terminal::OUTPUT, json::OUTPUT];

/// The output with this id.
pub fn output(id: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.id == id)
}
