//! WebGPU against the CPU. In tests the adapter is Chromium's software one: slow, and a different machine all the same.

use crate::page::Page;
use crate::site::FakeSite;
use burn::tensor::Device;
use descent_engine::data::LabData;
use descent_engine::device::open_device;
use descent_engine::session::Supervised;
use descent_spec::device::Backend;
use descent_spec::link;
use descent_spec::message::ToWorker;
use descent_spec::{Activation, Experiment};
use wasm_bindgen_test::wasm_bindgen_test;

async fn losses(experiment: &Experiment, n_steps: usize, device: &Device, data: &LabData) -> Vec<f32> {
    let mut session = Supervised::open(experiment, device, data).unwrap();
    for step in 1..=n_steps {
        session.step(data);
        if step % 5 == 0 {
            session.poll(data).await.unwrap();
        }
    }
    session.report(data).await.unwrap().points.into_iter().map(|point| point.loss).collect()
}

fn largest_difference(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one - other).abs() / one.abs()).fold(0.0, f32::max)
}

/// The first twenty losses agree within a thousandth, or, where the run itself is more touchy than that, within three times what
/// a learning rate changed by a millionth does to the CPU. Adam's CNN on generated digits is such a run: their strokes leave
/// values that are nearly equal, a ReLU or a maximum flips, and twenty steps later the CPU differs from itself by 1.0e-3. (On
/// MNIST itself the same net stays within 4e-7; the end-to-end tests hold it to the thousandth there.)
async fn follows_the_cpu(link: &str) {
    let mut data = LabData::generated_empty();
    (0..10).for_each(|idx| data.insert_generated(1, idx));
    let (device, _) = open_device(Backend::WebGpu).await.unwrap();
    let experiment = link::decode(link).experiment;
    let cpu = losses(&experiment, 20, &Device::flex(), &data).await;
    let gpu = losses(&experiment, 20, &device, &data).await;
    let mut touchiness: f32 = 0.0;
    for change in [-1e-6, 1e-6] {
        let mut nudged = experiment.clone();
        nudged.training.learning_rate *= 1.0 + change;
        touchiness = touchiness.max(largest_difference(&cpu, &losses(&nudged, 20, &Device::flex(), &data).await));
    }
    let difference = largest_difference(&cpu, &gpu);
    web_sys::console::log_1(&format!("{link}: differs by {difference:e}, the CPU from itself by {touchiness:e}").into());
    assert!(difference <= (3.0 * touchiness).max(1e-3), "{link}: {cpu:?} on the CPU, {gpu:?} on WebGPU");
}

/// Burn's own slope of GELU on WebGPU is that of the approximation by tanh, up to 9e-4 away.
#[wasm_bindgen_test]
async fn the_slope_of_gelu_is_exact() {
    let (device, _) = open_device(Backend::WebGpu).await.unwrap();
    let experiment = link::decode("circle?layers=dense:8:gelu").experiment;
    let data = LabData::points(&experiment.data, experiment.seed);
    let session = Supervised::open(&experiment, &device, &data).unwrap();
    for example in [[3.0, -2.0], [-2.0, 2.0], [0.5, 4.0]] {
        let layer = session.follow(&example, 1.0).await.unwrap().layers.remove(0);
        for (&z, &slope) in layer.sums.iter().zip(&layer.slopes) {
            let exact = Activation::Gelu.slope(z.into()) as f32;
            assert!((slope - exact).abs() < 1e-5, "a slope of {slope} at {z}, and {exact} is exact");
        }
    }
}

#[wasm_bindgen_test]
async fn a_software_adapter_says_so() {
    let (_, info) = open_device(Backend::WebGpu).await.unwrap();
    assert!(info.backend == Backend::WebGpu && info.adapter.contains("software"), "{info:?}");
    let kept = js_sys::Reflect::get(&js_sys::global(), &"descentGpu".into()).unwrap();
    assert!(kept.is_object(), "the device is kept where a test can destroy it");
}

#[wasm_bindgen_test]
async fn the_mlp_follows_the_cpus_loss() {
    follows_the_cpu("mnist?model=mlp").await;
}

#[wasm_bindgen_test]
async fn the_cnn_follows_the_cpus_loss() {
    follows_the_cpu("mnist?model=cnn&opt=sgd&lr=0.1").await;
    follows_the_cpu("mnist?model=cnn").await;
}

#[wasm_bindgen_test]
async fn the_worker_trains_on_it_and_opens_again() {
    let _site = FakeSite::empty();
    let experiment = link::decode("mnist?layers=dense:16:relu,bn,drop:0.1&device=webgpu").experiment;
    let page = Page::start(Backend::WebGpu).await;
    let mut first = Vec::new();
    for run in 1..3 {
        page.send(ToWorker::Open { run, experiment: experiment.clone() });
        page.opened().await;
        let losses = page.losses(12).await;
        assert!(losses.len() == 12 && losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
        page.send(ToWorker::Checkpoint);
        let (progress, bytes) = page.checkpoint().await;
        assert!(progress.step == 12 && !bytes.is_empty());
        first.push(losses[0]);
    }
    assert!((first[0] - first[1]).abs() < 1e-4, "{first:?}");
}
