//! The default report: what fails, where, for whom and when, on one screen.

mod cell;
mod figures;
mod findings;
mod line;
mod remark;
mod replay;
mod spark;
mod summary;
mod table;

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::render::terminal::cell::Cell;
use crate::render::terminal::figures::{count, percent};
use crate::render::terminal::line::{Line, Look};
use crate::render::terminal::table::{Column, Table};
use crate::render::{Output, Style};
use crate::report::{ClientErrors, ClientKind, ClientRow, Report, StatusRow, WindowRow};
use crate::status;

pub use replay::replay;

/// The row of the table of outputs.
pub const OUTPUT: Output = Output {
    id: "terminal",
    summary: "tables and sparklines for a person (the default)",
    explain: "Shows on one screen how many requests failed with 4xx, with which status, on which \
        path, for which client and when. It fits the width of the terminal: columns shrink, and \
        those that matter least go first. A sparkline shows requests over time, each against its \
        own highest point; a gap in it is a time without any. Beside a status stands what is \
        unusual about it: one window, one client or one path that has at least half of its \
        requests, or a time limit that they run into. Times are in --timezone. Text of the log \
        that could act on the terminal is written as escapes, and colours never say anything that \
        the words do not.",
    render,
};

/// The column of sparklines in the table of statuses.
const SPARK_COLUMN: usize = 4;

fn render(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = summary::head(report, style);
    let errors = &report.client_errors;
    if errors.requests == 0 {
        lines.push(Line::default());
        lines.extend(summary::nothing(report, style));
    } else {
        lines.push(Line::default());
        lines.extend(by_status(report, style));
        for table in [by_path(errors, style), by_client(report, style), by_time(report, style)] {
            let Some(table) = table else { continue };
            lines.push(Line::default());
            lines.push(table.head());
            lines.extend(table.rows());
        }
    }
    let parts = [
        findings::findings(report, style),
        summary::causes(report, style),
        summary::kinds(report, style),
        summary::aborts(report, style),
        summary::error_log(report, style),
    ];
    for part in parts {
        if !part.is_empty() {
            lines.push(Line::default());
            lines.extend(part);
        }
    }
    if errors.requests > 0 {
        lines.push(Line::default());
        lines.extend(summary::next(report, style));
    }
    for line in lines {
        line.write(out, style.columns, style.color)?;
    }
    Ok(())
}

/// The first rows of a table that has `rows`.
fn top<'a, Row>(rows: &'a [Row], style: &Style) -> &'a [Row] {
    &rows[..rows.len().min(style.top.unwrap_or(usize::MAX))]
}

/// All 4xx on a line, then a row for each status.
fn by_status(report: &Report, style: &Style) -> Vec<Line> {
    let errors = &report.client_errors;
    let room = style.columns;
    let columns = vec![
        Column::number("").look(Look::Bold),
        Column::text("", 12, (room / 4).max(20)),
        Column::number("").look(Look::Bold),
        Column::number("").look(Look::Dim).goes(3),
        Column::text("", 6, spark::columns(errors.by_window.len(), (room / 5).min(48))).goes(1),
        Column::text("", 17, usize::MAX).look(Look::Accent).goes(2),
    ];
    let rows = top(&errors.by_status, style).iter().map(|row| status_row(report, row, style));
    let table = Table::new(columns, rows.collect(), room);
    let mut lines = vec![all_statuses(report, style, table.place(SPARK_COLUMN))];
    lines.extend(table.rows());
    lines
}

/// `4xx  429,551 of 4,999,963 requests (8.6 %)`, and its shape over time above those of the rows.
fn all_statuses(report: &Report, style: &Style, place: Option<(usize, usize)>) -> Line {
    let (errors, totals) = (&report.client_errors, &report.totals);
    let mut line = Line::default();
    line.push(Look::Bold, format!(" 4xx  {}", count(errors.requests)));
    let share = percent(errors.requests, totals.requests);
    line.push(Look::Plain, format!(" of {} requests ", count(totals.requests)));
    line.push(Look::Bold, format!("({share})"));
    if let Some((start, width)) = place {
        let counts: Vec<u64> = errors.by_window.iter().map(|window| window.requests).collect();
        let each = spark::windows_per_block(counts.len(), width) as u64;
        let each_seconds = u64::from(report.window_seconds) * each;
        let shape = Cell::Spark(counts).fit(width);
        let label = format!("per {}", figures::width(each_seconds));
        let start = start.max(line.columns() + 2);
        if start + width + 2 + label.len() <= style.columns {
            line.pad_to(start);
            line.push(Look::Plain, shape);
            line.pad_to(start + width + 2);
            line.push(Look::Dim, label);
        }
    }
    line
}

fn status_row(report: &Report, row: &StatusRow, style: &Style) -> Vec<Cell> {
    let errors = &report.client_errors;
    let known = row.status.code().and_then(status::lookup);
    let (name, origin) = match known {
        Some(known) if known.registered => (known.name.to_string(), String::new()),
        Some(known) => (known.name.to_string(), format!(" ({})", known.origin)),
        None => ("(no known meaning)".to_string(), String::new()),
    };
    let series = remark::series(errors, row.status);
    vec![
        Cell::Text(row.status.to_string()),
        Cell::Name(name, origin),
        Cell::Text(count(row.requests)),
        Cell::Text(percent(row.requests, errors.requests)),
        Cell::Spark(if series.len() < 2 { Vec::new() } else { series }),
        Cell::Remarks(remark::remarks(report, row, style.zone)),
    ]
}

fn by_path(errors: &ClientErrors, style: &Style) -> Option<Table> {
    let shown = top(&errors.by_path, style);
    let mut columns = vec![
        Column::text("By path", (style.columns / 3).clamp(16, 40), (style.columns / 2).max(40)),
        Column::number("4xx").look(Look::Bold),
        Column::number("of all").goes(2),
        Column::number("fails").goes(3),
        Column::number("clients").look(Look::Dim).goes(1),
        Column::text("statuses", 12, 60).goes(4),
        Column::text("why", 13, 13).goes(5),
    ];
    let has_links = shown.iter().any(|row| !row.referers.is_empty());
    if has_links {
        columns.push(Column::text("linked from", 12, 44).look(Look::Dim).goes(1));
    }
    let rows = shown.iter().map(|row| {
        let mut cells = vec![
            Cell::path(&row.key),
            Cell::Text(count(row.requests)),
            Cell::Text(count(row.total_requests)),
            Cell::Text(fails(row.requests, row.total_requests)),
            Cell::Text(count(row.clients)),
            Cell::Statuses(row.by_status.clone()),
            Cell::Text(row.causes.first().map_or("", |(cause, _)| cause.id()).to_string()),
        ];
        if has_links {
            cells.push(match row.referers.first() {
                Some((page, _)) => Cell::Log(page.clone()),
                None => Cell::Text(String::new()),
            });
        }
        cells
    });
    table(columns, rows.collect(), style)
}

fn fails(requests: u64, total_requests: u64) -> String {
    if requests == total_requests {
        "never ok".to_string()
    } else {
        percent(requests, total_requests)
    }
}

fn by_client(report: &Report, style: &Style) -> Option<Table> {
    // An address is there to be copied: cut it only where even an IPv6 address would fill the line.
    let client_least = if style.columns < 60 { 15 } else { 39 };
    let peak_head = if report.limits.peaks_exact { "peak" } else { "peak, about" };
    let columns = vec![
        Column::text("By client", client_least, 45),
        Column::number("4xx").look(Look::Bold),
        Column::number("of all").goes(3),
        Column::number("paths").look(Look::Dim).goes(1),
        Column::number(peak_head).goes(2),
        Column::text("statuses", 8, 60).goes(4),
        Column::text("who", 8, 32).goes(5),
    ];
    let rows = top(&report.client_errors.by_client, style).iter().map(|row| {
        let [second, _, minute, _] = row.peak;
        vec![
            Cell::client(&row.client),
            Cell::Text(count(row.requests)),
            Cell::Text(count(row.total_requests)),
            Cell::Text(count(row.paths)),
            Cell::Text(format!("{}/s {}/min", count(second.into()), count(minute.into()))),
            Cell::Statuses(row.by_status.clone()),
            Cell::Text(who(row)),
        ]
    });
    table(columns, rows.collect(), style)
}

/// Who a client is: what it says, and whether that is so.
fn who(row: &ClientRow) -> String {
    let name = row.crawler.unwrap_or("crawler");
    match row.kind {
        ClientKind::VerifiedCrawler => format!("{name}, verified"),
        ClientKind::SpoofedCrawler => format!("not {name}"),
        ClientKind::Crawler | ClientKind::Monitoring | ClientKind::Feed => name.to_string(),
        ClientKind::Library => row.crawler.unwrap_or("library").to_string(),
        ClientKind::Scanner => "scanner".to_string(),
        ClientKind::Browser => "browser".to_string(),
        ClientKind::Several => "several".to_string(),
        ClientKind::Unknown => String::new(),
    }
}

/// All windows, or those with most 4xx, by time.
fn by_time(report: &Report, style: &Style) -> Option<Table> {
    let windows = &report.client_errors.by_window;
    let shown = windows_shown(windows, style.top);
    if windows.len() < 2 {
        return None;
    }
    let at_midnight =
        |window: &&WindowRow| style.zone.at(window.start).time() == chrono::NaiveTime::MIN;
    let format = if shown.iter().all(at_midnight) { "%a %Y-%m-%d" } else { "%a %Y-%m-%d %H:%M" };
    let width = figures::width(report.window_seconds.into());
    let head = if shown.len() < windows.len() {
        format!("By {width}, the worst in order of time")
    } else {
        format!("By {width}")
    };
    let columns = vec![
        Column::text(&head, usize::MAX, usize::MAX),
        Column::number("4xx").look(Look::Bold),
        Column::number("of all").goes(1),
        Column::number("fails").goes(2),
        Column::text("statuses", 8, 80).goes(3),
    ];
    let rows = shown.iter().map(|window| {
        vec![
            Cell::Text(style.zone.at(window.start).format(format).to_string()),
            Cell::Text(count(window.requests)),
            Cell::Text(count(window.total_requests)),
            Cell::Text(percent(window.requests, window.total_requests)),
            Cell::Statuses(window.by_status.clone()),
        ]
    });
    table(columns, rows.collect(), style)
}

/// The windows with most 4xx, in the order of time; all of them where they are few.
fn windows_shown(windows: &[WindowRow], top: Option<usize>) -> Vec<&WindowRow> {
    let rows = top.unwrap_or(usize::MAX);
    if windows.len() <= rows {
        return windows.iter().collect();
    }
    let mut worst: Vec<&WindowRow> = windows.iter().filter(|window| window.requests > 0).collect();
    worst.sort_by_key(|window| (Reverse(window.requests), window.start));
    worst.truncate(rows);
    worst.sort_by_key(|window| window.start);
    worst
}

fn table(columns: Vec<Column>, rows: Vec<Vec<Cell>>, style: &Style) -> Option<Table> {
    (!rows.is_empty()).then(|| Table::new(columns, rows, style.columns))
}

#[cfg(test)]
mod tests;
