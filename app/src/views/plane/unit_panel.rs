//! The chosen unit: its formula, and every weight that leads to it, to be read and set.

use super::{Column, columns};
use crate::components::fields::field_id;
use crate::format::sig3;
use crate::lesson::Guarded;
use crate::state::{Lab, PlaneReport, Unit};
use descent_spec::LayerSpec;
use descent_spec::lesson::Control;
use descent_spec::message::RunFacts;
use descent_spec::registry::Registry;
use leptos::html::Input;
use leptos::prelude::*;

/// Largest weight a field accepts: far past what a net of these sizes learns.
const LARGEST: f32 = 1000.0;

/// One weight's place: the bias has no input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    layer: usize,
    input: Option<usize>,
    unit: usize,
}

/// Formula and weights of the chosen unit.
#[component]
pub fn UnitPanel(
    /// The unit, while one is chosen.
    chosen: RwSignal<Option<Unit>>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let shown = Memo::new(move |_| {
        let unit = chosen.get()?;
        lab.facts.with(|facts| facts.as_ref().and_then(|facts| panel(facts, unit)))
    });
    view! {
        {move || {
            shown.get().map(|Panel { title, formula, rows }| view! {
                <section class="unit-panel" aria-labelledby="unit-title">
                    <div class="view-head">
                        <h2 id="unit-title">{title}</h2>
                        <div class="view-tools">
                            <button type="button" class="text-button" on:click=move |_| chosen.set(None)>"Close"</button>
                        </div>
                    </div>
                    <p class="about">{formula}</p>
                    <Guarded control=Control::Weights>
                        <div class="weights">
                            {rows.iter().cloned().map(|(name, place)| view! { <WeightBox name place/> }).collect_view()}
                        </div>
                    </Guarded>
                </section>
            })
        }}
    }
}

/// What the panel shows of a unit.
#[derive(Debug, Clone, PartialEq)]
struct Panel {
    title: String,
    formula: String,
    rows: Vec<(String, Place)>,
}

fn panel(facts: &RunFacts, unit: Unit) -> Option<Panel> {
    let columns = columns(facts);
    let column = columns.get(unit.column)?;
    let name = column.units.get(unit.unit)?;
    let Some(layer) = column.dense else {
        let about = facts.experiment.data.features.get(unit.unit)?.entry().about;
        return Some(Panel { title: format!("Feature {name}"), formula: about.into(), rows: Vec::new() });
    };
    let LayerSpec::Dense { activation, .. } = facts.layers.get(layer)?.layer else { return None };
    let before: &Column = columns.get(unit.column.checked_sub(1)?)?;
    let is_output = unit.column + 1 == columns.len();
    let title = if is_output { name.clone() } else { format!("{}, unit {name}", column.name) };
    let sum = format!("b + Σ w · {}", before.name);
    let formula = match is_output {
        true => format!("logit = {sum}"),
        false if activation.label() == "Linear" => format!("output = {sum}"),
        false => format!("output = {}({sum})", activation.label()),
    };
    let weight = |(input, name): (usize, &String)| {
        let name = if unit.column == 1 { format!("w of {name}") } else { format!("w of unit {name}") };
        (name, Place { layer, input: Some(input), unit: unit.unit })
    };
    let bias = ("Bias b".to_owned(), Place { layer, input: None, unit: unit.unit });
    Some(Panel { title, formula, rows: before.units.iter().enumerate().map(weight).chain([bias]).collect() })
}

fn value_at(report: &PlaneReport, place: Place) -> Option<f32> {
    let dense = report.dense.iter().find(|dense| dense.layer == place.layer)?;
    match place.input {
        Some(input) => dense.weights.get(input * dense.biases.len() + place.unit).copied(),
        None => dense.biases.get(place.unit).copied(),
    }
}

#[component]
fn WeightBox(name: String, place: Place) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("weight");
    let node = NodeRef::<Input>::new();
    let problem = RwSignal::new(false);
    let value = Memo::new(move |_| lab.plane.with(|report| report.as_ref().and_then(|report| value_at(report, place))));
    // A number that streams must not run away under the hand that types into it.
    Effect::new(move |_| {
        let text = value.get().map(|value| sig3(value.into()).replace('−', "-")).unwrap_or_default();
        let Some(input) = node.get() else { return };
        let is_typing = document().active_element().is_some_and(|active| active.is_same_node(Some(&input)));
        if !is_typing {
            input.set_value(&text);
        }
    });
    let on_change = move |event| {
        let text: String = event_target_value(&event);
        match text.trim().parse::<f32>() {
            Ok(value) if value.is_finite() && value.abs() <= LARGEST => {
                problem.set(false);
                lab.set_weight(place.layer, place.input, place.unit, value);
            }
            _ => problem.set(true),
        }
    };
    let problem_id = format!("{id}-problem");
    view! {
        <div class="row">
            <label for=id.clone()>{name}</label>
            <input
                type="number"
                id=id
                node_ref=node
                step="any"
                inputmode="decimal"
                aria-invalid=move || problem.get().to_string()
                aria-describedby=problem_id.clone()
                on:change=on_change
            />
        </div>
        <p class="problem" id=problem_id hidden=move || !problem.get()>
            "A weight is a number from −1000 to 1000. The old one still counts."
        </p>
    }
}
