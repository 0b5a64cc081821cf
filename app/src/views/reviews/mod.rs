//! The stage of labs on reviews: a review as the net reads it, one of the visitor's, and the words that the net knows.

pub mod comparison;
pub mod own;
pub mod sees;
pub mod vocabulary;
pub mod words;

use super::code::CodeView;
use super::gradients::Gradients;
use crate::lesson::Guarded;
pub use comparison::Comparison;
use descent_spec::lesson::Control;
use leptos::prelude::*;
use own::Own;
use sees::Sees;
use vocabulary::Vocabulary;

/// The middle pane.
#[component]
pub fn ReviewsStage() -> impl IntoView {
    view! {
        <div class="stage-view">
            <Sees/>
            <Own/>
            <Vocabulary/>
            <Gradients/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}
