//! Which sources the given paths stand for, in which order, each once.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::compression::HEAD_BYTES;
use super::rotation::{Position, Rotated};
use super::twin::{self, Likeness};
use super::{Compression, Reader, Source, is_stdin, metadata, note, unreadable};
use crate::error::show;
use crate::report::{Gap, Note};

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// What to read, in the order in which to read it: the files of a series side by side, oldest
    /// first; series in the order of the arguments, in a folder by name.
    pub sources: Vec<Source>,
    /// What was asked for and cannot be read.
    pub gaps: Vec<Gap>,
    /// What was left out: `duplicate`, `folder`, `empty-folder`.
    pub notes: Vec<Note>,
}

/// Finds what `paths` stand for: files, FIFOs, `-` for standard input, and folders, which are read
/// one level deep, without hidden files.
///
/// A file that is named twice, whether through a link or in a folder, is found once; a compressed
/// file beside its plain copy is left out. Nothing stops the search: what cannot be read is a gap.
pub fn discover(paths: &[PathBuf]) -> Discovery {
    let mut search = Search::default();
    for path in paths {
        search.path(path);
    }
    search.drop_twins();
    let sources = search.take_series();
    Discovery { sources, gaps: search.gaps, notes: search.notes }
}

/// What one file is, whatever it is called.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(_: &Path, metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> Option<Identity> {
    fs::canonicalize(path).ok()
}

/// A source with what its place among the others hangs on.
struct Candidate {
    source: Source,
    /// The folder, by its one true path.
    folder: PathBuf,
    name: OsString,
    rotated: Rotated,
}

impl Candidate {
    /// Its place in its series: by time, and where that is the same, what was compressed is older.
    fn order(&self) -> (Position, bool, &OsString) {
        (self.rotated.position, self.is_plain(), &self.name)
    }

    fn is_plain(&self) -> bool {
        self.source.compression == Some(Compression::None)
    }
}

#[derive(Default)]
struct Search {
    found: Vec<Candidate>,
    /// Where in `found` a file is.
    files: HashMap<Identity, usize>,
    folders: HashSet<Identity>,
    gaps: Vec<Gap>,
    notes: Vec<Note>,
}

impl Search {
    /// Takes one argument.
    fn path(&mut self, path: &Path) {
        match metadata(path) {
            Ok(metadata) if metadata.is_dir() && !is_stdin(path) => self.folder(path, &metadata),
            Ok(metadata) => self.file(path, Some(&metadata), false),
            // Not every system can tell what standard input is; it can be read all the same.
            Err(_) if is_stdin(path) => self.file(path, None, false),
            Err(cause) => self.gaps.push(unreadable(path, cause)),
        }
    }

    fn folder(&mut self, folder: &Path, metadata: &Metadata) {
        if let Some(identity) = identity(folder, metadata)
            && !self.folders.insert(identity)
        {
            let text = "this folder was named before; its files are counted once".to_string();
            self.notes.push(note(folder, "duplicate", text));
            return;
        }
        let names: io::Result<Vec<OsString>> = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
        let mut names = match names {
            Ok(names) => names,
            Err(cause) => return self.gaps.push(unreadable(folder, cause)),
        };
        names.retain(|name| !name.as_encoded_bytes().starts_with(b"."));
        names.sort();
        let (mut files, mut subfolders) = (0_usize, 0_usize);
        for name in names {
            let path = folder.join(name);
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => subfolders += 1,
                Ok(metadata) if metadata.is_file() => {
                    files += 1;
                    self.file(&path, Some(&metadata), true);
                }
                // Sockets, FIFOs and devices in a folder are no logs.
                Ok(_) => {}
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                    let text = "a link to a file that is not there; left out".to_string();
                    self.notes.push(note(&path, "folder", text));
                }
                Err(cause) => {
                    files += 1;
                    self.gaps.push(unreadable(&path, cause));
                }
            }
        }
        self.folder_notes(folder, files, subfolders);
    }

    fn folder_notes(&mut self, folder: &Path, files: usize, subfolders: usize) {
        if subfolders > 0 {
            let (were, them) =
                if subfolders == 1 { ("subfolder was", "it") } else { ("subfolders were", "them") };
            let text = format!(
                "{subfolders} {were} not read: a folder is read one level deep; name {them} to \
                 read {them}"
            );
            self.notes.push(note(folder, "folder", text));
        }
        if files == 0 {
            let text = "no file in this folder (hidden ones are not read); check the name";
            self.notes.push(note(folder, "empty-folder", text.to_string()));
        }
    }

    fn file(&mut self, path: &Path, metadata: Option<&Metadata>, from_folder: bool) {
        let identity = metadata.and_then(|metadata| identity(path, metadata));
        if let Some(known) = identity.as_ref().and_then(|identity| self.files.get(identity)) {
            let kept = &mut self.found[*known].source;
            kept.from_folder &= from_folder;
            let text = if kept.path == path {
                "named more than once; counted once".to_string()
            } else {
                format!("the same file as {}, and counted once, as that", show(&kept.path))
            };
            self.notes.push(note(path, "duplicate", text));
            return;
        }
        let regular = metadata.is_some_and(Metadata::is_file);
        let seekable = regular && !is_stdin(path);
        let compression = match seekable.then(|| peek(path)).transpose() {
            Ok(compression) => compression,
            Err(cause) => return self.gaps.push(unreadable(path, cause)),
        };
        if let Some(identity) = identity {
            self.files.insert(identity, self.found.len());
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_owned();
        self.found.push(Candidate {
            source: Source {
                path: path.to_path_buf(),
                series: 0,
                compression,
                disk_bytes: metadata.filter(|_| regular).map(Metadata::len),
                from_folder,
                seekable,
            },
            folder: true_folder(path),
            rotated: Rotated::of(&name),
            name,
        });
    }

    /// Leaves out compressed files whose plain copy lies beside them, and half-unpacked copies.
    fn drop_twins(&mut self) {
        let mut places: HashMap<(&Path, &Rotated), Vec<usize>> = HashMap::new();
        for (index, candidate) in self.found.iter().enumerate() {
            if candidate.source.seekable {
                places.entry((&candidate.folder, &candidate.rotated)).or_default().push(index);
            }
        }
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for place in places.values() {
            let (plain, packed): (Vec<usize>, Vec<usize>) =
                place.iter().partition(|index| self.found[**index].is_plain());
            pairs
                .extend(plain.iter().flat_map(|plain| packed.iter().map(|other| (*plain, *other))));
        }
        pairs.sort_unstable();
        let mut dropped = HashSet::new();
        for (plain, packed) in pairs {
            if !dropped.contains(&plain) && !dropped.contains(&packed) {
                dropped.extend(self.twin_to_drop(plain, packed));
            }
        }
        let mut index = 0..;
        self.found.retain(|_| index.next().is_none_or(|index| !dropped.contains(&index)));
    }

    /// Which of a plain file and a compressed one beside it adds nothing to the other, if any.
    fn twin_to_drop(&mut self, plain: usize, packed: usize) -> Option<usize> {
        let likeness = twin::compare(&self.found[plain].source.path, &self.found[packed].source);
        let (left_out, kept, text) = match likeness {
            Likeness::Different => return None,
            Likeness::Same => (packed, plain, "the compressed copy of"),
            Likeness::CompressedIsPart => (packed, plain, "an unfinished compressed copy of"),
            Likeness::PlainIsPart => (plain, packed, "an unfinished unpacked copy of"),
        };
        let text = format!(
            "{text} {}; its lines are counted once, from that",
            show(&self.found[kept].source.path)
        );
        self.notes.push(note(&self.found[left_out].source.path, "duplicate", text));
        self.found[kept].source.from_folder &= self.found[left_out].source.from_folder;
        Some(left_out)
    }

    /// Numbers the series by first appearance and puts each in the order of time.
    fn take_series(&mut self) -> Vec<Source> {
        let mut found = std::mem::take(&mut self.found);
        let mut series: HashMap<(PathBuf, Vec<u8>), usize> = HashMap::new();
        let mut count = 0;
        for candidate in &mut found {
            let fresh = count;
            let number = if candidate.source.seekable {
                let key = (candidate.folder.clone(), candidate.rotated.stem.clone());
                *series.entry(key).or_insert(fresh)
            } else {
                fresh
            };
            count += usize::from(number == fresh);
            candidate.source.series = number;
        }
        found.sort_by(|a, b| (a.source.series, a.order()).cmp(&(b.source.series, b.order())));
        found.into_iter().map(|candidate| candidate.source).collect()
    }
}

/// The folder that a file lies in, the same however it was spelt.
fn true_folder(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf())
}

fn peek(path: &Path) -> io::Result<Compression> {
    let head = File::open(path)?.take(HEAD_BYTES as u64);
    Ok(Reader::new(Box::new(head), Arc::new(AtomicU64::new(0)))?.compression())
}

#[cfg(test)]
mod tests;
