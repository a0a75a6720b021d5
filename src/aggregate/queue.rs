//! Hits on their way into the tables: each waits while the memory that it needs is brought near.
//!
//! A table of real size misses the cache with each look-up. So a hit is hashed and its slots are
//! asked for when it comes; its rows are asked for some hits later, when the slots are there; and it
//! is counted some hits after that. Between, the lines after it are parsed: nobody waits.

use super::arena::Key;
use super::hash::TableHasher;
use super::{Aggregate, ErrorPlaces, Lookup, path_key};
use crate::record::Hit;

/// So many hits later rows are asked for. A line takes some 100 ns, memory about as long.
const ROWS_AFTER: usize = 8;

/// So many hits later a hit is counted.
const COUNT_AFTER: usize = 16;

/// So many hits later what the sets of a client error need is asked for.
const SETS_AFTER: usize = 21;

/// So many hits later what is special to a client error is counted.
const ERRORS_AFTER: usize = 26;

/// Places in the ring.
const PLACES: usize = 32;

const _: () = assert!(PLACES.is_power_of_two() && ERRORS_AFTER < PLACES);

/// The hits that are on their way.
#[derive(Debug)]
pub struct Queue<'a> {
    hasher: TableHasher,
    hits: [Hit<'a>; PLACES],
    paths: [Lookup; PLACES],
    clients: [Lookup; PLACES],
    errors: [ErrorPlaces; PLACES],
    /// How many came since all that came were counted.
    pushed: usize,
}

impl<'a> Queue<'a> {
    /// Nothing on its way.
    pub fn new() -> Queue<'a> {
        Queue {
            hasher: TableHasher::new(),
            hits: [Hit::NONE; PLACES],
            paths: [Lookup::default(); PLACES],
            clients: [Lookup::default(); PLACES],
            errors: [ErrorPlaces::default(); PLACES],
            pushed: 0,
        }
    }

    /// Takes a hit, and does for those before it what it is time for.
    #[inline(always)]
    pub fn push(&mut self, aggregate: &mut Aggregate, hit: Hit<'a>) {
        let (at, number) = (self.pushed % PLACES, self.pushed);
        if aggregate.share.has_paths() {
            self.paths[at].hash = self.hasher.hash(path_key(&hit));
            aggregate.paths.prefetch_slot(self.paths[at].hash);
        }
        if aggregate.share.has_clients() {
            self.clients[at].hash = self.hasher.hash(Key::new(hit.client));
            aggregate.clients.prefetch_slot(self.clients[at].hash);
        }
        self.hits[at] = hit;
        self.pushed += 1;
        if let Some(number) = number.checked_sub(ROWS_AFTER) {
            self.ask_for_rows(aggregate, number);
        }
        if let Some(number) = number.checked_sub(COUNT_AFTER) {
            self.count(aggregate, number);
        }
        if let Some(number) = number.checked_sub(SETS_AFTER) {
            self.ask_for_sets(aggregate, number);
        }
        if let Some(number) = number.checked_sub(ERRORS_AFTER) {
            self.count_error(aggregate, number);
        }
    }

    /// Counts all that is on its way.
    pub fn drain(&mut self, aggregate: &mut Aggregate) {
        let rest = |after| self.pushed.saturating_sub(after)..self.pushed;
        let (rows, hits, errors) = (rest(ROWS_AFTER), rest(COUNT_AFTER), rest(ERRORS_AFTER));
        rows.for_each(|number| self.ask_for_rows(aggregate, number));
        hits.for_each(|number| self.count(aggregate, number));
        errors.for_each(|number| self.count_error(aggregate, number));
        self.pushed = 0;
    }

    #[inline(always)]
    fn ask_for_rows(&mut self, aggregate: &Aggregate, number: usize) {
        let at = number % PLACES;
        let (hit, path, client) = (&self.hits[at], &mut self.paths[at], &mut self.clients[at]);
        if aggregate.share.has_paths() {
            path.guess = aggregate.paths.prefetch_row(path.hash, path_key(hit).length());
        }
        if aggregate.share.has_clients() {
            client.guess = aggregate.clients.prefetch_row(client.hash, hit.client.len());
        }
    }

    #[inline(always)]
    fn count(&mut self, aggregate: &mut Aggregate, number: usize) {
        let at = number % PLACES;
        self.errors[at] = aggregate.count_hit(&self.hits[at], &self.paths[at], &self.clients[at]);
    }

    #[inline(always)]
    fn ask_for_sets(&mut self, aggregate: &mut Aggregate, number: usize) {
        let at = number % PLACES;
        if self.hits[at].is_error {
            let hashes = (self.paths[at].hash, self.clients[at].hash);
            aggregate.ask_for_sets(hashes, self.errors[at]);
        }
    }

    #[inline(always)]
    fn count_error(&mut self, aggregate: &mut Aggregate, number: usize) {
        let at = number % PLACES;
        let hit = &self.hits[at];
        if hit.is_error {
            let hashes = (self.paths[at].hash, self.clients[at].hash);
            aggregate.count_error(hit, hashes, self.errors[at]);
        }
    }
}

impl Default for Queue<'_> {
    fn default() -> Self {
        Queue::new()
    }
}
