//! Who tried to log in, and how that ended.

use smallvec::SmallVec;

use super::arena::Key;
use super::distinct::Distinct;
use super::hash::sketch_hash;
use super::least::Least;
use crate::record::Hit;

/// Places to log in at that are kept.
const PATHS_MAX: usize = 64;

/// Clients that tried, at each place, that are kept.
const CLIENTS_MAX: usize = 8_192;

/// Windows of a place that are kept: the latest with any attempt.
const PATH_WINDOWS_MAX: usize = 4_096;

/// Windows of a client that are kept: the latest.
const CLIENT_WINDOWS_MAX: usize = 128;

/// How an attempt ended. Which of these is a failure depends on the place: some answer 200 to a wrong password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// 400, 401, 403, 422, 429.
    pub refused: u64,
    /// 2xx.
    pub answered: u64,
    /// 3xx.
    pub redirected: u64,
}

impl Attempts {
    fn of(hit: &Hit<'_>) -> Attempts {
        match hit.status.code() {
            Some(400 | 401 | 403 | 422 | 429) => Attempts { refused: 1, ..Attempts::default() },
            Some(200..=299) => Attempts { answered: 1, ..Attempts::default() },
            Some(300..=399) => Attempts { redirected: 1, ..Attempts::default() },
            _ => Attempts::default(),
        }
    }

    fn add(&mut self, other: Attempts) {
        self.refused += other.refused;
        self.answered += other.answered;
        self.redirected += other.redirected;
    }

    /// Those that failed; `answers` says that a wrong password is answered 200.
    pub fn failed(&self, answers: bool) -> u64 {
        self.refused + if answers { self.answered } else { 0 }
    }

    /// Those that succeeded.
    pub fn succeeded(&self, answers: bool) -> u64 {
        self.redirected + if answers { 0 } else { self.answered }
    }
}

/// Attempts by window.
#[derive(Clone, Debug)]
struct ByWindow<W, const MAX: usize>(Vec<(u32, W)>);

impl<W, const MAX: usize> Default for ByWindow<W, MAX> {
    fn default() -> ByWindow<W, MAX> {
        ByWindow(Vec::new())
    }
}

impl<W: Default, const MAX: usize> ByWindow<W, MAX> {
    /// The window with this number; `None` where later ones are kept in its place.
    fn window(&mut self, number: u32) -> Option<&mut W> {
        let mut at = self.0.partition_point(|(known, _)| *known < number);
        if self.0.get(at).is_none_or(|(known, _)| *known != number) {
            if at == 0 && self.0.len() == MAX {
                return None;
            }
            self.0.insert(at, (number, W::default()));
            if self.0.len() > MAX {
                self.0.remove(0);
                at -= 1;
            }
        }
        Some(&mut self.0[at].1)
    }

    fn merge(&mut self, other: ByWindow<W, MAX>, merge: impl Fn(&mut W, W)) {
        for (number, window) in other.0 {
            if let Some(mine) = self.window(number) {
                merge(mine, window);
            }
        }
    }
}

/// Five minutes at a place.
#[derive(Clone, Debug, Default)]
pub struct LoginWindow {
    /// What was tried.
    pub attempts: Attempts,
    /// Who tried.
    pub clients: Distinct<13>,
}

/// A place to log in at.
#[derive(Clone, Debug, Default)]
pub struct LoginPath {
    /// What was tried.
    pub attempts: Attempts,
    windows: ByWindow<LoginWindow, PATH_WINDOWS_MAX>,
}

/// The length of a place's windows, in seconds.
pub const PATH_WINDOW_SECONDS: u32 = 300;

/// The length of a client's windows, in seconds.
pub const CLIENT_WINDOW_SECONDS: u32 = 600;

impl LoginPath {
    /// The windows in which there was any, by their first second.
    pub fn windows(&self) -> impl Iterator<Item = (u32, &LoginWindow)> {
        self.windows.0.iter().map(|(number, window)| (number * PATH_WINDOW_SECONDS, window))
    }

    fn merge(&mut self, other: LoginPath) {
        self.attempts.add(other.attempts);
        self.windows.merge(other.windows, |mine, other| {
            mine.attempts.add(other.attempts);
            mine.clients.merge(other.clients);
        });
    }
}

/// Who tried at a place.
#[derive(Clone, Debug, Default)]
pub struct LoginClient {
    /// What was tried.
    pub attempts: Attempts,
    /// First and last time.
    pub period: super::counts::Period,
    windows: ByWindow<Attempts, CLIENT_WINDOWS_MAX>,
}

impl LoginClient {
    /// The windows in which it tried, by their first second.
    pub fn windows(&self) -> impl Iterator<Item = (u32, Attempts)> {
        self.windows.0.iter().map(|(number, window)| (number * CLIENT_WINDOW_SECONDS, *window))
    }

    fn merge(&mut self, other: LoginClient) {
        self.attempts.add(other.attempts);
        self.period.merge(other.period);
        self.windows.merge(other.windows, |mine, other| mine.add(other));
    }
}

/// All attempts to log in.
#[derive(Clone, Debug, Default)]
pub struct Logins {
    paths: Least<LoginPath, PATHS_MAX>,
    clients: Least<LoginClient, CLIENTS_MAX>,
}

impl Logins {
    /// Counts an attempt.
    pub fn count(&mut self, hit: &Hit<'_>) {
        let attempt = Attempts::of(hit);
        let key = Key { head: hit.host, tail: hit.path };
        let Some(path) = self.paths.row(key) else { return };
        path.attempts.add(attempt);
        if let Some(window) = path.windows.window(hit.time / PATH_WINDOW_SECONDS) {
            window.attempts.add(attempt);
            window.clients.insert(sketch_hash(b"", hit.client));
        }
        let place = place(key);
        let Some(client) = self.clients.row(Key { head: &place, tail: hit.client }) else { return };
        client.attempts.add(attempt);
        client.period.add(hit.time);
        if let Some(window) = client.windows.window(hit.time / CLIENT_WINDOW_SECONDS) {
            window.add(attempt);
        }
    }

    /// Takes in those of `other`.
    pub fn merge(&mut self, other: Logins) {
        self.paths.merge(other.paths, LoginPath::merge);
        self.clients.merge(other.clients, LoginClient::merge);
    }

    /// The places, by host and path.
    pub fn paths(&self) -> Vec<(Key<'_>, &LoginPath)> {
        self.paths.sorted()
    }

    /// Who tried at a place, by client.
    pub fn clients_of(&self, path: Key<'_>) -> Vec<(&[u8], &LoginClient)> {
        // Of a place that was given up, not all is counted; it is none of those that are asked for.
        let place = place(path);
        let rows = self.clients.sorted().into_iter();
        rows.filter(|(key, _)| key.head == &place[..]).map(|(key, row)| (key.tail, row)).collect()
    }
}

/// A place as one key: no host has a line's end.
fn place(path: Key<'_>) -> SmallVec<[u8; 64]> {
    path.head.iter().chain(b"\n").chain(path.tail).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Status;

    #[test]
    fn attempts_are_counted_by_place_client_and_window_in_any_order() {
        let hits: Vec<Hit<'_>> = (0..2_000_u32)
            .map(|number| Hit {
                time: number * 37,
                status: Status::from_code([401, 200, 302, 500][number as usize % 4]),
                client: [&b"192.0.2.1"[..], b"192.0.2.2", b"192.0.2.3"][number as usize % 3],
                path: b"/login",
                ..Hit::NONE
            })
            .collect();
        let of = |hits: &mut dyn Iterator<Item = &Hit<'_>>| {
            let mut logins = Logins::default();
            hits.for_each(|hit| logins.count(hit));
            logins
        };
        let text = |logins: &Logins| {
            let windows = |path: &LoginPath| {
                let of = |(start, window): (u32, &LoginWindow)| {
                    (start, window.attempts, window.clients.count())
                };
                path.windows().map(of).collect::<Vec<_>>()
            };
            let paths: Vec<_> = logins
                .paths()
                .into_iter()
                .map(|(key, path)| format!("{key:?} {:?} {:?}", path.attempts, windows(path)))
                .collect();
            let of = |key| logins.clients_of(key).into_iter().map(|row| format!("{row:?}"));
            let clients: Vec<_> = logins.paths().into_iter().flat_map(|(key, _)| of(key)).collect();
            (paths, clients)
        };
        let whole = of(&mut hits.iter());
        let mut merged = of(&mut hits[700..].iter());
        merged.merge(of(&mut hits[..700].iter()));
        assert_eq!(text(&of(&mut hits.iter().rev())), text(&whole));
        assert_eq!(text(&merged), text(&whole));
        let (key, login) = whole.paths()[0];
        assert_eq!(login.attempts, Attempts { refused: 500, answered: 500, redirected: 500 });
        assert_eq!((login.attempts.failed(true), login.attempts.succeeded(false)), (1_000, 1_000));
        assert_eq!((login.windows().count(), whole.clients_of(key).len()), (247, 3));
    }
}
