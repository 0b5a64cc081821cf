//! Forecasts without a net: what every net on a series is held against.

use super::series::Windows;

/// Added to the diagonal of the normal equations, as a share of the number of windows: nothing where they can be solved, and enough
/// where two steps of every window are the same.
const RIDGE: f64 = 1e-8;

/// The last value of a window.
pub fn last_value(window: &[f32]) -> f32 {
    window.last().copied().unwrap_or(0.0)
}

/// The mean of a window.
pub fn moving_average(window: &[f32]) -> f32 {
    let sum: f64 = window.iter().map(|&value| f64::from(value)).sum();
    (sum / window.len().max(1) as f64) as f32
}

/// Linear autoregression: `ŷ = b + w · x`, x being the values of the window.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// One for each step of the window, the oldest first.
    weights: Vec<f64>,
    constant: f64,
}

impl Linear {
    /// Least squares over these windows, in double precision, by the normal equations of what is left without the means.
    pub fn fit(windows: &Windows, indices: &[u32]) -> Linear {
        let rows: Vec<(&[f32], f64)> = indices
            .iter()
            .filter_map(|&idx| Some((windows.given(idx as usize)?, f64::from(windows.foretold(idx as usize)?))))
            .collect();
        let n_steps = rows.first().map_or(0, |row| row.0.len());
        let n = rows.len().max(1) as f64;
        let mut means = vec![0.0; n_steps];
        let mut target_mean = 0.0;
        for (window, target) in &rows {
            means.iter_mut().zip(*window).for_each(|(mean, &x)| *mean += f64::from(x) / n);
            target_mean += target / n;
        }
        // In units of the spread, so that the ridge means the same for shares and for sunspots.
        let spread = spread(&rows, target_mean);
        let (mut gram, mut moments) = (vec![0.0; n_steps * n_steps], vec![0.0; n_steps]);
        let mut x = vec![0.0; n_steps];
        for (window, target) in &rows {
            for ((x, &value), mean) in x.iter_mut().zip(*window).zip(&means) {
                *x = (f64::from(value) - mean) / spread;
            }
            let y = (target - target_mean) / spread;
            for (i, &xi) in x.iter().enumerate() {
                moments[i] += xi * y;
                for (sum, &xj) in gram[i * n_steps..=i * n_steps + i].iter_mut().zip(&x) {
                    *sum += xi * xj;
                }
            }
        }
        for i in 0..n_steps {
            gram[i * n_steps + i] += RIDGE * n;
        }
        let weights = solve(gram, moments);
        let constant = target_mean - weights.iter().zip(&means).map(|(w, mean)| w * mean).sum::<f64>();
        Linear { weights, constant }
    }

    /// What it foretells after a window.
    pub fn forecast(&self, window: &[f32]) -> f32 {
        let sum: f64 = self.weights.iter().zip(window).map(|(w, &x)| w * f64::from(x)).sum();
        (self.constant + sum) as f32
    }
}

/// Standard deviation of the targets; 1 where they are all the same.
fn spread(rows: &[(&[f32], f64)], mean: f64) -> f64 {
    let variance = rows.iter().map(|(_, target)| (target - mean).powi(2)).sum::<f64>() / rows.len().max(1) as f64;
    if variance > 0.0 { variance.sqrt() } else { 1.0 }
}

/// Solves `A w = b` by Cholesky's factors; of the symmetric A only what lies on and below the diagonal is read. A has a ridge, so that
/// no pivot is zero.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let sum = a[i * n + j] - (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum::<f64>();
            a[i * n + j] = if i == j { sum.max(f64::MIN_POSITIVE).sqrt() } else { sum / a[j * n + j] };
        }
    }
    for i in 0..n {
        b[i] = (b[i] - (0..i).map(|k| a[i * n + k] * b[k]).sum::<f64>()) / a[i * n + i];
    }
    for i in (0..n).rev() {
        b[i] = (b[i] - (i + 1..n).map(|k| a[k * n + i] * b[k]).sum::<f64>()) / a[i * n + i];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::super::series::Series;
    use super::*;
    use descent_spec::{DataSet, DataSpec};
    use std::sync::Arc;

    fn windows(values: Vec<f32>, window: usize, horizon: usize) -> Windows {
        let data = DataSpec { window, horizon, ..DataSpec::for_set(DataSet::Stocks) };
        let (mut pool, _) = Windows::announced(values.len(), &data);
        let dates = (0..values.len()).map(|day| day.to_string()).collect();
        pool.insert(&Arc::new(Series { dates, values })).unwrap();
        pool
    }

    #[test]
    fn baselines_by_hand() {
        assert_eq!((last_value(&[1.0, 2.0, 6.0]), moving_average(&[1.0, 2.0, 6.0])), (6.0, 3.0));
    }

    /// Each value is half the last, a quarter of the one before, and 3.
    #[test]
    fn a_linear_rule_is_found() {
        let mut values = vec![1.0f64, 5.0];
        let mut shake = 1u32;
        for t in 2..60 {
            // Shocks every tenth step keep the steps of a window from depending on each other.
            shake = shake.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let shock = if t % 10 == 0 { f64::from(shake >> 24) / 25.0 } else { 0.0 };
            values.push(0.5 * values[t - 1] + 0.25 * values[t - 2] + 3.0 + shock);
        }
        let pool = windows(values.iter().map(|&it| it as f32).collect(), 2, 1);
        let undisturbed: Vec<u32> = (0..pool.len() as u32).filter(|&idx| !pool.time(idx as usize).is_multiple_of(10)).collect();
        let linear = Linear::fit(&pool, &undisturbed);
        for (ours, rule) in linear.weights.iter().chain([&linear.constant]).zip([0.25, 0.5, 3.0]) {
            assert!((ours - rule).abs() < 1e-4, "{linear:?}");
        }
    }

    /// `numpy.linalg.lstsq` on eleven windows of three values and a column of ones.
    #[test]
    fn least_squares_are_numpys() {
        let values = vec![3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0, 9.0, 7.0, 9.0, 3.0, 2.0, 3.0, 8.0, 4.0];
        let pool = windows(values, 3, 2);
        let linear = Linear::fit(&pool, &(0..11).collect::<Vec<_>>());
        let expected = [-0.20057125773013845, 0.3536019134224513, -0.035141279440742426, 5.591063137322576];
        for (ours, numpy) in linear.weights.iter().chain([&linear.constant]).zip(expected) {
            assert!((ours - numpy).abs() < 1e-6, "{linear:?}");
        }
    }

    #[test]
    fn a_constant_series_is_foretold_as_it_is() {
        let pool = windows(vec![7.0; 40], 5, 1);
        let linear = Linear::fit(&pool, &[0, 1, 2]);
        assert_eq!(linear.forecast(&[7.0; 5]), 7.0);
    }
}
