//! WebGPU in the browser: finding the adapter, starting Burn's runtime on it, and hearing when it is lost.
//!
//! The browser's objects are reached by name, because web-sys keeps its WebGPU bindings behind an unstable flag.

use burn::tensor::wgpu::WgpuBackend;
use burn::tensor::{Device, DeviceKind};
use descent_spec::message::{Fault, FaultKind};
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

/// Operations in one submitted command buffer: fewer submissions cost less, and more than this gains nothing.
const TASKS_MAX: usize = 32;

/// Told when the device is lost.
type Listener = Box<dyn Fn(Fault)>;

thread_local! {
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
    static IS_LOST: Cell<bool> = const { Cell::new(false) };
    /// The runtime behind a device can be started once; whoever asks again gets the same device.
    static OPENED: RefCell<Option<(Device, String)>> = const { RefCell::new(None) };
}

/// See [`super::on_gpu_loss`].
pub(super) fn on_loss(tell: impl Fn(Fault) + 'static) {
    LISTENER.with_borrow_mut(|listener| *listener = Some(Box::new(tell)));
}

/// See [`super::is_gpu_lost`].
pub(super) fn is_lost() -> bool {
    IS_LOST.get()
}

/// Opens the faster adapter and names it; the error is a sentence for the visitor.
pub(super) async fn open() -> Result<(Device, String), String> {
    if let Some(opened) = OPENED.with_borrow(Clone::clone) {
        return Ok(opened);
    }
    let opened = start().await?;
    OPENED.with_borrow_mut(|cell| *cell = Some(opened.clone()));
    Ok(opened)
}

async fn start() -> Result<(Device, String), String> {
    run_constructors();
    let gpu = get(&js_sys::global(), "navigator").and_then(|navigator| get(&navigator, "gpu"));
    let gpu = gpu.ok_or("This browser has no WebGPU, or not in workers.")?;
    let options = Object::new();
    set(&options, "powerPreference", &"high-performance".into());
    let adapter = call(&gpu, "requestAdapter", &options).await.ok().filter(|adapter| !adapter.is_null());
    let adapter = adapter.ok_or("The browser has WebGPU but offers no adapter for it.")?;
    // Burn's runtime measures its kernels and cannot start without the clock on the device.
    if !has_feature(&adapter, "timestamp-query") {
        return Err("The graphics adapter has no timestamp queries, which the engine needs.".into());
    }
    listen_for_loss(&gpu);
    let device = Device::wgpu_options()
        .device_kind(DeviceKind::DefaultDevice)
        .graphics_api(WgpuBackend::WebGpu)
        .tasks_max(TASKS_MAX)
        .init_async()
        .await
        .map_err(|err| format!("The graphics adapter could not be opened: {err}."))?;
    Ok((device, name_of(&adapter)))
}

/// Fills the registries of the shader compiler, which stand in the program as constructors (crate `inventory`).
///
/// Where nobody calls the constructors by name, the linker puts a call of all of them before every function that JavaScript may
/// call, and every object that crosses the border is such a call: four fifths of the processor time of a training step went
/// there. One mention of the name stops that.
#[allow(unsafe_code)]
fn run_constructors() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: The linker defines this function in every program for wasm32, without parameters and result; its body calls the
    // program's constructors. Those of `inventory`, the only ones here, add a node to a list unless it was added before, so that
    // calling them again does nothing; there is one thread.
    unsafe { __wasm_call_ctors() }
}

/// What to call the adapter; browsers tell more or less of it. A software adapter is called one.
fn name_of(adapter: &JsValue) -> String {
    let info = get(adapter, "info").unwrap_or(JsValue::UNDEFINED);
    let text = |key: &str| get(&info, key).and_then(|value| value.as_string()).filter(|text| !text.is_empty());
    let plain = [text("vendor"), text("architecture")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = text("description").or_else(|| text("device")).unwrap_or(plain);
    let name = if name.is_empty() { "unnamed adapter".into() } else { name };
    let is_fallback = |of: &JsValue| get(of, "isFallbackAdapter").is_some_and(|flag| flag.is_truthy());
    let is_software = is_fallback(&info) || is_fallback(adapter) || name.to_lowercase().contains("swiftshader");
    if is_software { format!("{name} (software)") } else { name }
}

/// Puts itself between the runtime and the browser, so that the device the runtime opens is known here: its loss is told, and
/// the device is kept at `self.descentGpu`, where a test can destroy it.
///
/// The runtime listens for the loss too, but can only answer the next read with an error; here it is heard when it happens.
fn listen_for_loss(gpu: &JsValue) {
    wrap_method(gpu, "requestAdapter", |adapter| {
        wrap_method(&adapter, "requestDevice", |device| {
            set(&js_sys::global(), "descentGpu", &device);
            let Some(lost) = get(&device, "lost") else { return };
            spawn_local(async move {
                let info = JsFuture::from(lost.unchecked_into::<Promise>()).await.unwrap_or(JsValue::UNDEFINED);
                tell_loss(&info);
            });
        });
    });
}

fn tell_loss(info: &JsValue) {
    IS_LOST.set(true);
    let text = |key: &str| get(info, key).and_then(|value| value.as_string()).filter(|text| !text.is_empty());
    let why = [text("reason").filter(|reason| reason != "unknown"), text("message")].into_iter().flatten().collect::<Vec<_>>();
    let why = if why.is_empty() { "no reason given".into() } else { why.join(": ") };
    let fault = Fault {
        kind: FaultKind::GpuLost,
        message: format!("The graphics device was lost ({why})."),
        advice: "The run can go on from its last checkpoint on the CPU.".into(),
    };
    LISTENER.with_borrow(|listener| {
        if let Some(tell) = listener {
            tell(fault);
        }
    });
}

/// Replaces a method that returns a promise by one that does the same and shows its result to `see` on the way.
fn wrap_method(object: &JsValue, name: &'static str, see: impl Fn(JsValue) + Clone + 'static) {
    let Some(original) = get(object, name).and_then(|method| method.dyn_into::<Function>().ok()) else { return };
    let this = object.clone();
    let wrapper = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |argument: JsValue| {
        let (original, this, see) = (original.clone(), this.clone(), see.clone());
        future_to_promise(async move {
            let promise: Promise = original.call1(&this, &argument)?.unchecked_into();
            let result = JsFuture::from(promise).await?;
            if !result.is_null() && !result.is_undefined() {
                see(result.clone());
            }
            Ok(result)
        })
    });
    set(object, name, wrapper.as_ref());
    // The method is there for as long as the worker lives.
    wrapper.forget();
}

fn has_feature(adapter: &JsValue, feature: &str) -> bool {
    let Some(features) = get(adapter, "features") else { return false };
    let has = get(&features, "has").and_then(|method| method.dyn_into::<Function>().ok());
    has.and_then(|has| has.call1(&features, &feature.into()).ok()).is_some_and(|answer| answer.is_truthy())
}

async fn call(object: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    JsFuture::from(method.call1(object, argument)?.unchecked_into::<Promise>()).await
}

fn get(object: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(object, &key.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    // A frozen object would say no; then the loss is only noticed at the next read, which also works.
    let _ = Reflect::set(object, &key.into(), value);
}
