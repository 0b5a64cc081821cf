//! Classic surfaces over two parameters, on which one can watch an optimizer walk: value, slope, known minima, where each is from.
//!
//! Each is lifted so that its lowest value is 0.

use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// A function of two parameters x and y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// `½ (x² + 25 y²)`: 25 times as steep one way as the other, the ill-conditioned bowl of every textbook.
    Bowl,
    /// `(1 − x)² + 100 (y − x²)²` (Rosenbrock 1960).
    Rosenbrock,
    /// `(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²` (Beale 1958).
    Beale,
    /// `(x² + y − 11)² + (x + y² − 7)²` (Himmelblau 1972).
    Himmelblau,
    /// `½ x² + ¼ (y² − 1)²` (Nesterov 2004, section 1.2.3, lifted by ¼).
    Saddle,
}

/// What a surface has besides its formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceFacts {
    /// The formula as the page writes it.
    pub formula: &'static str,
    /// Who wrote about it first, or where it is discussed.
    pub source: &'static str,
    /// What it asks of an optimizer.
    pub lesson: &'static str,
    /// Every minimum, `(x, y)`; the value is 0 there.
    pub minima: &'static [(f64, f64)],
    /// Where racers start unless the link says otherwise.
    pub start: (f64, f64),
    /// What is shown, a square: lowest and highest x, lowest and highest y.
    pub view: [f64; 4],
    /// A rate for each optimizer, in the order of [`OPTIMIZERS`](crate::training::OPTIMIZERS), with which 300 steps from `start`
    /// get somewhere: tried in NumPy on 15 rates from 1e-4 to 2, taking one a little below the best.
    pub rates: [f64; 7],
}

impl Registry for Surface {
    const WHAT: &'static str = "surface";

    fn table() -> &'static [Entry<Surface>] {
        &[
            Entry { value: Surface::Bowl, id: "bowl", label: "Long bowl", about: "½ (x² + 25 y²)" },
            Entry { value: Surface::Rosenbrock, id: "rosenbrock", label: "Rosenbrock", about: "(1 − x)² + 100 (y − x²)²" },
            Entry {
                value: Surface::Beale,
                id: "beale",
                label: "Beale",
                about: "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
            },
            Entry {
                value: Surface::Himmelblau, id: "himmelblau", label: "Himmelblau", about: "(x² + y − 11)² + (x + y² − 7)²"
            },
            Entry { value: Surface::Saddle, id: "saddle", label: "Saddle", about: "½ x² + ¼ (y² − 1)²" },
        ]
    }
}

impl Surface {
    /// Its height at a point.
    ///
    /// ```
    /// use descent_spec::contest::Surface;
    /// assert_eq!(Surface::Bowl.value(2.0, 1.0), 0.5 * (4.0 + 25.0));
    /// assert_eq!(Surface::Rosenbrock.value(0.0, 1.0), 101.0);
    /// ```
    pub fn value(self, x: f64, y: f64) -> f64 {
        match self {
            Surface::Bowl => 0.5 * (x * x + 25.0 * y * y),
            Surface::Rosenbrock => (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2),
            Surface::Beale => {
                let [a, b, c] = beale_residuals(x, y);
                a * a + b * b + c * c
            }
            Surface::Himmelblau => (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2),
            Surface::Saddle => 0.5 * x * x + 0.25 * (y * y - 1.0).powi(2),
        }
    }

    /// Its exact slopes `(∂f/∂x, ∂f/∂y)` at a point.
    ///
    /// ```
    /// use descent_spec::contest::Surface;
    /// assert_eq!(Surface::Bowl.gradient(2.0, 1.0), (2.0, 25.0));
    /// ```
    pub fn gradient(self, x: f64, y: f64) -> (f64, f64) {
        match self {
            Surface::Bowl => (x, 25.0 * y),
            Surface::Rosenbrock => {
                let off = y - x * x;
                (-2.0 * (1.0 - x) - 400.0 * x * off, 200.0 * off)
            }
            Surface::Beale => {
                let [a, b, c] = beale_residuals(x, y);
                let across = a * (y - 1.0) + b * (y * y - 1.0) + c * (y.powi(3) - 1.0);
                (2.0 * across, 2.0 * x * (a + 2.0 * b * y + 3.0 * c * y * y))
            }
            Surface::Himmelblau => {
                let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
                (4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b)
            }
            Surface::Saddle => (x, y.powi(3) - y),
        }
    }

    /// Everything else about it.
    pub fn facts(self) -> SurfaceFacts {
        match self {
            Surface::Bowl => SurfaceFacts {
                formula: "f(x, y) = ½ (x² + 25 y²)",
                source: "the textbook quadratic with condition number 25",
                lesson: "Along y the ground is 25 times as steep as along x. SGD diverges above a rate of 2/25 = 0.08, and below it \
                         creeps along x.",
                minima: &[(0.0, 0.0)],
                start: (-4.0, 1.0),
                view: [-5.0, 5.0, -5.0, 5.0],
                rates: [0.03, 0.01, 0.01, 0.5, 0.05, 0.2, 0.2],
            },
            Surface::Rosenbrock => SurfaceFacts {
                formula: "f(x, y) = (1 − x)² + 100 (y − x²)²",
                source: "Rosenbrock 1960; start of Moré, Garbow and Hillstrom 1981",
                lesson: "A curved valley, easy to find and slow to follow: its floor falls hardly at all.",
                minima: &[(1.0, 1.0)],
                start: (-1.2, 1.0),
                view: [-2.0, 2.0, -1.0, 3.0],
                rates: [0.002, 0.001, 0.001, 1.0, 0.05, 0.3, 0.3],
            },
            Surface::Beale => SurfaceFacts {
                formula: "f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
                source: "Beale 1958; start of Moré, Garbow and Hillstrom 1981",
                lesson: "A flat valley between steep walls: slopes differ by thousands from place to place.",
                minima: &[(3.0, 0.5)],
                start: (1.0, 1.0),
                view: [-1.0, 4.5, -2.5, 3.0],
                rates: [0.02, 0.01, 0.01, 0.5, 0.03, 0.2, 0.2],
            },
            Surface::Himmelblau => SurfaceFacts {
                formula: "f(x, y) = (x² + y − 11)² + (x + y² − 7)²",
                source: "Himmelblau 1972",
                lesson: "Four minima, equally deep. Which one a racer finds depends on the start and on the rule.",
                minima: &[(3.0, 2.0), (-2.805_118, 3.131_313), (-3.779_310, -3.283_186), (3.584_428, -1.848_127)],
                start: (-0.5, -1.0),
                view: [-5.5, 5.5, -5.5, 5.5],
                rates: [0.003, 0.002, 0.002, 0.5, 0.03, 0.2, 0.2],
            },
            Surface::Saddle => SurfaceFacts {
                formula: "f(x, y) = ½ x² + ¼ (y² − 1)²",
                source: "Nesterov 2004, section 1.2.3, lifted by ¼",
                lesson: "The racers start on the ridge above a saddle at (0, 0), where the slope is zero and nothing is solved.",
                minima: &[(0.0, 1.0), (0.0, -1.0)],
                start: (-1.5, 0.01),
                view: [-2.0, 2.0, -2.0, 2.0],
                rates: [0.1, 0.03, 0.03, 0.3, 0.03, 0.1, 0.1],
            },
        }
    }

    /// How far a point is from the nearest minimum.
    ///
    /// ```
    /// use descent_spec::contest::Surface;
    /// assert_eq!(Surface::Bowl.distance_to_minimum(3.0, 4.0), 5.0);
    /// ```
    pub fn distance_to_minimum(self, x: f64, y: f64) -> f64 {
        self.facts().minima.iter().map(|&(at_x, at_y)| (x - at_x).hypot(y - at_y)).fold(f64::INFINITY, f64::min)
    }
}

fn beale_residuals(x: f64, y: f64) -> [f64; 3] {
    [1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y.powi(3)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::check_table;

    const ALL: [Surface; 5] = [Surface::Bowl, Surface::Rosenbrock, Surface::Beale, Surface::Himmelblau, Surface::Saddle];

    #[test]
    fn every_surface_has_a_row() {
        check_table(&ALL);
    }

    /// Values and slopes at (1.5, −0.5) by hand: Beale's residuals are −0.75, 1.125 and 0.9375, and so on.
    #[test]
    fn values_and_slopes_are_those_computed_by_hand() {
        for (surface, value, slope) in [
            (Surface::Bowl, 4.25, (1.5, -12.5)),
            (Surface::Rosenbrock, 756.5, (1651.0, -550.0)),
            (Surface::Beale, 2.707_031_25, (-1.546_875, -3.515_625)),
            (Surface::Himmelblau, 113.125, (-66.0, -8.0)),
            (Surface::Saddle, 1.265_625, (1.5, 0.375)),
        ] {
            let (found, (dx, dy)) = (surface.value(1.5, -0.5), surface.gradient(1.5, -0.5));
            assert!((found - value).abs() < 1e-9, "{surface:?}: {found}");
            assert!((dx - slope.0).abs() < 1e-9 && (dy - slope.1).abs() < 1e-9, "{surface:?}: {dx}, {dy}");
        }
    }

    #[test]
    fn slopes_are_those_of_finite_differences() {
        const H: f64 = 1e-5;
        for surface in ALL {
            for (x, y) in [(-1.2, 1.0), (0.3, -0.7), (2.5, 0.4), (0.0, 0.0)] {
                let (dx, dy) = surface.gradient(x, y);
                let across = (surface.value(x + H, y) - surface.value(x - H, y)) / (2.0 * H);
                let up = (surface.value(x, y + H) - surface.value(x, y - H)) / (2.0 * H);
                assert!((dx - across).abs() < 1e-5 && (dy - up).abs() < 1e-5, "{surface:?} at {x}, {y}");
            }
        }
    }

    #[test]
    fn minima_are_minima_and_in_view_as_is_the_start() {
        for surface in ALL {
            let facts = surface.facts();
            let [left, right, low, high] = facts.view;
            for &(x, y) in facts.minima.iter().chain([&facts.start]) {
                assert!(x > left && x < right && y > low && y < high, "{surface:?}: {x}, {y}");
            }
            for &(x, y) in facts.minima {
                let (dx, dy) = surface.gradient(x, y);
                // Himmelblau's are known to six digits behind the point, where it bends by less than 80.
                assert!(surface.value(x, y) < 1e-10 && dx.hypot(dy) < 1e-4, "{surface:?}: {x}, {y}: {dx}, {dy}");
            }
            assert!(surface.value(facts.start.0, facts.start.1) > 1.0, "{surface:?} starts at its end");
        }
    }
}
