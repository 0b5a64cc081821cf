//! The confusion matrix: rows are the truth, columns the network's answers, numbers in the cells.

use super::surface::{Align, Surface, room_for};
use super::theme::Theme;

/// Least room left of and above the cells for class names: enough for one or two characters.
const GUTTER: f64 = 18.0;
/// Distance of a class name from its cells.
const MARGIN: f64 = 8.0;
/// Height of a row.
const ROW: f64 = 22.0;
const TEXT: f64 = 10.5;

/// Counts by truth and answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matrix<'a> {
    /// `counts[truth * n + answer]`.
    pub counts: &'a [u32],
    /// Names of the classes.
    pub classes: &'a [&'a str],
}

/// A cell: truth and answer.
pub type Cell = (usize, usize);

impl Matrix<'_> {
    /// Number of classes.
    pub fn n(&self) -> usize {
        self.classes.len()
    }

    /// Height of the canvas.
    pub fn height(&self) -> f64 {
        self.gutter() + self.n() as f64 * ROW
    }

    /// Room left of and above the cells.
    fn gutter(&self) -> f64 {
        (room_for(self.classes.iter().copied(), TEXT) + MARGIN).max(GUTTER)
    }

    /// How many examples are in a cell.
    pub fn count(&self, (truth, answer): Cell) -> u32 {
        self.counts.get(truth * self.n() + answer).copied().unwrap_or(0)
    }

    /// How many examples there are of a class.
    pub fn n_of(&self, truth: usize) -> u32 {
        (0..self.n()).map(|answer| self.count((truth, answer))).sum()
    }

    /// The cell under a point of a canvas of this width.
    pub fn cell_at(&self, x: f64, y: f64, width: f64) -> Option<Cell> {
        let column = (x - self.gutter()) / self.cell_width(width);
        let row = (y - self.gutter()) / ROW;
        let n = self.n() as f64;
        ((0.0..n).contains(&column) && (0.0..n).contains(&row)).then_some((row as usize, column as usize))
    }

    fn cell_width(&self, width: f64) -> f64 {
        (width - self.gutter()) / self.n().max(1) as f64
    }

    /// Strength of a cell's color in `[0, 1]`: right answers against all of their class, wrong ones against the most frequent
    /// confusion (by square root, so that rare ones show).
    fn strength(&self, cell: Cell, worst: u32) -> f32 {
        let count = self.count(cell) as f32;
        if cell.0 == cell.1 {
            // All right is not painted in full: the number stays readable.
            0.75 * count / self.n_of(cell.0).max(1) as f32
        } else {
            0.8 * (count / worst.max(1) as f32).sqrt()
        }
    }

    /// Draws the matrix; `marked` has a frame.
    pub fn draw(&self, surface: &Surface, theme: &Theme, marked: Option<Cell>) {
        let width = self.cell_width(surface.width());
        let gutter = self.gutter();
        let place = |idx: usize, step: f64| gutter + idx as f64 * step;
        let middle = |idx: usize, step: f64| place(idx, step) + step / 2.0;
        surface.rect(gutter, gutter, surface.width() - gutter, self.n() as f64 * ROW, theme.panel);
        let cells = (0..self.n()).flat_map(|truth| (0..self.n()).map(move |answer| (truth, answer)));
        let worst = cells.clone().filter(|(truth, answer)| truth != answer).map(|cell| self.count(cell)).max().unwrap_or(0);
        for (idx, name) in self.classes.iter().enumerate() {
            let quiet = |marked: Option<usize>| {
                if marked == Some(idx) { theme.ink } else { theme.ink_2 }
            };
            let of_column = quiet(marked.map(|cell| cell.1));
            if gutter > GUTTER {
                // Words are wider than a column.
                surface.text_upwards(name, middle(idx, width), gutter - MARGIN, TEXT, of_column);
            } else {
                surface.text(name, middle(idx, width), gutter / 2.0, TEXT, Align::Center, of_column);
            }
            surface.text(name, gutter - MARGIN, middle(idx, ROW), TEXT, Align::End, quiet(marked.map(|cell| cell.0)));
        }
        for cell in cells.filter(|cell| self.count(*cell) > 0) {
            let (left, top) = (place(cell.1, width), place(cell.0, ROW));
            let sign = if cell.0 == cell.1 { 1.0 } else { -1.0 };
            let ground = theme.diverging(sign * self.strength(cell, worst));
            // To the next cell's edge on the screen's own grid, so that no hairline of the panel shows between two cells.
            let (right, bottom) = (surface.snap(left + width), surface.snap(top + ROW));
            let (left, top) = (surface.snap(left), surface.snap(top));
            surface.rect(left, top, right - left, bottom - top, ground);
            let text = compact(self.count(cell));
            let size = if text.len() > 3 { TEXT - 1.0 } else { TEXT };
            // Where long names leave narrow cells, their numbers shrink rather than touch.
            let size = size * (width / room_for([text.as_str()], size)).min(1.0);
            surface.text(&text, middle(cell.1, width), middle(cell.0, ROW) + 0.5, size, Align::Center, theme.on(ground));
        }
        if let Some((truth, answer)) = marked {
            surface.frame(place(answer, width), place(truth, ROW), width, ROW, theme.ink, 1.5);
        }
    }
}

/// A count in at most four characters: 12,000 becomes 12k.
fn compact(count: u32) -> String {
    if count < 10_000 { count.to_string() } else { format!("{}k", count / 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: Matrix<'_> = Matrix { counts: &[8, 2, 1, 9], classes: &["0", "1"] };

    #[test]
    fn cells_are_found() {
        let width = GUTTER + 100.0;
        assert_eq!(MATRIX.cell_at(GUTTER + 75.0, GUTTER + 1.0, width), Some((0, 1)));
        assert_eq!(MATRIX.cell_at(GUTTER + 1.0, GUTTER + ROW + 1.0, width), Some((1, 0)));
        assert_eq!(MATRIX.cell_at(GUTTER - 1.0, GUTTER + 1.0, width), None);
        assert_eq!(MATRIX.cell_at(GUTTER + 1.0, GUTTER + 2.0 * ROW, width), None);
    }

    #[test]
    fn long_names_move_the_cells() {
        let named = Matrix { classes: &["Coat", "Sandal"], ..MATRIX };
        // Six characters of 7/12 of 10.5 pixels, and the margin.
        assert_eq!(named.gutter(), 6.0 * 6.125 + 8.0);
        assert_eq!(named.height() - named.gutter(), MATRIX.height() - GUTTER);
        assert_eq!(named.cell_at(GUTTER + 1.0, named.gutter() + 1.0, 200.0), None);
        assert_eq!(named.cell_at(199.0, named.gutter() + ROW + 1.0, 200.0), Some((1, 1)));
    }

    #[test]
    fn counts_add_up() {
        assert_eq!((MATRIX.n_of(0), MATRIX.count((1, 0)), MATRIX.count((5, 5))), (10, 1, 0));
        assert!(MATRIX.strength((0, 0), 2) > MATRIX.strength((1, 0), 2) * 0.5);
        assert_eq!((compact(9_999), compact(12_345)), ("9999".to_owned(), "12k".to_owned()));
    }
}
