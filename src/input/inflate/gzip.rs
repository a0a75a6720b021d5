//! A member of a gzip file (RFC 1952 §2.3): header, content, checksum and length.

use crc32fast::Hasher;

use super::{Defect, Inflate, Outcome, Step};

/// Flags of the header (RFC 1952 §2.3.1).
const FHCRC: u8 = 0x02;
const FEXTRA: u8 = 0x04;
const FNAME: u8 = 0x08;
const FCOMMENT: u8 = 0x10;
const RESERVED: u8 = 0xE0;

/// Time, extra flags and system: what follows the flags in every header.
const UNUSED_BYTES: u16 = 6;

/// Decodes one member, checksum and length included.
pub struct Gzip {
    part: Part,
    flags: u8,
    /// Of the header, then of the content.
    checksum: Hasher,
    /// Of the content, modulo 2^32.
    length: u32,
    inflate: Inflate,
}

/// What comes next.
#[derive(Clone, Copy)]
enum Part {
    Header(Field),
    Content,
    /// The checksum, of which so many bytes are known, and which.
    Checksum(u32, u32),
    /// The length, likewise.
    Length(u32, u32),
    End,
    Broken(Defect),
}

/// The byte of the header that comes next.
#[derive(Clone, Copy)]
enum Field {
    /// One of the two of the magic.
    Magic(u8),
    Method,
    Flags,
    /// One of so many that mean nothing here.
    Unused(u16),
    /// The length of the extra field: its first byte, then its second.
    ExtraLow,
    ExtraHigh(u8),
    /// One of so many of the extra field.
    Extra(u16),
    /// One of the name, which a zero ends.
    Name,
    Comment,
    /// The checksum of the header: its first byte, then its second.
    ChecksumLow,
    ChecksumHigh(u8),
}

impl Default for Gzip {
    fn default() -> Gzip {
        Gzip {
            part: Part::Header(Field::Magic(0x1F)),
            flags: 0,
            checksum: Hasher::new(),
            length: 0,
            inflate: Inflate::default(),
        }
    }
}

impl Gzip {
    /// Decodes some of `input` into `output`, see [`Inflate::step`]. What follows the member is
    /// never taken.
    pub fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (mut rest, mut produced) = (input, 0);
        while let Part::Header(field) = self.part {
            let Some((&byte, after)) = rest.split_first() else { break };
            rest = after;
            self.part = self.header(field, byte);
        }
        if let Part::Content = self.part {
            let step = self.inflate.step(rest, output);
            rest = &rest[step.consumed..];
            produced = step.produced;
            self.checksum.update(&output[..produced]);
            self.length = self.length.wrapping_add(produced as u32);
            match step.outcome {
                Outcome::More => {}
                Outcome::End => self.part = Part::Checksum(0, 0),
                Outcome::Broken(defect) => self.part = Part::Broken(defect),
            }
        }
        while let Part::Checksum(..) | Part::Length(..) = self.part {
            let byte = self.inflate.take_byte().or_else(|| {
                let (&byte, after) = rest.split_first()?;
                rest = after;
                Some(byte)
            });
            let Some(byte) = byte else { break };
            self.trailer(byte);
        }
        let outcome = match self.part {
            Part::End => Outcome::End,
            Part::Broken(defect) => Outcome::Broken(defect),
            _ => Outcome::More,
        };
        Step { consumed: input.len() - rest.len(), produced, outcome }
    }

    /// Takes a byte of the header; says what follows it.
    fn header(&mut self, field: Field, byte: u8) -> Part {
        let next = match field {
            Field::Magic(wanted) if byte != wanted => return Part::Broken(Defect::Magic),
            Field::Magic(0x1F) => Field::Magic(0x8B),
            Field::Magic(_) => Field::Method,
            // Deflate, the only one.
            Field::Method if byte != 8 => return Part::Broken(Defect::Method),
            Field::Method => Field::Flags,
            Field::Flags if byte & RESERVED != 0 => return Part::Broken(Defect::Flags),
            Field::Flags => {
                self.flags = byte;
                Field::Unused(UNUSED_BYTES)
            }
            Field::Unused(left @ 2..) => Field::Unused(left - 1),
            Field::Unused(_) => Field::ExtraLow,
            Field::ExtraLow => Field::ExtraHigh(byte),
            Field::ExtraHigh(low) => match u16::from_le_bytes([low, byte]) {
                0 => Field::Name,
                length => Field::Extra(length),
            },
            Field::Extra(left @ 2..) => Field::Extra(left - 1),
            Field::Extra(_) => Field::Name,
            Field::Name if byte == 0 => Field::Comment,
            Field::Comment if byte == 0 => Field::ChecksumLow,
            Field::Name | Field::Comment => field,
            Field::ChecksumLow => return Part::Header(Field::ChecksumHigh(byte)),
            Field::ChecksumHigh(low) => {
                let found = std::mem::take(&mut self.checksum).finalize() as u16;
                return if found == u16::from_le_bytes([low, byte]) {
                    Part::Content
                } else {
                    Part::Broken(Defect::HeaderChecksum)
                };
            }
        };
        self.checksum.update(&[byte]);
        self.present(next)
    }

    /// Passes over the fields that the flags leave out.
    fn present(&mut self, mut field: Field) -> Part {
        let has = |flag| self.flags & flag != 0;
        loop {
            field = match field {
                Field::ExtraLow if !has(FEXTRA) => Field::Name,
                Field::Name if !has(FNAME) => Field::Comment,
                Field::Comment if !has(FCOMMENT) => Field::ChecksumLow,
                Field::ChecksumLow if !has(FHCRC) => {
                    self.checksum = Hasher::new();
                    return Part::Content;
                }
                present => return Part::Header(present),
            };
        }
    }

    /// Takes a byte behind the content.
    fn trailer(&mut self, byte: u8) {
        let with = |known, low| low | u32::from(byte) << (8 * known);
        self.part = match self.part {
            Part::Checksum(3, low) if with(3, low) != self.checksum.clone().finalize() => {
                Part::Broken(Defect::Checksum)
            }
            Part::Checksum(3, _) => Part::Length(0, 0),
            Part::Checksum(known, low) => Part::Checksum(known + 1, with(known, low)),
            Part::Length(3, low) if with(3, low) != self.length => Part::Broken(Defect::Length),
            Part::Length(3, _) => Part::End,
            Part::Length(known, low) => Part::Length(known + 1, with(known, low)),
            part => part,
        };
    }
}
