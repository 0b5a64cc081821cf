//! Keras 3: a model that is compiled and fitted, a Sequential one unless it reads sequences.

mod pair;
mod rule;
mod sequence;
mod training;
mod words;

use crate::plan::{Plan, number};
use crate::python::{self, Script};
use crate::{Dialect, schedule};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Initializer, LayerSpec, Padding, Score, Shape};
use training::{column, loss_name, training};

/// The program.
pub(crate) fn write(plan: &Plan) -> String {
    let (rule, optimizer) = rule::text(&plan.experiment.training.optimizer, schedule::is_constant(plan));
    python::write(
        plan,
        Script {
            dialect: Dialect::Keras,
            packages: "keras jax  # and safetensors, for --check",
            std_imports: if plan.is_pair() { &["import os", "import re"] } else { &["import os"] },
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
    // Word vectors are nothing but tables, which are drawn whatever the initializer says of matrices.
    let mut functions = if plan.is_words() { Vec::new() } else { vec![initializer(plan.experiment.model.initializer)] };
    functions.extend(plan.activations().into_iter().filter_map(own_activation));
    functions.extend(penalty(plan));
    if plan.is_sequence() {
        functions.extend(sequence::functions(plan));
        functions.extend(pair::functions(plan));
        let model = match (plan.is_pair(), plan.is_words()) {
            (true, _) => pair::model(plan),
            (_, true) => words::model(plan),
            _ => sequence::model(plan),
        };
        return match functions.is_empty() {
            true => format!("# Model\n\n{model}"),
            false => format!("# Model\n\n\n{}\n\n\n{model}", functions.join("\n\n\n")),
        };
    }
    let input = match plan.input() {
        Shape::Image { channels, height, width } => format!("({height}, {width}, {channels})"),
        other => format!("({},)", other.len()),
    };
    let mut rows = vec![format!("keras.Input({input}),")];
    for it in &plan.layers {
        rows.extend(layer(plan, it));
    }
    let rows: Vec<String> = rows.iter().map(|row| format!("        {row}\n")).collect();
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
                other => other.len(),
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
        (LayerSpec::LayerNorm, _) => {
            rows.push(format!("keras.layers.LayerNormalization(epsilon=1e-5, name=\"{name}\"),"));
        }
        // `code` has refused it.
        (LayerSpec::Compare, _) => {}
        (LayerSpec::Flatten, input) => {
            if matches!(input, Shape::Image { channels, .. } if channels > 1) {
                rows.push("keras.layers.Permute((3, 1, 2)),  # flattened channels first, as on the page".into());
            }
            rows.push("keras.layers.Flatten(),".into());
        }
        // `pair` writes them.
        (LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. }, _) => {}
        // `sequence` writes them.
        (
            LayerSpec::Embedding { .. } | LayerSpec::Recurrent { .. } | LayerSpec::Conv1d { .. } | LayerSpec::GlobalPool { .. },
            _,
        ) => {}
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
        | Initializer::UnitNormal
        | Initializer::Zeros => {}
    }
    let training = &plan.experiment.training;
    if training.l1 > 0.0 {
        out.push("kernel_regularizer=penalty".into());
    } else if training.l2 > 0.0 {
        out.push("kernel_regularizer=keras.regularizers.L2(L2 / 2)".into());
    }
    out.push(format!("name=\"{name}\""));
    out
}

/// The penalty with L1, whose slope at 0 is 0 on the page and 1 in JAX: weights that start at zero would be pulled away from it.
fn penalty(plan: &Plan) -> Option<String> {
    let training = &plan.experiment.training;
    let (about, l2) = match training.l2 > 0.0 {
        true => ("λ ‖w‖₁ + λ/2 ‖w‖²", " + L2 / 2 * keras.ops.sum(w * w)"),
        false => ("λ ‖w‖₁", ""),
    };
    (training.l1 > 0.0).then(|| {
        format!(
            r#"def penalty(w):
    """{about}; the sign is kept out of the gradient, because JAX's |w| has a slope of 1 at 0."""
    return L1 * keras.ops.sum(w * keras.ops.stop_gradient(keras.ops.sign(w))){l2}"#
        )
    })
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
        Initializer::UnitNormal => "unit_normal",
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
        Initializer::UnitNormal => {
            return "def unit_normal():\n    \"\"\"Normal with σ = 1, whatever the width: deep nets explode.\"\"\"\n    return keras.initializers.RandomNormal(stddev=1.0)".into();
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

fn check(plan: &Plan) -> String {
    let mut kinds = vec![match plan.any(|layer| *layer == LayerSpec::Attend { score: Score::Additive }) {
        true => pair::DENSE,
        false => {
            "        if isinstance(layer, keras.layers.Dense):
            layer.set_weights([weights[f\"{layer.name}.weight\"], weights[f\"{layer.name}.bias\"]])"
        }
    }];
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
    if plan.any(|layer| matches!(layer, LayerSpec::LayerNorm)) {
        kinds.push(
            "        if isinstance(layer, keras.layers.LayerNormalization):
            layer.set_weights([weights[f\"{layer.name}.gamma\"], weights[f\"{layer.name}.beta\"]])",
        );
    }
    let of_sequences = sequence::loaded(plan);
    kinds.extend(of_sequences.iter().map(String::as_str));
    kinds.extend(pair::loaded(plan));
    let renamed = if plan.is_pair() { format!("\n{}\n", pair::RENAMED) } else { String::new() };
    let compile = match schedule::python_check_steps(plan) {
        "" => String::new(),
        steps => format!("{steps}    compile_model(steps_per_epoch)\n"),
    };
    let x = match plan.input() {
        Shape::Image { .. } => "channels_last(batches[f\"x{n}\"])",
        _ if plan.is_words() => words::INPUTS,
        _ => "batches[f\"x{n}\"]",
    };
    let put = match plan.is_words() {
        true => words::LOADED.to_owned(),
        false => format!("    for layer in model.layers:\n{}", kinds.join("\n")),
    };
    format!(
        r#"    from safetensors.numpy import load_file

    weights = load_file(f"{{folder}}/weights.safetensors")
{renamed}{put}
    batches = load_file(f"{{folder}}/batches.safetensors")
{compile}    losses = []
    for n in range(1, len(batches) // 2 + 1):
        model.reset_metrics()
        x, y = {x}, batches[f"y{{n}}"]{}
        scores = model.train_on_batch(x, y, return_dict=True)
        losses.append(float(scores["{}"]))
"#,
        column(plan),
        loss_name(plan)
    )
}
