//! The choice among data sets of one kind.

use crate::components::fields::field_id;
use crate::state::Lab;
use descent_spec::registry::Registry;
use descent_spec::{DataSet, DataSpec};
use leptos::prelude::*;

/// Which set of the same kind as the one there is.
#[component]
pub fn SetChoice() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let id = field_id("data-set");
    let set = Memo::new(move |_| lab.experiment.read().data.set);
    let kind = set.get_untracked().kind();
    let sets = move || DataSet::table().iter().filter(move |entry| entry.value.kind() == kind);
    let on_change = move |event| {
        let id = event_target_value(&event);
        let Some(entry) = DataSet::table().iter().find(|entry| entry.id == id) else { return };
        lab.experiment.update(|experiment| {
            // The net, its features and its training stay: what another set asks of them is what there is to see.
            let before = experiment.clone();
            let features = std::mem::take(&mut experiment.data.features);
            experiment.data = DataSpec { features, ..DataSpec::for_set(entry.value) };
            lab.lesson.read_untracked().keep(&before, experiment);
        });
    };
    view! {
        <div class="row" title=move || set.get().entry().about>
            <label for=id.clone()>"Data set"</label>
            <select id=id on:change=on_change prop:value=move || set.get().id()>
                {sets()
                    .map(|entry| view! { <option value=entry.id selected=move || set.get() == entry.value>{entry.label}</option> })
                    .collect_view()}
            </select>
        </div>
    }
}
