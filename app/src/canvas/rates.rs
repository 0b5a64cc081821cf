//! The range test: loss against learning rate, both on log axes, with the steepest fall (hollow) and the suggested rate (solid).

use super::scale::Axis;
use super::surface::{Align, Surface};
use super::theme::Theme;
use crate::format::tick;
use descent_spec::message::{LOWEST_TESTED_RATE, RatePoint, RateTest};
use descent_spec::training::MAX_LEARNING_RATE;
use std::ops::Range;

/// Room left of the plot for labels.
const GUTTER: f64 = 36.0;
/// Room under the plot for labels.
const FOOT: f64 = 18.0;
/// Room above the plot: half a label.
const HEAD: f64 = 7.0;
/// Size of labels.
const LABEL: f64 = 10.5;
/// Rates with a label.
const RATES: [f64; 4] = [1e-5, 1e-3, 0.1, 10.0];
/// Losses above this many times the first are cut off: where it runs off says enough.
const MOST: f64 = 2.0;

/// Draws the test over the whole surface.
pub fn draw(surface: &Surface, theme: &Theme, test: &RateTest) {
    let x = GUTTER..(surface.width() - 14.0).max(GUTTER + 1.0);
    let y = HEAD..(surface.height() - FOOT).max(HEAD + 1.0);
    let axis = losses(&test.points);
    let down = |loss: f64| y.end - axis.position(loss) * (y.end - y.start);
    for &loss in &axis.ticks {
        surface.hairline(x.start, x.end, down(loss), theme.line);
        surface.text(&tick(loss), x.start - 6.0, down(loss), LABEL, Align::End, theme.ink_2);
    }
    for rate in RATES {
        surface.text(&tick(rate), across(&x, rate), y.end + FOOT / 2.0 + 3.0, LABEL, Align::Center, theme.ink_2);
    }
    let path = |of: fn(&RatePoint) -> f64| test.points.iter().map(|point| (across(&x, point.rate), down(of(point)))).collect();
    line(surface, path(|point| point.loss.into()), &theme.panel.mix(theme.ink, 0.2).css(), 1.0);
    line(surface, path(|point| point.smoothed), &theme.ink.css(), 1.5);
    for (rate, is_solid) in [(test.steepest, false), (test.suggested, true)] {
        let Some(rate) = rate else { continue };
        let Some(point) = nearest(&test.points, rate) else { continue };
        surface.upright(across(&x, rate), y.start, y.end, theme.ink_2);
        surface.dot(across(&x, rate), down(point.smoothed), 4.0, theme.ink);
        if !is_solid {
            surface.dot(across(&x, rate), down(point.smoothed), 2.5, theme.panel);
        }
    }
}

fn across(x: &Range<f64>, rate: f64) -> f64 {
    let share = (rate / LOWEST_TESTED_RATE).ln() / (MAX_LEARNING_RATE / LOWEST_TESTED_RATE).ln();
    x.start + share.clamp(0.0, 1.0) * (x.end - x.start)
}

fn losses(points: &[RatePoint]) -> Axis {
    let smoothed = || points.iter().map(|point| point.smoothed);
    let most = MOST * points.first().map_or(1.0, |point| point.smoothed);
    let (low, high) = (smoothed().fold(f64::INFINITY, f64::min), smoothed().fold(0.0, f64::max).min(most));
    if low.is_finite() { Axis::log(low, high.max(low)) } else { Axis::log(0.1, 3.0) }
}

fn nearest(points: &[RatePoint], rate: f64) -> Option<&RatePoint> {
    let distance = |point: &RatePoint| (point.rate / rate).ln().abs();
    points.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

fn line(surface: &Surface, points: Vec<(f64, f64)>, color: &str, width: f64) {
    let context = surface.context();
    context.save();
    context.set_stroke_style_str(color);
    context.set_line_join("round");
    context.set_line_width(width);
    context.begin_path();
    for (x, y) in points {
        // The first of them begins the path.
        context.line_to(x, y);
    }
    context.stroke();
    context.restore();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(rate: f64, smoothed: f64) -> RatePoint {
        RatePoint { rate, loss: smoothed as f32, smoothed }
    }

    #[test]
    fn decades_are_equally_far_apart() {
        let places = RATES.map(|rate| across(&(0.0..300.0), rate).round());
        assert_eq!(places, [0.0, 100.0, 200.0, 300.0]);
        assert_eq!(across(&(0.0..300.0), 99.0), 300.0);
    }

    #[test]
    fn a_loss_that_runs_off_does_not_flatten_the_rest() {
        let points = [point(1e-5, 2.0), point(1e-3, 0.5), point(1.0, 1e6)];
        let axis = losses(&points);
        assert!(axis.ticks.last().is_some_and(|high| *high <= 4.0), "{axis:?}");
        assert_eq!(axis.position(1e6), 1.0);
        assert_eq!(losses(&[]).ticks.len(), 3);
        assert_eq!(nearest(&points, 0.002).map(|point| point.rate), Some(1e-3));
    }
}
