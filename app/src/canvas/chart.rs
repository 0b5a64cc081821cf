//! Line charts: no box, a few hairlines, few labels; solid for training, dashed for validation.
//!
//! The curves are drawn by plotters through plotters-canvas, behind [`Fine`]; labels and hairlines by the [`Surface`], because
//! plotters measures text by putting it into the page.

use super::scale::Axis;
use super::series::{Point, decimated};
use super::surface::{Align, Surface};
use super::theme::{Color, Theme};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::IntoDrawingArea;
use plotters::element::PathElement;
use plotters::style::{RGBColor, ShapeStyle};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind};
use plotters_canvas::CanvasBackend;
use std::ops::Range;

/// Room left of the plot for labels.
const GUTTER: f64 = 42.0;
/// Room under the plot for labels.
const FOOT: f64 = 18.0;
/// Room above the plot: half a label.
const HEAD: f64 = 7.0;
/// Size of labels.
const LABEL: f64 = 10.5;

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Training.
    Solid,
    /// Validation.
    Dashed,
    /// The unsmoothed curve behind the smoothed one.
    Faint,
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve<'a> {
    /// In order of their steps.
    pub points: &'a [Point],
    /// How it is drawn.
    pub stroke: Stroke,
}

/// Everything on one chart.
#[derive(Debug, Clone)]
pub struct Chart<'a> {
    /// Drawn in this order, the last on top.
    pub curves: Vec<Curve<'a>>,
    /// Heights.
    pub axis: Axis,
    /// How the heights are labelled.
    pub tick: fn(f64) -> String,
    /// The chart shows steps from 0 to this.
    pub x_high: f64,
    /// Written at the right end of the steps, or under the cursor.
    pub x_label: String,
    /// The step that is being read, if any.
    pub cursor: Option<f64>,
}

/// The plot's place on its canvas.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// From left to right.
    pub x: Range<f64>,
    /// From top to bottom.
    pub y: Range<f64>,
}

impl Plot {
    /// The plot on a canvas of this size.
    pub fn within(width: f64, height: f64) -> Plot {
        Plot { x: GUTTER..(width - 3.0).max(GUTTER + 1.0), y: HEAD..(height - FOOT).max(HEAD + 1.0) }
    }

    /// The step under a place on the canvas, kept between 0 and `x_high`.
    pub fn step_at(&self, x: f64, x_high: f64) -> f64 {
        ((x - self.x.start) / (self.x.end - self.x.start)).clamp(0.0, 1.0) * x_high
    }

    fn place(&self, chart: &Chart<'_>, point: Point) -> (f64, f64) {
        let across = (point.0 / chart.x_high).clamp(0.0, 1.0);
        let up = chart.axis.position(point.1);
        (self.x.start + across * (self.x.end - self.x.start), self.y.end - up * (self.y.end - self.y.start))
    }
}

impl Chart<'_> {
    /// Draws the chart over the whole surface.
    pub fn draw(&self, surface: &Surface, theme: &Theme) {
        let plot = Plot::within(surface.width(), surface.height());
        for &tick in &self.axis.ticks {
            let y = plot.place(self, (0.0, tick)).1;
            surface.hairline(plot.x.start, plot.x.end, y, theme.line);
            surface.text(&(self.tick)(tick), plot.x.start - 6.0, y, LABEL, Align::End, theme.ink_2);
        }
        let foot = plot.y.end + FOOT / 2.0 + 3.0;
        if self.cursor.is_none() {
            surface.text("0", plot.x.start, foot, LABEL, Align::Start, theme.ink_2);
            surface.text(&self.x_label, plot.x.end, foot, LABEL, Align::End, theme.ink_2);
        }
        for curve in &self.curves {
            self.draw_curve(curve, &plot, surface, theme);
        }
        if let Some(step) = self.cursor {
            let x = plot.place(self, (step, 0.0)).0;
            surface.upright(x, plot.y.start, plot.y.end, theme.ink_2);
            // Kept on the canvas at both ends.
            let x = x.clamp(plot.x.start + 24.0, (plot.x.end - 24.0).max(plot.x.start + 24.0));
            surface.text(&self.x_label, x, foot, LABEL, Align::Center, theme.ink);
            for curve in self.curves.iter().filter(|curve| curve.stroke != Stroke::Faint) {
                if let Some(point) = super::series::nearest(curve.points, step) {
                    let (x, y) = plot.place(self, point);
                    surface.dot(x, y, 3.0, theme.ink);
                }
            }
        }
    }

    fn draw_curve(&self, curve: &Curve<'_>, plot: &Plot, surface: &Surface, theme: &Theme) {
        let columns = ((plot.x.end - plot.x.start) * surface.density()) as usize;
        let points = decimated(curve.points, self.x_high, columns.max(1));
        let (color, width) = match curve.stroke {
            Stroke::Solid => (theme.ink, 1.5),
            Stroke::Dashed => (theme.ink, 1.25),
            Stroke::Faint => (theme.panel.mix(theme.ink, 0.2), 1.0),
        };
        if let [only] = points.as_slice() {
            let (x, y) = plot.place(self, *only);
            surface.dot(x, y, 2.0, color);
            return;
        }
        let dashes = js_sys::Array::new();
        if curve.stroke == Stroke::Dashed {
            dashes.push(&(4.0 * FINE).into());
            dashes.push(&(3.0 * FINE).into());
        }
        let path = points.iter().map(|&(x, y)| (x, self.axis.position(y))).collect();
        let context = surface.context();
        context.save();
        context.set_line_join("round");
        // Best effort, all of it: a curve that cannot be drawn leaves the labels, the read-out and the table.
        let _ = context.set_line_dash(&dashes);
        let _ = context.scale(1.0 / FINE, 1.0 / FINE);
        let _ = draw_path(path, self.x_high, plot, surface, color, width);
        context.restore();
    }
}

fn draw_path(path: Vec<Point>, x_high: f64, plot: &Plot, surface: &Surface, color: Color, width: f64) -> Option<()> {
    let fine = |length: f64| (length * FINE).round() as i32;
    let size = (fine(surface.width()) as u32, fine(surface.height()) as u32);
    let backend = Fine { inner: CanvasBackend::with_canvas_object(surface.canvas().clone())?, size };
    let plane = Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        0.0..x_high,
        0.0..1.0,
        (fine(plot.x.start)..fine(plot.x.end), fine(plot.y.end)..fine(plot.y.start)),
    );
    let [red, green, blue] = color.rgb;
    let style = ShapeStyle::from(RGBColor(red, green, blue)).stroke_width(fine(width) as u32);
    backend.into_drawing_area().apply_coord_spec(plane).draw(&PathElement::new(path, style)).ok()
}

/// Plotters' coordinates are whole numbers: at one per CSS pixel curves have steps, so there are sixteen.
const FINE: f64 = 16.0;

/// plotters-canvas on a context that is scaled down by [`FINE`]; plotters must hear the larger size, or it clips.
struct Fine {
    inner: CanvasBackend,
    size: (u32, u32),
}

impl DrawingBackend for Fine {
    type ErrorType = <CanvasBackend as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.inner.draw_pixel(point, color)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.inner.draw_path(path, style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_axes() {
        let points = [(0.0, 1.0)];
        let chart = Chart {
            curves: vec![Curve { points: &points, stroke: Stroke::Solid }],
            axis: Axis::share(),
            tick: crate::format::tick_percent,
            x_high: 100.0,
            x_label: "step 100".into(),
            cursor: None,
        };
        let plot = Plot::within(290.0, 130.0);
        assert_eq!(plot.place(&chart, (0.0, 0.0)), (plot.x.start, plot.y.end));
        assert_eq!(plot.place(&chart, (100.0, 1.0)), (plot.x.end, plot.y.start));
        assert_eq!(plot.step_at(plot.x.end, 100.0), 100.0);
        assert_eq!(plot.step_at(-5.0, 100.0), 0.0);
    }
}
