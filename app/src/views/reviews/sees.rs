//! A review of the data as the net reads it.

use super::words::{Words, answer};
use crate::format::count;
use crate::review::{Reading, Word, cut_reviews, words_of};
use crate::state::Lab;
use crate::views::stage::{beside, n_of, split_of};
use descent_spec::data::Split;
use descent_spec::message::Subject;
use descent_spec::registry::Registry;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// A review that was fetched.
#[derive(Debug, Clone, PartialEq)]
struct Fetched {
    split: Split,
    index: u32,
    class: u32,
    words: Arc<Vec<Word>>,
}

/// The chosen review, its truth and its answer, and buttons to others.
#[component]
pub fn Sees() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let classes = lab.experiment.with_untracked(|experiment| experiment.data.facts().classes);
    let fetched = RwSignal::new(None::<Fetched>);
    let trouble = RwSignal::new(None::<String>);
    let reading = RwSignal::new(None::<Arc<Reading>>);
    // Another split or window is another session.
    let session = Memo::new(move |_| lab.facts.read().as_ref().map(|facts| facts.experiment.data.clone()));
    let seed = Memo::new(move |_| lab.facts.read().as_ref().map(|facts| facts.experiment.seed));
    // The shard that it lies in may have been missing before.
    let loaded = Memo::new(move |_| lab.loading.with(Option::is_none));
    Effect::new(move |_| {
        seed.track();
        loaded.track();
        let Subject::Example { split, index } = lab.subject.get() else { return };
        if session.read().is_none() {
            return;
        }
        let answer = lab.fetch_examples(split, vec![index]);
        spawn_local(async move {
            let answer = answer.await;
            if lab.subject.try_get_untracked() != Some(Subject::Example { split, index }) {
                return;
            }
            match answer {
                Ok(examples) => {
                    let class = examples.examples.first().map_or(0, |facts| facts.class);
                    let spelled = |facts: &Option<descent_spec::message::RunFacts>| {
                        let vocabulary = facts.as_ref().map_or(&[][..], |facts| &facts.vocabulary);
                        cut_reviews(&examples.pixels).first().map(|bytes| words_of(bytes, vocabulary))
                    };
                    let words = Arc::new(lab.facts.with_untracked(spelled).unwrap_or_default());
                    trouble.try_set(None);
                    fetched.try_set(Some(Fetched { split, index, class, words }));
                }
                Err(why) => drop(trouble.try_set(Some(why))),
            }
        });
    });
    let words = Memo::new(move |_| fetched.read().as_ref().map(|it| it.words.clone()).unwrap_or_default());
    let step = move |by: i64| move |_| lab.watch(beside(lab.subject.get_untracked(), n_of(lab), by), None);
    let random = move |_| {
        let split = split_of(lab.subject.get_untracked());
        let index = (js_sys::Math::random() * f64::from(n_of(lab)(split))) as u32;
        lab.watch(Subject::Example { split, index }, None);
    };
    let no_session = move || lab.facts.read().is_none();
    let said = move || {
        let fetched = fetched.read();
        let Some(it) = fetched.as_ref() else { return String::new() };
        let truth = classes.get(it.class as usize).copied().unwrap_or("?");
        let answer = reading.read().as_ref().map(|reading| format!(", {}", answer(reading, classes))).unwrap_or_default();
        format!("{} {}: truth {truth}{answer}", it.split.label(), count(it.index.into()))
    };
    view! {
        <section class="sees reviews" aria-labelledby="sees-title">
            <div class="view-head">
                <h2 id="sees-title">"What the network sees"</h2>
                <p class="subject">{said}</p>
                <div class="view-tools" role="group" aria-label="Review">
                    <button type="button" class="text-button" aria-label="Previous review" disabled=no_session on:click=step(-1)>
                        "Previous"
                    </button>
                    <button type="button" class="text-button" aria-label="Next review" disabled=no_session on:click=step(1)>
                        "Next"
                    </button>
                    <button type="button" class="text-button" aria-label="Random review" disabled=no_session on:click=random>
                        "Random"
                    </button>
                </div>
            </div>
            <Words name="Review" words empty="The reviews are being fetched." reading/>
            <p class="problem" hidden=move || trouble.read().is_none()>{move || trouble.get()}</p>
            <details class="more">
                <summary>"How a word's contribution is found"</summary>
                <p>
                    "The net reads the review once more for each word, without that word; the words behind it move up. By how much the \
                     logit is lower then is what the word contributes. That is exact for every net. The contributions need not add \
                     up to the logit: two words that say the same cover for each other, and in a mean of embeddings every word left \
                     out gives the others more weight."
                </p>
            </details>
        </section>
    }
}
