//! A function of one number with its slope: the value solid, the slope dashed, flat stretches shaded.

use super::surface::{Align, Surface};
use super::theme::{Color, Theme};
use std::ops::Range;

/// What is shown of the inputs: wide enough for every activation to show where it becomes flat.
pub const INPUTS: Range<f64> = -6.0..6.0;
/// What is shown of values and slopes, the same for every function, so that they can be compared.
const OUTPUTS: Range<f64> = -1.4..3.2;

/// Room left of a large plot for labels.
const GUTTER: f64 = 26.0;
/// Room under a large plot for labels.
const FOOT: f64 = 20.0;
/// Room around a small plot.
const MARGIN: f64 = 4.0;
/// Size of labels.
const LABEL: f64 = 10.5;
/// Distance between two lines of hatching.
const HATCH: f64 = 6.0;
/// A larger difference between neighbors is a jump, and no line joins it: the steepest slope here is not much above 1.
const JUMP: f64 = 0.5;

/// How flat a function is at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flatness {
    /// It rises or falls.
    Steep,
    /// Almost flat: saturated.
    Almost,
    /// Entirely flat: dead.
    Flat,
}

/// The function at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Where.
    pub z: f64,
    /// Its value.
    pub value: f64,
    /// Its slope; not a number where there is none.
    pub slope: f64,
    /// Whether it is flat here.
    pub flatness: Flatness,
}

/// The plot's place on its canvas.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    x: Range<f64>,
    y: Range<f64>,
}

impl Plot {
    /// A plot with labels.
    pub fn large(width: f64, height: f64) -> Plot {
        Plot { x: GUTTER..(width - 8.0).max(GUTTER + 1.0), y: 4.0..(height - FOOT).max(5.0) }
    }

    /// A plot without labels.
    pub fn small(width: f64, height: f64) -> Plot {
        Plot { x: MARGIN..(width - MARGIN).max(MARGIN + 1.0), y: MARGIN..(height - MARGIN).max(MARGIN + 1.0) }
    }

    /// The input under a place on the canvas, kept within [`INPUTS`].
    pub fn input_at(&self, x: f64) -> f64 {
        let share = ((x - self.x.start) / (self.x.end - self.x.start)).clamp(0.0, 1.0);
        INPUTS.start + share * (INPUTS.end - INPUTS.start)
    }

    fn across(&self, z: f64) -> f64 {
        let share = (z - INPUTS.start) / (INPUTS.end - INPUTS.start);
        self.x.start + share * (self.x.end - self.x.start)
    }

    fn down(&self, value: f64) -> f64 {
        let share = (value - OUTPUTS.start) / (OUTPUTS.end - OUTPUTS.start);
        self.y.end - share * (self.y.end - self.y.start)
    }
}

/// Draws a plot without labels: one of many beside each other.
pub fn draw_small(surface: &Surface, theme: &Theme, sample: impl Fn(f64) -> Sample) {
    let plot = Plot::small(surface.width(), surface.height());
    let samples = samples(surface, &plot, sample);
    shade(surface, theme, &plot, &samples);
    surface.hairline(plot.x.start, plot.x.end, plot.down(0.0), theme.line.mix(theme.ink_2, 0.5));
    curves(surface, theme, &plot, &samples, 1.5);
}

/// Draws a plot with labels, and reads it at `z`.
pub fn draw_large(surface: &Surface, theme: &Theme, sample: impl Fn(f64) -> Sample, z: f64) {
    let plot = Plot::large(surface.width(), surface.height());
    let read = sample(z);
    let samples = samples(surface, &plot, sample);
    shade(surface, theme, &plot, &samples);
    for (value, text) in [(-1.0, "−1"), (0.0, "0"), (1.0, "1"), (2.0, "2"), (3.0, "3")] {
        let at = plot.down(value);
        let color = if value == 0.0 { theme.ink_2 } else { theme.line };
        surface.hairline(plot.x.start, plot.x.end, at, color);
        surface.text(text, plot.x.start - 6.0, at, LABEL, Align::End, theme.ink_2);
    }
    surface.upright(plot.across(0.0), plot.y.start, plot.y.end, theme.line);
    let foot = plot.y.end + FOOT / 2.0 + 2.0;
    for (z, text) in [(-6.0, "−6"), (-4.0, "−4"), (-2.0, "−2"), (0.0, "0"), (2.0, "2"), (4.0, "4"), (6.0, "6")] {
        surface.text(text, plot.across(z), foot, LABEL, Align::Center, theme.ink_2);
    }
    curves(surface, theme, &plot, &samples, 2.0);
    let x = plot.across(z);
    surface.upright(x, plot.y.start, plot.y.end, theme.ink);
    // The slope's dot is hollow, as its line is dashed.
    dot(surface, theme, &plot, (x, read.slope), true);
    dot(surface, theme, &plot, (x, read.value), false);
}

fn dot(surface: &Surface, theme: &Theme, plot: &Plot, (x, value): (f64, f64), is_hollow: bool) {
    if !OUTPUTS.contains(&value) {
        return;
    }
    surface.dot(x, plot.down(value), 4.5, theme.ink);
    if is_hollow {
        surface.dot(x, plot.down(value), 2.75, theme.panel);
    }
}

/// Two samples for each pixel, and always one at zero, where the kinks are.
fn samples(surface: &Surface, plot: &Plot, sample: impl Fn(f64) -> Sample) -> Vec<Sample> {
    let half = ((plot.x.end - plot.x.start) * surface.density().min(2.0)).ceil().max(1.0) as i32;
    (-half..=half).map(|idx| sample(f64::from(idx) / f64::from(half) * INPUTS.end)).collect()
}

fn shade(surface: &Surface, theme: &Theme, plot: &Plot, samples: &[Sample]) {
    let height = plot.y.end - plot.y.start;
    for run in samples.chunk_by(|one, next| one.flatness == next.flatness) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let (left, right) = (surface.snap(plot.across(first.z)), surface.snap(plot.across(last.z)));
        match first.flatness {
            Flatness::Steep => {}
            Flatness::Almost => surface.rect(left, plot.y.start, right - left, height, theme.line),
            Flatness::Flat => hatch(surface, left..right, &plot.y, theme.line.mix(theme.ink_2, 0.5)),
        }
    }
}

fn hatch(surface: &Surface, x: Range<f64>, y: &Range<f64>, color: Color) {
    let context = surface.context();
    let height = y.end - y.start;
    context.save();
    clip(surface, &x, y);
    context.set_stroke_style_str(&color.css());
    context.set_line_width(1.0);
    context.begin_path();
    // Lines stand at multiples, so that two stretches beside each other are one pattern.
    let mut foot = ((x.start - height) / HATCH).floor() * HATCH;
    while foot < x.end {
        context.move_to(foot, y.end);
        context.line_to(foot + height, y.start);
        foot += HATCH;
    }
    context.stroke();
    context.restore();
}

fn curves(surface: &Surface, theme: &Theme, plot: &Plot, samples: &[Sample], width: f64) {
    let context = surface.context();
    let dashes = js_sys::Array::of2(&4.0.into(), &3.0.into());
    context.save();
    clip(surface, &plot.x, &plot.y);
    context.set_stroke_style_str(&theme.ink.css());
    context.set_line_join("round");
    context.set_line_width(width);
    path(surface, plot, samples, |sample| sample.value);
    context.set_line_width(width * 0.75);
    // Best effort: an undashed slope is still told by the read-out and the table.
    let _ = context.set_line_dash(&dashes);
    path(surface, plot, samples, |sample| sample.slope);
    context.restore();
}

fn path(surface: &Surface, plot: &Plot, samples: &[Sample], of: fn(&Sample) -> f64) {
    let context = surface.context();
    context.begin_path();
    let mut before = f64::NAN;
    for sample in samples {
        let value = of(sample);
        let (x, y) = (plot.across(sample.z), plot.down(value));
        if (value - before).abs() <= JUMP {
            context.line_to(x, y);
        } else if value.is_finite() {
            context.move_to(x, y);
        }
        before = value;
    }
    context.stroke();
}

fn clip(surface: &Surface, x: &Range<f64>, y: &Range<f64>) {
    let context = surface.context();
    context.begin_path();
    context.rect(x.start, y.start, x.end - x.start, y.end - y.start);
    context.clip();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_their_inputs() {
        let plot = Plot::large(358.0, 240.0);
        for z in [-6.0, -1.5, 0.0, 6.0] {
            assert!((plot.input_at(plot.across(z)) - z).abs() < 1e-9, "{z}");
        }
        assert_eq!(plot.input_at(-50.0), -6.0);
        assert_eq!(plot.input_at(900.0), 6.0);
        assert!(plot.down(3.0) > plot.y.start && plot.down(-1.0) < plot.y.end);
    }
}
