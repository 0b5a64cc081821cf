//! What was planted in the sentences, and how much of it the vectors have recovered.

use super::Words;
use crate::format::percent;
use descent_spec::plant::{self, FAMILIES};
use leptos::prelude::*;

/// The score, and what the sentences are made of.
#[component]
pub fn Planted() -> impl IntoView {
    let words = expect_context::<Words>();
    let found = Memo::new(move |_| {
        let atlas = words.trained.get()?;
        (atlas.vectors.len() == plant::n_words()).then(|| plant::recovered(&atlas.vectors))
    });
    let row = move |title: &'static str, of: fn(&plant::Recovered) -> (usize, usize)| {
        let share = move || found.read().as_ref().map_or(0.0, |found| of(found).0 as f64 / of(found).1.max(1) as f64);
        let text = move || found.read().as_ref().map_or("–".into(), |found| format!("{} of {}", of(found).0, of(found).1));
        view! {
            <tr>
                <th scope="row">{title}</th>
                <td class="main">{text}</td>
                <td class="share"><span class="share-bar" title=move || percent(share())><i style:width=move || format!("{:.1}%", 100.0 * share())></i></span></td>
            </tr>
        }
    };
    view! {
        <section class="planted" aria-labelledby="planted-title">
            <h2 id="planted-title">"Planted and recovered"</h2>
            <table class="figures-table">
                <thead class="visually-hidden">
                    <tr><th scope="col">"What"</th><th scope="col">"Recovered"</th><th scope="col">"Share"</th></tr>
                </thead>
                <tbody>
                    {row("Analogies", |found| (found.analogies, found.n_analogies))}
                    {row("Question's words left in", |found| (found.with_own, found.n_analogies))}
                    {row("Nearest word is of its family", |found| (found.company, found.n_company))}
                </tbody>
            </table>
            <details class="more">
                <summary>"What the sentences are made of"</summary>
                <p>
                    "Each sentence holds one word of a pair, a word that goes with that pair, one that goes with that side of its \
                     family, and one or two that go with anything. The net sees the words only."
                </p>
                {FAMILIES
                    .iter()
                    .map(|family| {
                        let pairs: Vec<String> =
                            family.pairs.iter().map(|pair| format!("{} {} ({})", pair.words[0], pair.words[1], pair.own.join(", "))).collect();
                        let [first, second] = family.sides.map(|side| side.join(", "));
                        view! {
                            <p>
                                <b>{family.name}</b>
                                {format!(", {}: {}. Beside the first stand {first}; beside the second {second}.", family.relation, pairs.join("; "))}
                            </p>
                        }
                    })
                    .collect_view()}
            </details>
        </section>
    }
}
