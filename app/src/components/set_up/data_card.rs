//! The data: which set, how it is split, where it comes from.

use crate::components::fields::NumberBox;
use crate::format;
use crate::state::Lab;
use crate::views::DataBrowser;
use descent_spec::manifest::Source;
use descent_spec::message::RunFacts;
use descent_spec::registry::Registry;
use leptos::prelude::*;

/// The data card.
#[component]
pub fn DataCard() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let total = move |facts: &RunFacts| (facts.n_train + facts.n_validation + facts.n_test) as u64;
    let fact = move |read: fn(&RunFacts) -> String| {
        move || lab.facts.with(|facts| facts.as_ref().map(read).unwrap_or_else(|| "–".into()))
    };
    view! {
        <section aria-labelledby="data-title">
            <h2 id="data-title">"Data"</h2>
            <div class="row">
                <span>{move || lab.experiment.read().data.set.label()}</span>
                <span class="value quiet">{move || lab.facts.with(|facts| facts.as_ref().map(|facts| format::count(total(facts))))}</span>
            </div>
            <Show when=move || lab.facts.with(|facts| facts.as_ref().is_some_and(|facts| facts.source == Source::Generated))>
                <p class="about">"Generated: digits drawn from jittered strokes, because MNIST could not be reached."</p>
            </Show>
            <DataBrowser/>
            <dl class="parts">
                <div><dt>"train"</dt><dd>{fact(|facts| format::count(facts.n_train as u64))}</dd></div>
                <div><dt>"validation"</dt><dd>{fact(|facts| format::count(facts.n_validation as u64))}</dd></div>
                <div><dt>"test"</dt><dd>{fact(|facts| format::count(facts.n_test as u64))}</dd></div>
            </dl>
            <NumberBox
                label="Validation share"
                value=Signal::derive(move || lab.experiment.read().data.validation)
                min=0.05
                max=0.5
                about="Share of the training set held out by the seed, for choosing"
                set=move |share| lab.experiment.update(|experiment| experiment.data.validation = share)
            />
            <details class="more">
                <summary>"Source and licence"</summary>
                <p>{fact(|facts| match facts.source {
                    Source::Real => "The published data set.".into(),
                    Source::Generated => "Generated in place of the published data set.".into(),
                })}</p>
                <p>{fact(|facts| facts.licence.clone())}</p>
                <p>{fact(|facts| facts.citation.clone())}</p>
            </details>
        </section>
    }
}
