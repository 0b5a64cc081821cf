//! What `descent.state()` gives.

use crate::components::run_facts::phase_name;
use crate::course::snapshot::newest_validation;
use crate::pairs::PairScore;
use crate::state::{Evaluation, Lab};
use descent_course::check::gradient_ratio;
use descent_spec::data::Split;
use descent_spec::forecast::{Finding, ForecastErrors};
use descent_spec::link;
use descent_spec::message::{Bleu, EvalPoint};
use descent_spec::registry::Registry;
use leptos::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// What `state()` gives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State {
    phase: String,
    lab: &'static str,
    link: String,
    device: Option<&'static str>,
    adapter: Option<String>,
    /// How many workers share each step.
    workers: Option<u32>,
    seed: u32,
    epoch: u32,
    batch: u64,
    step: u64,
    steps_per_epoch: Option<u64>,
    elapsed_ms: f64,
    examples_per_sec: f64,
    learning_rate: Option<f64>,
    loss: Option<f32>,
    accuracy: Option<f32>,
    validation: Option<Measured>,
    test: Option<Measured>,
    gradient_ratio: Option<f32>,
    parameters: Option<usize>,
    line: Option<Line>,
    /// Forecasts of a series by split; of the test part only once it was evaluated.
    forecast: BTreeMap<&'static str, Forecast>,
    /// Scores of answers to pairs by split.
    pairs: BTreeMap<&'static str, Scored>,
    n_train: Option<usize>,
    n_validation: Option<usize>,
    n_test: Option<usize>,
}

/// How many pairs are answered right, for scripts.
#[derive(Serialize)]
struct Scored {
    step: u64,
    count: u32,
    exact: f64,
    bleu: Option<Bleu>,
}

/// The line of a single neuron, for scripts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    /// Step its picture was taken at.
    step: u64,
    weights: [f32; 2],
    bias: f32,
    margin: Option<f64>,
    mistakes: u32,
    /// Steps so far whose batch held a mistake.
    corrections: u64,
}

/// How far off the forecasts of a part of the time are, for scripts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Forecast {
    /// Step it was made at.
    step: u64,
    /// The first and the last date that is foretold.
    period: [String; 2],
    /// By method.
    errors: BTreeMap<&'static str, MethodErrors>,
}

/// One method, in the units of the series.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MethodErrors {
    absolute: f64,
    root_squared: f64,
    /// The mean difference of absolute errors to the last value, its standard error, and what follows.
    difference: Option<f64>,
    standard_error: Option<f64>,
    finding: Option<Finding>,
}

/// One evaluation, for scripts.
#[derive(Serialize)]
pub(super) struct Measured {
    step: u64,
    loss: f32,
    accuracy: f32,
    count: u32,
}

/// The lab as it is now.
pub(super) fn state(lab: Lab) -> State {
    let experiment = lab.experiment.get_untracked();
    let facts = lab.facts.get_untracked();
    let facts = facts.as_ref();
    let progress = lab.progress.get_untracked();
    let point = lab.last_point.get_untracked();
    let device = lab.device.get_untracked();
    let of = |split: Split| lab.evaluations.with_untracked(|all| all.get(&split).map(|evaluation| measured(evaluation)));
    State {
        phase: phase_id(lab),
        lab: experiment.data.set.id(),
        link: link::encode_lesson(&experiment, &lab.lesson.read_untracked()),
        device: device.as_ref().map(|device| device.backend.id()),
        workers: device.as_ref().map(|_| lab.workers.with_untracked(|workers| workers.as_ref().map_or(1, |it| it.count))),
        adapter: device.map(|device| device.adapter),
        seed: experiment.seed,
        epoch: progress.epoch,
        batch: progress.batch,
        step: progress.step,
        steps_per_epoch: facts.map(|facts| facts.steps_per_epoch),
        elapsed_ms: progress.elapsed_ms,
        examples_per_sec: lab.examples_per_sec.get_untracked(),
        learning_rate: lab.learning_rate.get_untracked(),
        loss: point.map(|point| point.loss),
        accuracy: point.map(|point| point.accuracy),
        validation: newest_validation(lab).map(point_of),
        test: of(Split::Test),
        gradient_ratio: facts.and_then(|facts| gradient_ratio(&facts.layers, &lab.gradient_norms.read_untracked())),
        parameters: facts.map(|facts| facts.layers.iter().map(|layer| layer.n_params).sum()),
        line: line(lab, progress.corrections),
        forecast: forecasts(lab),
        pairs: lab.pair_scores.with_untracked(|all| all.iter().map(|(split, score)| (split.id(), scored(score))).collect()),
        n_train: facts.map(|facts| facts.n_train),
        n_validation: facts.map(|facts| facts.n_validation),
        n_test: facts.map(|facts| facts.n_test),
    }
}

fn scored(score: &PairScore) -> Scored {
    Scored { step: score.step, count: score.n, exact: score.exact, bleu: score.bleu }
}

fn forecasts(lab: Lab) -> BTreeMap<&'static str, Forecast> {
    let series = lab.series.read_untracked();
    let Some(series) = series.as_ref() else { return BTreeMap::new() };
    let date = |time: usize| series.dates.get(time).cloned().unwrap_or_default();
    let errors = |it: &ForecastErrors| MethodErrors {
        absolute: it.absolute,
        root_squared: it.root_squared,
        difference: it.against_last.map(|it| it.difference),
        standard_error: it.against_last.map(|it| it.standard_error),
        finding: it.against_last.map(|it| it.finding),
    };
    let of = |split: Split, forecast: &crate::state::Forecast| Forecast {
        step: forecast.step,
        period: [date(series.period(split).start), date(series.period(split).end.saturating_sub(1))],
        errors: forecast.errors.iter().map(|it| (it.method.id(), errors(it))).collect(),
    };
    lab.forecasts.with_untracked(|all| all.iter().map(|(split, forecast)| (split.id(), of(*split, forecast))).collect())
}

fn line(lab: Lab, corrections: u64) -> Option<Line> {
    let report = lab.plane.get_untracked()?;
    let it = report.line?;
    Some(Line { step: report.step, weights: it.weights, bias: it.bias, margin: it.margin, mistakes: it.mistakes, corrections })
}

/// What a script sees of an evaluation.
pub(super) fn measured(evaluation: &Evaluation) -> Measured {
    point_of(evaluation.point)
}

fn point_of(point: EvalPoint) -> Measured {
    Measured { step: point.step, loss: point.loss, accuracy: point.accuracy, count: point.count }
}

/// `training`, `loading data`: the words of the page in lower case.
pub(super) fn phase_id(lab: Lab) -> String {
    phase_name(lab.run_phase.get_untracked()).to_lowercase()
}
