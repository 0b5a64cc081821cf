//! The run bar: Play is the largest and always in the same place.

use super::run_facts::RunFactsView;
use crate::state::Lab;
use leptos::prelude::*;

/// Buttons and the facts of the run.
#[component]
pub fn RunBar() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let label = move || if lab.running.get() { "Pause" } else { "Play" };
    view! {
        <section class="run-bar" aria-label="Run">
            <div class="run-buttons">
                <button type="button" class="solid" aria-label=label aria-keyshortcuts="Space" on:click=move |_| lab.toggle()>
                    <svg width="11" height="12" viewBox="0 0 11 12" aria-hidden="true" fill="currentColor">
                        <path d=move || if lab.running.get() { "M1 0h3v12H1zM7 0h3v12H7z" } else { "M1 0l10 6-10 6z" }/>
                    </svg>
                    {label}
                    <kbd aria-hidden="true">"space"</kbd>
                </button>
                <Command label="Step" key="S" does="One batch: exactly one optimizer step" run=move || lab.step(1)/>
                <Command label="Epoch" key="E" does="To the end of the epoch" run=move || lab.epoch()/>
                <Command label="Reset" key="R" does="Back to step 0 with the same seed: the same curve" run=move || lab.restart()/>
                <Command label="New seed" key="⇧R" does="Back to step 0 with another seed" run=move || lab.new_seed()/>
            </div>
            <RunFactsView/>
        </section>
    }
}

#[component]
fn Command(label: &'static str, key: &'static str, does: &'static str, run: impl Fn() + 'static) -> impl IntoView {
    let shortcut = if key == "⇧R" { "Shift+R" } else { key };
    view! {
        <button type="button" aria-label=label title=does aria-keyshortcuts=shortcut on:click=move |_| run()>
            {label}
            <kbd aria-hidden="true">{key}</kbd>
        </button>
    }
}
