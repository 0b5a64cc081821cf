//! Own points as a CSV file: brought in, and taken along.

use crate::file::{bytes_of, first_file};
use crate::format::sig3;
use crate::state::Lab;
use descent_spec::csv::{self, CsvPoints, MAX_CSV_BYTES};
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// The two buttons, and what came of the last file.
#[component]
pub fn CsvFile() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let said = RwSignal::new(None::<Result<String, String>>);
    let file = move || {
        let text = lab.experiment.with(|experiment| csv::write(&experiment.data.own));
        format!("data:text/csv;charset=utf-8,{}", String::from(js_sys::encode_uri_component(&text)))
    };
    let load = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
        let chosen = first_file(&input);
        spawn_local(async move {
            let Some(file) = chosen else { return };
            said.set(Some(read(&file).await.map(|it| take(lab, it))));
            // The same file can be chosen again, once it is mended.
            input.set_value("");
        });
    };
    view! {
        <div class="point-tools csv-file">
            <label class="text-button">
                "Load CSV"
                <input
                    class="visually-hidden"
                    type="file"
                    accept=".csv,.tsv,.txt,text/csv,text/plain"
                    title="Columns x, y and class (or target), with or without a line of names; comma, semicolon or tab"
                    on:change=load
                />
            </label>
            <a class="text-button" download="descent-points.csv" href=file>"Download CSV"</a>
        </div>
        <p class="about" role="status">{move || said.read().as_ref().and_then(|it| it.clone().ok())}</p>
        <p class="problem" role="alert">
            {move || {
                let why = said.read().as_ref().and_then(|it| it.clone().err());
                why.map(|why| format!("The file was not loaded, and the points are as they were. {why}"))
            }}
        </p>
    }
}

async fn read(file: &web_sys::Blob) -> Result<CsvPoints, String> {
    // One byte more tells the reader that it is too large; all of it need not be in memory for that.
    let most = MAX_CSV_BYTES as f64 + 1.0;
    let head =
        file.slice_with_f64_and_f64(0.0, file.size().min(most)).map_err(|_| "The browser could not read it.".to_owned())?;
    csv::read(&bytes_of(&head).await?)
}

/// Puts the points in place of those that were there, and says what was done to them.
fn take(lab: Lab, CsvPoints { points, n_classes, scaled_from }: CsvPoints) -> String {
    let n_points = points.len();
    lab.experiment.update(|experiment| {
        experiment.data.own = points;
        experiment.data.n_classes = n_classes;
    });
    let scaled = scaled_from.map_or(String::new(), |[x, y]| {
        format!(
            " They did not fit the plane, so x was scaled from {} … {} to −1 … 1, and y from {} … {}.",
            sig3(x.0),
            sig3(x.1),
            sig3(y.0),
            sig3(y.1)
        )
    });
    format!("{n_points} points of {n_classes} classes are loaded.{scaled}")
}
