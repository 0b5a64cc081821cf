//! The line that a single neuron draws through the plane, and how the points lie to it.

use crate::experiment::Experiment;
use crate::model::Head;
use crate::plane::Feature;
use serde::{Deserialize, Serialize};

/// The line `w · x + b = 0` of one neuron, and the training points on its two sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LineFacts {
    /// The weights of x and of y: the normal, which points to where class 1 is answered.
    pub weights: [f32; 2],
    /// b.
    pub bias: f32,
    /// The smallest `t (w · x + b) / ‖w‖` over the points, with t = +1 for class 1 and −1 for class 0: how far the nearest point
    /// lies on its right side, negative while one lies on the wrong side. None while both weights are 0, and without points.
    pub margin: Option<f64>,
    /// Points with `t (w · x + b) ≤ 0`: on the wrong side, or on the line itself.
    pub mistakes: u32,
    /// How many points there are.
    pub n_points: u32,
}

impl Experiment {
    /// Whether the model is one neuron that is given x and y as they are, and tells two classes apart: then it draws a line.
    pub fn draws_a_line(&self) -> bool {
        let features = &self.data.features;
        let has = |feature| features.contains(&feature);
        matches!(self.head(), Head::Sigmoid | Head::Perceptron)
            && self.model.layers.is_empty()
            && features.len() == 2
            && has(Feature::X)
            && has(Feature::Y)
    }
}

impl LineFacts {
    /// How `(x, y, class)` points lie to a line, in double precision.
    ///
    /// ```
    /// use descent_spec::line::LineFacts;
    /// // 3x + 4y − 5 = 0 lies at distance |3 · 3 + 4 · 4 − 5| / 5 = 4 from (3, 4) and 1 from the origin.
    /// let line = LineFacts::new([3.0, 4.0], -5.0, [(3.0, 4.0, 1), (0.0, 0.0, 0)].into_iter());
    /// assert_eq!((line.margin, line.mistakes, line.n_points), (Some(1.0), 0, 2));
    /// ```
    pub fn new(weights: [f32; 2], bias: f32, points: impl Iterator<Item = (f32, f32, u8)>) -> LineFacts {
        let [w_x, w_y, b] = [weights[0], weights[1], bias].map(f64::from);
        let (mut smallest, mut mistakes, mut n_points) = (f64::INFINITY, 0, 0);
        for (x, y, class) in points {
            let sum = w_x * f64::from(x) + w_y * f64::from(y) + b;
            let to_its_side = if class == 1 { sum } else { -sum };
            smallest = smallest.min(to_its_side);
            mistakes += u32::from(to_its_side <= 0.0);
            n_points += 1;
        }
        let length = w_x.hypot(w_y);
        let margin = (length > 0.0 && n_points > 0).then(|| smallest / length);
        LineFacts { weights, bias, margin, mistakes, n_points }
    }
}

impl LineFacts {
    /// The ends of the piece of the line within the square from `-extent` to `extent`; none where it passes by, or is none.
    ///
    /// ```
    /// use descent_spec::line::LineFacts;
    /// // y = x / 2 runs from (-1, -1/2) to (1, 1/2).
    /// let line = LineFacts::new([-0.5, 1.0], 0.0, std::iter::empty());
    /// let mut ends = line.within(1.0).unwrap();
    /// ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    /// assert_eq!(ends, [(-1.0, -0.5), (1.0, 0.5)]);
    /// assert_eq!(LineFacts::new([1.0, 0.0], 2.0, std::iter::empty()).within(1.0), None);
    /// ```
    pub fn within(&self, extent: f64) -> Option<[(f64, f64); 2]> {
        let [w_x, w_y, b] = [self.weights[0], self.weights[1], self.bias].map(f64::from);
        let square = w_x * w_x + w_y * w_y;
        if !(square > 0.0 && square.is_finite() && b.is_finite()) {
            return None;
        }
        // From the point nearest to the middle along the line, as far as both coordinates stay inside (Liang and Barsky 1984).
        let (from, along) = ([-b * w_x / square, -b * w_y / square], [w_y / square.sqrt(), -w_x / square.sqrt()]);
        let (mut first, mut last) = (f64::NEG_INFINITY, f64::INFINITY);
        for (from, along) in from.into_iter().zip(along) {
            if along == 0.0 {
                if from.abs() > extent {
                    return None;
                }
                continue;
            }
            let (one, other) = ((-extent - from) / along, (extent - from) / along);
            (first, last) = (first.max(one.min(other)), last.min(one.max(other)));
        }
        let at = |t: f64| (from[0] + t * along[0], from[1] + t * along[1]);
        (first < last).then(|| [at(first), at(last)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::decode;

    #[test]
    fn a_point_on_the_line_is_a_mistake_and_the_margin_says_how_far_the_worst_one_lies() {
        // x = 0.5: the points lie 0.5 on their right side, 0 on the line, and 1.5 on the wrong side.
        let points = [(1.0, 0.0, 1), (0.5, 7.0, 0), (-1.0, 0.0, 1)];
        let of = |n: usize| LineFacts::new([2.0, 0.0], -1.0, points[..n].iter().copied());
        assert_eq!((of(1).margin, of(1).mistakes), (Some(0.5), 0));
        assert_eq!((of(2).margin, of(2).mistakes), (Some(-0.0), 1));
        assert_eq!((of(3).margin, of(3).mistakes), (Some(-1.5), 2));
        assert_eq!(of(0).margin, None);
        // Zero weights draw no line, and every point is a mistake, as the perceptron rule counts.
        let none = LineFacts::new([0.0; 2], 0.0, points.into_iter());
        assert_eq!((none.margin, none.mistakes), (None, 3));
    }

    #[test]
    fn the_visible_piece_lies_on_the_line_and_ends_at_the_border() {
        for (weights, bias) in
            [([1.0, 0.0], 0.5), ([0.0, -2.0], 0.5), ([0.75, 0.75], -1.0), ([-1e-3, 2e-3], 1e-4), ([3e6, 1e6], 1e6)]
        {
            let line = LineFacts::new(weights, bias, std::iter::empty());
            for (x, y) in line.within(1.2).unwrap() {
                let sum = f64::from(weights[0]) * x + f64::from(weights[1]) * y + f64::from(bias);
                assert!(sum.abs() < 1e-9 * f64::from(weights[0]).hypot(weights[1].into()), "{weights:?}: {x} {y}");
                assert!((x.abs().max(y.abs()) - 1.2).abs() < 1e-9, "{weights:?}: {x} {y}");
            }
        }
        for (weights, bias) in [([0.0, 0.0], 1.0), ([f32::NAN, 1.0], 0.0), ([1.0, 1.0], 2.5), ([0.0, 1.0], -1.3)] {
            assert_eq!(LineFacts::new(weights, bias, std::iter::empty()).within(1.2), None, "{weights:?}");
        }
    }

    #[test]
    fn only_one_neuron_on_x_and_y_draws_a_line() {
        let draws = |link: &str| decode(link).experiment.draws_a_line();
        assert!(draws("circle?layers=none") && draws("own?layers=none&loss=perceptron"));
        assert!(draws("circle?layers=none&features=y,x"));
        for link in [
            "circle",
            "circle?layers=none&features=x",
            "circle?layers=none&features=x,y,xy",
            "circle?layers=none&features=x,y2",
            "circle?layers=bn",
            "spiral?layers=none&classes=3",
            "hill?layers=none",
            "mnist?layers=none",
        ] {
            assert!(!draws(link), "{link}");
        }
    }
}
