//! The set-ups of a lab, in the lab: one click from what is broken to its cures.

use crate::state::Lab;
use descent_course::{Variant, model, weeks};
use descent_spec::{Experiment, link};
use leptos::prelude::*;

/// The variants of the lab that was opened last; nothing where it has none. They stay while the visitor turns other things.
#[component]
pub fn VariantPanel() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let labs = StoredValue::new(weeks().iter().flat_map(|week| &week.labs).map(known).collect::<Vec<_>>());
    let shown = Memo::new(move |before: Option<&Option<&'static model::Lab>>| {
        let now = lab.experiment.read();
        let opened = labs.with_value(|labs| {
            let of = |known: &&Known| known.experiments.iter().any(|it| is_same(it, &now));
            // The week's other labs start from links of their own: one of them that is opened takes the panel away.
            labs.iter().filter(of).map(|known| known.lab).max_by_key(|lab| lab.variants.len())
        });
        let before = before.copied().flatten();
        let fits = |lab: &&'static model::Lab| link::decode(&lab.link).experiment.data.set == now.data.set;
        opened.map_or(before.filter(fits), |lab| (!lab.variants.is_empty()).then_some(lab))
    });
    move || shown.get().map(|of| view! { <Panel of/> })
}

/// A lab with the experiments that its links open.
struct Known {
    lab: &'static model::Lab,
    experiments: Vec<Experiment>,
}

fn known(lab: &'static model::Lab) -> Known {
    let links = std::iter::once(&lab.link).chain(lab.variants.iter().map(|it| &it.link));
    Known { lab, experiments: links.map(|link| link::decode(link).experiment).collect() }
}

/// Whether two experiments are one, whatever their seed and wherever they run.
fn is_same(one: &Experiment, other: &Experiment) -> bool {
    Experiment { seed: other.seed, device: other.device, cores: other.cores, ..one.clone() } == *other
}

#[component]
fn Panel(of: &'static model::Lab) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let current = Memo::new(move |_| {
        let now = lab.experiment.read();
        of.variants.iter().position(|it| is_same(&link::decode(&it.link).experiment, &now))
    });
    let groups = of.variants.chunk_by(|one, next| one.group == next.group);
    let first = |group: &[Variant]| of.variants.iter().position(|it| group.first().is_some_and(|first| first.id == it.id));
    let rows = groups.map(|group| {
        let start = first(group).unwrap_or(0);
        let buttons = group.iter().enumerate().map(|(nth, variant)| {
            let is_current = move || current.get() == Some(start + nth);
            view! {
                <button
                    type="button"
                    class="switch"
                    data-variant=variant.id.as_str()
                    aria-pressed=move || is_current().to_string()
                    on:click=move |_| change_to(lab, variant)
                >
                    {variant.title.as_str()}
                </button>
            }
        });
        view! {
            <div class="variant-group" role="group" aria-label=group.first().map(|it| it.group.as_str())>
                <span class="label">{group.first().map(|it| it.group.as_str())}</span>
                <div>{buttons.collect_view()}</div>
            </div>
        }
    });
    let says = move || match current.get().and_then(|idx| of.variants.get(idx)) {
        Some(variant) => variant.says.as_str(),
        None => "One click changes the network; the seed stays.",
    };
    view! {
        <section class="variants" aria-labelledby="variants-title">
            <h2 id="variants-title">{of.title.as_str()}</h2>
            {rows.collect_view()}
            <p class="hint">{says}</p>
        </section>
    }
}

/// Goes over to another set-up with the seed and on the device of now, and goes on training if it did.
fn change_to(lab: Lab, variant: &'static Variant) {
    let now = lab.experiment.get_untracked();
    let wanted = Experiment { seed: now.seed, device: now.device, cores: now.cores, ..link::decode(&variant.link).experiment };
    let mut allowed = wanted.clone();
    lab.lesson.read_untracked().keep(&now, &mut allowed);
    if allowed != wanted {
        lab.say("This set-up would change what is locked or hidden by this link.");
        return;
    }
    let goes_on = lab.running.get_untracked();
    lab.experiment.set(wanted);
    if lab.reset() && goes_on {
        lab.play();
    }
    lab.say(format!("{}: {}", variant.title, variant.says));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_up_is_known_whatever_its_seed() {
        let of = |link: &str| link::decode(link).experiment;
        assert!(is_same(&of("mnist?lr=0.1"), &of("mnist?lr=0.1&seed=7&device=cpu")));
        assert!(!is_same(&of("mnist?lr=0.1"), &of("mnist?lr=0.2")));
    }
}
