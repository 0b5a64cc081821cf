//! The right pane: curves, evaluation, confusion and mistakes.

use super::confusion::Confusion;
use super::curves::{Curves, Quantity};
use super::evaluation::Evaluations;
use super::gradients::Gradients;
use super::mistakes::Mistakes;
use super::pairs::Scores;
use super::reviews::Comparison;
use crate::state::Lab;
use descent_spec::data::{Kind, Task};
use leptos::prelude::*;

/// Everything that says how well it goes.
#[component]
pub fn Results() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let kind = lab.experiment.with_untracked(|experiment| experiment.data.set.kind());
    let has_list = matches!(kind, Kind::Pictures | Kind::Reviews);
    let task = Memo::new(move |_| lab.experiment.read().data.set.task());
    view! {
        <div class="results-view">
            {move || {
                let measure = if task.get() == Task::Regression { Quantity::Error } else { Quantity::Accuracy };
                view! {
                    <Curves quantity=Quantity::Loss/>
                    <Curves quantity=measure/>
                }
            }}
            <Evaluations/>
            {(kind == Kind::Pairs).then(|| view! { <Scores/> })}
            {(kind == Kind::Reviews).then(|| view! { <Comparison/> })}
            // Points that were told wrong are seen where they lie, and series and texts have views of their own; there is no list of them.
            // Where there is one, the stage has the gradients.
            <Show when=move || has_list fallback=|| view! { <Gradients/> }>
                <Confusion/>
                <Mistakes/>
            </Show>
        </div>
    }
}
