//! How far off forecasts are, and whether one kind of them is nearer to the truth than another by more than chance.

use descent_spec::forecast::{Comparison, Finding};

/// How many standard errors a mean difference must have to be told from chance: 99 % on both sides of the normal distribution. Not the
/// usual 95 %, because a visitor tries many nets on the same stretch of time.
const SIGNIFICANT: f64 = 2.576;

/// Mean absolute error and root mean squared error; zeros where there is nothing to compare.
pub(super) fn errors(forecasts: &[f32], truth: &[f32]) -> (f64, f64) {
    let n = truth.len().max(1) as f64;
    let off = || forecasts.iter().zip(truth).map(|(&ours, &truth)| f64::from(ours) - f64::from(truth));
    (off().map(f64::abs).sum::<f64>() / n, (off().map(|it| it * it).sum::<f64>() / n).sqrt())
}

/// Compares absolute errors with those of another forecast at the same times (Diebold and Mariano 1995).
pub(super) fn compare(forecasts: &[f32], other: &[f32], truth: &[f32], horizon: usize) -> Comparison {
    let off = |ours: f32, truth: f32| (f64::from(ours) - f64::from(truth)).abs();
    let pairs = forecasts.iter().zip(other).zip(truth);
    let differences: Vec<f64> = pairs.map(|((&ours, &other), &truth)| off(ours, truth) - off(other, truth)).collect();
    let lag = lags(differences.len(), horizon);
    let (difference, standard_error) = mean_with_error(&differences, lag);
    let finding = match differences.len() {
        // Less than three for each lag say nothing about how they hang together.
        n if n < 3 * (lag + 1) || difference.abs() <= SIGNIFICANT * standard_error => Finding::NoDifference,
        _ if difference < 0.0 => Finding::Better,
        _ => Finding::Worse,
    };
    Comparison { difference, standard_error, finding }
}

/// Up to how many steps apart differences are taken to hang together: forecasts `horizon` steps ahead overlap for `horizon − 1`; the
/// errors of a poor net hang together for longer, which Newey and West (1994) allow for with `4 (n / 100)^(2/9)`.
fn lags(n: usize, horizon: usize) -> usize {
    let rule = (4.0 * (n as f64 / 100.0).powf(2.0 / 9.0)) as usize;
    rule.max(horizon.saturating_sub(1))
}

/// The mean and its standard error, with Bartlett's weights for what hangs together over `lag` steps (Newey and West 1987).
fn mean_with_error(values: &[f64], lag: usize) -> (f64, f64) {
    let n = values.len();
    if n == 0 {
        return (0.0, 0.0);
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let covariance = |apart: usize| {
        values.iter().skip(apart).zip(values).map(|(&late, &early)| (late - mean) * (early - mean)).sum::<f64>() / n as f64
    };
    let weighted = |apart: usize| 2.0 * (1.0 - apart as f64 / (lag + 1) as f64) * covariance(apart);
    let variance = covariance(0) + (1..=lag.min(n - 1)).map(weighted).sum::<f64>();
    (mean, (variance.max(0.0) / n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: errors 1, −2 and 2 have the mean 5/3 of their sizes and the mean square 3.
    #[test]
    fn errors_by_hand() {
        let (absolute, root_squared) = errors(&[2.0, 0.0, 5.0], &[1.0, 2.0, 3.0]);
        assert!((absolute - 5.0 / 3.0).abs() < 1e-12 && (root_squared - 3f64.sqrt()).abs() < 1e-12);
        assert_eq!(errors(&[], &[]), (0.0, 0.0));
    }

    /// NumPy's numbers for the formula with two lags; without lags the standard error is the deviation over √n.
    #[test]
    fn standard_errors_are_numpys() {
        let values = [1.0, -2.0, 3.0, 0.5, -1.0, 2.0, 4.0, -0.5];
        let (mean, error) = mean_with_error(&values, 2);
        assert_eq!(mean, 0.875);
        assert!((error - 0.391_145_486_573).abs() < 1e-9, "{error}");
        // 1, −1, 1, −1: variance 1, so that the error is 1/2.
        assert_eq!(mean_with_error(&[1.0, -1.0, 1.0, -1.0], 0), (0.0, 0.5));
    }

    #[test]
    fn overlapping_horizons_widen_the_error() {
        assert_eq!([lags(100, 1), lags(100, 4), lags(100, 20), lags(460, 1), lags(0, 1)], [4, 4, 19, 5, 0]);
        // Differences that come in runs of ten.
        let values: Vec<f64> = (0..400).map(|idx| if idx / 10 % 2 == 0 { 1.0 } else { -1.0 }).collect();
        assert!(mean_with_error(&values, 5).1 > 1.5 * mean_with_error(&values, 0).1);
    }

    #[test]
    fn findings_by_hand() {
        let truth: Vec<f32> = (0..200).map(|idx| (idx % 7) as f32).collect();
        let by =
            |off: f32| truth.iter().enumerate().map(|(idx, it)| it + if idx % 3 == 0 { off } else { -off }).collect::<Vec<f32>>();
        let (near, far) = (by(1.0), by(2.0));
        let finding = |ours: &[f32], other: &[f32]| compare(ours, other, &truth, 1).finding;
        assert_eq!(finding(&near, &far), Finding::Better);
        assert_eq!(finding(&far, &near), Finding::Worse);
        assert_eq!(finding(&near, &near), Finding::NoDifference);
        // Half the time a little nearer, half the time a little farther.
        let mixed: Vec<f32> = truth.iter().enumerate().map(|(idx, it)| it + if idx % 2 == 0 { 0.9 } else { 1.1 }).collect();
        assert_eq!(finding(&mixed, &near), Finding::NoDifference);
        assert_eq!(compare(&near[..6], &far[..6], &truth[..6], 4).finding, Finding::NoDifference, "six cannot tell");
    }
}
