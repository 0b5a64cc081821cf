//! "a is to b as c is to ?": the words nearest to b − a + c.

use super::{Answered, Words};
use crate::components::fields::field_id;
use crate::views::curves::Switch;
use leptos::prelude::*;

/// Answers in the list.
const N_SHOWN: usize = 5;

/// Three words and what follows.
#[component]
pub fn Analogy() -> impl IntoView {
    let words = expect_context::<Words>();
    let [a, b, c] = words.question;
    let leave_out = words.leave_out;
    let found = Memo::new(move |_| {
        let atlas = words.atlas.get()?;
        let spelled = |(question, near): Answered| {
            let near: Vec<(String, f32)> =
                near.iter().take(N_SHOWN).map(|near| (atlas.names.of(near.word).to_owned(), near.cosine)).collect();
            (question.map(|word| atlas.names.of(word).to_owned()), near)
        };
        Some(words.found.get()?.map(spelled))
    });
    let said = move || match found.get() {
        None => String::new(),
        Some(Err(why)) => why,
        Some(Ok(([a, b, c], near))) => match near.first() {
            Some((answer, _)) => format!("“{a}” is to “{b}” as “{c}” is to “{answer}”."),
            None => "These vectors cannot be compared.".into(),
        },
    };
    let listed = move || found.get().and_then(Result::ok).map(|(_, near)| near).unwrap_or_default();
    let field = |label: &'static str, typed: RwSignal<String>| {
        let id = field_id("analogy");
        view! {
            <div class="row">
                <label for=id.clone()>{label}</label>
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
        }
    };
    view! {
        <section class="analogy" aria-labelledby="analogy-title">
            <div class="view-head">
                <h2 id="analogy-title">"Analogy"</h2>
                <div class="view-tools">
                    <Switch on=leave_out name="Analogy" text="Leave the question out" long="leave the question out: its own words are no answers"/>
                </div>
            </div>
            <div class="analogy-fields">{field("As", a)} {field("is to", b)} {field("so is", c)}</div>
            <p class="readout" role="status">{said}</p>
            <table class="figures-table">
                <thead><tr><th scope="col">"to"</th><th scope="col">"Cosine"</th></tr></thead>
                <tbody>
                    {move || {
                        listed()
                            .into_iter()
                            .map(|(name, cosine)| view! { <tr><th scope="row">{name}</th><td>{format!("{cosine:.3}")}</td></tr> })
                            .collect_view()
                    }}
                </tbody>
            </table>
            <p class="about">
                "The words nearest to b − a + c, each vector at length 1. Left in, one of the question's own words is often the nearest."
            </p>
        </section>
    }
}
