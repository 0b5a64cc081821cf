//! The page's side of the conversation.

use descent_engine::worker::{Bulk, Command, Inbox, Outbox, Worker, now_ms};
use descent_spec::Experiment;
use descent_spec::device::Backend;
use descent_spec::message::{EvalPoint, Fault, Phase, Progress, RunFacts, StepPoint, ToApp, ToWorker};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::WorkerGlobalScope;

/// Longest wait for a message.
const PATIENCE_MS: f64 = 120_000.0;

type Heard = Rc<RefCell<VecDeque<(ToApp, Vec<Bulk>)>>>;

/// A page with a worker of its own.
pub(crate) struct Page {
    inbox: Inbox,
    heard: Heard,
    /// The step that was told last.
    told_step: Cell<u64>,
    /// The newest checkpoint, also when it came while something else was waited for: the worker makes one every few seconds, and
    /// none twice for the same step.
    kept: RefCell<Option<(Progress, Vec<u8>)>>,
}

impl Page {
    /// Starts a worker on this device and waits until it stands.
    pub(crate) async fn start(backend: Backend) -> Page {
        let heard = Heard::default();
        let outbox = Outbox::new({
            let heard = heard.clone();
            move |head, bulk| heard.borrow_mut().push_back((head, bulk))
        });
        let inbox = Inbox::default();
        wasm_bindgen_futures::spawn_local(Worker::new(inbox.clone(), outbox).unwrap().run());
        let page = Page { inbox, heard, told_step: Cell::new(0), kept: RefCell::default() };
        page.send(ToWorker::Start { base: site_base(), backend });
        page.until(|head| matches!(head, ToApp::Ready { .. })).await;
        page
    }

    /// Starts a CPU worker and opens an experiment in it.
    pub(crate) async fn open(experiment: &Experiment) -> (Page, RunFacts) {
        let page = Page::start(Backend::Cpu).await;
        page.send(ToWorker::Open { run: 1, experiment: experiment.clone() });
        let facts = page.opened().await.0;
        (page, facts)
    }

    /// Sends a command.
    pub(crate) fn send(&self, head: ToWorker) {
        self.inbox.push(head);
    }

    /// Sends a command with an array.
    pub(crate) fn send_with(&self, head: ToWorker, bulk: Bulk) {
        self.inbox.push(Command { head, bulk: Some(bulk) });
    }

    /// The next message, whatever it is.
    pub(crate) async fn next(&self) -> (ToApp, Vec<Bulk>) {
        let started = now_ms();
        loop {
            if let Some(message) = self.heard.borrow_mut().pop_front() {
                self.remember(&message);
                return message;
            }
            assert!(now_ms() - started < PATIENCE_MS, "the worker says nothing");
            sleep(2).await;
        }
    }

    /// The next message that is looked for; those before it are dropped.
    pub(crate) async fn until(&self, wanted: impl Fn(&ToApp) -> bool) -> (ToApp, Vec<Bulk>) {
        loop {
            let message = self.next().await;
            if let ToApp::Fault(fault) = &message.0 {
                assert!(wanted(&message.0), "{} {}", fault.message, fault.advice);
            }
            if wanted(&message.0) {
                return message;
            }
        }
    }

    /// The facts of the session that was opened, and where it stands.
    pub(crate) async fn opened(&self) -> (RunFacts, Progress) {
        match self.until(|head| matches!(head, ToApp::Opened { .. })).await.0 {
            ToApp::Opened { facts, progress, .. } => (*facts, progress),
            _ => unreachable!(),
        }
    }

    /// The next fault.
    pub(crate) async fn fault(&self) -> Fault {
        match self.until(|head| matches!(head, ToApp::Fault(_))).await.0 {
            ToApp::Fault(fault) => fault,
            _ => unreachable!(),
        }
    }

    /// Every step told until this phase is entered.
    pub(crate) async fn steps_until(&self, phase: Phase) -> Vec<StepPoint> {
        let mut steps = Vec::new();
        loop {
            match self.next().await.0 {
                ToApp::Steps { points, .. } => steps.extend(points),
                ToApp::Phase { phase: entered, .. } if entered == phase => return steps,
                ToApp::Fault(fault) => panic!("{} {}", fault.message, fault.advice),
                _ => {}
            }
        }
    }

    /// Trains exactly this many steps and hands out their losses.
    pub(crate) async fn losses(&self, count: u32) -> Vec<f32> {
        self.send(ToWorker::Step { count });
        // A session that goes on from a checkpoint says that it is paused before it does anything.
        let mut steps = Vec::new();
        while steps.len() < count as usize {
            steps.extend(self.steps_until(Phase::Paused).await);
        }
        steps.into_iter().map(|point| point.loss).collect()
    }

    fn remember(&self, message: &(ToApp, Vec<Bulk>)) {
        match (&message.0, message.1.as_slice()) {
            (ToApp::Opened { progress, .. }, _) => {
                self.told_step.set(progress.step);
                self.kept.replace(None);
            }
            (ToApp::Steps { progress, .. }, _) => self.told_step.set(progress.step),
            (ToApp::Checkpoint { progress, .. }, [Bulk::Bytes(bytes)]) => {
                self.kept.replace(Some((*progress, bytes.clone())));
            }
            _ => {}
        }
    }

    /// The checkpoint of the step told last, whether it has come already or is still to come.
    pub(crate) async fn checkpoint(&self) -> (Progress, Vec<u8>) {
        loop {
            if let Some(kept) = self.kept.borrow().as_ref().filter(|(progress, _)| progress.step == self.told_step.get()) {
                return kept.clone();
            }
            self.until(|head| matches!(head, ToApp::Checkpoint { .. })).await;
        }
    }

    /// The next whole evaluation.
    pub(crate) async fn evaluated(&self) -> EvalPoint {
        match self.until(|head| matches!(head, ToApp::Evaluated { .. })).await.0 {
            ToApp::Evaluated { point, .. } => point,
            _ => unreachable!(),
        }
    }

    /// What is there to be heard now.
    pub(crate) fn heard_so_far(&self) -> Vec<ToApp> {
        self.heard.borrow_mut().drain(..).map(|(head, _)| head).collect()
    }
}

/// The folder the tests are served from.
pub(crate) fn site_base() -> String {
    format!("{}/", scope().location().origin())
}

/// The worker the tests run in.
pub(crate) fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Lets this much time pass.
pub(crate) async fn sleep(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).unwrap();
    });
    wasm_bindgen_futures::JsFuture::from(promise).await.unwrap();
}
