//! Answers to sources, for scripts.

use super::{opened, to_js};
use crate::pairs::text_of;
use crate::state::Lab;
use descent_spec::Split;
use descent_spec::message::Bleu;
use descent_spec::pairs::MAX_BEAM;
use descent_spec::registry::Registry;
use js_sys::Error;
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// What `translate` gives.
#[derive(Serialize)]
struct Translated {
    step: u64,
    /// Tokens as they were read, the end included.
    source: Vec<String>,
    /// The best first.
    answers: Vec<Answered>,
    /// Where the best looked: a row for each of its tokens, a number for each of the source's.
    maps: Vec<Map>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    text: String,
    tokens: Vec<String>,
    log_probability: f32,
    is_finished: bool,
}

#[derive(Serialize)]
struct Map {
    name: String,
    weights: Vec<Vec<f32>>,
}

#[derive(Serialize)]
struct Scored {
    step: u64,
    count: u32,
    exact: f64,
    bleu: Option<Bleu>,
}

pub(super) async fn translate(lab: Lab, source: String, beam: &JsValue) -> Result<JsValue, JsValue> {
    let beam = match beam.as_f64() {
        None if beam.is_undefined() => 1,
        Some(beam) if beam.fract() == 0.0 && (1.0..=f64::from(MAX_BEAM)).contains(&beam) => beam as u32,
        _ => {
            return Err(
                Error::new(&format!("translate(text, beam) wants a whole number from 1 to {MAX_BEAM} as its beam")).into()
            );
        }
    };
    opened(lab).await?;
    let found = lab.translate(source, beam).await.map_err(|why| Error::new(&why))?;
    let set = lab.experiment.with_untracked(|experiment| experiment.data.set);
    let n_columns = found.source.len().max(1);
    let answers = found.answers.iter().map(|answer| Answered {
        text: text_of(set, answer),
        tokens: answer.tokens.clone(),
        log_probability: answer.log_probability,
        is_finished: answer.is_finished,
    });
    let map = |it: &crate::pairs::AttentionMap| Map {
        name: it.name.clone(),
        weights: it.weights.chunks(n_columns).map(<[f32]>::to_vec).collect(),
    };
    to_js(&Translated {
        step: found.step,
        answers: answers.collect(),
        maps: found.maps.iter().map(map).collect(),
        source: found.source,
    })
}

pub(super) async fn score(lab: Lab, split: &str) -> Result<JsValue, JsValue> {
    let split = Split::parse(split).map_err(|why| Error::new(&why))?;
    opened(lab).await?;
    let it = lab.score_pairs(split).await.map_err(|why| Error::new(&why))?;
    to_js(&Scored { step: it.step, count: it.n, exact: it.exact, bleu: it.bleu })
}
