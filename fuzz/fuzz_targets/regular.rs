//! Lines of any bytes in sources that voted for a format which reads them in a way of its own (JSON, and
//! formats that are compiled): that way says what the careful one does, whatever it learnt from the lines
//! before.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run regular`
#![no_main]

use std::sync::{Arc, LazyLock};

use bumpalo::Bump;
use libfuzzer_sys::fuzz_target;
use logscan::parse::{Compiled, FORMATS, Formats, Marks, Row, State, Tools};
use logscan::record::Said;

/// Formats that are compiled: one that begins as `combined` does, one that does not, one in JSON.
const SPELLED: [&str; 3] = [
    r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time "$upstream_addr""#,
    r#"$time_iso8601|$remote_addr|$status|"$request_uri"|$request_method|$request_time"#,
    r#"escape=json {"t":"$time_iso8601","a":"$remote_addr","r":"$request","s":$status}"#,
];

/// Formats, and the number of the one that the source voted for.
static SOURCES: LazyLock<Vec<(Formats, usize)>> = LazyLock::new(|| {
    let table = Formats::new(FORMATS);
    let of_table = (0..FORMATS.len()).filter(|first| table.regular(Some(*first)).is_some());
    let of_table = of_table.map(|first| (Formats::new(FORMATS), first));
    let compiled = SPELLED.iter().map(|spelled| {
        let format = Compiled::nginx(spelled).expect("its lines can be told apart");
        (Formats::of(vec![Row::Compiled(Arc::new(format))]), 0)
    });
    of_table.chain(compiled).collect()
});

fuzz_target!(|bytes: &[u8]| {
    for (formats, first) in SOURCES.iter() {
        compare(formats, *first, bytes);
    }
});

fn compare(formats: &Formats, first: usize, text: &[u8]) {
    let (mut state, arena, mut marks) = (State::default(), Bump::new(), Marks::default());
    let mut tools = Tools { arena: &arena, state: &mut state };
    let mut unread = marks.find(text);
    let mut regular = formats.regular(Some(first)).expect("it has a way of its own");
    loop {
        let start = unread.start();
        if let Some(record) = regular.read(&mut unread, &mut tools).copied() {
            let line = &text[start..unread.start() - 1];
            let (mut state, mut marks) = (State::default(), Marks::default());
            let mut tools = Tools { arena: &arena, state: &mut state };
            let careful = formats.read(marks.line(line), Some(first), &mut tools);
            assert_eq!(careful, Ok((Said::Request(record), first)));
        } else {
            let Some(line) = unread.take() else { return };
            let _ = formats.read(line, Some(first), &mut tools);
        }
    }
}
