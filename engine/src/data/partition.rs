//! Which training examples the model learns from, and which are held out for validation.

use crate::rng::{Stream, Streams, shuffle};

/// A training pool in two parts, drawn by the seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Indices into the pool, ascending: what the optimizer sees.
    pub train: Vec<u32>,
    /// Indices into the pool, ascending: what is held out.
    pub validation: Vec<u32>,
}

impl Partition {
    /// Holds out `round(n_pool · validation_share)` examples, every choice of them equally likely.
    ///
    /// ```
    /// # use descent_engine::data::Partition;
    /// let split = Partition::new(60_000, 0.2, 1);
    /// assert_eq!((split.train.len(), split.validation.len()), (48_000, 12_000));
    /// ```
    pub fn new(n_pool: usize, validation_share: f64, seed: u32) -> Partition {
        let n_validation = ((n_pool as f64 * validation_share).round() as usize).min(n_pool);
        let mut train: Vec<u32> = (0..n_pool as u32).collect();
        shuffle(&mut Streams::new(seed).rng(Stream::Split, 0), &mut train);
        let mut validation = train.split_off(n_pool - n_validation);
        // In pool order, so that the first examples of a split are those of the first shards, which come first.
        train.sort_unstable();
        validation.sort_unstable();
        Partition { train, validation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_sizes_are_exact() {
        for (n_pool, share, n_validation) in
            [(60_000, 0.2, 12_000), (60_000, 0.05, 3_000), (10, 0.25, 3), (10, 0.24, 2), (1, 0.5, 1), (3, 0.1, 0)]
        {
            let split = Partition::new(n_pool, share, 1);
            assert_eq!(split.validation.len(), n_validation, "{n_pool} {share}");
            assert_eq!(split.train.len(), n_pool - n_validation);
        }
    }

    #[test]
    fn another_seed_holds_out_others() {
        assert_ne!(Partition::new(1000, 0.2, 1), Partition::new(1000, 0.2, 2));
        assert_eq!(Partition::new(1000, 0.2, 1), Partition::new(1000, 0.2, 1));
    }

    #[test]
    fn the_held_out_lie_evenly_in_the_pool() {
        let split = Partition::new(60_000, 0.2, 5);
        for shard in 0..10u32 {
            let here = split.validation.iter().filter(|&&idx| idx / 6000 == shard).count();
            // 1200 expected, standard deviation about √(6000 · 0.2 · 0.8) = 31.
            assert!((1060..1340).contains(&here), "{here} in shard {shard}");
        }
    }

    proptest! {
        #[test]
        fn the_parts_are_the_pool(n_pool in 0usize..3000, share in 0.0f64..=1.0, seed in any::<u32>()) {
            let Partition { train, validation } = Partition::new(n_pool, share, seed);
            prop_assert!(train.is_sorted() && validation.is_sorted());
            let mut all = [train, validation].concat();
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..n_pool as u32));
        }
    }
}
