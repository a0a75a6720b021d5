//! The pages that link to a path that is not there.

use super::hash::sketch_hash;

/// So many are kept of a path.
pub const REFERERS_MAX: usize = 16;

/// Longer ones are cut.
pub const REFERER_BYTES_MAX: usize = 256;

/// Where requests for a path came from. Where there are more than are kept, those are that have the least
/// hashes: which they are depends on no order, and how often each was there is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referers {
    /// By hash, ascending.
    kept: Vec<Kept>,
    is_over: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    hash: u64,
    requests: u64,
    text: Box<[u8]>,
}

impl Referers {
    /// Counts a request that came from there.
    pub fn add(&mut self, referer: &[u8]) {
        let referer = &referer[..referer.len().min(REFERER_BYTES_MAX)];
        self.insert(sketch_hash(b"referer", referer), 1, || referer.into());
    }

    fn insert(&mut self, hash: u64, requests: u64, text: impl FnOnce() -> Box<[u8]>) {
        match self.kept.binary_search_by_key(&hash, |kept| kept.hash) {
            Ok(at) => self.kept[at].requests += requests,
            Err(at) if at < REFERERS_MAX => {
                if self.kept.len() == REFERERS_MAX {
                    self.kept.pop();
                    self.is_over = true;
                }
                self.kept.insert(at, Kept { hash, requests, text: text() });
            }
            Err(_) => self.is_over = true,
        }
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: Referers) {
        self.is_over |= other.is_over;
        for Kept { hash, requests, text } in other.kept {
            self.insert(hash, requests, || text);
        }
    }

    /// The memory that this can take, in bytes: a number that does not shrink.
    pub fn cost(&self) -> u64 {
        (self.kept.len() * (size_of::<Kept>() + REFERER_BYTES_MAX)) as u64
    }

    /// Whether none is missing.
    pub fn is_whole(&self) -> bool {
        !self.is_over
    }

    /// Those that are kept, most requests first.
    pub fn sorted(&self) -> Vec<(&[u8], u64)> {
        let mut rows: Vec<_> = self.kept.iter().map(|kept| (&*kept.text, kept.requests)).collect();
        rows.sort_unstable_by_key(|(text, requests)| (std::cmp::Reverse(*requests), *text));
        rows
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn in_any_order_and_in_parts_the_same_are_kept(
            pages in prop::collection::vec(0_u8..40, 0..200),
            cut in any::<prop::sample::Index>(),
        ) {
            let count = |pages: &[u8]| {
                let mut referers = Referers::default();
                pages.iter().for_each(|page| referers.add(&[b'/', *page]));
                referers
            };
            let whole = count(&pages);
            let (first, second) = pages.split_at(cut.index(pages.len() + 1));
            let mut parts = count(second);
            let cost = parts.cost() + count(first).cost();
            parts.merge(count(first));
            prop_assert_eq!(&parts, &whole);
            prop_assert!(whole.cost() <= cost);
            for (page, requests) in whole.sorted() {
                let counted = pages.iter().filter(|other| [b'/', **other] == *page).count();
                prop_assert_eq!(requests, counted as u64);
            }
            let mut distinct = pages.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(whole.is_whole(), distinct.len() <= REFERERS_MAX);
            prop_assert_eq!(whole.sorted().len(), distinct.len().min(REFERERS_MAX));
        }
    }

    #[test]
    fn a_long_one_is_cut() {
        let mut referers = Referers::default();
        referers.add(&[b'x'; 5_000]);
        assert_eq!(referers.sorted()[0].0.len(), REFERER_BYTES_MAX);
    }
}
