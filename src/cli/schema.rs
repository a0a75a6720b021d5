//! `logscan schema`: the JSON Schema of what logscan writes.

use clap::{Args, ValueEnum};
use logscan::error::Result;
use logscan::render::json;

use super::Outcome;
use super::output;

/// What `logscan schema` was asked for.
#[derive(Args)]
pub struct SchemaArgs {
    /// What to describe
    #[arg(value_name = "DOCUMENT")]
    document: Document,
}

/// The documents that have a schema.
#[derive(Clone, Copy, ValueEnum)]
enum Document {
    /// The report of `logscan --json`
    Report,
}

/// Prints the schema.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn run(args: SchemaArgs) -> Result<Outcome> {
    match args.document {
        Document::Report => output::print_json(&json::schema())?,
    }
    Ok(Outcome::Fine)
}
