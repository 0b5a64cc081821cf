//! Slices of a batch: what several workers can compute beside each other, and when a batch is cut at all.
//!
//! Both follow from the experiment alone. The cut is the same for one worker and for four, and so is every sum over it: how many
//! workers there are decides who computes a slice and never what comes out.

use crate::layer::LayerSpec;
use crate::model::TracedLayer;
use std::ops::Range;

/// Slices of a batch: as many as workers that ever share one.
pub const MAX_SLICES: usize = 4;

/// Multiplications of a step from which its batch is cut. In the browser they take some 5 to 10 ms of one core, and telling a
/// replica the weights and hearing its gradients takes one to two of a net of half a million parameters: below, there is little to
/// be had.
pub const LEAST_MULTIPLICATIONS: u64 = 50_000_000;

/// Multiplications, each with its addition, of one training step: one for each weight that an example meets, once forward and
/// twice backward.
pub fn step_multiplications(layers: &[TracedLayer], batch_size: usize) -> u64 {
    3 * batch_size as u64 * layers.iter().map(TracedLayer::n_multiplications).sum::<u64>()
}

/// Whether the batches of an experiment are cut, on the CPU. Batch norm takes its statistics over the whole batch, so a net that
/// has it is never cut.
pub fn is_sliced(layers: &[TracedLayer], batch_size: usize) -> bool {
    let has_batch_norm = layers.iter().any(|layer| layer.layer == LayerSpec::BatchNorm);
    !has_batch_norm && step_multiplications(layers, batch_size) >= LEAST_MULTIPLICATIONS
}

/// Consecutive slices of a batch, in order, sizes differing by one at most; fewer than [`MAX_SLICES`] where there are too few
/// examples.
///
/// ```
/// let cut: Vec<_> = descent_spec::slices::slices(6).collect();
/// assert_eq!(cut, [0..1, 1..3, 3..4, 4..6]);
/// ```
pub fn slices(n_examples: usize) -> impl Iterator<Item = Range<usize>> {
    shares(n_examples, MAX_SLICES)
}

/// `n` things in order, divided among at most so many, each of whom gets one at least.
pub fn shares(n: usize, among: usize) -> impl Iterator<Item = Range<usize>> {
    let among = among.min(n);
    (0..among).map(move |idx| idx * n / among..(idx + 1) * n / among)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;
    use crate::{Activation, ModelSpec, Padding};

    /// 32×32×3, convolutions of 32 and 64 filters 3×3 with pooling, dense 128, ten classes.
    fn cifar_net() -> ModelSpec {
        let conv = |filters| LayerSpec::Conv2d { filters, kernel: 3, padding: Padding::Same, activation: Activation::Relu };
        let layers = vec![
            conv(32),
            LayerSpec::MaxPool2d { size: 2 },
            conv(64),
            LayerSpec::MaxPool2d { size: 2 },
            LayerSpec::Dense { units: 128, activation: Activation::Relu },
        ];
        ModelSpec { layers, ..ModelSpec::cnn() }
    }

    #[test]
    fn a_step_multiplies_as_often_as_counted_by_hand() {
        let layers = cifar_net().trace(Shape::Image { channels: 3, height: 32, width: 32 }, 10).unwrap();
        // 32² places of 32 filters of 3²·3; 16² places of 64 filters of 3²·32; 8²·64 → 128 → 10.
        let forward = 1024 * 32 * 27 + 256 * 64 * 288 + 4096 * 128 + 1280;
        assert_eq!(forward, 884_736 + 4_718_592 + 524_288 + 1_280);
        assert_eq!(step_multiplications(&layers, 64), 3 * 64 * forward);
        assert!(is_sliced(&layers, 64), "1,176 million");
        // 3 · 6,128,896 = 18.4 million an example: two are too few, three are enough.
        assert!(!is_sliced(&layers, 2) && is_sliced(&layers, 3));
    }

    #[test]
    fn the_presets_are_cut_where_it_can_pay() {
        let mnist = Shape::Image { channels: 1, height: 28, width: 28 };
        // 3 · 64 · (784·128 + 1280) = 19.5 million; 3 · 64 · 1,083,008 = 208 million.
        assert!(!is_sliced(&ModelSpec::mlp().trace(mnist, 10).unwrap(), 64));
        assert!(is_sliced(&ModelSpec::cnn().trace(mnist, 10).unwrap(), 64));
        let mut with_batch_norm = ModelSpec::cnn();
        with_batch_norm.layers.insert(1, LayerSpec::BatchNorm);
        assert!(!is_sliced(&with_batch_norm.trace(mnist, 10).unwrap(), 64));
    }

    #[test]
    fn every_example_is_in_one_slice() {
        for n in 0..100 {
            let cut: Vec<_> = slices(n).collect();
            assert_eq!(cut.len(), n.min(MAX_SLICES));
            assert!(cut.iter().flat_map(Clone::clone).eq(0..n));
            assert!(cut.iter().all(|slice| slice.len() == n / cut.len() || slice.len() == n.div_ceil(cut.len())));
        }
        assert_eq!(shares(4, 2).collect::<Vec<_>>(), [0..2, 2..4]);
    }
}
