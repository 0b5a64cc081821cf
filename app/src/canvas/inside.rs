//! Within a recurrent layer: gates and states as a heat map over time, and the loss's gradient by time step.

use super::forecast::stroke;
use super::pixels::strongest;
use super::scale::Axis;
use super::surface::{Align, Surface};
use super::theme::{Color, Theme};

/// Room left of the map for the names of the parts.
const GUTTER: f64 = 66.0;
/// Room under a picture for the steps.
const FOOT: f64 = 18.0;
/// Distance between two parts.
const GAP: f64 = 5.0;
/// Height that a part aims at.
const BAND: f64 = 56.0;
/// Most units that are drawn: more would be thinner than a pixel.
pub const MOST_UNITS: usize = 56;
const LABEL: f64 = 10.5;
/// Gradients below this share of the last step's lie on the edge of their picture.
const LEAST: f64 = 1e-8;

/// One part of a layer: values of all steps and units, `[steps, units]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part<'a> {
    /// What it is.
    pub name: &'a str,
    /// Its values.
    pub values: &'a [f32],
}

/// A place on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which part.
    pub part: usize,
    /// Which step, from 0.
    pub step: usize,
    /// Which unit.
    pub unit: usize,
}

/// All parts below each other, each a band with one row for each unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    n_parts: usize,
    n_steps: usize,
    n_rows: usize,
}

impl Map {
    /// A map of so many parts, steps and units.
    pub fn new(n_parts: usize, n_steps: usize, n_units: usize) -> Map {
        Map { n_parts, n_steps, n_rows: n_units.clamp(1, MOST_UNITS) }
    }

    fn row(&self) -> f64 {
        (BAND / self.n_rows as f64).floor().clamp(1.0, 14.0)
    }

    fn band(&self) -> f64 {
        self.row() * self.n_rows as f64
    }

    /// Its height on the page.
    pub fn height(&self) -> f64 {
        self.n_parts as f64 * (self.band() + GAP) + FOOT
    }

    fn column(&self, width: f64) -> f64 {
        (width - GUTTER).max(1.0) / self.n_steps.max(1) as f64
    }

    /// What lies under a point of a canvas of this width.
    pub fn place_at(&self, x: f64, y: f64, width: f64) -> Option<Place> {
        let step = (x - GUTTER) / self.column(width);
        let part = (y / (self.band() + GAP)).floor();
        let unit = (y - part * (self.band() + GAP)) / self.row();
        let is_inside = (0.0..self.n_steps as f64).contains(&step)
            && (0.0..self.n_parts as f64).contains(&part)
            && (0.0..self.n_rows as f64).contains(&unit);
        is_inside.then_some(Place { part: part as usize, step: step as usize, unit: unit as usize })
    }

    /// Draws the map; `marked` has a frame.
    pub fn draw(&self, surface: &Surface, theme: &Theme, parts: &[Part<'_>], n_units: usize, marked: Option<Place>) {
        let column = self.column(surface.width());
        let left = |step: usize| surface.snap(GUTTER + step as f64 * column);
        for (idx, part) in parts.iter().enumerate() {
            let top = idx as f64 * (self.band() + GAP);
            // Gates, candidates and hidden states lie within ±1; what a cell holds has no bounds.
            let most = strongest(part.values).max(1.0);
            surface.text(part.name, GUTTER - 6.0, top + self.band() / 2.0, LABEL, Align::End, theme.ink_2);
            for step in 0..self.n_steps {
                for unit in 0..self.n_rows.min(n_units) {
                    let Some(value) = part.values.get(step * n_units + unit) else { continue };
                    let color = theme.diverging(value / most);
                    surface.rect(left(step), top + unit as f64 * self.row(), left(step + 1) - left(step), self.row(), color);
                }
            }
        }
        let foot = self.height() - FOOT / 2.0;
        surface.text("1", GUTTER, foot, LABEL, Align::Start, theme.ink_2);
        surface.text(&format!("step {}", self.n_steps), surface.width() - 2.0, foot, LABEL, Align::End, theme.ink_2);
        if let Some(Place { part, step, unit }) = marked {
            let top = part as f64 * (self.band() + GAP) + unit as f64 * self.row();
            let (width, height) = (left(step + 1) - left(step), self.row());
            surface.frame(left(step) - 1.0, top - 1.0, width + 2.0, height + 2.0, theme.ink, 1.5);
        }
    }
}

/// Lengths of a gradient by step, as shares of that at the last step.
#[derive(Debug, Clone, PartialEq)]
pub struct Road {
    /// One for each step.
    pub shares: Vec<f64>,
    /// Which of the page's colors for classes; none is ink.
    pub color: Option<usize>,
    /// Whether it is dashed.
    pub is_dashed: bool,
}

/// The log axis for these shares: from the least, but not below [`LEAST`], to the most.
pub fn axis_of(roads: &[Road]) -> Axis {
    let shares = || roads.iter().flat_map(|road| &road.shares).copied().filter(|it| it.is_finite() && *it > 0.0);
    let (low, high) = shares().fold((0.1, 1.0f64), |(low, high), it| (f64::min(low, it), high.max(it)));
    Axis::log(low.max(LEAST), high)
}

/// Draws gradients by time step on a log scale, the first step on the left.
pub fn gradients(surface: &Surface, theme: &Theme, roads: &[Road], cursor: Option<usize>) {
    let axis = axis_of(roads);
    let (left, right) = (GUTTER - 18.0, surface.width() - 4.0);
    let (top, bottom) = (8.0, surface.height() - FOOT);
    let n_steps = roads.iter().map(|road| road.shares.len()).max().unwrap_or(1);
    let across = |step: usize| left + step as f64 / n_steps.saturating_sub(1).max(1) as f64 * (right - left);
    let down = |share: f64| bottom - axis.position(share) * (bottom - top);
    for &tick in &axis.ticks {
        surface.hairline(left, right, down(tick), theme.line);
        surface.text(&crate::format::tick(tick), left - 6.0, down(tick), LABEL, Align::End, theme.ink_2);
    }
    let foot = bottom + FOOT / 2.0 + 2.0;
    surface.text("step 1", left, foot, LABEL, Align::Start, theme.ink_2);
    surface.text(&format!("step {n_steps}"), right, foot, LABEL, Align::End, theme.ink_2);
    for road in roads {
        let points: Vec<(f64, f64)> = road.shares.iter().enumerate().map(|(step, &share)| (across(step), down(share))).collect();
        let color: Color = road.color.map_or(theme.ink, |class| theme.class(class));
        let dashes: &[f64] = if road.is_dashed { &[5.0, 3.0] } else { &[] };
        stroke(surface, &points, color, if road.color.is_none() { 2.25 } else { 1.5 }, dashes);
    }
    if let Some(step) = cursor {
        surface.upright(across(step), top, bottom, theme.ink_2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found() {
        let map = Map::new(6, 30, 16);
        // Rows of 3 pixels, bands of 48.
        assert_eq!(map.height(), 6.0 * 53.0 + 18.0);
        let width = GUTTER + 300.0;
        assert_eq!(map.place_at(GUTTER + 15.0, 53.0 + 4.0, width), Some(Place { part: 1, step: 1, unit: 1 }));
        assert_eq!(map.place_at(GUTTER + 15.0, 50.0, width), None, "between two parts");
        assert_eq!(map.place_at(GUTTER - 1.0, 4.0, width), None);
        assert_eq!(map.place_at(GUTTER + 15.0, 6.0 * 53.0 + 1.0, width), None);
        assert!(Map::new(6, 60, 1024).height() < 400.0);
    }

    #[test]
    fn vanished_gradients_lie_on_the_edge() {
        let road = |shares: &[f64]| Road { shares: shares.to_vec(), color: None, is_dashed: false };
        let axis = axis_of(&[road(&[1e-20, 0.5, 1.0]), road(&[f64::NAN, 0.0, 1.0])]);
        assert_eq!((axis.ticks[0], axis.position(1e-20)), (LEAST, 0.0));
        assert_eq!(axis_of(&[]).ticks[0], 0.1);
    }
}
