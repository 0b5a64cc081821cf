//! The data of a lab on reviews: how much of each the net reads.

use crate::components::fields::NumberBox;
use crate::format::count;
use crate::lesson::Guarded;
use crate::state::Lab;
use descent_spec::data::IMDB_VOCABULARY;
use descent_spec::lesson::Control;
use leptos::prelude::*;

/// Vocabulary and window.
#[component]
pub fn ReviewsFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let (least, most) = lab.experiment.with_untracked(|experiment| experiment.data.set.window_bounds()).unwrap_or((1, 1));
    view! {
        <div class="row" title="The most frequent words of the training reviews; all others are one unknown word">
            <span>"Vocabulary"</span>
            <span class="value quiet">{count(IMDB_VOCABULARY as u64)}</span>
        </div>
        <Guarded control=Control::Window>
            <NumberBox
                label="Window"
                value=Signal::derive(move || lab.experiment.read().data.window as f64)
                min=least as f64
                max=most as f64
                whole=true
                about="How many words of a review are read, from its first on"
                set=move |value| lab.experiment.update(|experiment| experiment.data.window = value as usize)
            />
        </Guarded>
    }
}
