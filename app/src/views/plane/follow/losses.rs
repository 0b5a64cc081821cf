//! The loss of the followed example with its numbers in, beside what other losses say of the same answer.

use super::shown::{Shown, term};
use crate::format::sig3;
use descent_spec::model::Head;
use leptos::prelude::*;

/// One loss with its formula.
struct Row {
    name: &'static str,
    letters: &'static str,
    numbers: String,
    value: f64,
    is_trained_on: bool,
}

/// A row for each loss; the one that is trained on comes first.
#[component]
pub fn LossTable(
    /// What is looked at.
    shown: Memo<Option<Shown>>,
) -> impl IntoView {
    let row = |row: Row| {
        let name = if row.is_trained_on { format!("{} (trained on)", row.name) } else { row.name.into() };
        view! {
            <tr class:main=row.is_trained_on>
                <th scope="row">{name}</th>
                <td class="filled-in">{format!("{} = {}", row.letters, row.numbers)}</td>
                <td class:loss-value=row.is_trained_on title=row.value.to_string()>{sig3(row.value)}</td>
            </tr>
        }
    };
    view! {
        <section class="wide" aria-labelledby="losses-title">
            <h3 id="losses-title">"Loss of this example"</h3>
            <div class="table-box" tabindex="0" role="region" aria-label="Losses of this example">
                <table class="losses">
                    <thead>
                        <tr>
                            <th scope="col">"Loss"</th>
                            <th scope="col">"Formula"</th>
                            <th scope="col">"Value"</th>
                        </tr>
                    </thead>
                    <tbody>{move || shown.read().as_ref().map(|shown| rows(shown).into_iter().map(row).collect_view())}</tbody>
                </table>
            </div>
            <p class="about">{move || shown.read().as_ref().map(|shown| legend(shown.head))}</p>
        </section>
    }
}

fn legend(head: Head) -> &'static str {
    match head {
        Head::Sigmoid => "y is the class, p the probability of class 1, z its logit, t = 2y − 1.",
        Head::Perceptron => "y is the class, z its sum, t = 2y − 1. Cross-entropy reads z as a logit: p = 1 / (1 + exp(−z)).",
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => {
            "pₖ is the probability of class k, yₖ is 1 for the right class and 0 for the others; p and z belong to the right class, zₖ to the others."
        }
        Head::Linear => "ŷ is the answer, y the target. Cross-entropy and hinge loss need classes.",
    }
}

fn rows(shown: &Shown) -> Vec<Row> {
    match shown.head {
        Head::Sigmoid => of_two_classes(shown),
        Head::Perceptron => of_a_perceptron(shown),
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => of_many_classes(shown),
        Head::Linear => of_a_value(shown),
    }
}

fn of_a_value(shown: &Shown) -> Vec<Row> {
    let it = &shown.followed;
    let difference = format!("{} − {}", sig3(it.answer[0].into()), term(it.target));
    vec![
        Row {
            name: "Mean squared error",
            letters: "(ŷ − y)²",
            numbers: format!("({difference})²"),
            value: it.loss,
            is_trained_on: true,
        },
        Row {
            name: "Mean absolute error",
            letters: "|ŷ − y|",
            numbers: format!("|{difference}|"),
            value: it.losses.absolute,
            is_trained_on: false,
        },
    ]
}

fn of_two_classes(shown: &Shown) -> Vec<Row> {
    let it = &shown.followed;
    let Some(of_classes) = it.losses.of_classes else { return Vec::new() };
    let (y, p, z) = (it.target, sig3(it.answer[0].into()), shown.followed.layers.last().map_or(f32::NAN, |layer| layer.sums[0]));
    let t = 2.0 * y - 1.0;
    let right = if y > 0.5 { format!("−ln {p}") } else { format!("−ln(1 − {p})") };
    let row = |name, letters, numbers, value| Row { name, letters, numbers, value, is_trained_on: false };
    vec![
        Row {
            name: "Binary cross-entropy",
            letters: "−y ln p − (1 − y) ln(1 − p)",
            numbers: format!("−{y} · ln {p} − (1 − {y}) · ln(1 − {p})"),
            value: it.loss,
            is_trained_on: true,
        },
        row("Categorical cross-entropy", "−ln p of the right class", right, of_classes.categorical),
        row("Mean squared error", "(p − y)²", format!("({p} − {y})²"), it.losses.squared),
        row("Mean absolute error", "|p − y|", format!("|{p} − {y}|"), it.losses.absolute),
        row("Hinge", "max(0, 1 − t z)", format!("max(0, 1 − {} · {})", term(t), term(z)), of_classes.hinge),
    ]
}

fn of_a_perceptron(shown: &Shown) -> Vec<Row> {
    let it = &shown.followed;
    let Some(of_classes) = it.losses.of_classes else { return Vec::new() };
    let (t, z) = (2.0 * it.target - 1.0, shown.followed.layers.last().map_or(f32::NAN, |layer| layer.sums[0]));
    let (t, tz) = (term(t), format!("{} · {}", term(t), term(z)));
    let row = |name, letters, numbers, value| Row { name, letters, numbers, value, is_trained_on: false };
    vec![
        Row {
            name: "Perceptron",
            letters: "max(0, −t z)",
            numbers: format!("max(0, −{tz})"),
            value: it.loss,
            is_trained_on: true,
        },
        row("Hinge", "max(0, 1 − t z)", format!("max(0, 1 − {tz})"), of_classes.hinge),
        row("Binary cross-entropy", "ln(1 + exp(−t z))", format!("ln(1 + exp(−{t} · {}))", term(z)), of_classes.binary),
    ]
}

fn of_many_classes(shown: &Shown) -> Vec<Row> {
    let it = &shown.followed;
    let Some(of_classes) = it.losses.of_classes else { return Vec::new() };
    let class = it.target as usize;
    let p = |k: usize| sig3(it.answer[k].into());
    let n_classes = it.answer.len();
    let logits = shown.followed.layers.last().map_or(&[][..], |layer| layer.sums.as_slice());
    // One term for each class, joined and divided by their number.
    let mean =
        |of: &dyn Fn(usize) -> String| format!("({}) / {n_classes}", (0..n_classes).map(of).collect::<Vec<_>>().join(" + "));
    let difference = |k: usize| format!("{} − {}", p(k), u8::from(k == class));
    let others: Vec<String> = logits.iter().enumerate().filter(|(k, _)| *k != class).map(|(_, &z)| sig3(z.into())).collect();
    let own = logits.get(class).map_or(String::new(), |&z| term(z));
    let row = |name, letters, numbers, value| Row { name, letters, numbers, value, is_trained_on: false };
    vec![
        Row {
            name: "Categorical cross-entropy",
            letters: "−ln p",
            numbers: format!("−ln {}", p(class)),
            value: it.loss,
            is_trained_on: true,
        },
        row(
            "Binary cross-entropy",
            "mean of −yₖ ln pₖ − (1 − yₖ) ln(1 − pₖ)",
            mean(&|k| if k == class { format!("(−ln {})", p(k)) } else { format!("(−ln(1 − {}))", p(k)) }),
            of_classes.binary,
        ),
        row("Mean squared error", "mean of (pₖ − yₖ)²", mean(&|k| format!("({})²", difference(k))), it.losses.squared),
        row("Mean absolute error", "mean of |pₖ − yₖ|", mean(&|k| format!("|{}|", difference(k))), it.losses.absolute),
        row("Hinge", "max(0, 1 + max zₖ − z)", format!("max(0, 1 + max({}) − {own})", others.join(", ")), of_classes.hinge),
    ]
}
