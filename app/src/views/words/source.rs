//! Which vectors are looked at: those that are learned here, or GloVe's, which are fetched when they are first asked for.

use super::Words;
use crate::format::count;
use crate::state::Lab;
use crate::word_vectors::Atlas;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// The choice, and what is being looked at in words.
#[component]
pub fn SourceView() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = expect_context::<Words>();
    let problem = RwSignal::new(String::new());
    let is_asking = StoredValue::new(false);
    let look_at_glove = move || {
        problem.set(String::new());
        words.shows_glove.set(true);
        if words.glove.with_untracked(Option::is_some) || is_asking.get_value() {
            return;
        }
        is_asking.set_value(true);
        let answer = lab.glove();
        spawn_local(async move {
            let outcome = match answer.await {
                Ok(glove) => Ok(Arc::new(Atlas::of_glove(glove).await)),
                Err(why) => Err(why),
            };
            // The stage may have gone meanwhile.
            if is_asking.try_update_value(|asking| *asking = false).is_none() {
                return;
            }
            match outcome {
                Ok(atlas) => words.glove.set(Some(atlas)),
                Err(why) => {
                    problem.set(why);
                    words.shows_glove.set(false);
                }
            }
        });
    };
    let said = move || {
        if !words.shows_glove.get() {
            return problem.get();
        }
        match words.glove.get() {
            None => "GloVe’s vectors are on their way.".into(),
            Some(atlas) => format!(
                "{} words of GloVe (Pennington and others 2014), {} numbers each, learned elsewhere from six thousand million words of \
                 Wikipedia and newspapers, given to the public domain (PDDL). Training here does not touch them.",
                count(atlas.names.len() as u64),
                atlas.vectors.width()
            ),
        }
    };
    let option = move |is_glove: bool, label: &'static str| {
        let take = move |_| if is_glove { look_at_glove() } else { words.shows_glove.set(false) };
        view! {
            <label>
                <input type="radio" name="vectors" prop:checked=move || words.shows_glove.get() == is_glove on:change=take/>
                {label}
            </label>
        }
    };
    view! {
        <section class="word-source" aria-labelledby="vectors-title">
            <h2 id="vectors-title">"Vectors"</h2>
            <div class="segments" role="radiogroup" aria-labelledby="vectors-title">
                {option(false, "Learned here")} {option(true, "GloVe")}
            </div>
            <p class="readout" role="status">{said}</p>
        </section>
    }
}
