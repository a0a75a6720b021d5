//! Lines with whatever around them: read in order and out of it, none stops the program, and what is
//! divided is put together again.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run envelope`
#![no_main]

use bumpalo::Bump;
use libfuzzer_sys::fuzz_target;
use logscan::parse::{FORMATS, Formats, Marks, State, Tools, split_glued};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else { return };
    let (formats, arena) = (Formats::new(FORMATS), Bump::new());
    let mut state = State::default();
    state.begin_source(choice % 2 == 0);
    state.reference = (choice % 3 == 0).then_some(u32::from(*choice) << 24);
    let mut marks = Marks::default();
    for line in text.split(|&byte| byte == b'\n') {
        let mut left = line.len();
        let mut rest = Some(marks.line(line));
        while let Some(line) = rest {
            let (line, behind) = match split_glued(line) {
                Some((line, behind)) => (line, Some(behind)),
                None => (line, None),
            };
            assert!(!line.text.is_empty() || behind.is_none(), "a piece of nothing");
            left -= line.text.len();
            rest = behind;
            let mut tools = Tools { arena: &arena, state: &mut state };
            let _ = formats.read(line, None, &mut tools);
        }
        assert_eq!(left, 0, "something is lost");
    }
});
