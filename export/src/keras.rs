//! Keras 3: a Sequential model that is compiled and fitted.

use crate::Dialect;
use crate::plan::{Plan, number};
use crate::python::{self, Script};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Initializer, LayerSpec, OptimizerSpec, Padding, Shape};

/// The program.
pub(crate) fn write(plan: &Plan) -> String {
    let (rule, optimizer) = optimizer(&plan.experiment.training.optimizer);
    python::write(
        plan,
        Script {
            dialect: Dialect::Keras,
            packages: "keras jax  # and safetensors, for --check",
            std_imports: &["import os"],
            imports: IMPORTS.into(),
            seeding: SEEDING,
            parts: vec![model(plan), rule, training(plan, &optimizer)],
            check: check(plan),
        },
    )
}

const IMPORTS: &str = "\
CHECK = sys.argv[1:2] == [\"--check\"]  # in double precision, see the end
os.environ.setdefault(\"KERAS_BACKEND\", \"jax\")  # or tensorflow, or torch
os.environ.setdefault(\"JAX_ENABLE_X64\", str(CHECK))

import keras
import numpy as np";

const SEEDING: &str = "\
keras.utils.set_random_seed(SEED)
keras.config.set_floatx(\"float64\" if CHECK else \"float32\")";

fn is_picture(plan: &Plan) -> bool {
    matches!(plan.input(), Shape::Image { .. })
}

fn model(plan: &Plan) -> String {
    let input = match plan.input() {
        Shape::Image { channels, height, width } => format!("({height}, {width}, {channels})"),
        Shape::Flat { units } => format!("({units},)"),
    };
    let mut rows = vec![format!("keras.Input({input}),")];
    for it in &plan.layers {
        rows.extend(layer(plan, it));
    }
    let rows: Vec<String> = rows.iter().map(|row| format!("        {row}\n")).collect();
    let mut functions = vec![initializer(plan.experiment.model.initializer)];
    functions.extend(plan.activations().into_iter().filter_map(own_activation));
    format!("# Model\n\n\n{}\n\n\nmodel = keras.Sequential(\n    [\n{}    ]\n)\n", functions.join("\n\n\n"), rows.concat())
}

/// The rows of one layer.
fn layer(plan: &Plan, it: &TracedLayer) -> Vec<String> {
    let name = &it.name;
    let mut rows = Vec::new();
    match (&it.layer, it.input) {
        (LayerSpec::Dense { units, activation }, input) => {
            if let Shape::Image { channels, .. } = input {
                if channels > 1 {
                    rows.push("keras.layers.Permute((3, 1, 2)),  # flattened channels first, as on the page".into());
                }
                rows.push("keras.layers.Flatten(),".into());
            }
            rows.push(call(&[vec![format!("Dense({units}")], options(plan, *activation, input.len(), name)].concat()));
        }
        (LayerSpec::Conv2d { filters, kernel, padding, activation }, input) => {
            let channels = match input {
                Shape::Image { channels, .. } => channels,
                Shape::Flat { units } => units,
            };
            let padding = match padding {
                Padding::Valid => "valid",
                Padding::Same => "same",
            };
            let first = [format!("Conv2D({filters}"), kernel.to_string(), format!("padding=\"{padding}\"")];
            rows.push(call(&[first.to_vec(), options(plan, *activation, channels * kernel * kernel, name)].concat()));
        }
        (LayerSpec::MaxPool2d { size }, _) => rows.push(format!("keras.layers.MaxPooling2D({size}),")),
        (LayerSpec::AvgPool2d { size }, _) => rows.push(format!("keras.layers.AveragePooling2D({size}),")),
        (LayerSpec::BatchNorm, _) => {
            rows.push("# Keras keeps the biased variance; the page and PyTorch keep n / (n − 1) times as much.".into());
            rows.push(format!("keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=\"{name}\"),"));
        }
        (LayerSpec::Dropout { rate }, _) => rows.push(format!("keras.layers.Dropout({}),", number(*rate))),
        (LayerSpec::Activate { activation }, _) => {
            rows.push(format!("keras.layers.Activation({}),", function(*activation).unwrap_or_else(|| "\"linear\"".into())));
        }
    }
    rows
}

/// A layer's row from `Dense(64` and its other arguments: on one line, or one argument a line where that is too long.
fn call(arguments: &[String]) -> String {
    const WIDTH: usize = 88;
    let line = format!("keras.layers.{}),", arguments.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let indent = "\n            ";
    let broken = arguments.join(&format!(",{indent}")).replacen('(', &format!("({indent}"), 1);
    format!("keras.layers.{broken},\n        ),")
}

/// What dense layers and convolutions share.
fn options(plan: &Plan, activation: Activation, fan_in: usize, name: &str) -> Vec<String> {
    let init = init_name(plan.experiment.model.initializer);
    let mut out: Vec<String> = function(activation).map(|it| format!("activation={it}")).into_iter().collect();
    out.push(format!("kernel_initializer={init}()"));
    match plan.experiment.model.initializer {
        Initializer::FanInUniform => out.push(format!("bias_initializer={init}_bias({fan_in})")),
        // Keras starts biases at zero by itself.
        Initializer::GlorotUniform
        | Initializer::GlorotNormal
        | Initializer::HeUniform
        | Initializer::HeNormal
        | Initializer::Zeros => {}
    }
    if plan.experiment.training.l2 > 0.0 {
        out.push("kernel_regularizer=keras.regularizers.L2(L2 / 2)".into());
    }
    out.push(format!("name=\"{name}\""));
    out
}

/// An activation as an argument; none for the identity.
fn function(activation: Activation) -> Option<String> {
    let text = match activation {
        Activation::Linear => return None,
        Activation::LeakyRelu => "leaky_relu",
        Activation::Relu => "\"relu\"",
        Activation::Elu => "\"elu\"",
        Activation::Gelu => "\"gelu\"",
        Activation::Silu => "\"silu\"",
        Activation::Tanh => "\"tanh\"",
        Activation::Sigmoid => "\"sigmoid\"",
        Activation::Softplus => "\"softplus\"",
    };
    Some(text.into())
}

/// The function of an activation whose definition in Keras is another one.
fn own_activation(activation: Activation) -> Option<String> {
    match activation {
        Activation::LeakyRelu => Some(
            r#"def leaky_relu(x):
    """Keras's own has a slope of 0.2 below 0, and of 1 at exactly 0."""
    return keras.ops.where(x > 0, x, 0.01 * x)"#
                .into(),
        ),
        Activation::Linear
        | Activation::Relu
        | Activation::Elu
        | Activation::Gelu
        | Activation::Silu
        | Activation::Tanh
        | Activation::Sigmoid
        | Activation::Softplus => None,
    }
}

fn init_name(initializer: Initializer) -> &'static str {
    match initializer {
        Initializer::GlorotUniform => "glorot_uniform",
        Initializer::GlorotNormal => "glorot_normal",
        Initializer::HeUniform => "he_uniform",
        Initializer::HeNormal => "he_normal",
        Initializer::FanInUniform => "fan_in_uniform",
        Initializer::Zeros => "zeros",
    }
}

/// A function that makes a fresh initializer: one that is used twice would draw the same numbers twice.
fn initializer(initializer: Initializer) -> String {
    let name = init_name(initializer);
    let (about, scale, mode, distribution) = match initializer {
        Initializer::GlorotUniform => {
            ("Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)).", "1.0", "fan_avg", "uniform")
        }
        Initializer::GlorotNormal => (
            "Glorot and Bengio 2010: normal with σ = √(2 / (fan in + fan out)). Keras's GlorotNormal cuts the tails off.",
            "1.0",
            "fan_avg",
            "untruncated_normal",
        ),
        Initializer::HeUniform => ("He et al. 2015: uniform in ±√(6 / fan in).", "2.0", "fan_in", "uniform"),
        Initializer::HeNormal => (
            "He et al. 2015: normal with σ = √(2 / fan in). Keras's HeNormal cuts the tails off.",
            "2.0",
            "fan_in",
            "untruncated_normal",
        ),
        Initializer::FanInUniform => {
            ("PyTorch's default for weights and biases: uniform in ±1 / √(fan in).", "1 / 3", "fan_in", "uniform")
        }
        Initializer::Zeros => {
            return "def zeros():\n    \"\"\"All zero: hidden units never become different.\"\"\"\n    return keras.initializers.Zeros()".into();
        }
    };
    let bias = match initializer {
        Initializer::FanInUniform => {
            format!("\n\n\ndef {name}_bias(fan_in):\n    return keras.initializers.RandomUniform(-(fan_in**-0.5), fan_in**-0.5)")
        }
        _ => String::new(),
    };
    format!(
        "def {name}():\n    \"\"\"{about}\"\"\"\n    return keras.initializers.VarianceScaling({scale}, \"{mode}\", \"{distribution}\"){bias}"
    )
}

/// A class for a rule that Keras defines differently, and how the optimizer is made.
fn optimizer(spec: &OptimizerSpec) -> (String, String) {
    match spec {
        OptimizerSpec::Sgd => (String::new(), "keras.optimizers.SGD(LEARNING_RATE)".into()),
        OptimizerSpec::Momentum { beta } => {
            (String::new(), format!("keras.optimizers.SGD(LEARNING_RATE, momentum={})", number(*beta)))
        }
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
                "        t = keras.ops.cast(self.iterations + 1, w.dtype)
        self.assign(m, self.beta1 * m + (1 - self.beta1) * g)
        self.assign(s, self.beta2 * s + (1 - self.beta2) * g * g)
        m_hat = m / (1 - self.beta1**t)
        s_hat = s / (1 - self.beta2**t)
        self.assign_sub(w, lr * m_hat / (keras.ops.sqrt(s_hat) + self.epsilon))",
            ),
            "Adam(LEARNING_RATE)".into(),
        ),
    }
}

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

fn training(plan: &Plan, optimizer: &str) -> String {
    // With a penalty, Keras's loss is the sum of both; the page tells the cross-entropy alone.
    let cross_entropy = match plan.experiment.training.l2 > 0.0 {
        true => {
            "
        keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name=\"cross_entropy\"),
        \"accuracy\",
    "
        }
        false => "\"accuracy\"",
    };
    let (channels_last, axes) = match is_picture(plan) {
        true => (
            "def channels_last(x):\n    return x.transpose(0, 2, 3, 1)  # as Keras's convolutions take pictures\n\n\n",
            ("channels_last(x)", "(channels_last(x_validation), y_validation)", "channels_last(x_test)"),
        ),
        false => ("", ("x", "(x_validation, y_validation)", "x_test")),
    };
    let (x, validation, x_test) = axes;
    format!(
        r#"# Training

model.compile(
    optimizer={optimizer},
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[{cross_entropy}],
)


{channels_last}def main():
    (x, y), (x_validation, y_validation), (x_test, y_test) = load()
    model.fit(
        {x},
        y,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_data={validation},
        verbose=2,
    )
    scores = model.evaluate({x_test}, y_test, verbose=0, return_dict=True)
    print(f"test: loss {{scores['{loss}']:.4f}}, accuracy {{scores['accuracy']:.2%}}")
"#,
        loss = loss_name(plan)
    )
}

/// What Keras calls the loss without the penalty.
fn loss_name(plan: &Plan) -> &'static str {
    if plan.experiment.training.l2 > 0.0 { "cross_entropy" } else { "loss" }
}

fn check(plan: &Plan) -> String {
    let mut kinds = vec![
        "        if isinstance(layer, keras.layers.Dense):
            layer.set_weights([weights[f\"{layer.name}.weight\"], weights[f\"{layer.name}.bias\"]])",
    ];
    if plan.any(|layer| matches!(layer, LayerSpec::Conv2d { .. })) {
        kinds.push(
            "        if isinstance(layer, keras.layers.Conv2D):
            kernel = weights[f\"{layer.name}.weight\"].transpose(2, 3, 1, 0)
            layer.set_weights([kernel, weights[f\"{layer.name}.bias\"]])",
        );
    }
    if plan.any(|layer| matches!(layer, LayerSpec::BatchNorm)) {
        kinds.push(
            "        if isinstance(layer, keras.layers.BatchNormalization):
            fields = [\"gamma\", \"beta\", \"running_mean\", \"running_var\"]
            layer.set_weights([weights[f\"{layer.name}.{field}\"] for field in fields])",
        );
    }
    let x = if is_picture(plan) { "channels_last(batches[f\"x{n}\"])" } else { "batches[f\"x{n}\"]" };
    format!(
        r#"    from safetensors.numpy import load_file

    weights = load_file(f"{{folder}}/weights.safetensors")
    for layer in model.layers:
{}
    batches = load_file(f"{{folder}}/batches.safetensors")
    losses = []
    for n in range(1, len(batches) // 2 + 1):
        model.reset_metrics()
        x, y = {x}, batches[f"y{{n}}"]
        scores = model.train_on_batch(x, y, return_dict=True)
        losses.append(float(scores["{}"]))
"#,
        kinds.join("\n"),
        loss_name(plan)
    )
}
