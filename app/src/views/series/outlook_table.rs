//! The values of the chart as a table.

use super::outlook::{Zoom, told};
use crate::canvas::series::spread;
use crate::format::sig3;
use crate::state::Lab;
use crate::views::painted::settled;
use leptos::prelude::*;

/// Rows, evenly spread over the time shown: more are not read by anyone, and they are built anew each second.
const MOST_ROWS: usize = 40;

/// One time: when, what was measured, what each method said.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    date: String,
    truth: f32,
    told: [Option<f32>; 4],
}

/// A table of the same values as the chart.
#[component]
pub fn OutlookTable(
    /// What part of the time is shown.
    zoom: RwSignal<Zoom>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let rows = settled(
        move || {
            lab.forecasts.track();
            lab.series.track();
            zoom.track();
        },
        move || rows(lab, zoom.get_untracked()),
    );
    let text = |value: Option<f32>| value.map_or("–".into(), |value| sig3(value.into()));
    let row = move |row: Row| {
        let residual = row.told[0].map(|ours| row.truth - ours);
        view! {
            <tr>
                <th scope="row">{row.date}</th>
                <td>{sig3(row.truth.into())}</td>
                {row.told.into_iter().map(|value| view! { <td>{text(value)}</td> }).collect_view()}
                <td>{text(residual)}</td>
            </tr>
        }
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Forecasts by time">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Truth"</th>
                        <th scope="col">"Net"</th>
                        <th scope="col">"Last"</th>
                        <th scope="col">"Mean"</th>
                        <th scope="col">"Linear"</th>
                        <th scope="col">"Residual"</th>
                    </tr>
                </thead>
                <tbody>{move || rows.get().into_iter().rev().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn rows(lab: Lab, zoom: Zoom) -> Vec<Row> {
    let series = lab.series.read_untracked();
    let Some(series) = series.as_ref() else { return Vec::new() };
    let times: Vec<usize> = zoom.range(series).collect();
    let row = |time: usize| Row { date: series.dates[time].clone(), truth: series.values[time], told: told(lab, series, time) };
    spread(&times, MOST_ROWS).into_iter().map(row).collect()
}
