//! A series with what is foretold of it, and below it how far off that is.

use super::scale::Axis;
use super::series::{Point, decimated};
use super::surface::{Align, Surface, room_for};
use super::theme::{Color, Theme};
use std::ops::Range;

/// Room left of the plot for labels.
const GUTTER: f64 = 42.0;
/// Room under the plot for labels.
const FOOT: f64 = 18.0;
/// Room above the plot for the names of the parts.
const HEAD: f64 = 18.0;
/// Size of labels.
const LABEL: f64 = 10.5;
/// How far outside of the truth's range a forecast may widen the axis, as a share of that range.
const MOST_OUTSIDE: f64 = 0.5;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pen {
    /// What was measured.
    Truth,
    /// The net's forecasts.
    Model,
    /// The last value of each window.
    LastValue,
    /// The mean of each window.
    MovingAverage,
    /// The linear baseline.
    Linear,
}

/// Values one after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// Time of the first.
    pub from: usize,
    /// One for each time.
    pub values: &'a [f32],
    /// How it is drawn.
    pub pen: Pen,
}

/// Everything on the chart.
#[derive(Debug, Clone)]
pub struct Outlook<'a> {
    /// Drawn in this order, the last on top.
    pub lines: Vec<Line<'a>>,
    /// The times shown.
    pub shown: Range<usize>,
    /// Parts of the time with their names.
    pub periods: [(&'static str, Range<usize>); 3],
    /// Written at the left and at the right end.
    pub ends: (&'a str, &'a str),
    /// The time that is being read, with its date.
    pub cursor: Option<(usize, &'a str)>,
}

impl Pen {
    fn look(self, theme: &Theme) -> (Color, f64, &'static [f64]) {
        match self {
            Pen::Truth => (theme.ink, 1.25, &[]),
            Pen::Model => (theme.positive, 1.75, &[]),
            Pen::LastValue => (theme.ink_2, 1.0, &[1.5, 2.5]),
            Pen::MovingAverage => (theme.ink_2, 1.0, &[5.0, 3.0]),
            Pen::Linear => (theme.ink_2, 1.0, &[7.0, 2.5, 1.5, 2.5]),
        }
    }
}

/// The time under a place on a canvas of this width.
pub fn time_at(x: f64, width: f64, shown: &Range<usize>) -> usize {
    let right = (width - 3.0).max(GUTTER + 1.0);
    let share = ((x - GUTTER) / (right - GUTTER)).clamp(0.0, 1.0);
    shown.start + (share * shown.len().saturating_sub(1) as f64).round() as usize
}

fn across(time: usize, width: f64, shown: &Range<usize>) -> f64 {
    let right = (width - 3.0).max(GUTTER + 1.0);
    let share = (time as f64 - shown.start as f64) / shown.len().saturating_sub(1).max(1) as f64;
    GUTTER + share.clamp(0.0, 1.0) * (right - GUTTER)
}

impl Outlook<'_> {
    /// Draws the chart over the whole surface.
    pub fn draw(&self, surface: &Surface, theme: &Theme) {
        let (width, top, bottom) = (surface.width(), HEAD, (surface.height() - FOOT).max(HEAD + 1.0));
        let axis = self.axis();
        let down = |value: f64| bottom - axis.position(value) * (bottom - top);
        let right = across(self.shown.end.saturating_sub(1), width, &self.shown);
        for &tick in &axis.ticks {
            surface.hairline(GUTTER, right, down(tick), theme.line);
            surface.text(&crate::format::tick(tick), GUTTER - 6.0, down(tick), LABEL, Align::End, theme.ink_2);
        }
        for (name, period) in &self.periods {
            let (from, to) = (period.start.max(self.shown.start), period.end.min(self.shown.end));
            if from >= to {
                continue;
            }
            let (left, end) = (across(from, width, &self.shown), across(to, width, &self.shown));
            surface.upright(left, 2.0, bottom, theme.ink_2);
            if room_for([*name], LABEL) + 8.0 < end - left {
                surface.text(name, left + 5.0, HEAD / 2.0, LABEL, Align::Start, theme.ink_2);
            }
        }
        for line in &self.lines {
            let place = |point: &Point| (across(self.shown.start + point.0 as usize, width, &self.shown), down(point.1));
            let points: Vec<(f64, f64)> = self.thinned(line, right - GUTTER, surface.density()).iter().map(place).collect();
            let (color, thickness, dashes) = line.pen.look(theme);
            stroke(surface, &points, color, thickness, dashes);
        }
        let foot = bottom + FOOT / 2.0 + 2.0;
        let Some((time, date)) = self.cursor else {
            surface.text(self.ends.0, GUTTER, foot, LABEL, Align::Start, theme.ink_2);
            surface.text(self.ends.1, right, foot, LABEL, Align::End, theme.ink_2);
            return;
        };
        let x = across(time, width, &self.shown);
        surface.upright(x, top, bottom, theme.ink_2);
        let half = room_for([date], LABEL) / 2.0;
        surface.text(date, x.clamp(GUTTER + half, (right - half).max(GUTTER + half)), foot, LABEL, Align::Center, theme.ink);
        for line in self.lines.iter().filter(|line| matches!(line.pen, Pen::Truth | Pen::Model)) {
            if let Some(value) = time.checked_sub(line.from).and_then(|idx| line.values.get(idx)).filter(|it| it.is_finite()) {
                surface.dot(x, down(f64::from(*value)), 3.0, line.pen.look(theme).0);
            }
        }
    }

    /// Around the truth, and around forecasts as far as they do not leave it far behind: an untrained net flattens nothing.
    fn axis(&self) -> Axis {
        let extent = |is: fn(Pen) -> bool| {
            let shown = self.lines.iter().filter(|line| is(line.pen)).flat_map(|line| self.visible(line)).map(|point| point.1);
            shown
                .filter(|it| it.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)))
        };
        let (low, high) = extent(|pen| pen == Pen::Truth);
        let all = extent(|_| true);
        let margin = MOST_OUTSIDE * (high - low).max(0.0);
        Axis::between(all.0.max(low - margin).min(low), all.1.min(high + margin).max(high))
    }

    /// The points of a line within the times shown, counted from the first of these.
    fn visible(&self, line: &Line<'_>) -> impl Iterator<Item = Point> {
        let (from, values) = (line.from, line.values.to_vec());
        let shown = self.shown.clone();
        (from..).zip(values).filter(move |(time, _)| shown.contains(time)).map({
            let start = self.shown.start;
            move |(time, value)| ((time - start) as f64, f64::from(value))
        })
    }

    fn thinned(&self, line: &Line<'_>, width: f64, density: f64) -> Vec<Point> {
        let points: Vec<Point> = self.visible(line).collect();
        let columns = (width * density).max(1.0) as usize;
        if points.len() <= 2 * columns { points } else { decimated(&points, self.shown.len() as f64, columns) }
    }
}

/// Draws residuals, truth less forecast: a bar up where the truth was higher, down where it was lower.
pub fn residuals(surface: &Surface, theme: &Theme, residuals: &[(usize, f64)], shown: &Range<usize>, cursor: Option<usize>) {
    let (width, height) = (surface.width(), surface.height());
    let visible = || residuals.iter().filter(|(time, value)| shown.contains(time) && value.is_finite());
    let most = visible().map(|(_, value)| value.abs()).fold(0.0, f64::max);
    let axis = Axis::linear(most);
    let high = axis.ticks.last().copied().unwrap_or(1.0);
    let (top, bottom) = (7.0, height - 7.0);
    let middle = (top + bottom) / 2.0;
    let tall = |value: f64| (value / high) * (bottom - top) / 2.0;
    let right = across(shown.end.saturating_sub(1), width, shown);
    for (tick, at) in [(high, top), (0.0, middle), (-high, bottom)] {
        surface.hairline(GUTTER, right, at, theme.line);
        surface.text(&crate::format::tick(tick), GUTTER - 6.0, at, LABEL, Align::End, theme.ink_2);
    }
    let thick = ((right - GUTTER) / shown.len().max(1) as f64 - 1.0).clamp(1.0 / surface.density(), 6.0);
    for &(time, value) in visible() {
        let (x, length) = (across(time, width, shown), tall(value));
        let color = if value >= 0.0 { theme.positive } else { theme.negative };
        surface.rect(x - thick / 2.0, middle - length.max(0.0), thick, length.abs(), color);
    }
    if let Some(time) = cursor {
        surface.upright(across(time, width, shown), 2.0, height - 2.0, theme.ink_2);
    }
}

/// A line through these places.
pub(super) fn stroke(surface: &Surface, points: &[(f64, f64)], color: Color, width: f64, dashes: &[f64]) {
    let context = surface.context();
    context.save();
    let pattern = js_sys::Array::new();
    for &dash in dashes {
        pattern.push(&dash.into());
    }
    // A browser that knows no dashes draws the line all the same.
    let _ = context.set_line_dash(&pattern);
    context.set_stroke_style_str(&color.css());
    context.set_line_join("round");
    context.set_line_width(width);
    context.begin_path();
    for &(x, y) in points {
        // The first of them begins the path.
        context.line_to(x, y);
    }
    context.stroke();
    context.restore();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_times_agree() {
        let shown = 100..200;
        for time in [100, 137, 199] {
            assert_eq!(time_at(across(time, 360.0, &shown), 360.0, &shown), time);
        }
        assert_eq!((time_at(-9.0, 360.0, &shown), time_at(999.0, 360.0, &shown)), (100, 199));
        assert_eq!(time_at(50.0, 360.0, &(5..6)), 5);
    }

    #[test]
    fn a_wild_forecast_does_not_flatten_the_truth() {
        let (truth, wild) = ([10.0, 20.0, 15.0], [15.0, 900.0, f32::NAN]);
        let outlook = Outlook {
            lines: vec![Line { from: 0, values: &truth, pen: Pen::Truth }, Line { from: 0, values: &wild, pen: Pen::Model }],
            shown: 0..3,
            periods: [("train", 0..1), ("validation", 1..2), ("test", 2..3)],
            ends: ("", ""),
            cursor: None,
        };
        let axis = outlook.axis();
        assert!(axis.ticks[axis.ticks.len() - 1] <= 30.0, "{axis:?}");
        assert_eq!(outlook.thinned(&outlook.lines[1], 100.0, 1.0).len(), 3);
    }
}
