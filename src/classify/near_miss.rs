//! Near misses: the live path that a missing one most likely meant.
//!
//! The ways in which an address is misspelt are tried in a fixed order, the surest first, and the first
//! that leads to a live path wins. A missing page is never sent to the home page (a search engine takes
//! that for a soft 404), nor to another number, UUID or hash, nor to another class of file.

mod guards;
mod postings;
mod spelling;
mod variants;
mod writing;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use self::guards::Class;
use self::postings::{Maker, Postings, Seed};
use self::spelling::Spellings;
use self::writing::Ways;
use super::probes;

/// Longer paths are nobody's misspelling.
const PATH_BYTES_MAX: usize = 2 << 10;

/// From this weight on, what was asked for is a scanner's, and means no page (see [`probes`]).
const PROBE_WEIGHT: u8 = 2;

/// So many live paths of one key are looked at; where there are more, it tells nothing.
const CANDIDATES_MAX: usize = 64;

macro_rules! transforms {
    ($($name:ident $id:literal $percent:literal $doc:literal;)*) => {
        /// What turns a missing path into a live one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Transform {
            $(#[doc = $doc] $name,)*
        }

        impl Transform {
            /// All of them, in the order in which they are tried.
            pub const ALL: &[Transform] = &[$(Transform::$name,)*];

            /// Its name.
            pub fn id(self) -> &'static str {
                match self {
                    $(Transform::$name => $id,)*
                }
            }

            /// What it does, in a few words.
            pub fn summary(self) -> &'static str {
                match self {
                    $(Transform::$name => $doc.trim_ascii(),)*
                }
            }

            /// How sure it is, of a hundred, where nothing else differs.
            pub fn confidence_percent(self) -> u8 {
                match self {
                    $(Transform::$name => $percent,)*
                }
            }
        }
    };
}

transforms! {
    TrailingSlash "trailing-slash" 95 "A slash at the end, too many or missing.";
    DoubledSlash "doubled-slash" 95 "A slash that stands twice.";
    Case "case" 95 "Capital letters.";
    PercentEncoding "percent-encoding" 95
        "Escapes: encoded twice or not at all, a plus for a blank, Latin-1 for UTF-8.";
    TrailingJunk "trailing-junk" 90
        "What a text around the link left at its end: a bracket, a quote, a full stop.";
    Extension "extension" 95 "`.html`, `.php` or `/index.html`, too many or missing.";
    Separator "separator" 80 "`_`, `-` or a blank between words.";
    Query "query" 80 "A query that became part of the path.";
    HostInPath "host-in-path" 80 "The name of a host at the start of the path.";
    RepeatedSegment "repeated-segment" 80 "A part of the path that stands twice, as a wrong relative link has it.";
    Locale "locale" 80 "A language at the start of the path, too many or missing.";
    Date "date" 80 "A date before the name.";
    Amp "amp" 80 "`/amp` at the end.";
    SameName "same-name" 60 "The only path that ends in the same name, under another parent.";
    Spelling "spelling" 60 "A letter or two that are wrong, missing, too many or swapped.";
    Truncated "truncated" 60 "The only path that begins so: the end was cut off.";
}

/// A live path that a missing one most likely meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearMiss<'a> {
    /// The live path, as the log spells it.
    pub path: &'a [u8],
    /// What led to it; where several things differ, the least sure of them.
    pub transform: Transform,
    /// How sure it is, of a hundred.
    pub confidence_percent: u8,
}

/// The live paths of one host, made to be asked for near misses.
///
/// Each index is made when it is first needed: most missing paths are found in the first. They take
/// some 100 bytes a path in all.
#[derive(Debug)]
pub struct LivePaths<'a> {
    paths: Vec<&'a [u8]>,
    seed: Seed,
    plain: OnceLock<Plain>,
    spellings: OnceLock<Spellings>,
    /// By what stands before a hyphen or a slash near the end.
    beginnings: OnceLock<Postings>,
}

impl<'a> LivePaths<'a> {
    /// Of these paths, as the log spells them, without queries. Which are live is the caller's to say: a
    /// path with one success may be an accident. Those that begin with two slashes are left out: nothing
    /// may be sent there.
    pub fn new(paths: impl IntoIterator<Item = &'a [u8]>) -> LivePaths<'a> {
        // To a browser, `//evil.example` is another site, and so is `/\evil.example`.
        let is_local = |path: &[u8]| !matches!(path, [b'/', b'/' | b'\\', ..]);
        let is_fit =
            |path: &&[u8]| path.starts_with(b"/") && path.len() <= PATH_BYTES_MAX && is_local(path);
        LivePaths {
            // A number of a path has 32 bits.
            paths: paths.into_iter().filter(is_fit).take(u32::MAX as usize).collect(),
            seed: Seed::new(),
            plain: OnceLock::new(),
            spellings: OnceLock::new(),
            beginnings: OnceLock::new(),
        }
    }

    /// The live path that this missing one most likely meant; none for a path that is live itself, and
    /// for one that only scanners ask for.
    pub fn nearest(&self, missing: &[u8]) -> Option<NearMiss<'a>> {
        let is_fit = missing.starts_with(b"/") && missing.len() <= PATH_BYTES_MAX;
        if !is_fit || self.paths.is_empty() || probes::weight(missing) >= PROBE_WEIGHT {
            return None;
        }
        let found = match self.written_otherwise(missing) {
            Otherwise::Live => return None,
            Otherwise::Near(found) => Some(found),
            Otherwise::Nothing => None,
        };
        found
            .or_else(|| self.variant(missing))
            .or_else(|| self.same_name(missing))
            .or_else(|| self.misspelt(missing))
            .or_else(|| self.truncated(missing))
    }

    fn path(&self, number: u32) -> &'a [u8] {
        self.paths[number as usize]
    }

    /// The first seven transforms: the same path, written otherwise.
    fn written_otherwise(&self, missing: &[u8]) -> Otherwise<'a> {
        let plain = writing::plain(missing, Ways::ALL);
        let numbers = self.written().find(self.seed.hash(WHOLE, &plain));
        if self.any(numbers, |path| path == missing) {
            return Otherwise::Live;
        }
        match self.closest(missing, missing, numbers) {
            Some(found) => Otherwise::Near(found),
            None => Otherwise::Nothing,
        }
    }

    fn any(&self, numbers: &[u64], test: impl Fn(&[u8]) -> bool) -> bool {
        numbers.iter().any(|number| test(self.path(*number as u32)))
    }

    /// Of the paths that are `variant` written otherwise, the one that needs the least for it.
    fn closest(&self, missing: &[u8], variant: &[u8], numbers: &[u64]) -> Option<NearMiss<'a>> {
        let class = Class::of(variant);
        let near = |number: &u64| {
            let path = self.path(*number as u32);
            let is_fit = Class::of(path) == class && !guards::is_another_id(missing, path);
            let ways = Ways::between(variant, path).filter(|_| is_fit && path != missing)?;
            let capitals = path.iter().filter(|byte| byte.is_ascii_uppercase()).count();
            Some((ways, capitals, path))
        };
        let candidates = if numbers.len() > CANDIDATES_MAX { &[] } else { numbers };
        let nearest = |(ways, capitals, path): &(Ways, usize, &'a [u8])| {
            (ways.last(), *capitals, path.len(), *path)
        };
        let (ways, _, path) = candidates.iter().filter_map(near).min_by_key(nearest)?;
        let confidence_percent =
            ways.transforms().map(Transform::confidence_percent).min().unwrap_or(95);
        // That of all which is the least sure, the last of them where several are.
        let transform =
            ways.transforms().filter(|way| way.confidence_percent() == confidence_percent).last();
        Some(NearMiss {
            path,
            transform: transform.unwrap_or(Transform::PercentEncoding),
            confidence_percent,
        })
    }

    /// What is left when a part of the path is taken out, or a language put before it.
    fn variant(&self, missing: &[u8]) -> Option<NearMiss<'a>> {
        let found = variants::of(missing).into_iter().find_map(|(transform, variant)| {
            let plain = writing::plain(&variant, Ways::ALL);
            let numbers = self.written().find(self.seed.hash(WHOLE, &plain));
            self.closest(missing, &variant, numbers).map(|found| (transform, found.path))
        });
        let found = found.or_else(|| {
            let plain = writing::plain(missing, Ways::ALL);
            let numbers = self.written().find(self.seed.hash(WITHOUT_LOCALE, &plain));
            let is_near = |path: &[u8]| {
                let rest = variants::without_locale(path);
                rest.is_some_and(|rest| writing::plain(rest, Ways::ALL) == plain)
                    && Class::of(path) == Class::of(missing)
            };
            // In two languages it is neither.
            let path = self.only(missing, numbers, is_near)?;
            Some((Transform::Locale, path))
        });
        let (transform, path) = found?;
        Some(NearMiss { path, transform, confidence_percent: transform.confidence_percent() })
    }

    /// The one path of these for which it holds; `None` where there are several, or too many to look at.
    fn only(
        &self,
        missing: &[u8],
        numbers: &[u64],
        is_near: impl Fn(&[u8]) -> bool,
    ) -> Option<&'a [u8]> {
        if numbers.len() > CANDIDATES_MAX {
            return None;
        }
        let paths = numbers.iter().map(|number| self.path(*number as u32));
        let mut near = paths.filter(|path| is_near(path));
        let first = near.next()?;
        let is_fit = first != missing && !guards::is_another_id(missing, first);
        (is_fit && near.all(|path| path == first)).then_some(first)
    }

    /// The only path that ends in the same name.
    fn same_name(&self, missing: &[u8]) -> Option<NearMiss<'a>> {
        let plain = writing::plain(missing, Ways::ALL);
        let name = writing::name(&plain);
        if guards::is_generic(name) {
            return None;
        }
        let class = Class::of(missing);
        let numbers = self.names().find(self.seed.hash(0, name));
        let path = self.only(missing, numbers, |path| {
            Class::of(path) == class && writing::name(&writing::plain(path, Ways::ALL)) == name
        })?;
        let transform = Transform::SameName;
        Some(NearMiss { path, transform, confidence_percent: transform.confidence_percent() })
    }

    /// The path of the same parent that is a letter or two away.
    fn misspelt(&self, missing: &[u8]) -> Option<NearMiss<'a>> {
        let spellings =
            self.spellings.get_or_init(|| Spellings::new(&self.paths, self.seed.clone()));
        let (path, distance) = spellings.nearest(&self.paths, missing)?;
        let transform = Transform::Spelling;
        // Two letters are less sure than one.
        let confidence_percent = transform.confidence_percent() - if distance > 1 { 10 } else { 0 };
        Some(NearMiss { path, transform, confidence_percent })
    }

    /// The only path that begins so.
    fn truncated(&self, missing: &[u8]) -> Option<NearMiss<'a>> {
        let start = variants::without_cut_mark(missing);
        if start.len() < variants::BEGINNING_BYTES_MIN || Class::of(start) != Class::Page {
            return None;
        }
        let numbers = self.beginnings().find(self.seed.hash(0, start));
        let path = self.only(missing, numbers, |path| {
            path.starts_with(start) && Class::of(path) == Class::Page
        })?;
        let transform = Transform::Truncated;
        Some(NearMiss { path, transform, confidence_percent: transform.confidence_percent() })
    }

    fn numbered(&self) -> impl Iterator<Item = (u32, &'a [u8])> {
        self.paths.iter().enumerate().map(|(number, path)| (number as u32, *path))
    }

    fn written(&self) -> &Postings {
        &self.plain().written
    }

    fn names(&self) -> &Postings {
        &self.plain().names
    }

    fn plain(&self) -> &Plain {
        self.plain.get_or_init(|| {
            let mut plain = Vec::new();
            let (mut written, mut names) =
                (Maker::new(self.paths.len()), Maker::new(self.paths.len()));
            for (number, path) in self.numbered() {
                writing::write_plain(path, Ways::ALL, &mut plain);
                if plain.is_empty() {
                    continue; // The home page.
                }
                written.add(self.seed.hash(WHOLE, &plain), number);
                let name = writing::name(&plain);
                if !guards::is_generic(name) {
                    names.add(self.seed.hash(0, name), number);
                }
                if let Some(rest) = variants::without_locale(path) {
                    writing::write_plain(rest, Ways::ALL, &mut plain);
                    if !plain.is_empty() {
                        written.add(self.seed.hash(WITHOUT_LOCALE, &plain), number);
                    }
                }
            }
            Plain { written: written.finish(), names: names.finish() }
        })
    }

    fn beginnings(&self) -> &Postings {
        self.beginnings.get_or_init(|| {
            let mut made = Maker::new(self.paths.len());
            for (number, path) in self.numbered() {
                for start in variants::beginnings(path) {
                    made.add(self.seed.hash(0, start), number);
                }
            }
            made.finish()
        })
    }
}

/// In the first index, a key that is made of a whole path.
const WHOLE: u64 = 0;

/// One that is made of a path without the language at its start.
const WITHOUT_LOCALE: u64 = 1;

/// The paths by what is left when all ways of writing are made one.
#[derive(Debug)]
struct Plain {
    /// By all of it.
    written: Postings,
    /// By what stands behind its last slash.
    names: Postings,
}

/// What the first seven transforms lead to.
enum Otherwise<'a> {
    /// The path itself is live.
    Live,
    Near(NearMiss<'a>),
    Nothing,
}
