//! The formulas of the planar sets. The data lie in `[-1, 1]²`; noise may move a point out to ±1.5.

use crate::rng::{normal_f64, uniform_f64};
use descent_spec::plane::MAX_COORDINATE;
use descent_spec::{DataSet, DataSpec, OwnPoint, Task};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::{PI, TAU};

/// Circle: radius of the disc.
pub(super) const DISC: f64 = 0.5;
/// Circle: inner radius of the ring; the outer one is 1.
pub(super) const RING: f64 = 0.7;
/// Spiral: the arms start this far from the middle.
pub(super) const SPIRAL_START: f64 = 0.1;
/// Spiral: turns of an arm times number of arms, so that neighbouring arms are 1/3 apart whatever their number.
pub(super) const SPIRAL_TURNS: f64 = 3.0;
/// XOR: no point is closer to an axis before the noise.
pub(super) const XOR_MARGIN: f64 = 0.05;
/// Gaussians: distance of the centres from the middle.
pub(super) const BLOB_RADIUS: f64 = 0.6;
/// Gaussians: standard deviation before the noise.
pub(super) const BLOB_SIGMA: f64 = 0.12;
/// Hills: x, y and height of the tops.
pub(super) const HILLS: [(f64, f64, f64); 3] = [(0.0, 0.5, 1.0), (-0.5, -0.4, -1.0), (0.5, -0.4, 0.5)];
/// Hills: standard deviation of each.
pub(super) const HILL_SIGMA: f64 = 0.3;

/// A point with its target, in double precision.
pub(super) struct Drawn {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Index of the class, or the value.
    pub(super) target: f64,
}

impl Drawn {
    /// Draws the `idx`-th point; the classes take turns, so they are balanced to one.
    pub(super) fn new(data: &DataSpec, idx: usize, rng: &mut ChaCha8Rng) -> Drawn {
        let n_classes = data.n_classes.max(1);
        let class = idx % n_classes;
        let (u, v) = (uniform_f64(rng), uniform_f64(rng));
        let (x, y) = match data.set {
            DataSet::Circle => circle(class, u, v),
            DataSet::Moons => moons(class, u),
            DataSet::Spiral => spiral(class, n_classes, u),
            DataSet::Xor => xor(class, u, v),
            DataSet::Gaussians => gaussians(class, n_classes, (normal_f64(rng), normal_f64(rng))),
            _ => (2.0 * u - 1.0, 2.0 * v - 1.0),
        };
        let noise = (data.noise * normal_f64(rng), data.noise * normal_f64(rng));
        if data.set.task() == Task::Regression {
            let value = if data.set == DataSet::Hill { hill(x, y) } else { plane(x, y) };
            return Drawn { x, y, target: value + noise.0 };
        }
        let within = |value: f64| value.clamp(-MAX_COORDINATE, MAX_COORDINATE);
        Drawn { x: within(x + noise.0), y: within(y + noise.1), target: class as f64 }
    }

    /// A point of the visitor's.
    pub(super) fn own(point: &OwnPoint) -> Drawn {
        let (x, y) = point.position();
        Drawn { x, y, target: f64::from(point.class) }
    }
}

/// Class 1 inside, class 0 around it; both evenly spread over their area, hence the roots.
fn circle(class: usize, u: f64, v: f64) -> (f64, f64) {
    let radius = match class {
        0 => (RING * RING + (1.0 - RING * RING) * u).sqrt(),
        _ => DISC * u.sqrt(),
    };
    polar(radius, TAU * v)
}

/// Half circles of radius 1 as in scikit-learn's `make_moons`, moved and shrunk into the square.
fn moons(class: usize, u: f64) -> (f64, f64) {
    let (sin, cos) = (PI * u).sin_cos();
    let (x, y) = if class == 0 { (cos, sin) } else { (1.0 - cos, 0.5 - sin) };
    ((x - 0.5) / 1.75, (y - 0.25) / 1.75)
}

/// Archimedes' spiral: the radius grows with the angle.
fn spiral(class: usize, n_arms: usize, u: f64) -> (f64, f64) {
    let radius = SPIRAL_START + (1.0 - SPIRAL_START) * u;
    polar(radius, TAU * (class as f64 + SPIRAL_TURNS * radius) / n_arms as f64)
}

/// Class 0 where the signs of x and y agree, class 1 where they do not.
fn xor(class: usize, u: f64, v: f64) -> (f64, f64) {
    let away = |value: f64| value.signum() * (XOR_MARGIN + (1.0 - XOR_MARGIN) * value.abs());
    let (x, y) = (away(2.0 * u - 1.0), XOR_MARGIN + (1.0 - XOR_MARGIN) * v);
    let agrees = class == 0;
    (x, if agrees { y * x.signum() } else { -y * x.signum() })
}

/// Blobs on a circle, the first in the upper right.
fn gaussians(class: usize, n_classes: usize, (a, b): (f64, f64)) -> (f64, f64) {
    let (x, y) = polar(BLOB_RADIUS, TAU * (class as f64 / n_classes as f64 + 1.0 / 8.0));
    (x + BLOB_SIGMA * a, y + BLOB_SIGMA * b)
}

fn plane(x: f64, y: f64) -> f64 {
    (x + y) / 2.0
}

fn hill(x: f64, y: f64) -> f64 {
    let at = |&(top_x, top_y, height): &(f64, f64, f64)| {
        let square = (x - top_x).powi(2) + (y - top_y).powi(2);
        height * (-square / (2.0 * HILL_SIGMA * HILL_SIGMA)).exp()
    };
    HILLS.iter().map(at).sum()
}

fn polar(radius: f64, angle: f64) -> (f64, f64) {
    (radius * angle.cos(), radius * angle.sin())
}
