//! A race of optimizers: overlaid curves with their names at the end, and paths over a picture of the ground.
//!
//! Racers are told apart by number, dashes and name; color only helps. The families share one: velocity blue, sizes teal, both
//! together magenta.

use super::chart::Plot;
use super::pixels::blit;
use super::scale::Axis;
use super::series::{Point, decimated};
use super::surface::{Align, Surface};
use super::theme::{Color, Theme};
use crate::format::tick;

/// Room right of the curves for their names.
const NAMES: f64 = 92.0;
/// Least distance between two names.
const NAME_STEP: f64 = 13.0;
/// Size of labels.
const LABEL: f64 = 10.5;
/// Radius of a number's disc.
const TAG: f64 = 8.0;
/// Bands of height: a border between two of them is a contour line.
const BANDS: f32 = 16.0;
/// Cells along each side of the picture of the ground.
pub const GROUND_SIDE: usize = 161;

/// How a racer's line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Custom property of the style sheet with its color.
    pub property: &'static str,
    /// Which class color that is; none for ink.
    class: Option<usize>,
    /// Lengths of dashes and gaps; nothing for a solid line.
    pub dashes: &'static [f64],
}

/// A look for each row of the optimizers' table.
pub const LOOKS: [Look; 7] = [
    Look { property: "--ink", class: None, dashes: &[] },
    Look { property: "--class-1", class: Some(1), dashes: &[7.0, 3.0] },
    Look { property: "--class-1", class: Some(1), dashes: &[2.0, 3.0] },
    Look { property: "--class-2", class: Some(2), dashes: &[7.0, 3.0] },
    Look { property: "--class-2", class: Some(2), dashes: &[2.0, 3.0] },
    Look { property: "--class-3", class: Some(3), dashes: &[] },
    Look { property: "--class-3", class: Some(3), dashes: &[7.0, 3.0, 2.0, 3.0] },
];

impl Look {
    fn color(&self, theme: &Theme) -> Color {
        self.class.map_or(theme.ink, |class| theme.class(class))
    }
}

/// One racer's curve or path.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// Row of the optimizers' table: its look, and its number less one.
    pub row: usize,
    /// Its name.
    pub name: &'a str,
    /// Steps and losses, or places on the ground.
    pub points: &'a [Point],
}

/// What the paths lead over.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    /// Lowest and highest x, lowest and highest y.
    pub view: [f64; 4],
    /// How high each cell lies between the lowest and the highest, `[GROUND_SIDE, GROUND_SIDE]`, top row first; `NaN` where there
    /// is no height.
    pub levels: Vec<f32>,
    /// Places to mark with a cross.
    pub minima: Vec<Point>,
}

/// Draws the curves of all racers; losses on `axis`, steps from 0 to `x_high`.
pub fn draw_curves(surface: &Surface, theme: &Theme, lines: &[Line<'_>], axis: &Axis, x_high: f64) {
    let plot = Plot::within((surface.width() - NAMES).max(80.0), surface.height());
    let down = |value: f64| plot.y.end - axis.position(value) * (plot.y.end - plot.y.start);
    let across = |step: f64| plot.x.start + (step / x_high).clamp(0.0, 1.0) * (plot.x.end - plot.x.start);
    for &at in &axis.ticks {
        surface.hairline(plot.x.start, plot.x.end, down(at), theme.line);
        surface.text(&tick(at), plot.x.start - 6.0, down(at), LABEL, Align::End, theme.ink_2);
    }
    let foot = surface.height() - LABEL;
    surface.text("0", plot.x.start, foot, LABEL, Align::Start, theme.ink_2);
    surface.text(&format!("step {x_high}"), plot.x.end, foot, LABEL, Align::End, theme.ink_2);
    let columns = ((plot.x.end - plot.x.start) * surface.density()) as usize;
    let mut ends = Vec::new();
    for line in lines {
        let points = decimated(line.points, x_high, columns.max(1));
        let places: Vec<Point> = points.iter().map(|&(step, loss)| (across(step), down(loss))).collect();
        stroke(surface, theme, line.row, &places);
        if let Some(&(_, y)) = places.last() {
            ends.push((y, line));
        }
    }
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let heights = spread_apart(&ends.iter().map(|end| end.0).collect::<Vec<_>>(), plot.y.end);
    for ((_, line), y) in ends.iter().zip(heights) {
        let left = plot.x.end + 6.0;
        stroke(surface, theme, line.row, &[(left, y), (left + 14.0, y)]);
        surface.text(&format!("{} {}", line.row + 1, line.name), left + 18.0, y, LABEL, Align::Start, theme.ink);
    }
}

/// Draws the ground with its minima and everybody's path, a number at the end of each.
pub fn draw_map(surface: &Surface, theme: &Theme, ground: &Ground, paths: &[Line<'_>], start: Point) {
    draw_ground(surface, theme, &ground.levels);
    let [left, right, low, high] = ground.view;
    let (width, height) = (surface.width(), surface.height());
    let place = |(x, y): Point| ((x - left) / (right - left) * width, (high - y) / (high - low) * height);
    for &minimum in &ground.minima {
        cross(surface, theme, place(minimum));
    }
    let mut taken = vec![place(start)];
    let mut tags = Vec::new();
    for path in paths {
        // Who has left the picture stays at its edge, and never so far out that a canvas cannot say it.
        let places: Vec<Point> = path
            .points
            .iter()
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .map(|&point| place(point))
            .map(|(x, y)| (x.clamp(-width, 2.0 * width), y.clamp(-height, 2.0 * height)))
            .collect();
        stroke(surface, theme, path.row, &places);
        if let Some(&(x, y)) = places.last() {
            let end = (x.clamp(0.0, width), y.clamp(0.0, height));
            let tag = free_place(end, &taken, (width, height));
            taken.push(tag);
            tags.push((path.row, end, tag));
        }
    }
    let (x, y) = place(start);
    surface.dot(x, y, 5.0, theme.ink);
    surface.dot(x, y, 3.0, theme.panel);
    for (row, (x, y), (tag_x, tag_y)) in tags {
        let color = LOOKS[row % LOOKS.len()].color(theme);
        let context = surface.context();
        context.set_stroke_style_str(&color.css());
        context.set_line_width(1.0);
        context.begin_path();
        context.move_to(x, y);
        context.line_to(tag_x, tag_y);
        context.stroke();
        surface.dot(x, y, 3.0, color);
        surface.dot(tag_x, tag_y, TAG, color);
        surface.dot(tag_x, tag_y, TAG - 1.5, theme.panel);
        surface.text(&(row + 1).to_string(), tag_x, tag_y + 0.5, LABEL, Align::Center, theme.ink);
    }
}

fn draw_ground(surface: &Surface, theme: &Theme, levels: &[f32]) {
    let side = GROUND_SIDE;
    if levels.len() != side * side {
        return;
    }
    let mut pixels = Vec::with_capacity(4 * levels.len());
    for &level in levels {
        let share = if level.is_nan() { 1.0 } else { (level * BANDS).floor() / BANDS };
        pixels.extend_from_slice(&theme.panel.mix(theme.ink_2, 0.6 * share).rgb);
        pixels.push(255);
    }
    let (width, height) = (surface.width(), surface.height());
    blit(surface, &pixels, (side, side), true, |context, sheet| {
        let _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(sheet, 0.0, 0.0, width, height);
    });
}

fn cross(surface: &Surface, theme: &Theme, (x, y): Point) {
    let context = surface.context();
    context.set_stroke_style_str(&theme.ink.css());
    context.set_line_width(1.5);
    context.begin_path();
    for (dx, dy) in [(4.0, 4.0), (4.0, -4.0)] {
        context.move_to(x - dx, y - dy);
        context.line_to(x + dx, y + dy);
    }
    context.stroke();
}

fn stroke(surface: &Surface, theme: &Theme, row: usize, places: &[Point]) {
    let look = LOOKS[row % LOOKS.len()];
    let context = surface.context();
    context.save();
    context.set_stroke_style_str(&look.color(theme).css());
    context.set_line_width(1.75);
    context.set_line_join("round");
    let dashes: js_sys::Array = look.dashes.iter().map(|&length| wasm_bindgen::JsValue::from(length)).collect();
    // Best effort: an undashed line still has its number and its name.
    let _ = context.set_line_dash(&dashes);
    context.begin_path();
    for (idx, &(x, y)) in places.iter().enumerate() {
        if idx == 0 { context.move_to(x, y) } else { context.line_to(x, y) }
    }
    context.stroke();
    context.restore();
}

/// Heights in rising order, moved so that names do not cover each other and none lies below `lowest`.
///
/// ```
/// use descent_app::canvas::contest::spread_apart;
/// assert_eq!(spread_apart(&[10.0, 11.0, 90.0], 100.0), [10.0, 23.0, 90.0]);
/// assert_eq!(spread_apart(&[99.0, 100.0], 100.0), [87.0, 100.0]);
/// ```
pub fn spread_apart(heights: &[f64], lowest: f64) -> Vec<f64> {
    let mut out = heights.to_vec();
    for idx in 1..out.len() {
        out[idx] = out[idx].max(out[idx - 1] + NAME_STEP);
    }
    let mut limit = lowest;
    for height in out.iter_mut().rev() {
        *height = height.min(limit);
        limit = *height - NAME_STEP;
    }
    out
}

/// A place for a number beside `end` that covers no other.
fn free_place((x, y): Point, taken: &[Point], (width, height): (f64, f64)) -> Point {
    let is_free = |&(tag_x, tag_y): &Point| {
        let is_inside = (TAG..=width - TAG).contains(&tag_x) && (TAG..=height - TAG).contains(&tag_y);
        is_inside && taken.iter().all(|&(other_x, other_y)| (tag_x - other_x).hypot(tag_y - other_y) > 2.0 * TAG + 1.0)
    };
    let around = |nth: u32| {
        let (ring, turn) = (f64::from(nth / 8 + 1), f64::from(nth % 8) * std::f64::consts::FRAC_PI_4);
        (x + 18.0 * ring * turn.cos(), y - 18.0 * ring * turn.sin())
    };
    (0..32).map(around).find(is_free).unwrap_or((x, y))
}

/// How high each cell of the picture lies, from 0 to 1, by the logarithm of what it is above the lowest: heights of a square grid
/// `[side, side]`, read between its points.
///
/// ```
/// use descent_app::canvas::contest::{GROUND_SIDE, levels};
/// let levels = levels(&[0.0, 1.0, 1.0, 100.0], 2);
/// assert_eq!((levels[0], levels[GROUND_SIDE * GROUND_SIDE - 1]), (0.0, 1.0));
/// ```
pub fn levels(heights: &[f32], side: usize) -> Vec<f32> {
    if side < 2 || heights.len() != side * side {
        return Vec::new();
    }
    let finite = heights.iter().copied().filter(|height| height.is_finite());
    let (low, high) = finite.fold((f32::MAX, f32::MIN), |(low, high), height| (low.min(height), high.max(height)));
    let span = (high - low).max(f32::MIN_POSITIVE);
    // Four decades below the highest, all is one ground.
    let share = |height: f32| (((height - low) / span * 1e4 + 1.0).ln() / (1e4_f32 + 1.0).ln()).clamp(0.0, 1.0);
    let last = (GROUND_SIDE - 1) as f32;
    let at = |row: usize, column: usize| {
        let (y, x) = (row as f32 / last * (side - 1) as f32, column as f32 / last * (side - 1) as f32);
        let (top, left) = ((y as usize).min(side - 2), (x as usize).min(side - 2));
        let (down, right) = (y - top as f32, x - left as f32);
        let cell = |row: usize, column: usize| share(heights[row * side + column]);
        let upper = cell(top, left) * (1.0 - right) + cell(top, left + 1) * right;
        let lower = cell(top + 1, left) * (1.0 - right) + cell(top + 1, left + 1) * right;
        upper * (1.0 - down) + lower * down
    };
    (0..GROUND_SIDE)
        .flat_map(|row| (0..GROUND_SIDE).map(move |column| (row, column)))
        .map(|(row, column)| at(row, column))
        .collect()
}
