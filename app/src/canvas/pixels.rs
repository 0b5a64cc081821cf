//! Tensors as pictures: one crisp square for each number, blue above zero, orange below, the panel's color at zero.

use super::surface::{Align, Surface, room_for};
use super::theme::Theme;
use descent_spec::Shape;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// Height a layer's picture aims at.
const HEIGHT: f64 = 112.0;
/// Smallest feature map that is still a picture.
const SMALLEST_MAP: f64 = 24.0;
/// Distance between feature maps.
const GAP: f64 = 2.0;
/// Cells of a dense layer, from the largest down.
const CELLS: [f64; 6] = [22.0, 14.0, 10.0, 7.0, 5.0, 4.0];
/// Size of a name in a cell.
const NAME: f64 = 11.0;

/// How a tensor is laid out: its feature maps (or the one picture of a flat layer) in rows of tiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mosaic {
    /// Number of values, which is less than the last row may hold.
    pub n_values: usize,
    /// Number of tiles.
    pub n_tiles: usize,
    /// Values in a tile: rows and columns.
    pub tile_cells: (usize, usize),
    /// A tile on the page: width and height.
    pub tile_size: (f64, f64),
    /// Tiles in a row.
    pub per_row: usize,
}

/// One number of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index into all values, channels first.
    pub flat: usize,
    /// Feature map (0 for flat layers).
    pub tile: usize,
    /// Row within the map.
    pub row: usize,
    /// Column within the map.
    pub column: usize,
}

impl Mosaic {
    /// Lays a tensor out in at most `room` pixels of width.
    pub fn plan(shape: Shape, room: f64) -> Mosaic {
        match shape {
            Shape::Image { channels, height, width } => Mosaic::maps(channels, height, width, room),
            Shape::Sequence { steps, features } => Mosaic::maps(1, steps, features, room),
            Shape::Pair { source, target, features } => Mosaic::maps(1, source + target, features, room),
            Shape::Flat { .. } | Shape::Tokens { .. } | Shape::TokenPair { .. } => Mosaic::units(shape.len(), room),
        }
    }

    fn maps(channels: usize, height: usize, width: usize, room: f64) -> Mosaic {
        let rows = match channels {
            0..=3 => 1,
            4..=8 => 2,
            // Maps of a first layer, where there is still something to recognize, stay large.
            9..=16 if height >= 20 => 2,
            _ => 4,
        };
        let target = ((HEIGHT - GAP * (rows - 1) as f64) / rows as f64).max(SMALLEST_MAP);
        // Whole pixels for each value keep the squares equal. Maps a little too large for their place keep one pixel for each
        // value, much larger ones are shrunk.
        let zoom = target / height.max(1) as f64;
        let zoom = if zoom >= 0.75 { zoom.floor().max(1.0) } else { zoom };
        let tile_size = (width as f64 * zoom, height as f64 * zoom);
        let fitting = ((room + GAP) / (tile_size.0 + GAP)).floor().max(1.0) as usize;
        let per_row = channels.div_ceil(rows).min(fitting).max(1);
        Mosaic { n_values: channels * height * width, n_tiles: channels, tile_cells: (height, width), tile_size, per_row }
    }

    fn units(units: usize, room: f64) -> Mosaic {
        let widest = (2.2 * HEIGHT).min(room);
        let columns_at = |cell: f64| units.div_ceil((HEIGHT / cell) as usize).max(1);
        let fits = |cell: &f64| columns_at(*cell) as f64 * cell <= widest;
        let cell = CELLS.into_iter().find(fits).unwrap_or(CELLS[CELLS.len() - 1]);
        let columns = columns_at(cell).min((room / cell).floor().max(1.0) as usize);
        let rows = units.div_ceil(columns);
        let tile_size = (columns as f64 * cell, rows as f64 * cell);
        Mosaic { n_values: units, n_tiles: 1, tile_cells: (rows, columns), tile_size, per_row: 1 }
    }

    /// The same with cells wide enough for these names, where the room allows it.
    pub fn widened_for(self, names: &[&str], room: f64) -> Mosaic {
        let (width, height) = self.tile_size;
        let wanted = self.tile_cells.1 as f64 * (room_for(names.iter().copied(), NAME) + 8.0);
        let width = if wanted > room { width } else { width.max(wanted) };
        Mosaic { tile_size: (width, height), ..self }
    }

    /// Width and height of the whole on the page.
    pub fn size(&self) -> (f64, f64) {
        let rows = self.n_tiles.div_ceil(self.per_row).max(1);
        let across = |n: usize, tile: f64| n as f64 * (tile + GAP) - GAP;
        (across(self.per_row.min(self.n_tiles.max(1)), self.tile_size.0), across(rows, self.tile_size.1))
    }

    /// Left and top of a tile.
    pub fn corner(&self, tile: usize) -> (f64, f64) {
        let (row, column) = (tile / self.per_row, tile % self.per_row);
        (column as f64 * (self.tile_size.0 + GAP), row as f64 * (self.tile_size.1 + GAP))
    }

    /// Left, top, width and height of one value.
    pub fn cell(&self, place: Place) -> (f64, f64, f64, f64) {
        let (left, top) = self.corner(place.tile);
        let (rows, columns) = self.tile_cells;
        let (width, height) = (self.tile_size.0 / columns as f64, self.tile_size.1 / rows as f64);
        (left + place.column as f64 * width, top + place.row as f64 * height, width, height)
    }

    /// The value under a point of the canvas.
    pub fn place_at(&self, x: f64, y: f64) -> Option<Place> {
        if x < 0.0 || y < 0.0 {
            return None;
        }
        let (column, row) = ((x / (self.tile_size.0 + GAP)) as usize, (y / (self.tile_size.1 + GAP)) as usize);
        if column >= self.per_row {
            return None;
        }
        let tile = row * self.per_row + column;
        let (left, top) = self.corner(tile);
        let (across, down) = ((x - left) / self.tile_size.0, (y - top) / self.tile_size.1);
        if tile >= self.n_tiles || across >= 1.0 || down >= 1.0 {
            return None;
        }
        let (rows, columns) = self.tile_cells;
        self.place((tile * rows + (down * rows as f64) as usize) * columns + (across * columns as f64) as usize)
    }

    /// The value with this index, if there is one.
    pub fn place(&self, flat: usize) -> Option<Place> {
        let (rows, columns) = self.tile_cells;
        let in_tile = flat % (rows * columns);
        (flat < self.n_values).then_some(Place {
            flat,
            tile: flat / (rows * columns),
            row: in_tile / columns,
            column: in_tile % columns,
        })
    }
}

/// Draws a tensor. The strongest value has the full color; `strongest` gives it, as [`strongest`] finds it.
pub fn draw(surface: &Surface, theme: &Theme, mosaic: &Mosaic, values: &[f32], strongest: f32) {
    let (rows, columns) = mosaic.tile_cells;
    let Some(pixels) = paint(theme, values, strongest, rows * columns * mosaic.n_tiles) else {
        return;
    };
    // All tiles go into one narrow picture, each value one pixel, and are enlarged from there without smoothing.
    blit(surface, &pixels, (columns, rows * mosaic.n_tiles), false, |context, sheet| {
        for tile in 0..mosaic.n_tiles {
            let (left, top) = mosaic.corner(tile);
            let _ = context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                sheet,
                0.0,
                (tile * rows) as f64,
                columns as f64,
                rows as f64,
                left,
                top,
                mosaic.tile_size.0,
                mosaic.tile_size.1,
            );
        }
    });
}

/// Draws one grey picture of bytes (0 is the panel, 255 the full color) over a rectangle of the surface.
pub fn draw_bytes(surface: &Surface, theme: &Theme, bytes: &[u8], (rows, columns): (usize, usize), at: (f64, f64, f64, f64)) {
    let values: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let Some(pixels) = paint(theme, &values, 1.0, rows * columns) else {
        return;
    };
    blit(surface, &pixels, (columns, rows), false, |context, sheet| {
        let (left, top, width, height) = at;
        let _ = context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            sheet,
            0.0,
            0.0,
            columns as f64,
            rows as f64,
            left,
            top,
            width,
            height,
        );
    });
}

/// Writes a name into each cell of a flat layer, as far as the cells are large enough.
pub fn label_cells(surface: &Surface, theme: &Theme, mosaic: &Mosaic, values: &[f32], strongest: f32, names: &[&str]) {
    for (flat, name) in names.iter().enumerate() {
        let (Some(place), Some(value)) = (mosaic.place(flat), values.get(flat)) else {
            return;
        };
        let (left, top, width, height) = mosaic.cell(place);
        if height < CELLS[0] || width < room_for([*name], NAME) {
            return;
        }
        let color = theme.on(theme.diverging(value / strongest));
        surface.text(name, left + width / 2.0, top + height / 2.0 + 0.5, NAME, Align::Center, color);
    }
}

/// The largest absolute value, and 1 where all are zero.
pub fn strongest(values: &[f32]) -> f32 {
    let largest = values.iter().filter(|value| value.is_finite()).fold(0.0f32, |largest, value| largest.max(value.abs()));
    if largest > 0.0 { largest } else { 1.0 }
}

/// Four bytes for each value; what a flat layer's last row lacks stays transparent. `None` where there is nothing to paint.
fn paint(theme: &Theme, values: &[f32], strongest: f32, n_cells: usize) -> Option<Vec<u8>> {
    if values.is_empty() || values.len() > n_cells {
        return None;
    }
    let mut pixels = vec![0; 4 * n_cells];
    for (pixel, &value) in pixels.chunks_exact_mut(4).zip(values) {
        pixel[..3].copy_from_slice(&theme.diverging(value / strongest).rgb);
        pixel[3] = 255;
    }
    Some(pixels)
}

thread_local! {
    /// The sheet of each canvas. It goes when its canvas does.
    static SHEETS: js_sys::WeakMap = js_sys::WeakMap::new();
}

/// Hands `stamp` a hidden canvas that holds these pixels, one for one, and a context that enlarges them, smoothly or not.
pub(super) fn blit(
    surface: &Surface,
    pixels: &[u8],
    (width, height): (usize, usize),
    is_smooth: bool,
    stamp: impl FnOnce(&CanvasRenderingContext2d, &HtmlCanvasElement),
) {
    let drawn = || {
        let sheet = sheet_of(surface.canvas())?;
        let (width, height) = (width as u32, height as u32);
        if sheet.width() != width || sheet.height() != height {
            sheet.set_width(width);
            sheet.set_height(height);
        }
        let context: CanvasRenderingContext2d = sheet.get_context("2d").ok()??.dyn_into().ok()?;
        let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(pixels), width, height).ok()?;
        context.put_image_data(&image, 0.0, 0.0).ok()?;
        surface.context().set_image_smoothing_enabled(is_smooth);
        stamp(surface.context(), &sheet);
        Some(())
    };
    // A browser that refuses leaves the picture empty; the read-out and the text alternative still have the numbers.
    drawn();
}

fn sheet_of(canvas: &HtmlCanvasElement) -> Option<HtmlCanvasElement> {
    SHEETS.with(|sheets| {
        if let Ok(sheet) = sheets.get(canvas).dyn_into() {
            return Some(sheet);
        }
        let sheet: HtmlCanvasElement = canvas.owner_document()?.create_element("canvas").ok()?.dyn_into().ok()?;
        sheets.set(canvas, &sheet);
        Some(sheet)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: f64 = 640.0;

    #[test]
    fn pictures_get_whole_pixels() {
        let input = Mosaic::plan(Shape::Image { channels: 1, height: 28, width: 28 }, ROOM);
        assert_eq!(input.size(), (112.0, 112.0));
        let conv = Mosaic::plan(Shape::Image { channels: 8, height: 24, width: 24 }, ROOM);
        assert_eq!((conv.per_row, conv.tile_size), (4, (48.0, 48.0)));
        let deep = Mosaic::plan(Shape::Image { channels: 16, height: 8, width: 8 }, ROOM);
        assert_eq!((deep.per_row, deep.tile_size), (4, (24.0, 24.0)));
        let first = Mosaic::plan(Shape::Image { channels: 16, height: 24, width: 24 }, ROOM);
        assert_eq!((first.per_row, first.tile_size), (8, (48.0, 48.0)));
    }

    #[test]
    fn everything_fits_into_a_phone() {
        for shape in [
            Shape::Image { channels: 128, height: 28, width: 28 },
            Shape::Image { channels: 3, height: 200, width: 200 },
            Shape::Flat { units: 1 },
            Shape::Flat { units: 10 },
            Shape::Flat { units: 1024 },
        ] {
            for room in [80.0, 350.0, 640.0] {
                let mosaic = Mosaic::plan(shape, room);
                assert!(mosaic.size().0 <= room.max(mosaic.tile_size.0) + 1e-9, "{shape:?} {mosaic:?}");
                assert!(mosaic.tile_size.0 <= room.max(HEIGHT) + 1e-9);
                assert!(mosaic.place(shape.len() - 1).is_some() && mosaic.place(shape.len()).is_none());
            }
        }
    }

    #[test]
    fn a_point_finds_its_value_and_the_gaps_have_none() {
        let mosaic = Mosaic::plan(Shape::Image { channels: 8, height: 24, width: 24 }, ROOM);
        for flat in [0, 1, 24, 575, 576, 8 * 576 - 1] {
            let place = mosaic.place(flat).unwrap();
            let (left, top, width, height) = mosaic.cell(place);
            assert_eq!(mosaic.place_at(left + width / 2.0, top + height / 2.0), Some(place));
        }
        assert_eq!(mosaic.place_at(49.0, 10.0), None);
        assert_eq!(mosaic.place_at(1e4, 10.0), None);
        assert_eq!(mosaic.place_at(-1.0, 10.0), None);
        let ten = Mosaic::plan(Shape::Flat { units: 10 }, ROOM);
        assert_eq!((ten.tile_cells, ten.size()), ((5, 2), (44.0, 110.0)));
        assert_eq!(ten.place_at(30.0, 100.0).map(|place| place.flat), Some(9));
    }

    #[test]
    fn cells_make_room_for_names() {
        let ten = Mosaic::plan(Shape::Flat { units: 10 }, ROOM);
        assert_eq!(ten.widened_for(&["0", "9"], ROOM), ten);
        let named = ten.widened_for(&["Bag", "Sandal"], ROOM);
        // Two columns of six characters, 7/12 of 11 pixels each, and 8 pixels around them.
        assert!((named.size().0 - 2.0 * (6.0 * 77.0 / 12.0 + 8.0)).abs() < 1e-9 && named.size().1 == ten.size().1);
        assert_eq!(named.place_at(named.size().0 - 1.0, 1.0).map(|place| place.flat), Some(1));
        assert_eq!(ten.widened_for(&["Bag", "Sandal"], 80.0), ten, "no room");
    }

    #[test]
    fn strength_ignores_what_is_no_number() {
        assert_eq!(strongest(&[0.5, -2.0, f32::NAN, f32::INFINITY]), 2.0);
        assert_eq!(strongest(&[0.0]), 1.0);
    }
}
