//! A session on the loop: how far it is to train, and what it owes the page.

use super::clock::now_ms;
use super::evaluate::{Job, Underway};
use super::forecast::Forecasts;
use super::foretell::Foretold;
use super::pairs::PairJobs;
use super::rate_test::RateTestJob;
use super::reviews::ReviewJobs;
use super::share::Sharing;
use super::text::Scribe;
use super::wire::{Bulk, Outbox};
use crate::data::LabData;
use crate::session::{Divergence, EvalOutcome, Stop, Supervised};
use descent_spec::Split;
use descent_spec::device::Backend;
use descent_spec::message::{EvalPoint, Fault, FaultKind, Phase, RunId, ToApp};
use std::collections::VecDeque;

/// Between two reports, and between two pictures, while training.
const REPORT_EVERY_MS: f64 = 100.0;
/// The same for points of a plane, whose steps are so short that the eye wants more: once for each second frame of a screen.
const PLANE_REPORT_EVERY_MS: f64 = 33.0;
/// Between two pictures of the plane, which is what moves before the visitor's eyes: one for each frame of a screen, whose 16.7 ms
/// are two slices of the loop.
const PLANE_SHOW_EVERY_MS: f64 = 12.0;
/// Points of a plane are few: the whole validation split is evaluated each time this many steps are done.
const PLANE_EVALUATE_EVERY: u64 = 25;
/// Between two checkpoints while training.
const CHECKPOINT_EVERY_MS: f64 = 5_000.0;
/// What the queue of the GPU is allowed to hold before its losses are read: long enough that the round trip does not matter,
/// short enough that pausing feels immediate.
const DRAIN_EVERY_MS: f64 = 75.0;
/// Most steps between two reads, for GPUs so fast that the estimate means little.
const MAX_UNDRAINED: usize = 64;
/// Examples of the validation split that a point between two epochs is made on.
const VALIDATION_SAMPLE: usize = 1_000;

/// How far to train.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// Not at all.
    Rest,
    /// Until this many steps are done in all.
    Step(u64),
    /// Until this many epochs are done in all.
    Epoch(u32),
    /// Until the experiment's last epoch, which may be tuned meanwhile.
    LastEpoch,
}

/// A session with what the loop must remember about it.
pub(super) struct Lab {
    pub(super) run: RunId,
    pub(super) session: Supervised,
    pub(super) outbox: Outbox,
    /// Evaluations that wait for their turn or for their data.
    pub(super) jobs: VecDeque<Job>,
    pub(super) underway: Option<Underway>,
    pub(super) rate_test: Option<RateTestJob>,
    /// The watched example must be shown again: it or the weights have changed.
    pub(super) picture_is_stale: bool,
    pub(super) shown_at_ms: f64,
    /// What the last picture or plane cost.
    pub(super) showing_ms: f64,
    /// Points of the dashed curve, and the newest whole evaluation, that are told with the next report.
    pub(super) quiet_points: Vec<EvalPoint>,
    pub(super) quiet_outcome: Option<EvalOutcome>,
    /// The last update that was told: none once a weight or the training was changed by hand.
    pub(super) foretold: Option<Foretold>,
    /// What is foretold of a series.
    pub(super) forecasts: Forecasts,
    /// Who computes the steps, where they are long enough to be shared.
    pub(super) sharing: Option<Sharing>,
    /// What the net writes, where it is one that does.
    pub(super) scribe: Scribe,
    /// What was asked about reviews.
    pub(super) review_jobs: ReviewJobs,
    /// What is asked about pairs.
    pub(super) pair_jobs: PairJobs,
    goal: Goal,
    has_diverged: bool,
    told_phase: Option<Phase>,
    is_gpu: bool,
    /// Whether a step has come back from the device: the first one on WebGPU compiles its kernels.
    is_compiled: bool,
    drain_every: usize,
    drained_at_ms: f64,
    /// End of the last step, while steps follow each other.
    stepped_at_ms: Option<f64>,
    /// Steps and milliseconds since Play.
    stretch: (u64, f64),
    reported_at_ms: f64,
    checkpointed_at_ms: f64,
    checkpointed_at_step: Option<u64>,
}

impl Lab {
    pub(super) fn new(run: RunId, session: Supervised, backend: Backend, outbox: Outbox) -> Lab {
        let step = session.progress().step;
        Lab {
            run,
            session,
            outbox,
            jobs: VecDeque::new(),
            underway: None,
            rate_test: None,
            picture_is_stale: true,
            shown_at_ms: f64::NEG_INFINITY,
            showing_ms: 0.0,
            quiet_points: Vec::new(),
            quiet_outcome: None,
            foretold: None,
            forecasts: Forecasts::new(),
            sharing: None,
            scribe: Scribe::new(step == 0),
            review_jobs: ReviewJobs::default(),
            pair_jobs: PairJobs::default(),
            goal: Goal::Rest,
            has_diverged: false,
            told_phase: None,
            is_gpu: backend == Backend::WebGpu,
            is_compiled: backend == Backend::Cpu,
            drain_every: 1,
            drained_at_ms: 0.0,
            stepped_at_ms: None,
            stretch: (0, 0.0),
            reported_at_ms: 0.0,
            checkpointed_at_ms: now_ms(),
            checkpointed_at_step: Some(step),
        }
    }

    pub(super) fn is_training(&self) -> bool {
        self.goal != Goal::Rest
    }

    /// Whether steps only wait in the device's queue, so that their number says nothing about the time they take.
    pub(super) fn is_gpu(&self) -> bool {
        self.is_gpu
    }

    pub(super) fn report_every_ms(&self) -> f64 {
        if self.session.is_planar() { PLANE_REPORT_EVERY_MS } else { REPORT_EVERY_MS }
    }

    pub(super) fn show_every_ms(&self) -> f64 {
        if self.session.is_planar() { PLANE_SHOW_EVERY_MS } else { REPORT_EVERY_MS }
    }

    pub(super) fn has_diverged(&self) -> bool {
        self.has_diverged
    }

    /// Starts training towards a goal.
    pub(super) fn pursue(&mut self, goal: Goal) {
        self.goal = goal;
        self.stretch = (0, 0.0);
        self.stepped_at_ms = None;
        self.checkpointed_at_ms = now_ms();
    }

    /// This many steps more, on top of those that are still owed.
    pub(super) fn pursue_steps(&mut self, count: u32) {
        let from = match self.goal {
            Goal::Step(step) => step,
            _ => self.session.progress().step,
        };
        self.pursue(Goal::Step(from + u64::from(count)));
    }

    /// Play: to the last epoch, or one epoch on when that is done.
    pub(super) fn play(&mut self) {
        let goal = if self.session.is_done() { Goal::Epoch(self.session.progress().epoch + 1) } else { Goal::LastEpoch };
        self.pursue(goal);
    }

    /// Stops training, reports what was done and hands out a checkpoint.
    pub(super) async fn rest(&mut self, data: &LabData) -> Result<(), Stop> {
        if !self.is_training() {
            return Ok(());
        }
        self.goal = Goal::Rest;
        self.stepped_at_ms = None;
        self.report(data).await?;
        self.tell_phase(data);
        self.checkpoint_once(data).await
    }

    /// One optimizer step, if one is wanted and its data are there; says whether anything was done.
    pub(super) async fn train_a_step(&mut self, data: &LabData) -> Result<bool, Stop> {
        if !self.is_training() {
            return Ok(false);
        }
        if self.has_arrived() {
            self.rest(data).await?;
            return Ok(true);
        }
        if !self.session.batch_ready(data) {
            self.stepped_at_ms = None;
            // What is done is told before the wait.
            self.report(data).await?;
            return Ok(false);
        }
        let started_at_ms = self.stepped_at_ms.unwrap_or_else(now_ms);
        self.share_a_step(data).await?;
        let now = now_ms();
        self.session.add_elapsed(now - started_at_ms);
        self.stretch = (self.stretch.0 + 1, self.stretch.1 + now - started_at_ms);
        self.stepped_at_ms = Some(now);
        self.picture_is_stale = true;
        self.forecasts.are_stale = true;
        self.plan_evaluation();
        self.plan_score();
        if self.session.progress().batch == 0 {
            self.keep_a_text(data);
        }
        Ok(true)
    }

    /// Reads the losses of queued steps when enough of them are queued: each step on the CPU, where reading costs nothing.
    pub(super) async fn drain(&mut self, data: &LabData) -> Result<(), Stop> {
        let n_queued = self.session.n_pending();
        if n_queued < self.drain_every {
            return Ok(());
        }
        self.session.poll(data).await?;
        let now = now_ms();
        if self.is_gpu && self.is_compiled {
            let ms_per_step = (now - self.drained_at_ms) / n_queued.max(1) as f64;
            let fitting = (DRAIN_EVERY_MS / ms_per_step.max(0.1)) as usize;
            self.drain_every = fitting.clamp(1, (2 * self.drain_every).min(MAX_UNDRAINED));
        }
        self.is_compiled = true;
        self.drained_at_ms = now;
        Ok(())
    }

    /// Asks for the evaluation that belongs to the step just done: at the end of an epoch over all of validation, and over a
    /// sample at a few early steps and every fiftieth, so that the dashed curve grows with the solid one. On points of a plane,
    /// where an epoch may be a single step, over all of validation at regular steps and wherever training stops.
    fn plan_evaluation(&mut self) {
        let progress = self.session.progress();
        if self.session.is_planar() {
            if progress.step == 10 || progress.step.is_multiple_of(PLANE_EVALUATE_EVERY) || self.has_arrived() {
                self.jobs.push_back(Job { split: Split::Validation, sample: None, was_asked: false });
            }
        } else if progress.batch == 0 {
            self.jobs.push_back(Job { split: Split::Validation, sample: None, was_asked: false });
        } else if matches!(progress.step, 10 | 25) || progress.step.is_multiple_of(50) {
            self.jobs.push_back(Job { split: Split::Validation, sample: Some(VALIDATION_SAMPLE), was_asked: false });
        }
    }

    /// Sends steps and a checkpoint when it is time for them.
    pub(super) async fn report_if_due(&mut self, data: &LabData) -> Result<(), Stop> {
        let now = now_ms();
        if !self.is_training() {
            return Ok(());
        }
        if now - self.reported_at_ms >= self.report_every_ms() {
            self.report(data).await?;
        }
        if now - self.checkpointed_at_ms >= CHECKPOINT_EVERY_MS {
            self.checkpoint(data).await?;
        }
        Ok(())
    }

    /// Sends every step not told yet.
    pub(super) async fn report(&mut self, data: &LabData) -> Result<(), Stop> {
        self.reported_at_ms = now_ms();
        let report = self.session.report(data).await?;
        if report.points.is_empty() {
            self.tell_quiet();
            return Ok(());
        }
        let (n_steps, ms) = self.stretch;
        let batch_size = self.session.experiment().training.batch_size;
        self.outbox.send(ToApp::Steps {
            run: self.run,
            progress: self.session.progress(),
            points: report.points,
            gradient_norms: report.gradient_norms,
            examples_per_sec: if ms > 0.0 { n_steps as f64 * batch_size as f64 * 1000.0 / ms } else { 0.0 },
            learning_rate: self.session.last_rate(),
        });
        // The steps before a point come before it.
        self.tell_quiet();
        Ok(())
    }

    /// Hands out everything needed to go on from here, after every step up to here was told.
    pub(super) async fn checkpoint(&mut self, data: &LabData) -> Result<(), Stop> {
        self.report(data).await?;
        let progress = self.session.progress();
        let bytes = self.session.checkpoint().await?;
        self.outbox.send_with(ToApp::Checkpoint { run: self.run, progress }, vec![Bulk::Bytes(bytes)]);
        self.checkpointed_at_ms = now_ms();
        self.checkpointed_at_step = Some(progress.step);
        Ok(())
    }

    /// A checkpoint, unless this step already has one.
    pub(super) async fn checkpoint_once(&mut self, data: &LabData) -> Result<(), Stop> {
        if self.checkpointed_at_step == Some(self.session.progress().step) {
            return Ok(());
        }
        self.checkpoint(data).await
    }

    /// The session was put back to step 0 with other weights.
    pub(super) fn begin_anew(&mut self) {
        self.has_diverged = false;
        self.jobs.clear();
        self.underway = None;
        self.foretold = None;
        self.quiet_points.clear();
        self.quiet_outcome = None;
        let how = self.scribe.how();
        self.scribe = Scribe::new(true);
        self.write_live(how);
        self.end_pair_jobs();
    }

    /// The run has left the numbers: it stops here, and the page is told what was known before and why.
    pub(super) async fn diverge(&mut self, divergence: Divergence, data: &LabData) -> Result<(), Stop> {
        self.goal = Goal::Rest;
        self.has_diverged = true;
        self.jobs.clear();
        self.underway = None;
        self.report(data).await?;
        self.tell_phase(data);
        let Divergence { message, advice, .. } = divergence;
        self.outbox.send(ToApp::Fault(Fault { kind: FaultKind::Diverged, message, advice }));
        Ok(())
    }

    /// Stops without a checkpoint, because data are missing that could not be loaded.
    pub(super) fn give_up(&mut self, data: &LabData) {
        self.goal = Goal::Rest;
        self.stepped_at_ms = None;
        self.tell_phase(data);
    }

    /// Tells the phase when it has changed.
    pub(super) fn tell_phase(&mut self, data: &LabData) {
        let phase = self.phase(data);
        if self.told_phase != Some(phase) {
            self.told_phase = Some(phase);
            self.outbox.send(ToApp::Phase { run: self.run, phase });
        }
    }

    /// The phase follows from everything else; it is kept nowhere.
    fn phase(&self, data: &LabData) -> Phase {
        let progress = self.session.progress();
        if self.has_diverged {
            Phase::Diverged
        } else if self.is_evaluating_aloud() {
            Phase::Evaluating
        } else if self.is_training() && !self.session.batch_ready(data) || self.is_job_waiting() {
            Phase::Loading
        } else if self.is_training() && !self.is_compiled {
            Phase::Compiling
        } else if self.is_on_last_step() {
            Phase::Stepping
        } else if self.is_training() {
            Phase::Training
        } else if progress.step == 0 {
            Phase::Ready
        } else if self.session.is_done() && progress.batch == 0 {
            Phase::Done
        } else {
            Phase::Paused
        }
    }

    fn is_on_last_step(&self) -> bool {
        matches!(self.goal, Goal::Step(step) if step <= self.session.progress().step + 1)
    }

    /// What comes now is not training: it counts neither as time spent nor into examples per second.
    pub(super) fn stop_clock(&mut self) {
        self.stepped_at_ms = None;
    }

    fn has_arrived(&self) -> bool {
        let progress = self.session.progress();
        match self.goal {
            Goal::Rest => true,
            Goal::Step(step) => progress.step >= step,
            Goal::Epoch(epoch) => progress.epoch >= epoch,
            Goal::LastEpoch => self.session.is_done(),
        }
    }
}
