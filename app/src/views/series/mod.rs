//! The stage of labs on a series of numbers in time.

use super::code::CodeView;
use super::gradients::Gradients;
use crate::lesson::Guarded;
use descent_spec::lesson::Control;
use leptos::prelude::*;

/// The middle pane.
#[component]
pub fn SeriesStage() -> impl IntoView {
    view! {
        <div class="stage-view">
            <Gradients/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}
