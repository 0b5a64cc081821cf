//! What a crew and a replica say to each other: `{ head, bulk }`, the arrays of `bulk` moved, not copied.

use crate::session::Blueprint;
use js_sys::{Array, Float32Array, Object, Reflect};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

/// To a replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToReplica {
    /// The net to build. Its weights come with each request.
    Build(Blueprint),
    /// Slices to differentiate.
    /// Bulk: all parameters, row after row; all inputs; all targets; room for the gradients of all slices, to be filled and sent
    /// back (of another length where there was none to spare).
    Differentiate {
        /// Echoed.
        request: u32,
        /// In their order.
        slices: Vec<SliceHead>,
    },
}

/// A slice without its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct SliceHead {
    pub(super) n_inputs: u32,
    /// One for each example, or for each of its steps.
    pub(super) n_targets: u32,
    pub(super) share: f32,
    /// Upper and lower half: JavaScript's numbers hold 53 bits.
    pub(super) seed: Option<(u32, u32)>,
}

/// From a replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromReplica {
    /// It listens: what was sent before is lost.
    Listening,
    /// The net stands.
    Built,
    /// Bulk: the gradients of all slices, each with all parameters, row after row; the array that the parameters came in.
    Differentiated {
        /// Echoed.
        request: u32,
        /// Loss and metric of each slice, times its share.
        scores: Vec<(f32, f32)>,
    },
}

/// Anything that can be told something: a worker, or the scope of one.
pub(super) trait Port {
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

/// Sends a message and gives its arrays away.
pub(super) fn post(port: &impl Port, head: &impl Serialize, arrays: &[Float32Array]) -> Result<(), JsValue> {
    let (bulk, transfer) = (Array::new(), Array::new());
    for array in arrays {
        bulk.push(array);
        transfer.push(&array.buffer());
    }
    let envelope = Object::new();
    Reflect::set(&envelope, &"head".into(), &serde_wasm_bindgen::to_value(head)?)?;
    Reflect::set(&envelope, &"bulk".into(), &bulk)?;
    port.post(&envelope, &transfer)
}

/// Reads a message; none where it is not what it should be.
pub(super) fn read<Head: DeserializeOwned>(envelope: &JsValue) -> Option<(Head, Vec<Float32Array>)> {
    let head = Reflect::get(envelope, &"head".into()).ok()?;
    let bulk: Array = Reflect::get(envelope, &"bulk".into()).ok()?.dyn_into().ok()?;
    let arrays: Option<Vec<Float32Array>> = bulk.iter().map(|array| array.dyn_into().ok()).collect();
    Some((serde_wasm_bindgen::from_value(head).ok()?, arrays?))
}

/// Copies rows out of our memory into an array, one after the other, from this place on; returns the place after them.
pub(super) fn write_rows<'a>(array: &Float32Array, at: u32, rows: impl IntoIterator<Item = &'a Vec<f32>>) -> u32 {
    let mut at = at;
    for row in rows {
        let end = at + row.len() as u32;
        array.subarray(at, end).copy_from(row);
        at = end;
    }
    at
}

/// Copies rows of these lengths out of an array. The caller has seen to it that it is long enough.
pub(super) fn read_rows(array: &Float32Array, at: u32, lengths: &[usize]) -> Vec<Vec<f32>> {
    let mut at = at;
    let row = |&length: &usize| {
        let end = at + length as u32;
        let row = array.subarray(at, end).to_vec();
        at = end;
        row
    };
    lengths.iter().map(row).collect()
}

/// An array of this length: the spare one where it has it.
pub(super) fn room(spare: Option<Float32Array>, length: usize) -> Float32Array {
    spare.filter(|spare| spare.length() as usize == length).unwrap_or_else(|| Float32Array::new_with_length(length as u32))
}
