//! Next to the run bar's buttons: where the run stands, what it is doing, how fast, for how long, and on what.

use crate::format;
use crate::state::{Lab, RunPhase};
use descent_spec::device::Backend;
use descent_spec::message::{Phase, StepTime, Workers};
use descent_spec::registry::Registry;
use descent_spec::{Cores, Schedule};
use leptos::prelude::*;

/// The facts, in words and numbers.
#[component]
pub fn RunFactsView() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let share = Memo::new(move |_| epoch_share(lab));
    view! {
        <div class="run-facts">
            <div class="fact where">
                <b>{move || place(lab)}</b>
                <div
                    class="track"
                    role="progressbar"
                    aria-label="Epoch"
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || (share.get() * 100.0).floor()
                >
                    <i style:transform=move || format!("scaleX({:.3})", share.get())></i>
                </div>
            </div>
            <div class="fact">
                <b>{move || phase_words(lab)}</b>
                <small class="loss">{move || loss(lab)} {move || rate(lab)}</small>
            </div>
            <div class="fact" title="Training examples per second">
                <b>{move || speed(lab)}</b>
                <small>"examples"</small>
            </div>
            <div class="fact">
                <b>{move || time(lab)}</b>
                <small>"elapsed"</small>
            </div>
            <div class="fact device" title=move || lab.device_note.get().unwrap_or_default()>
                <b>{move || lab.device.with(|device| device.as_ref().map_or("–", |device| device.backend.label()))}</b>
                <small>{move || adapter(lab)}</small>
            </div>
        </div>
    }
}

/// `Epoch 2 of 5, batch 467 of 750`.
fn place(lab: Lab) -> String {
    let progress = lab.progress.get();
    let epochs = lab.experiment.with(|experiment| experiment.training.epochs);
    let steps = lab.facts.with(|facts| facts.as_ref().map_or(0, |facts| facts.steps_per_epoch));
    // Between two epochs the finished one counts, not the first batch of the next.
    let is_between = progress.batch == 0 && progress.epoch > 0;
    let epoch = u64::from(progress.epoch) + u64::from(!is_between);
    let batch = if is_between { steps } else { progress.batch };
    let epochs = format::count((epochs as u64).max(epoch));
    if steps == 0 {
        return format!("Epoch {epoch} of {epochs}");
    }
    format!("Epoch {} of {epochs}, batch {} of {}", format::count(epoch), format::count(batch), format::count(steps))
}

fn epoch_share(lab: Lab) -> f64 {
    let progress = lab.progress.get();
    let steps = lab.facts.with(|facts| facts.as_ref().map_or(0, |facts| facts.steps_per_epoch));
    match (progress.batch, steps) {
        (0, _) if progress.epoch > 0 => 1.0,
        (_, 0) => 0.0,
        (batch, steps) => (batch as f64 / steps as f64).min(1.0),
    }
}

/// The state in words, with megabytes while data come in.
pub fn phase_words(lab: Lab) -> String {
    let loading = lab.loading.get().map(|(have, total)| {
        let have = format::bytes(have);
        format!("{} of {}", have.trim_end_matches(" MB"), format::bytes(total))
    });
    match (lab.run_phase.get(), loading) {
        (RunPhase::Starting | RunPhase::Session(Phase::Loading), Some(amount)) => format!("Loading data {amount}"),
        (RunPhase::Session(Phase::Ready), Some(amount)) if lab.wants_play.get() => format!("Loading data {amount}"),
        (RunPhase::Session(Phase::Ready), Some(amount)) => format!("Ready, loading {amount}"),
        (phase, _) => phase_name(phase).into(),
    }
}

/// One word or two for a phase.
pub fn phase_name(phase: RunPhase) -> &'static str {
    match phase {
        RunPhase::Starting => "Starting",
        RunPhase::Restarting => "Restarting",
        RunPhase::Failed => "Error",
        RunPhase::Session(Phase::Ready) => "Ready",
        RunPhase::Session(Phase::Loading) => "Loading data",
        RunPhase::Session(Phase::Compiling) => "Compiling kernels",
        RunPhase::Session(Phase::Training | Phase::Stepping) => "Training",
        RunPhase::Session(Phase::Evaluating) => "Evaluating",
        RunPhase::Session(Phase::Paused) => "Paused",
        RunPhase::Session(Phase::Done) => "Done",
        RunPhase::Session(Phase::Diverged) => "Diverged",
    }
}

fn loss(lab: Lab) -> String {
    match lab.last_point.get() {
        Some(point) => format!("loss {}", format::sig3(f64::from(point.loss))),
        None => "loss –".into(),
    }
}

/// The rate of the last step, where a schedule moves it.
fn rate(lab: Lab) -> Option<String> {
    let is_scheduled =
        lab.facts.with(|facts| facts.as_ref().is_some_and(|facts| facts.experiment.training.schedule != Schedule::Constant));
    let rate = lab.learning_rate.get().filter(|_| is_scheduled)?;
    Some(format!(" · rate {}", format::sig3(rate)))
}

fn speed(lab: Lab) -> String {
    let speed = lab.examples_per_sec.get();
    if speed > 0.0 { format!("{}/s", format::sig3(speed)) } else { "–".into() }
}

/// `0:12 · 0:31 left`; what is left is only guessed while training, never shown running on a paused run.
fn time(lab: Lab) -> String {
    let progress = lab.progress.get();
    let elapsed = format::duration(progress.elapsed_ms);
    let left_ms = lab.facts.with(|facts| {
        let facts = facts.as_ref()?;
        let epochs = lab.experiment.with(|experiment| experiment.training.epochs) as u64;
        let steps_left = (facts.steps_per_epoch * epochs).checked_sub(progress.step).filter(|left| *left > 0)?;
        let per_epoch = facts.n_train as f64 / facts.steps_per_epoch.max(1) as f64;
        let speed = lab.examples_per_sec.get();
        (speed > 0.0 && lab.running.get()).then_some(steps_left as f64 * per_epoch / speed * 1000.0)
    });
    match left_ms {
        Some(left_ms) => format!("{elapsed} · {} left", format::duration(left_ms)),
        None => elapsed,
    }
}

/// The adapter's name, or how many workers share the processor's work.
fn adapter(lab: Lab) -> Option<String> {
    let device = lab.device.get()?;
    let n_workers = lab.workers.with(|workers| workers.as_ref().map_or(1, |workers| workers.count));
    Some(if device.backend == Backend::Cpu && n_workers > 1 { format!("{n_workers} workers") } else { device.adapter })
}

fn n_cores() -> u32 {
    web_sys::window().map_or(1, |window| window.navigator().hardware_concurrency() as u32)
}

/// What came of sharing the steps among cores, for the set-up's switch.
pub fn sharing_words(lab: Lab) -> String {
    let experiment = lab.experiment.read();
    if lab.device.with(|device| device.as_ref().is_some_and(|device| device.backend == Backend::WebGpu)) {
        return "Only on the CPU: the graphics device shares its work by itself.".into();
    }
    if !experiment.is_sliced() {
        return "Steps of this set-up are too short to share, or need the whole batch for batch norm: one worker takes them."
            .into();
    }
    if experiment.cores == Cores::One {
        return "One worker takes every step. The losses are the same either way.".into();
    }
    let told = lab.workers.get();
    if told.as_ref().is_some_and(|workers| workers.are_lost) {
        return "One worker takes the steps: those that shared them ended several times.".into();
    }
    if n_cores() < 2 {
        return "One worker takes the steps: this machine has one core.".into();
    }
    let Some(Workers { count, compared, .. }) = told.filter(|workers| !workers.compared.is_empty()) else {
        return "While it trains, workers that share each step are tried, and kept if that is faster. The losses stay the same."
            .into();
    };
    let time = |it: &StepTime| match it.workers {
        1 => format!("{} ms a step alone", format::sig3(it.ms)),
        n => format!("{} ms with {n} workers", format::sig3(it.ms)),
    };
    let times: Vec<_> = compared.iter().map(time).collect();
    let who = if count == 1 { "One worker takes the steps".into() } else { format!("{count} workers share the steps") };
    format!("{who}, with the same losses: {}.", times.join(", "))
}

/// Why the run is where it is, for the set-up's device row.
pub fn device_reason(lab: Lab) -> Option<String> {
    let device = lab.device.get()?;
    let note = lab.device_note.get();
    Some(match (device.backend, note) {
        (_, Some(note)) => note,
        (Backend::Cpu, None) => "The CPU, for now: WebGPU has not been tried here.".into(),
        (Backend::WebGpu, None) => device.adapter,
    })
}
