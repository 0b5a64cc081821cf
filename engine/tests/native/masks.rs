//! What is padding or masked counts for nothing: against calculations by hand, and against the same without it.

use crate::support::*;
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use descent_engine::loss::Targets;
use descent_engine::model::{Net, Signal, Tokens};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Cell, Head, LayerSpec, Pooling, Returns, Shape};
use serde_json::json;

const STEPS: usize = 5;
const VOCABULARY: usize = 9;

/// Reviews of up to five tokens, padded, as a session hands them to the net.
fn padded(reviews: &[[f32; STEPS]]) -> Signal {
    let input = Shape::Tokens { steps: STEPS, vocabulary: VOCABULARY, is_padded: true };
    Signal::of_rows(input, reviews.concat(), reviews.len(), &device())
}

/// One review as long as it is.
fn alone(ids: &[u32]) -> Signal {
    Signal::Tokens(Tokens { ids: ids.to_vec(), batch: 1, lengths: None })
}

fn reader(layers: &[LayerSpec]) -> Net {
    net(layers, Shape::Tokens { steps: STEPS, vocabulary: VOCABULARY, is_padded: true }).0
}

fn output(net: &Net, x: Signal) -> Vec<f32> {
    values(net.forward(x))
}

fn embed(features: usize) -> LayerSpec {
    LayerSpec::embedding(features)
}

fn conv(filters: usize, kernel: usize, activation: Activation) -> LayerSpec {
    LayerSpec::Conv1d { filters, kernel, activation }
}

/// A net that embeds by hand: token 1 as (1, 2), token 2 as (3, 4), token 3 as (5, −6), and the padding as (7, 8), which nobody may see.
fn by_hand(above: &[LayerSpec], weights: &[(&str, &serde_json::Value)]) -> (Net, Vec<TracedLayer>) {
    let table = json!([[7, 8], [1, 2], [3, 4], [5, -6], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]]);
    let layers: Vec<LayerSpec> = [embed(2)].into_iter().chain(above.iter().cloned()).collect();
    let all: Vec<_> = [("embed1.weight", &table)].into_iter().chain(weights.iter().copied()).collect();
    net_with(&layers, Shape::Tokens { steps: STEPS, vocabulary: VOCABULARY, is_padded: true }, &all)
}

#[test]
fn pools_by_hand_leave_the_padding_out() {
    let reviews = [[1.0, 2.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0, 0.0]];
    let (mean, _) = by_hand(&[LayerSpec::GlobalPool { pooling: Pooling::Mean }], &[]);
    assert_eq!(output(&mean, padded(&reviews)), [2.0, 3.0, 5.0, -6.0]);
    let (max, _) = by_hand(&[LayerSpec::GlobalPool { pooling: Pooling::Max }], &[]);
    assert_eq!(output(&max, padded(&reviews)), [3.0, 4.0, 5.0, -6.0]);
}

/// One kernel over two steps with the weights 1, 10, 100, 1000: of (1, 2), (3, 4) it makes 1 + 20 + 300 + 4000. Of a review of one
/// token it sees zeros behind it: 5 − 60.
#[test]
fn a_convolution_by_hand_sees_zeros_behind_a_review() {
    let kernel = json!([[1], [10], [100], [1000]]);
    let above = [conv(1, 2, Activation::Linear), LayerSpec::GlobalPool { pooling: Pooling::Max }];
    let (net, _) = by_hand(&above, &[("conv1d1.weight", &kernel), ("conv1d1.bias", &json!([0]))]);
    let reviews = [[1.0, 2.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0, 0.0]];
    assert_eq!(output(&net, padded(&reviews)), [4321.0, -55.0]);
}

#[test]
fn a_padded_review_reads_as_the_same_review_alone() {
    let recurrent = |cell, returns| LayerSpec::Recurrent { cell, units: 4, returns };
    let pool = |pooling| LayerSpec::GlobalPool { pooling };
    let nets = [
        vec![embed(3), pool(Pooling::Mean)],
        vec![embed(3), pool(Pooling::Max)],
        vec![embed(3), recurrent(Cell::Rnn, Returns::Last)],
        vec![embed(3), recurrent(Cell::Gru, Returns::Last)],
        vec![embed(3), recurrent(Cell::Lstm, Returns::Last)],
        vec![recurrent(Cell::Lstm, Returns::Last)],
        vec![embed(3), recurrent(Cell::Lstm, Returns::All), LayerSpec::LayerNorm, pool(Pooling::Mean)],
        vec![embed(3), recurrent(Cell::Lstm, Returns::All), pool(Pooling::Max)],
        vec![embed(3), conv(4, 2, Activation::Tanh), pool(Pooling::Max)],
        vec![embed(3), conv(4, 3, Activation::Tanh), pool(Pooling::Mean)],
    ];
    for layers in nets {
        let net = reader(&layers);
        let together = output(&net, padded(&[[3.0, 5.0, 2.0, 0.0, 0.0], [8.0, 1.0, 1.0, 4.0, 7.0]]));
        let each = [output(&net, alone(&[3, 5, 2])), output(&net, alone(&[8, 1, 1, 4, 7]))].concat();
        assert_close(&format!("{layers:?}"), &together, &each, 1e-6);
    }
}

/// The gradient of the sum of all outputs, by hand: the mean of two tokens pulls each by ½, that of one by 1.
#[test]
fn the_padding_learns_nothing() {
    let reviews = [[1.0, 2.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0, 0.0]];
    let gradient = |net: &Net, traced: &[TracedLayer]| -> Vec<f32> {
        let grads = net.forward(padded(&reviews)).sum().backward();
        let grads = GradientsParams::from_grads(grads, net);
        let table = net.named_tensors(traced).into_iter().find(|it| it.name == "embed1.weight").unwrap();
        values(grads.get::<2>(table.id).unwrap())
    };
    let (net, traced) = by_hand(&[LayerSpec::GlobalPool { pooling: Pooling::Mean }], &[]);
    assert_eq!(gradient(&net, &traced)[..8], [0.0, 0.0, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0]);
    let last = LayerSpec::Recurrent { cell: Cell::Lstm, units: 3, returns: Returns::Last };
    let all = LayerSpec::Recurrent { cell: Cell::Lstm, units: 3, returns: Returns::All };
    let max = LayerSpec::GlobalPool { pooling: Pooling::Max };
    for above in [vec![last], vec![all, max.clone()], vec![conv(2, 2, Activation::Tanh), max]] {
        let (net, traced) = by_hand(&above, &[]);
        let gradient = gradient(&net, &traced);
        assert_eq!(gradient[..2], [0.0, 0.0], "{above:?}: the padding");
        assert!(gradient[2..8].iter().all(|&it| it != 0.0), "{above:?}: tokens that are there, {gradient:?}");
        assert!(gradient[8..].iter().all(|&it| it == 0.0), "{above:?}: tokens that are not");
    }
}

/// By hand: of logits (0, 0) and class 0 the loss is ln 2; of (0, ln 3) and class 1 it is −ln ¾. The row between is masked: the mean is
/// over two, and slopes are (p − y) / 2.
#[test]
fn masked_targets_count_for_nothing() {
    let logits =
        Tensor::<2>::from_data(TensorData::new(vec![0.0, 0.0, 5.0, -5.0, 0.0, 3f32.ln()], [3, 2]), &device()).require_grad();
    let head = Head::Tokens { vocabulary: 2 };
    for make in [Targets::new, Targets::on_device] {
        let score = |logits: Tensor<2>, targets: Vec<f32>| make(head, targets, &device()).score(logits);
        let [loss, accuracy] = score(logits.clone(), vec![0.0, -1.0, 1.0]);
        let slopes = values(logits.grad(&loss.backward()).unwrap());
        assert_close("slopes", &slopes, &[-0.25, 0.25, 0.0, 0.0, 0.125, -0.125], 1e-6);
        assert_close("loss", &values(loss), &[(std::f32::consts::LN_2 - 0.75f32.ln()) / 2.0], 1e-6);
        assert_eq!(values(accuracy), [1.0]);
        // What a masked row says changes nothing.
        let other = Tensor::<2>::from_data(TensorData::new(vec![0.0, 0.0, -80.0, 9.0, 0.0, 3f32.ln()], [3, 2]), &device());
        let [again, _] = score(other, vec![0.0, -1.0, 1.0]);
        assert_close("loss with another masked row", &values(again), &[(std::f32::consts::LN_2 - 0.75f32.ln()) / 2.0], 1e-6);
    }
}
