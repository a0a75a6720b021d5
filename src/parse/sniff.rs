//! Which format a source has: a vote of its first lines.

use super::{FORMATS, Format, text};
use crate::clock::Clock;
use crate::record::Skip;

/// How many bytes of a source vote, at most.
pub const SNIFF_BYTES: usize = 256 << 10;

/// How many of its lines, at most.
pub const SNIFF_LINES: usize = 1_000;

/// What the first lines of a source say about its format.
#[derive(Clone, Debug)]
pub struct Sniff {
    /// The formats in the order in which they are to be tried: the one most lines have comes
    /// first. It changes how fast lines are read, never what they say.
    pub order: Vec<&'static Format>,
    /// The one that most lines have; `None` where no line fits any.
    pub format: Option<&'static Format>,
    /// Whether lines that parsed carry request times.
    pub has_latency: bool,
    /// Lines that had a vote: all that are not blank.
    pub lines: usize,
    /// Those that parsed.
    pub parsed: usize,
    /// The first line that did not parse, and why.
    pub first_misfit: Option<(Vec<u8>, Skip)>,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.id)
    }
}

impl Sniff {
    /// Lets `lines` vote among `formats`, of which there is more than one unless the user named it.
    pub fn new<'a>(lines: impl Iterator<Item = &'a [u8]>, formats: &[&'static Format]) -> Sniff {
        let mut clock = Clock::default();
        let mut votes: Vec<(usize, &'static Format)> = formats.iter().map(|f| (0, *f)).collect();
        let mut sniff = Sniff {
            order: Vec::new(),
            format: None,
            has_latency: false,
            lines: 0,
            parsed: 0,
            first_misfit: None,
        };
        for line in lines.filter(|line| !line.trim_ascii().is_empty()).take(SNIFF_LINES) {
            sniff.lines += 1;
            let mut worst = Skip::NoFormat;
            let found =
                votes.iter().position(|(_, format)| match text(line, &[format], &mut clock) {
                    Ok(record) => {
                        sniff.has_latency |= record.latency_millis.is_some();
                        true
                    }
                    Err(skip) => {
                        worst = worst.min(skip);
                        false
                    }
                });
            match found {
                Some(at) => {
                    sniff.parsed += 1;
                    votes[at].0 += 1;
                    if at > 0 && votes[at].0 > votes[0].0 {
                        votes.swap(0, at);
                    }
                }
                None if sniff.first_misfit.is_none() => {
                    sniff.first_misfit = Some((line.to_vec(), worst));
                }
                None => {}
            }
        }
        // Votes first, then the order of the table: swapping above must not show.
        let place = |format: &Format| FORMATS.iter().position(|known| known.id == format.id);
        votes.sort_by_key(|(votes, format)| (usize::MAX - votes, place(format)));
        sniff.format = votes.first().filter(|(votes, _)| *votes > 0).map(|(_, format)| *format);
        sniff.order = votes.into_iter().map(|(_, format)| format).collect();
        sniff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMBINED: &[u8] =
        br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#;
    const COMMON: &[u8] = br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 5"#;

    #[test]
    fn most_votes_win_and_blank_lines_have_none() {
        let lines = [COMMON, b"", COMBINED, b"hello", COMBINED];
        let sniff = Sniff::new(lines.into_iter(), FORMATS);
        assert_eq!(sniff.format.map(|format| format.id), Some("combined"));
        assert_eq!((sniff.lines, sniff.parsed), (4, 3));
        assert_eq!(sniff.order.len(), FORMATS.len());
        assert_eq!(sniff.first_misfit, Some((b"hello".to_vec(), Skip::NoFormat)));
    }

    #[test]
    fn a_tie_goes_to_the_commoner_format() {
        for lines in [[COMMON, COMBINED], [COMBINED, COMMON]] {
            let sniff = Sniff::new(lines.into_iter(), FORMATS);
            assert_eq!(sniff.format.map(|format| format.id), Some("combined"));
        }
    }

    #[test]
    fn nothing_fits_nothing() {
        assert!(Sniff::new([&b"hello"[..]].into_iter(), FORMATS).format.is_none());
        assert!(Sniff::new(std::iter::empty(), FORMATS).format.is_none());
    }
}
