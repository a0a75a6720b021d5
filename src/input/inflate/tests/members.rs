//! gzip members: headers with everything in them, and what is checked.

use proptest::prelude::*;

use super::*;

fn unpack_gzip(bytes: &[u8], piece: usize, room: usize) -> Unpacked {
    let mut gzip = Gzip::default();
    unpack_by(|from, to| gzip.step(from, to), bytes, piece, room)
}

/// A member of stored text.
fn member(flags: u8, text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x1F, 0x8B, 8, flags, 1, 2, 3, 4, 5, 6];
    if flags & 0x04 != 0 {
        bytes.extend([3, 0, b'e', 0, b'x']);
    }
    if flags & 0x08 != 0 {
        bytes.extend(b"access.log\0");
    }
    if flags & 0x10 != 0 {
        bytes.extend(b"\xFFremark\0");
    }
    if flags & 0x02 != 0 {
        bytes.extend((crc32fast::hash(&bytes) as u16).to_le_bytes());
    }
    bytes.extend(Writer::default().stored(text, true).finish());
    bytes.extend(crc32fast::hash(text).to_le_bytes());
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes
}

/// Every way gives the same, and what the twin gives.
fn agree_gzip(bytes: &[u8]) -> Unpacked {
    let (ours, expected) = (unpack_gzip(bytes, 1 << 20, 1 << 20), twin(bytes, true));
    assert_eq!(ours.verdict.kind(), expected.verdict.kind(), "{:?}", ours.verdict);
    assert_eq!(ours.text, expected.text);
    assert!(ours.verdict != Verdict::End || ours.left == expected.left);
    for (piece, room) in WAYS {
        let other = unpack_gzip(bytes, piece, room);
        assert_eq!((other.verdict, &other.text), (ours.verdict, &ours.text), "{piece} {room}");
        assert!(ours.verdict != Verdict::End || other.left == ours.left, "{piece} {room}");
    }
    ours
}

#[test]
fn headers_with_every_field() {
    for flags in 0..=0x1F {
        let bytes = member(flags, b"some text");
        for more in [0, 1, 100] {
            let unpacked = agree_gzip(&[&bytes[..], &vec![0x1F; more]].concat());
            assert_eq!(unpacked.text, b"some text");
            assert_eq!((unpacked.verdict, unpacked.left), (Verdict::End, more));
        }
        for cut in 0..bytes.len() {
            assert_eq!(agree_gzip(&bytes[..cut]).verdict, Verdict::Cut, "{cut}");
        }
    }
}

#[test]
fn an_empty_extra_field_and_a_long_one() {
    for length in [0, 1, 255, 256, 65_535_u16] {
        let mut bytes = vec![0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 3];
        bytes.extend(length.to_le_bytes());
        bytes.resize(bytes.len() + usize::from(length), 7);
        bytes.extend(&member(0, b"x")[10..]);
        assert_eq!(agree_gzip(&bytes).verdict, Verdict::End);
    }
}

#[test]
fn what_is_wrong_with_a_member_is_named() {
    let text = b"some text";
    let good = member(0x02, text);
    let end = good.len();
    let cases = [
        (0, Defect::Magic),
        (1, Defect::Magic),
        (2, Defect::Method),
        (4, Defect::HeaderChecksum),
        (10, Defect::HeaderChecksum),
        (end - 12, Defect::Checksum),
        (end - 8, Defect::Checksum),
        (end - 5, Defect::Checksum),
        (end - 4, Defect::Length),
        (end - 1, Defect::Length),
    ];
    for (at, defect) in cases {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        assert_eq!(agree_gzip(&bytes).verdict, Verdict::Broken(Some(defect)), "{at}");
    }
    for flag in [0x20, 0x40, 0x80] {
        let bytes = member(flag, text);
        assert_eq!(agree_gzip(&bytes).verdict, Verdict::Broken(Some(Defect::Flags)));
        // It is seen at once.
        assert_eq!(agree_gzip(&bytes[..4]).verdict, Verdict::Broken(Some(Defect::Flags)));
    }
}

proptest! {
    #[test]
    fn a_damaged_member_is_never_taken_for_whole(
        text in prop::collection::vec(prop::sample::select(&b"GET /abc 404\n"[..]), 0..2000),
        flags in 0_u8..0x20,
        place in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        let mut bytes = member(flags, &text);
        let at = place.index(bytes.len());
        bytes[at] ^= change;
        let unpacked = agree_gzip(&bytes);
        // Parts of the header mean nothing, and so do the bits that pad the head of the block.
        let block = bytes.len() - 8 - text.len() - 5;
        let is_silent = at < block || at == block && change & 7 == 0;
        prop_assert!(is_silent || unpacked.verdict != Verdict::End);
    }
}
