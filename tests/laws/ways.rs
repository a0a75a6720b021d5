//! The same lines give the same report, whatever the chunks, spans, blocks, threads and packing.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};

use logscan::clock::Zone;
use logscan::options::{Layout, Options, Simd};
use logscan::render::{Style, output};
use logscan::report::Report;
use logscan::scan::{Watch, scan};

use crate::common::{self, Fixture};

/// How a log lies on disk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    Plain,
    Gzip,
    GzipMembers,
    /// Frames that do not tell how much they hold.
    Zstd,
    ZstdFrames,
    Bzip2,
    Xz,
    Lz4,
    Fifo,
}

const WAYS: [Way; 9] = [
    Way::Plain,
    Way::Gzip,
    Way::GzipMembers,
    Way::Zstd,
    Way::ZstdFrames,
    Way::Bzip2,
    Way::Xz,
    Way::Lz4,
    Way::Fifo,
];
/// Those that workers divide.
const DIVIDED: [Way; 3] = [Way::Plain, Way::GzipMembers, Way::ZstdFrames];
const SPANS: [u64; 3] = [1, 2, 0];
const CHUNKS: [usize; 5] = [1, 2, 7, 64, 4096];
/// Up to so many bytes a log is read in every way there is.
const SMALL_BYTES: usize = 4 << 10;
/// Up to so many in most ways; what is longer is not read byte by byte.
const MIDDLE_BYTES: usize = 64 << 10;

impl Way {
    pub fn pack(self, text: &[u8]) -> Vec<u8> {
        let middle = text.len() / 2;
        match self {
            Way::Plain | Way::Fifo => text.to_vec(),
            Way::Gzip => gzip(text),
            Way::GzipMembers => parts(text).flat_map(gzip).collect(),
            Way::Zstd => {
                let frame = |part| {
                    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
                    encoder.include_contentsize(false).unwrap();
                    encoder.write_all(part).unwrap();
                    encoder.finish().unwrap()
                };
                [frame(&text[..middle]), frame(&text[middle..])].concat()
            }
            Way::ZstdFrames => {
                let frame = |part: &[u8]| zstd::bulk::compress(part, 1).unwrap();
                parts(text).flat_map(frame).collect()
            }
            Way::Bzip2 => {
                let mut encoder =
                    bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Way::Xz => {
                let options = lzma_rust2::XzOptions::with_preset(0);
                let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Way::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
        }
    }
}

/// The parts of which each is a member: they end inside lines, and some are empty.
fn parts(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = [0, 1, 5, 8, 8, 9, 13, 16].map(|share| text.len() * share / 16);
    let starts = [0].into_iter().chain(ends);
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A log in a folder of its own, always under the same path, which the report may show.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    pub fn put(&self, way: Way, packed: &[u8]) {
        let path = self.path();
        if path.exists() {
            fs::remove_file(&path).unwrap();
        }
        match way {
            Way::Fifo => {
                let made = spawn(Command::new("mkfifo").arg(&path)).wait();
                assert!(made.is_ok_and(|status| status.success()), "mkfifo: {}", path.display());
            }
            _ => fs::write(&path, packed).unwrap(),
        }
    }

    /// The report, read in this way.
    fn report(&self, way: Way, text: &[u8], threads: usize, layout: Layout) -> Vec<u8> {
        let options = Options { threads: Some(threads), layout, ..Options::default() };
        self.report_of(way, text, options)
    }

    /// The report with these options, read in this way.
    pub fn report_of(&self, way: Way, text: &[u8], options: Options) -> Vec<u8> {
        let options = Options { sources: vec![self.path()], ..options };
        match way {
            Way::Fifo => std::thread::scope(|scope| {
                let _no_forks = FORKS.read().unwrap();
                // A reader that gives up early is a report that differs, which is told below.
                scope.spawn(|| fs::write(self.path(), text).unwrap_or_default());
                let _release = Release(self.path());
                json(&options)
            }),
            _ => json(&options),
        }
    }
}

/// Locked for reading while a FIFO is read, for writing while a child is made: a child has all open
/// files until it runs its program, and a FIFO has no end and no beginning while somebody else
/// holds it open.
static FORKS: RwLock<()> = RwLock::new(());

fn spawn(command: &mut Command) -> Child {
    let _alone = FORKS.write().unwrap();
    command.spawn().unwrap()
}

/// Lets the writer of a FIFO go that nobody opened for reading.
struct Release(PathBuf);

impl Drop for Release {
    fn drop(&mut self) {
        drop(fs::File::options().read(true).write(true).open(&self.0));
    }
}

/// The JSON of a scan, byte for byte, but for what tells how the log was read; the message where
/// there is none.
fn json(options: &Options) -> Vec<u8> {
    match scan(options, &()) {
        Ok(mut report) => {
            report.input.sources.clear();
            json_of(report)
        }
        Err(error) => error.to_string().into_bytes(),
    }
}

/// The JSON of a report without what differs from run to run.
fn json_of(mut report: Report) -> Vec<u8> {
    report.run.generated_at = 0;
    report.run.elapsed_seconds = 0.0;
    report.run.threads = 0;
    report.run.throughput_bytes_per_second = 0.0;
    let style = Style { columns: 80, color: false, zone: Zone::default(), top: None };
    let mut out = Vec::new();
    (output("json").unwrap().render)(&report, &style, &mut out).unwrap();
    out
}

/// The chunks, blocks and numbers of threads with which a log is read.
fn layouts(text: &[u8]) -> (Vec<usize>, Vec<u64>, Vec<usize>) {
    let whole = text.len().max(1);
    let chunks = CHUNKS.into_iter().chain([whole]).collect();
    match text.len() {
        bytes if bytes <= SMALL_BYTES => (chunks, vec![64, 1_000, 8 << 20], vec![1, 2, 8]),
        bytes if bytes <= MIDDLE_BYTES => (chunks, vec![1_000, 8 << 20], vec![8]),
        _ => (vec![4096, whole], vec![100_000, 8 << 20], vec![2]),
    }
}

/// Reads a log in every way and counts how many there were.
fn read_in_every_way(fixture: &Fixture, cases: &AtomicUsize) {
    let Fixture { name, text } = fixture;
    let whole = text.len().max(1);
    let (chunks, blocks, threads) = layouts(text);
    let place = Place::new();
    place.put(Way::Plain, text);
    let plainly = |block_bytes| {
        let simd = Some(Simd::Portable);
        let layout =
            Layout { chunk_bytes: whole, block_bytes, span_blocks: 0, simd, ..Layout::default() };
        place.report(Way::Plain, text, 1, layout)
    };
    let wanted: Vec<Vec<u8>> = blocks.iter().map(|&bytes| plainly(bytes)).collect();
    if is_in_order(&wanted[0]) {
        assert!(wanted.iter().all(|report| *report == wanted[0]), "{name}: blocks show");
    }
    for way in WAYS {
        let packed = way.pack(text);
        place.put(way, &packed);
        for (&block_bytes, wanted) in blocks.iter().zip(&wanted) {
            for (turn, &chunk_bytes) in chunks.iter().enumerate() {
                let spans = if DIVIDED.contains(&way) { &SPANS[..] } else { &[0] };
                for &span_blocks in spans {
                    for &threads in &threads {
                        let simd = Some(Simd::ALL[(turn + threads) % Simd::ALL.len()]);
                        let layout = Layout {
                            chunk_bytes,
                            block_bytes,
                            span_blocks,
                            simd,
                            ..Layout::default()
                        };
                        let got = place.report(way, text, threads, layout);
                        let said = format!("{name}: {way:?}, {threads} threads, {layout:?}");
                        assert_same(&got, wanted, &said);
                        cases.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        }
    }
}

/// Whether the report says that peaks are exact: then no block size may show in it.
fn is_in_order(report: &[u8]) -> bool {
    String::from_utf8_lossy(report).contains("\"peaks_exact\": true")
}

fn assert_same(got: &[u8], wanted: &[u8], said: &str) {
    if got == wanted {
        return;
    }
    let (got, wanted) = (String::from_utf8_lossy(got), String::from_utf8_lossy(wanted));
    let differs = got.lines().zip(wanted.lines()).find(|(got, wanted)| got != wanted);
    panic!("{said}: first difference {differs:?}");
}

/// Gives the works to two threads and says how many cases there were.
fn divide<T: Sync>(works: &[T], work: impl Fn(&T, &AtomicUsize) + Sync) -> usize {
    let (next, cases) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(one) = works.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = std::panic::AssertUnwindSafe(|| work(one, &cases));
                    if std::panic::catch_unwind(run).is_err() {
                        failures.lock().unwrap().push(());
                    }
                }
            });
        }
    });
    assert!(failures.lock().unwrap().is_empty(), "see the messages above");
    cases.into_inner()
}

/// How many cases a log of this size makes.
fn cases_of(text: &[u8]) -> usize {
    let (chunks, blocks, threads) = layouts(text);
    let ways = DIVIDED.len() * SPANS.len() + WAYS.len() - DIVIDED.len();
    chunks.len() * blocks.len() * threads.len() * ways
}

#[test]
fn however_a_log_is_read_the_report_is_the_same() {
    let mut fixtures = common::fixtures();
    let readme = Fixture::read("logs", common::README_LOG);
    let head = readme.text[..10_000].to_vec();
    fixtures.push(Fixture { name: "the head of access.log.gz".to_string(), text: head });
    fixtures.sort_by_key(|fixture| std::cmp::Reverse(fixture.text.len()));
    let cases = divide(&fixtures, read_in_every_way);
    assert_eq!(cases, fixtures.iter().map(|fixture| cases_of(&fixture.text)).sum::<usize>());
    eprintln!("{} logs, {cases} ways to read them, one report each", fixtures.len());
}

#[test]
fn a_day_of_traffic_gives_one_report() {
    let text = Fixture::read("logs", common::README_LOG).text;
    let layout = |chunk_bytes, span_blocks, simd| Layout {
        chunk_bytes,
        block_bytes: 1 << 20,
        span_blocks,
        simd: Some(simd),
        ..Layout::default()
    };
    let works = [
        (Way::Plain, 2, layout(1 << 16, 1, Simd::Avx512)),
        (Way::Plain, 8, layout(4_099, 2, Simd::Avx2)),
        (Way::Plain, 2, layout(1 << 16, 0, Simd::Sse2)),
        (Way::Gzip, 2, layout(1 << 20, 0, Simd::Portable)),
        (Way::GzipMembers, 2, layout(1 << 18, 0, Simd::Avx512)),
        (Way::GzipMembers, 8, layout(1 << 16, 1, Simd::Avx2)),
        (Way::ZstdFrames, 2, layout(1 << 18, 0, Simd::Avx2)),
    ];
    let plain = Place::new();
    plain.put(Way::Plain, &text);
    let wanted = plain.report(Way::Plain, &text, 1, Layout::default());
    assert!(is_in_order(&wanted));
    for (way, threads, layout) in works {
        plain.put(way, &way.pack(&text));
        let got = plain.report(way, &text, threads, layout);
        assert_same(&got, &wanted, &format!("{way:?}, {threads} threads, {layout:?}"));
    }
}

/// Reads a file that its members divide, damaged in this way or that.
fn read_damaged(way: Way, packed: &[u8], said: &str) {
    let place = Place::new();
    place.put(way, packed);
    let read = |threads, layout| {
        let sources = vec![place.path()];
        let options = Options { sources, threads: Some(threads), layout, ..Options::default() };
        scan(&options, &()).map_or_else(|error| error.to_string().into_bytes(), json_of)
    };
    let layout = |block_bytes, span_blocks| Layout {
        chunk_bytes: 4_099,
        block_bytes,
        span_blocks,
        ..Layout::default()
    };
    for (threads, layout) in
        [(2, layout(16_000, 1)), (3, layout(10_000, 2)), (2, layout(1 << 18, 0))]
    {
        let said = format!("{said}: {way:?}, {threads} threads, {layout:?}");
        assert_same(&read(threads, layout), &read(1, layout), &said);
    }
}

#[test]
fn damaged_members_give_the_report_of_one_stream() {
    // Longer than what is looked at before a source is divided.
    let text = &Fixture::read("logs", common::README_LOG).text[..450_000];
    // What looks like a member within one, with a length before it that it would have.
    let fake = |level| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(&text[..60_000]).unwrap();
        encoder.finish().unwrap()
    };
    let stored = flate2::Compression::none();
    let holder = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), stored);
        let [fast, none] = [flate2::Compression::fast(), stored].map(fake);
        let (head, length) = (&text[..50_000], 49_000_u32.to_le_bytes());
        let held = [head, &length, &fast, &length, b"\n", head, &length, &none, head].concat();
        encoder.write_all(&held).unwrap();
        encoder.finish().unwrap()
    };
    let mut works = Vec::new();
    for way in [Way::GzipMembers, Way::ZstdFrames] {
        let packed = way.pack(text);
        let length = packed.len();
        works.push((way, packed.clone(), "whole".to_string()));
        for at in (0..length).step_by(length / 17).chain(length - 10..length) {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x10;
            works.push((way, damaged, format!("byte {at} of {length}")));
            if at % 3 > 0 {
                continue;
            }
            works.push((way, packed[..at].to_vec(), format!("cut at {at} of {length}")));
            let inserted = [&packed[..at], b"rubbish", &packed[at..]].concat();
            works.push((way, inserted, format!("rubbish at {at} of {length}")));
        }
        for behind in [&b"rubbish"[..], b"r", &[0; 600], b"\0\0rubbish", &packed[..200]] {
            let longer = [&packed, behind].concat();
            works.push((way, longer, format!("with {} bytes behind it", behind.len())));
        }
        let rest = &gzip(text)[..];
        works.push((way, [&packed[..], &[0; 700], &packed, &[0; 3]].concat(), "zeros".to_string()));
        works.push((way, [&packed[..], rest].concat(), "and a gzip".to_string()));
    }
    let holders = [gzip(&text[..300_000]), holder.clone(), gzip(text), holder];
    works.push((Way::GzipMembers, holders.concat(), "members within members".to_string()));
    // Where a small member ends and padding begins cannot be told.
    let padded = text.chunks(1_500).flat_map(|part| [gzip(part), vec![0; 2]].concat()).collect();
    works.push((Way::GzipMembers, padded, "small members with padding".to_string()));
    let cases = divide(&works, |(way, packed, said), cases| {
        read_damaged(*way, packed, said);
        cases.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(cases, works.len());
    eprintln!("{cases} files of several members, most of them damaged, one report each");
}

/// Adds up what it is told; panics where the scan begins again.
#[derive(Default)]
struct Sum(AtomicU64);

impl Watch for Sum {
    fn restart(&self) {
        panic!("whole members are doubted");
    }

    fn advance(&self, disk_bytes: u64) {
        self.0.fetch_add(disk_bytes, Ordering::Relaxed);
    }
}

#[test]
fn what_is_read_of_whole_members_is_told_once() {
    let text = &Fixture::read("logs", common::README_LOG).text[..450_000];
    let place = Place::new();
    for way in DIVIDED {
        let packed = way.pack(text);
        place.put(way, &packed);
        for span_blocks in SPANS {
            let layout = Layout { block_bytes: 16_000, span_blocks, ..Layout::default() };
            let sources = vec![place.path()];
            let options = Options { sources, threads: Some(2), layout, ..Options::default() };
            let sum = Sum::default();
            scan(&options, &sum).unwrap();
            let told = sum.0.into_inner();
            if way == Way::Plain {
                // Spans overlap by what it takes to find the ends of lines.
                assert!(told >= packed.len() as u64, "{told}");
            } else {
                assert_eq!(told, packed.len() as u64, "{way:?}, {span_blocks}");
            }
        }
    }
}

#[test]
fn a_file_a_pipe_and_a_redirection_are_the_same_to_the_program() {
    let fixtures = common::fixtures();
    let cases = divide(&fixtures, |fixture, cases| {
        let place = Place::new();
        for way in [Way::Plain, Way::GzipMembers, Way::Lz4] {
            let packed = way.pack(&fixture.text);
            place.put(way, &packed);
            let path = place.path();
            let file = run(&[path.as_os_str()], Stdio::null(), None, &path);
            let pipe = run(&["-".as_ref()], Stdio::piped(), Some(&packed), &path);
            let redirected = Stdio::from(fs::File::open(&path).unwrap());
            let redirected = run(&[], redirected, None, &path);
            for got in [&pipe, &redirected] {
                assert_eq!(got.0, file.0, "{}: {way:?}: exit status", fixture.name);
                assert_same(&got.1, &file.1, &format!("{}: {way:?}", fixture.name));
                cases.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    assert_eq!(cases, fixtures.len() * 6);
    eprintln!("{cases} times the program read its standard input as it reads the file");
}

/// The program's exit status and its JSON, without `run` and `input.sources`, and with one name for
/// the source.
fn run(
    sources: &[&std::ffi::OsStr],
    stdin: Stdio,
    fed: Option<&[u8]>,
    path: &Path,
) -> (Option<i32>, Vec<u8>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logscan"));
    command.args(["--json", "--quiet"]).args(sources);
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = spawn(&mut command);
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        if let (Some(mut stdin), Some(fed)) = (stdin, fed) {
            scope.spawn(move || stdin.write_all(fed).unwrap());
        }
        child.wait_with_output().unwrap()
    });
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.replace(path.to_str().unwrap(), "-").replace("standard input: ", "-: ");
    let Ok(mut json) = serde_json::from_str::<serde_json::Value>(&text) else {
        assert_eq!(output.status.code(), Some(2), "no report, but exit status");
        return (output.status.code(), text.into_bytes());
    };
    json["run"].take();
    json["input"]["sources"].take();
    (output.status.code(), serde_json::to_vec_pretty(&json).unwrap())
}
