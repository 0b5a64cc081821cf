//! Points of a plane with a target each: drawn by a formula, or set by the visitor.

mod draw;

use crate::rng::{Stream, Streams};
use descent_spec::{DataSet, DataSpec, Feature, Shape};
use draw::Drawn;

/// A pool of points. All of them are there from the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    features: Vec<Feature>,
    n_classes: usize,
    x: Vec<f32>,
    y: Vec<f32>,
    targets: Vec<f32>,
    /// `[points, features]`, row by row.
    inputs: Vec<f32>,
    bounds: [usize; 2],
}

/// Which of the two drawings of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What train and validation are taken from: `n_points`.
    Pool,
    /// The test part, drawn apart: half as many.
    Test,
}

impl Points {
    /// Draws a part of a planar set from the seed, or takes the visitor's points. Own points have no test part.
    ///
    /// The same draws are made whatever the noise, and the first points are the same whatever their number.
    pub fn new(data: &DataSpec, part: Part, seed: u32) -> Points {
        let drawn: Vec<Drawn> = match (data.set, part) {
            (DataSet::Own, Part::Pool) => data.own.iter().map(Drawn::own).collect(),
            (DataSet::Own, Part::Test) => Vec::new(),
            (_, Part::Pool) => drawing(data, seed, 0, data.n_points),
            (_, Part::Test) => drawing(data, seed, 1, data.n_points / 2),
        };
        let mut points = Points {
            features: data.features.clone(),
            n_classes: data.n_classes,
            x: drawn.iter().map(|it| it.x as f32).collect(),
            y: drawn.iter().map(|it| it.y as f32).collect(),
            targets: drawn.iter().map(|it| it.target as f32).collect(),
            inputs: Vec::new(),
            bounds: [0, drawn.len()],
        };
        points.inputs = points.x.iter().zip(&points.y).flat_map(|(&x, &y)| inputs_at(&points.features, x, y)).collect();
        points
    }

    /// Shape of one example as the net takes it: the value of each feature.
    pub fn shape(&self) -> Shape {
        Shape::Flat { units: self.features.len() }
    }

    /// Number of classes; 0 for regression.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// All points are one shard: `[0, len]`.
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// Where a point lies, `(x, y)`.
    pub fn position(&self, idx: usize) -> Option<(f32, f32)> {
        self.x.get(idx).copied().zip(self.y.get(idx).copied())
    }

    /// The index of its class, or its value for regression; 0 where there is no such point.
    pub fn target(&self, idx: usize) -> f32 {
        self.targets.get(idx).copied().unwrap_or_default()
    }

    /// Whether this shard is there: the only one always is.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        shard_idx == 0
    }

    /// Whether there is such a point.
    pub fn is_loaded(&self, idx: usize) -> bool {
        idx < self.len()
    }

    /// Replaces the buffer's contents with the features of points, `[batch, features]`.
    pub fn fill_inputs(&self, indices: &[u32], inputs: &mut Vec<f32>) {
        inputs.clear();
        inputs.extend(indices.iter().flat_map(|&idx| self.input(idx as usize)));
    }

    /// The value of each feature; none where there is no such point.
    pub fn input(&self, idx: usize) -> &[f32] {
        let len = self.features.len();
        self.inputs.get(idx * len..(idx + 1) * len).unwrap_or_default()
    }
}

/// What the net is given of a point: computed in double precision from the coordinates as they are sent to the page.
pub fn inputs_at(features: &[Feature], x: f32, y: f32) -> impl Iterator<Item = f32> + '_ {
    features.iter().map(move |feature| feature.at(f64::from(x), f64::from(y)) as f32)
}

fn drawing(data: &DataSpec, seed: u32, index: u64, count: usize) -> Vec<Drawn> {
    let mut rng = Streams::new(seed).rng(Stream::Points, index);
    (0..count).map(|idx| Drawn::new(data, idx, &mut rng)).collect()
}

#[cfg(test)]
mod tests;
