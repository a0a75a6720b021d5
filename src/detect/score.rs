//! How much a finding matters, as a number from 0 to 100: what it is, how large it is, how sure it is.

/// What a finding weighs.
#[derive(Clone, Copy, Debug)]
pub struct Score {
    /// How bad such a thing can be, from 0 to 1.
    pub weight: f64,
    /// How large it is, in whatever it is counted by.
    pub size: f64,
    /// The size at which it is as bad as it can be.
    pub size_max: f64,
    /// How many observations say so: each makes it surer, the first ones most.
    pub seen: u64,
}

impl Score {
    /// The number.
    pub fn get(self) -> u32 {
        let size = (1.0 + self.size.max(0.0)).ln() / (1.0 + self.size_max).ln();
        let sure = self.seen as f64 / (self.seen as f64 + 2.0);
        (100.0 * self.weight * size.min(1.0) * sure).round().clamp(0.0, 100.0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_grows_with_size_and_sureness() {
        let score = |size, seen| Score { weight: 0.8, size, size_max: 1_000.0, seen }.get();
        assert_eq!((score(1_000.0, 1_000_000), score(1e9, 1_000_000)), (80, 80));
        assert_eq!((score(0.0, 100), score(1_000.0, 0)), (0, 0));
        assert!(score(10.0, 3) < score(100.0, 3) && score(10.0, 3) < score(10.0, 30));
    }
}
