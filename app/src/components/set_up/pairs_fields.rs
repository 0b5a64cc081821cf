//! The data of a lab on pairs: what tokens there are, and how many of them the net reads and answers.

use crate::format::count;
use crate::state::Lab;
use descent_spec::Shape;
use descent_spec::pairs::shape_of;
use leptos::prelude::*;

/// Sizes of both sides; each set has its own.
#[component]
pub fn PairsFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let shape = lab.experiment.with_untracked(|experiment| shape_of(experiment.data.set));
    let Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } = shape else { return ().into_any() };
    let row = |name: &'static str, about: &'static str, sides: [usize; 2]| {
        let [of_source, of_target] = sides.map(|n| count(n as u64));
        view! {
            <div class="row" title=about>
                <span>{name}</span>
                <span class="value quiet">{format!("{of_source} → {of_target}")}</span>
            </div>
        }
    };
    view! {
        {row("Vocabulary", "Tokens of the source and of the target, with those for filling, beginning, end and the unknown", [source_vocabulary, target_vocabulary])}
        {row("Steps", "The longest source and the longest target, in tokens, with their end", [source, target])}
    }
    .into_any()
}
