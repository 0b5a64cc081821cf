//! Horizontal bars on a log scale: one for each layer's gradient.

use super::scale::Axis;
use super::surface::{Align, Surface, room_for};
use super::theme::Theme;

/// Height of one bar with its distance to the next.
pub const ROW: f64 = 22.0;
/// Room for the scale under the bars.
const FOOT: f64 = 16.0;
const TEXT: f64 = 12.0;
const LABEL: f64 = 10.5;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Written on its left.
    pub name: String,
    /// Its length; zero and less show no bar.
    pub value: f64,
    /// Written on its right.
    pub text: String,
}

/// Height of a canvas with this many bars.
pub fn height(n_bars: usize) -> f64 {
    n_bars as f64 * ROW + FOOT
}

/// The log axis for these values: whole decades around them, at least three.
pub fn decades(values: impl Iterator<Item = f64>) -> Axis {
    let positive = values.filter(|value| value.is_finite() && *value > 0.0);
    let (low, high) = positive.fold((f64::INFINITY, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    if high == 0.0 {
        return Axis::log(1e-3, 1.0);
    }
    let mut top = high.log10().ceil();
    let bottom = low.log10().floor().min(top - 3.0);
    // Exactly a power of ten would fill the bar to the brim for a moment and then jump.
    if high >= 10f64.powf(top) {
        top += 1.0;
    }
    Axis::log(10f64.powf(bottom), 10f64.powf(top))
}

/// Draws the bars from the top of the surface down.
pub fn draw(surface: &Surface, theme: &Theme, bars: &[Bar], axis: &Axis) {
    let left = (room_for(bars.iter().map(|bar| bar.name.as_str()), TEXT) + 12.0).clamp(48.0, 120.0);
    let right = surface.width() - 72.0;
    let bottom = bars.len() as f64 * ROW;
    for &tick in &axis.ticks {
        let x = left + axis.position(tick) * (right - left);
        surface.upright(x, 2.0, bottom, theme.line);
        surface.text(&crate::format::tick(tick), x, bottom + FOOT / 2.0 + 1.0, LABEL, Align::Center, theme.ink_2);
    }
    for (idx, bar) in bars.iter().enumerate() {
        let middle = (idx as f64 + 0.5) * ROW;
        surface.text(&bar.name, 0.0, middle, TEXT, Align::Start, theme.ink);
        if bar.value > 0.0 {
            let length = axis.position(bar.value) * (right - left);
            surface.rect(left, middle - 4.0, length.max(1.0), 8.0, theme.ink_2);
        }
        surface.text(&bar.text, surface.width(), middle, TEXT, Align::End, theme.ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_whole_decades() {
        let ends = |values: &[f64]| {
            let axis = decades(values.iter().copied());
            (axis.ticks[0], axis.ticks[axis.ticks.len() - 1])
        };
        assert_eq!(ends(&[0.02, 0.5]), (1e-3, 1.0));
        assert_eq!(ends(&[]), (1e-3, 1.0));
        assert_eq!(ends(&[0.0, f64::NAN]), (1e-3, 1.0));
        assert_eq!(ends(&[1e-6, 30.0]), (1e-6, 100.0));
    }
}
