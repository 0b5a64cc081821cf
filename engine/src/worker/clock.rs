//! The time, and waiting for it to pass.

use js_sys::{Function, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::WorkerGlobalScope;

/// Milliseconds since the worker started.
pub fn now_ms() -> f64 {
    let scope = js_sys::global().unchecked_into::<WorkerGlobalScope>();
    scope.performance().map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// Comes back after about this long.
pub(super) async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve: Function, _reject| {
        let scope = js_sys::global().unchecked_into::<WorkerGlobalScope>();
        if scope.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_err() {
            // Without a clock there is nothing to wait for.
            let _ = resolve.call0(&wasm_bindgen::JsValue::NULL);
        }
    });
    // The promise only ever resolves.
    let _ = JsFuture::from(promise).await;
}
