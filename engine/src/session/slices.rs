//! Loss and gradients of a slice of a batch, computed on their own, and their sum.
//!
//! The mean loss of a batch is `Σᵢ nᵢ/n · Lᵢ` over its slices, and so is its gradient. Each slice is differentiated with its share
//! already in its loss, so that what is left is to add, always in the order of the slices: in floating point another order would
//! be another sum.

use super::Supervised;
use crate::data::LabData;
use crate::loss::Targets;
use crate::model::{Net, Signal, time_first};
use crate::rng::Stream;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use descent_spec::model::TracedLayer;
use descent_spec::slices::{MAX_SLICES, slices};
use descent_spec::{Head, Shape};
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

/// What a slice's gradients are a function of, beside the weights and the slice itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blueprint {
    /// Every layer in place.
    pub layers: Vec<TracedLayer>,
    /// How the last one's outputs become a loss.
    pub head: Head,
}

/// Examples of a batch, as numbers on the host.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Its examples as the net takes them, one after the other.
    pub inputs: Vec<f32>,
    /// One for each example, or for each of its steps.
    pub targets: Vec<f32>,
    /// Its share of the batch, `nᵢ/n`.
    pub share: f32,
    /// Seeds the generator of dropout.
    pub seed: Option<u64>,
}

/// What a slice adds to its batch; of all slices together, the batch's loss, metric and gradients.
#[derive(Debug)]
pub struct Part {
    /// Its mean loss times its share, `[1]`, untracked.
    pub loss: Tensor<1>,
    /// The same of the metric.
    pub metric: Tensor<1>,
    /// Gradients of `loss`.
    pub grads: GradientsParams,
}

impl Slice {
    /// A whole batch, for a net without dropout.
    pub fn whole(inputs: Vec<f32>, targets: Vec<f32>) -> Slice {
        Slice { inputs, targets, share: 1.0, seed: None }
    }

    /// Cuts a batch, given as rows of values and one target each, for a net without dropout.
    pub fn cut(inputs: &[f32], targets: &[f32]) -> Vec<Slice> {
        let n_examples = targets.len();
        let n_values = inputs.len().checked_div(n_examples).unwrap_or_default();
        let slice = |range: std::ops::Range<usize>| Slice {
            inputs: inputs[range.start * n_values..range.end * n_values].to_vec(),
            targets: targets[range.clone()].to_vec(),
            share: range.len() as f32 / n_examples as f32,
            seed: None,
        };
        slices(n_examples).map(slice).collect()
    }
}

impl Part {
    /// This and the next one together.
    pub fn plus(self, next: Part, net: &Net) -> Part {
        Part { loss: self.loss + next.loss, metric: self.metric + next.metric, grads: net.add_gradients(self.grads, next.grads) }
    }
}

impl Supervised {
    /// Loss, metric and gradients of the next batch, as the next step finds them; none where there is no example.
    pub(super) fn differentiate(&self, data: &LabData) -> Option<Part> {
        let input = self.traced[0].input;
        let part = |slice| differentiate(&self.net, input, self.head, slice, &self.device);
        self.slices(data).into_iter().map(part).reduce(|sum, part| sum.plus(part, &self.net))
    }

    /// Whether batches are cut, so that others can compute a part of them.
    pub fn is_sliced(&self) -> bool {
        self.is_sliced
    }

    /// What a replica must know of the net to compute a slice, beside the weights.
    pub fn blueprint(&self) -> Blueprint {
        Blueprint { layers: self.traced.clone(), head: self.head }
    }

    /// The net as it trains.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// The next batch as it is computed: cut, or in one piece.
    pub fn slices(&self, data: &LabData) -> Vec<Slice> {
        let batch = self.next_batch();
        let step = self.progress.step + 1;
        let mut all = (Vec::new(), Vec::new());
        if self.is_sliced && self.head.is_stepwise() {
            data.train_pool.fill_batch(batch, &mut all.0, &mut all.1);
        }
        let n_answers = counted(&all.1);
        let piece = |examples: &[u32], seed: u64| {
            let (mut inputs, mut targets) = (Vec::new(), Vec::new());
            data.train_pool.fill_batch(examples, &mut inputs, &mut targets);
            // The loss is a mean over answers, of which an example has one, or as many as its target has tokens.
            let share = if self.head.is_stepwise() {
                counted(&targets) as f32 / n_answers as f32
            } else {
                examples.len() as f32 / batch.len() as f32
            };
            Slice { share, inputs, targets, seed: Some(seed) }
        };
        // Dropout draws from the device's generator. Seeding it by the step makes a mask a function of seed and step, so that a
        // session resumed from a checkpoint draws what it would have drawn.
        let seed = |stream: Stream, index: u64| self.streams.rng(stream, index).next_u64();
        if !self.is_sliced {
            return vec![Slice { share: 1.0, ..piece(batch, seed(Stream::Dropout, step)) }];
        }
        let ranges = slices(batch.len()).enumerate();
        ranges
            .map(|(idx, range)| piece(&batch[range], seed(Stream::SliceDropout, step * MAX_SLICES as u64 + idx as u64)))
            .collect()
    }
}

/// Forward and backward for one slice. The net stands on `device`, which tracks gradients.
pub fn differentiate(net: &Net, input: Shape, head: Head, slice: Slice, device: &Device) -> Part {
    let Slice { inputs, targets, share, seed } = slice;
    if let Some(seed) = seed {
        device.seed(seed);
    }
    let batch = inputs.len() / input.len().max(1);
    let x = Signal::of_rows(input, inputs, batch, device);
    let targets = by_row(head, targets, batch);
    let y = Targets::new(head, targets, device);
    let [loss, metric] = y.score(net.forward(x));
    // A whole batch is left as it is.
    let (loss, metric) = if share == 1.0 { (loss, metric) } else { (loss * share, metric * share) };
    let grads = GradientsParams::from_grads(loss.backward(), net);
    Part { loss: loss.inner(), metric, grads }
}

/// How many targets count.
fn counted(targets: &[f32]) -> usize {
    targets.iter().filter(|&&target| target >= 0.0).count().max(1)
}

/// Targets in the order of the rows that a net hands to its head: of sequences time first.
pub(super) fn by_row(head: Head, targets: Vec<f32>, batch: usize) -> Vec<f32> {
    if head.is_stepwise() { time_first(&targets, batch, targets.len() / batch.max(1), 1) } else { targets }
}
