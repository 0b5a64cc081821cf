//! Which worker: the visitor's wish, what the browser has, and for `auto` a short race that is remembered.

use super::connection::{Connection, Heard};
use crate::format;
use crate::state::{Lab, RunPhase};
use descent_spec::device::Backend;
use descent_spec::message::{FaultKind, Phase, ToApp, ToWorker};
use descent_spec::{DevicePreference, Experiment, link};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Steps timed in a race: enough for a median, few enough that a Play in between is not kept waiting.
const RACE_STEPS: u32 = 10;
/// A race starts only when the visitor has done nothing for this long.
const IDLE_MS: u32 = 1_500;
/// Prefix of the remembered results in local storage.
const MEMORY: &str = "descent.race.";
/// What software adapters call themselves.
const SOFTWARE: &[&str] = &["swiftshader", "llvmpipe", "lavapipe", "microsoft basic render", "software"];

/// The worker to take, and what to tell about it.
pub(super) struct Choice {
    pub(super) backend: Backend,
    pub(super) note: Option<String>,
}

/// A WebGPU adapter as the browser describes it.
struct Adapter {
    name: String,
    is_software: bool,
}

/// Decides without trying anything out.
pub(super) async fn choose(experiment: &Experiment) -> Choice {
    let cpu = |note: Option<&str>| Choice { backend: Backend::Cpu, note: note.map(str::to_owned) };
    match experiment.device {
        DevicePreference::Cpu => cpu(Some("Chosen in the set-up.")),
        DevicePreference::WebGpu => match adapter().await {
            Ok(_) => Choice { backend: Backend::WebGpu, note: Some("Chosen in the set-up.".into()) },
            Err(why) => cpu(Some(&format!("WebGPU is not used: {why}"))),
        },
        DevicePreference::Auto if !anything_remembered() => cpu(None),
        DevicePreference::Auto => match adapter().await {
            Ok(adapter) => match remembered(experiment, &adapter) {
                Some(result) => Choice { backend: result.winner(), note: Some(result.sentence()) },
                None => cpu(None),
            },
            Err(why) => cpu(Some(&format!("WebGPU is not used: {why}"))),
        },
    }
}

/// For `auto` on the CPU at step 0: races the GPU when nothing else is going on, and moves over if it wins.
pub(super) fn consider_gpu(lab: Lab) {
    if lab.supervisor.with_value(|it| it.no_gpu.is_some()) {
        return;
    }
    let run = lab.supervisor.with_value(|it| it.run);
    let is_idle = move || {
        lab.run_phase.get_untracked() == RunPhase::Session(Phase::Ready)
            && !lab.running.get_untracked()
            && lab.supervisor.with_value(|it| it.run == run)
    };
    spawn_local(async move {
        let adapter = match adapter().await {
            Ok(adapter) => adapter,
            Err(why) => return lab.device_note.set(Some(format!("WebGPU is not used: {why}"))),
        };
        let name = &adapter.name;
        if adapter.is_software {
            return lab.device_note.set(Some(format!(
                "WebGPU is not used: the adapter here ({name}) is software on this same processor, so no race was run."
            )));
        }
        let experiment = lab.running_experiment();
        let known = remembered(&experiment, &adapter);
        if let Some(result) = known.as_ref().filter(|result| result.winner() == Backend::Cpu) {
            return lab.device_note.set(Some(result.sentence()));
        }
        gloo_timers::future::TimeoutFuture::new(IDLE_MS).await;
        if !is_idle() {
            return;
        }
        // Messages of the racer go to the lab only once it has won.
        let listener = move |heard: Heard| match heard {
            Heard::Message(answer) => super::reports::apply(lab, &answer),
            Heard::Died(why) if lab.is_on(Backend::WebGpu) => {
                lab.recover(FaultKind::Crash, &format!("The worker stopped unexpectedly: {why}."));
            }
            Heard::Died(_) => {}
        };
        let (racer, device) = match Connection::start(Backend::WebGpu, listener).await {
            Ok(started) => started,
            Err(fault) => {
                let why = format!("WebGPU is not used. {} {}", fault.message, fault.advice);
                lab.supervisor.update_value(|it| it.no_gpu = Some(why.clone()));
                return lab.device_note.set(Some(why));
            }
        };
        let result = match known {
            Some(result) => result,
            None => {
                let Some(cpu) = lab.supervisor.with_value(|it| it.connection.clone()) else { return };
                let Some(webgpu_ms) = race(&racer, &experiment).await else { return };
                if !is_idle() {
                    return;
                }
                let Some(cpu_ms) = race(&cpu, &experiment).await else { return };
                let result = Raced { cpu_ms, webgpu_ms };
                remember(&experiment, &adapter, &result);
                result
            }
        };
        match result.winner() {
            Backend::WebGpu if is_idle() => lab.adopt(racer, device, result.sentence()),
            Backend::WebGpu => {
                lab.device_note.set(Some(format!("{} The next run takes it.", result.sentence())));
            }
            Backend::Cpu => lab.device_note.set(Some(result.sentence())),
        }
    });
}

async fn race(worker: &Rc<Connection>, experiment: &Experiment) -> Option<f64> {
    let experiment = experiment.clone();
    let answer = worker.request(Box::new(move |request| ToWorker::Race { request, experiment, steps: RACE_STEPS }), None).await;
    match answer.ok()?.head {
        ToApp::Raced { ms_per_step, .. } if ms_per_step.is_finite() && ms_per_step > 0.0 => Some(ms_per_step),
        _ => None,
    }
}

/// Milliseconds per step of both.
struct Raced {
    cpu_ms: f64,
    webgpu_ms: f64,
}

impl Raced {
    fn winner(&self) -> Backend {
        if self.webgpu_ms < self.cpu_ms { Backend::WebGpu } else { Backend::Cpu }
    }

    fn sentence(&self) -> String {
        let (cpu, webgpu) = (format::sig3(self.cpu_ms), format::sig3(self.webgpu_ms));
        match self.winner() {
            Backend::Cpu => format!("The CPU won the race on this model: {cpu} ms a step against {webgpu} ms on WebGPU."),
            Backend::WebGpu => format!("WebGPU won the race on this model: {webgpu} ms a step against {cpu} ms on the CPU."),
        }
    }
}

/// What decides a race: the model and the batch, and the adapter.
fn memory_key(experiment: &Experiment, adapter: &Adapter) -> String {
    let mut it = Experiment { model: experiment.model.clone(), ..Experiment::default() };
    it.training.batch_size = experiment.training.batch_size;
    format!("{MEMORY}{}|{}", link::encode(&it), adapter.name)
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn anything_remembered() -> bool {
    let Some(storage) = storage() else { return false };
    (0..storage.length().unwrap_or(0)).any(|idx| storage.key(idx).ok().flatten().is_some_and(|key| key.starts_with(MEMORY)))
}

fn remembered(experiment: &Experiment, adapter: &Adapter) -> Option<Raced> {
    let text = storage()?.get_item(&memory_key(experiment, adapter)).ok().flatten()?;
    let (cpu, webgpu) = text.split_once(' ')?;
    Some(Raced { cpu_ms: cpu.parse().ok()?, webgpu_ms: webgpu.parse().ok()? })
}

fn remember(experiment: &Experiment, adapter: &Adapter, result: &Raced) {
    if let Some(storage) = storage() {
        // Full or forbidden storage costs a race the next time, nothing else.
        let _ = storage.set_item(&memory_key(experiment, adapter), &format!("{} {}", result.cpu_ms, result.webgpu_ms));
    }
}

/// Asks the browser for its adapter; the error is the end of a sentence.
async fn adapter() -> Result<Adapter, String> {
    let field = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let navigator = web_sys::window().map(|window| JsValue::from(window.navigator())).unwrap_or_default();
    let gpu = field(&navigator, "gpu");
    if gpu.is_undefined() {
        return Err("this browser does not offer it.".into());
    }
    let found = match field(&gpu, "requestAdapter").dyn_into::<js_sys::Function>().and_then(|ask| ask.call0(&gpu)) {
        Ok(promise) => wasm_bindgen_futures::JsFuture::from(js_sys::Promise::resolve(&promise)).await,
        Err(err) => Err(err),
    };
    let adapter = found.ok().filter(|it| it.is_object()).ok_or("the browser found no adapter on this machine.")?;
    let info = field(&adapter, "info");
    let text = |name: &str| field(&info, name).as_string().filter(|text| !text.is_empty());
    let parts: Vec<String> = ["description", "vendor", "architecture", "device"].iter().filter_map(|name| text(name)).collect();
    let is_fallback = [&adapter, &info].iter().any(|it| it.is_object() && field(it, "isFallbackAdapter").as_bool() == Some(true));
    let name = match text("description") {
        Some(description) => description,
        None if parts.is_empty() => "no name given".into(),
        None => parts.join(" "),
    };
    let is_software = is_fallback || SOFTWARE.iter().any(|word| parts.join(" ").to_lowercase().contains(word));
    Ok(Adapter { name, is_software })
}
