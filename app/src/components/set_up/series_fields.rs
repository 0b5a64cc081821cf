//! The data of a lab on a series: which one, what of it the net is given, and how far ahead it foretells.

use super::own_series::OwnSeriesFields;
use super::set_choice::SetChoice;
use crate::components::fields::NumberBox;
use crate::lesson::Guarded;
use crate::state::Lab;
use descent_spec::data::HORIZON;
use descent_spec::lesson::Control;
use descent_spec::registry::Registry;
use descent_spec::{DataSet, DataSpec};
use leptos::prelude::*;

/// Set, own values, window and horizon.
#[component]
pub fn SeriesFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let set = Memo::new(move |_| lab.experiment.read().data.set);
    let edit = move |change: fn(&mut DataSpec, f64)| {
        move |value: f64| lab.experiment.update(|experiment| change(&mut experiment.data, value))
    };
    let bounds = set.get_untracked().window_bounds().unwrap_or_default();
    view! {
        <Guarded control=Control::Data>
            <SetChoice/>
        </Guarded>
        <p class="about">{move || set.get().entry().about}</p>
        <Show when=move || set.get() == DataSet::OwnSeries>
            <Guarded control=Control::Values>
                <OwnSeriesFields/>
            </Guarded>
        </Show>
        <Guarded control=Control::Window>
            <NumberBox
                label="Window"
                value=Signal::derive(move || lab.experiment.read().data.window as f64)
                min=bounds.0 as f64
                max=bounds.1 as f64
                whole=true
                about="How many values in a row the net is given"
                set=edit(|data, value| data.window = value as usize)
            />
        </Guarded>
        <Guarded control=Control::Horizon>
            <NumberBox
                label="Horizon"
                value=Signal::derive(move || lab.experiment.read().data.horizon as f64)
                min=HORIZON.0 as f64
                max=HORIZON.1 as f64
                whole=true
                about="How many steps ahead of the window's last value the foretold one lies"
                set=edit(|data, value| data.horizon = value as usize)
            />
        </Guarded>
        <p class="problem" hidden=move || lab.experiment.read().data.check().is_ok()>
            {move || lab.experiment.read().data.check().err()}
        </p>
    }
}
