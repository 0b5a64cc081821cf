//! The stage of labs on a series of numbers in time: what is foretold, how far off it is, and what goes on within a cell.

pub mod errors;
pub mod inside;
pub mod inside_table;
pub mod outlook;
pub mod outlook_table;
pub mod verdict;

use super::code::CodeView;
use crate::lesson::Guarded;
use descent_spec::lesson::Control;
use inside::InsideCell;
use leptos::prelude::*;
use outlook::OutlookView;

/// The middle pane.
#[component]
pub fn SeriesStage() -> impl IntoView {
    view! {
        <div class="stage-view">
            <OutlookView/>
            <InsideCell/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}
