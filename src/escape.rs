//! One escaper for each medium: the only doors through which text of a log leaves.

use unicode_width::UnicodeWidthChar;

use crate::untrusted::Untrusted;

/// For a JSON string: valid UTF-8, each byte that is not part of it written `\xhh`, lowercase.
///
/// Quotes, backslashes and control characters are left to the JSON writer. A log that holds the
/// four characters `\xff` and one that holds the byte come out alike; the contract has it so.
pub fn json(text: &Untrusted) -> String {
    let mut out = String::with_capacity(text.bytes().len());
    for chunk in text.bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            push_hex(&mut out, *byte);
        }
    }
    out
}

/// For a terminal, at most `columns` wide: control characters (C0, DEL, C1), what changes the
/// direction of text or takes no room, and bytes that are not UTF-8 are written as escapes; a text
/// too long for its room ends in `…`.
pub fn terminal(text: &Untrusted, columns: usize) -> String {
    fit(&visible(text), columns, Cut::End)
}

/// As [`terminal`], but keeps the end too: for addresses and paths told apart by how they end.
pub fn terminal_middle(text: &Untrusted, columns: usize) -> String {
    fit(&visible(text), columns, Cut::Middle)
}

/// How many columns `text` takes on a terminal; control characters count as none.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// For a field of a CSV file (RFC 4180): always between quotes, on one line, and never a formula to a
/// program for tables. Control characters and bytes that are not UTF-8 are written `\xhh`.
pub fn csv(text: &Untrusted) -> String {
    let mut out = String::from("\"");
    // A program that takes the field for a formula would run it.
    if text.bytes().first().is_some_and(|byte| b"=+-@\t\r\n|%".contains(byte)) {
        out.push('\'');
    }
    for c in visible(text).chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// For a regular expression between double quotes in a condition of Apache's mod_rewrite: it matches these
/// bytes, and no others. All but letters, digits and a few marks are escaped, so that nothing ends the
/// quotes or stands for a variable.
pub fn apache_pattern(text: &Untrusted) -> String {
    let mut out = String::with_capacity(text.bytes().len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(*byte)),
            _ if b"/-_~%=&,:;@!'".contains(byte) => out.push(char::from(*byte)),
            b'.' | b'+' | b'*' | b'(' | b')' => out.extend(['\\', char::from(*byte)]),
            _ => push_hex(&mut out, *byte),
        }
    }
    out
}

/// As [`apache_pattern`], in a configuration of nginx, to which two backslashes between quotes are one.
pub fn nginx_pattern(text: &Untrusted) -> String {
    apache_pattern(text).replace('\\', r"\\")
}

/// For the path of an address, between double quotes in a configuration of nginx: what an address cannot
/// hold, and `$`, is percent-encoded; what is encoded already stays.
pub fn address(text: &Untrusted) -> String {
    let bytes = text.bytes();
    let mut out = String::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        let is_escape =
            || bytes.get(at + 1..at + 3).is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit));
        match byte {
            b'%' if is_escape() => out.push('%'),
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'!'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b';'
            | b'='
            | b':'
            | b'@' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// As [`address`], for the substitution of a `RewriteRule` of Apache, to which `%1` is a part of a match.
pub fn apache_address(text: &Untrusted) -> String {
    address(text).replace('%', r"\%")
}

fn visible(text: &Untrusted) -> String {
    let mut out = String::with_capacity(text.bytes().len());
    for chunk in text.bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_hidden(c) {
                push_escape(&mut out, c);
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            push_hex(&mut out, *byte);
        }
    }
    out
}

/// Characters that act on a terminal, or that a reader cannot see.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || c.width() == Some(0)
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

fn push_escape(out: &mut String, c: char) {
    if c.is_ascii() {
        push_hex(out, c as u8);
    } else {
        out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
    }
}

fn push_hex(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push_str("\\x");
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

enum Cut {
    End,
    Middle,
}

fn fit(text: &str, room: usize, cut: Cut) -> String {
    if columns(text) <= room {
        return text.to_string();
    }
    if room == 0 {
        return String::new();
    }
    let tail_room = match cut {
        Cut::End => 0,
        Cut::Middle => (room - 1) / 3,
    };
    let mut tail: Vec<char> = take(text.chars().rev(), tail_room);
    tail.reverse();
    let head = take(text.chars(), room - 1 - tail_room);
    head.into_iter().chain(['…']).chain(tail).collect()
}

fn take(chars: impl Iterator<Item = char>, room: usize) -> Vec<char> {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_terminal(bytes: &[u8]) -> String {
        terminal(&Untrusted::new(bytes), 1000)
    }

    #[test]
    fn clearing_the_screen_and_setting_the_title_are_shown_not_done() {
        assert_eq!(on_terminal(b"a\x1b[2J"), r"a\x1b[2J");
        assert_eq!(on_terminal(b"\x1b]0;owned\x07"), r"\x1b]0;owned\x07");
        assert_eq!(on_terminal(b"\xc2\x9b31m"), r"\u{9b}31m");
        assert_eq!(on_terminal(b"\x9b31m"), r"\x9b31m");
        assert_eq!(on_terminal(b"a\r\nb\tc\x7f\0"), r"a\x0d\x0ab\x09c\x7f\x00");
    }

    #[test]
    fn text_cannot_be_turned_around_or_hidden() {
        assert_eq!(on_terminal("a\u{202e}gpj.exe".as_bytes()), r"a\u{202e}gpj.exe");
        assert_eq!(on_terminal("a\u{200b}b\u{feff}".as_bytes()), r"a\u{200b}b\u{feff}");
        assert_eq!(on_terminal("a\u{2028}b\u{e0041}".as_bytes()), r"a\u{2028}b\u{e0041}");
        assert_eq!(on_terminal("e\u{301}".as_bytes()), r"e\u{301}");
    }

    #[test]
    fn letters_of_any_script_stay() {
        assert_eq!(on_terminal("/käse/日本".as_bytes()), "/käse/日本");
    }

    #[test]
    fn a_long_text_is_cut_to_its_room_by_columns() {
        assert_eq!(terminal(&Untrusted::new("/abcdef"), 4), "/ab…");
        assert_eq!(terminal(&Untrusted::new("日本語"), 4), "日…");
        assert_eq!(terminal(&Untrusted::new("abc"), 0), "");
        assert_eq!(terminal_middle(&Untrusted::new("/abcdefghij.html"), 10), "/abcde…tml");
        for room in 0..20 {
            assert!(columns(&terminal_middle(&Untrusted::new("日本語日本語/a"), room)) <= room);
        }
    }

    #[test]
    fn json_text_is_always_utf8() {
        assert_eq!(json(&Untrusted::new(b"/a\xe9/\xc3\xa9")), "/a\\xe9/é");
    }

    #[test]
    fn a_field_of_csv_is_no_formula() {
        let field = |bytes: &[u8]| csv(&Untrusted::new(bytes));
        assert_eq!(field(b"/a,b"), "\"/a,b\"");
        assert_eq!(field(b"=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
        assert_eq!(field(b"@a\"b\n\xff"), "\"'@a\"\"b\\x0a\\xff\"");
        for start in b"=+-@\t\r" {
            assert!(field(&[*start, b'1']).starts_with("\"'"));
        }
    }

    #[test]
    fn a_pattern_neither_ends_its_quotes_nor_names_a_variable() {
        let all: Vec<u8> = (0..=255).collect();
        let apache = apache_pattern(&Untrusted::new(&all));
        let ends = ['"', '$', '{', '}', '\n', '\r', '\0', ' '];
        assert!(apache.is_ascii() && !apache.contains(ends));
        let matches = regex::bytes::Regex::new(&format!("(?-u)^{apache}$")).unwrap();
        assert!(matches.is_match(&all));
        let nginx = nginx_pattern(&Untrusted::new(&all));
        assert_eq!(nginx.replace(r"\\", r"\"), apache);
        assert!(!nginx.replace(r"\\", "").contains('\\'));
    }

    #[test]
    fn an_address_holds_nothing_that_a_server_reads() {
        let all: Vec<u8> = (0..=255).collect();
        let address = address(&Untrusted::new(&all));
        assert!(
            address.is_ascii()
                && !address.contains(['"', '$', '{', '\\', '\n', '\r', ' ', '?', '#'])
        );
        let address = |text: &str| super::address(&Untrusted::new(text));
        assert_eq!(address("/a%20b/ä$1%zz%"), "/a%20b/%C3%A4%241%25zz%25");
        assert_eq!(apache_address(&Untrusted::new("/a%20")), r"/a\%20");
    }
}
