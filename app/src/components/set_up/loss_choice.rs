//! The loss, where the data leave a choice.

use crate::components::fields::Choice;
use crate::state::Lab;
use descent_spec::model::Head;
use descent_spec::registry::Registry;
use descent_spec::{Initializer, Loss, OptimizerSpec, Task};
use leptos::prelude::*;

/// The loss of a lab on points of two classes, what makes it the rule of 1958, and why it may not suit the data.
#[component]
pub fn LossChoice() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let loss = Memo::new(move |_| lab.experiment.read().training.loss);
    let has_choice = Memo::new(move |_| {
        let data = &lab.experiment.read().data;
        data.set.is_planar() && data.set.task() == Task::Classification && data.facts().head == Head::Sigmoid
    });
    let problem = move || lab.experiment.with(|experiment| loss.get().head(experiment.data.facts().head).err());
    view! {
        // A choice that no longer suits the data stays in sight, so that it can be taken back.
        <Show when=move || has_choice.get() || loss.get() != Loss::Usual>
            <Choice
                label="Loss"
                table=Loss::table()
                value=loss
                set=move |value| lab.experiment.update(|experiment| experiment.training.loss = value)
            />
            <p class="problem" hidden=move || problem().is_none()>
                {move || problem().map(|why| format!("This does not fit: {why}. Choose the other loss, or other data."))}
            </p>
            <Show when=move || has_choice.get() && loss.get() == Loss::Perceptron>
                <Rule/>
            </Show>
        </Show>
    }
}

/// Whether this is the rule of 1958 to the letter, and a button that makes it so.
#[component]
fn Rule() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let is_rule = Memo::new(move |_| lab.experiment.with(|experiment| experiment.is_perceptron_rule()));
    let make = move |_| {
        lab.experiment.update(|experiment| {
            let before = experiment.clone();
            experiment.model.layers.clear();
            experiment.model.initializer = Initializer::Zeros;
            let training = &mut experiment.training;
            (training.optimizer, training.learning_rate, training.batch_size) = (OptimizerSpec::Sgd, 1.0, 1);
            (training.l1, training.l2) = (0.0, 0.0);
            lab.lesson.read_untracked().keep(&before, experiment);
        });
    };
    view! {
        <p class="about">
            {move || match is_rule.get() {
                true => "This is the perceptron rule of 1958: w ← w + t x and b ← b + t at each mistake, and nothing else.",
                false => "The perceptron rule of 1958 is this loss with no hidden layer, zero weights, SGD, rate 1, batch 1, no L1 and L2.",
            }}
        </p>
        <Show when=move || !is_rule.get()>
            <button type="button" class="text-button" on:click=make>"Set all that"</button>
        </Show>
    }
}
