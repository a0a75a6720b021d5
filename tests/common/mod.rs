//! What the integration tests share: where things are, and the logs of `testdata`.

#![allow(dead_code, reason = "each test that includes this file uses a part of it")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A log of `testdata`, decompressed.
pub struct Fixture {
    /// Its file's name.
    pub name: String,
    /// Its bytes.
    pub text: Vec<u8>,
}

impl Fixture {
    /// Reads the file `name` in a folder of `testdata`.
    pub fn read(folder: &str, name: &str) -> Fixture {
        let bytes = fs::read(root().join("testdata").join(folder).join(name)).unwrap();
        let text = if name.ends_with(".gz") { unpacked(&bytes) } else { bytes };
        Fixture { name: name.to_string(), text }
    }
}

/// What a gzip file holds.
pub fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(gzip).read_to_end(&mut text).unwrap();
    text
}

/// All logs of `testdata/logs` and `testdata/recorded`, by name; the README's is read only when
/// asked for, being far longer than the rest.
pub fn fixtures() -> Vec<Fixture> {
    ["logs", "recorded"]
        .into_iter()
        .flat_map(|folder| names(folder).into_iter().map(move |name| (folder, name)))
        .filter(|(_, name)| name != README_LOG)
        .map(|(folder, name)| Fixture::read(folder, &name))
        .collect()
}

/// The log of the README.
pub const README_LOG: &str = "access.log.gz";

/// The logs in a folder of `testdata`, sorted.
pub fn names(folder: &str) -> Vec<String> {
    let is_log = |name: &String| name.ends_with(".log") || name.ends_with(".log.gz");
    let files = files(&root().join("testdata").join(folder)).into_iter();
    files
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_string())
        .filter(is_log)
        .collect()
}

/// The files in a folder and below, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.append(&mut files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The lines of a text, without their endings.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = text.strip_suffix(b"\n").unwrap_or(text);
    let count = if text.is_empty() { 0 } else { usize::MAX };
    whole.split(|&byte| byte == b'\n').take(count)
}

/// Real logs, the largest first, where there are any: they are not ours to give away, and so not in
/// the repository.
#[allow(dead_code, reason = "not all crates that include this file read them")]
pub fn real_logs() -> Vec<PathBuf> {
    let named = std::env::var_os("LOGSCAN_REAL_LOGS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join("../shared/data/real"));
    if !folder.is_dir() {
        eprintln!("no real logs here: LOGSCAN_REAL_LOGS names their folder");
        return Vec::new();
    }
    let mut files = files(&folder);
    // The list of the files is none.
    files.retain(|path| path.extension().is_none_or(|extension| extension != "tsv"));
    files.sort_by_key(|path| std::cmp::Reverse(path.metadata().map_or(0, |file| file.len())));
    files
}
