//! The first layer's weights as pictures: what each filter or unit looks for.

use super::painted::{Painted, settled, width_of};
use crate::canvas::pixels::{self, Mosaic};
use crate::format::sig3;
use crate::state::Lab;
use descent_spec::layer::LayerSpec;
use descent_spec::message::KernelFacts;
use descent_spec::shape::Shape;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

/// Width assumed until the page has been laid out.
const ROOM: f64 = 310.0;

/// Kernels of the first layer, in the scale of the strongest weight.
#[component]
pub fn Kernels() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let block = NodeRef::<Div>::new();
    let room = width_of(block, ROOM);
    let facts = Memo::new(move |_| Some(lab.picture.read().as_ref()?.kernels.as_ref()?.0.clone()));
    let is_dense = Memo::new(move |_| {
        let facts = lab.facts.read();
        facts.as_ref().and_then(|facts| facts.layers.first()).is_some_and(|first| matches!(first.layer, LayerSpec::Dense { .. }))
    });
    view! {
        <div class="kernels" node_ref=block>
            <h2>{move || if is_dense.get() { "Weights into the first units" } else { "Kernels of the first layer" }}</h2>
            {move || match facts.get() {
                Some(facts) => view! { <Pictures facts room/> }.into_any(),
                None if lab.picture.read().is_none() => {
                    view! { <p class="readout">"Shown as soon as the network is built."</p> }.into_any()
                }
                None => view! { <p class="readout">"The first layer has no weights to show."</p> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Pictures(facts: KernelFacts, room: Signal<f64>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let pictures = as_pictures(&facts);
    let mosaic = Memo::new(move |_| Mosaic::plan(pictures, room.get()));
    let pointed = RwSignal::new(None::<usize>);
    let node = NodeRef::<Canvas>::new();
    let caption = format!("{} · {} × {}", facts.layer, facts.count, facts.shape);
    let weight =
        move |flat: usize| lab.picture.with(|picture| Some(f64::from(*picture.as_ref()?.kernels.as_ref()?.1.get(flat)?)));
    let strongest = move || {
        lab.picture.with_untracked(|picture| {
            picture.as_ref().and_then(|picture| picture.kernels.as_ref()).map_or(1.0, |(_, values)| pixels::strongest(values))
        })
    };
    let label = settled(move || lab.picture.track(), {
        let caption = caption.clone();
        move || format!("Kernels of {caption}, the strongest weight is {} in size", sig3(strongest().into()))
    });
    let reading = move || match pointed.get() {
        None => caption.clone(),
        Some(flat) => {
            let Shape::Image { height, width, channels } = facts.shape else { return caption.clone() };
            let (kernel, rest) = (flat / (channels * height * width), flat % (height * width));
            let value = weight(flat).map(sig3).unwrap_or_default();
            format!("{}, kernel {kernel}, row {}, column {}: {value}", facts.layer, rest / width, rest % width)
        }
    };
    view! {
        <figure>
            <Painted
                node
                label
                size=Signal::derive(move || mosaic.get().size())
                track=move || lab.picture.track()
                draw=move |surface, theme| {
                    lab.picture.with(|picture| {
                        if let Some((_, values)) = picture.as_ref().and_then(|picture| picture.kernels.as_ref()) {
                            pixels::draw(surface, theme, &mosaic.get(), values, pixels::strongest(values));
                        }
                    });
                }
                on:pointermove=move |event: web_sys::PointerEvent| {
                    let place = mosaic.get_untracked().place_at(event.offset_x().into(), event.offset_y().into());
                    pointed.set(place.map(|place| place.flat));
                }
                on:pointerleave=move |_| pointed.set(None)
            />
            <figcaption class="readout">{reading}</figcaption>
        </figure>
    }
}

/// All channels of all kernels, one after the other.
fn as_pictures(facts: &KernelFacts) -> Shape {
    match facts.shape {
        Shape::Image { channels, height, width } => Shape::Image { channels: facts.count * channels, height, width },
        Shape::Flat { units } => Shape::Image { channels: facts.count, height: 1, width: units },
    }
}
