//! The update rules: Keras's own where they are the page's, else a class of our own.

use crate::plan::number;
use descent_spec::OptimizerSpec;

/// A class for a rule that Keras defines differently (some only where the rate changes), and how the optimizer is made.
pub(super) fn text(spec: &OptimizerSpec, is_constant: bool) -> (String, String) {
    match spec {
        // Keras's velocity holds the rate; the two are the same only while the rate is.
        OptimizerSpec::Momentum { beta } if !is_constant => (
            own_rule(
                "Momentum",
                "v ← β v + g;  w ← w − lr v. Keras's own has v ← β v − lr g, so that old rates linger.",
                &format!("beta = {}", number(*beta)),
                &["velocity"],
                "        self.assign(v, self.beta * v + g)
        self.assign_sub(w, lr * v)",
            ),
            "Momentum(LEARNING_RATE)".into(),
        ),
        OptimizerSpec::Nesterov { beta } if !is_constant => (
            own_rule(
                "Nesterov",
                "v ← β v + g;  w ← w − lr (g + β v). Keras's own has v ← β v − lr g, so that old rates linger.",
                &format!("beta = {}", number(*beta)),
                &["velocity"],
                "        self.assign(v, self.beta * v + g)
        self.assign_sub(w, lr * (g + self.beta * v))",
            ),
            "Nesterov(LEARNING_RATE)".into(),
        ),
        OptimizerSpec::Sgd => (String::new(), "keras.optimizers.SGD(LEARNING_RATE)".into()),
        OptimizerSpec::Momentum { beta } => {
            (String::new(), format!("keras.optimizers.SGD(LEARNING_RATE, momentum={})", number(*beta)))
        }
        OptimizerSpec::Nesterov { beta } => {
            (String::new(), format!("keras.optimizers.SGD(LEARNING_RATE, momentum={}, nesterov=True)", number(*beta)))
        }
        OptimizerSpec::AdaGrad { epsilon } => (
            own_rule(
                "AdaGrad",
                "s ← s + g²;  w ← w − lr g / (√s + ε). Keras's own starts s at 0.1 and has ε inside the root.",
                &format!("epsilon = {}", number(*epsilon)),
                &["square"],
                "        self.assign_add(s, g * g)
        self.assign_sub(w, lr * g / (keras.ops.sqrt(s) + self.epsilon))",
            ),
            "AdaGrad(LEARNING_RATE)".into(),
        ),
        OptimizerSpec::RmsProp { alpha, epsilon } => (
            own_rule(
                "RMSprop",
                "s ← α s + (1 − α) g²;  w ← w − lr g / (√s + ε). Keras's own has ε inside the root.",
                &format!("alpha, epsilon = {}, {}", number(*alpha), number(*epsilon)),
                &["square"],
                "        self.assign(s, self.alpha * s + (1 - self.alpha) * g * g)
        self.assign_sub(w, lr * g / (keras.ops.sqrt(s) + self.epsilon))",
            ),
            "RMSprop(LEARNING_RATE)".into(),
        ),
        OptimizerSpec::Adam { beta1, beta2, epsilon } => (
            own_rule(
                "Adam",
                "Kingma and Ba 2015, algorithm 1. Keras's own adds ε before the bias correction.",
                &format!("beta1, beta2, epsilon = {}, {}, {}", number(*beta1), number(*beta2), number(*epsilon)),
                &["mean", "square"],
                ADAM,
            ),
            "Adam(LEARNING_RATE)".into(),
        ),
        OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => {
            let [beta1, beta2, epsilon, weight_decay] = [beta1, beta2, epsilon, weight_decay].map(|it| number(*it));
            let rule = own_rule(
                "AdamW",
                "Loshchilov and Hutter 2019. Keras's own adds ε before the bias correction.",
                &format!("beta1, beta2, epsilon, decay = {beta1}, {beta2}, {epsilon}, {weight_decay}"),
                &["mean", "square"],
                &format!("        self.assign_sub(w, lr * self.decay * w)\n{ADAM}"),
            );
            (rule, "AdamW(LEARNING_RATE)".into())
        }
    }
}

const ADAM: &str = "        t = keras.ops.cast(self.iterations + 1, w.dtype)
        self.assign(m, self.beta1 * m + (1 - self.beta1) * g)
        self.assign(s, self.beta2 * s + (1 - self.beta2) * g * g)
        m_hat = m / (1 - self.beta1**t)
        s_hat = s / (1 - self.beta2**t)
        self.assign_sub(w, lr * m_hat / (keras.ops.sqrt(s_hat) + self.epsilon))";

/// An optimizer class with one variable of each kind in `slots` beside every parameter; `update` uses their first letters.
fn own_rule(class: &str, about: &str, constants: &str, slots: &[&str], update: &str) -> String {
    let letter = |slot: &&str| slot.chars().take(1).collect::<String>();
    let built: Vec<String> = slots
        .iter()
        .map(|slot| format!("        self.{slot} = [self.add_variable_from_reference(w, \"{slot}\") for w in variables]\n"))
        .collect();
    let names: Vec<String> = slots.iter().map(letter).collect();
    let values: Vec<String> = slots.iter().map(|slot| format!("self.{slot}[i]")).collect();
    format!(
        r#"# Update rule


class {class}(keras.optimizers.Optimizer):
    """{about}"""

    {constants}

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
{}
    def update_step(self, gradient, variable, learning_rate):
        g, w, lr = gradient, variable, keras.ops.cast(learning_rate, variable.dtype)
        i = self._get_variable_index(variable)
        {} = {}
{update}
"#,
        built.concat(),
        names.join(", "),
        values.join(", ")
    )
}
