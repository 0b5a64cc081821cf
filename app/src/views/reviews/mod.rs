//! The stage of labs on reviews.

use super::code::CodeView;
use super::gradients::Gradients;
use crate::lesson::Guarded;
use descent_spec::lesson::Control;
use leptos::prelude::*;

/// The middle pane.
#[component]
pub fn ReviewsStage() -> impl IntoView {
    view! {
        <div class="stage-view">
            <Gradients/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}
