//! A replay as JSON: `logscan.replay/1`.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::clock;
use crate::escape;
use crate::report::replay::{GridRow, Hit, KindOutcomes, Outcomes, Replay, Span, Suggestion};

/// Writes a replay.
///
/// # Errors
///
/// When it cannot be written.
pub fn replay(replay: &Replay, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &value(replay))?;
    out.write_all(b"\n")
}

fn value(replay: &Replay) -> Value {
    let limits = replay.limits.iter().map(|limit| {
        json!({
            "rate": limit.rate,
            "burst": limit.burst,
            "delay": limit.delay,
            "nodelay": limit.delay.is_none(),
            "key": limit.key,
            "only": limit.only,
        })
    });
    let by_kind = replay.by_kind.iter().map(|(kind, told)| {
        let KindOutcomes { outcomes: of_kind, clients, clients_rejected } = told;
        let mut row = outcomes(of_kind);
        row["kind"] = json!(kind.id());
        row["clients"] = json!(clients);
        row["clients_rejected"] = json!(clients_rejected);
        row
    });
    let waits = replay.waits.map(|waits| {
        json!({ "p50": waits.p50_seconds, "p95": waits.p95_seconds, "max": waits.max_seconds })
    });
    let times = json!({
        "to_the_millisecond": replay.coarse == 0,
        "requests_to_the_second": replay.coarse,
        "requests_by_their_end": replay.untimed,
        "seconds_waited_then_at_most": replay.late_seconds,
    });
    let moment = |second: u32| clock::rfc3339(second.into());
    let mut all = outcomes(&replay.outcomes);
    all["keys"] = json!(replay.keys);
    all["keys_rejected"] = json!(replay.keys_rejected);
    all["delay_seconds"] = json!(waits);
    json!({
        "schema": "logscan.replay/1",
        "generator": { "name": "logscan", "version": env!("CARGO_PKG_VERSION") },
        "input": { "lines": replay.lines, "requests": replay.requests },
        "period": replay.period.map(|(first, last)| json!({ "start": moment(first), "end": moment(last) })),
        "times": times,
        "requests_turned_away_then": replay.turned_away,
        "limits": limits.collect::<Vec<_>>(),
        "outcomes": all,
        "by_kind": by_kind.collect::<Vec<_>>(),
        "worst": replay.worst.iter().map(hit).collect::<Vec<_>>(),
        "grid": replay.grid.iter().map(point).collect::<Vec<_>>(),
        "suggestions": replay.suggestions.iter().map(suggestion).collect::<Vec<_>>(),
        "nginx": replay.nginx,
    })
}

fn span(span: Span) -> Value {
    json!({ "least": span.least, "likely": span.likely, "most": span.most })
}

fn outcomes(outcomes: &Outcomes) -> Value {
    json!({
        "requests": outcomes.requests,
        "passed": span(outcomes.passed),
        "delayed": span(outcomes.delayed),
        "rejected": span(outcomes.rejected),
    })
}

fn hit(hit: &Hit) -> Value {
    let moment = |second: Option<u32>| second.map(|second| clock::rfc3339(second.into()));
    json!({
        "client": escape::json(&hit.client),
        "kind": hit.kind.id(),
        "agent": hit.agent.as_ref().map(escape::json),
        "requests": hit.requests,
        "rejected": hit.rejected,
        "delayed": hit.delayed,
        "first_rejected": moment(hit.first_rejected),
        "last_rejected": moment(hit.last_rejected),
    })
}

fn point(point: &GridRow) -> Value {
    let mut row = outcomes(&point.outcomes);
    row["rate"] = json!(point.rate);
    row["burst"] = json!(point.burst);
    row["people_rejected"] = json!(point.people_rejected);
    row["crawlers_rejected"] = json!(point.crawlers_rejected);
    row
}

fn suggestion(row: &Suggestion) -> Value {
    json!({
        "route": row.route,
        "rate": row.rate,
        "burst": row.burst,
        "nodelay": true,
        "reason": row.reason,
        "people": row.people,
        "people_rejected": row.people_rejected,
        "crawlers_exempt": row.crawlers,
        "others": outcomes(&row.outcomes),
        "worst": row.worst.iter().map(hit).collect::<Vec<_>>(),
    })
}
