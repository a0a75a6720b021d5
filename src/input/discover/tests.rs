//! Folders, twins, rotated sets and what cannot be read, on real files.

use std::io::Write;

use super::*;

/// A folder that goes away with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            folder.write(name, bytes);
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Looks for `names`, or for the folder itself where that is `.`.
    fn discover(&self, names: &[&str]) -> Discovery {
        let path = |name: &&str| match *name {
            "-" => PathBuf::from("-"),
            name => self.path(name),
        };
        discover(&names.iter().map(path).collect::<Vec<_>>())
    }
}

/// Names and series.
fn order(discovery: &Discovery) -> Vec<(String, usize)> {
    let name = |source: &Source| source.path.file_name().unwrap().to_str().unwrap().to_string();
    discovery.sources.iter().map(|source| (name(source), source.series)).collect()
}

fn names(discovery: &Discovery) -> Vec<String> {
    order(discovery).into_iter().map(|(name, _)| name).collect()
}

fn notes(discovery: &Discovery) -> Vec<(&'static str, String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    discovery
        .notes
        .iter()
        .map(|note| {
            let name = Path::new(&text(note.source.bytes())).file_name().unwrap().to_owned();
            (note.kind, name.into_string().unwrap(), text(note.text.bytes()))
        })
        .collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Enough lines that a cut copy holds some of them.
fn lines(day: u32) -> Vec<u8> {
    (0..5000_u32)
        .flat_map(|n| {
            let page = n.wrapping_mul(2_654_435_761);
            format!("192.0.2.1 - - [{day:02}/Nov/2026:14:05:09 +0000] \"GET /{page}\" 404 9\n")
                .into_bytes()
        })
        .collect()
}

#[test]
fn a_rotated_set_is_one_series_oldest_first() {
    let files: [(&str, &[u8]); 9] = [
        ("access.log", b"a"),
        ("access.log.1", b"b"),
        ("access.log.10.gz", &gzip(b"c")),
        ("access.log.2.gz", &gzip(b"d")),
        ("error.log-20260102", b"e"),
        ("error.log-20260101", b"f"),
        ("site1.log", b"g"),
        ("site2.log", b"h"),
        (".access.log.swp", b"i"),
    ];
    let folder = Folder::new(&files);
    let expected = [
        ("access.log.10.gz", 0),
        ("access.log.2.gz", 0),
        ("access.log.1", 0),
        ("access.log", 0),
        ("error.log-20260101", 1),
        ("error.log-20260102", 1),
        ("site1.log", 2),
        ("site2.log", 3),
    ]
    .map(|(name, series)| (name.to_string(), series));
    let discovery = folder.discover(&["."]);
    assert_eq!(order(&discovery), expected);
    assert!(discovery.sources.iter().all(|source| source.from_folder && source.seekable));
    assert_eq!(discovery.sources[3].compression, Some(Compression::None));
    assert_eq!(discovery.sources[1].compression, Some(Compression::Gzip));
    assert_eq!(discovery.sources[3].disk_bytes, Some(1));
    assert!(discovery.notes.is_empty() && discovery.gaps.is_empty());

    // Series come in the order of the arguments, their files in the order of time.
    let discovery = folder.discover(&["site2.log", "access.log", "site1.log", "access.log.2.gz"]);
    let found = ["site2.log", "access.log.2.gz", "access.log", "site1.log"];
    assert_eq!(names(&discovery), found);
    assert!(discovery.sources.iter().all(|source| !source.from_folder));
    let series: Vec<usize> = discovery.sources.iter().map(|source| source.series).collect();
    assert_eq!(series, [0, 1, 1, 2]);
}

#[test]
fn logs_of_one_name_in_two_folders_are_two() {
    let (one, other) = (Folder::new(&[("a.log", b"1")]), Folder::new(&[("a.log.1", b"2")]));
    let discovery = discover(&[one.path("a.log"), other.path("a.log.1")]);
    assert_eq!(discovery.sources[0].series, 0);
    assert_eq!(discovery.sources[1].series, 1);
}

#[test]
fn the_first_bytes_tell_the_compression_not_the_name() {
    let folder = Folder::new(&[("a.gz", b"192.0.2.1 -"), ("b.log", &gzip(b"x")), ("c.zst", b"")]);
    let discovery = folder.discover(&["a.gz", "b.log", "c.zst"]);
    let found: Vec<_> = discovery.sources.iter().map(|source| source.compression).collect();
    let (none, gzip) = (Some(Compression::None), Some(Compression::Gzip));
    assert_eq!(found, [none, gzip, none]);
}

#[test]
fn what_cannot_be_read_is_a_gap_and_the_rest_is_found() {
    let folder = Folder::new(&[("a.log", b"1")]);
    let discovery = folder.discover(&["missing.log", "a.log"]);
    assert_eq!(names(&discovery), ["a.log"]);
    let gap = &discovery.gaps[0];
    assert_eq!(gap.kind, "unreadable");
    assert!(gap.source.bytes().ends_with(b"missing.log"));
    assert_eq!(gap.reason.bytes(), b"No such file or directory; check the name");
}

#[test]
fn a_folder_is_read_one_level_deep() {
    let folder = Folder::new(&[("a.log", b"1")]);
    fs::create_dir(folder.path("old")).unwrap();
    fs::write(folder.path("old").join("b.log"), b"2").unwrap();
    let discovery = folder.discover(&["."]);
    assert_eq!(names(&discovery), ["a.log"]);
    let (kind, _, text) = notes(&discovery).remove(0);
    assert_eq!(kind, "folder");
    assert!(text.starts_with("1 subfolder was not read"), "{text}");

    fs::create_dir(folder.path("empty")).unwrap();
    let discovery = folder.discover(&["empty"]);
    assert!(discovery.sources.is_empty() && discovery.gaps.is_empty());
    assert_eq!(notes(&discovery)[0].0, "empty-folder");
}

#[test]
fn a_file_named_twice_is_found_once() {
    let folder = Folder::new(&[("a.log", b"1"), ("b.log", b"2")]);
    let discovery = folder.discover(&["a.log", "b.log", "a.log", "./a.log"]);
    assert_eq!(names(&discovery), ["a.log", "b.log"]);
    let texts: Vec<String> = notes(&discovery).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts[0], "named more than once; counted once");
    assert_eq!(texts.len(), 2);

    // Once in a folder and once by name: it was named.
    let discovery = folder.discover(&[".", "b.log", "."]);
    assert_eq!(names(&discovery), ["a.log", "b.log"]);
    assert!(discovery.sources[0].from_folder && !discovery.sources[1].from_folder);
    let found = notes(&discovery);
    assert_eq!((found.len(), found[0].0, found[1].0), (2, "duplicate", "duplicate"));
}

#[cfg(unix)]
#[test]
fn links_are_the_file_that_they_lead_to() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&[("a.log", b"1")]);
    symlink(folder.path("a.log"), folder.path("current.log")).unwrap();
    symlink(folder.path("gone"), folder.path("dangling.log")).unwrap();
    fs::hard_link(folder.path("a.log"), folder.path("hard.log")).unwrap();
    let discovery = folder.discover(&["."]);
    assert_eq!(names(&discovery), ["a.log"]);
    let found = notes(&discovery);
    let told: Vec<(&str, &str)> =
        found.iter().map(|(kind, name, _)| (*kind, name.as_str())).collect();
    let expected =
        [("duplicate", "current.log"), ("folder", "dangling.log"), ("duplicate", "hard.log")];
    assert_eq!(told, expected);
    assert!(found[0].2.contains("a.log, and counted once"), "{}", found[0].2);
    // Named, a link that leads nowhere is a gap.
    assert_eq!(folder.discover(&["dangling.log"]).gaps.len(), 1);
    // A link alone is a file.
    assert_eq!(names(&folder.discover(&["current.log"])), ["current.log"]);
}

#[test]
fn a_compressed_copy_beside_its_plain_file_is_left_out() {
    let text = lines(1);
    let (half, rest) = text.split_at(text.len() / 2);
    let whole = gzip(&text);
    let members = [gzip(half), gzip(rest)].concat();
    let zstd = zstd::encode_all(&text[..], 3).unwrap();
    let part = gzip(half);
    let cases: [(&str, &[u8], &str); 6] = [
        ("x.log.1.gz", &whole, "the compressed copy of"),
        ("x.log.1.gz", &members, "the compressed copy of"),
        ("x.log.1.zst", &zstd, "the compressed copy of"),
        ("x.log.1.gz", &whole[..whole.len() / 2], "an unfinished compressed copy of"),
        ("x.log.1.gz", &whole[..12], "an unfinished compressed copy of"),
        ("x.log.1.gz", &part, "an unfinished compressed copy of"),
    ];
    for (name, bytes, words) in cases {
        let folder = Folder::new(&[("x.log.1", &text), (name, bytes), ("x.log", b"now")]);
        for asked in [&["."][..], &[name, "x.log.1", "x.log"]] {
            let discovery = folder.discover(asked);
            assert_eq!(names(&discovery), ["x.log.1", "x.log"], "{words}");
            let found = notes(&discovery);
            assert_eq!((found.len(), found[0].0, found[0].1.as_str()), (1, "duplicate", name));
            assert!(found[0].2.starts_with(words), "{}", found[0].2);
            assert!(found[0].2.contains("x.log.1;"), "{}", found[0].2);
        }
    }
}

#[test]
fn a_half_unpacked_copy_is_left_out() {
    let text = lines(1);
    let folder = Folder::new(&[("x.1", &text[..text.len() / 3]), ("x.1.gz", &gzip(&text))]);
    let discovery = folder.discover(&["."]);
    assert_eq!(names(&discovery), ["x.1.gz"]);
    assert!(notes(&discovery)[0].2.starts_with("an unfinished unpacked copy of"));
}

#[test]
fn files_that_only_look_like_twins_are_both_read() {
    let mut flipped = lines(1);
    let last = flipped.len() - 2;
    flipped[last] ^= 1;
    let mut damaged = gzip(&lines(1));
    damaged[12] ^= 0xFF;
    let cases: [(Vec<u8>, Vec<u8>); 5] = [
        (lines(1), gzip(&lines(2))),
        (flipped, gzip(&lines(1))),
        (lines(1), gzip(b"")),
        (Vec::new(), gzip(&lines(1))),
        (lines(1), damaged),
    ];
    for (number, (plain, packed)) in cases.into_iter().enumerate() {
        let folder = Folder::new(&[("x.log.1", &plain), ("x.log.1.gz", &packed)]);
        let discovery = folder.discover(&["."]);
        assert_eq!(names(&discovery), ["x.log.1.gz", "x.log.1"], "case {number}");
        assert_eq!(discovery.sources[0].series, discovery.sources[1].series);
        assert!(discovery.notes.is_empty());
    }
    // In two folders, they are two logs.
    let (one, other) = (Folder::new(&[("x.1", &lines(1))]), Folder::new(&[]));
    other.write("x.1.gz", &gzip(&lines(1)));
    assert_eq!(discover(&[one.path("x.1"), other.path("x.1.gz")]).sources.len(), 2);
}

#[cfg(unix)]
#[test]
fn standard_input_and_devices_are_streams() {
    let discovery = discover(&[PathBuf::from("-"), PathBuf::from("/dev/zero")]);
    for source in &discovery.sources {
        assert!(!source.seekable && !source.from_folder, "{source:?}");
        assert_eq!(source.compression, None);
    }
    assert_eq!(discovery.sources.len(), 2);
    let again = discover(&[PathBuf::from("-"), PathBuf::from("-")]);
    assert_eq!(again.sources.len(), 1);
}
