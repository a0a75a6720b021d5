//! The JSON report, and the schema that it keeps to.

mod document;
mod findings;
mod formatter;
mod replay;
mod tables;

pub use replay::replay;
use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Serializer, Value};

use crate::render::json::document::Document;
use crate::render::json::formatter::Printable;
use crate::render::{Output, Style};
use crate::report::Report;

/// The row of the table of outputs.
pub const OUTPUT: Output = Output {
    id: "json",
    summary: "one document with every count, for programs",
    explain: "Writes the whole report as one JSON document in UTF-8, indented by two spaces. Counts \
        are integers, times are RFC 3339 in UTC, and names end in their unit: _seconds, _bytes, \
        _ratio. The same lines give the same bytes, but for `run` and `input.sources`, which tell \
        how they were read. Bytes of the log that are not UTF-8 are written \\xhh. `logscan schema \
        report` prints its JSON Schema; what later versions add, they add beside what is there.",
    render,
};

fn render(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let document = Document::new(report, style.top);
    document.serialize(&mut Serializer::with_formatter(&mut *out, Printable::default()))?;
    out.write_all(b"\n")
}

/// The JSON Schema (2020-12) of the document. What is always there is required; more may come.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<Document<'static>>().to_value()
}

#[cfg(test)]
mod tests;
