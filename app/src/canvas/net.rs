//! A small net as a drawing: a column for the features and one for each dense layer, a tile for each unit, a curve for each
//! weight. Only the geometry and the curves; what is on the tiles is [`plane`](super::plane)'s.

use super::surface::Surface;
use super::theme::Theme;

/// Largest side of a tile.
const LARGEST: f64 = 40.0;
/// Smallest side of a tile: still a picture, still a target for a finger with the gap around it.
const SMALLEST: f64 = 16.0;
/// Height that a column aims at, before its tiles shrink.
const HEIGHT: f64 = 360.0;
/// Distance between the tiles of a column.
const GAP: f64 = 6.0;
/// Share of a column's width that its tiles take; the curves have the rest.
const TILE_SHARE: f64 = 0.6;
/// How near a pointer must come to a curve.
const REACH: f64 = 5.0;
/// Places at which a curve is compared with the pointer.
const SAMPLES: usize = 24;
/// Room around the tiles, for the frame of a chosen one.
const MARGIN: f64 = 2.0;

/// Where everything is.
#[derive(Debug, Clone, PartialEq)]
pub struct NetPlan {
    /// Units of each column.
    pub counts: Vec<usize>,
    /// Side of a tile.
    pub tile: f64,
    width: f64,
    height: f64,
}

/// What lies under the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A unit.
    Unit {
        /// 0 is the features.
        column: usize,
        /// Index in the column.
        unit: usize,
    },
    /// The weight from a unit to one of the next column.
    Weight {
        /// Column of the receiving unit, from 1.
        column: usize,
        /// Index of the giving unit.
        input: usize,
        /// Index of the receiving unit.
        unit: usize,
    },
}

impl NetPlan {
    /// Lays out columns with these numbers of units in `width` pixels.
    pub fn new(counts: Vec<usize>, width: f64) -> NetPlan {
        let tallest = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
        let columns = counts.len().max(1) as f64;
        let by_width = width / (columns - 1.0 + TILE_SHARE).max(1.0) * TILE_SHARE;
        let by_height = HEIGHT / tallest - GAP;
        let tile = by_width.min(by_height).clamp(SMALLEST, LARGEST).floor();
        let height = tallest * (tile + GAP) - GAP + 2.0 * MARGIN;
        NetPlan { counts, tile, width, height }
    }

    /// Width and height on the page.
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// Left and top of a tile.
    pub fn corner(&self, column: usize, unit: usize) -> (f64, f64) {
        let gaps = self.counts.len().saturating_sub(1).max(1) as f64;
        let left = MARGIN + (self.width - self.tile - 2.0 * MARGIN) * column as f64 / gaps;
        let count = self.counts.get(column).copied().unwrap_or(1) as f64;
        let free = self.height - 2.0 * MARGIN - (count * (self.tile + GAP) - GAP);
        (left.floor(), (MARGIN + free / 2.0 + unit as f64 * (self.tile + GAP)).floor())
    }

    /// Ends of the curve of a weight: the right edge of one tile, the left edge of the other.
    fn ends(&self, column: usize, input: usize, unit: usize) -> ((f64, f64), (f64, f64)) {
        let (from, to) = (self.corner(column - 1, input), self.corner(column, unit));
        let half = self.tile / 2.0;
        ((from.0 + self.tile, from.1 + half), (to.0, to.1 + half))
    }

    /// What lies at this point: a tile first, else the nearest curve within reach.
    pub fn hit(&self, x: f64, y: f64) -> Option<Hit> {
        for (column, &count) in self.counts.iter().enumerate() {
            for unit in 0..count {
                let (left, top) = self.corner(column, unit);
                if (left..left + self.tile).contains(&x) && (top..top + self.tile).contains(&y) {
                    return Some(Hit::Unit { column, unit });
                }
            }
        }
        self.weights()
            .map(|hit| (self.distance(hit, x, y), hit))
            .filter(|(distance, _)| *distance <= REACH)
            .min_by(|one, other| one.0.total_cmp(&other.0))
            .map(|(_, hit)| hit)
    }

    /// Every weight, column by column, as the curves are drawn.
    pub fn weights(&self) -> impl Iterator<Item = Hit> + '_ {
        (1..self.counts.len()).flat_map(move |column| {
            (0..self.counts[column - 1])
                .flat_map(move |input| (0..self.counts[column]).map(move |unit| Hit::Weight { column, input, unit }))
        })
    }

    fn distance(&self, hit: Hit, x: f64, y: f64) -> f64 {
        let Hit::Weight { column, input, unit } = hit else { return f64::INFINITY };
        let (from, to) = self.ends(column, input, unit);
        if x < from.0 || x > to.0 {
            return f64::INFINITY;
        }
        (0..=SAMPLES)
            .map(|idx| {
                let (at_x, at_y) = on_curve(from, to, idx as f64 / SAMPLES as f64);
                (at_x - x).hypot(at_y - y)
            })
            .fold(f64::INFINITY, f64::min)
    }

    /// Draws the curve of one weight; `strength` from −1 to 1 decides color and thickness.
    pub fn draw_weight(&self, surface: &Surface, theme: &Theme, hit: Hit, strength: f32, is_chosen: bool) {
        let Hit::Weight { column, input, unit } = hit else { return };
        let ((x0, y0), (x1, y1)) = self.ends(column, input, unit);
        let context = surface.context();
        let sign = if strength < 0.0 { -1.0 } else { 1.0 };
        // Even a weight of nearly nothing is there to be pointed at.
        let color = if is_chosen { theme.ink } else { theme.line.mix(theme.diverging(sign), 0.35 + 0.65 * strength.abs()) };
        context.set_stroke_style_str(&color.css());
        context.set_line_width(0.75 + 3.25 * f64::from(strength.abs().min(1.0)) + if is_chosen { 1.0 } else { 0.0 });
        let middle = (x0 + x1) / 2.0;
        context.begin_path();
        context.move_to(x0, y0);
        context.bezier_curve_to(middle, y0, middle, y1, x1, y1);
        context.stroke();
    }
}

/// A point of the cubic Bézier curve that leaves and arrives level.
fn on_curve(from: (f64, f64), to: (f64, f64), t: f64) -> (f64, f64) {
    let middle = (from.0 + to.0) / 2.0;
    let mix = |a: f64, b: f64, c: f64, d: f64| {
        let s = 1.0 - t;
        s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
    };
    (mix(from.0, middle, middle, to.0), mix(from.1, from.1, to.1, to.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_net_of_the_playground_fits_a_phone() {
        for counts in [vec![2, 1], vec![2, 4, 2, 1], vec![7, 16, 16, 16, 16, 16, 16, 5]] {
            for width in [326.0, 640.0] {
                let plan = NetPlan::new(counts.clone(), width);
                for (column, &count) in counts.iter().enumerate() {
                    let (left, top) = plan.corner(column, 0);
                    let (_, bottom) = plan.corner(column, count - 1);
                    assert!(left >= 0.0 && left + plan.tile <= width && top >= 0.0, "{counts:?} {width}");
                    assert!(bottom + plan.tile <= plan.size().1);
                }
                // Columns do not touch: there is room for the curves.
                assert!(plan.corner(1, 0).0 - plan.corner(0, 0).0 >= plan.tile + 8.0, "{counts:?} {width}");
            }
        }
    }

    #[test]
    fn tiles_and_curves_are_found_where_they_are_drawn() {
        let plan = NetPlan::new(vec![2, 4, 2, 1], 500.0);
        for hit in plan.weights() {
            let Hit::Weight { column, input, unit } = hit else { unreachable!() };
            let (from, to) = plan.ends(column, input, unit);
            // Near its end a curve is alone.
            let (x, y) = on_curve(from, to, 0.02);
            assert!(matches!(plan.hit(x, y), Some(Hit::Weight { column: there, .. }) if there == column));
        }
        let (left, top) = plan.corner(1, 3);
        assert_eq!(plan.hit(left + 3.0, top + 3.0), Some(Hit::Unit { column: 1, unit: 3 }));
        assert_eq!(plan.hit(-10.0, 5.0), None);
        assert_eq!(plan.weights().count(), 2 * 4 + 4 * 2 + 2);
    }

    #[test]
    fn a_curve_begins_and_ends_at_its_tiles() {
        assert_eq!(on_curve((0.0, 1.0), (10.0, 5.0), 0.0), (0.0, 1.0));
        assert_eq!(on_curve((0.0, 1.0), (10.0, 5.0), 1.0), (10.0, 5.0));
        assert_eq!(on_curve((0.0, 1.0), (10.0, 5.0), 0.5), (5.0, 3.0));
    }
}
