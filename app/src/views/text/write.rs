//! What the net writes: by itself while it is trained, and behind a prompt of the visitor's.

use super::Written;
use crate::components::fields::{NumberBox, field_id};
use crate::format::count;
use crate::state::{Lab, RunPhase, Sample};
use descent_spec::message::SampleSpec;
use leptos::prelude::*;

/// Prompt and temperature, and the two texts.
#[component]
pub fn Write() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let how = RwSignal::new(SampleSpec::default());
    let unknown = Memo::new(move |_| {
        let facts = lab.facts.read();
        let vocabulary = facts.as_ref().map_or(&[][..], |facts| &facts.vocabulary);
        let is_known = |c: char| vocabulary.is_empty() || vocabulary.iter().any(|it| it.chars().eq([c]));
        how.read().prompt.chars().find(|&c| !is_known(c))
    });
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    // Each session is told anew how the net is to write by itself.
    Effect::new(move |_| {
        let sample = how.get();
        if is_open.get() && unknown.get().is_none() {
            lab.write_live(Some(sample));
        }
    });
    let is_writing = move || lab.asked.read().as_ref().is_some_and(|asked| !asked.is_whole);
    let write = move |_| {
        if is_writing() {
            lab.stop_writing();
        } else {
            lab.write(how.get_untracked());
            // Another press, another text; the first is the same for everybody.
            how.update_untracked(|how| how.seed = how.seed.wrapping_add(1));
        }
    };
    let (prompt_id, temperature_id) = (field_id("prompt"), field_id("temperature"));
    let problem_id = format!("{prompt_id}-problem");
    view! {
        <section class="writes" aria-labelledby="writes-title">
            <div class="view-head">
                <h2 id="writes-title">"What the net writes"</h2>
                <p class="subject">{move || at_step(&lab.live.read())}</p>
            </div>
            <Live/>
            <div class="write-fields">
                <div class="row wide">
                    <label for=prompt_id.clone()>"Prompt"</label>
                    <input
                        type="text"
                        id=prompt_id
                        maxlength=SampleSpec::MAX_PROMPT
                        placeholder="a new line"
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby=problem_id.clone()
                        aria-invalid=move || unknown.get().is_some().to_string()
                        on:input=move |event| how.update(|how| how.prompt = event_target_value(&event))
                    />
                </div>
                <p class="problem" id=problem_id hidden=move || unknown.get().is_none()>
                    {move || unknown.get().map(|c| format!("The net has never seen “{c}”: use the characters of its text."))}
                </p>
                <div class="row wide" title="p = softmax(z / T): below 1 the net is surer than it was trained to be, at 0 it always takes the most probable character">
                    <label for=temperature_id.clone()>"Temperature"</label>
                    <input
                        type="range"
                        id=temperature_id
                        min="0"
                        max="2"
                        step="0.05"
                        prop:value=move || how.read().temperature.to_string()
                        on:input=move |event| {
                            if let Ok(value) = event_target_value(&event).parse() {
                                how.update(|how| how.temperature = value);
                            }
                        }
                    />
                    <span class="value">{move || format!("{:.2}", how.read().temperature)}</span>
                </div>
                <NumberBox
                    label="Top k"
                    value=Signal::derive(move || f64::from(how.read().top_k))
                    min=0.0
                    max=256.0
                    whole=true
                    about="Draws among the k most probable characters; 0 for all"
                    set=move |value| how.update(|how| how.top_k = value as u32)
                />
                <NumberBox
                    label="Length"
                    value=Signal::derive(move || f64::from(how.read().length))
                    min=1.0
                    max=f64::from(SampleSpec::MAX_LENGTH)
                    whole=true
                    about="Characters to write"
                    set=move |value| how.update(|how| how.length = value as u32)
                />
                <button type="button" disabled=move || !is_open.get() || unknown.get().is_some() on:click=write>
                    {move || if is_writing() { "Stop" } else { "Generate" }}
                </button>
            </div>
            <Show when=move || lab.asked.read().is_some()>
                <p class="subject">{move || lab.asked.read().as_ref().map(at_step)}</p>
                <Written
                    label="Generated text"
                    text=Signal::derive(move || lab.asked.read().as_ref().map_or_else(String::new, |asked| asked.text.clone()))
                    empty="…"
                />
            </Show>
        </section>
    }
}

/// The text that grows while the net is trained; where motion is unwelcome, the last whole one.
#[component]
fn Live() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let query = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    let is_still = query.is_some_and(|query| query.matches());
    let shown = Memo::new(move |before: Option<&String>| {
        let live = lab.live.read();
        match before {
            Some(before) if is_still && !live.is_whole && !live.text.is_empty() => before.clone(),
            _ => live.text.clone(),
        }
    });
    view! { <Written label="Text written while training" text=shown empty="While it is trained, the net writes here, again and again."/> }
}

fn at_step(sample: &Sample) -> String {
    if sample.text.is_empty() { String::new() } else { format!("with the weights of step {}", count(sample.step)) }
}
