//! Attention as a table of cells: rows are the tokens of an answer, columns those of its source, the stronger the color the larger
//! the weight.

use super::surface::{Align, Surface, room_for};
use super::theme::Theme;

/// Height of a row.
const ROW: f64 = 22.0;
/// Width of a column: a character of a date, or a word that is written upwards.
const COLUMN: f64 = 18.0;
const TEXT: f64 = 11.5;
/// Distance of a label from its cells.
const MARGIN: f64 = 6.0;

/// A row and a column.
pub type Cell = (usize, usize);

/// The weights of one map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attention<'a> {
    /// Labels of the answer's tokens.
    pub rows: &'a [&'a str],
    /// Labels of the source's tokens.
    pub columns: &'a [&'a str],
    /// `[rows, columns]`, each from 0 to 1.
    pub weights: &'a [f32],
}

impl Attention<'_> {
    /// Width and height of the whole picture.
    pub fn size(&self) -> (f64, f64) {
        (self.left() + self.columns.len() as f64 * COLUMN + 1.0, self.top() + self.rows.len() as f64 * ROW + 1.0)
    }

    /// The weight of a cell; 0 where there is none.
    pub fn weight(&self, (row, column): Cell) -> f32 {
        let is_there = row < self.rows.len() && column < self.columns.len();
        if is_there { self.weights.get(row * self.columns.len() + column).copied().unwrap_or(0.0) } else { 0.0 }
    }

    /// The column that a row looks at most.
    pub fn strongest(&self, row: usize) -> Option<usize> {
        (0..self.columns.len()).max_by(|&a, &b| self.weight((row, a)).total_cmp(&self.weight((row, b))))
    }

    /// The cell under a point.
    pub fn cell_at(&self, x: f64, y: f64) -> Option<Cell> {
        let (row, column) = ((y - self.top()) / ROW, (x - self.left()) / COLUMN);
        let is_within = |place: f64, n: usize| (0.0..n as f64).contains(&place);
        (is_within(row, self.rows.len()) && is_within(column, self.columns.len())).then_some((row as usize, column as usize))
    }

    /// From where to where a column goes across.
    pub fn span_of(&self, column: usize) -> (f64, f64) {
        let from = self.left() + column as f64 * COLUMN;
        (from, from + COLUMN)
    }

    /// Room left of the cells: they begin here.
    pub fn left(&self) -> f64 {
        room_for(self.rows.iter().copied(), TEXT) + MARGIN
    }

    fn top(&self) -> f64 {
        room_for(self.columns.iter().copied(), TEXT) + MARGIN
    }

    /// Draws it; `marked` has a frame.
    pub fn draw(&self, surface: &Surface, theme: &Theme, marked: Option<Cell>) {
        let (left, top) = (self.left(), self.top());
        let (width, height) = (self.columns.len() as f64 * COLUMN, self.rows.len() as f64 * ROW);
        surface.rect(left, top, width, height, theme.panel);
        let ink = |is_marked: bool| if is_marked { theme.ink } else { theme.ink_2 };
        for (idx, label) in self.columns.iter().enumerate() {
            let (x, color) = (left + (idx as f64 + 0.5) * COLUMN, ink(marked.is_some_and(|cell| cell.1 == idx)));
            if label.chars().count() > 1 {
                surface.text_upwards(label, x, top - MARGIN, TEXT, color);
            } else {
                surface.text(label, x, top - MARGIN - TEXT / 2.0, TEXT, Align::Center, color);
            }
        }
        for (idx, label) in self.rows.iter().enumerate() {
            let (y, color) = (top + (idx as f64 + 0.5) * ROW, ink(marked.is_some_and(|cell| cell.0 == idx)));
            surface.text(label, left - MARGIN, y, TEXT, Align::End, color);
        }
        for (row, column) in (0..self.rows.len()).flat_map(|row| (0..self.columns.len()).map(move |column| (row, column))) {
            let (x, y) = (left + column as f64 * COLUMN, top + row as f64 * ROW);
            // To the next cell's edge on the screen's own grid, so that no hairline of the panel shows between two cells.
            let (x, y, right, bottom) = (surface.snap(x), surface.snap(y), surface.snap(x + COLUMN), surface.snap(y + ROW));
            surface.rect(x, y, right - x, bottom - y, theme.diverging(self.weight((row, column)).clamp(0.0, 1.0)));
        }
        surface.frame(left - 0.5, top - 0.5, width + 1.0, height + 1.0, theme.line, 1.0);
        if let Some((row, column)) = marked {
            surface.frame(left + column as f64 * COLUMN, top + row as f64 * ROW, COLUMN, ROW, theme.ink, 1.5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: Attention<'_> =
        Attention { rows: &["1", "end"], columns: &["m", "a", "end"], weights: &[0.1, 0.7, 0.2, 0.0, 0.5, 0.5] };

    #[test]
    fn cells_are_found_where_they_are_drawn() {
        // Three characters of 7/12 of 11.5 pixels, and the margin, on both sides.
        let gutter = 3.0 * 11.5 * 7.0 / 12.0 + 6.0;
        assert_eq!(MAP.size(), (gutter + 3.0 * 18.0 + 1.0, gutter + 2.0 * 22.0 + 1.0));
        assert_eq!(MAP.cell_at(gutter + 19.0, gutter + 23.0), Some((1, 1)));
        assert_eq!(MAP.cell_at(gutter - 1.0, gutter + 1.0), None);
        assert_eq!(MAP.cell_at(gutter + 55.0, gutter + 1.0), None);
        assert_eq!(MAP.span_of(2), (gutter + 36.0, gutter + 54.0));
    }

    #[test]
    fn weights_are_read_by_row_and_column() {
        assert_eq!((MAP.weight((0, 1)), MAP.weight((1, 2)), MAP.weight((0, 3)), MAP.weight((2, 0))), (0.7, 0.5, 0.0, 0.0));
        assert_eq!(MAP.strongest(0), Some(1));
    }
}
