//! Attention: what a step of one sequence takes from the steps of another.
//!
//! Weights are `[batch, queries, keys]`, in each row with the sum 1. What must not be seen gets −10⁹ on its score, whose exponential is
//! exactly 0, so that padding changes nothing.

use super::init::{draw, draw_bias};
use super::signal::{Pair, Sequence};
use crate::kernels::{activate, dense};
use burn::module::{Module, Param};
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor, TensorData};
use descent_spec::{Activation, Initializer, Score};
use rand_chacha::ChaCha8Rng;

const UNSEEN: f32 = -1e9;

/// Attention of the target's states over the source's; the formulas stand in `descent_spec::LayerSpec::Attend`.
#[derive(Module, Debug)]
pub struct Attend {
    /// `[features, features]` of the source's states; additive only.
    source_weight: Option<Param<Tensor<2>>>,
    /// `[features, features]` of the target's states; additive only.
    target_weight: Option<Param<Tensor<2>>>,
    /// `[features, 1]`; additive only.
    score_weight: Option<Param<Tensor<2>>>,
    /// `[2 features, features]`: the rows of the context, then those of the state.
    weight: Param<Tensor<2>>,
    /// `[features]`.
    bias: Param<Tensor<1>>,
}

impl Attend {
    /// First weights by the initializer.
    pub fn init(score: Score, features: usize, initializer: Initializer, rng: &mut ChaCha8Rng, device: &Device) -> Attend {
        let mut matrix = |inputs: usize, units: usize| {
            let values = draw(initializer, inputs, units, inputs * units, rng);
            Param::from_data(TensorData::new(values, [inputs, units]), device)
        };
        let mut of_score = |units: usize| (score == Score::Additive).then(|| matrix(features, units));
        let (source_weight, target_weight, score_weight) = (of_score(features), of_score(features), of_score(1));
        let weight = matrix(2 * features, features);
        let bias = draw_bias(initializer, 2 * features, features, rng);
        let bias = Param::from_data(TensorData::new(bias, [features]), device);
        Attend { source_weight, target_weight, score_weight, weight, bias }
    }

    /// The pair with another target side, and the weights `[batch, target, source]`.
    pub fn forward(&self, pair: Pair) -> (Pair, Tensor<3>) {
        let Pair { source, target } = pair;
        let [n_keys, batch, features] = source.values.dims();
        let n_queries = target.values.dims()[0];
        let scores = match (&self.source_weight, &self.target_weight, &self.score_weight) {
            (Some(of_source), Some(of_target), Some(of_sum)) => {
                let keys = source.rows().matmul(of_source.val()).reshape([1, n_keys, batch, features]);
                let queries = target.rows().matmul(of_target.val()).reshape([n_queries, 1, batch, features]);
                let sums = activate(Activation::Tanh, queries + keys).reshape([n_queries * n_keys * batch, features]);
                sums.matmul(of_sum.val()).reshape([n_queries, n_keys, batch]).permute([2, 0, 1])
            }
            _ => by_example(&target).matmul(by_example(&source).swap_dims(1, 2)),
        };
        let scores = match unseen_padding(&source) {
            Some(unseen) => scores + unseen.reshape([batch, 1, n_keys]),
            None => scores,
        };
        let weights = softmax(scores, 2);
        let context = weights.clone().matmul(by_example(&source)).swap_dims(0, 1);
        let both = Tensor::cat(vec![context, target.values.clone()], 2).reshape([n_queries * batch, 2 * features]);
        let rows = dense(both, self.weight.val(), self.bias.val(), Activation::Tanh);
        (Pair { source, target: target.with_rows(rows) }, weights)
    }
}

/// `√d x + p` on both sides.
#[derive(Module, Debug)]
pub struct Positions {}

impl Positions {
    /// Waves are added to every step.
    pub fn forward(&self, pair: Pair) -> Pair {
        let placed = |sequence: Sequence| {
            let [steps, _, features] = sequence.values.dims();
            let waves = TensorData::new(waves(steps, features), [steps, 1, features]);
            let waves = Tensor::<3>::from_data(waves, &sequence.values.device());
            Sequence { values: sequence.values * (features as f64).sqrt() + waves, lengths: sequence.lengths }
        };
        Pair { source: placed(pair.source), target: placed(pair.target) }
    }
}

/// `p(t, 2i) = sin(t / 10000^(2i/d))`, `p(t, 2i + 1) = cos(t / 10000^(2i/d))`, `[steps, features]` (Vaswani et al. 2017, 3.5).
pub fn waves(steps: usize, features: usize) -> Vec<f32> {
    let wave = |t: usize, feature: usize| {
        let angle = t as f64 / 10_000_f64.powf((feature - feature % 2) as f64 / features as f64);
        if feature.is_multiple_of(2) { angle.sin() as f32 } else { angle.cos() as f32 }
    };
    (0..steps).flat_map(|t| (0..features).map(move |feature| wave(t, feature))).collect()
}

/// Attention with several heads, each over its own part of the features (Vaswani et al. 2017).
#[derive(Module, Debug)]
struct MultiHead {
    query_weight: Param<Tensor<2>>,
    query_bias: Param<Tensor<1>>,
    key_weight: Param<Tensor<2>>,
    key_bias: Param<Tensor<1>>,
    value_weight: Param<Tensor<2>>,
    value_bias: Param<Tensor<1>>,
    output_weight: Param<Tensor<2>>,
    output_bias: Param<Tensor<1>>,
    #[module(skip)]
    heads: usize,
}

impl MultiHead {
    fn init(heads: usize, features: usize, initializer: Initializer, rng: &mut ChaCha8Rng, device: &Device) -> MultiHead {
        let mut affine = || affine([features, features], initializer, rng, device);
        let [(query_weight, query_bias), (key_weight, key_bias), (value_weight, value_bias), (output_weight, output_bias)] =
            [affine(), affine(), affine(), affine()];
        MultiHead { query_weight, query_bias, key_weight, key_bias, value_weight, value_bias, output_weight, output_bias, heads }
    }

    /// Queries from one sequence, keys and values from another; `unseen` is added to the scores `[batch, heads, queries, keys]`.
    /// Rows `[queries · batch, features]`, time first, and the weights.
    fn forward(&self, from: &Sequence, over: &Sequence, unseen: Option<Tensor<4>>) -> (Tensor<2>, Tensor<4>) {
        let [n_queries, batch, features] = from.values.dims();
        let width = features / self.heads;
        let parts = |of: &Sequence, weight: &Param<Tensor<2>>, bias: &Param<Tensor<1>>| {
            let rows = dense(of.rows(), weight.val(), bias.val(), Activation::Linear);
            rows.reshape([of.values.dims()[0], batch, self.heads, width]).permute([1, 2, 0, 3])
        };
        let queries = parts(from, &self.query_weight, &self.query_bias);
        let keys = parts(over, &self.key_weight, &self.key_bias);
        let values = parts(over, &self.value_weight, &self.value_bias);
        let scores = queries.matmul(keys.swap_dims(2, 3)) / (width as f64).sqrt();
        let scores = match unseen {
            Some(unseen) => scores + unseen,
            None => scores,
        };
        let weights = softmax(scores, 3);
        let context = weights.clone().matmul(values).permute([2, 0, 1, 3]).reshape([n_queries * batch, features]);
        (dense(context, self.output_weight.val(), self.output_bias.val(), Activation::Linear), weights)
    }
}

/// Two dense layers on each step: `relu(x W + b) V + c`.
#[derive(Module, Debug)]
struct StepDense {
    inner_weight: Param<Tensor<2>>,
    inner_bias: Param<Tensor<1>>,
    outer_weight: Param<Tensor<2>>,
    outer_bias: Param<Tensor<1>>,
}

impl StepDense {
    fn init(features: usize, hidden: usize, initializer: Initializer, rng: &mut ChaCha8Rng, device: &Device) -> StepDense {
        let (inner_weight, inner_bias) = affine([features, hidden], initializer, rng, device);
        let (outer_weight, outer_bias) = affine([hidden, features], initializer, rng, device);
        StepDense { inner_weight, inner_bias, outer_weight, outer_bias }
    }

    fn forward(&self, rows: Tensor<2>) -> Tensor<2> {
        let inner = dense(rows, self.inner_weight.val(), self.inner_bias.val(), Activation::Relu);
        dense(inner, self.outer_weight.val(), self.outer_bias.val(), Activation::Linear)
    }
}

/// A block on each side: of the source `x ← norm(x + attention(x))`, `x ← norm(x + dense(x))`; of the target the same with an attention
/// that sees no later step, and between the two `x ← norm(x + attention(x over the source))`.
#[derive(Module, Debug)]
pub struct Transformer {
    source_attention: MultiHead,
    source_norm: LayerNorm,
    source_dense: StepDense,
    source_end: LayerNorm,
    target_attention: MultiHead,
    target_norm: LayerNorm,
    cross_attention: MultiHead,
    cross_norm: LayerNorm,
    target_dense: StepDense,
    target_end: LayerNorm,
}

impl Transformer {
    /// First weights by the initializer; norms begin with scale 1 and shift 0.
    pub fn init(
        (heads, features, hidden): (usize, usize, usize),
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Transformer {
        let norm = || LayerNormConfig::new(features).with_epsilon(1e-5).init(device);
        let attention = |rng: &mut ChaCha8Rng| MultiHead::init(heads, features, initializer, rng, device);
        let step_dense = |rng: &mut ChaCha8Rng| StepDense::init(features, hidden, initializer, rng, device);
        Transformer {
            source_attention: attention(rng),
            source_norm: norm(),
            source_dense: step_dense(rng),
            source_end: norm(),
            target_attention: attention(rng),
            target_norm: norm(),
            cross_attention: attention(rng),
            cross_norm: norm(),
            target_dense: step_dense(rng),
            target_end: norm(),
        }
    }

    /// Both sides, and the weights with which the target's steps attend to the source's, `[batch, heads, target, source]`.
    pub fn forward(&self, pair: Pair) -> (Pair, Tensor<4>) {
        let Pair { mut source, mut target } = pair;
        let [n_keys, batch, _] = source.values.dims();
        let n_steps = target.values.dims()[0];
        let padding = unseen_padding(&source).map(|unseen| unseen.reshape([batch, 1, 1, n_keys]));

        let (attended, _) = self.source_attention.forward(&source, &source, padding.clone());
        source = joined(source, attended, &self.source_norm);
        let dense = self.source_dense.forward(source.rows());
        source = joined(source, dense, &self.source_end);

        let later = (0..n_steps).flat_map(|t| (0..n_steps).map(move |key| if key > t { UNSEEN } else { 0.0 })).collect();
        let later = Tensor::from_data(TensorData::new(later, [1, 1, n_steps, n_steps]), &target.values.device());
        let (attended, _) = self.target_attention.forward(&target, &target, Some(later));
        target = joined(target, attended, &self.target_norm);
        let (attended, weights) = self.cross_attention.forward(&target, &source, padding);
        target = joined(target, attended, &self.cross_norm);
        let dense = self.target_dense.forward(target.rows());
        target = joined(target, dense, &self.target_end);
        (Pair { source, target }, weights)
    }
}

/// `norm(x + f(x))`, step by step.
fn joined(x: Sequence, of_x: Tensor<2>, norm: &LayerNorm) -> Sequence {
    let rows = norm.forward(x.rows() + of_x);
    x.with_rows(rows)
}

/// `[steps, batch, features]` as `[batch, steps, features]`.
fn by_example(sequence: &Sequence) -> Tensor<3> {
    sequence.values.clone().swap_dims(0, 1)
}

/// What is added to the scores of a sequence's steps, `[batch, steps]`; none where all are there.
fn unseen_padding(sequence: &Sequence) -> Option<Tensor<2>> {
    let [steps, batch, _] = sequence.values.dims();
    let lengths = sequence.lengths.as_ref().filter(|lengths| lengths.iter().any(|&length| length < steps))?;
    let unseen = lengths.iter().flat_map(|&length| (0..steps).map(move |t| if t < length { 0.0 } else { UNSEEN })).collect();
    Some(Tensor::from_data(TensorData::new(unseen, [batch, steps]), &sequence.values.device()))
}

fn affine(
    [inputs, units]: [usize; 2],
    initializer: Initializer,
    rng: &mut ChaCha8Rng,
    device: &Device,
) -> (Param<Tensor<2>>, Param<Tensor<1>>) {
    let weight = draw(initializer, inputs, units, inputs * units, rng);
    let bias = draw_bias(initializer, inputs, units, rng);
    let weight = Param::from_data(TensorData::new(weight, [inputs, units]), device);
    (weight, Param::from_data(TensorData::new(bias, [units]), device))
}
