//! The decoder of DEFLATE against zlib-rs: the same bytes, the same verdict, in pieces of any size.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run inflate`
#![no_main]

use flate2::{Decompress, FlushDecompress};
use libfuzzer_sys::fuzz_target;
use logscan::input::inflate::{Inflate, Outcome, Step};

/// Enough for several windows; what is longer is not decoded to its end.
const TEXT_BYTES_MAX: usize = 150_000;

/// What came out, and `Some(true)` for a whole stream, `Some(false)` for a broken one.
type Verdict = (Vec<u8>, Option<bool>);

fuzz_target!(|bytes: &[u8]| {
    // The first bytes choose the sizes of the pieces, the rest is the stream.
    let Some(([first, second], stream)) = bytes.split_first_chunk() else { return };
    let piece = [1, 9, 40, 100, 1000, 1 << 20][usize::from(first % 6)] + usize::from(first / 6);
    let room =
        [1, 20, 320, 350, 5000, 40_000, 70_000][usize::from(second % 7)] + usize::from(second / 7);
    let (text, verdict) = ours(stream, piece, room);
    let (expected, expected_verdict) = twin(stream);
    let common = text.len().min(expected.len());
    assert!(text[..common] == expected[..common], "other bytes");
    if common < TEXT_BYTES_MAX {
        assert_eq!(verdict == Some(true), expected_verdict == Some(true), "another verdict");
        assert!(verdict != Some(true) || text.len() == expected.len(), "another length");
    }
});

fn ours(stream: &[u8], piece: usize, room: usize) -> Verdict {
    let mut inflate = Inflate::default();
    let (mut text, mut at, mut idle) = (Vec::new(), 0, 0);
    while text.len() < TEXT_BYTES_MAX {
        // Buffers of their own, so that a step beyond one is seen.
        let input = stream[at..stream.len().min(at + piece)].to_vec();
        let mut output = vec![0xA5; room];
        let Step { consumed, produced, outcome } = inflate.step(&input, &mut output);
        text.extend_from_slice(&output[..produced]);
        at += consumed;
        match outcome {
            Outcome::End => return (text, Some(true)),
            Outcome::Broken(_) => return (text, Some(false)),
            Outcome::More if consumed + produced > 0 => idle = 0,
            Outcome::More if input.is_empty() => return (text, None),
            Outcome::More => idle += 1,
        }
        assert!(idle < 2, "it neither takes nor gives");
    }
    (text, None)
}

fn twin(stream: &[u8]) -> Verdict {
    let mut twin = Decompress::new(false);
    let (mut text, mut output) = (Vec::new(), vec![0; 1 << 16]);
    while text.len() < TEXT_BYTES_MAX {
        let (taken, given) = (twin.total_in(), twin.total_out());
        let result = twin.decompress(&stream[taken as usize..], &mut output, FlushDecompress::None);
        text.extend_from_slice(&output[..(twin.total_out() - given) as usize]);
        match result {
            Ok(flate2::Status::StreamEnd) => return (text, Some(true)),
            Err(_) => return (text, Some(false)),
            Ok(_) if (taken, given) == (twin.total_in(), twin.total_out()) => return (text, None),
            Ok(_) => {}
        }
    }
    (text, None)
}
