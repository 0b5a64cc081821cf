//! A review of the visitor's.

use super::words::{Words, answer};
use crate::components::fields::field_id;
use crate::format::count;
use crate::review::{Reading, Word};
use crate::state::Lab;
use descent_spec::words::Lexicon;
use leptos::prelude::*;
use std::sync::Arc;

/// Most characters of an own review: far more than the longest window reads.
const MAX_CHARACTERS: usize = 5_000;
const FIRST: &str = "I expected a boring film, and it was wonderful: great actors, and not one dull minute.";

/// A box to write in, and below it the text as the net reads it.
#[component]
pub fn Own() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let classes = lab.experiment.with_untracked(|experiment| experiment.data.facts().classes);
    let text = RwSignal::new(FIRST.to_owned());
    let vocabulary = Memo::new(move |_| lab.facts.read().as_ref().map(|facts| facts.vocabulary.clone()).unwrap_or_default());
    let lexicon = Memo::new_with_compare(move |_| Arc::new(Lexicon::new(&vocabulary.read())), |_, _| true);
    let words = Memo::new(move |_| {
        let found = text.with(|text| lexicon.read().tokens(text));
        Arc::new(if vocabulary.read().is_empty() {
            Vec::new()
        } else {
            found.into_iter().map(|(text, token)| Word { text, token }).collect()
        })
    });
    let reading = RwSignal::new(None::<Arc<Reading>>);
    let said = move || {
        let n_unknown = words.read().iter().filter(|word| word.is_unknown()).count();
        let unknown = match n_unknown {
            0 => String::new(),
            1 => ", 1 of them unknown".into(),
            n => format!(", {} of them unknown", count(n as u64)),
        };
        let answer = reading.read().as_ref().map(|reading| format!(": {}", answer(reading, classes))).unwrap_or_default();
        let words = match words.read().len() {
            1 => "1 word".to_owned(),
            n => format!("{} words", count(n as u64)),
        };
        format!("{words}{unknown}{answer}")
    };
    let id = field_id("own-review");
    view! {
        <section class="own-review reviews" aria-label="A review of yours">
            <div class="view-head">
                <h2><label for=id.clone()>"Your own review"</label></h2>
                <p class="subject" role="status" aria-live=move || if lab.running.get() { "off" } else { "polite" }>{said}</p>
            </div>
            <textarea
                id=id
                rows="3"
                maxlength=MAX_CHARACTERS
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            <Words name="Your own review" words empty="Write something about a film." reading/>
            <p class="about">"It stays in this browser. The reviews are in English, and so are the words that the net knows."</p>
        </section>
    }
}
