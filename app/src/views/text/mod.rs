//! The stage of labs on a text: what the net writes, what it wrote after each epoch, and one of its units over a text.

pub mod kept;
pub mod unit;
pub mod write;

use super::code::CodeView;
use super::gradients::Gradients;
use crate::format::bytes;
use crate::lesson::Guarded;
use crate::state::Lab;
use descent_spec::Pretrained;
use descent_spec::lesson::Control;
use kept::Kept;
use leptos::prelude::*;
use unit::UnitView;
use write::Write;

/// The middle pane.
#[component]
pub fn TextStage() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let trained = lab.experiment.with_untracked(|experiment| Pretrained::of(experiment.data.set));
    view! {
        <div class="stage-view">
            <Write/>
            {trained.map(|it| view! { <Trained it/> })}
            <Kept/>
            <UnitView/>
            <Gradients/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}

/// The button that opens the experiment of trained weights and puts them in.
#[component]
fn Trained(it: &'static Pretrained) -> impl IntoView {
    let lab = expect_context::<Lab>();
    // Another experiment takes the place of this one, so its controls must be free.
    let is_free = move || {
        [Control::Model, Control::Layers, Control::Window].into_iter().all(|control| lab.lesson.read().rule(control).is_none())
    };
    view! {
        <Show when=is_free>
            <div class="trained">
                <button type="button" on:click=move |_| lab.load_trained(it)>"Load trained weights"</button>
                <p class="about">{format!("{} {}; the run begins anew from them.", it.about, bytes(it.bytes as u64))}</p>
            </div>
        </Show>
    }
}

/// A text as it was written, with what was given before it marked.
#[component]
fn Written(
    /// What it is, for those who do not see it.
    label: &'static str,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// What stands there while there is none.
    empty: &'static str,
) -> impl IntoView {
    view! {
        // It changes ten times a second: nobody could listen to that. It is read where it is looked for.
        <pre class="written" tabindex="0" role="region" aria-label=label aria-live="off">
            {move || text.with(|text| if text.is_empty() { view! { <span class="quiet">{empty}</span> }.into_any() } else { text.clone().into_any() })}
        </pre>
    }
}
