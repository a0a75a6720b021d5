//! Commands that print a text: explain, list, schema, completions, the manual page and help.

use serde_json::Value;

use crate::schema;
use crate::stage::{Stage, lines};

fn print(words: &[&str]) -> String {
    let ran = Stage::new().run(words);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{words:?}");
    ran.stdout
}

fn json(words: &[&str]) -> Vec<Value> {
    serde_json::from_str(&print(words)).unwrap()
}

#[test]
fn completions_are_there_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = print(&["completions", shell]);
        assert!(script.contains("--fail-on") || script.contains("fail-on"), "{shell}");
    }
}

#[test]
fn the_manual_page_is_roff() {
    let page = print(&["man"]);
    assert!(page.contains(".TH logscan 1"), "{page}");
    assert!(page.contains(".SH \"EXIT STATUS\"") || page.contains(".SH EXIT STATUS"), "{page}");
}

#[test]
fn help_has_every_option_and_command() {
    let help = print(&["--help"]);
    for word in ["--since", "--fail-on", "--json", "explain", "completions", "Exit status"] {
        assert!(help.contains(word), "{word}");
    }
    assert!(print(&["-h"]).len() < help.len());
    assert_eq!(print(&["--version"]), format!("logscan {}\n", env!("CARGO_PKG_VERSION")));
    for command in ["report", "explain", "list", "schema", "completions", "man"] {
        assert!(print(&[command, "--help"]).contains("Usage: logscan"), "{command}");
    }
}

#[test]
fn every_status_and_row_is_explained_as_text_and_as_json() {
    let statuses = json(&["list", "statuses", "--json"]);
    assert_eq!(statuses.len(), print(&["list", "statuses"]).lines().count());
    for status in &statuses {
        let code = status["code"].to_string();
        let page = print(&["explain", &code]);
        let heading = format!("{code} {}", status["name"].as_str().unwrap());
        assert!(page.starts_with(&heading), "{page}");
        assert_eq!(json(&["explain", &code, "--json"])[0]["code"], status["code"]);
    }
    for table in ["formats", "outputs"] {
        for row in json(&["list", table, "--json"]) {
            let id = row["id"].as_str().unwrap();
            assert!(print(&["list", table]).lines().any(|line| line.starts_with(id)), "{id}");
            assert!(print(&["explain", id]).starts_with(&format!("{id} (")), "{id}");
            assert_eq!(json(&["explain", id, "--json"])[0]["id"], id);
        }
    }
}

#[test]
fn several_words_are_explained_in_their_order() {
    let codes: Vec<u64> = json(&["explain", "499", "404", "--json"])
        .iter()
        .map(|page| page["code"].as_u64().unwrap())
        .collect();
    assert_eq!(codes, [499, 404]);
}

#[test]
fn nothing_to_explain_lists_everything_that_can_be() {
    let list = print(&["explain"]);
    for word in ["404", "499", "combined", "terminal"] {
        assert!(list.contains(word), "{word}");
    }
    assert!(json(&["explain", "--json"]).len() > 50);
}

#[test]
fn a_code_that_nobody_defines_is_explained_too() {
    assert!(print(&["explain", "432"]).contains("RFC 9110"));
}

#[test]
fn the_schema_takes_reports_and_nothing_else() {
    let schema: Value = serde_json::from_str(&print(&["schema", "report"])).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let report = Stage::with(lines(3)).report(&["access.log"]);
    assert!(validator.is_valid(&report));
    for part in ["schema", "run", "input", "totals", "client_errors", "findings", "limits"] {
        let mut broken = report.clone();
        broken.as_object_mut().unwrap().remove(part);
        assert!(!validator.is_valid(&broken), "{part} is required");
    }
    let mut broken = report.clone();
    broken["client_errors"]["by_status"][0]["requests"] = "many".into();
    assert!(!validator.is_valid(&broken), "counts are integers");
    let screen = Stage::with(lines(3)).run(&["access.log", "-o", "json"]).stdout;
    assert_eq!(schema::read(screen.as_bytes())["schema"], "logscan.report/1");
}
