//! The worker that draws maps by t-SNE: started when the first is asked for, ended when this is dropped.

use super::connection::{describe, said_by, spawn};
use descent_spec::message::{from_bytes, to_bytes};
use descent_spec::tsne::{Picture, Points, Reply};
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};

/// A map at a time; a second one is drawn after the first.
pub(crate) struct Tsne {
    worker: Worker,
    state: Rc<RefCell<State>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

enum State {
    /// It does not listen yet; this is sent when it does.
    Starting(Option<Points>),
    Listening,
}

impl Tsne {
    /// Starts a worker. `hear` gets each picture, or a sentence about why there will be none.
    ///
    /// # Errors
    /// A sentence where the site has no such worker.
    pub(crate) fn start(hear: impl Fn(Result<Picture, String>) + 'static) -> Result<Tsne, String> {
        let hear = Rc::new(hear);
        let worker = spawn("tsne").map_err(|err| format!("t-SNE could not be started: {}.", describe(&err)))?;
        let state = Rc::new(RefCell::new(State::Starting(None)));
        let on_message = {
            let (worker, state, hear) = (worker.clone(), Rc::clone(&state), Rc::clone(&hear));
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let bytes = event.data().dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default();
                match from_bytes(&bytes) {
                    Ok(Reply::Ready) => {
                        let waiting = state.replace(State::Listening);
                        if let State::Starting(Some(points)) = waiting {
                            send(&worker, &points);
                        }
                    }
                    Ok(Reply::Picture(picture)) => hear(Ok(picture)),
                    Ok(Reply::Refused(why)) => hear(Err(why)),
                    Err(why) => hear(Err(format!("t-SNE gave an answer that cannot be read: {why}."))),
                }
            })
        };
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            hear(Err(format!("t-SNE stopped: {}. Choose it again to try again.", said_by(&event))));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Tsne { worker, state, _on_message: on_message, _on_error: on_error })
    }

    /// Asks for a map.
    pub(crate) fn ask(&self, points: Points) {
        match &mut *self.state.borrow_mut() {
            State::Starting(waiting) => *waiting = Some(points),
            State::Listening => send(&self.worker, &points),
        }
    }
}

fn send(worker: &Worker, points: &Points) {
    let sent = to_bytes(points).map_err(JsValue::from).and_then(|bytes| {
        let array = Uint8Array::new_from_slice(&bytes);
        worker.post_message_with_transfer(&array, &Array::of1(&array.buffer()))
    });
    if let Err(err) = sent {
        web_sys::console::error_2(&"Points could not be sent to the worker of t-SNE:".into(), &err);
    }
}

impl Drop for Tsne {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
