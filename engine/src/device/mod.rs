//! Opening the device a session computes on, and knowing that it computes right.

#[cfg(all(target_arch = "wasm32", feature = "webgpu"))]
mod gpu;
#[cfg(any(test, feature = "webgpu"))]
mod self_test;

#[cfg(any(test, feature = "webgpu"))]
pub use self_test::{SelfTestError, self_test};

use burn::tensor::Device;
use descent_spec::device::Backend;
use descent_spec::message::{DeviceInfo, Fault, FaultKind};

/// Opens a device and tells what it is. There is one WebGPU device a worker: opening it again gives the same.
///
/// # Errors
/// A fault of kind [`FaultKind::NoWebGpu`] that says why the graphics processor cannot be used here.
pub async fn open_device(backend: Backend) -> Result<(Device, DeviceInfo), Fault> {
    match backend {
        Backend::Cpu => {
            let adapter = if cfg!(target_arch = "wasm32") { "Wasm SIMD, one thread" } else { "native, one thread" };
            Ok((Device::flex(), DeviceInfo { backend, adapter: adapter.into() }))
        }
        Backend::WebGpu => open_gpu().await.map_err(|message| Fault {
            kind: FaultKind::NoWebGpu,
            message,
            advice: "The CPU is used instead.".into(),
        }),
    }
}

#[cfg(all(target_arch = "wasm32", feature = "webgpu"))]
async fn open_gpu() -> Result<(Device, DeviceInfo), String> {
    let (device, adapter) = gpu::open().await?;
    self_test(&device, &Device::flex()).await.map_err(|err| err.to_string())?;
    Ok((device, DeviceInfo { backend: Backend::WebGpu, adapter }))
}

#[cfg(not(all(target_arch = "wasm32", feature = "webgpu")))]
async fn open_gpu() -> Result<(Device, DeviceInfo), String> {
    Err("This build of the engine has no WebGPU.".into())
}

/// Calls `tell` when the graphics device is lost. One listener at a time; without WebGPU there is nothing to lose.
#[cfg(target_arch = "wasm32")]
pub fn on_gpu_loss(tell: impl Fn(Fault) + 'static) {
    #[cfg(feature = "webgpu")]
    gpu::on_loss(tell);
    #[cfg(not(feature = "webgpu"))]
    drop(tell);
}

/// Whether the graphics device was lost: then what breaks afterwards breaks because of it.
#[cfg(target_arch = "wasm32")]
pub fn is_gpu_lost() -> bool {
    #[cfg(feature = "webgpu")]
    return gpu::is_lost();
    #[cfg(not(feature = "webgpu"))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_there_and_a_missing_gpu_is_a_sentence() {
        let (_, info) = pollster::block_on(open_device(Backend::Cpu)).unwrap();
        assert_eq!(info.backend, Backend::Cpu);
        let fault = pollster::block_on(open_device(Backend::WebGpu)).unwrap_err();
        assert_eq!(fault.kind, FaultKind::NoWebGpu);
        assert!(fault.message.ends_with('.') && fault.advice.ends_with('.'));
    }
}
