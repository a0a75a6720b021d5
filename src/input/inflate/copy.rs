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
    // SAFETY: every read begins at least a chunk before the write that it feeds, so that it takes
    // only bytes that are there, and every write begins before `to + length`.
    unsafe {
        let from = to.sub(distance).cast_const();
        if distance >= 32 {
            chunk::<32>(from, to);
            chunk::<32>(from.add(32), to.add(32));
            if length > 64 {
                let mut done = 64;
                loop {
                    chunk::<32>(from.add(done), to.add(done));
                    done += 32;
                    if done >= length {
                        break;
                    }
                }
            }
        } else {
            near(to, distance, length);
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
    // SAFETY: reads take bytes before `to`, or what was written since; writes begin before
    // `to + length` and are at most 32 bytes long.
    unsafe {
        let from = to.sub(distance).cast_const();
        if distance == 1 {
            ptr::write_bytes(to, *from, length);
        } else if distance >= 16 {
            let mut done = 0;
            while done < length {
                chunk::<16>(from.add(done), to.add(done));
                done += 16;
            }
        } else {
            // The pattern is doubled until it fills a chunk; from then on its last whole number of
            // repetitions within 16 bytes is what moves on.
            let mut pattern = [0; 16];
            for (at, byte) in pattern.iter_mut().enumerate() {
                *byte = *from.add(at % distance);
            }
            let period = 16 - 16 % distance;
            let mut done = 0;
            while done < length {
                to.add(done).cast::<[u8; 16]>().write_unaligned(pattern);
                done += period;
            }
        }
    }
}

/// Copies `N` bytes that may not overlap with where they go.
///
/// # Safety
///
/// `N` bytes can be read at `from` and written at `to`.
#[inline(always)]
// SAFETY: the caller keeps to the section above.
unsafe fn chunk<const N: usize>(from: *const u8, to: *mut u8) {
    // SAFETY: see above; neither pointer is taken to be aligned.
    unsafe { to.cast::<[u8; N]>().write_unaligned(from.cast::<[u8; N]>().read_unaligned()) }
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
