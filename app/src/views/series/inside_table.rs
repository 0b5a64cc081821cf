//! What the pictures of a cell show, as tables.

use crate::format::sig3;
use crate::inside::{Inside, name_of};
use leptos::prelude::*;
use std::sync::Arc;

/// Gates and states of one unit, step by step.
#[component]
pub fn StateTable(
    /// The newest look.
    inside: RwSignal<Option<Arc<Inside>>>,
    /// Which unit: the one that is read, or the first.
    #[prop(into)]
    unit: Signal<usize>,
) -> impl IntoView {
    let rows = move || {
        let inside = inside.read();
        let inside = inside.as_ref()?;
        let rows = (0..inside.n_steps()).map(|step| {
            let cells =
                (0..inside.parts.len()).map(|part| view! { <td>{sig3(inside.value(part, step, unit.get()).into())}</td> });
            view! { <tr><th scope="row">{step + 1}</th>{cells.collect_view()}</tr> }
        });
        Some(rows.collect_view())
    };
    let names = move || {
        let inside = inside.read();
        let names = inside.as_ref()?.facts.parts.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
        Some(names.collect_view())
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Gates and states of one unit by step">
            <table>
                <caption>{move || format!("Unit {}", unit.get())}</caption>
                <thead><tr><th scope="col">"Step"</th>{names}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Lengths of gradients, step by step.
#[component]
pub fn GradientTable(
    /// The newest look.
    inside: RwSignal<Option<Arc<Inside>>>,
) -> impl IntoView {
    let names = move || {
        let inside = inside.read();
        let inside = inside.as_ref()?;
        let names = inside.facts.roads.iter().map(|road| view! { <th scope="col">{name_of(road, inside.facts.step)}</th> });
        Some(names.collect_view())
    };
    let rows = move || {
        let inside = inside.read();
        let inside = inside.as_ref()?;
        let rows = (0..inside.n_steps()).map(|step| {
            let cells = inside.gradients.iter().map(|lengths| view! { <td>{sig3(lengths[step].into())}</td> });
            view! { <tr><th scope="row">{step + 1}</th>{cells.collect_view()}</tr> }
        });
        Some(rows.collect_view())
    };
    view! {
        <div class="table-box step-table" tabindex="0" role="region" aria-label="Length of the gradient by step">
            <table>
                <thead><tr><th scope="col">"Step"</th>{names}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
