//! A replay for a person: what was asked, what would have been, and to whom.

use std::io::{self, Write};

use crate::escape;
use crate::render::Style;
use crate::render::terminal::cell::Cell;
use crate::render::terminal::figures::{count, counted, latency, percent, period};
use crate::render::terminal::line::{Line, Look, wrap};
use crate::render::terminal::table::{Column, Table};
use crate::report::replay::{Asked, Hit, Outcomes, Replay, Span, Suggestion};

/// Writes a replay.
///
/// # Errors
///
/// When it cannot be written.
pub fn replay(replay: &Replay, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = head(replay, style);
    if !replay.limits.is_empty() {
        lines.push(Line::default());
        lines.extend(outcomes(replay, style));
        lines.extend(uncertainty(replay, style));
        lines.extend(section(worst(&replay.worst, style)));
        lines.extend(section(grid(replay, style)));
    }
    for row in &replay.suggestions {
        lines.push(Line::default());
        lines.extend(suggestion(row, style));
    }
    if !replay.limits.is_empty() {
        lines.push(Line::default());
        let note = "What would have been, had all the same requests come: who is turned away may come again, or not.";
        lines.extend(wrap(&[(Look::Dim, note.to_string())], style.columns, 1));
    }
    for line in lines {
        line.write(out, style.columns, style.color)?;
    }
    match &replay.nginx {
        Some(text) => write!(out, "\n{text}"),
        None => Ok(()),
    }
}

fn section(table: Option<Table>) -> Vec<Line> {
    let Some(table) = table else { return Vec::new() };
    let mut lines = vec![Line::default(), table.head()];
    lines.extend(table.rows());
    lines
}

fn head(replay: &Replay, style: &Style) -> Vec<Line> {
    let mut pieces = vec![(Look::Bold, counted(replay.requests, "request", "requests"))];
    if let Some((first, last)) = replay.period {
        let period = period(first.into(), last.into(), style.zone);
        pieces.push((Look::Plain, format!("{period} {}", style.zone.name())));
    }
    let mut lines = wrap(&pieces, style.columns, 2);
    for limit in &replay.limits {
        lines.extend(wrap(&[(Look::Bold, spelled(limit))], style.columns, 2));
    }
    lines
}

/// A limit as it would be asked for.
fn spelled(limit: &Asked) -> String {
    let delay = match limit.delay {
        None => " nodelay".to_string(),
        Some(0) => String::new(),
        Some(requests) => format!(" delay={requests}"),
    };
    let only = limit.only.as_ref().map_or(String::new(), |only| format!(" {only}"));
    format!("rate={} burst={}{delay} key={}{only}", limit.rate, limit.burst, limit.key)
}

/// `1,234`, or `1,200–1,300` where nobody knows.
fn span(span: Span) -> String {
    match span.is_sure() {
        true => count(span.likely),
        false => format!("{}–{}", count(span.least), count(span.most)),
    }
}

fn cells(outcomes: &Outcomes) -> [Cell; 4] {
    [
        Cell::Text(count(outcomes.requests)),
        Cell::Text(span(outcomes.passed)),
        Cell::Text(span(outcomes.delayed)),
        Cell::Text(span(outcomes.rejected)),
    ]
}

fn outcomes(replay: &Replay, style: &Style) -> Vec<Line> {
    let columns = vec![
        Column::text("Who", 8, 24).look(Look::Bold),
        Column::number("requests"),
        Column::number("passed").goes(3),
        Column::number("delayed").goes(2),
        Column::number("rejected").look(Look::Accent),
        Column::number("clients").goes(1),
        Column::number("turned away"),
    ];
    let sum = |of: fn(&crate::report::replay::KindOutcomes) -> u64| {
        count(replay.by_kind.iter().map(|(_, kind)| of(kind)).sum())
    };
    let mut rows = Vec::new();
    let mut all = vec![Cell::Text("all".to_string())];
    all.extend(cells(&replay.outcomes));
    all.extend([
        Cell::Text(sum(|kind| kind.clients)),
        Cell::Text(sum(|kind| kind.clients_rejected)),
    ]);
    rows.push(all);
    for (kind, told) in &replay.by_kind {
        let mut row = vec![Cell::Text(kind.id().to_string())];
        row.extend(cells(&told.outcomes));
        row.extend([Cell::Text(count(told.clients)), Cell::Text(count(told.clients_rejected))]);
        rows.push(row);
    }
    let table = Table::new(columns, rows, style.columns);
    let mut lines = vec![table.head()];
    lines.extend(table.rows());
    if let Some(waits) = replay.waits {
        let text = format!(
            "those delayed waited {} in the middle, one in twenty over {}, at most {}",
            latency(waits.p50_seconds),
            latency(waits.p95_seconds),
            latency(waits.max_seconds)
        );
        lines.extend(wrap(&[(Look::Plain, text)], style.columns, 2));
    }
    lines
}

/// How sure the numbers are.
fn uncertainty(replay: &Replay, style: &Style) -> Vec<Line> {
    let mut pieces = Vec::new();
    let Outcomes { passed, delayed, rejected, .. } = &replay.outcomes;
    let is_sure = [passed, delayed, rejected].iter().all(|span| span.is_sure());
    if replay.coarse > 0 && !is_sure {
        let likely = match rejected.is_sure() {
            true => format!("{} wait", count(delayed.likely)),
            false => format!("{} are rejected", count(rejected.likely)),
        };
        let text = format!(
            "The log tells seconds: what came within one may have come at once or spread over it, so that the \
             outcome lies between two numbers; most likely {likely}. Log $msec and $request_time to know.",
        );
        pieces.push((Look::Dim, text));
    } else if !is_sure {
        let text =
            "Between two numbers: nginx judges by another clock than it logs, to the millisecond.";
        pieces.push((Look::Dim, text.to_string()));
    }
    if replay.untimed > 0 {
        let text = format!(
            "{} by their end: the log does not say how long they took.",
            counted(replay.untimed, "request is", "requests are") + " placed"
        );
        pieces.push((Look::Dim, text));
    }
    if replay.turned_away > 0 {
        let others = match replay.late_seconds {
            0.0 => String::new(),
            seconds => format!(
                " Others may have waited up to {} for it, which the log does not say, so that the numbers are \
                 farther from each other.",
                latency(seconds)
            ),
        };
        let text = format!(
            "{} by a limit there was then: they are replayed as the others are.{others}",
            counted(replay.turned_away, "request was", "requests were") + " turned away"
        );
        pieces.push((Look::Dim, text));
    }
    if pieces.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::default()];
    lines.extend(pieces.into_iter().flat_map(|piece| wrap(&[piece], style.columns, 1)));
    lines
}

fn worst(hits: &[Hit], style: &Style) -> Option<Table> {
    let shown = &hits[..hits.len().min(style.top.unwrap_or(usize::MAX))];
    if shown.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text("Turned away most", 12, 45).look(Look::Bold),
        Column::number("rejected").look(Look::Accent),
        Column::number("requests"),
        Column::number("share").goes(4),
        Column::text("kind", 8, 20).goes(3),
        Column::text("first", 8, 20).goes(2),
        Column::text("agent", 10, 60).goes(1),
    ];
    let rows = shown.iter().map(|hit| {
        let first = hit.first_rejected.map_or(String::new(), |second| {
            style.zone.at(second.into()).format("%Y-%m-%d %H:%M:%S").to_string()
        });
        vec![
            Cell::Log(hit.client.clone()),
            Cell::Text(count(hit.rejected)),
            Cell::Text(count(hit.requests)),
            Cell::Text(percent(hit.rejected, hit.requests)),
            Cell::Text(hit.kind.id().to_string()),
            Cell::Text(first),
            hit.agent.as_ref().map_or(Cell::Text(String::new()), |agent| Cell::Log(agent.clone())),
        ]
    });
    Some(Table::new(columns, rows.collect(), style.columns))
}

fn grid(replay: &Replay, style: &Style) -> Option<Table> {
    if replay.grid.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text("Grid", 6, 14).look(Look::Bold),
        Column::number("burst"),
        Column::number("rejected").look(Look::Accent),
        Column::number("share").goes(2),
        Column::number("delayed").goes(1),
        Column::number("people hit"),
        Column::number("verified crawlers hit").goes(3),
    ];
    let rows = replay.grid.iter().map(|point| {
        vec![
            Cell::Text(point.rate.clone()),
            Cell::Text(count(point.burst.into())),
            Cell::Text(span(point.outcomes.rejected)),
            Cell::Text(percent(point.outcomes.rejected.likely, point.outcomes.requests)),
            Cell::Text(span(point.outcomes.delayed)),
            Cell::Text(count(point.people_rejected)),
            Cell::Text(count(point.crawlers_rejected)),
        ]
    });
    Some(Table::new(columns, rows.collect(), style.columns))
}

fn suggestion(row: &Suggestion, style: &Style) -> Vec<Line> {
    let Some(rate) = &row.rate else {
        let text = format!("{:<7} no limit is suggested: {}", row.route, row.reason);
        return wrap(&[(Look::Plain, text)], style.columns, 9);
    };
    let title = format!("{:<7} rate={rate} burst={} nodelay", row.route, row.burst);
    let mut lines =
        wrap(&[(Look::Bold, title), (Look::Plain, row.reason.clone())], style.columns, 9);
    // Under the reason, which begins where its lines go on.
    let under = " ".repeat(8);
    let people = format!(
        "{under}it would have turned away {} of {}",
        count(row.people_rejected),
        counted(row.people, "person", "people")
    );
    let crawlers =
        format!("{} exempt", counted(row.crawlers, "verified crawler is", "verified crawlers are"));
    let others = format!(
        "of all others {} of {}",
        span(row.outcomes.rejected),
        counted(row.outcomes.requests, "request", "requests")
    );
    let pieces = [people, crawlers, others].map(|piece| (Look::Plain, piece));
    let mut more = wrap(&pieces, style.columns, 9);
    lines.append(&mut more);
    let named: Vec<(Look, String)> = row
        .worst
        .iter()
        .enumerate()
        .map(|(at, hit)| {
            let client = escape::terminal(&hit.client, 40);
            let under = if at == 0 { under.as_str() } else { "" };
            (
                Look::Dim,
                format!(
                    "{under}{client} ({}) {} of {}",
                    hit.kind.id(),
                    count(hit.rejected),
                    count(hit.requests)
                ),
            )
        })
        .collect();
    if !named.is_empty() {
        lines.extend(wrap(&named, style.columns, 9));
    }
    lines
}
