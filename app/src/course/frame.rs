//! The shell of a page of the course: skip link, header, messages, main part, foot.

use crate::components::notices::{Alerts, Foot};
use crate::components::theme_button::ThemeButton;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Id of the main heading: a page that is opened from another begins there for keyboard and screen reader.
pub const TITLE_ID: &str = "page-title";
const MAIN_ID: &str = "main";

/// What stands around every page of the course.
#[component]
pub fn Frame(
    /// Where one is, beside the name of the course; nothing on the home page.
    #[prop(into)]
    trail: String,
    /// The page.
    children: Children,
) -> impl IntoView {
    // The address holds the page, so the link must not follow its own fragment.
    let skip = |event: MouseEvent| {
        event.prevent_default();
        focus(MAIN_ID);
    };
    view! {
        <div class="page course">
            <a class="skip" href=format!("#{MAIN_ID}") on:click=skip>"Skip to the content"</a>
            <header class="top">
                <p class="brand"><a href="#/">"Descent"</a></p>
                <p class="trail">{trail}</p>
                <nav aria-label="Page">
                    <a class="plain" href="#/">"Course"</a>
                    <ThemeButton/>
                </nav>
            </header>
            <Alerts/>
            <main id=MAIN_ID tabindex="-1">{children()}</main>
            <Foot/>
        </div>
    }
}

/// Shows a page that was just opened, from this many pixels down.
pub fn show_from(top: f64) {
    // Focus first: it scrolls to the heading.
    focus(TITLE_ID);
    window().scroll_to_with_x_and_y(0.0, top);
}

/// Moves the focus to an element.
pub fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
