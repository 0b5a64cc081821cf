//! In which order an epoch goes through the training examples.

use crate::rng::{Stream, Streams, shuffle};

/// The training examples in the order of this epoch: a function of seed and epoch alone.
///
/// `train` holds ascending indices into the pool, and `shard_bounds` is [`Examples::shard_bounds`](super::Examples::shard_bounds).
/// Epoch 0 goes through the shards in order and shuffles within each, so that training can start when the first shard has come
/// and still never depends on how fast the others come. Every later epoch shuffles all examples.
pub fn epoch_order(seed: u32, epoch: u32, train: &[u32], shard_bounds: &[usize]) -> Vec<u32> {
    let mut rng = Streams::new(seed).rng(Stream::Shuffle, u64::from(epoch));
    let mut order = train.to_vec();
    if epoch > 0 {
        shuffle(&mut rng, &mut order);
        return order;
    }
    let mut rest = order.as_mut_slice();
    for &end in shard_bounds.iter().skip(1) {
        let n_here = rest.partition_point(|&idx| (idx as usize) < end);
        let (here, behind) = rest.split_at_mut(n_here);
        shuffle(&mut rng, here);
        rest = behind;
    }
    // Empty unless the bounds end too early; then what is left is shuffled as one more shard.
    shuffle(&mut rng, rest);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Partition;
    use proptest::prelude::*;

    #[test]
    fn the_first_epoch_keeps_to_the_shards_and_later_ones_do_not() {
        let train: Vec<u32> = (0..100).filter(|idx| idx % 5 != 0).collect();
        let bounds = [0, 30, 60, 100];
        let shard_of = |idx: u32| bounds.iter().filter(|&&bound| bound <= idx as usize).count();
        let shards = |epoch| epoch_order(1, epoch, &train, &bounds).into_iter().map(shard_of).collect::<Vec<_>>();
        assert!(shards(0).is_sorted());
        assert!(!shards(1).is_sorted());
        assert!(!epoch_order(1, 0, &train, &bounds)[..24].is_sorted(), "shuffled within the shard");
    }

    #[test]
    fn seed_and_epoch_decide_and_nothing_else() {
        let train: Vec<u32> = (0..1000).collect();
        let order = |seed, epoch| epoch_order(seed, epoch, &train, &[0, 500, 1000]);
        assert_eq!(order(1, 2), order(1, 2));
        assert_ne!(order(1, 2), order(1, 3));
        assert_ne!(order(1, 2), order(2, 2));
        assert_ne!(order(1, 0), order(2, 0));
    }

    proptest! {
        #[test]
        fn every_epoch_covers_train_exactly_once(n_pool in 1usize..2000, cuts in prop::collection::vec(0usize..2000, 0..6), seed in any::<u32>(), epoch in 0u32..3) {
            let train = Partition::new(n_pool, 0.2, seed).train;
            let mut bounds: Vec<usize> = cuts.into_iter().map(|cut| cut.min(n_pool)).chain([0, n_pool]).collect();
            bounds.sort_unstable();
            let mut order = epoch_order(seed, epoch, &train, &bounds);
            order.sort_unstable();
            prop_assert_eq!(order, train);
        }
    }
}
