//! Where reports go: standard output, or files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use logscan::error::{Error, Result};
use logscan::render::{self, OUTPUTS, Output};
use logscan::report::Report;

/// Rows in each table of a report for a person.
const SCREEN_ROWS: usize = 10;

/// Rows in each table of any other.
const OTHER_ROWS: usize = 100;

/// One `--output KIND[=FILE]`.
#[derive(Clone)]
pub struct Request {
    /// What to write.
    pub output: &'static Output,
    /// Where to; `None` is standard output.
    pub file: Option<PathBuf>,
}

impl Request {
    /// The output with this id on standard output.
    ///
    /// # Errors
    ///
    /// A sentence that names the known ones.
    pub fn named(id: &str) -> std::result::Result<Request, String> {
        let output = render::output(id).ok_or_else(|| {
            let known: Vec<&str> = OUTPUTS.iter().map(|output| output.id).collect();
            format!("there is no output '{id}'; known are {}", known.join(", "))
        })?;
        Ok(Request { output, file: None })
    }

    /// Rows in each table, `None` for all, where `--top` asked for `asked`.
    pub fn top(&self, asked: Option<usize>) -> Option<usize> {
        match asked {
            Some(0) => None,
            Some(rows) => Some(rows),
            None if self.output.id == "terminal" => Some(SCREEN_ROWS),
            None => Some(OTHER_ROWS),
        }
    }
}

/// Reads what follows `--output`.
///
/// # Errors
///
/// A sentence for the user.
pub fn parse(text: &str) -> std::result::Result<Request, String> {
    let Some((id, file)) = text.split_once('=') else { return Request::named(text) };
    let request = Request::named(id)?;
    match file {
        "" => Err(format!("name a file after '{id}='")),
        "-" => Ok(request),
        file => Ok(Request { file: Some(file.into()), ..request }),
    }
}

/// Refuses what cannot come out well, before anything is read.
///
/// # Errors
///
/// Two outputs to one place, an output to a source, or to a folder that is not there.
pub fn check(requests: &[Request], sources: &[PathBuf]) -> Result<()> {
    if requests.iter().filter(|request| request.file.is_none()).count() > 1 {
        let message = "only one output can go to standard output; give the others a file: \
            -o json=report.json";
        return Err(Error::Usage(message.to_string()));
    }
    let files: Vec<&Path> = requests.iter().filter_map(|request| request.file.as_deref()).collect();
    for (at, file) in files.iter().enumerate() {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::metadata(folder.join(".")).map_err(|cause| Error::write(file, cause))?;
        }
        let is_same = |other: &Path| same_file(file, other);
        if files[..at].iter().any(|other| is_same(other)) {
            let name = logscan::error::show(file);
            return Err(Error::Usage(format!("{name}: two outputs cannot go to one file")));
        }
        if sources.iter().any(|source| source.is_file() && is_same(source)) {
            let name = logscan::error::show(file);
            return Err(Error::Usage(format!("{name}: an output cannot replace a source")));
        }
    }
    Ok(())
}

/// Refuses to write over a log that was found in a folder, which [`check`] cannot see.
///
/// # Errors
///
/// An output to a file that was read.
pub fn check_read(requests: &[Request], report: &Report) -> Result<()> {
    for file in requests.iter().filter_map(|request| request.file.as_deref()) {
        let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
        let is_read = report.input.sources.iter().any(|source| {
            // The path is made text on its way to the report; it names a file again only here.
            let path = Path::new(std::str::from_utf8(source.path.bytes()).unwrap_or("-"));
            fs::canonicalize(path).is_ok_and(|path| path == real)
        });
        if is_read {
            let name = logscan::error::show(file);
            return Err(Error::Usage(format!("{name}: an output cannot replace a source")));
        }
    }
    Ok(())
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Writes text to standard output.
///
/// # Errors
///
/// When standard output cannot be written; see [`Error::is_closed_pipe`].
pub fn print(text: &str) -> Result<()> {
    to_stdout(&mut |out| out.write_all(text.as_bytes()))
}

/// Writes JSON to standard output, laid out for people too.
///
/// # Errors
///
/// As [`print`].
pub fn print_json(value: &serde_json::Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}

/// Lets `write` write to standard output.
///
/// # Errors
///
/// As [`print`].
pub fn to_stdout(write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    write(&mut out)
        .and_then(|()| out.flush())
        .map_err(|cause| Error::write(Path::new("standard output"), cause))
}

/// Lets `write` write a file. It is written beside its place and then renamed, so that whoever
/// reads it finds the old one or the new one, whole. What is no regular file (a FIFO, a device) is
/// written as it is.
///
/// # Errors
///
/// When the file cannot be written.
pub fn to_file(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let old = fs::metadata(&target).ok();
    let written = match &old {
        Some(old) if !old.is_file() => {
            File::options().write(true).open(&target).and_then(|file| fill(file, write))
        }
        _ => replace(&target, old.as_ref(), write),
    };
    written.map_err(|cause| Error::write(path, cause))
}

fn replace(
    target: &Path,
    old: Option<&fs::Metadata>,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let (file, draft) = create_beside(target)?;
    let written = fill(file, write)
        .and_then(|()| match old {
            Some(old) => fs::set_permissions(&draft, old.permissions()),
            None => Ok(()),
        })
        .and_then(|()| fs::rename(&draft, target));
    if written.is_err() {
        // The first error is the one to tell; a draft that stays behind is hidden and harmless.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// A new file in the folder of `target`. Its name is never one that exists: a run that was killed
/// may have left its own behind, under the same number of process.
fn create_beside(target: &Path) -> io::Result<(File, PathBuf)> {
    let Some(name) = target.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no name of a file"));
    };
    let mut attempt = 0;
    loop {
        let mut draft_name = std::ffi::OsString::from(".");
        draft_name.push(name);
        draft_name.push(format!(".{}-{attempt}.tmp", std::process::id()));
        let draft = target.with_file_name(draft_name);
        match File::create_new(&draft) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {
                attempt += 1;
            }
            created => return created.map(|file| (file, draft)),
        }
    }
}

fn fill(file: File, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, file);
    write(&mut out)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, text: &str) -> Result<()> {
        to_file(path, &mut |out| out.write_all(text.as_bytes()))
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        put(&path, "one").unwrap();
        put(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        let failed = to_file(&path, &mut |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("disk gone"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn a_draft_left_behind_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(folder.path().join(format!(".a.{}-0.tmp", std::process::id())), "").unwrap();
        put(&path, "one").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        put(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_full_device_is_an_error() {
        if Path::new("/dev/full").exists() {
            assert!(matches!(put(Path::new("/dev/full"), "x"), Err(Error::Write { .. })));
        }
    }

    #[test]
    fn what_cannot_come_out_well_is_refused_first() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("access.log");
        fs::write(&log, "").unwrap();
        let to =
            |file: &Path| Request { file: Some(file.into()), ..Request::named("json").unwrap() };
        let stdout = || Request::named("json").unwrap();
        assert!(check(&[stdout(), to(&folder.path().join("a"))], &[]).is_ok());
        assert!(check(&[stdout(), stdout()], &[]).is_err());
        assert!(check(&[to(&log), to(&folder.path().join("./access.log"))], &[]).is_err());
        assert!(check(&[to(&log)], std::slice::from_ref(&log)).is_err());
        assert!(check(&[to(&folder.path().join("none/a"))], &[]).is_err());
        assert!(check(&[to(Path::new("a.json"))], &[]).is_ok());
    }

    #[test]
    fn requests_are_read() {
        assert_eq!(parse("json").ok().unwrap().file, None);
        assert_eq!(parse("json=-").ok().unwrap().file, None);
        assert_eq!(parse("json=a=b").ok().unwrap().file, Some("a=b".into()));
        assert!(parse("json=").err().unwrap().contains("name a file"));
        assert!(parse("pdf").err().unwrap().contains("terminal, json"));
        assert_eq!(parse("json").ok().unwrap().top(None), Some(100));
        assert_eq!(parse("terminal").ok().unwrap().top(None), Some(10));
        assert_eq!(parse("terminal").ok().unwrap().top(Some(0)), None);
        assert_eq!(parse("terminal").ok().unwrap().top(Some(3)), Some(3));
    }
}
