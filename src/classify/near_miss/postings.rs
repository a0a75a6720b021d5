//! An index that is made once and then asked: hashes of keys, each with the numbers of its paths.

use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

/// Hashes keys, seeded by the operating system once a run: strangers choose the paths.
#[derive(Clone, Debug)]
pub struct Seed(&'static SeedableRandomState);

impl Seed {
    /// The one of this run.
    pub fn new() -> Seed {
        static SEED: OnceLock<SeedableRandomState> = OnceLock::new();
        static SHARED: OnceLock<SharedSeed> = OnceLock::new();
        Seed(SEED.get_or_init(|| {
            // `RandomState` is how the standard library gives out the system's randomness.
            let random = |salt: u64| std::collections::hash_map::RandomState::new().hash_one(salt);
            let shared = SHARED.get_or_init(|| SharedSeed::from_u64(random(1)));
            SeedableRandomState::with_seed(random(2), shared)
        }))
    }

    /// The hash of a key in its place: the same text is another key elsewhere.
    pub fn hash(&self, place: u64, key: &[u8]) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(place);
        hasher.write(key);
        hasher.finish()
    }
}

/// Numbers of paths by the hashes of their keys. Two keys may share a hash: who asks looks at the paths.
#[derive(Debug)]
pub struct Postings {
    /// The first 32 bits of a hash, then a number, in order.
    sorted: Vec<u64>,
    /// Where in `sorted` those begin whose first bits are so; one more than there are such.
    starts: Vec<u32>,
    /// So many bits those are.
    bits: u32,
}

/// The first 32 bits of a hash.
const HASH: u64 = 0xFFFF_FFFF << 32;

/// Postings to be.
#[derive(Debug)]
pub struct Maker(Vec<u64>);

impl Maker {
    /// With room for so many.
    pub fn new(room: usize) -> Maker {
        Maker(Vec::with_capacity(room))
    }

    /// Adds a number by the hash of its key.
    pub fn add(&mut self, hash: u64, number: u32) {
        self.0.push((hash & HASH) | u64::from(number));
    }

    /// Puts them in order.
    pub fn finish(self) -> Postings {
        let mut sorted = self.0;
        // What has no room in an index of 32 bits is not found.
        sorted.truncate(u32::MAX as usize);
        sorted.sort_unstable();
        let bits = (sorted.len() as u64 + 1).ilog2().clamp(1, 24);
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (at, packed) in sorted.iter().enumerate() {
            while starts.len() as u64 <= packed >> (64 - bits) {
                starts.push(at as u32);
            }
        }
        starts.resize((1 << bits) + 1, sorted.len() as u32);
        Postings { sorted, starts, bits }
    }
}

impl Postings {
    /// The numbers of a hash, in order, in the lower 32 bits of each.
    pub fn find(&self, hash: u64) -> &[u64] {
        let slot = (hash >> (64 - self.bits)) as usize;
        let near = &self.sorted[self.starts[slot] as usize..self.starts[slot + 1] as usize];
        let from = near.partition_point(|packed| packed & HASH < hash & HASH);
        let rest = &near[from..];
        &rest[..rest.partition_point(|packed| packed & HASH == hash & HASH)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found_by_its_hash() {
        for count in [0, 1, 2, 3, 1_000] {
            let seed = Seed::new();
            let hash = |key: u32| seed.hash(0, &key.to_le_bytes());
            let mut maker = Maker::new(0);
            (0..count).for_each(|number| maker.add(hash(number / 2), number));
            let postings = maker.finish();
            for number in 0..count {
                let found = postings.find(hash(number / 2));
                assert!(found.iter().any(|packed| *packed as u32 == number), "{number} of {count}");
            }
            assert!(postings.find(hash(count + 1)).is_empty());
        }
        for hash in [0, u64::MAX] {
            let mut maker = Maker::new(1);
            maker.add(hash, 7);
            assert_eq!(maker.finish().find(hash).len(), 1);
        }
    }
}
