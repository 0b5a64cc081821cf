//! The words most like one, as they are now.

use super::Words;
use crate::components::fields::field_id;
use leptos::prelude::*;

/// A word to look at, and its neighbours by cosine.
#[component]
pub fn Neighbours() -> impl IntoView {
    let words = expect_context::<Words>();
    let id = field_id("neighbours-of");
    let found = Memo::new(move |_| {
        let atlas = words.atlas.get()?;
        words.chosen()?;
        Some(words.near.read().iter().map(|near| (atlas.names.of(near.word).to_owned(), near.cosine)).collect::<Vec<_>>())
    });
    let said = move || {
        let is_there = words.atlas.with(Option::is_some);
        match (found.read().as_ref(), words.typed.read().trim()) {
            (None, "") => "Type a word, or choose one on the map.".to_owned(),
            (None, typed) if is_there => format!("“{typed}” is none of the words."),
            _ => String::new(),
        }
    };
    view! {
        <section class="neighbours" aria-labelledby="neighbours-title">
            <h2 id="neighbours-title">"Neighbours"</h2>
            <div class="row">
                <label for=id.clone()>"Nearest to"</label>
                <input
                    id=id
                    type="text"
                    maxlength="40"
                    spellcheck="false"
                    autocapitalize="off"
                    prop:value=move || words.typed.get()
                    on:input=move |event| words.typed.set(event_target_value(&event))
                />
            </div>
            <p class="readout" role="status">{said}</p>
            <Show when=move || found.read().is_some()>
                <table class="figures-table">
                    <thead><tr><th scope="col">"Word"</th><th scope="col">"Cosine"</th></tr></thead>
                    <tbody>
                        {move || {
                            found
                                .get()
                                .unwrap_or_default()
                                .into_iter()
                                .map(|(name, cosine)| {
                                    let text = name.clone();
                                    view! {
                                        <tr>
                                            <th scope="row">
                                                <button type="button" class="text-button" on:click=move |_| words.typed.set(name.clone())>{text}</button>
                                            </th>
                                            <td>{format!("{cosine:.3}")}</td>
                                        </tr>
                                    }
                                })
                                .collect_view()
                        }}
                    </tbody>
                </table>
            </Show>
        </section>
    }
}
