//! One worker: spawning it, talking to it, hearing that it died.

use super::wire::{self, Answer, Payload};
use descent_spec::Experiment;
use descent_spec::device::Backend;
use descent_spec::message::{DeviceInfo, Fault, FaultKind, HEARTBEAT, RequestId, ToApp, ToWorker};
use futures_channel::oneshot;
use gloo_timers::callback::Interval;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// A worker that said nothing for this long is asked whether it lives.
const QUIET_MS: f64 = 2_000.0;
/// Silence after the question that counts as death, on top of what the experiment's own steps may take.
const DEATH_MS: f64 = 6_000.0;
/// Floating-point operations in a millisecond that even an old telephone's one core does: a hundredth of what a laptop does.
const SLOW_FLOP_PER_MS: f64 = 3e5;
/// The same on WebGPU, where the first step of a model compiles all its kernels in one go: half a minute on a software adapter. A
/// device that is lost says so by itself.
const GPU_DEATH_MS: f64 = 90_000.0;
/// How often silence is looked at.
const TICK_MS: u32 = 500;
/// Two looks further apart than this mean that this page slept (closed laptop, hidden tab), not that the worker died.
const SLEPT_MS: f64 = 5_000.0;
/// Pause between knocks at a worker that is still being fetched and compiled.
const KNOCK_MS: u32 = 40;

/// What comes out of a connection besides answers to requests.
pub(crate) enum Heard {
    /// A message that answers no pending request.
    Message(Box<Answer>),
    /// The worker is gone, and why.
    Died(String),
}

type Pending = RefCell<HashMap<RequestId, oneshot::Sender<Result<Answer, String>>>>;

struct Shared {
    worker: Worker,
    pending: Pending,
    next_request: Cell<RequestId>,
    ready: RefCell<Option<oneshot::Sender<Result<DeviceInfo, Fault>>>>,
    started: Cell<bool>,
    heard_at: Cell<f64>,
    asked_at: Cell<Option<f64>>,
    looked_at: Cell<f64>,
    dead: Cell<bool>,
    /// Silence after the question that counts as death.
    death_ms: Cell<f64>,
    dropped: Rc<Cell<bool>>,
    listener: Rc<dyn Fn(Heard)>,
}

/// A worker that is ended when this is dropped.
pub(crate) struct Connection {
    shared: Rc<Shared>,
    backend: Backend,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
    _heartbeat: Interval,
}

impl Connection {
    /// Fetches and starts a worker, and waits until it computes on `backend`. A fault says why it does not.
    pub(crate) async fn start(
        backend: Backend,
        listener: impl Fn(Heard) + 'static,
    ) -> Result<(Rc<Connection>, DeviceInfo), Fault> {
        let (connection, ready) = Connection::spawn(backend, Rc::new(listener)).map_err(|err| broken(&describe(&err)))?;
        let base = base_address();
        // A module worker loses messages that come before it listens, so knock until it answers.
        while !connection.shared.started.get() && !connection.shared.dead.get() {
            connection.send(&ToWorker::Ping { request: HEARTBEAT }, None);
            gloo_timers::future::TimeoutFuture::new(KNOCK_MS).await;
        }
        connection.send(&ToWorker::Start { base, backend }, None);
        match ready.await {
            Ok(Ok(device)) => Ok((connection, device)),
            Ok(Err(fault)) => Err(fault),
            Err(_) => Err(broken("it ended before it was ready")),
        }
    }

    /// Makes the heartbeat as patient as this experiment's steps are long: a worker hears nothing while it computes one.
    pub(crate) fn expect(&self, experiment: &Experiment) {
        let step_ms = experiment.step_flop().unwrap_or(0.0) / SLOW_FLOP_PER_MS;
        self.shared.death_ms.set(patience_of(self.backend) + step_ms);
    }

    fn spawn(backend: Backend, listener: Rc<dyn Fn(Heard)>) -> Result<(Rc<Connection>, ReadyReceiver), JsValue> {
        let worker = self::spawn(match backend {
            Backend::Cpu => "cpu",
            Backend::WebGpu => "gpu",
        })?;
        let (sender, ready) = oneshot::channel();
        let shared = Rc::new(Shared {
            worker,
            pending: RefCell::default(),
            next_request: Cell::new(HEARTBEAT + 1),
            ready: RefCell::new(Some(sender)),
            started: Cell::new(false),
            heard_at: Cell::new(now_ms()),
            asked_at: Cell::new(None),
            looked_at: Cell::new(now_ms()),
            dead: Cell::new(false),
            death_ms: Cell::new(patience_of(backend)),
            dropped: Rc::default(),
            listener,
        });
        let on_message = {
            let shared = Rc::clone(&shared);
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match wire::read(&event) {
                Ok(answer) => shared.hear(answer),
                Err(why) => web_sys::console::warn_1(&format!("A message of the worker could not be read: {why}").into()),
            })
        };
        let on_error = {
            let shared = Rc::clone(&shared);
            Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
                event.prevent_default();
                shared.die(said_by(&event));
            })
        };
        shared.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        shared.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let heartbeat = {
            let shared = Rc::clone(&shared);
            Interval::new(TICK_MS, move || shared.look())
        };
        let connection = Connection { shared, backend, _on_message: on_message, _on_error: on_error, _heartbeat: heartbeat };
        Ok((Rc::new(connection), ready))
    }

    /// What it was asked to compute on.
    pub(crate) fn backend(&self) -> Backend {
        self.backend
    }

    /// Sends a message that has no answer of its own. A dead worker hears nothing; its death is reported elsewhere.
    pub(crate) fn send(&self, head: &ToWorker, payload: Option<Payload>) {
        if let Err(err) = wire::post(&self.shared.worker, head, payload) {
            self.shared.die(describe(&err));
        }
    }

    /// Sends a message and waits for its answer.
    pub(crate) fn request(
        &self,
        head: Box<dyn FnOnce(RequestId) -> ToWorker>,
        payload: Option<Payload>,
    ) -> impl Future<Output = Result<Answer, String>> + use<> {
        let id = self.shared.next_request.get();
        self.shared.next_request.set(id.wrapping_add(1).max(HEARTBEAT + 1));
        let (sender, receiver) = oneshot::channel();
        self.shared.pending.borrow_mut().insert(id, sender);
        self.send(&head(id), payload);
        async { receiver.await.unwrap_or_else(|_| Err("The worker was restarted meanwhile: ask again.".into())) }
    }
}

type ReadyReceiver = oneshot::Receiver<Result<DeviceInfo, Fault>>;

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.dead.set(true);
        self.shared.dropped.set(true);
        self.shared.worker.set_onmessage(None);
        self.shared.worker.set_onerror(None);
        self.shared.worker.terminate();
        // Whoever still waits is told: dropping a sender ends its future.
        self.shared.pending.borrow_mut().clear();
    }
}

impl Shared {
    fn hear(&self, answer: Answer) {
        self.heard_at.set(now_ms());
        self.asked_at.set(None);
        let request = match &answer.head {
            ToApp::Pong { request: HEARTBEAT } => {
                self.started.set(true);
                return;
            }
            ToApp::Ready { device } => {
                if let Some(ready) = self.ready.borrow_mut().take() {
                    let _ = ready.send(Ok(device.clone()));
                }
                return;
            }
            ToApp::Fault(fault) if self.ready.borrow().is_some() => {
                if let Some(ready) = self.ready.borrow_mut().take() {
                    let _ = ready.send(Err(fault.clone()));
                }
                return;
            }
            ToApp::Examples { request, .. }
            | ToApp::Predicted { request, .. }
            | ToApp::Followed { request, .. }
            | ToApp::RatesTested { request, .. }
            | ToApp::Foretold { request, .. }
            | ToApp::Inside { request, .. }
            | ToApp::TextRead { request, .. }
            | ToApp::WeightsLoaded { request }
            | ToApp::Explained { request, .. }
            | ToApp::WordsCompared { request, .. }
            | ToApp::Word { request, .. }
            | ToApp::Translated { request, .. }
            | ToApp::HeldOut { request, .. }
            | ToApp::PairsScored { request: Some(request), .. }
            | ToApp::Vectors { request, .. }
            | ToApp::Glove { request, .. }
            | ToApp::Weights { request }
            | ToApp::Raced { request, .. }
            | ToApp::Benched { request, .. }
            | ToApp::Pong { request }
            | ToApp::Refused { request: Some(request), .. } => Some(*request),
            _ => None,
        };
        let waiting = request.and_then(|request| self.pending.borrow_mut().remove(&request));
        match (waiting, &answer.head) {
            (Some(waiting), ToApp::Refused { text, .. }) => drop(waiting.send(Err(text.clone()))),
            (Some(waiting), _) => drop(waiting.send(Ok(answer))),
            (None, _) => (self.listener)(Heard::Message(Box::new(answer))),
        }
    }

    /// One look at the clock: ask a quiet worker, give up on a mute one.
    fn look(&self) {
        let now = now_ms();
        let slept = now - self.looked_at.replace(now) > SLEPT_MS;
        if self.dead.get() || self.ready.borrow().is_some() {
            // A worker that is still being fetched may take as long as the network does.
            return;
        }
        match self.asked_at.get() {
            Some(_) if slept => self.ask(now),
            Some(asked_at) if now - asked_at > self.death_ms.get() => {
                self.die(format!("it has not answered for {:.0} seconds", (QUIET_MS + self.death_ms.get()) / 1000.0));
            }
            None if now - self.heard_at.get() > QUIET_MS => self.ask(now),
            _ => {}
        }
    }

    fn ask(&self, now: f64) {
        self.asked_at.set(Some(now));
        if wire::post(&self.worker, &ToWorker::Ping { request: HEARTBEAT }, None).is_err() {
            self.die("it cannot be reached".into());
        }
    }

    fn die(&self, why: String) {
        if self.dead.replace(true) {
            return;
        }
        self.pending.borrow_mut().clear();
        match self.ready.borrow_mut().take() {
            Some(ready) => drop(ready.send(Err(broken(&why)))),
            None => {
                // Not from here: the caller may hold the very state the listener wants to change.
                let listener = Rc::clone(&self.listener);
                let dropped = Rc::clone(&self.dropped);
                wasm_bindgen_futures::spawn_local(async move {
                    // Ended on purpose in between: nobody misses it.
                    if !dropped.get() {
                        listener(Heard::Died(why));
                    }
                });
            }
        }
    }
}

fn patience_of(backend: Backend) -> f64 {
    match backend {
        Backend::Cpu => DEATH_MS,
        Backend::WebGpu => GPU_DEATH_MS,
    }
}

/// Milliseconds since the page was opened.
pub(crate) fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

fn broken(why: &str) -> Fault {
    Fault {
        kind: FaultKind::Crash,
        message: format!("The worker that computes could not be started: {}.", why.trim_end_matches('.')),
        advice: "Check the connection and reload the page.".into(),
    }
}

pub(crate) fn describe(err: &JsValue) -> String {
    err.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{err:?}"), |err| String::from(err.message()))
}

/// The site's folder: everything the worker fetches lies below it.
pub(crate) fn base_address() -> String {
    web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .map(|address| address.split(['#', '?']).next().unwrap_or_default().to_owned())
        .unwrap_or_default()
}

/// What an error of a worker says. A script that cannot be fetched fires a plain event without a message.
pub(crate) fn said_by(event: &ErrorEvent) -> String {
    let message = js_sys::Reflect::get(event, &"message".into()).ok().and_then(|message| message.as_string());
    message.filter(|it| !it.is_empty()).unwrap_or_else(|| "its program could not be loaded".into())
}

/// Starts one of the site's workers: `cpu`, `gpu` or `tsne`.
pub(crate) fn spawn(kind: &str) -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&worker_address(kind)?, &options)
}

/// Where a worker's script is: the build writes it into a meta tag of the page, because its name holds a hash.
fn worker_address(kind: &str) -> Result<String, JsValue> {
    let name = format!("descent-worker-{kind}");
    let document = web_sys::window().and_then(|window| window.document()).ok_or("there is no document")?;
    let content = document
        .query_selector(&format!("meta[name={name}]"))?
        .and_then(|meta| meta.get_attribute("content"))
        .ok_or_else(|| JsValue::from(js_sys::Error::new(&format!("the page has no meta tag {name}"))))?;
    Ok(web_sys::Url::new_with_base(&content, &base_address())?.href())
}
