//! Sparklines: counts over time as one row of blocks.

/// From the lowest count that is not zero to the highest.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How many neighbours one block must stand for, so that `windows` of them fit in `columns`.
pub fn windows_per_block(windows: usize, columns: usize) -> usize {
    windows.div_ceil(columns.max(1)).max(1)
}

/// How many blocks that makes.
pub fn columns(windows: usize, columns: usize) -> usize {
    windows.div_ceil(windows_per_block(windows, columns))
}

/// The counts as blocks, at most `columns` of them. Neighbours are summed, each block over the same
/// number of them, so that an even load looks even; nothing at all is a space.
pub fn spark(counts: &[u64], columns: usize) -> String {
    if columns == 0 {
        return String::new();
    }
    let each = windows_per_block(counts.len(), columns);
    let sums: Vec<u64> = counts.chunks(each).map(|chunk| chunk.iter().sum()).collect();
    let most = sums.iter().copied().max().unwrap_or(0);
    sums.into_iter().map(|sum| block(sum, most)).collect()
}

fn block(sum: u64, most: u64) -> char {
    if sum == 0 {
        return ' ';
    }
    // In 1..=8, since 0 < sum <= most.
    let level = (u128::from(sum) * 8).div_ceil(u128::from(most));
    BLOCKS[(level as usize).clamp(1, 8) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_is_a_block() {
        assert_eq!(spark(&[0, 1, 2, 3, 4, 5, 6, 7, 8], 20), " ▁▂▃▄▅▆▇█");
        assert_eq!(spark(&[0, 0], 20), "  ");
        assert_eq!(spark(&[], 20), "");
        assert_eq!(spark(&[1, 1_000_000], 20), "▁█");
        assert_eq!(spark(&[u64::MAX / 2, u64::MAX], 2), "▄█");
        assert_eq!(spark(&[5], 0), "");
    }

    #[test]
    fn too_many_counts_are_summed_evenly() {
        assert_eq!(spark(&[1; 96], 50), "█".repeat(48));
        assert_eq!(spark(&[1, 1, 4, 4], 2), "▂█");
        assert_eq!(spark(&[1, 0, 0, 0, 8], 3), "▁ █");
        for columns in 1..40 {
            let blocks = spark(&[3; 97], columns).chars().count();
            assert!(blocks <= columns && blocks == super::columns(97, columns), "{columns}");
        }
    }
}
