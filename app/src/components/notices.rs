//! What the page has to say: alerts to read, a polite line at the foot, and the strip that offers a restart.

use crate::state::Lab;
use leptos::prelude::*;

/// Things that need attention, each until dismissed.
#[component]
pub fn Alerts() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let dismiss = move |text: String| lab.alerts.update(|alerts| alerts.retain(|earlier| *earlier != text));
    view! {
        <div class="alerts" role="alert">
            <ul>
                <For each=move || lab.alerts.get() key=|text| text.clone() let:text>
                    <li>
                        <p>{text.clone()}</p>
                        <button
                            type="button"
                            class="plain icon"
                            aria-label="Dismiss"
                            on:click={
                                let text = text.clone();
                                move |_| dismiss(text.clone())
                            }
                        >
                            "×"
                        </button>
                    </li>
                </For>
            </ul>
        </div>
    }
}

/// Says that the set-up and the run have parted, and brings them together again.
#[component]
pub fn RestartStrip() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let shown = Memo::new(move |_| lab.stale.get() && lab.progress.read().step > 0);
    let undo = move |_| {
        if let Some(facts) = lab.facts.get_untracked() {
            lab.experiment.set(facts.experiment);
        }
    };
    view! {
        <Show when=move || shown.get()>
            <div class="strip">
                <p>"The run goes on with the set-up it was started with."</p>
                <button type="button" class="solid" disabled=move || lab.trace.read().is_err() on:click=move |_| lab.restart()>
                    "New changes – restart"
                </button>
                <button type="button" on:click=undo>"Undo changes"</button>
            </div>
        </Show>
    }
}

/// The polite line.
#[component]
pub fn Foot() -> impl IntoView {
    let lab = expect_context::<Lab>();
    view! {
        <footer class="foot">
            <p role="status">{move || lab.status.get()}</p>
        </footer>
    }
}
