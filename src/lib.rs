//! `logscan` explains the 4xx in access logs: which statuses, on which paths, to which clients, when.
//!
//! ```text
//! bytes ─► input ─► parse ─► select ─► aggregate ─► detect ─► scan ─► render ─► bytes
//!           lines    record    hit       │ merge      who     report    text
//! ```
//!
//! [`replay`] takes requests one by one from [`scan`] and plays them through [`limit_req`].
//!
//! Two nouns (`record`: what a line says; `report`: what a run says), a few verbs between them, and
//! one file that joins them ([`scan`]).
//!
//! # Floors
//!
//! Imports go down only, never sideways, so that there is no circle. `tests/house.rs` holds this
//! table and fails when the code breaks it.
//!
//! | floor | modules | may import |
//! | --- | --- | --- |
//! | 0 | [`record`] [`report`] [`status`] [`clock`] [`options`] [`untrusted`] [`escape`] [`error`] | each other, where one is the other's plain ingredient |
//! | 1 | [`input`] [`parse`] [`classify`] [`limit_req`] | floor 0 |
//! | 1½ | [`select`] | `classify`, floor 0 |
//! | 2 | [`aggregate`] | `classify`, floor 0 |
//! | 2 | [`render`] | floor 0 |
//! | 3 | [`detect`] [`remedy`] | `aggregate`, `classify`, floor 0 |
//! | 4 | [`scan`] | everything below but `render` |
//! | 5 | [`replay`] | `scan` and below, but `render` |
//! | 6 | `cli` and `main`, in the binary | everything |
//!
//! # Invariants
//!
//! - **The same lines give the same report**, for any chunk size, thread count, compression, or way
//!   of reading. What is exact merges in any order. What depends on order (peaks of clients) is
//!   folded in source order over canonical blocks, cut at fixed offsets of the decompressed stream.
//!   Map order never reaches output.
//! - **No line stops a run.** Only a source that cannot be read or a wrong request from the user is
//!   an [`error::Error`], and it names the path.
//! - **Every line is accounted for**: it is a record, or it has a [`record::Skip`].
//! - **An empty field is a field.** `""`, `-` and a missing field are three inputs. nginx's `"" 400`
//!   and TLS bytes are records, not rubbish: a 4xx tool that loses them is wrong.
//! - **`Aggregate::default()` is a true zero**; merging is associative and commutative and has that
//!   identity, and a cut anywhere gives the same counts. No floats are merged.
//! - **A line is parsed by itself.** A source's vote fixes the order in which formats are tried; a
//!   line that does not fit is tried alone against the rest.
//! - **Every request is counted** per path and per client, not only the 4xx.
//! - **A renderer chooses looks, never content or order.**
//! - **Log text is [`untrusted::Untrusted`]**: no `Display`; it leaves through the escaper of one
//!   medium. It is never percent-decoded and then printed.
//! - **Look-up tables are seeded from the operating system**: strangers choose the keys. Sketches
//!   use a fixed key, so that the same log gives the same estimate.
//! - **Live logs are read, never mapped**: a truncation under a map kills the process.
//! - **The program opens no network connection and starts no other program.**

#![deny(unsafe_code, missing_docs)]

pub mod aggregate;
pub mod classify;
pub mod clock;
pub mod detect;
pub mod error;
pub mod escape;
pub mod input;
pub mod limit_req;
pub mod options;
pub mod parse;
pub mod record;
pub mod remedy;
pub mod render;
pub mod replay;
pub mod report;
pub mod scan;
pub mod select;
pub mod status;
pub mod untrusted;
