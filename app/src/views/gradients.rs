//! The norm of each layer's gradient: where learning happens, and where it vanishes or explodes.

use super::curves::Switch;
use super::painted::{Painted, settled};
use crate::canvas::bars::{self, Bar};
use crate::format::sig3;
use crate::state::Lab;
use leptos::prelude::*;

/// One bar for each layer that learns, on a log scale.
#[component]
pub fn Gradients() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let height = Memo::new(move |_| bars::height(n_learning(lab)));
    let table = RwSignal::new(false);
    let label = settled(move || lab.gradient_norms.track(), move || described(&current(lab)));
    view! {
        <div class="gradients">
            <div class="view-head">
                <h2>"Gradient norm per layer"</h2>
                <div class="view-tools"><Switch on=table name="Gradient norm" text="Table" long="table"/></div>
            </div>
            <Painted
                label
                size=Signal::derive(move || (0.0, height.get()))
                track=move || {
                    lab.gradient_norms.track();
                    lab.facts.track();
                }
                draw=move |surface, theme| {
                    let bars = current(lab);
                    let axis = bars::decades(bars.iter().map(|bar| bar.value));
                    bars::draw(surface, theme, &bars, &axis);
                }
            />
            <p class="readout">"‖∂loss/∂w‖ of the last batch, log scale"</p>
            <Show when=move || table.get()>
                <NormTable/>
            </Show>
        </div>
    }
}

/// The same numbers as text.
#[component]
fn NormTable() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let norms = settled(
        move || {
            lab.gradient_norms.track();
            lab.facts.track();
        },
        move || current(lab).into_iter().map(|bar| (bar.name, bar.text)).collect::<Vec<_>>(),
    );
    let rows = move || {
        let row = |(name, text): (String, String)| view! { <tr><th scope="row">{name}</th><td>{text}</td></tr> };
        norms.get().into_iter().map(row).collect_view()
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Gradient norm by layer">
            <table>
                <thead><tr><th scope="col">"Layer"</th><th scope="col">"‖∂loss/∂w‖"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn n_learning(lab: Lab) -> usize {
    lab.facts.read().as_ref().map_or(1, |facts| facts.layers.iter().filter(|layer| layer.n_params > 0).count())
}

fn current(lab: Lab) -> Vec<Bar> {
    let (facts, norms) = (lab.facts.read_untracked(), lab.gradient_norms.read_untracked());
    let Some(facts) = facts.as_ref() else { return Vec::new() };
    let learning = facts.layers.iter().enumerate().filter(|(_, layer)| layer.n_params > 0);
    learning
        .map(|(idx, layer)| {
            let norm = norms.get(idx).copied().map(f64::from);
            Bar { name: layer.name.clone(), value: norm.unwrap_or(0.0), text: norm.map_or("–".into(), sig3) }
        })
        .collect()
}

fn described(bars: &[Bar]) -> String {
    let each: Vec<_> = bars.iter().map(|bar| format!("{} {}", bar.name, bar.text)).collect();
    format!("Gradient norm per layer: {}", each.join(", "))
}
