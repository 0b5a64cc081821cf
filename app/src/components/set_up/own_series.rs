//! An own series: brought in as a CSV file or pasted, and taken along.

use crate::components::fields::field_id;
use crate::file::{bytes_of, first_file};
use crate::format::count;
use crate::state::Lab;
use descent_spec::csv::{CsvSeries, MAX_CSV_BYTES, read_series, write_series};
use descent_spec::own_series::MAX_OWN_VALUES;
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// The buttons, the box to paste into, and what came of it.
#[component]
pub fn OwnSeriesFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let said = RwSignal::new(None::<Result<String, String>>);
    let pasted = RwSignal::new(String::new());
    let id = field_id("own-series");
    let file = move || {
        let text = lab.experiment.with(|experiment| write_series(&experiment.data.own_series));
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
    let paste = move |_| said.set(Some(read_series(pasted.read_untracked().as_bytes()).map(|it| take(lab, it))));
    view! {
        <div class="point-tools csv-file own-series">
            <label class="text-button">
                "Load CSV"
                <input
                    class="visually-hidden"
                    type="file"
                    accept=".csv,.tsv,.txt,text/csv,text/plain"
                    title="One value a line, alone or behind a date like 2024-01-31, 2024-01 or 2024, with or without a line of names; comma, semicolon or tab"
                    on:change=load
                />
            </label>
            <a class="text-button" download="descent-series.csv" href=file>"Download CSV"</a>
        </div>
        <details class="more">
            <summary>"Paste values"</summary>
            <label class="visually-hidden" for=id.clone()>"Values, one a line"</label>
            <textarea
                id=id
                rows="5"
                maxlength=MAX_CSV_BYTES.to_string()
                placeholder="2024-01-31,12.5"
                on:input=move |event| pasted.set(event_target_value(&event))
            ></textarea>
            <button type="button" class="text-button" on:click=paste>"Use these values"</button>
        </details>
        <p class="about" role="status">
            {move || {
                let told = said.read().as_ref().and_then(|it| it.clone().ok())?;
                // A run that has begun goes on with the values before; one that has not begins anew by itself.
                let waits = lab.stale.get() && lab.progress.read().step > 0;
                Some(told + if waits { " Press Reset to learn from them." } else { "" })
            }}
        </p>
        <p class="problem" role="alert">
            {move || {
                let why = said.read().as_ref().and_then(|it| it.clone().err());
                why.map(|why| format!("The values were not taken, and the series is as it was. {why}"))
            }}
        </p>
    }
}

async fn read(file: &web_sys::Blob) -> Result<CsvSeries, String> {
    // One byte more tells the reader that it is too large; all of it need not be in memory for that.
    let most = MAX_CSV_BYTES as f64 + 1.0;
    let head =
        file.slice_with_f64_and_f64(0.0, file.size().min(most)).map_err(|_| "The browser could not read it.".to_owned())?;
    read_series(&bytes_of(&head).await?)
}

/// Puts the values in place of those that were there, and says what was done to them.
fn take(lab: Lab, read: CsvSeries) -> String {
    let told = told(&read);
    lab.experiment.update(|experiment| experiment.data.own_series = read.series);
    told
}

fn told(read: &CsvSeries) -> String {
    let of_column = read.column.as_ref().map_or(String::new(), |name| format!(" of the column {name}"));
    let mut told = format!("{} values{of_column} are taken.", count(read.series.len() as u64));
    if let (Some(_), [first, .., last]) = (&read.series.dates, read.series.labels().as_slice()) {
        told.push_str(&format!(" Their dates are {first} to {last}."));
    }
    if let Some(why) = &read.undated {
        told.push_str(&format!(" {why}"));
    }
    if read.n_left_out > 0 {
        told.push_str(&format!(
            " A link carries {} values, so the oldest {} are left out.",
            count(MAX_OWN_VALUES as u64),
            count(read.n_left_out as u64)
        ));
    }
    if read.is_turned {
        told.push_str(" The file began with the newest date, so it was turned round.");
    }
    if read.is_rounded {
        let unit = 10f64.powi(-i32::from(read.series.decimals));
        told.push_str(&format!(" They are rounded to the nearest {unit}, as a link carries them."));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_or_missed() {
        let of = |first: &str| -> String {
            let text: String = (0..40).map(|nth| format!("{first}{},{nth}\n", 1950 + nth)).collect();
            told(&read_series(text.as_bytes()).unwrap())
        };
        assert_eq!(of(""), "40 values are taken. Their dates are 1950 to 1989.");
        let numbered = "Line 1: “in 1950” is no date like 2024-01-31, 2024-01 or 2024, so the values are numbered.";
        assert_eq!(of("in "), format!("40 values are taken. {numbered}"));
    }

    #[test]
    fn what_was_done_is_told() {
        let text: String = (0..1_100).map(|nth| format!("{nth}\n")).collect();
        let read = read_series(text.as_bytes()).unwrap();
        assert_eq!(told(&read), "1,000 values are taken. A link carries 1,000 values, so the oldest 100 are left out.");
        let thirds: String = (0..50).map(|nth| format!("{}\n", f64::from(nth) / 3.0)).collect();
        assert!(
            told(&read_series(thirds.as_bytes()).unwrap()).ends_with("rounded to the nearest 0.0001, as a link carries them.")
        );
    }
}
