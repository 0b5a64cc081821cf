//! The optimizer, the loss of each head, the step, the evaluation and the loop.

use super::input_type;
use crate::data::RustData;
use crate::plan::{Plan, number};
use crate::schedule;
use descent_spec::{Head, Kind, OptimizerSpec};

/// What depends on the head.
pub(super) struct Words {
    /// Type of one target in the data, and of a batch of them.
    pub(super) target: &'static str,
    pub(super) batch: &'static str,
    /// Shape of a batch of targets.
    pub(super) shape: &'static str,
    /// The loss: name, formula for its documentation, body.
    pub(super) loss: (&'static str, &'static str, &'static str),
    /// What evaluations sum beside the loss.
    pub(super) sum: &'static str,
    /// How that is called and printed.
    pub(super) metric: (&'static str, &'static str),
}

/// The words of the plan's head.
pub(super) fn words(plan: &Plan) -> Words {
    match plan.head() {
        Head::Tokens { .. } => Words {
            target: "i32",
            batch: "Tensor<1, Int>",
            shape: "[indices.len() * WINDOW]",
            loss: (
                "cross_entropy",
                "−log softmax(logits)[y] at every step; a target of −1 is none, so that the step does not count",
                "let counts = y.clone().greater_equal_elem(0).float();
    let of_targets = activation::log_softmax(outputs, 1).gather(1, y.clamp_min(0).unsqueeze_dim::<2>(1)).squeeze_dim::<1>(1);
    (of_targets.neg() * counts.clone()).sum() / counts.sum()",
            ),
            sum: "(outputs.argmax(1).squeeze_dim::<1>(1).equal(y).float().mean() * part.len() as f64)",
            metric: ("accuracy", "accuracy {:.2} %\", 100.0 * accuracy"),
        },
        Head::Softmax { .. } => Words {
            target: "i32",
            batch: "Tensor<1, Int>",
            shape: "[indices.len()]",
            loss: (
                "cross_entropy",
                "−log softmax(logits)[y]",
                "CrossEntropyLossConfig::new().init(&outputs.device()).forward(outputs, y)",
            ),
            sum: "outputs.argmax(1).reshape([part.len()]).equal(y).float().sum()",
            metric: ("accuracy", "accuracy {:.2} %\", 100.0 * accuracy"),
        },
        Head::Sigmoid => Words {
            target: "f32",
            batch: "Tensor<2>",
            shape: "[indices.len(), 1]",
            loss: (
                "cross_entropy",
                "−y ln p − (1 − y) ln(1 − p), p = 1 / (1 + exp(−z)), without overflow",
                "(outputs.clone() * (y.neg() + 1.0) - activation::log_sigmoid(outputs)).mean()",
            ),
            sum: "outputs.greater_elem(0.0).float().equal(y).float().sum()",
            metric: ("accuracy", "accuracy {:.2} %\", 100.0 * accuracy"),
        },
        Head::Perceptron => Words {
            target: "f32",
            batch: "Tensor<2>",
            shape: "[indices.len(), 1]",
            loss: (
                "perceptron",
                "max(0, −t z), t = 2 y − 1; where z is 0 the slope is −t, too, so that zero weights learn",
                "let to_its_side = (y * 2.0 - 1.0) * outputs;
    let is_mistake = to_its_side.clone().lower_equal_elem(0.0).float();
    (is_mistake * to_its_side.neg()).mean()",
            ),
            sum: "((y * 2.0 - 1.0) * outputs).greater_elem(0.0).float().sum()",
            metric: ("accuracy", "accuracy {:.2} %\", 100.0 * accuracy"),
        },
        Head::Linear | Head::Sampled { .. } => Words {
            target: "f32",
            batch: "Tensor<2>",
            shape: "[indices.len(), 1]",
            loss: ("squared_error", "(ŷ − y)²", "(outputs - y).square().mean()"),
            sum: "(outputs - y).abs().sum()",
            metric: ("error", "mean absolute error {error:.4}\""),
        },
    }
}

/// What the optimizer's configuration is called, how it is made, and where Burn's defaults are others.
pub(super) fn optimizer(plan: &Plan) -> (&'static str, String, &'static str) {
    match plan.experiment.training.optimizer {
        OptimizerSpec::Sgd => ("SgdConfig", "SgdConfig::new().init()".into(), "SGD: w ← w − lr g."),
        OptimizerSpec::Momentum { beta } => (
            "SgdConfig, momentum::MomentumConfig",
            momentum(beta, false),
            "Momentum: v ← β v + g;  w ← w − lr v. Burn's default has a dampening of 0.1.",
        ),
        OptimizerSpec::Nesterov { beta } => (
            "SgdConfig, momentum::MomentumConfig",
            momentum(beta, true),
            "Nesterov's momentum: v ← β v + g;  w ← w − lr (g + β v). Burn's default has a dampening of 0.1.",
        ),
        OptimizerSpec::AdaGrad { epsilon } => (
            "AdaGradConfig",
            format!("AdaGradConfig::new().with_epsilon({}).init()", number(epsilon)),
            "AdaGrad (Duchi et al. 2011): s ← s + g²;  w ← w − lr g / (√s + ε). Burn's default ε is 1e-5.",
        ),
        OptimizerSpec::RmsProp { alpha, epsilon } => (
            "RmsPropConfig",
            format!(
                "RmsPropConfig::new().with_alpha({}).with_epsilon({}).with_momentum(0.0).init()",
                number(alpha),
                number(epsilon)
            ),
            "RMSprop: s ← α s + (1 − α) g²;  w ← w − lr g / (√s + ε). Burn's default adds a momentum of 0.9.",
        ),
        OptimizerSpec::Adam { beta1, beta2, epsilon } => (
            "AdamConfig",
            format!(
                "AdamConfig::new().with_beta_1({}).with_beta_2({}).with_epsilon({}).init()",
                number(beta1),
                number(beta2),
                number(epsilon)
            ),
            "Adam (Kingma and Ba 2015). Burn's default ε is 1e-5.",
        ),
        OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => {
            let [beta1, beta2, epsilon, weight_decay] = [beta1, beta2, epsilon, weight_decay].map(number);
            (
                "AdamWConfig",
                format!(
                    "let config = AdamWConfig::new().with_beta_1({beta1}).with_beta_2({beta2});
    config.with_epsilon({epsilon}).with_weight_decay({weight_decay}).init()"
                ),
                "AdamW (Loshchilov and Hutter 2019): w ← w − lr λ w, then Adam's step. Burn's default ε is 1e-5.",
            )
        }
    }
}

fn momentum(beta: f64, nesterov: bool) -> String {
    format!(
        "let momentum = MomentumConfig {{ momentum: {}, dampening: 0.0, nesterov: {nesterov} }};
    SgdConfig::new().with_momentum(Some(momentum)).init()",
        number(beta)
    )
}

/// The number of batches, as a line of `train()`, where the schedule needs it.
fn steps_per_epoch(plan: &Plan) -> &'static str {
    match plan.experiment.training.schedule.needs_epochs() {
        true => "    let steps_per_epoch = train.len().div_ceil(BATCH_SIZE);\n",
        false => "",
    }
}

/// The parts as lines of `train()`: drawn, or in the order of time.
fn split(plan: &Plan) -> &'static str {
    match plan.experiment.data.set.kind() {
        Kind::Series => {
            "    // In the order of time; between the parts lie HORIZON − 1 values that were not yet known.
    let (n, gap) = (examples.targets.len(), HORIZON - 1);
    let cut = n - (n as f64 * VALIDATION).round() as usize;
    let train: Vec<usize> = (0..cut - gap).collect();
    let validation: Vec<usize> = (cut..n - gap).collect();
"
        }
        Kind::Text => {
            "    // In the order of the text; one window at least is held out.
    let n = examples.targets.len() / WINDOW;
    let cut = n - (n as f64 * VALIDATION).round().max(1.0) as usize;
    let train: Vec<usize> = (0..cut).collect();
    let validation: Vec<usize> = (cut..n).collect();
"
        }
        // Pairs and words are refused.
        Kind::Pictures | Kind::Plane | Kind::Reviews | Kind::Pairs | Kind::Words => {
            "    let all: Vec<usize> = (0..examples.targets.len()).collect();
    let n_validation = (all.len() as f64 * VALIDATION).round() as usize;
    let mut train = shuffled(&all, &device);
    let validation = train.split_off(all.len() - n_validation);
"
        }
    }
}

/// `optimizer`, `train_step`, the loss, `evaluate` and `train`.
pub(super) fn text(plan: &Plan, data: &RustData) -> String {
    let (_, make, about) = optimizer(plan);
    let tensor = input_type(plan);
    // Of a text each token has a target.
    let per_example = if plan.head().is_stepwise() { " / WINDOW" } else { "" };
    let split = split(plan);
    let Words { batch, loss: (loss, formula, body), sum, metric: (metric, told), .. } = words(plan);
    let objective = if plan.has_penalty() { "(loss + model.penalty())" } else { "loss" };
    let is_drawn = data.is_drawn;
    let call = |is_test: bool| match (is_drawn, plan.has_test()) {
        (true, _) => format!("load({is_test}, &device)"),
        (false, true) => format!("load({is_test})?"),
        (false, false) => "load()".to_owned(),
    };
    let (test_load, test) = match plan.has_test() {
        true => (
            format!("\n    let test = {};", call(true)),
            format!(
                "\n    let all: Vec<usize> = (0..test.targets.len(){per_example}).collect();
    let (loss, {metric}) = evaluate(&model, &test, &all, &device);
    println!(\"test: loss {{loss:.4}}, {told});"
            ),
        ),
        false => (String::new(), String::new()),
    };
    let (condition, close, indent) = match plan.told_epochs() {
        Some(n) => (format!("\n        if epoch % {n} == 0 {{"), "\n        }", "    "),
        None => (String::new(), "", ""),
    };
    let is_constant = schedule::is_constant(plan);
    let rate = match schedule::burn(plan) {
        text if text.is_empty() => text,
        text => format!("{text}\n"),
    };
    let (argument, lr) = if is_constant { ("", "LEARNING_RATE") } else { (" lr: f64,", "lr") };
    let (before, call_step) = match is_constant {
        true => (String::new(), "(model, loss) = train_step(model, &mut optimizer, x, y);".to_owned()),
        false => (
            format!("{}    let mut step = 0;\n", steps_per_epoch(plan)),
            format!(
                "let lr = learning_rate(step{});
            (model, loss) = train_step(model, &mut optimizer, lr, x, y);
            step += 1;",
                schedule::argument(plan, ", ")
            ),
        ),
    };
    format!(
        r#"{rate}/// {about}
fn optimizer() -> ModuleOptimizer {{
    {make}
}}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer,{argument} x: {tensor}, y: {batch}) -> (Model, f32) {{
    let loss = {loss}(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads({objective}.backward(), &model);
    (optimizer.step({lr}, model, grads), value)
}}

/// The mean over the batch of {formula}.
fn {loss}(outputs: Tensor<2>, y: {batch}) -> Tensor<1> {{
    {body}
}}

/// Mean loss and {metric} over these examples, a thousand at a time.
fn evaluate(model: &Model, examples: &Examples, indices: &[usize], device: &Device) -> (f32, f32) {{
    let (model, device) = (model.valid(), device.clone().inner());
    let (mut loss, mut total) = (0.0, 0.0);
    for part in indices.chunks(1000) {{
        let (x, y) = examples.batch(part, &device);
        let outputs = model.forward(x);
        loss += {loss}(outputs.clone(), y.clone()).into_scalar::<f32>() * part.len() as f32;
        total += {sum}.into_scalar::<f32>();
    }}
    (loss / indices.len() as f32, total / indices.len() as f32)
}}

/// The items in random order: sorted by a random number each.
fn shuffled(items: &[usize], device: &Device) -> Vec<usize> {{
    let keys = Tensor::<1>::random([items.len()], Distribution::Uniform(0.0, 1.0), &device.clone().inner());
    keys.argsort(0).into_data().iter::<i64>().map(|place| items[place as usize]).collect()
}}

fn train() -> Result<()> {{
    let device = Device::flex().autodiff();
    device.seed(SEED);
    let examples = {};{test_load}
{split}
    let mut model = Model::new(&device);
    let mut optimizer = optimizer();
{before}    for epoch in 1..=EPOCHS {{
        let mut losses = Vec::new();
        for batch in shuffled(&train, &device).chunks(BATCH_SIZE) {{
            let (x, y) = examples.batch(batch, &device);
            let loss;
            {call_step}
            losses.push(loss);
        }}{condition}
{indent}        let mean = losses.iter().sum::<f32>() / losses.len() as f32;
{indent}        let (loss, {metric}) = evaluate(&model, &examples, &validation, &device);
{indent}        println!("epoch {{epoch}}: training loss {{mean:.4}}, validation loss {{loss:.4}}, {told});{close}
    }}{test}
    Ok(())
}}
"#,
        call(false)
    )
}
