//! The chain rule at one unit: what comes from above, the local slope, and what follows for each weight.

use super::formulas;
use super::shown::{Shown, cell, term};
use crate::format::sig3;
use descent_spec::message::NUDGE;
use descent_spec::model::Head;
use leptos::prelude::*;

/// Gradients of the chosen unit and its weights.
#[component]
pub fn Backward(
    /// What is looked at.
    shown: Memo<Option<Shown>>,
) -> impl IntoView {
    let slots = Memo::new(move |_| shown.read().as_ref().map(|shown| shown.followed.slots.clone()).unwrap_or_default());
    view! {
        <section class="wide backward" aria-labelledby="backward-title">
            <h3 id="backward-title">{move || shown.read().as_ref().map(|shown| format!("Backwards through {}", shown.name))}</h3>
            {move || {
                let said = shown.read().as_ref().map(chain).unwrap_or_default();
                said.into_iter().map(|line| view! { <p class="sum">{line}</p> }).collect_view()
            }}
            <div class="table-box" tabindex="0" role="region" aria-label="Gradients of the unit's weights">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Weight of"</th>
                            <th scope="col">"x"</th>
                            <th scope="col">"dL/dw = dL/dz · x"</th>
                            <th scope="col">"By nudging w"</th>
                            <th scope="col">"SGD's step −lr · dL/dw"</th>
                            {move || slots.get().iter().map(|kind| view! { <th scope="col">{titled(kind)}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{move || shown.read().as_ref().map(rows)}</tbody>
                </table>
            </div>
            <p class="about">
                {format!(
                    "L is the loss of this example alone, without penalties; a training step takes the mean of such gradients over a \
                     batch. By nudging: (L(w + {NUDGE}) − L(w − {NUDGE})) / {}, no calculus.",
                    2.0 * NUDGE,
                )}
            </p>
        </section>
    }
}

/// What the optimizer keeps, in the field's words.
fn titled(slot: &str) -> String {
    match slot {
        "velocity" => "Velocity".into(),
        "mean" => "m".into(),
        "square" => "v".into(),
        other => other.to_owned(),
    }
}

/// Upstream gradient, local slope and their product.
fn chain(shown: &Shown) -> Vec<String> {
    let (layer, unit) = (shown.layer(), shown.unit);
    let it = &shown.followed;
    let (z, a) = (f64::from(layer.sums[unit]), f64::from(layer.outputs[unit]));
    let gradient_of_z = layer.sum_grads[unit];
    let gradient = sig3(gradient_of_z.into());
    let Some(above) = it.layers.get(shown.nth + 1) else {
        let answer = it.answer.get(unit).copied().map_or(f64::NAN, f64::from);
        return vec![match shown.head {
            Head::Sigmoid => format!("dL/dz = p − y = {} − {} = {gradient}", sig3(answer), it.target),
            Head::Perceptron => {
                let to_its_side = sig3(f64::from(2.0 * it.target - 1.0) * z);
                match gradient_of_z == 0.0 {
                    true => format!("dL/dz = 0, as t z = {to_its_side} > 0: no mistake, nothing to correct"),
                    false => format!("dL/dz = −t = {gradient}, as t z = {to_its_side} ≤ 0: a mistake"),
                }
            }
            Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => {
                let y = u8::from(it.target as usize == unit);
                format!(
                    "dL/dz = p − y = {} − {y} = {gradient}, where y is 1 for the right class and 0 for the others",
                    sig3(answer)
                )
            }
            Head::Linear => format!("dL/dz = 2 (ŷ − y) = 2 · ({} − {}) = {gradient}", sig3(answer), term(it.target)),
        }];
    };
    // The unit's output is an input of the layer above: the row of its weights there.
    let n_above = above.biases.len();
    let row = &above.weights[unit * n_above..(unit + 1) * n_above];
    let terms: Vec<String> =
        row.iter().zip(&above.sum_grads).map(|(&w, &grad)| format!("{} · {}", term(w), term(grad))).collect();
    let (upstream, slope) = (f64::from(layer.output_grads[unit]), f64::from(layer.slopes[unit]));
    let local = formulas::slope(shown.activation, z, a).said(slope);
    vec![
        format!("From above: dL/da = Σ w · dL/dz of the next layer = {} = {}", terms.join(" + "), sig3(upstream)),
        format!("Local slope: da/dz = {local}"),
        format!("Together: dL/dz = dL/da · da/dz = {} · {} = {gradient}", term(upstream), term(slope)),
    ]
}

/// A row for each weight, and the bias last.
fn rows(shown: &Shown) -> impl IntoView + use<> {
    let (layer, unit) = (shown.layer(), shown.unit);
    let it = &shown.followed;
    let nudged = it.nudged.as_ref().filter(|(at, _)| *at == (layer.layer, unit as u32)).map(|(_, slopes)| slopes.as_slice());
    let n_inputs = shown.inputs.len();
    let row = |idx: usize, name: String, x: f32, grad: f32, state: Vec<f32>| {
        let quotient = nudged.and_then(|slopes| slopes.get(idx)).copied();
        view! {
            <tr>
                <th scope="row">{name}</th>
                {cell(x)}
                {cell(grad)}
                {match quotient {
                    Some(quotient) => cell(quotient).into_any(),
                    None => view! { <td>"–"</td> }.into_any(),
                }}
                {cell(-shown.learning_rate * f64::from(grad))}
                {state.into_iter().map(cell).collect_view()}
            </tr>
        }
    };
    let mut all: Vec<_> = layer
        .column(&layer.weight_grads, unit)
        .zip(it.input_of(shown.nth))
        .zip(&shown.inputs)
        .enumerate()
        .map(|(idx, ((grad, &x), name))| {
            let state = layer.slots.iter().filter_map(|(weights, _)| layer.column(weights, unit).nth(idx)).collect();
            row(idx, name.clone(), x, grad, state)
        })
        .collect();
    let of_bias = layer.slots.iter().map(|(_, biases)| biases[unit]).collect();
    all.push(row(n_inputs, "Bias b".into(), 1.0, layer.bias_grads[unit], of_bias));
    all
}
