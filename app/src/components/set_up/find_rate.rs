//! "Find a rate": the learning-rate range test of the running experiment, as a curve, a table and a suggestion.

use crate::canvas::rates;
use crate::format::sig3;
use crate::state::Lab;
use crate::views::painted::Painted;
use descent_spec::message::{RateTest, RateTestEnd};
use descent_spec::{Experiment, Schedule};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// The button, and what it has found.
#[component]
pub fn FindRate() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let is_busy = RwSignal::new(false);
    let found = RwSignal::new(None::<Arc<RateTest>>);
    let problem = RwSignal::new(None::<String>);
    // A result belongs to the run it was made for, whatever rate that has.
    let tested = Memo::new(move |_| lab.facts.with(|facts| facts.as_ref().map(|facts| without_rate(&facts.experiment))));
    Effect::new(move |_| {
        // A memo that is tracked and never read is not computed anew.
        tested.with(|_| ());
        found.set(None);
        problem.set(None);
    });
    let search = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problem.set(None);
        lab.say("Trying one rate after the other.");
        spawn_local(async move {
            let answer = lab.find_rate().await;
            // The set-up may have gone meanwhile.
            is_busy.try_set(false);
            match answer {
                Ok(test) => {
                    lab.say(in_words(&test));
                    found.try_set(Some(Arc::new(test)));
                }
                Err(why) => {
                    lab.say(why.clone());
                    problem.try_set(Some(why));
                }
            }
        });
    };
    let about = move || match lab.stale.get() {
        true => "The test runs what the session runs: restart first",
        false => "Tries a hundred rates on a copy of the run, from its first weights; the run is not touched",
    };
    view! {
        <div class="find-rate">
            <button type="button" title=about disabled=move || lab.stale.get() on:click=search>
                {move || if is_busy.get() { "Trying rates…" } else { "Find a rate" }}
            </button>
            <p class="problem" hidden=move || problem.read().is_none()>{move || problem.get()}</p>
            {move || found.get().map(|test| view! { <Found test/> })}
        </div>
    }
}

#[component]
fn Found(test: Arc<RateTest>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = in_words(&test);
    let label = format!("Loss against learning rate, both on logarithmic scales. {words}");
    let drawn = Arc::clone(&test);
    let rows = test.points.iter().map(|point| {
        view! {
            <tr>
                <th scope="row">{sig3(point.rate)}</th>
                <td>{sig3(point.loss.into())}</td>
                <td>{sig3(point.smoothed)}</td>
            </tr>
        }
    });
    let take = move |rate: f64| {
        lab.experiment.update(|experiment| experiment.training.learning_rate = rate);
        lab.say(format!("The learning rate is {}.", sig3(rate)));
    };
    view! {
        <Painted label=Signal::stored(label) track=|| () draw=move |surface, theme| rates::draw(surface, theme, &drawn) attr:class="chart"/>
        <p class="legend">
            {test.steepest.map(|rate| view! { <span class="steepest">"steepest " <b>{sig3(rate)}</b></span> })}
            {test.suggested.map(|rate| view! { <span class="suggested">"suggested " <b>{sig3(rate)}</b></span> })}
        </p>
        <p class="about">{words}</p>
        {test
            .suggested
            .map(|rate| view! { <button type="button" on:click=move |_| take(rate)>"Use this rate"</button> })}
        <details class="more">
            <summary>"Table"</summary>
            <div class="table-box" tabindex="0" role="region" aria-label="Loss by learning rate">
                <table>
                    <thead>
                        <tr><th scope="col">"Rate"</th><th scope="col">"Loss"</th><th scope="col">"Smoothed"</th></tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

/// The experiment with everything at rest that the test does not depend on.
fn without_rate(experiment: &Experiment) -> Experiment {
    let mut same = experiment.clone();
    same.training.learning_rate = 1.0;
    same.training.schedule = Schedule::Constant;
    same.training.epochs = 1;
    same
}

/// What the test found, in two sentences.
fn in_words(test: &RateTest) -> String {
    let end = match test.end {
        RateTestEnd::AllTried => format!("Up to {} it did not run off.", sig3(test.last_rate)),
        RateTestEnd::Rose => format!("At {} it had risen to four times its lowest.", sig3(test.last_rate)),
        RateTestEnd::Diverged => format!("At {} it ran off until it was no longer a number.", sig3(test.last_rate)),
    };
    match (test.lowest, test.suggested) {
        (Some(lowest), Some(suggested)) => {
            let steepest = test.steepest.map(|rate| format!("fell most steeply at {} and ", sig3(rate))).unwrap_or_default();
            format!(
                "The loss {steepest}was lowest at a rate of {}; a tenth of that, {}, is suggested. {end}",
                sig3(lowest),
                sig3(suggested)
            )
        }
        _ => format!("No rate made the loss fall by a tenth, so none is suggested. {end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_told_in_words() {
        let mut test = RateTest {
            points: vec![],
            end: RateTestEnd::Rose,
            last_rate: 1.5,
            lowest: Some(0.2),
            steepest: Some(0.05),
            suggested: Some(0.02),
        };
        assert_eq!(
            in_words(&test),
            "The loss fell most steeply at 0.0500 and was lowest at a rate of 0.200; a tenth of that, 0.0200, is suggested. At 1.50 \
             it had risen to four times its lowest."
        );
        (test.lowest, test.steepest, test.suggested, test.end) = (None, None, None, RateTestEnd::AllTried);
        assert_eq!(
            in_words(&test),
            "No rate made the loss fall by a tenth, so none is suggested. Up to 1.50 it did not run off."
        );
    }
}
