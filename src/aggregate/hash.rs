//! Two hashes of a key: one for look-up tables, which strangers must not foresee, and one for
//! sketches, which must come out the same in every run.

use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use siphasher::sip::SipHasher13;

use super::arena::Key;

/// Hashes the keys of tables: seeded by the operating system, once a run. Strangers choose the keys,
/// and a table with a known hash can be made slow by them.
#[derive(Clone, Copy, Debug)]
pub struct TableHasher(&'static SeedableRandomState);

impl TableHasher {
    /// The one of this run.
    pub fn new() -> TableHasher {
        static SEED: OnceLock<SeedableRandomState> = OnceLock::new();
        static SHARED: OnceLock<SharedSeed> = OnceLock::new();
        TableHasher(SEED.get_or_init(|| {
            // `RandomState` is how the standard library gives out the system's randomness.
            let random = |salt: u64| std::collections::hash_map::RandomState::new().hash_one(salt);
            let shared = SHARED.get_or_init(|| SharedSeed::from_u64(random(1)));
            SeedableRandomState::with_seed(random(2), shared)
        }))
    }

    /// The hash of a key.
    #[inline(always)]
    pub fn hash(self, Key { head, tail }: Key<'_>) -> u64 {
        let mut hasher = self.0.build_hasher();
        if !head.is_empty() {
            hasher.write(head);
        }
        hasher.write(tail);
        hasher.finish()
    }
}

impl Default for TableHasher {
    fn default() -> TableHasher {
        TableHasher::new()
    }
}

/// The hash of a key for sketches. Its key is fixed, so that the same log gives the same estimate.
pub fn sketch_hash(head: &[u8], tail: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0x6c6f_6773_6361_6e00, 0x7369_7065_6469_7374);
    hasher.write(&(head.len() as u64).to_le_bytes());
    hasher.write(head);
    hasher.write(tail);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_key_are_told_apart() {
        let table_hash = |head, tail| TableHasher::new().hash(Key { head, tail });
        assert_ne!(table_hash(b"ab", b"c"), table_hash(b"a", b"bc"));
        assert_ne!(sketch_hash(b"ab", b"c"), sketch_hash(b"a", b"bc"));
        assert_eq!(table_hash(b"ab", b"c"), table_hash(b"ab", b"c"));
    }

    #[test]
    fn sketch_hashes_never_change() {
        assert_eq!(sketch_hash(b"", b"192.0.2.1"), SKETCH_OF_EXAMPLE);
    }

    /// Estimates are made of this hash: a change of it changes every one.
    const SKETCH_OF_EXAMPLE: u64 = 1_862_683_122_655_469_038;
}
