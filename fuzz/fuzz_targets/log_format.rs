//! Format strings, lines and configurations of anybody: no panic, and no line that takes long.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run log_format -- -timeout=10`: what takes longer is an error. A clock of its own
//! would take a machine that was asleep for a slow line.
#![no_main]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use libfuzzer_sys::fuzz_target;
use logscan::options::RealIp;
use logscan::parse::{Formats, Marks, Row, State, Tools, nginx_conf};

fuzz_target!(|input: (String, Vec<u8>, Vec<u8>)| {
    let (format, line, conf) = input;
    for row in [Row::nginx(&format, RealIp::FIELD), Row::apache(&format, RealIp::FIELD)]
        .into_iter()
        .flatten()
    {
        read(row, &line);
    }
    let main = PathBuf::from("/etc/nginx/nginx.conf");
    let included = PathBuf::from("/etc/nginx/a.conf");
    let files = BTreeMap::from([(main, conf), (included, format.into_bytes())]);
    if let Ok(conf) = nginx_conf::read(Path::new("/etc/nginx/nginx.conf"), &files) {
        let rows =
            conf.formats.iter().filter_map(|format| Row::configured(format, RealIp::FIELD).ok());
        rows.for_each(|row| read(row, &line));
    }
});

fn read(row: Row, line: &[u8]) {
    let (mut state, arena, mut marks) = (State::default(), Bump::new(), Marks::default());
    let mut tools = Tools { arena: &arena, state: &mut state };
    let formats = Formats::of(vec![row]);
    let _ = formats.read(marks.line(line), Some(0), &mut tools);
}
