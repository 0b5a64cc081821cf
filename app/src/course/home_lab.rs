//! Beside the first sentence: a small network that learns at once.

use super::lab_card::LabLink;
use crate::components::run_facts::phase_words;
use crate::state::Lab;
use crate::views::plane::field::Field;
use descent_course::week;
use descent_spec::registry::Registry;
use descent_spec::{Experiment, link};
use leptos::prelude::*;

/// What learns on the home page: a few seconds of it, so that a page left open does not keep a phone busy.
const EXPERIMENT: &str = "moons?lr=0.01&epochs=400";

/// A net on two moons, training as soon as the page is there; and, for a visitor who comes from a lab, the way back into it.
#[component]
pub fn HomeLab() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let small = link::decode(EXPERIMENT).experiment;
    // A run that a visitor has started somewhere else is theirs: it waits, and the home page keeps its hands off it.
    let held = lab.held_experiment().filter(|held| *held != small);
    let Some(held) = held else {
        begin(lab, small);
        return view! { <Small/> }.into_any();
    };
    let first = week(1).and_then(|week| week.labs.first().map(|lab| (week.number, lab)));
    view! {
        <section class="home-lab" aria-labelledby="home-lab-title">
            <h2 id="home-lab-title">"Your lab waits"</h2>
            <p class="home-lab-link"><a href=format!("#/{}", link::encode_lesson(&held, &lab.lesson.read_untracked()))>{held.data.set.label()}</a></p>
            {first.map(|(week, lab)| view! { <p class="quiet">"Or begin with the first lab: " <LabLink week lab/></p> })}
        </section>
    }
    .into_any()
}

/// Starts the small net from the beginning and lets it train, unless the visitor has asked for calm pages.
fn begin(lab: Lab, small: Experiment) {
    lab.experiment.set(small);
    lab.open_fresh();
    let is_calm = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches());
    if !is_calm {
        lab.play();
    }
}

#[component]
fn Small() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let chosen = RwSignal::new(None);
    view! {
        <section class="home-lab" aria-label="A small network, learning">
            <Field chosen is_quiet=true/>
            <p class="home-lab-foot">
                <button type="button" on:click=move |_| lab.toggle()>
                    {move || if lab.running.get() { "Pause" } else { "Play" }}
                </button>
                <button type="button" on:click=move |_| begin(lab, link::decode(EXPERIMENT).experiment)>"Again"</button>
                <span class="quiet">{move || phase_words(lab)}</span>
                <a href=format!("#/{EXPERIMENT}")>"Open it"</a>
            </p>
        </section>
    }
}
