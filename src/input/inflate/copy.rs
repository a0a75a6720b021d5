//! Copies of matches (RFC 1951 §3.2.3), in wide chunks that may write beyond their end.
#![allow(unsafe_code)]

use std::ptr;

/// How far beyond its end a copy may write.
pub(super) const OVERSHOOT: usize = 64;

/// Writes `length` bytes at `to`, each that which stands `distance` before it, and perhaps others
/// behind them.
///
/// # Safety
///
/// `distance` is not 0; as many bytes before `to` can be read; `length + OVERSHOOT` bytes from `to`
/// on can be written, all of the same allocation.
#[inline(always)]
// SAFETY: the caller keeps to the section above.
pub(super) unsafe fn copy(to: *mut u8, distance: usize, length: usize) {
    debug_assert!(distance > 0);
    // SAFETY: by the caller; at this distance no chunk reads what it or a later one writes.
    unsafe {
        if distance >= 32 {
            copy_from(to.sub(distance), to, length);
        } else {
            near(to, distance, length);
        }
    }
}

/// Writes the `length` bytes that are at `from`, and perhaps others behind them.
///
/// # Safety
///
/// `length + OVERSHOOT` bytes from `from` on can be read, from `to` on written. `from` lies at least
/// 32 bytes before `to`, or elsewhere altogether.
#[inline(always)]
// SAFETY: the caller keeps to the section above.
pub(super) unsafe fn copy_from(from: *const u8, to: *mut u8, length: usize) {
    // SAFETY: the first two chunks end at `OVERSHOOT`, all others begin before `length`.
    unsafe {
        // Nearly all matches are shorter: no branch for those that have more than 32 bytes.
        chunk::<32>(from, to);
        chunk::<32>(from.add(32), to.add(32));
        let mut done = 64;
        while done < length {
            chunk::<32>(from.add(done), to.add(done));
            done += 32;
        }
    }
}

/// The same where a chunk of 32 bytes would read what it writes.
///
/// # Safety
///
/// As for [`copy`].
#[inline(never)]
// SAFETY: the caller keeps to the section above.
unsafe fn near(to: *mut u8, distance: usize, length: usize) {
    // SAFETY: reads begin at `from` or behind it and before `to + length`, writes begin before
    // `to + length`, and all are 16 bytes long. With a chunk read at `from`, only the first
    // `distance` bytes that it writes are right, and only those are counted.
    unsafe {
        let from = to.sub(distance).cast_const();
        if distance == 1 {
            ptr::write_bytes(to, *from, length);
            return;
        }
        // What repeats is doubled until it fills a chunk.
        let (mut distance, mut done) = (distance, 0);
        while distance < 16 {
            chunk::<16>(from, to.add(done));
            done += distance;
            if done >= length {
                return;
            }
            distance *= 2;
        }
        while done < length {
            chunk::<16>(to.add(done).sub(distance), to.add(done));
            done += 16;
        }
    }
}

/// Copies `N` bytes as they are before any of them is written.
///
/// # Safety
///
/// `N` bytes can be read at `from` and written at `to`.
#[inline(always)]
// SAFETY: the caller keeps to the section above.
unsafe fn chunk<const N: usize>(from: *const u8, to: *mut u8) {
    // SAFETY: see above.
    unsafe { ptr::copy(from, to, N) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_distance_and_length_is_copied() {
        for distance in (1..80).chain([300]) {
            for length in (1..140).chain([257, 258]) {
                // The exact room, so that valgrind sees any step beyond it.
                let mut bytes = vec![0xEE; distance + length + OVERSHOOT].into_boxed_slice();
                for (at, byte) in bytes[..distance].iter_mut().enumerate() {
                    *byte = (at * 37 + 11) as u8;
                }
                let mut wanted = bytes[..distance].to_vec();
                for at in 0..length {
                    wanted.push(wanted[at]);
                }
                // SAFETY: `distance` bytes are before the place, `length + OVERSHOOT` behind it.
                unsafe { copy(bytes.as_mut_ptr().add(distance), distance, length) };
                assert!(bytes[..distance + length] == wanted, "{distance} {length}");
            }
        }
    }
}
