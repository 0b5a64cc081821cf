//! How a text becomes numbers, and what is known of each word.

use crate::components::fields::field_id;
use crate::format::{count, percent, sig3};
use crate::review::WordFacts;
use crate::state::{Lab, RunPhase};
use descent_spec::words::{SPECIAL, words};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Words that are offered for what was typed.
const N_OFFERED: usize = 12;

/// The rule of the tokenizer, a word to look up, and its number, how often it stands in the reviews, and its embedding.
#[component]
pub fn Vocabulary() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let typed = RwSignal::new("great".to_owned());
    let vocabulary = Memo::new(move |_| lab.facts.read().as_ref().map(|facts| facts.vocabulary.clone()).unwrap_or_default());
    let spelled = Memo::new(move |_| typed.with(|typed| words(typed).next().unwrap_or_default()));
    let token = Memo::new(move |_| vocabulary.read().iter().position(|word| *word == *spelled.read()));
    let offered = Memo::new(move |_| {
        let (vocabulary, spelled) = (vocabulary.read(), spelled.read());
        let fits = |(_, word): &(usize, &String)| !spelled.is_empty() && word.starts_with(spelled.as_str()) && **word != *spelled;
        let known = vocabulary.iter().enumerate().skip(SPECIAL.len());
        known.filter(fits).take(N_OFFERED).map(|(_, word)| word.clone()).collect::<Vec<_>>()
    });
    let found = RwSignal::new(None::<WordFacts>);
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    let epoch = Memo::new(move |_| lab.progress.read().epoch);
    let is_running = lab.running;
    let loaded = Memo::new(move |_| lab.loading.with(Option::is_none));
    Effect::new(move |_| {
        // The embedding changes with every step; once for each epoch and at rest is enough to see it.
        epoch.track();
        is_running.track();
        loaded.track();
        let token_now = token;
        let Some(token) = token_now.get().filter(|_| is_open.get()) else {
            found.set(None);
            return;
        };
        if !lab.running.get() {
            lab.progress.track();
        }
        let answer = lab.word(token as u32);
        spawn_local(async move {
            let answer = answer.await;
            // Another word may have been typed meanwhile.
            if let (Ok(facts), true) = (answer, token_now.try_get_untracked() == Some(Some(token))) {
                found.try_set(Some(facts));
            }
        });
    });
    let id = field_id("word");
    view! {
        <section class="vocabulary" aria-labelledby="vocabulary-title">
            <div class="view-head">
                <h2 id="vocabulary-title">"Words as numbers"</h2>
                <p class="subject">{move || format!("{} tokens", count(vocabulary.read().len() as u64))}</p>
            </div>
            <p class="about">
                "A text is cut into runs of letters and digits, in lower case. The most frequent words of the training reviews have a \
                 number each, by how often they stand there; every other word is token 1, the unknown one. Token 0 fills short \
                 reviews up to the window, and no layer sees it."
            </p>
            <div class="row">
                <label for=id.clone()>"Look up a word"</label>
                <input
                    id=id
                    type="text"
                    maxlength="40"
                    spellcheck="false"
                    autocapitalize="off"
                    prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))
                />
            </div>
            <p class="readout" role="status">{move || said(&spelled.read(), token.get(), found.read().as_ref())}</p>
            {move || found.get().filter(|facts| !facts.embedding.is_empty()).map(|facts| view! { <Embedding facts/> })}
            <div class="hints" role="group" aria-label="Words that begin like it" hidden=move || offered.read().is_empty()>
                {move || {
                    offered
                        .get()
                        .into_iter()
                        .map(|word| {
                            let text = word.clone();
                            view! { <button type="button" class="switch" on:click=move |_| typed.set(word.clone())>{text}</button> }
                        })
                        .collect_view()
                }}
            </div>
        </section>
    }
}

/// The numbers of an embedding as a row of colored cells, each with its number.
#[component]
fn Embedding(facts: WordFacts) -> impl IntoView {
    let extent = facts.embedding.iter().fold(f32::MIN_POSITIVE, |most, it| it.abs().max(most));
    let listed: Vec<String> = facts.embedding.iter().map(|&value| sig3(value.into())).collect();
    let label = format!("Embedding of {} numbers: {}", listed.len(), listed.join(", "));
    let cells = facts.embedding.iter().zip(listed).map(|(&value, text)| {
        let token = if value < 0.0 { "negative" } else { "positive" };
        let style = format!("background: color-mix(in srgb, var(--{token}) {:.0}%, transparent)", 100.0 * value.abs() / extent);
        view! { <span style=style title=text></span> }
    });
    view! { <div class="embedding" role="img" aria-label=label>{cells.collect_view()}</div> }
}

fn said(word: &str, token: Option<usize>, facts: Option<&WordFacts>) -> String {
    let Some(token) = token else {
        return if word.is_empty() {
            String::new()
        } else {
            format!("“{word}” is not in the vocabulary: the net reads the unknown word.")
        };
    };
    let rank = (token + 1).saturating_sub(SPECIAL.len());
    let often = facts.map(|facts| {
        let share = f64::from(facts.count.in_positive) / f64::from(facts.count.total.max(1));
        let total = count(facts.count.total.into());
        format!(" It stands {total} times in the reviews that are learned from, {} of them in positive ones.", percent(share))
    });
    format!("“{word}” is token {}, the {} most frequent word.{}", count(token as u64), ordinal(rank), often.unwrap_or_default())
}

/// `1st`, `22nd`, `113th`.
fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{}{ending}", count(n as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::message::WordCount;

    #[test]
    fn a_word_is_told() {
        let facts = WordFacts { count: WordCount { total: 8, in_positive: 6 }, embedding: Vec::new() };
        let text = said("great", Some(4), Some(&facts));
        assert!(text.starts_with("“great” is token 4, the 3rd most frequent word. It stands 8 times"), "{text}");
        assert!(text.contains("75"), "{text}");
        assert!(said("zyx", None, None).contains("not in the vocabulary"));
        assert_eq!([1, 2, 11, 23, 112].map(ordinal), ["1st", "2nd", "11th", "23rd", "112th"]);
    }
}
