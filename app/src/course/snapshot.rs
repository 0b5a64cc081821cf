//! The running lab as exercises see it.

use crate::state::{Lab, RunPhase};
use descent_course::Snapshot;
use descent_course::check::gradient_ratio;
use descent_spec::Split;
use descent_spec::message::{EvalPoint, Phase};
use leptos::prelude::*;

/// What runs now, or nothing where there is no session. Follows every report of the worker.
pub fn snapshot(lab: Lab) -> Option<Snapshot> {
    lab.history_tick.track();
    lab.evaluations.track();
    let facts = lab.facts.read();
    let facts = facts.as_ref()?;
    let progress = lab.progress.get();
    Some(Snapshot {
        experiment: facts.experiment.clone(),
        n_parameters: facts.layers.iter().map(|layer| layer.n_params).sum(),
        step: progress.step,
        epoch: progress.epoch,
        training_mistakes: lab.plane.read().as_ref().and_then(|report| report.line).map(|line| line.mistakes),
        training_loss: lab.last_point.get().map(|point| point.loss),
        validation: newest_validation(lab),
        gradient_ratio: gradient_ratio(&facts.layers, &lab.gradient_norms.read()),
        has_diverged: lab.run_phase.get() == RunPhase::Session(Phase::Diverged),
    })
}

/// The newest evaluation on validation data: whole, or sampled while training. Between whole ones the sampled is the better answer.
pub fn newest_validation(lab: Lab) -> Option<EvalPoint> {
    let whole = lab.evaluations.with_untracked(|all| all.get(&Split::Validation).map(|evaluation| evaluation.point));
    let sampled = lab.history.with_value(|history| history.validation.last().copied());
    match (whole, sampled) {
        (Some(whole), Some(sampled)) => Some(if whole.step >= sampled.step { whole } else { sampled }),
        (whole, sampled) => whole.or(sampled),
    }
}
