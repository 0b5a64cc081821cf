//! The keyboard map of the lab. Keys rest on other pages, while something is typed and while a dialog is open.

use crate::link::{Route, address_of};
use crate::state::Lab;
use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// One line of the help dialog.
pub struct Key {
    /// As printed on the key.
    pub shown: &'static str,
    /// What it does.
    pub does: &'static str,
}

/// Every key, as the help dialog lists them.
pub const KEYS: &[Key] = &[
    Key { shown: "Space", does: "Play or pause" },
    Key { shown: "S", does: "Step: one batch" },
    Key { shown: "E", does: "Train to the end of the epoch" },
    Key { shown: "R", does: "Reset: same seed, same curve" },
    Key { shown: "Shift R", does: "New seed" },
    Key { shown: "C", does: "Copy the link to this experiment" },
    Key { shown: "?", does: "This help" },
    Key { shown: "Esc", does: "Close what is open" },
];

/// Listens on the whole page.
pub fn install(lab: Lab, route: RwSignal<Route>) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if route.get_untracked() == Route::Lab && pressed(lab, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether the key was one of ours.
fn pressed(lab: Lab, event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || is_elsewhere(event) {
        return false;
    }
    let key = event.key();
    // A key held down steps on and on; starting over that often helps nobody.
    if event.repeat() && !key.eq_ignore_ascii_case("s") {
        return matches!(key.as_str(), " ");
    }
    match (key.as_str(), event.shift_key()) {
        (" ", _) => lab.toggle(),
        ("s" | "S", false) => lab.step(1),
        ("e" | "E", false) => lab.epoch(),
        ("r" | "R", false) => lab.restart(),
        ("r" | "R", true) => lab.new_seed(),
        ("c" | "C", false) => copy_link(lab),
        ("?", _) => lab.help_open.set(true),
        ("Escape", _) => lab.alerts.update(|alerts| drop(alerts.pop())),
        _ => return false,
    }
    true
}

/// Whether the key belongs to what has the focus: a field, a dialog, or, for Space, a button.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    if document().query_selector("dialog[open]").ok().flatten().is_some() {
        return true;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return false };
    let is_key_for_buttons = matches!(event.key().as_str(), " " | "Enter");
    let is_slider = target.matches("input[type=range], input[type=radio], input[type=checkbox]").unwrap_or(false);
    if is_slider {
        return is_key_for_buttons;
    }
    target.matches("input, select, textarea, [contenteditable]").unwrap_or(false)
        || (is_key_for_buttons && target.closest("button, summary, a, [role=button], [role=gridcell]").ok().flatten().is_some())
}

/// Puts the address of the experiment into the clipboard, and says so.
pub fn copy_link(lab: Lab) {
    copy_address(lab, address_of(lab));
}

/// Puts an address into the clipboard, and says so.
pub(crate) fn copy_address(lab: Lab, address: String) {
    spawn_local(async move {
        match write_clipboard(&address).await {
            Some(()) => lab.say("The link is copied."),
            None => lab.alert(format!("The browser did not let the page copy. The link: {address}")),
        }
    });
}

/// Puts a text into the clipboard; none where the browser does not let us.
pub(crate) async fn write_clipboard(text: &str) -> Option<()> {
    let navigator = window().navigator();
    // Pages without a secure context have no clipboard at all, not even an empty one.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).ok()?;
    if clipboard.is_undefined() {
        return None;
    }
    wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.ok().map(drop)
}
