//! The worker itself: one loop that listens, works and reports.

use super::clock::now_ms;
use super::contest::Bout;
use super::fetch::Site;
use super::inbox::{Breath, Event, Inbox};
use super::lab::Lab;
use super::share::Sharing;
use super::show::Watched;
use super::store::Store;
use super::wire::{Command, Outbox};
use crate::session::Stop;
use burn::tensor::Device;
use descent_spec::Experiment;
use descent_spec::message::{DeviceInfo, Fault, FaultKind, RunId, ToApp};
use wasm_bindgen::JsValue;

/// Between two breaths on the CPU. A breath costs more than a step of a small net, and half a frame of a screen goes unnoticed.
pub(super) const SLICE_MS: f64 = 8.0;

/// The device and the site, from `Start` on.
pub(super) struct Stand {
    pub(super) site: Site,
    pub(super) device: Device,
    pub(super) info: DeviceInfo,
}

/// A session that waits for its data to be announced.
pub(super) struct Opening {
    pub(super) run: RunId,
    pub(super) experiment: Experiment,
    pub(super) checkpoint: Option<Vec<u8>>,
}

/// Everything the worker has.
pub struct Worker {
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) stand: Option<Stand>,
    pub(super) store: Option<Store>,
    /// Stores made so far: the newest has this number.
    pub(super) n_stores: u32,
    pub(super) opening: Option<Opening>,
    pub(super) lab: Option<Lab>,
    /// The replicas of the session before, until it is known whether the next can use them.
    pub(super) spare_sharing: Option<Sharing>,
    /// A race of optimizers, beside the session.
    pub(super) bout: Option<Bout>,
    pub(super) watched: Option<Watched>,
    /// Commands that wait for a session or for data.
    pub(super) deferred: Vec<Command>,
    breath: Breath,
}

impl Worker {
    /// A worker that listens to `inbox` and speaks into `outbox`; it does nothing before `Start`.
    ///
    /// # Errors
    /// When the browser has no message channels.
    pub fn new(inbox: Inbox, outbox: Outbox) -> Result<Worker, JsValue> {
        Ok(Worker {
            inbox,
            outbox,
            stand: None,
            store: None,
            n_stores: 0,
            opening: None,
            lab: None,
            spare_sharing: None,
            bout: None,
            watched: None,
            deferred: Vec::new(),
            breath: Breath::new()?,
        })
    }

    /// Listens, works, reports, and takes a breath after each slice of it, so that a pause acts before the next batch. Ends when
    /// the device no longer answers.
    pub async fn run(mut self) {
        loop {
            if let Err(stop) = self.turn().await {
                self.fail(&stop);
                return;
            }
        }
    }

    async fn turn(&mut self) -> Result<(), Stop> {
        while let Some(event) = self.inbox.take() {
            let heard = match event {
                Event::Command(command) => self.obey(*command).await,
                Event::Arrival(store, arrival) => self.receive(store, arrival).await,
            };
            self.survive(heard).await?;
        }
        let worked = self.work().await;
        match self.survive(worked).await? {
            Some(false) if self.inbox.is_empty() => self.inbox.wait().await,
            _ => self.breath.take().await,
        }
        Ok(())
    }

    /// Works for a slice of time, one unit at least; says whether there was any. No message can come in meanwhile, so a pause acts
    /// before the next step all the same.
    async fn work(&mut self) -> Result<bool, Stop> {
        let drawn = self.store.as_mut().is_some_and(Store::draw_next);
        if drawn {
            self.arrived().await?;
        }
        let raced = self.race_on().await?;
        let (Some(lab), Some(data)) = (&mut self.lab, self.store.as_ref().and_then(Store::data)) else {
            return Ok(drawn || raced);
        };
        let started_at_ms = now_ms();
        let mut worked = false;
        loop {
            lab.tell_phase(data);
            let has_more = lab.evaluate_a_batch(data).await?
                || lab.explain_a_batch().await?
                || lab.answer_a_token(data).await?
                || lab.test_a_rate(data).await?
                || lab.forecast_a_batch(self.watched.as_ref(), data).await?
                || lab.train_a_step(data).await?;
            worked |= has_more;
            if !has_more || lab.is_gpu() || now_ms() - started_at_ms >= SLICE_MS {
                break;
            }
        }
        let has_text = lab.write_on(now_ms() - started_at_ms, data).await?;
        worked |= lab.score_on(now_ms() - started_at_ms, data).await?;
        worked |= lab.compare_on();
        lab.show(self.watched.as_ref(), data).await?;
        lab.report_if_due(data).await?;
        lab.tell_phase(data);
        Ok(worked || drawn || raced || has_text)
    }

    /// A divergence ends the training and not the worker; a device that no longer answers ends both.
    async fn survive<T>(&mut self, outcome: Result<T, Stop>) -> Result<Option<T>, Stop> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Diverged(divergence)) => {
                if let (Some(lab), Some(data)) = (&mut self.lab, self.store.as_ref().and_then(Store::data)) {
                    lab.diverge(divergence, data).await?;
                }
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    /// The worker can do no more: says so, and leaves it to the app to start another.
    fn fail(&self, stop: &Stop) {
        let is_gpu = self.stand.as_ref().is_some_and(|stand| stand.info.backend == descent_spec::device::Backend::WebGpu);
        let (kind, advice) = match is_gpu {
            true => (FaultKind::GpuLost, "The run can go on from its last checkpoint on the CPU."),
            false => (FaultKind::Crash, "The run can go on from its last checkpoint in a fresh worker."),
        };
        self.outbox.send(ToApp::Fault(Fault { kind, message: stop.to_string(), advice: advice.into() }));
    }
}
