//! Commands and what they do, on the CPU and generated digits.

use crate::page::{Page, sleep};
use crate::site::FakeSite;
use descent_engine::worker::Bulk;
use descent_spec::device::Backend;
use descent_spec::manifest::Source;
use descent_spec::message::{FaultKind, Phase, Subject, ToApp, ToWorker};
use descent_spec::{Experiment, Shape, Split, link};
use wasm_bindgen_test::wasm_bindgen_test;

fn experiment(link: &str) -> Experiment {
    let decoded = link::decode(link);
    assert!(decoded.refusals.is_empty(), "{:?}", decoded.refusals);
    decoded.experiment
}

#[wasm_bindgen_test]
async fn steps_are_exact_and_repeat_to_the_bit() {
    let _site = FakeSite::empty();
    let (page, facts) = Page::open(&experiment("mnist?device=cpu")).await;
    assert_eq!((facts.source, facts.n_train, facts.n_validation, facts.n_test), (Source::Generated, 8_000, 2_000, 2_000));
    let mut losses = page.losses(7).await;
    losses.extend(page.losses(1).await);
    losses.extend(page.losses(12).await);
    assert_eq!(losses.len(), 20);
    assert!(losses[19] < losses[0]);

    page.send(ToWorker::Open { run: 2, experiment: experiment("mnist?device=cpu") });
    page.opened().await;
    assert_eq!(page.losses(20).await, losses);
    page.send(ToWorker::Open { run: 3, experiment: experiment("mnist?device=cpu&seed=2") });
    page.opened().await;
    assert_ne!(page.losses(20).await, losses);
}

#[wasm_bindgen_test]
async fn a_pause_acts_before_the_next_batch_and_leaves_a_checkpoint_to_go_on_from() {
    let _site = FakeSite::empty();
    let opened = experiment("mnist?device=cpu&opt=momentum&layers=dense:32:relu,drop:0.2");
    let (page, _) = Page::open(&opened).await;
    page.send(ToWorker::Play);
    page.until(|head| matches!(head, ToApp::Steps { .. })).await;
    page.send(ToWorker::Pause);
    page.until(|head| matches!(head, ToApp::Phase { phase: Phase::Paused, .. })).await;
    let (paused, bytes) = page.checkpoint().await;
    sleep(100).await;
    assert!(!page.heard_so_far().iter().any(|head| matches!(head, ToApp::Steps { .. })), "no step after the pause");

    let went_on = page.losses(5).await;
    page.send_with(ToWorker::Open { run: 2, experiment: opened.clone() }, Bulk::Bytes(bytes));
    let (_, resumed) = page.opened().await;
    assert_eq!((resumed.step, resumed.epoch, resumed.batch), (paused.step, paused.epoch, paused.batch));
    assert_eq!(page.losses(5).await, went_on);

    page.send_with(ToWorker::Open { run: 3, experiment: opened }, Bulk::Bytes(vec![1, 2, 3]));
    assert_eq!(page.fault().await.kind, FaultKind::Checkpoint);
    assert_eq!(page.opened().await.1.step, 0);
}

#[wasm_bindgen_test]
async fn an_epoch_ends_with_an_evaluation_a_checkpoint_and_a_rest() {
    let _site = FakeSite::empty();
    let (page, facts) = Page::open(&experiment("mnist?device=cpu&epochs=1&batch=128")).await;
    assert_eq!(facts.steps_per_epoch, 63);
    page.send(ToWorker::Play);
    let mut samples = Vec::new();
    let mut n_steps = 0;
    let point = loop {
        match page.next().await.0 {
            ToApp::Steps { points, .. } => n_steps += points.len(),
            ToApp::Validation { point, .. } => samples.push((point.step, point.count)),
            ToApp::Evaluated { split: Split::Validation, point, confusion, mistakes, cells, .. } => {
                assert_eq!(confusion.iter().sum::<u32>(), 2_000);
                let n_wrong = (0..100).filter(|cell| cell % 11 != 0).map(|cell| confusion[cell]).sum::<u32>();
                assert_eq!(mistakes.len() as u32, n_wrong.min(100));
                assert!(mistakes.is_sorted_by(|a, b| a.probability >= b.probability));
                assert!(cells.iter().zip(&confusion).all(|(cell, &count)| cell.len() as u32 == count.min(24)));
                break point;
            }
            ToApp::Fault(fault) => panic!("{}", fault.message),
            _ => {}
        }
    };
    assert_eq!((n_steps, point.step, point.count), (63, 63, 2_000));
    assert!(point.accuracy > 0.8, "{point:?}");
    // The sample needs the first thousand of the split, which may still be drawn at step 10.
    assert!(samples.contains(&(50, 1_000)) && samples.contains(&(63, 2_000)), "{samples:?}");
    assert_eq!(page.checkpoint().await.0.epoch, 1);
    page.until(|head| matches!(head, ToApp::Phase { phase: Phase::Done, .. })).await;

    // Past the end, Play goes on for one epoch.
    page.send(ToWorker::Play);
    assert_eq!(page.steps_until(Phase::Done).await.len(), 63);
}

#[wasm_bindgen_test]
async fn examples_drawings_and_predictions_can_be_looked_at() {
    let _site = FakeSite::empty();
    let (page, facts) = Page::open(&experiment("mnist?device=cpu&model=cnn")).await;
    page.send(ToWorker::Browse { request: 5, split: Split::Train, class: Some(3), offset: 2, count: 4 });
    let (head, bulk) = page.until(|head| matches!(head, ToApp::Examples { .. })).await;
    let ToApp::Examples { request: 5, examples, n_matching, .. } = head else { panic!("{head:?}") };
    assert!(examples.len() == 4 && n_matching > 4 && examples.iter().all(|example| example.class == 3));
    let Bulk::Bytes(pixels) = &bulk[0] else { panic!("pictures are bytes") };
    assert_eq!(pixels.len(), 4 * 784);

    let watched = Subject::Example { split: Split::Train, index: examples[1].index };
    page.send(ToWorker::Watch { subject: watched });
    let (head, bulk) = page.until(|head| matches!(head, ToApp::Picture { .. })).await;
    let ToApp::Picture { subject, truth, probabilities, kernels, step: 0, .. } = head else { panic!("{head:?}") };
    let kernels = kernels.unwrap();
    assert_eq!((subject, truth), (watched, Some(3)));
    assert!(kernels.count > 1 && kernels.shape == Shape::Image { channels: 1, height: 5, width: 5 }, "{kernels:?}");
    let lengths: Vec<usize> = bulk.iter().map(|bulk| if let Bulk::Floats(values) = bulk { values.len() } else { 0 }).collect();
    let layers = facts.layers.iter().map(|layer| layer.output.len());
    assert_eq!(lengths, [784].into_iter().chain(layers).chain([kernels.count * 25]).collect::<Vec<_>>());
    let Bulk::Floats(input) = &bulk[0] else { panic!("inputs are floats") };
    assert_eq!((input[300] * 255.0).round() as u8, pixels[784 + 300]);

    page.send_with(ToWorker::Predict { request: 6 }, bulk[0].clone());
    let (head, _) = page.until(|head| matches!(head, ToApp::Predicted { .. })).await;
    let ToApp::Predicted { request: 6, probabilities: predicted } = head else { panic!("{head:?}") };
    assert_eq!(predicted, probabilities);

    // A bar of ink on a canvas of 56 pixels.
    let mut ink = vec![0.0; 56 * 56];
    (10..46).for_each(|y| ink[y * 56 + 26..y * 56 + 31].fill(1.0));
    page.send_with(ToWorker::Watch { subject: Subject::Ink { side: 56 } }, Bulk::Floats(ink));
    let (head, _) = page.until(|head| matches!(head, ToApp::Picture { .. })).await;
    assert!(matches!(head, ToApp::Picture { subject: Subject::Ink { side: 56 }, truth: None, .. }));
    for bulk in [Bulk::Floats(vec![0.0; 9]), Bulk::Bytes(vec![0; 784])] {
        page.send_with(ToWorker::Watch { subject: Subject::Ink { side: 28 } }, bulk.clone());
        page.until(|head| matches!(head, ToApp::Refused { request: None, .. })).await;
        page.send_with(ToWorker::Predict { request: 7 }, bulk);
        page.until(|head| matches!(head, ToApp::Refused { request: Some(7), .. })).await;
    }

    page.send(ToWorker::Weights { request: 8 });
    let (_, bulk) = page.until(|head| matches!(head, ToApp::Weights { request: 8 })).await;
    let Bulk::Bytes(file) = &bulk[0] else { panic!("a file is bytes") };
    assert!(safetensors::SafeTensors::deserialize(file).unwrap().tensor("conv2.weight").is_ok());
}

#[wasm_bindgen_test]
async fn a_run_that_leaves_the_numbers_is_stopped_and_explained() {
    let _site = FakeSite::empty();
    let (page, _) = Page::open(&experiment("mnist?device=cpu&opt=sgd&lr=10&layers=dense:64:linear,dense:64:linear")).await;
    page.send(ToWorker::Play);
    page.until(|head| matches!(head, ToApp::Phase { phase: Phase::Diverged, .. })).await;
    let fault = page.fault().await;
    assert!(fault.kind == FaultKind::Diverged && fault.message.contains("dense"), "{fault:?}");
    page.send(ToWorker::Play);
    page.until(|head| matches!(head, ToApp::Refused { .. })).await;
    // The worker lives on: Reset is another Open.
    page.send(ToWorker::Open { run: 2, experiment: experiment("mnist?device=cpu") });
    page.opened().await;
    assert_eq!(page.losses(3).await.len(), 3);
}

#[wasm_bindgen_test]
async fn live_fields_are_taken_over_and_others_refused() {
    let _site = FakeSite::empty();
    let (page, _) = Page::open(&experiment("mnist?device=cpu&opt=sgd")).await;
    page.losses(2).await;
    page.send(ToWorker::Tune { experiment: experiment("mnist?device=cpu&opt=sgd&lr=0.00000000001") });
    let frozen = page.losses(1).await;
    assert_eq!(frozen.len(), 1);
    page.send(ToWorker::Tune { experiment: experiment("mnist?device=cpu&opt=adam") });
    page.until(|head| matches!(head, ToApp::Refused { .. })).await;
}

#[wasm_bindgen_test]
async fn race_and_bench_give_figures() {
    let _site = FakeSite::empty();
    let page = Page::start(Backend::Cpu).await;
    page.send(ToWorker::Race { request: 1, experiment: Experiment::default(), steps: 8 });
    let (head, _) = page.until(|head| matches!(head, ToApp::Raced { .. })).await;
    assert!(matches!(head, ToApp::Raced { request: 1, ms_per_step } if ms_per_step > 0.0));
    page.send(ToWorker::Bench { request: 2, work: "mlp".into(), n_workers: None });
    let (head, _) = page.until(|head| matches!(head, ToApp::Benched { .. })).await;
    let ToApp::Benched { request: 2, result: Ok(result) } = head else { panic!("{head:?}") };
    assert!((result.losses[0] - 2.318_662).abs() < 1e-4 && result.ms_per_step > 0.0, "{result:?}");
    page.send(ToWorker::Bench { request: 3, work: "unknown".into(), n_workers: None });
    page.until(|head| matches!(head, ToApp::Benched { request: 3, result: Err(_) })).await;
}
