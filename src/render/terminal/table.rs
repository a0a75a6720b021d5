//! Tables that fit: columns shrink, and then go, until the rest has room.

use crate::escape;
use crate::render::terminal::cell::Cell;
use crate::render::terminal::line::{Line, Look, cut};

/// Spaces between two columns.
const GAP: usize = 2;

/// A column and how it behaves when room is short.
#[derive(Clone, Debug)]
pub struct Column {
    head: String,
    look: Look,
    is_number: bool,
    least: usize,
    most: usize,
    /// Columns go in ascending order of this; 0 never goes.
    goes: u8,
}

impl Column {
    /// A column of numbers or fixed words, which never shrinks.
    pub fn number(head: &str) -> Column {
        Column { is_number: true, ..Column::text(head, usize::MAX, usize::MAX) }
    }

    /// A column of text, from `least` to `most` wide.
    pub fn text(head: &str, least: usize, most: usize) -> Column {
        let head = head.to_string();
        Column { head, look: Look::Plain, is_number: false, least, most, goes: 0 }
    }

    /// With a look.
    pub fn look(self, look: Look) -> Column {
        Column { look, ..self }
    }

    /// Goes when room is short, before those with a higher number.
    pub fn goes(self, goes: u8) -> Column {
        Column { goes, ..self }
    }
}

/// A table, laid out for a width.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    /// The width of each column; `None` has gone.
    widths: Vec<Option<usize>>,
}

impl Table {
    /// Lays out `rows`, each with one cell a column, in `room` columns of the terminal.
    pub fn new(columns: Vec<Column>, rows: Vec<Vec<Cell>>, room: usize) -> Table {
        let natural: Vec<usize> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let cells = rows.iter().filter_map(|row| row.get(at)).map(Cell::columns);
                cells.max().unwrap_or(0).min(column.most).max(escape::columns(&column.head))
            })
            .collect();
        let mut table =
            Table { widths: natural.iter().copied().map(Some).collect(), columns, rows };
        // A column that holds nothing needs no room either.
        for (width, natural) in table.widths.iter_mut().zip(&natural) {
            if *natural == 0 {
                *width = None;
            }
        }
        while !table.shrink(room) && table.drop_one() {
            for (width, natural) in table.widths.iter_mut().zip(&natural) {
                *width = width.map(|_| *natural);
            }
        }
        table.settle(&natural, room);
        table
    }

    /// How wide it is, with the space at its left.
    fn total(&self) -> usize {
        let widths: Vec<usize> = self.widths.iter().copied().flatten().collect();
        1 + widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    /// Takes room from the columns that can spare most. Says whether it was enough.
    fn shrink(&mut self, room: usize) -> bool {
        for _ in room..self.total() {
            let spare = |(column, width): (&Column, &Option<usize>)| {
                width.map_or(0, |width| width.saturating_sub(column.least))
            };
            let spares = self.columns.iter().zip(&self.widths).map(spare);
            // The last of several: what stands first is what the row is about.
            let Some((at, 1..)) = spares.enumerate().max_by_key(|(_, spare)| *spare) else {
                return false;
            };
            self.widths[at] = self.widths[at].map(|width| width - 1);
        }
        true
    }

    /// Gives room that a column got and cannot use to those that were cut, the first of them first.
    fn settle(&mut self, natural: &[usize], room: usize) {
        for (at, width) in self.widths.iter_mut().enumerate() {
            let Some(width) = width else { continue };
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let used = cells.map(|cell| escape::columns(&cell.fit(*width))).max().unwrap_or(0);
            *width = (*width).min(used.max(escape::columns(&self.columns[at].head)));
        }
        let mut spare = room.saturating_sub(self.total());
        for (width, natural) in self.widths.iter_mut().zip(natural) {
            let Some(width) = width else { continue };
            let more = spare.min(natural.saturating_sub(*width));
            *width += more;
            spare -= more;
        }
    }

    /// Drops the column that matters least. Says whether there was one.
    fn drop_one(&mut self) -> bool {
        let present = self.columns.iter().zip(&self.widths).enumerate();
        let least = present
            .filter(|(_, (column, width))| column.goes > 0 && width.is_some())
            .min_by_key(|(_, (column, _))| column.goes);
        let Some((at, _)) = least else { return false };
        self.widths[at] = None;
        true
    }

    /// Where a column begins and how wide it is; `None` where it has gone.
    pub fn place(&self, at: usize) -> Option<(usize, usize)> {
        let width = (*self.widths.get(at)?)?;
        let before = self.widths[..at].iter().flatten();
        Some((1 + before.map(|width| width + GAP).sum::<usize>(), width))
    }

    /// The heading.
    pub fn head(&self) -> Line {
        let cells = self.columns.iter().map(|column| Cell::Text(column.head.clone()));
        self.line(&cells.collect::<Vec<_>>(), |_| Look::Bold)
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = Line> {
        self.rows.iter().map(|row| self.line(row, |column| column.look))
    }

    fn line(&self, cells: &[Cell], look: impl Fn(&Column) -> Look) -> Line {
        let mut line = Line::default();
        for (at, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            let Some((start, width)) = self.place(at) else { continue };
            line.pad_to(start);
            let text = cell.fit(width);
            if column.is_number {
                line.pad_to(start + width.saturating_sub(escape::columns(&text)));
            }
            line.push(look(column), cut(&text, width));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::untrusted::Untrusted;

    fn table(room: usize) -> Vec<String> {
        let columns = vec![
            Column::text("By path", 10, 40),
            Column::number("4xx"),
            Column::number("clients").goes(1),
        ];
        let row = |path: &str, requests: &str| {
            let text = |text: &str| Cell::Text(text.to_string());
            vec![Cell::Log(Untrusted::new(path)), text(requests), text("1")]
        };
        let rows = vec![row("/a/rather/long/path.html", "1,200"), row("/日本語/日本語/x", "7")];
        let table = Table::new(columns, rows, room);
        let lines = std::iter::once(table.head()).chain(table.rows());
        lines
            .map(|line| {
                let mut out = Vec::new();
                line.write(&mut out, room, false).unwrap();
                String::from_utf8(out).unwrap()
            })
            .collect()
    }

    #[test]
    fn columns_shrink_then_go() {
        assert_eq!(
            table(80),
            [
                " By path                     4xx  clients\n",
                " /a/rather/long/path.html  1,200        1\n",
                " /日本語/日本語/x              7        1\n",
            ]
        );
        assert_eq!(
            table(30),
            [
                " By path          4xx  clients\n",
                " /a/rathe…html  1,200        1\n",
                " /日本語/…語/x      7        1\n",
            ]
        );
        assert_eq!(table(24)[1], " /a/rather/….html  1,200\n");
    }

    #[test]
    fn nothing_is_too_narrow() {
        for room in 0..60 {
            for line in table(room) {
                assert!(escape::columns(&line) <= room, "{room}: {line}");
            }
        }
    }
}
