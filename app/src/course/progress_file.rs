//! Progress as a file: taken along, and brought back.

use super::state::Course;
use crate::file::{first_file, text_of};
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// A file beyond this is not even read.
const MAX_FILE_BYTES: f64 = 1e6;

/// What was done, the file to take along, and the file to bring back.
#[component]
pub fn ProgressFile() -> impl IntoView {
    let course = expect_context::<Course>();
    let said = RwSignal::new(String::new());
    let done = move || {
        let progress = course.progress.read();
        format!(
            "Weeks visited: {}. Exercises solved: {}. Questions answered: {}.",
            progress.weeks.len(),
            progress.exercises.len(),
            progress.answers.len()
        )
    };
    let file = move || {
        let text = String::from(js_sys::encode_uri_component(&course.progress.read().to_json()));
        format!("data:application/json;charset=utf-8,{text}")
    };
    let import = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
        let chosen = first_file(&input);
        spawn_local(async move {
            let result = match chosen {
                Some(file) if file.size() > MAX_FILE_BYTES => Err("It is larger than any progress.".into()),
                Some(file) => text_of(&file).await.and_then(|text| course.import(&text)),
                None => return,
            };
            said.set(result.unwrap_or_else(|why| format!("The file was not imported, and nothing has changed. {why}")));
            // The same file can be chosen again.
            input.set_value("");
        });
    };
    view! {
        <section class="progress" aria-labelledby="progress-title">
            <h2 id="progress-title">"Your progress"</h2>
            <p>{done}</p>
            <p class="small quiet">"It is kept in this browser and nowhere else. A file takes it to another one."</p>
            <p class="progress-files">
                <a class="button" download="descent-progress.json" href=file>"Export progress"</a>
                <label class="button">
                    "Import progress"
                    <input class="visually-hidden" type="file" accept=".json,application/json" on:change=import/>
                </label>
            </p>
            <p role="status">{said}</p>
        </section>
    }
}
