//! An update line by line: each formula with its letters, and with the numbers in their places.

use super::super::shown::term;
use crate::format::sig3;
use descent_spec::OptimizerSpec;
use descent_spec::message::WeightUpdate;

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) letters: &'static str,
    /// Empty where there is nothing to put in.
    pub(super) numbers: String,
    pub(super) value: f64,
    /// The line that all others lead to.
    pub(super) is_result: bool,
}

fn row(name: &'static str, letters: &'static str, numbers: String, value: impl Into<f64>) -> Row {
    Row { name, letters, numbers, value: value.into(), is_result: false }
}

/// From the gradient to the new weight.
pub(super) fn rows(update: &WeightUpdate) -> Vec<Row> {
    let mut rows = gradient(update);
    rows.extend(memory(update));
    let (lr, w) = (sig3(update.learning_rate), sig3(update.weight.into()));
    let working = &update.working;
    let (rate, direction) = (sig3(working.effective_rate), term(working.direction));
    let (letters, numbers) = match update.optimizer {
        OptimizerSpec::Sgd => ("w − lr g", format!("{w} − {lr} · {direction}")),
        OptimizerSpec::Momentum { .. } => ("w − lr v", format!("{w} − {lr} · {direction}")),
        OptimizerSpec::Nesterov { .. } => ("w − lr (g + β v)", format!("{w} − {lr} · {direction}")),
        OptimizerSpec::AdaGrad { .. } | OptimizerSpec::RmsProp { .. } => {
            ("w − lr g / (√s + ε)", format!("{w} − {rate} · {direction}"))
        }
        OptimizerSpec::Adam { .. } => ("w − lr m̂ / (√v̂ + ε)", format!("{w} − {rate} · {direction}")),
        OptimizerSpec::AdamW { .. } => {
            ("w − lr λ w − lr m̂ / (√v̂ + ε)", format!("{w} − {} − {rate} · {direction}", term(working.decay)))
        }
    };
    rows.push(row("Change of w", "new w − w", String::new(), working.change()));
    rows.push(Row { is_result: true, ..row("New weight", letters, numbers, update.new_weight) });
    rows
}

/// What the batch says, and what the penalties add.
fn gradient(update: &WeightUpdate) -> Vec<Row> {
    let [l1, l2] = update.penalties;
    let w = f64::from(update.weight);
    let mean = "mean of dL/dw over the batch";
    if l1 == 0.0 && l2 == 0.0 {
        return vec![row("Gradient g", mean, String::new(), update.gradient)];
    }
    let mut rows = vec![row("Gradient of the loss", mean, String::new(), update.loss_gradient)];
    let mut terms = vec![sig3(update.loss_gradient.into())];
    if l2 > 0.0 {
        rows.push(row("Pull of L2", "λ₂ w", format!("{} · {}", sig3(l2), term(w)), l2 * w));
        terms.push(term(l2 * w));
    }
    if l1 > 0.0 {
        // The magnitude has no slope at 0.
        let sign = if w == 0.0 { 0.0 } else { w.signum() };
        rows.push(row("Pull of L1", "λ₁ sign(w)", format!("{} · {}", sig3(l1), term(sign)), l1 * sign));
        terms.push(term(l1 * sign));
    }
    let letters = match (l2 > 0.0, l1 > 0.0) {
        (true, true) => "dL/dw + λ₂ w + λ₁ sign(w)",
        (true, false) => "dL/dw + λ₂ w",
        _ => "dL/dw + λ₁ sign(w)",
    };
    rows.push(row("Gradient g", letters, terms.join(" + "), update.gradient));
    rows
}

/// The optimizer's state, old into new, and what the rule makes of it.
fn memory(update: &WeightUpdate) -> Vec<Row> {
    let g = term(update.gradient);
    let before = |nth: usize| update.memory.get(nth).map_or(f32::NAN, |it| it.before);
    let after = |nth: usize| update.memory.get(nth).map_or(f32::NAN, |it| it.after);
    let average = |beta: f64, nth: usize, of: &str| format!("{beta} · {} + (1 − {beta}) · {of}", term(before(nth)));
    let lr = sig3(update.learning_rate);
    let working = &update.working;
    let divided = |letters, root: f64, epsilon: f64| {
        let numbers = format!("{lr} / (√{} + {})", sig3(root), sig3(epsilon));
        row("Effective rate", letters, numbers, working.effective_rate)
    };
    match update.optimizer {
        OptimizerSpec::Sgd => Vec::new(),
        OptimizerSpec::Momentum { beta } => {
            vec![row("Velocity v", "β v + g", format!("{beta} · {} + {g}", term(before(0))), after(0))]
        }
        OptimizerSpec::Nesterov { beta } => vec![
            row("Velocity v", "β v + g", format!("{beta} · {} + {g}", term(before(0))), after(0)),
            row(
                "Looking ahead",
                "g + β v",
                format!("{} + {beta} · {}", sig3(update.gradient.into()), term(after(0))),
                working.direction,
            ),
        ],
        OptimizerSpec::AdaGrad { epsilon } => vec![
            row("Sum of squares s", "s + g²", format!("{} + {g}²", sig3(before(0).into())), after(0)),
            divided("lr / (√s + ε)", after(0).into(), epsilon),
        ],
        OptimizerSpec::RmsProp { alpha, epsilon } => vec![
            row("Mean of squares s", "α s + (1 − α) g²", average(alpha, 0, &format!("{g}²")), after(0)),
            divided("lr / (√s + ε)", after(0).into(), epsilon),
        ],
        OptimizerSpec::Adam { beta1, beta2, epsilon } | OptimizerSpec::AdamW { beta1, beta2, epsilon, .. } => {
            let t = update.step + 1;
            let corrected = |name, letters, nth: usize, beta: f64| {
                let numbers =
                    format!("{} / (1 − {beta}^{t}) = {0} / {}", sig3(after(nth).into()), sig3(working.corrections[nth]));
                row(name, letters, numbers, working.corrected[nth])
            };
            let mut rows = vec![
                row("Mean m", "β₁ m + (1 − β₁) g", average(beta1, 0, &g), after(0)),
                row("Mean of squares v", "β₂ v + (1 − β₂) g²", average(beta2, 1, &format!("{g}²")), after(1)),
                corrected("m̂, corrected", "m / (1 − β₁ᵗ)", 0, beta1),
                corrected("v̂, corrected", "v / (1 − β₂ᵗ)", 1, beta2),
                divided("lr / (√v̂ + ε)", working.corrected[1], epsilon),
            ];
            if let OptimizerSpec::AdamW { weight_decay, .. } = update.optimizer {
                let numbers = format!("{lr} · {weight_decay} · {}", term(update.weight));
                rows.push(row("Decay", "lr λ w", numbers, working.decay));
            }
            rows
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::message::{Memory, Working};

    fn update(optimizer: OptimizerSpec, memory: &[(f32, f32)], working: Working) -> WeightUpdate {
        let memory = memory.iter().map(|&(before, after)| Memory { kind: String::new(), before, after }).collect();
        WeightUpdate {
            step: 7,
            batch: 32,
            optimizer,
            learning_rate: 0.1,
            penalties: [0.0, 0.0],
            weight: -0.5,
            loss_gradient: 0.25,
            gradient: 0.25,
            memory,
            working,
            new_weight: -0.525,
        }
    }

    fn written(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|it| format!("{}: {} = {} = {}", it.name, it.letters, it.numbers, sig3(it.value))).collect()
    }

    const PLAIN: Working =
        Working { corrections: [1.0, 1.0], corrected: [0.0, 0.0], direction: 0.25, effective_rate: 0.1, decay: 0.0 };

    #[test]
    fn sgd_with_penalties_adds_their_pull() {
        let mut it = update(OptimizerSpec::Sgd, &[], PLAIN);
        it.penalties = [0.01, 0.1];
        (it.gradient, it.working.direction, it.new_weight) = (0.19, 0.19, -0.519);
        assert_eq!(
            written(&rows(&it)),
            [
                "Gradient of the loss: mean of dL/dw over the batch =  = 0.250",
                "Pull of L2: λ₂ w = 0.100 · (−0.500) = −0.0500",
                "Pull of L1: λ₁ sign(w) = 0.0100 · (−1.00) = −0.0100",
                "Gradient g: dL/dw + λ₂ w + λ₁ sign(w) = 0.250 + (−0.0500) + (−0.0100) = 0.190",
                "Change of w: new w − w =  = −0.0190",
                "New weight: w − lr g = −0.500 − 0.100 · 0.190 = −0.519",
            ]
        );
    }

    #[test]
    fn momentum_shows_the_velocity_before_and_after() {
        let working = Working { direction: 0.205, ..PLAIN };
        let it = update(OptimizerSpec::Momentum { beta: 0.9 }, &[(-0.05, 0.205)], working);
        assert_eq!(
            written(&rows(&it))[1..],
            [
                "Velocity v: β v + g = 0.9 · (−0.0500) + 0.250 = 0.205",
                "Change of w: new w − w =  = −0.0205",
                "New weight: w − lr v = −0.500 − 0.100 · 0.205 = −0.525",
            ]
        );
    }

    #[test]
    fn adam_shows_its_correction_with_the_number_of_the_step() {
        // 1 − 0.9⁸ = 0.5695, 1 − 0.999⁸ = 0.00797.
        let working = Working {
            corrections: [0.569_5, 0.007_97],
            corrected: [0.2, 0.04],
            direction: 0.2,
            effective_rate: 0.5,
            decay: -0.05,
        };
        let spec = OptimizerSpec::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 1.0 };
        let it = update(spec, &[(0.1, 0.115), (0.0, 6.25e-5)], working);
        assert_eq!(
            written(&rows(&it))[1..],
            [
                "Mean m: β₁ m + (1 − β₁) g = 0.9 · 0.100 + (1 − 0.9) · 0.250 = 0.115",
                "Mean of squares v: β₂ v + (1 − β₂) g² = 0.999 · 0 + (1 − 0.999) · 0.250² = 6.25e−5",
                "m̂, corrected: m / (1 − β₁ᵗ) = 0.115 / (1 − 0.9^8) = 0.115 / 0.570 = 0.200",
                "v̂, corrected: v / (1 − β₂ᵗ) = 6.25e−5 / (1 − 0.999^8) = 6.25e−5 / 0.00797 = 0.0400",
                "Effective rate: lr / (√v̂ + ε) = 0.100 / (√0.0400 + 1.00e−8) = 0.500",
                "Decay: lr λ w = 0.100 · 1 · (−0.500) = −0.0500",
                "Change of w: new w − w =  = −0.0500",
                "New weight: w − lr λ w − lr m̂ / (√v̂ + ε) = −0.500 − (−0.0500) − 0.500 · 0.200 = −0.525",
            ]
        );
    }

    #[test]
    fn every_rule_has_lines_that_lead_to_the_weight() {
        for entry in descent_spec::training::OPTIMIZERS {
            let rows = rows(&update(entry.value, &[(0.1, 0.2), (0.1, 0.2)], PLAIN));
            assert!(rows.last().is_some_and(|it| it.is_result && it.value == f64::from(-0.525_f32)), "{}", entry.id);
            assert!(rows.iter().all(|it| it.value.is_finite()), "{}", entry.id);
        }
    }
}
