//! The crew's side of a replica: a worker, what it said, and how long one waits for it.

use super::wire::{FromReplica, SliceHead, ToReplica, post, read, read_rows, room, write_rows};
use super::{REPLICA_NAME, scope};
use crate::replicas::{Answer, Condition, Replica};
use crate::session::{Blueprint, Slice};
use js_sys::Float32Array;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// An answer is waited for at least this long: a page in the background gets little of the processor.
const PATIENCE_MS: f64 = 10_000.0;
/// And at least this many times as long as the last one took.
const PATIENCE: f64 = 20.0;
/// Longest wait for a replica to be fetched, compiled and built.
const START_MS: i32 = 60_000;

/// An answer as it came.
struct Heard {
    request: u32,
    scores: Vec<(f32, f32)>,
    arrays: Vec<Float32Array>,
}

/// What a replica's events change.
struct Shared {
    condition: Cell<Condition>,
    /// Whether it owes an answer.
    is_asked: Cell<bool>,
    /// The newest answer.
    answer: RefCell<Option<Heard>>,
    waiting: RefCell<Option<Waker>>,
}

/// A worker that is ended when this is dropped.
pub(super) struct BrowserReplica {
    worker: Worker,
    shared: Rc<Shared>,
    /// Lengths of the rows of parameters, as they were sent last.
    lengths: Vec<usize>,
    n_slices: usize,
    request: u32,
    asked_at_ms: f64,
    took_ms: f64,
    timer: Option<i32>,
    /// Arrays that came back: for gradients, and for parameters.
    spare: [Option<Float32Array>; 2],
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
    on_timeout: Closure<dyn FnMut()>,
}

impl Shared {
    fn wake(&self) {
        if let Some(waiting) = self.waiting.borrow_mut().take() {
            waiting.wake();
        }
    }

    fn die(&self) {
        self.condition.set(Condition::Dead);
        self.wake();
    }
}

impl BrowserReplica {
    pub(super) fn start(script: &str, blueprint: &Blueprint) -> Result<BrowserReplica, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(REPLICA_NAME);
        let worker = Worker::new_with_options(script, &options)?;
        let shared = Rc::new(Shared {
            condition: Cell::new(Condition::Starting),
            is_asked: Cell::new(false),
            answer: RefCell::default(),
            waiting: RefCell::default(),
        });
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let (shared, worker, blueprint) = (Rc::clone(&shared), worker.clone(), blueprint.clone());
            move |event: MessageEvent| match read::<FromReplica>(&event.data()) {
                Ok((FromReplica::Listening, _)) if post(&worker, &ToReplica::Build(blueprint.clone()), &[]).is_ok() => {}
                Ok((FromReplica::Built, _)) if shared.condition.get() == Condition::Starting => {
                    shared.condition.set(Condition::Ready);
                    shared.wake();
                }
                Ok((FromReplica::Differentiated { request, scores }, arrays)) => {
                    shared.answer.replace(Some(Heard { request, scores, arrays }));
                    shared.wake();
                }
                _ => shared.die(),
            }
        });
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new({
            let shared = Rc::clone(&shared);
            move |event: ErrorEvent| {
                // Unheard, it would go on to the page, which would take this worker for broken.
                event.prevent_default();
                shared.die();
            }
        });
        let on_timeout = Closure::<dyn FnMut()>::new({
            let shared = Rc::clone(&shared);
            move || {
                if shared.is_asked.get() || shared.condition.get() == Condition::Starting {
                    shared.die();
                }
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let mut replica = BrowserReplica {
            worker,
            shared,
            lengths: Vec::new(),
            n_slices: 0,
            request: 0,
            asked_at_ms: 0.0,
            took_ms: 0.0,
            timer: None,
            spare: [None, None],
            _on_message: on_message,
            _on_error: on_error,
            on_timeout,
        };
        replica.wait_at_most(START_MS);
        Ok(replica)
    }

    /// From now on silence for this long is death.
    fn wait_at_most(&mut self, ms: i32) {
        self.stop_waiting();
        let on_timeout = self.on_timeout.as_ref().unchecked_ref();
        // Without a clock one waits for ever, as one would without this.
        self.timer = scope().set_timeout_with_callback_and_timeout_and_arguments_0(on_timeout, ms).ok();
    }

    fn stop_waiting(&mut self) {
        if let Some(timer) = self.timer.take() {
            scope().clear_timeout_with_handle(timer);
        }
    }

    fn try_ask(&mut self, parameters: &[Vec<f32>], slices: &[Slice]) -> Result<(), JsValue> {
        self.lengths = parameters.iter().map(Vec::len).collect();
        self.n_slices = slices.len();
        self.request = self.request.wrapping_add(1);
        let n_parameters: usize = self.lengths.iter().sum();
        let [gradients, spare] = std::mem::take(&mut self.spare);
        let told = room(spare, n_parameters);
        write_rows(&told, 0, parameters);
        let join = |of: fn(&Slice) -> &Vec<f32>| {
            let joined = room(None, slices.iter().map(|slice| of(slice).len()).sum());
            write_rows(&joined, 0, slices.iter().map(of));
            joined
        };
        let gradients = room(gradients, slices.len() * n_parameters);
        let heads = slices.iter().map(|slice| SliceHead {
            n_inputs: slice.inputs.len() as u32,
            n_targets: slice.targets.len() as u32,
            share: slice.share,
            seed: slice.seed,
        });
        let head = ToReplica::Differentiate { request: self.request, slices: heads.collect() };
        post(&self.worker, &head, &[told, join(|it| &it.inputs), join(|it| &it.targets), gradients])
    }

    /// The answers in the newest message, where it is the right one and whole.
    fn read_answer(&mut self, Heard { scores, arrays, .. }: Heard) -> Option<Vec<Answer>> {
        let n_parameters: usize = self.lengths.iter().sum();
        let [gradients, parameters]: [Float32Array; 2] = arrays.try_into().ok()?;
        if scores.len() != self.n_slices || gradients.length() as usize != self.n_slices * n_parameters {
            return None;
        }
        let answer = |(idx, &(loss, metric)): (usize, &(f32, f32))| Answer {
            loss,
            metric,
            gradients: read_rows(&gradients, (idx * n_parameters) as u32, &self.lengths),
        };
        let answers = scores.iter().enumerate().map(answer).collect();
        self.spare = [Some(gradients), Some(parameters)];
        Some(answers)
    }
}

impl Replica for BrowserReplica {
    fn condition(&self) -> Condition {
        self.shared.condition.get()
    }

    fn ask(&mut self, parameters: &[Vec<f32>], slices: &[Slice]) {
        self.shared.answer.take();
        self.shared.is_asked.set(true);
        self.asked_at_ms = crate::worker::now_ms();
        if self.try_ask(parameters, slices).is_err() {
            return self.shared.die();
        }
        self.wait_at_most(f64::max(PATIENCE_MS, PATIENCE * self.took_ms) as i32);
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Vec<Answer>>> {
        let heard = self.shared.answer.take().filter(|heard| heard.request == self.request);
        if let Some(heard) = heard {
            self.stop_waiting();
            self.shared.is_asked.set(false);
            self.took_ms = crate::worker::now_ms() - self.asked_at_ms;
            let answers = self.read_answer(heard);
            if answers.is_none() {
                self.shared.die();
            }
            return Poll::Ready(answers);
        }
        if self.condition() == Condition::Dead {
            return Poll::Ready(None);
        }
        self.shared.waiting.replace(Some(context.waker().clone()));
        Poll::Pending
    }

    fn poll_start(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.condition() != Condition::Starting {
            return Poll::Ready(());
        }
        self.shared.waiting.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for BrowserReplica {
    fn drop(&mut self) {
        self.stop_waiting();
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
