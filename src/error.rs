//! What stops a run, or a source: always with its path and, where there is one, the next step.

use std::io;
use std::path::{Path, PathBuf};

use crate::escape;
use crate::report::Gap;
use crate::untrusted::Untrusted;

/// The result of what can stop a run.
pub type Result<T> = std::result::Result<T, Error>;

/// What stops a run, or takes a source out of it.
#[derive(Debug)]
pub enum Error {
    /// A file or folder that cannot be opened, listed or read.
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file or stream that cannot be written.
    Write {
        /// Which, or the words `standard output`.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A request that makes no sense: the sentence says what to do.
    Usage(String),
    /// Sources were read and not one line of them could be.
    NothingParsed {
        /// What to print: the first line, and what the formats made of it.
        message: String,
        /// What else could not be read.
        gaps: Vec<Gap>,
    },
    /// Nothing could be read at all; the reasons are with it.
    NothingRead {
        /// A gap for each source.
        gaps: Vec<Gap>,
    },
}

impl Error {
    /// A source that could not be read.
    pub fn read(path: &Path, cause: io::Error) -> Error {
        Error::Read { path: path.to_path_buf(), cause }
    }

    /// An output that could not be written.
    pub fn write(path: &Path, cause: io::Error) -> Error {
        Error::Write { path: path.to_path_buf(), cause }
    }

    /// Whether the reader of our output went away, which is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Error::Write { cause, .. } if cause.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Read { path, cause } => {
                write!(out, "{}: {}", show(path), reason(cause))?;
                match cause.kind() {
                    io::ErrorKind::NotFound => write!(out, "; check the name"),
                    io::ErrorKind::PermissionDenied => {
                        write!(out, "; run as a user who may read it (often root or group adm)")
                    }
                    _ => Ok(()),
                }
            }
            Error::Write { path, cause } => {
                write!(out, "{}: cannot be written: {}", show(path), reason(cause))
            }
            Error::Usage(message) | Error::NothingParsed { message, .. } => out.write_str(message),
            Error::NothingRead { .. } => out.write_str("nothing could be read"),
        }
    }
}

impl std::error::Error for Error {}

/// A path as it may stand in a message on a terminal.
pub fn show(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".to_string();
    }
    escape::terminal(&Untrusted::from(path), 4096)
}

/// The operating system's words without its number.
pub fn reason(cause: &io::Error) -> String {
    let text = cause.to_string();
    match text.find(" (os error ") {
        Some(at) => text[..at].to_string(),
        None => text,
    }
}
