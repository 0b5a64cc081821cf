//! A source of the visitor's, answered while the net learns.

use super::asking::answered;
use super::candidates::Candidates;
use super::looks::Looks;
use super::unknown_in;
use crate::components::fields::{Choice, field_id};
use crate::format::{count, sig3};
use crate::pairs::{name_of, text_of};
use crate::state::Lab;
use descent_spec::DataSet;
use descent_spec::pairs::MAX_SOURCE_CHARS;
use descent_spec::registry::Entry;
use leptos::prelude::*;

/// How answers are searched for.
const SEARCHES: &[Entry<u32>] = &[
    Entry { value: 1, id: "greedy", label: "Greedy", about: "takes the most probable token at each step" },
    Entry { value: 3, id: "beam-3", label: "Beam of 3", about: "extends the three likeliest beginnings side by side" },
    Entry { value: 5, id: "beam-5", label: "Beam of 5", about: "extends the five likeliest beginnings side by side" },
];

/// A box to write in, the answer, other candidates of a beam, and where the answer looked.
#[component]
pub fn Own() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let set = lab.experiment.with_untracked(|experiment| experiment.data.set);
    let (title, first, about) = match set {
        DataSet::FraEng => (
            "Your own sentence",
            "I am cold.",
            "Short English sentences: the net has seen none of more than eight words and marks.",
        ),
        _ => (
            "Your own date",
            "March 3rd, 1998",
            "Write a date as people do: with the month as a word or a number, with the weekday or without.",
        ),
    };
    let text = RwSignal::new(first.to_owned());
    let beam = RwSignal::new(1_u32);
    let (told, problem) = answered(lab, text.into(), beam.into());
    let vocabulary = Memo::new(move |_| lab.facts.read().as_ref().map(|facts| facts.vocabulary.clone()).unwrap_or_default());
    let unknown = Memo::new(move |_| {
        let vocabulary = vocabulary.read();
        if vocabulary.is_empty() { Vec::new() } else { unknown_in(set, &text.read(), &vocabulary) }
    });
    let answer = Memo::new(move |_| {
        let told = told.read();
        let best = told.as_ref()?.translation.answers.first()?;
        let text = text_of(set, best);
        Some(if best.is_finished { text } else { format!("{text} …") })
    });
    let facts = move || {
        let told = told.read();
        let Some(translation) = told.as_ref().map(|told| &told.translation) else { return String::new() };
        let best = &translation.answers[0];
        let end = if best.is_finished { "" } else { "; there was no room for its end" };
        let behind = told.as_ref().map(|told| told.behind_unknown(set)).unwrap_or_default();
        let behind: Vec<String> = behind.iter().map(|token| name_of(token)).collect();
        let behind = if behind.is_empty() {
            String::new()
        } else {
            format!("; for the unknown it looked most at {}", behind.join(", then at "))
        };
        format!(
            "with the weights of step {}: {} tokens, ln p = {}{end}{behind}",
            count(translation.step),
            count(best.tokens.len() as u64),
            sig3(best.log_probability.into())
        )
    };
    let politeness = move || if lab.running.get() { "off" } else { "polite" };
    let id = field_id("own-source");
    view! {
        <section class="own-source pairs" aria-label=title>
            <div class="view-head"><h2><label for=id.clone()>{title}</label></h2></div>
            <div class="source-fields">
                <input
                    type="text"
                    id=id
                    maxlength=MAX_SOURCE_CHARS
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                />
                <Choice label="Search" table=SEARCHES value=beam set=move |width| beam.set(width)/>
            </div>
            <p class="readout" role="status">{move || unknown_words(&unknown.read())}</p>
            <p class="answered" role="status" aria-live=politeness>
                <span class="visually-hidden">"Answer: "</span>
                {move || match (answer.get(), text.with(|text| text.trim().is_empty())) {
                    (Some(answer), _) if answer.is_empty() => view! { <span class="quiet">"nothing: it ends at once"</span> }.into_any(),
                    (Some(answer), _) => view! { <b>{answer}</b> }.into_any(),
                    (None, true) => view! { <span class="quiet">"Write something to be answered."</span> }.into_any(),
                    (None, false) => view! { <span class="quiet">"…"</span> }.into_any(),
                }}
            </p>
            <p class="readout answer-facts">{facts}</p>
            <p class="problem" hidden=move || problem.read().is_none()>{move || problem.get()}</p>
            <Show when=move || { beam.get() > 1 }>
                <Candidates told=told.into()/>
            </Show>
            <p class="about">{about}</p>
            <Looks told=told.into()/>
        </section>
    }
}

fn unknown_words(unknown: &[String]) -> String {
    let quoted: Vec<String> = unknown.iter().map(|token| format!("“{token}”")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => format!("{one} is not in the vocabulary: the net reads the unknown in its place."),
        many => format!("{} are not in the vocabulary: the net reads the unknown in their places.", many.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_are_told() {
        assert_eq!(unknown_words(&[]), "");
        assert!(unknown_words(&["ü".into()]).starts_with("“ü” is not in the vocabulary"));
        assert!(unknown_words(&["a".into(), "b".into()]).starts_with("“a”, “b” are not"));
    }
}
