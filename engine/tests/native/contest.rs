//! Races of optimizers: everybody starts equal, the rules are the engine's own, and the slice is where it says.

use crate::support::*;
use descent_engine::contest::{Race, Slice, directions};
use descent_engine::data::LabData;
use descent_spec::contest::{Contest, Surface, link};
use descent_spec::message::{RacerReport, RacerResult};
use descent_spec::{OptimizerSpec, Split};

fn contest(text: &str) -> Contest {
    let decoded = link::decode(text);
    assert_eq!(decoded.refusals, [], "{text}");
    decoded.contest
}

fn open(setup: &Contest) -> Race {
    pollster::block_on(Race::open(setup, &burn::tensor::Device::flex())).unwrap()
}

/// Races to the end; gives what was told, where everybody ended, and the slice.
fn run(text: &str) -> (Vec<RacerReport>, Vec<RacerResult>, Option<Slice>) {
    let mut race = open(&contest(text));
    while pollster::block_on(race.advance()).unwrap() {}
    let reports = race.report();
    let results = pollster::block_on(race.results()).unwrap();
    let slice = pollster::block_on(race.into_slicing()).unwrap().map(|mut slicing| {
        while pollster::block_on(slicing.advance()).unwrap() {}
        slicing.finish()
    });
    (reports, results, slice)
}

fn bits(report: &RacerReport) -> Vec<u32> {
    report.losses.iter().map(|loss| loss.to_bits()).collect()
}

/// Where each optimizer stands after one, two and three steps: NumPy in double precision, by the formulas of `OptimizerSpec`.
/// The first of SGD in the bowl is done by hand: −4 + 0.03 · 4 = −3.88 and 1 − 0.03 · 25 = 0.25.
#[test]
fn first_steps_on_surfaces_are_numpys() {
    let bowl = [
        ("sgd", [[-3.88, 0.25], [-3.763_6, 0.062_5], [-3.650_692, 0.015_625]]),
        ("momentum", [[-3.96, 0.75], [-3.884_4, 0.337_5], [-3.777_516, -0.118_125]]),
        ("nesterov", [[-3.924, 0.525], [-3.817_044, 0.073_125], [-3.683_575_8, -0.250_171_9]]),
        ("adagrad", [[-3.5, 0.5], [-3.170_747_7, 0.276_393_2], [-2.914_587_5, 0.156_398_7]]),
        ("rmsprop", [[-3.5, 0.5], [-3.169_811_3, 0.275_493_4], [-2.912_22, 0.154_843_7]]),
        ("adam", [[-3.8, 0.8], [-3.600_333, 0.602_374_8], [-3.401_246_8, 0.409_742_5]]),
        ("adamw", [[-3.792, 0.798], [-3.584_765_4, 0.598_818_6], [-3.378_555, 0.405_112_9]]),
    ];
    let rosenbrock = [
        ("sgd", [[-0.768_8, 1.176], [-1.121_490_3, 0.942_021_4], [-0.829_743_6, 1.068_309_1]]),
        ("momentum", [[-0.984_4, 1.088], [-0.833_231_6, 1.143_408_7], [-0.843_206_5, 1.103_449_7]]),
        ("nesterov", [[-0.790_36, 1.167_2], [-0.934_804_7, 1.032_318_2], [-1.018_886_2, 0.948_366]]),
        ("adagrad", [[-0.2, 2.0], [-0.782_236_6, 1.024_283_7], [-1.209_923_2, 0.823_184_2]]),
        ("rmsprop", [[-0.7, 1.5], [-1.096_588_8, 1.041_243_4], [-0.992_058_4, 1.114_075_5]]),
        ("adam", [[-0.9, 1.3], [-0.882_664_3, 1.268_128_4], [-0.971_277_6, 1.134_046_1]]),
        ("adamw", [[-0.896_4, 1.297], [-0.876_836_3, 1.260_191], [-0.962_888, 1.121_625_3]]),
    ];
    for (text, expected) in [("race?steps=4", bowl), ("race?on=rosenbrock&steps=4", rosenbrock)] {
        let (reports, results, slice) = run(text);
        assert!(slice.is_none());
        for ((report, result), (name, places)) in reports.iter().zip(&results).zip(expected) {
            assert_eq!((result.steps, result.diverged), (4, false), "{text}, {name}");
            for (nth, place) in places.iter().enumerate() {
                assert_close(&format!("{text}, {name}, step {}", nth + 1), &report.places[nth + 1], place, 2e-5);
            }
        }
    }
}

#[test]
fn losses_on_a_surface_are_its_heights_and_all_start_equal() {
    let (reports, results, _) = run("race?steps=50");
    // ½ (16 + 25) at (−4, 1).
    assert!(reports.iter().all(|report| report.losses[0] == 20.5 && report.places[0] == [-4.0, 1.0]));
    for (report, result) in reports.iter().zip(&results) {
        assert_eq!((report.losses.len(), report.places.len()), (50, 50));
        for (&loss, [x, y]) in report.losses.iter().zip(&report.places) {
            assert!((loss - 0.5 * (x * x + 25.0 * y * y)).abs() <= 1e-5 * loss.max(1e-3));
        }
        let [x, y] = result.place.unwrap().map(f64::from);
        assert_eq!(result.loss, Some(Surface::Bowl.value(x, y)));
        assert_eq!(result.distance, Some(x.hypot(y)));
    }
}

/// 300 steps at the rates the page offers: NumPy ends below these on each surface.
#[test]
fn the_offered_rates_get_somewhere() {
    for surface in ["bowl", "rosenbrock", "beale", "himmelblau", "saddle"] {
        let (_, results, _) = run(&format!("race?on={surface}"));
        for (result, name) in results.iter().zip(["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]) {
            let most = if surface == "rosenbrock" { 2.0 } else { 0.02 };
            assert!(result.loss.unwrap() < most, "{surface}, {name}: {result:?}");
        }
        assert!(results[5].distance.unwrap() < 0.25, "Adam on {surface}: {:?}", results[5]);
    }
}

/// Above 2/25 plain SGD leaves the bowl: each step multiplies y by 1 − 25 · 0.2 = −4. Nobody else is stopped by it.
#[test]
fn who_diverges_is_named_and_the_others_go_on() {
    let (reports, results, _) = run("race?racers=sgd@0.2,adam&steps=200");
    let why = reports[0].divergence.as_deref().unwrap();
    assert!(why.starts_with("SGD diverged: at step"), "{why}");
    assert!(results[0].diverged && results[0].loss.is_none() && results[0].steps < 200);
    // 12.5 · 16ᵗ is 2.7e38 after 31 steps and past the largest single, 3.4e38, after 32.
    assert_eq!(results[0].steps, 32);
    assert_eq!((results[1].steps, results[1].diverged, &reports[1].divergence), (200, false, &None));

    let (reports, results, slice) =
        run("race?on=net&racers=sgd@10,adam@0.02&steps=60&lab=moons?layers=dense:16:linear,dense:16:linear");
    assert!(reports[0].divergence.as_deref().unwrap().starts_with("SGD: Training diverged"));
    assert!(results[0].diverged && !results[1].diverged && results[1].steps == 60);
    let slice = slice.unwrap();
    assert!(slice.paths[0].is_empty() && slice.paths[1].len() > 20 && slice.facts.shares[0].is_none());
}

/// Adam, and AdamW without decay, are the same rule: whatever differs between their races is not the optimizer.
#[test]
fn everybody_starts_from_the_same_weights_and_sees_the_same_batches() {
    let _turn = take_generator();
    let lab = "spiral?layers=dense:8:tanh,drop:0.2,dense:8:relu&points=120&seed=3";
    let text = format!("race?on=net&racers=sgd,adam@0.02,adamw:0.9:0.999:1e-8:0@0.02&steps=80&lab={lab}");
    let (reports, ..) = run(&text);
    assert_eq!(bits(&reports[1]), bits(&reports[2]), "80 steps over several epochs, with dropout");
    assert!(reports.iter().all(|report| report.losses[0].to_bits() == reports[0].losses[0].to_bits()));
    assert_ne!(bits(&reports[0])[1..], bits(&reports[1])[1..]);

    // And it is the curve that the lab itself would show.
    let mut alone = experiment(lab);
    (alone.training.optimizer, alone.training.learning_rate) = (OptimizerSpec::ADAM, 0.02);
    let data = LabData::points(&alone.data, alone.seed);
    assert_eq!(train(&mut crate::support::open(&alone, &data), &data, 80), bits(&reports[1]));
}

#[test]
fn a_race_repeats_to_the_bit() {
    let _turn = take_generator();
    let text = "race?on=net&steps=40&lab=hill?seed=5";
    let (first, again) = (run(text), run(text));
    assert_eq!(first, again);
}

/// The landscape at the session's own position is its evaluation over the training part, and the slice's rim is where it says.
#[test]
fn the_slice_is_the_loss_over_the_training_points() {
    let _turn = take_generator();
    let setup = experiment("circle?layers=dense:3:tanh&points=60");
    let data = LabData::points(&setup.data, setup.seed);
    let mut session = crate::support::open(&setup, &data);
    train(&mut session, &data, 5);
    let position = pollster::block_on(session.position()).unwrap();
    assert_eq!(position.len(), 2 * 3 + 3 + 3 + 1);
    let loss = pollster::block_on(session.landscape(&data).loss_at(&position)).unwrap();
    let evaluated = evaluate(&session, Split::Train, &data).point.loss;
    assert!((loss - f64::from(evaluated)).abs() < 1e-6, "{loss}, {evaluated}");
    assert!(pollster::block_on(session.landscape(&data).loss_at(&position[1..])).is_err());

    let (_, results, slice) = run("race?on=net&racers=sgd,adam&steps=30&lab=circle?layers=dense:3:tanh&points=60");
    let Slice { facts, grid, paths } = slice.unwrap();
    assert_eq!((grid.len(), paths.len(), paths[0].len()), (41 * 41, 2, 2 * 31));
    assert!(paths.iter().all(|path| path[..2] == [0.0, 0.0]), "all paths begin at the start");
    // Two racers' paths are nearly a plane of their own. The grid near an end has nearly the loss of that end.
    assert!(facts.share > 0.8 && facts.share <= 1.0, "{facts:?}");
    let [left, right, low, high] = facts.view;
    for (path, result) in paths.iter().zip(&results) {
        let (x, y) = (f64::from(path[60]), f64::from(path[61]));
        let column = ((x - left) / (right - left) * 40.0).round() as usize;
        let row = ((high - y) / (high - low) * 40.0).round() as usize;
        let (there, end) = (f64::from(grid[row * 41 + column]), result.loss.unwrap());
        assert!((there - end).abs() < 0.1, "{there}, {end}");
    }
}

/// NumPy's `eigh` of Σ d dᵀ for these five moves; the signs are those with which the moves sum to more than zero.
#[test]
fn the_plane_has_the_principal_directions() {
    let moves = [
        vec![3.0, 1.0, 0.0, 2.0],
        vec![2.0, -1.0, 1.0, 0.5],
        vec![-1.0, 0.5, 2.0, 1.0],
        vec![4.0, 2.0, 0.0, -1.0],
        vec![0.5, 1.5, -2.0, 3.0],
    ];
    let [first, second] = directions(&moves.iter().collect::<Vec<_>>()).unwrap();
    for (found, expected) in [
        (first, [0.888_357_41, 0.363_847_52, -0.110_067_72, 0.257_529_03]),
        (second, [-0.364_705_62, 0.190_130_84, -0.408_388_51, 0.814_898_09]),
    ] {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
    }
    // One line: the second direction is at right angles to it, and nothing is divided by zero.
    let line = [vec![1.0, 2.0], vec![2.0, 4.0]];
    let [along, across] = directions(&line.iter().collect::<Vec<_>>()).unwrap();
    assert!((along[0] * across[0] + along[1] * across[1]).abs() < 1e-12 && (across[0].hypot(across[1]) - 1.0).abs() < 1e-12);
    assert!(directions(&[&vec![0.0, 0.0]]).is_none() && directions(&[]).is_none());
}

#[test]
fn what_cannot_be_raced_is_refused_in_words() {
    let mut setup = contest("race?on=net");
    setup.racers.clear();
    assert!(pollster::block_on(Race::open(&setup, &burn::tensor::Device::flex())).err().unwrap().contains("1 to 7 racers"));
}
