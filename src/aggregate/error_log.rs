//! What is counted of an error log: lines by kind, and what each limit did.

use std::collections::BTreeMap;

use super::arena::Key;
use super::distinct::Distinct;
use super::hash::sketch_hash;
use super::least::Least;
use super::merge_vec;
use crate::record::{ErrorKind, ErrorLine, LimitKind};

/// As many zones as are told apart. A server has a handful; who can write into the log can make up
/// as many as he likes.
const LIMITS_MAX: usize = 1_000;

/// As much of a zone's name is kept: a longer one is nobody's.
const ZONE_BYTES_MAX: usize = 256;

/// What is counted of an error log.
#[derive(Clone, Debug, Default)]
pub struct ErrorLog {
    /// By [`ErrorKind::ALL`]; empty before the first line.
    by_kind: Vec<u64>,
    limits: BTreeMap<(Box<[u8]>, LimitKind), LimitCounts>,
    /// What limits did to each client: by zone and kind, and client.
    clients: Least<ClientLimit, CLIENTS_MAX>,
}

/// So many clients of zones are told apart.
const CLIENTS_MAX: usize = 4_096;

/// What a limit did to a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientLimit {
    /// How often.
    pub lines: u64,
    /// The most by which it was over the rate, in thousandths of a request.
    pub max_excess: Option<u64>,
}

impl ClientLimit {
    fn add(&mut self, other: ClientLimit) {
        self.lines += other.lines;
        self.max_excess = self.max_excess.max(other.max_excess);
    }
}

/// The key of a limit's clients.
fn clients_key(zone: &[u8], kind: LimitKind) -> Vec<u8> {
    [zone, &[b'\n', kind as u8]].concat()
}

/// What a limit did.
#[derive(Clone, Debug, Default)]
pub struct LimitCounts {
    /// How often: each line is a request.
    pub lines: u64,
    /// To how many clients.
    pub clients: Distinct<13>,
    /// The most by which one was over the rate, in thousandths of a request.
    pub max_excess: Option<u64>,
}

impl ErrorLog {
    /// Counts a line.
    pub fn count(&mut self, line: &ErrorLine<'_>) {
        if self.by_kind.is_empty() {
            self.by_kind = vec![0; ErrorKind::ALL.len()];
        }
        self.by_kind[line.kind as usize] += 1;
        let Some(limit) = line.limit else { return };
        let mut clients = Distinct::default();
        if let Some(client) = line.client {
            clients.insert(sketch_hash(b"", client));
            let key = clients_key(&limit.zone[..limit.zone.len().min(ZONE_BYTES_MAX)], limit.kind);
            if let Some(row) = self.clients.row(Key { head: &key, tail: client }) {
                row.add(ClientLimit { lines: 1, max_excess: limit.excess });
            }
        }
        let counts = LimitCounts { lines: 1, clients, max_excess: limit.excess };
        let zone = &limit.zone[..limit.zone.len().min(ZONE_BYTES_MAX)];
        self.add((zone.into(), limit.kind), counts);
    }

    /// Of too many limits those that come first by name are kept. A name that was dropped has enough
    /// before it for good, so that no row is kept in part, and the order of counting shows nowhere.
    fn add(&mut self, key: (Box<[u8]>, LimitKind), counts: LimitCounts) {
        let mine = self.limits.entry(key).or_default();
        mine.lines += counts.lines;
        mine.clients.merge(counts.clients);
        mine.max_excess = mine.max_excess.max(counts.max_excess);
        if self.limits.len() > LIMITS_MAX {
            self.limits.pop_last();
        }
    }

    /// Takes in all that `other` counted.
    pub fn merge(&mut self, other: ErrorLog) {
        merge_vec(&mut self.by_kind, other.by_kind, |mine, other| *mine += other);
        other.limits.into_iter().for_each(|(key, counts)| self.add(key, counts));
        self.clients.merge(other.clients, |mine, other| mine.add(other));
    }

    /// What a limit did to each client, most first.
    pub fn clients_of(&self, zone: &[u8], kind: LimitKind) -> Vec<(&[u8], ClientLimit)> {
        let wanted = clients_key(zone, kind);
        let rows = self.clients.sorted().into_iter().filter(|(key, _)| key.head == &wanted[..]);
        let mut rows: Vec<_> = rows.map(|(key, row)| (key.tail, *row)).collect();
        rows.sort_by_key(|(client, row)| (std::cmp::Reverse(row.lines), *client));
        rows
    }

    /// Lines by kind, without kinds that have none.
    pub fn by_kind(&self) -> impl Iterator<Item = (ErrorKind, u64)> {
        let counted = ErrorKind::ALL.iter().copied().zip(self.by_kind.iter().copied());
        counted.filter(|(_, lines)| *lines > 0)
    }

    /// The limits, by zone.
    pub fn limits(&self) -> impl Iterator<Item = (&[u8], LimitKind, &LimitCounts)> {
        self.limits.iter().map(|((zone, kind), counts)| (&**zone, *kind, counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::LimitLine;

    fn line<'a>(zone: &'a [u8], client: &'a [u8], excess: u64) -> ErrorLine<'a> {
        let limit = LimitLine { zone, kind: LimitKind::Limiting, excess: Some(excess) };
        ErrorLine { time: 0, kind: ErrorKind::LimitReq, client: Some(client), limit: Some(limit) }
    }

    fn shown(log: &ErrorLog) -> Vec<(Vec<u8>, u64, u64, Option<u64>)> {
        let row = |(zone, _, counts): (&[u8], LimitKind, &LimitCounts)| {
            (zone.to_vec(), counts.lines, counts.clients.count(), counts.max_excess)
        };
        log.limits().map(row).collect()
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let lines = [
            line(b"one", b"192.0.2.1", 500),
            line(b"one", b"192.0.2.2", 2_547),
            line(b"two", b"192.0.2.1", 1),
            line(b"one", b"192.0.2.1", 900),
        ];
        let count = |lines: &[ErrorLine<'_>]| {
            let mut log = ErrorLog::default();
            lines.iter().for_each(|line| log.count(line));
            log
        };
        let whole = count(&lines);
        for cut in 0..=lines.len() {
            let mut merged = count(&lines[cut..]);
            merged.merge(count(&lines[..cut]));
            assert_eq!(shown(&merged), shown(&whole));
            assert_eq!(merged.by_kind().collect::<Vec<_>>(), [(ErrorKind::LimitReq, 4)]);
        }
        let wanted = [(b"one".to_vec(), 3, 2, Some(2_547)), (b"two".to_vec(), 1, 1, Some(1))];
        assert_eq!(shown(&whole), wanted);
    }

    #[test]
    fn a_flood_of_zones_takes_no_memory_and_leaves_whole_rows() {
        let zones: Vec<String> = (0..3_000).map(|number| format!("{number:04}")).collect();
        for order in [1, 7, 2_999] {
            let mut log = ErrorLog::default();
            for at in 0..6_000 {
                log.count(&line(zones[at * order % 3_000].as_bytes(), b"192.0.2.1", 1));
            }
            assert_eq!(log.limits().count(), LIMITS_MAX);
            assert!(shown(&log).iter().all(|row| row.1 == 2));
            assert_eq!(shown(&log).last().unwrap().0, b"0999");
        }
    }
}
