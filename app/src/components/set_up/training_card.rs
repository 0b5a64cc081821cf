//! Training: the optimizer and its numbers, batch, penalty, epochs, seed, device.

use super::loss_choice::LossChoice;
use crate::components::fields::{Choice, NumberBox, field_id};
use crate::components::run_facts::{device_reason, sharing_words};
use crate::components::set_up::find_rate::FindRate;
use crate::components::set_up::schedule_fields::ScheduleFields;
use crate::format;
use crate::lesson::Guarded;
use crate::state::Lab;
use descent_spec::lesson::Control;
use descent_spec::registry::Registry;
use descent_spec::training::{MAX_BATCH, MAX_EPOCHS, MAX_LEARNING_RATE, OPTIMIZERS, TrainingSpec};
use descent_spec::{Cores, DevicePreference, OptimizerSpec};
use leptos::prelude::*;

/// The rungs of the learning-rate slider.
const LADDER: [f64; 13] = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
/// The batch sizes on offer; a link may bring any other.
const BATCHES: [usize; 10] = [1, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// The training card.
#[component]
pub fn TrainingCard() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let read =
        move |get: fn(&TrainingSpec) -> f64| Signal::derive(move || lab.experiment.with(|experiment| get(&experiment.training)));
    let edit = move |change: fn(&mut TrainingSpec, f64)| {
        move |value: f64| lab.experiment.update(|experiment| change(&mut experiment.training, value))
    };
    view! {
        <section aria-labelledby="training-title">
            <h2 id="training-title">"Training"</h2>
            <Guarded control=Control::Loss>
                <LossChoice/>
            </Guarded>
            <Guarded control=Control::Optimizer>
                <Optimizer/>
            </Guarded>
            <Guarded control=Control::LearningRate>
                <LearningRate/>
                <FindRate/>
            </Guarded>
            <Guarded control=Control::Schedule>
                <ScheduleFields/>
            </Guarded>
            <Guarded control=Control::Batch>
                <BatchSize/>
            </Guarded>
            <Guarded control=Control::L1>
                <NumberBox
                    label="L1"
                    value=read(|it| it.l1)
                    min=0.0
                    max=1.0
                    about="λ of the penalty λ ‖w‖₁ on the weights: many become zero; acts at once"
                    set=edit(|it, value| it.l1 = value)
                />
            </Guarded>
            <Guarded control=Control::L2>
                <NumberBox
                    label="L2"
                    value=read(|it| it.l2)
                    min=0.0
                    max=1.0
                    about="λ of the penalty λ/2 ‖w‖² on the weights; acts at once"
                    set=edit(|it, value| it.l2 = value)
                />
            </Guarded>
            <Guarded control=Control::Epochs>
                <NumberBox
                    label="Epochs"
                    value=read(|it| it.epochs as f64)
                    min=1.0
                    max=MAX_EPOCHS as f64
                    whole=true
                    about="Play stops after this many; acts at once"
                    set=edit(|it, value| it.epochs = value as usize)
                />
            </Guarded>
            <Guarded control=Control::Seed>
                <NumberBox
                    label="Seed"
                    value=Signal::derive(move || f64::from(lab.experiment.read().seed))
                    min=0.0
                    max=f64::from(u32::MAX)
                    whole=true
                    about="Source of every random draw: split, first weights, order, dropout"
                    set=move |value| lab.experiment.update(|experiment| experiment.seed = value as u32)
                />
            </Guarded>
            <Guarded control=Control::Device>
                <Choice
                    label="Device"
                    table=DevicePreference::table()
                    value=Signal::derive(move || lab.experiment.read().device)
                    set=move |value| lab.experiment.update(|experiment| experiment.device = value)
                />
            </Guarded>
            <p class="about">{move || device_reason(lab)}</p>
            <Guarded control=Control::Cores>
                <SeveralCores/>
            </Guarded>
            <p class="about" style:margin-top="8px">
                "Learning rate, L1, L2, epochs and cores act at once; other changes wait for a restart."
            </p>
        </section>
    }
}

#[component]
fn Optimizer() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("optimizer");
    let optimizer = Memo::new(move |_| lab.experiment.read().training.optimizer);
    let kind = Memo::new(move |_| optimizer.get().entry().id);
    let on_change = move |event| {
        let id = event_target_value(&event);
        let Some(entry) = OPTIMIZERS.iter().find(|entry| entry.id == id) else { return };
        let is_rate_ruled = lab.refusal(Control::LearningRate).is_some();
        lab.experiment.update(|experiment| {
            // A learning rate that was never touched follows the optimizer; one that was chosen or locked stays.
            let training = &mut experiment.training;
            if !is_rate_ruled && training.learning_rate == usual_rate(&training.optimizer) {
                training.learning_rate = usual_rate(&entry.value);
            }
            training.optimizer = entry.value;
        });
    };
    view! {
        <div class="row" title=move || optimizer.get().entry().about>
            <label for=id.clone()>"Optimizer"</label>
            <select id=id on:change=on_change prop:value=kind>
                {OPTIMIZERS
                    .iter()
                    .map(|entry| view! { <option value=entry.id selected=move || kind.get() == entry.id>{entry.label}</option> })
                    .collect_view()}
            </select>
        </div>
        <details class="more" hidden=move || kind.get() == OptimizerSpec::Sgd.entry().id>
            <summary>{move || format!("Numbers of {}", optimizer.get().entry().label)}</summary>
            {move || {
                kind.track();
                hyper_parameters(optimizer.get_untracked()).into_iter().map(|number| view! { <Hyper number/> }).collect_view()
            }}
        </details>
    }
}

/// The learning rate a lab starts an optimizer with: its own default for the default optimizer, else what suits it.
fn usual_rate(optimizer: &OptimizerSpec) -> f64 {
    let default = TrainingSpec::default();
    if *optimizer == default.optimizer { default.learning_rate } else { optimizer.entry().learning_rate }
}

/// Least and greatest value of a number, and whether the least itself is too small.
#[derive(Clone, Copy)]
struct Bounds {
    min: f64,
    max: f64,
    above_min: bool,
}

/// A decay of 1 would forget nothing.
const DECAY: Bounds = Bounds { min: 0.0, max: 1.0 - f64::EPSILON, above_min: false };
/// An epsilon of 0 would divide by nothing.
const EPSILON: Bounds = Bounds { min: 0.0, max: 1.0, above_min: true };
const SHARE: Bounds = Bounds { min: 0.0, max: 1.0, above_min: false };

/// A number of an optimizer.
#[derive(Clone, Copy)]
struct HyperParameter {
    label: &'static str,
    bounds: Bounds,
    field: fn(&mut OptimizerSpec) -> Option<&mut f64>,
}

fn hyper_parameters(optimizer: OptimizerSpec) -> Vec<HyperParameter> {
    let decay = |label, field| HyperParameter { label, bounds: DECAY, field };
    let epsilon = HyperParameter { label: "Epsilon", bounds: EPSILON, field: epsilon_of };
    match optimizer {
        OptimizerSpec::Sgd => vec![],
        OptimizerSpec::Momentum { .. } | OptimizerSpec::Nesterov { .. } => vec![decay("Momentum β", first_decay_of)],
        OptimizerSpec::AdaGrad { .. } => vec![epsilon],
        OptimizerSpec::RmsProp { .. } => vec![decay("Decay α", first_decay_of), epsilon],
        OptimizerSpec::Adam { .. } => vec![decay("Decay β₁", first_decay_of), decay("Decay β₂", second_decay_of), epsilon],
        OptimizerSpec::AdamW { .. } => vec![
            decay("Decay β₁", first_decay_of),
            decay("Decay β₂", second_decay_of),
            epsilon,
            HyperParameter { label: "Weight decay λ", bounds: SHARE, field: weight_decay_of },
        ],
    }
}

fn first_decay_of(optimizer: &mut OptimizerSpec) -> Option<&mut f64> {
    match optimizer {
        OptimizerSpec::Momentum { beta: value }
        | OptimizerSpec::Nesterov { beta: value }
        | OptimizerSpec::RmsProp { alpha: value, .. }
        | OptimizerSpec::Adam { beta1: value, .. }
        | OptimizerSpec::AdamW { beta1: value, .. } => Some(value),
        OptimizerSpec::Sgd | OptimizerSpec::AdaGrad { .. } => None,
    }
}

fn second_decay_of(optimizer: &mut OptimizerSpec) -> Option<&mut f64> {
    match optimizer {
        OptimizerSpec::Adam { beta2, .. } | OptimizerSpec::AdamW { beta2, .. } => Some(beta2),
        _ => None,
    }
}

fn weight_decay_of(optimizer: &mut OptimizerSpec) -> Option<&mut f64> {
    if let OptimizerSpec::AdamW { weight_decay, .. } = optimizer { Some(weight_decay) } else { None }
}

fn epsilon_of(optimizer: &mut OptimizerSpec) -> Option<&mut f64> {
    match optimizer {
        OptimizerSpec::AdaGrad { epsilon }
        | OptimizerSpec::RmsProp { epsilon, .. }
        | OptimizerSpec::Adam { epsilon, .. }
        | OptimizerSpec::AdamW { epsilon, .. } => Some(epsilon),
        _ => None,
    }
}

#[component]
fn Hyper(number: HyperParameter) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let value = Signal::derive(move || {
        let mut optimizer = lab.experiment.read().training.optimizer;
        (number.field)(&mut optimizer).map_or(0.0, |value| *value)
    });
    let set = move |value: f64| {
        lab.experiment.update(|experiment| {
            if let Some(field) = (number.field)(&mut experiment.training.optimizer) {
                *field = value;
            }
        });
    };
    let Bounds { min, max, above_min } = number.bounds;
    view! { <NumberBox label=number.label value min max above_min set/> }
}

#[component]
fn LearningRate() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let rate = Memo::new(move |_| lab.experiment.read().training.learning_rate);
    let set = move |value: f64| lab.experiment.update(|experiment| experiment.training.learning_rate = value);
    let rung = move || nearest_rung(rate.get());
    let on_input = move |event| {
        if let Some(value) = event_target_value(&event).parse::<usize>().ok().and_then(|idx| LADDER.get(idx)) {
            set(*value);
        }
    };
    view! {
        <NumberBox
            label="Learning rate"
            value=rate
            min=0.0
            max=MAX_LEARNING_RATE
            above_min=true
            about="Step size; acts at once"
            set
        />
        <input
            type="range"
            min="0"
            max=(LADDER.len() - 1).to_string()
            step="1"
            aria-label="Learning rate, on a logarithmic scale"
            aria-valuetext=move || format::sig3(rate.get())
            prop:value=move || rung().to_string()
            on:input=on_input
        />
    }
}

fn nearest_rung(rate: f64) -> usize {
    let distance = |value: f64| (value.ln() - rate.max(1e-12).ln()).abs();
    (0..LADDER.len()).min_by(|a, b| distance(LADDER[*a]).total_cmp(&distance(LADDER[*b]))).unwrap_or(0)
}

#[component]
fn SeveralCores() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("several-cores");
    let about = format!("{id}-about");
    let is_on = Memo::new(move |_| lab.experiment.read().cores == Cores::Several);
    let on_change = move |event| {
        let cores = if event_target_checked(&event) { Cores::Several } else { Cores::One };
        lab.experiment.update(|experiment| experiment.cores = cores);
    };
    view! {
        <div class="row">
            <label for=id.clone()>"Use several cores"</label>
            <input type="checkbox" id=id aria-describedby=about.clone() prop:checked=is_on on:change=on_change/>
        </div>
        <p class="about" id=about>{move || sharing_words(lab)}</p>
    }
}

#[component]
fn BatchSize() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("batch-size");
    let batch = Memo::new(move |_| lab.experiment.read().training.batch_size);
    let on_change = move |event| {
        if let Some(size) = event_target_value(&event).parse().ok().filter(|size| (1..=MAX_BATCH).contains(size)) {
            lab.experiment.update(|experiment| experiment.training.batch_size = size);
        }
    };
    let sizes = move || {
        let mut sizes = BATCHES.to_vec();
        if !sizes.contains(&batch.get()) {
            sizes.push(batch.get());
            sizes.sort_unstable();
        }
        sizes
    };
    view! {
        <div class="row" title="Examples per optimizer step">
            <label for=id.clone()>"Batch size"</label>
            <select id=id on:change=on_change>
                {move || {
                    sizes()
                        .into_iter()
                        .map(|size| view! { <option value=size.to_string() selected=move || batch.get() == size>{size}</option> })
                        .collect_view()
                }}
            </select>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slider_stands_at_the_nearest_rung() {
        assert_eq!(LADDER[nearest_rung(0.001)], 0.001);
        assert_eq!(LADDER[nearest_rung(0.0012)], 0.001);
        assert_eq!(LADDER[nearest_rung(1e-9)], 1e-5);
        assert_eq!(LADDER[nearest_rung(10.0)], 10.0);
    }

    #[test]
    fn every_optimizer_shows_all_its_numbers() {
        for entry in OPTIMIZERS {
            let mut optimizer = entry.value;
            let numbers = hyper_parameters(optimizer);
            assert!(numbers.iter().all(|number| (number.field)(&mut optimizer).is_some()), "{}", entry.id);
            // As many as the longest link spelling has.
            let spelled = match entry.value {
                OptimizerSpec::Sgd => 0,
                OptimizerSpec::Momentum { .. } | OptimizerSpec::Nesterov { .. } | OptimizerSpec::AdaGrad { .. } => 1,
                OptimizerSpec::RmsProp { .. } => 2,
                OptimizerSpec::Adam { .. } => 3,
                OptimizerSpec::AdamW { .. } => 4,
            };
            assert_eq!(numbers.len(), spelled);
        }
    }
}
