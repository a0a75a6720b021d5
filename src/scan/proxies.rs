//! Whether the clients of a log are proxies, behind which others stand that the log names too.

use std::cmp::Reverse;

use super::tally::SourceTally;
use crate::aggregate::Aggregate;
use crate::aggregate::shards::Counts;
use crate::escape;
use crate::report::Note;
use crate::select::real_ip;
use crate::untrusted::Untrusted;

/// So many addresses are a handful.
const HANDFUL: usize = 5;

/// Below that nothing is said: a few requests come from a few clients.
const REQUESTS_MIN: u64 = 100;

/// Whether a note says that.
pub fn is_it(note: &Note) -> bool {
    note.kind == KIND
}

const KIND: &str = "behind-proxy";

/// Whether nearly all requests come from addresses of a private network: those of proxies, or of people of
/// whom nothing is known.
pub fn are_private(aggregate: &Aggregate) -> bool {
    let rows = aggregate.clients().shards().iter().flat_map(|shard| shard.rows());
    let private = rows.filter(|row| real_ip::is_private(row.key.tail));
    let private: u64 = private.map(|row| row.counts.head().requests()).sum();
    private > 0 && u128::from(private) * 10 >= u128::from(aggregate.requests()) * 9
}

/// What to say where nearly all requests come from a handful of addresses, or from private ones, and
/// most lines name somebody behind them.
pub fn note(aggregate: &Aggregate, sources: &[SourceTally<'_>]) -> Option<Note> {
    let source = sources.iter().find(|source| source.is_forwarded())?;
    let requests = aggregate.requests();
    let mut clients: Vec<(u64, &[u8])> = Vec::new();
    let mut private = 0;
    for row in aggregate.clients().shards().iter().flat_map(|shard| shard.rows()) {
        let row = (row.counts.head().requests(), row.key.tail);
        if real_ip::is_private(row.1) {
            private += row.0;
        }
        clients.push(row);
    }
    clients.sort_unstable_by_key(|(requests, client)| (Reverse(*requests), *client));
    let first = &clients[..clients.len().min(HANDFUL)];
    let of_first: u64 = first.iter().map(|(requests, _)| requests).sum();
    let is_nearly_all = |part: u64| u128::from(part) * 10 >= u128::from(requests) * 9;
    if requests < REQUESTS_MIN || !(is_nearly_all(of_first) || is_nearly_all(private)) {
        return None;
    }
    let (_, most) = first.first()?;
    let most = escape::terminal(&Untrusted::new(most), 60);
    let text = format!(
        "nearly all requests come from a few addresses, such as {most}, and most lines name a client \
         behind them: if that is your proxy, count the clients with --real-ip X-Forwarded-For \
         --trusted-proxy {most}"
    );
    Some(Note { source: Untrusted::from(source.path()), kind: KIND, text: Untrusted::new(text) })
}
