//! The parts of lines that a container's log driver split, kept until the last has come.

use crate::options::LINE_BYTES_MAX;

/// What a container wrote a line to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Error,
}

impl Stream {
    /// By its name in log files.
    pub fn named(name: &[u8]) -> Option<Stream> {
        match name {
            b"stdout" => Some(Stream::Out),
            b"stderr" => Some(Stream::Error),
            _ => None,
        }
    }
}

/// What is kept of both streams.
#[derive(Clone, Debug, Default)]
pub struct Parts([Kept; 2]);

/// What is kept of a stream.
#[derive(Clone, Debug, Default)]
pub enum Kept {
    /// Its last line was whole.
    #[default]
    Nothing,
    /// The parts of a line, so far.
    Text(Vec<u8>),
    /// Parts that are longer than a line may be.
    TooLong,
    /// A part that was a record by itself: what follows is the end of its line.
    Read,
}

impl Kept {
    /// With one more part behind it.
    pub fn and(self, part: &[u8]) -> Kept {
        let mut text = match self {
            Kept::Text(text) => text,
            Kept::Nothing | Kept::Read => Vec::new(),
            Kept::TooLong => return Kept::TooLong,
        };
        if text.len() + part.len() > LINE_BYTES_MAX {
            return Kept::TooLong;
        }
        text.extend_from_slice(part);
        Kept::Text(text)
    }
}

impl Parts {
    /// Takes what is kept of a stream.
    pub fn take(&mut self, stream: Stream) -> Kept {
        std::mem::take(&mut self.0[stream as usize])
    }

    /// Keeps this of a stream.
    pub fn keep(&mut self, stream: Stream, kept: Kept) {
        self.0[stream as usize] = kept;
    }
}
