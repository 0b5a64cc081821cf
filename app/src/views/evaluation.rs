//! Whole splits, evaluated: validation by itself after each epoch, test when the visitor asks.

use crate::format::{count, percent, sig3};
use crate::state::{Lab, RunPhase};
use descent_spec::data::{Kind, Split, Task};
use descent_spec::message::Phase;
use descent_spec::registry::Registry;
use leptos::prelude::*;

/// A small table and the buttons that fill it.
#[component]
pub fn Evaluations() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let task = task_of(lab);
    let is_text = Memo::new(move |_| task.get() == Task::NextToken);
    let busy = move || lab.facts.read().is_none() || lab.run_phase.get() == RunPhase::Session(Phase::Evaluating);
    // Own points have no test part.
    let has_no_test = move || lab.facts.with(|facts| facts.as_ref().is_some_and(|facts| facts.n_test == 0));
    view! {
        <section class="evaluations" aria-labelledby="evaluation-title">
            <div class="view-head">
                <h2 id="evaluation-title">"Evaluation"</h2>
                <div class="view-tools">
                    <button
                        type="button"
                        class="text-button"
                        disabled=busy
                        on:click=move |_| lab.evaluate(Split::Validation)
                    >
                        "Validate"
                    </button>
                    <button
                        type="button"
                        class="text-button"
                        disabled=move || busy() || has_no_test()
                        on:click=move |_| lab.evaluate(Split::Test)
                    >
                        "Evaluate on test"
                    </button>
                </div>
            </div>
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Split"</span></th>
                        <th scope="col">{move || if task.get() == Task::Regression { "Abs. error" } else { "Accuracy" }}</th>
                        <th scope="col">"Loss"</th>
                        {move || is_text.get().then(|| view! {
                            {has_bits(lab).then(|| view! { <th scope="col" title="Bits per character: loss / ln 2">"Bits"</th> })}
                            <th scope="col" title="e^loss: among how many equally probable characters it would be as hard to choose">"Perplexity"</th>
                        })}
                        {move || (!is_text.get()).then(|| view! { <th scope="col">"Examples"</th> })}
                        <th scope="col">"Step"</th>
                    </tr>
                </thead>
                <tbody>
                    <Row split=Split::Validation/>
                    <Row split=Split::Test/>
                </tbody>
            </table>
        </section>
    }
}

fn task_of(lab: Lab) -> Memo<Task> {
    Memo::new(move |_| lab.experiment.read().data.set.task())
}

#[component]
fn Row(split: Split) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let point = Memo::new(move |_| lab.evaluations.read().get(&split).map(|evaluation| evaluation.point));
    let task = task_of(lab);
    let is_text = Memo::new(move |_| task.get() == Task::NextToken);
    let measure = move || {
        let measured = point.get().map(|point| f64::from(point.accuracy));
        measured.map_or("–".into(), |it| if task.get() == Task::Regression { sig3(it) } else { percent(it) })
    };
    let text = move |of: fn(descent_spec::message::EvalPoint) -> String| move || point.get().map_or("–".into(), of);
    view! {
        <tr>
            <th scope="row">{split.label()}</th>
            <td class="main">{measure}</td>
            <td>{text(|point| sig3(point.loss.into()))}</td>
            {move || is_text.get().then(|| view! {
                {has_bits(lab).then(|| view! { <td>{text(|point| sig3(bits(point.loss.into())))}</td> })}
                <td>{text(|point| sig3(f64::from(point.loss).exp()))}</td>
            })}
            {move || (!is_text.get()).then(|| view! { <td>{text(|point| count(point.count.into()))}</td> })}
            <td>{text(|point| count(point.step))}</td>
        </tr>
    }
}

/// Bits are what characters are compared by; of words one tells the perplexity alone.
fn has_bits(lab: Lab) -> bool {
    lab.experiment.with_untracked(|experiment| experiment.data.set.kind() == Kind::Text)
}

/// Nats as bits.
fn bits(nats: f64) -> f64 {
    nats / std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::bits;

    #[test]
    fn a_fair_coin_has_one_bit() {
        assert!((bits(2f64.ln()) - 1.0).abs() < 1e-12);
    }
}
