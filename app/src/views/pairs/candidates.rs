//! The answers that a beam search found, the best first.

use super::Told;
use crate::format::sig3;
use crate::pairs::text_of;
use crate::state::Lab;
use leptos::prelude::*;

/// A table of candidates with their log-probabilities.
#[component]
pub fn Candidates(
    /// What was answered.
    told: Signal<Option<Told>>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let set = lab.experiment.with_untracked(|experiment| experiment.data.set);
    let rows = move || {
        let told = told.read();
        let answers = told.as_ref().map_or(&[][..], |told| &told.translation.answers);
        let row = |(idx, answer): (usize, &descent_spec::message::Answer)| {
            let text = text_of(set, answer) + if answer.is_finished { "" } else { " …" };
            let sum = f64::from(answer.log_probability);
            let mean = sum / answer.tokens.len().max(1) as f64;
            view! {
                <tr>
                    <th scope="row" class:main=idx == 0>{text}</th>
                    <td>{sig3(sum)}</td>
                    <td>{answer.tokens.len()}</td>
                    <td class:main=idx == 0>{sig3(mean)}</td>
                </tr>
            }
        };
        answers.iter().enumerate().map(row).collect_view()
    };
    view! {
        <table class="figures-table candidates">
            <caption class="visually-hidden">"Candidates of the beam, the best first: by ln p for each token, lest short answers win"</caption>
            <thead>
                <tr>
                    <th scope="col">"Candidate"</th>
                    <th scope="col" title="Sum of the logarithms of its tokens' probabilities">"ln p"</th>
                    <th scope="col">"Tokens"</th>
                    <th scope="col" title="What decides: ln p divided by the length, lest short answers win">"ln p / token"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
