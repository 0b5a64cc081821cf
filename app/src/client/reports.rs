//! What the worker says, put into the lab's signals.

use super::connection::now_ms;
use super::device;
use super::supervisor::Checkpoint;
use super::wire::Answer;
use crate::history::{History, KeptText};
use crate::pairs::PairScore;
use crate::state::{DenseWeights, Evaluation, Forecast, Lab, Picture, PlanePoints, PlaneReport, RunPhase, SeriesData};
use crate::{format, persist};
use descent_spec::data::Kind;
use descent_spec::device::Backend;
use descent_spec::message::{Fault, FaultKind, Phase, Piece, Progress, RunFacts, RunId, SampleOf, Subject, ToApp};
use descent_spec::{DevicePreference, Split, link};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// The drawing is read again at most this often while something else is watched.
const PREDICT_EVERY_MS: f64 = 200.0;

/// Points along each side of the plane that units are shown over: a tile of forty pixels needs no more, the large picture is
/// smoothed.
const PLANE_SIDE: u32 = 49;

/// While training, checkpoints are saved less often the larger they are: a second for each megabyte, so that copying them into
/// the database stays below a hundredth of the page's time. A pause always saves.
const SAVE_PAUSE_MS_PER_BYTE: f64 = 1e-3;

/// Takes one message over; one about an older run is dropped.
pub(super) fn apply(lab: Lab, answer: &Answer) {
    if run_of(&answer.head).is_some_and(|run| lab.supervisor.with_value(|it| it.run != run)) {
        return;
    }
    match &answer.head {
        ToApp::Loading { bytes, total, .. } => {
            let before = lab.loading.get_untracked();
            let now = (bytes < total).then_some((*bytes, *total));
            lab.loading.set(now);
            match (before, now) {
                (None, Some(_)) => lab.say(format!("Loading data: {}.", format::bytes(*total))),
                (Some(_), None) => lab.say("All data are loaded."),
                _ => {}
            }
        }
        ToApp::Opened { facts, progress, .. } => opened(lab, (**facts).clone(), *progress),
        ToApp::Phase { phase, .. } => entered(lab, *phase),
        ToApp::Steps { progress, points, gradient_norms, examples_per_sec, learning_rate, .. } => {
            lab.progress.set(*progress);
            lab.history.update_value(|history| history.push_steps(points, gradient_norms));
            if let Some(last) = points.last() {
                lab.last_point.set(Some(*last));
            }
            lab.gradient_norms.set(gradient_norms.clone());
            lab.examples_per_sec.set(*examples_per_sec);
            lab.learning_rate.set(Some(*learning_rate));
            redraw(lab);
            reread_drawing(lab, false);
        }
        ToApp::Validation { point, .. } => {
            lab.history.update_value(|history| history.push_validation(*point));
            redraw(lab);
        }
        ToApp::Evaluated { split, point, confusion, mistakes, cells, .. } => {
            let evaluation =
                Evaluation { point: *point, confusion: confusion.clone(), mistakes: mistakes.clone(), cells: cells.clone() };
            lab.evaluations.update(|all| drop(all.insert(*split, Arc::new(evaluation))));
        }
        ToApp::Picture { .. } => picture(lab, answer),
        ToApp::Workers { workers, .. } => lab.workers.set(Some(workers.clone())),
        ToApp::Points { .. } => points(lab, answer),
        ToApp::Plane { .. } => plane(lab, answer),
        ToApp::Series { .. } => series(lab, answer),
        ToApp::Forecast { .. } => forecast(lab, answer),
        ToApp::Wrote { piece, .. } => wrote(lab, piece),
        ToApp::PairsScored { request: None, step, split, n, exact, bleu, .. } => {
            let score = PairScore { step: *step, n: *n, exact: *exact, bleu: *bleu };
            lab.pair_scores.write().insert(*split, score);
            lab.history.update_value(|history| history.push_score(score));
            redraw(lab);
        }
        ToApp::Checkpoint { progress, .. } => checkpoint(lab, answer, *progress),
        ToApp::Note { text } => lab.say(text.clone()),
        ToApp::Refused { text, .. } => {
            lab.supervisor.update_value(|it| it.refusal = Some(text.clone()));
            lab.alert(text.clone());
        }
        ToApp::Fault(fault) => broke(lab, fault),
        // Answers to requests nobody waits for any more.
        ToApp::Ready { .. }
        | ToApp::Pong { .. }
        | ToApp::Examples { .. }
        | ToApp::Predicted { .. }
        | ToApp::Followed { .. }
        | ToApp::Inside { .. }
        | ToApp::RatesTested { .. }
        | ToApp::Foretold { .. }
        | ToApp::TextRead { .. }
        | ToApp::WeightsLoaded { .. }
        | ToApp::Explained { .. }
        | ToApp::WordsCompared { .. }
        | ToApp::Word { .. }
        | ToApp::Translated { .. }
        | ToApp::HeldOut { .. }
        | ToApp::PairsScored { request: Some(_), .. }
        | ToApp::Vectors { .. }
        | ToApp::Glove { .. }
        | ToApp::Weights { .. }
        | ToApp::Raced { .. }
        | ToApp::Benched { .. }
        // The race has a worker of its own.
        | ToApp::ContestSteps { .. }
        | ToApp::ContestDone { .. }
        | ToApp::ContestSlice { .. } => return,
    }
    crate::console::emit(lab, &answer.head);
    lab.wake_waiters();
}

fn run_of(head: &ToApp) -> Option<RunId> {
    match head {
        ToApp::Loading { run, .. }
        | ToApp::Opened { run, .. }
        | ToApp::Phase { run, .. }
        | ToApp::Steps { run, .. }
        | ToApp::Validation { run, .. }
        | ToApp::Evaluated { run, .. }
        | ToApp::Picture { run, .. }
        | ToApp::Workers { run, .. }
        | ToApp::Points { run, .. }
        | ToApp::Plane { run, .. }
        | ToApp::Series { run, .. }
        | ToApp::Forecast { run, .. }
        | ToApp::Wrote { run, .. }
        | ToApp::PairsScored { run, .. }
        | ToApp::Checkpoint { run, .. } => Some(*run),
        _ => None,
    }
}

fn opened(lab: Lab, facts: RunFacts, progress: Progress) {
    let resumed = progress.step > 0;
    lab.picture.set(None);
    lab.plane.set(None);
    lab.points.set(None);
    lab.series.set(None);
    lab.forecasts.update(std::collections::HashMap::clear);
    lab.workers.set(None);
    lab.subject.update(|subject| *subject = fitting(*subject, &facts));
    let is_auto_on_cpu = facts.experiment.device == DevicePreference::Auto
        && lab.device.with_untracked(|device| device.as_ref().is_some_and(|device| device.backend == Backend::Cpu));
    lab.facts.set(Some(facts));
    lab.progress.set(progress);
    lab.history.update_value(|history| history.truncate(progress.step));
    lab.pair_scores.update(|all| {
        all.clear();
        all.extend(lab.history.with_value(|history| history.scores.last().map(|score| (Split::Validation, *score))));
    });
    lab.last_point.set(lab.history.with_value(|history| history.points.last().copied()));
    lab.run_phase.set(RunPhase::Session(if resumed { Phase::Paused } else { Phase::Ready }));
    redraw(lab);
    // Edits made while the session was being built may be of the kind that needs no restart.
    lab.tune();
    lab.send_watch();
    reread_drawing(lab, true);
    if resumed {
        lab.say(format!("The run goes on from step {}.", format::count(progress.step)));
    } else {
        lab.say("Ready.");
        if is_auto_on_cpu {
            device::consider_gpu(lab);
        }
    }
}

/// What to watch in a session of this kind: the plane of points, a series with its forecasts, an example of pictures.
fn fitting(subject: Subject, facts: &RunFacts) -> Subject {
    match (facts.experiment.data.set.kind(), subject) {
        (Kind::Plane, _) => Subject::Plane { side: PLANE_SIDE },
        (Kind::Series, _) => Subject::Series,
        (_, Subject::Plane { .. } | Subject::Series) => Subject::Example { split: Split::Validation, index: 0 },
        (_, subject) => subject,
    }
}

fn entered(lab: Lab, phase: Phase) {
    let before = lab.run_phase.get_untracked();
    lab.run_phase.set(RunPhase::Session(phase));
    // Play may have been pressed while the batch of a Step was under way: the pause after it does not take that back.
    let ends_play = before != RunPhase::Session(Phase::Stepping) && phase == Phase::Paused;
    if ends_play || matches!(phase, Phase::Done | Phase::Diverged) {
        lab.wants_play.set(false);
    }
    if before == RunPhase::Session(phase) {
        return;
    }
    match phase {
        Phase::Done => lab.say("Done: the last epoch is over. Play trains one epoch more."),
        Phase::Compiling => lab.say("Compiling kernels: the first batch takes a few seconds."),
        Phase::Loading => lab.say("Waiting for data."),
        Phase::Paused => lab.say(format!("Paused at step {}.", format::count(lab.progress.read_untracked().step))),
        Phase::Training => lab.say("Training."),
        Phase::Ready | Phase::Stepping | Phase::Evaluating | Phase::Diverged => {}
    }
    if matches!(phase, Phase::Paused | Phase::Done) {
        reread_drawing(lab, true);
    }
}

fn picture(lab: Lab, answer: &Answer) {
    let ToApp::Picture { step, subject, truth, probabilities, kernels, .. } = &answer.head else { return };
    let n_layers = lab.facts.with_untracked(|facts| facts.as_ref().map_or(0, |facts| facts.layers.len())) as u32;
    let Some(input) = answer.floats(0) else { return };
    let outputs: Vec<Vec<f32>> = (1..=n_layers).filter_map(|idx| answer.floats(idx)).collect();
    if outputs.len() as u32 != n_layers {
        return;
    }
    let kernels = kernels.clone().and_then(|facts| answer.floats(n_layers + 1).map(|values| (facts, values)));
    if matches!(subject, Subject::Ink { .. }) && lab.ink.read_untracked().is_some() {
        lab.drawn_input.set(Some(Arc::new(input.clone())));
        lab.drawing.set(Some(probabilities.clone()));
    }
    if *subject == lab.subject.get_untracked() && !lab.hidden.get_untracked() {
        let (step, subject, truth, probabilities) = (*step, *subject, *truth, probabilities.clone());
        lab.picture.set(Some(Arc::new(Picture { step, subject, truth, probabilities, input, outputs, kernels })));
    }
}

fn points(lab: Lab, answer: &Answer) {
    let ToApp::Points { n_train, n_validation, .. } = &answer.head else { return };
    let (Some(x), Some(y), Some(target)) = (answer.floats(0), answer.floats(1), answer.floats(2)) else { return };
    if x.len() == y.len() && x.len() == target.len() {
        let (n_train, n_validation) = (*n_train as usize, *n_validation as usize);
        lab.points.set(Some(Arc::new(PlanePoints { x, y, target, n_train, n_validation })));
    }
}

fn plane(lab: Lab, answer: &Answer) {
    let ToApp::Plane { step, side, layers, dense, line, .. } = &answer.head else { return };
    if lab.hidden.get_untracked() {
        return;
    }
    let outputs: Vec<Vec<f32>> = (0..*layers).filter_map(|idx| answer.floats(idx)).collect();
    let weights = |(nth, layer): (u32, &u32)| {
        let at = layers + 2 * nth;
        Some(DenseWeights { layer: *layer as usize, weights: answer.floats(at)?, biases: answer.floats(at + 1)? })
    };
    let dense: Vec<DenseWeights> = (0..).zip(dense).filter_map(weights).collect();
    if outputs.len() == *layers as usize {
        lab.plane.set(Some(Arc::new(PlaneReport { step: *step, side: *side as usize, outputs, dense, line: *line })));
    }
}

fn series(lab: Lab, answer: &Answer) {
    let ToApp::Series { dates, periods, .. } = &answer.head else { return };
    let Some(values) = answer.floats(0).filter(|values| values.len() == dates.len()) else { return };
    let periods = periods.map(|(from, to)| from as usize..(to as usize).min(values.len()));
    lab.series.set(Some(Arc::new(SeriesData { dates: dates.clone(), values, periods })));
}

fn forecast(lab: Lab, answer: &Answer) {
    let ToApp::Forecast { step, split, errors, .. } = &answer.head else { return };
    let values: Vec<Vec<f32>> = (0..errors.len() as u32).filter_map(|idx| answer.floats(idx)).collect();
    let n_windows = lab.series.with_untracked(|series| series.as_ref().map(|series| series.period(*split).len()));
    if values.len() == errors.len() && values.iter().all(|values| Some(values.len()) == n_windows) {
        let forecast = Forecast { step: *step, errors: errors.clone(), values };
        lab.forecasts.update(|all| drop(all.insert(*split, Arc::new(forecast))));
    }
}

/// A stretch of a text: grown, or kept with the curves.
fn wrote(lab: Lab, piece: &Piece) {
    match piece.of {
        SampleOf::Asked => lab.asked.update(|asked| asked.get_or_insert_default().push(piece)),
        // Nobody sees it grow on a hidden page; a new one begins soon enough.
        SampleOf::Live if lab.hidden.get_untracked() => {}
        SampleOf::Live => lab.live.update(|live| live.push(piece)),
        SampleOf::Epoch { epoch } => {
            let kept = KeptText { epoch, step: piece.step, text: piece.text.clone() };
            lab.history.update_value(|history| history.push_text(kept));
            redraw(lab);
        }
    }
}

fn checkpoint(lab: Lab, answer: &Answer, progress: Progress) {
    let Some(bytes) = answer.bytes(0) else { return };
    let experiment = lab.running_experiment();
    let link = link::encode(&experiment);
    let history = lab.history.with_value(|history| history.to_bytes());
    lab.supervisor.update_value(|it| {
        // A worker that got this far is no longer one of several that broke in a row.
        it.restarts = 0;
        it.checkpoint = Some(Checkpoint { progress, bytes: bytes.clone() });
    });
    let is_due = lab.supervisor.try_update_value(|it| {
        let pause_ms = f64::from(bytes.length()) * SAVE_PAUSE_MS_PER_BYTE;
        let is_due = !lab.running.get_untracked() || now_ms() - it.saved_at > pause_ms;
        if is_due {
            it.saved_at = now_ms();
        }
        is_due
    });
    if progress.step == 0 || is_due != Some(true) {
        return;
    }
    spawn_local(async move {
        if let Err(why) = persist::save(&link, progress, &bytes, &history).await {
            lab.say(why);
        }
    });
}

fn broke(lab: Lab, fault: &Fault) {
    match fault.kind {
        FaultKind::Diverged => {
            lab.wants_play.set(false);
            lab.run_phase.set(RunPhase::Session(Phase::Diverged));
            lab.alert(format!("{} {}", fault.message, fault.advice));
        }
        FaultKind::Data => {
            lab.wants_play.set(false);
            // Play tries again: in the session where there is one, else from the beginning.
            lab.run_phase.set(match (lab.facts.read_untracked().is_some(), lab.progress.read_untracked().step) {
                (false, _) => RunPhase::Failed,
                (true, 0) => RunPhase::Session(Phase::Ready),
                (true, _) => RunPhase::Session(Phase::Paused),
            });
            lab.alert(format!("{} {}", fault.message, fault.advice));
        }
        FaultKind::Checkpoint => {
            persist::forget(link::encode(&lab.running_experiment()));
            lab.supervisor.update_value(|it| it.checkpoint = None);
            lab.history.set_value(History::default());
            redraw(lab);
            lab.alert(format!("The saved run could not be used. {} {}", fault.message, fault.advice));
        }
        FaultKind::Experiment => lab.fail(fault),
        FaultKind::NoWebGpu | FaultKind::GpuLost => lab.recover(FaultKind::GpuLost, &fault.message),
        FaultKind::Crash => lab.recover(FaultKind::Crash, &fault.message),
    }
}

/// Lets the charts know, unless nobody can see them.
fn redraw(lab: Lab) {
    if !lab.hidden.get_untracked() {
        lab.history_tick.update(|tick| *tick += 1);
    }
}

/// Asks for the probabilities of the drawing with the weights as they are now, while something else is watched.
fn reread_drawing(lab: Lab, at_once: bool) {
    if matches!(lab.subject.get_untracked(), Subject::Ink { .. }) || lab.hidden.get_untracked() {
        return;
    }
    let Some(input) = lab.drawn_input.get_untracked() else { return };
    let now = now_ms();
    let due = lab.supervisor.with_value(|it| at_once || (!it.predicting && now - it.predicted_at > PREDICT_EVERY_MS));
    if !due {
        return;
    }
    lab.supervisor.update_value(|it| {
        it.predicting = true;
        it.predicted_at = now;
    });
    spawn_local(async move {
        let probabilities = lab.predict(&input).await;
        lab.supervisor.update_value(|it| it.predicting = false);
        // Wiped meanwhile: nothing to show.
        if let (Ok(probabilities), true) = (probabilities, lab.drawn_input.read_untracked().is_some()) {
            lab.drawing.set(Some(probabilities));
        }
    });
}
