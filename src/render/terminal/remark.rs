//! What stands out about a status: an hour, a client, a path, or a time limit that it ran into.

use std::cmp::Reverse;

use crate::clock::Zone;
use crate::record::Status;
use crate::render::terminal::cell::{Remark, shown_path};
use crate::render::terminal::figures;
use crate::report::{ClientErrors, Latency, Report, StatusRow};
use crate::untrusted::Untrusted;

/// Fewer requests than this are no pattern.
const REQUESTS_LEAST: u64 = 10;

/// A median below this is nothing that stands out.
const SLOW_SECONDS: f64 = 0.1;

/// Fewer windows than this have no shape.
const WINDOWS_LEAST: usize = 3;

/// Requests with this status in each window.
pub fn series(errors: &ClientErrors, status: Status) -> Vec<u64> {
    let of_window = |counts: &[(Status, u64)]| {
        counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, requests)| *requests)
    };
    errors.by_window.iter().map(|window| of_window(&window.by_status)).collect()
}

/// What stands out about a status of this report, the most telling first.
pub fn remarks(report: &Report, row: &StatusRow, zone: Zone) -> Vec<Remark> {
    let mut shares: Vec<(u64, Remark)> =
        [burst(report, row, zone), one_client(row), one_path(row)].into_iter().flatten().collect();
    // Stable: of equal shares the moment comes first, then the client.
    shares.sort_by_key(|(requests, _)| Reverse(*requests));
    let shares = shares.into_iter().map(|(_, remark)| remark).chain(answered(row));
    let Some(latency) = row.latency else { return shares.collect() };
    let p50 = format!("p50 {}", figures::latency(latency.p50_seconds));
    match wall(latency).filter(|_| row.requests >= REQUESTS_LEAST) {
        Some(seconds) => {
            let short = format!("wall at {seconds} s");
            let wall = Remark::new(format!("{p50}, {short}"), short);
            std::iter::once(wall).chain(shares).collect()
        }
        None if latency.p50_seconds < SLOW_SECONDS => shares.collect(),
        None => shares.chain([Remark::new(p50.clone(), p50)]).collect(),
    }
}

/// The whole number of seconds around which the slower half of the requests ends: a time limit of
/// the client, of a proxy or of the server.
fn wall(latency: Latency) -> Option<u64> {
    let seconds = latency.p50_seconds.round();
    let is_near = |value: f64| (value - seconds).abs() <= seconds * 0.02;
    let is_wall = seconds >= 1.0 && is_near(latency.p50_seconds) && is_near(latency.p90_seconds);
    is_wall.then_some(seconds as u64)
}

fn is_most(part: u64, whole: u64) -> bool {
    whole >= REQUESTS_LEAST && part.saturating_mul(2) >= whole
}

fn burst(report: &Report, row: &StatusRow, zone: Zone) -> Option<(u64, Remark)> {
    let errors = &report.client_errors;
    let series = series(errors, row.status);
    let (at, most) =
        series.iter().enumerate().max_by_key(|(at, requests)| (**requests, Reverse(*at)))?;
    if series.len() < WINDOWS_LEAST || !is_most(*most, row.requests) {
        return None;
    }
    let share = figures::whole_percent(*most, row.requests);
    let day = |seconds: u32| zone.at(seconds.into()).date_naive();
    let has_days = report.period.is_some_and(|(first, last)| day(first) != day(last));
    let start = errors.by_window.get(at)?.start;
    let (long, short) = figures::window(start, report.window_seconds, zone, has_days);
    Some((*most, Remark::new(format!("{share} {long}"), format!("{share} {short}"))))
}

/// Who answered, where that says what it was: nobody is left to answer to, or the server itself found fault.
fn answered(row: &StatusRow) -> Option<Remark> {
    let of = |id: &str| row.answers.iter().find(|(known, _)| *known == id).map_or(0, |(_, n)| *n);
    let hidden = [
        ("nginx-497", "plain HTTP to HTTPS"),
        ("nginx-494", "headers too large"),
        ("nginx-495", "bad client certificates"),
        ("nginx-496", "no client certificate"),
    ];
    let (most, what) =
        hidden.into_iter().map(|(id, what)| (of(id), what)).max_by_key(|(n, _)| *n)?;
    if row.requests >= REQUESTS_LEAST && most.saturating_mul(10) >= row.requests {
        let share = figures::whole_percent(most, row.requests);
        return Some(Remark::new(format!("{share} {what}"), format!("{share} {what}")));
    }
    let is_of_absent = matches!(row.status.code(), Some(400 | 408));
    let nobody = of("nobody");
    (is_of_absent && is_most(nobody, row.requests)).then(|| {
        let share = figures::whole_percent(nobody, row.requests);
        Remark::new(format!("{share} without an answer"), format!("{share} unanswered"))
    })
}

fn one_client(row: &StatusRow) -> Option<(u64, Remark)> {
    let (client, requests) = row.top_clients.first()?;
    one(row, "client", client.clone(), *requests)
}

fn one_path(row: &StatusRow) -> Option<(u64, Remark)> {
    let (key, requests) = row.top_paths.first()?;
    one(row, "path", shown_path(key), *requests)
}

fn one(row: &StatusRow, what: &str, about: Untrusted, requests: u64) -> Option<(u64, Remark)> {
    if !is_most(requests, row.requests) {
        return None;
    }
    let share = figures::whole_percent(requests, row.requests);
    let long = format!("one {what} {share}: ");
    let short = format!("{share} ");
    Some((requests, Remark { long, short, about: Some(about) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::sample_report;

    fn latency(p50_seconds: f64, p90_seconds: f64) -> Latency {
        Latency { p50_seconds, p90_seconds, p99_seconds: 99.0, max_seconds: 99.0 }
    }

    #[test]
    fn a_wall_is_where_the_slower_half_ends() {
        assert_eq!(wall(latency(30.0, 30.02)), Some(30));
        assert_eq!(wall(latency(59.9, 60.9)), Some(60));
        assert_eq!(wall(latency(30.0, 31.0)), None);
        assert_eq!(wall(latency(0.4, 0.4)), None);
        assert_eq!(wall(latency(1.5, 1.5)), None);
    }

    #[test]
    fn what_holds_most_requests_is_said_first() {
        let report = sample_report();
        let errors = &report.client_errors;
        let of = |code: u16| {
            let mut rows = errors.by_status.iter();
            let row = rows.find(|row| row.status == Status::from_code(code)).unwrap();
            remarks(&report, row, Zone::default())
        };
        assert_eq!(of(429)[0].long, "99 % in 14:00–14:59");
        assert_eq!(of(429)[1].long, "one client 98 %: ");
        assert_eq!(of(499)[0].long, "p50 30.0 s, wall at 30 s");
        assert_eq!(of(404), []);
        assert_eq!(of(400), [], "seven requests are no pattern");
    }
}
