//! How far the net stands from counting words.

use crate::format::{count, percent, sig3};
use crate::state::{Lab, RunPhase};
use descent_spec::Split;
use descent_spec::message::BagOfWords;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The net's accuracy beside that of a logistic regression on bags of words, which is fitted once the net has been evaluated.
#[component]
pub fn Comparison() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let found = RwSignal::new(None::<BagOfWords>);
    let trouble = RwSignal::new(None::<String>);
    // The regression depends on the reviews and on nothing of the net.
    let reviews = Memo::new(move |_| {
        let facts = lab.facts.read();
        facts.as_ref().map(|facts| (facts.experiment.data.clone(), facts.experiment.seed))
    });
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    let is_wanted = Memo::new(move |_| is_open.get() && !lab.evaluations.read().is_empty());
    let fitted = StoredValue::new(None);
    Effect::new(move |_| {
        let wanted = reviews.get();
        if fitted.get_value() != wanted {
            found.set(None);
        }
        if wanted.is_none() || !is_wanted.get() || fitted.get_value() == wanted {
            return;
        }
        fitted.set_value(wanted.clone());
        let answer = lab.compare_words();
        spawn_local(async move {
            let answer = answer.await;
            if fitted.try_get_value() != Some(wanted) {
                return;
            }
            match answer {
                Ok(it) => {
                    trouble.try_set(None);
                    found.try_set(Some(it));
                }
                Err(why) => {
                    // The next evaluation tries again.
                    fitted.try_set_value(None);
                    trouble.try_set(Some(why));
                }
            }
        });
    });
    let net = move |split: Split| lab.evaluations.read().get(&split).map(|evaluation| f64::from(evaluation.point.accuracy));
    let shown = |share: Option<f64>| share.map_or("–".into(), percent);
    let row = move |split: Split, name: &'static str, of: fn(&BagOfWords) -> f32| {
        let words = move || found.read().as_ref().map(|it| f64::from(of(it)));
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="main">{move || shown(net(split))}</td>
                <td>{move || shown(words())}</td>
                <td>{move || net(split).zip(words()).map_or("–".into(), |(net, words)| points(net - words))}</td>
            </tr>
        }
    };
    view! {
        <section class="comparison" aria-labelledby="comparison-title">
            <div class="view-head"><h2 id="comparison-title">"Against counting words"</h2></div>
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Split"</span></th>
                        <th scope="col">"Net"</th>
                        <th scope="col">"Words"</th>
                        <th scope="col" title="In percentage points">"Difference"</th>
                    </tr>
                </thead>
                <tbody>
                    {row(Split::Validation, "Validation", |it| it.validation)}
                    {row(Split::Test, "Test", |it| it.test)}
                </tbody>
            </table>
            <p class="about" role="status">{move || said(found.read().as_ref())}</p>
            <p class="problem" hidden=move || trouble.read().is_none()>{move || trouble.get()}</p>
        </section>
    }
}

/// A difference of two shares.
fn points(difference: f64) -> String {
    let text = format!("{:.1}", 100.0 * difference.abs());
    match text.as_str() {
        "0.0" => "0.0".into(),
        _ if difference < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

fn said(found: Option<&BagOfWords>) -> String {
    match found {
        None => "After the first evaluation a logistic regression is fitted to the same reviews: one weight for each word that is there, \
                 whatever the order."
            .into(),
        Some(it) => format!(
            "Words: a logistic regression with a weight for each of {} words, on the same reviews. Its C = {} is the best of five on \
             validation.",
            count(it.n_words.into()),
            sig3(it.strength)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_signs() {
        assert_eq!([0.021, -0.0152, 0.0].map(points), ["+2.1", "−1.5", "0.0"]);
    }
}
