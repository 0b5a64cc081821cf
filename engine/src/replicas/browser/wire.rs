//! What a crew and a replica say to each other, in envelopes like those of the page.

use crate::envelope::{self, Port};
use crate::session::Blueprint;
use js_sys::Float32Array;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

/// To a replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub(super) seed: Option<u64>,
}

/// From a replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

/// Sends a message and gives its arrays away.
pub(super) fn post(port: &impl Port, head: &impl Serialize, arrays: &[Float32Array]) -> Result<(), JsValue> {
    envelope::post(port, head, arrays.iter().map(|array| (array.into(), array.buffer())))
}

/// Reads a message; the error says what is odd about it.
pub(super) fn read<Head: DeserializeOwned>(message: &JsValue) -> Result<(Head, Vec<Float32Array>), String> {
    let (head, bulk) = envelope::open(message)?;
    let arrays: Result<_, _> = bulk.iter().map(|array| array.dyn_into()).collect();
    Ok((head, arrays.map_err(|_| "its bulk holds something else than Float32Arrays".to_owned())?))
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
