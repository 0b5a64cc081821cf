//! The next update of one weight, number by number.

#[cfg(doc)]
use super::ToWorker;
use crate::training::OptimizerSpec;
use serde::{Deserialize, Serialize};

/// What the optimizer will do to one weight (or bias) w in the next step, in the notation of [`OptimizerSpec`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightUpdate {
    /// Steps done; the update is that of the step after, which is t in Adam's correction.
    pub step: u64,
    /// Examples in the next batch.
    pub batch: u32,
    /// The rule with its hyper-parameters.
    pub optimizer: OptimizerSpec,
    /// lr, as it is for this step.
    pub learning_rate: f64,
    /// λ of the L1 and of the L2 penalty where they act: 0 for a bias.
    pub penalties: [f64; 2],
    /// w as it is.
    pub weight: f32,
    /// Slope of the batch's mean loss, without penalties; units that dropout will drop are dropped.
    pub loss_gradient: f32,
    /// g, what the rule is given: the loss's slope plus `λ₂ w + λ₁ sign(w)`.
    pub gradient: f32,
    /// What the optimizer remembers of this weight; empty for plain SGD.
    pub memory: Vec<Memory>,
    /// What the rule makes of them on its way.
    pub working: Working,
    /// w after the step, by the optimizer itself.
    pub new_weight: f32,
}

/// A number that an optimizer keeps for each weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// `velocity`, `mean` or `square`.
    pub kind: String,
    /// As it is, 0 before the first step.
    pub before: f32,
    /// As the step leaves it.
    pub after: f32,
}

/// Between state and new weight: `w ← w − decay − effective_rate · direction`. In double precision, from the new state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Working {
    /// `1 − β₁ᵗ` and `1 − β₂ᵗ`; 1 where nothing is corrected.
    pub corrections: [f64; 2],
    /// m̂ and v̂, for the rules that have them; otherwise 0.
    pub corrected: [f64; 2],
    /// What the rate multiplies: g, v, `g + β v` or m̂.
    pub direction: f64,
    /// lr over `√s + ε` or `√v̂ + ε`; lr itself where nothing is divided.
    pub effective_rate: f64,
    /// AdamW's `lr λ w`; otherwise 0.
    pub decay: f64,
}

impl Working {
    /// How far w moves: `−decay − effective_rate · direction`.
    pub fn change(&self) -> f64 {
        -self.decay - self.effective_rate * self.direction
    }
}

/// A foretold weight beside what the step really made of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CameTrue {
    /// The step that was foretold, counted from 1.
    pub step: u64,
    /// [`WeightUpdate::new_weight`], told before the step.
    pub foretold: f32,
    /// The weight after it.
    pub found: f32,
}
