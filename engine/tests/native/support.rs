//! Reading the reference numbers, building single layers with given weights, comparing.

use burn::tensor::{Device, Tensor, TensorData};
use descent_engine::data::{Examples, LabData};
use descent_engine::model::{Net, Signal};
use descent_engine::rng::{Stream, Streams, uniform_f32};
use descent_engine::session::{EvalOutcome, Supervised};
use descent_spec::manifest::Source;
use descent_spec::model::TracedLayer;
use descent_spec::{Experiment, Initializer, LayerSpec, Shape, Split, link};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The CPU device with gradients, as a session uses it.
pub(crate) fn device() -> Device {
    Device::flex().autodiff()
}

/// Burn's CPU backend has one generator for the whole process, seeded by every training step: tests that train or draw dropout
/// masks take turns.
pub(crate) fn take_generator() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// PyTorch's numbers.
pub(crate) fn numbers() -> Value {
    serde_json::from_str(include_str!("../../../tests/reference/numbers.json")).unwrap()
}

/// Nested lists as one row of values and their shape.
pub(crate) fn array(value: &Value) -> (Vec<f32>, Vec<usize>) {
    fn walk(value: &Value, depth: usize, values: &mut Vec<f32>, dims: &mut Vec<usize>) {
        match value {
            Value::Array(items) => {
                if dims.len() == depth {
                    dims.push(items.len());
                }
                assert_eq!(dims[depth], items.len(), "ragged");
                items.iter().for_each(|item| walk(item, depth + 1, values, dims));
            }
            other => values.push(other.as_f64().unwrap() as f32),
        }
    }
    let (mut values, mut dims) = (Vec::new(), Vec::new());
    walk(value, 0, &mut values, &mut dims);
    (values, dims)
}

pub(crate) fn data(value: &Value) -> TensorData {
    let (values, dims) = array(value);
    TensorData::new(values, dims)
}

pub(crate) fn tensor<const D: usize>(value: &Value) -> Tensor<D> {
    Tensor::from_data(data(value), &device())
}

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// `|a − b| ≤ tolerance · max(1, |b|)` for each pair; `f32` sums of a few dozen products stay within 1e-5.
#[track_caller]
pub(crate) fn assert_close(what: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{what}: number of values");
    for (idx, (a, b)) in actual.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{what}[{idx}]: {a}, and the reference says {b}");
    }
}

/// A net that consists of these layers only, with any weights.
pub(crate) fn net(layers: &[LayerSpec], input: Shape) -> (Net, Vec<TracedLayer>) {
    let mut shape = input;
    let mut traced: Vec<TracedLayer> = Vec::new();
    for layer in layers {
        let output = layer.output(shape).unwrap();
        let nth = traced.iter().filter(|earlier| earlier.layer.kind() == layer.kind()).count() + 1;
        let name = format!("{}{nth}", layer.kind());
        traced.push(TracedLayer { layer: layer.clone(), name, input: shape, output, n_params: layer.n_params(shape) });
        shape = output;
    }
    (Net::init(&traced, Initializer::GlorotUniform, &Streams::new(1), &device()), traced)
}

/// The same with weights by name; what is not named keeps its value.
pub(crate) fn net_with(layers: &[LayerSpec], input: Shape, weights: &[(&str, &Value)]) -> (Net, Vec<TracedLayer>) {
    let (net, traced) = net(layers, input);
    let mut all: HashMap<String, Vec<f32>> = named(&net, &traced);
    for (name, value) in weights {
        assert!(all.insert((*name).into(), array(value).0).is_some(), "the net has no {name}");
    }
    (net.replace(&traced, all, &device()).unwrap(), traced)
}

/// All tensors of a net by name.
pub(crate) fn named(net: &Net, traced: &[TracedLayer]) -> HashMap<String, Vec<f32>> {
    net.named_tensors(traced).into_iter().map(|it| (it.name, values(it.values))).collect()
}

pub(crate) fn image(signal: Signal) -> Tensor<4> {
    match signal {
        Signal::Image(image) => image,
        _ => panic!("expected a picture"),
    }
}

/// Pictures that can be learned: a bright bar for each class on noise.
pub(crate) fn examples(seed: u32, shard_counts: &[usize]) -> Examples {
    let shape = Shape::Image { channels: 1, height: 28, width: 28 };
    let mut examples = Examples::empty(shape, 10, shard_counts);
    for (shard_idx, &count) in shard_counts.iter().enumerate() {
        let mut rng = Streams::new(seed).rng(Stream::Strokes, shard_idx as u64);
        let labels: Vec<u8> = (0..count).map(|_| (uniform_f32(&mut rng) * 10.0) as u8).collect();
        let mut bytes = labels.clone();
        for label in labels {
            for idx in 0..784 {
                let bar = if idx / 28 / 2 == usize::from(label) + 2 { 150.0 } else { 0.0 };
                bytes.push((bar + uniform_f32(&mut rng) * 100.0) as u8);
            }
        }
        examples.insert_shard(shard_idx, bytes).unwrap();
    }
    examples
}

/// A lab with this many examples in the pool (in two shards) and in the test part.
pub(crate) fn lab(n_pool: usize, n_test: usize) -> LabData {
    LabData {
        train_pool: examples(1, &[n_pool / 2, n_pool - n_pool / 2]).into(),
        test: examples(2, &[n_test]).into(),
        source: Source::Generated,
        licence: String::new(),
        citation: String::new(),
        vocabulary: Vec::new(),
        target_vocabulary: Vec::new(),
        glove: None,
    }
}

/// An experiment from a link, which must be a good one.
pub(crate) fn experiment(link: &str) -> Experiment {
    let decoded = link::decode(link);
    assert_eq!(decoded.refusals, [], "{link}");
    decoded.experiment
}

pub(crate) fn open(experiment: &Experiment, data: &LabData) -> Supervised {
    Supervised::open(experiment, &Device::flex(), data).unwrap()
}

/// Trains and returns the bits of every loss.
pub(crate) fn train(session: &mut Supervised, data: &LabData, n_steps: usize) -> Vec<u32> {
    for _ in 0..n_steps {
        session.step(data);
    }
    let report = pollster::block_on(session.report(data)).unwrap();
    assert_eq!(report.points.len(), n_steps);
    report.points.iter().map(|point| point.loss.to_bits()).collect()
}

pub(crate) fn evaluate(session: &Supervised, split: Split, data: &LabData) -> EvalOutcome {
    let mut evaluation = session.evaluate(split, None, data).unwrap();
    while pollster::block_on(evaluation.advance(session, data)).unwrap() {}
    evaluation.finish()
}

pub(crate) fn weights(session: &Supervised) -> Vec<u8> {
    pollster::block_on(session.weights()).unwrap()
}

pub(crate) fn checkpoint(session: &Supervised) -> Vec<u8> {
    pollster::block_on(session.checkpoint()).unwrap()
}
