//! The data of a lab on points: which set, how many, how noisy, in how many classes, and what of them the net is given.

use super::set_choice::SetChoice;
use crate::components::fields::NumberBox;
use crate::lesson::Guarded;
use crate::state::Lab;
use descent_spec::DataSpec;
use descent_spec::data::{N_CLASSES, N_POINTS, NOISE};
use descent_spec::lesson::Control;
use descent_spec::plane::Feature;
use descent_spec::registry::Registry;
use leptos::prelude::*;

/// Set, points, noise, classes and features.
#[component]
pub fn PointsFields() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let set = Memo::new(move |_| lab.experiment.read().data.set);
    let edit = move |change: fn(&mut DataSpec, f64)| {
        move |value: f64| lab.experiment.update(|experiment| change(&mut experiment.data, value))
    };
    // Own points keep their classes: fewer than they use cannot be asked for.
    let fewest = Memo::new(move |_| {
        let used = lab.experiment.read().data.own.iter().map(|point| usize::from(point.class) + 1).max();
        used.unwrap_or(0).max(N_CLASSES.0) as f64
    });
    view! {
        <Guarded control=Control::Data>
            <SetChoice/>
        </Guarded>
        <Show when=move || set.get().is_drawn()>
            <Guarded control=Control::Points>
                <NumberBox
                    label="Points"
                    value=Signal::derive(move || lab.experiment.read().data.n_points as f64)
                    min=N_POINTS.0 as f64
                    max=N_POINTS.1 as f64
                    whole=true
                    about="Training and validation together"
                    set=edit(|data, value| data.n_points = value as usize)
                />
            </Guarded>
            <Guarded control=Control::Noise>
                <NumberBox
                    label="Noise"
                    value=Signal::derive(move || lab.experiment.read().data.noise)
                    min=NOISE.0
                    max=NOISE.1
                    about="Standard deviation of the normal noise; the plane is 2 wide"
                    set=edit(|data, value| data.noise = value)
                />
            </Guarded>
        </Show>
        <Show when=move || set.get().has_class_choice()>
            <Guarded control=Control::Classes>
                {move || {
                    view! {
                        <NumberBox
                            label="Classes"
                            value=Signal::derive(move || lab.experiment.read().data.n_classes as f64)
                            min=fewest.get()
                            max=N_CLASSES.1 as f64
                            whole=true
                            set=edit(|data, value| data.n_classes = value as usize)
                        />
                    }
                }}
            </Guarded>
        </Show>
        <Guarded control=Control::Features>
            <Features/>
        </Guarded>
        <p class="problem" hidden=move || lab.experiment.read().data.check().is_ok()>
            {move || lab.experiment.read().data.check().err()}
        </p>
    }
}

/// Which functions of x and y the net is given.
#[component]
fn Features() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let has = move |feature: Feature| lab.experiment.read().data.features.contains(&feature);
    let toggle = move |feature: Feature| {
        lab.experiment.update(|experiment| {
            let features = &mut experiment.data.features;
            if features.contains(&feature) {
                // The last one stays: a net without inputs has nothing to learn from.
                if features.len() > 1 {
                    features.retain(|other| *other != feature);
                }
            } else {
                features.push(feature);
                features.sort_by_key(|feature| Feature::table().iter().position(|entry| entry.value == *feature));
            }
        });
    };
    view! {
        <div class="features" role="group" aria-label="Features">
            <span class="label">"Features"</span>
            <div>
                {Feature::table()
                    .iter()
                    .map(|entry| {
                        let feature = entry.value;
                        view! {
                            <button
                                type="button"
                                class="switch"
                                title=entry.about
                                aria-pressed=move || has(feature).to_string()
                                on:click=move |_| toggle(feature)
                            >
                                {entry.label}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
        </div>
    }
}
