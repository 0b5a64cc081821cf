//! The functions a program needs: activations with their slopes, batch norm, dropout.

use crate::plan::Plan;
use descent_spec::{Activation, Head, LayerSpec};

/// What the functions import from the standard library.
pub(super) fn imports(plan: &Plan) -> &'static [&'static str] {
    if plan.activations().contains(&Activation::Gelu) { &["import math"] } else { &[] }
}

/// Name of the function in the program.
pub(super) fn name(activation: Activation) -> &'static str {
    match activation {
        Activation::Linear => "linear",
        Activation::Relu => "relu",
        Activation::LeakyRelu => "leaky_relu",
        Activation::Elu => "elu",
        Activation::Gelu => "gelu",
        Activation::Silu => "silu",
        Activation::Tanh => "tanh",
        Activation::Sigmoid => "sigmoid",
        Activation::Softplus => "softplus",
    }
}

/// Every function the plan needs, each a paragraph.
pub(super) fn text(plan: &Plan) -> Vec<String> {
    let used = plan.activations();
    let mut parts = Vec::new();
    let needs_sigmoid =
        plan.head() == Head::Sigmoid || used.iter().any(|it| matches!(it, Activation::Silu | Activation::Softplus));
    if needs_sigmoid && !used.contains(&Activation::Sigmoid) {
        parts.push(SIGMOID.to_owned());
    }
    for activation in used {
        let name = name(activation);
        let (value, slope) = match activation {
            Activation::Linear => continue,
            Activation::Sigmoid => {
                parts.push(SIGMOID.to_owned());
                parts.push("def sigmoid_slope(x):\n    return sigmoid(x) * (1 - sigmoid(x))".to_owned());
                continue;
            }
            Activation::Relu => ("np.maximum(x, 0)", "x > 0"),
            Activation::LeakyRelu => ("np.where(x > 0, x, 0.01 * x)", "np.where(x > 0, 1.0, 0.01).astype(x.dtype)"),
            Activation::Elu => ("np.where(x > 0, x, np.expm1(np.minimum(x, 0)))", "np.exp(np.minimum(x, 0))"),
            Activation::Gelu => {
                parts.push(NORMAL.to_owned());
                ("x * normal_cdf(x)", "normal_cdf(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)")
            }
            Activation::Silu => ("x * sigmoid(x)", "sigmoid(x) * (1 + x * (1 - sigmoid(x)))"),
            Activation::Tanh => ("np.tanh(x)", "1 - np.tanh(x) ** 2"),
            Activation::Softplus => ("np.logaddexp(0, x)  # ln(1 + exp(x)) without overflow", "sigmoid(x)"),
        };
        parts.push(format!("def {name}(x):\n    return {value}"));
        parts.push(format!("def {name}_slope(x):\n    return {slope}"));
    }
    if plan.any(|layer| matches!(layer, LayerSpec::BatchNorm)) {
        parts.push(BATCH_NORM.to_owned());
    }
    if plan.has_dropout() {
        parts.push(DROPOUT.to_owned());
    }
    parts
}

const SIGMOID: &str = "\
def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))  # 1 / (1 + exp(−x)) without overflow";

const NORMAL: &str = "\
erf = np.vectorize(math.erf, otypes=[float])  # NumPy has none of its own


def normal_cdf(x):
    return 0.5 * (1 + erf(x / math.sqrt(2)).astype(x.dtype))";

const BATCH_NORM: &str = r#"def batch_norm(x, name, training):
    """Ioffe and Szegedy 2015: γ (x − mean) / √(var + 1e-5) + β for each unit, and what the way back needs."""
    if training:
        mean, var, n = x.mean(axis=0), x.var(axis=0), len(x)
        unbiased = var * n / max(n - 1, 1)
        for key, new in [(f"{name}.running_mean", mean), (f"{name}.running_var", unbiased)]:
            params[key] = 0.9 * params[key] + 0.1 * new
    else:
        mean, var = params[f"{name}.running_mean"], params[f"{name}.running_var"]
    inverse = 1 / np.sqrt(var + 1e-5)
    normal = (x - mean) * inverse
    return params[f"{name}.gamma"] * normal + params[f"{name}.beta"], (normal, inverse)


def batch_norm_backward(d, name, cache, grads):
    """The gradient for x, whose mean and variance depend on x, too; those for γ and β go into `grads`."""
    normal, inverse = cache
    grads[f"{name}.gamma"] = (d * normal).sum(axis=0)
    grads[f"{name}.beta"] = d.sum(axis=0)
    d = d * params[f"{name}.gamma"]
    return inverse * (d - d.mean(axis=0) - normal * (d * normal).mean(axis=0))"#;

const DROPOUT: &str = r#"def dropout_mask(x, rate, training):
    """Zero with probability `rate`, else 1 / (1 − rate), so that the mean stays; all ones outside training."""
    if not training:
        return np.ones_like(x)
    return (rng.random(x.shape) >= rate).astype(x.dtype) / (1 - rate)"#;
