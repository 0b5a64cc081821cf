//! How good the answers are: exact ones, and BLEU for translations; of validation by itself, of the test part on demand.

use crate::format::{count, percent, sig3};
use crate::pairs::PairScore;
use crate::state::{Lab, RunPhase};
use crate::views::curves::{Curves, Quantity};
use descent_spec::DataSet;
use descent_spec::data::Split;
use descent_spec::registry::Registry;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Curves over the steps, a table, and buttons for whole parts.
#[component]
pub fn Scores() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let has_bleu = lab.experiment.with_untracked(|experiment| experiment.data.set == DataSet::FraEng);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let said = RwSignal::new(String::new());
    let is_closed = move || busy.get() || !matches!(lab.run_phase.get(), RunPhase::Session(_));
    let score = move |split: Split| {
        move |_| {
            busy.set(true);
            said.set(format!("Answering all pairs of {}.", split.label().to_lowercase()));
            let found = lab.score_pairs(split);
            spawn_local(async move {
                match found.await {
                    Ok(it) => {
                        trouble.try_set(None);
                        said.try_set(told(split, &it));
                    }
                    Err(why) => {
                        said.try_set(String::new());
                        trouble.try_set(Some(why));
                    }
                }
                busy.try_set(false);
            });
        }
    };
    let row = move |split: Split| {
        let cell = move |of: fn(&PairScore) -> String| move || lab.pair_scores.read().get(&split).map_or("–".into(), of);
        view! {
            <tr>
                <th scope="row">{split.label()}</th>
                <td class="main">{cell(|it| percent(it.exact))}</td>
                {has_bleu.then(|| view! { <td>{cell(|it| it.bleu.map_or("–".into(), |bleu| sig3(bleu.score)))}</td> })}
                <td>{cell(|it| count(it.n.into()))}</td>
                <td>{cell(|it| count(it.step))}</td>
            </tr>
        }
    };
    view! {
        <Curves quantity=Quantity::Exact/>
        {has_bleu.then(|| view! { <Curves quantity=Quantity::Bleu/> })}
        <section class="scores" aria-labelledby="scores-title">
            <div class="view-head">
                <h2 id="scores-title">"Whole answers"</h2>
                <div class="view-tools">
                    <button type="button" class="text-button" disabled=is_closed on:click=score(Split::Validation)>"Score validation"</button>
                    <button type="button" class="text-button" disabled=is_closed on:click=score(Split::Test)>"Score test"</button>
                </div>
            </div>
            <table class="figures-table">
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Split"</span></th>
                        <th scope="col" title="Share of answers that are right to the last token">"Exact"</th>
                        {has_bleu.then(|| view! { <th scope="col" title="Corpus BLEU-4, from 0 to 1">"BLEU"</th> })}
                        <th scope="col">"Pairs"</th>
                        <th scope="col">"Step"</th>
                    </tr>
                </thead>
                <tbody>
                    {row(Split::Validation)}
                    {row(Split::Test)}
                </tbody>
            </table>
            {has_bleu.then(|| view! { <Precisions/> })}
            <p class="readout" role="status">{move || said.get()}</p>
            <p class="problem" hidden=move || trouble.read().is_none()>{move || trouble.get()}</p>
            <p class="about">
                "Every 100 steps, up to 200 validation pairs are answered token by token, as in use; the accuracy above is that with \
                 teacher forcing. The buttons answer a whole part."
            </p>
        </section>
    }
}

/// What BLEU is made of.
#[component]
fn Precisions() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let row = move |split: Split| {
        let bleu = move || lab.pair_scores.read().get(&split).and_then(|score| score.bleu);
        let precision = move |idx: usize| move || bleu().map_or("–".into(), |bleu| percent(bleu.precisions[idx]));
        view! {
            <tr>
                <th scope="row">{split.label()}</th>
                {(0..4).map(|idx| view! { <td>{precision(idx)}</td> }).collect_view()}
                <td>{move || bleu().map_or("–".into(), |bleu| sig3(bleu.brevity))}</td>
            </tr>
        }
    };
    view! {
        <table class="figures-table precisions">
            <caption class="visually-hidden">"What BLEU is made of: the share of groups of one to four tokens that a reference has, and the penalty for short answers"</caption>
            <thead>
                <tr>
                    <th scope="col"><span class="visually-hidden">"Split"</span></th>
                    {(1..=4).map(|n| view! { <th scope="col" title=format!("Share of the answers' groups of {n} that the reference has")><i>"p"</i><sub>{n}</sub></th> }).collect_view()}
                    <th scope="col" title="Penalty for being shorter than the reference: min(1, exp(1 − r/c))">"Brevity"</th>
                </tr>
            </thead>
            <tbody>
                {row(Split::Validation)}
                {row(Split::Test)}
            </tbody>
        </table>
    }
}

fn told(split: Split, score: &PairScore) -> String {
    let bleu = score.bleu.map(|bleu| format!(", BLEU {}", sig3(bleu.score))).unwrap_or_default();
    format!(
        "{}: {} of {} pairs exact{bleu}, at step {}.",
        split.label(),
        percent(score.exact),
        count(score.n.into()),
        count(score.step)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::message::Bleu;

    #[test]
    fn a_score_is_told() {
        let bleu = Bleu { score: 0.25, precisions: [0.5; 4], brevity: 0.5 };
        let score = PairScore { step: 1200, n: 1000, exact: 0.125, bleu: Some(bleu) };
        assert_eq!(told(Split::Test, &score), "Test: 12.5 % of 1,000 pairs exact, BLEU 0.250, at step 1,200.");
    }
}
