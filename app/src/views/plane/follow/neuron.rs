//! One unit: its sum term by term, then its activation.

use super::formulas;
use super::shown::{Shown, cell};
use crate::format::sig3;
use descent_spec::model::Head;
use leptos::prelude::*;

/// The neuron view.
#[component]
pub fn Neuron(
    /// What is looked at.
    shown: Memo<Option<Shown>>,
) -> impl IntoView {
    view! {
        <section aria-labelledby="neuron-title">
            <h3 id="neuron-title">{move || shown.read().as_ref().map(|shown| format!("Neuron: {}", shown.name))}</h3>
            <div class="table-box" tabindex="0" role="region" aria-label="The sum, term by term">
                <table class="terms">
                    <thead>
                        <tr>
                            <th scope="col">"Input"</th>
                            <th scope="col">"x"</th>
                            <th scope="col">"w"</th>
                            <th scope="col">"w · x"</th>
                            <th scope="col">"Sum so far"</th>
                        </tr>
                    </thead>
                    <tbody>{move || shown.read().as_ref().map(rows)}</tbody>
                </table>
            </div>
            {move || shown.read().as_ref().map(result)}
        </section>
    }
}

/// A row for each input, and the bias last.
fn rows(shown: &Shown) -> impl IntoView + use<> {
    let layer = shown.layer();
    let inputs = shown.followed.input_of(shown.nth);
    let mut sum = 0.0;
    let terms: Vec<_> = layer
        .column(&layer.weights, shown.unit)
        .zip(inputs)
        .zip(&shown.inputs)
        .map(|((w, &x), name)| {
            let product = f64::from(w) * f64::from(x);
            sum += product;
            view! {
                <tr>
                    <th scope="row">{name.clone()}</th>
                    {cell(x)}
                    {cell(w)}
                    <td class="product" title=product.to_string()>{sig3(product)}</td>
                    {cell(sum)}
                </tr>
            }
        })
        .collect();
    let bias = f64::from(layer.biases[shown.unit]);
    view! {
        {terms}
        <tr>
            <th scope="row">"Bias b"</th>
            <td></td>
            <td></td>
            <td class="product" title=bias.to_string()>{sig3(bias)}</td>
            {cell(sum + bias)}
        </tr>
    }
}

/// z, a and, for the last layer, what the head makes of it.
fn result(shown: &Shown) -> impl IntoView + use<> {
    let (z, a) = (f64::from(shown.layer().sums[shown.unit]), f64::from(shown.layer().outputs[shown.unit]));
    let formula = formulas::value(shown.activation, z);
    let activated = (!shown.is_output()).then(|| {
        view! { <p class="sum" title=a.to_string()>{format!("a = {}", formula.said(a))}</p> }
    });
    let answered = shown.is_output().then(|| {
        let answer = shown.followed.answer.get(shown.unit).copied().map_or(f64::NAN, f64::from);
        let said = match shown.head {
            Head::Sigmoid => format!("p = 1 / (1 + exp(−z)) = 1 / (1 + exp({})) = {}", sig3(-z), sig3(answer)),
            Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => {
                let all: Vec<String> = shown.layer().sums.iter().map(|&z| format!("exp({})", sig3(z.into()))).collect();
                format!("p = exp(z) / Σ exp(zₖ) = exp({}) / ({}) = {}", sig3(z), all.join(" + "), sig3(answer))
            }
            Head::Perceptron if answer == 0.5 => "z = 0: on the line, a mistake whatever the class".into(),
            Head::Perceptron => format!("class {}, as z {} 0", answer, if answer > 0.5 { ">" } else { "<" }),
            Head::Linear => format!("ŷ = z = {}", sig3(answer)),
        };
        view! { <p class="sum" title=answer.to_string()>{said}</p> }
    });
    view! {
        <p class="sum z" title=z.to_string()>{format!("z = Σ w · x + b = {}", sig3(z))}</p>
        {activated}
        {answered}
    }
}
