//! The plane as a picture: what a unit or the whole net says at every point, and the examples on it.

use super::pixels::blit;
use super::surface::Surface;
use super::theme::{Color, Theme};
use descent_spec::plane::PLANE_EXTENT;

/// Radius of an example's mark.
const MARK: f64 = 3.25;

/// A square of the surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    /// Its left edge.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its side.
    pub side: f64,
}

impl Square {
    /// Where a point of the plane lies on it.
    pub fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |value: f64| (value + PLANE_EXTENT) / (2.0 * PLANE_EXTENT);
        (self.left + share(x) * self.side, self.top + (1.0 - share(y)) * self.side)
    }

    /// The point of the plane at a place on it.
    pub fn point(&self, across: f64, down: f64) -> (f64, f64) {
        let value = |share: f64| share.clamp(0.0, 1.0) * 2.0 * PLANE_EXTENT - PLANE_EXTENT;
        (value((across - self.left) / self.side), value(1.0 - (down - self.top) / self.side))
    }
}

/// Index of the grid's value nearest to a point, for a grid from corner to corner.
///
/// ```
/// use descent_app::canvas::plane::nearest;
/// assert_eq!(nearest(3, -1.2, 1.2), 0);
/// assert_eq!(nearest(3, 0.0, 0.1), 4);
/// assert_eq!(nearest(3, 1.2, -1.2), 8);
/// ```
pub fn nearest(side: usize, x: f64, y: f64) -> usize {
    let last = side.saturating_sub(1) as f64;
    let idx = |value: f64| (((value + PLANE_EXTENT) / (2.0 * PLANE_EXTENT)).clamp(0.0, 1.0) * last).round() as usize;
    idx(-y) * side + idx(x)
}

/// Draws grids of colors, one over each square. `colors` holds `side²` of them for each square, one square after the other.
pub fn draw_fields(surface: &Surface, colors: impl Iterator<Item = Color>, side: usize, squares: &[Square]) {
    let mut pixels = Vec::with_capacity(4 * side * side * squares.len());
    for color in colors.take(side * side * squares.len()) {
        pixels.extend_from_slice(&color.rgb);
        pixels.push(255);
    }
    if side == 0 || squares.is_empty() || pixels.len() < 4 * side * side * squares.len() {
        return;
    }
    // The values lie on the corners of the grid: half a pixel of the sheet is left out at each edge, so that a border between
    // classes stands where the net draws it.
    blit(surface, &pixels, (side, side * squares.len()), true, |context, sheet| {
        for (idx, square) in squares.iter().enumerate() {
            let _ = context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                sheet,
                0.5,
                (idx * side) as f64 + 0.5,
                side as f64 - 1.0,
                side as f64 - 1.0,
                square.left,
                square.top,
                square.side,
                square.side,
            );
        }
    });
}

/// An example on the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Where.
    pub at: (f64, f64),
    /// Index of its shape: its class.
    pub shape: usize,
    /// Its color.
    pub color: Color,
    /// Filled (training) or only outlined (held out).
    pub is_filled: bool,
}

/// Draws an example: filled in its color, or, held out, hollow.
pub fn draw_mark(surface: &Surface, theme: &Theme, mark: Mark) {
    let context = surface.context();
    let (x, y) = mark.at;
    outline(surface, mark.shape, x, y, MARK);
    context.set_line_join("round");
    // Darker than the ground of its own class, or it would vanish there.
    let color = mark.color.mix(theme.ink, 0.3);
    let (fill, rim) = if mark.is_filled { (color, theme.paper) } else { (theme.paper, color) };
    context.set_fill_style_str(&fill.css());
    context.fill();
    context.set_stroke_style_str(&rim.css());
    context.set_line_width(1.0);
    context.stroke();
}

/// Classes differ in shape as well as in color: disc, square, triangle, diamond, star.
fn outline(surface: &Surface, shape: usize, x: f64, y: f64, radius: f64) {
    let context = surface.context();
    context.begin_path();
    let corners: &[(f64, f64)] = match shape {
        0 => {
            let _ = context.arc(x, y, radius, 0.0, std::f64::consts::TAU);
            return;
        }
        1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        2 => &[(0.0, -1.2), (1.1, 0.85), (-1.1, 0.85)],
        3 => &[(0.0, -1.3), (1.1, 0.0), (0.0, 1.3), (-1.1, 0.0)],
        _ => &[(0.0, -1.4), (0.4, -0.4), (1.4, 0.0), (0.4, 0.4), (0.0, 1.4), (-0.4, 0.4), (-1.4, 0.0), (-0.4, -0.4)],
    };
    for (idx, (dx, dy)) in corners.iter().enumerate() {
        let (x, y) = (x + dx * radius, y + dy * radius);
        if idx == 0 { context.move_to(x, y) } else { context.line_to(x, y) }
    }
    context.close_path();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_points_are_each_others_inverse() {
        let square = Square { left: 10.0, top: 20.0, side: 240.0 };
        assert_eq!(square.place(-PLANE_EXTENT, PLANE_EXTENT), (10.0, 20.0));
        assert_eq!(square.place(0.0, 0.0), (130.0, 140.0));
        let (x, y) = square.point(190.0, 80.0);
        assert!((x - 0.6).abs() < 1e-12 && (y - 0.6).abs() < 1e-12);
        assert_eq!(square.point(-99.0, 999.0), (-PLANE_EXTENT, -PLANE_EXTENT));
    }
}
