//! Every layer's output for the watched example, as pictures, with a line below that reads the number under the pointer.

use super::origin::{origin, position};
use super::painted::{Painted, settled, width_of};
use crate::canvas::pixels::{self, Mosaic};
use crate::format::sig3;
use crate::state::{Lab, Picture};
use descent_spec::message::RunFacts;
use descent_spec::shape::Shape;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use std::sync::Arc;
use web_sys::{KeyboardEvent, PointerEvent};

/// Width assumed until the page has been laid out.
const ROOM: f64 = 640.0;

/// A value the visitor points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pointed {
    /// 0 is the input, 1 the first layer's output.
    stage: usize,
    flat: usize,
}

/// What one figure of the row shows.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    stage: usize,
    name: String,
    shape: Shape,
}

/// The values of a stage; none where the picture is of another model.
fn values_at(picture: &Picture, stage: usize) -> &[f32] {
    match stage.checked_sub(1) {
        None => &picture.input,
        Some(layer_idx) => picture.outputs.get(layer_idx).map_or(&[], Vec::as_slice),
    }
}

fn figures(facts: &RunFacts) -> Vec<Figure> {
    let Some(first) = facts.layers.first() else { return Vec::new() };
    let last = facts.layers.len();
    let mut figures = vec![Figure { stage: 0, name: "input".into(), shape: first.input }];
    figures.extend(facts.layers.iter().enumerate().map(|(idx, traced)| Figure {
        stage: idx + 1,
        name: if idx + 1 == last { "logits".into() } else { traced.name.clone() },
        shape: traced.output,
    }));
    figures
}

/// The row of figures and the line that reads them.
#[component]
pub fn Layers() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let pointed = RwSignal::new(None::<Pointed>);
    let row = NodeRef::<Div>::new();
    let room = width_of(row, ROOM);
    let shown = Memo::new(move |_| lab.facts.read().as_ref().map(figures).unwrap_or_default());
    view! {
        <div class="figures" node_ref=row>
            <For each=move || shown.get() key=|figure| (figure.stage, figure.name.clone(), figure.shape.to_string()) let:figure>
                <LayerFigure figure pointed room/>
            </For>
        </div>
        <p class="readout">{move || reading(lab, pointed.get())}</p>
    }
}

#[component]
fn LayerFigure(figure: Figure, pointed: RwSignal<Option<Pointed>>, room: Signal<f64>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let Figure { stage, name, shape } = figure;
    let is_logits = name == "logits";
    let classes = lab.experiment.with_untracked(|experiment| experiment.data.facts().classes);
    let mosaic = Memo::new(move |_| {
        let plan = Mosaic::plan(shape, room.get());
        if is_logits { plan.widened_for(classes, room.get()) } else { plan }
    });
    let here = Memo::new(move |_| pointed.get().filter(|pointed| pointed.stage == stage).map(|pointed| pointed.flat));
    let node = NodeRef::<Canvas>::new();
    let caption = format!("{name} · {shape}");
    let label = settled(move || lab.picture.track(), {
        let caption = caption.clone();
        move || described(&caption, lab.picture.get_untracked().as_deref().map(|picture| values_at(picture, stage)))
    });
    let draw = move |surface: &crate::canvas::surface::Surface, theme: &crate::canvas::theme::Theme| {
        let mosaic = mosaic.get();
        let picture = lab.picture.get();
        let values = picture.as_deref().map_or(&[][..], |picture| values_at(picture, stage));
        if values.len() == mosaic.n_values {
            let strongest = pixels::strongest(values);
            pixels::draw(surface, theme, &mosaic, values, strongest);
            if is_logits {
                pixels::label_cells(surface, theme, &mosaic, values, strongest, classes);
            }
        } else {
            for tile in 0..mosaic.n_tiles {
                let (left, top) = mosaic.corner(tile);
                surface.rect(left, top, mosaic.tile_size.0, mosaic.tile_size.1, theme.panel);
            }
        }
        if let Some(place) = here.get().and_then(|flat| mosaic.place(flat)) {
            let (left, top, width, height) = mosaic.cell(place);
            surface.frame(left - 1.0, top - 1.0, width.max(2.0) + 2.0, height.max(2.0) + 2.0, theme.ink, 1.0);
        }
    };
    let point = move |event: PointerEvent| {
        let place = mosaic.get_untracked().place_at(f64::from(event.offset_x()), f64::from(event.offset_y()));
        set_if_new(pointed, place.map(|place| Pointed { stage, flat: place.flat }));
    };
    let step = move |event: KeyboardEvent| {
        let mosaic = mosaic.get_untracked();
        let columns = mosaic.tile_cells.1;
        let now = here.get_untracked();
        let to = match (event.key().as_str(), now) {
            ("Escape", Some(_)) => None,
            ("ArrowRight" | "ArrowDown", None) => Some(0),
            ("ArrowRight", Some(flat)) => flat.checked_add(1),
            ("ArrowLeft", Some(flat)) => flat.checked_sub(1),
            ("ArrowDown", Some(flat)) => flat.checked_add(columns),
            ("ArrowUp", Some(flat)) => flat.checked_sub(columns),
            _ => return,
        };
        // Escape would close an alert as well.
        event.stop_propagation();
        event.prevent_default();
        if event.key() == "Escape" {
            pointed.set(None);
        } else if let Some(place) = to.and_then(|flat| mosaic.place(flat)) {
            pointed.set(Some(Pointed { stage, flat: place.flat }));
        }
    };
    view! {
        <figure>
            <Painted
                node
                label
                size=Signal::derive(move || mosaic.get().size())
                track=move || lab.picture.track()
                hand=Box::new(move || here.track())
                draw
                attr:tabindex="0"
                on:pointermove=point
                on:pointerdown=point
                on:pointerleave=move |_| set_if_new(pointed, None)
                on:keydown=step
                on:blur=move |_| set_if_new(pointed, None)
            />
            <figcaption>{caption}</figcaption>
        </figure>
    }
}

fn set_if_new(pointed: RwSignal<Option<Pointed>>, now: Option<Pointed>) {
    if pointed.get_untracked() != now {
        pointed.set(now);
    }
}

/// The text alternative of a figure.
fn described(caption: &str, values: Option<&[f32]>) -> String {
    let Some((&first, rest)) = values.and_then(<[f32]>::split_first) else { return format!("{caption}, no values yet") };
    let (low, high) = rest.iter().fold((first, first), |(low, high), &value| (low.min(value), high.max(value)));
    format!("{caption}, values from {} to {}", sig3(low.into()), sig3(high.into()))
}

/// Index, value and origin of the number pointed at; else how to read one.
fn reading(lab: Lab, pointed: Option<Pointed>) -> String {
    let Some(Pointed { stage, flat }) = pointed else {
        return "Point at a pixel to read its number. Blue is above zero, orange below.".into();
    };
    let picture: Option<Arc<Picture>> = lab.picture.get();
    let facts = lab.facts.read();
    let (Some(picture), Some(facts)) = (picture, facts.as_ref()) else { return String::new() };
    let all = figures(facts);
    let (Some(figure), Some(value)) = (all.get(stage), values_at(&picture, stage).get(flat)) else { return String::new() };
    let at = format!("{}, {}: {}", figure.name, position(figure.shape, flat), sig3(f64::from(*value)));
    match stage.checked_sub(1).and_then(|idx| facts.layers.get(idx)) {
        None => format!("{at}, a grey level from 0 to 1"),
        Some(traced) => format!("{at} = {}", origin(traced, &all[stage - 1].name, flat)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_described_with_their_range() {
        assert_eq!(described("dense1 · 3", Some(&[0.5, -1.0, 2.0])), "dense1 · 3, values from −1.00 to 2.00");
        assert_eq!(described("dense1 · 3", None), "dense1 · 3, no values yet");
        assert_eq!(described("dense1 · 3", Some(&[])), "dense1 · 3, no values yet");
    }
}
