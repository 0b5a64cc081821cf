//! The learning-rate range test (Smith 2017): a few steps from the first weights, each at a larger rate than the last.

use crate::training::MAX_LEARNING_RATE;
use serde::{Deserialize, Serialize};

/// Rate of the first step.
pub const LOWEST_TESTED_RATE: f64 = 1e-5;
/// Steps at most: with six decades to cross, each rate is 1.15 times the last.
pub const MAX_TEST_STEPS: usize = 100;

/// The rate of a step, the first being 0: equal ratios from [`LOWEST_TESTED_RATE`] to the largest rate there is.
///
/// ```
/// use descent_spec::message::tested_rate;
/// assert_eq!(tested_rate(0), 1e-5);
/// assert!((tested_rate(99) - 10.0).abs() < 1e-12);
/// assert!((tested_rate(34) / tested_rate(33) - 1.149_757).abs() < 1e-6); // 10^(6/99)
/// ```
pub fn tested_rate(step: usize) -> f64 {
    let share = step as f64 / (MAX_TEST_STEPS - 1) as f64;
    LOWEST_TESTED_RATE * (MAX_LEARNING_RATE / LOWEST_TESTED_RATE).powf(share)
}

/// One step of the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RatePoint {
    /// The rate of the step.
    pub rate: f64,
    /// Mean loss of the batch before the step.
    pub loss: f32,
    /// The mean of this loss and of up to three on each side of it.
    pub smoothed: f64,
}

/// Why the test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateTestEnd {
    /// All rates were tried.
    AllTried,
    /// The mean of the last losses was more than four times the lowest such mean.
    Rose,
    /// A loss was no longer a number.
    Diverged,
}

/// What the test found, in the spelling of scripts. Losses that are not numbers are left out of `points`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateTest {
    /// Every step, in order of their rates.
    pub points: Vec<RatePoint>,
    /// Why it ended.
    pub end: RateTestEnd,
    /// The rate at which the test ended: the last that was tried.
    pub last_rate: f64,
    /// The rate with the lowest smoothed loss.
    pub lowest: Option<f64>,
    /// The rate below `lowest` at which the smoothed loss falls most steeply against the logarithm of the rate.
    pub steepest: Option<f64>,
    /// A tenth of `lowest`, to two digits; none where no rate made the loss fall.
    pub suggested: Option<f64>,
}
