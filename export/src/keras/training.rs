//! `model.compile` and `model.fit`: loss, metrics, penalty and schedule as Keras takes them.

use super::{is_picture, words};
use crate::plan::Plan;
use crate::{python, schedule};
use descent_spec::Head;

pub(super) fn training(plan: &Plan, optimizer: &str) -> String {
    let (loss, metric) = match plan.head() {
        Head::Tokens { .. } if plan.is_pair() => {
            ("SparseCategoricalCrossentropy(from_logits=True", "TokenAccuracy(name=\"accuracy\")")
        }
        Head::Softmax { .. } | Head::Tokens { .. } => ("SparseCategoricalCrossentropy(from_logits=True", "\"accuracy\""),
        Head::Sigmoid => ("BinaryCrossentropy(from_logits=True", "keras.metrics.BinaryAccuracy(name=\"accuracy\", threshold=0)"),
        Head::Perceptron => ("perceptron", "accuracy"),
        Head::Sampled { .. } => ("negative_sampling", "\"accuracy\""),
        Head::Linear => ("MeanSquaredError(", "keras.metrics.MeanAbsoluteError(name=\"error\")"),
    };
    // With a penalty, Keras's loss is the sum of both; the page tells the loss alone.
    let metrics = match plan.has_penalty() {
        true => {
            let alone = match (plan.head(), loss.ends_with('(')) {
                (Head::Perceptron | Head::Sampled { .. }, _) => format!("MeanMetricWrapper({loss}, "),
                (_, true) => loss.to_owned(),
                (_, false) => format!("{loss}, "),
            };
            let alone = match plan.is_pair() {
                true => "TokenLoss(from_logits=True, ".to_owned(),
                false => format!("keras.metrics.{alone}"),
            };
            format!("\n        {alone}name=\"{LOSS_ALONE}\"),\n        {metric},\n    ")
        }
        false => metric.into(),
    };
    // A function of one's own needs no class around it.
    let (functions, loss) = match plan.head() {
        Head::Perceptron => (PERCEPTRON, loss.to_owned()),
        Head::Sampled { .. } => (words::LOSS, loss.to_owned()),
        // A target of −1 is none.
        Head::Tokens { .. } if plan.is_pair() => {
            let loss = format!("keras.losses.{loss}, ignore_class=-1)");
            (if plan.has_penalty() { TOKEN_LOSS_AND_ACCURACY } else { TOKEN_ACCURACY }, loss)
        }
        Head::Tokens { .. } => ("", format!("keras.losses.{loss}, ignore_class=-1)")),
        Head::Softmax { .. } | Head::Sigmoid | Head::Linear => ("", format!("keras.losses.{loss})")),
    };
    let column = column(plan);
    let (_, told) = python::metric(plan);
    let told = told.replace("{accuracy", "{scores['accuracy']").replace("{error", "{scores['error']");
    let loss_name = loss_name(plan);
    let x = |name: &str| if is_picture(plan) { format!("channels_last({name})") } else { name.to_owned() };
    let channels_last = match is_picture(plan) {
        true => "def channels_last(x):\n    return x.transpose(0, 2, 3, 1)  # as Keras's convolutions take pictures\n\n\n",
        false => "",
    };
    let answers = if plan.is_pair() { WHOLLY_RIGHT } else { "" };
    let parts = match plan.has_test() {
        true => "(x, y), (x_validation, y_validation), (x_test, y_test)",
        false => "(x, y), (x_validation, y_validation)",
    };
    let (last, verbose) = match plan.told_epochs() {
        Some(_) => ("validation", 0),
        None => ("", 2),
    };
    let evaluation = |part: &str| {
        format!(
            r#"    scores = model.evaluate({}, y_{part}{column}, verbose=0, return_dict=True)
    print(f"{part}: loss {{scores['{loss_name}']:.4f}}, {told}")
"#,
            x(&format!("x_{part}"))
        )
    };
    // Nothing is printed while very many epochs go by.
    let mut evaluations = if last.is_empty() { String::new() } else { evaluation(last) };
    evaluations.push_str(&python::told_besides(plan, "model.get_layer('word').get_weights()[0]", "x_test, y_test"));
    if plan.has_test() {
        evaluations.push_str(&evaluation("test"));
    }
    let (compile, before) = compile(plan, optimizer, &loss, &metrics);
    // Two empty lines end the functions already.
    let compile = if functions.is_empty() { compile.as_str() } else { compile.trim_start_matches('\n') };
    format!(
        r#"# Training

{functions}{compile}


{channels_last}{answers}def main():
    {parts} = load()
{before}    model.fit(
        {},
        y{column},
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_data=({}, y_validation{column}),
        verbose={verbose},
    )
{evaluations}"#,
        x("x"),
        x("x_validation")
    )
}

const PERCEPTRON: &str = r#"
def to_its_side(y, z):
    return (2 * keras.ops.cast(y, z.dtype) - 1) * z  # t z with t = +1 for class 1, −1 for class 0


def perceptron(y, z):
    """max(0, −t z); where z is 0 the slope is −t, too, so that zero weights learn."""
    is_mistake = keras.ops.cast(to_its_side(y, z) <= 0, z.dtype)
    return keras.ops.mean(-to_its_side(y, z) * is_mistake, axis=-1)


def accuracy(y, z):
    return keras.ops.mean(keras.ops.cast(to_its_side(y, z) > 0, z.dtype), axis=-1)


"#;

const WHOLLY_RIGHT: &str = r#"def wholly_right(x, y):
    """The share of answers that are right to their end, where the model goes on from its own tokens."""
    tokens = x.copy()
    tokens[:, SOURCE_STEPS + 1 :] = PADDING  # the begin is all that is left of the target
    for _ in range(TARGET_STEPS):  # each pass settles one token more
        logits = model.predict(tokens, batch_size=250, verbose=0)
        logits[:, :, [PADDING, BEGIN]] = -np.inf  # never said
        said = logits.argmax(axis=2)
        tokens[:, SOURCE_STEPS + 1 :] = said[:, :-1]
    return ((said == y) | (y < 0)).all(axis=1).mean()


"#;

const TOKEN_ACCURACY: &str = r#"
class TokenAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """The share of tokens that are right; a target of −1 is none."""

    def update_state(self, y, logits, sample_weight=None):
        super().update_state(y, logits, sample_weight=keras.ops.cast(y >= 0, logits.dtype))


"#;

const TOKEN_LOSS_AND_ACCURACY: &str = r#"
class OfTokens:
    """Counts tokens only; a target of −1 is none."""

    def update_state(self, y, logits, sample_weight=None):
        is_token = keras.ops.cast(y >= 0, logits.dtype)
        super().update_state(keras.ops.maximum(y, 0), logits, sample_weight=is_token)


class TokenLoss(OfTokens, keras.metrics.SparseCategoricalCrossentropy):
    pass


class TokenAccuracy(OfTokens, keras.metrics.SparseCategoricalAccuracy):
    pass


"#;

/// `model.compile`, in a function where the schedule has to know how many steps an epoch has; and how `main()` calls that.
fn compile(plan: &Plan, optimizer: &str, loss: &str, metrics: &str) -> (String, String) {
    let call =
        |optimizer: &str| format!("model.compile(\n    optimizer={optimizer},\n    loss={loss},\n    metrics=[{metrics}],\n)");
    if schedule::is_constant(plan) {
        return (call(optimizer), String::new());
    }
    let call = call(&optimizer.replace("LEARNING_RATE", "rate"));
    let (about, rate) = (schedule::keras_about(plan), schedule::keras(plan));
    match schedule::python_steps(plan) {
        "" => (format!("# {about}\nrate = {rate}\n\n{call}"), String::new()),
        steps => {
            let call = call.replace('\n', "\n    ");
            let text = format!("\ndef compile_model(steps_per_epoch):\n    \"\"\"{about}\"\"\"\n    rate = {rate}\n    {call}");
            (text, format!("{steps}    compile_model(steps_per_epoch)\n"))
        }
    }
}

/// Targets of one output are a column, [batch, 1], as that output is.
pub(super) fn column(plan: &Plan) -> &'static str {
    match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => "",
        Head::Sigmoid | Head::Perceptron | Head::Linear => "[:, None]",
    }
}

/// What the loss without the penalty is called.
const LOSS_ALONE: &str = "loss_alone";

/// Keras's name for the loss that the page tells.
pub(super) fn loss_name(plan: &Plan) -> &'static str {
    if plan.has_penalty() { LOSS_ALONE } else { "loss" }
}
