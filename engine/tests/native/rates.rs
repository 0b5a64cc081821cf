//! Learning rates: schedules and the range test, against linear regression by full batches, whose every step is known.
//!
//! With `H = 2/n XᵀX` (X with a column of ones for the bias), a step of gradient descent on the mean squared error is
//! `w ← w − lr H (w − w*)`: in the direction of each eigenvector of H the distance is multiplied by `1 − lr λ`. So no loss rises
//! while `lr < 2 / λ_max`, and beyond it one direction runs off.

use crate::support::*;
use descent_engine::data::{LabData, Partition};
use descent_engine::session::{RateTesting, Supervised};
use descent_spec::message::{MAX_TEST_STEPS, RateTest, RateTestEnd, tested_rate};
use descent_spec::schedule::SCHEDULES;
use descent_spec::{Experiment, Schedule};
use safetensors::SafeTensors;

const LINEAR: &str = "hill?layers=none&opt=sgd&batch=1024&features=x,y,x2&lr=0.3&epochs=40";

/// The same regression in double precision, by loops.
struct Regression {
    rows: Vec<[f64; 4]>,
    targets: Vec<f64>,
    weights: [f64; 4],
}

impl Regression {
    /// The training points of a session at step 0, and its weights.
    fn of(session: &Supervised, data: &LabData) -> Regression {
        let experiment = session.experiment();
        let train = Partition::new(data.train_pool.len(), experiment.data.validation, experiment.seed).train;
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        data.train_pool.fill_batch(&train, &mut inputs, &mut targets);
        let rows = inputs.chunks_exact(3).map(|it| [it[0].into(), it[1].into(), it[2].into(), 1.0]).collect();
        let bytes = weights(session);
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let number = |name: &str, at: usize| {
            let bytes = file.tensor(name).unwrap().data()[4 * at..4 * at + 4].try_into().unwrap();
            f64::from(f32::from_le_bytes(bytes))
        };
        let weights = [0, 1, 2].map(|at| number("dense1.weight", at));
        let weights = [weights[0], weights[1], weights[2], number("dense1.bias", 0)];
        Regression { rows, targets: targets.into_iter().map(f64::from).collect(), weights }
    }

    fn residuals(&self) -> Vec<f64> {
        let answer = |row: &[f64; 4]| row.iter().zip(&self.weights).map(|(x, w)| x * w).sum::<f64>();
        self.rows.iter().zip(&self.targets).map(|(row, target)| answer(row) - target).collect()
    }

    /// Mean squared error, then one step.
    fn step(&mut self, rate: f64) -> f64 {
        let residuals = self.residuals();
        let n = residuals.len() as f64;
        for (at, weight) in self.weights.iter_mut().enumerate() {
            *weight -= rate * 2.0 / n * self.rows.iter().zip(&residuals).map(|(row, r)| row[at] * r).sum::<f64>();
        }
        residuals.iter().map(|r| r * r).sum::<f64>() / n
    }

    /// The largest eigenvalue of H, by power iteration.
    fn largest_curvature(&self) -> f64 {
        let mut v = [1.0, 0.5, 0.25, 1.0];
        let mut lambda = 0.0;
        for _ in 0..1_000 {
            let mut next = [0.0; 4];
            for row in &self.rows {
                let along: f64 = row.iter().zip(&v).map(|(x, v)| x * v).sum();
                next.iter_mut().zip(row).for_each(|(sum, x)| *sum += 2.0 / self.rows.len() as f64 * along * x);
            }
            lambda = next.iter().map(|it| it * it).sum::<f64>().sqrt();
            v = next.map(|it| it / lambda);
        }
        lambda
    }
}

fn linear(rate: f64) -> (Experiment, LabData) {
    let mut it = experiment(LINEAR);
    it.training.learning_rate = rate;
    let data = LabData::points(&it.data, it.seed);
    (it, data)
}

fn losses(session: &mut Supervised, data: &LabData, n_steps: usize) -> Vec<f64> {
    train(session, data, n_steps).into_iter().map(|bits| f32::from_bits(bits).into()).collect()
}

fn test_rates(experiment: &Experiment, data: &LabData) -> RateTest {
    let mut testing = RateTesting::new(experiment, &burn::tensor::Device::flex(), data).unwrap();
    while pollster::block_on(testing.advance(data)).unwrap() {}
    testing.finish()
}

#[track_caller]
fn assert_same(what: &str, ours: &[f64], theirs: &[f64]) {
    for (step, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-5 * b, "{what}, loss {step}: {a}, and the recursion says {b}");
    }
}

#[test]
fn every_schedule_takes_the_steps_of_its_formula() {
    let _turn = take_generator();
    // An epoch is one step here, so t and e are the same; T is 40.
    let step = |t: i32| 0.5f64.powi(t / 2);
    let formulas: [(&str, &dyn Fn(i32) -> f64); 6] = [
        ("constant", &|_| 1.0),
        ("step", &step),
        ("exp", &|t| 0.9f64.powi(t)),
        ("cosine", &|t| (1.0 + (std::f64::consts::PI * f64::from(t) / 40.0).cos()) / 2.0),
        ("warmup:7", &|t| f64::from((t + 1).min(8)) / 8.0),
        ("warmup_cosine:10", &|t| match t {
            0..10 => f64::from(t + 1) / 11.0,
            _ => (1.0 + (std::f64::consts::PI * f64::from(t - 10) / 30.0).cos()) / 2.0,
        }),
    ];
    assert_eq!(formulas.len(), SCHEDULES.len());
    for (text, factor) in formulas {
        let (mut experiment, data) = linear(0.3);
        experiment.training.schedule = Schedule::from_link(text).unwrap();
        let mut session = open(&experiment, &data);
        let mut regression = Regression::of(&session, &data);
        let expected: Vec<f64> = (0..30).map(|t| regression.step(0.3 * factor(t))).collect();
        assert_same(text, &losses(&mut session, &data, 30), &expected);
        assert!((session.next_rate() - 0.3 * factor(30)).abs() < 1e-12 && (session.last_rate() - 0.3 * factor(29)).abs() < 1e-12);
        // A live change is a change of the base.
        experiment.training.learning_rate = 0.1;
        session.tune(&experiment);
        let expected: Vec<f64> = (30..35).map(|t| regression.step(0.1 * factor(t))).collect();
        assert_same(&format!("{text} at another base"), &losses(&mut session, &data, 5), &expected);
    }
}

#[test]
fn a_resumed_run_takes_the_rates_it_would_have_taken() {
    let _turn = take_generator();
    let data = lab(200, 10);
    for entry in SCHEDULES {
        let mut it = experiment("mnist?layers=dense:6:tanh,drop:0.2&batch=32&epochs=8");
        it.training.schedule = if entry.id == "step" { Schedule::from_link("step:7:steps:0.5").unwrap() } else { entry.value };
        let mut through = open(&it, &data);
        train(&mut through, &data, 11);
        let saved = checkpoint(&through);
        let mut resumed = open(&it, &data);
        resumed.restore(&saved).unwrap();
        assert_eq!(train(&mut through, &data, 20), train(&mut resumed, &data, 20), "{}", entry.id);
        assert_eq!(weights(&through), weights(&resumed), "{}", entry.id);
    }
}

#[test]
fn plain_gradient_descent_diverges_beyond_two_over_the_largest_curvature() {
    let _turn = take_generator();
    let (it, data) = linear(0.1);
    let edge = 2.0 / Regression::of(&open(&it, &data), &data).largest_curvature();
    let run = |share: f64| {
        let (it, data) = linear(share * edge);
        losses(&mut open(&it, &data), &data, 200)
    };
    let below = run(0.97);
    assert!(below.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-6)), "below the edge every step goes down");
    let above = run(1.03);
    assert!(above[199] > 10.0 * above[0] && above[199] > 1.05 * above[198], "above it the loss runs off: {:?}", &above[190..]);
}

#[test]
fn a_range_test_finds_the_edge_and_leaves_the_run_alone() {
    let _turn = take_generator();
    let (it, data) = linear(0.1);
    let mut session = open(&it, &data);
    train(&mut session, &data, 3);
    let before = checkpoint(&session);
    let found = test_rates(session.experiment(), &data);
    assert_eq!(checkpoint(&session), before);

    let mut regression = Regression::of(&open(&it, &data), &data);
    let edge = 2.0 / regression.largest_curvature();
    let expected: Vec<f64> = (0..found.points.len()).map(|step| regression.step(tested_rate(step))).collect();
    let ours: Vec<f64> = found.points.iter().map(|point| point.loss.into()).collect();
    // Beyond the edge rounding grows as fast as the loss.
    let n_below = found.points.iter().filter(|point| point.rate < edge).count();
    assert_same("the range test", &ours[..n_below], &expected[..n_below]);
    assert!(ours[..=n_below].windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-6)), "below the edge every step goes down");
    assert_ne!(found.end, RateTestEnd::AllTried);
    // At rate r the runaway direction grows by r λ − 1 a step, and the rates by 1.15: it is seen within a decade.
    assert!((edge..10.0 * edge).contains(&found.last_rate), "it ended at {}, and the edge is {edge}", found.last_rate);
    let suggested = found.suggested.unwrap();
    assert!(suggested < edge && suggested > edge / 30.0, "{suggested} suggested, and the edge is {edge}");
    assert!(found.steepest.unwrap() < found.lowest.unwrap());
}

#[test]
fn a_range_test_ends_in_every_lab_with_a_rate_that_trains() {
    let _turn = take_generator();
    let digits = LabData::generated(1);
    for link in [
        "mnist?layers=dense:16:relu&schedule=cosine",
        "circle",
        "spiral?classes=3",
        "hill?opt=momentum",
        "mnist?layers=dense:16:relu&opt=sgd",
    ] {
        let mut it = experiment(link);
        let points = it.data.set.is_planar().then(|| LabData::points(&it.data, it.seed));
        let data = points.as_ref().unwrap_or(&digits);
        let found = test_rates(&it, data);
        assert!(found.points.len() <= MAX_TEST_STEPS && found.points.iter().all(|point| point.loss.is_finite()));
        it.training.learning_rate = found.suggested.unwrap();
        it.training.schedule = Schedule::Constant;
        let losses = losses(&mut open(&it, data), data, 200);
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let (first, last) = (mean(&losses[..20]), mean(&losses[180..]));
        println!("{link}: {} suggested after {} steps, {first:.3} to {last:.3}", found.suggested.unwrap(), found.points.len());
        assert!(last < 0.9 * first, "{link}: from {first} to {last} at {:?}", found.suggested);
    }
}
