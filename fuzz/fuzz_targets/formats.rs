//! All formats on any bytes: nothing panics, what is read points into the line or the arena, and the
//! usual way says what the careful one does.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run formats`
#![no_main]

use bumpalo::Bump;
use libfuzzer_sys::fuzz_target;
use logscan::input::lines::trim;
use logscan::parse::{FORMATS, Formats, Marks, Sniff, State, Tools, text};
use logscan::record::{Record, Said};

fuzz_target!(|bytes: &[u8]| {
    let all = Formats::new(FORMATS);
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').map(trim).collect();
    let first = Sniff::new(lines.iter().copied(), &all).format;
    let (mut state, mut marks) = (State::default(), Marks::default());
    let mut arena = Bump::new();
    for line in &lines {
        for format in FORMATS {
            let mut tools = Tools { arena: &arena, state: &mut state };
            let said = text(line, &[format], &mut tools);
            check(line, said.ok(), &arena);
        }
        for first in [None, first] {
            let mut tools = Tools { arena: &arena, state: &mut state };
            let said = all.read(marks.line(line), first, &mut tools);
            check(line, said.ok().map(|(said, _)| said), &arena);
        }
        arena.reset();
    }
    let mut unread = marks.find(bytes);
    loop {
        let rest = &bytes[unread.start().min(bytes.len())..];
        match all.read_usual(&mut unread, &mut state.clock) {
            Some(usual) => {
                let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
                let mut tools = Tools { arena: &arena, state: &mut state };
                let careful = all.identify(line, &mut tools).map(|(said, _)| said);
                assert_eq!(Ok(Said::Request(usual)), careful);
            }
            None if unread.take().is_none() => break,
            None => {}
        }
    }
});

/// Each field lies in the line, or in the arena.
fn check(line: &[u8], said: Option<Said<'_>>, arena: &Bump) {
    let Some(Said::Request(record)) = said else { return };
    let Record { client, host, user, request, referer, agent, forwarded, extra, .. } = record;
    let (method, target) = (request.method(), request.target());
    let upstream = extra.upstream;
    let fields = [
        Some(client),
        host,
        user,
        Some(request.line),
        method,
        target,
        referer,
        agent,
        forwarded,
        extra.peer,
        extra.request_id,
        extra.location,
        upstream.addresses,
        upstream.statuses,
    ];
    let is_within = |field: &[u8]| line.as_ptr_range().contains(&field.as_ptr());
    let arena_bytes = arena.allocated_bytes();
    for field in fields.into_iter().flatten() {
        // An empty field may stand anywhere, and text is only made where there is room for it.
        assert!(field.is_empty() || is_within(field) || field.len() <= arena_bytes);
        assert!(!is_within(field) || field.as_ptr_range().end <= line.as_ptr_range().end);
    }
}
