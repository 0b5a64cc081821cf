//! How a model is trained. All definitions and defaults are PyTorch's, written out; nothing is left to a library's default.

use crate::loss::Loss;
use crate::schedule::{Plan, Schedule};
use serde::{Deserialize, Serialize};

/// Largest batch.
pub const MAX_BATCH: usize = 1024;
/// Largest learning rate a field accepts: far past what trains anything.
pub const MAX_LEARNING_RATE: f64 = 10.0;

/// Most epochs: a small net on a few points goes through a hundred in a second.
pub const MAX_EPOCHS: usize = 10_000;

/// The rule that turns a gradient `g` into a step, with `lr` the learning rate and `w` a weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerSpec {
    /// `w ← w − lr g`.
    Sgd,
    /// `v ← β v + g; w ← w − lr v` (no dampening).
    Momentum {
        /// Share of the old velocity that is kept.
        beta: f64,
    },
    /// Momentum that looks ahead (Sutskever et al. 2013, in PyTorch's form): `v ← β v + g; w ← w − lr (g + β v)`.
    Nesterov {
        /// Share of the old velocity that is kept.
        beta: f64,
    },
    /// Duchi et al. 2011: `s ← s + g²; w ← w − lr g / (√s + ε)`.
    #[serde(rename = "adagrad")]
    AdaGrad {
        /// Keeps the division finite.
        epsilon: f64,
    },
    /// `s ← α s + (1 − α) g²; w ← w − lr g / (√s + ε)`.
    RmsProp {
        /// Decay of the running square.
        alpha: f64,
        /// Keeps the division finite.
        epsilon: f64,
    },
    /// Kingma and Ba 2015: `m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − lr m̂ / (√v̂ + ε)`, bias-corrected.
    Adam {
        /// Decay of the running mean.
        beta1: f64,
        /// Decay of the running square.
        beta2: f64,
        /// Keeps the division finite.
        epsilon: f64,
    },
    /// Loshchilov and Hutter 2019: `w ← w − lr λ w`, then Adam's step. As in PyTorch, biases decay too.
    #[serde(rename = "adamw")]
    AdamW {
        /// Decay of the running mean.
        beta1: f64,
        /// Decay of the running square.
        beta2: f64,
        /// Keeps the division finite.
        epsilon: f64,
        /// λ, in `[0, 1]`.
        weight_decay: f64,
    },
}

/// One optimizer of the list on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimizerEntry {
    /// With its default hyper-parameters.
    pub value: OptimizerSpec,
    /// Spelling in links.
    pub id: &'static str,
    /// Name on the page.
    pub label: &'static str,
    /// The update in one line.
    pub about: &'static str,
    /// A learning rate that suits it on the labs' models.
    pub learning_rate: f64,
}

/// Every optimizer, with its defaults.
pub const OPTIMIZERS: &[OptimizerEntry] = &[
    OptimizerEntry { value: OptimizerSpec::Sgd, id: "sgd", label: "SGD", about: "w ← w − lr g", learning_rate: 0.1 },
    OptimizerEntry {
        value: OptimizerSpec::Momentum { beta: 0.9 },
        id: "momentum",
        label: "Momentum",
        about: "v ← β v + g;  w ← w − lr v",
        learning_rate: 0.03,
    },
    OptimizerEntry {
        value: OptimizerSpec::Nesterov { beta: 0.9 },
        id: "nesterov",
        label: "Nesterov",
        about: "v ← β v + g;  w ← w − lr (g + β v)",
        learning_rate: 0.03,
    },
    OptimizerEntry {
        value: OptimizerSpec::AdaGrad { epsilon: 1e-10 },
        id: "adagrad",
        label: "AdaGrad",
        about: "s ← s + g²;  w ← w − lr g / (√s + ε)",
        learning_rate: 0.01,
    },
    OptimizerEntry {
        value: OptimizerSpec::RmsProp { alpha: 0.99, epsilon: 1e-8 },
        id: "rmsprop",
        label: "RMSprop",
        about: "s ← α s + (1 − α) g²;  w ← w − lr g / (√s + ε)",
        learning_rate: 0.001,
    },
    OptimizerEntry {
        value: OptimizerSpec::ADAM,
        id: "adam",
        label: "Adam",
        about: "momentum and RMSprop, both corrected for their start at zero",
        learning_rate: 0.001,
    },
    OptimizerEntry {
        value: OptimizerSpec::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01 },
        id: "adamw",
        label: "AdamW",
        about: "w ← w − lr λ w, then Adam's step",
        learning_rate: 0.001,
    },
];

impl OptimizerSpec {
    /// Adam with PyTorch's defaults.
    pub const ADAM: OptimizerSpec = OptimizerSpec::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

    /// The row of [`OPTIMIZERS`] of this kind (its hyper-parameters are the defaults, not necessarily ours).
    pub fn entry(&self) -> &'static OptimizerEntry {
        let same = std::mem::discriminant(self);
        OPTIMIZERS.iter().find(|entry| std::mem::discriminant(&entry.value) == same).unwrap_or(&OPTIMIZERS[0])
    }

    /// What the state of the rule is called in checkpoints, in the order in which steps keep it.
    pub fn slot_names(&self) -> &'static [&'static str] {
        match self {
            OptimizerSpec::Sgd => &[],
            OptimizerSpec::Momentum { .. } | OptimizerSpec::Nesterov { .. } => &["velocity"],
            OptimizerSpec::AdaGrad { .. } | OptimizerSpec::RmsProp { .. } => &["square"],
            OptimizerSpec::Adam { .. } | OptimizerSpec::AdamW { .. } => &["mean", "square"],
        }
    }

    /// The spelling in links: `adam`, and the hyper-parameters behind it only where they differ from the defaults: `adam:0.8:0.999:1e-8`.
    pub fn to_link(&self) -> String {
        let entry = self.entry();
        if entry.value == *self {
            return entry.id.into();
        }
        match self {
            OptimizerSpec::Sgd => entry.id.into(),
            OptimizerSpec::Momentum { beta } | OptimizerSpec::Nesterov { beta } => format!("{}:{beta}", entry.id),
            OptimizerSpec::AdaGrad { epsilon } => format!("{}:{epsilon:e}", entry.id),
            OptimizerSpec::RmsProp { alpha, epsilon } => format!("{}:{alpha}:{epsilon:e}", entry.id),
            OptimizerSpec::Adam { beta1, beta2, epsilon } => format!("{}:{beta1}:{beta2}:{epsilon:e}", entry.id),
            OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => {
                format!("{}:{beta1}:{beta2}:{epsilon:e}:{weight_decay}", entry.id)
            }
        }
    }

    /// Reads [`to_link`](Self::to_link)'s spelling; the error is a sentence.
    pub fn from_link(text: &str) -> Result<OptimizerSpec, String> {
        let words: Vec<&str> = text.split(':').collect();
        if let [id] = words.as_slice() {
            return OPTIMIZERS.iter().find(|entry| entry.id == *id).map(|entry| entry.value).ok_or_else(|| {
                let known: Vec<_> = OPTIMIZERS.iter().map(|entry| entry.id).collect();
                format!("there is no optimizer of this name; there are {}", known.join(", "))
            });
        }
        match words.as_slice() {
            ["momentum", beta] => Ok(OptimizerSpec::Momentum { beta: decay(beta)? }),
            ["nesterov", beta] => Ok(OptimizerSpec::Nesterov { beta: decay(beta)? }),
            ["adagrad", eps] => Ok(OptimizerSpec::AdaGrad { epsilon: epsilon(eps)? }),
            ["rmsprop", alpha, eps] => Ok(OptimizerSpec::RmsProp { alpha: decay(alpha)?, epsilon: epsilon(eps)? }),
            ["adam", beta1, beta2, eps] => {
                Ok(OptimizerSpec::Adam { beta1: decay(beta1)?, beta2: decay(beta2)?, epsilon: epsilon(eps)? })
            }
            ["adamw", beta1, beta2, eps, lambda] => Ok(OptimizerSpec::AdamW {
                beta1: decay(beta1)?,
                beta2: decay(beta2)?,
                epsilon: epsilon(eps)?,
                weight_decay: weight_decay(lambda)?,
            }),
            _ => Err("an optimizer is written like sgd, momentum:0.9, nesterov:0.9, adagrad:1e-10, rmsprop:0.99:1e-8, \
                      adam:0.9:0.999:1e-8 or adamw:0.9:0.999:1e-8:0.01"
                .into()),
        }
    }
}

fn decay(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "a decay must be a number".to_owned())?;
    if (0.0..1.0).contains(&value) { Ok(value) } else { Err("a decay must lie between 0 and 1 (1 excluded)".into()) }
}

fn epsilon(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "an epsilon must be a number".to_owned())?;
    if value > 0.0 && value <= 1.0 { Ok(value) } else { Err("an epsilon must be greater than 0 and at most 1".into()) }
}

fn weight_decay(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "a weight decay must be a number".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("a weight decay must lie between 0 and 1".into()) }
}

/// Everything about training that is not the model and not the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingSpec {
    /// What is made small.
    #[serde(default)]
    pub loss: Loss,
    /// The update rule.
    pub optimizer: OptimizerSpec,
    /// Step size, in `(0, 10]`; acts at once on a running session. Under a schedule the base that its factor is applied to.
    pub learning_rate: f64,
    /// How it changes from step to step; not at all where nothing is said.
    #[serde(default)]
    pub schedule: Schedule,
    /// Examples per step, in `1..=1024`. The last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// λ of the penalty `λ ‖w‖₁`, the sum of magnitudes, on the same weights as `l2`, in `[0, 1]`; acts at once on a running session.
    #[serde(default)]
    pub l1: f64,
    /// λ of the penalty `λ/2 ‖w‖²` on weights (not biases, not batch norm), in `[0, 1]`; acts at once on a running session.
    pub l2: f64,
    /// Play stops after this many epochs, in `1..=10_000`.
    pub epochs: usize,
}

impl Default for TrainingSpec {
    fn default() -> Self {
        TrainingSpec {
            loss: Loss::Usual,
            optimizer: OptimizerSpec::ADAM,
            learning_rate: 0.002,
            schedule: Schedule::Constant,
            batch_size: 64,
            l1: 0.0,
            l2: 0.0,
            epochs: 5,
        }
    }
}

impl TrainingSpec {
    /// The learning rate of the step that comes after `step` others: the base rate times the schedule's factor.
    pub fn rate_at(&self, step: u64, steps_per_epoch: u64) -> f64 {
        self.learning_rate * self.schedule.factor(step, Plan { steps_per_epoch, epochs: self.epochs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optimizers_survive_their_link_spelling() {
        let changed = [
            OptimizerSpec::Momentum { beta: 0.5 },
            OptimizerSpec::Nesterov { beta: 0.5 },
            OptimizerSpec::AdaGrad { epsilon: 1e-7 },
            OptimizerSpec::AdamW { beta1: 0.5, beta2: 0.99, epsilon: 1e-5, weight_decay: 0.1 },
            OptimizerSpec::RmsProp { alpha: 0.9, epsilon: 1e-7 },
            OptimizerSpec::Adam { beta1: 0.5, beta2: 0.99, epsilon: 1e-5 },
        ];
        for spec in OPTIMIZERS.iter().map(|entry| entry.value).chain(changed) {
            assert_eq!(OptimizerSpec::from_link(&spec.to_link()), Ok(spec));
        }
        for bad in [
            "",
            "adamw2",
            "nesterov:1",
            "adagrad:0",
            "adamw:0.9:0.9:1e-8",
            "adamw:0.9:0.9:1e-8:-1",
            "adam:1:0.9:1e-8",
            "adam:0.9",
            "momentum:NaN",
            "rmsprop:0.9:0",
            "adam:0.9:0.9:inf",
        ] {
            assert!(OptimizerSpec::from_link(bad).is_err(), "{bad}");
        }
    }
}
