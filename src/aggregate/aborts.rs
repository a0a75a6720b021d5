//! How long those waited who went before the answer came: whether they went at once, or all after the same
//! time, which is a time-out's.

/// Time-outs that clients, balancers and gateways have, in seconds: those that are looked for.
pub const WALLS_SECONDS: [u32; 20] =
    [1, 2, 3, 5, 8, 10, 15, 20, 25, 29, 30, 45, 55, 60, 90, 100, 120, 180, 300, 600];

/// Who goes before this many milliseconds did not wait for it: somebody who types, or clicked twice.
const QUICK_MILLIS: u64 = 300;

/// See the head of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aborts {
    /// Requests with a time.
    pub requests: u64,
    /// Of these, those that ended before 300 ms.
    pub quick: u64,
    /// By [`WALLS_SECONDS`]: those that ended at that time, within 250 ms or one in a hundred.
    at: [u32; WALLS_SECONDS.len()],
    /// Those that ended in the two bands beside it, each as wide.
    beside: [u32; WALLS_SECONDS.len()],
}

impl Aborts {
    /// Counts a request that took so long.
    pub fn add(&mut self, millis: u64) {
        self.requests += 1;
        self.quick += u64::from(millis < QUICK_MILLIS);
        for (number, seconds) in WALLS_SECONDS.iter().enumerate() {
            let wall = u64::from(*seconds) * 1_000;
            let width = (wall / 100).max(250);
            let off = millis.abs_diff(wall);
            if off <= width {
                self.at[number] = self.at[number].saturating_add(1);
            } else if off <= 3 * width {
                self.beside[number] = self.beside[number].saturating_add(1);
            }
        }
    }

    /// Takes in those of `other`.
    pub fn merge(&mut self, other: &Aborts) {
        self.requests += other.requests;
        self.quick += other.quick;
        self.at
            .iter_mut()
            .zip(other.at)
            .for_each(|(mine, other)| *mine = mine.saturating_add(other));
        let beside = self.beside.iter_mut().zip(other.beside);
        beside.for_each(|(mine, other)| *mine = mine.saturating_add(other));
    }

    /// The time-out at which most of them went, in seconds, and how many: at least 20 and one in five, and
    /// five times as many as beside it.
    pub fn wall(&self) -> Option<(u32, u64)> {
        let is_wall = |number: &usize| {
            let (at, beside) = (u64::from(self.at[*number]), u64::from(self.beside[*number]));
            at >= 20 && at * 5 >= self.requests && at * 2 >= beside * 5
        };
        let walls = (0..WALLS_SECONDS.len()).filter(is_wall);
        let most = walls.max_by_key(|number| (self.at[*number], std::cmp::Reverse(*number)))?;
        Some((WALLS_SECONDS[most], self.at[most].into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: impl IntoIterator<Item = u64>) -> Aborts {
        let mut aborts = Aborts::default();
        millis.into_iter().for_each(|millis| aborts.add(millis));
        aborts
    }

    #[test]
    fn a_wall_is_where_many_go_at_once() {
        let mut aborts = of((0..40).map(|number| 29_980 + number));
        aborts.merge(&of((0..60).map(|number| number * 900)));
        assert_eq!(aborts.wall(), Some((30, 41)));
        // Whoever goes when he likes.
        assert_eq!(of((0..1_000).map(|number| number * 61)).wall(), None);
        // Too few to tell.
        assert_eq!(of([30_000; 19]).wall(), None);
        assert_eq!(of([30_000; 20]).wall(), Some((30, 20)));
        assert_eq!(of([100; 20]).quick, 20);
    }

    #[test]
    fn a_band_is_as_wide_as_one_in_a_hundred() {
        assert_eq!(of([59_400; 20]).wall(), Some((60, 20)));
        assert_eq!(of([59_300; 20]).wall(), None);
        assert_eq!(of([600_000; 20]).wall(), Some((600, 20)));
    }
}
