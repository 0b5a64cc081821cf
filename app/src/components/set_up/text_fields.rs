//! The data of a lab on a text: how long its windows are, and a text of the visitor's.

use crate::components::fields::{NumberBox, field_id};
use crate::file::{first_file, text_of};
use crate::format::count;
use crate::lesson::Guarded;
use crate::own_text::keep;
use crate::state::Lab;
use descent_spec::lesson::Control;
use descent_spec::own_text::{MAX_CHARACTERS, MAX_LINKED_BYTES, MIN_CHARACTERS};
use descent_spec::{DataSet, OwnText};
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// The largest file that is looked at: four bytes for each character that a text may have.
const MAX_FILE_BYTES: f64 = 4.0 * MAX_CHARACTERS as f64;

/// Window, and where the text is the visitor's, the text.
#[component]
pub fn TextFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let set = lab.experiment.with_untracked(|experiment| experiment.data.set);
    let (least, most) = set.window_bounds().unwrap_or((1, 1));
    let is_own = set == DataSet::OwnText;
    let n_different = move || match lab.experiment.read().data.facts().shape {
        descent_spec::Shape::Tokens { vocabulary, .. } => vocabulary as u64,
        _ => 0,
    };
    let other = if is_own { ("#/shakespeare", "Tiny Shakespeare") } else { ("#/own-text", "A text of your own") };
    view! {
        <div class="row">
            <span>"Different characters"</span>
            <span class="value quiet">{move || count(n_different())}</span>
        </div>
        <Guarded control=Control::Window>
            <NumberBox
                label="Window"
                value=Signal::derive(move || lab.experiment.read().data.window as f64)
                min=least as f64
                max=most as f64
                whole=true
                about="Characters in each example; behind each of them the next is to be told"
                set=move |value| lab.experiment.update(|experiment| experiment.data.window = value as usize)
            />
        </Guarded>
        <Show when=move || is_own>
            <Guarded control=Control::Text>
                <OwnTextFields/>
            </Guarded>
        </Show>
        <p class="about"><a href=other.0>{other.1}</a></p>
    }
}

#[component]
fn OwnTextFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("own-text");
    let draft = RwSignal::new(lab.experiment.with_untracked(|experiment| experiment.data.text.as_str().to_owned()));
    let problem = RwSignal::new(None::<String>);
    let use_it = move |text: &str| {
        let own = OwnText::new(text);
        match own.check() {
            Ok(()) => {
                problem.set(None);
                lab.say(format!("A text of {} characters is learned from now on.", count(own.n_characters() as u64)));
                keep(&own);
                lab.experiment.update(|experiment| experiment.data.text = own);
            }
            Err(why) => problem.set(Some(format!("{why} The text that was there still counts."))),
        }
    };
    let load = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
        let chosen = first_file(&input);
        spawn_local(async move {
            let Some(file) = chosen else { return };
            let text = match file.size() > MAX_FILE_BYTES {
                true => Err(format!("The file is longer than {MAX_CHARACTERS} characters: take a part of it.")),
                false => text_of(&file).await,
            };
            match text {
                Ok(text) => {
                    draft.try_set(text.clone());
                    use_it(&text);
                }
                Err(why) => drop(problem.try_set(Some(format!("The file was not loaded. {why}")))),
            }
            // The same file can be chosen again, once it is mended.
            input.set_value("");
        });
    };
    let carried = move || match lab.experiment.read().data.text.fits_a_link() {
        true => "The link to this experiment carries the text.".to_owned(),
        false => format!(
            "The text is longer than the {MAX_LINKED_BYTES} bytes that a link carries: on another device it must be brought again."
        ),
    };
    view! {
        <label class="own-text-label" for=id.clone()>"Text"</label>
        <textarea
            id=id
            class="own-text"
            rows="6"
            spellcheck="false"
            prop:value=move || draft.get()
            on:input=move |event| draft.set(event_target_value(&event))
        ></textarea>
        <div class="point-tools">
            <button type="button" class="text-button" on:click=move |_| use_it(&draft.get_untracked())>"Use this text"</button>
            <label class="text-button">
                "Load .txt"
                <input class="visually-hidden" type="file" accept=".txt,.md,text/plain" on:change=load/>
            </label>
        </div>
        <p class="problem" role="alert">{move || problem.get()}</p>
        <p class="about">
            {format!("{} to {} characters. It stays in this browser. ", count(MIN_CHARACTERS as u64), count(MAX_CHARACTERS as u64))}
            {carried}
        </p>
    }
}
