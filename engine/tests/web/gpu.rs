//! WebGPU against the CPU. In tests the adapter is Chromium's software one: slow, and a different machine all the same.

use crate::page::Page;
use crate::site::FakeSite;
use burn::tensor::Device;
use descent_engine::data::LabData;
use descent_engine::device::open_device;
use descent_engine::session::Classifier;
use descent_spec::device::Backend;
use descent_spec::link;
use descent_spec::message::ToWorker;
use wasm_bindgen_test::wasm_bindgen_test;

async fn losses(link: &str, device: &Device, data: &LabData) -> Vec<f32> {
    let mut session = Classifier::open(&link::decode(link).experiment, device, data).unwrap();
    for _ in 0..4 {
        for _ in 0..5 {
            session.step(data);
        }
        session.poll(data).await.unwrap();
    }
    session.report(data).await.unwrap().points.into_iter().map(|point| point.loss).collect()
}

async fn follows_the_cpu(link: &str) {
    let mut data = LabData::generated_empty();
    (0..10).for_each(|idx| data.insert_generated(1, idx));
    let (device, _) = open_device(Backend::WebGpu).await.unwrap();
    let cpu = losses(link, &Device::flex(), &data).await;
    let gpu = losses(link, &device, &data).await;
    assert_eq!((cpu.len(), gpu.len()), (20, 20));
    for (step, (cpu, gpu)) in cpu.iter().zip(&gpu).enumerate() {
        assert!((cpu - gpu).abs() <= 1e-3 * cpu.abs(), "{link}, step {}: {cpu} on the CPU, {gpu} on WebGPU", step + 1);
    }
    web_sys::console::log_1(&format!("{link}: CPU {:?}, WebGPU {:?} at step 20", cpu[19], gpu[19]).into());
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
        let (progress, bytes) = page.checkpoint().await;
        assert!(progress.step == 12 && !bytes.is_empty());
        first.push(losses[0]);
    }
    assert!((first[0] - first[1]).abs() < 1e-4, "{first:?}");
}
