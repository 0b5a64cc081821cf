//! The right pane: curves, evaluation, confusion and mistakes.

use super::confusion::Confusion;
use super::curves::{Curves, Quantity};
use super::evaluation::Evaluations;
use super::mistakes::Mistakes;
use leptos::prelude::*;

/// Everything that says how well it goes.
#[component]
pub fn Results() -> impl IntoView {
    view! {
        <div class="results-view">
            <Curves quantity=Quantity::Loss/>
            <Curves quantity=Quantity::Accuracy/>
            <Evaluations/>
            <Confusion/>
            <Mistakes/>
        </div>
    }
}
