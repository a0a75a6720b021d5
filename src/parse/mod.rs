//! The table of log formats, and which of them a line has.

use crate::clock::Clock;
use crate::record::{Record, Skip};

mod clf;
mod combined;
mod combined_extra;
mod common;
mod common_extra;
mod field;
mod main_format;
mod marks;
mod sniff;
mod vhost_combined;
mod vhost_common;
mod vhost_extra;

use clf::{Shape, Shapes};
pub use marks::{Line, Marks, Unread};
pub use sniff::{SNIFF_BYTES, SNIFF_LINES, Sniff};

/// A log format: how to read it, and lines that prove it.
pub struct Format {
    /// What `--log-format` calls it.
    pub id: &'static str,
    /// One line for `logscan list formats`.
    pub summary: &'static str,
    /// What `logscan explain` prints.
    pub explain: &'static str,
    /// Lines, and the record that each must give.
    pub samples: &'static [Sample],
    /// What its lines look like, within the family that all formats so far belong to.
    shapes: Shapes,
}

/// A line and what it says.
pub struct Sample {
    /// The line, without its ending.
    pub line: &'static [u8],
    /// What it says.
    pub record: SampleRecord,
}

/// What a sample says, in the log's spelling; `None` where the log has `-` or no such field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRecord {
    /// RFC 3339, UTC.
    pub time: &'static str,
    /// The status.
    pub status: &'static str,
    /// Response bytes.
    pub bytes: u64,
    /// The client.
    pub client: &'static str,
    /// The virtual host.
    pub host: Option<&'static str>,
    /// The user.
    pub user: Option<&'static str>,
    /// The method; `None` in a malformed request line.
    pub method: Option<&'static str>,
    /// The target; `None` in a malformed request line.
    pub target: Option<&'static str>,
    /// The referer.
    pub referer: Option<&'static str>,
    /// The user agent.
    pub agent: Option<&'static str>,
    /// The `X-Forwarded-For` field.
    pub forwarded: Option<&'static str>,
    /// The request time in milliseconds.
    pub latency_millis: Option<u64>,
}

impl SampleRecord {
    /// Nothing but hyphens.
    pub const BLANK: SampleRecord = SampleRecord {
        time: "",
        status: "",
        bytes: 0,
        client: "",
        host: None,
        user: None,
        method: None,
        target: None,
        referer: None,
        agent: None,
        forwarded: None,
        latency_millis: None,
    };
}

/// All log formats, the commonest first. Every line fits at most one of them.
pub static FORMATS: &[&Format] = &[
    &combined::FORMAT,
    &main_format::FORMAT,
    &combined_extra::FORMAT,
    &common::FORMAT,
    &common_extra::FORMAT,
    &vhost_combined::FORMAT,
    &vhost_common::FORMAT,
    &vhost_extra::FORMAT,
];

/// The format with this id.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.id == id)
}

/// Formats among which lines are read. A line fits at most one, so their order shows nowhere.
#[derive(Clone, Debug)]
pub struct Formats {
    rows: Vec<&'static Format>,
    shapes: Shapes,
}

impl Formats {
    /// These.
    pub fn new(rows: &[&'static Format]) -> Formats {
        let shapes = rows.iter().fold(Shapes::new(&[]), |all, format| all.or(format.shapes));
        Formats { rows: rows.to_vec(), shapes }
    }

    /// The formats, as they were given.
    pub fn rows(&self) -> &[&'static Format] {
        &self.rows
    }

    /// Reads a line without its ending.
    ///
    /// # Errors
    ///
    /// What is wrong with it where it fits no format.
    #[inline]
    pub fn read<'a>(&self, line: Line<'a, '_>, clock: &mut Clock) -> Result<Record<'a>, Skip> {
        self.fitting(clf::parse(line, clock)).map(|(record, _)| record)
    }

    /// Takes the first of some lines and reads it, if it is as servers write nearly all of them.
    /// `None` says nothing about it, and leaves it there: [`Unread::take`] and [`Formats::read`] do
    /// the rest.
    #[inline(always)]
    pub fn read_usual<'a>(
        &self,
        lines: &mut Unread<'a, '_>,
        clock: &mut Clock,
    ) -> Option<Record<'a>> {
        clf::parse_usual(lines, clock, self.shapes)
    }

    /// Reads a line that stands alone, and says which format it is in.
    ///
    /// # Errors
    ///
    /// As for [`Formats::read`].
    pub fn identify<'a>(
        &self,
        text: &'a [u8],
        clock: &mut Clock,
    ) -> Result<(Record<'a>, &'static Format), Skip> {
        let mut marks = Marks::default();
        let (record, shape) = self.fitting(clf::parse(marks.line(text), clock))?;
        let format = self.rows.iter().find(|format| format.shapes.has(shape));
        Ok((record, format.expect("one of them has the shape")))
    }

    #[inline]
    fn fitting<'a>(
        &self,
        parsed: Result<(Record<'a>, Shape), Skip>,
    ) -> Result<(Record<'a>, Shape), Skip> {
        parsed.and_then(|(record, shape)| match self.shapes.has(shape) {
            true => Ok((record, shape)),
            false => Err(Skip::NoFormat),
        })
    }
}

/// Reads a line that stands alone, by any of `formats`.
///
/// # Errors
///
/// As for [`Formats::read`].
pub fn text<'a>(
    text: &'a [u8],
    formats: &[&'static Format],
    clock: &mut Clock,
) -> Result<Record<'a>, Skip> {
    Formats::new(formats).identify(text, clock).map(|(record, _)| record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;

    #[test]
    fn each_sample_gives_its_record_and_fits_no_other_format() {
        for format in FORMATS {
            assert!(format.samples.len() >= 2, "{} has too few samples", format.id);
            for sample in format.samples {
                let shown = sample.line.escape_ascii();
                let record = text(sample.line, &[format], &mut Clock::default());
                let record =
                    record.unwrap_or_else(|skip| panic!("{}: {skip:?}: {shown}", format.id));
                assert_eq!(spelled(&record), owned(&sample.record), "{}: {shown}", format.id);
                for other in FORMATS.iter().filter(|other| other.id != format.id) {
                    let fits = text(sample.line, &[other], &mut Clock::default()).is_ok();
                    assert!(!fits, "{} takes a line of {}: {shown}", other.id, format.id);
                }
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        for (at, format) in FORMATS.iter().enumerate() {
            assert!(FORMATS[..at].iter().all(|other| other.id != format.id));
            assert_eq!(super::format(format.id).map(|found| found.id), Some(format.id));
        }
    }

    type Spelled = (Vec<Option<String>>, u64, Option<u64>);

    fn spelled(record: &Record<'_>) -> Spelled {
        let lossy = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned());
        let fields = vec![
            Some(rfc3339(i64::from(record.time))),
            Some(record.status.to_string()),
            lossy(record.client),
            record.host.and_then(lossy),
            record.user.and_then(lossy),
            record.request.method().and_then(lossy),
            record.request.target().and_then(lossy),
            record.referer.and_then(lossy),
            record.agent.and_then(lossy),
            record.forwarded.and_then(lossy),
        ];
        (fields, record.bytes, record.latency_millis)
    }

    fn owned(sample: &SampleRecord) -> Spelled {
        let own = |text: Option<&str>| text.map(str::to_string);
        let fields = vec![
            own(Some(sample.time)),
            own(Some(sample.status)),
            own(Some(sample.client)),
            own(sample.host),
            own(sample.user),
            own(sample.method),
            own(sample.target),
            own(sample.referer),
            own(sample.agent),
            own(sample.forwarded),
        ];
        (fields, sample.bytes, sample.latency_millis)
    }
}
