//! The learning-rate range test: *Cyclical learning rates for training neural networks* (Smith 2017).
//!
//! A session of its own starts from the run's first weights and takes the run's first batches, each step at a larger rate than the
//! last. Where the loss falls, a rate works; where it rises, the rate is too large.

use super::{Stop, Supervised};
use crate::data::LabData;
use burn::tensor::Device;
use descent_spec::Experiment;
use descent_spec::message::{MAX_TEST_STEPS, RatePoint, RateTest, RateTestEnd, tested_rate};
use descent_spec::model::ModelError;

/// Losses whose mean is compared with the lowest such mean: a single batch of ten says little.
const WINDOW: usize = 7;
/// The test ends when that mean is this many times the lowest.
const MOST_RISE: f64 = 4.0;
/// The least that the smoothed loss must fall, as a share of where it began, for the fall to mean anything.
const LEAST_FALL: f64 = 0.1;

/// A range test under way.
pub struct RateTesting {
    session: Supervised,
    /// The loss before each step, in order.
    losses: Vec<f32>,
    lowest_mean: f64,
    end: Option<RateTestEnd>,
}

impl RateTesting {
    /// Begins a test of this experiment; nothing is trained yet.
    ///
    /// # Errors
    /// When the model cannot be built.
    pub fn new(experiment: &Experiment, device: &Device, data: &LabData) -> Result<RateTesting, ModelError> {
        let session = Supervised::open(experiment, device, data)?;
        Ok(RateTesting { session, losses: Vec::new(), lowest_mean: f64::INFINITY, end: None })
    }

    /// Whether every example of the next step is loaded.
    pub fn is_ready(&self, data: &LabData) -> bool {
        self.session.batch_ready(data)
    }

    /// One step at the next rate, with its loss read back; says whether there is more to try. The caller has checked
    /// [`is_ready`](Self::is_ready).
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn advance(&mut self, data: &LabData) -> Result<bool, Stop> {
        if self.end.is_some() {
            return Ok(false);
        }
        self.session.step_at(tested_rate(self.losses.len()), data);
        match self.session.poll(data).await {
            Ok(()) => self.losses.extend(std::mem::take(&mut self.session.points).iter().map(|point| point.loss)),
            Err(Stop::Diverged(_)) => self.end = Some(RateTestEnd::Diverged),
            Err(stop) => return Err(stop),
        }
        let recent = &self.losses[self.losses.len().saturating_sub(WINDOW)..];
        let mean = mean(recent);
        self.lowest_mean = self.lowest_mean.min(mean);
        if self.end.is_none() && mean > MOST_RISE * self.lowest_mean {
            self.end = Some(RateTestEnd::Rose);
        } else if self.end.is_none() && self.losses.len() == MAX_TEST_STEPS {
            self.end = Some(RateTestEnd::AllTried);
        }
        Ok(self.end.is_none())
    }

    /// What was found so far.
    pub fn finish(self) -> RateTest {
        let end = self.end.unwrap_or(RateTestEnd::AllTried);
        judge(&self.losses, end)
    }
}

/// Reads the losses of a test, the first of them at the lowest rate.
fn judge(losses: &[f32], end: RateTestEnd) -> RateTest {
    let reach = WINDOW / 2;
    let smoothed = |idx: usize| mean(&losses[idx.saturating_sub(reach)..(idx + reach + 1).min(losses.len())]);
    let point = |(idx, &loss): (usize, &f32)| RatePoint { rate: tested_rate(idx), loss, smoothed: smoothed(idx) };
    let points: Vec<RatePoint> = losses.iter().enumerate().map(point).collect();
    let of = |idx: usize| points[idx].smoothed;
    let lowest = (0..points.len()).min_by(|&a, &b| of(a).total_cmp(&of(b)));
    let has_fallen = lowest.is_some_and(|lowest| of(0) - of(lowest) > LEAST_FALL * of(0).abs());
    let lowest = lowest.filter(|_| has_fallen);
    // Rates have equal ratios, so the difference of two neighbors is the slope up to a factor.
    let slope = |idx: usize| of(idx + 1) - of(idx - 1);
    let steepest = lowest.and_then(|lowest| (1..lowest).min_by(|&a, &b| slope(a).total_cmp(&slope(b))));
    let rate = |idx: usize| points[idx].rate;
    RateTest {
        end,
        // A loss that is not a number was met after the step before it.
        last_rate: tested_rate(losses.len().saturating_sub(1)),
        lowest: lowest.map(rate),
        steepest: steepest.map(rate),
        suggested: lowest.map(|lowest| two_digits(rate(lowest) / 10.0)),
        points,
    }
}

fn mean(losses: &[f32]) -> f64 {
    losses.iter().map(|&loss| f64::from(loss)).sum::<f64>() / losses.len().max(1) as f64
}

/// Rounded as one would type it.
fn two_digits(rate: f64) -> f64 {
    format!("{rate:.1e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A loss that is 2 until step 40, falls by 0.1 a step until step 55, stays at 0.5 until step 69 and rises from there.
    fn valley() -> Vec<f32> {
        (0..80)
            .map(|step| match step {
                0..40 => 2.0,
                40..56 => 2.0 - 0.1 * (step - 40) as f32,
                56..70 => 0.5,
                _ => 0.5 + 0.3 * (step - 69) as f32,
            })
            .collect()
    }

    #[test]
    fn marks_stand_where_the_curve_says() {
        let found = judge(&valley(), RateTestEnd::Rose);
        assert_eq!(found.points.len(), 80);
        let step = |rate: Option<f64>| (0..80).find(|&step| Some(tested_rate(step)) == rate);
        // Means of seven: the first that lies wholly on the floor is that of steps 55 to 61.
        assert_eq!(step(found.lowest), Some(58));
        // The slope is the same where a mean and its neighbors lie wholly on the slant.
        assert!((44..=52).contains(&step(found.steepest).unwrap()), "{found:?}");
        assert_eq!(found.suggested, Some(two_digits(tested_rate(58) / 10.0)));
        // 1e-5 × 10^(6 × 58 / 99) = 0.0328, and a tenth of it to two digits:
        assert_eq!(found.suggested, Some(0.0033));
        // Steps 38 to 44.
        assert!((found.points[41].smoothed - (2.0 + 2.0 + 2.0 + 1.9 + 1.8 + 1.7 + 1.6) / 7.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_suggested_where_nothing_fell() {
        for losses in [vec![], vec![2.0], vec![2.0; 100], (0..50).map(|step| 1.0 + step as f32).collect()] {
            let found = judge(&losses, RateTestEnd::AllTried);
            assert_eq!((found.lowest, found.steepest, found.suggested), (None, None, None));
            assert_eq!(found.points.len(), losses.len());
        }
    }

    #[test]
    fn rates_are_rounded_as_one_types() {
        assert_eq!([0.012_34, 0.000_987, 1.0, 0.055].map(two_digits), [0.012, 0.00099, 1.0, 0.055]);
    }
}
