//! The whole layer at once: `a = act(x W + b)`, or backwards the matrix of gradients.

use super::formulas;
use super::shown::{Shown, cell};
use crate::format::sig3;
use leptos::prelude::*;

/// The matrix view.
#[component]
pub fn Matrix(
    /// What is looked at; its column stands out.
    shown: Memo<Option<Shown>>,
    /// Whether gradients are shown in place of weights.
    is_backwards: RwSignal<bool>,
) -> impl IntoView {
    let title = move || {
        let is_backwards = is_backwards.get();
        shown.read().as_ref().map(|shown| match (is_backwards, shown.is_output()) {
            (true, _) => "Matrix: dL/dW = xᵀ dL/dz",
            (false, true) => "Matrix: z = x W + b",
            (false, false) => "Matrix: a = act(x W + b)",
        })
    };
    view! {
        <section aria-labelledby="matrix-title">
            <h3 id="matrix-title">{title}</h3>
            <div class="table-box" tabindex="0" role="region" aria-label="The layer as a matrix">
                {move || {
                    let is_backwards = is_backwards.get();
                    shown.read().as_ref().map(|shown| table(shown, is_backwards))
                }}
            </div>
        </section>
    }
}

fn table(shown: &Shown, is_backwards: bool) -> impl IntoView + use<> {
    let layer = shown.layer();
    let n_units = layer.biases.len();
    let chosen = shown.unit;
    let numbers = |values: &[f32]| -> Vec<_> {
        let number = |(unit, &value): (usize, &f32)| view! { <td class:main=unit == chosen title=value.to_string()>{sig3(value.into())}</td> };
        values.iter().enumerate().map(number).collect()
    };
    let weights = if is_backwards { &layer.weight_grads } else { &layer.weights };
    let rows: Vec<_> = weights
        .chunks(n_units)
        .zip(shown.followed.input_of(shown.nth))
        .zip(&shown.inputs)
        .map(|((row, &x), name)| view! { <tr><th scope="row">{name.clone()}</th>{cell(x)}{numbers(row)}</tr> })
        .collect();
    // Where a formula has two sides, one name must do for both.
    let formula = formulas::value(shown.activation, 1.0);
    let activated = if formula.side.is_empty() { format!("a = {}", formula.letters) } else { "a = act(z)".into() };
    let ends: Vec<(String, &[f32])> = match (is_backwards, shown.is_output()) {
        (true, true) => vec![("dL/dz = dL/db".into(), &layer.sum_grads)],
        (true, false) => vec![
            ("dL/da".into(), &layer.output_grads),
            ("da/dz".into(), &layer.slopes),
            ("dL/dz = dL/db".into(), &layer.sum_grads),
        ],
        (false, true) => vec![("b".into(), &layer.biases), ("z".into(), &layer.sums)],
        (false, false) => vec![("b".into(), &layer.biases), ("z".into(), &layer.sums), (activated, &layer.outputs)],
    };
    let ends: Vec<_> =
        ends.into_iter().map(|(name, values)| view! { <tr><th scope="row">{name}</th><td></td>{numbers(values)}</tr> }).collect();
    let heads: Vec<_> = shown
        .units
        .iter()
        .enumerate()
        .map(|(unit, name)| view! { <th scope="col" class:main=unit == chosen>{name.clone()}</th> })
        .collect();
    view! {
        <table class="layer-matrix">
            <thead><tr><th scope="col">"Input"</th><th scope="col">"x"</th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
            <tbody>{ends}</tbody>
        </table>
    }
}
