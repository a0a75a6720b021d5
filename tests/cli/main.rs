//! The program as a user meets it: what is typed, what comes back, and with which exit status.

mod exits;
mod filters;
mod findings;
mod formats;
mod log_format;
mod messages;
mod outputs;
mod replay;
mod sources;
mod stage;
mod texts;
mod who;
mod why;

#[path = "../schema/mod.rs"]
mod schema;
