//! Streams of all kinds, whole and damaged, held against the twin.

use proptest::prelude::*;
use proptest::sample::Index;
use zlib_rs::{DeflateConfig, Method, ReturnCode, Strategy as Way};

use super::*;

/// Compresses as raw DEFLATE.
fn pack(text: &[u8], level: i32, strategy: Way, window_bits: i32, mem_level: i32) -> Vec<u8> {
    let mut packed = vec![0; text.len() + text.len() / 8 + 1000];
    let config =
        DeflateConfig { level, method: Method::Deflated, window_bits, mem_level, strategy };
    let (packed, code) = zlib_rs::compress_slice(&mut packed, text, config);
    assert_eq!(code, ReturnCode::Ok);
    packed.to_vec()
}

fn ways() -> impl Strategy<Value = Way> {
    prop::sample::select(vec![Way::Default, Way::Filtered, Way::HuffmanOnly, Way::Rle, Way::Fixed])
}

/// Texts of many kinds: logs, noise, runs, periods, few and many symbols, and all of these.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let log =
        prop::collection::vec((0_u32..5000, 0_u8..200, any::<bool>()), 0..400).prop_map(|lines| {
            let line = |(page, host, is_found): (u32, u8, bool)| {
                let status = if is_found { 200 } else { 404 };
                format!(
                    "192.0.2.{host} - - [21/Nov/2026:14:05:09 +0000] \"GET /page/{page} HTTP/1.1\" \
                 {status} {page} \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"\n"
                )
            };
            lines.into_iter().map(line).collect::<String>().into_bytes()
        });
    let noise = prop::collection::vec(any::<u8>(), 0..20_000);
    let few = prop::collection::vec(prop::sample::select(&b"ab"[..]), 0..20_000);
    let skewed = prop::collection::vec(any::<u64>(), 0..20_000)
        .prop_map(|all| all.into_iter().map(|n| n.trailing_zeros() as u8).collect());
    let runs = prop::collection::vec((any::<u8>(), 1_usize..3000), 0..40)
        .prop_map(|runs| runs.into_iter().flat_map(|(byte, n)| vec![byte; n]).collect());
    let periods = (prop::collection::vec(any::<u8>(), 1..70), 0_usize..800)
        .prop_map(|(period, times)| period.repeat(times));
    let one = prop_oneof![log, noise, few, skewed, runs, periods].boxed();
    prop_oneof![3 => one.clone(), 1 => prop::collection::vec(one, 0..4).prop_map(|all| all.concat())]
}

/// The lengths of a complete code, some as long as there can be: a code is made by dividing leaves.
fn lengths(symbols: Vec<Index>, divisions: Vec<Index>, count: usize, needed: usize) -> Vec<u8> {
    let mut leaves = vec![1_u8, 1];
    for division in divisions {
        if leaves.len() == count {
            break;
        }
        // The latest are divided more often, so that codes become long.
        let at = leaves.len() - 1 - division.index(leaves.len()).min(division.index(7));
        if leaves[at] < 15 {
            leaves[at] += 1;
            leaves.push(leaves[at]);
        }
    }
    let mut free: Vec<usize> = (0..count).filter(|symbol| *symbol != needed).collect();
    let mut lengths = vec![0; count];
    lengths[needed] = leaves.pop().unwrap();
    for (leaf, symbol) in leaves.into_iter().zip(symbols) {
        lengths[free.swap_remove(symbol.index(free.len()))] = leaf;
    }
    lengths
}

/// A dynamic block with random codes that says random things, and what it means.
fn blocks() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let indices = |least, most| prop::collection::vec(any::<Index>(), least..=most);
    let parts = (indices(300, 300), indices(0, 400), indices(32, 32), indices(0, 40));
    let says = prop::collection::vec((any::<Index>(), any::<Index>(), any::<u16>()), 0..3000);
    (parts, says, 0_usize..40_000).prop_map(|(parts, says, before)| {
        let literals = lengths(parts.0, parts.1, 286, BLOCK_END);
        let distances = lengths(parts.2, parts.3, 30, 0);
        let known = |lengths: &[u8]| -> Vec<usize> {
            (0..lengths.len()).filter(|symbol| lengths[*symbol] > 0).collect()
        };
        let (some_literals, some_distances) = (known(&literals), known(&distances));
        let mut text: Vec<u8> = (0..before).map(|at| (at * at / 8) as u8).collect();
        let mut writer = Writer::default();
        for piece in text.chunks(65_535) {
            writer.stored(piece, false);
        }
        let mut tokens = Vec::new();
        let mut length_now = before;
        for (first, second, more) in says {
            let symbol = some_literals[first.index(some_literals.len())];
            let Some(number) = symbol.checked_sub(257) else {
                if let Ok(byte) = u8::try_from(symbol) {
                    tokens.push(Token::Literal(byte));
                    length_now += 1;
                }
                continue;
            };
            let (base, extra) = codes::LENGTHS[number];
            let length = (base + more % (1 << extra)).min(if number < 28 { 257 } else { 258 });
            let (base, extra) =
                codes::DISTANCES[some_distances[second.index(some_distances.len())]];
            let distance = base + more.rotate_left(5) % (1 << extra);
            if usize::from(distance) <= length_now {
                tokens.push(Token::Match { length, distance });
                length_now += usize::from(length);
            }
        }
        tokens.push(Token::End);
        writer.dynamic(&literals, &distances, &tokens, true);
        expand(&mut text, &tokens);
        (writer.finish(), text)
    })
}

/// Where the fast way has its edges.
fn pieces() -> impl Strategy<Value = usize> {
    prop_oneof![1_usize..80, 80_usize..2000, Just(1 << 20)]
}

#[test]
fn an_empty_code_of_lengths_is_broken_though_the_stream_ends_there() {
    // A block with codes of its own, of which the code that tells their lengths has no symbol.
    assert_eq!(agree(&[4, 0, 0, 0]).verdict, Verdict::Broken(Some(Defect::LengthCode)));
}

proptest! {
    #[test]
    fn whatever_was_compressed_comes_out(
        text in texts(),
        level in 0..=9,
        strategy in ways(),
        window_bits in 9_i32..=15,
        mem_level in 1..=9,
        piece in pieces(),
        room in pieces(),
    ) {
        let packed = pack(&text, level, strategy, -window_bits, mem_level);
        let unpacked = unpack(&packed, piece, room);
        prop_assert_eq!((unpacked.verdict, unpacked.left), (Verdict::End, 0));
        prop_assert!(unpacked.text == text);
        means(&packed, &text);
    }

    #[test]
    fn codes_of_any_shape_mean_what_they_say((bytes, text) in blocks()) {
        means(&bytes, &text);
    }

    #[test]
    fn damage_is_found_where_the_twin_finds_it(
        text in texts(),
        level in 0..=9,
        strategy in ways(),
        damage in prop::collection::vec((any::<Index>(), 0_u8..8), 0..4),
        cut in prop::option::of(any::<Index>()),
        piece in pieces(),
        room in pieces(),
    ) {
        let mut packed = pack(&text, level, strategy, -15, 8);
        for (place, bit) in damage {
            let at = place.index(packed.len());
            packed[at] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            packed.truncate(cut.index(packed.len()));
        }
        let ours = agree(&packed);
        let other = unpack(&packed, piece, room);
        prop_assert_eq!(other.verdict, ours.verdict);
        prop_assert!(other.text == ours.text);
    }

    #[test]
    fn noise_is_judged_as_the_twin_judges_it(
        mut bytes in prop::collection::vec(any::<u8>(), 1..400),
        kind in 0_u8..4,
    ) {
        // Otherwise three of four begin in the same few ways.
        bytes[0] = bytes[0] & !6 | kind << 1;
        agree(&bytes);
    }

    #[test]
    fn every_processor_gives_the_same(text in texts(), level in 1..=9) {
        let packed = pack(&text, level, Way::Default, -15, 8);
        let portable = run::tests::without_bmi2(|| unpack(&packed, 1 << 20, 1 << 20));
        prop_assert!(portable == unpack(&packed, 1 << 20, 1 << 20));
        prop_assert!(portable.text == text);
    }
}

#[test]
fn a_flood_of_tiny_blocks_ends() {
    let tokens = [Token::Literal(b'x'), Token::End];
    let mut writer = Writer::default();
    for _ in 0..5000 {
        writer.fixed(&tokens, false).stored(b"", false);
    }
    means(&writer.fixed(&tokens, true).finish(), &[b'x'; 5001]);
}
