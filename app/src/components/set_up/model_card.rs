//! The model: a preset or a stack of one's own, every layer with its shape and its parameters.

use super::layer_row::LayerRow;
use crate::components::fields::Choice;
use crate::format;
use crate::lesson::Guarded;
use crate::state::Lab;
use descent_spec::data::Kind;
use descent_spec::layer::LAYER_KINDS;
use descent_spec::lesson::Control;
use descent_spec::link::{preset_of, presets};
use descent_spec::model::MAX_LAYERS;
use descent_spec::registry::Registry;
use descent_spec::{Head, Initializer, LayerSpec, ModelSpec, Shape};
use leptos::prelude::*;

/// The model card.
#[component]
pub fn ModelCard() -> impl IntoView {
    let lab = expect_context::<Lab>();
    // Another kind of data makes the whole set-up anew.
    let presets = presets(lab.experiment.with_untracked(|experiment| experiment.data.set));
    let preset = Memo::new(move |_| preset_of(&lab.experiment.read()));
    let n_layers = Memo::new(move |_| lab.experiment.read().model.layers.len());
    let take = move |model: fn() -> ModelSpec| lab.experiment.update(|experiment| experiment.model.layers = model().layers);
    let n_params = move || {
        lab.trace.with(|trace| match trace {
            Ok(layers) => format::count(layers.iter().map(|layer| layer.n_params as u64).sum()),
            Err(_) => "–".into(),
        })
    };
    view! {
        <section aria-labelledby="model-title">
            <h2 id="model-title">"Model"</h2>
            <Show when=move || !presets.is_empty()>
            <Guarded control=Control::Model>
            <Guarded control=Control::Layers>
            <div class="segments" role="radiogroup" aria-labelledby="model-title">
                {presets
                    .iter()
                    .map(|(id, model)| {
                        view! {
                            <label>
                                <input
                                    type="radio"
                                    name="preset"
                                    prop:checked=move || preset.get() == Some(*id)
                                    on:change=move |_| take(*model)
                                />
                                {preset_label(id)}
                            </label>
                        }
                    })
                    .collect_view()}
                <Show when=move || preset.get().is_none()>
                    <label><input type="radio" name="preset" prop:checked=true/>"Own"</label>
                </Show>
            </div>
            </Guarded>
            </Guarded>
            </Show>
            <Guarded control=Control::Layers>
            <ol class="layers" aria-label="Layers">
                <For each=move || 0..n_layers.get() key=|idx| *idx let:idx>
                    <li><LayerRow idx/></li>
                </For>
                <li class="layer fixed">
                    <div class="layer-head" title="What the head takes: one output for each class, or the word with each of those compared with it">
                        <span>{move || classifier(lab).0}</span>
                        <span class="cost">{move || classifier(lab).1}</span>
                    </div>
                </li>
            </ol>
            <AddLayer/>
            </Guarded>
            <div class="row">
                <span class="label">"Parameters"</span>
                <span class="value">{n_params}</span>
            </div>
            <Guarded control=Control::Initializer>
                <Choice
                    label="Initializer"
                    table=Initializer::table()
                    value=Signal::derive(move || lab.experiment.read().model.initializer)
                    set=move |value| lab.experiment.update(|experiment| experiment.model.initializer = value)
                />
            </Guarded>
        </section>
    }
}

#[component]
fn AddLayer() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let kind = lab.experiment.with_untracked(|experiment| experiment.data.set.kind());
    let suits = move |entry: &&descent_spec::registry::Entry<LayerSpec>| match kind {
        Kind::Pictures => !entry.value.needs_sequence() && !entry.value.needs_pair(),
        Kind::Plane => !entry.value.needs_sequence() && !entry.value.needs_picture() && !entry.value.needs_pair(),
        Kind::Series => {
            !entry.value.needs_picture()
                && !entry.value.needs_pair()
                && !matches!(entry.value, LayerSpec::Embedding { .. } | LayerSpec::BatchNorm)
        }
        Kind::Text | Kind::Reviews => {
            !entry.value.needs_picture() && !entry.value.needs_pair() && entry.value != LayerSpec::BatchNorm
        }
        Kind::Pairs => {
            !entry.value.needs_picture()
                && !matches!(
                    entry.value,
                    LayerSpec::BatchNorm | LayerSpec::Conv1d { .. } | LayerSpec::GlobalPool { .. } | LayerSpec::Flatten
                )
        }
        Kind::Words => matches!(entry.value, LayerSpec::Embedding { .. }),
    };
    let is_full = move || lab.experiment.read().model.layers.len() >= MAX_LAYERS;
    let on_change = move |event| {
        let id = event_target_value(&event);
        // Back to the prompt, so that the same kind can be added twice.
        let select: web_sys::HtmlSelectElement = event_target(&event);
        select.set_value("");
        if let Some(entry) = LAYER_KINDS.iter().find(|entry| entry.id == id) {
            let at = lab.experiment.with_untracked(|experiment| place_for(&entry.value, &experiment.model, lab));
            lab.experiment.update(|experiment| experiment.model.layers.insert(at, entry.value.clone()));
        }
    };
    view! {
        <p class="add-layer" style:margin-top="6px">
            <select aria-label="Add a layer" disabled=is_full on:change=on_change>
                <option value="">{move || if is_full() { format!("{MAX_LAYERS} layers are the most") } else { "Add a layer".into() }}</option>
                {LAYER_KINDS.iter().filter(suits).map(|entry| view! { <option value=entry.id title=entry.about>{entry.label}</option> }).collect_view()}
            </select>
        </p>
    }
}

/// Where a new layer goes: layers for pictures behind the last picture, those for sequences behind the last sequence, an embedding
/// in front, others at the end.
fn place_for(layer: &LayerSpec, model: &ModelSpec, lab: Lab) -> usize {
    let traced = lab.trace.get_untracked();
    let Ok(layers) = traced else { return model.layers.len() };
    let behind = |is: fn(&Shape) -> bool| layers.iter().take_while(|layer| is(&layer.output)).count().min(model.layers.len());
    match layer {
        LayerSpec::Embedding { .. } => 0,
        layer if layer.needs_picture() => behind(|shape| matches!(shape, Shape::Image { .. })),
        layer if layer.needs_sequence() => behind(|shape| matches!(shape, Shape::Sequence { .. })),
        _ => model.layers.len(),
    }
}

fn classifier(lab: Lab) -> (String, String) {
    if let Head::Sampled { negatives } = lab.experiment.read().head() {
        return (format!("Dot products, {} words", 1 + negatives), "0".into());
    }
    let n_outputs = lab.experiment.read().data.facts().head.n_outputs();
    let n_params = lab.trace.with(|trace| trace.as_ref().ok().and_then(|layers| layers.last()).map(|layer| layer.n_params));
    (format!("Dense {n_outputs}"), n_params.map_or("–".into(), |n_params| format::count(n_params as u64)))
}

/// Abbreviations in capitals, words with their first letter so.
fn preset_label(id: &str) -> String {
    let n_capitals = if id.len() <= 4 { id.len() } else { 1 };
    let (first, rest) = id.split_at(n_capitals.min(id.len()));
    first.to_uppercase() + rest
}
