//! The wrong answers the network was most certain of.

use super::thumbnails::{Shelf, Thumbnails};
use crate::format::percent;
use crate::state::Lab;
use descent_spec::data::Split;
use leptos::prelude::*;

/// How many are shown at first, and how many more each time.
const A_FEW: usize = 10;

/// Pictures of the worst mistakes on validation data, truth and answer below, the most certain first.
#[component]
pub fn Mistakes() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let classes = lab.experiment.with_untracked(|experiment| experiment.data.facts().classes);
    let all = Memo::new(move |_| lab.evaluations.read().get(&Split::Validation).map(|evaluation| evaluation.mistakes.clone()));
    let n_shown = RwSignal::new(A_FEW);
    let shelf = Shelf::new();
    Effect::new(move |_| {
        let mut mistakes = all.get().unwrap_or_default();
        mistakes.truncate(n_shown.get());
        if mistakes.is_empty() {
            shelf.clear();
            return;
        }
        let indices = mistakes.iter().map(|mistake| mistake.index).collect();
        shelf.fill(lab.fetch_examples(Split::Validation, indices), move |item| {
            let Some(mistake) = mistakes.iter().find(|mistake| mistake.index == item.index) else { return };
            let name = |class: u32| classes.get(class as usize).copied().unwrap_or("?");
            let share = percent(mistake.probability.into());
            item.lines = vec![format!("{} → {}", name(mistake.truth), name(mistake.predicted)), share.clone()];
            item.note = format!("read as {} with {share}", name(mistake.predicted));
        });
    });
    let more = move || all.read().as_ref().map_or(0, Vec::len).saturating_sub(n_shown.get());
    view! {
        <section class="mistakes" aria-labelledby="mistakes-title">
            <div class="view-head">
                <h2 id="mistakes-title">"Worst mistakes"</h2>
                <Show when=move || { more() > 0 }>
                    <button
                        type="button"
                        class="text-button"
                        aria-label="More mistakes"
                        on:click=move |_| n_shown.update(|shown| *shown += A_FEW)
                    >
                        "More"
                    </button>
                </Show>
            </div>
            <Thumbnails items=shelf.items/>
            <p class="readout">
                {move || match all.read().as_ref() {
                    None => "Wrong answers on validation data appear here, the most certain first.",
                    Some(mistakes) if mistakes.is_empty() => "Not one wrong answer on validation data.",
                    Some(_) => "Truth → answer, and how certain the network was.",
                }}
            </p>
            {move || shelf.trouble.get().map(|why| view! { <p class="quiet">{why}</p> })}
        </section>
    }
}
