//! What stands around the tables: what was read and what is missing before them, what to do after.

use crate::escape;
use crate::record::{Abort, Cause, LimitKind, Skip, Status};
use crate::render::Style;
use crate::render::terminal::figures::{count, counted, percent, period, width};
use crate::render::terminal::findings;
use crate::render::terminal::line::{Line, Look, wrap};
use crate::report::{ClientKind, KindRow, Limits, Report, SourceSummary, TableLimits};
use crate::status;
use crate::untrusted::Untrusted;

/// Gaps and notes are named up to this many of each; the rest are counted.
const NAMED_MOST: usize = 5;

/// A warning is due from one unreadable line in this many.
const SKIPPED_WARNING: u64 = 100;

type Piece = (Look, String);

/// What was read, then what is missing from it.
pub fn head(report: &Report, style: &Style) -> Vec<Line> {
    let input = &report.input;
    let mut pieces = vec![(Look::Bold, sources(&input.sources, style))];
    if !input.sources.is_empty() {
        pieces.push((Look::Plain, formats(&input.sources)));
    }
    pieces.push((Look::Plain, counted(input.lines, "line", "lines")));
    if let Some((start, end)) = report.period {
        let period = period(start.into(), end.into(), style.zone);
        pieces.push((Look::Plain, format!("{period} {}", style.zone.name())));
    }
    if let Some(skipped) = skipped(report) {
        pieces.push((Look::Plain, skipped));
    }
    if input.filtered > 0 {
        pieces.push((Look::Plain, format!("{} filtered out", count(input.filtered))));
    }
    let mut lines = wrap(&pieces, style.columns, 3);
    for warning in warnings(report, style) {
        lines.extend(wrap(&[(Look::Accent, warning)], style.columns, 3));
    }
    for note in notes(report, style) {
        lines.extend(wrap(&[(Look::Dim, note)], style.columns, 3));
    }
    lines
}

fn sources(sources: &[SourceSummary], style: &Style) -> String {
    match sources {
        [] => "no source".to_string(),
        [source] => source_name(&source.path, style),
        _ => format!("{} sources", count(sources.len() as u64)),
    }
}

/// A source's path in at most half of the line.
fn source_name(path: &Untrusted, style: &Style) -> String {
    if path.bytes() == b"-" {
        return "standard input".to_string();
    }
    escape::terminal_middle(path, (style.columns / 2).max(24))
}

/// The formats of all sources, the first source's first.
fn formats(sources: &[SourceSummary]) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for source in sources {
        let id = source.format.as_deref().unwrap_or("no known format");
        // An empty file has no format, and that says nothing.
        if source.lines > 0 && !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return "empty".to_string();
    }
    let latency = sources.iter().any(|source| source.has_latency);
    ids.join(", ") + if latency { " + request time" } else { "" }
}

/// `37 skipped (31 binary, 6 cut)`
fn skipped(report: &Report) -> Option<String> {
    // Lines of an error log have a place of their own.
    let total = report.input.not_read_total();
    let by_reason = report.input.skipped.iter().filter(|(reason, _)| *reason != Skip::ErrorLog);
    let reasons: Vec<String> =
        by_reason.map(|(reason, lines)| format!("{} {}", count(*lines), reason.id())).collect();
    (total > 0).then(|| format!("{} skipped ({})", count(total), reasons.join(", ")))
}

fn warnings(report: &Report, style: &Style) -> Vec<String> {
    let input = &report.input;
    let mut warnings: Vec<String> = Vec::new();
    for gap in input.gaps.iter().take(NAMED_MOST) {
        let reason = escape::terminal(&gap.reason, 200);
        let source = source_name(&gap.source, style);
        warnings.push(format!("INCOMPLETE: {source} is {}: {reason}", gap.kind));
    }
    if let Some(more @ 1..) = input.gaps.len().checked_sub(NAMED_MOST) {
        warnings.push(format!("INCOMPLETE: and {} more gaps", count(more as u64)));
    }
    let unread = input.skipped.iter().filter(|(reason, _)| reason.is_loss());
    let unread: u64 = unread.map(|(_, lines)| lines).sum();
    if unread > 0 && unread.saturating_mul(SKIPPED_WARNING) >= input.lines {
        let mut warning = format!("NOT READ: {} of the lines", percent(unread, input.lines));
        if let Some(sample) = input.samples.first() {
            warning += &format!(
                ", such as line {} of {} ({}): {}",
                sample.line,
                source_name(&sample.source, style),
                sample.reason.id(),
                escape::terminal(&sample.text, 60)
            );
        }
        warnings.push(warning);
    }
    if report.totals.out_of_period > 0 {
        let requests = counted(report.totals.out_of_period, "request lies", "requests lie");
        warnings.push(format!("OUTSIDE: {requests} outside the windows that are held"));
    }
    if !report.limits.exact {
        warnings.push(not_exact(&report.limits));
    }
    warnings
}

/// What it means that a table was full: how far off its counts are, and what to do.
fn not_exact(limits: &Limits) -> String {
    let table = |name: &str, limits: &TableLimits| {
        let off = limits.max_error;
        (off > 0).then(|| format!("a {name}'s counts may be up to {} too small", count(off)))
    };
    let tables = [table("path", &limits.paths), table("client", &limits.clients)];
    let tables: Vec<String> = tables.into_iter().flatten().collect();
    format!(
        "NOT EXACT: there were too many keys for {} MiB: {}; totals and statuses are exact; \
         --memory-limit allows more",
        limits.memory_limit_bytes >> 20,
        tables.join(", "),
    )
}

fn notes(report: &Report, style: &Style) -> Vec<String> {
    let notes = &report.input.notes;
    let named = notes.iter().take(NAMED_MOST).map(|note| {
        let text = escape::terminal(&note.text, 200);
        format!("Note: {}: {text}", source_name(&note.source, style))
    });
    let more = notes.len().saturating_sub(NAMED_MOST) as u64;
    let rest = (more > 0).then(|| format!("Note: and {} more", count(more)));
    named.chain(rest).collect()
}

/// What to say where no request failed, or where there was none.
pub fn nothing(report: &Report, style: &Style) -> Vec<Line> {
    let input = &report.input;
    let text = if report.totals.requests > 0 {
        let other: u64 = other_client_errors(report);
        match other {
            0 => format!(
                "No 4xx: none of {} failed with one.",
                counted(report.totals.requests, "request", "requests")
            ),
            other => format!(
                "No 4xx of those that --status asks for; {} of {} failed with another.",
                count(other),
                counted(report.totals.requests, "request", "requests")
            ),
        }
    } else if input.parsed > 0 {
        format!(
            "0 requests: the filters left out all {}. Widen --since, --until, --path and the like.",
            count(input.parsed)
        )
    } else if input.skipped_total() > 0 && input.not_read_total() == 0 {
        "0 requests: the error log has none. Name the access log beside it.".to_string()
    } else if input.lines > 0 {
        "0 requests: no line was one. Name the format with --log-format.".to_string()
    } else {
        match input.sources.as_slice() {
            [] => "0 requests: nothing could be read.".to_string(),
            [source] if source.path.bytes() == b"-" => {
                "0 requests: standard input is empty.".to_string()
            }
            [_] => "0 requests: the file is empty.".to_string(),
            _ => "0 requests: the files are empty.".to_string(),
        }
    };
    wrap(&[(Look::Bold, text)], style.columns, 3)
}

/// 4xx that `--status` left out.
fn other_client_errors(report: &Report) -> u64 {
    let by_status = report.totals.by_status.iter();
    let all: u64 = by_status.filter(|(s, _)| s.is_client_error()).map(|(_, n)| n).sum();
    all.saturating_sub(report.client_errors.requests)
}

/// Why requests failed, as far as their lines tell.
pub fn causes(report: &Report, style: &Style) -> Vec<Line> {
    let errors = &report.client_errors;
    if errors.by_cause.is_empty() {
        return Vec::new();
    }
    let cause = |(cause, requests): &(Cause, u64)| {
        format!("{} {}", cause.id(), percent(*requests, errors.requests))
    };
    let all: Vec<String> = errors.by_cause.iter().map(cause).collect();
    let mut pieces =
        vec![(Look::Bold, "Why they failed".to_string()), (Look::Plain, all.join(", "))];
    let needs_sites = errors.by_cause.iter().any(|(cause, _)| *cause == Cause::ExternalLink);
    if !report.sites.is_empty() {
        let sites: Vec<String> =
            report.sites.iter().take(3).map(|site| escape::terminal(site, 40)).collect();
        let more = if report.sites.len() > 3 { " and others" } else { "" };
        pieces.push((Look::Dim, format!("own hosts: {}{more}", sites.join(", "))));
    } else if needs_sites {
        pieces.push((Look::Plain, "name your own hosts with --site".to_string()));
    }
    wrap(&pieces, style.columns, 3)
}

/// Who failed, by what they are. Those that look for weaknesses fill logs, and hurt nobody as long as they
/// fail.
pub fn kinds(report: &Report, style: &Style) -> Vec<Line> {
    let errors = &report.client_errors;
    if errors.by_kind.is_empty() {
        return Vec::new();
    }
    let kind = |row: &KindRow| {
        let share = percent(row.requests, errors.requests);
        format!("{} {share} ({})", row.kind.id(), counted(row.clients, "client", "clients"))
    };
    let all: Vec<String> = errors.by_kind.iter().map(kind).collect();
    let mut pieces = vec![(Look::Bold, "Who failed".to_string()), (Look::Plain, all.join(", "))];
    let not_found = |counts: &[(Status, u64)]| -> u64 {
        let found = counts.iter().filter(|(status, _)| *status == Status::NOT_FOUND);
        found.map(|(_, requests)| requests).sum()
    };
    let scanners = errors.by_kind.iter().find(|row| row.kind == ClientKind::Scanner);
    let of_all: u64 = errors.by_kind.iter().map(|row| not_found(&row.by_status)).sum();
    if let Some(scanners) = scanners
        && let of_scanners @ 1.. = not_found(&scanners.by_status)
    {
        let share = percent(of_scanners, of_all);
        let text = format!("{share} of the 404s are vulnerability scanners, not broken links");
        pieces.push((Look::Plain, text));
    }
    wrap(&pieces, style.columns, 3)
}

/// Clients that went away, where the log tells more of them than the status does.
pub fn aborts(report: &Report, style: &Style) -> Vec<Line> {
    let aborts = &report.client_aborts;
    if aborts.iter().all(|(abort, _)| *abort == Abort::Status499) {
        return Vec::new();
    }
    let total: u64 = aborts.iter().map(|(_, requests)| requests).sum();
    let kinds = aborts.iter().map(|(kind, requests)| (kind.id(), *requests));
    let pieces = vec![
        (Look::Bold, format!("Clients that left  {}", counted(total, "request", "requests"))),
        (Look::Plain, numbered(kinds)),
    ];
    wrap(&pieces, style.columns, 3)
}

/// What the error log says.
pub fn error_log(report: &Report, style: &Style) -> Vec<Line> {
    let Some(log) = &report.error_log else { return Vec::new() };
    let kinds = log.by_kind.iter().map(|(kind, lines)| (kind.id(), *lines));
    let pieces = vec![
        (Look::Bold, format!("Error log  {}", counted(log.lines, "line", "lines"))),
        (Look::Plain, numbered(kinds)),
    ];
    let mut lines = wrap(&pieces, style.columns, 3);
    for row in log.limits.iter().take(style.top.unwrap_or(usize::MAX)) {
        let zone = escape::terminal(&row.zone, style.columns / 3);
        let over = |excess: u64| format!("{}.{:03}", count(excess / 1_000), excess % 1_000);
        let excess = row
            .max_excess
            .map_or(String::new(), |excess| format!(", up to {} over the rate", over(excess)));
        let did = match row.kind {
            LimitKind::LimitingDryRun | LimitKind::ConnectionsDryRun => "would have turned away",
            LimitKind::DelayingDryRun => "would have delayed",
            LimitKind::Limiting | LimitKind::Connections => "turned away",
            LimitKind::Delaying => "delayed",
        };
        let text = format!(
            "zone {zone}: {did} {} of {}{excess}",
            counted(row.lines, "request", "requests"),
            counted(row.clients, "client", "clients"),
        );
        let mut pieces = vec![(Look::Plain, text)];
        if row.answered_with == Some(Status::from_code(503)) {
            let advice = "answered 503, as if the server were down: set limit_req_status 429";
            pieces.push((Look::Bold, advice.to_string()));
        }
        if let Some(worst) = row.worst.first() {
            let client = escape::terminal(&worst.client, style.columns / 3);
            let of = match worst.requests {
                0 => String::new(),
                requests => format!(" of {}", counted(requests, "request", "requests")),
            };
            let excess = worst
                .max_excess
                .map_or(String::new(), |excess| format!(", up to {}", over(excess)));
            pieces.push((Look::Dim, format!("most {client}: {}{of}{excess}", count(worst.lines))));
        }
        lines.extend(wrap(&pieces, style.columns, 6));
    }
    lines
}

/// `upstream-failed 40, limit-req 15`
fn numbered<'a>(kinds: impl Iterator<Item = (&'a str, u64)>) -> String {
    kinds.map(|(kind, n)| format!("{kind} {}", count(n))).collect::<Vec<_>>().join(", ")
}

/// What to do next, and what is not on the screen.
pub fn next(report: &Report, style: &Style) -> Vec<Line> {
    let rows = &report.client_errors.by_status;
    let known = |status: &Status| status.code().is_some_and(|code| status::lookup(code).is_some());
    let codes: Vec<String> = rows
        .iter()
        .map(|row| row.status)
        .filter(known)
        .take(3)
        .map(|status| status.to_string())
        .collect();
    let mut pieces: Vec<Piece> = Vec::new();
    if !codes.is_empty() {
        // What most of them are, unless the status says it already.
        let cause = report.client_errors.by_cause.iter().map(|(cause, _)| *cause);
        let cause = cause.map(Cause::id).find(|id| *id != Cause::Direct.id()).unwrap_or_default();
        let words = format!("Next: logscan explain {} {cause}", codes.join(" "));
        pieces.push((Look::Bold, words.trim_end().to_string()));
    }
    if let Some(hidden) = hidden(report, style) {
        pieces.push((Look::Plain, hidden));
    }
    let other = other_client_errors(report);
    if other > 0 {
        pieces.push((Look::Plain, format!("{} other 4xx left out by --status", count(other))));
    }
    if pieces.is_empty() { Vec::new() } else { wrap(&pieces, style.columns, 3) }
}

/// `not shown: 1,224 paths, 340 clients (--top 0 shows all)`
fn hidden(report: &Report, style: &Style) -> Option<String> {
    let errors = &report.client_errors;
    let top = style.top.unwrap_or(usize::MAX);
    let rest = |total: u64, held: usize| total.saturating_sub(held.min(top) as u64);
    let of_all = |rows: usize| rest(rows as u64, rows);
    let failed = errors.by_window.iter().filter(|window| window.requests > 0).count();
    let unit = width(report.window_seconds.into());
    let windows =
        if unit.contains(' ') { format!("windows of {unit}") } else { unit.clone() + "s" };
    let window = if unit.contains(' ') { format!("window of {unit}") } else { unit };
    let parts: Vec<String> = [
        (of_all(errors.by_status.len()), "status", "statuses"),
        (rest(errors.paths_total, errors.by_path.len()), "path", "paths"),
        (rest(errors.clients_total, errors.by_client.len()), "client", "clients"),
        (of_all(failed), window.as_str(), windows.as_str()),
        (findings::hidden(report, style), "finding", "findings"),
    ]
    .into_iter()
    .filter(|(rows, ..)| *rows > 0)
    .map(|(rows, one, many)| counted(rows, one, many))
    .collect();
    (!parts.is_empty()).then(|| format!("not shown: {} (--top 0 shows all)", parts.join(", ")))
}
