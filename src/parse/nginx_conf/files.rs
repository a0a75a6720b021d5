//! Where the files of a configuration come from, and which of them a pattern names.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The longest file that is read.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// Files by their paths.
pub trait Files {
    /// What is in a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The names in a folder; none where it cannot be listed.
    fn names(&self, folder: &Path) -> Vec<String>;
}

/// Those of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut text)?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(io::Error::other("longer than any configuration"));
        }
        Ok(text)
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let Ok(listed) = fs::read_dir(folder) else { return Vec::new() };
        listed.flatten().filter_map(|file| file.file_name().into_string().ok()).collect()
    }
}

/// Those of a test, or of an archive.
impl Files for BTreeMap<PathBuf, Vec<u8>> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let below = self.keys().filter_map(|path| path.strip_prefix(folder).ok());
        let mut names: Vec<String> = below
            .filter_map(|path| path.components().next()?.as_os_str().to_str().map(str::to_string))
            .collect();
        names.dedup();
        names
    }
}

/// Whether `path` is a pattern (`ngx_conf_include`).
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The paths that a pattern names, sorted, as glob(3) finds them.
pub fn matching(pattern: &Path, files: &dyn Files) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let name = component.as_os_str().to_string_lossy();
        let is_plain = !matches!(component, Component::Normal(_)) || !is_pattern(&name);
        if is_plain {
            found.iter_mut().for_each(|path| path.push(component));
            continue;
        }
        let mut next = Vec::new();
        for folder in found {
            let mut names = files.names(&folder);
            // A name that begins with a point has to be asked for.
            names.retain(|known| {
                (!known.starts_with('.') || name.starts_with('.'))
                    && fits(name.as_bytes(), known.as_bytes())
            });
            names.sort();
            next.extend(names.into_iter().map(|name| folder.join(name)));
        }
        found = next;
    }
    found
}

/// Whether a name fits a pattern of `*`, `?`, `[a-z]`, `[!a]` and `\x`. Where a `*` fits too little,
/// only the last one is given more, which is enough and takes no more than the product of both lengths.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, position));
            at += 1;
            continue;
        }
        if at == pattern.len() && position == name.len() {
            return true;
        }
        let step = name.get(position).and_then(|byte| one(pattern.get(at..)?, *byte));
        match (step, star) {
            (Some(length), _) => (at, position) = (at + length, position + 1),
            (None, Some((after, from))) if from < name.len() => {
                star = Some((after, from + 1));
                (at, position) = (after, from + 1);
            }
            _ => return false,
        }
    }
}

/// How much of a pattern stands for one byte, where that byte fits.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match *pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (escaped == byte).then_some(2),
        [b'[', ref set @ ..] => {
            let is_negated = matches!(set.first(), Some(b'!' | b'^'));
            let from = usize::from(is_negated);
            // A bracket that stands first is one of the set.
            let end = set.iter().skip(from + 1).position(|byte| *byte == b']')? + from + 1;
            let members = &set[from..end];
            let mut has = false;
            let mut at = 0;
            while let Some(&low) = members.get(at) {
                match members.get(at + 1..at + 3) {
                    Some(&[b'-', high]) => {
                        has |= (low..=high).contains(&byte);
                        at += 3;
                    }
                    _ => {
                        has |= low == byte;
                        at += 1;
                    }
                }
            }
            (has != is_negated).then_some(end + 2)
        }
        [plain, ..] => (plain == byte).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_what_glob_finds() {
        let paths = ["/n/conf.d/b.conf", "/n/conf.d/a.conf", "/n/conf.d/.c.conf", "/n/x/a.conf"];
        let files: BTreeMap<PathBuf, Vec<u8>> =
            paths.iter().map(|path| (PathBuf::from(path), Vec::new())).collect();
        let found = |pattern: &str| {
            let paths = matching(Path::new(pattern), &files).into_iter();
            paths.map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found("/n/conf.d/*.conf"), ["/n/conf.d/a.conf", "/n/conf.d/b.conf"]);
        assert_eq!(found("/n/*/a.conf"), ["/n/conf.d/a.conf", "/n/x/a.conf"]);
        assert_eq!(found("/n/conf.d/.*.conf"), ["/n/conf.d/.c.conf"]);
        assert_eq!(found("/n/conf.d/[!a].conf"), ["/n/conf.d/b.conf"]);
        assert!(found("/n/none/*.conf").is_empty());
    }

    #[test]
    fn stars_and_sets_fit() {
        for (pattern, name, wanted) in [
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("[a-c]?", "bx", true),
            ("[^a-c]", "b", false),
            ("[]]", "]", true),
            ("[", "[", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), wanted, "{pattern} {name}");
        }
        assert!(!fits("a*".repeat(500).as_bytes(), "a".repeat(400).as_bytes()));
    }
}
