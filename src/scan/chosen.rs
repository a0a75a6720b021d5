//! Which formats lines are read in, and which logs a configuration names.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result, show};
use crate::escape;
use crate::options::{FormatChoice, Options, RealIp};
use crate::parse::nginx_conf::{self, Disk, Place};
use crate::parse::{self, FORMATS, FormatError, Formats, Row};
use crate::report::Note;
use crate::untrusted::Untrusted;

/// What was chosen.
pub struct Chosen {
    /// The formats.
    pub formats: Formats,
    /// The sources.
    pub paths: Vec<PathBuf>,
    /// What a configuration has that is not used.
    pub notes: Vec<Note>,
}

/// Takes the formats that the options ask for.
///
/// # Errors
///
/// A name that no format has; a format string or a configuration that nginx would refuse, or whose
/// lines cannot be told apart into their fields.
pub fn chosen(options: &Options) -> Result<Chosen> {
    let forwarded = options.real_ip.as_ref().map_or(RealIp::FIELD, |real_ip| &real_ip.field);
    // Lines of an error log are told apart whatever the format.
    let errors = || FORMATS.iter().copied().filter(|format| format.is_error_log());
    let only = |row: Row| Chosen {
        formats: Formats::of([row].into_iter().chain(errors().map(Row::Known)).collect()),
        paths: options.sources.clone(),
        notes: Vec::new(),
    };
    let refused = |error: FormatError| Error::Usage(format!("--log-format: {error}"));
    match &options.formats {
        FormatChoice::Detected => Ok(Chosen {
            formats: Formats::new(FORMATS),
            paths: options.sources.clone(),
            notes: Vec::new(),
        }),
        FormatChoice::Named(id) => match parse::format(id) {
            Some(format) if format.is_error_log() => Ok(Chosen {
                formats: Formats::new(&[format]),
                paths: options.sources.clone(),
                notes: Vec::new(),
            }),
            Some(format) => Ok(only(Row::Known(format))),
            None => {
                let known: Vec<_> = FORMATS.iter().map(|format| format.id).collect();
                let name = escape::terminal(&Untrusted::new(id), 80);
                Err(Error::Usage(format!("no log format '{name}'; there are {}", known.join(", "))))
            }
        },
        FormatChoice::Nginx(text) => Row::nginx(text, forwarded).map(only).map_err(refused),
        FormatChoice::Apache(text) => Row::apache(text, forwarded).map(only).map_err(refused),
        FormatChoice::NginxConf(path) => configured(path, &options.sources, forwarded),
    }
}

/// The formats of a configuration, those in use first, and then all others; the logs that it names
/// where there are no sources.
fn configured(path: &Path, sources: &[PathBuf], forwarded: &str) -> Result<Chosen> {
    let conf = nginx_conf::read(path, &Disk).map_err(|fault| {
        let reason = escape::terminal(&Untrusted::new(&fault.reason), 400);
        let advice = match reason.ends_with("not allowed here") {
            true => "; give the main file, whose http {} includes this one",
            false => "",
        };
        Error::Usage(format!("{}: {reason}{advice}", spelled(&fault.place)))
    })?;
    let mut notes: Vec<Note> = conf
        .notes
        .iter()
        .map(|fault| note(&fault.place, "nginx-conf", fault.reason.clone()))
        .collect();
    let (used, unused): (Vec<_>, Vec<_>) = conf.formats.iter().partition(|f| f.is_used);
    let mut rows: Vec<Row> = Vec::new();
    for format in used.into_iter().chain(unused) {
        match Row::configured(format, forwarded) {
            Ok(Row::Known(_)) => {}
            Ok(row) => rows.push(row),
            Err(error) => {
                // All in one line, as notes are.
                let FormatError { reason, at, .. } = error;
                let name = &format.name;
                let text = format!("log_format {name} is not used: {reason}, at byte {at} of it");
                notes.push(note(&format.place, "log-format", text));
            }
        }
    }
    rows.extend(FORMATS.iter().copied().map(Row::Known));
    let mut paths = sources.to_vec();
    if paths.is_empty() {
        for log in conf.logs {
            // A terminal, a pipe or the output of this very run would be waited for without end.
            let is_endless = |file: std::fs::Metadata| !file.is_file() && !file.is_dir();
            if log.path.starts_with("/dev") || std::fs::metadata(&log.path).is_ok_and(is_endless) {
                let text = format!("access_log {} is no file that can be read", show(&log.path));
                notes.push(Note {
                    source: Untrusted::from(path),
                    kind: "nginx-conf",
                    text: Untrusted::new(text),
                });
            } else {
                paths.push(log.path);
            }
        }
    }
    if paths.is_empty() {
        return Err(Error::Usage(format!(
            "{}: it names no access_log that is a file; name the log",
            show(path)
        )));
    }
    Ok(Chosen { formats: Formats::of(rows), paths, notes })
}

fn note(place: &Place, kind: &'static str, text: String) -> Note {
    Note { source: Untrusted::new(spelled(place)), kind, text: Untrusted::new(text) }
}

fn spelled(place: &Place) -> String {
    format!("{}:{}", show(&place.file), place.line)
}
