//! A text colored by what one unit says behind each character, and what the net expects next.

use crate::components::fields::{NumberBox, field_id};
use crate::format::{percent, sig3};
use crate::reading::{Telling, TextReading};
use crate::state::{Lab, RunPhase};
use descent_spec::message::{MAX_READ, N_LIKELY};
use descent_spec::{DataSet, LayerSpec, Shape};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// While training the text is read again this often: faster than that nobody follows.
const PAUSE: Duration = Duration::from_millis(700);
/// The full color is this much of it: text must stay legible on it.
const MOST_COLOR: f32 = 50.0;
/// How much of an own text stands there at first.
const N_FIRST: usize = 300;

const SPEECH: &str = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n\nFirst Citizen:\nYou are all \
                      resolved rather to die than to famish?\n\nAll:\nResolved. resolved.\n";

/// The text, a layer and a unit to choose, and what is under the pointer.
#[component]
pub fn UnitView() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let text = RwSignal::new(lab.experiment.with_untracked(|experiment| match experiment.data.set {
        DataSet::OwnText => experiment.data.text.as_str().chars().take(N_FIRST).collect(),
        _ => SPEECH.to_owned(),
    }));
    let (layer, unit, at) = (RwSignal::new(None::<usize>), RwSignal::new(0_usize), RwSignal::new(0_usize));
    let layers = Memo::new(move |_| watchable(lab));
    // The highest recurrent layer knows most, and its numbers lie between −1 and 1.
    let watched = Memo::new(move |_| {
        let layers = layers.read();
        let chosen = layer.get().filter(|chosen| layers.iter().any(|it| it.idx == *chosen));
        let recurrent = layers.iter().rev().find(|it| it.is_recurrent).or(layers.last());
        chosen.or(recurrent.map(|it| it.idx))
    });
    let (reading, problem) = read_again_and_again(lab, text, watched);
    let telling = Memo::new(move |_| reading.read().as_ref().map(|it| it.telling()).unwrap_or_default());
    let n_units = Memo::new(move |_| reading.read().as_ref().map_or(1, |it| it.units));
    let shown_unit = Memo::new(move |_| unit.get().min(n_units.get() - 1));
    let n_read = Memo::new(move |_| reading.read().as_ref().map_or(0, |it| it.characters.len()));
    let place = Memo::new(move |_| at.get().min(n_read.get().saturating_sub(1)));
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (units, last) = (n_units.get_untracked(), n_read.get_untracked().saturating_sub(1));
        let (now_at, now_unit) = (place.get_untracked(), shown_unit.get_untracked());
        match event.key().as_str() {
            "ArrowLeft" => at.set(now_at.saturating_sub(1)),
            "ArrowRight" => at.set((now_at + 1).min(last)),
            "Home" => at.set(0),
            "End" => at.set(last),
            "ArrowUp" => unit.set((now_unit + units - 1) % units),
            "ArrowDown" => unit.set((now_unit + 1) % units),
            _ => return,
        }
        event.prevent_default();
    };
    let on_point = move |event: web_sys::PointerEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let pointed = target.and_then(|target| target.get_attribute("data-at")).and_then(|place| place.parse().ok());
        if let Some(pointed) = pointed {
            at.set(pointed);
        }
    };
    let (text_id, layer_id) = (field_id("read-text"), field_id("read-layer"));
    view! {
        <section class="unit-view" aria-labelledby="unit-title">
            <div class="view-head">
                <h2 id="unit-title">"One unit over a text"</h2>
            </div>
            <div class="unit-fields">
                <div class="row">
                    <label for=layer_id.clone()>"Layer"</label>
                    <select
                        id=layer_id
                        prop:value=move || watched.get().unwrap_or_default().to_string()
                        on:change=move |event| layer.set(event_target_value(&event).parse().ok())
                    >
                        {move || {
                            layers
                                .get()
                                .into_iter()
                                .map(|it| view! { <option value=it.idx selected=move || watched.get() == Some(it.idx)>{it.name}</option> })
                                .collect_view()
                        }}
                    </select>
                </div>
                {move || {
                    view! {
                        <NumberBox
                            label="Unit"
                            value=Signal::derive(move || (shown_unit.get() + 1) as f64)
                            min=1.0
                            max=n_units.get() as f64
                            whole=true
                            about="Or the arrow keys up and down in the text"
                            set=move |value| unit.set(value as usize - 1)
                        />
                    }
                }}
            </div>
            <Hints telling unit/>
            <div
                class="colored"
                tabindex="0"
                role="group"
                aria-label="Text colored by the unit. Left and right move along the text, up and down change the unit."
                on:keydown=on_key
                on:pointerover=on_point
                on:pointerdown=on_point
            >
                {move || reading.get().map(|reading| colored(&reading, shown_unit.get(), place))}
            </div>
            // It speaks when a key was pressed, and holds its tongue while the numbers change by themselves.
            <p class="readout" aria-live=move || if lab.running.get() { "off" } else { "polite" }>
                {move || reading.with(|reading| reading.as_ref().map(|it| said(lab, it, shown_unit.get(), place.get())))}
            </p>
            <p class="legend"><span class="unit-positive">"positive"</span><span class="unit-negative">"negative"</span></p>
            <p class="problem" hidden=move || problem.read().is_none()>{move || problem.get()}</p>
            <details class="more">
                <summary>"Another text"</summary>
                <label class="visually-hidden" for=text_id.clone()>"Text to read"</label>
                <textarea
                    id=text_id
                    class="own-text"
                    rows="5"
                    maxlength=MAX_READ
                    spellcheck="false"
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                ></textarea>
            </details>
        </section>
    }
}

/// Units that go with something one can see.
#[component]
fn Hints(telling: Memo<Vec<Telling>>, unit: RwSignal<usize>) -> impl IntoView {
    view! {
        <Show when=move || !telling.read().is_empty()>
            <div class="hints" role="group" aria-label="Most telling units">
                <span class="label">"Most telling"</span>
                {move || {
                    telling
                        .get()
                        .into_iter()
                        .map(|it| {
                            let title = format!("Over this text the unit and the {} have a correlation of {:.2}", it.what, it.correlation);
                            view! {
                                <button type="button" class="switch" title=title aria-pressed=move || (unit.get() == it.unit).to_string() on:click=move |_| unit.set(it.unit)>
                                    {format!("{}: {}", it.what, it.unit + 1)}
                                </button>
                            }
                        })
                        .collect_view()
                }}
            </div>
        </Show>
    }
}

/// A layer that answers at every step.
#[derive(Debug, Clone, PartialEq)]
struct Watchable {
    idx: usize,
    name: String,
    is_recurrent: bool,
}

fn watchable(lab: Lab) -> Vec<Watchable> {
    let facts = lab.facts.read();
    let layers = facts.as_ref().map_or(&[][..], |facts| facts.layers.split_last().map_or(&[][..], |(_, below)| below));
    let places = layers.iter().enumerate().filter(|(_, place)| matches!(place.output, Shape::Sequence { .. }));
    places
        .map(|(idx, place)| {
            let is_recurrent = matches!(place.layer, LayerSpec::Recurrent { .. });
            Watchable { idx, name: place.name.clone(), is_recurrent }
        })
        .collect()
}

/// What came of reading: the newest, and why there is none.
type Found = (RwSignal<Option<Arc<TextReading>>>, RwSignal<Option<String>>);

/// Reads the text whenever it, the layer or the weights have changed, one reading at a time, and none that nobody sees.
fn read_again_and_again(lab: Lab, text: RwSignal<String>, layer: Memo<Option<usize>>) -> Found {
    let (reading, problem) = (RwSignal::new(None), RwSignal::new(None));
    let (is_stale, is_busy) = (StoredValue::new(false), StoredValue::new(false));
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    let evaluated = Memo::new(move |_| lab.evaluations.read().len());
    Effect::new(move |_| {
        text.track();
        lab.progress.track();
        // Weights that were put in change no step, and are evaluated at once.
        evaluated.track();
        if !is_open.get() || layer.get().is_none() || lab.hidden.get() {
            return;
        }
        is_stale.set_value(true);
        if is_busy.get_value() {
            return;
        }
        is_busy.set_value(true);
        spawn_local(async move {
            // The values are gone when the view is.
            while is_stale.try_update_value(std::mem::take) == Some(true) {
                let (Some(text), Some(Some(layer))) = (text.try_get_untracked(), layer.try_get_untracked()) else { break };
                match lab.read_text(text, layer as u32).await {
                    Ok(found) => {
                        reading.try_set(Some(Arc::new(found)));
                        problem.try_set(None);
                    }
                    Err(why) => {
                        problem.try_set(Some(why));
                    }
                }
                if lab.running.try_get_untracked() == Some(true) {
                    gloo_timers::future::sleep(PAUSE).await;
                }
            }
            is_busy.try_set_value(false);
        });
    });
    (reading, problem)
}

fn colored(reading: &Arc<TextReading>, unit: usize, place: Memo<usize>) -> impl IntoView + use<> {
    let extent = reading.extent();
    let characters: Vec<_> = reading.characters.iter().copied().zip(reading.of_unit(unit)).enumerate().collect();
    characters
        .into_iter()
        .map(|(idx, (c, value))| {
            let shown = if c == '\n' { "↵\n".to_owned() } else { c.to_string() };
            view! {
                <span data-at=idx class:at=move || place.get() == idx style=color_of(value / extent)>{shown}</span>
            }
        })
        .collect_view()
}

/// Blue above 0, orange below, the stronger the further.
fn color_of(share: f32) -> String {
    let token = if share < 0.0 { "negative" } else { "positive" };
    format!("background: color-mix(in srgb, var(--{token}) {:.0}%, transparent)", share.abs().min(1.0) * MOST_COLOR)
}

/// What the unit and the net say behind one character.
fn said(lab: Lab, reading: &TextReading, unit: usize, at: usize) -> String {
    let Some(&c) = reading.characters.get(at) else { return String::new() };
    let value = reading.of_unit(unit).nth(at).unwrap_or_default();
    let facts = lab.facts.read_untracked();
    let name = |token: usize| {
        let spelled = facts.as_ref().and_then(|facts| facts.vocabulary.get(token)).map_or("?", String::as_str);
        quoted(spelled)
    };
    let likely = reading.likely.iter().skip(at * N_LIKELY).take(N_LIKELY).filter(|(_, share)| *share > 0.0);
    let likely: Vec<_> = likely.map(|&(token, share)| format!("{} {}", name(token), percent(share.into()))).collect();
    let foreseen = reading.foreseen.get(at).filter(|share| **share >= 0.0);
    let foreseen = foreseen.map(|share| format!(", foreseen with {}", percent((*share).into()))).unwrap_or_default();
    format!(
        "Behind {}{foreseen}: unit {} says {}. Next: {}.",
        quoted(&c.to_string()),
        unit + 1,
        sig3(value.into()),
        likely.join(", ")
    )
}

fn quoted(text: &str) -> String {
    match text {
        "\n" => "↵".into(),
        " " => "the space".into(),
        other => format!("“{other}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_go_from_orange_to_blue() {
        assert_eq!(color_of(1.0), "background: color-mix(in srgb, var(--positive) 50%, transparent)");
        assert_eq!(color_of(-0.5), "background: color-mix(in srgb, var(--negative) 25%, transparent)");
        assert_eq!(color_of(0.0), "background: color-mix(in srgb, var(--positive) 0%, transparent)");
        assert_eq!([quoted("\n"), quoted(" "), quoted("e")], ["↵", "the space", "“e”"]);
    }
}
