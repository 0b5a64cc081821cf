//! Words colored by what each does to the answer.

use crate::format::{count, percent, sig3};
use crate::review::{Reading, Word};
use crate::state::{Lab, RunPhase};
use crate::views::answer::winner;
use crate::views::curves::Switch;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// While training, the words are read again this often at most: faster than that nobody follows.
const PAUSE_MS: f64 = 700.0;
/// And at most this part of the time goes into it: a recurrent net takes a second to read a review once for each of its words.
const LEAST_REST: f64 = 4.0;
/// The full color is this much of it: text must stay legible on it.
const MOST_COLOR: f32 = 50.0;

/// A text as the net reads it: unknown words are marked, what the window cuts off is grey, the others are colored by their
/// contribution, which a reading below and a table tell as numbers.
#[component]
pub fn Words(
    /// Begins accessible names: `Review`.
    name: &'static str,
    /// The words, in order.
    #[prop(into)]
    words: Signal<Arc<Vec<Word>>>,
    /// What stands there while there are none.
    empty: &'static str,
    /// Takes what was found about the words that stand there.
    reading: RwSignal<Option<Arc<Reading>>>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let problem = read_again_and_again(lab, words, reading);
    let at = RwSignal::new(0_usize);
    let table = RwSignal::new(false);
    let window = Memo::new(move |_| lab.facts.read().as_ref().map_or(0, |facts| facts.experiment.data.window));
    let last = move || words.with_untracked(|words| words.len()).saturating_sub(1);
    Effect::new(move |_| {
        words.track();
        at.set(0);
    });
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let now = at.get_untracked();
        match event.key().as_str() {
            "ArrowLeft" => at.set(now.saturating_sub(1)),
            "ArrowRight" => at.set((now + 1).min(last())),
            "Home" => at.set(0),
            "End" => at.set(last()),
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
    view! {
        <div
            class="review-words"
            tabindex="0"
            role="group"
            aria-label=format!("{name}, words: the left and right arrow keys go from word to word")
            on:keydown=on_key
            on:pointerover=on_point
            on:pointerdown=on_point
        >
            {move || match words.with(|words| words.is_empty()) {
                true => view! { <span class="quiet">{empty}</span> }.into_any(),
                false => colored(&words.get(), reading.get().as_deref(), window.get(), at).into_any(),
            }}
        </div>
        <p class="readout" aria-live=move || if lab.running.get() { "off" } else { "polite" }>
            {move || words.with(|words| said(words, reading.get().as_deref(), window.get(), at.get()))}
        </p>
        <p class="legend">
            <span class="unit-positive">"for positive"</span>
            <span class="unit-negative">"for negative"</span>
            <span><span class="unknown">"word"</span>" unknown"</span>
            <span class="view-tools"><Switch on=table name text="Table" long="table"/></span>
        </p>
        <p class="problem" hidden=move || problem.read().is_none()>{move || problem.get()}</p>
        <Show when=move || table.get()>
            <Contributions name words reading/>
        </Show>
    }
}

/// The most telling words with their numbers.
#[component]
fn Contributions(name: &'static str, words: Signal<Arc<Vec<Word>>>, reading: RwSignal<Option<Arc<Reading>>>) -> impl IntoView {
    let rows = move || {
        let words = words.get();
        let Some(reading) = reading.get() else { return Vec::new() };
        let row = |place: usize| {
            let word = words.get(place)?;
            let text = if word.is_unknown() { format!("{} (unknown)", word.text) } else { word.text.clone() };
            let contribution = signed(reading.contributions[place]);
            Some(view! { <tr><th scope="row">{text}</th><td>{place + 1}</td><td>{contribution}</td></tr> })
        };
        reading.ranked().into_iter().filter_map(row).collect()
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=format!("{name}, contribution by word")>
            <table>
                <caption class="visually-hidden">"The logit less the logit without the word, the largest first."</caption>
                <thead><tr><th scope="col">"Word"</th><th scope="col">"Place"</th><th scope="col">"Contribution"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Asks about the words whenever they or the weights have changed, one question at a time, and none that nobody sees. What comes back
/// is why there is no answer.
fn read_again_and_again(
    lab: Lab,
    words: Signal<Arc<Vec<Word>>>,
    reading: RwSignal<Option<Arc<Reading>>>,
) -> RwSignal<Option<String>> {
    let problem = RwSignal::new(None);
    let (is_stale, is_busy) = (StoredValue::new(false), StoredValue::new(false));
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    let read_words = StoredValue::new(Arc::new(Vec::new()));
    Effect::new(move |_| {
        let wanted = words.get();
        lab.progress.track();
        if read_words.get_value() != wanted {
            // Other words have other numbers.
            read_words.set_value(wanted.clone());
            reading.set(None);
        }
        if !is_open.get() || wanted.is_empty() || lab.hidden.get() {
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
                let Some(asked) = words.try_get_untracked().filter(|words| !words.is_empty()) else { break };
                let tokens: Vec<u32> = asked.iter().map(|word| word.token).collect();
                let started_at_ms = now_ms();
                match lab.explain(&tokens).await {
                    Ok(found) if words.try_get_untracked().is_some_and(|now| now == asked) => {
                        reading.try_set(Some(Arc::new(found)));
                        problem.try_set(None);
                    }
                    Ok(_) => {}
                    // Where another question came between, it is asked again.
                    Err(_) if is_stale.try_get_value() == Some(true) => {}
                    Err(why) => drop(problem.try_set(Some(why))),
                }
                if lab.running.try_get_untracked() == Some(true) {
                    let rest_ms = (LEAST_REST * (now_ms() - started_at_ms)).max(PAUSE_MS);
                    gloo_timers::future::sleep(Duration::from_millis(rest_ms as u64)).await;
                }
            }
            is_busy.try_set_value(false);
        });
    });
    problem
}

fn now_ms() -> f64 {
    js_sys::Date::now()
}

fn colored(words: &[Word], reading: Option<&Reading>, window: usize, at: RwSignal<usize>) -> impl IntoView + use<> {
    let extent = reading.map_or(1.0, Reading::extent);
    let spans: Vec<_> = words
        .iter()
        .enumerate()
        .map(|(place, word)| {
            let value = reading.and_then(|reading| reading.contributions.get(place)).copied();
            let style = value.map_or(String::new(), |value| color_of(value / extent));
            let title = value.map(|value| format!("{}: {}", word.text, signed(value)));
            let (is_unknown, is_cut) = (word.is_unknown(), place >= window);
            view! {
                <span
                    data-at=place
                    class:at=move || at.get() == place
                    class:unknown=is_unknown
                    class:cut=is_cut
                    style=style
                    title=title
                >
                    {word.text.clone()}
                </span>
                " "
            }
        })
        .collect();
    spans
}

/// Blue above 0, orange below, the stronger the further.
fn color_of(share: f32) -> String {
    let token = if share < 0.0 { "negative" } else { "positive" };
    format!("background: color-mix(in srgb, var(--{token}) {:.0}%, transparent)", share.abs().min(1.0) * MOST_COLOR)
}

/// A contribution with its sign.
fn signed(value: f32) -> String {
    let text = sig3(value.into());
    if value > 0.0 { format!("+{text}") } else { text }
}

/// What one word does.
fn said(words: &[Word], reading: Option<&Reading>, window: usize, at: usize) -> String {
    let Some(word) = words.get(at) else { return String::new() };
    let place = format!("Word {} of {}, “{}”", count(at as u64 + 1), count(words.len() as u64), word.text);
    let known = if word.is_unknown() { ", which the net does not know" } else { "" };
    match reading.and_then(|reading| reading.contributions.get(at)) {
        _ if at >= window && window > 0 => format!("{place}: not read, the window takes the first {}.", count(window as u64)),
        Some(&value) => format!("{place}{known}: {} to the logit.", signed(value)),
        None => format!("{place}{known}."),
    }
}

/// The answer in words: `read as positive, 93.1 % (logit 2.6)`.
pub(super) fn answer(reading: &Reading, classes: &[&str]) -> String {
    let Some(best) = winner(&reading.probabilities) else { return String::new() };
    let name = classes.get(best).copied().unwrap_or("?");
    format!("read as {name}, {} (logit {})", percent(reading.probabilities[best].into()), sig3(reading.logit.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_out() {
        let word = |text: &str, token| Word { text: text.into(), token };
        let words = [word("good", 7), word("zyx", 1), word("film", 9)];
        let reading = Reading { step: 1, logit: 1.5, probabilities: vec![0.25, 0.75], contributions: vec![0.5, -0.25] };
        assert_eq!(said(&words, Some(&reading), 2, 0), "Word 1 of 3, “good”: +0.500 to the logit.");
        assert!(said(&words, Some(&reading), 2, 1).starts_with("Word 2 of 3, “zyx”, which the net does not know: "));
        assert_eq!(said(&words, Some(&reading), 2, 2), "Word 3 of 3, “film”: not read, the window takes the first 2.");
        assert!(answer(&reading, &["negative", "positive"]).starts_with("read as positive, 75"));
        assert_eq!(color_of(-1.0), "background: color-mix(in srgb, var(--negative) 50%, transparent)");
    }
}
