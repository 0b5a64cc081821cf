//! NumPy: arrays only, with the backward pass written out layer by layer. For dense nets; a convolution by hand is another lesson.

mod functions;
mod passes;
mod training;
mod update;

use crate::plan::Plan;
use crate::python::{self, Script};
use crate::{Dialect, Unsupported, schedule};
use descent_spec::model::TracedLayer;
use descent_spec::{Initializer, LayerSpec, Shape};

/// The program, or why there is none.
pub(crate) fn write(plan: &Plan) -> Result<String, Unsupported> {
    plan.layers.iter().try_for_each(possible)?;
    let mut parts = vec![initial(plan)];
    parts.extend(functions::text(plan));
    parts.extend([passes::text(plan), training::loss(plan), update::text(plan), training::text(plan)]);
    Ok(python::write(
        plan,
        Script {
            dialect: Dialect::NumPy,
            packages: "numpy  # and safetensors, for --check",
            std_imports: functions::imports(plan),
            imports: "import numpy as np".into(),
            seeding: "",
            parts,
            check: check(plan),
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
        (LayerSpec::LayerNorm, _) => refuse("a layer norm"),
        (LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. }, _) => {
            refuse("a layer for pairs of sequences")
        }
        (
            LayerSpec::Embedding { .. } | LayerSpec::Recurrent { .. } | LayerSpec::Conv1d { .. } | LayerSpec::GlobalPool { .. },
            _,
        ) => refuse("a layer for sequences"),
        (LayerSpec::Dense { .. }, Shape::Sequence { .. }) => refuse("a dense layer that takes a sequence step by step"),
        (
            LayerSpec::Dense { .. }
            | LayerSpec::BatchNorm
            | LayerSpec::Dropout { .. }
            | LayerSpec::Activate { .. }
            | LayerSpec::Compare
            | LayerSpec::Flatten,
            _,
        ) => Ok(()),
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
        Initializer::UnitNormal => (
            "unit_normal",
            "return rng.normal(0, 1, (fan_in, fan_out))",
            "Normal with σ = 1, whatever the width: deep nets explode.",
        ),
        Initializer::Zeros => ("zeros", "return np.zeros((fan_in, fan_out))", "All zero: hidden units never become different."),
    };
    let bias = |fan_in: usize, units: usize| match plan.experiment.model.initializer {
        Initializer::FanInUniform => format!("{name}({fan_in}, {units})[0]"),
        Initializer::GlorotUniform
        | Initializer::GlorotNormal
        | Initializer::HeUniform
        | Initializer::HeNormal
        | Initializer::UnitNormal
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
            // Nothing is learned here, or `possible` has refused them.
            _ => {}
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

fn check(plan: &Plan) -> String {
    let step = match schedule::is_constant(plan) {
        true => r#"losses.append(train_step(batches[f"x{n}"].astype(np.float64), batches[f"y{n}"]))"#.to_owned(),
        false => format!(
            r#"lr = learning_rate(n - 1{})
        losses.append(train_step(batches[f"x{{n}}"].astype(np.float64), batches[f"y{{n}}"], lr))"#,
            schedule::argument(plan, ", ")
        ),
    };
    format!(
        r#"    from safetensors.numpy import load_file

    weights = load_file(f"{{folder}}/weights.safetensors")
    params.update({{name: values.astype(np.float64) for name, values in weights.items()}})
    batches = load_file(f"{{folder}}/batches.safetensors")
{}    losses = []
    for n in range(1, len(batches) // 2 + 1):
        {step}
"#,
        schedule::python_check_steps(plan)
    )
}
