//! Text laid out in columns, for a terminal.

use logscan::escape::columns;

/// Wraps `text` to lines at most `width` columns wide, each with `indent` spaces before it.
///
/// Lines between blank ones are one paragraph. A line that begins with a space is kept as it is,
/// as long as it fits; so are examples of configuration.
pub fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(1);
    let mut lines = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.lines() {
        if line.starts_with(' ') || line.trim().is_empty() {
            lines.append(&mut fill(&paragraph, room));
            paragraph.clear();
            lines.append(&mut kept(line, room));
        } else {
            paragraph.extend(line.split_whitespace());
        }
    }
    lines.append(&mut fill(&paragraph, room));
    let margin = " ".repeat(indent);
    lines.iter().map(|line| format!("{margin}{line}").trim_end().to_string()).collect()
}

/// A label, and text beside it or, where there is no room for both, below it.
pub fn labelled(label: &str, text: &str, label_columns: usize, width: usize) -> Vec<String> {
    if width < label_columns + 30 || columns(label) >= label_columns {
        let mut lines = wrap(label, width, 0);
        lines.append(&mut wrap(text, width, 2));
        return lines;
    }
    let mut lines = wrap(text, width, label_columns);
    if let Some(first) = lines.first_mut() {
        let gap = " ".repeat(label_columns - columns(label));
        *first = format!("{label}{gap}{}", first.trim_start());
    }
    lines
}

/// Rows of cells, each column as wide as its widest cell and two spaces from the next.
pub fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width + 2 - columns(cell)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Fills lines with words.
fn fill(words: &[&str], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.iter().flat_map(|word| pieces(word, room)) {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(&word) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// A line that keeps its spaces; what is too long goes on below, as far in.
fn kept(line: &str, room: usize) -> Vec<String> {
    let line = line.trim_end();
    if columns(line) <= room {
        return vec![line.to_string()];
    }
    let text = line.trim_start();
    let margin = (columns(line) - columns(text)).min(room / 2);
    let words: Vec<&str> = text.split(' ').collect();
    let lines = fill(&words, room - margin);
    lines.iter().map(|line| format!("{}{line}", " ".repeat(margin))).collect()
}

/// A word cut so that each piece has room on a line.
fn pieces(word: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        match pieces.last_mut() {
            Some(piece) if piece.is_empty() || columns(piece) + wide <= room => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fill_lines_and_no_line_is_too_wide() {
        assert_eq!(wrap("one two three four", 9, 0), ["one two", "three", "four"]);
        assert_eq!(wrap("one two", 9, 4), ["    one", "    two"]);
        assert_eq!(wrap("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("日本語", 4, 0), ["日本", "語"]);
        assert_eq!(wrap("", 9, 2), Vec::<String>::new());
    }

    #[test]
    fn paragraphs_and_indented_lines_stay() {
        let text = "one\ntwo\n\n    a  b;\n\nthree";
        assert_eq!(wrap(text, 20, 0), ["one two", "", "    a  b;", "", "three"]);
        assert_eq!(wrap("  aa bb cc", 7, 0), ["  aa bb", "  cc"]);
    }

    #[test]
    fn a_label_stands_beside_its_text_or_above_it() {
        assert_eq!(labelled("Name", "text", 8, 80), ["Name    text"]);
        assert_eq!(labelled("Name", "text", 8, 30), ["Name", "  text"]);
        assert_eq!(labelled("Long name", "text", 8, 80), ["Long name", "  text"]);
    }

    #[test]
    fn cells_stand_below_each_other() {
        let rows = [["a", "bb", "c"], ["aaa", "b", ""]].map(|row| row.map(str::to_string));
        assert_eq!(table(&rows), "a    bb  c\naaa  b\n");
    }
}
