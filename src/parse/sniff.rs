//! Which format a source has: a vote of its first lines.

use bumpalo::Bump;

use super::field::target_host;
use super::{Format, Formats, Marks, State, Tools};
use crate::record::{Record, Said, Skip};

/// How many bytes of a source vote, at most.
pub const SNIFF_BYTES: usize = 256 << 10;

/// How many of its lines, at most.
pub const SNIFF_LINES: usize = 1_000;

/// What the first lines of a source say about its format.
#[derive(Clone, Debug, Default)]
pub struct Sniff {
    /// The number of the one that most lines have; `None` where no line fits any.
    pub format: Option<usize>,
    /// Whether lines that parsed carry request times.
    pub has_latency: bool,
    /// Whether some lines say something of those after them, so that all have to be read in order.
    pub wants_order: bool,
    /// Requests that name a client behind the one that is logged.
    pub forwarded: usize,
    /// Lines that had a vote: all that are not blank.
    pub lines: usize,
    /// Those that parsed.
    pub parsed: usize,
    /// The first line that did not parse, and why.
    pub first_misfit: Option<(Vec<u8>, Skip)>,
    /// Own hosts of the site, where who asked learnt them.
    pub sites: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.id)
    }
}

impl Sniff {
    /// Lets `lines` vote among `formats`.
    pub fn new<'a>(lines: impl Iterator<Item = &'a [u8]>, formats: &Formats) -> Sniff {
        Sniff::telling(lines, formats, |_| {})
    }

    /// As [`Sniff::new`], and tells each request among them.
    pub fn telling<'a>(
        lines: impl Iterator<Item = &'a [u8]>,
        formats: &Formats,
        mut tell: impl FnMut(&Record<'_>),
    ) -> Sniff {
        let (mut state, arena) = (State::default(), Bump::new());
        state.begin_source(true);
        let mut tools = Tools { arena: &arena, state: &mut state };
        let mut votes = vec![0; formats.rows().len()];
        let mut hosts = votes.clone();
        let mut sniff = Sniff::default();
        for line in lines.filter(|line| !line.trim_ascii().is_empty()).take(SNIFF_LINES) {
            sniff.lines += 1;
            match formats.identify(line, &mut tools) {
                Ok((said, format)) => {
                    if let Said::Request(record) = said {
                        tell(&record);
                        sniff.has_latency |= record.latency_millis.is_some();
                        let is_other = |other: &[u8]| !other.is_empty() && other != record.client;
                        sniff.forwarded += usize::from(record.forwarded.is_some_and(is_other));
                    }
                    for (other, _) in formats.voted(format) {
                        hosts[other] += usize::from(has_host(line, other, formats, &mut tools));
                    }
                    sniff.parsed += 1;
                    votes[format] += 1;
                }
                // It has a vote once it is whole.
                Err(Skip::Part) => sniff.lines -= 1,
                Err(skip) if sniff.first_misfit.is_none() => {
                    sniff.first_misfit = Some((line.to_vec(), skip));
                }
                Err(_) => {}
            }
        }
        sniff.wants_order = tools.state.wants_order;
        sniff.format = winner(&votes, formats);
        // A few lines tell nothing: strangers ask for absolute targets, and a client has an identd.
        let is_sure = |&(other, percent): &(usize, usize)| {
            hosts[other] >= HOSTS_MIN && hosts[other] * 100 >= sniff.parsed * percent
        };
        let other = sniff.format.and_then(|most| formats.voted(most).find(is_sure));
        if let Some((other, _)) = other {
            sniff.format = Some(other);
        }
        sniff
    }
}

/// The number of the format with most votes, of equals the one that the table has first.
///
/// Lines of an error log come between those of an access log in what a container says. They win only
/// where there are next to no requests.
fn winner(votes: &[usize], formats: &Formats) -> Option<usize> {
    /// So many lines of an error log weigh as much as a request.
    const ERROR_LINES: usize = 10;
    let weight = |at: usize| match formats.rows()[at].is_error_log() {
        true => votes[at],
        false => votes[at].saturating_mul(ERROR_LINES),
    };
    let voted = (0..votes.len()).filter(|&at| votes[at] > 0);
    voted.max_by_key(|&at| (weight(at), std::cmp::Reverse(at)))
}

/// So many lines must show that their source is in a format that looks like another.
const HOSTS_MIN: usize = 2;

/// Whether a line, read in the format with the number `at`, has a host: in its target, or by name. An
/// address elsewhere may be that of a proxy, and a word that of a user.
fn has_host<'a>(line: &'a [u8], at: usize, formats: &Formats, tools: &mut Tools<'a, '_>) -> bool {
    let mut marks = Marks::default();
    match formats.read(marks.line(line), Some(at), tools) {
        Ok((Said::Request(record), found)) if found == at => record.host.is_some_and(|host| {
            let is_of_target = record.request.target().and_then(target_host) == Some(host);
            let has_letter = host.iter().any(u8::is_ascii_alphabetic) && !host.contains(&b':');
            is_of_target || host == b"localhost" || (has_letter && host.contains(&b'.'))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::FORMATS;
    use super::*;

    const COMBINED: &[u8] =
        br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#;
    const COMMON: &[u8] = br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 5"#;

    #[test]
    fn most_votes_win_and_blank_lines_have_none() {
        let lines = [COMMON, b"", COMBINED, b"hello", COMBINED];
        let sniff = Sniff::new(lines.into_iter(), &Formats::new(FORMATS));
        assert_eq!(sniff.format.map(|at| FORMATS[at].id), Some("combined"));
        assert_eq!((sniff.lines, sniff.parsed), (4, 3));
        assert_eq!(sniff.first_misfit, Some((b"hello".to_vec(), Skip::NoFormat)));
    }

    #[test]
    fn a_tie_goes_to_the_commoner_format() {
        for lines in [[COMMON, COMBINED], [COMBINED, COMMON]] {
            let sniff = Sniff::new(lines.into_iter(), &Formats::new(FORMATS));
            assert_eq!(sniff.format.map(|at| FORMATS[at].id), Some("combined"));
        }
    }

    #[test]
    fn a_source_that_looks_like_another_needs_many_votes() {
        let vote = |lines: &[&'static [u8]]| {
            let sniff = Sniff::new(lines.iter().copied(), &Formats::new(FORMATS));
            sniff.format.map(|at| FORMATS[at].id)
        };
        let probe =
            br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET http://a.example/ HTTP/1.1" 404 5 "-" "-""#;
        let host =
            br#"192.0.2.1 a.example - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 404 5 "-" "-""#;
        let proxy =
            br#"192.0.2.1 192.0.2.9 - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 404 5 "-" "-""#;
        assert_eq!(vote(&[probe]), Some("combined"));
        assert_eq!(vote(&[probe, probe]), Some("varnish"));
        assert_eq!(vote(&[probe, probe, probe, COMBINED]), Some("combined"));
        assert_eq!(vote(&[host]), Some("combined"));
        assert_eq!(vote(&[host, host, COMBINED]), Some("lighttpd"));
        assert_eq!(vote(&[proxy, proxy, proxy]), Some("combined"));
        let mut lines = vec![COMBINED; 98];
        lines.extend([&host[..], host]);
        assert_eq!(vote(&lines), Some("combined"));
    }

    #[test]
    fn requests_win_over_the_error_log_between_them() {
        const ERROR: &[u8] = b"2026/11/21 14:05:09 [notice] 1#1: signal process started";
        let winner = |errors: usize| {
            let lines = std::iter::repeat_n(ERROR, errors).chain([COMMON]);
            let sniff = Sniff::new(lines, &Formats::new(FORMATS));
            sniff.format.map(|at| FORMATS[at].id)
        };
        assert_eq!(winner(9), Some("common"));
        assert_eq!(winner(11), Some("nginx-error"));
    }

    #[test]
    fn nothing_fits_nothing() {
        assert!(Sniff::new([&b"hello"[..]].into_iter(), &Formats::new(FORMATS)).format.is_none());
        assert!(Sniff::new(std::iter::empty(), &Formats::new(FORMATS)).format.is_none());
    }
}
