//! The help dialog: the keyboard map and what the colors mean.

use crate::keyboard::KEYS;
use crate::state::Lab;
use leptos::html::Dialog;
use leptos::prelude::*;

/// The dialog; [`Lab::help_open`] opens it.
#[component]
pub fn Help() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let dialog = NodeRef::<Dialog>::new();
    // The browser's own dialog traps the focus and closes on Escape.
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (lab.help_open.get(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog node_ref=dialog aria-labelledby="help-title" on:close=move |_| lab.help_open.set(false)>
            <h2 id="help-title">"Keyboard"</h2>
            <dl>
                {KEYS
                    .iter()
                    .map(|key| view! { <dt><kbd>{key.shown}</kbd></dt><dd>{key.does}</dd> })
                    .collect_view()}
            </dl>
            <h2>"Colors"</h2>
            <p>
                "Blue is positive, orange is negative, and zero has the color of the panel: in weights, activations and gradients alike. "
                "Solid curves are training, dashed ones validation."
            </p>
            <h2 style:margin-top="16px">"Where things stay"</h2>
            <p>
                "The address holds the experiment: copy it to share it. The run itself is saved in this browser and goes on after a reload. "
                "Nothing leaves your machine."
            </p>
            <p style:margin-top="16px">
                <button type="button" autofocus on:click=move |_| lab.help_open.set(false)>"Close"</button>
            </p>
        </dialog>
    }
}
