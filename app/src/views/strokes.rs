//! A drawing as the hand made it: strokes of points in the unit square, and the ink they leave.

use std::ops::RangeInclusive;
use web_sys::CanvasRenderingContext2d;

/// Width of the pen on the pad, as a share of its side: what is comfortable to look at.
pub const PEN: f64 = 0.07;
/// Width of the pen in the ink for the network, as a share of the digit's longer side: about what MNIST's writers used once
/// their digits were scaled to 20 pixels. A digit drawn small with a fixed pen would become a blot there.
const PEN_OF_DIGIT: f64 = 0.12;
/// Limits of that pen as shares of the pad: a dot stays a dot, and a digit over the whole pad stays a line.
const PEN_LIMITS: RangeInclusive<f64> = 0.025..=0.11;
/// Points nearer than this add nothing.
const NEAR: f64 = 0.004;
/// More points than a patient hand makes; beyond them the drawing takes no more.
const MAX_POINTS: usize = 20_000;

/// A point of the unit square, from the top left.
pub type Point = (f64, f64);

/// Strokes in the order they were drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strokes {
    strokes: Vec<Vec<Point>>,
    n_points: usize,
}

impl Strokes {
    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.n_points == 0
    }

    /// Puts the pen down.
    pub fn begin(&mut self, at: Point) {
        if self.n_points < MAX_POINTS {
            self.strokes.push(vec![inside(at)]);
            self.n_points += 1;
        }
    }

    /// Moves the pen that is down.
    pub fn extend(&mut self, to: Point) {
        let to = inside(to);
        let Some(stroke) = self.strokes.last_mut() else { return };
        let far = stroke.last().is_none_or(|last| (last.0 - to.0).hypot(last.1 - to.1) >= NEAR);
        if far && self.n_points < MAX_POINTS {
            stroke.push(to);
            self.n_points += 1;
        }
    }

    /// Wipes everything.
    pub fn clear(&mut self) {
        *self = Strokes::default();
    }

    /// The pen for the ink, as a share of the pad's side.
    pub fn ink_pen(&self) -> f64 {
        let mut points = self.strokes.iter().flatten().copied();
        let Some(first) = points.next() else { return PEN };
        let (low, high) =
            points.fold((first, first), |(low, high), (x, y)| ((low.0.min(x), low.1.min(y)), (high.0.max(x), high.1.max(y))));
        let extent = (high.0 - low.0).max(high.1 - low.1);
        (PEN_OF_DIGIT * extent).clamp(*PEN_LIMITS.start(), *PEN_LIMITS.end())
    }

    /// Draws all strokes in the context's present color, on a square with this side.
    pub fn draw(&self, context: &CanvasRenderingContext2d, side: f64, pen: f64) {
        context.set_line_cap("round");
        context.set_line_join("round");
        context.set_line_width(pen * side);
        for stroke in &self.strokes {
            let Some(first) = stroke.first() else { continue };
            context.begin_path();
            context.move_to(first.0 * side, first.1 * side);
            // Through the middles, with the points as handles: the path is smooth although the hand was sampled.
            for pair in stroke.windows(2) {
                let middle = ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
                context.quadratic_curve_to(pair[0].0 * side, pair[0].1 * side, middle.0 * side, middle.1 * side);
            }
            let last = stroke[stroke.len() - 1];
            // A stroke of one point is a dot: a line of no length with a round cap.
            context.line_to(last.0 * side, last.1 * side);
            context.stroke();
        }
    }
}

fn inside((x, y): Point) -> Point {
    (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stay_on_the_pad_and_repeats_are_dropped() {
        let mut strokes = Strokes::default();
        strokes.extend((0.5, 0.5));
        assert!(strokes.is_empty());
        strokes.begin((0.5, -3.0));
        strokes.extend((0.5, 0.001));
        strokes.extend((0.5, 0.2));
        assert_eq!(strokes.strokes, [vec![(0.5, 0.0), (0.5, 0.2)]]);
        strokes.clear();
        assert!(strokes.is_empty());
    }

    #[test]
    fn the_pen_grows_with_the_digit() {
        let tall = |height: f64| {
            let mut strokes = Strokes::default();
            strokes.begin((0.5, 0.0));
            strokes.extend((0.5, height));
            strokes.ink_pen()
        };
        assert_eq!(tall(0.5), 0.5 * PEN_OF_DIGIT);
        assert_eq!((tall(0.05), tall(1.0)), (0.025, 0.11));
    }

    #[test]
    fn a_drawing_ends_somewhere() {
        let mut strokes = Strokes::default();
        strokes.begin((0.0, 0.0));
        for nth in 0..3 * MAX_POINTS {
            strokes.extend(((nth % 2) as f64, 0.5));
        }
        assert_eq!(strokes.n_points, MAX_POINTS);
    }
}
