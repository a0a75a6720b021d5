//! Sources: which files, in which order, and their decompressed bytes.
//!
//! ```text
//! discover ── rotation   which names are one log, rotated; their order in time
//!     │    └─ twin       whether a compressed file holds what a plain one holds
//!     ▼
//!  Source ─open─► reader ── compression   told by the first bytes
//!                    │   └─ decoder       one frame of gzip (inflate), zstd, bzip2, xz or lz4
//!                    └───── raw           the bytes as they lie on disk
//!  Reader ─────► lines                     whole lines, with where each stands
//!  members                            where frames begin, so that several Readers share a source
//! ```

mod compression;
mod decoder;
mod discover;
pub mod inflate;
pub mod lines;
pub mod members;
mod raw;
mod reader;
mod rotation;
mod twin;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

pub use compression::Compression;
pub use discover::{Discovery, discover};
pub use reader::{Fault, FaultKind, Reader};

use crate::error::{Error, Result, show};
use crate::report::{Gap, Note};
use crate::untrusted::Untrusted;

/// Something that can be read: a file, a FIFO or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is; `-` is standard input.
    pub path: PathBuf,
    /// The series that it belongs to, from 0: the files of one rotated log share a number and lie
    /// side by side, oldest first.
    pub series: usize,
    /// How it is compressed, by its first bytes; `None` for what cannot be looked at without
    /// taking from it (standard input, a FIFO): known once it is opened.
    pub compression: Option<Compression>,
    /// Its size on disk, for a regular file.
    pub disk_bytes: Option<u64>,
    /// Whether it was found in a folder; false as soon as it was named too.
    pub from_folder: bool,
    /// Whether it is a regular file that can be opened more than once and read from any place.
    pub seekable: bool,
}

impl Source {
    /// Opens it and reads its first bytes. `progress` grows by every byte that is then taken from
    /// the disk, before decompression.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] when it cannot be opened, or not even its first bytes can be read.
    pub fn open(&self, progress: Arc<AtomicU64>) -> Result<Reader> {
        let opened: io::Result<Box<dyn Read + Send>> = if is_stdin(&self.path) {
            Ok(Box::new(io::stdin()))
        } else {
            File::open(&self.path).map(|file| Box::new(file) as Box<dyn Read + Send>)
        };
        opened
            .and_then(|bytes| Reader::new(bytes, progress))
            .map_err(|cause| Error::read(&self.path, cause))
    }

    /// When it was written to last, in seconds since the epoch; now where nobody knows.
    pub fn written_at(&self) -> u32 {
        let written_at = || fs::metadata(&self.path).ok()?.modified().ok();
        let time = if self.seekable { written_at() } else { None }.unwrap_or_else(SystemTime::now);
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }

    /// What the report says of a fault in this source.
    pub fn gap(&self, fault: &Fault) -> Gap {
        Gap {
            source: Untrusted::from(self.path.as_path()),
            kind: fault.kind.id(),
            reason: Untrusted::new(&fault.reason),
        }
    }

    /// What the report says of `bytes` after the end of this source's compressed stream, see
    /// [`Reader::trailing_garbage`].
    pub fn trailing_garbage(&self, bytes: u64) -> Note {
        note(
            &self.path,
            "trailing-garbage",
            format!(
                "{bytes} bytes after the end of the compressed stream are not part of it and were \
                 ignored; if another was to follow, its beginning is damaged"
            ),
        )
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// What is known of a path without opening it, links followed. Standard input has a path too where
/// the system has `/dev/stdin`, so that the same file on it and as an argument is seen.
fn metadata(path: &Path) -> io::Result<fs::Metadata> {
    fs::metadata(if is_stdin(path) { Path::new("/dev/stdin") } else { path })
}

fn note(path: &Path, kind: &'static str, text: String) -> Note {
    Note { source: Untrusted::from(path), kind, text: Untrusted::new(text) }
}

/// A gap for a path that cannot be read: the reason and the next step as the error tells them,
/// without the path, which the gap itself has.
fn unreadable(path: &Path, cause: io::Error) -> Gap {
    let message = Error::read(path, cause).to_string();
    let reason = message.strip_prefix(&format!("{}: ", show(path))).unwrap_or(&message);
    Gap {
        source: Untrusted::from(path),
        kind: FaultKind::Unreadable.id(),
        reason: Untrusted::new(reason),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::Ordering;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read_all(reader: &mut Reader) -> (Vec<u8>, Option<Fault>) {
        let (mut text, mut buffer) = (Vec::new(), [0; 1000]);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return (text, None),
                Ok(count) => text.extend_from_slice(&buffer[..count]),
                Err(fault) => return (text, Some(fault)),
            }
        }
    }

    #[test]
    fn progress_is_counted_in_bytes_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let packed = [gzip(&[b'a'; 100_000]), b"rubbish".to_vec()].concat();
        fs::write(&path, &packed).unwrap();
        let source = discover(&[path]).sources.remove(0);
        let progress = Arc::new(AtomicU64::new(0));
        let mut reader = source.open(progress.clone()).unwrap();
        assert_eq!(reader.compression(), Compression::Gzip);
        assert_eq!(read_all(&mut reader), (vec![b'a'; 100_000], None));
        assert_eq!(Some(progress.load(Ordering::Relaxed)), source.disk_bytes);
        let note = source.trailing_garbage(reader.trailing_garbage().unwrap());
        assert_eq!(note.kind, "trailing-garbage");
        assert!(note.text.bytes().starts_with(b"7 bytes after the end"));
    }

    #[test]
    fn a_truncated_source_is_a_gap_with_a_next_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log.gz");
        let packed = gzip(b"192.0.2.1 - -\n");
        fs::write(&path, &packed[..packed.len() - 4]).unwrap();
        let source = discover(&[path]).sources.remove(0);
        let mut reader = source.open(Arc::default()).unwrap();
        let (text, fault) = read_all(&mut reader);
        assert_eq!(text, b"192.0.2.1 - -\n");
        let gap = source.gap(&fault.unwrap());
        assert_eq!(gap.kind, "truncated");
        let reason = "it ends within gzip member 1; what can be read before that was counted. If \
                      it is still being written, run again later; else fetch it anew";
        assert_eq!(gap.reason.bytes(), reason.as_bytes());
    }

    #[test]
    fn a_source_that_went_away_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        fs::write(&path, b"x").unwrap();
        let source = discover(std::slice::from_ref(&path)).sources.remove(0);
        fs::remove_file(&path).unwrap();
        let error = source.open(Arc::default()).err().unwrap().to_string();
        assert_eq!(error, format!("{}: No such file or directory; check the name", show(&path)));
    }
}
