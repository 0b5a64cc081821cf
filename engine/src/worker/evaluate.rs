//! Evaluations on the loop: one batch at a time, before the next training step.

use super::lab::Lab;
use crate::data::LabData;
use crate::session::{EvalOutcome, Evaluation, Stop};
use descent_spec::Split;
use descent_spec::message::ToApp;

/// An evaluation to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) split: Split,
    /// Only the first so many of the split: a point for the curve.
    pub(super) sample: Option<usize>,
    /// Asked for by the visitor: it may wait for its data, and the page shows that it is being made.
    pub(super) was_asked: bool,
}

/// An evaluation being made.
pub(super) struct Underway {
    job: Job,
    evaluation: Evaluation,
}

impl Lab {
    /// Evaluates one batch, if an evaluation is wanted; says whether anything was done.
    pub(super) async fn evaluate_a_batch(&mut self, data: &LabData) -> Result<bool, Stop> {
        if self.underway.is_none() {
            self.start_next_job(data);
        }
        if self.underway.is_some() {
            self.stop_clock();
        }
        let Some(underway) = &mut self.underway else { return Ok(false) };
        if underway.evaluation.advance(&self.session, data).await? {
            return Ok(true);
        }
        if let Some(Underway { job, evaluation }) = self.underway.take() {
            self.tell_outcome(job, evaluation, data).await?;
        }
        Ok(true)
    }

    /// An evaluation the page should show as what is being done now.
    pub(super) fn is_evaluating_aloud(&self) -> bool {
        // One that belongs to the curve goes on quietly after Pause.
        let is_quiet = self.session.is_planar();
        let is_aloud = |job: &Job| job.was_asked || (job.sample.is_none() && self.is_training() && !is_quiet);
        self.underway.as_ref().is_some_and(|underway| is_aloud(&underway.job))
    }

    /// An evaluation that was asked for waits for its data, and nothing else goes on.
    pub(super) fn is_job_waiting(&self) -> bool {
        !self.is_training() && self.underway.is_none() && self.jobs.iter().any(|job| job.was_asked)
    }

    fn start_next_job(&mut self, data: &LabData) {
        let mut idx = 0;
        while let Some(&job) = self.jobs.get(idx) {
            match self.session.evaluate(job.split, job.sample, data) {
                Ok(evaluation) => {
                    self.jobs.remove(idx);
                    self.underway = Some(Underway { job, evaluation });
                    return;
                }
                Err(_) if job.was_asked => idx += 1,
                // A point of the curve whose data have not come: the curve begins later.
                Err(_) => {
                    self.jobs.remove(idx);
                }
            }
        }
    }

    async fn tell_outcome(&mut self, job: Job, evaluation: Evaluation, data: &LabData) -> Result<(), Stop> {
        let outcome = evaluation.finish();
        if self.session.is_planar() && !job.was_asked {
            // On points these come by the dozen between two reports, so they are told with the next.
            // Of a handful of own points none may be held out, and no accuracy is not an accuracy of zero.
            if outcome.point.count > 0 {
                self.quiet_points.push(outcome.point);
                self.quiet_outcome = Some(outcome);
            }
            return if self.is_training() { Ok(()) } else { self.report(data).await };
        }
        // The steps before a point come before it.
        self.report(data).await?;
        if job.split == Split::Validation {
            self.outbox.send(ToApp::Validation { run: self.run, point: outcome.point });
        }
        if job.sample.is_none() {
            self.tell_evaluated(job.split, outcome);
            self.forecasts.owe_test |= job.split == Split::Test;
        }
        if job.sample.is_none() && !job.was_asked {
            // The end of an epoch.
            self.checkpoint_once(data).await?;
        }
        Ok(())
    }

    /// Tells the evaluations that waited for a report.
    pub(super) fn tell_quiet(&mut self) {
        for point in std::mem::take(&mut self.quiet_points) {
            self.outbox.send(ToApp::Validation { run: self.run, point });
        }
        if let Some(outcome) = self.quiet_outcome.take() {
            self.tell_evaluated(Split::Validation, outcome);
        }
    }

    fn tell_evaluated(&self, split: Split, outcome: EvalOutcome) {
        let EvalOutcome { point, confusion, mistakes, cells } = outcome;
        self.outbox.send(ToApp::Evaluated { run: self.run, split, point, confusion, mistakes, cells });
    }
}
