//! Every compression: whole, cut anywhere, damaged, and with something behind it.

use std::io::Write;

use super::*;

const PACKED: [Compression; 5] =
    [Compression::Gzip, Compression::Zstd, Compression::Bzip2, Compression::Xz, Compression::Lz4];

/// Lines of a log, not all alike.
fn lines(count: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for n in 0..count {
        let (host, page) = (n * 7919 % 251, n * 104_729 % 9973);
        writeln!(out, "192.0.2.{host} - - [21/Nov/2026:14:05:09 +0000] \"GET /{page}\" 404 {n}")
            .unwrap();
    }
    out
}

/// One frame with `text`.
fn pack(compression: Compression, text: &[u8]) -> Vec<u8> {
    match compression {
        Compression::None => text.to_vec(),
        Compression::Gzip => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
            encoder.include_checksum(true).unwrap();
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Bzip2 => {
            let level = bzip2::Compression::new(1);
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), level);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Lz4 => pack_lz4(text, lz4_flex::frame::BlockMode::Linked),
    }
}

fn pack_lz4(text: &[u8], mode: lz4_flex::frame::BlockMode) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new()
        .block_mode(mode)
        .block_size(lz4_flex::frame::BlockSize::Max64KB)
        .block_checksums(true)
        .content_checksum(true)
        .content_size(Some(text.len() as u64));
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// What came out, how it ended, and how much garbage followed.
struct Outcome {
    text: Vec<u8>,
    fault: Option<Fault>,
    garbage: Option<u64>,
    compression: Compression,
}

fn unpack_by(bytes: &[u8], buffer_bytes: usize) -> Outcome {
    let raw = Box::new(io::Cursor::new(bytes.to_vec()));
    let mut reader = Reader::new(raw, Arc::new(AtomicU64::new(0))).unwrap();
    let (mut text, mut buffer) = (Vec::new(), vec![0; buffer_bytes]);
    let fault = loop {
        match reader.read(&mut buffer) {
            Ok(0) => break None,
            Ok(count) => text.extend_from_slice(&buffer[..count]),
            Err(fault) => break Some(fault),
        }
    };
    assert_eq!(reader.read(&mut buffer).err(), fault, "an end stays the same end");
    let (garbage, compression) = (reader.trailing_garbage(), reader.compression());
    Outcome { text, fault, garbage, compression }
}

fn unpack(bytes: &[u8]) -> Outcome {
    unpack_by(bytes, 64 << 10)
}

#[test]
fn a_reader_can_be_sent_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Reader>();
}

#[test]
fn whole_streams_come_out_whole_by_any_buffer() {
    let text = lines(9000);
    for compression in [Compression::None].into_iter().chain(PACKED) {
        let packed = pack(compression, &text);
        for buffer_bytes in [1000, 4096, 1 << 20] {
            let outcome = unpack_by(&packed, buffer_bytes);
            assert_eq!(outcome.compression, compression);
            assert_eq!(outcome.fault, None, "{compression:?} by {buffer_bytes}");
            assert!(outcome.text == text, "{compression:?} by {buffer_bytes}");
            assert_eq!(outcome.garbage, None);
        }
        let short = lines(3);
        assert_eq!(unpack_by(&pack(compression, &short), 1).text, short, "{compression:?}");
    }
}

#[test]
fn independent_lz4_blocks_come_out_whole() {
    let text = lines(9000);
    let packed = pack_lz4(&text, lz4_flex::frame::BlockMode::Independent);
    let outcome = unpack(&packed);
    assert_eq!(outcome.fault, None);
    assert!(outcome.text == text);
}

#[test]
fn every_frame_of_a_concatenation_is_read() {
    let parts = [lines(2), Vec::new(), lines(700), lines(1)];
    for compression in PACKED {
        let packed: Vec<u8> = parts.iter().flat_map(|part| pack(compression, part)).collect();
        let outcome = unpack(&packed);
        assert_eq!(outcome.fault, None, "{compression:?}");
        assert!(outcome.text == parts.concat(), "{compression:?}");
        assert_eq!(outcome.garbage, None, "{compression:?}");
    }
}

#[test]
fn nothing_compressed_is_nothing_and_so_is_an_empty_file() {
    for compression in PACKED {
        let outcome = unpack(&pack(compression, b""));
        assert_eq!((outcome.text, outcome.fault), (Vec::new(), None), "{compression:?}");
    }
    let outcome = unpack(b"");
    assert_eq!((outcome.text, outcome.fault), (Vec::new(), None));
    assert_eq!(outcome.compression, Compression::None);
}

#[test]
fn a_stream_cut_at_any_byte_gives_a_prefix_and_a_fault() {
    let parts = [lines(4), lines(40)];
    let text = parts.concat();
    for compression in PACKED {
        let first = pack(compression, &parts[0]);
        let packed = [first.clone(), pack(compression, &parts[1])].concat();
        for cut in 4..packed.len() {
            for buffer_bytes in [7, 4096] {
                let outcome = unpack_by(&packed[..cut], buffer_bytes);
                assert!(text.starts_with(&outcome.text), "{compression:?} cut at {cut}");
                if cut >= first.len() {
                    assert!(outcome.text.len() >= parts[0].len(), "{compression:?} at {cut}");
                }
                match outcome.fault {
                    Some(fault) => assert_eq!(fault.kind, FaultKind::Truncated, "{fault:?}"),
                    None => assert_eq!(cut, first.len(), "{compression:?} cut at {cut}"),
                }
            }
        }
    }
}

#[test]
fn a_cut_stream_gives_all_of_the_blocks_before_the_cut() {
    let text = lines(30_000);
    // How much may be lost at most: a block, or what the decoder holds back.
    let table = [
        (Compression::Gzip, 64 << 10),
        (Compression::Zstd, 128 << 10),
        (Compression::Bzip2, 100_000),
        (Compression::Xz, 64 << 10),
        (Compression::Lz4, 64 << 10),
    ];
    for (compression, block_bytes) in table {
        let packed = pack(compression, &text);
        for buffer_bytes in [64 << 10, 1 << 20] {
            let outcome = unpack_by(&packed[..packed.len() - 20], buffer_bytes);
            assert_eq!(outcome.fault.map(|fault| fault.kind), Some(FaultKind::Truncated));
            let lost = text.len() - outcome.text.len();
            assert!(lost <= block_bytes, "{compression:?} lost {lost}");
        }
    }
}

#[test]
fn a_flipped_bit_never_panics_and_is_never_silent() {
    let (first, second) = (lines(3), lines(12));
    for compression in PACKED {
        let good = pack(compression, &first);
        let packed = [good.clone(), pack(compression, &second)].concat();
        let mut silent = 0;
        for at in HEAD_BYTES..packed.len() {
            for bit in 0..8 {
                let mut bytes = packed.clone();
                bytes[at] ^= 1 << bit;
                let outcome = unpack_by(&bytes, 512);
                let told = outcome.fault.is_some() || outcome.garbage.is_some();
                let whole = outcome.text == [&first[..], &second[..]].concat();
                assert!(told || whole, "{compression:?} {at}");
                silent += usize::from(!told);
            }
        }
        // A name or a time in a header, padding after the last bit: what means nothing.
        assert!(silent < packed.len(), "{compression:?}: {silent} flips of {}", packed.len() * 8);
    }
}

#[test]
fn a_damaged_stream_gives_what_came_before_the_damage() {
    let text = lines(30_000);
    for compression in PACKED {
        let mut packed = pack(compression, &text);
        let at = packed.len() * 3 / 4;
        packed[at..at + 8].fill(0xFF);
        for buffer_bytes in [4096, 16 << 20] {
            let outcome = unpack_by(&packed, buffer_bytes);
            let kind = outcome.fault.map(|fault| fault.kind);
            assert_eq!(kind, Some(FaultKind::Corrupt), "{compression:?}");
            let same = text.iter().zip(&outcome.text).take_while(|(a, b)| a == b).count();
            assert!(same > text.len() / 2, "{compression:?} by {buffer_bytes}: {same}");
        }
    }
}

#[test]
fn garbage_after_a_good_stream_is_counted_and_is_no_fault() {
    let text = lines(5);
    for compression in PACKED {
        for garbage in [&b"x"[..], b"\n\n\n\n\n\n\n", &[b'g'; 700_000]] {
            let packed = [&pack(compression, &text)[..], garbage].concat();
            let outcome = unpack(&packed);
            assert_eq!(outcome.fault, None, "{compression:?}");
            assert_eq!(outcome.text, text, "{compression:?}");
            assert_eq!(outcome.garbage, Some(garbage.len() as u64), "{compression:?}");
        }
    }
}

#[test]
fn zeros_after_a_stream_are_padding() {
    let text = lines(5);
    for compression in PACKED {
        let good = pack(compression, &text);
        let padded = [&good[..], &[0; 600_000]].concat();
        let outcome = unpack(&padded);
        assert_eq!((outcome.fault, outcome.garbage), (None, None), "{compression:?}");
        assert_eq!(outcome.text, text);
        let outcome = unpack(&[&padded[..], &good[..]].concat());
        assert_eq!((outcome.fault, outcome.garbage), (None, None), "{compression:?}");
        assert_eq!(outcome.text, [&text[..], &text[..]].concat());
    }
}

#[test]
fn a_frame_behind_an_overwritten_beginning_is_missed_not_ignored() {
    let text = lines(50);
    for compression in PACKED {
        let good = pack(compression, &text);
        let mut bad = good.clone();
        bad[0] = b'!';
        for far in [0, 255 << 10, 400 << 10] {
            let packed = [&good[..], &bad, &vec![b'.'; far], &good].concat();
            let outcome = unpack(&packed);
            assert_eq!(outcome.text, text);
            let kind = outcome.fault.map(|fault| fault.kind);
            assert_eq!(kind, Some(FaultKind::Corrupt), "{compression:?} {far}");
        }
    }
}

#[test]
fn skippable_zstd_frames_are_skipped() {
    let text = lines(5);
    let skippable = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, b'a', b'b', b'c'];
    let frame = pack(Compression::Zstd, &text);
    let packed = [&skippable[..], &frame, &skippable, &frame, &skippable].concat();
    let outcome = unpack(&packed);
    assert_eq!((outcome.fault, outcome.garbage), (None, None));
    assert_eq!(outcome.text, [&text[..], &text[..]].concat());
}

#[test]
fn limits_are_named_with_the_way_around_them() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(&lines(10)).unwrap();
    let fault = unpack(&encoder.finish().unwrap()).fault.unwrap();
    assert_eq!(fault.kind, FaultKind::Unreadable);
    assert!(fault.reason.contains("128 MiB") && fault.reason.contains("zstd -d --long=31"));

    let mut options = lzma_rust2::XzOptions::with_preset(0);
    options.lzma_options.dict_size = 256 << 20;
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(&lines(10)).unwrap();
    let fault = unpack(&encoder.finish().unwrap()).fault.unwrap();
    assert_eq!(fault.kind, FaultKind::Unreadable);
    assert!(fault.reason.contains("128 MiB") && fault.reason.contains("xz -d"));
}

#[test]
fn a_disk_that_fails_is_no_corruption() {
    struct Failing(io::Cursor<Vec<u8>>);
    impl Read for Failing {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.read(out)? {
                0 => Err(io::Error::other("Input/output error (os error 5)")),
                count => Ok(count),
            }
        }
    }
    let text = lines(2000);
    for compression in [Compression::None].into_iter().chain(PACKED) {
        let mut packed = pack(compression, &text);
        packed.truncate(packed.len() / 2);
        let raw = Box::new(Failing(io::Cursor::new(packed)));
        let mut reader = Reader::new(raw, Arc::new(AtomicU64::new(0))).unwrap();
        let mut buffer = vec![0; 1 << 20];
        let fault = loop {
            match reader.read(&mut buffer) {
                Ok(0) => panic!("{compression:?} ended"),
                Ok(_) => {}
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault.kind, FaultKind::Unreadable, "{compression:?}");
        assert!(fault.reason.contains("Input/output error;"), "{}", fault.reason);
    }
}
