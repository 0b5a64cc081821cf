//! How the learning rate changes while a run goes on: a function of the step's number, so that a run that is taken up again
//! goes on as if it had never stopped.

use crate::registry::Entry;
use serde::{Deserialize, Serialize};

/// Most steps or epochs between two decays, and most steps of a warm-up.
pub const MAX_SCHEDULE_STEPS: usize = 1_000_000;

/// What a step decay counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Optimizer steps.
    Steps,
    /// Epochs.
    Epochs,
}

/// The factor on the learning rate at step `t`, the first being 0, in epoch `e`, the first being 0. `T` is the number of planned
/// steps: epochs times steps in an epoch. The definitions are those of PyTorch's `torch.optim.lr_scheduler`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// `1`.
    #[default]
    Constant,
    /// `γ^⌊t / n⌋`, or `γ^⌊e / n⌋` (`StepLR`).
    StepDecay {
        /// n, in `1..=1_000_000`.
        every: usize,
        /// What n counts.
        unit: Unit,
        /// γ, in `(0, 1]`.
        gamma: f64,
    },
    /// `γ^e` (`ExponentialLR`, stepped once an epoch).
    Exponential {
        /// γ, in `(0, 1]`.
        gamma: f64,
    },
    /// `(1 + cos(π t / T)) / 2`, and 0 from step T on (`CosineAnnealingLR`; Loshchilov and Hutter 2017, without restarts).
    Cosine,
    /// `(t + 1) / (n + 1)` while `t < n`, then 1 (`LinearLR` from a factor of 1 / (n + 1) over n steps; Goyal et al. 2017).
    WarmUp {
        /// n, in `1..=1_000_000`.
        steps: usize,
    },
    /// The same while `t < n`, then `(1 + cos(π (t − n) / (T − n))) / 2` (`SequentialLR` of the two).
    WarmUpCosine {
        /// n, in `1..=1_000_000`.
        steps: usize,
    },
}

/// How long a run is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Optimizer steps in an epoch.
    pub steps_per_epoch: u64,
    /// Epochs.
    pub epochs: usize,
}

impl Plan {
    /// T: all steps.
    pub fn n_steps(self) -> u64 {
        self.steps_per_epoch.saturating_mul(self.epochs as u64)
    }
}

/// Every schedule, with the numbers it starts from.
pub const SCHEDULES: &[Entry<Schedule>] = &[
    Entry { value: Schedule::Constant, id: "constant", label: "Constant", about: "the same rate at every step" },
    Entry {
        value: Schedule::StepDecay { every: 2, unit: Unit::Epochs, gamma: 0.5 },
        id: "step",
        label: "Step decay",
        about: "every n epochs or steps, the rate times γ",
    },
    Entry {
        value: Schedule::Exponential { gamma: 0.9 },
        id: "exp",
        label: "Exponential",
        about: "after each epoch, the rate times γ",
    },
    Entry {
        value: Schedule::Cosine,
        id: "cosine",
        label: "Cosine",
        about: "half a wave from the full rate to 0 over the planned epochs: (1 + cos(π t / T)) / 2",
    },
    Entry {
        value: Schedule::WarmUp { steps: 100 },
        id: "warmup",
        label: "Warm-up",
        about: "a straight line from almost nothing to the full rate over n steps, then constant",
    },
    Entry {
        value: Schedule::WarmUpCosine { steps: 100 },
        id: "warmup_cosine",
        label: "Warm-up, then cosine",
        about: "a straight line to the full rate over n steps, then half a wave to 0",
    },
];

impl Schedule {
    /// The factor at a step (the number of steps done before it).
    ///
    /// ```
    /// use descent_spec::schedule::{Plan, Schedule, Unit};
    /// let plan = Plan { steps_per_epoch: 10, epochs: 4 };
    /// let halves = Schedule::StepDecay { every: 2, unit: Unit::Epochs, gamma: 0.5 };
    /// assert_eq!([0, 19, 20, 39].map(|step| halves.factor(step, plan)), [1.0, 1.0, 0.5, 0.5]);
    /// assert_eq!([0, 1, 3, 4].map(|step| Schedule::WarmUp { steps: 3 }.factor(step, plan)), [0.25, 0.5, 1.0, 1.0]);
    /// assert_eq!([0, 40, 99].map(|step| Schedule::Cosine.factor(step, plan)), [1.0, 0.0, 0.0]);
    /// ```
    pub fn factor(self, step: u64, plan: Plan) -> f64 {
        let epoch = step / plan.steps_per_epoch.max(1);
        match self {
            Schedule::Constant => 1.0,
            Schedule::StepDecay { every, unit: Unit::Steps, gamma } => gamma.powf((step / every.max(1) as u64) as f64),
            Schedule::StepDecay { every, unit: Unit::Epochs, gamma } => gamma.powf((epoch / every.max(1) as u64) as f64),
            Schedule::Exponential { gamma } => gamma.powf(epoch as f64),
            Schedule::Cosine => half_wave(step, plan.n_steps()),
            Schedule::WarmUp { steps } => line(step, steps).unwrap_or(1.0),
            Schedule::WarmUpCosine { steps } => {
                let n = steps as u64;
                line(step, steps).unwrap_or_else(|| half_wave(step.saturating_sub(n), plan.n_steps().saturating_sub(n)))
            }
        }
    }

    /// Whether the factor depends on how many steps an epoch has.
    pub fn needs_epochs(self) -> bool {
        match self {
            Schedule::Constant | Schedule::StepDecay { unit: Unit::Steps, .. } | Schedule::WarmUp { .. } => false,
            Schedule::StepDecay { unit: Unit::Epochs, .. }
            | Schedule::Exponential { .. }
            | Schedule::Cosine
            | Schedule::WarmUpCosine { .. } => true,
        }
    }

    /// The row of [`SCHEDULES`] of this kind (its numbers are the defaults, not necessarily ours).
    pub fn entry(&self) -> &'static Entry<Schedule> {
        let same = std::mem::discriminant(self);
        SCHEDULES.iter().find(|entry| std::mem::discriminant(&entry.value) == same).unwrap_or(&SCHEDULES[0])
    }

    /// The spelling in links: `cosine`, `step:2:epochs:0.5`, `exp:0.9`, `warmup:100`, `warmup_cosine:100`.
    pub fn to_link(&self) -> String {
        let id = self.entry().id;
        match self {
            Schedule::Constant | Schedule::Cosine => id.into(),
            Schedule::StepDecay { every, unit: Unit::Steps, gamma } => format!("{id}:{every}:steps:{gamma}"),
            Schedule::StepDecay { every, unit: Unit::Epochs, gamma } => format!("{id}:{every}:epochs:{gamma}"),
            Schedule::Exponential { gamma } => format!("{id}:{gamma}"),
            Schedule::WarmUp { steps } | Schedule::WarmUpCosine { steps } => format!("{id}:{steps}"),
        }
    }

    /// Reads [`to_link`](Self::to_link)'s spelling; a name alone stands for the numbers of [`SCHEDULES`].
    ///
    /// # Errors
    /// A sentence.
    pub fn from_link(text: &str) -> Result<Schedule, String> {
        let words: Vec<&str> = text.split(':').collect();
        if let [id] = words.as_slice() {
            return SCHEDULES.iter().find(|entry| entry.id == *id).map(|entry| entry.value).ok_or_else(|| {
                let known: Vec<_> = SCHEDULES.iter().map(|entry| entry.id).collect();
                format!("there is no schedule of this name; there are {}", known.join(", "))
            });
        }
        match words.as_slice() {
            ["step", every, unit, gamma] => {
                let unit = match *unit {
                    "steps" => Unit::Steps,
                    "epochs" => Unit::Epochs,
                    _ => return Err("a step decay counts steps or epochs".into()),
                };
                Ok(Schedule::StepDecay { every: count(every)?, unit, gamma: decay(gamma)? })
            }
            ["exp", gamma] => Ok(Schedule::Exponential { gamma: decay(gamma)? }),
            ["warmup", steps] => Ok(Schedule::WarmUp { steps: count(steps)? }),
            ["warmup_cosine", steps] => Ok(Schedule::WarmUpCosine { steps: count(steps)? }),
            _ => {
                Err("a schedule is written like constant, step:2:epochs:0.5, step:500:steps:0.1, exp:0.9, cosine, warmup:100 or \
                      warmup_cosine:100"
                    .into())
            }
        }
    }
}

/// `(1 + cos(π t / T)) / 2`, and 0 from T on.
fn half_wave(step: u64, n_steps: u64) -> f64 {
    if step >= n_steps { 0.0 } else { (1.0 + (std::f64::consts::PI * step as f64 / n_steps as f64).cos()) / 2.0 }
}

/// `(t + 1) / (n + 1)` within the first n steps.
fn line(step: u64, n: usize) -> Option<f64> {
    (step < n as u64).then(|| (step + 1) as f64 / (n as f64 + 1.0))
}

fn decay(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "a decay must be a number".to_owned())?;
    if value > 0.0 && value <= 1.0 { Ok(value) } else { Err("a decay must be greater than 0 and at most 1".into()) }
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse::<u64>() {
        Ok(value) if (1..=MAX_SCHEDULE_STEPS as u64).contains(&value) => Ok(value as usize),
        Ok(_) => Err(format!("the number of steps or epochs must lie between 1 and {MAX_SCHEDULE_STEPS}")),
        Err(_) => Err("the number of steps or epochs must be a whole number".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan { steps_per_epoch: 10, epochs: 4 };

    #[track_caller]
    fn assert_factors(schedule: Schedule, expected: &[(u64, f64)]) {
        for (step, factor) in expected {
            let found = schedule.factor(*step, PLAN);
            assert!((found - factor).abs() < 1e-12, "{schedule:?} at {step}: {found}, and NumPy says {factor}");
        }
    }

    /// Computed by NumPy from the formulas of PyTorch's documentation: `0.1 ** (t // 7)`, `0.9 ** (t // 10)`,
    /// `(1 + np.cos(np.pi * t / 40)) / 2`, `start + (1 - start) * min(t, 4) / 4` with `start = 1 / 5`.
    #[test]
    fn factors_are_those_of_the_formulas() {
        let step = Schedule::StepDecay { every: 7, unit: Unit::Steps, gamma: 0.1 };
        assert_factors(step, &[(0, 1.0), (6, 1.0), (7, 0.1), (13, 0.1), (14, 0.01), (39, 1e-5)]);
        let epoch = Schedule::StepDecay { every: 3, unit: Unit::Epochs, gamma: 0.1 };
        assert_factors(epoch, &[(0, 1.0), (29, 1.0), (30, 0.1), (59, 0.1), (60, 0.01)]);
        assert_factors(Schedule::Exponential { gamma: 0.9 }, &[(0, 1.0), (9, 1.0), (10, 0.9), (25, 0.81), (39, 0.729)]);
        assert_factors(
            Schedule::Cosine,
            &[(0, 1.0), (1, 0.998_458_666_866_564), (10, 0.853_553_390_593_273_7), (20, 0.5), (39, 0.001_541_333_133_436_018_5)],
        );
        assert_factors(Schedule::Cosine, &[(40, 0.0), (41, 0.0), (1_000_000, 0.0)]);
        let warm_up = Schedule::WarmUp { steps: 4 };
        assert_factors(warm_up, &[(0, 0.2), (1, 0.4), (2, 0.6), (3, 0.8), (4, 1.0), (5, 1.0), (400, 1.0)]);
        // After the warm-up 36 steps are left: half a wave over them.
        let both = Schedule::WarmUpCosine { steps: 4 };
        assert_factors(both, &[(0, 0.2), (3, 0.8), (4, 1.0), (13, 0.853_553_390_593_273_7), (22, 0.5), (40, 0.0)]);
    }

    #[test]
    fn a_warm_up_longer_than_the_plan_never_ends_in_something_else() {
        let both = Schedule::WarmUpCosine { steps: 50 };
        assert_factors(both, &[(0, 1.0 / 51.0), (49, 50.0 / 51.0), (50, 0.0)]);
        let empty = Plan { steps_per_epoch: 0, epochs: 1 };
        for entry in SCHEDULES {
            assert!(entry.value.factor(3, empty).is_finite(), "{}", entry.id);
        }
    }

    #[test]
    fn schedules_survive_their_link_spelling() {
        let changed = [
            Schedule::StepDecay { every: 500, unit: Unit::Steps, gamma: 0.25 },
            Schedule::Exponential { gamma: 0.999 },
            Schedule::WarmUp { steps: 1 },
            Schedule::WarmUpCosine { steps: MAX_SCHEDULE_STEPS },
        ];
        for schedule in SCHEDULES.iter().map(|entry| entry.value).chain(changed) {
            assert_eq!(Schedule::from_link(&schedule.to_link()), Ok(schedule));
            assert_eq!(Schedule::from_link(schedule.entry().id), Ok(schedule.entry().value));
        }
        for bad in [
            "",
            "poly",
            "step:0:epochs:0.5",
            "step:2:years:0.5",
            "step:2:epochs:0",
            "step:2:epochs:1.5",
            "exp:NaN",
            "exp:-1",
            "cosine:3",
            "warmup:0",
            "warmup:1.5",
            "warmup:1000001",
            "warmup_cosine:99999999999999999999",
        ] {
            assert!(Schedule::from_link(bad).is_err(), "{bad}");
        }
    }
}
