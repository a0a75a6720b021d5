//! Envelopes: what log drivers, shippers and daemons put around the lines of a log.
//!
//! One is taken off after another, and what is within is read like any other line. Envelopes that
//! nothing else begins like are looked for before the formats, the others only where no format fits.
//! A line of the usual shape is read before any of this and pays for none of it.

mod cri;
mod docker_compose;
mod docker_json;
mod json_text;
mod kubectl_prefix;
mod object;
mod parts;
mod stamp;
mod stern;
mod syslog;
mod syslog_5424;
mod tag;
mod timestamp;

pub use object::Members;
pub use parts::Parts;
pub use stamp::Yearless;

use super::glue;
use super::header;
use super::marks::Line;
use super::{Formats, Tools};
use crate::record::{Said, Skip};
use parts::{Kept, Stream};

/// An envelope: how to take it off, and lines that prove it.
pub struct Envelope {
    /// What it is called.
    pub id: &'static str,
    /// What it looks like, and who writes it.
    pub summary: &'static str,
    /// When it is looked for.
    pub trust: Trust,
    /// Takes it off; `None` where there is none.
    pub strip: Strip,
    /// Lines, and what is within.
    pub samples: &'static [EnvelopeSample],
}

/// Takes an envelope off.
pub type Strip = for<'a> fn(&'a [u8], &mut Tools<'a, '_>) -> Option<Content<'a>>;

/// When an envelope is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Before the formats: nothing else begins so.
    Sure,
    /// Where no format fits.
    Unsure,
    /// There too, and it is one only where what is within is read.
    WhereItFits,
}

/// A line, and what is within its envelope.
pub struct EnvelopeSample {
    /// The line, without its ending.
    pub line: &'static [u8],
    /// What is within.
    pub inside: &'static [u8],
    /// The time that the envelope tells, RFC 3339, UTC.
    pub time: Option<&'static str>,
}

/// All envelopes, in the order in which they are looked for.
pub static ENVELOPES: &[&Envelope] = &[
    &docker_json::ENVELOPE,
    &kubectl_prefix::ENVELOPE,
    &cri::ENVELOPE,
    &syslog_5424::ENVELOPE,
    &syslog::ENVELOPE,
    &docker_compose::ENVELOPE,
    &timestamp::ENVELOPE,
    &json_text::ENVELOPE,
    &tag::ENVELOPE,
    &stern::ENVELOPE,
];

/// What is within an envelope, and what that tells.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    inside: Inside<'a>,
    /// When the line was taken in.
    time: Option<u32>,
    /// The program that wrote it.
    tag: Option<&'a [u8]>,
    /// Where it was written to.
    stream: Option<Stream>,
    /// Whether its line goes on in the next of its stream.
    is_part: bool,
    /// Whether the line ends within the envelope.
    is_cut: bool,
}

/// The text within an envelope.
#[derive(Clone, Copy, Debug)]
enum Inside<'a> {
    /// As it stands in the line.
    Slice(&'a [u8]),
    /// Spelled otherwise, or put together.
    Own(&'a [u8]),
}

impl<'a> Inside<'a> {
    /// The text, without what may be around it.
    fn trimmed(self) -> Inside<'a> {
        let trim = |text: &'a [u8]| {
            let mut text = text.trim_ascii_start();
            while let [rest @ .., b'\r' | b'\n' | 0] = text {
                text = rest;
            }
            text
        };
        match self {
            Inside::Slice(text) => Inside::Slice(trim(text)),
            Inside::Own(text) => Inside::Own(trim(text)),
        }
    }

    fn text(self) -> &'a [u8] {
        let (Inside::Slice(text) | Inside::Own(text)) = self;
        text
    }
}

impl<'a> Content<'a> {
    /// Text of which nothing is told.
    fn of(inside: Inside<'a>) -> Content<'a> {
        Content { inside, time: None, tag: None, stream: None, is_part: false, is_cut: false }
    }
}

/// How many envelopes may lie around each other.
const DEPTH_MAX: usize = 4;

/// What is read: what a line says, and the number of its format.
type Read<'a> = Result<(Said<'a>, usize), Skip>;

impl Formats {
    /// Reads a line that stands within `depth` envelopes, and may have more of them.
    pub(super) fn read_within<'a>(
        &self,
        line: Line<'a, '_>,
        first: Option<usize>,
        tools: &mut Tools<'a, '_>,
        depth: usize,
    ) -> Read<'a> {
        let sure = self.read_opened(line, first, tools, depth, true);
        match sure {
            Some((_, Err(skip))) if is_strange(skip) => {}
            Some((_, read)) => return read,
            None => {}
        }
        // Where the source's first lines voted for one of the common log family, whose lines begin
        // like no envelope, what is within need not wait until all formats were tried in vain.
        let mut opened = sure;
        let is_early = sure.is_none() && first.is_some() && self.is_usual(first);
        if is_early {
            opened = self.read_opened(line, first, tools, depth, false);
            if let Some((_, Ok(read))) = opened
                && Some(read.1) == first
            {
                return Ok(read);
            }
        }
        let bare = self.read_bare(line, first, tools);
        let Err(reason) = bare else { return bare };
        // What a program says in JSON may be a line that it passes on.
        let is_message = reason == Skip::NoRequest && line.text.first() == Some(&b'{');
        if !is_strange(reason) && !is_message {
            return bare;
        }
        // What is within is read once: a part of a line that is kept is taken only once too.
        if opened.is_none() && !is_early {
            opened = self.read_opened(line, first, tools, depth, false);
        }
        let reason = match opened {
            Some((_, Ok(read))) => return Ok(read),
            Some((Trust::WhereItFits, Err(_))) | None => reason,
            Some((_, Err(skip))) if is_message && is_strange(skip) => reason,
            Some((_, Err(skip))) => skip,
        };
        // Within an envelope a line without a client may be one whose client was taken for a part of it.
        let is_whole = |said: &Said<'_>| match said {
            Said::Request(record) => depth == 0 || record.client != b"-",
            Said::Error(_) => true,
        };
        if is_strange(reason)
            && let Some((said, at)) = self.read_last(line, tools)
            && is_whole(&said)
        {
            return Ok((said, at));
        }
        Err(if is_strange(reason) && header::is_header(line.text) { Skip::Header } else { reason })
    }

    /// Takes the outermost envelope off and reads what is within: one of those that are sure, or one
    /// of the others. `None` where there is none.
    fn read_opened<'a>(
        &self,
        line: Line<'a, '_>,
        first: Option<usize>,
        tools: &mut Tools<'a, '_>,
        depth: usize,
        is_sure: bool,
    ) -> Option<(Trust, Read<'a>)> {
        if depth == DEPTH_MAX {
            return None;
        }
        let mut rows = ENVELOPES.iter().filter(|row| (row.trust == Trust::Sure) == is_sure);
        let (trust, content) =
            rows.find_map(|row| Some((row.trust, (row.strip)(line.text, tools)?)))?;
        Some((trust, self.read_content(line, content, first, tools, depth)))
    }

    /// Reads what is within an envelope, as soon as it is whole.
    fn read_content<'a>(
        &self,
        line: Line<'a, '_>,
        content: Content<'a>,
        first: Option<usize>,
        tools: &mut Tools<'a, '_>,
        depth: usize,
    ) -> Read<'a> {
        let outer_time = tools.state.fallback_time;
        tools.state.fallback_time = content.time.or(outer_time);
        let read = |inside: Inside<'a>, tools: &mut Tools<'a, '_>| {
            self.read_inside(line, inside, first, tools, depth)
        };
        let said = match content.stream {
            Some(stream) => read_part(content, stream, tools, read),
            None => read(content.inside, tools),
        };
        tools.state.fallback_time = outer_time;
        match said {
            Err(skip) if is_strange(skip) && content.is_cut => Err(Skip::Cut),
            Err(skip) if is_strange(skip) && content.tag.is_some_and(is_without_requests) => {
                Err(Skip::NoRequest)
            }
            said => said,
        }
    }

    fn read_inside<'a>(
        &self,
        line: Line<'a, '_>,
        inside: Inside<'a>,
        first: Option<usize>,
        tools: &mut Tools<'a, '_>,
        depth: usize,
    ) -> Read<'a> {
        match inside.trimmed() {
            inside if inside.text().trim_ascii().is_empty() => Err(Skip::Blank),
            Inside::Slice(text) => {
                self.read_within(line.trimmed(|_| text), first, tools, depth + 1)
            }
            Inside::Own(text) => {
                let mut marks = tools.state.spare_marks.pop().unwrap_or_default();
                let read = self.read_within(marks.line(text), first, tools, depth + 1);
                tools.state.spare_marks.push(marks);
                read
            }
        }
    }
}

/// Reads a line, or a part of one, that a log driver took from a stream.
///
/// In order, parts are kept until the last has come, and read together. A short part that is a record
/// by itself is one at once: drivers split at 8 KiB or more, so that the rest of it may never come.
/// What comes is then the end of that line, unless it is a record too.
fn read_part<'a>(
    content: Content<'a>,
    stream: Stream,
    tools: &mut Tools<'a, '_>,
    mut read: impl FnMut(Inside<'a>, &mut Tools<'a, '_>) -> Read<'a>,
) -> Read<'a> {
    /// Conmon splits at 8 KiB, Docker and containerd at 16 KiB.
    const SHORT_BYTES_MAX: usize = 4 << 10;
    let Content { inside, is_part, .. } = content;
    tools.state.wants_order |= is_part;
    if !tools.state.is_in_order {
        // Neither what came before is known nor what comes.
        let said = read(inside, tools);
        return if is_part { said.map_err(|_| Skip::Part) } else { said };
    }
    let kept = tools.state.parts.take(stream);
    match kept {
        Kept::Nothing if !is_part => read(inside, tools),
        Kept::Nothing => {
            let text = inside.text();
            let quotes = memchr::memchr_iter(b'"', text).count();
            if text.len() <= SHORT_BYTES_MAX
                && quotes.is_multiple_of(2)
                && let Ok(said) = read(inside, tools)
            {
                tools.state.parts.keep(stream, Kept::Read);
                return Ok(said);
            }
            tools.state.parts.keep(stream, kept.and(text));
            Err(Skip::Part)
        }
        Kept::Read => {
            let said = read(inside, tools);
            tools.state.parts.keep(stream, if is_part { Kept::Read } else { Kept::Nothing });
            said.map_err(|_| Skip::Part)
        }
        Kept::Text(_) | Kept::TooLong => match kept.and(inside.text()) {
            kept if is_part => {
                tools.state.parts.keep(stream, kept);
                Err(Skip::Part)
            }
            Kept::Text(text) => {
                let whole = tools.arena.alloc_slice_copy(&text);
                let mut marks = tools.state.spare_marks.pop().unwrap_or_default();
                let is_glued = glue::split(marks.line(whole)).is_some();
                tools.state.spare_marks.push(marks);
                // Where the rest of those before is missing, this is a line of its own.
                let (likely, other) = match is_glued {
                    true => (inside, Inside::Own(whole)),
                    false => (Inside::Own(whole), inside),
                };
                read(likely, tools).or_else(|reason| read(other, tools).map_err(|_| reason))
            }
            _ => Err(Skip::TooLong),
        },
    }
}

/// Whether nothing is known of a line but that no format fits it.
fn is_strange(skip: Skip) -> bool {
    matches!(skip, Skip::NoFormat | Skip::Binary)
}

/// Whether a program that writes to syslog tells of no requests, whatever it says.
fn is_without_requests(tag: &[u8]) -> bool {
    const PROGRAMS: [&[u8]; 40] = [
        b"sudo",
        b"su",
        b"kernel",
        b"CRON",
        b"cron",
        b"crond",
        b"crontab",
        b"anacron",
        b"atd",
        b"systemd",
        b"sshd",
        b"login",
        b"rsyslogd",
        b"syslogd",
        b"syslog-ng",
        b"syslog",
        b"auditd",
        b"audit",
        b"dhclient",
        b"dhcpcd",
        b"NetworkManager",
        b"chronyd",
        b"ntpd",
        b"named",
        b"dockerd",
        b"containerd",
        b"kubelet",
        b"snapd",
        b"polkitd",
        b"dbus-daemon",
        b"automount",
        b"fail2ban",
        b"crowdsec",
        b"certbot",
        b"logrotate",
        b"newsyslog",
        b"postfix",
        b"dovecot",
        b"smartd",
        b"init",
    ];
    // `systemd-logind`, `postfix/smtpd`, `dbus-daemon`.
    let family = tag.split(|byte| b"-/.(".contains(byte)).next().unwrap_or(tag);
    PROGRAMS.contains(&tag) || [&b"systemd"[..], b"postfix", b"fail2ban", b"sshd"].contains(&family)
}

#[cfg(test)]
mod tests;
