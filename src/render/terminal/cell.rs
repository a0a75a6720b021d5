//! What stands in a table: cells that know how to make the most of the room they get.

use crate::escape;
use crate::record::Status;
use crate::render::terminal::figures::count;
use crate::render::terminal::line::cut;
use crate::render::terminal::spark::spark;
use crate::report::PathKey;
use crate::untrusted::Untrusted;

/// The least room in which a path or an address is still told from others.
const LOG_TEXT_LEAST: usize = 8;

/// One cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Our own words or numbers.
    Text(String),
    /// Text of the log. It is cut in its middle.
    Log(Untrusted),
    /// The name of a status and who defines it; the name is cut first.
    Name(String, String),
    /// Requests by status.
    Statuses(Vec<(Status, u64)>),
    /// Counts over time.
    Spark(Vec<u64>),
    /// What stands out, the most telling first.
    Remarks(Vec<Remark>),
}

/// Something that stands out.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// In full.
    pub long: String,
    /// The least that still says it.
    pub short: String,
    /// The path or client that it is about, which comes after the words.
    pub about: Option<Untrusted>,
}

impl Cell {
    /// A path, with its host where the log has it.
    pub fn path(key: &PathKey) -> Cell {
        Cell::Log(shown_path(key))
    }

    /// A client.
    pub fn client(client: &Untrusted) -> Cell {
        Cell::Log(shown(client))
    }

    /// How much room it would like.
    pub fn columns(&self) -> usize {
        match self {
            Cell::Text(text) => escape::columns(text),
            Cell::Log(text) => escape::columns(&escape::terminal(text, usize::MAX)),
            Cell::Name(name, origin) => escape::columns(name) + escape::columns(origin),
            Cell::Statuses(statuses) => escape::columns(&fit_statuses(statuses, usize::MAX)),
            Cell::Spark(counts) => counts.len(),
            Cell::Remarks(remarks) => {
                let two = remarks.iter().take(2).map(Remark::columns);
                two.sum::<usize>() + BETWEEN.chars().count() * usize::from(remarks.len() > 1)
            }
        }
    }

    /// Its text, at most `room` columns wide.
    pub fn fit(&self, room: usize) -> String {
        match self {
            Cell::Text(text) => cut(text, room),
            Cell::Log(text) => escape::terminal_middle(text, room),
            Cell::Name(name, origin) => fit_name(name, origin, room),
            Cell::Statuses(statuses) => fit_statuses(statuses, room),
            Cell::Spark(counts) => spark(counts, room),
            Cell::Remarks(remarks) => fit_remarks(remarks, room),
        }
    }
}

const BETWEEN: &str = " · ";

/// The path with its host before it, as a person would type it.
pub fn shown_path(key: &PathKey) -> Untrusted {
    let Some(host) = &key.host else { return shown(&key.path) };
    let between: &[u8] = if key.path.bytes().starts_with(b"/") { b"" } else { b" " };
    Untrusted::new([host.bytes(), between, key.path.bytes()].concat())
}

fn shown(text: &Untrusted) -> Untrusted {
    if text.bytes().is_empty() { Untrusted::new("(empty)") } else { text.clone() }
}

fn fit_name(name: &str, origin: &str, room: usize) -> String {
    match room.checked_sub(escape::columns(origin)) {
        Some(rest) if rest >= LOG_TEXT_LEAST => cut(name, rest) + origin,
        _ => cut(name, room),
    }
}

/// `404 ×120  410 ×3`, in the order of the report. Where not all fit, those with most requests
/// stay, and the rest are counted: `404 ×120  +2`. Where not one fits, the counts go: `404 410 +1`.
fn fit_statuses(statuses: &[(Status, u64)], room: usize) -> String {
    if let [(status, _)] = statuses {
        return cut(&status.to_string(), room);
    }
    let with_count = |(status, requests): &(Status, u64)| format!("{status} ×{}", count(*requests));
    let bare = |(status, _): &(Status, u64)| status.to_string();
    let wide = most_that_fit(statuses, with_count, "  ", room);
    let text = wide.or_else(|| most_that_fit(statuses, bare, " ", room));
    text.unwrap_or_else(|| cut(&statuses.first().map(bare).unwrap_or_default(), room))
}

fn most_that_fit(
    statuses: &[(Status, u64)],
    word: impl Fn(&(Status, u64)) -> String,
    between: &str,
    room: usize,
) -> Option<String> {
    let mut by_requests: Vec<usize> = (0..statuses.len()).collect();
    by_requests.sort_by_key(|&at| (std::cmp::Reverse(statuses[at].1), at));
    (1..=statuses.len()).rev().find_map(|kept| {
        let mut stay = by_requests[..kept].to_vec();
        stay.sort_unstable();
        let mut words: Vec<String> = stay.into_iter().map(|at| word(&statuses[at])).collect();
        if kept < statuses.len() {
            words.push(format!("+{}", statuses.len() - kept));
        }
        let text = words.join(between);
        (escape::columns(&text) <= room).then_some(text)
    })
}

impl Remark {
    /// A remark in words alone.
    pub fn new(long: impl Into<String>, short: impl Into<String>) -> Remark {
        Remark { long: long.into(), short: short.into(), about: None }
    }

    /// How much room it would like; no more than 48 columns of log text.
    fn columns(&self) -> usize {
        escape::columns(&self.long) + self.about_columns().min(48)
    }

    fn about_columns(&self) -> usize {
        self.about.as_ref().map_or(0, |text| escape::columns(&escape::terminal(text, usize::MAX)))
    }

    /// Its text, or `None` where it cannot be said in `room` columns.
    fn fit(&self, room: usize) -> Option<String> {
        let about = self.about_columns();
        let fits = |words: &str, least: usize| escape::columns(words) + about.min(least) <= room;
        let words = if fits(&self.long, 3 * LOG_TEXT_LEAST) {
            &self.long
        } else if fits(&self.short, LOG_TEXT_LEAST) {
            &self.short
        } else {
            return None;
        };
        let rest = room - escape::columns(words);
        let about = self.about.as_ref().map(|text| escape::terminal_middle(text, rest));
        Some(words.clone() + &about.unwrap_or_default())
    }
}

/// The first remark that fits, and the next that fits beside it.
fn fit_remarks(remarks: &[Remark], room: usize) -> String {
    let mut out = String::new();
    let mut said = 0;
    for remark in remarks {
        let between = if said == 0 { "" } else { BETWEEN };
        let Some(rest) = room.checked_sub(escape::columns(&out) + between.chars().count()) else {
            break;
        };
        if let Some(text) = remark.fit(rest) {
            out.push_str(between);
            out.push_str(&text);
            said += 1;
        }
        if said == 2 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(counts: &[(u16, u64)]) -> Cell {
        Cell::Statuses(counts.iter().map(|&(code, n)| (Status::from_code(code), n)).collect())
    }

    #[test]
    fn statuses_that_do_not_fit_are_counted_and_the_frequent_stay() {
        let cell = statuses(&[(400, 3), (404, 12_000), (410, 45)]);
        assert_eq!(cell.fit(80), "400 ×3  404 ×12,000  410 ×45");
        assert_eq!(cell.fit(27), "404 ×12,000  410 ×45  +1");
        assert_eq!(cell.fit(15), "404 ×12,000  +2");
        assert_eq!(cell.fit(11), "400 404 410");
        assert_eq!(cell.fit(9), "404 +2");
        assert_eq!(cell.fit(3), "400");
        assert_eq!(cell.fit(2), "4…");
        assert_eq!(statuses(&[(404, 7)]).fit(80), "404");
        assert_eq!(statuses(&[]).fit(80), "");
    }

    #[test]
    fn a_name_keeps_its_origin() {
        let cell = Cell::Name("Client Closed Request".to_string(), " (nginx)".to_string());
        assert_eq!(cell.fit(29), "Client Closed Request (nginx)");
        assert_eq!(cell.fit(20), "Client Clos… (nginx)");
        assert_eq!(cell.fit(10), "Client Cl…");
    }

    #[test]
    fn a_host_comes_before_its_path() {
        let key = |host: Option<&str>, path: &str| PathKey {
            path: Untrusted::new(path),
            host: host.map(Untrusted::new),
        };
        assert_eq!(Cell::path(&key(Some("a.example"), "/x")).fit(80), "a.example/x");
        assert_eq!(
            Cell::path(&key(Some("a.example"), "(malformed)")).fit(80),
            "a.example (malformed)"
        );
        assert_eq!(Cell::path(&key(None, "/x")).fit(80), "/x");
        assert_eq!(Cell::client(&Untrusted::new("")).fit(80), "(empty)");
    }

    #[test]
    fn remarks_shrink_before_they_go() {
        let client = Remark {
            long: "one client 98 %: ".to_string(),
            short: "98 % ".to_string(),
            about: Some(Untrusted::new("203.0.113.77")),
        };
        let cell = Cell::Remarks(vec![Remark::new("99 % in 14:00–14:59", "99 % 14:00"), client]);
        assert_eq!(cell.fit(80), "99 % in 14:00–14:59 · one client 98 %: 203.0.113.77");
        assert_eq!(cell.fit(45), "99 % in 14:00–14:59 · 98 % 203.0.113.77");
        assert_eq!(cell.fit(22), "99 % in 14:00–14:59");
        assert_eq!(cell.fit(12), "99 % 14:00");
        assert_eq!(cell.fit(4), "");
    }
}
