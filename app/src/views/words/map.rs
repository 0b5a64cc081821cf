//! The map: each word a dot, placed by the two principal components of all vectors.

use super::Words;
use crate::canvas::surface::Surface;
use crate::canvas::theme::Theme;
use crate::canvas::word_map::{Frame, WordMap, nearest, next_towards};
use crate::format::{count, percent};
use crate::state::Lab;
use crate::views::painted::{Painted, settled};
use crate::word_vectors::Atlas;
use descent_spec::{DataSet, plant};
use leptos::html::Canvas;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

/// Neighbours that are marked on the map.
const N_NEAR: usize = 5;
/// How much nearer a step of the zoom goes, and how near at most.
const ZOOM: (f64, f64) = (1.5, 20.0);

/// The map with its zoom.
#[component]
pub fn MapView() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = expect_context::<Words>();
    let is_planted = lab.experiment.with_untracked(|experiment| experiment.data.set == DataSet::PlantedWords);
    let zoom = RwSignal::new(1.0_f64);
    let node = NodeRef::<Canvas>::new();
    let places_on = move |atlas: &Atlas, size: (f64, f64)| -> Vec<(f64, f64)> {
        let whole = Frame::around(&atlas.map.places);
        let near = words.chosen().and_then(|word| atlas.map.places.get(word)).copied();
        let frame = match near.filter(|_| zoom.get_untracked() > 1.0) {
            Some([x, y]) => Frame { centre: [x.into(), y.into()], reach: whole.reach / zoom.get_untracked() },
            None => Frame { reach: whole.reach / zoom.get_untracked(), ..whole },
        };
        atlas.map.places.iter().map(|&place| frame.to_canvas(place, size)).collect()
    };
    let groups: Vec<Option<usize>> = if is_planted { (0..plant::n_words()).map(plant::family_of).collect() } else { Vec::new() };
    let lines: Vec<[usize; 2]> = if is_planted {
        plant::FAMILIES.iter().flat_map(|family| &family.pairs).map(|pair| pair.words.map(plant::id)).collect()
    } else {
        Vec::new()
    };
    // Words of pairs are named first.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&word| groups[word].is_none());
    let draw = move |surface: &Surface, theme: &Theme| {
        let atlas = words.atlas.get();
        let Some(atlas) = atlas.as_deref() else { return };
        let places = places_on(atlas, (surface.width(), surface.height()));
        let chosen = words.chosen();
        let near: Vec<usize> =
            chosen.map(|word| atlas.vectors.neighbours(word, N_NEAR)).unwrap_or_default().iter().map(|near| near.word).collect();
        WordMap {
            places: &places,
            name: &|word| atlas.names.of(word),
            group: &|word| groups.get(word).copied().flatten(),
            lines: &lines,
            chosen,
            near: &near,
            order: &order,
        }
        .draw(surface, theme);
    };
    let shown = move || {
        let canvas = node.get_untracked()?;
        let atlas = words.atlas.get_untracked()?;
        let size = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        Some(untrack(|| places_on(&atlas, size)))
    };
    let point = move |event: PointerEvent| {
        let word = shown().and_then(|places| nearest(&places, (event.offset_x().into(), event.offset_y().into())));
        if let Some(word) = word {
            words.choose(word);
        }
    };
    let step_zoom = move |factor: f64| zoom.update(|zoom| *zoom = (*zoom * factor).clamp(1.0, ZOOM.1));
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let go = |direction: (f64, f64)| {
            let Some(places) = shown() else { return };
            let from = untrack(|| words.chosen()).unwrap_or_default();
            if let Some(word) = next_towards(&places, from, direction) {
                words.choose(word);
            }
        };
        match event.key().as_str() {
            "ArrowLeft" => go((-1.0, 0.0)),
            "ArrowRight" => go((1.0, 0.0)),
            "ArrowUp" => go((0.0, -1.0)),
            "ArrowDown" => go((0.0, 1.0)),
            "+" | "=" => step_zoom(ZOOM.0),
            "-" => step_zoom(1.0 / ZOOM.0),
            _ => return,
        }
        event.stop_propagation();
        event.prevent_default();
    };
    let label = settled(move || words.atlas.track(), move || untrack(|| described(words)));
    let hand = move || {
        words.typed.track();
        zoom.track();
    };
    let spread = move || {
        words.atlas.with(|atlas| {
            atlas.as_ref().map(|atlas| {
                let [one, other] = atlas.map.shares;
                format!("{} of the spread, step {}", percent(one + other), count(atlas.step))
            })
        })
    };
    view! {
        <section class="word-map" aria-labelledby="word-map-title">
            <div class="view-head">
                <h2 id="word-map-title">"Map of the words"</h2>
                <span class="unit">{spread}</span>
                <div class="view-tools" role="group" aria-label="Zoom of the map">
                    <button type="button" class="switch" aria-label="Zoom out" disabled=move || { zoom.get() <= 1.0 } on:click=move |_| step_zoom(1.0 / ZOOM.0)>"−"</button>
                    <button type="button" class="switch" aria-label="Zoom in" disabled=move || { zoom.get() >= ZOOM.1 } on:click=move |_| step_zoom(ZOOM.0)>"+"</button>
                </div>
            </div>
            <Painted
                node
                label
                track=move || words.atlas.track()
                hand=Box::new(hand)
                draw
                attr:class="chart map-chart"
                attr:tabindex="0"
                on:pointerdown=point
                on:keydown=key
            />
            <p class="about">
                "The plane in which the vectors, all at length 1, differ most (principal components). A click or the arrow keys \
                 choose a word, + and − zoom."
            </p>
        </section>
    }
}

fn described(words: Words) -> String {
    let atlas = words.atlas.get();
    let Some(atlas) = atlas.as_deref() else { return "Map of the words: their vectors have not come yet".into() };
    let [one, other] = atlas.map.shares;
    let mut text = format!(
        "Map of {} words by two principal components, which show {} of the spread of their vectors.",
        atlas.names.len(),
        percent(one + other)
    );
    if let Some(word) = words.chosen() {
        let near = atlas.vectors.neighbours(word, N_NEAR);
        let near: Vec<&str> = near.iter().map(|near| atlas.names.of(near.word)).collect();
        text.push_str(&format!(" {} is chosen; nearest to it are {}.", atlas.names.of(word), near.join(", ")));
    }
    text + " Arrow keys choose another word, plus and minus zoom."
}
