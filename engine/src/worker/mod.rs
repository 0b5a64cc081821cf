//! The worker of the browser: takes the app's commands, trains one step at a time, and reports.
//!
//! Everything runs on one loop ([`Worker::run`]): listen, work for a few milliseconds (optimizer steps, batches of an
//! evaluation, a drawn shard), report if it is time, breathe so that the browser can deliver messages. Data arrive beside it and are handed
//! over whole. The worker is disposable: what breaks it becomes a message, and the app starts another from the last checkpoint.
//!
//! Reading order: [`run`](Worker), `obey` (what each command does), `lab` (a session on the loop), then `evaluate`, `show`, `follow`,
//! `forecast`, `foretell`, `text`, `reviews`, `rate_test`, `contest`, `share` (who computes a step), `store`, `loader` and `glove` (data), and `wire`, `inbox`, `fetch`, `clock` (the browser).

mod clock;
mod contest;
mod evaluate;
mod fetch;
mod follow;
mod forecast;
mod foretell;
mod glove;
mod inbox;
mod lab;
mod loader;
mod obey;
mod pairs;
mod rate_test;
mod reviews;
mod run;
mod share;
mod show;
mod store;
mod text;
mod vectors;
mod wire;

pub use clock::now_ms;
pub use fetch::{Cache, FetchError, Site};
pub use inbox::Inbox;
pub use run::Worker;
pub use wire::{Bulk, Command, Outbox};

use crate::replicas;
use descent_spec::message::{Fault, FaultKind, ToApp, ToWorker};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Starts the worker: from here on it listens to the page, or, started as a replica, to the worker that wants help.
///
/// # Errors
/// When the browser has no message channels.
pub fn start() -> Result<(), JsValue> {
    let scope = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
    if scope.name() == replicas::REPLICA_NAME {
        console_error_panic_hook::set_once();
        return replicas::serve();
    }
    replicas::allow();
    let inbox = Inbox::default();
    let outbox = Outbox::to_page(scope.clone());
    say_goodbye_on_panic();
    crate::device::on_gpu_loss({
        let outbox = outbox.clone();
        move |fault| outbox.send(ToApp::Fault(fault))
    });
    let worker = Worker::new(inbox.clone(), outbox.clone())?;

    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match Command::read(&event.data()) {
        // Answered here, so that it is answered even while the loop waits for the device.
        Ok(Command { head: ToWorker::Ping { request }, .. }) => outbox.send(ToApp::Pong { request }),
        Ok(command) => inbox.push(command),
        Err(why) => outbox.send(ToApp::Refused { request: None, text: format!("A message could not be read: {why}.") }),
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The worker listens for as long as it lives.
    on_message.forget();

    wasm_bindgen_futures::spawn_local(worker.run());
    Ok(())
}

/// A panic ends this instance for good. Its last words go to the console and to the page, which starts a fresh worker.
fn say_goodbye_on_panic() {
    // Panic hooks must be `Send`, which nothing of the browser is; so this one holds nothing and finds the page when it is called.
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        // What breaks after the graphics device was lost breaks because of it, and the page knows already.
        if crate::device::is_gpu_lost() {
            return;
        }
        let outbox = Outbox::to_page(js_sys::global().unchecked_into());
        let message = format!("The worker broke down: {info}.");
        let advice = "The run can go on from its last checkpoint in a fresh worker.".into();
        outbox.send(ToApp::Fault(Fault { kind: FaultKind::Crash, message, advice }));
    }));
}
