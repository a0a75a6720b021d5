//! Names of one parent that are a letter or two away.
//!
//! A name is cut into three pieces. An edit hits one of them, or two that touch, so that of a name with one
//! edit the first or the last piece is left whole, and of one with two edits nearly always one of the three
//! is: it is found by that piece. (Two edits that hit all three, one of them a swap over a seam, are not.)

use super::guards::{self, Class};
use super::postings::{Maker, Postings, Seed};

/// Names of the live paths, by the pieces of them.
#[derive(Debug)]
pub struct Spellings {
    pieces: Postings,
    seed: Seed,
}

/// Shorter names are another word after one edit.
const LETTERS_MIN: usize = 5;

/// From this length on a name may have two edits.
const LETTERS_OF_TWO: usize = 10;

/// Longer names are not looked for.
const LETTERS_MAX: usize = 200;

/// A piece that more paths share than this leads nowhere: where very many names are alike, some
/// misspellings are not found, and another that is as near may go unseen.
const SHARED_MAX: usize = 64;

/// A path, taken apart.
struct Parts<'a> {
    parent: &'a [u8],
    /// Without its extension.
    name: &'a [u8],
    extension: &'a [u8],
}

impl<'a> Parts<'a> {
    fn new(path: &'a [u8]) -> Parts<'a> {
        let path = path.strip_suffix(b"/").unwrap_or(path);
        let slash = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
        let (parent, name) = path.split_at(slash);
        let is_extension = |text: &[u8]| {
            (1..=5).contains(&text.len()) && text.iter().all(u8::is_ascii_alphanumeric)
        };
        let point = memchr::memrchr(b'.', name).filter(|point| is_extension(&name[point + 1..]));
        let (name, extension) = name.split_at(point.unwrap_or(name.len()));
        Parts { parent, name, extension }
    }

    fn is_beside(&self, other: &Parts<'_>) -> bool {
        self.parent == other.parent && self.extension.eq_ignore_ascii_case(other.extension)
    }
}

/// The pieces of a name of this length: where the first ends, and the last begins.
fn seams(length: usize) -> (usize, usize) {
    let edge = (length + 1) / 3;
    (edge, length - edge)
}

impl Spellings {
    /// Of these paths, numbered from 0.
    pub fn new(paths: &[&[u8]], seed: Seed) -> Spellings {
        let mut pieces = Maker::new(paths.len() * 3);
        for (number, path) in paths.iter().enumerate() {
            let parts = Parts::new(path);
            let length = parts.name.len();
            if !(LETTERS_MIN - 1..=LETTERS_MAX).contains(&length) {
                continue;
            }
            let (first, last) = seams(length);
            let place = place(&seed, &parts);
            for (piece, (from, to)) in
                [(0, first), (first, last), (last, length)].into_iter().enumerate()
            {
                let hash = piece_hash(&seed, place, length, piece, &parts.name[from..to]);
                pieces.add(hash, number as u32);
            }
        }
        Spellings { pieces: pieces.finish(), seed }
    }

    /// The path that is the fewest edits away, and how many; `None` where two are as near.
    pub fn nearest<'a>(&self, paths: &[&'a [u8]], missing: &[u8]) -> Option<(&'a [u8], usize)> {
        let parts = Parts::new(missing);
        let most = match parts.name.len() {
            LETTERS_MIN..LETTERS_OF_TWO => 1,
            LETTERS_OF_TWO..=LETTERS_MAX => 2,
            _ => return None,
        };
        let class = Class::of(missing);
        let mut best: Option<(usize, &[u8])> = None;
        let mut is_alone = true;
        for number in self.candidates(&parts, most) {
            let path = paths[number as usize];
            let other = Parts::new(path);
            let bound = best.map_or(most, |(distance, _)| distance);
            if !other.is_beside(&parts) || path == missing {
                continue;
            }
            let Some(distance) = distance(parts.name, other.name, bound) else { continue };
            let is_fit = digits(missing).eq(digits(path))
                && !guards::is_another_id(missing, path)
                && Class::of(path) == class;
            if distance == 0 || !is_fit {
                continue;
            }
            match best {
                Some((nearest, known)) if nearest == distance => is_alone &= known == path,
                _ => (best, is_alone) = (Some((distance, path)), true),
            }
        }
        best.filter(|_| is_alone).map(|(distance, path)| (path, distance))
    }

    /// The paths that share a piece where it may stand after so many edits, each once.
    fn candidates(&self, parts: &Parts<'_>, most: usize) -> Vec<u32> {
        let name = parts.name;
        let place = place(&self.seed, parts);
        let mut found = Vec::new();
        let mut look = |length: usize, piece: usize, text: Option<&[u8]>| {
            let Some(text) = text else { return };
            let hash = piece_hash(&self.seed, place, length, piece, text);
            let numbers = self.pieces.find(hash);
            if numbers.len() <= SHARED_MAX {
                found.extend(numbers.iter().map(|packed| *packed as u32));
            }
        };
        for length in name.len() - most..=name.len() + most {
            let (first, last) = seams(length);
            look(length, 0, name.get(..first));
            look(length, 2, name.len().checked_sub(first).map(|from| &name[from..]));
            if most == 1 {
                continue;
            }
            // The middle is moved by what was put in or left out before it.
            for from in first.saturating_sub(most)..=first + most {
                let moved = from.abs_diff(first);
                let left = (name.len() + first).abs_diff(length + from);
                if moved + left <= most {
                    look(length, 1, name.get(from..from + last - first));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The parent, and the digits of the name: what has others is another thing.
fn place(seed: &Seed, parts: &Parts<'_>) -> u64 {
    let parent = seed.hash(0, parts.parent);
    let number = digits(parts.name);
    number.fold(parent, |place, digit| place.rotate_left(5) ^ u64::from(*digit))
}

fn piece_hash(seed: &Seed, place: u64, length: usize, piece: usize, text: &[u8]) -> u64 {
    // Two places that come out alike share a hash, no more.
    seed.hash(place.wrapping_add((length as u64) << 2 | piece as u64), text)
}

/// How many edits two names are apart, if no more than `most`.
fn distance(one: &[u8], other: &[u8], most: usize) -> Option<usize> {
    if (letters(one) ^ letters(other)).count_ones() > 2 * most as u32 {
        return None;
    }
    let (one, other) = (std::str::from_utf8(one).ok()?, std::str::from_utf8(other).ok()?);
    Some(strsim::osa_distance(one, other)).filter(|distance| *distance <= most)
}

/// Which bytes a name has: an edit changes two of them at most.
fn letters(name: &[u8]) -> u64 {
    name.iter().fold(0, |letters, byte| letters | 1 << (byte & 63))
}

/// Another number is another thing, whatever else is misspelt.
fn digits(path: &[u8]) -> impl Iterator<Item = &u8> {
    path.iter().filter(|byte| byte.is_ascii_digit())
}
