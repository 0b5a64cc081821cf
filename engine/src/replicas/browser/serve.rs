//! The replica's side: builds a net, differentiates what it is sent, and knows nothing else.

use super::scope;
use super::wire::{FromReplica, SliceHead, ToReplica, post, read, read_rows, room, write_rows};
use crate::model::Net;
use crate::read::{ReadError, read_all};
use crate::rng::Streams;
use crate::session::{Blueprint, Slice, differentiate};
use burn::tensor::Device;
use descent_spec::Initializer;
use js_sys::Float32Array;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// A net without weights of its own.
struct Pupil {
    blueprint: Blueprint,
    net: Net,
    device: Device,
    /// Length of each row of parameters.
    lengths: Vec<usize>,
}

/// A request with its arrays.
struct Request {
    number: u32,
    slices: Vec<SliceHead>,
    arrays: [Float32Array; 4],
}

/// Makes this worker a replica: it listens to whoever started it, and ends with them.
///
/// # Errors
/// When the first message cannot be sent.
pub fn serve() -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = scope().unchecked_into();
    let pupil: Rc<RefCell<Option<Pupil>>> = Rc::default();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
        let scope = scope.clone();
        move |event: MessageEvent| {
            let (scope, pupil) = (scope.clone(), Rc::clone(&pupil));
            wasm_bindgen_futures::spawn_local(async move {
                // Thrown where the crew hears it, which drops this replica and computes the slices itself.
                if let Err(err) = obey(&scope, &pupil, &event.data()).await {
                    wasm_bindgen::throw_val(err);
                }
            });
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It listens for as long as it lives.
    on_message.forget();
    post(&scope, &FromReplica::Listening, &[])
}

async fn obey(scope: &DedicatedWorkerGlobalScope, place: &RefCell<Option<Pupil>>, message: &JsValue) -> Result<(), JsValue> {
    let (head, arrays) = read::<ToReplica>(message).map_err(|why| odd(&why))?;
    match head {
        ToReplica::Build(blueprint) => {
            let device = Device::flex().autodiff();
            let net = Net::init(&blueprint.layers, Initializer::Zeros, &Streams::new(0), &device);
            let lengths = net.parameter_rows().iter().map(|row| row.dims()[0]).collect();
            place.replace(Some(Pupil { blueprint, net, device, lengths }));
            post(scope, &FromReplica::Built, &[])
        }
        ToReplica::Differentiate { request, slices } => {
            // Requests come one at a time; taken out, because a future must not hold a borrow while it waits.
            let mut pupil = place.take().ok_or_else(|| odd("there is no net yet"))?;
            let arrays = arrays.try_into().map_err(|_| odd("arrays are missing"))?;
            let answer = pupil.answer(Request { number: request, slices, arrays }).await;
            place.replace(Some(pupil));
            let (head, arrays) = answer?;
            post(scope, &head, &arrays)
        }
    }
}

impl Pupil {
    async fn answer(&mut self, request: Request) -> Result<(FromReplica, [Float32Array; 2]), JsValue> {
        let Request { number, slices, arrays: [parameters, inputs, targets, gradients] } = request;
        let n_parameters: usize = self.lengths.iter().sum();
        if parameters.length() as usize != n_parameters {
            return Err(odd("the net has another number of parameters"));
        }
        let rows = read_rows(&parameters, 0, &self.lengths);
        self.net = self.net.clone().with_parameter_rows(rows, &self.device).map_err(|err| odd(&err.to_string()))?;
        let gradients = room(Some(gradients), slices.len() * n_parameters);
        let input = self.blueprint.layers[0].input;
        let (mut scores, mut at, mut first) = (Vec::new(), 0, (0, 0));
        for slice in slices {
            let (from, to) = (first, (first.0 + slice.n_inputs, first.1 + slice.n_targets));
            first = to;
            let slice = Slice {
                inputs: inputs.subarray(from.0, to.0).to_vec(),
                targets: targets.subarray(from.1, to.1).to_vec(),
                share: slice.share,
                seed: slice.seed,
            };
            let part = differentiate(&self.net, input, self.blueprint.head, slice, &self.device);
            let mut tensors = self.net.gradient_rows(part.grads);
            tensors.extend([part.loss, part.metric]);
            let mut rows = read_all(tensors).await.map_err(|ReadError(why)| odd(&why))?;
            let score = rows.split_off(self.lengths.len()).concat();
            scores.push((score[0], score[1]));
            at = write_rows(&gradients, at, &rows);
        }
        Ok((FromReplica::Differentiated { request: number, scores }, [gradients, parameters]))
    }
}

fn odd(why: &str) -> JsValue {
    js_sys::Error::new(&format!("A replica could not use a message: {why}.")).into()
}
