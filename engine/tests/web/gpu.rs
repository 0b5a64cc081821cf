//! WebGPU against the CPU. In tests the adapter is Chromium's software one: slow, and a different machine all the same.

use burn::tensor::Device;
use descent_engine::data::LabData;
use descent_engine::device::open_device;
use descent_engine::session::Classifier;
use descent_spec::device::Backend;
use descent_spec::link;
use descent_spec::message::DeviceInfo;
use std::cell::RefCell;
use wasm_bindgen_test::wasm_bindgen_test;

thread_local! {
    // The runtime behind a device can be started once.
    static GPU: RefCell<Option<(Device, DeviceInfo)>> = const { RefCell::new(None) };
}

async fn gpu() -> (Device, DeviceInfo) {
    if let Some(gpu) = GPU.with_borrow(Clone::clone) {
        return gpu;
    }
    let opened = open_device(Backend::WebGpu).await.unwrap();
    GPU.with_borrow_mut(|gpu| *gpu = Some(opened.clone()));
    opened
}

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
    let (device, _) = gpu().await;
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
    let (_, info) = gpu().await;
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
