//! A canvas with sharp lines on any screen.

use super::theme::Color;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Largest side of a canvas in device pixels: a guard against a broken layout asking for gigabytes.
const MAX_SIDE: f64 = 4096.0;

/// Width of a character as a share of the text's size: a little more than words take in most fonts.
const CHARACTER: f64 = 7.0 / 12.0;

/// A canvas element together with its context, sized for the screen. All lengths are CSS pixels.
#[derive(Debug, Clone)]
pub struct Surface {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    width: f64,
    height: f64,
    density: f64,
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Begins there.
    Start,
    /// Is centered there.
    Center,
    /// Ends there.
    End,
}

impl Surface {
    /// Takes the canvas at its present size on the page and clears it. `None` while it is not shown (a hidden pane), and where
    /// the browser gives no context.
    pub fn open(canvas: &HtmlCanvasElement) -> Option<Surface> {
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        if width < 1.0 || height < 1.0 {
            return None;
        }
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let density = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(1.0, 4.0);
        let (device_width, device_height) = (backing(width, density), backing(height, density));
        if canvas.width() != device_width || canvas.height() != device_height {
            canvas.set_width(device_width);
            canvas.set_height(device_height);
        }
        context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
        context.clear_rect(0.0, 0.0, f64::from(device_width), f64::from(device_height));
        context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0).ok()?;
        Some(Surface { canvas: canvas.clone(), context, width, height, density })
    }

    /// Width on the page.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Height on the page.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// Device pixels per CSS pixel.
    pub fn density(&self) -> f64 {
        self.density
    }

    /// The canvas itself.
    pub fn canvas(&self) -> &HtmlCanvasElement {
        &self.canvas
    }

    /// The context, in CSS pixels, for what the methods here do not cover.
    pub fn context(&self) -> &CanvasRenderingContext2d {
        &self.context
    }

    /// The nearest place where a line one device pixel wide is sharp.
    pub fn crisp(&self, at: f64) -> f64 {
        ((at * self.density).floor() + 0.5) / self.density
    }

    /// The nearest edge between two device pixels.
    pub fn snap(&self, at: f64) -> f64 {
        (at * self.density).round() / self.density
    }

    /// A filled rectangle.
    pub fn rect(&self, left: f64, top: f64, width: f64, height: f64, color: Color) {
        self.context.set_fill_style_str(&color.css());
        self.context.fill_rect(left, top, width, height);
    }

    /// The outline of a rectangle, drawn inside it.
    pub fn frame(&self, left: f64, top: f64, width: f64, height: f64, color: Color, thickness: f64) {
        self.context.set_stroke_style_str(&color.css());
        self.context.set_line_width(thickness);
        self.context.stroke_rect(left + thickness / 2.0, top + thickness / 2.0, width - thickness, height - thickness);
    }

    /// A horizontal hairline.
    pub fn hairline(&self, left: f64, right: f64, at: f64, color: Color) {
        self.context.set_stroke_style_str(&color.css());
        self.context.set_line_width(1.0 / self.density);
        let at = self.crisp(at);
        self.context.begin_path();
        self.context.move_to(left, at);
        self.context.line_to(right, at);
        self.context.stroke();
    }

    /// A vertical hairline.
    pub fn upright(&self, at: f64, top: f64, bottom: f64, color: Color) {
        self.context.set_stroke_style_str(&color.css());
        self.context.set_line_width(1.0 / self.density);
        let at = self.crisp(at);
        self.context.begin_path();
        self.context.move_to(at, top);
        self.context.line_to(at, bottom);
        self.context.stroke();
    }

    /// A dot.
    pub fn dot(&self, x: f64, y: f64, radius: f64, color: Color) {
        self.context.set_fill_style_str(&color.css());
        self.context.begin_path();
        if self.context.arc(x, y, radius, 0.0, std::f64::consts::TAU).is_ok() {
            self.context.fill();
        }
    }

    /// One line of text, vertically centered on `y`, in the page's font.
    pub fn text(&self, text: &str, x: f64, y: f64, size: f64, align: Align, color: Color) {
        self.context.set_fill_style_str(&color.css());
        self.context.set_font(&format!("{size}px {}", super::theme::font()));
        self.context.set_text_baseline("middle");
        self.context.set_text_align(match align {
            Align::Start => "left",
            Align::Center => "center",
            Align::End => "right",
        });
        // A canvas that cannot write its label still shows its lines.
        let _ = self.context.fill_text(text, x, y);
    }

    /// One line of text that begins at the point and runs upwards.
    pub fn text_upwards(&self, text: &str, x: f64, y: f64, size: f64, color: Color) {
        self.context.save();
        // A canvas that cannot turn its label still shows its lines.
        if self.context.translate(x, y).and_then(|()| self.context.rotate(-std::f64::consts::FRAC_PI_2)).is_ok() {
            self.text(text, 0.0, 0.0, size, Align::Start, color);
        }
        self.context.restore();
    }
}

/// Room for the longest of these names, before there is a canvas to measure them on.
///
/// ```
/// use descent_app::canvas::surface::room_for;
/// assert_eq!(room_for(["bag", "dress"], 12.0), 5.0 * 7.0);
/// ```
pub fn room_for<'a>(names: impl IntoIterator<Item = &'a str>, size: f64) -> f64 {
    let longest = names.into_iter().map(|name| name.chars().count()).max().unwrap_or(0);
    longest as f64 * (CHARACTER * size)
}

fn backing(length: f64, density: f64) -> u32 {
    (length * density).round().clamp(1.0, MAX_SIDE) as u32
}
