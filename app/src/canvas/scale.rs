//! Axes of charts: how a value becomes a height, and which values get a label.

/// How values are spread along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps, equal distances.
    Linear,
    /// Equal ratios, equal distances: for losses.
    Log,
    /// For shares of right answers: as the share of wrong ones on a log scale, so that 90 %, 99 % and 99.9 % are equally far
    /// apart and progress near the top stays visible.
    Error,
}

/// The smallest value a log axis shows; smaller ones lie on its edge.
const LOG_FLOOR: f64 = 1e-9;
/// The smallest share of errors an error axis shows: one in a thousand. A batch without errors lies on its edge.
const ERROR_FLOOR: f64 = 1e-3;

impl Scale {
    fn project(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::Log => value.max(LOG_FLOOR).log10(),
            Scale::Error => -(1.0 - value).clamp(ERROR_FLOOR, 1.0).log10(),
        }
    }
}

/// A stretch of a scale, with its labelled values.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    /// Where hairlines and labels go, ascending.
    pub ticks: Vec<f64>,
}

impl Axis {
    /// A log axis around positive values between `min` and `max`.
    ///
    /// Its ends have one digit, so it keeps still while the values move a little.
    ///
    /// ```
    /// use descent_app::canvas::scale::Axis;
    /// assert_eq!(Axis::log(0.043, 2.31).ticks, [0.04, 0.3, 3.0]);
    /// ```
    pub fn log(min: f64, max: f64) -> Axis {
        let (min, max) = ordered(min.max(LOG_FLOOR), max.max(LOG_FLOOR));
        let (low, mut high) = (one_digit(min, f64::floor), one_digit(max, f64::ceil));
        if high <= low * 1.5 {
            high = one_digit(low * 2.0, f64::ceil);
        }
        let middle = one_digit((low * high).sqrt(), f64::round);
        let mut ticks = vec![low];
        if middle > low * 1.2 && middle * 1.2 < high {
            ticks.push(middle);
        }
        ticks.push(high);
        Axis { scale: Scale::Log, low, high, ticks }
    }

    /// A linear axis from zero to at least `max`.
    pub fn linear(max: f64) -> Axis {
        let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
        let half = [1.0, 2.0, 2.5, 5.0, 10.0]
            .map(|digit| digit * 10f64.powf((max / 2.0).log10().floor()))
            .into_iter()
            .find(|half| half * 2.0 >= max * 0.999)
            .unwrap_or(max / 2.0);
        Axis { scale: Scale::Linear, low: 0.0, high: half * 2.0, ticks: vec![0.0, half, half * 2.0] }
    }

    /// A linear axis around the values between `min` and `max`, with at most five labels on round numbers.
    ///
    /// ```
    /// use descent_app::canvas::scale::Axis;
    /// assert_eq!(Axis::between(23.1, 38.0).ticks, [20.0, 25.0, 30.0, 35.0, 40.0]);
    /// ```
    pub fn between(min: f64, max: f64) -> Axis {
        let (min, max) = if min.is_finite() && max.is_finite() { ordered(min, max) } else { (0.0, 1.0) };
        let span = if max - min > 1e-9 * max.abs().max(min.abs()) { max - min } else { max.abs().max(1.0) };
        let power = 10f64.powf((span / 4.0).log10().floor());
        let ends = |step: f64| ((min / step).floor(), (max / step).ceil());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0, 20.0].map(|digit| digit * power);
        let fits = |step: &f64| ends(*step).1 - ends(*step).0 <= 4.0;
        let step = steps.into_iter().find(fits).unwrap_or(steps[5]);
        let (first, last) = ends(step);
        let last = last.max(first + 1.0);
        // Whole numbers of steps, so that no tick is 0.30000000000000004 off.
        let ticks: Vec<f64> = (0..=(last - first) as usize).map(|nth| (first + nth as f64) * step).collect();
        Axis { scale: Scale::Linear, low: first * step, high: last * step, ticks }
    }

    /// All shares from none to all.
    pub fn share() -> Axis {
        Axis { scale: Scale::Linear, low: 0.0, high: 1.0, ticks: vec![0.0, 0.5, 1.0] }
    }

    /// Shares of right answers spread by their errors, up to the next nine above `max`.
    pub fn error(max: f64) -> Axis {
        let ticks = if max <= 0.9 {
            vec![0.0, 0.5, 0.9]
        } else if max <= 0.99 {
            vec![0.0, 0.9, 0.99]
        } else {
            vec![0.0, 0.9, 0.99, 0.999]
        };
        Axis { scale: Scale::Error, low: 0.0, high: ticks[ticks.len() - 1], ticks }
    }

    /// Where a value lies: 0 at the low end, 1 at the high end, never outside.
    pub fn position(&self, value: f64) -> f64 {
        let (low, high) = (self.scale.project(self.low), self.scale.project(self.high));
        ((self.scale.project(value) - low) / (high - low)).clamp(0.0, 1.0)
    }
}

fn ordered(a: f64, b: f64) -> (f64, f64) {
    if a <= b { (a, b) } else { (b, a) }
}

/// The value with its first digit only, rounded the way `round` says.
fn one_digit(value: f64, round: fn(f64) -> f64) -> f64 {
    let decade = value.log10().floor();
    let power = 10f64.powf(decade);
    // A hair of slack, so that 0.3 / 0.1 = 2.9999999999999996 does not become 2.
    let digit = value / power;
    let digit = if (digit - digit.round()).abs() < 1e-9 { digit.round() } else { round(digit) };
    // Written with a division for small numbers: 3 × 10⁻¹ as a product is 0.30000000000000004.
    if decade < 0.0 { digit / 10f64.powf(-decade) } else { digit * power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_axes_end_at_one_digit_and_enclose() {
        assert_eq!(Axis::log(0.043, 2.31).ticks, [0.04, 0.3, 3.0]);
        assert_eq!(Axis::log(2.2, 2.4).ticks, [2.0, 3.0, 4.0]);
        assert_eq!(Axis::log(1.0, 1.0).ticks, [1.0, 2.0]);
        assert_eq!(Axis::log(3e-5, 20.0).ticks, [3e-5, 0.02, 20.0]);
        for (min, max) in [(0.0, 1.0), (1e-12, 1e12), (5.0, 0.1), (0.99, 9.99)] {
            let axis = Axis::log(min, max);
            assert!(axis.ticks.windows(2).all(|pair| pair[0] < pair[1]), "{axis:?}");
            assert!(axis.position(min).is_finite() && axis.position(max).is_finite());
        }
    }

    #[test]
    fn linear_axes_have_round_halves() {
        assert_eq!(Axis::linear(2.31).ticks, [0.0, 2.0, 4.0]);
        assert_eq!(Axis::linear(0.9).ticks, [0.0, 0.5, 1.0]);
        assert_eq!(Axis::linear(1.0).ticks, [0.0, 0.5, 1.0]);
        assert_eq!(Axis::linear(f64::NAN).ticks, [0.0, 0.5, 1.0]);
    }

    #[test]
    fn axes_between_enclose() {
        assert_eq!(Axis::between(23.1, 38.0).ticks, [20.0, 25.0, 30.0, 35.0, 40.0]);
        for (min, max) in
            [(23.1, 38.0), (-5.0, 5.0), (0.0, 0.0), (104.0, 622.0), (3e-6, 4e-6), (-70.0, -69.9), (f64::NAN, 1.0), (9.0, 1.0)]
        {
            let axis = Axis::between(min, max);
            assert!((2..=5).contains(&axis.ticks.len()), "{axis:?}");
            assert!(axis.ticks.windows(2).all(|pair| pair[0] < pair[1]), "{axis:?}");
            if min <= max {
                assert!(axis.ticks[0] <= min && axis.ticks[axis.ticks.len() - 1] >= max, "{axis:?}");
            }
        }
    }

    #[test]
    fn nines_are_equally_far_apart() {
        let axis = Axis::error(0.995);
        let place = |share| (axis.position(share) * 1e6).round() / 1e6;
        assert_eq!([0.0, 0.9, 0.99, 0.999].map(place), [0.0, 0.333333, 0.666667, 1.0]);
        assert_eq!(axis.position(1.0), 1.0);
        assert_eq!(Axis::error(0.3).ticks, [0.0, 0.5, 0.9]);
    }

    #[test]
    fn positions_stay_on_the_axis() {
        let axis = Axis::log(0.1, 10.0);
        assert_eq!((axis.position(0.0), axis.position(1.0), axis.position(1e9)), (0.0, 0.5, 1.0));
    }
}
