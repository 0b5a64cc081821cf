//! The data of a lab on words: how far a word's neighbours stand from it.

use crate::components::fields::NumberBox;
use crate::format::count;
use crate::lesson::Guarded;
use crate::state::Lab;
use descent_spec::data::NEGATIVES;
use descent_spec::lesson::Control;
use leptos::prelude::*;

/// Vocabulary, window and drawn words.
#[component]
pub fn WordsFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let (least, most) = lab.experiment.with_untracked(|experiment| experiment.data.set.window_bounds()).unwrap_or((1, 1));
    view! {
        <div class="row">
            <span>"Words"</span>
            <span class="value quiet">{move || count(lab.experiment.read().data.set.n_words() as u64)}</span>
        </div>
        <Guarded control=Control::Window>
            <NumberBox
                label="Window"
                value=Signal::derive(move || lab.experiment.read().data.window as f64)
                min=least as f64
                max=most as f64
                whole=true
                about="How far from a word its neighbours stand, on either side"
                set=move |value| lab.experiment.update(|experiment| experiment.data.window = value as usize)
            />
        </Guarded>
        <div class="row" title="Words drawn at random beside each true neighbour, by their counts to the power of 3/4">
            <span>"Drawn words"</span>
            <span class="value quiet">{NEGATIVES}</span>
        </div>
    }
}
