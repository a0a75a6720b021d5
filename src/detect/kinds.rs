//! Who all those with 4xx are, by kind.

use std::cmp::Reverse;
use std::collections::HashSet;

use rayon::prelude::*;

use super::clients::Judge;
use crate::aggregate::ClientCounts;
use crate::aggregate::counts::{ByStatus, Causes, ErrorCounts};
use crate::aggregate::shards::{Counts, RowCounts, Shard, Shards};
use crate::report::{ClientKind, KindRow, Note};
use crate::untrusted::Untrusted;

/// Who found so many paths missing, and of all that it asked for at least half, tries links or addresses.
const CHECKED_MIN: u64 = 10;

fn is_checker(errors: &ErrorCounts, requests: u64) -> bool {
    errors.by_status.total() * 2 >= requests && errors.others.count() >= CHECKED_MIN
}

/// What there is to say of those with 4xx who are of a kind.
#[derive(Clone, Debug, Default)]
struct OfKind {
    by_status: ByStatus,
    clients: u64,
}

/// Who all those with 4xx are.
#[derive(Clone, Debug)]
pub struct Kinds {
    /// By [`ClientKind::ALL`].
    of: Vec<OfKind>,
    /// How many crawlers may be fakes, were their lists of the time of the log.
    doubted: u64,
    /// The sketch hashes of the scanners.
    scanners: HashSet<u64>,
    /// Those of whom no link is believed: scanners, fakes, and who goes through all links there are.
    ignored: HashSet<u64>,
    /// Why the requests of scanners failed, as their lines tell.
    of_scanners: Causes,
}

impl Kinds {
    /// Who those of this table are that have 4xx.
    pub fn of_clients(clients: &Shards<ClientCounts>, judge: &Judge) -> Kinds {
        clients
            .shards()
            .par_iter()
            .map(|shard| Kinds::of_shard(shard, judge))
            .reduce(Kinds::nobody, Kinds::merge)
    }

    fn of_shard(shard: &Shard<ClientCounts>, judge: &Judge) -> Kinds {
        let mut kinds = Kinds::nobody();
        for RowCounts { key, counts, errors } in shard.rows() {
            let Some(errors) = errors else { continue };
            let judgement = judge.judge(key.tail, errors);
            let of = &mut kinds.of[judgement.kind as usize];
            of.by_status.merge(&errors.by_status);
            of.clients += 1;
            kinds.doubted += u64::from(judgement.is_doubted_crawler);
            if judgement.kind == ClientKind::Scanner {
                kinds.scanners.insert(errors.sketch);
                kinds.of_scanners.merge(&errors.causes);
            }
            let is_liar =
                matches!(judgement.kind, ClientKind::Scanner | ClientKind::SpoofedCrawler);
            if is_liar || is_checker(errors, counts.head().requests()) {
                kinds.ignored.insert(errors.sketch);
            }
        }
        kinds
    }

    fn nobody() -> Kinds {
        Kinds {
            of: vec![OfKind::default(); ClientKind::ALL.len()],
            doubted: 0,
            scanners: HashSet::new(),
            ignored: HashSet::new(),
            of_scanners: Causes::default(),
        }
    }

    fn merge(mut self, other: Kinds) -> Kinds {
        for (mine, other) in self.of.iter_mut().zip(other.of) {
            mine.by_status.merge(&other.by_status);
            mine.clients += other.clients;
        }
        self.doubted += other.doubted;
        self.scanners.extend(other.scanners);
        self.ignored.extend(other.ignored);
        self.of_scanners.merge(&other.of_scanners);
        self
    }

    /// The kinds, most requests first.
    pub fn rows(&self) -> Vec<KindRow> {
        let rows = ClientKind::ALL.iter().zip(&self.of).map(|(kind, of)| KindRow {
            kind: *kind,
            requests: of.by_status.total(),
            by_status: of.by_status.sorted(),
            clients: of.clients,
        });
        let mut rows: Vec<KindRow> = rows.filter(|row| row.clients > 0).collect();
        rows.sort_by_key(|row| (Reverse(row.requests), row.kind));
        rows
    }

    /// Why requests failed, given what their lines tell: those of scanners are theirs.
    pub fn causes(&self, told: &Causes) -> Causes {
        let mut causes = told.without(&self.of_scanners);
        causes.merge(&self.of_scanners.of_scanners());
        causes
    }

    /// Whether the client with this sketch hash is a scanner.
    pub fn is_scanner(&self, client: u64) -> bool {
        self.scanners.contains(&client)
    }

    /// Whether nothing that this client does tells of what others meet.
    pub fn is_ignored(&self, client: u64) -> bool {
        self.ignored.contains(&client)
    }

    /// 4xx requests of a kind, and how many clients sent them.
    pub fn of(&self, kind: ClientKind) -> (u64, u64) {
        let of = &self.of[kind as usize];
        (of.by_status.total(), of.clients)
    }

    /// What to say where the lists are of another time than the log.
    pub fn note(&self) -> Option<Note> {
        (self.doubted > 0).then(|| Note {
            source: Untrusted::new("crawlers"),
            kind: "crawler-ranges",
            text: Untrusted::new(format!(
                "the lists of their addresses are of another time than this log, so that fakes cannot be \
                 told ({} may be): give those of its time with --crawler-ranges",
                self.doubted
            )),
        })
    }
}
