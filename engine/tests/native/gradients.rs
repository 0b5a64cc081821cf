//! Gradients agree with finite differences, for every kind of layer and every activation.
//!
//! For a parameter (or the input) `w` and a random direction `d` of length 1, the slope `(L(w + h d) − L(w − h d)) / 2h` must be
//! `⟨∇L, d⟩`. Losses are summed on the host in double precision from the `f32` logits, so the difference carries an error of
//! about 1e-7 · |L| / h = 2e-5 for h = 5e-3, and the curvature one of order h² = 3e-5: hence the absolute tolerance of 5e-4 beside
//! a relative one of 1 %. Kinks (ReLU, max) would break the comparison where a step crosses one; seeds are fixed, so a net that
//! passes always passes.

use crate::support::*;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_engine::loss::{Targets, judge};
use descent_engine::model::{Net, Pair, Sequence, Signal};
use descent_engine::rng::{Stream, Streams, normal_f32};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::{Activation, Cell, Head, LayerSpec, Padding, Pooling, Returns, Score, Shape};
use std::collections::HashMap;
use std::sync::Arc;

const STEP: f32 = 5e-3;
const BATCH: usize = 5;
const CLASSES: usize = 4;
const MASK_SEED: u64 = 77;
const LENGTHS: [usize; BATCH] = [6, 2, 1, 4, 5];

struct Check {
    traced: Vec<TracedLayer>,
    weights: HashMap<String, Vec<f32>>,
    net: Net,
    head: Head,
    input: Shape,
    x: Vec<f32>,
    /// How many steps of each sequence are there; none where all are.
    lengths: Option<Arc<[usize]>>,
}

fn noise(seed: u32, count: usize) -> Vec<f32> {
    let mut rng = Streams::new(seed).rng(Stream::Race, 0);
    (0..count).map(|_| normal_f32(&mut rng)).collect()
}

fn direction(seed: u32, count: usize) -> Vec<f32> {
    let raw = noise(seed, count);
    let length = raw.iter().map(|d| d * d).sum::<f32>().sqrt();
    raw.into_iter().map(|d| d / length).collect()
}

impl Check {
    fn new(layers: &[LayerSpec], input: Shape) -> Check {
        Check::with_head(layers, input, Head::Softmax { n_classes: CLASSES })
    }

    fn with_head(layers: &[LayerSpec], input: Shape, head: Head) -> Check {
        let last = match head {
            Head::Sampled { .. } => LayerSpec::Compare,
            _ => LayerSpec::Dense { units: head.n_outputs(), activation: Activation::Linear },
        };
        let all: Vec<_> = layers.iter().cloned().chain([last]).collect();
        let (net, traced) = net(&all, input);
        // γ = 1 and β = b = 0 would hide mistakes: give every parameter a value of its own.
        let weights: HashMap<_, _> = net
            .named_tensors(&traced)
            .into_iter()
            .enumerate()
            .map(|(idx, it)| {
                let shake = if it.name.contains("running") { 0.0 } else { 0.3 };
                let shaken = values(it.values).iter().zip(noise(500 + idx as u32, 10_000)).map(|(w, n)| w + shake * n).collect();
                (it.name, shaken)
            })
            .collect();
        let net = net.replace(&traced, weights.clone(), &device()).unwrap();
        let x = match input {
            Shape::Tokens { steps, vocabulary, is_padded } => tokens(steps, vocabulary, is_padded),
            Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } => {
                let (sources, targets) = (tokens(source, source_vocabulary, true), tokens(target, target_vocabulary, false));
                sources.chunks(source).zip(targets.chunks(target)).flat_map(|(a, b)| [a, b].concat()).collect()
            }
            _ => noise(9, BATCH * input.len()),
        };
        Check { traced, weights, net, head, input, x, lengths: None }
    }

    /// The same with sequences of these lengths.
    fn padded(mut self) -> Check {
        self.lengths = Some(LENGTHS.into());
        self
    }

    fn signal(&self, x: Tensor<1>) -> Signal {
        match self.input {
            Shape::Image { channels, height, width } => Signal::Image(x.reshape([BATCH, channels, height, width])),
            Shape::Flat { units } => Signal::Flat(x.reshape([BATCH, units])),
            Shape::Sequence { steps, features } => {
                let values = x.reshape([BATCH, steps, features]).swap_dims(0, 1);
                Signal::Sequence(Sequence { values, lengths: self.lengths.clone() })
            }
            Shape::Pair { source, target, features } => {
                let values = x.reshape([BATCH, source + target, features]).swap_dims(0, 1);
                let side = |from, steps, lengths| Sequence { values: values.clone().narrow(0, from, steps), lengths };
                Signal::Pair(Pair { source: side(0, source, self.lengths.clone()), target: side(source, target, None) })
            }
            Shape::Tokens { .. } | Shape::TokenPair { .. } => Signal::of_rows(self.input, self.x.clone(), BATCH, &device()),
        }
    }

    /// Classes, or values that are no whole numbers; after every step a token or, here and there, none.
    fn targets(&self) -> Vec<f32> {
        let target = |row: usize| match self.head {
            Head::Tokens { .. } if row % 4 == 3 => -1.0,
            Head::Softmax { n_classes } | Head::Tokens { vocabulary: n_classes } => ((row * 3 + 1) % n_classes) as f32,
            Head::Sigmoid | Head::Perceptron => (row % 2) as f32,
            Head::Sampled { .. } => 0.0,
            Head::Linear => 0.7 * row as f32 - 1.1,
        };
        let steps = match self.traced.last().map(|it| it.output) {
            Some(Shape::Sequence { steps, .. }) => steps,
            _ => 1,
        };
        (0..steps * BATCH).map(target).collect()
    }

    /// Mean loss in training mode, with the same dropout mask each time.
    fn loss(&self, net: &Net, x: &[f32]) -> f64 {
        device().seed(MASK_SEED);
        let outputs = values(net.forward(self.signal(Tensor::from_floats(x, &device()))));
        let targets = self.targets();
        let n = targets.iter().filter(|&&target| self.counts(target)).count();
        let rows = outputs.chunks(self.head.n_outputs()).zip(targets).filter(|(_, target)| self.counts(*target));
        rows.map(|(row, target)| judge(self.head, row, target).loss).sum::<f64>() / n as f64
    }

    fn counts(&self, target: f32) -> bool {
        !self.head.is_stepwise() || target >= 0.0
    }

    fn run(&self, what: &str) {
        let _turn = take_generator();
        device().seed(MASK_SEED);
        let x = Tensor::<1>::from_floats(self.x.as_slice(), &device()).require_grad();
        let outputs = self.net.forward(self.signal(x.clone()));
        let backward = Targets::new(self.head, self.targets(), &device()).loss(outputs).backward();
        // Tokens are looked up, and have none.
        let of_input = x.grad(&backward).map(values);
        assert_eq!(of_input.is_none(), matches!(self.input, Shape::Tokens { .. } | Shape::TokenPair { .. }), "{what}");
        let grads = GradientsParams::from_grads(backward, &self.net);

        for (seed, of_input) in (0..3).flat_map(|seed| of_input.iter().map(move |it| (seed, it))) {
            let along = direction(40 + seed, self.x.len());
            let at = |h: f32| self.loss(&self.net, &self.x.iter().zip(&along).map(|(x, d)| x + h * d).collect::<Vec<_>>());
            compare(&format!("{what}: input"), slope(at), dot(of_input, &along));
        }
        for it in self.net.named_tensors(&self.traced) {
            let gradient = match it.dims.len() {
                1 => grads.get::<1>(it.id).map(values),
                2 => grads.get::<2>(it.id).map(values),
                _ => grads.get::<4>(it.id).map(values),
            };
            let Some(gradient) = gradient else {
                assert!(it.name.contains("running"), "{what}: {} got no gradient", it.name);
                continue;
            };
            let start = self.weights[&it.name].clone();
            for seed in 0..3 {
                let along = direction(60 + seed, start.len());
                let at = |h: f32| {
                    let moved: Vec<f32> = start.iter().zip(&along).map(|(w, d)| w + h * d).collect();
                    let mut weights = self.weights.clone();
                    weights.insert(it.name.clone(), moved);
                    self.loss(&self.net.clone().replace(&self.traced, weights, &device()).unwrap(), &self.x)
                };
                compare(&format!("{what}: {}", it.name), slope(at), dot(&gradient, &along));
            }
        }
    }
}

/// Tokens of sequences, `[batch, steps]`; where there is padding, of the lengths [`LENGTHS`].
fn tokens(steps: usize, vocabulary: usize, is_padded: bool) -> Vec<f32> {
    let token = |idx: usize| match is_padded && idx % steps >= LENGTHS[idx / steps] {
        true => 0.0,
        false => (1 + (idx * 5 + idx / 3) % (vocabulary - 1)) as f32,
    };
    (0..BATCH * steps).map(token).collect()
}

fn slope(loss_at: impl Fn(f32) -> f64) -> f64 {
    (loss_at(STEP) - loss_at(-STEP)) / (2.0 * f64::from(STEP))
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[track_caller]
fn compare(what: &str, difference: f64, gradient: f64) {
    let tolerance = 5e-4 + 0.01 * difference.abs();
    assert!((difference - gradient).abs() < tolerance, "{what}: slope {difference}, gradient {gradient}");
}

const PICTURE: Shape = Shape::Image { channels: 2, height: 6, width: 5 };
const VECTOR: Shape = Shape::Flat { units: 7 };

fn dense(activation: Activation) -> LayerSpec {
    LayerSpec::Dense { units: 6, activation }
}

fn conv(kernel: usize, padding: Padding, activation: Activation) -> LayerSpec {
    LayerSpec::Conv2d { filters: 3, kernel, padding, activation }
}

#[test]
fn dense_with_every_activation() {
    for entry in Activation::table() {
        Check::new(&[dense(entry.value)], VECTOR).run(entry.label);
        Check::new(&[dense(Activation::Linear), LayerSpec::Activate { activation: entry.value }], VECTOR).run(entry.label);
    }
}

#[test]
fn convolution_with_every_activation() {
    for entry in Activation::table() {
        Check::new(&[conv(3, Padding::Valid, entry.value)], PICTURE).run(entry.label);
    }
}

#[test]
fn convolution_with_every_border() {
    for (kernel, padding) in
        [(1, Padding::Valid), (2, Padding::Valid), (5, Padding::Valid), (3, Padding::Same), (5, Padding::Same)]
    {
        let what = format!("{kernel}×{kernel} {}", padding.id());
        Check::new(&[conv(kernel, padding, Activation::Tanh)], PICTURE).run(&what);
        Check::new(&[conv(3, Padding::Same, Activation::Tanh), conv(kernel, padding, Activation::Silu)], PICTURE).run(&what);
    }
}

#[test]
fn pooling() {
    for size in [1, 2, 3] {
        for pool in [LayerSpec::MaxPool2d { size }, LayerSpec::AvgPool2d { size }] {
            let title = pool.title();
            Check::new(&[conv(3, Padding::Same, Activation::Tanh), pool.clone()], PICTURE).run(&format!("{title} on top"));
            Check::new(&[pool, conv(1, Padding::Valid, Activation::Tanh)], PICTURE).run(&format!("{title} below"));
        }
    }
}

#[test]
fn batch_norm() {
    Check::new(&[dense(Activation::Linear), LayerSpec::BatchNorm, LayerSpec::Activate { activation: Activation::Tanh }], VECTOR)
        .run("dense, batch norm, tanh");
    Check::new(&[LayerSpec::BatchNorm, conv(3, Padding::Valid, Activation::Linear), LayerSpec::BatchNorm], PICTURE)
        .run("batch norm around a convolution");
}

#[test]
fn dropout() {
    for rate in [0.0, 0.3, 0.8] {
        Check::new(&[LayerSpec::Dropout { rate }, dense(Activation::Tanh), LayerSpec::Dropout { rate }], VECTOR).run("dense");
        Check::new(&[conv(2, Padding::Valid, Activation::Tanh), LayerSpec::Dropout { rate }], PICTURE).run("convolution");
    }
}

#[test]
fn a_net_of_everything() {
    let layers = [
        conv(3, Padding::Same, Activation::Linear),
        LayerSpec::BatchNorm,
        LayerSpec::Activate { activation: Activation::Silu },
        LayerSpec::MaxPool2d { size: 2 },
        conv(2, Padding::Valid, Activation::Elu),
        LayerSpec::Dropout { rate: 0.25 },
        dense(Activation::Gelu),
        LayerSpec::BatchNorm,
        dense(Activation::Softplus),
    ];
    Check::new(&layers, PICTURE).run("everything");
}

#[test]
fn every_head() {
    for head in [Head::Sigmoid, Head::Perceptron, Head::Linear, Head::Softmax { n_classes: 3 }] {
        let what = format!("{head:?}");
        Check::with_head(&[], VECTOR, head).run(&what);
        Check::with_head(&[dense(Activation::Tanh), dense(Activation::Silu)], VECTOR, head).run(&what);
    }
}

const SERIES: Shape = Shape::Sequence { steps: 6, features: 3 };
const TEXT: Shape = Shape::Tokens { steps: 6, vocabulary: 7, is_padded: false };
const REVIEWS: Shape = Shape::Tokens { steps: 6, vocabulary: 7, is_padded: true };
const EMBEDDING: LayerSpec = LayerSpec::embedding(4);

fn stretch(kernel: usize, activation: Activation) -> LayerSpec {
    LayerSpec::Conv1d { filters: 3, kernel, activation }
}

fn pooled(pooling: Pooling) -> LayerSpec {
    LayerSpec::GlobalPool { pooling }
}

#[test]
fn recurrent_layers() {
    for cell in Cell::table() {
        let layer = |returns| LayerSpec::Recurrent { cell: cell.value, units: 5, returns };
        let two = [layer(Returns::All), layer(Returns::Last)];
        for (what, input) in [("vectors", SERIES), ("tokens", TEXT), ("tokens with padding", REVIEWS)] {
            Check::new(&[layer(Returns::Last)], input).run(&format!("{} on {what}", cell.label));
            Check::new(&two, input).run(&format!("two {} on {what}", cell.label));
        }
        Check::new(&two, SERIES).padded().run(&format!("two {} on vectors with padding", cell.label));
        Check::new(&[EMBEDDING, layer(Returns::Last)], REVIEWS).run(&format!("embedding and {}", cell.label));
    }
}

#[test]
fn embedding_and_padding() {
    for pooling in [Pooling::Mean, Pooling::Max] {
        for input in [TEXT, REVIEWS] {
            Check::new(&[EMBEDDING, dense(Activation::Tanh), pooled(pooling)], input)
                .run(&format!("bag, {pooling:?}, {input:?}"));
        }
    }
    Check::new(&[EMBEDDING, LayerSpec::Flatten, dense(Activation::Silu)], REVIEWS).run("embedding, flatten");
}

#[test]
fn convolution_over_time() {
    for entry in Activation::table() {
        Check::new(&[stretch(3, entry.value), LayerSpec::Flatten], SERIES).run(entry.label);
    }
    for kernel in [1, 2, 6] {
        let layers = [stretch(kernel, Activation::Tanh), pooled(Pooling::Mean)];
        Check::new(&layers, SERIES).run(&format!("kernel {kernel}"));
        Check::new(&layers, SERIES).padded().run(&format!("kernel {kernel} with padding"));
    }
    let two = [EMBEDDING, stretch(3, Activation::Tanh), stretch(2, Activation::Tanh), pooled(Pooling::Max)];
    Check::new(&two, REVIEWS).run("two over an embedding");
}

#[test]
fn layer_norm() {
    Check::new(&[dense(Activation::Linear), LayerSpec::LayerNorm, dense(Activation::Tanh)], VECTOR).run("of units");
    let stepwise = [dense(Activation::Linear), LayerSpec::LayerNorm, pooled(Pooling::Mean), dense(Activation::Tanh)];
    Check::new(&stepwise, SERIES).run("of each step");
    Check::new(&stepwise, SERIES).padded().run("of each step with padding");
}

/// With steps among them that have no target.
#[test]
fn an_answer_after_every_step() {
    let head = Head::Tokens { vocabulary: 7 };
    for cell in Cell::table() {
        let layer = LayerSpec::Recurrent { cell: cell.value, units: 5, returns: Returns::All };
        Check::with_head(std::slice::from_ref(&layer), TEXT, head).run(cell.label);
        Check::with_head(&[EMBEDDING, layer, LayerSpec::LayerNorm, dense(Activation::Tanh)], TEXT, head).run(cell.label);
    }
}

const PAIR: Shape = Shape::Pair { source: 6, target: 4, features: 4 };
const TOKEN_PAIR: Shape = Shape::TokenPair { source: 6, target: 4, source_vocabulary: 7, target_vocabulary: 5 };

/// The source's padding and the target's missing tokens among them. A transformer's block is not here: among its 300 ReLUs some step crosses
/// a kink. `pair_layers.rs` holds all its gradients to PyTorch's.
#[test]
fn pairs_of_sequences() {
    let head = Head::Tokens { vocabulary: 5 };
    let recurrent = |cell| LayerSpec::Recurrent { cell, units: 4, returns: Returns::All };
    for layer in [
        recurrent(Cell::Rnn),
        recurrent(Cell::Gru),
        LayerSpec::Attend { score: Score::Additive },
        LayerSpec::Attend { score: Score::Dot },
        LayerSpec::Positions,
        LayerSpec::LayerNorm,
        dense(Activation::Tanh),
        LayerSpec::Dropout { rate: 0.3 },
    ] {
        let title = layer.title();
        let layers = [layer];
        Check::with_head(&layers, PAIR, head).run(&title);
        Check::with_head(&layers, PAIR, head).padded().run(&format!("{title} with padding"));
        // A recurrent layer, so that the answer depends on the source whatever stands above.
        let above = [vec![EMBEDDING, recurrent(Cell::Gru)], layers.to_vec()].concat();
        Check::with_head(&above, TOKEN_PAIR, head).run(&format!("{title} on tokens"));
    }
    let attention = LayerSpec::Attend { score: Score::Additive };
    let all = [EMBEDDING, recurrent(Cell::Gru), recurrent(Cell::Rnn), attention];
    Check::with_head(&all, TOKEN_PAIR, head).run("two recurrent layers and attention");
    Check::with_head(&[recurrent(Cell::Gru)], TOKEN_PAIR, head).run("GRU on tokens themselves");
}

#[test]
fn words_compared_with_their_neighbours() {
    let steps = TEXT.steps().unwrap();
    Check::with_head(&[EMBEDDING], TEXT, Head::Sampled { negatives: steps - 2 }).run("negative sampling");
}

#[test]
fn no_hidden_layer() {
    Check::new(&[], VECTOR).run("vector");
    Check::new(&[], PICTURE).run("picture");
}
