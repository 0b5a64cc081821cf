//! How far off the net and the baselines are, on validation, and on the test part once it was asked for.

use super::verdict::{errors_of, net_name, verdict};
use crate::format::{count, sig3};
use crate::state::{Lab, RunPhase};
use crate::views::painted::settled;
use descent_spec::data::Split;
use descent_spec::forecast::{Finding, Method};
use descent_spec::message::Phase;
use descent_spec::registry::Registry;
use leptos::prelude::*;

/// The verdict, the table of errors, and the button for the test part.
#[component]
pub fn ErrorsView() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let net = Memo::new(move |_| lab.facts.with(|facts| facts.as_ref().map(|facts| net_name(&facts.experiment))));
    let told = move |split: Split| {
        let (series, forecasts) = (lab.series.read_untracked(), lab.forecasts.read_untracked());
        let (Some(series), Some(forecast)) = (series.as_ref(), forecasts.get(&split)) else { return None };
        verdict(&net.get_untracked()?, split, forecast, series)
    };
    let track = move || {
        lab.forecasts.track();
        lab.series.track();
    };
    let on_validation = settled(track, move || told(Split::Validation));
    let on_test = settled(track, move || told(Split::Test));
    let known = move || super::verdict::known(lab.experiment.read().data.set);
    let busy = move || lab.facts.read().is_none() || lab.run_phase.get() == RunPhase::Session(Phase::Evaluating);
    let step_of = move |split: Split| lab.forecasts.with(|all| all.get(&split).map(|forecast| forecast.step));
    view! {
        <div class="series-verdict">
            <p class="verdict">{move || on_validation.get().unwrap_or_else(|| "The forecasts are on their way.".into())}</p>
            <p class="verdict">{move || on_test.get()}</p>
            <p class="about">{known}</p>
            <table class="figures-table errors-table">
                <caption class="visually-hidden">"Errors of the forecasts, in the units of the series"</caption>
                <thead>
                    <tr>
                        <td></td>
                        <th scope="colgroup" colspan="2">"Validation"</th>
                        <th scope="colgroup" colspan="2">
                            {move || step_of(Split::Test).map_or("Test".into(), |step| format!("Test, step {}", count(step)))}
                        </th>
                    </tr>
                    <tr>
                        <td></td>
                        <th scope="col">"Off by"</th>
                        <th scope="col" title="Root of the mean squared error">"RMSE"</th>
                        <th scope="col">"Off by"</th>
                        <th scope="col" title="Root of the mean squared error">"RMSE"</th>
                    </tr>
                </thead>
                <tbody>
                    {Method::table().iter().map(|entry| view! { <Row method=entry.value/> }).collect_view()}
                </tbody>
            </table>
            <p class="about">
                "“Off by” is the mean absolute error, in the units of the series; ▾ and ▴: nearer or farther than the last value, by more than chance explains (99 %)."
            </p>
            <Show when=move || step_of(Split::Test).is_none()>
                <p class="about">
                    "The test period reports and must not choose, so it is foretold when you ask. "
                    <button type="button" class="text-button" disabled=busy on:click=move |_| lab.evaluate(Split::Test)>
                        "Forecast the test period"
                    </button>
                </p>
            </Show>
        </div>
    }
}

#[component]
fn Row(method: Method) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let cells = Memo::new(move |_| {
        [Split::Validation, Split::Test]
            .map(|split| lab.forecasts.with(|all| all.get(&split).and_then(|forecast| errors_of(forecast, method)).copied()))
    });
    let cell = move |idx: usize| {
        move || {
            let Some(errors) = cells.get()[idx] else { return view! { <td>"–"</td><td>"–"</td> }.into_any() };
            let mark = match errors.against_last.map(|it| it.finding) {
                Some(Finding::Better) => Some((" ▾", ", nearer than the last value")),
                Some(Finding::Worse) => Some((" ▴", ", farther than the last value")),
                _ => None,
            };
            let mark = mark.map(|(sign, said)| {
                view! { <span aria-hidden="true">{sign}</span><span class="visually-hidden">{said}</span> }
            });
            view! {
                <td class:main=method == Method::Model>{sig3(errors.absolute)}{mark}</td>
                <td>{sig3(errors.root_squared)}</td>
            }
            .into_any()
        }
    };
    let name = move || match method {
        Method::Model => lab.facts.with(|facts| facts.as_ref().map_or("Net".into(), |facts| net_name(&facts.experiment))),
        _ => method.label().into(),
    };
    view! {
        <tr title=method.entry().about>
            <th scope="row">{name}</th>
            {cell(0)}
            {cell(1)}
        </tr>
    }
}
