//! The stage: what the network sees of one example, a digit to draw, what the weights and gradients look like, and the code.

use super::answer::winner;
use super::code::CodeView;
use super::draw::Draw;
use super::gradients::Gradients;
use super::kernels::Kernels;
use super::layers::Layers;
use super::pairs::PairsStage;
use super::plane::PlaneStage;
use super::reviews::ReviewsStage;
use super::series::SeriesStage;
use super::text::TextStage;
use super::words::WordsStage;
use crate::format::{count, percent};
use crate::lesson::Guarded;
use crate::state::{Lab, Picture};
use descent_spec::data::{Kind, Split};
use descent_spec::lesson::Control;
use descent_spec::message::{RunFacts, Subject};
use descent_spec::registry::Registry;
use leptos::prelude::*;

/// The middle pane.
#[component]
pub fn Stage() -> impl IntoView {
    let lab = expect_context::<Lab>();
    match lab.experiment.with_untracked(|experiment| experiment.data.set.kind()) {
        Kind::Pictures => {}
        Kind::Plane => return view! { <PlaneStage/> }.into_any(),
        Kind::Series => return view! { <SeriesStage/> }.into_any(),
        Kind::Text => return view! { <TextStage/> }.into_any(),
        Kind::Words => return view! { <WordsStage/> }.into_any(),
        Kind::Reviews => return view! { <ReviewsStage/> }.into_any(),
        Kind::Pairs => return view! { <PairsStage/> }.into_any(),
    }
    let is_digits = lab.experiment.with_untracked(|experiment| experiment.data.set.is_digits());
    view! {
        <div class="stage-view">
            <Sees/>
            {is_digits.then(|| view! { <Draw/> })}
            <section class="inside" aria-label="Weights and gradients">
                <Kernels/>
                <Gradients/>
            </section>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
    .into_any()
}

#[component]
fn Sees() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let step = move |by: i64| move |_| lab.watch(beside(lab.subject.get_untracked(), n_of(lab), by), None);
    let random = move |_| {
        let split = split_of(lab.subject.get_untracked());
        let index = (js_sys::Math::random() * f64::from(n_of(lab)(split))) as u32;
        lab.watch(Subject::Example { split, index }, None);
    };
    let no_session = move || lab.facts.read().is_none();
    view! {
        <section class="sees" aria-labelledby="sees-title">
            <div class="view-head">
                <h2 id="sees-title">"What the network sees"</h2>
                <p class="subject">{move || said(lab.picture.get().as_deref(), lab)}</p>
                <div class="view-tools" role="group" aria-label="Example">
                    <button type="button" class="text-button" aria-label="Previous example" disabled=no_session on:click=step(-1)>
                        "Previous"
                    </button>
                    <button type="button" class="text-button" aria-label="Next example" disabled=no_session on:click=step(1)>
                        "Next"
                    </button>
                    <button type="button" class="text-button" aria-label="Random example" disabled=no_session on:click=random>
                        "Random"
                    </button>
                </div>
            </div>
            <Layers/>
        </section>
    }
}

pub(super) fn split_of(subject: Subject) -> Split {
    match subject {
        Subject::Example { split, .. } => split,
        Subject::Ink { .. } | Subject::Plane { .. } | Subject::Series => Split::Validation,
    }
}

pub(super) fn n_of(lab: Lab) -> impl Fn(Split) -> u32 {
    move |split| {
        let of = |facts: &RunFacts| match split {
            Split::Train => facts.n_train,
            Split::Validation => facts.n_validation,
            Split::Test => facts.n_test,
        };
        lab.facts.read_untracked().as_ref().map_or(1, of).max(1) as u32
    }
}

/// The example some places on, around the ends of its split; from a drawing, the first.
pub(super) fn beside(subject: Subject, n_of: impl Fn(Split) -> u32, by: i64) -> Subject {
    match subject {
        Subject::Example { split, index } => {
            let index = (i64::from(index) + by).rem_euclid(i64::from(n_of(split)));
            Subject::Example { split, index: index as u32 }
        }
        Subject::Ink { .. } | Subject::Plane { .. } | Subject::Series => Subject::Example { split: Split::Validation, index: 0 },
    }
}

/// Which example it is, the truth, and the network's answer.
fn said(picture: Option<&Picture>, lab: Lab) -> String {
    let Some(picture) = picture else { return String::new() };
    let classes = lab.experiment.with_untracked(|experiment| experiment.data.facts().classes);
    let name = |class: usize| classes.get(class).copied().unwrap_or("?");
    let answer = winner(&picture.probabilities)
        .map(|best| format!("read as {}, {}", name(best), percent(picture.probabilities[best].into())))
        .unwrap_or_default();
    match (picture.subject, picture.truth) {
        (Subject::Ink { .. } | Subject::Plane { .. } | Subject::Series, _) => format!("Your drawing: {answer}"),
        (Subject::Example { split, index }, truth) => {
            let truth = truth.map(|class| format!("truth {}, ", name(class as usize))).unwrap_or_default();
            format!("{} {}: {truth}{answer}", split.label(), count(index.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_go_round() {
        let at = |index| Subject::Example { split: Split::Test, index };
        let n_of = |_| 10;
        assert_eq!(beside(at(0), n_of, -1), at(9));
        assert_eq!(beside(at(9), n_of, 1), at(0));
        assert_eq!(beside(at(99), n_of, 1), at(0));
        let drawing = Subject::Ink { side: 140 };
        assert_eq!(beside(drawing, n_of, 1), Subject::Example { split: Split::Validation, index: 0 });
    }
}
