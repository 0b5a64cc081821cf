//! A series of numbers in time, cut into windows: some values in a row are given, a later one is to be foretold.

use super::partition::Partition;
use super::shard::ShardError;
use crate::rng::{Stream, Streams, normal_f64};
use descent_spec::data::WALK_LEN;
use descent_spec::periods::{Periods, cut, test_from};
use descent_spec::{DataSpec, OwnSeries, Shape};
use std::ops::Range;
use std::sync::Arc;

/// Most values of a series.
pub const MAX_VALUES: usize = 20_000;

/// Values in the order of time, as they were measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// When each was measured, as the source writes it.
    pub dates: Vec<String>,
    /// What was measured.
    pub values: Vec<f32>,
}

impl Series {
    /// Reads lines `date,value`.
    ///
    /// # Errors
    /// The first line that is not one, or a series that is empty or too long.
    pub fn parse(bytes: &[u8]) -> Result<Series, ShardError> {
        let broken = |why: String| ShardError::Content(why);
        let text = std::str::from_utf8(bytes).map_err(|_| broken("it is not text".into()))?;
        let mut series = Series { dates: Vec::new(), values: Vec::new() };
        for (idx, line) in text.lines().enumerate() {
            let (date, value) = line.rsplit_once(',').ok_or_else(|| broken(format!("line {} has no comma", idx + 1)))?;
            let value: f32 = value.trim().parse().map_err(|_| broken(format!("line {} ends with no number", idx + 1)))?;
            if !value.is_finite() || series.values.len() == MAX_VALUES {
                return Err(broken(format!("line {} is no finite number, or one too many", idx + 1)));
            }
            series.dates.push(date.trim().chars().take(40).collect());
            series.values.push(value);
        }
        if series.values.is_empty() { Err(broken("it is empty".into())) } else { Ok(series) }
    }

    /// The visitor's values, with their dates or counted from 1.
    pub fn own(own: &OwnSeries) -> Series {
        let values: Vec<f32> = own.values().into_iter().map(|value| value as f32).collect();
        Series { dates: own.labels(), values }
    }

    /// A walk: each value is the one before plus a standard normal step of its own.
    pub fn random_walk(seed: u32) -> Series {
        let mut rng = Streams::new(seed).rng(Stream::Walk, 0);
        let mut at = 100.0;
        let mut walk = || {
            at += normal_f64(&mut rng);
            at as f32
        };
        Series { values: (0..WALK_LEN).map(|_| walk()).collect(), dates: (1..=WALK_LEN).map(|day| day.to_string()).collect() }
    }
}

/// Windows of a series whose last part lies in a stretch of time. Their length is known before the series has come.
#[derive(Debug, Clone)]
pub struct Windows {
    series: Option<Arc<Series>>,
    window: usize,
    horizon: usize,
    /// When the foretold values lie, as indices into the series: one window each.
    times: Range<usize>,
    /// How many values, from the beginning of the series, what is learned from may know.
    n_known: usize,
    scale: Scale,
    bounds: [usize; 2],
}

/// Standardisation: `(x − mean) / deviation`, of the training period alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Mean of the training period.
    pub mean: f32,
    /// Its standard deviation (divided by n).
    pub deviation: f32,
}

impl Scale {
    fn of(values: &[f32]) -> Scale {
        let n = values.len().max(1) as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
        // A constant series is left where it is.
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        Scale { mean: mean as f32, deviation: deviation as f32 }
    }

    /// A measured value as the net takes it.
    pub fn standardised(self, value: f32) -> f32 {
        (value - self.mean) / self.deviation
    }

    /// What the net says, in the units of the series.
    pub fn measured(self, standardised: f32) -> f32 {
        standardised * self.deviation + self.mean
    }
}

impl Windows {
    /// Room for the windows of a series of so many values: those to learn and choose from, and those of the test part, whose
    /// foretold values lie in the last fifth of the time.
    pub fn announced(n_values: usize, data: &DataSpec) -> (Windows, Windows) {
        let Periods { train, test, .. } = Periods::new(n_values, data.window, data.horizon, data.validation);
        // What is foretold in the gaps are windows of the pool as well, but of no part.
        let pool = train.start..test_from(n_values);
        let windows = |times: Range<usize>| Windows {
            series: None,
            window: data.window,
            horizon: data.horizon,
            n_known: train.end,
            scale: Scale { mean: 0.0, deviation: 1.0 },
            bounds: [0, times.len()],
            times,
        };
        (windows(pool), windows(test))
    }

    /// The series has come.
    ///
    /// # Errors
    /// When it has another length than was announced; nothing changes then.
    pub fn insert(&mut self, series: &Arc<Series>) -> Result<(), ShardError> {
        if series.values.len() < self.times.end {
            let why = format!("it has {} values, and {} were announced", series.values.len(), self.times.end);
            return Err(ShardError::Content(why));
        }
        self.scale = Scale::of(&series.values[..self.n_known.min(series.values.len())]);
        self.series = Some(Arc::clone(series));
        Ok(())
    }

    /// Train and validation in the order of time: validation is the last part of the pool. Between what is learned from and what
    /// is foretold after it lies a gap of `horizon − 1` values, which were not yet known when the first of those was foretold.
    fn chronological(len: usize, validation_share: f64, horizon: usize) -> Partition {
        let [train, validation] = cut(len, validation_share, horizon).map(|part| (part.start as u32..part.end as u32).collect());
        Partition { train, validation }
    }

    /// Which windows are learned from and which are held out.
    pub fn partition(&self, validation_share: f64) -> Partition {
        Windows::chronological(self.len(), validation_share, self.horizon)
    }

    /// The series, once it has come.
    pub fn series(&self) -> Option<&Arc<Series>> {
        self.series.as_ref()
    }

    /// How values become what the net takes.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// When the value that this window foretells was measured, as an index into the series.
    pub fn time(&self, idx: usize) -> usize {
        self.times.start + idx
    }

    /// The values of a window as they were measured; none while they are missing.
    pub fn given(&self, idx: usize) -> Option<&[f32]> {
        let series = self.series.as_ref().filter(|_| idx < self.len())?;
        let end = self.time(idx) + 1 - self.horizon;
        series.values.get(end - self.window..end)
    }

    /// The value that a window foretells, as it was measured.
    pub fn foretold(&self, idx: usize) -> Option<f32> {
        self.series.as_ref().filter(|_| idx < self.len())?.values.get(self.time(idx)).copied()
    }

    /// How far ahead it is foretold.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// Shape of one window.
    pub fn shape(&self) -> Shape {
        Shape::Sequence { steps: self.window, features: 1 }
    }

    /// 0: a value is told and no class.
    pub fn n_classes(&self) -> usize {
        0
    }

    /// Number of windows.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// All windows are one shard.
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// Whether the series has come.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        shard_idx == 0 && self.series.is_some()
    }

    /// Whether the window is there.
    pub fn is_loaded(&self, idx: usize) -> bool {
        idx < self.len() && self.series.is_some()
    }

    /// The foretold value, standardised.
    pub fn target(&self, idx: usize) -> f32 {
        let value = self.series.as_ref().and_then(|series| series.values.get(self.time(idx)));
        value.map_or(0.0, |&value| self.scale.standardised(value))
    }

    /// Replaces the buffer's contents with the standardised values of windows, `[batch, window]`.
    pub fn fill_inputs(&self, indices: &[u32], inputs: &mut Vec<f32>) {
        inputs.clear();
        let Some(series) = &self.series else {
            inputs.resize(indices.len() * self.window, 0.0);
            return;
        };
        for &idx in indices {
            let end = self.time(idx as usize) + 1 - self.horizon;
            inputs.extend(series.values[end - self.window..end].iter().map(|&value| self.scale.standardised(value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::DataSet;

    fn counting(n_values: usize, window: usize, horizon: usize, validation: f64) -> (Windows, Windows) {
        let data = DataSpec { window, horizon, validation, ..DataSpec::for_set(DataSet::Stocks) };
        let series = Series {
            dates: (0..n_values).map(|day| day.to_string()).collect(),
            values: (0..n_values).map(|day| day as f32).collect(),
        };
        let (mut pool, mut test) = Windows::announced(n_values, &data);
        let series = Arc::new(series);
        pool.insert(&series).unwrap();
        test.insert(&series).unwrap();
        (pool, test)
    }

    /// By hand: of 100 values the last 20 are the test; the first that a window of 4 can foretell 3 ahead is value 6, so there are
    /// 74 windows before the test, of which the last 15 (0.2 · 74 = 14.8) are for choosing; at both cuts 2 values are unknown.
    #[test]
    fn time_is_cut_by_hand() {
        let (pool, test) = counting(100, 4, 3, 0.2);
        let Partition { train, validation } = pool.partition(0.2);
        assert_eq!((pool.len(), train.len(), validation.len(), test.len()), (74, 57, 13, 20));
        let foretold = |windows: &Windows, idx: u32| windows.time(idx as usize);
        assert_eq!((foretold(&pool, train[0]), foretold(&pool, train[56])), (6, 62));
        assert_eq!((foretold(&pool, validation[0]), foretold(&pool, validation[12])), (65, 77));
        assert_eq!((test.time(0), test.time(19)), (80, 99));
    }

    /// Nothing that a forecast is held against was known when it was learned: the last value that any training window foretells, and
    /// the last that the scale has seen, lie before the last value given to the first window that is held out.
    #[test]
    fn nothing_leaks_from_the_future() {
        for (window, horizon) in [(4, 1), (10, 5), (30, 30)] {
            let (pool, test) = counting(400, window, horizon, 0.25);
            let Partition { train, validation } = pool.partition(0.25);
            let last_learned = pool.time(train[train.len() - 1] as usize);
            let last_given = |windows: &Windows, idx: usize| windows.time(idx) - horizon;
            assert!(last_learned <= last_given(&pool, validation[0] as usize), "{window} {horizon}");
            assert!(pool.time(validation[validation.len() - 1] as usize) <= last_given(&test, 0));
            // The mean of 0, 1, …, n − 1 is (n − 1) / 2.
            assert_eq!(pool.scale().mean, last_learned as f32 / 2.0);
            assert_eq!(pool.scale(), test.scale());
        }
    }

    #[test]
    fn a_window_is_the_values_before_what_it_foretells() {
        let (pool, _) = counting(100, 3, 2, 0.2);
        let mut inputs = Vec::new();
        pool.fill_inputs(&[0, 5], &mut inputs);
        let measured: Vec<f32> = inputs.iter().map(|&x| pool.scale().measured(x).round()).collect();
        assert_eq!(measured, [0.0, 1.0, 2.0, 5.0, 6.0, 7.0]);
        assert_eq!([0, 5].map(|idx| pool.scale().measured(pool.target(idx)).round()), [4.0, 9.0]);
    }

    #[test]
    fn lines_are_read_and_bad_ones_named() {
        let series = Series::parse(b"1749-01,58.0\n1749-02, 62.6\n").unwrap();
        assert_eq!((series.dates[1].as_str(), series.values[1]), ("1749-02", 62.6));
        for (bad, says) in [("", "empty"), ("1,2\n3", "line 2"), ("1,x", "line 1"), ("1,inf", "line 1")] {
            assert!(Series::parse(bad.as_bytes()).unwrap_err().to_string().contains(says), "{bad}");
        }
        assert!(Series::parse(&[0xff, 0xfe]).is_err());
    }

    /// Standard normal steps: of 2,000 the mean square lies within four of its standard deviations, √(2/2000), of 1.
    #[test]
    fn a_walk_takes_independent_steps() {
        let walk = Series::random_walk(1);
        let steps: Vec<f64> = walk.values.windows(2).map(|pair| f64::from(pair[1]) - f64::from(pair[0])).collect();
        let n = steps.len() as f64;
        let square = steps.iter().map(|step| step * step).sum::<f64>() / n;
        assert!((square - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{square}");
        let neighbours = steps.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / n;
        assert!(neighbours.abs() < 4.0 / n.sqrt(), "{neighbours}");
        assert_eq!(Series::random_walk(1), walk);
        assert_ne!(Series::random_walk(2).values, walk.values);
    }
}
