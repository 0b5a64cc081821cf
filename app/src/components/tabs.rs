//! Tabs of a narrow screen: one pane at a time.

use crate::state::{Lab, Pane};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const TABS: [(Pane, &str); 3] = [(Pane::SetUp, "Set-up"), (Pane::Stage, "Stage"), (Pane::Results, "Results")];

/// Id of a pane's element.
pub fn pane_id(pane: Pane) -> &'static str {
    match pane {
        Pane::SetUp => "pane-set-up",
        Pane::Stage => "pane-stage",
        Pane::Results => "pane-results",
    }
}

/// The tab list; the style sheet shows it under 640 px only.
#[component]
pub fn Tabs() -> impl IntoView {
    let lab = expect_context::<Lab>();
    // Arrow keys move between tabs, as in every tab list.
    let on_key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => TABS.len() - 1,
            _ => return,
        };
        let at = TABS.iter().position(|(pane, _)| *pane == lab.pane.get_untracked()).unwrap_or(0);
        let (pane, _) = TABS[(at + by) % TABS.len()];
        lab.pane.set(pane);
        if let Some(tab) = document().get_element_by_id(&format!("{}-tab", pane_id(pane))) {
            let _ = tab.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    view! {
        <nav class="tabs" aria-label="Panes">
            <div role="tablist" aria-label="Panes" on:keydown=on_key>
            {TABS
                .map(|(pane, label)| {
                    let selected = move || lab.pane.get() == pane;
                    view! {
                        <button
                            type="button"
                            role="tab"
                            id=format!("{}-tab", pane_id(pane))
                            aria-controls=pane_id(pane)
                            aria-selected=move || selected().to_string()
                            tabindex=move || if selected() { "0" } else { "-1" }
                            on:click=move |_| lab.pane.set(pane)
                        >
                            {label}
                        </button>
                    }
                })
                .collect_view()}
            </div>
        </nav>
    }
}
