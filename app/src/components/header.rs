//! The line at the top of a lab: where one is, the way back, the link, light and dark, help.

use super::theme_button::ThemeButton;
use crate::course::Course;
use crate::keyboard::copy_link;
use crate::state::Lab;
use descent_spec::registry::Registry;
use leptos::prelude::*;

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let course = expect_context::<Course>();
    let week = move || course.from_week.get().and_then(descent_course::week);
    let way_back = move || week().map_or_else(|| "#/".to_owned(), |week| format!("#/week/{}", week.number));
    let trail = move || {
        let set = lab.experiment.read().data.set.label();
        week().map_or_else(|| set.to_owned(), |week| format!("Week {} · {} / {set}", week.number, week.title))
    };
    view! {
        <header class="top">
            <h1><a href="#/">"Descent"</a></h1>
            <p class="trail">{trail}</p>
            <nav aria-label="Page">
                <a class="plain" href=way_back>{move || if week().is_some() { "Lesson" } else { "Course" }}</a>
                <button type="button" class="plain" aria-keyshortcuts="C" on:click=move |_| copy_link(lab)>"Copy link"</button>
                <ThemeButton/>
                <button
                    type="button"
                    class="plain icon"
                    aria-label="Help"
                    title="Keyboard and help"
                    aria-keyshortcuts="?"
                    on:click=move |_| lab.help_open.set(true)
                >
                    "?"
                </button>
            </nav>
        </header>
    }
}
