//! The table of log formats, and which of them a line has.

use std::sync::Arc;

use bumpalo::Bump;

use crate::clock::{Clock, Zone};
use crate::options::{Options, RealIp};
use crate::record::{ErrorKind, LimitKind, Record, Said, Skip, Stamp};

mod apache_error;
mod apache_format;
mod aws_alb;
mod aws_elb;
mod aws_s3;
mod caddy;
mod clf;
mod cloudflare;
mod cloudfront;
mod combined;
mod combined_extra;
mod common;
mod common_extra;
mod compiled;
mod csv2mysql;
mod envelope;
mod envoy;
mod envoy_json;
mod field;
mod gcp;
mod glue;
mod guess;
mod haproxy;
mod haproxy_clf;
mod header;
mod ingress_nginx;
mod json;
mod keyed;
mod known;
mod lighttpd;
mod logfmt;
mod ltsv;
mod main_format;
mod marks;
pub mod nginx_conf;
mod nginx_error;
mod nginx_format;
mod nginx_proxy_manager;
mod npmplus;
mod regular;
mod sniff;
mod squid;
mod squid_combined;
mod traefik;
mod traefik_json;
mod uwsgi;
mod varnish;
mod vhost_combined;
mod vhost_common;
mod vhost_extra;
mod w3c;
mod words;
mod zoraxy;

use clf::{Host, Shapes};
use compiled::BLANK;
pub use compiled::{Compiled, FormatError};
pub use envelope::{Content, ENVELOPES, Envelope, EnvelopeSample, Strip, Trust};
pub use glue::split as split_glued;
use keyed::Product;
pub use marks::{Line, Marks, Unread};
pub use regular::Regular;
pub use sniff::{SNIFF_BYTES, SNIFF_LINES, Sniff};

/// A log format: how to read it, and lines that prove it.
pub struct Format {
    /// What `--log-format` calls it.
    pub id: &'static str,
    /// One line for `logscan list formats`.
    pub summary: &'static str,
    /// What `logscan explain` prints.
    pub explain: &'static str,
    /// Which moment of a request its time is.
    pub stamp: Stamp,
    /// Lines, and what each must say.
    pub samples: Samples,
    /// How its lines are read.
    reader: Reader,
}

impl Format {
    /// Whether its lines tell of no requests, but why some failed.
    pub fn is_error_log(&self) -> bool {
        matches!(self.samples, Samples::Errors(_))
    }
}

/// How the lines of a format are read.
enum Reader {
    /// As all of the family of the common log format, which is read once for all its members.
    Clf(Shapes),
    /// As one of them that looks like another, line by line: only in sources whose first lines voted
    /// for it, or where the other is not among the formats.
    Voted {
        /// What its lines look like then.
        shapes: Shapes,
        /// So many of a hundred lines must show a host.
        percent: usize,
    },
    /// As an object in JSON, which is read once for all who write such lines.
    Json(Product),
    /// By a function of its own, which is given lines without what is around them.
    Own(ReadLine),
    /// The same, for lines that are in no other format, in envelopes or not.
    Last(ReadLine),
}

/// Reads a line.
///
/// # Errors
///
/// [`Skip::NoFormat`] where the line is in another format; something else where it is in this one,
/// but no request.
type ReadLine = for<'a> fn(Line<'a, '_>, &mut Tools<'a, '_>) -> Result<Said<'a>, Skip>;

/// What reading takes besides the line.
pub struct Tools<'a, 's> {
    /// Where text lies that is not spelled as the line has it.
    pub arena: &'a Bump,
    /// What is remembered from line to line.
    pub state: &'s mut State,
}

/// What is remembered from line to line. It changes what a line says only in sources whose first lines
/// want that, and these are read in order, from the first line to the last.
#[derive(Debug, Default)]
pub struct State {
    /// Reads stamps.
    pub clock: Clock,
    /// The field that names the clients behind proxies, see [`RealIp::field_name`]; `None` is
    /// [`RealIp::FIELD`].
    pub forwarded: Option<String>,
    /// What is known of lines in JSON.
    json: json::Known,
    /// Whether lines come in order. Only then a line may say something of those after it (W3C
    /// `#Fields`, a part of a line that a log driver split).
    pub is_in_order: bool,
    /// Whether a line was read that does.
    pub wants_order: bool,
    /// What the directives of a W3C extended log said.
    directives: w3c::Directives,
    /// The time that the envelopes around a line tell, while it is read: for formats without one.
    pub fallback_time: Option<u32>,
    /// When the log was written to last, at most: a time without a year is in the latest year in
    /// which it is not after that. `None` is the latest year there is.
    pub reference: Option<u32>,
    /// Reads times without a year.
    yearless: envelope::Yearless,
    /// What is kept of lines that a log driver split.
    parts: envelope::Parts,
    /// Room for the marks of lines that are spelled otherwise within their envelopes.
    spare_marks: Vec<Marks>,
}

impl State {
    /// Nothing to remember yet; stamps without an offset are in `zone`.
    pub fn new(zone: Zone) -> State {
        State { clock: Clock::new(zone), ..State::default() }
    }

    /// Nothing to remember yet, for a run that was asked for this.
    pub fn of(options: &Options) -> State {
        State {
            forwarded: options.real_ip.as_ref().map(|real_ip| real_ip.field.clone()),
            ..State::new(options.zone)
        }
    }

    /// The field that names the clients behind proxies.
    fn forwarded(&self) -> &str {
        self.forwarded.as_deref().unwrap_or(RealIp::FIELD)
    }

    /// Forgets what lines of another source said of those after them.
    pub fn begin_source(&mut self, is_in_order: bool) {
        self.is_in_order = is_in_order;
        self.wants_order = false;
        self.directives = w3c::Directives::default();
        self.parts = envelope::Parts::default();
    }
}

/// Lines that prove a format.
pub enum Samples {
    /// Of an access log.
    Requests(&'static [Sample]),
    /// Of an error log.
    Errors(&'static [ErrorSample]),
}

impl Samples {
    /// The lines, without their endings.
    pub fn lines(&self) -> Vec<&'static [u8]> {
        match self {
            Samples::Requests(samples) => samples.iter().map(|sample| sample.line).collect(),
            Samples::Errors(samples) => samples.iter().map(|sample| sample.line).collect(),
        }
    }
}

/// A line and what it says.
pub struct Sample {
    /// The line, without its ending.
    pub line: &'static [u8],
    /// What it says.
    pub record: SampleRecord,
}

/// A line of an error log and what it says.
pub struct ErrorSample {
    /// The line, without its ending.
    pub line: &'static [u8],
    /// RFC 3339, UTC.
    pub time: &'static str,
    /// What it is about.
    pub kind: ErrorKind,
    /// The client.
    pub client: Option<&'static str>,
    /// Zone, kind and excess of a limit.
    pub limit: Option<(&'static str, LimitKind, Option<u64>)>,
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
    /// When the request began, in milliseconds since the epoch.
    pub start_millis: Option<u64>,
    /// The id of the way in which the client left before the end.
    pub abort: Option<&'static str>,
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
        start_millis: None,
        abort: None,
    };
}

/// All log formats. A line that fits several is in the first of them, unless its source's first lines
/// voted for another: what is special comes before what is general.
pub static FORMATS: &[&Format] = &[
    &combined::FORMAT,
    &main_format::FORMAT,
    &traefik::FORMAT,
    &ingress_nginx::FORMAT,
    &haproxy_clf::FORMAT,
    &squid_combined::FORMAT,
    &combined_extra::FORMAT,
    &common::FORMAT,
    &common_extra::FORMAT,
    &vhost_combined::FORMAT,
    &vhost_common::FORMAT,
    &vhost_extra::FORMAT,
    &lighttpd::FORMAT,
    &varnish::FORMAT,
    &haproxy::FORMAT,
    &squid::FORMAT,
    &envoy::FORMAT,
    &nginx_proxy_manager::FORMAT,
    &npmplus::FORMAT,
    &uwsgi::FORMAT,
    &zoraxy::FORMAT,
    &aws_alb::FORMAT,
    &aws_elb::FORMAT,
    &aws_s3::FORMAT,
    &w3c::FORMAT,
    &cloudfront::FORMAT,
    &csv2mysql::FORMAT,
    &caddy::FORMAT,
    &traefik_json::FORMAT,
    &envoy_json::FORMAT,
    &gcp::FORMAT,
    &cloudflare::FORMAT,
    &json::FORMAT,
    &ltsv::FORMAT,
    &logfmt::FORMAT,
    &nginx_error::FORMAT,
    &apache_error::FORMAT,
    // What nothing else fits.
    &guess::FORMAT,
];

/// The format with this id.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.id == id)
}

/// A format among those in which lines may be.
#[derive(Clone, Debug)]
pub enum Row {
    /// One of the table.
    Known(&'static Format),
    /// One that a configuration spells.
    Compiled(Arc<Compiled>),
}

impl Row {
    /// What reports call it.
    pub fn id(&self) -> &str {
        match self {
            Row::Known(format) => format.id,
            Row::Compiled(format) => format.id(),
        }
    }

    /// What a format string of nginx spells, as `log_format` has it; `escape=json` may stand before it.
    /// Where that is a format of the table, it is the table's. The field `forwarded`, named as
    /// [`RealIp::field_name`] does, names the clients behind proxies.
    ///
    /// # Errors
    ///
    /// When nginx would refuse it, or lines cannot be told apart into its fields.
    pub fn nginx(text: &str, forwarded: &str) -> Result<Row, FormatError> {
        let parts = nginx_format::given(text)?.forwarded_by(forwarded);
        known::row("log_format".to_string(), parts)
    }

    /// What a format string of Apache spells, as `LogFormat` has it.
    ///
    /// # Errors
    ///
    /// As for [`Row::nginx`].
    pub fn apache(text: &str, forwarded: &str) -> Result<Row, FormatError> {
        let parts = apache_format::given(text)?.forwarded_by(forwarded);
        known::row("LogFormat".to_string(), parts)
    }

    /// What a `log_format` of a configuration spells.
    ///
    /// # Errors
    ///
    /// As for [`Row::nginx`].
    pub fn configured(format: &nginx_conf::LogFormat, forwarded: &str) -> Result<Row, FormatError> {
        let parts = nginx_format::parts(&format.strings, format.escape)?.forwarded_by(forwarded);
        known::row(format!("log_format {}", format.name), parts)
    }

    /// Reads a line, where the format is not read with others of its family.
    #[inline]
    fn read_own<'a>(
        &self,
        line: Line<'a, '_>,
        tools: &mut Tools<'a, '_>,
    ) -> Option<Result<Said<'a>, Skip>> {
        match self {
            Row::Compiled(format) => Some(format.read(line, tools)),
            Row::Known(Format { reader: Reader::Own(read), .. }) => Some(read(line, tools)),
            Row::Known(Format {
                reader: Reader::Clf(_) | Reader::Voted { .. } | Reader::Json(_) | Reader::Last(_),
                ..
            }) => None,
        }
    }

    /// Who writes its lines, where they are objects in JSON.
    fn product(&self) -> Option<Product> {
        match self {
            Row::Known(Format { reader: Reader::Json(product), .. }) => Some(*product),
            _ => None,
        }
    }

    /// What its lines look like, for a member of the common log format.
    fn shapes(&self) -> Option<Shapes> {
        match self {
            Row::Known(Format { reader: Reader::Clf(shapes), .. }) => Some(*shapes),
            _ => None,
        }
    }

    /// As [`Row::shapes`], for one that has to be voted for.
    fn voted_shapes(&self) -> Option<Shapes> {
        match self {
            Row::Known(Format { reader: Reader::Voted { shapes, .. }, .. }) => Some(*shapes),
            _ => None,
        }
    }

    /// Whether its lines tell of no requests, but why some failed.
    pub fn is_error_log(&self) -> bool {
        matches!(self, Row::Known(format) if format.is_error_log())
    }
}

/// Formats among which lines are read.
#[derive(Clone, Debug)]
pub struct Formats {
    rows: Vec<Row>,
    /// How many of them a configuration spells; they stand first.
    compiled: usize,
    /// What lines of the members of the common log format among them look like.
    shapes: Shapes,
}

impl Formats {
    /// These.
    pub fn new(rows: &[&'static Format]) -> Formats {
        Formats::of(rows.iter().copied().map(Row::Known).collect())
    }

    /// These, those that a configuration spells before the others.
    pub fn of(mut rows: Vec<Row>) -> Formats {
        rows.sort_by_key(|row| matches!(row, Row::Known(_)));
        let compiled = rows.iter().filter(|row| matches!(row, Row::Compiled(_))).count();
        let fold =
            |shapes: &mut dyn Iterator<Item = Shapes>| shapes.fold(Shapes::new(&[]), Shapes::or);
        let own = fold(&mut rows.iter().filter_map(Row::shapes));
        let voted = fold(&mut rows.iter().filter_map(Row::voted_shapes));
        let is_alone = !own.has_any(Shapes::with_host(Host::Nowhere));
        Formats { rows, compiled, shapes: if is_alone { own.or(voted) } else { own } }
    }

    /// The formats, in the order in which they are tried.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Whether the lines of a source may be read by [`Formats::read_usual`] before all else, where its
    /// first lines voted for the format with this number.
    pub fn is_usual(&self, first: Option<usize>) -> bool {
        match first {
            Some(first) => self.rows[first].shapes().is_some(),
            None => self.compiled == 0,
        }
    }

    /// How lines of a source are read before all else, where its first lines voted for the format with
    /// this number and that has a way of its own.
    pub fn regular<'a>(&self, first: Option<usize>) -> Option<Regular<'_, 'a>> {
        Regular::new(self.rows.get(first?)?)
    }

    /// The formats that lines of the one with the number `most` may be in as well, and how many of a
    /// hundred must show it.
    fn voted(&self, most: usize) -> impl Iterator<Item = (usize, usize)> {
        let is_clf = self.rows[most].shapes().is_some();
        let rows = self.rows.iter().enumerate().filter(move |_| is_clf);
        rows.filter_map(|(at, row)| match row {
            Row::Known(Format { reader: Reader::Voted { percent, .. }, .. }) => {
                Some((at, *percent))
            }
            _ => None,
        })
    }

    /// Reads a line without its ending, and without what is around it: as the format with the number
    /// `first` has it where it fits, else as any other. Tells which that is. The line may lie in
    /// [`ENVELOPES`].
    ///
    /// # Errors
    ///
    /// What is wrong with it where it fits no format.
    #[inline]
    pub fn read<'a>(
        &self,
        line: Line<'a, '_>,
        first: Option<usize>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<(Said<'a>, usize), Skip> {
        self.read_within(line, first, tools, 0)
    }

    /// Reads a line that has no envelope, as [`Formats::read`] does.
    fn read_bare<'a>(
        &self,
        line: Line<'a, '_>,
        first: Option<usize>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<(Said<'a>, usize), Skip> {
        let wanted = match first.and_then(|first| self.rows[first].voted_shapes()) {
            Some(shapes) => self.shapes.or(shapes),
            None => self.shapes,
        };
        let mut reason = Skip::NoFormat;
        let mut note = |skip| {
            if reason == Skip::NoFormat {
                reason = skip;
            }
        };
        let others = |rows: std::ops::Range<usize>| rows.filter(|at| Some(*at) != first);
        // The usual way through a line tries the family first where the source voted for it.
        let is_family =
            |at: usize| self.rows[at].shapes().or(self.rows[at].voted_shapes()).is_some();
        let is_family_first = first.is_some_and(is_family);
        if is_family_first {
            match self.read_family(line, wanted, tools) {
                Ok(read) => return Ok(read),
                Err(skip) => note(skip),
            }
        }
        // Those who write JSON are told apart by what is found in a line.
        let mut is_json_read = false;
        let mut read_own = |at: usize, tools: &mut Tools<'a, '_>| match self.rows[at].product() {
            Some(_) if is_json_read => None,
            Some(_) => {
                is_json_read = true;
                Some(self.read_json(line, tools))
            }
            None => self.rows[at].read_own(line, tools).map(|read| read.map(|said| (said, at))),
        };
        for at in first.into_iter().chain(others(0..self.compiled)) {
            match read_own(at, tools) {
                Some(Ok(read)) => return Ok(read),
                Some(Err(skip)) => note(skip),
                None => {}
            }
        }
        if !is_family_first {
            match self.read_family(line, wanted, tools) {
                Ok(read) => return Ok(read),
                Err(skip) => note(skip),
            }
        }
        for at in others(self.compiled..self.rows.len()) {
            match read_own(at, tools) {
                Some(Ok(read)) => return Ok(read),
                Some(Err(skip)) => note(skip),
                None => {}
            }
        }
        Err(if reason == Skip::NoFormat { strange(line.text) } else { reason })
    }

    /// Reads a line that has no envelope and is in no other format.
    fn read_last<'a>(
        &self,
        line: Line<'a, '_>,
        tools: &mut Tools<'a, '_>,
    ) -> Option<(Said<'a>, usize)> {
        self.rows.iter().enumerate().find_map(|(at, row)| match row {
            Row::Known(Format { reader: Reader::Last(read), .. }) => {
                Some((read(line, tools).ok()?, at))
            }
            _ => None,
        })
    }

    /// Reads a line of one of these shapes of the common log family.
    fn read_family<'a>(
        &self,
        line: Line<'a, '_>,
        wanted: Shapes,
        tools: &mut Tools<'a, '_>,
    ) -> Result<(Said<'a>, usize), Skip> {
        if wanted.is_empty() {
            return Err(Skip::NoFormat);
        }
        let (record, shape) = clf::parse(line, &mut tools.state.clock, wanted)?;
        let has = |shapes: Shapes| shapes.has(shape);
        let has_shape = |row: &Row| row.shapes().or(row.voted_shapes()).is_some_and(has);
        let at = self.rows.iter().position(has_shape).ok_or(Skip::NoFormat)?;
        Ok((Said::Request(record), at))
    }

    /// Reads an object in JSON.
    fn read_json<'a>(
        &self,
        line: Line<'a, '_>,
        tools: &mut Tools<'a, '_>,
    ) -> Result<(Said<'a>, usize), Skip> {
        let of = |product| self.rows.iter().position(|row| row.product() == Some(product));
        let (record, at) = json::read(line, tools, of)?;
        Ok((Said::Request(record), at))
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
        tools: &mut Tools<'a, '_>,
    ) -> Result<(Said<'a>, usize), Skip> {
        self.read(Marks::default().line(text), None, tools)
    }
}

/// What is wrong with a line that no format fits.
fn strange(line: &[u8]) -> Skip {
    let is_control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
    let is_text = !line.iter().any(is_control) && std::str::from_utf8(line).is_ok();
    if is_text { Skip::NoFormat } else { Skip::Binary }
}

/// Reads a line that stands alone, by any of `formats`.
///
/// # Errors
///
/// As for [`Formats::read`].
pub fn text<'a>(
    text: &'a [u8],
    formats: &[&'static Format],
    tools: &mut Tools<'a, '_>,
) -> Result<Said<'a>, Skip> {
    Formats::new(formats).identify(text, tools).map(|(said, _)| said)
}

/// Reads a request that stands alone, by any of `formats`; `None` where the line is none.
pub fn request<'a>(
    line: &'a [u8],
    formats: &[&'static Format],
    tools: &mut Tools<'a, '_>,
) -> Option<Record<'a>> {
    match text(line, formats, tools) {
        Ok(Said::Request(record)) => Some(record),
        Ok(Said::Error(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests;
