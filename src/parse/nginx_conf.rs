//! An nginx configuration: which formats it spells, and which logs are written in them.
//!
//! It is read as nginx reads it, in the order of its text, with all that it includes. What stands in
//! contexts without access logs of HTTP (`stream`, `mail`, `map`, `types`…) is passed over, and so
//! are directives of modules that nobody here knows.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

mod access_log;
mod files;
pub(super) mod token;

pub use access_log::Target;
pub use files::{Disk, Files};
use token::{Statement, Tokens};

use super::compiled::Escape;
use super::nginx_format;

/// How deep files may include one another.
const DEPTH_MAX: usize = 16;

/// How many files a configuration may have.
const FILES_MAX: usize = 10_000;

/// How many bytes they may have together.
const BYTES_MAX: usize = 64 << 20;

/// What a configuration says of logs.
#[derive(Clone, Debug, Default)]
pub struct Conf {
    /// The formats, in the order of the text.
    pub formats: Vec<LogFormat>,
    /// The files that logs are written to, each once.
    pub logs: Vec<Log>,
    /// What could not be followed.
    pub notes: Vec<Fault>,
}

/// A `log_format`.
#[derive(Clone, Debug)]
pub struct LogFormat {
    /// Its name.
    pub name: String,
    /// How it escapes values.
    pub escape: Escape,
    /// The strings, which are joined with nothing between.
    pub strings: Vec<Vec<u8>>,
    /// Where it stands.
    pub place: Place,
    /// Whether a log is written in it.
    pub is_used: bool,
}

/// A file that a log is written to.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its path.
    pub path: PathBuf,
    /// Where it is named first.
    pub place: Place,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What nginx says, or would say.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.place.file.display(), self.place.line, self.reason)
    }
}

/// Reads the configuration whose main file is `main`.
///
/// # Errors
///
/// Where nginx would not start, as far as its logs go.
pub fn read(main: &Path, files: &dyn Files) -> Result<Conf, Fault> {
    let folder = main.parent().unwrap_or(Path::new("")).to_path_buf();
    // What is relative is so to the prefix, and the main file lies in its `conf` (nginx, `--prefix`);
    // packages that put it elsewhere name their logs by whole paths.
    let prefix = match folder.file_name() {
        Some(name) if name == "conf" => folder.parent().unwrap_or(Path::new("")).to_path_buf(),
        _ => folder.clone(),
    };
    let mut walk = Walk {
        files,
        folder,
        prefix,
        conf: Conf::default(),
        buffers: BTreeMap::new(),
        open: Vec::new(),
        read_files: 0,
        read_bytes: 0,
        has_http: false,
    };
    let place = Place { file: main.to_path_buf(), line: 1 };
    let text = files.read(main).map_err(|cause| {
        let reason = format!("cannot be read: {cause}");
        Fault { place: place.clone(), reason }
    })?;
    walk.file(main, &text, Context::Main)?;
    Ok(walk.conf)
}

/// What a directive stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    Main,
    Http,
    Server,
    Location,
    IfInServer,
    IfInLocation,
    LimitExcept,
    /// Something without logs of HTTP.
    Other,
}

struct Walk<'f> {
    files: &'f dyn Files,
    /// What includes are relative to.
    folder: PathBuf,
    /// What logs are relative to.
    prefix: PathBuf,
    conf: Conf,
    /// How the logs that are buffered are.
    buffers: BTreeMap<PathBuf, [Vec<u8>; 3]>,
    /// The files being read, each included by the one before.
    open: Vec<PathBuf>,
    read_files: usize,
    read_bytes: usize,
    has_http: bool,
}

impl Walk<'_> {
    /// Reads a file whose directives stand in `context`.
    fn file(&mut self, path: &Path, text: &[u8], context: Context) -> Result<(), Fault> {
        self.read_files += 1;
        self.read_bytes += text.len();
        let mut tokens = Tokens::new(text);
        let fault = |line: usize, reason: String| Fault {
            place: Place { file: path.to_path_buf(), line },
            reason,
        };
        if self.read_files > FILES_MAX || self.read_bytes > BYTES_MAX {
            return Err(fault(1, "there are more files than any configuration has".to_string()));
        }
        if self.open.iter().any(|open| open == path) || self.open.len() >= DEPTH_MAX {
            return Err(fault(1, "it is included by itself".to_string()));
        }
        self.open.push(path.to_path_buf());
        let mut contexts = vec![context];
        loop {
            let statement = tokens.next();
            let line = tokens.line();
            let here = contexts.last().copied().unwrap_or(context);
            match statement.map_err(|reason| fault(line, reason))? {
                Statement::End if contexts.len() > 1 => {
                    let reason = "unexpected end of file, expecting \"}\"".to_string();
                    return Err(fault(line, reason));
                }
                Statement::End => break,
                Statement::Close if contexts.len() > 1 => {
                    contexts.pop();
                }
                Statement::Close => return Err(fault(line, "unexpected \"}\"".to_string())),
                Statement::Simple(words) => {
                    let place = Place { file: path.to_path_buf(), line };
                    self.simple(&words, here, place)?;
                }
                Statement::Open(words) => {
                    let inner = self.block(&words, here).map_err(|reason| fault(line, reason))?;
                    if is_foreign(&words) {
                        tokens.pass_foreign_block();
                    } else {
                        contexts.push(inner);
                    }
                }
            }
        }
        self.open.pop();
        Ok(())
    }

    /// A directive that ends in a semicolon.
    fn simple(&mut self, words: &[Vec<u8>], here: Context, place: Place) -> Result<(), Fault> {
        let Some((name, rest)) = words.split_first() else { return Ok(()) };
        let fault = |reason: String| Fault { place: place.clone(), reason };
        match (name.as_slice(), here) {
            (_, Context::Other) => Ok(()),
            (b"include", _) => match rest {
                [path] => self.include(&String::from_utf8_lossy(path), here, &place),
                _ => Err(fault(arguments(name))),
            },
            (b"log_format", Context::Http) => {
                let format = self.log_format(rest, place.clone()).map_err(fault)?;
                self.conf.formats.push(format);
                Ok(())
            }
            (b"access_log", Context::Http | Context::Server | Context::Location)
            | (b"access_log", Context::IfInLocation | Context::LimitExcept) => {
                self.access_log(rest, &place).map_err(fault)
            }
            (b"log_format" | b"access_log", _) => Err(fault(misplaced(name))),
            (b"http" | b"server" | b"location" | b"if" | b"limit_except", _) => {
                let reason = match allowed(name, here) {
                    true => format!("directive \"{}\" has no opening \"{{\"", shown(name)),
                    false => misplaced(name),
                };
                Err(fault(reason))
            }
            _ => Ok(()),
        }
    }

    /// A directive that opens a block: in what its directives stand.
    fn block(&mut self, words: &[Vec<u8>], here: Context) -> Result<Context, String> {
        let Some((name, rest)) = words.split_first() else { return Ok(Context::Other) };
        if here == Context::Other {
            return Ok(Context::Other);
        }
        let (inner, is_counted) = match (name.as_slice(), here) {
            (b"http", Context::Main) => (Context::Http, rest.is_empty()),
            (b"server", Context::Http) => (Context::Server, rest.is_empty()),
            (b"location", Context::Server | Context::Location) => {
                (Context::Location, matches!(rest.len(), 1 | 2))
            }
            (b"if", Context::Server) => (Context::IfInServer, !rest.is_empty()),
            (b"if", Context::Location) => (Context::IfInLocation, !rest.is_empty()),
            (b"limit_except", Context::Location) => (Context::LimitExcept, !rest.is_empty()),
            (b"http" | b"server" | b"location" | b"if" | b"limit_except", _) => {
                return Err(misplaced(name));
            }
            (b"log_format" | b"access_log", _) => {
                let is_allowed = match name.as_slice() {
                    b"log_format" => here == Context::Http,
                    _ => !matches!(here, Context::Main | Context::IfInServer),
                };
                return Err(match is_allowed {
                    true => format!("directive \"{}\" is not terminated by \";\"", shown(name)),
                    false => misplaced(name),
                });
            }
            _ => return Ok(Context::Other),
        };
        if !is_counted {
            return Err(arguments(name));
        }
        if inner == Context::Http && std::mem::replace(&mut self.has_http, true) {
            return Err("\"http\" directive is duplicate".to_string());
        }
        Ok(inner)
    }

    /// Follows an `include`. What cannot be read is told, and passed over: a configuration is often
    /// looked at on another machine than that of its server.
    fn include(&mut self, path: &str, here: Context, place: &Place) -> Result<(), Fault> {
        let whole = self.folder.join(path);
        let found = match files::is_pattern(path) {
            true => files::matching(&whole, self.files),
            false => vec![whole],
        };
        for file in found {
            match self.files.read(&file) {
                Ok(text) => self.file(&file, &text, here)?,
                Err(cause) => {
                    let reason = format!("open() \"{}\" failed: {cause}", file.display());
                    self.conf.notes.push(Fault { place: place.clone(), reason });
                }
            }
        }
        Ok(())
    }

    fn log_format(&self, words: &[Vec<u8>], place: Place) -> Result<LogFormat, String> {
        let [name, rest @ ..] = words else { return Err(arguments(b"log_format")) };
        if rest.is_empty() {
            return Err(arguments(b"log_format"));
        }
        let name = shown(name);
        if name == "combined" || self.conf.formats.iter().any(|known| known.name == name) {
            return Err(format!("duplicate \"log_format\" name \"{name}\""));
        }
        let (escape, strings) = match rest {
            [first, strings @ ..] => match first.strip_prefix(b"escape=") {
                Some(word) => {
                    let unknown = || format!("unknown log format escaping \"{}\"", shown(word));
                    (nginx_format::escape(word).ok_or_else(unknown)?, strings)
                }
                None => (Escape::Default, rest),
            },
            [] => (Escape::Default, rest),
        };
        let strings = strings.to_vec();
        for string in &strings {
            nginx_format::pieces(string, 0).map_err(|(reason, _)| reason)?;
        }
        Ok(LogFormat { name, escape, strings, place, is_used: false })
    }

    fn access_log(&mut self, words: &[Vec<u8>], place: &Place) -> Result<(), String> {
        let formats = &self.conf.formats;
        let is_it =
            |name: &[u8], format: &LogFormat| format.name.as_bytes().eq_ignore_ascii_case(name);
        let has_format = |name: &[u8]| {
            name.eq_ignore_ascii_case(b"combined")
                || formats.iter().any(|format| is_it(name, format))
        };
        let log = access_log::read(words, has_format)?;
        let path = match &log.target {
            Target::Off => return Ok(()),
            Target::File(path) => self.prefix.join(path),
            Target::Variable | Target::Syslog => {
                let reason = match log.target {
                    Target::Syslog => "a log that goes to syslog cannot be read here",
                    _ => "a log with variables in its name is not looked for: name its files",
                };
                self.conf.notes.push(Fault { place: place.clone(), reason: reason.to_string() });
                PathBuf::new()
            }
        };
        // `combined` is the first of all.
        if !log.format.eq_ignore_ascii_case(b"combined")
            && let Some(format) = self.conf.formats.iter_mut().find(|f| is_it(&log.format, f))
        {
            format.is_used = true;
        }
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        if let Some(buffer) = log.buffer {
            let before = self.buffers.entry(path.clone()).or_insert_with(|| buffer.clone());
            if *before != buffer {
                let path = words.first().map_or_else(String::new, |path| shown(path));
                return Err(format!(
                    "access_log \"{path}\" already defined with conflicting parameters"
                ));
            }
        }
        if !self.conf.logs.iter().any(|known| known.path == path) {
            self.conf.logs.push(Log { path, place: place.clone() });
        }
        Ok(())
    }
}

/// Whether a block of this directive may stand here.
fn allowed(name: &[u8], here: Context) -> bool {
    match name {
        b"http" => here == Context::Main,
        b"server" => here == Context::Http,
        b"location" | b"if" => matches!(here, Context::Server | Context::Location),
        _ => here == Context::Location,
    }
}

/// Whether what the block holds is a program (OpenResty).
fn is_foreign(words: &[Vec<u8>]) -> bool {
    words.first().is_some_and(|name| name.ends_with(b"_by_lua_block"))
}

fn misplaced(name: &[u8]) -> String {
    format!("\"{}\" directive is not allowed here", shown(name))
}

fn arguments(name: &[u8]) -> String {
    format!("invalid number of arguments in \"{}\" directive", shown(name))
}

fn shown(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

#[cfg(test)]
mod tests;
