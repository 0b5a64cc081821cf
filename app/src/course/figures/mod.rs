//! Interactive figures in the text of a week: one folder or file each, named by `descent_course::model::Figure`.

pub mod activations;

use activations::Activations;
use descent_course::WeekText;
use descent_course::model::Figure;
use leptos::prelude::*;

/// The figure that the text names.
#[component]
pub fn FigureView(
    /// Which.
    figure: Figure,
    /// Number of the week it stands in: labs opened from it lead back there.
    week: u32,
    /// Its text, with the words of the figure.
    text: &'static WeekText,
) -> impl IntoView {
    match figure {
        Figure::Activations => view! { <Activations week text/> }.into_any(),
    }
}
