//! How a source is compressed: told by its first bytes, never by its name.

/// How a source is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// The lz4 frame format; neither bare blocks nor the frames that `lz4 -l` writes.
    Lz4,
}

/// As many first bytes as tell every compression.
pub(super) const HEAD_BYTES: usize = 6;

/// How a stream of each begins. The gzip magic has the method, deflate, which is the only one.
const MAGICS: [(Compression, &[u8]); 5] = [
    (Compression::Gzip, &[0x1F, 0x8B, 0x08]),
    (Compression::Zstd, &[0x28, 0xB5, 0x2F, 0xFD]),
    (Compression::Bzip2, b"BZh"),
    (Compression::Xz, &[0xFD, b'7', b'z', b'X', b'Z', 0x00]),
    (Compression::Lz4, &[0x04, 0x22, 0x4D, 0x18]),
];

/// How the beginning of some bytes compares with that of a compressed stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// It is one.
    Whole,
    /// It would be one, but the bytes end before that is sure.
    Cut,
    /// It is none.
    Other,
}

impl Compression {
    /// Its name in reports.
    pub fn id(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
            Compression::Lz4 => "lz4",
        }
    }

    /// Tells it from the first [`HEAD_BYTES`] bytes of a source, or from all of a shorter one.
    ///
    /// A source that ends within its magic is taken for a cut stream from two bytes on, four for
    /// bzip2, whose magic is text.
    pub(super) fn of(head: &[u8]) -> Compression {
        let cut_bytes_min = |compression| if compression == Compression::Bzip2 { 4 } else { 2 };
        MAGICS
            .iter()
            .map(|(compression, _)| *compression)
            .find(|compression| match compression.beginning(head) {
                Beginning::Whole => true,
                Beginning::Cut => head.len() >= cut_bytes_min(*compression),
                Beginning::Other => false,
            })
            .unwrap_or(Compression::None)
    }

    /// Whether `head` begins a stream of this compression.
    pub(super) fn beginning(self, head: &[u8]) -> Beginning {
        match self {
            Compression::None => Beginning::Other,
            Compression::Zstd if is_skippable(head) => Beginning::Whole,
            Compression::Bzip2 => bzip2_beginning(head),
            _ => MAGICS
                .iter()
                .find(|(compression, _)| *compression == self)
                .map_or(Beginning::Other, |(_, magic)| compare(head, magic)),
        }
    }

    /// Whether a stream of this compression begins anywhere in `bytes`.
    pub(super) fn begins_within(self, bytes: &[u8]) -> bool {
        let Some((_, magic)) = MAGICS.iter().find(|(compression, _)| *compression == self) else {
            return false;
        };
        memchr::memmem::find_iter(bytes, magic).any(|at| match (self, &bytes[at..]) {
            // Three bytes come about by chance; the reserved flags of RFC 1952 are zero.
            (Compression::Gzip, rest) => rest.get(3).is_some_and(|flags| flags & 0xE0 == 0),
            (_, rest) => self.beginning(&rest[..rest.len().min(HEAD_BYTES)]) == Beginning::Whole,
        })
    }
}

fn compare(head: &[u8], magic: &[u8]) -> Beginning {
    if head.starts_with(magic) {
        Beginning::Whole
    } else if magic.starts_with(head) {
        Beginning::Cut
    } else {
        Beginning::Other
    }
}

/// `BZh`, the block size, and the first two bytes of a block (π) or of the end (√π): a log whose
/// first host is called `BZh9` is none.
fn bzip2_beginning(head: &[u8]) -> Beginning {
    let Some((level, block)) = head.strip_prefix(b"BZh").and_then(|rest| rest.split_first()) else {
        return if b"BZh".starts_with(head) { Beginning::Cut } else { Beginning::Other };
    };
    if !(b'1'..=b'9').contains(level) {
        return Beginning::Other;
    }
    match (compare(block, &[0x31, 0x41]), compare(block, &[0x17, 0x72])) {
        (Beginning::Other, end) => end,
        (block, _) => block,
    }
}

/// A frame that holds no content (RFC 8878 §3.1.2); `pzstd` begins with one.
fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_compression() {
        let table: [(&[u8], Compression); 17] = [
            (b"", Compression::None),
            (b"192.0.", Compression::None),
            (b"\x1f", Compression::None),
            (b"\x1f\x8b", Compression::Gzip),
            (b"\x1f\x8b\x08\x00\x00\x00", Compression::Gzip),
            (b"\x1f\x8b\x00\x00\x00\x00", Compression::None),
            (b"\x1f\x9d\x90abc", Compression::None),
            (b"\x28\xb5\x2f\xfd\x04\x00", Compression::Zstd),
            (b"\x50\x2a\x4d\x18\x04\x00", Compression::Zstd),
            (b"BZh91A", Compression::Bzip2),
            (b"BZh1\x17\x72", Compression::Bzip2),
            (b"BZh9.e", Compression::None),
            (b"BZh", Compression::None),
            (b"BZh9", Compression::Bzip2),
            (b"\xfd7zXZ\x00", Compression::Xz),
            (b"\xfd7zXZ!", Compression::None),
            (b"\x04\x22\x4d\x18\x64\x40", Compression::Lz4),
        ];
        for (head, compression) in table {
            assert_eq!(Compression::of(head), compression, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn a_stream_is_found_within_other_bytes() {
        assert!(Compression::Gzip.begins_within(b"xx\x1f\x8b\x08\x00"));
        assert!(!Compression::Gzip.begins_within(b"xx\x1f\x8b\x08\xff"));
        assert!(!Compression::Gzip.begins_within(b"\x1f\x8b\x08"));
        assert!(Compression::Bzip2.begins_within(b"xxBZh91AY"));
        assert!(!Compression::Bzip2.begins_within(b"xxBZh9 is no stream"));
        assert!(!Compression::None.begins_within(b""));
    }
}
