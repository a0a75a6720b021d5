//! Holds JSON reports against the schema that `logscan schema report` prints.

use std::process::Command;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

/// Reads a JSON report, and fails with each place where it breaks its schema.
pub fn read(report: &[u8]) -> Value {
    let report: Value = match serde_json::from_slice(report) {
        Ok(report) => report,
        Err(error) => panic!("no JSON: {error}: {}", String::from_utf8_lossy(report)),
    };
    let faults: Vec<String> = validator()
        .iter_errors(&report)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "the report breaks `logscan schema report`: {faults:#?}");
    report
}

/// Made once: it is asked for by nearly every test.
fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let logscan = env!("CARGO_BIN_EXE_logscan");
        let printed = Command::new(logscan).args(["schema", "report"]).output().unwrap();
        assert!(printed.status.success(), "logscan schema report: {}", printed.status);
        let schema: Value = serde_json::from_slice(&printed.stdout).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    })
}
