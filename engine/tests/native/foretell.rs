//! The next update of a weight, foretold: against NumPy (`tests/reference/foretell.py` says how), and against the step itself.

use crate::support::*;
use descent_engine::data::{LabData, epoch_order};
use descent_engine::session::{FollowError, Supervised};
use descent_spec::OptimizerSpec;
use descent_spec::message::WeightUpdate;
use descent_spec::training::OPTIMIZERS;
use serde_json::Value;

/// Relative, of numbers above a hundredth; below, 1e-7 absolute, which is what 32 bits know of a sum of terms of size 1.
const TOLERANCE: f64 = 1e-5;

fn start(link: &str) -> (LabData, Supervised) {
    let experiment = experiment(link);
    let data = LabData::points(&experiment.data, experiment.seed);
    let session = open(&experiment, &data);
    (data, session)
}

fn foretell(session: &Supervised, data: &LabData, (layer, input, unit): (usize, Option<usize>, usize)) -> WeightUpdate {
    pollster::block_on(session.foretell(layer, input, unit, data)).unwrap()
}

#[track_caller]
fn assert_near(what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    let is_near = (found - expected).abs() <= TOLERANCE * expected.abs().max(0.01);
    assert!(is_near, "{what}: {found}, and NumPy says {expected}");
}

#[test]
fn foretell_says_what_numpy_says_for_50_nets() {
    let _turn = take_generator();
    let reference: Value = serde_json::from_str(include_str!("../../../tests/reference/foretell.json")).unwrap();
    let nets = reference["nets"].as_array().unwrap();
    assert_eq!(nets.len(), 50);
    // The batches that the reference was made with.
    let all: Vec<u32> = (0..9).collect();
    let orders = [[3, 1, 5, 0, 8, 4, 7, 2, 6], [2, 5, 0, 8, 4, 3, 1, 7, 6], [6, 0, 1, 5, 2, 4, 8, 3, 7]];
    for (epoch, order) in (0..).zip(orders) {
        assert_eq!(epoch_order(1, epoch, &all, &[0, 9]), order);
    }

    for net in nets {
        let link = net["link"].as_str().unwrap();
        let (data, mut session) = start(link);
        let layers = net["layers"].as_array().unwrap();
        for (layer, reference) in layers.iter().enumerate() {
            let ((weights, dims), (biases, _)) = (array(&reference["w"]), array(&reference["b"]));
            for (place, &weight) in weights.iter().enumerate() {
                let (input, unit) = (place / dims[1], place % dims[1]);
                pollster::block_on(session.set_weight(layer, Some(input), unit, weight)).unwrap();
            }
            for (unit, &bias) in biases.iter().enumerate() {
                pollster::block_on(session.set_weight(layer, None, unit, bias)).unwrap();
            }
        }
        let n_steps = net["n_steps"].as_u64().unwrap();
        for _ in 0..n_steps {
            session.step(&data);
        }
        for told in net["told"].as_array().unwrap() {
            let index = |name: &str| told[name].as_u64().map(|it| it as usize);
            let place = (index("layer").unwrap(), index("input"), index("unit").unwrap());
            let update = foretell(&session, &data, place);
            let what = format!("{link}, step {}, {place:?}", n_steps + 1);
            assert_eq!(update.step, n_steps, "{what}");
            assert_eq!(update.batch, if n_steps % 3 == 2 { 1 } else { 4 }, "{what}");
            for (name, found) in [
                ("w", update.weight),
                ("loss_gradient", update.loss_gradient),
                ("gradient", update.gradient),
                ("new", update.new_weight),
            ] {
                assert_near(&format!("{what}: {name}"), found.into(), &told[name]);
            }
            let count = |name: &str| told[name].as_array().unwrap().len();
            assert_eq!(update.memory.len(), count("before"), "{what}");
            for (nth, memory) in update.memory.iter().enumerate() {
                assert_near(&format!("{what}: {} before", memory.kind), memory.before.into(), &told["before"][nth]);
                assert_near(&format!("{what}: {} after", memory.kind), memory.after.into(), &told["after"][nth]);
            }
            for nth in 0..count("corrected") {
                assert_near(&format!("{what}: corrected"), update.working.corrected[nth], &told["corrected"][nth]);
            }
            // The working leads to the same weight as the rule.
            let moved = told["new"].as_f64().unwrap() - told["w"].as_f64().unwrap();
            assert_near(&format!("{what}: change"), update.working.change(), &moved.into());
        }
    }
}

/// The reference holds every rule, with a state that is not empty, and both penalties.
#[test]
fn foretell_reference_covers_what_there_is() {
    let text = include_str!("../../../tests/reference/foretell.json");
    for word in OPTIMIZERS.iter().map(|it| format!("&opt={}", it.id)).chain(["&l1=".into(), "&l2=".into()]) {
        assert!(text.contains(&word), "{word}");
    }
    let reference: Value = serde_json::from_str(text).unwrap();
    let has_state = |told: &Value| array(&told["before"]).0.iter().any(|&value| value != 0.0);
    let nets = reference["nets"].as_array().unwrap();
    assert!(nets.iter().filter(|net| net["told"].as_array().unwrap().iter().any(has_state)).count() > 25);
}

/// With every rule, penalties, dropout and a regression among them: what is foretold is, to the bit, what the step then makes, in
/// each of a whole epoch and a bit. Looking changes nothing: the losses and the weights are those of a session nobody looked at.
#[test]
fn foretell_comes_true_to_the_bit_and_changes_nothing() {
    let _turn = take_generator();
    let rules = OPTIMIZERS.iter().map(|it| it.value.to_link()).collect::<Vec<_>>();
    let links = rules.iter().flat_map(|rule| {
        [
            format!("spiral?layers=dense:4:tanh,drop:0.3,dense:3:gelu&opt={rule}&lr=0.05&l2=0.01&batch=40"),
            format!("hill?layers=dense:3:relu&opt={rule}&lr=0.02&l1=0.001&batch=64"),
        ]
    });
    for link in links {
        let ((data, mut looked_at), (_, mut untouched)) = (start(&link), start(&link));
        let last = if link.starts_with("hill") { 1 } else { 3 };
        let mut losses = Vec::new();
        for step in 0..8 {
            let places = [(0, Some(1), 2), (0, None, 0), (last, Some(0), 0), (last, None, 0)];
            let told = places.map(|place| foretell(&looked_at, &data, place));
            assert_eq!(told, places.map(|place| foretell(&looked_at, &data, place)), "{link}: asked twice");
            losses.extend(train(&mut looked_at, &data, 1));
            for (place, told) in places.iter().zip(told) {
                let now = foretell(&looked_at, &data, *place);
                let what = format!("{link}: {place:?} at step {step}");
                assert_eq!(now.weight.to_bits(), told.new_weight.to_bits(), "{what}");
                let kept = |update: &WeightUpdate, is_after: bool| -> Vec<u32> {
                    update.memory.iter().map(|it| if is_after { it.after } else { it.before }.to_bits()).collect()
                };
                assert_eq!(kept(&now, false), kept(&told, true), "{what}");
            }
        }
        assert_eq!(losses, train(&mut untouched, &data, 8), "{link}");
        // Weights, the optimizer's state and the place.
        assert!(checkpoint(&looked_at) == checkpoint(&untouched), "{link}");
    }
}

/// The first step of Adam moves any weight by the rate, and its state starts at zero; a new rate acts on the next step; SGD's
/// working is its formula. By hand.
#[test]
fn foretell_by_hand() {
    let _turn = take_generator();
    let (data, mut session) = start("own?layers=dense:3:tanh&opt=adam&lr=0.5&val=0.5&own=1fQfQ1fQfQ");
    let update = foretell(&session, &data, (0, Some(0), 1));
    assert!(update.gradient.abs() > 1e-3);
    assert_eq!(
        update.memory.iter().map(|it| (it.kind.as_str(), it.before)).collect::<Vec<_>>(),
        [("mean", 0.0), ("square", 0.0)]
    );
    let moved = -0.5 * update.gradient.signum();
    assert!((update.new_weight - update.weight - moved).abs() < 1e-5, "{update:?}");

    let mut tuned = session.experiment().clone();
    tuned.training.learning_rate = 0.25;
    session.tune(&tuned);
    let update = foretell(&session, &data, (0, Some(0), 1));
    assert!((update.new_weight - update.weight - 0.5 * moved).abs() < 1e-5, "{update:?}");
    assert_eq!((update.learning_rate, update.optimizer), (0.25, OptimizerSpec::ADAM));

    let (data, session) = start("own?layers=dense:3:tanh&opt=sgd&lr=0.5&l2=0.5&val=0.5&own=1fQfQ1fQfQ");
    let update = foretell(&session, &data, (0, Some(1), 2));
    assert_eq!((update.penalties, update.batch, update.memory.len()), ([0.0, 0.5], 1, 0));
    assert!((update.gradient - update.loss_gradient - 0.5 * update.weight).abs() < 1e-6);
    assert_eq!(update.working.change(), -0.5 * f64::from(update.gradient));
    let bias = foretell(&session, &data, (0, None, 2));
    assert_eq!((bias.penalties, bias.gradient), ([0.0, 0.0], bias.loss_gradient));
}

#[test]
fn foretell_refuses_in_words() {
    let (data, session) = start("spiral?layers=dense:4:tanh,drop:0.3");
    for place in [(1, None, 0), (0, Some(2), 0), (0, None, 4), (9, None, 0)] {
        let refused = pollster::block_on(session.foretell(place.0, place.1, place.2, &data)).unwrap_err();
        assert!(matches!(refused, FollowError::NoSuchUnit), "{place:?}");
    }
    let (data, session) = start("circle?layers=dense:4:linear,bn");
    let refused = pollster::block_on(session.foretell(0, None, 0, &data)).unwrap_err();
    assert!(refused.to_string().contains("cannot be followed"), "{refused}");
}
