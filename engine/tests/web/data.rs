//! Data that come late, broken or not at all.

use crate::page::{Page, site_base};
use crate::site::{Answer, COUNT, FakeSite};
use descent_engine::worker::{Cache, FetchError, Site};
use descent_spec::device::Backend;
use descent_spec::manifest::Source;
use descent_spec::message::{FaultKind, Phase, ToApp, ToWorker};
use descent_spec::{Experiment, Split, link};
use wasm_bindgen_test::wasm_bindgen_test;

fn experiment() -> Experiment {
    link::decode("mnist?device=cpu&layers=dense:16:relu").experiment
}

#[wasm_bindgen_test]
async fn a_broken_shard_is_named_and_fetched_again() {
    let site = FakeSite::new();
    site.plan("train-1.shard", &[Answer::CutShort, Answer::Altered, Answer::Missing]);
    let (page, facts) = Page::open(&experiment()).await;
    assert_eq!((facts.source, facts.n_train + facts.n_validation, facts.n_test), (Source::Real, 2 * COUNT, COUNT));
    page.send(ToWorker::Epoch);
    let (mut notes, mut n_steps, mut loaded) = (Vec::new(), 0, (0, 1));
    loop {
        match page.next().await.0 {
            ToApp::Note { text } => notes.push(text),
            ToApp::Steps { points, .. } => n_steps += points.len(),
            ToApp::Loading { bytes, total, .. } => loaded = (bytes, total),
            ToApp::Phase { phase: Phase::Paused, .. } => break,
            ToApp::Fault(fault) => panic!("{}", fault.message),
            _ => {}
        }
    }
    assert_eq!(n_steps as u64, facts.steps_per_epoch);
    assert_eq!(loaded.0, loaded.1);
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes.iter().all(|note| note.contains("Training shard 2 of 2 (train-1.shard)")));
    for (note, word) in notes.iter().zip(["cut short", "altered", "missing"]) {
        assert!(note.contains(word), "{note}");
    }
    // Not from the cache, where the broken file may sit.
    assert_eq!(site.requests("train-1.shard"), [false, true, true, true]);
    assert!(site.requests("test-0.shard").is_empty(), "the test part is not fetched before it is asked for");
}

#[wasm_bindgen_test]
async fn training_starts_after_the_first_shard_and_waits_for_the_next() {
    let site = FakeSite::new();
    site.set("train-1.shard", Answer::Altered);
    let (page, facts) = Page::open(&experiment()).await;
    page.send(ToWorker::Play);
    let mut n_steps = 0;
    let fault = loop {
        match page.next().await.0 {
            ToApp::Steps { points, .. } => n_steps += points.len() as u64,
            ToApp::Fault(fault) => break fault,
            _ => {}
        }
    };
    assert_eq!(fault.kind, FaultKind::Data);
    assert!(fault.message.contains("train-1.shard") && fault.message.contains("altered"), "{}", fault.message);
    assert!(n_steps > 0 && n_steps < facts.steps_per_epoch, "{n_steps}");
    assert_eq!(site.requests("train-1.shard").len(), 4);

    // The server is repaired: Play tries again, and the curve is the one it would have been.
    site.set("train-1.shard", Answer::Whole);
    page.send(ToWorker::Epoch);
    let rest = page.steps_until(Phase::Paused).await;
    assert_eq!(n_steps + rest.len() as u64, facts.steps_per_epoch);
    let (untroubled, _) = Page::open(&experiment()).await;
    untroubled.send(ToWorker::Epoch);
    let whole = untroubled.steps_until(Phase::Paused).await;
    assert_eq!(whole[n_steps as usize..], rest[..]);
}

#[wasm_bindgen_test]
async fn the_test_part_comes_when_it_is_asked_for() {
    let site = FakeSite::new();
    let (page, _) = Page::open(&experiment()).await;
    page.losses(2).await;
    site.set("test-0.shard", Answer::Missing);
    page.send(ToWorker::Evaluate { split: Split::Test });
    let fault = page.fault().await;
    assert!(fault.kind == FaultKind::Data && fault.message.contains("Test shard 1 of 1"), "{}", fault.message);
    site.set("test-0.shard", Answer::Whole);
    page.send(ToWorker::Evaluate { split: Split::Test });
    assert_eq!(page.evaluated().await.count as usize, COUNT);
    page.send(ToWorker::Browse { request: 1, split: Split::Test, class: None, offset: 0, count: 500 });
    let (head, _) = page.until(|head| matches!(head, ToApp::Examples { .. })).await;
    assert!(matches!(head, ToApp::Examples { examples, n_matching: 400, .. } if examples.len() == 200));
}

#[wasm_bindgen_test]
async fn where_there_is_no_manifest_digits_are_drawn() {
    for answer in [Answer::Missing, Answer::FrontPage] {
        let site = FakeSite::new();
        site.set("manifest.json", answer);
        let page = Page::start(Backend::Cpu).await;
        page.send(ToWorker::Open { run: 1, experiment: experiment() });
        let (note, _) = page.until(|head| matches!(head, ToApp::Note { .. })).await;
        assert!(matches!(note, ToApp::Note { text } if text.contains("draws digits itself")));
        assert_eq!(page.opened().await.0.source, Source::Generated);
        assert_eq!(site.requests("manifest.json").len(), 1);
    }
}

#[wasm_bindgen_test]
async fn a_manifest_that_cannot_be_read_is_a_fault_and_play_tries_again() {
    let site = FakeSite::new();
    site.set("manifest.json", Answer::CutShort);
    let page = Page::start(Backend::Cpu).await;
    page.send(ToWorker::Open { run: 1, experiment: experiment() });
    assert!(page.fault().await.message.contains("manifest.json"));
    site.set("manifest.json", Answer::Whole);
    page.send(ToWorker::Play);
    page.opened().await;
    page.until(|head| matches!(head, ToApp::Steps { .. })).await;
}

#[wasm_bindgen_test]
async fn nothing_is_fetched_from_elsewhere() {
    assert!(matches!(Site::new("https://example.org/"), Err(FetchError::Outside)));
    assert!(matches!(Site::new("no address"), Err(FetchError::Outside)));
    let site = Site::new(&format!("{}course/index.html?x=1#y", site_base())).unwrap();
    for path in ["https://example.org/data.json", "//example.org/data.json", "/data.json", "../data.json", "data/../../data.json"]
    {
        assert_eq!(site.fetch(path, 10, Cache::Use).await, Err(FetchError::Outside), "{path}");
    }
    let _fake = FakeSite::new();
    let site = Site::new(&site_base()).unwrap();
    let bounded = site.fetch("data/mnist-v1/manifest.json", 10, Cache::Use).await;
    assert_eq!(bounded, Err(FetchError::TooLong(10)));
}
