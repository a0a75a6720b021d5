//! The rules of the house, held against the code: floors, tables and files, words of the README.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use ipnet::IpNet;
use logscan::parse::FORMATS;
use logscan::render::OUTPUTS;
use regex::Regex;

/// The ground floor, open to every room. Each may import a neighbour only where that is a plain
/// ingredient of it.
const GROUND: &[(&str, &[&str])] = &[
    ("record", &[]),
    ("report", &["record", "untrusted"]),
    ("status", &[]),
    ("clock", &[]),
    ("options", &["clock", "record"]),
    ("untrusted", &[]),
    ("escape", &["untrusted"]),
    ("error", &["escape", "report", "untrusted"]),
];

/// The rooms above it, and what each may import besides the ground.
const ROOMS: &[(&str, &[&str])] = &[
    ("input", &[]),
    ("parse", &[]),
    ("classify", &[]),
    ("limit_req", &[]),
    ("select", &["classify"]),
    ("aggregate", &["classify"]),
    ("render", &[]),
    ("detect", &["aggregate", "classify"]),
    ("remedy", &["aggregate", "classify"]),
    ("replay", &["aggregate", "classify", "detect", "limit_req", "remedy", "scan", "select"]),
    ("scan", &["input", "parse", "classify", "select", "aggregate", "detect"]),
];

/// Crates that belong to certain rooms.
const ROOMS_OF_CRATES: &[(&str, &[&str])] = &[
    ("clap", &["src/cli/", "src/main.rs"]),
    ("clap_complete", &["src/cli/"]),
    ("clap_mangen", &["src/cli/"]),
    ("indicatif", &["src/cli/"]),
    ("terminal_size", &["src/cli/"]),
    (
        "rayon",
        &[
            "src/scan.rs",
            "src/scan/",
            "src/aggregate/",
            "src/detect.rs",
            "src/detect/",
            "src/replay.rs",
            "src/replay/",
        ],
    ),
    ("serde", &["src/render/json.rs", "src/render/json/"]),
    ("schemars", &["src/render/json.rs", "src/render/json/"]),
    (
        "serde_json",
        &["src/render/json.rs", "src/render/json/", "src/cli/", "src/parse/regular/tests.rs"],
    ),
    ("crc32fast", &["src/input/"]),
    ("zstd", &["src/input/"]),
    ("bzip2", &["src/input/"]),
    ("lzma_rust2", &["src/input/"]),
    ("lz4_flex", &["src/input/"]),
    ("hdrhistogram", &["src/aggregate/", "src/replay.rs"]),
    ("datasketches", &["src/aggregate/"]),
    ("strsim", &["src/classify/near_miss/"]),
];

/// Files that may use `unsafe`: for a measured gain, with the reason at the block. `.ci/run` runs their
/// tests under valgrind, which knows no AVX-512: that part of `marks.rs` is run without it.
const UNSAFE_ALLOWED: &[&str] = &[
    "src/aggregate/prefetch.rs",
    "src/input/inflate/copy.rs",
    "src/input/inflate/run.rs",
    "src/parse/marks.rs",
];

/// The most lines of a source file, tests included.
const LINES_MAX: usize = 700;

/// Networks whose addresses belong to nobody: documentation (RFC 5737, RFC 3849), benchmarks
/// (RFC 2544), private use (RFC 1918), carriers (RFC 6598), loopback, and the address of nothing.
const NOBODYS_NETWORKS: &[&str] = &[
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "198.18.0.0/15",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "0.0.0.0/32",
    "2001:db8::/32",
    "::1/128",
    "::ffff:127.0.0.1/128",
    "::ffff:192.0.2.0/120",
    "fe80::/10",
];

/// The parts of the README that the program writes: name, words, and the width.
const README_BLOCKS: &[(&str, &[&str], &str)] = &[
    ("tour", &["testdata/logs/access.log.gz"], "100"),
    ("usage", &["--help"], "100"),
    ("formats", &["list", "formats"], "100"),
    ("outputs", &["list", "outputs"], "100"),
    ("detectors", &["list", "detectors"], "100"),
    ("statuses", &["list", "statuses"], "100"),
];

#[test]
fn imports_go_down_only() {
    let import = Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let mut faults = Vec::new();
    for file in library() {
        let own = module(&file);
        for found in import.captures_iter(&code(&file)) {
            if !may_import(&own, &found[1]) {
                faults.push(format!("{}: `{own}` may not import `{}`", file.display(), &found[1]));
            }
        }
    }
    none(&faults, "move the code to the floor that it belongs to, or pass in what it needs");
}

fn may_import(module: &str, other: &str) -> bool {
    let names = |row: &&(&str, &[&str])| row.0 == module;
    let is_ground = GROUND.iter().any(|(name, _)| *name == other);
    let ground = GROUND.iter().find(names).is_some_and(|(_, allowed)| allowed.contains(&other));
    let room =
        ROOMS.iter().find(names).is_some_and(|(_, below)| is_ground || below.contains(&other));
    module == other || ground || room
}

#[test]
fn super_does_not_leave_its_room() {
    let climb = Regex::new(r"\b(?:super::)+").unwrap();
    let mut faults = Vec::new();
    for file in library() {
        let depth = file.components().count() - 1 - usize::from(file.ends_with("mod.rs"));
        let code = code(&file);
        let inline_tests = code.find("\nmod tests {").unwrap_or(code.len());
        for found in climb.find_iter(&code) {
            let steps = found.as_str().matches("super").count();
            let depth = depth + usize::from(found.start() > inline_tests);
            if steps >= depth {
                faults.push(format!("{}: {}", file.display(), found.as_str()));
            }
        }
    }
    none(&faults, "write crate::, so that the floor can be seen");
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut faults = Vec::new();
    for (name, rooms) in ROOMS_OF_CRATES {
        let used = Regex::new(&format!(r"\b{name}(?:::|\s*\{{|;)|#\[{name}\b")).unwrap();
        for file in sources() {
            let is_allowed = rooms.iter().any(|room| file.starts_with(room) || at(&file, room));
            if !is_allowed && used.is_match(&without_tests(&code(&file))) {
                faults.push(format!("{}: {name}", file.display()));
            }
        }
    }
    none(&faults, "keep it to the room that ROOMS_OF_CRATES names");
}

#[test]
fn every_file_opens_with_a_sentence() {
    let mut faults = Vec::new();
    for file in sources().into_iter().chain(files("tests", "rs")).chain(files("benches", "rs")) {
        let text = read(&file);
        let opening: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let first = opening.join("\n");
        let first = first.split("\n\n").next().unwrap_or_default();
        if !first.starts_with(' ') || !first.trim_end().ends_with(['.', ':']) {
            faults.push(file.display().to_string());
        }
    }
    none(&faults, "put a sentence after //! in the first line: what the file is for");
}

#[test]
fn the_map_names_every_module() {
    let map: String = read("src/lib.rs").lines().filter(|line| line.starts_with("//!")).collect();
    let modules: BTreeSet<String> = library().iter().map(|file| module(file)).collect();
    let missing: Vec<&String> =
        modules.iter().filter(|module| !map.contains(&format!("[`{module}`]"))).collect();
    assert!(missing.is_empty(), "add to the table of floors at the top of src/lib.rs: {missing:?}");
    let known = GROUND.iter().chain(ROOMS).map(|(module, _)| module.to_string());
    assert_eq!(modules, known.collect(), "left: src/, right: GROUND and ROOMS in tests/house.rs");
}

#[test]
fn every_row_of_a_table_has_its_file() {
    let format_files = FORMATS.iter().map(|row| match row.id {
        // `main.rs` would read as a program's.
        "main" => ("main", PathBuf::from("src/parse/main_format.rs")),
        id => (id, Path::new("src/parse").join(id.replace('-', "_")).with_extension("rs")),
    });
    rows_are_files(format_files.collect(), "src/parse", "pub const FORMAT: Format");
    let output_files = OUTPUTS.iter().map(|row| {
        (row.id, Path::new("src/render").join(row.id.replace('-', "_")).with_extension("rs"))
    });
    rows_are_files(output_files.collect(), "src/render", "pub const OUTPUT: Output");
}

/// Each row has a file that defines it, and each file that defines a row is in the table.
fn rows_are_files(rows: Vec<(&str, PathBuf)>, folder: &str, definition: &str) {
    for (id, file) in &rows {
        let text = fs::read_to_string(file).unwrap_or_default();
        let is_there = text.contains(definition) && text.contains(&format!("id: \"{id}\""));
        assert!(is_there, "{}: define the row '{id}' there: {definition}", file.display());
    }
    for file in files(folder, "rs") {
        let is_known = rows.iter().any(|(_, known)| *known == file);
        let defines = read(&file).contains(definition);
        assert!(is_known || !defines, "{}: add its row to the table", file.display());
    }
}

#[test]
fn no_unfinished_or_unsafe_code() {
    let mut faults = Vec::new();
    let words = Regex::new(r"\b(?:todo|unimplemented|dbg)!|#\[ignore|\bunsafe\b").unwrap();
    let everywhere =
        sources().into_iter().chain(files("tests", "rs")).chain(files("benches", "rs"));
    for file in everywhere {
        // This file has to name what it looks for.
        if at(&file, "tests/house.rs") {
            continue;
        }
        let is_allowed = UNSAFE_ALLOWED.iter().any(|allowed| at(&file, allowed));
        for found in words.find_iter(&code(&file)) {
            if !(is_allowed && found.as_str() == "unsafe") {
                faults.push(format!("{}: {}", file.display(), found.as_str()));
            }
        }
    }
    none(&faults, "finish it, or leave it out; UNSAFE_ALLOWED is for measured gains");
}

#[test]
fn unsafe_code_says_why_it_is_sound() {
    let unsafe_word = Regex::new(r"\bunsafe\b").unwrap();
    for allowed in UNSAFE_ALLOWED {
        let text = read(allowed);
        let lines: Vec<&str> = text.lines().collect();
        let is_comment = |line: &&&str| line.trim_start().starts_with("//");
        let blocks = (0..lines.len())
            .filter(|at| !is_comment(&&lines[*at]) && unsafe_word.is_match(lines[*at]));
        for at in blocks {
            let mut above = lines[..at].iter().rev().take_while(is_comment);
            let has_reason = above.any(|line| line.contains("SAFETY: "));
            assert!(has_reason, "{allowed}:{}: write // SAFETY: above it", at + 1);
        }
        assert!(unsafe_word.is_match(&code(Path::new(allowed))), "take {allowed} off the list");
    }
}

#[test]
fn only_the_program_prints() {
    let prints = Regex::new(r"\be?print(?:ln)?!").unwrap();
    let faults: Vec<String> = library()
        .into_iter()
        .filter(|file| prints.is_match(&code(file)))
        .map(|file| file.display().to_string())
        .collect();
    none(&faults, "return it: the library writes only where it is told to");
}

#[test]
fn no_file_is_too_long() {
    let faults: Vec<String> = sources()
        .into_iter()
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, file)| format!("{}: {lines} lines", file.display()))
        .collect();
    none(&faults, "divide it by what it does; tests may go to <module>/tests.rs");
}

#[test]
fn no_address_of_anybody_is_in_the_repository() {
    let ours: Vec<IpNet> = NOBODYS_NETWORKS.iter().map(|net| net.parse().unwrap()).collect();
    // A version of a browser has four numbers too, but stands behind its name and a slash.
    let v4 = Regex::new(r"(?-u)([A-Za-z]/)?\b(\d{1,3}(?:\.\d{1,3}){3})\b").unwrap();
    let v6 = Regex::new(r"(?i)(?:^|[\s\[(,])([0-9a-f:]*:[0-9a-f:]*:[0-9a-f.:]*)").unwrap();
    let mut faults = BTreeSet::new();
    for file in files("testdata", "") {
        let text = unpacked(&file);
        let text = String::from_utf8_lossy(&text);
        let v4 = v4.captures_iter(&text).filter(|found| found.get(1).is_none());
        let v4 = v4.filter_map(|found| found[2].parse::<IpAddr>().ok());
        let v6 = v6.captures_iter(&text).filter_map(|found| found[1].parse::<IpAddr>().ok());
        let addresses = v4.chain(v6);
        let strangers = addresses.filter(|address| !ours.iter().any(|net| net.contains(address)));
        faults.extend(strangers.map(|address| format!("{}: {address}", file.display())));
    }
    none(
        &faults.into_iter().collect::<Vec<_>>(),
        "put addresses of NOBODYS_NETWORKS in their place",
    );
}

#[test]
fn the_readme_shows_what_the_program_writes() {
    let mut readme = read("README.md");
    let mut faults = Vec::new();
    for (name, words, columns) in README_BLOCKS {
        let printed = print(words, columns);
        let (begin, end) = (format!("<!-- begin:{name} -->"), format!("<!-- end:{name} -->"));
        let wanted = format!("{begin}\n```text\n{printed}```\n{end}");
        let found = readme.find(&begin).zip(readme.find(&end).map(|at| at + end.len()));
        let Some((from, to)) = found.filter(|(from, to)| from < to) else {
            panic!("README.md: put the lines {begin} and {end} where `logscan {words:?}` belongs");
        };
        if readme[from..to] != wanted {
            faults.push(name.to_string());
            readme.replace_range(from..to, &wanted);
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        return fs::write("README.md", readme).unwrap();
    }
    none(&faults, "UPDATE=1 cargo test --test house writes these blocks of README.md anew");
}

#[test]
fn the_readme_names_every_exit_status_and_only_files_that_exist() {
    let readme = read("README.md");
    for status in 0..=3 {
        assert!(readme.contains(&format!("| {status} |")), "README.md: a row for {status}");
    }
    let link = Regex::new(r"\]\(([^)#:]+)\)").unwrap();
    for found in link.captures_iter(&readme) {
        assert!(Path::new(&found[1]).exists(), "README.md: {} is not there", &found[1]);
    }
}

/// What the program prints, trailing spaces left out as editors do.
fn print(words: &[&str], columns: &str) -> String {
    let mut logscan = Command::new(env!("CARGO_BIN_EXE_logscan"));
    let output = logscan.args(words).env("COLUMNS", columns).env("NO_COLOR", "1").output().unwrap();
    assert!(output.status.success(), "logscan {words:?}: {}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// All source files.
fn sources() -> Vec<PathBuf> {
    files("src", "rs")
}

/// Those of the library, but for its map.
fn library() -> Vec<PathBuf> {
    let is_program = |file: &PathBuf| {
        file.starts_with("src/cli") || at(file, "src/main.rs") || at(file, "src/lib.rs")
    };
    sources().into_iter().filter(|file| !is_program(file)).collect()
}

/// The module of the library that a file belongs to: `parse` for `src/parse/clf.rs`.
fn module(file: &Path) -> String {
    let room = file.components().nth(1).unwrap().as_os_str();
    Path::new(room).file_stem().unwrap().to_str().unwrap().to_string()
}

/// All files below a folder, by name; with an ending, unless that is empty.
fn files(folder: impl AsRef<Path>, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if ending.is_empty() || path.extension().is_some_and(|known| known == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(file: impl AsRef<Path>) -> String {
    let file = file.as_ref();
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn unpacked(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).unwrap();
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return bytes;
    }
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut text)
        .unwrap();
    text
}

/// A file without its comments.
fn code(file: &Path) -> String {
    let text = read(file);
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// Code up to its tests, which stand last.
fn without_tests(code: &str) -> String {
    code.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default().to_string()
}

fn at(file: &Path, name: &str) -> bool {
    file == Path::new(name)
}

/// Fails with all faults at once, and what to do about them.
fn none(faults: &[String], remedy: &str) {
    assert!(faults.is_empty(), "{remedy}:\n{}", faults.join("\n"));
}
