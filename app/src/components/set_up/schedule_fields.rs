//! How the learning rate changes: the schedule and its numbers.

use crate::components::fields::{NumberBox, field_id};
use crate::state::Lab;
use descent_spec::Schedule;
use descent_spec::schedule::{MAX_SCHEDULE_STEPS, SCHEDULES, Unit};
use leptos::prelude::*;

/// The choice of a schedule, with the numbers of the one that is chosen.
#[component]
pub fn ScheduleFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("schedule");
    let schedule = Memo::new(move |_| lab.experiment.read().training.schedule);
    let kind = Memo::new(move |_| schedule.get().entry().id);
    let on_change = move |event| {
        let id = event_target_value(&event);
        if let Some(entry) = SCHEDULES.iter().find(|entry| entry.id == id) {
            lab.experiment.update(|experiment| experiment.training.schedule = entry.value);
        }
    };
    view! {
        <div class="row" title=move || schedule.get().entry().about>
            <label for=id.clone()>"Schedule"</label>
            <select id=id on:change=on_change prop:value=kind>
                {SCHEDULES
                    .iter()
                    .map(|entry| view! { <option value=entry.id selected=move || kind.get() == entry.id>{entry.label}</option> })
                    .collect_view()}
            </select>
        </div>
        {move || {
            kind.track();
            let now = schedule.get_untracked();
            let is_step = matches!(now, Schedule::StepDecay { .. });
            let count = count_of(&mut now.clone()).map(|_| if is_step { "Decay every" } else { "Warm-up steps" });
            let has_gamma = gamma_of(&mut now.clone()).is_some();
            view! {
                {count.map(|label| view! { <Count label/> })}
                {is_step.then(|| view! { <Counted/> })}
                {has_gamma.then(|| view! { <Gamma/> })}
                <p class="about" hidden=now == Schedule::Constant>{now.entry().about}</p>
            }
        }}
    }
}

fn count_of(schedule: &mut Schedule) -> Option<&mut usize> {
    match schedule {
        Schedule::StepDecay { every: count, .. }
        | Schedule::WarmUp { steps: count }
        | Schedule::WarmUpCosine { steps: count } => Some(count),
        Schedule::Constant | Schedule::Exponential { .. } | Schedule::Cosine => None,
    }
}

fn gamma_of(schedule: &mut Schedule) -> Option<&mut f64> {
    match schedule {
        Schedule::StepDecay { gamma, .. } | Schedule::Exponential { gamma } => Some(gamma),
        Schedule::Constant | Schedule::Cosine | Schedule::WarmUp { .. } | Schedule::WarmUpCosine { .. } => None,
    }
}

#[component]
fn Count(label: &'static str) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let value = Signal::derive(move || {
        let mut schedule = lab.experiment.read().training.schedule;
        count_of(&mut schedule).map_or(1.0, |count| *count as f64)
    });
    let set = move |value: f64| {
        lab.experiment.update(|experiment| {
            if let Some(count) = count_of(&mut experiment.training.schedule) {
                *count = value as usize;
            }
        });
    };
    view! { <NumberBox label value min=1.0 max=MAX_SCHEDULE_STEPS as f64 whole=true set/> }
}

#[component]
fn Gamma() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let value = Signal::derive(move || {
        let mut schedule = lab.experiment.read().training.schedule;
        gamma_of(&mut schedule).map_or(1.0, |gamma| *gamma)
    });
    let set = move |value: f64| {
        lab.experiment.update(|experiment| {
            if let Some(gamma) = gamma_of(&mut experiment.training.schedule) {
                *gamma = value;
            }
        });
    };
    view! { <NumberBox label="Decay γ" value min=0.0 max=1.0 above_min=true about="The rate is multiplied by this" set/> }
}

/// Whether a step decay counts epochs or steps.
#[component]
fn Counted() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("counted-in");
    let in_steps =
        Memo::new(move |_| matches!(lab.experiment.read().training.schedule, Schedule::StepDecay { unit: Unit::Steps, .. }));
    let on_change = move |event| {
        let now = if event_target_value(&event) == "steps" { Unit::Steps } else { Unit::Epochs };
        lab.experiment.update(|experiment| {
            if let Schedule::StepDecay { unit, .. } = &mut experiment.training.schedule {
                *unit = now;
            }
        });
    };
    view! {
        <div class="row">
            <label for=id.clone()>"Counted in"</label>
            <select id=id on:change=on_change prop:value=move || if in_steps.get() { "steps" } else { "epochs" }>
                <option value="epochs" selected=move || !in_steps.get()>"Epochs"</option>
                <option value="steps" selected=move || in_steps.get()>"Steps"</option>
            </select>
        </div>
    }
}
