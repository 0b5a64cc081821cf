//! A pool of examples whose size is known before its bytes have come.

use super::shard::{ShardError, check_labels};
use descent_spec::Shape;

/// Examples in shards, as bytes: a pixel stays a `u8` until its batch is built. 60,000 digits take 47 MB instead of 188.
#[derive(Debug, Clone)]
pub struct Examples {
    shape: Shape,
    n_classes: usize,
    /// Index of the first example of each shard, and behind them the number of examples: `[0, 6000, 12000]` for two shards.
    bounds: Vec<usize>,
    /// A loaded shard as it travels: its labels, then its pixels.
    shards: Vec<Option<Vec<u8>>>,
}

impl Examples {
    /// Room for shards of these sizes, none loaded.
    pub fn empty(shape: Shape, n_classes: usize, shard_counts: &[usize]) -> Examples {
        let mut bounds = vec![0];
        bounds.extend(shard_counts.iter().scan(0, |end, count| {
            *end += count;
            Some(*end)
        }));
        Examples { shape, n_classes, bounds, shards: vec![None; shard_counts.len()] }
    }

    /// Puts a shard in place: `count` labels, then `count · shape.len()` pixels. Nothing changes when it is refused.
    pub fn insert_shard(&mut self, shard_idx: usize, bytes: impl Into<Vec<u8>>) -> Result<(), ShardError> {
        let Some(place) = self.shards.get_mut(shard_idx) else {
            return Err(ShardError::NoSuchShard { shard_idx, n_shards: self.shards.len() });
        };
        let count = self.bounds[shard_idx + 1] - self.bounds[shard_idx];
        let bytes = bytes.into();
        let expected = count * (1 + self.shape.len());
        if bytes.len() != expected {
            return Err(ShardError::Unpacked { expected, at_least: bytes.len() });
        }
        check_labels(&bytes[..count], self.n_classes)?;
        *place = Some(bytes);
        Ok(())
    }

    /// Shape of one example.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Number of classes; every label is below it.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Number of examples, loaded or not.
    pub fn len(&self) -> usize {
        self.bounds[self.shards.len()]
    }

    /// Whether there is no example at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the first example of each shard, and behind them [`len`](Self::len).
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// Whether this shard has been inserted.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        self.shards.get(shard_idx).is_some_and(Option::is_some)
    }

    /// Whether the example's shard has been inserted.
    pub fn is_loaded(&self, idx: usize) -> bool {
        self.find(idx).is_some()
    }

    /// The example's pixels, channels first; none while its shard is missing.
    pub fn pixels(&self, idx: usize) -> &[u8] {
        let len = self.shape.len();
        self.find(idx).map_or(&[], |shard| &shard.bytes[shard.count + shard.offset * len..][..len])
    }

    /// The example's class; 0 while its shard is missing.
    pub fn label(&self, idx: usize) -> u8 {
        self.find(idx).map_or(0, |shard| shard.bytes[shard.offset])
    }

    /// The example's class as a number.
    pub fn target(&self, idx: usize) -> f32 {
        f32::from(self.label(idx))
    }

    /// Replaces the buffer's contents with a batch: pixels scaled to `[0, 1]`, `[batch, …shape]`.
    ///
    /// The examples must be loaded; the row of one that is not is black.
    pub fn fill_inputs(&self, indices: &[u32], pixels: &mut Vec<f32>) {
        let len = self.shape.len();
        pixels.clear();
        pixels.reserve(indices.len() * len);
        for (row, &idx) in indices.iter().enumerate() {
            // Division, not multiplication by 1/255, so that 255 becomes exactly 1 and every value is the nearest `f32`.
            pixels.extend(self.pixels(idx as usize).iter().map(|&pixel| f32::from(pixel) / 255.0));
            pixels.resize((row + 1) * len, 0.0);
        }
    }

    fn find(&self, idx: usize) -> Option<Place<'_>> {
        let shard_idx = self.bounds.partition_point(|&bound| bound <= idx).checked_sub(1)?;
        let bytes = self.shards.get(shard_idx)?.as_deref()?;
        let start = self.bounds[shard_idx];
        Some(Place { bytes, count: self.bounds[shard_idx + 1] - start, offset: idx - start })
    }
}

/// Where an example lies.
struct Place<'a> {
    bytes: &'a [u8],
    count: usize,
    offset: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape::Image { channels: 1, height: 1, width: 2 };

    fn two_shards() -> Examples {
        let mut examples = Examples::empty(SHAPE, 3, &[2, 1]);
        examples.insert_shard(0, [1, 2, 0, 51, 102, 255]).unwrap();
        examples
    }

    #[test]
    fn a_batch_is_pixels_over_255() {
        let mut examples = two_shards();
        examples.insert_shard(1, [0, 7, 8]).unwrap();
        let mut pixels = vec![9.0];
        examples.fill_inputs(&[1, 0, 2], &mut pixels);
        assert_eq!(pixels, [102.0 / 255.0, 1.0, 0.0, 0.2, 7.0 / 255.0, 8.0 / 255.0]);
        assert_eq!([1, 0, 2].map(|idx| examples.label(idx)), [2, 1, 0]);
        assert_eq!(examples.shard_bounds(), [0, 2, 3]);
    }

    #[test]
    fn what_has_not_come_is_known_to_be_missing() {
        let examples = two_shards();
        assert_eq!(examples.len(), 3);
        assert_eq!([0, 1, 2, 3, 99].map(|idx| examples.is_loaded(idx)), [true, true, false, false, false]);
        assert!(examples.pixels(2).is_empty());
        let mut pixels = Vec::new();
        examples.fill_inputs(&[2, 0], &mut pixels);
        assert_eq!(pixels.len(), 4);
    }

    #[test]
    fn a_refused_shard_leaves_the_place_empty() {
        let mut examples = two_shards();
        for bad in [vec![], vec![0, 1], vec![0, 1, 2, 3], vec![3, 0, 0]] {
            assert!(examples.insert_shard(1, bad).is_err());
            assert!(!examples.is_shard_loaded(1));
        }
        assert!(matches!(examples.insert_shard(2, vec![0, 0, 0]), Err(ShardError::NoSuchShard { .. })));
    }

    #[test]
    fn an_empty_shard_moves_no_bounds() {
        let mut examples = Examples::empty(SHAPE, 3, &[0, 1]);
        examples.insert_shard(1, [2, 5, 6]).unwrap();
        assert_eq!((examples.label(0), examples.pixels(0)), (2, &[5, 6][..]));
    }
}
