//! An exercise on its week's page.

use super::lab_card::LabLink;
use super::snapshot::snapshot;
use super::state::Course;
use crate::state::Lab;
use descent_course::{Exercise, Week};
use leptos::prelude::*;

/// The exercises of a week.
#[component]
pub fn Exercises(
    /// The week.
    week: &'static Week,
) -> impl IntoView {
    (!week.exercises.is_empty()).then(|| {
        view! {
            <section class="exercises" aria-labelledby="exercises-title">
                <h2 id="exercises-title">"Exercises"</h2>
                <p class="small quiet">"They check themselves while their lab runs, and stay solved."</p>
                <ol class="cards">
                    {week.exercises.iter().map(|exercise| view! { <ExerciseCard week exercise/> }).collect_view()}
                </ol>
            </section>
        }
    })
}

#[component]
fn ExerciseCard(week: &'static Week, exercise: &'static Exercise) -> impl IntoView {
    let course = expect_context::<Course>();
    let lab = expect_context::<Lab>();
    let is_solved = move || course.is_solved(&exercise.id);
    // What is missing is told of the run that stands, where it is one of this week.
    let hint = move || {
        let is_here = course.from_week.get() == Some(week.number);
        snapshot(lab).filter(|_| is_here && !is_solved()).map(|state| exercise.check(&state).hint)
    };
    let link = week.lab(&exercise.lab).map(|lab| view! { <LabLink week=week.number lab/> });
    view! {
        <li class="card" class:solved=is_solved data-exercise=exercise.id.as_str()>
            <p class="eyebrow"><State is_solved=Signal::derive(is_solved)/></p>
            <h3>{exercise.title.as_str()}</h3>
            <div inner_html=exercise.html.as_str()></div>
            <p class="small quiet">{hint}</p>
            <p class="small">"Lab: "{link}</p>
        </li>
    }
}

/// Whether an exercise is solved, in words and with a mark.
#[component]
pub fn State(
    /// Follows the progress.
    is_solved: Signal<bool>,
) -> impl IntoView {
    view! {
        <span class="state">
            <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" fill="none" stroke="currentColor">
                <circle cx="6" cy="6" r="5.5"/>
                <path d=move || if is_solved.get() { "M3 6.2l2.1 2.1L9 4" } else { "" } stroke-width="1.5"/>
            </svg>
            {move || if is_solved.get() { "Solved" } else { "Not yet" }}
        </span>
    }
}
