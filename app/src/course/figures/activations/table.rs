//! The values of the chosen function as a table.

use super::function::{Shown, slope_text};
use crate::format::sig3;
use leptos::prelude::*;

/// Value and slope at whole z from −3 to 3.
#[component]
pub fn Table(
    /// The function.
    chosen: RwSignal<Shown>,
) -> impl IntoView {
    let rows = move || {
        (-3..=3)
            .map(|z| {
                let sample = chosen.get().at(f64::from(z));
                view! {
                    <tr>
                        <th scope="row">{z.to_string().replace('-', "−")}</th>
                        <td>{sig3(sample.value)}</td>
                        <td>{slope_text(sample)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <details class="more">
            <summary>{move || format!("{} as a table", chosen.get().label())}</summary>
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col">"z"</th>
                        <th scope="col">"f(z)"</th>
                        <th scope="col">"f′(z)"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
}
