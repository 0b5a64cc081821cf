//! The data: which set, how it is split, where it comes from.

use super::pairs_fields::PairsFields;
use super::points_fields::PointsFields;
use super::reviews_fields::ReviewsFields;
use super::series_fields::SeriesFields;
use super::text_fields::TextFields;
use super::words_fields::WordsFields;
use crate::components::fields::NumberBox;
use crate::format;
use crate::lesson::Guarded;
use crate::state::Lab;
use crate::views::DataBrowser;
use descent_spec::data::Kind;
use descent_spec::lesson::Control;
use descent_spec::manifest::Source;
use descent_spec::message::RunFacts;
use descent_spec::registry::Registry;
use leptos::prelude::*;

/// The data card.
#[component]
pub fn DataCard() -> impl IntoView {
    let lab = expect_context::<Lab>();
    // Another kind of data makes the whole set-up anew.
    let kind = lab.experiment.with_untracked(|experiment| experiment.data.set.kind());
    let (is_planar, has_pictures, is_series) = (kind == Kind::Plane, kind == Kind::Pictures, kind == Kind::Series);
    let total = move |facts: &RunFacts| (facts.n_train + facts.n_validation + facts.n_test) as u64;
    let fact = move |read: fn(&RunFacts) -> String| {
        move || lab.facts.with(|facts| facts.as_ref().map(read).unwrap_or_else(|| "–".into()))
    };
    view! {
        <section aria-labelledby="data-title">
            <h2 id="data-title">"Data"</h2>
            <Show when=move || is_series>
                <SeriesFields/>
            </Show>
            <Show when=move || is_planar || is_series fallback=move || view! {
                <div class="row">
                    <span>{move || lab.experiment.read().data.set.label()}</span>
                    <span class="value quiet">{move || lab.facts.with(|facts| facts.as_ref().map(|facts| format::count(total(facts))))}</span>
                </div>
            }>
                {is_planar.then(|| view! { <PointsFields/> })}
            </Show>
            <Show when=move || has_pictures && lab.facts.with(|facts| facts.as_ref().is_some_and(|facts| facts.source == Source::Generated))>
                <p class="about">"Generated: digits drawn from jittered strokes, because MNIST could not be reached."</p>
            </Show>
            <Show when=move || kind == Kind::Text>
                <TextFields/>
            </Show>
            <Show when=move || kind == Kind::Reviews>
                <ReviewsFields/>
            </Show>
            <Show when=move || kind == Kind::Pairs>
                <PairsFields/>
            </Show>
            <Show when=move || kind == Kind::Words>
                <WordsFields/>
            </Show>
            <Show when=move || has_pictures || kind == Kind::Reviews>
                <DataBrowser/>
            </Show>
            <dl class="parts">
                <div><dt>"train"</dt><dd>{fact(|facts| format::count(facts.n_train as u64))}</dd></div>
                <div><dt>"validation"</dt><dd>{fact(|facts| format::count(facts.n_validation as u64))}</dd></div>
                <div><dt>"test"</dt><dd>{fact(|facts| format::count(facts.n_test as u64))}</dd></div>
            </dl>
            <Guarded control=Control::Validation>
                <NumberBox
                    label="Validation share"
                    value=Signal::derive(move || lab.experiment.read().data.validation)
                    min=0.05
                    max=0.5
                    about=if is_series { "Share of the time before the test period, at its end, for choosing" } else { "Share of the training set held out by the seed, for choosing" }
                    set=move |share| lab.experiment.update(|experiment| experiment.data.validation = share)
                />
            </Guarded>
            <Show when=move || !is_planar>
            <details class="more">
                <summary>"Source and licence"</summary>
                <p>{fact(|facts| match facts.source {
                    Source::Real => "The published data set.".into(),
                    Source::Generated if facts.experiment.data.set.folder().is_none() => "No published data set.".into(),
                    Source::Generated => "Generated in place of the published data set.".into(),
                })}</p>
                <p>{fact(|facts| facts.licence.clone())}</p>
                <p>{fact(|facts| facts.citation.clone())}</p>
            </details>
            </Show>
        </section>
    }
}
