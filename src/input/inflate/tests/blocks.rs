//! Every type of block, every defect, and the edges of the window, written by hand.

use super::*;

fn literals(text: &[u8]) -> Vec<Token> {
    text.iter().map(|byte| Token::Literal(*byte)).collect()
}

/// Bytes that do not repeat soon.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    next.take(count).collect()
}

/// Lengths of a code in which the symbols given have four bits each; there are sixteen.
fn sixteen(symbols: [usize; 16], count: usize) -> Vec<u8> {
    let mut lengths = vec![0; count];
    for symbol in symbols {
        lengths[symbol] = 4;
    }
    lengths
}

#[test]
fn stored_blocks() {
    means(&Writer::default().stored(b"", true).finish(), b"");
    means(&Writer::default().stored(b"abc", true).finish(), b"abc");
    let long = noise(65_535);
    let two = Writer::default().stored(&long, false).stored(b"", false).stored(b"z", true).finish();
    means(&two, &[&long[..], b"z"].concat());
}

#[test]
fn fixed_blocks() {
    means(&Writer::default().fixed(&[Token::End], true).finish(), b"");
    let every: Vec<u8> = (0..=255).collect();
    let tokens = [literals(&every), vec![Token::End]].concat();
    means(&Writer::default().fixed(&tokens, true).finish(), &every);
    let tokens = [Token::Literal(b'a'), Token::Match { length: 258, distance: 1 }, Token::End];
    means(&Writer::default().fixed(&tokens, true).finish(), &[b'a'; 259]);
}

#[test]
fn every_length_and_distance_symbol() {
    let mut text = noise(32_768);
    let mut tokens = Vec::new();
    for length in 3..=258 {
        tokens.push(Token::Match { length, distance: 1 + length });
    }
    for (base, extra) in codes::DISTANCES {
        let last = base + ((1_u32 << extra) - 1) as u16;
        tokens.push(Token::Match { length: 5, distance: base });
        tokens.push(Token::Match { length: 40, distance: last });
    }
    tokens.push(Token::End);
    let bytes = Writer::default().stored(&text, false).fixed(&tokens, true).finish();
    expand(&mut text, &tokens);
    means(&bytes, &text);
}

#[test]
fn dynamic_blocks_with_codes_that_are_hardly_codes() {
    // Nothing but the end, which has one bit; no distance at all.
    let mut end = vec![0; 257];
    end[BLOCK_END] = 1;
    means(&Writer::default().dynamic(&end, &[0], &[Token::End], true).finish(), b"");

    // One distance, which has one bit.
    let mut lengths = vec![0; 258];
    (lengths[usize::from(b'x')], lengths[BLOCK_END], lengths[257]) = (1, 2, 2);
    let tokens = [Token::Literal(b'x'), Token::Match { length: 3, distance: 1 }, Token::End];
    means(&Writer::default().dynamic(&lengths, &[1], &tokens, true).finish(), b"xxxx");

    // The other bit means nothing.
    let mut writer = Writer::default();
    writer.bits(1 | 2 << 1, 3).lengths(&lengths, &[1]).tokens(&lengths, &[1], &tokens[..1]);
    let bytes = writer.code(&lengths, 257).bits(1, 1).bits(0, 32).bits(0, 32).finish();
    let unpacked = agree(&bytes);
    assert_eq!(unpacked.verdict, Verdict::Broken(Some(Defect::Distance)));
    assert_eq!(unpacked.text, b"x");
}

#[test]
fn codes_of_every_length_go_through_sub_tables() {
    // 1, 2, …, 14, 15, 15 bits, for literals and for distances.
    let symbols = [97, 98, 99, 256, 257, 258, 259, 260, 261, 262, 263, 264, 265, 285, 100, 101];
    let (mut literals, mut distances) = (vec![0; 286], vec![0; 30]);
    for (number, symbol) in symbols.into_iter().enumerate() {
        literals[symbol] = (number + 1).min(15) as u8;
        distances[number * 13 % 30] = (number + 1).min(15) as u8;
    }
    let far: Vec<u16> = (0..16).map(|number| codes::DISTANCES[number * 13 % 30].0).collect();
    let mut tokens = Vec::new();
    for round in 0..200 {
        for (number, byte) in b"abcde".iter().enumerate() {
            tokens.extend([Token::Literal(*byte)].repeat((round + number) % 4));
            let length = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 258][(round * 3 + number) % 11];
            tokens.push(Token::Match { length, distance: far[(round + number * 5) % 16] });
        }
    }
    tokens.push(Token::End);
    let mut text = noise(40_000);
    let mut writer = Writer::default();
    writer.stored(&text, false).dynamic(&literals, &distances, &tokens, true);
    expand(&mut text, &tokens);
    means(&writer.finish(), &text);
}

#[test]
fn matches_reach_back_to_the_edge_of_the_window_and_of_the_stream() {
    for before in [1_usize, 5, 300, 32_767, 32_768, 32_769, 50_000, 65_535] {
        let furthest = before.min(32_768);
        for length in [3, 10, 33, 100, 258] {
            for distance in [furthest, furthest.saturating_sub(1).max(1)] {
                let mut text = noise(before);
                let mut tokens = [Token::Match { length, distance: distance as u16 }].repeat(3);
                tokens.push(Token::End);
                let mut writer = Writer::default();
                let bytes = writer.stored(&text, false).fixed(&tokens, true).finish();
                expand(&mut text, &tokens);
                assert_eq!(unpack(&bytes, 1 << 20, 1 << 20).text, text);
                // The output begins anew before, within and behind the match.
                for room in [before, before + 1, before - before / 3, 400, 32_768] {
                    let unpacked = unpack(&bytes, 1 << 20, room.max(1));
                    assert_eq!(unpacked.verdict, Verdict::End);
                    assert!(unpacked.text == text, "{before} {length} {distance} {room}");
                }
            }
        }
        if before < 32_768 {
            let tokens = [Token::Match { length: 3, distance: before as u16 + 1 }, Token::End];
            let mut writer = Writer::default();
            // With input enough for the fast way.
            let bytes = writer.stored(&noise(before), false).fixed(&tokens, true).finish();
            let bytes = [bytes, vec![0; 100]].concat();
            let unpacked = agree(&bytes);
            assert_eq!(unpacked.verdict, Verdict::Broken(Some(Defect::TooFarBack)));
            assert!(unpacked.text == noise(before));
        }
    }
}

#[test]
fn the_fast_way_stops_before_the_end_of_the_room() {
    // As many literals as one turn takes, then the longest match.
    let (mut literals, mut distances) = (vec![0; 286], vec![0; 12]);
    (literals[usize::from(b'a')], literals[BLOCK_END], literals[285]) = (1, 2, 2);
    (distances[0], distances[10], distances[11]) = (1, 2, 2);
    for distance in [1, 40, 60] {
        let turn = [Token::Literal(b'a')].repeat(7);
        let turn = [turn, vec![Token::Match { length: 258, distance }]].concat();
        let tokens = [turn.repeat(4), vec![Token::End]].concat();
        let mut text = noise(100);
        let mut writer = Writer::default();
        let bytes = writer.stored(&text, false).dynamic(&literals, &distances, &tokens, true);
        let bytes = [bytes.finish(), vec![0; 100]].concat();
        expand(&mut text, &tokens);
        for room in 300..=text.len() {
            let unpacked = unpack(&bytes, 1 << 20, room);
            assert_eq!((unpacked.verdict, unpacked.left), (Verdict::End, 100));
            assert!(unpacked.text == text, "{distance} {room}");
        }
    }
}

#[test]
fn what_is_wrong_is_named_and_the_twin_finds_it_too() {
    let fixed = |literal: usize, distance: Option<usize>| {
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let mut writer = Writer::default();
        writer.bits(3, 3).code(&lengths, 65).code(&lengths, literal);
        if let Some(distance) = distance {
            writer.code(&[5; 32], distance);
        }
        writer.finish()
    };
    let numbers = |literals: u32, distances: u32| {
        Writer::default().bits(5, 3).bits(literals, 5).bits(distances, 5).bits(0, 4).finish()
    };
    let length_code = |lengths: [u32; 4]| {
        let mut writer = Writer::default();
        writer.bits(5, 3).bits(0, 10).bits(0, 4);
        for length in lengths {
            writer.bits(length, 3);
        }
        writer.finish()
    };
    // Lengths by `tokens` of 16 (code 0) and 18 (code 1), one bit each.
    let repeats = |pairs: &[(u32, u32, u8)]| {
        let mut writer = Writer::default();
        writer.bits(5, 3).bits(0, 10).bits(0, 4).bits(1, 3).bits(0, 3).bits(1, 3).bits(0, 3);
        for &(code, more, extra) in pairs {
            writer.bits(code, 1).bits(more, extra);
        }
        writer.finish()
    };
    let dynamic = |literals: &[u8], distances: &[u8]| {
        Writer::default().bits(5, 3).lengths(literals, distances).finish()
    };
    let with = |pairs: &[(usize, u8)]| {
        let mut lengths = vec![0; 257];
        pairs.iter().for_each(|(symbol, length)| lengths[*symbol] = *length);
        lengths
    };
    let half = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 256];
    let cases: Vec<(Vec<u8>, Defect)> = vec![
        (vec![7], Defect::BlockType),
        (vec![1, 5, 0, 5, 0], Defect::StoredLength),
        (numbers(30, 0), Defect::TooManySymbols),
        (numbers(0, 30), Defect::TooManySymbols),
        (length_code([1, 1, 1, 0]), Defect::LengthCode),
        (length_code([1, 2, 0, 0]), Defect::LengthCode),
        (length_code([1, 0, 0, 0]), Defect::LengthCode),
        (repeats(&[(0, 0, 2)]), Defect::Repeat),
        (repeats(&[(1, 127, 7), (1, 127, 7)]), Defect::Repeat),
        (repeats(&[(1, 127, 7), (1, 109, 7)]), Defect::NoBlockEnd),
        (dynamic(&with(&[(65, 1), (66, 1)]), &[1]), Defect::NoBlockEnd),
        (dynamic(&with(&[(65, 1), (66, 1), (256, 1)]), &[1]), Defect::LiteralCode),
        (dynamic(&with(&[(65, 2), (66, 2), (256, 2)]), &[1]), Defect::LiteralCode),
        (dynamic(&with(&[(256, 2)]), &[1]), Defect::LiteralCode),
        (dynamic(&sixteen(half, 257), &[1, 1, 1]), Defect::DistanceCode),
        (dynamic(&sixteen(half, 257), &[2, 2, 2]), Defect::DistanceCode),
        (dynamic(&sixteen(half, 257), &[2]), Defect::DistanceCode),
        (fixed(286, None), Defect::Literal),
        (fixed(287, None), Defect::Literal),
        (fixed(257, Some(30)), Defect::Distance),
        (fixed(257, Some(31)), Defect::Distance),
        (fixed(258, Some(1)), Defect::TooFarBack),
    ];
    for (bytes, defect) in cases {
        // With little input the careful way is taken, with more the fast one.
        for more in [0, 8, 100] {
            let bytes = [&bytes[..], &vec![0; more]].concat();
            let unpacked = agree(&bytes);
            assert_eq!(unpacked.verdict, Verdict::Broken(Some(defect)), "{more}");
        }
    }
}

#[test]
fn an_end_stays_an_end() {
    let bytes = Writer::default().stored(b"abc", true).finish();
    let (mut inflate, mut output) = (Inflate::default(), [0; 10]);
    let end = Step { consumed: 8, produced: 3, outcome: Outcome::End };
    assert_eq!(inflate.step(&bytes, &mut output), end);
    let still = Step { consumed: 0, produced: 0, outcome: Outcome::End };
    assert_eq!(inflate.step(b"more", &mut output), still);

    let mut inflate = Inflate::default();
    let broken = Outcome::Broken(Defect::BlockType);
    assert_eq!(inflate.step(&[7], &mut output).outcome, broken);
    let still = Step { consumed: 0, produced: 0, outcome: broken };
    assert_eq!(inflate.step(b"more", &mut output), still);
}
