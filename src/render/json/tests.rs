//! The document keeps to its schema and to the order of the contract, whatever the log held.

use serde_json::Value;

use super::*;
use crate::clock::Zone;
use crate::render::sample::{HOSTILE, empty_report, sample_report};

fn text(report: &Report, top: Option<usize>) -> String {
    let mut out = Vec::new();
    let style = Style { columns: 80, color: false, zone: Zone::parse("+05:30").unwrap(), top };
    render(report, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn document(report: &Report) -> Value {
    serde_json::from_str(&text(report, None)).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn documents_keep_to_the_schema() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    for report in [sample_report(), empty_report()] {
        let document = document(&report);
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        for field in keys(&document) {
            let mut lacking = document.clone();
            lacking.as_object_mut().unwrap().remove(field);
            assert!(!validator.is_valid(&lacking), "{field} is not required");
        }
        let mut richer = document.clone();
        richer["totals"]["added_later"] = Value::from(1);
        assert!(validator.is_valid(&richer));
    }
}

#[test]
fn the_schema_describes_every_field() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    for shape in schema["$defs"].as_object().unwrap().values().chain([&schema]) {
        for (field, of_field) in shape["properties"].as_object().into_iter().flatten() {
            assert!(of_field["description"].is_string(), "{field}: {of_field}");
        }
    }
}

#[test]
fn fields_stand_in_the_order_of_the_contract() {
    let document = document(&sample_report());
    assert_eq!(
        keys(&document),
        [
            "schema",
            "generator",
            "run",
            "input",
            "period",
            "window_seconds",
            "limits",
            "sites",
            "totals",
            "client_errors",
            "client_aborts",
            "error_log",
            "findings",
            "findings_by_severity",
        ]
    );
}

#[test]
fn rows_have_their_fields_in_the_order_of_the_contract() {
    let document = document(&sample_report());
    assert_eq!(
        keys(&document["client_errors"]["by_status"][0]),
        [
            "status",
            "name",
            "origin",
            "requests",
            "ratio",
            "bytes",
            "clients",
            "paths",
            "first",
            "last",
            "latency_seconds",
            "answered_by",
            "top_paths",
            "top_clients",
        ]
    );
    assert_eq!(
        keys(&document["client_errors"]["by_path"][0]),
        [
            "path",
            "host",
            "requests",
            "total_requests",
            "by_status",
            "clients",
            "first",
            "last",
            "causes",
            "referers",
            "referers_whole",
        ]
    );
    assert_eq!(
        keys(&document["client_errors"]["by_client"][0]),
        [
            "client",
            "requests",
            "total_requests",
            "by_status",
            "paths",
            "first",
            "last",
            "kind",
            "crawler",
            "peak",
        ]
    );
    assert_eq!(
        keys(&document["client_errors"]["by_client"][0]["peak"]),
        ["1s", "10s", "60s", "300s"]
    );
    assert_eq!(
        keys(&document["totals"]["by_status"]),
        ["-", "000", "200", "400", "404", "429", "432", "499", "502"]
    );
    assert_eq!(keys(&document["totals"]["by_class"]), ["1xx", "2xx", "3xx", "4xx", "5xx", "other"]);
}

#[test]
fn values_are_those_of_the_report() {
    let document = document(&sample_report());
    assert_eq!(document["schema"], "logscan.report/1");
    assert_eq!(document["period"]["start"], "2026-10-15T00:00:03Z");
    assert_eq!(document["client_aborts"]["by_kind"]["499"], 40);
    assert_eq!(document["client_aborts"]["requests"], 1_290);
    assert_eq!(document["error_log"]["by_kind"]["limit-req"], 16);
    assert_eq!(document["error_log"]["limits"][0]["max_excess"], 5.428);
    assert_eq!(document["error_log"]["limits"][1]["max_excess"], Value::Null);
    assert_eq!(document["client_errors"]["by_status"][2]["latency_seconds"]["p50"], 30.0);
    assert_eq!(document["client_errors"]["by_status"][2]["origin"], "nginx");
    assert_eq!(document["client_errors"]["by_status"][4]["name"], Value::Null);
    assert_eq!(document["input"]["skipped"]["by_reason"]["binary"], 31);
    assert_eq!(document["limits"]["memory_limit_bytes"], 512 << 20);
    let empty = self::document(&empty_report());
    assert_eq!(empty["period"]["end"], Value::Null);
    assert_eq!(empty["client_aborts"]["by_kind"], serde_json::json!({}));
    assert_eq!(empty["client_errors"]["ratio"], 0.0);
}

#[test]
fn hostile_text_comes_back_as_it_was() {
    let text = text(&sample_report(), None);
    let acts = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{200b}' | '\u{202e}');
    assert!(!text.contains(acts), "what acts on a terminal is escaped");
    let document: Value = serde_json::from_str(&text).unwrap();
    let path = document["client_errors"]["by_path"][6]["path"].as_str().unwrap();
    assert_eq!(
        path.replace(r"\xff", "").as_bytes(),
        HOSTILE.split(|byte| *byte == 0xff).collect::<Vec<_>>().concat()
    );
}

#[test]
fn rows_are_limited_but_for_windows_and_bytes_do_not_change() {
    let report = sample_report();
    let limited: Value = serde_json::from_str(&text(&report, Some(1))).unwrap();
    let errors = &limited["client_errors"];
    for table in ["by_status", "by_path", "by_client"] {
        assert_eq!(errors[table].as_array().unwrap().len(), 1, "{table}");
    }
    assert_eq!(errors["by_window"].as_array().unwrap().len(), 24);
    assert_eq!(text(&report, None), text(&report.clone(), None));
    assert!(text(&report, None).ends_with("\n}\n"));
}
