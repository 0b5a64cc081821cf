//! Weights that come with the site, offered where there are some.

use crate::format::bytes;
use crate::state::Lab;
use descent_spec::Pretrained;
use descent_spec::lesson::Control;
use leptos::prelude::*;

/// The button that opens the experiment of trained weights and puts them in; nothing where there are none for the set.
#[component]
pub fn Trained() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let trained = lab.experiment.with_untracked(|experiment| Pretrained::of(experiment.data.set));
    // Another experiment takes the place of this one, so its controls must be free.
    let is_free = move || {
        [Control::Model, Control::Layers, Control::Window].into_iter().all(|control| lab.lesson.read().rule(control).is_none())
    };
    trained.map(|it| {
        view! {
            <Show when=is_free>
                <div class="trained">
                    <button type="button" on:click=move |_| lab.load_trained(it)>"Load trained weights"</button>
                    <p class="about">{format!("{}; {}; the run begins anew from them.", it.about, bytes(it.bytes as u64))}</p>
                </div>
            </Show>
        }
    })
}
