//! The update rules, with PyTorch's definitions.

use crate::plan::{Plan, number};
use crate::schedule;
use descent_spec::OptimizerSpec;

/// `update(grads)` and what it needs.
pub(super) fn text(plan: &Plan) -> String {
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
        OptimizerSpec::Nesterov { beta } => (
            format!("BETA = {}\nslots = {{}}  # of each parameter: its velocity\n\n", number(beta)),
            "Nesterov's momentum, as Sutskever et al. 2013 write it: v ← β v + g;  w ← w − lr (g + β v)",
            "v = BETA * slots.get(name, 0) + g
        slots[name] = v
        params[name] = params[name] - LEARNING_RATE * (g + BETA * v)",
        ),
        OptimizerSpec::AdaGrad { epsilon } => (
            format!("EPSILON = {}\nslots = {{}}  # of each parameter: the sum of its squared gradients\n\n", number(epsilon)),
            "AdaGrad (Duchi et al. 2011): s ← s + g²;  w ← w − lr g / (√s + ε)",
            "s = slots.get(name, 0) + g * g
        slots[name] = s
        params[name] = params[name] - LEARNING_RATE * g / (np.sqrt(s) + EPSILON)",
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
            adam_constants(beta1, beta2, epsilon, ""),
            "Adam (Kingma and Ba 2015): both averages start at zero, and the division by 1 − βᵗ makes up for it.",
            ADAM,
        ),
        OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => {
            let decay = format!("WEIGHT_DECAY = {}  # of weights and biases, as in PyTorch\n", number(weight_decay));
            (
                adam_constants(beta1, beta2, epsilon, &decay),
                "AdamW (Loshchilov and Hutter 2019): w ← w − lr λ w, then Adam's step.",
                ADAM_W,
            )
        }
    };
    let mut penalty = String::new();
    if plan.has_penalty() {
        penalty.push_str("        if name.endswith(\".weight\"):\n");
        if training.l2 > 0.0 {
            penalty.push_str("            g = g + L2 * params[name]\n");
        }
        if training.l1 > 0.0 {
            penalty.push_str("            g = g + L1 * np.sign(params[name])\n");
        }
    }
    let (rule, argument) = match schedule::is_constant(plan) {
        true => (rule.to_owned(), ""),
        false => (rule.replace("LEARNING_RATE", "lr"), ", lr"),
    };
    let rate = match schedule::numpy(plan) {
        text if text.is_empty() => text,
        text => format!("\n{text}\n"),
    };
    format!(
        r#"# Training

{constants}{rate}
def update(grads{argument}):
    """{about}"""
    for name, g in grads.items():
{penalty}        {rule}
"#
    )
}

fn adam_constants(beta1: f64, beta2: f64, epsilon: f64, more: &str) -> String {
    format!(
        "BETA1, BETA2, EPSILON = {}, {}, {}\n{more}slots = {{}}  # of each parameter: steps, mean and square of its gradient\n\n",
        number(beta1),
        number(beta2),
        number(epsilon)
    )
}

const ADAM: &str = "t, m, v = slots.get(name, (0, 0, 0))
        t, m, v = t + 1, BETA1 * m + (1 - BETA1) * g, BETA2 * v + (1 - BETA2) * g * g
        slots[name] = t, m, v
        m_hat, v_hat = m / (1 - BETA1**t), v / (1 - BETA2**t)
        params[name] = params[name] - LEARNING_RATE * m_hat / (np.sqrt(v_hat) + EPSILON)";

const ADAM_W: &str = "t, m, v = slots.get(name, (0, 0, 0))
        t, m, v = t + 1, BETA1 * m + (1 - BETA1) * g, BETA2 * v + (1 - BETA2) * g * g
        slots[name] = t, m, v
        m_hat, v_hat = m / (1 - BETA1**t), v / (1 - BETA2**t)
        decayed = params[name] * (1 - LEARNING_RATE * WEIGHT_DECAY)
        params[name] = decayed - LEARNING_RATE * m_hat / (np.sqrt(v_hat) + EPSILON)";
