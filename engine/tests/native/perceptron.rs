//! The perceptron rule of 1958 is a training step: on AND by hand and by the rule itself, in whole batches by NumPy.

use crate::support::*;
use descent_engine::data::{LabData, Partition, epoch_order};
use descent_engine::session::Supervised;
use descent_spec::Experiment;
use descent_spec::line::LineFacts;

/// One neuron, zero weights, SGD with rate 1, one example a step, nothing held out: that is the rule.
const RULE: &str = "layers=none&init=zeros&loss=perceptron&opt=sgd&lr=1&val=0.05";
/// The truth tables: false is 0, true is 1. Their sums are whole numbers, which single precision holds exactly.
const AND: &str = "0XcXc0XcnE0nEXc1nEnE";
const XOR: &str = "0XcXc1XcnE1nEXc0nEnE";

fn start(link: &str) -> (Experiment, LabData, Supervised) {
    let experiment = experiment(link);
    let data = LabData::points(&experiment.data, experiment.seed);
    let session = open(&experiment, &data);
    (experiment, data, session)
}

fn line(session: &Supervised, data: &LabData) -> LineFacts {
    let plane = pollster::block_on(session.plane(2)).unwrap();
    session.line(&plane.weights, data).unwrap()
}

fn numbers_of(it: &LineFacts) -> [f32; 3] {
    [it.weights[0], it.weights[1], it.bias]
}

/// The order in which the session meets its points, (x, y, class), epoch by epoch.
fn meets(experiment: &Experiment, data: &LabData, n_steps: usize) -> Vec<[f32; 3]> {
    let points = data.train_pool.points().unwrap();
    let train = Partition::new(points.len(), experiment.data.validation, experiment.seed).train;
    assert_eq!(train.len(), points.len(), "nothing is held out");
    let order = (0..).flat_map(|epoch| epoch_order(experiment.seed, epoch, &train, data.train_pool.shard_bounds()));
    let at = |idx: u32| {
        let (x, y) = points.position(idx as usize).unwrap();
        [x, y, points.target(idx as usize)]
    };
    order.take(n_steps).map(at).collect()
}

/// Three epochs with seed 1. At (1, 0) of class 0 the sum is 0, a mistake: w ← (0, 0) − (1, 0), b ← 0 − 1. At (1, 1) of class 1 it
/// is then −1 − 1 = −2, a mistake: w ← (−1, 0) + (1, 1), b ← −1 + 1. And so on.
const BY_HAND: [([f32; 3], [f32; 3]); 12] = [
    // (x, y, class), then (w_x, w_y, b) after it.
    ([1.0, 0.0, 0.0], [-1.0, 0.0, -1.0]),
    ([0.0, 0.0, 0.0], [-1.0, 0.0, -1.0]),
    ([0.0, 1.0, 0.0], [-1.0, 0.0, -1.0]),
    ([1.0, 1.0, 1.0], [0.0, 1.0, 0.0]),
    ([0.0, 1.0, 0.0], [0.0, 0.0, -1.0]),
    ([0.0, 0.0, 0.0], [0.0, 0.0, -1.0]),
    ([1.0, 1.0, 1.0], [1.0, 1.0, 0.0]),
    ([1.0, 0.0, 0.0], [0.0, 1.0, -1.0]),
    ([0.0, 0.0, 0.0], [0.0, 1.0, -1.0]),
    ([1.0, 0.0, 0.0], [0.0, 1.0, -1.0]),
    ([0.0, 1.0, 0.0], [0.0, 0.0, -2.0]),
    ([1.0, 1.0, 1.0], [1.0, 1.0, -1.0]),
];

#[test]
fn and_is_learned_as_by_hand() {
    let _turn = take_generator();
    let (experiment, data, mut session) = start(&format!("own?{RULE}&batch=1&own={AND}"));
    assert!(experiment.is_perceptron_rule());
    assert_eq!(meets(&experiment, &data, 12), BY_HAND.map(|(point, _)| point), "the order the table was made for");
    for (point, expected) in BY_HAND {
        train(&mut session, &data, 1);
        assert_eq!(numbers_of(&line(&session, &data)), expected, "after {point:?}");
    }
    assert_eq!(session.progress().corrections, 7, "seven lines of the table change something");
}

#[test]
fn every_step_is_the_rule_and_it_comes_to_rest_where_a_line_exists() {
    let _turn = take_generator();
    for (points, seed, n_steps, comes_to_rest) in [(AND, 1, 80, true), (AND, 7, 80, true), (XOR, 1, 400, false)] {
        let (experiment, data, mut session) = start(&format!("own?{RULE}&batch=1&seed={seed}&own={points}"));
        let (mut w, mut corrections) = ([0.0_f32; 3], 0);
        for [x, y, class] in meets(&experiment, &data, n_steps) {
            // Rosenblatt 1958, with the bias as the weight of an input that is always 1.
            let (input, t) = ([x, y, 1.0], 2.0 * class - 1.0);
            if t * w.iter().zip(input).map(|(w, x)| w * x).sum::<f32>() <= 0.0 {
                for (w, x) in w.iter_mut().zip(input) {
                    *w += t * x;
                }
                corrections += 1;
            }
            train(&mut session, &data, 1);
            let it = line(&session, &data);
            assert_eq!(numbers_of(&it), w, "{points}, seed {seed}, after {x} {y}");
            assert!(comes_to_rest || it.mistakes > 0, "no line does XOR");
        }
        assert_eq!(session.progress().corrections, corrections, "{points}, seed {seed}");
        let it = line(&session, &data);
        assert_eq!((it.mistakes == 0, it.margin > Some(0.0)), (comes_to_rest, comes_to_rest), "{it:?}");
        // A resumed run knows how many corrections it made.
        let mut resumed = open(&experiment, &data);
        resumed.restore(&checkpoint(&session)).unwrap();
        assert_eq!(resumed.progress(), session.progress());
    }
}

/// Eight steps on the mean over all four points, made in NumPy from zeros:
/// `m = t * (x @ w + b) <= 0; w += (t * m) @ x / 4; b += (t * m).sum() / 4`.
const NUMPY: [[f32; 3]; 8] = [
    [0.0, 0.0, -0.5],
    [0.25, 0.25, -0.25],
    [0.0, 0.0, -0.75],
    [0.25, 0.25, -0.5],
    [0.5, 0.5, -0.25],
    [0.25, 0.25, -0.75],
    [0.5, 0.5, -0.5],
    [0.25, 0.25, -1.0],
];

#[test]
fn whole_batches_step_as_in_numpy() {
    let _turn = take_generator();
    let (_, data, mut session) = start(&format!("own?{RULE}&batch=4&own={AND}"));
    for expected in NUMPY {
        train(&mut session, &data, 1);
        assert_eq!(numbers_of(&line(&session, &data)), expected);
    }
}
