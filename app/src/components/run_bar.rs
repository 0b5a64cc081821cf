//! The run bar: Play is the largest and always in the same place.

use super::run_facts::RunFactsView;
use crate::lesson::reason;
use crate::state::Lab;
use descent_spec::lesson::{Control, Rule};
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
                <Command label="New seed" key="⇧R" does="Back to step 0 with another seed" run=move || lab.new_seed() control=Control::Seed/>
            </div>
            <RunFactsView/>
        </section>
    }
}

#[component]
fn Command(
    label: &'static str,
    key: &'static str,
    does: &'static str,
    run: impl Fn() + 'static,
    /// What a teacher's link calls it, if it does.
    #[prop(optional)]
    control: Option<Control>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let shortcut = if key == "⇧R" { "Shift+R" } else { key };
    let rule = Memo::new(move |_| control.and_then(|control| lab.lesson.read().rule(control)));
    let title = move || match (rule.get(), control) {
        (Some(_), Some(control)) => reason(control),
        _ => does.to_owned(),
    };
    let run = StoredValue::new_local(run);
    let press = move |_| run.with_value(|run| run());
    view! {
        <Show when=move || rule.get() != Some(Rule::Hidden)>
            <button
                type="button"
                aria-label=label
                title=title
                aria-keyshortcuts=shortcut
                disabled=move || rule.get() == Some(Rule::Locked)
                on:click=press
            >
                {label}
                <kbd aria-hidden="true">{key}</kbd>
            </button>
        </Show>
    }
}
