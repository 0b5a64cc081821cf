//! What `postMessage` carries between two workers or a worker and the page: `{ head, bulk }`, a message as bytes and the typed
//! arrays that come with it. All are moved, not copied.

use descent_spec::message::{from_bytes, to_bytes};
use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// Anything that can be told something: a worker, or the scope of one.
pub(crate) trait Port {
    fn post(&self, message: &JsValue, transfer: &Array) -> Result<(), JsValue>;
}

impl Port for web_sys::Worker {
    fn post(&self, message: &JsValue, transfer: &Array) -> Result<(), JsValue> {
        self.post_message_with_transfer(message, transfer)
    }
}

impl Port for web_sys::DedicatedWorkerGlobalScope {
    fn post(&self, message: &JsValue, transfer: &Array) -> Result<(), JsValue> {
        self.post_message_with_transfer(message, transfer)
    }
}

/// Sends a message and gives its arrays away, each told with its buffer.
pub(crate) fn post(
    port: &impl Port,
    head: &impl Serialize,
    arrays: impl IntoIterator<Item = (JsValue, js_sys::ArrayBuffer)>,
) -> Result<(), JsValue> {
    let head = Uint8Array::new_from_slice(&to_bytes(head)?);
    let (bulk, transfer) = (Array::new(), Array::of1(&head.buffer()));
    for (array, buffer) in arrays {
        bulk.push(&array);
        transfer.push(&buffer);
    }
    let envelope = Object::new();
    Reflect::set(&envelope, &"head".into(), &head)?;
    Reflect::set(&envelope, &"bulk".into(), &bulk)?;
    port.post(&envelope, &transfer)
}

/// A message and its arrays; the error says what is odd about the envelope.
pub(crate) fn open<Head: DeserializeOwned>(envelope: &JsValue) -> Result<(Head, Array), String> {
    let get = |name: &str| Reflect::get(envelope, &name.into()).map_err(|_| "it is no envelope".to_owned());
    let head: Uint8Array = get("head")?.dyn_into().map_err(|_| "its head is no Uint8Array".to_owned())?;
    let bulk = get("bulk")?.dyn_into().map_err(|_| "its bulk is no list".to_owned())?;
    Ok((from_bytes(&head.to_vec())?, bulk))
}
