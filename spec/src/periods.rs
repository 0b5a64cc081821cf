//! Walk-forward: which values of a series are learned from, which choose, and which report.

use std::ops::Range;

/// Share of a series, at its end, that is the test part.
pub const TEST_SHARE: f64 = 0.2;

/// When the values lie that are foretold, as indices into the series: one window each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    /// Learned from.
    pub train: Range<usize>,
    /// Held out for choosing.
    pub validation: Range<usize>,
    /// For reporting.
    pub test: Range<usize>,
}

impl Periods {
    /// Of a series of so many values. The test part is the last fifth of the time, validation the last share of what lies before it;
    /// at both cuts lies a gap of `horizon − 1` values, which were not yet known when the first of those behind was foretold.
    ///
    /// ```
    /// use descent_spec::periods::Periods;
    /// // The first value that a window of 4 can foretell 3 ahead is value 6. Of the 74 before the test, 15 are for choosing.
    /// let Periods { train, validation, test } = Periods::new(100, 4, 3, 0.2);
    /// assert_eq!((train, validation, test), (6..63, 65..78, 80..100));
    /// ```
    pub fn new(n_values: usize, window: usize, horizon: usize, validation: f64) -> Periods {
        let first = window + horizon.max(1) - 1;
        let test_from = test_from(n_values);
        let from = first.min(test_from);
        let [train, held_out] = cut(test_from - from, validation, horizon);
        let at = |range: Range<usize>| from + range.start..from + range.end;
        Periods { train: at(train), validation: at(held_out), test: first.max(test_from).min(n_values)..n_values }
    }

    /// Whether each part has something to foretell.
    pub fn are_whole(&self) -> bool {
        [&self.train, &self.validation, &self.test].into_iter().all(|part| !part.is_empty())
    }
}

/// Where the test part of a series begins.
pub fn test_from(n_values: usize) -> usize {
    n_values - (n_values as f64 * TEST_SHARE).round() as usize
}

/// Windows in the order of time, cut into those to learn from and those to choose by, as indices into them.
pub fn cut(n_windows: usize, validation: f64, horizon: usize) -> [Range<usize>; 2] {
    let gap = horizon.saturating_sub(1);
    let at = n_windows - ((n_windows as f64 * validation).round() as usize).min(n_windows);
    [0..at.saturating_sub(gap), at..n_windows.saturating_sub(gap).max(at)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_without_windows_are_empty() {
        // 144 values, the test from 115: a window of 60 foretells the 89th first when it looks 30 ahead; of the 26 before the test
        // five are held out, and the gap of 29 eats the rest.
        let periods = Periods::new(144, 60, 30, 0.2);
        assert_eq!((periods.train.len(), periods.validation.len(), periods.test.len()), (0, 0, 29));
        assert!(!periods.are_whole());
        assert!(Periods::new(144, 60, 1, 0.2).are_whole());
        for n_values in 0..50 {
            assert!(Periods::new(n_values, 20, 3, 0.2).test.end <= n_values);
        }
    }
}
