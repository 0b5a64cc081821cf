//! `window.descent`: everything the page does, for teachers' scripts and for tests. Every call returns a promise.

mod pairs;
mod snapshot;

use crate::link as address;
use crate::state::{Lab, RunPhase};
use descent_spec::data::Split;
use descent_spec::lesson::Control;
use descent_spec::message::{Phase, ToApp, ToWorker};
use descent_spec::registry::Registry;
use js_sys::{Error, Float32Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use serde::Serialize;
use snapshot::{measured, phase_id, state};
use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// What `on` can listen to.
const EVENTS: [&str; 8] = ["opened", "phase", "step", "validation", "evaluated", "checkpoint", "note", "fault"];

thread_local! {
    static LISTENERS: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Defines `window.descent`.
pub fn install(lab: Lab) {
    let descent = Object::new();
    method(&descent, "open", move |link, _| async move { open(lab, text(&link, "open(link)")?).await });
    method(&descent, "play", move |_, _| async move {
        lab.play();
        until(lab, |lab| (is_training(lab) || !lab.wants_play.get_untracked()).then_some(())).await
    });
    method(&descent, "pause", move |_, _| async move { pause(lab).await });
    method(&descent, "step", move |count, _| async move { step(lab, &count).await });
    method(&descent, "epoch", move |_, _| async move {
        let target = lab.progress.get_untracked().epoch + 1;
        lab.epoch();
        until(lab, move |lab| (lab.progress.get_untracked().epoch >= target || is_over(lab)).then_some(())).await
    });
    method(&descent, "reset", move |_, _| async move { reset(lab, lab.reset()).await });
    method(&descent, "newSeed", move |_, _| async move {
        if let Some(why) = lab.refusal(Control::Seed) {
            return Err(Error::new(&why).into());
        }
        lab.new_seed();
        reset(lab, lab.trace.get_untracked().is_ok()).await
    });
    method(&descent, "evaluate", move |split, _| async move {
        let split = text(&split, "evaluate(split)")?;
        evaluate(lab, Split::parse(&split).map_err(|why| Error::new(&why))?).await
    });
    method(&descent, "predict", move |pixels, _| async move { predict(lab, &pixels).await });
    method(&descent, "translate", move |source, beam| async move {
        pairs::translate(lab, text(&source, "translate(text, beam)")?, &beam).await
    });
    method(&descent, "scorePairs", move |split, _| async move { pairs::score(lab, &text(&split, "scorePairs(split)")?).await });
    method(&descent, "findRate", move |_, _| async move {
        opened(lab).await?;
        to_js(&lab.find_rate().await.map_err(|why| Error::new(&why))?)
    });
    method(&descent, "drawing", move |_, _| async move { drawing(lab) });
    method(&descent, "state", move |_, _| async move { to_js(&state(lab)) });
    method(&descent, "weights", move |_, _| async move {
        lab.weights().await.map(JsValue::from).map_err(|why| Error::new(&why).into())
    });
    method(&descent, "on", move |event, f| async move { listen(&event, f) });
    let _ = Reflect::set(&window(), &"descent".into(), &descent);
}

/// Tells listeners what the worker said.
pub(crate) fn emit(lab: Lab, head: &ToApp) {
    if LISTENERS.with_borrow(Vec::is_empty) {
        return;
    }
    match head {
        ToApp::Opened { progress, .. } => send("opened", &to_js(progress).unwrap_or_default()),
        ToApp::Phase { .. } => send("phase", &phase_id(lab).into()),
        ToApp::Steps { points, .. } => {
            for point in points {
                send("step", &to_js(point).unwrap_or_default());
            }
        }
        ToApp::Validation { point, .. } => send("validation", &to_js(point).unwrap_or_default()),
        ToApp::Evaluated { split, point, .. } => {
            let event = to_js(point).unwrap_or_default();
            let _ = Reflect::set(&event, &"split".into(), &split.id().into());
            send("evaluated", &event);
        }
        ToApp::Checkpoint { progress, .. } => send("checkpoint", &to_js(progress).unwrap_or_default()),
        ToApp::Note { text } => send("note", &text.into()),
        ToApp::Fault(fault) => send("fault", &to_js(fault).unwrap_or_default()),
        _ => {}
    }
}

fn send(event: &str, value: &JsValue) {
    // Copied first: a listener may add another.
    let called: Vec<Function> =
        LISTENERS.with_borrow(|all| all.iter().filter(|(name, _)| name == event).map(|(_, f)| f.clone()).collect());
    for f in called {
        if let Err(err) = f.call1(&JsValue::NULL, value) {
            // A script's own mistake is shown to it, and stops nothing here.
            web_sys::console::warn_2(&format!("A listener of descent.on({event:?}) failed:").into(), &err);
        }
    }
}

async fn open(lab: Lab, link: String) -> Result<JsValue, JsValue> {
    if address::route_of(&address::fragment()) != address::Route::Lab {
        // The page follows the address.
        let _ = window().location().set_hash(&link);
    }
    lab.open_link(address::read(lab, &link));
    opened(lab).await
}

async fn reset(lab: Lab, is_possible: bool) -> Result<JsValue, JsValue> {
    match lab.trace.get_untracked() {
        Err(err) if !is_possible => Err(Error::new(&err.to_string()).into()),
        _ => opened(lab).await,
    }
}

async fn opened(lab: Lab) -> Result<JsValue, JsValue> {
    let stands = |lab: Lab| match lab.run_phase.get_untracked() {
        RunPhase::Starting | RunPhase::Restarting => None,
        RunPhase::Failed => Some(Err(failure(lab))),
        RunPhase::Session(_) => Some(Ok(())),
    };
    lab.until(stands).await.and_then(|stands| stands).map_err(|why| Error::new(&why))?;
    to_js(&state(lab))
}

async fn pause(lab: Lab) -> Result<JsValue, JsValue> {
    lab.pause();
    // The answer to a question asked after the pause shows that the worker has heard it.
    let _ = lab.ask(Box::new(|request| ToWorker::Ping { request }), None).await;
    until(lab, |lab| (!lab.running.get_untracked() && !is_training(lab)).then_some(())).await
}

async fn step(lab: Lab, count: &JsValue) -> Result<JsValue, JsValue> {
    let count = match count.as_f64() {
        None if count.is_undefined() => 1,
        Some(count) if count >= 1.0 && count.fract() == 0.0 && count <= f64::from(u32::MAX) => count as u32,
        _ => return Err(Error::new("step(n) wants a whole number of steps, at least 1").into()),
    };
    // Before the session stands nobody knows where it will start from.
    opened(lab).await?;
    lab.step(count);
    opened(lab).await?;
    let target = lab.progress.get_untracked().step + u64::from(count);
    // Of a run under way the reported step lags behind, so rest is waited for, too.
    let is_there = move |lab: Lab| lab.progress.get_untracked().step >= target && !is_training(lab);
    until(lab, move |lab| (is_there(lab) || is_over(lab)).then_some(())).await
}

async fn evaluate(lab: Lab, split: Split) -> Result<JsValue, JsValue> {
    let newest = move |lab: Lab| lab.evaluations.with_untracked(|all| all.get(&split).cloned());
    let before = newest(lab);
    lab.supervisor.update_value(|it| it.refusal = None);
    lab.evaluate(split);
    let found = lab.until(move |lab| {
        if let Some(why) = lab.supervisor.try_update_value(|it| it.refusal.take()).flatten() {
            return Some(Err(why));
        }
        newest(lab).filter(|now| before.as_ref().is_none_or(|before| !Arc::ptr_eq(before, now))).map(Ok)
    });
    let evaluation = found.await.and_then(|found| found).map_err(|why| Error::new(&why))?;
    to_js(&measured(&evaluation))
}

async fn predict(lab: Lab, pixels: &JsValue) -> Result<JsValue, JsValue> {
    let wanted = lab.experiment.with_untracked(|experiment| experiment.data.facts().shape.len());
    let pixels = pixels.dyn_ref::<Float32Array>().filter(|pixels| pixels.length() as usize == wanted);
    let pixels =
        pixels.ok_or_else(|| Error::new(&format!("predict(pixels) wants a Float32Array of {wanted} values from 0 to 1")))?;
    let probabilities = lab.predict(&pixels.to_vec()).await.map_err(|why| Error::new(&why))?;
    Ok(Float32Array::new_from_slice(&probabilities).into())
}

fn drawing(lab: Lab) -> Result<JsValue, JsValue> {
    let Some(probabilities) = lab.drawing.get_untracked() else { return Ok(JsValue::NULL) };
    let digit = (0..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).unwrap_or(0);
    let out = Object::new();
    Reflect::set(&out, &"digit".into(), &JsValue::from(digit as u32))?;
    Reflect::set(&out, &"probabilities".into(), &Float32Array::new_from_slice(&probabilities))?;
    Ok(out.into())
}

fn listen(event: &JsValue, f: JsValue) -> Result<JsValue, JsValue> {
    let event = text(event, "on(event, f)")?;
    let f: Function = f.dyn_into().map_err(|_| Error::new("on(event, f) wants a function"))?;
    // An event of a later version is listened to in vain rather than refused; the names are in the warning.
    if !EVENTS.contains(&event.as_str()) {
        web_sys::console::warn_1(&format!("There is no event {event:?}; there are {}.", EVENTS.join(", ")).into());
    }
    LISTENERS.with_borrow_mut(|all| all.push((event.clone(), f.clone())));
    let off = Closure::<dyn FnMut()>::new(move || {
        LISTENERS.with_borrow_mut(|all| all.retain(|(name, other)| !(*name == event && *other == f)));
    });
    Ok(off.into_js_value())
}

fn is_training(lab: Lab) -> bool {
    matches!(lab.run_phase.get_untracked(), RunPhase::Session(Phase::Training | Phase::Stepping | Phase::Compiling))
}

/// Whether no further step will come by itself.
fn is_over(lab: Lab) -> bool {
    matches!(lab.run_phase.get_untracked(), RunPhase::Failed | RunPhase::Session(Phase::Diverged))
}

fn failure(lab: Lab) -> String {
    lab.alerts.with_untracked(|alerts| alerts.last().cloned()).unwrap_or_else(|| "The lab could not be opened.".into())
}

/// Waits, then gives the state.
async fn until(lab: Lab, check: impl FnMut(Lab) -> Option<()> + 'static) -> Result<JsValue, JsValue> {
    lab.until(check).await.map_err(|why| Error::new(&why))?;
    to_js(&state(lab))
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}

fn text(value: &JsValue, call: &str) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| Error::new(&format!("{call} wants a text")).into())
}

/// Defines one promise-returning method.
fn method<F>(on: &Object, name: &str, call: impl Fn(JsValue, JsValue) -> F + 'static)
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    let closure = Closure::<dyn FnMut(JsValue, JsValue) -> Promise>::new(move |first, second| {
        wasm_bindgen_futures::future_to_promise(call(first, second))
    });
    let _ = Reflect::set(on, &name.into(), &closure.into_js_value());
}
