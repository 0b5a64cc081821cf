//! The worker: a message with points comes, pictures of the growing map go.

use crate::draw;
use descent_spec::message::{from_bytes, to_bytes};
use descent_spec::tsne::{Points, Reply};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Between two pictures: the page draws no faster.
const PICTURE_MS: f64 = 33.0;

/// Listens, and says so.
///
/// # Errors
/// What the browser says where this is no worker.
pub fn start() -> Result<(), JsValue> {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let on_message = {
        let scope = scope.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| answer(&scope, &event.data()))
    };
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    on_message.forget();
    post(&scope, &Reply::Ready);
    Ok(())
}

fn answer(scope: &DedicatedWorkerGlobalScope, message: &JsValue) {
    let bytes = message.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default();
    let now = || scope.performance().map_or(0.0, |clock| clock.now());
    let mut told_at = f64::NEG_INFINITY;
    let outcome = from_bytes::<Points>(&bytes).map_err(|why| format!("t-SNE got an odd message: {why}.")).and_then(|points| {
        draw(&points, |moment| {
            if moment.is_last() || now() - told_at >= PICTURE_MS {
                post(scope, &Reply::Picture(moment.picture()));
                told_at = now();
            }
        })
    });
    if let Err(why) = outcome {
        post(scope, &Reply::Refused(why));
    }
}

fn post(scope: &DedicatedWorkerGlobalScope, reply: &Reply) {
    let sent = to_bytes(reply).map_err(JsValue::from).and_then(|bytes| {
        let array = Uint8Array::new_from_slice(&bytes);
        scope.post_message_with_transfer(&array, &js_sys::Array::of1(&array.buffer()))
    });
    if let Err(err) = sent {
        web_sys::console::error_2(&"A picture could not be sent to the page:".into(), &err);
    }
}
