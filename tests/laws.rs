//! The laws: what must hold for every log, however it is cut, packed and read.

mod common;
#[path = "../benches/corpus/mod.rs"]
mod corpus;
mod twin;

#[path = "laws/bounds.rs"]
mod bounds;
#[path = "laws/envelopes.rs"]
mod envelopes;
#[path = "laws/fixtures.rs"]
mod fixtures;
#[path = "laws/limiter.rs"]
mod limiter;
#[path = "laws/merge.rs"]
mod merge;
#[path = "laws/parser.rs"]
mod parser;
#[path = "laws/truth.rs"]
mod truth;
#[path = "laws/ways.rs"]
mod ways;
