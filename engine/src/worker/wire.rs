//! The envelopes of `descent_spec::message`: commands read, messages sent.

use crate::envelope;
use descent_spec::message::{ToApp, ToWorker};
use js_sys::{ArrayBuffer, Float32Array, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

/// Most numbers or bytes taken in with one message: a checkpoint of the largest model fits, little more does.
const MAX_BULK_BYTES: u32 = 64 * 1024 * 1024;

/// A typed array that comes with a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Bulk {
    /// A `Uint8Array`.
    Bytes(Vec<u8>),
    /// A `Float32Array`.
    Floats(Vec<f32>),
}

/// A message from the app.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What it asks for.
    pub head: ToWorker,
    /// The first array that came with it; no message has more.
    pub bulk: Option<Bulk>,
}

impl Command {
    /// Reads an envelope; the error says what is odd about it.
    pub fn read(envelope: &JsValue) -> Result<Command, String> {
        let (head, arrays) = envelope::open(envelope)?;
        let bulk = match arrays.get(0) {
            none if none.is_undefined() => None,
            array => Some(read_bulk(&array)?),
        };
        Ok(Command { head, bulk })
    }
}

impl From<ToWorker> for Command {
    fn from(head: ToWorker) -> Command {
        Command { head, bulk: None }
    }
}

/// Copies a typed array into our memory. The copy is needed: wasm cannot look into a buffer outside its own.
fn read_bulk(array: &JsValue) -> Result<Bulk, String> {
    if let Some(bytes) = array.dyn_ref::<Uint8Array>().filter(|bytes| bytes.length() <= MAX_BULK_BYTES) {
        return Ok(Bulk::Bytes(bytes.to_vec()));
    }
    if let Some(floats) = array.dyn_ref::<Float32Array>().filter(|floats| floats.length() <= MAX_BULK_BYTES / 4) {
        return Ok(Bulk::Floats(floats.to_vec()));
    }
    Err(format!("its bulk is no Uint8Array or Float32Array of at most {MAX_BULK_BYTES} bytes"))
}

/// Where the worker's messages go. Tests listen here; in the browser it is `postMessage`.
#[derive(Clone)]
pub struct Outbox(Rc<dyn Fn(ToApp, Vec<Bulk>)>);

impl Outbox {
    /// Hands every message to `deliver`.
    pub fn new(deliver: impl Fn(ToApp, Vec<Bulk>) + 'static) -> Outbox {
        Outbox(Rc::new(deliver))
    }

    /// Posts every message to the page that started the worker.
    pub fn to_page(scope: DedicatedWorkerGlobalScope) -> Outbox {
        Outbox::new(move |head, bulk| {
            if let Err(err) = post(&scope, &head, &bulk) {
                web_sys::console::error_2(&"A message to the page could not be sent:".into(), &err);
            }
        })
    }

    /// Sends a message without arrays.
    pub fn send(&self, head: ToApp) {
        (self.0)(head, Vec::new());
    }

    /// Sends a message with the arrays it announces.
    pub fn send_with(&self, head: ToApp, bulk: Vec<Bulk>) {
        (self.0)(head, bulk);
    }
}

fn post(scope: &DedicatedWorkerGlobalScope, head: &ToApp, bulk: &[Bulk]) -> Result<(), JsValue> {
    // Copied out of wasm memory, which can grow and must never be given away; the copy is then moved to the page.
    let array = |bulk: &Bulk| -> (JsValue, ArrayBuffer) {
        match bulk {
            Bulk::Bytes(bytes) => {
                let array = Uint8Array::new_from_slice(bytes);
                let buffer = array.buffer();
                (array.into(), buffer)
            }
            Bulk::Floats(floats) => {
                let array = Float32Array::new_from_slice(floats);
                let buffer = array.buffer();
                (array.into(), buffer)
            }
        }
    };
    envelope::post(scope, head, bulk.iter().map(array))
}
