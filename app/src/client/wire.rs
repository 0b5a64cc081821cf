//! The envelope of `descent_spec::message`: `{ head, bulk }`, all of it transferred.

use descent_spec::message::{ToApp, ToWorker, from_bytes, to_bytes};
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

/// A typed array on its way to the worker; its buffer is moved there.
pub(crate) struct Payload {
    array: JsValue,
    buffer: JsValue,
}

impl Payload {
    /// A copy of these numbers.
    pub(crate) fn floats(values: &[f32]) -> Payload {
        let array = Float32Array::new_from_slice(values);
        Payload { buffer: array.buffer().into(), array: array.into() }
    }

    /// A copy of these bytes: the caller keeps its own.
    pub(crate) fn bytes(bytes: &Uint8Array) -> Payload {
        let array = bytes.slice(0, bytes.length());
        Payload { buffer: array.buffer().into(), array: array.into() }
    }
}

/// A message from the worker with its typed arrays.
pub(crate) struct Answer {
    /// What it says.
    pub(crate) head: ToApp,
    bulk: Array,
}

impl Answer {
    /// The nth array as bytes, if it is one of bytes.
    pub(crate) fn bytes(&self, idx: u32) -> Option<Uint8Array> {
        self.bulk.get(idx).dyn_into().ok()
    }

    /// The nth array as numbers, if it is one of floats.
    pub(crate) fn floats(&self, idx: u32) -> Option<Vec<f32>> {
        self.bulk.get(idx).dyn_into::<Float32Array>().ok().map(|array| array.to_vec())
    }
}

/// Sends one message.
pub(crate) fn post(worker: &Worker, head: &ToWorker, payload: Option<Payload>) -> Result<(), JsValue> {
    let head = Uint8Array::new_from_slice(&to_bytes(head)?);
    let envelope = Object::new();
    let (bulk, transfer) = (Array::new(), Array::of1(&head.buffer()));
    if let Some(payload) = payload {
        bulk.push(&payload.array);
        transfer.push(&payload.buffer);
    }
    Reflect::set(&envelope, &"head".into(), &head)?;
    Reflect::set(&envelope, &"bulk".into(), &bulk)?;
    worker.post_message_with_transfer(&envelope, &transfer)
}

/// Reads one message; the error says what was odd about it.
pub(crate) fn read(event: &MessageEvent) -> Result<Answer, String> {
    let data = event.data();
    let get = |name: &str| Reflect::get(&data, &name.into()).map_err(|_| "it is no envelope".to_owned());
    let head: Uint8Array = get("head")?.dyn_into().map_err(|_| "its head is no Uint8Array".to_owned())?;
    let bulk = get("bulk")?.dyn_into().map_err(|_| "its bulk is no list".to_owned())?;
    Ok(Answer { head: from_bytes(&head.to_vec())?, bulk })
}
