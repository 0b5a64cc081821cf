//! Light or dark: as the system has it, until the visitor says otherwise.

use leptos::prelude::*;

/// Where the choice of light or dark is remembered.
const THEME_KEY: &str = "descent.theme";

/// The button that changes it.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(stored_theme());
    // The style sheet reads the attribute; without it the system decides.
    Effect::new(move |_| {
        let root = document().document_element();
        match (theme.get(), root) {
            (Some(theme), Some(root)) => drop(root.set_attribute("data-theme", theme)),
            (None, Some(root)) => drop(root.remove_attribute("data-theme")),
            _ => {}
        }
    });
    let next_theme = move |_| {
        let next = match theme.get_untracked() {
            None => Some(if system_is_dark() { "light" } else { "dark" }),
            Some("dark") if !system_is_dark() => None,
            Some("light") if system_is_dark() => None,
            Some("dark") => Some("light"),
            Some(_) => Some("dark"),
        };
        remember_theme(next);
        theme.set(next);
    };
    let label = move || match theme.get() {
        None if system_is_dark() => "Light colors",
        None => "Dark colors",
        Some("dark") => "Light colors",
        Some(_) => "Dark colors",
    };
    view! {
        <button type="button" class="plain icon" aria-label=label title=label on:click=next_theme>
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor"/>
                <path d="M8 1.5a6.5 6.5 0 0 1 0 13z" fill="currentColor"/>
            </svg>
        </button>
    }
}

fn system_is_dark() -> bool {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
}

fn stored_theme() -> Option<&'static str> {
    let stored = window().local_storage().ok().flatten()?.get_item(THEME_KEY).ok().flatten()?;
    ["light", "dark"].into_iter().find(|theme| *theme == stored)
}

fn remember_theme(theme: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Where storage is forbidden the choice lasts until the page is closed.
        let _ = match theme {
            Some(theme) => storage.set_item(THEME_KEY, theme),
            None => storage.remove_item(THEME_KEY),
        };
    }
}
