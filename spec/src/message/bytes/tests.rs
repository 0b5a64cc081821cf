//! Every message there and back. A new variant needs a row, at its place.

use super::*;
use crate::contest::{Arena, Contest, Racer, Surface};
use crate::forecast::{Comparison, Finding, ForecastErrors, Method};
use crate::line::LineFacts;
use crate::manifest::Source;
use crate::message::*;
use crate::training::OptimizerSpec;
use crate::{Cell, DataSet, Experiment, OwnText, Shape, Split, device::Backend};
use proptest::prelude::*;
use std::fmt::Debug;

fn own_text() -> Experiment {
    let mut experiment = Experiment::for_set(DataSet::OwnText);
    experiment.data.text = OwnText::new("Émile ☕\n\"quoted\"\0");
    experiment
}

/// In the order of the variants.
fn to_worker() -> Vec<ToWorker> {
    let experiment = Experiment::for_set(DataSet::Spiral);
    let split = Split::Validation;
    let racers = vec![Racer { optimizer: OptimizerSpec::ADAM, learning_rate: 0.1 }];
    vec![
        ToWorker::Start { base: "https://x.example/a b/".into(), backend: Backend::WebGpu },
        ToWorker::Open { run: 7, experiment: own_text() },
        ToWorker::Play,
        ToWorker::Pause,
        ToWorker::Step { count: u32::MAX },
        ToWorker::Epoch,
        ToWorker::Tune { experiment: experiment.clone() },
        ToWorker::Evaluate { split: Split::Test },
        ToWorker::Watch { subject: Subject::Ink { side: 280 } },
        ToWorker::SetWeight { layer: 1, input: None, unit: 3, value: -1.5e-40 },
        ToWorker::Browse { request: 8, split, class: Some(9), offset: 1000, count: 200 },
        ToWorker::Fetch { request: 9, split, indices: vec![0, 127, 128, 59_999] },
        ToWorker::Predict { request: 10 },
        ToWorker::Follow { request: 11, split, index: 4, nudge: Some((1, 2)) },
        ToWorker::Inside { request: 12, split, index: 5 },
        ToWorker::TestRates { request: 13 },
        ToWorker::Foretell { request: 14, layer: 0, input: Some(1), unit: 2 },
        ToWorker::Write { sample: SampleSpec { prompt: "Ah, ☕".into(), ..SampleSpec::default() } },
        ToWorker::StopWriting,
        ToWorker::WriteLive { sample: None },
        ToWorker::ReadText { request: 15, text: "mañana".into(), layer: 1 },
        ToWorker::LoadWeights { request: 16 },
        ToWorker::Explain { request: 17 },
        ToWorker::CompareWords { request: 18 },
        ToWorker::Word { request: 19, token: 300 },
        ToWorker::Translate { request: 24, source: "go .".into(), beam: 5 },
        ToWorker::HeldOut { request: 25, split, from: 100, count: 10 },
        ToWorker::ScorePairs { request: 26, split },
        ToWorker::Vectors { request: 27 },
        ToWorker::Glove { request: 28 },
        ToWorker::Weights { request: 20 },
        ToWorker::Checkpoint,
        ToWorker::Race { request: 21, experiment: experiment.clone(), steps: 30 },
        ToWorker::Contest { contest: 22, setup: Contest { arena: Arena::net(experiment), racers, steps: 500 } },
        ToWorker::StopContest,
        ToWorker::Bench { request: 23, work: "cnn".into(), n_workers: Some(4) },
        ToWorker::Ping { request: HEARTBEAT },
    ]
}

/// In the order of the variants.
fn to_app() -> Vec<ToApp> {
    let (run, request, step, split) = (7, 300, 1 << 40, Split::Train);
    let progress = Progress { step, epoch: 3, batch: 17, corrections: 5, elapsed_ms: 0.1 };
    let point = EvalPoint { step, loss: 0.25, accuracy: 0.5, count: 300 };
    let experiment = own_text();
    let facts = RunFacts {
        layers: Experiment::for_set(DataSet::Shakespeare).trace().unwrap(),
        experiment,
        n_train: 48_000,
        n_validation: 12_000,
        n_test: 10_000,
        source: Source::Generated,
        licence: "CC BY 4.0".into(),
        citation: "Élie".into(),
        steps_per_epoch: 750,
        vocabulary: vec!["\n".into(), "é".into()],
        target_vocabulary: vec!["œ".into()],
    };
    let workers = Workers { count: 2, compared: vec![StepTime { workers: 2, ms: 7.25 }], are_lost: true };
    let against_last = Some(Comparison { difference: -0.5, standard_error: 0.125, finding: Finding::Better });
    let errors = vec![ForecastErrors { method: Method::Linear, absolute: 1.0, root_squared: 2.0, against_last }];
    let kernels = Some(KernelFacts { layer: "conv1".into(), count: 8, shape: Shape::Flat { units: 25 } });
    let line = Some(LineFacts { weights: [1.0, -2.0], bias: 0.5, margin: Some(-0.125), mistakes: 3, n_points: 200 });
    let classes = ClassLosses { categorical: 0.5, binary: 0.25, hinge: 0.125 };
    let roads = vec![GradientRoad { cell: Cell::Lstm, at_first_weights: true, of_cell_state: false }];
    let inside = InsideFacts { step, layer: "lstm1".into(), cell: Cell::Gru, units: 8, time: 90, parts: vec!["h".into()], roads };
    let rates = RateTest {
        points: vec![RatePoint { rate: 1e-5, loss: 2.5, smoothed: 2.25 }],
        end: RateTestEnd::Rose,
        last_rate: 0.1,
        lowest: Some(0.05),
        steepest: None,
        suggested: Some(0.005),
    };
    let update = WeightUpdate {
        step,
        batch: 64,
        optimizer: OptimizerSpec::ADAM,
        learning_rate: 0.002,
        penalties: [0.0, 0.5],
        weight: 0.5,
        loss_gradient: -0.25,
        gradient: 0.125,
        memory: vec![Memory { kind: "mean".into(), before: 0.0, after: 0.5 }],
        working: Working { corrections: [0.1, 0.01], corrected: [0.2, 0.3], direction: 0.4, effective_rate: 0.5, decay: 0.6 },
        new_weight: 0.75,
    };
    let racer = RacerReport { losses: vec![1.0, 0.5], places: vec![[0.5, -1.0]], divergence: Some("It fell.".into()) };
    let result = RacerResult { steps: 9, loss: None, diverged: true, place: Some([1.0, 2.0]), distance: Some(0.5) };
    let bench = BenchResult { ms_per_step: 3.5, examples_per_sec: 9e4, gflops: 12.5, losses: vec![2.25] };
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let answer = Answer { tokens: words("va !"), log_probability: -0.5, is_finished: true };
    let pair = TranslatedPair { source: "go .".into(), target: "va !".into(), answer: "ça".into(), is_exact: false };
    let bleu = Bleu { score: 0.5, precisions: [0.75, 0.5, 0.25, 0.125], brevity: 1.0 };
    vec![
        ToApp::Ready { device: DeviceInfo { backend: Backend::Cpu, adapter: "Wasm SIMD".into() } },
        ToApp::Loading { run, bytes: 1 << 33, total: u64::MAX },
        ToApp::Opened { run, facts: Box::new(facts), progress },
        ToApp::Phase { run, phase: Phase::Diverged },
        ToApp::Workers { run, workers },
        ToApp::Points { run, n_train: 1, n_validation: 2, n_test: 3 },
        ToApp::Series { run, dates: vec!["1749-01".into()], periods: [(0, 5), (5, 7), (7, 9)] },
        ToApp::Forecast { run, step, split, errors },
        ToApp::Steps {
            run,
            progress,
            points: vec![StepPoint { step, loss: 1.5, accuracy: 0.25 }; 3],
            gradient_norms: vec![0.0, 1.0],
            examples_per_sec: 1e5,
            learning_rate: 1e-9,
        },
        ToApp::Validation { run, point },
        ToApp::Evaluated {
            run,
            split,
            point,
            confusion: vec![1, 2, 3, 4],
            mistakes: vec![Mistake { index: 1, truth: 2, predicted: 3, probability: 0.5 }],
            cells: vec![vec![], vec![5, 6]],
        },
        ToApp::Picture { run, step, subject: Subject::Series, truth: Some(1), probabilities: vec![0.5; 10], kernels },
        ToApp::Plane { run, step, side: 50, layers: 2, dense: vec![0, 1], line },
        ToApp::Examples { request, split, examples: vec![ExampleFacts { index: 5, class: 9 }], n_matching: 6_000 },
        ToApp::Predicted { request, probabilities: vec![0.25, 0.75] },
        ToApp::Followed {
            request,
            step,
            target: 1.0,
            loss: 0.5,
            losses: Losses { squared: 0.1, absolute: 0.2, of_classes: Some(classes) },
            dense: vec![0],
            slots: vec!["velocity".into()],
        },
        ToApp::Inside { request, facts: inside },
        ToApp::RatesTested { request, result: rates },
        ToApp::Foretold { request, update: Box::new(update), came_true: Some(CameTrue { step, foretold: 0.5, found: 0.5 }) },
        ToApp::Wrote {
            run,
            piece: Piece { of: SampleOf::Epoch { epoch: 2 }, step, is_first: true, text: "ROMEO".into(), is_last: false },
        },
        ToApp::TextRead { request, step, text: "é".into(), units: 64 },
        ToApp::WeightsLoaded { request },
        ToApp::Explained { request, step, logit: -0.5, probabilities: vec![0.5, 0.5] },
        ToApp::WordsCompared { request, found: BagOfWords { strength: 0.1, validation: 0.88, test: 0.87, n_words: 9_000 } },
        ToApp::Vectors { request, step, width: 50 },
        ToApp::Glove { request, words: vec!["the".into(), "of".into()] },
        ToApp::Word { request, step, count: WordCount { total: 9, in_positive: 4 } },
        ToApp::Translated { request, step, source: words("go . <eos>"), answers: vec![answer], maps: vec!["attend1".into()] },
        ToApp::HeldOut { request, step, pairs: vec![pair] },
        ToApp::PairsScored { run, request: None, step, epoch: 2, split, n: 200, exact: 0.25, bleu: Some(bleu) },
        ToApp::Weights { request },
        ToApp::Checkpoint { run, progress },
        ToApp::Raced { request, ms_per_step: 1.25 },
        ToApp::ContestSteps { contest: 2, step: 30, racers: vec![racer, RacerReport::default()] },
        ToApp::ContestDone { contest: 2, stopped: true, racers: vec![result] },
        ToApp::ContestSlice {
            contest: 2,
            slice: SliceFacts { side: 41, view: [-1.0, 1.0, -2.0, 2.0], share: 0.75, shares: vec![None, Some(0.5)] },
        },
        ToApp::Benched { request, result: Ok(bench) },
        ToApp::Pong { request },
        ToApp::Note { text: "Shard 3 came altered.".into() },
        ToApp::Refused { request: None, text: "No such weight.".into() },
        ToApp::Fault(Fault { kind: FaultKind::Crash, message: "It broke.".into(), advice: "Reload.".into() }),
    ]
}

/// What arrives is what was sent, and the table lacks no variant.
fn check<Message: Serialize + DeserializeOwned + PartialEq + Debug>(table: &[Message]) {
    for (nth, message) in table.iter().enumerate() {
        let bytes = to_bytes(message).unwrap();
        assert_eq!(usize::from(bytes[0]), nth, "the row of {message:?} stands elsewhere than the variant");
        assert_eq!(from_bytes::<Message>(&bytes).as_ref(), Ok(message));
        for len in 0..bytes.len() {
            assert!(from_bytes::<Message>(&bytes[..len]).is_err(), "{len} bytes of {message:?}");
        }
        let more = from_bytes::<Message>(&[bytes.as_slice(), &[0]].concat());
        assert_eq!(more, Err(format!("1 of its {} bytes are left over", bytes.len() + 1)));
    }
    // A variant without a row would be read from its number, or miss its fields.
    let beyond = |nth: usize| from_bytes::<Message>(&[nth as u8]).unwrap_err();
    assert_eq!(beyond(table.len()), beyond(127), "a variant has no row");
}

#[test]
fn every_message_arrives() {
    check(&to_worker());
    check(&to_app());
}

#[test]
fn every_example_that_is_watched_arrives() {
    let subjects = [
        Subject::Example { split: Split::Test, index: 9_999 },
        Subject::Ink { side: 28 },
        Subject::Plane { side: 200 },
        Subject::Series,
    ];
    for subject in subjects {
        assert_eq!(from_bytes(&to_bytes(&ToWorker::Watch { subject }).unwrap()), Ok(ToWorker::Watch { subject }));
    }
    let surface = Contest { arena: Arena::surface(Surface::Beale), racers: vec![], steps: 1 };
    assert_eq!(from_bytes(&to_bytes(&surface).unwrap()), Ok(surface));
    let refused = ToApp::Benched { request: 1, result: Err("There is no such work.".into()) };
    assert_eq!(from_bytes(&to_bytes(&refused).unwrap()), Ok(refused));
}

#[test]
fn numbers_arrive_to_the_bit() {
    // A quiet and a signalling NaN with a payload, −0, the smallest subnormal, −∞.
    let singles = [0x7fc0_1234, 0xff80_0001, 0x8000_0000, 0x0000_0001, 0xff80_0000].map(f32::from_bits);
    let bytes = to_bytes(&ToApp::Predicted { request: 0, probabilities: singles.to_vec() }).unwrap();
    assert_eq!(bytes[3..7], [0x34, 0x12, 0xc0, 0x7f], "little-endian, behind variant, request and length");
    let Ok(ToApp::Predicted { probabilities, .. }) = from_bytes(&bytes) else { panic!() };
    assert_eq!(probabilities.into_iter().map(f32::to_bits).collect::<Vec<_>>(), singles.map(f32::to_bits));
    for bits in [0x7ff8_0000_0000_1234, 0xfff0_0000_0000_0001, 1 << 63, 1, 0x3fb9_9999_9999_999a] {
        let bytes = to_bytes(&ToApp::Raced { request: 0, ms_per_step: f64::from_bits(bits) }).unwrap();
        let Ok(ToApp::Raced { ms_per_step, .. }) = from_bytes(&bytes) else { panic!() };
        assert_eq!(ms_per_step.to_bits(), bits);
    }
}

#[test]
fn an_odd_message_is_refused_in_words() {
    let why = from_bytes::<ToApp>(&[255, 255, 3]).unwrap_err();
    assert!(why.starts_with("its 3 bytes are no message of this version: "), "{why}");
    assert!(from_bytes::<ToWorker>(&[]).is_err());
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(variant in 0u8..40, rest in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&[variant], rest.as_slice()].concat();
        if let Ok(message) = from_bytes::<ToApp>(&bytes) {
            prop_assert!(!to_bytes(&message).unwrap().is_empty());
        }
        if let Ok(message) = from_bytes::<ToWorker>(&bytes) {
            prop_assert!(!to_bytes(&message).unwrap().is_empty());
        }
    }
}
