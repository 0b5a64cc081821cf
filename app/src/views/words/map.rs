//! The map: each word a dot, where the [layout](super::layout) has it.

use super::Words;
use super::layout::LayoutChoice;
use crate::canvas::surface::Surface;
use crate::canvas::theme::Theme;
use crate::canvas::word_map::{Frame, WordMap, nearest, next_towards};
use crate::format::{count, percent};
use crate::views::painted::{Painted, settled};
use crate::word_vectors::N_COMMONEST;
use descent_spec::plant;
use descent_spec::tsne::Picture;
use leptos::html::Canvas;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

/// Neighbours that are marked on the map.
const N_NEAR: usize = 5;
/// How much nearer a step of the zoom goes, and how near at most.
const ZOOM: (f64, f64) = (1.5, 20.0);

/// What is on the map: words, and where each lies on the canvas.
struct Sheet {
    words: Vec<usize>,
    places: Vec<(f64, f64)>,
}

impl Sheet {
    /// Words and where they lie, the chosen word in the middle where the map is enlarged.
    fn of((words, places): (Vec<usize>, Vec<[f32; 2]>), chosen: Option<usize>, zoom: f64, size: (f64, f64)) -> Sheet {
        let place = |word: usize| words.iter().position(|&it| it == word).map(|idx| places[idx]);
        let whole = Frame::around(&places);
        let frame = match chosen.filter(|_| zoom > 1.0).and_then(place) {
            Some([x, y]) => Frame { centre: [x.into(), y.into()], reach: whole.reach / zoom },
            None => Frame { reach: whole.reach / zoom, ..whole },
        };
        let places = places.into_iter().map(|place| frame.to_canvas(place, size)).collect();
        Sheet { words, places }
    }

    /// Where a word stands among those on the map.
    fn find(&self, word: usize) -> Option<usize> {
        self.words.iter().position(|&it| it == word)
    }
}

/// Adds those that are not there yet.
pub(super) fn push_new(all: &mut Vec<usize>, more: impl Iterator<Item = usize>) {
    for it in more {
        if !all.contains(&it) {
            all.push(it);
        }
    }
}

/// Words that are on the map because they were asked for: the chosen one, its neighbours, and those of the analogy.
pub(super) fn asked(words: Words) -> Vec<usize> {
    let near = words.near.read();
    let mut asked: Vec<usize> = words.chosen().into_iter().chain(near.iter().take(N_NEAR).map(|near| near.word)).collect();
    asked.extend(analogy(words).into_iter().flatten());
    asked
}

/// The lines of an analogy, but among the planted words, which have lines of their own: from a to b, and from c to the answer.
fn analogy(words: Words) -> Vec<[usize; 2]> {
    if words.shows_planted() {
        return Vec::new();
    }
    match words.found.get() {
        Some(Ok(([a, b, c], near))) => near.first().map(|answer| vec![[a, b], [c, answer.word]]).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The map with its zoom.
#[component]
pub fn MapView() -> impl IntoView {
    let words = expect_context::<Words>();
    let is_planted = words.is_planted;
    let zoom = RwSignal::new(1.0_f64);
    let node = NodeRef::<Canvas>::new();
    let groups: Vec<Option<usize>> = if is_planted { (0..plant::n_words()).map(plant::family_of).collect() } else { Vec::new() };
    let lines: Vec<[usize; 2]> = if is_planted {
        plant::FAMILIES.iter().flat_map(|family| &family.pairs).map(|pair| pair.words.map(plant::id)).collect()
    } else {
        Vec::new()
    };
    let draw = move |surface: &Surface, theme: &Theme| {
        let atlas = words.atlas.get();
        let Some(atlas) = atlas.as_deref() else { return };
        let is_planted = words.shows_planted();
        let chosen = words.chosen();
        let places = words.layout.places(atlas, &asked(words));
        let sheet = Sheet::of(places, chosen, zoom.get(), (surface.width(), surface.height()));
        let group_of = |idx: usize| if is_planted { groups.get(sheet.words[idx]).copied().flatten() } else { None };
        let analogy = analogy(words);
        let among = |line: &[usize; 2]| Some([sheet.find(line[0])?, sheet.find(line[1])?]);
        let lines: Vec<[usize; 2]> = if is_planted { &lines } else { &analogy }.iter().filter_map(among).collect();
        // Words of pairs are named first.
        let mut order = Vec::new();
        push_new(&mut order, analogy.iter().flatten().filter_map(|&word| sheet.find(word)));
        push_new(&mut order, (0..sheet.words.len()).filter(|&idx| group_of(idx).is_some()));
        push_new(&mut order, 0..sheet.words.len());
        let near: Vec<usize> = words.near.read().iter().take(N_NEAR).filter_map(|near| sheet.find(near.word)).collect();
        WordMap {
            places: &sheet.places,
            name: &|idx| atlas.names.of(sheet.words[idx]),
            group: &group_of,
            lines: &lines,
            chosen: chosen.and_then(|word| sheet.find(word)),
            near: &near,
            order: &order,
        }
        .draw(surface, theme);
    };
    let shown = move || {
        let canvas = node.get_untracked()?;
        let atlas = words.atlas.get_untracked()?;
        let size = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        Some(untrack(|| Sheet::of(words.layout.places(&atlas, &asked(words)), words.chosen(), zoom.get(), size)))
    };
    let point = move |event: PointerEvent| {
        let Some(sheet) = shown() else { return };
        if let Some(idx) = nearest(&sheet.places, (event.offset_x().into(), event.offset_y().into())) {
            words.choose(sheet.words[idx]);
        }
    };
    let step_zoom = move |factor: f64| zoom.update(|zoom| *zoom = (*zoom * factor).clamp(1.0, ZOOM.1));
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let go = |direction: (f64, f64)| {
            let Some(sheet) = shown() else { return };
            let from = untrack(|| words.chosen()).and_then(|word| sheet.find(word)).unwrap_or_default();
            if let Some(idx) = next_towards(&sheet.places, from, direction) {
                words.choose(sheet.words[idx]);
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
    let label = settled(
        move || {
            words.atlas.track();
            words.near.track();
            words.layout.picture.track();
            words.layout.is_tsne.track();
        },
        move || untrack(|| described(words)),
    );
    let hand = move || {
        words.typed.track();
        words.found.track();
        words.layout.is_tsne.track();
        zoom.track();
    };
    let spread = move || {
        let atlas = words.atlas.get()?;
        let [one, other] = atlas.map.shares;
        if words.layout.is_tsne.get() {
            let drawn = words.layout.picture.get();
            return Some(drawn.map_or("is being started".into(), |drawn| how_far(&drawn.picture)));
        }
        let is_part = atlas.n_always_shown() < atlas.names.len();
        let of_whom = if is_part { format!(" of the {N_COMMONEST} commonest words") } else { String::new() };
        let when = atlas.step.map(|step| format!(", step {}", count(step))).unwrap_or_default();
        Some(format!("{} of the spread{of_whom}{when}", percent(one + other)))
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
            <LayoutChoice/>
            <Painted
                node
                label
                track=move || {
                    words.atlas.track();
                    words.layout.picture.track();
                }
                hand=Box::new(hand)
                draw
                attr:class="chart map-chart"
                attr:tabindex="0"
                on:pointerdown=point
                on:keydown=key
            />
            <p class="about">
                {move || {
                    if words.layout.is_tsne.get() {
                        "Dots are moved until those of near words are near each other (van der Maaten and Hinton 2008): about as many \
                         as the perplexity says. How far groups are apart, and how wide they are, says little. A click or the arrow \
                         keys choose a word, + and − zoom."
                    } else if !words.shows_planted() {
                        "The plane in which the vectors of the 300 commonest words, all at length 1, differ most (principal \
                         components). Of the others, those are shown that you ask for, with the lines of the analogy. A click or the \
                         arrow keys choose a word, + and − zoom."
                    } else {
                        "The plane in which the vectors, all at length 1, differ most (principal components). A click or the arrow keys \
                         choose a word, + and − zoom."
                    }
                }}
            </p>
        </section>
    }
}

/// A map of t-SNE in a few words.
fn how_far(picture: &Picture) -> String {
    let divergence = format!("divergence {:.2} nats", picture.divergence);
    if picture.step == picture.n_steps {
        return divergence;
    }
    format!("{divergence}, step {} of {}", count(picture.step.into()), count(picture.n_steps.into()))
}

fn described(words: Words) -> String {
    let atlas = words.atlas.get();
    let Some(atlas) = atlas.as_deref() else { return "Map of the words: their vectors have not come yet".into() };
    let [one, other] = atlas.map.shares;
    let others = if atlas.n_always_shown() < atlas.names.len() {
        format!(" and of words asked for, out of {}", count(atlas.names.len() as u64))
    } else {
        String::new()
    };
    let how = match words.layout.picture.get() {
        _ if !words.layout.is_tsne.get() => {
            format!("two principal components, which show {} of the spread of their vectors", percent(one + other))
        }
        None => "t-SNE, which is being started".into(),
        Some(drawn) => format!("t-SNE, {}", how_far(&drawn.picture)),
    };
    let mut text = format!("Map of {} words{others} by {how}.", atlas.n_always_shown());
    if let Some(word) = words.chosen() {
        let near = words.near.read();
        let near: Vec<&str> = near.iter().take(N_NEAR).map(|near| atlas.names.of(near.word)).collect();
        text.push_str(&format!(" {} is chosen; nearest to it are {}.", atlas.names.of(word), near.join(", ")));
    }
    text + " Arrow keys choose another word, plus and minus zoom."
}
