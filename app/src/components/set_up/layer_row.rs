//! One layer of the model: what it is, what comes out, what it costs, and its fields when opened.

use crate::components::fields::{Choice, NumberBox};
use crate::format;
use crate::state::Lab;
use descent_spec::layer::{MAX_FEATURES, MAX_FILTERS, MAX_KERNEL, MAX_UNITS};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::{Activation, FirstVectors, LayerSpec, Padding, Pooling, Returns, Score, glove};
use leptos::prelude::*;

/// A row that opens into fields.
#[component]
pub fn LayerRow(
    /// Place in the model.
    idx: usize,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let layer = Memo::new(move |_| lab.experiment.read().model.layers.get(idx).cloned());
    let title = move || layer.get().map(|layer| layer.title()).unwrap_or_default();
    let kind = Memo::new(move |_| layer.with(|layer| layer.as_ref().map_or("", LayerSpec::kind)));
    let problem = Memo::new(move |_| {
        lab.trace.with(|trace| trace.as_ref().err().filter(|err| err.layer_idx == Some(idx)).map(|err| err.message.clone()))
    });
    let cost = move || {
        traced_at(lab, idx).map(|traced| {
            let n_params = (traced.n_params > 0).then(|| view! { <span>{format::count(traced.n_params as u64)}</span> });
            view! { <span>{traced.output.to_string()}</span>{n_params} }
        })
    };
    view! {
        <details class="layer" class:bad=move || problem.read().is_some()>
            <summary aria-describedby=format!("layer-problem-{idx}")>
                <span>{title}</span>
                <span class="cost" title="Shape of the output, and number of parameters">{cost}</span>
            </summary>
            // The fields are made anew only when the kind changes: typing in one must not lose the focus.
            <div class="fields">
                {move || {
                    kind.track();
                    layer.get_untracked().map(|layer| view! { <Fields idx layer/> })
                }}
                <Moves idx/>
            </div>
        </details>
        <p class="problem" id=format!("layer-problem-{idx}") hidden=move || problem.read().is_none()>{problem}</p>
    }
}

/// The layer in place; also where a later one does not fit.
fn traced_at(lab: Lab, idx: usize) -> Option<TracedLayer> {
    let trace = lab.trace.get();
    let layers = match trace {
        Ok(layers) => layers,
        Err(err) if err.layer_idx.is_none_or(|bad| bad <= idx) => return None,
        Err(_) => {
            let mut sound = lab.experiment.get();
            sound.model.layers.truncate(idx + 1);
            sound.trace().ok()?
        }
    };
    layers.into_iter().nth(idx)
}

#[component]
fn Fields(idx: usize, layer: LayerSpec) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let now = Memo::new(move |_| lab.experiment.read().model.layers.get(idx).cloned());
    let edit = move |change: Box<dyn FnOnce(&mut LayerSpec)>| {
        lab.experiment.update(|experiment| {
            if let Some(layer) = experiment.model.layers.get_mut(idx) {
                change(layer);
            }
        });
    };
    let number =
        move |label: &'static str, max: usize, read: fn(&LayerSpec) -> Option<usize>, write: fn(&mut LayerSpec, usize)| {
            view! {
                <NumberBox
                    label
                    value=Signal::derive(move || now.with(|layer| layer.as_ref().and_then(read).unwrap_or(1) as f64))
                    min=1.0
                    max=max as f64
                    whole=true
                    set=move |value| edit(Box::new(move |layer| write(layer, value as usize)))
                />
            }
        };
    let activation = move || {
        view! {
            <Choice
                label="Activation"
                table=Activation::table()
                value=Signal::derive(move || now.with(|layer| layer.as_ref().and_then(activation_of).unwrap_or(Activation::Linear)))
                set=move |value| edit(Box::new(move |layer| set_activation(layer, value)))
            />
        }
    };
    match layer {
        LayerSpec::Dense { .. } => view! {
            {number("Units", MAX_UNITS, units_of, |layer, value| if let LayerSpec::Dense { units, .. } = layer { *units = value })}
            {activation()}
        }
        .into_any(),
        LayerSpec::Conv2d { .. } => view! {
            {number("Filters", MAX_FILTERS, filters_of, |layer, value| {
                if let LayerSpec::Conv2d { filters, .. } = layer { *filters = value }
            })}
            {number("Kernel", MAX_KERNEL, kernel_of, |layer, value| if let LayerSpec::Conv2d { kernel, .. } = layer { *kernel = value })}
            <Choice
                label="Padding"
                table=Padding::table()
                value=Signal::derive(move || now.with(|layer| match layer {
                    Some(LayerSpec::Conv2d { padding, .. }) => *padding,
                    _ => Padding::Valid,
                }))
                set=move |value| edit(Box::new(move |layer| {
                    if let LayerSpec::Conv2d { padding, .. } = layer { *padding = value }
                }))
            />
            {activation()}
        }
        .into_any(),
        LayerSpec::MaxPool2d { .. } | LayerSpec::AvgPool2d { .. } => number("Window", MAX_KERNEL, window_of, |layer, value| {
            if let LayerSpec::MaxPool2d { size } | LayerSpec::AvgPool2d { size } = layer { *size = value }
        })
        .into_any(),
        LayerSpec::Dropout { .. } => view! {
            <NumberBox
                label="Rate"
                value=Signal::derive(move || now.with(|layer| match layer {
                    Some(LayerSpec::Dropout { rate }) => *rate,
                    _ => 0.0,
                }))
                min=0.0
                max=0.95
                about="Probability of switching a unit off, while training"
                set=move |value| edit(Box::new(move |layer| if let LayerSpec::Dropout { rate } = layer { *rate = value }))
            />
        }
        .into_any(),
        LayerSpec::Activate { .. } => activation().into_any(),
        LayerSpec::Embedding { first, .. } => {
            // A link may ask for GloVe where there is none: the field stays, so that it can be mended.
            let has_choice =
                first != FirstVectors::Drawn || lab.experiment.with_untracked(|experiment| experiment.data.set.takes_glove());
            view! {
                {number("Features", MAX_FEATURES, units_of, |layer, value| {
                    if let LayerSpec::Embedding { features, .. } = layer { *features = value }
                })}
                {has_choice.then(|| view! {
                    <Choice
                        label="First vectors"
                        table=FirstVectors::table()
                        value=Signal::derive(move || now.with(|layer| match layer {
                            Some(LayerSpec::Embedding { first, .. }) => *first,
                            _ => FirstVectors::Drawn,
                        }))
                        set=move |value| edit(Box::new(move |layer| {
                            if let LayerSpec::Embedding { features, first } = layer {
                                *first = value;
                                if value != FirstVectors::Drawn { *features = glove::WIDTH }
                            }
                        }))
                    />
                })}
            }
            .into_any()
        }
        LayerSpec::Recurrent { .. } => view! {
            {number("Units", MAX_FEATURES, units_of, |layer, value| {
                if let LayerSpec::Recurrent { units, .. } = layer { *units = value }
            })}
            <Choice
                label="Hands on"
                table=Returns::table()
                value=Signal::derive(move || now.with(|layer| match layer {
                    Some(LayerSpec::Recurrent { returns, .. }) => *returns,
                    _ => Returns::Last,
                }))
                set=move |value| edit(Box::new(move |layer| {
                    if let LayerSpec::Recurrent { returns, .. } = layer { *returns = value }
                }))
            />
        }
        .into_any(),
        LayerSpec::Conv1d { .. } => view! {
            {number("Filters", MAX_FILTERS, filters_of, |layer, value| {
                if let LayerSpec::Conv1d { filters, .. } = layer { *filters = value }
            })}
            {number("Kernel", MAX_KERNEL, kernel_of, |layer, value| if let LayerSpec::Conv1d { kernel, .. } = layer { *kernel = value })}
            {activation()}
        }
        .into_any(),
        LayerSpec::GlobalPool { .. } => view! {
            <Choice
                label="Takes"
                table=Pooling::table()
                value=Signal::derive(move || now.with(|layer| match layer {
                    Some(LayerSpec::GlobalPool { pooling }) => *pooling,
                    _ => Pooling::Mean,
                }))
                set=move |value| edit(Box::new(move |layer| if let LayerSpec::GlobalPool { pooling } = layer { *pooling = value }))
            />
        }
        .into_any(),
        LayerSpec::LayerNorm => view! { <p class="about">"Mean 0 and variance 1 over the features, then a learned scale and shift."</p> }.into_any(),
        LayerSpec::Attend { .. } => view! {
            <Choice
                label="Score"
                table=Score::table()
                value=Signal::derive(move || now.with(|layer| match layer {
                    Some(LayerSpec::Attend { score }) => *score,
                    _ => Score::Additive,
                }))
                set=move |value| edit(Box::new(move |layer| if let LayerSpec::Attend { score } = layer { *score = value }))
            />
        }
        .into_any(),
        LayerSpec::Positions => view! { <p class="about">"Sines and cosines of the step's number, added to the vectors."</p> }.into_any(),
        LayerSpec::Transformer { .. } => view! {
            {number("Heads", 16, |layer| match layer {
                LayerSpec::Transformer { heads, .. } => Some(*heads),
                _ => None,
            }, |layer, value| if let LayerSpec::Transformer { heads, .. } = layer { *heads = value })}
            {number("Units", MAX_UNITS, |layer| match layer {
                LayerSpec::Transformer { hidden, .. } => Some(*hidden),
                _ => None,
            }, |layer, value| if let LayerSpec::Transformer { hidden, .. } = layer { *hidden = value })}
        }
        .into_any(),
        LayerSpec::Compare => view! { <p class="about">"The word's vector times each of the others."</p> }.into_any(),
        LayerSpec::Flatten => view! { <p class="about">"The same numbers in one row."</p> }.into_any(),
        LayerSpec::BatchNorm => view! { <p class="about">"Mean 0 and variance 1 over the batch, then a learned scale and shift."</p> }.into_any(),
    }
}

#[component]
fn Moves(idx: usize) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let is_last = move || idx + 1 >= lab.experiment.read().model.layers.len();
    let swap = move |other: usize| {
        lab.experiment.update(|experiment| {
            if other < experiment.model.layers.len() {
                experiment.model.layers.swap(idx, other);
            }
        });
    };
    let remove = move |_| {
        lab.experiment.update(|experiment| {
            if idx < experiment.model.layers.len() {
                experiment.model.layers.remove(idx);
            }
        });
    };
    view! {
        <p class="moves">
            <button type="button" class="plain" disabled=idx == 0 on:click=move |_| swap(idx.saturating_sub(1))>"Move up"</button>
            <button type="button" class="plain" disabled=is_last on:click=move |_| swap(idx + 1)>"Move down"</button>
            <button type="button" class="plain" on:click=remove>"Remove"</button>
        </p>
    }
}

fn activation_of(layer: &LayerSpec) -> Option<Activation> {
    match layer {
        LayerSpec::Dense { activation, .. }
        | LayerSpec::Conv2d { activation, .. }
        | LayerSpec::Conv1d { activation, .. }
        | LayerSpec::Activate { activation } => Some(*activation),
        _ => None,
    }
}

fn set_activation(layer: &mut LayerSpec, value: Activation) {
    match layer {
        LayerSpec::Dense { activation, .. }
        | LayerSpec::Conv2d { activation, .. }
        | LayerSpec::Conv1d { activation, .. }
        | LayerSpec::Activate { activation } => *activation = value,
        _ => {}
    }
}

fn units_of(layer: &LayerSpec) -> Option<usize> {
    match layer {
        LayerSpec::Dense { units, .. } | LayerSpec::Recurrent { units, .. } => Some(*units),
        LayerSpec::Embedding { features, .. } => Some(*features),
        _ => None,
    }
}

fn filters_of(layer: &LayerSpec) -> Option<usize> {
    if let LayerSpec::Conv2d { filters, .. } | LayerSpec::Conv1d { filters, .. } = layer { Some(*filters) } else { None }
}

fn kernel_of(layer: &LayerSpec) -> Option<usize> {
    if let LayerSpec::Conv2d { kernel, .. } | LayerSpec::Conv1d { kernel, .. } = layer { Some(*kernel) } else { None }
}

fn window_of(layer: &LayerSpec) -> Option<usize> {
    if let LayerSpec::MaxPool2d { size } | LayerSpec::AvgPool2d { size } = layer { Some(*size) } else { None }
}
