//! The exercises of the week a lab was opened from, in the lab: checked while it runs.

use super::exercise_card::State;
use super::snapshot::snapshot;
use super::state::Course;
use crate::state::Lab;
use descent_course::{Exercise, Week};
use leptos::prelude::*;

/// The exercises that start from a lab with the data set that runs; nothing where the lab was not opened from a week.
#[component]
pub fn ExercisePanel() -> impl IntoView {
    let course = expect_context::<Course>();
    let lab = expect_context::<Lab>();
    let set = Memo::new(move |_| lab.experiment.read().data.set);
    let fitting = Memo::new(move |_| {
        let week = course.from_week.get().and_then(descent_course::week);
        week.map(|week| (week.number, exercises_with(week, set.get()))).filter(|(_, exercises)| !exercises.is_empty())
    });
    move || {
        fitting.get().map(|(week, exercises)| {
            let first_open = exercises.iter().position(|it| !course.progress.read_untracked().exercises.contains(&it.id));
            let rows = exercises.into_iter().enumerate().map(|(idx, exercise)| {
                view! { <Row exercise is_open={first_open == Some(idx)}/> }
            });
            view! {
                <section class="exercise-panel" aria-labelledby="exercise-panel-title">
                    <h2 id="exercise-panel-title">{format!("Exercises of week {week}")}</h2>
                    {rows.collect_view()}
                </section>
            }
        })
    }
}

fn exercises_with(week: &'static Week, set: descent_spec::DataSet) -> Vec<&'static Exercise> {
    let is_of_set = |exercise: &&Exercise| {
        week.lab(&exercise.lab).is_some_and(|lab| descent_spec::link::decode(&lab.link).experiment.data.set == set)
    };
    week.exercises.iter().filter(is_of_set).collect()
}

#[component]
fn Row(exercise: &'static Exercise, is_open: bool) -> impl IntoView {
    let course = expect_context::<Course>();
    let lab = expect_context::<Lab>();
    let verdict = Memo::new(move |_| snapshot(lab).map(|state| exercise.check(&state)));
    let is_solved = Signal::derive(move || course.is_solved(&exercise.id));
    Effect::new(move |_| {
        if verdict.read().as_ref().is_some_and(|verdict| verdict.done) && !is_solved.get_untracked() {
            course.solve(&exercise.id);
            lab.say(format!("Exercise solved: {}.", exercise.title));
        }
    });
    let hint = move || verdict.get().map_or_else(|| "The lab is being opened.".to_owned(), |verdict| verdict.hint);
    view! {
        <details class="exercise" open=is_open data-exercise=exercise.id.as_str()>
            <summary><span class="exercise-title">{exercise.title.as_str()}</span><State is_solved/></summary>
            <div inner_html=exercise.html.as_str()></div>
            <p class="hint">{hint}</p>
        </details>
    }
}
