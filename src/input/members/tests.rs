//! Where members begin, whatever they hold and whatever lies between them, and who doubts it.

use std::fs;
use std::io::{Cursor, Write};

use super::*;
use crate::input::discover;

/// Text of so many bytes, not all alike.
fn text(bytes: usize) -> Vec<u8> {
    let mut number = 1_u32;
    let mut letter = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"0123456789abcdef"[(number >> 28) as usize]
    };
    (0..bytes).map(|_| letter()).collect()
}

fn member_by(text: &[u8], level: u32, name: Option<&str>, extra: &[u8]) -> Vec<u8> {
    let mut builder = flate2::GzBuilder::new().operating_system(3);
    if let Some(name) = name {
        builder = builder.filename(name);
    }
    if !extra.is_empty() {
        builder = builder.extra(extra);
    }
    let mut encoder = builder.write(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn member(text: &[u8]) -> Vec<u8> {
    member_by(text, 6, None, b"")
}

fn frame(text: &[u8]) -> Vec<u8> {
    ::zstd::bulk::compress(text, 1).unwrap()
}

/// A frame that does not tell how much it holds.
fn silent_frame(text: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn skippable_frame(bytes: u32) -> Vec<u8> {
    let mut frame = vec![0x53, 0x2A, 0x4D, 0x18];
    frame.extend(bytes.to_le_bytes());
    frame.extend(vec![b'x'; bytes as usize]);
    frame
}

/// The beginnings and the length, found in pieces of so many bytes.
fn gzip_starts(packed: &[u8], spacing: u64, piece_bytes: usize) -> Option<Index> {
    let mut index = Index::new(spacing);
    index.text_bytes = gzip::find_by(packed, &mut index, piece_bytes).unwrap()?;
    Some(index)
}

fn zstd_starts(packed: &[u8]) -> Option<Index> {
    let mut index = Index::new(1);
    index.text_bytes = zstd::find(Cursor::new(packed), &mut index).unwrap()?;
    Some(index)
}

/// The beginnings of these parts that hold so much text each, laid end to end, without those that
/// are followed by another one at the same place.
fn laid_out(parts: &[(&[u8], usize)]) -> Index {
    let mut index = Index::new(1);
    let mut at = Start { disk: 0, text: 0 };
    for (packed, text_bytes) in parts {
        index.push(at);
        at = Start { disk: at.disk + packed.len() as u64, text: at.text + *text_bytes as u64 };
    }
    index.text_bytes = at.text;
    index
}

#[test]
fn members_of_all_sizes_are_found_in_pieces_of_all_sizes() {
    let sizes = [100, 0, 1, 70_000, 3, 0, 0, 300_000, 5_000, 17, 0];
    let members: Vec<Vec<u8>> = sizes.iter().map(|size| member(&text(*size))).collect();
    let parts: Vec<_> = members.iter().map(Vec::as_slice).zip(sizes).collect();
    let wanted = laid_out(&parts);
    for piece_bytes in [7, 1_000, 4 << 10, 1 << 20] {
        let found = gzip_starts(&members.concat(), 1, piece_bytes);
        assert_eq!(found.as_ref(), Some(&wanted), "{piece_bytes}");
    }
    assert_eq!(gzip_starts(&members[3], 1, 1 << 20), None);
    assert_eq!(gzip_starts(b"", 1, 1 << 20), None);
}

#[test]
fn headers_may_have_a_name_an_extra_field_and_another_writer() {
    let members = [
        member_by(&text(9_000), 6, Some("access.log"), b""),
        member_by(&text(8_000), 9, None, b"BC\x02\0\x1b\0"),
        member_by(b"", 6, Some("access.log.1"), b""),
        member_by(&text(50), 1, Some("access.log"), &[7; 300]),
        member_by(&text(4_000), 0, None, b""),
    ];
    let parts: Vec<_> =
        members.iter().map(Vec::as_slice).zip([9_000, 8_000, 0, 50, 4_000]).collect();
    assert_eq!(gzip_starts(&members.concat(), 1, 1 << 20), Some(laid_out(&parts)));
}

#[test]
fn one_beginning_is_kept_between_two_multiples() {
    let members: Vec<u8> = (0..40).flat_map(|_| member(&text(30))).collect();
    let index = gzip_starts(&members, 100, 1 << 20).unwrap();
    let texts: Vec<u64> = index.starts().iter().map(|start| start.text).collect();
    assert_eq!(texts, [0, 120, 210, 300, 420, 510, 600, 720, 810, 900, 1020, 1110]);
    assert_eq!(index.starts_from(0)[0].text, 0);
    assert_eq!(index.starts_from(209)[0].text, 120);
    assert_eq!(index.starts_from(210)[0].text, 210);
    assert_eq!(index.starts_from(u64::MAX).len(), 1);
}

#[test]
fn zeros_between_members_and_behind_them_are_passed() {
    // The last of the lengths have zeros of their own. What is smaller is not told from padding.
    for size in [3_000, 0x1_0000, 0x1_2300, 0x12_3400] {
        for zeros in [1, 2, 3, 4, 500] {
            let padded = [member(&text(size)), vec![0; zeros]].concat();
            let parts: [(&[u8], usize); 3] = [(&padded, size), (&padded, size), (&padded, size)];
            let packed = [&padded[..], &padded, &padded].concat();
            let found = gzip_starts(&packed, 1, 1 << 20);
            assert_eq!(found, Some(laid_out(&parts)), "{size}, {zeros}");
        }
    }
}

#[test]
fn what_only_looks_like_a_beginning_is_mostly_seen_through() {
    let fakes: [&[u8]; 3] = [
        b"\x1f\x8b\x08\xff rest",
        b"\x1f\x8b\x08\0\0\0\0\0\x09\xff\xff\xff\xff\xff",
        b"\x1f\x8b\x08",
    ];
    for fake in fakes {
        let stored = [&text(2_000)[..], fake, &text(3_000)].concat();
        let members = [member_by(&stored, 0, None, b""), member(&text(5_000))];
        let parts = [(&members[0][..], stored.len()), (&members[1][..], 5_000)];
        assert_eq!(gzip_starts(&members.concat(), 1, 1 << 20), Some(laid_out(&parts)));
    }
}

#[test]
fn a_file_whose_first_member_is_large_is_not_searched() {
    let mut stored = member_by(&text(FIRST_LOOK_BYTES as usize + (3 << 20)), 0, None, b"");
    stored.extend(member(b"second"));
    assert_eq!(gzip_starts(&stored, 1, 1 << 20), None);

    let (large, small) = (text(FIRST_LOOK_BYTES as usize * 2 + (3 << 20)), text(9));
    let (large_frame, small_frame) = (frame(&large), frame(&small));
    assert!(large_frame.len() as u64 > FIRST_LOOK_BYTES);
    assert_eq!(zstd_starts(&[&large_frame[..], &small_frame].concat()), None);
    let parts = [(&small_frame[..], small.len()), (&large_frame, large.len())];
    let packed = [&small_frame[..], &large_frame].concat();
    assert_eq!(zstd_starts(&packed), Some(laid_out(&parts)));
}

#[test]
fn frames_are_found_by_their_blocks() {
    let sizes = [700_000, 0, 255, 256, 70_000];
    let frames: Vec<Vec<u8>> = sizes.iter().map(|size| frame(&text(*size))).collect();
    let parts: Vec<_> = frames.iter().map(Vec::as_slice).zip(sizes).collect();
    assert_eq!(zstd_starts(&frames.concat()), Some(laid_out(&parts)));

    let run = frame(&vec![b'x'; 1 << 20]);
    let (skipped, nothing) = (skippable_frame(9), skippable_frame(0));
    let mut checked = ::zstd::bulk::Compressor::new(1).unwrap();
    checked.include_checksum(true).unwrap();
    let checked = checked.compress(&text(500)).unwrap();
    let parts: [(&[u8], usize); 6] = [
        (&skipped, 0),
        (&run, 1 << 20),
        (&nothing, 0),
        (&checked, 500),
        (&frames[2], 255),
        (&skipped, 0),
    ];
    let packed: Vec<u8> = parts.iter().flat_map(|(packed, _)| packed.to_vec()).collect();
    assert_eq!(zstd_starts(&packed), Some(laid_out(&parts)));
    let with_garbage = [&packed[..], b"rubbish"].concat();
    assert_eq!(zstd_starts(&with_garbage), Some(laid_out(&parts)));
}

#[test]
fn frames_that_tell_no_length_are_not_divided_nor_are_cut_ones() {
    let (told, silent) = (frame(&text(9_000)), silent_frame(&text(9_000)));
    assert_eq!(zstd_starts(&[&told[..], &silent].concat()), None);
    assert_eq!(zstd_starts(&[&silent[..], &told].concat()), None);
    assert_eq!(zstd_starts(&told), None);
    assert_eq!(zstd_starts(b""), None);
    let two = [&told[..], &told].concat();
    for cut in [two.len() - 1, two.len() - 2_000, told.len() + 5, told.len() + 8] {
        assert_eq!(zstd_starts(&two[..cut]), None, "{cut}");
    }
}

fn source_of(packed: &[u8]) -> (tempfile::TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    fs::write(&path, packed).unwrap();
    let source = discover(&[path]).sources.remove(0);
    (folder, source)
}

/// What is read from a place on, and how much garbage followed.
fn read(
    source: &Source,
    index: &Index,
    from: u64,
    buffer_bytes: usize,
) -> Result<(Vec<u8>, Option<u64>), Doubt> {
    let mut members = Members::open(source, index, from, Arc::default()).unwrap();
    let (mut text, mut buffer) = (Vec::new(), vec![0; buffer_bytes]);
    loop {
        match members.read(&mut buffer)? {
            0 => return Ok((text, members.trailing_garbage())),
            count => text.extend_from_slice(&buffer[..count]),
        }
    }
}

#[test]
fn reading_can_begin_anywhere() {
    let sizes = [0, 300, 0, 0, 70_000, 1, 0, 5_000, 0];
    let text = text(sizes.iter().sum());
    let pack = |part: fn(&[u8]) -> Vec<u8>| {
        let mut rest = &text[..];
        let parts = sizes.iter().map(|size| part(rest.split_off(..*size).unwrap()));
        parts.collect::<Vec<_>>().concat()
    };
    for packed in [pack(member), pack(frame)] {
        let (_folder, source) = source_of(&packed);
        for spacing in [1, 1_000] {
            let index = index(&source, spacing).unwrap();
            assert_eq!(index.text_bytes(), text.len() as u64);
            for from in [0, 1, 299, 300, 301, 70_299, 70_300, 70_301, 75_301] {
                for buffer_bytes in [13, 100_000] {
                    let read = read(&source, &index, from as u64, buffer_bytes);
                    assert_eq!(read, Ok((text[from..].to_vec(), None)), "{from}");
                }
            }
            assert_eq!(read(&source, &index, 75_302, 100), Err(Doubt), "behind the end");
        }
    }
}

#[test]
fn a_wrong_index_is_doubted() {
    let packed = [member(&text(5_000)), member(&text(6_000)), member(&text(7_000))].concat();
    let (_folder, source) = source_of(&packed);
    let right = index(&source, 1).unwrap();
    assert!(read(&source, &right, 0, 512).is_ok());
    for wrong in 1..3 {
        for (disk, text) in [(-1_i64, 0_i64), (1, 0), (0, 1), (0, -1), (-1, -1)] {
            let mut index = right.clone();
            let start = &mut index.starts[wrong];
            start.disk = start.disk.wrapping_add_signed(disk);
            start.text = start.text.wrapping_add_signed(text);
            assert_eq!(read(&source, &index, 0, 512), Err(Doubt), "{wrong}: {disk}, {text}");
        }
    }
    let mut more = right.clone();
    more.starts.push(Start { disk: packed.len() as u64, text: 18_000 });
    assert_eq!(read(&source, &more, 0, 512), Err(Doubt));
    let mut more = right.clone();
    let (middle, last) = (right.starts[1], right.starts[2]);
    more.starts.insert(2, Start { disk: middle.disk + 9, text: middle.text + 9 });
    assert_eq!(read(&source, &more, 0, 512), Err(Doubt));
    let mut fewer = right.clone();
    fewer.starts.remove(1);
    assert_eq!(read(&source, &fewer, last.text - 1, 512).map(|(text, _)| text.len()), Ok(7_001));
}

#[test]
fn a_defect_is_a_doubt_and_garbage_is_counted() {
    let packed = [member(&text(5_000)), member(&text(6_000))].concat();
    let middle = member(&text(5_000)).len();
    let (_folder, source) = source_of(&packed);
    let index = index(&source, 1).unwrap();
    let with_garbage = [&packed[..], b"rubbish"].concat();
    fs::write(&source.path, with_garbage).unwrap();
    assert_eq!(read(&source, &index, 5_000, 99).map(|(_, garbage)| garbage), Ok(Some(7)));
    for at in [middle - 6, middle - 2, middle, packed.len() - 1] {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x10;
        fs::write(&source.path, damaged).unwrap();
        assert_eq!(read(&source, &index, 0, 99), Err(Doubt), "{at}");
    }
    fs::write(&source.path, &packed[..packed.len() - 1]).unwrap();
    assert_eq!(read(&source, &index, 5_000, 99), Err(Doubt));
}
