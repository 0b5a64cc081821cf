//! Whole sessions: curves repeat to the bit, nothing that only looks changes them, and every example counts once.

use crate::support::*;
use descent_engine::session::Stop;
use descent_spec::Split;

/// Models whose state is easy to lose: dropout masks, running statistics, moments of every optimizer.
const LINKS: &[&str] = &[
    "mnist?layers=dense:16:relu&batch=32&opt=sgd&lr=0.1",
    "mnist?layers=dense:16:relu&batch=32&opt=momentum&lr=0.03&l2=0.01",
    "mnist?layers=dense:16:relu&batch=32&opt=rmsprop&init=he_normal",
    "mnist?layers=dense:16:linear,bn,act:relu,drop:0.4&batch=32&opt=adam",
    "mnist?layers=conv:3:5:valid:relu,bn,pool:4,drop:0.25,dense:12:tanh&batch=32&opt=adam&l2=0.001&init=fan_in_uniform",
];

#[test]
fn a_reset_repeats_the_curve_and_another_seed_does_not() {
    let _turn = take_generator();
    let data = lab(380, 10);
    for link in LINKS {
        let experiment = experiment(link);
        let [mut first, mut again] = [open(&experiment, &data), open(&experiment, &data)];
        assert_eq!(train(&mut first, &data, 25), train(&mut again, &data, 25), "{link}");
        assert_eq!(weights(&first), weights(&again), "{link}");
        let mut other = experiment.clone();
        other.seed = 99;
        assert_ne!(train(&mut open(&other, &data), &data, 3), train(&mut open(&experiment, &data), &data, 3), "{link}");
    }
}

/// 304 training examples, batches of 32: an epoch has 10 steps, the last of them with 16 examples, so 30 steps cross three epochs.
#[test]
fn a_resumed_session_goes_on_to_the_bit() {
    let _turn = take_generator();
    let data = lab(380, 10);
    for link in LINKS {
        let experiment = experiment(link);
        let mut whole = open(&experiment, &data);
        let expected = train(&mut whole, &data, 30);
        for at in [0, 1, 13, 20] {
            let mut first = open(&experiment, &data);
            let mut losses = train(&mut first, &data, at);
            let saved = checkpoint(&first);
            // A third session is trained between, so that nothing hides in process-wide state.
            train(&mut open(&experiment, &data), &data, 2);
            let mut second = open(&experiment, &data);
            second.restore(&saved).unwrap();
            assert_eq!(second.progress(), first.progress());
            assert_eq!(checkpoint(&second), saved, "{link}: a restored session saves what it was restored from");
            losses.extend(train(&mut second, &data, 30 - at));
            assert_eq!(losses, expected, "{link}, resumed at {at}");
            assert_eq!(weights(&second), weights(&whole), "{link}, resumed at {at}");
            assert_eq!(second.progress().step, 30);
        }
    }
}

#[test]
fn looking_changes_nothing() {
    let _turn = take_generator();
    let data = lab(380, 50);
    for link in LINKS {
        let experiment = experiment(link);
        let expected = train(&mut open(&experiment, &data), &data, 12);
        let mut watched = open(&experiment, &data);
        let mut losses = Vec::new();
        for _ in 0..12 {
            losses.extend(train(&mut watched, &data, 1));
            evaluate(&watched, Split::Validation, &data);
            evaluate(&watched, Split::Test, &data);
            pollster::block_on(watched.picture(&[0.5; 784])).unwrap();
            pollster::block_on(watched.predict(&[0.5; 784])).unwrap();
            checkpoint(&watched);
            weights(&watched);
        }
        assert_eq!(losses, expected, "{link}");
    }
}

/// 1,003 examples in batches of 64 are 15 whole batches and one of 43. At a learning rate of nearly 0 the weights stay, so the
/// batches' mean losses, weighted by their sizes, are the mean over all examples.
#[test]
fn the_last_partial_batch_counts_as_much_as_it_holds() {
    let _turn = take_generator();
    let data = lab(1_254, 1_003);
    let mut session = open(&experiment("mnist?layers=dense:8:tanh&opt=sgd&lr=1e-30"), &data);
    let facts = session.facts(&data);
    assert_eq!((facts.n_train, facts.n_validation, facts.n_test, facts.steps_per_epoch), (1_003, 251, 1_003, 16));
    let before = evaluate(&session, Split::Train, &data);
    for _ in 0..16 {
        session.step(&data);
    }
    let points = pollster::block_on(session.report(&data)).unwrap().points;
    let sizes = (0..16).map(|batch| if batch < 15 { 64.0 } else { 43.0 });
    let mean = |value: fn(&descent_spec::message::StepPoint) -> f32| {
        points.iter().zip(sizes.clone()).map(|(point, size)| f64::from(value(point)) * size).sum::<f64>() / 1_003.0
    };
    assert!((mean(|point| point.loss) - f64::from(before.point.loss)).abs() < 1e-5);
    assert!((mean(|point| point.accuracy) - f64::from(before.point.accuracy)).abs() < 1e-5);
    assert_eq!((session.progress().epoch, session.progress().batch, session.progress().step), (1, 0, 16));
    assert_eq!(before.point.count, 1_003);

    let outcome = evaluate(&session, Split::Test, &data);
    assert_eq!(outcome.point.count, 1_003);
    assert_eq!(outcome.confusion.iter().sum::<u32>(), 1_003);
    let right: u32 = (0..10).map(|class| outcome.confusion[class * 11]).sum();
    assert!((f64::from(right) / 1_003.0 - f64::from(outcome.point.accuracy)).abs() < 1e-6);
    assert_eq!(outcome.mistakes.len(), 100.min(1_003 - right as usize));
    assert!(outcome.mistakes.is_sorted_by(|a, b| a.probability >= b.probability));
    for mistake in &outcome.mistakes {
        assert_eq!(data.test.class(mistake.index as usize), Some(mistake.truth));
        assert_ne!(mistake.truth, mistake.predicted);
    }
    for (cell, indices) in outcome.cells.iter().enumerate() {
        assert_eq!(indices.len() as u32, outcome.confusion[cell].min(24));
        assert!(indices.iter().all(|&idx| data.test.class(idx as usize) == Some(cell as u32 / 10)));
    }
}

#[test]
fn a_session_learns() {
    let _turn = take_generator();
    let data = lab(1_000, 200);
    for link in LINKS {
        let mut session = open(&experiment(link), &data);
        let before = evaluate(&session, Split::Test, &data).point;
        train(&mut session, &data, 100);
        let after = evaluate(&session, Split::Test, &data).point;
        assert!(after.loss < 0.7 * before.loss && after.accuracy > 0.4, "{link}: {before:?} {after:?}");
    }
}

/// Every field of the training set-up and of the model acts: change it alone, and the losses of 20 steps differ.
#[test]
fn no_field_is_without_effect() {
    let _turn = take_generator();
    let data = lab(2_000, 10);
    let base = "mnist?layers=dense:8:relu&batch=32&seed=3";
    let reference = train(&mut open(&experiment(base), &data), &data, 20);
    for change in [
        "layers=dense:8:relu&batch=32&seed=4",
        "layers=dense:8:relu&batch=33&seed=3",
        "layers=dense:9:relu&batch=32&seed=3",
        "layers=dense:8:silu&batch=32&seed=3",
        "layers=dense:8:relu,drop:0.1&batch=32&seed=3",
        "layers=dense:8:relu,bn&batch=32&seed=3",
        "layers=dense:8:relu&batch=32&seed=3&lr=0.0011",
        "layers=dense:8:relu&batch=32&seed=3&l2=0.001",
        "layers=dense:8:relu&batch=32&seed=3&val=0.21",
        "layers=dense:8:relu&batch=32&seed=3&init=he_uniform",
        "layers=dense:8:relu&batch=32&seed=3&init=glorot_normal",
        "layers=dense:8:relu&batch=32&seed=3&init=normal",
        "layers=dense:8:relu&batch=32&seed=3&opt=rmsprop",
        "layers=dense:8:relu&batch=32&seed=3&opt=adam:0.8:0.999:1e-8",
        "layers=dense:8:relu&batch=32&seed=3&opt=adam:0.9:0.99:1e-8",
        "layers=dense:8:relu&batch=32&seed=3&opt=adam:0.9:0.999:1e-3",
    ] {
        let losses = train(&mut open(&experiment(&format!("mnist?{change}")), &data), &data, 20);
        assert_ne!(losses, reference, "{change}");
    }
}

/// The gradient norm of the lowest layer over that of the highest, at the first step. A sigmoid's slope is a quarter at most and
/// a Glorot weight's gain about 1, so five of them pass about 4⁻⁵ of what arrives, and a long input gives some of it back;
/// zero weights pass nothing; weights of deviation 1 have a gain of √32 times the slope, more than 1 even where tanh is saturated.
#[test]
fn gradients_vanish_and_explode_as_the_lab_of_week_3_says() {
    let _turn = take_generator();
    let data = lab(2_000, 10);
    let ratio = |activation: &str, init: &str| {
        let layers = [format!("dense:32:{activation}").as_str(); 5].join(",");
        let mut session = open(&experiment(&format!("mnist?layers={layers}&init={init}&opt=sgd&lr=0.1&seed=3")), &data);
        session.step(&data);
        let norms = pollster::block_on(session.report(&data)).unwrap().gradient_norms;
        assert_eq!(norms.len(), 6);
        norms[0] / norms[5]
    };
    let [vanish, explode, symmetry] =
        [("sigmoid", "glorot_uniform"), ("tanh", "normal"), ("tanh", "zeros")].map(|it| ratio(it.0, it.1));
    assert!(vanish < 0.05, "{vanish}");
    assert!(explode > 3.0, "{explode}");
    assert_eq!(symmetry, 0.0);
    for (activation, init) in [("relu", "he_normal"), ("tanh", "glorot_normal")] {
        let cured = ratio(activation, init);
        assert!((0.3..30.0).contains(&cured), "{activation}, {init}: {cured}");
    }
}

#[test]
fn live_fields_act_at_once() {
    let _turn = take_generator();
    let data = lab(1_000, 10);
    let start = experiment("mnist?layers=dense:8:relu&batch=32");
    let expected = train(&mut open(&start, &data), &data, 10);
    for link in ["mnist?layers=dense:8:relu&batch=32&lr=0.01", "mnist?layers=dense:8:relu&batch=32&l2=0.1"] {
        let mut session = open(&start, &data);
        let mut losses = train(&mut session, &data, 5);
        session.tune(&experiment(link));
        losses.extend(train(&mut session, &data, 5));
        assert_eq!(losses[..6], expected[..6], "{link}: the loss of step 6 is from before the change");
        assert_ne!(losses[6..], expected[6..], "{link}");
    }
}

#[test]
fn divergence_names_a_layer_and_a_way_out() {
    let _turn = take_generator();
    let data = lab(400, 10);
    for (link, layers) in [
        // Without ReLU, whose units would die and leave the loss finite.
        ("mnist?layers=dense:32:linear,dense:16:linear&opt=sgd&lr=10", ["dense1", "dense2", "dense3"]),
        ("mnist?layers=conv:4:5:valid:linear,pool:4&opt=momentum&lr=10", ["conv1", "pool1", "dense1"]),
    ] {
        let mut session = open(&experiment(link), &data);
        let stop = (0..500).find_map(|_| {
            session.step(&data);
            pollster::block_on(session.report(&data)).err()
        });
        match stop {
            Some(Stop::Diverged(divergence)) => {
                assert!(layers.contains(&divergence.layer.as_str()), "{divergence:?}");
                assert!(divergence.message.contains(&divergence.layer) && divergence.advice.contains("learning rate"));
                assert_eq!(divergence.step, session.progress().step);
            }
            other => panic!("{link}: expected divergence, got {other:?}"),
        }
    }
}
