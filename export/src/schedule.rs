//! Schedules of the learning rate in each dialect. A constant rate needs none of this: its programs stay as short as they were.

use crate::plan::{Plan, number};
use descent_spec::Schedule;
use descent_spec::schedule::Unit;

/// The schedule in one line of documentation.
fn about(schedule: Schedule) -> String {
    match schedule {
        Schedule::Constant => "The same at every step.".into(),
        Schedule::StepDecay { every, unit: Unit::Steps, gamma } => {
            format!("The rate after t steps: lr γ^⌊t / {every}⌋ with γ = {}.", number(gamma))
        }
        Schedule::StepDecay { every, unit: Unit::Epochs, gamma } => {
            format!("The rate after e whole epochs: lr γ^⌊e / {every}⌋ with γ = {}.", number(gamma))
        }
        Schedule::Exponential { gamma } => format!("The rate after e whole epochs: lr γ^e with γ = {}.", number(gamma)),
        Schedule::Cosine => "The rate after t of T steps: lr (1 + cos(π t / T)) / 2.".into(),
        Schedule::WarmUp { steps } => format!("The rate after t steps: lr (t + 1) / {} for t < {steps}, then lr.", steps + 1),
        Schedule::WarmUpCosine { steps: n } => format!(
            "The rate after t of T steps: lr (t + 1) / {} for t < {n}, then lr (1 + cos(π (t − {n}) / (T − {n}))) / 2.",
            n + 1
        ),
    }
}

/// Whether the rate changes at all.
pub(crate) fn is_constant(plan: &Plan) -> bool {
    plan.experiment.training.schedule == Schedule::Constant
}

/// `steps_per_epoch` as an argument (behind `before`), or nothing where the schedule does without.
pub(crate) fn argument(plan: &Plan, before: &str) -> String {
    if plan.experiment.training.schedule.needs_epochs() { format!("{before}steps_per_epoch") } else { String::new() }
}

/// Python: `steps_per_epoch` of the examples `x`, as a line of `main()`; nothing where the schedule does without.
pub(crate) fn python_steps(plan: &Plan) -> &'static str {
    match plan.experiment.training.schedule.needs_epochs() {
        true => "    steps_per_epoch = -(-len(x) // BATCH_SIZE)  # rounded up\n",
        false => "",
    }
}

/// Python: the same from the page's folder, as lines of `check()`.
pub(crate) fn python_check_steps(plan: &Plan) -> &'static str {
    match plan.experiment.training.schedule.needs_epochs() {
        true => {
            "    with open(f\"{folder}/steps_per_epoch.txt\") as file:
        steps_per_epoch = int(file.read())
"
        }
        false => "",
    }
}

/// NumPy: `learning_rate(step)` or `learning_rate(step, steps_per_epoch)`.
pub(crate) fn numpy(plan: &Plan) -> String {
    if is_constant(plan) {
        return String::new();
    }
    let schedule = plan.experiment.training.schedule;
    let body = match schedule {
        Schedule::Constant => "return LEARNING_RATE".into(),
        Schedule::StepDecay { every, unit: Unit::Steps, gamma } => {
            format!("return LEARNING_RATE * {} ** (step // {every})", number(gamma))
        }
        Schedule::StepDecay { every, unit: Unit::Epochs, gamma } => {
            format!("return LEARNING_RATE * {} ** (step // steps_per_epoch // {every})", number(gamma))
        }
        Schedule::Exponential { gamma } => format!("return LEARNING_RATE * {} ** (step // steps_per_epoch)", number(gamma)),
        Schedule::Cosine => "total = EPOCHS * steps_per_epoch
    return LEARNING_RATE * (1 + np.cos(np.pi * step / total)) / 2"
            .into(),
        Schedule::WarmUp { steps } => format!("return LEARNING_RATE * min((step + 1) / {}, 1)", steps + 1),
        Schedule::WarmUpCosine { steps: n } => format!(
            "if step < {n}:
        return LEARNING_RATE * (step + 1) / {}
    total = EPOCHS * steps_per_epoch
    return LEARNING_RATE * (1 + np.cos(np.pi * (step - {n}) / (total - {n}))) / 2",
            n + 1
        ),
    };
    format!("def learning_rate(step{}):\n    \"\"\"{}\"\"\"\n    {body}\n", argument(plan, ", "), about(schedule))
}

/// PyTorch: `make_scheduler()`; the scheduler goes on by one after each batch.
pub(crate) fn torch(plan: &Plan) -> String {
    if is_constant(plan) {
        return String::new();
    }
    let schedule = plan.experiment.training.schedule;
    let warm_up = |n: usize| format!("LinearLR(optimizer, start_factor=1 / {}, total_iters={n})", n + 1);
    let body = match schedule {
        Schedule::Constant => "return lr_scheduler.ConstantLR(optimizer, factor=1.0)".into(),
        Schedule::StepDecay { every, unit: Unit::Steps, gamma } => {
            format!("return lr_scheduler.StepLR(optimizer, step_size={every}, gamma={})", number(gamma))
        }
        Schedule::StepDecay { every, unit: Unit::Epochs, gamma } => {
            format!("return lr_scheduler.StepLR(optimizer, step_size={every} * steps_per_epoch, gamma={})", number(gamma))
        }
        Schedule::Exponential { gamma } => format!(
            "# ExponentialLR would do the same, stepped once an epoch.
    return lr_scheduler.StepLR(optimizer, step_size=steps_per_epoch, gamma={})",
            number(gamma)
        ),
        Schedule::Cosine => "return lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS * steps_per_epoch)".into(),
        Schedule::WarmUp { steps } => format!("return lr_scheduler.{}", warm_up(steps)),
        Schedule::WarmUpCosine { steps: n } => format!(
            "warm_up = lr_scheduler.{}
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(1, EPOCHS * steps_per_epoch - {n}))
    return lr_scheduler.SequentialLR(optimizer, [warm_up, cosine], milestones=[{n}])",
            warm_up(n)
        ),
    };
    format!("def make_scheduler({}):\n    \"\"\"{}\"\"\"\n    {body}\n", argument(plan, ""), about(schedule))
}

/// Keras: the schedule's class with its arguments. It counts the optimizer's steps by itself.
pub(crate) fn keras(plan: &Plan) -> String {
    let (class, arguments) = match plan.experiment.training.schedule {
        Schedule::Constant => return "LEARNING_RATE".into(),
        Schedule::StepDecay { every, unit: Unit::Steps, gamma } => {
            ("ExponentialDecay", format!("LEARNING_RATE, {every}, {}, staircase=True", number(gamma)))
        }
        Schedule::StepDecay { every, unit: Unit::Epochs, gamma } => {
            ("ExponentialDecay", format!("LEARNING_RATE, {every} * steps_per_epoch, {}, staircase=True", number(gamma)))
        }
        Schedule::Exponential { gamma } => {
            ("ExponentialDecay", format!("LEARNING_RATE, steps_per_epoch, {}, staircase=True", number(gamma)))
        }
        Schedule::Cosine => ("CosineDecay", "LEARNING_RATE, EPOCHS * steps_per_epoch".into()),
        // A polynomial of degree 1 from the first rate to the last, which then stays.
        Schedule::WarmUp { steps } => ("PolynomialDecay", format!("LEARNING_RATE / {}, {steps}, LEARNING_RATE", steps + 1)),
        Schedule::WarmUpCosine { steps: n } => (
            "CosineDecay",
            format!(
                "
        LEARNING_RATE / {},
        max(1, EPOCHS * steps_per_epoch - {n}),
        warmup_target=LEARNING_RATE,
        warmup_steps={n},
    ",
                n + 1
            ),
        ),
    };
    format!("keras.optimizers.schedules.{class}({arguments})")
}

/// Keras: what stands before the schedule is made.
pub(crate) fn keras_about(plan: &Plan) -> String {
    about(plan.experiment.training.schedule)
}

/// Burn: `learning_rate(step)` or `learning_rate(step, steps_per_epoch)`.
pub(crate) fn burn(plan: &Plan) -> String {
    if is_constant(plan) {
        return String::new();
    }
    let schedule = plan.experiment.training.schedule;
    let body = match schedule {
        Schedule::Constant => "LEARNING_RATE".into(),
        Schedule::StepDecay { every, unit: Unit::Steps, gamma } => {
            format!("LEARNING_RATE * {}_f64.powf((step / {every}) as f64)", number(gamma))
        }
        Schedule::StepDecay { every, unit: Unit::Epochs, gamma } => {
            format!("LEARNING_RATE * {}_f64.powf((step / steps_per_epoch / {every}) as f64)", number(gamma))
        }
        Schedule::Exponential { gamma } => {
            format!("LEARNING_RATE * {}_f64.powf((step / steps_per_epoch) as f64)", number(gamma))
        }
        Schedule::Cosine => "let total = (EPOCHS * steps_per_epoch) as f64;
    LEARNING_RATE * (1.0 + (std::f64::consts::PI * step as f64 / total).cos()) / 2.0"
            .into(),
        Schedule::WarmUp { steps } => format!("LEARNING_RATE * ((step + 1) as f64 / {}.0).min(1.0)", steps + 1),
        Schedule::WarmUpCosine { steps: n } => format!(
            "if step < {n} {{
        return LEARNING_RATE * (step + 1) as f64 / {}.0;
    }}
    let share = (step - {n}) as f64 / (EPOCHS * steps_per_epoch - {n}) as f64;
    LEARNING_RATE * (1.0 + (std::f64::consts::PI * share).cos()) / 2.0",
            n + 1
        ),
    };
    let argument = if schedule.needs_epochs() { ", steps_per_epoch: usize" } else { "" };
    format!("/// {}\nfn learning_rate(step: usize{argument}) -> f64 {{\n    {body}\n}}\n", about(schedule))
}
