//! The envelope of `descent_spec::message`: `{ head, bulk }`, the bulk transferred.

use descent_spec::message::{ToApp, ToWorker};
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use serde::Serialize;
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
    // Whole numbers stay plain numbers: steps and bytes never reach 2^53.
    let head = head.serialize(&serde_wasm_bindgen::Serializer::new())?;
    let envelope = Object::new();
    let (bulk, transfer) = (Array::new(), Array::new());
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
    let head = Reflect::get(&data, &"head".into()).map_err(|_| "it is no envelope".to_owned())?;
    let bulk = Reflect::get(&data, &"bulk".into()).ok().and_then(|bulk| bulk.dyn_into().ok()).unwrap_or_default();
    serde_wasm_bindgen::from_value(head).map(|head| Answer { head, bulk }).map_err(|err| err.to_string())
}
