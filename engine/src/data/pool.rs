//! What a session takes its batches from: pictures that arrive in shards, or points that are all there.

use super::examples::Examples;
use super::points::Points;
use super::shard::ShardError;
use descent_spec::Shape;

/// A pool of examples.
#[derive(Debug, Clone)]
pub enum Pool {
    /// Pictures with a class each.
    Pictures(Examples),
    /// Points of a plane with a class or a value each.
    Points(Points),
}

impl From<Examples> for Pool {
    fn from(examples: Examples) -> Pool {
        Pool::Pictures(examples)
    }
}

impl From<Points> for Pool {
    fn from(points: Points) -> Pool {
        Pool::Points(points)
    }
}

impl Pool {
    /// Shape of one example as the net takes it.
    pub fn shape(&self) -> Shape {
        match self {
            Pool::Pictures(examples) => examples.shape(),
            Pool::Points(points) => points.shape(),
        }
    }

    /// Number of classes; 0 for regression.
    pub fn n_classes(&self) -> usize {
        match self {
            Pool::Pictures(examples) => examples.n_classes(),
            Pool::Points(points) => points.n_classes(),
        }
    }

    /// Number of examples, loaded or not.
    pub fn len(&self) -> usize {
        match self {
            Pool::Pictures(examples) => examples.len(),
            Pool::Points(points) => points.len(),
        }
    }

    /// Whether there is no example at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the first example of each shard, and behind them [`len`](Self::len).
    pub fn shard_bounds(&self) -> &[usize] {
        match self {
            Pool::Pictures(examples) => examples.shard_bounds(),
            Pool::Points(points) => points.shard_bounds(),
        }
    }

    /// Whether this shard is there.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        match self {
            Pool::Pictures(examples) => examples.is_shard_loaded(shard_idx),
            Pool::Points(_) => shard_idx == 0,
        }
    }

    /// Whether the example is there.
    pub fn is_loaded(&self, idx: usize) -> bool {
        match self {
            Pool::Pictures(examples) => examples.is_loaded(idx),
            Pool::Points(points) => idx < points.len(),
        }
    }

    /// The index of the example's class, or its value for regression; 0 while it is missing.
    pub fn target(&self, idx: usize) -> f32 {
        match self {
            Pool::Pictures(examples) => f32::from(examples.label(idx)),
            Pool::Points(points) => points.target(idx),
        }
    }

    /// The example's class; none for regression.
    pub fn class(&self, idx: usize) -> Option<u32> {
        (self.n_classes() > 0).then(|| self.target(idx) as u32)
    }

    /// The pictures, if the pool holds pictures.
    pub fn pictures(&self) -> Option<&Examples> {
        match self {
            Pool::Pictures(examples) => Some(examples),
            Pool::Points(_) => None,
        }
    }

    /// The points, if the pool holds points.
    pub fn points(&self) -> Option<&Points> {
        match self {
            Pool::Pictures(_) => None,
            Pool::Points(points) => Some(points),
        }
    }

    /// Puts a shard of pictures in place.
    ///
    /// # Errors
    /// Why it was refused; nothing changes then.
    pub fn insert_shard(&mut self, shard_idx: usize, bytes: impl Into<Vec<u8>>) -> Result<(), ShardError> {
        match self {
            Pool::Pictures(examples) => examples.insert_shard(shard_idx, bytes),
            Pool::Points(_) => Err(ShardError::NoSuchShard { shard_idx, n_shards: 0 }),
        }
    }

    /// Replaces the buffers' contents with a batch: inputs `[batch, …shape]`, and for each example the index of its class or its
    /// value, `[batch]`. The examples must be there.
    pub fn fill_batch(&self, indices: &[u32], inputs: &mut Vec<f32>, targets: &mut Vec<f32>) {
        targets.clear();
        targets.extend(indices.iter().map(|&idx| self.target(idx as usize)));
        match self {
            Pool::Pictures(examples) => examples.fill_pixels(indices, inputs),
            Pool::Points(points) => {
                inputs.clear();
                inputs.extend(indices.iter().flat_map(|&idx| points.input(idx as usize)));
            }
        }
    }
}
