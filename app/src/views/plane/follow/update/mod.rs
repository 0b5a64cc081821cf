//! The next step at one weight: gradient of the batch, the optimizer's state, the new weight, and whether it came true.

mod rows;

use super::asking::{Asking, ask_again_and_again};
use super::shown::Shown;
use crate::format::{count, sig3};
use crate::state::Lab;
use descent_spec::message::{CameTrue, WeightUpdate};
use leptos::prelude::*;
use rows::{Row, rows};

/// The update that the next step will make to a weight of the chosen unit.
#[component]
pub fn NextUpdate(
    /// What is looked at.
    shown: Memo<Option<Shown>>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    // Index into the unit's inputs; past the last one lies the bias.
    let chosen = RwSignal::new(0_usize);
    let names = Memo::new(move |_| {
        let inputs = shown.read().as_ref().map(|shown| shown.inputs.clone()).unwrap_or_default();
        let weights = inputs.iter().map(|name| format!("w of {name}"));
        weights.chain(["Bias b".to_owned()]).collect::<Vec<_>>()
    });
    let weight = Memo::new(move |_| chosen.get().min(names.read().len() - 1));
    let place = Memo::new(move |_| {
        let shown = shown.read();
        let shown = shown.as_ref()?;
        let input = weight.get();
        let input = (input < shown.inputs.len()).then_some(input as u32);
        Some((shown.layer().layer, input, shown.unit as u32))
    });
    // A live edit of the rate or of a penalty changes what will happen, too.
    let question = Memo::new(move |_| {
        let training = lab.facts.with(|facts| facts.as_ref().map(|facts| facts.experiment.training.clone()))?;
        Some((place.get()?, training))
    });
    let Asking { newest, problem } =
        ask_again_and_again(lab, question, move |((layer, input, unit), _)| lab.foretell(layer, input, unit));
    let update = Memo::new(move |_| newest.read().as_ref().map(|(_, (update, _)): &(_, (WeightUpdate, _))| update.clone()));
    let came_true = Memo::new(move |_| newest.read().as_ref().and_then(|(_, (_, came_true))| *came_true));
    let choose = move |event| {
        if let Ok(idx) = event_target_value(&event).parse() {
            chosen.set(idx);
        }
    };
    let options = move || {
        let option =
            |(idx, name): (usize, String)| view! { <option value=idx selected=move || weight.get() == idx>{name}</option> };
        names.get().into_iter().enumerate().map(option).collect_view()
    };
    view! {
        <section class="wide update" aria-labelledby="update-title">
            <h3 id="update-title">"The next step at one weight"</h3>
            <div class="row unit-choice">
                <label for="follow-weight">"Weight"</label>
                <select id="follow-weight" on:change=choose prop:value=move || weight.get().to_string()>{options}</select>
            </div>
            <p class="problem" hidden=move || problem.read().is_none()>{move || problem.get()}</p>
            <p class="about">{move || update.read().as_ref().map(about)}</p>
            <div class="table-box" tabindex="0" role="region" aria-label="The update, line by line">
                <table class="losses">
                    <thead>
                        <tr>
                            <th scope="col">"Quantity"</th>
                            <th scope="col">"Formula"</th>
                            <th scope="col">"Value"</th>
                        </tr>
                    </thead>
                    <tbody>{move || update.read().as_ref().map(|update| rows(update).into_iter().map(line).collect_view())}</tbody>
                </table>
            </div>
            <p class="sum check">{move || said(came_true.get())}</p>
        </section>
    }
}

fn line(row: Row) -> impl IntoView {
    let Row { name, letters, numbers, value, is_result } = row;
    let formula = if numbers.is_empty() { letters.into() } else { format!("{letters} = {numbers}") };
    view! {
        <tr class:main=is_result>
            <th scope="row">{name}</th>
            <td class="filled-in">{formula}</td>
            <td class:new-weight=is_result title=value.to_string()>{sig3(value)}</td>
        </tr>
    }
}

fn about(update: &WeightUpdate) -> String {
    format!(
        "Step {} with {}, learning rate lr = {}, on the next batch of {}: what the optimizer will do, computed on a copy.",
        count(update.step + 1),
        update.optimizer.entry().label,
        sig3(update.learning_rate),
        count(update.batch.into()),
    )
}

/// The foretold weight against the one that the step made, to the last digit.
fn said(came_true: Option<CameTrue>) -> String {
    let Some(CameTrue { step, foretold, found }) = came_true else {
        return "Press Step: the weight will be compared with the one foretold here.".into();
    };
    let exact = |value: f32| value.to_string().replace('-', "−");
    let difference = f64::from(found) - f64::from(foretold);
    format!(
        "Step {} is done. Foretold: {}. Found: {}. Difference: {}.",
        count(step),
        exact(foretold),
        exact(found),
        if difference == 0.0 { "none".into() } else { sig3(difference) },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_shows_every_digit_and_says_none_only_where_there_is_none() {
        assert_eq!(
            said(Some(CameTrue { step: 1200, foretold: -0.498_012_33, found: -0.498_012_33 })),
            "Step 1,200 is done. Foretold: −0.49801233. Found: −0.49801233. Difference: none."
        );
        let off = said(Some(CameTrue { step: 2, foretold: 0.5, found: 0.500_000_06 }));
        assert!(off.ends_with("Difference: 5.96e−8."), "{off}");
    }
}
