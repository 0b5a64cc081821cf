//! The loss of each head, the step, the evaluation and the loop.

use crate::plan::Plan;
use crate::python::{main_loop, metric};
use crate::schedule;
use descent_spec::Head;

/// The loss with its gradient for the outputs.
pub(super) fn loss(plan: &Plan) -> String {
    match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } => SOFTMAX.into(),
        Head::Sigmoid => SIGMOID.into(),
        Head::Perceptron => PERCEPTRON.into(),
        Head::Linear | Head::Sampled { .. } => LINEAR.into(),
    }
}

const SOFTMAX: &str = r#"def log_softmax(logits):
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

const SIGMOID: &str = r#"def cross_entropy(logits, y):
    """The mean of −y ln p − (1 − y) ln(1 − p) with p = sigmoid(z), and its gradient: (p − y) / batch."""
    z = logits[:, 0]
    loss = np.logaddexp(0, z) - y * z  # the same, without overflow
    return loss.mean(), ((sigmoid(z) - y) / len(y))[:, None]
"#;

const PERCEPTRON: &str = r#"def perceptron(outputs, y):
    """The mean of max(0, −t z) with t = 2 y − 1, and its gradient: −t / batch at mistakes, where t z ≤ 0, else 0."""
    z, t = outputs[:, 0], 2 * y - 1
    mistakes = t * z <= 0
    return (-t * z * mistakes).mean(), (-t * mistakes / len(y))[:, None]
"#;

const LINEAR: &str = r#"def squared_error(outputs, y):
    """The mean over the batch of (ŷ − y)², and its gradient: 2 (ŷ − y) / batch."""
    difference = outputs[:, 0] - y
    return (difference**2).mean(), (2 / len(y) * difference)[:, None]
"#;

/// `train_step`, `evaluate` and `main`.
pub(super) fn text(plan: &Plan) -> String {
    let outputs = plan.outputs();
    let (name, _) = metric(plan);
    let (loss, total, sum) = match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } => {
            ("cross_entropy", "right", format!("({outputs}.argmax(axis=1) == y[part]).sum()"))
        }
        Head::Sigmoid => ("cross_entropy", "right", format!("(({outputs}[:, 0] > 0) == y[part]).sum()")),
        Head::Perceptron => ("perceptron", "right", format!("((2 * y[part] - 1) * {outputs}[:, 0] > 0).sum()")),
        Head::Linear | Head::Sampled { .. } => ("squared_error", "errors", format!("np.abs({outputs}[:, 0] - y[part]).sum()")),
    };
    let is_constant = schedule::is_constant(plan);
    let (lr, each) = match is_constant {
        true => ("", "            losses.append(train_step(x[batch], y[batch]))".to_owned()),
        false => (
            ", lr",
            format!(
                "            lr = learning_rate(step{})
            losses.append(train_step(x[batch], y[batch], lr))
            step += 1",
                schedule::argument(plan, ", ")
            ),
        ),
    };
    let before = if is_constant { String::new() } else { format!("{}    step = 0\n", schedule::python_steps(plan)) };
    let batches = format!(
        "        order = rng.permutation(len(x))
        losses = []
        for start in range(0, len(x), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
{each}"
    );
    format!(
        r#"def train_step(x, y{lr}):
    """One batch: forward, backward, update. Returns the loss before the update."""
    {outputs}, cache = forward(x, training=True)
    loss, d_{outputs} = {loss}({outputs}, y)
    update(backward(d_{outputs}, cache){lr})
    return float(loss)


def evaluate(x, y):
    """Mean loss and {name} over all examples, a thousand at a time."""
    loss, {total} = 0.0, 0.0
    for start in range(0, len(x), 1000):
        part = slice(start, start + 1000)
        {outputs}, _ = forward(x[part], training=False)
        loss += float({loss}({outputs}, y[part])[0]) * len(y[part])
        {total} += float({sum})
    return loss / len(x), {total} / len(x)


{}"#,
        main_loop(plan, [&before, &batches, ""], str::to_owned)
    )
}
