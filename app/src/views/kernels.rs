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
        move || {
            format!(
                "Kernels of {caption}, the strongest weight is {} in size. Arrow keys read them one by one",
                sig3(strongest().into())
            )
        }
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
                attr:tabindex="0"
                on:pointerleave=move |_| pointed.set(None)
                on:blur=move |_| pointed.set(None)
                on:keydown=move |event: web_sys::KeyboardEvent| {
                    let mosaic = mosaic.get_untracked();
                    if let Some(to) = moved(&event.key(), pointed.get_untracked(), mosaic.tile_cells.1) {
                        // Escape would close an alert as well, and arrows would scroll.
                        event.stop_propagation();
                        event.prevent_default();
                        let stays = pointed.get_untracked();
                        pointed.set(to.and_then(|flat| mosaic.place(flat).map(|place| place.flat).or(stays)));
                    }
                }
            />
            <figcaption class="readout">{reading}</figcaption>
        </figure>
    }
}

/// Where a key leads from one weight: none where it is no key of ours, and to no weight where it ends the reading.
fn moved(key: &str, from: Option<usize>, columns: usize) -> Option<Option<usize>> {
    let Some(from) = from else {
        return matches!(key, "ArrowRight" | "ArrowDown").then_some(Some(0));
    };
    Some(match key {
        "Escape" => None,
        "ArrowRight" => Some(from + 1),
        "ArrowLeft" => Some(from.saturating_sub(1)),
        "ArrowDown" => Some(from + columns),
        "ArrowUp" => Some(from.saturating_sub(columns)),
        _ => return None,
    })
}

/// All channels of all kernels, one after the other.
fn as_pictures(facts: &KernelFacts) -> Shape {
    match facts.shape {
        Shape::Image { channels, height, width } => Shape::Image { channels: facts.count * channels, height, width },
        other => Shape::Image { channels: facts.count, height: 1, width: other.len() },
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn keys_walk_through_the_weights() {
        assert_eq!(moved("ArrowRight", None, 5), Some(Some(0)));
        assert_eq!(moved("ArrowDown", Some(7), 5), Some(Some(12)));
        assert_eq!(moved("ArrowUp", Some(3), 5), Some(Some(0)));
        assert_eq!((moved("Escape", Some(3), 5), moved("Escape", None, 5), moved("s", Some(3), 5)), (Some(None), None, None));
    }
}
