//! How everybody ended, and the losses on the way, as tables.

use super::form::Swatch;
use super::run::{Run, Runner};
use super::state::RaceLab;
use crate::format::{count, percent, sig3};
use crate::views::painted::settled;
use descent_spec::contest::Arena;
use descent_spec::link;
use leptos::prelude::*;

/// Rows of the table of losses.
const MOST_ROWS: usize = 12;

/// One row for each racer, the best first once all have ended.
#[component]
pub fn Results(
    /// The race.
    race: RaceLab,
) -> impl IntoView {
    let is_net = Memo::new(move |_| race.run.with(|run| matches!(run.setup.arena, Arena::Net { .. })));
    let rows = settled_run(race);
    let has_none = move || rows.with(|run| run.runners.is_empty());
    let body = move || {
        rows.with(|run| {
            let mut runners: Vec<(usize, &Runner)> = run.runners.iter().enumerate().collect();
            runners.sort_by(|a, b| end_of(a.1).total_cmp(&end_of(b.1)));
            runners.into_iter().map(|(idx, runner)| row(run, idx, runner)).collect_view()
        })
    };
    let whys = move || {
        let whys: Vec<String> = rows.with(|run| run.runners.iter().filter_map(|it| it.divergence.clone()).collect());
        whys.into_iter().map(|why| view! { <li>{why}</li> }).collect_view()
    };
    view! {
        <div class="table-box race-results" tabindex="0" role="region" aria-label="Results" hidden=has_none>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Racer"</th>
                        <th scope="col">"Rate"</th>
                        <th scope="col">"Steps"</th>
                        <th scope="col">{move || if is_net.get() { "Training loss" } else { "Height" }}</th>
                        <th scope="col">{move || if is_net.get() { "Path shown" } else { "To minimum" }}</th>
                        <th scope="col">"End"</th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        <ul class="small race-whys">{whys}</ul>
    }
}

/// The results as they change; at once when somebody ends, once a second meanwhile.
fn settled_run(race: RaceLab) -> Signal<Run> {
    let slow = settled(move || race.run.track(), move || race.run.get());
    let is_over = Memo::new(move |_| race.run.with(|run| run.runners.iter().any(|it| it.result.is_some()) || run.step == 0));
    Signal::derive(move || if is_over.get() { race.run.get() } else { slow.get() })
}

fn end_of(runner: &Runner) -> f64 {
    match &runner.result {
        Some(result) => result.loss.unwrap_or(f64::INFINITY),
        None => 0.0,
    }
}

fn row(run: &Run, idx: usize, runner: &Runner) -> impl IntoView + use<> {
    let result = runner.result.as_ref();
    let steps = result.map_or(runner.losses.len() as u64, |result| u64::from(result.steps));
    let loss = match result {
        Some(result) => result.loss,
        None => runner.losses.last().map(|point| point.1),
    };
    let fifth = match &run.setup.arena {
        Arena::Net { .. } => run.slice.as_ref().and_then(|slice| slice.shares.get(idx).copied().flatten()).map(percent),
        Arena::Surface { .. } => result.and_then(|result| result.distance).map(sig3),
    };
    let end = match result {
        None => "racing",
        Some(result) if result.diverged => "diverged",
        Some(result) if result.steps < run.setup.steps => "stopped",
        Some(_) => "arrived",
    };
    let name = runner.name();
    let lab = match &run.setup.arena {
        Arena::Net { experiment } => {
            let mut own = (**experiment).clone();
            own.training.optimizer = runner.racer.optimizer;
            own.training.learning_rate = runner.racer.learning_rate;
            Some(format!("#/{}", link::encode(&own)))
        }
        Arena::Surface { .. } => None,
    };
    let named = match lab {
        Some(address) => view! { <a href=address title="Open this net with this optimizer as a lab">{name}</a> }.into_any(),
        None => name.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><Swatch row=runner.row/>{named}</th>
            <td>{runner.racer.learning_rate.to_string()}</td>
            <td>{count(steps)}</td>
            <td>{loss.map_or("–".into(), sig3)}</td>
            <td>{fifth.unwrap_or("–".into())}</td>
            <td>{end}</td>
        </tr>
    }
}

/// The losses of everybody at some steps.
#[component]
pub fn LossTable(
    /// The race.
    race: RaceLab,
) -> impl IntoView {
    let rows = settled_run(race);
    let head = move || rows.with(|run| run.runners.iter().map(|it| view! { <th scope="col">{it.name()}</th> }).collect_view());
    let body = move || {
        rows.with(|run| {
            let longest = run.runners.iter().map(|it| it.losses.len()).max().unwrap_or(0);
            steps_of(longest)
                .into_iter()
                .map(|step| {
                    let cells = run.runners.iter().map(|it| it.losses.get(step).map_or("–".into(), |point| sig3(point.1)));
                    let cells = cells.map(|text| view! { <td>{text}</td> }).collect_view();
                    view! { <tr><th scope="row">{count(step as u64)}</th>{cells}</tr> }
                })
                .collect_view()
        })
    };
    view! {
        <details class="more">
            <summary>"Losses as a table"</summary>
            <div class="table-box" tabindex="0" role="region" aria-label="Losses by step">
                <table>
                    <thead><tr><th scope="col">"Steps done"</th>{head}</tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </details>
    }
}

/// The first step, the last, and some between, evenly spread.
fn steps_of(len: usize) -> Vec<usize> {
    let last = len.saturating_sub(1);
    let count = MOST_ROWS.min(len);
    let mut steps: Vec<usize> = (0..count).map(|nth| nth * last / (count - 1).max(1)).collect();
    steps.dedup();
    steps
}

#[cfg(test)]
mod tests {
    use super::steps_of;

    #[test]
    fn a_table_has_the_first_and_the_last_step() {
        assert!(steps_of(0).is_empty());
        assert_eq!(steps_of(1), [0]);
        assert_eq!(steps_of(3), [0, 1, 2]);
        let steps = steps_of(301);
        assert_eq!((steps.len(), steps[0], steps[11]), (12, 0, 300));
    }
}
