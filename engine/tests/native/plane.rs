//! Sessions on points of a plane: they learn, repeat, resume, and show what they are.

use crate::support::*;
use descent_engine::data::LabData;
use descent_engine::session::{SetWeightError, Supervised};
use descent_spec::registry::Registry;
use descent_spec::{DataSet, Experiment, Head, Split, Task};

/// Every head, several optimizers, penalties, dropout, features and own points.
const LINKS: &[&str] = &[
    "circle",
    "xor?opt=nesterov&lr=0.05&l1=0.001&features=x,y,xy",
    "spiral?classes=3&layers=dense:8:relu,drop:0.2,dense:8:relu&opt=adamw",
    "gaussians?opt=adagrad&lr=0.1&points=101",
    "hill?l2=0.001&features=sin_x,sin_y,x2,y2",
    "plane?layers=none&opt=sgd&lr=0.1",
    "own?batch=4",
    "gaussians?classes=2&layers=none&init=zeros&loss=perceptron&opt=sgd&lr=1&batch=1",
];

fn start(link: &str) -> (Experiment, LabData, Supervised) {
    let experiment = experiment(link);
    let data = LabData::points(&experiment.data, experiment.seed);
    let session = open(&experiment, &data);
    (experiment, data, session)
}

/// The labs as they open keep what `Experiment::for_set` promises.
#[test]
fn every_set_is_learned_as_it_opens() {
    let _turn = take_generator();
    for entry in DataSet::table().iter().filter(|entry| entry.value.is_planar()) {
        let (_, data, mut session) = start(entry.id);
        train(&mut session, &data, 1000);
        let metric = evaluate(&session, Split::Validation, &data).point.accuracy;
        match entry.value.task() {
            Task::Classification => assert!(metric > 0.95, "{}: {metric}", entry.id),
            // The noise of 0.05 alone makes a mean absolute error of 0.05 √(2/π) = 0.04.
            Task::Regression | Task::NextToken | Task::Neighbour => assert!(metric < 0.1, "{}: {metric}", entry.id),
        }
    }
}

#[test]
fn a_reset_repeats_the_curve_and_a_resumed_session_goes_on_to_the_bit() {
    let _turn = take_generator();
    for link in LINKS {
        let (experiment, data, mut whole) = start(link);
        let expected = train(&mut whole, &data, 60);
        assert_eq!(train(&mut open(&experiment, &data), &data, 60), expected, "{link}");
        for at in [0, 1, 23, 42] {
            let mut first = open(&experiment, &data);
            let mut losses = train(&mut first, &data, at);
            let mut second = open(&experiment, &data);
            second.restore(&checkpoint(&first)).unwrap();
            losses.extend(train(&mut second, &data, 60 - at));
            assert_eq!(losses, expected, "{link}, resumed at {at}");
            assert_eq!(weights(&second), weights(&whole), "{link}, resumed at {at}");
        }
    }
}

#[test]
fn looking_changes_nothing() {
    let _turn = take_generator();
    for link in LINKS {
        let (experiment, data, mut watched) = start(link);
        let expected = train(&mut open(&experiment, &data), &data, 8);
        let mut losses = Vec::new();
        for _ in 0..8 {
            losses.extend(train(&mut watched, &data, 1));
            pollster::block_on(watched.plane(9)).unwrap();
            pollster::block_on(watched.picture(&vec![0.5; experiment.data.features.len()])).unwrap();
        }
        assert_eq!(losses, expected, "{link}");
    }
}

/// Every field of the data acts: change it alone, and the losses of 20 steps differ.
#[test]
fn no_field_is_without_effect() {
    let _turn = take_generator();
    let losses = |link: &str| {
        let (_, data, mut session) = start(link);
        train(&mut session, &data, 20)
    };
    for (base, changes) in [
        (
            "spiral?seed=3",
            vec![
                "noise=0.06",
                "classes=3",
                "points=501",
                "features=y,x",
                "features=x,y,xy",
                "val=0.31",
                "batch=11",
                "l1=0.001",
                "l2=0.001",
            ],
        ),
        ("hill?seed=3", vec!["noise=0.06", "points=501", "features=x,y,sin_x", "opt=nesterov", "opt=adagrad", "opt=adamw"]),
        ("circle?seed=3", vec!["opt=adamw:0.9:0.999:1e-8:0.02", "opt=adagrad:0.001", "opt=nesterov:0.8"]),
        ("own?seed=3", vec!["classes=3", "own=0fQAA1u4fQ0uAuA1AAAA"]),
    ] {
        let reference = losses(base);
        for change in changes {
            assert_ne!(losses(&format!("{base}&{change}")), reference, "{base}&{change}");
        }
    }
    assert_ne!(losses("circle?opt=adamw"), losses("circle"), "AdamW decays");
    assert_ne!(losses("circle?opt=nesterov"), losses("circle?opt=momentum"));
}

fn set(session: &mut Supervised, layer: usize, input: Option<usize>, unit: usize, value: f32) {
    pollster::block_on(session.set_weight(layer, input, unit, value)).unwrap();
}

/// tanh(x + y/2 + 0.1) and tanh(−x/2 + 2y − 0.2) into σ(1.5 h₁ − h₂ + 0.25), set weight by weight.
fn by_hand(session: &mut Supervised) {
    for (input, unit, value) in [(0, 0, 1.0), (0, 1, -0.5), (1, 0, 0.5), (1, 1, 2.0)] {
        set(session, 0, Some(input), unit, value);
    }
    for (layer, input, unit, value) in
        [(0, None, 0, 0.1), (0, None, 1, -0.2), (1, Some(0), 0, 1.5), (1, Some(1), 0, -1.0), (1, None, 0, 0.25)]
    {
        set(session, layer, input, unit, value);
    }
}

#[test]
fn the_plane_of_a_small_net_is_its_formula() {
    let (.., mut session) = start("circle?layers=dense:2:tanh");
    by_hand(&mut session);
    let plane = pollster::block_on(session.plane(3)).unwrap();
    assert_eq!(plane.dense, [0, 1]);
    assert_eq!(plane.weights, [vec![1.0, -0.5, 0.5, 2.0], vec![0.1, -0.2], vec![1.5, -1.0], vec![0.25]]);
    assert_eq!(plane.outputs.iter().map(Vec::len).collect::<Vec<_>>(), [2 * 9, 9]);
    // Python's math.tanh and math.exp at the four places; row 0 is the top, column 0 the left.
    for (place, h1, h2, p) in [
        (2, 0.956_237_5, 0.921_668_6, 0.681_937),
        (0, -0.462_117_2, 0.992_631_5, 0.192_195_5),
        (4, 0.099_668, -0.197_375_3, 0.644_941_6),
        (6, -0.935_409_1, -0.964_027_6, 0.452_868_8),
    ] {
        let found = [plane.outputs[0][place], plane.outputs[0][9 + place], plane.outputs[1][place]];
        assert_close(&format!("place {place}"), &found, &[h1, h2, p], 1e-6);
    }
}

#[test]
fn the_last_plane_is_the_answer_of_the_head() {
    for link in ["circle", "circle?loss=perceptron", "gaussians", "hill"] {
        let (experiment, _, session) = start(link);
        let plane = pollster::block_on(session.plane(5)).unwrap();
        let answers = plane.outputs.last().unwrap();
        // The middle of the grid is the point (0, 0).
        let middle: Vec<f32> = answers.chunks(25).map(|unit| unit[12]).collect();
        let predicted = pollster::block_on(session.predict(&[0.0, 0.0])).unwrap();
        match experiment.head() {
            Head::Sigmoid | Head::Perceptron => assert_close(link, &middle, &predicted[1..], 1e-6),
            Head::Softmax { n_classes } => {
                assert_eq!(middle.len(), n_classes);
                assert_close(link, &middle, &predicted, 1e-6);
                assert!((middle.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            }
            Head::Linear | Head::Tokens { .. } | Head::Sampled { .. } => assert_close(link, &middle, &predicted, 1e-6),
        }
    }
}

#[test]
fn a_weight_that_does_not_exist_is_refused() {
    let (.., mut session) = start("circle?layers=dense:2:tanh,drop:0.1");
    let before = weights(&session);
    for (layer, input, unit) in
        [(0, Some(2), 0), (0, Some(0), 2), (0, None, 2), (1, None, 0), (2, Some(0), 1), (3, None, 0), (usize::MAX, None, 0)]
    {
        let refused = pollster::block_on(session.set_weight(layer, input, unit, 1.0)).unwrap_err();
        assert!(matches!(refused, SetWeightError::NoSuchWeight), "{layer} {input:?} {unit}");
    }
    for value in [f32::NAN, f32::INFINITY] {
        let refused = pollster::block_on(session.set_weight(0, None, 0, value)).unwrap_err();
        assert!(matches!(refused, SetWeightError::NotFinite));
    }
    assert_eq!(weights(&session), before);
}

/// Plain gradient descent from weights set by hand: one step on one point is the chain rule on paper.
#[test]
fn training_goes_on_from_a_weight_set_by_hand() {
    let _turn = take_generator();
    // Two points of which one is held out: one example a step. Both are (0.5, 0.5) of class 1, so it does not matter which.
    let (.., data, mut session) = start("own?layers=none&opt=sgd&lr=1&val=0.5&own=1fQfQ1fQfQ");
    for (input, value) in [(Some(0), 2.0), (Some(1), -1.0), (None, 0.0)] {
        set(&mut session, 0, input, 0, value);
    }
    session.step(&data);
    // z = 2 · 0.5 − 0.5 = 0.5; dL/dz = σ(0.5) − 1 = −0.377541; dL/dw = −0.188770 for both weights.
    let plane = pollster::block_on(session.plane(2)).unwrap();
    assert_close("weights", &plane.weights[0], &[2.188_77, -0.811_23], 1e-6);
    assert_close("bias", &plane.weights[1], &[0.377_541], 1e-6);
}

/// Five points of the regression: the evaluation is the mean squared and the mean absolute error, by hand in double precision.
#[test]
fn regression_is_evaluated_by_its_errors() {
    let (.., data, session) = start("hill?points=50");
    let outcome = evaluate(&session, Split::Test, &data);
    let points = data.test.points().unwrap();
    let errors: Vec<f64> = (0..points.len())
        .map(|idx| {
            let answer = pollster::block_on(session.predict(points.input(idx))).unwrap()[0];
            f64::from(answer) - f64::from(points.target(idx))
        })
        .collect();
    let mean = |of: fn(f64) -> f64| errors.iter().map(|&error| of(error)).sum::<f64>() / errors.len() as f64;
    assert!((f64::from(outcome.point.loss) - mean(|error| error * error)).abs() < 1e-6);
    assert!((f64::from(outcome.point.accuracy) - mean(f64::abs)).abs() < 1e-6);
    assert_eq!((outcome.point.count, outcome.confusion.len(), outcome.mistakes.len()), (25, 0, 0));
}

#[test]
fn data_out_of_bounds_open_no_session() {
    let mut experiment = experiment("own");
    experiment.data.own.truncate(1);
    let data = LabData::points(&experiment.data, 1);
    let refused = Supervised::open(&experiment, &burn::tensor::Device::flex(), &data).err().unwrap();
    assert_eq!(refused.layer_idx, None);
    assert!(refused.to_string().starts_with("Training needs 2 to 500 points"), "{refused}");
}
