//! The stage of labs on a text: what the net writes, what it wrote after each epoch, and one of its units over a text.

pub mod kept;
pub mod unit;
pub mod write;

use super::code::CodeView;
use super::trained::Trained;
use crate::lesson::Guarded;
use descent_spec::lesson::Control;
use kept::Kept;
use leptos::prelude::*;
use unit::UnitView;
use write::Write;

/// The middle pane.
#[component]
pub fn TextStage() -> impl IntoView {
    view! {
        <div class="stage-view">
            <Write/>
            <Trained/>
            <Kept/>
            <UnitView/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
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
