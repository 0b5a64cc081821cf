//! What the net wrote after each epoch, to go back and forth in.

use super::Written;
use crate::components::fields::field_id;
use crate::format::count;
use crate::history::KeptText;
use crate::state::Lab;
use leptos::prelude::*;

/// A slider over the epochs, and the text of one.
#[component]
pub fn Kept() -> impl IntoView {
    let lab = expect_context::<Lab>();
    // None follows the newest.
    let chosen = RwSignal::new(None::<usize>);
    let n_kept = Memo::new(move |_| {
        lab.history_tick.track();
        lab.history.with_value(|history| history.texts.len())
    });
    let last = Memo::new(move |_| n_kept.get().saturating_sub(1));
    let at = Memo::new(move |_| chosen.get().unwrap_or(usize::MAX).min(last.get()));
    let shown = Memo::new(move |_| {
        lab.history_tick.track();
        let at = at.get();
        lab.history.with_value(|history| history.texts.get(at).cloned())
    });
    let id = field_id("epoch");
    let move_to = move |event| {
        if let Ok(place) = event_target_value(&event).parse::<usize>() {
            chosen.set((place < last.get_untracked()).then_some(place));
        }
    };
    view! {
        <section class="kept" aria-labelledby="kept-title">
            <div class="view-head">
                <h2 id="kept-title">"What it wrote after each epoch"</h2>
                <p class="subject">{move || shown.read().as_ref().map(named)}</p>
            </div>
            <Show
                when=move || { n_kept.get() > 0 }
                fallback=|| view! { <p class="readout">"At the end of each epoch one text is kept, always with the same draws: what changes is the net."</p> }
            >
                <label class="visually-hidden" for=id.clone()>"Epoch of the text"</label>
                <input
                    type="range"
                    id=id.clone()
                    min="0"
                    max=move || last.get().to_string()
                    step="1"
                    prop:value=move || at.get().to_string()
                    aria-valuetext=move || shown.read().as_ref().map(named)
                    on:input=move_to
                />
                <Written
                    label="Text kept after an epoch"
                    text=Signal::derive(move || shown.read().as_ref().map_or_else(String::new, |kept| kept.text.clone()))
                    empty="…"
                />
            </Show>
        </section>
    }
}

fn named(kept: &KeptText) -> String {
    match kept.epoch {
        0 => "Before the first step".into(),
        epoch => format!("After epoch {epoch}, step {}", count(kept.step)),
    }
}
