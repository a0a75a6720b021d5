//! Requests by time: minutes, and coarser windows once there are too many of them.

use std::collections::HashMap;
use std::ops::Range;

use super::counts::ByStatus;
use crate::options::{WINDOWS_MAX, WINDOWS_WANTED, Window};
use crate::record::Status;
use crate::report::WindowRow;

/// So many windows with requests in them are held; half a year of minutes.
const HELD_MAX: usize = 1 << 18;

/// Requests by window. Windows begin at multiples of their width. Their width grows along
/// [`Window::ALL`] when there are more than [`HELD_MAX`]: a part of a log never has more windows
/// than the whole, so the width at the end does not depend on how the log was cut.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    /// An index into [`Window::ALL`].
    width: usize,
    places: HashMap<u32, u32>,
    rows: Vec<Row>,
    /// The seconds of the row that was counted last, and its place: most requests share it.
    last: (Range<u32>, u32),
}

#[derive(Clone, Debug, Default)]
struct Row {
    number: u32,
    requests: u64,
    errors: ByStatus,
}

impl Windows {
    /// Counts a request; `error` is its status where it is one of the client errors asked for.
    #[inline]
    pub fn add(&mut self, time: u32, error: Option<Status>) {
        let place = match self.last.0.contains(&time) {
            true => self.last.1,
            false => self.place(time / self.seconds()),
        };
        let row = &mut self.rows[place as usize];
        row.requests += 1;
        if let Some(status) = error {
            row.errors.add(status, 1);
        }
    }

    /// The memory that this can take, in bytes.
    pub fn cost(&self) -> u64 {
        // A place in the map, and a row.
        self.rows.len() as u64 * (24 + size_of::<Row>() as u64)
    }

    fn seconds(&self) -> u32 {
        Window::ALL[self.width].1.seconds()
    }

    fn place(&mut self, number: u32) -> u32 {
        let next = self.rows.len() as u32;
        let place = *self.places.entry(number).or_insert(next);
        if place == next {
            if self.rows.len() >= HELD_MAX && self.width + 1 < Window::ALL.len() {
                self.places.remove(&number);
                let first_second = number * self.seconds();
                self.widen(self.width + 1);
                return self.place(first_second / self.seconds());
            }
            self.rows.push(Row { number, ..Row::default() });
        }
        let start = number * self.seconds();
        self.last = (start..start.saturating_add(self.seconds()), place);
        place
    }

    fn widen(&mut self, width: usize) {
        let old = std::mem::take(self);
        self.width = width;
        let ratio = self.seconds() / old.seconds();
        for row in old.rows {
            self.take_in(row.number / ratio, row.requests, &row.errors);
        }
    }

    fn take_in(&mut self, number: u32, requests: u64, errors: &ByStatus) {
        let place = self.place(number);
        let row = &mut self.rows[place as usize];
        row.requests += requests;
        row.errors.merge(errors);
    }

    /// Takes in the windows of `other`.
    pub fn merge(&mut self, mut other: Windows) {
        if self.width < other.width {
            self.widen(other.width);
        } else if other.width < self.width {
            other.widen(self.width);
        }
        for row in other.rows {
            // The width may have grown since.
            let first_second = row.number * Window::ALL[other.width].1.seconds();
            self.take_in(first_second / self.seconds(), row.requests, &row.errors);
        }
    }

    /// Requests, and with them the client errors asked for, by windows of so many seconds: those with any, by
    /// their first second. Where windows are held that are longer, it is those.
    pub fn rows(&self, wanted_seconds: u32) -> Vec<(u32, u64, ByStatus)> {
        let seconds = wanted_seconds.max(self.seconds());
        let mut held: Vec<&Row> = self.rows.iter().collect();
        held.sort_unstable_by_key(|row| row.number);
        let mut rows: Vec<(u32, u64, ByStatus)> = Vec::new();
        for row in held {
            let first = row.number * self.seconds();
            let first = first - first % seconds;
            match rows.last_mut().filter(|(known, ..)| *known == first) {
                Some((_, requests, errors)) => {
                    *requests += row.requests;
                    errors.merge(&row.errors);
                }
                None => rows.push((first, row.requests, row.errors.clone())),
            }
        }
        rows
    }

    /// The breakdown: contiguous windows of the wanted width, or of the smallest that gives at
    /// most [`WINDOWS_WANTED`]; of more than [`WINDOWS_MAX`] those that hold the most requests in a
    /// row, the later ones among equals. With it the requests outside.
    pub fn breakdown(&self, wanted: Option<Window>) -> Breakdown {
        let finest = Window::ALL[self.width].1;
        let (Some(first), Some(last)) = (
            self.rows.iter().map(|row| row.number).min(),
            self.rows.iter().map(|row| row.number).max(),
        ) else {
            let window = wanted.unwrap_or(finest);
            return Breakdown { window, rows: Vec::new(), out_of_period: 0 };
        };
        let (first, last) = (first * self.seconds(), last * self.seconds());
        let spans =
            |window: &Window| u64::from(last / window.seconds() - first / window.seconds()) + 1;
        let fits = |window: &Window| spans(window) <= WINDOWS_WANTED;
        let widths = || Window::ALL.iter().map(|(_, window)| *window);
        let window = match wanted {
            Some(window) => window.max(finest),
            None => widths().filter(|w| *w >= finest).find(fits).unwrap_or(Window::ALL[6].1),
        };
        let mut counted: Vec<(u32, u64, ByStatus)> = Vec::new();
        let ratio = window.seconds() / self.seconds();
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_unstable_by_key(|row| row.number);
        for row in rows {
            match counted.last_mut().filter(|(number, ..)| *number == row.number / ratio) {
                Some((_, requests, errors)) => {
                    *requests += row.requests;
                    errors.merge(&row.errors);
                }
                None => counted.push((row.number / ratio, row.requests, row.errors.clone())),
            }
        }
        contiguous(window, &counted)
    }
}

/// See [`Windows::breakdown`].
#[derive(Debug)]
pub struct Breakdown {
    /// The width.
    pub window: Window,
    /// Contiguous, empty windows among them.
    pub rows: Vec<WindowRow>,
    /// Requests outside.
    pub out_of_period: u64,
}

/// `counted` ascends by number, and is not empty.
fn contiguous(window: Window, counted: &[(u32, u64, ByStatus)]) -> Breakdown {
    let all: u64 = counted.iter().map(|(_, requests, _)| requests).sum();
    let (mut best, mut best_requests) = (0..0, 0);
    let (mut from, mut requests) = (0, 0);
    for (to, (number, more, _)) in counted.iter().enumerate() {
        requests += more;
        while u64::from(number - counted[from].0) >= WINDOWS_MAX {
            requests -= counted[from].1;
            from += 1;
        }
        if requests >= best_requests {
            (best, best_requests) = (from..to + 1, requests);
        }
    }
    let mut rows: Vec<WindowRow> = Vec::new();
    for (number, requests, errors) in &counted[best] {
        let start = i64::from(*number) * i64::from(window.seconds());
        let mut next = rows.last().map_or(start, |row| row.start + i64::from(window.seconds()));
        while next < start {
            rows.push(WindowRow { start: next, requests: 0, total_requests: 0, by_status: vec![] });
            next += i64::from(window.seconds());
        }
        rows.push(WindowRow {
            start,
            requests: errors.total(),
            total_requests: *requests,
            by_status: errors.sorted(),
        });
    }
    Breakdown { window, rows, out_of_period: all - best_requests }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_FOUND: Option<Status> = Some(Status::NOT_FOUND);

    fn of(times: impl IntoIterator<Item = u32>) -> Windows {
        let mut windows = Windows::default();
        times.into_iter().for_each(|time| windows.add(time, NOT_FOUND));
        windows
    }

    #[test]
    fn windows_are_aligned_and_empty_ones_are_there() {
        let breakdown = of([59, 60, 61, 300]).breakdown(None);
        let rows: Vec<_> = breakdown.rows.iter().map(|r| (r.start, r.total_requests)).collect();
        assert_eq!(breakdown.window.seconds(), 60);
        assert_eq!(rows, [(0, 1), (60, 2), (120, 0), (180, 0), (240, 0), (300, 1)]);
        assert_eq!(breakdown.rows[1].by_status, [(Status::NOT_FOUND, 2)]);
    }

    #[test]
    fn the_width_is_the_smallest_that_gives_at_most_two_hundred() {
        let width = |last: u32| of([0, last]).breakdown(None).window.seconds();
        assert_eq!(width(200 * 60 - 1), 60);
        assert_eq!(width(200 * 60), 300);
        assert_eq!(width(86_400), 900);
        assert_eq!(width(7 * 86_400), 3_600);
        assert_eq!(width(u32::MAX), 604_800);
    }

    #[test]
    fn beyond_ten_thousand_windows_the_fullest_run_is_held() {
        // A week and a half of requests, one of 1970 and one of 2100.
        let days = (1_790_000_000..1_790_000_000 + 11 * 86_400).step_by(60);
        let windows = of(days.chain([0, 4_100_000_000]));
        let breakdown = windows.breakdown(Window::named("1m"));
        assert_eq!(breakdown.rows.len(), 10_000);
        let held: u64 = breakdown.rows.iter().map(|row| row.total_requests).sum();
        assert_eq!(held, 10_000);
        assert_eq!(breakdown.out_of_period, 11 * 1_440 + 2 - 10_000);
        assert!(breakdown.rows[0].start > 1_790_000_000, "of equal runs the latest");
    }

    #[test]
    fn no_requests_give_no_windows() {
        assert!(Windows::default().breakdown(None).rows.is_empty());
    }

    #[test]
    fn merging_and_widening_change_no_count() {
        let all: Vec<u32> = (0..5_000).map(|n| n * 7_919 % 1_000_003).collect();
        let whole = of(all.iter().copied());
        for cut in [0, 1, 2_500, 5_000] {
            for width in [0, 2] {
                let mut left = of(all[..cut].iter().copied());
                left.widen(width);
                left.merge(of(all[cut..].iter().copied()));
                let six_hours = Window::named("6h");
                let (a, b) = (left.breakdown(six_hours), whole.breakdown(six_hours));
                assert_eq!(a.rows, b.rows);
            }
        }
    }

    #[test]
    fn too_many_windows_become_coarser_ones() {
        let windows = of((0..HELD_MAX as u32 + 5).map(|minute| minute * 60));
        assert_eq!(windows.seconds(), 300);
        let breakdown = windows.breakdown(Window::named("1d"));
        let requests: u64 = breakdown.rows.iter().map(|row| row.total_requests).sum();
        assert_eq!(requests, HELD_MAX as u64 + 5);
        assert_eq!(windows.breakdown(Window::named("1m")).window.seconds(), 300);
    }
}
