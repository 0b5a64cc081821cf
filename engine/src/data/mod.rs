//! Examples: how they arrive, how they are split, and in which order a run sees them.

mod examples;
mod order;
mod partition;
pub mod points;
mod pool;
pub mod shard;
pub mod strokes;

pub use examples::Examples;
pub use order::epoch_order;
pub use partition::Partition;
pub use points::Points;
pub use pool::Pool;
pub use shard::ShardError;

use descent_spec::manifest::{Manifest, Source};
use descent_spec::{DataSet, DataSpec};

/// Everything a session learns and is tested on. Bytes may still be missing: [`Examples::is_loaded`] tells.
#[derive(Debug, Clone)]
pub struct LabData {
    /// The training part; train and validation are drawn from it by [`Partition`].
    pub train_pool: Pool,
    /// The test part.
    pub test: Pool,
    /// Real, or generated in its place.
    pub source: Source,
    /// Terms of use.
    pub licence: String,
    /// Whom to cite.
    pub citation: String,
}

impl LabData {
    /// What a manifest announces, with no bytes yet.
    pub fn announced(manifest: &Manifest) -> LabData {
        let counts = |shards: &[descent_spec::manifest::Shard]| shards.iter().map(|shard| shard.count).collect::<Vec<_>>();
        let n_classes = manifest.classes.len();
        LabData {
            train_pool: Examples::empty(manifest.shape, n_classes, &counts(&manifest.train)).into(),
            test: Examples::empty(manifest.shape, n_classes, &counts(&manifest.test)).into(),
            source: manifest.source,
            licence: manifest.licence.clone(),
            citation: manifest.citation.clone(),
        }
    }

    /// The points of a planar set, all of them: drawn from the seed, or the visitor's.
    pub fn points(data: &DataSpec, seed: u32) -> LabData {
        let is_own = data.set == DataSet::Own;
        LabData {
            train_pool: Points::new(data, points::Part::Pool, seed).into(),
            test: Points::new(data, points::Part::Test, seed).into(),
            source: Source::Generated,
            licence: if is_own { "Your points." } else { "Drawn by this page: free to use." }.into(),
            citation: if is_own { "Set by you." } else { "Drawn by this page from the seed." }.into(),
        }
    }

    /// Room for digits drawn by [`strokes`], to be filled shard by shard with [`strokes::shard`].
    pub fn generated_empty() -> LabData {
        let room = |n_shards| Pool::from(Examples::empty(strokes::SHAPE, 10, &vec![strokes::SHARD_COUNT; n_shards]));
        LabData {
            train_pool: room(strokes::N_TRAIN_SHARDS),
            test: room(strokes::N_TEST_SHARDS),
            source: Source::Generated,
            licence: "Drawn by this page: free to use.".into(),
            citation: "Digits drawn by this page from jittered strokes, in place of MNIST.".into(),
        }
    }

    /// Digits drawn by [`strokes`], all of them: 10,000 for training, 2,000 for testing.
    pub fn generated(seed: u32) -> LabData {
        let mut data = LabData::generated_empty();
        for idx in 0..strokes::N_TRAIN_SHARDS + strokes::N_TEST_SHARDS {
            data.insert_generated(seed, idx);
        }
        data
    }

    /// Draws the `idx`-th generated shard, training shards first, and puts it in place.
    pub fn insert_generated(&mut self, seed: u32, idx: usize) {
        let bytes = strokes::shard(seed, idx);
        let (examples, idx) = match idx.checked_sub(strokes::N_TRAIN_SHARDS) {
            None => (&mut self.train_pool, idx),
            Some(test_idx) => (&mut self.test, test_idx),
        };
        let inserted = examples.insert_shard(idx, bytes);
        debug_assert!(inserted.is_ok(), "the generator keeps to the format: {inserted:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_data_are_whole_and_repeat() {
        let data = LabData::generated(1);
        assert_eq!((data.train_pool.len(), data.test.len()), (10_000, 2_000));
        assert!((0..data.train_pool.len()).all(|idx| data.train_pool.is_loaded(idx)));
        assert!((0..data.test.len()).all(|idx| data.test.is_loaded(idx)));
        assert_eq!(data.source, Source::Generated);
        let mut again = LabData::generated_empty();
        again.insert_generated(1, 8);
        let pixels = |data: &LabData| data.train_pool.pictures().unwrap().pixels(1600).to_vec();
        assert_eq!(pixels(&again), pixels(&data));
        assert_eq!(again.train_pool.class(1600), data.train_pool.class(1600));
    }

    #[test]
    fn no_test_digit_is_a_training_digit() {
        let data = LabData::generated(1);
        let (train, test) = (data.train_pool.pictures().unwrap(), data.test.pictures().unwrap());
        let known: std::collections::HashSet<_> = (0..train.len()).map(|idx| train.pixels(idx)).collect();
        assert!((0..test.len()).all(|idx| !known.contains(test.pixels(idx))));
    }
}
