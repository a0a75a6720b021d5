//! `logscan explain`: what a status, a finding, a cause, a format of logs or an output is, for a person.

use clap::Args;
use logscan::classify::causes::CAUSES;
use logscan::detect::DETECTORS;
use logscan::error::{Error, Result};
use logscan::parse::{self, FORMATS};
use logscan::render::{self, OUTPUTS};
use logscan::status::{self, STATUSES, StatusCode};
use serde_json::{Value, json};

use super::{Outcome, list, options, output, shown, text};

/// The widest text that is still easy to read.
const COLUMNS_READABLE: usize = 100;

/// Where the texts about a status begin, beside their labels.
const LABEL_COLUMNS: usize = 18;

/// What holds for a code that nobody defines.
const UNASSIGNED: &str = "No RFC defines it, and no software that the catalogue knows. A client \
    MUST treat an unknown 4xx as 400 (RFC 9110 §15). It comes from the application or from the \
    configuration of the server: search both for the number.";

/// What `logscan explain` was asked for.
#[derive(Args)]
pub struct ExplainArgs {
    /// A status from 400 to 499, or the name of a finding, a cause, a format or an output
    #[arg(value_name = "STATUS|ID")]
    words: Vec<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Something that can be explained.
#[derive(Clone, Copy)]
enum Topic {
    Status(&'static StatusCode),
    Unassigned(u16),
    /// A row of one of the tables with ids.
    Row {
        kind: &'static str,
        id: &'static str,
        summary: &'static str,
        explain: &'static str,
    },
}

/// Explains each word, or lists what can be explained.
///
/// # Errors
///
/// When a word is not known, or standard output cannot be written.
pub fn run(args: &ExplainArgs) -> Result<Outcome> {
    let mut topics = Vec::new();
    for word in &args.words {
        topics.append(&mut find(word)?);
    }
    if args.words.is_empty() {
        topics = everything();
    }
    if args.json {
        output::print_json(&topics.iter().map(Topic::json).collect())?;
    } else if args.words.is_empty() {
        output::print(&overview())?;
    } else {
        let width = options::columns().min(COLUMNS_READABLE);
        let pages: Vec<String> = topics.iter().map(|topic| topic.page(width)).collect();
        output::print(&pages.join("\n"))?;
    }
    Ok(Outcome::Fine)
}

/// What a word names; a format and an output may share a name.
fn find(word: &str) -> Result<Vec<Topic>> {
    let rows = rows().into_iter();
    let mut topics: Vec<Topic> =
        rows.filter(|topic| topic.name().eq_ignore_ascii_case(word)).collect();
    if let Some(code) = client_error_code(word) {
        topics.push(status::lookup(code).map_or(Topic::Unassigned(code), Topic::Status));
    }
    if topics.is_empty() { Err(Error::Usage(unknown(word))) } else { Ok(topics) }
}

/// A code from 400 to 499.
fn client_error_code(word: &str) -> Option<u16> {
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let code = is_number.then(|| word.parse().ok()).flatten()?;
    (400..500).contains(&code).then_some(code)
}

fn rows() -> Vec<Topic> {
    let formats = FORMATS.iter().filter_map(|format| parse::format(format.id));
    let formats = formats.map(|row| Topic::Row {
        kind: "format",
        id: row.id,
        summary: row.summary,
        explain: row.explain,
    });
    let outputs = OUTPUTS.iter().filter_map(|output| render::output(output.id));
    let outputs = outputs.map(|row| Topic::Row {
        kind: "output",
        id: row.id,
        summary: row.summary,
        explain: row.explain,
    });
    let causes = CAUSES.iter().map(|row| Topic::Row {
        kind: "cause",
        id: row.cause.id(),
        summary: row.summary,
        explain: row.explain,
    });
    let detectors = DETECTORS.iter().map(|row| Topic::Row {
        kind: "finding",
        id: row.id,
        summary: row.summary,
        explain: row.explain,
    });
    detectors.chain(causes).chain(formats).chain(outputs).collect()
}

fn everything() -> Vec<Topic> {
    STATUSES.iter().map(Topic::Status).chain(rows()).collect()
}

impl Topic {
    fn name(self) -> String {
        match self {
            Topic::Status(status) => status.code.to_string(),
            Topic::Unassigned(code) => code.to_string(),
            Topic::Row { id, .. } => id.to_string(),
        }
    }

    /// The whole text, no line wider than `width`, with a line end after each.
    fn page(&self, width: usize) -> String {
        let lines = match *self {
            Topic::Status(status) => status_page(status, width),
            Topic::Unassigned(code) => {
                let mut lines = vec![format!("{code} unassigned"), String::new()];
                lines.append(&mut text::wrap(UNASSIGNED, width, 0));
                lines
            }
            Topic::Row { kind, id, summary, explain } => {
                let mut lines = text::wrap(&format!("{id} ({kind}): {summary}"), width, 0);
                lines.push(String::new());
                lines.append(&mut text::wrap(explain, width, 0));
                lines
            }
        };
        lines.join("\n") + "\n"
    }

    fn json(&self) -> Value {
        match *self {
            Topic::Status(status) => status_json(status),
            Topic::Unassigned(code) => json!({
                "kind": "status",
                "code": code,
                "name": null,
                "registered": false,
                "meaning": UNASSIGNED,
            }),
            Topic::Row { kind, id, summary, explain } => {
                json!({"kind": kind, "id": id, "summary": summary, "explain": explain})
            }
        }
    }
}

fn status_page(status: &StatusCode, width: usize) -> Vec<String> {
    let mut lines = text::wrap(&format!("{} {}", status.code, status.name), width, 0);
    let registered = if status.registered { "registered with IANA" } else { "not registered" };
    let defined = format!("{}; {registered}", status.reference);
    let also = status.former_names.join(", ");
    let caching = status.caching.sentence();
    for (label, sentence) in [
        ("Also called", also.as_str()),
        ("Defined in", &defined),
        ("Meaning", status.meaning),
        ("nginx logs it", status.nginx_logs),
        ("Client sees", status.client_sees),
        ("Caching", caching),
        ("Server owes", status.server_obligations),
        ("Client may retry", status.client_retry),
        ("In search", status.search),
        ("Look first at", status.look_first),
    ] {
        if !sentence.is_empty() {
            lines.push(String::new());
            lines.append(&mut text::labelled(label, sentence, LABEL_COLUMNS, width));
        }
    }
    lines.push(String::new());
    for (language, constant) in constants(status) {
        if let Some(constant) = constant {
            lines.append(&mut text::labelled(language, constant, LABEL_COLUMNS, width));
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn constants(status: &StatusCode) -> [(&'static str, Option<&'static str>); 7] {
    let names = &status.constants;
    [
        ("In Python 3", names.python3),
        ("In Python 2", names.python2),
        ("In Go", names.go),
        ("In Rails", names.rails),
        ("In Symfony", names.symfony),
        ("In Rust (http)", names.rust),
        ("In Node.js", names.node),
    ]
}

fn status_json(status: &StatusCode) -> Value {
    let names = &status.constants;
    json!({
        "kind": "status",
        "code": status.code,
        "name": status.name,
        "former_names": status.former_names,
        "origin": status.origin,
        "reference": status.reference,
        "registered": status.registered,
        "meaning": status.meaning,
        "nginx_logs": status.nginx_logs,
        "client_sees": status.client_sees,
        "caching": {"id": status.caching.id(), "meaning": status.caching.sentence()},
        "server_obligations": status.server_obligations,
        "client_retry": status.client_retry,
        "search": status.search,
        "look_first": status.look_first,
        "constants": {
            "python3": names.python3,
            "python2": names.python2,
            "go": names.go,
            "rails": names.rails,
            "symfony": names.symfony,
            "rust": names.rust,
            "node": names.node,
        },
    })
}

fn overview() -> String {
    let rows: Vec<[String; 3]> = rows()
        .into_iter()
        .filter_map(|topic| match topic {
            Topic::Row { kind, id, summary, .. } => Some([id, kind, summary].map(str::to_string)),
            _ => None,
        })
        .collect();
    format!(
        "logscan explain 499 tells all about a status; so with the names below.\n\n{}\n{}",
        list::statuses(),
        text::table(&rows)
    )
}

/// What to say of a word that names nothing.
fn unknown(word: &str) -> String {
    let said = shown(word);
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("'{said}' is no status that is explained; those from 400 to 499 are");
    }
    let mut known: Vec<(usize, String)> = everything()
        .into_iter()
        .map(|topic| (distance(word, &topic.name()), topic.name()))
        .filter(|(distance, name)| *distance <= name.len() / 2)
        .collect();
    known.sort();
    known.dedup();
    let nearest: Vec<String> = known.into_iter().take(3).map(|(_, name)| name).collect();
    match nearest.as_slice() {
        [] => format!("'{said}' is not known; logscan explain lists what is"),
        nearest => format!(
            "'{said}' is not known; near it: {}; logscan explain lists them all",
            nearest.join(", ")
        ),
    }
}

/// How many letters have to be put in, taken out or replaced to make one word of the other
/// (Levenshtein). Long words are compared by their beginnings.
fn distance(one: &str, other: &str) -> usize {
    let letters = |word: &str| -> Vec<char> { word.to_lowercase().chars().take(64).collect() };
    let (one, other) = (letters(one), letters(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use logscan::escape::columns;

    fn page(word: &str, width: usize) -> String {
        find(word).unwrap().iter().map(|topic| topic.page(width)).collect()
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [40, 47, 48, 80, 100] {
            for topic in everything().into_iter().chain([Topic::Unassigned(432)]) {
                for line in topic.page(width).lines() {
                    assert!(columns(line) <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_status_is_told_whole() {
        let status = status::lookup(404).unwrap();
        let words = page("404", 80).split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            status.name,
            status.reference,
            status.meaning,
            status.nginx_logs,
            status.client_sees,
            status.caching.sentence(),
            status.server_obligations,
            status.client_retry,
            status.search,
            status.look_first,
            "http.HTTPStatus.NOT_FOUND",
        ] {
            assert!(words.contains(text), "{text}\n{words}");
        }
    }

    #[test]
    fn every_row_of_every_table_is_explained_in_both_ways() {
        for topic in everything() {
            assert!(!find(&topic.name()).unwrap().is_empty());
            assert!(topic.json().get("kind").is_some());
        }
        assert_eq!(find("COMBINED").unwrap().len(), 1);
    }

    #[test]
    fn an_unassigned_status_is_treated_as_400() {
        let words = page("432", 80).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("MUST treat an unknown 4xx as 400 (RFC 9110 §15)"), "{words}");
        assert_eq!(find("432").unwrap()[0].json()["registered"], false);
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_nearest() {
        let refused = |word: &str| find(word).err().unwrap().to_string();
        assert!(refused("combind").contains("near it: combined"), "{}", refused("combind"));
        assert!(refused("jsn").contains("json"));
        assert!(refused("200").contains("400 to 499"));
        assert!(refused("99999999999").contains("400 to 499"));
        assert!(refused("\u{1b}[2J").contains("is not known; logscan explain lists"));
        assert!(!refused("\u{1b}[2J").contains('\u{1b}'));
        assert!(find("").is_err() && find("+404").is_err());
    }

    #[test]
    fn distances_are_counted_in_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("Über", "über"), 0);
    }
}
