//! Points of a plane: what is told about them, how fast they are learned, and a weight set by hand.

use crate::page::{Page, sleep};
use crate::site::FakeSite;
use descent_engine::worker::{Bulk, now_ms};
use descent_spec::message::{Phase, Subject, ToApp, ToWorker};
use descent_spec::{Experiment, Split, link};
use wasm_bindgen_test::wasm_bindgen_test;

fn experiment(link: &str) -> Experiment {
    let decoded = link::decode(link);
    assert!(decoded.refusals.is_empty(), "{:?}", decoded.refusals);
    decoded.experiment
}

fn floats(bulk: &[Bulk]) -> Vec<&[f32]> {
    bulk.iter()
        .map(|it| match it {
            Bulk::Floats(values) => values.as_slice(),
            Bulk::Bytes(_) => panic!("a plane and points are floats"),
        })
        .collect()
}

/// The next plane: its step and arrays.
async fn plane(page: &Page) -> (u64, Vec<Bulk>) {
    match page.until(|head| matches!(head, ToApp::Plane { .. })).await {
        (ToApp::Plane { step, .. }, bulk) => (step, bulk),
        _ => unreachable!(),
    }
}

#[wasm_bindgen_test]
async fn points_and_plane_come_at_once_and_follow_the_steps() {
    // Nothing is fetched: a site without data will do.
    let _site = FakeSite::empty();
    let (page, facts) = Page::open(&experiment("circle")).await;
    assert_eq!((facts.n_train, facts.n_validation, facts.n_test), (350, 150, 250));
    let (head, bulk) = page.until(|head| matches!(head, ToApp::Points { .. })).await;
    assert_eq!(head, ToApp::Points { run: 1, n_train: 350, n_validation: 150, n_test: 250 });
    let columns = floats(&bulk);
    assert_eq!(columns.iter().map(|column| column.len()).collect::<Vec<_>>(), [750; 3]);
    // A disc of class 1 in a ring of class 0.
    let inside = columns[2].iter().filter(|&&class| class == 1.0).count();
    assert!((365..=385).contains(&inside), "{inside}");

    page.send(ToWorker::Watch { subject: Subject::Plane { side: 11 } });
    let (head, bulk) = page.until(|head| matches!(head, ToApp::Plane { .. })).await;
    assert_eq!(head, ToApp::Plane { run: 1, step: 0, side: 11, layers: 3, dense: vec![0, 1, 2], line: None });
    let lens: Vec<usize> = floats(&bulk).iter().map(|values| values.len()).collect();
    assert_eq!(lens, [4 * 121, 2 * 121, 121, 8, 4, 8, 2, 2, 1]);
    assert!(floats(&bulk)[2].iter().all(|p| (0.0..=1.0).contains(p)));
    page.send(ToWorker::Step { count: 1 });
    assert_eq!(plane(&page).await.0, 1);

    // One example of it is a picture with two numbers in.
    page.send(ToWorker::Watch { subject: Subject::Example { split: Split::Test, index: 3 } });
    let (head, bulk) = page.until(|head| matches!(head, ToApp::Picture { .. })).await;
    assert!(matches!(head, ToApp::Picture { truth: Some(0 | 1), probabilities, .. } if probabilities.len() == 2));
    assert_eq!(floats(&bulk)[0], [columns[0][503], columns[1][503]]);
    for refused in [
        ToWorker::Watch { subject: Subject::Plane { side: 1 } },
        ToWorker::Watch { subject: Subject::Plane { side: 100_000 } },
        ToWorker::Browse { request: 5, split: Split::Train, class: None, offset: 0, count: 10 },
    ] {
        page.send(refused);
        page.until(|head| matches!(head, ToApp::Refused { .. })).await;
    }
}

#[wasm_bindgen_test]
async fn a_weight_set_by_hand_is_shown_kept_and_trained_on() {
    let _site = FakeSite::empty();
    let opened = experiment("xor?layers=dense:2:tanh");
    let (page, _) = Page::open(&opened).await;
    page.send(ToWorker::Watch { subject: Subject::Plane { side: 2 } });
    plane(&page).await;
    page.send(ToWorker::SetWeight { layer: 0, input: Some(1), unit: 0, value: 0.75 });
    let (_, bytes) = page.checkpoint().await;
    let (step, bulk) = plane(&page).await;
    // [inputs, units]: the first unit's weight for y is the third.
    assert_eq!((step, floats(&bulk)[2][2]), (0, 0.75));
    for (layer, input, unit, value) in [(0, Some(2), 0, 1.0), (9, None, 0, 1.0), (0, None, 0, f32::NAN)] {
        page.send(ToWorker::SetWeight { layer, input, unit, value });
        page.until(|head| matches!(head, ToApp::Refused { .. })).await;
    }
    let losses = page.losses(5).await;
    page.send_with(ToWorker::Open { run: 2, experiment: opened }, Bulk::Bytes(bytes));
    page.opened().await;
    assert_eq!(page.losses(5).await, losses);
}

/// Many steps for each report, and never more reports than a page can draw. How many steps a second is logged, not asserted:
/// test machines are shared.
#[wasm_bindgen_test]
async fn small_nets_take_many_steps_and_stop_at_once() {
    let _site = FakeSite::empty();
    let (page, _) = Page::open(&experiment("circle?epochs=10000")).await;
    page.send(ToWorker::Watch { subject: Subject::Plane { side: 30 } });
    page.send(ToWorker::Play);
    page.until(|head| matches!(head, ToApp::Phase { phase: Phase::Training, .. })).await;
    // What a second brings depends on who else uses the machine: one good second out of thirty is enough, and in none may there be
    // more than the page can draw.
    let (mut n_all_steps, mut last_validation, mut is_lively) = (0, 0, false);
    for _ in 0..30 {
        let started = now_ms();
        let (mut n_steps, mut n_reports, mut n_planes) = (0, 0, 0);
        while now_ms() - started < 1_000.0 {
            match page.next().await.0 {
                ToApp::Steps { points, .. } => {
                    n_reports += 1;
                    n_steps += points.len();
                    n_all_steps += points.len();
                    assert!(points.windows(2).all(|pair| pair[1].step == pair[0].step + 1));
                }
                ToApp::Plane { .. } => n_planes += 1,
                ToApp::Phase { phase, .. } => panic!("training changed to {phase:?}"),
                ToApp::Validation { point, .. } => {
                    assert!(point.step > last_validation && point.step <= n_all_steps as u64, "a point comes after its steps");
                    last_validation = point.step;
                }
                _ => {}
            }
        }
        web_sys::console::log_1(&format!("{n_steps} steps, {n_reports} reports, {n_planes} planes in a second").into());
        assert!(n_reports <= 32 && n_planes <= 84, "{n_reports} reports, {n_planes} planes");
        is_lively = n_planes > 0 && n_steps > 2 * n_reports && last_validation > 0;
        if is_lively {
            break;
        }
    }
    assert!(is_lively, "many steps between two reports, and a picture");
    page.send(ToWorker::Pause);
    page.until(|head| matches!(head, ToApp::Phase { phase: Phase::Paused, .. })).await;
    page.checkpoint().await;
    sleep(50).await;
    assert!(!page.heard_so_far().iter().any(|head| matches!(head, ToApp::Steps { .. })), "no step after the pause");
}
