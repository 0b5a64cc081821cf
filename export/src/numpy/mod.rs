//! NumPy: arrays only, with the backward pass written out layer by layer. For dense nets; a convolution by hand is another lesson.

mod functions;
mod passes;

use crate::plan::{Plan, number};
use crate::python::{self, Script};
use crate::{Dialect, Unsupported};
use descent_spec::model::TracedLayer;
use descent_spec::{Initializer, LayerSpec, OptimizerSpec, Shape};

/// The program, or why there is none.
pub(crate) fn write(plan: &Plan) -> Result<String, Unsupported> {
    plan.layers.iter().try_for_each(possible)?;
    let mut parts = vec![initial(plan)];
    parts.extend(functions::text(plan));
    parts.extend([passes::text(plan), LOSS.into(), update(plan), LOOP.into()]);
    Ok(python::write(
        plan,
        Script {
            dialect: Dialect::NumPy,
            packages: "numpy  # and safetensors, for --check",
            std_imports: functions::imports(plan),
            imports: "import numpy as np".into(),
            seeding: "",
            parts,
            check: CHECK.into(),
        },
    ))
}

fn possible(it: &TracedLayer) -> Result<(), Unsupported> {
    let refuse = |what: &str| {
        Err(Unsupported(format!(
            "There is no NumPy code for this model, because {} is {what}. Written out by hand it would bury the rest; \
             Keras, PyTorch and Burn have it. A model of dense layers can be read here.",
            it.name
        )))
    };
    match (&it.layer, it.input) {
        (LayerSpec::Conv2d { .. }, _) => refuse("a convolution"),
        (LayerSpec::MaxPool2d { .. } | LayerSpec::AvgPool2d { .. }, _) => refuse("a pooling of pictures"),
        (LayerSpec::BatchNorm, Shape::Image { .. }) => refuse("a batch norm over pictures"),
        (LayerSpec::Dense { .. } | LayerSpec::BatchNorm | LayerSpec::Dropout { .. } | LayerSpec::Activate { .. }, _) => Ok(()),
    }
}

/// How first weights are drawn, and the dictionary of all parameters.
fn initial(plan: &Plan) -> String {
    let (name, draw, about) = match plan.experiment.model.initializer {
        Initializer::GlorotUniform => {
            let about = "Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)).";
            (
                "glorot_uniform",
                "bound = np.sqrt(6 / (fan_in + fan_out))\n    return rng.uniform(-bound, bound, (fan_in, fan_out))",
                about,
            )
        }
        Initializer::GlorotNormal => {
            let about = "Glorot and Bengio 2010: normal with σ = √(2 / (fan in + fan out)).";
            ("glorot_normal", "return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))", about)
        }
        Initializer::HeUniform => {
            let about = "He et al. 2015: uniform in ±√(6 / fan in).";
            ("he_uniform", "bound = np.sqrt(6 / fan_in)\n    return rng.uniform(-bound, bound, (fan_in, fan_out))", about)
        }
        Initializer::HeNormal => (
            "he_normal",
            "return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))",
            "He et al. 2015: normal with σ = √(2 / fan in).",
        ),
        Initializer::FanInUniform => {
            let about = "PyTorch's default for weights and biases: uniform in ±1 / √(fan in).";
            ("fan_in_uniform", "bound = 1 / np.sqrt(fan_in)\n    return rng.uniform(-bound, bound, (fan_in, fan_out))", about)
        }
        Initializer::Zeros => ("zeros", "return np.zeros((fan_in, fan_out))", "All zero: hidden units never become different."),
    };
    let bias = |fan_in: usize, units: usize| match plan.experiment.model.initializer {
        Initializer::FanInUniform => format!("{name}({fan_in}, {units})[0]"),
        Initializer::GlorotUniform
        | Initializer::GlorotNormal
        | Initializer::HeUniform
        | Initializer::HeNormal
        | Initializer::Zeros => format!("np.zeros({units})"),
    };
    let mut rows = Vec::new();
    for it in &plan.layers {
        let layer = &it.name;
        let fan_in = it.input.len();
        match &it.layer {
            LayerSpec::Dense { units, .. } => {
                rows.push(format!("    \"{layer}.weight\": {name}({fan_in}, {units}),"));
                rows.push(format!("    \"{layer}.bias\": {},", bias(fan_in, *units)));
            }
            LayerSpec::BatchNorm => {
                for (field, value) in [("gamma", "ones"), ("beta", "zeros"), ("running_mean", "zeros"), ("running_var", "ones")] {
                    rows.push(format!("    \"{layer}.{field}\": np.{value}({fan_in}),"));
                }
            }
            // Nothing is learned here.
            LayerSpec::Dropout { .. }
            | LayerSpec::Activate { .. }
            | LayerSpec::Conv2d { .. }
            | LayerSpec::MaxPool2d { .. }
            | LayerSpec::AvgPool2d { .. } => {}
        }
    }
    format!(
        r#"# Model


def {name}(fan_in, fan_out):
    """{about}"""
    {draw}


params = {{
{}
}}
params = {{name: values.astype(np.float32) for name, values in params.items()}}
"#,
        rows.join("\n")
    )
}

const LOSS: &str = r#"def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def cross_entropy(logits, y):
    """The mean over the batch of −log softmax(logits)[y], and its gradient: (softmax − one-hot) / batch."""
    log_p = log_softmax(logits)
    here = np.arange(len(y)), y
    d_logits = np.exp(log_p)
    d_logits[here] -= 1
    return -log_p[here].mean(), d_logits / len(y)
"#;

/// The update rule, with PyTorch's definitions.
fn update(plan: &Plan) -> String {
    let training = &plan.experiment.training;
    let (constants, about, rule) = match training.optimizer {
        OptimizerSpec::Sgd => (String::new(), "SGD: w ← w − lr g", "params[name] = params[name] - LEARNING_RATE * g"),
        OptimizerSpec::Momentum { beta } => (
            format!("BETA = {}\nslots = {{}}  # of each parameter: its velocity\n\n", number(beta)),
            "Momentum: v ← β v + g;  w ← w − lr v",
            "v = BETA * slots.get(name, 0) + g
        slots[name] = v
        params[name] = params[name] - LEARNING_RATE * v",
        ),
        OptimizerSpec::RmsProp { alpha, epsilon } => (
            format!(
                "ALPHA, EPSILON = {}, {}\nslots = {{}}  # of each parameter: the running square of its gradient\n\n",
                number(alpha),
                number(epsilon)
            ),
            "RMSprop: s ← α s + (1 − α) g²;  w ← w − lr g / (√s + ε)",
            "s = ALPHA * slots.get(name, 0) + (1 - ALPHA) * g * g
        slots[name] = s
        params[name] = params[name] - LEARNING_RATE * g / (np.sqrt(s) + EPSILON)",
        ),
        OptimizerSpec::Adam { beta1, beta2, epsilon } => (
            format!(
                "BETA1, BETA2, EPSILON = {}, {}, {}\nslots = {{}}  # of each parameter: steps, mean and square of its gradient\n\n",
                number(beta1),
                number(beta2),
                number(epsilon)
            ),
            "Adam (Kingma and Ba 2015): both averages start at zero, and the division by 1 − βᵗ makes up for it.",
            "t, m, v = slots.get(name, (0, 0, 0))
        t, m, v = t + 1, BETA1 * m + (1 - BETA1) * g, BETA2 * v + (1 - BETA2) * g * g
        slots[name] = t, m, v
        m_hat, v_hat = m / (1 - BETA1**t), v / (1 - BETA2**t)
        params[name] = params[name] - LEARNING_RATE * m_hat / (np.sqrt(v_hat) + EPSILON)",
        ),
    };
    let penalty = match training.l2 > 0.0 {
        true => "        if name.endswith(\".weight\"):\n            g = g + L2 * params[name]\n",
        false => "",
    };
    format!(
        r#"# Training

{constants}
def update(grads):
    """{about}"""
    for name, g in grads.items():
{penalty}        {rule}
"#
    )
}

const LOOP: &str = r#"def train_step(x, y):
    """One batch: forward, backward, update. Returns the loss before the update."""
    logits, cache = forward(x, training=True)
    loss, d_logits = cross_entropy(logits, y)
    update(backward(d_logits, cache))
    return float(loss)


def evaluate(x, y):
    """Mean loss and accuracy over all examples, a thousand at a time."""
    loss, right = 0.0, 0
    for start in range(0, len(x), 1000):
        part = slice(start, start + 1000)
        logits, _ = forward(x[part], training=False)
        loss += float(cross_entropy(logits, y[part])[0]) * len(y[part])
        right += int((logits.argmax(axis=1) == y[part]).sum())
    return loss / len(x), right / len(x)


def main():
    (x, y), validation, test = load()
    for epoch in range(EPOCHS):
        order = rng.permutation(len(x))
        losses = []
        for start in range(0, len(x), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            losses.append(train_step(x[batch], y[batch]))
        loss, accuracy = evaluate(*validation)
        print(
            f"epoch {epoch + 1}: training loss {np.mean(losses):.4f}, "
            f"validation loss {loss:.4f}, accuracy {accuracy:.2%}"
        )
    loss, accuracy = evaluate(*test)
    print(f"test: loss {loss:.4f}, accuracy {accuracy:.2%}")
"#;

const CHECK: &str = r#"    from safetensors.numpy import load_file

    weights = load_file(f"{folder}/weights.safetensors")
    params.update({name: values.astype(np.float64) for name, values in weights.items()})
    batches = load_file(f"{folder}/batches.safetensors")
    losses = []
    for n in range(1, len(batches) // 2 + 1):
        losses.append(train_step(batches[f"x{n}"].astype(np.float64), batches[f"y{n}"]))
"#;
