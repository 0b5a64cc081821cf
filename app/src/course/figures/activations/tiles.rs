//! All functions beside each other, one of them chosen.

use super::function::Shown;
use crate::canvas::function::draw_small;
use crate::views::painted::Painted;
use leptos::prelude::*;

/// Small plots to choose from: radio buttons, so that arrow keys go from one to the next.
#[component]
pub fn Tiles(
    /// The one that is shown large.
    chosen: RwSignal<Shown>,
) -> impl IntoView {
    let tiles = Shown::all().map(|shown| {
        view! {
            <label class="tile">
                <input
                    type="radio"
                    name="activation-shown"
                    prop:checked=move || chosen.get() == shown
                    on:change=move |_| chosen.set(shown)
                />
                <Painted
                    label=shown.label().to_owned()
                    track=|| ()
                    draw=move |surface, theme| draw_small(surface, theme, |z| shown.at(z))
                    attr:aria-hidden="true"
                />
                <span>{shown.label()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="tiles">
            <legend class="visually-hidden">"Function shown large"</legend>
            {tiles.collect_view()}
        </fieldset>
    }
}
