//! The fast way: symbols in a row, while input and room are enough not to ask for either.
//!
//! What makes it fast:
//!
//! - 64 bits of input at a time, by one load that does not ask how many are missing: after it the
//!   next 64 bits are there, enough for two literals and a match.
//! - One look-up gives two literals, or a literal and a match; what follows is looked up before the
//!   match is copied, so that both go on at once.
//! - Writes and copies are wide and go beyond their end, where there is room by the time of asking.
#![allow(unsafe_code)]

use super::Defect;
use super::bits::Bits;
use super::codes::{
    Codes, DISTANCE_GOES_ON, DISTANCE_ROOT, DISTANCE_SUB, END, LITERAL_GOES_ON, LITERAL_ROOT,
    LITERAL_SUB, NO_DISTANCE, NO_LITERAL, ONLY_LITERALS,
};
use super::copy;

/// The input that the fast way needs to begin: a turn of its loop loads four times at most, each
/// at most seven bytes after the one before, and eight bytes long.
pub(super) const INPUT_SLACK: usize = 32;

/// The room that the fast way needs to begin: the most that one turn of its loop writes is eight
/// literals and the longest match, with what a copy writes beyond its end.
pub(super) const OUTPUT_SLACK: usize = 8 + 258 + copy::OVERSHOOT;

/// Why the fast way stopped.
pub(super) enum Exit {
    /// Input or room is short.
    Slack,
    /// The block is over.
    BlockEnd,
    /// The bytes cannot be decoded.
    Broken(Defect),
}

/// Decodes symbols from `input` into `output[written..]`. `history` is what came before `output`.
pub(super) fn run(
    codes: &Codes,
    bits: &mut Bits,
    input: &mut &[u8],
    output: &mut [u8],
    written: &mut usize,
    history: &[u8],
) -> Exit {
    #[cfg(test)]
    if tests::IS_PORTABLE.get() {
        return run_any(codes, bits, input, output, written, history);
    }
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
        && std::arch::is_x86_feature_detected!("avx2")
    {
        // SAFETY: the processor has BMI1, BMI2 and AVX2.
        return unsafe { run_bmi2(codes, bits, input, output, written, history) };
    }
    run_any(codes, bits, input, output, written, history)
}

/// How a run ends at a slot that is no literal and no length.
fn end_of(slot: u32) -> Exit {
    if slot & NO_LITERAL == 0 { Exit::BlockEnd } else { Exit::Broken(Defect::Literal) }
}

/// [`run_any`], compiled for nearly every x86-64 since 2013.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2,avx2")]
fn run_bmi2(
    codes: &Codes,
    bits: &mut Bits,
    input: &mut &[u8],
    output: &mut [u8],
    written: &mut usize,
    history: &[u8],
) -> Exit {
    run_any(codes, bits, input, output, written, history)
}

#[inline(always)]
fn run_any(
    codes: &Codes,
    bits: &mut Bits,
    input: &mut &[u8],
    output: &mut [u8],
    written: &mut usize,
    history: &[u8],
) -> Exit {
    if input.len() < INPUT_SLACK || output.len().saturating_sub(*written) < OUTPUT_SLACK {
        return Exit::Slack;
    }
    let (input_begin, output_begin) = (input.as_ptr(), output.as_mut_ptr());
    // SAFETY: both lie within their slices, by the lengths that were just asked for.
    let (input_last, output_last, mut to) = unsafe {
        (
            input_begin.add(input.len() - INPUT_SLACK),
            output_begin.add(output.len() - OUTPUT_SLACK).cast_const(),
            output_begin.add(*written),
        )
    };
    let mut from = input_begin;
    // Of `count` only the lowest six bits mean anything.
    let Bits { mut hold, mut count } = *bits;

    // Loads until there are 56 bits or more. The bits above them are right too, and come again.
    macro_rules! refill {
        () => {
            // SAFETY: a turn begins at `input_last` at the latest and gets here four times at most,
            // see `INPUT_SLACK`.
            unsafe {
                hold |= u64::from_le(from.cast::<u64>().read_unaligned()).wrapping_shl(count);
                from = from.add(7 - (count as usize >> 3 & 7));
            }
            count |= 56;
        };
    }
    macro_rules! consume {
        ($slot:expr) => {
            hold = hold.wrapping_shr($slot);
            count = count.wrapping_sub($slot);
        };
    }
    macro_rules! look_up {
        () => {
            codes.literals[(hold & ((1 << LITERAL_ROOT) - 1)) as usize]
        };
    }
    // Writes up to two literals.
    macro_rules! put {
        ($slot:expr) => {
            // SAFETY: a turn begins at `output_last` at the latest and gets here four times before
            // its match, see `OUTPUT_SLACK`.
            unsafe {
                to.cast::<[u8; 2]>().write_unaligned((($slot >> 8) as u16).to_le_bytes());
                to = to.add(($slot >> 24 & 3) as usize);
            }
        };
    }

    refill!();
    let mut slot = look_up!();
    let exit = loop {
        if from > input_last || to.cast_const() > output_last {
            break Exit::Slack;
        }
        refill!();
        if slot & ONLY_LITERALS != 0 {
            put!(slot);
            consume!(slot);
            slot = look_up!();
            if slot & ONLY_LITERALS != 0 {
                put!(slot);
                consume!(slot);
                slot = look_up!();
                if slot & ONLY_LITERALS != 0 {
                    put!(slot);
                    consume!(slot);
                    slot = look_up!();
                    continue;
                }
                refill!();
            }
        }
        // At least 53 bits are there: 16 for the length and what stands before it, 22 for the
        // distance, and 11 to look up what follows. Sub-tables need more, and load it.
        if slot & END != 0 {
            if slot & LITERAL_GOES_ON == 0 {
                consume!(slot);
                break end_of(slot);
            }
            consume!(slot);
            let sub = (hold & ((1 << LITERAL_SUB) - 1)) as usize;
            slot = codes.literals[(slot >> 8 & 0xFFFF) as usize + sub];
            if slot & ONLY_LITERALS != 0 {
                put!(slot);
                consume!(slot);
                slot = look_up!();
                continue;
            }
            refill!();
            if slot & END != 0 {
                consume!(slot);
                break end_of(slot);
            }
        }
        put!(slot);
        let before = hold;
        consume!(slot);
        let mut far = codes.distances[(hold & ((1 << DISTANCE_ROOT) - 1)) as usize];
        let extra = before & !u64::MAX.wrapping_shl(slot);
        let length = (slot >> 16 & 0xFF) as usize + 3 + extra.wrapping_shr(slot >> 26) as usize;
        if far & (DISTANCE_GOES_ON | NO_DISTANCE) != 0 {
            refill!();
            if far & DISTANCE_GOES_ON != 0 {
                consume!(far);
                let sub = (hold & ((1 << DISTANCE_SUB) - 1)) as usize;
                far = codes.distances[(far >> 16) as usize + sub];
            }
            if far & NO_DISTANCE != 0 {
                break Exit::Broken(Defect::Distance);
            }
        }
        let before = hold;
        consume!(far);
        let extra = before & !u64::MAX.wrapping_shl(far);
        let distance = (far >> 16) as usize + extra.wrapping_shr(far >> 8 & 0xF) as usize;
        slot = look_up!();
        let here = to as usize - output_begin as usize;
        if distance <= here {
            // SAFETY: `distance` bytes of output are before `to`; for the room see `OUTPUT_SLACK`.
            unsafe { copy::copy(to, distance, length) };
        } else if distance - here <= history.len() {
            let tail = &history[history.len() - (distance - here)..];
            if tail.len() >= length + copy::OVERSHOOT {
                // SAFETY: both have `length + OVERSHOOT` bytes, and `history` is no part of the
                // output.
                unsafe { copy::copy_from(tail.as_ptr(), to, length) };
            } else {
                // The match may go on with the first bytes of the output, and with its own.
                let tail = &tail[..tail.len().min(length)];
                // SAFETY: the room is there, see `OUTPUT_SLACK`; `history` is no part of it. Once
                // the tail is copied, `distance` lies within the output.
                unsafe {
                    to.copy_from_nonoverlapping(tail.as_ptr(), tail.len());
                    if tail.len() < length {
                        copy::copy(to.add(tail.len()), distance, length - tail.len());
                    }
                }
            }
        } else {
            break Exit::Broken(Defect::TooFarBack);
        }
        // SAFETY: so much was written.
        to = unsafe { to.add(length) };
    };

    count &= 63;
    *bits = Bits { hold: hold & !(u64::MAX << count), count };
    *input = &input[from as usize - input_begin as usize..];
    *written = to as usize - output_begin as usize;
    exit
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    thread_local! {
        pub(super) static IS_PORTABLE: Cell<bool> = const { Cell::new(false) };
    }

    /// Does something as on a processor without BMI2.
    pub(in super::super) fn without_bmi2<T>(something: impl FnOnce() -> T) -> T {
        /// Also where a test fails.
        struct Reset;
        impl Drop for Reset {
            fn drop(&mut self) {
                IS_PORTABLE.set(false);
            }
        }
        let _reset = Reset;
        IS_PORTABLE.set(true);
        something()
    }
}
