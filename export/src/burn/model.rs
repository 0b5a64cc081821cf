//! The model's struct, its first weights and its forward pass.

use super::{recurrent, sequence};
use crate::plan::{INNER_BIAS, Plan, activation, batch_shape, n_channels, number, with_comments};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Cell, Head, Initializer, LayerSpec, Padding, Shape};

/// What the model uses.
pub(super) fn uses(plan: &Plan) -> Vec<String> {
    let has = |is: fn(&LayerSpec) -> bool| plan.any(is);
    let (mut lines, mut nn) = sequence::uses(plan);
    nn.extend(if is_default_init(plan) { ["Linear", "LinearConfig"] } else { ["Initializer", "Linear"] });
    if has(|it| matches!(it, LayerSpec::LayerNorm)) {
        nn.extend(["LayerNorm", "LayerNormConfig"]);
    }
    if has(|it| matches!(it, LayerSpec::BatchNorm)) {
        nn.extend(["BatchNorm", "BatchNormConfig"]);
    }
    if has(|it| matches!(it, LayerSpec::Dropout { .. })) {
        nn.extend(["Dropout", "DropoutConfig"]);
    }
    if has(|it| matches!(it, LayerSpec::Conv2d { .. })) {
        nn.push("PaddingConfig2d");
        lines.push("use burn::nn::conv::{Conv2d, Conv2dConfig};".to_owned());
    }
    let mut pools = Vec::new();
    if has(|it| matches!(it, LayerSpec::AvgPool2d { .. })) {
        pools.extend(["AvgPool2d", "AvgPool2dConfig"]);
    }
    if has(|it| matches!(it, LayerSpec::MaxPool2d { .. })) {
        pools.extend(["MaxPool2d", "MaxPool2dConfig"]);
    }
    if !pools.is_empty() {
        lines.push(format!("use burn::nn::pool::{{{}}};", pools.join(", ")));
    }
    nn.sort_unstable();
    nn.dedup();
    lines.push(format!("use burn::nn::{{{}}};", nn.join(", ")));
    let has_gates = plan.has_cell(Cell::Gru) || plan.has_cell(Cell::Lstm);
    if has_gates || plan.activations().iter().any(|it| *it != Activation::LeakyRelu) {
        lines.push("use burn::tensor::activation;".to_owned());
    }
    lines
}

/// Whether Burn's own first weights are the ones wanted.
pub(super) fn is_default_init(plan: &Plan) -> bool {
    plan.experiment.model.initializer == Initializer::FanInUniform
}

/// Struct, `new`, `forward`, the penalty and the functions they need.
pub(super) fn text(plan: &Plan) -> String {
    let kept: Vec<&TracedLayer> = plan.layers.iter().filter(|it| kind(&it.layer).is_some()).collect();
    let fields: Vec<String> =
        kept.iter().map(|it| format!("    {}: {},\n", it.name, kind(&it.layer).unwrap_or_default())).collect();
    let made: Vec<String> = kept.iter().map(|it| format!("            {}: {},\n", it.name, make(it, plan))).collect();
    let (argument, tensor) = (sequence::input(plan), super::input_type(plan));
    let result = match plan.layers.last() {
        // One row for each step of each example.
        Some(it) if plan.head().is_stepwise() => format!("batch · {}", it.output.len() / n_channels(it.output).max(1)),
        _ => "batch".to_owned(),
    };
    let outputs = match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sigmoid => "Logits",
        Head::Perceptron | Head::Linear | Head::Sampled { .. } => "Outputs",
    };
    let penalty = if plan.has_penalty() { penalty(plan) } else { String::new() };
    let mut out = format!(
        r#"#[derive(Module, Debug)]
struct Model {{
{}}}

impl Model {{
    fn new(device: &Device) -> Model {{
        Model {{
{}        }}
    }}

    /// {outputs} [{result}, {}] of {} {}.
    fn forward(&self, {argument}: {tensor}) -> Tensor<2> {{
{}
    }}
{penalty}}}
"#,
        fields.concat(),
        made.concat(),
        plan.head().n_outputs(),
        if argument == "x" { "inputs" } else { argument },
        batch_shape(plan.input()),
        forward(plan),
    );
    for function in functions(plan) {
        out.push('\n');
        out.push_str(&function);
    }
    out
}

/// The type that holds the layer; none for a plain function.
fn kind(layer: &LayerSpec) -> Option<&'static str> {
    match layer {
        LayerSpec::Dense { .. } => Some("Linear"),
        LayerSpec::Conv2d { .. } => Some("Conv2d"),
        LayerSpec::MaxPool2d { .. } => Some("MaxPool2d"),
        LayerSpec::AvgPool2d { .. } => Some("AvgPool2d"),
        LayerSpec::BatchNorm => Some("BatchNorm"),
        LayerSpec::Dropout { .. } => Some("Dropout"),
        LayerSpec::LayerNorm => Some("LayerNorm"),
        LayerSpec::Embedding { .. } => Some("Embedding"),
        LayerSpec::Recurrent { cell, .. } => Some(recurrent::class(*cell)),
        LayerSpec::Conv1d { .. } => Some("Conv1d"),
        LayerSpec::Activate { .. } | LayerSpec::Compare | LayerSpec::Flatten | LayerSpec::GlobalPool { .. } => None,
        // Refused.
        LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. } => None,
    }
}

/// The expression that makes the layer.
fn make(it: &TracedLayer, plan: &Plan) -> String {
    match &it.layer {
        LayerSpec::Dense { units, .. } => {
            // Of a sequence each step is taken by itself.
            let inputs = if matches!(it.input, Shape::Sequence { .. }) { n_channels(it.input) } else { it.input.len() };
            match is_default_init(plan) {
                true => format!("LinearConfig::new({inputs}, {units}).init(device)"),
                false => format!("dense({inputs}, {units}, device)"),
            }
        }
        LayerSpec::Conv2d { filters, kernel, padding, .. } => {
            let padding = match padding {
                Padding::Valid => "Valid",
                Padding::Same => "Same",
            };
            format!("convolution({}, {filters}, {kernel}, PaddingConfig2d::{padding}, device)", n_channels(it.input))
        }
        LayerSpec::MaxPool2d { size } => format!("MaxPool2dConfig::new([{size}, {size}]).with_strides([{size}, {size}]).init()"),
        LayerSpec::AvgPool2d { size } => format!("AvgPool2dConfig::new([{size}, {size}]).with_strides([{size}, {size}]).init()"),
        LayerSpec::BatchNorm => {
            format!("BatchNormConfig::new({}).with_epsilon(1e-5).with_momentum(0.1).init(device)", n_channels(it.input))
        }
        LayerSpec::Dropout { rate } => format!("DropoutConfig::new({}).init()", number(*rate)),
        LayerSpec::LayerNorm => format!("LayerNormConfig::new({}).with_epsilon(1e-5).init(device)", n_channels(it.input)),
        LayerSpec::Embedding { features, .. } => sequence::embedding(plan, n_channels(it.input), *features),
        LayerSpec::Recurrent { cell, units, .. } => {
            format!("{}::new({}, {units}, device)", recurrent::class(*cell), n_channels(it.input))
        }
        LayerSpec::Conv1d { filters, kernel, .. } => {
            format!("stretch({}, {filters}, {kernel}, device)", n_channels(it.input))
        }
        LayerSpec::Activate { .. } | LayerSpec::Compare | LayerSpec::Flatten | LayerSpec::GlobalPool { .. } => String::new(),
        // Refused.
        LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. } => String::new(),
    }
}

fn forward(plan: &Plan) -> String {
    let mut lines: Vec<(String, String)> = sequence::start(plan);
    for (idx, it) in plan.layers.iter().enumerate() {
        if let Some(more) = sequence::forward(plan, idx, it) {
            lines.extend(more);
            continue;
        }
        let last_dim = match it.input {
            Shape::Image { .. } => Some(3),
            Shape::Sequence { .. } => Some(2),
            Shape::Flat { .. } | Shape::Tokens { .. } | Shape::TokenPair { .. } | Shape::Pair { .. } => None,
        };
        let is_flattened = match it.layer {
            LayerSpec::Flatten => true,
            LayerSpec::Dense { .. } => matches!(it.input, Shape::Image { .. }),
            _ => false,
        };
        if let (true, Some(last_dim)) = (is_flattened, last_dim) {
            let flat = batch_shape(Shape::Flat { units: it.input.len() });
            lines.push((format!("        let x = x.flatten::<2>(1, {last_dim});"), flat));
        }
        let run = match kind(&it.layer) {
            Some(_) => format!("self.{}.forward(x)", it.name),
            None => "x".to_owned(),
        };
        let run = activation(&it.layer).map_or(run.clone(), |function| apply(function, &run));
        if run != "x" {
            lines.push((format!("        let x = {run};"), batch_shape(it.output)));
        }
    }
    if plan.head().is_stepwise() {
        lines.push(("        let x = x.flatten::<2>(0, 1);".into(), "one row for each step".into()));
    }
    // The last line is the value of the function.
    if let Some((last, _)) = lines.last_mut() {
        *last = last.replace("let x = ", "").replace(';', "");
    }
    with_comments(&lines, "//")
}

pub(super) fn apply(activation: Activation, x: &str) -> String {
    match activation {
        Activation::Linear => x.to_owned(),
        Activation::Relu => format!("activation::relu({x})"),
        Activation::LeakyRelu => format!("leaky_relu({x})"),
        Activation::Elu => format!("elu({x})"),
        Activation::Gelu => format!("activation::gelu({x})"),
        Activation::Silu => format!("activation::silu({x})"),
        Activation::Tanh => format!("activation::tanh({x})"),
        Activation::Sigmoid => format!("activation::sigmoid({x})"),
        Activation::Softplus => format!("activation::softplus({x}, 1.0)"),
    }
}

/// Burn's initializer and what it is; none where Burn's own first weights are the ones wanted.
pub(super) fn draw(initializer: Initializer) -> Option<(&'static str, &'static str)> {
    match initializer {
        Initializer::GlorotUniform => {
            Some(("XavierUniform { gain: 1.0 }", "Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out))"))
        }
        Initializer::GlorotNormal => {
            Some(("XavierNormal { gain: 1.0 }", "Glorot and Bengio 2010: normal, σ = √(2 / (fan in + fan out))"))
        }
        Initializer::HeUniform => Some((
            "KaimingUniform { gain: std::f64::consts::SQRT_2, fan_out_only: false }",
            "He et al. 2015: uniform in ±√(6 / fan in)",
        )),
        Initializer::HeNormal => Some((
            "KaimingNormal { gain: std::f64::consts::SQRT_2, fan_out_only: false }",
            "He et al. 2015: normal, σ = √(2 / fan in)",
        )),
        Initializer::UnitNormal => {
            Some(("Normal { mean: 0.0, std: 1.0 }", "Normal, σ = 1 whatever the width: deep nets explode"))
        }
        Initializer::Zeros => Some(("Zeros", "All weights zero: hidden units never become different")),
        Initializer::FanInUniform => None,
    }
}

fn functions(plan: &Plan) -> Vec<String> {
    let init = draw(plan.experiment.model.initializer);
    let mut out = Vec::new();
    if let Some((init, about)) = init {
        out.push(format!(
            r#"/// {about}; biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {{
    let initializer = Initializer::{init};
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear {{ weight, bias: Some(Initializer::Zeros.init([units], device)) }}
}}
"#
        ));
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Conv2d { .. })) {
        let made = match init {
            Some((init, _)) => format!(
                "    let initializer = Initializer::{init};
    let mut layer = config.with_initializer(initializer).init(device);
    layer.bias = Some(Initializer::Zeros.init([filters], device));
    layer"
            ),
            None => "    config.init(device)".into(),
        };
        out.push(format!(
            r#"/// A convolution with a square kernel and stride 1, its first weights as those of dense layers.
fn convolution(channels: usize, filters: usize, kernel: usize, padding: PaddingConfig2d, device: &Device) -> Conv2d {{
    let config = Conv2dConfig::new([channels, filters], [kernel, kernel]).with_padding(padding);
{made}
}}
"#
        ));
    }
    out.extend(sequence::functions(plan));
    if plan.activations().contains(&Activation::LeakyRelu) {
        out.push(
            r#"/// x if x > 0, else 0.01 x. Burn's own has a slope of 1 at exactly 0.
fn leaky_relu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.clone().mask_where(x.clone().lower_equal_elem(0.0), x * 0.01)
}
"#
            .into(),
        );
    }
    if plan.activations().contains(&Activation::Elu) {
        out.push(
            r#"/// x if x > 0, else exp(x) − 1; exp is kept away from large x, where it overflows.
fn elu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    activation::relu(x.clone()) + (x.clamp_max(0.0).exp() - 1.0)
}
"#
            .into(),
        );
    }
    out
}

fn penalty(plan: &Plan) -> String {
    let training = &plan.experiment.training;
    let mut kinds = Vec::new();
    if training.l1 > 0.0 {
        kinds.push(("λ ‖w‖₁", "abs()", "L1"));
    }
    if training.l2 > 0.0 {
        kinds.push(("λ/2 ‖w‖²", "square()", "L2 / 2.0"));
    }
    let mut body = String::new();
    for (idx, (_, function, factor)) in kinds.iter().enumerate() {
        let sums: Vec<String> = plan
            .layers
            .iter()
            .flat_map(|it| sequence::weights(&it.layer).iter().map(|field| (&it.name, field)))
            .map(|(name, field)| format!("            self.{name}.{field}.val().{function}.sum(),\n"))
            .collect();
        let name = if *factor == "L1" { "magnitudes" } else { "squares" };
        body.push_str(&format!("        let {name} = vec![\n{}        ];\n", sums.concat()));
        if idx + 1 == kinds.len() {
            let terms: Vec<String> = kinds
                .iter()
                .map(|(_, _, factor)| {
                    let name = if *factor == "L1" { "magnitudes" } else { "squares" };
                    let factor = if factor.contains('/') { format!("({factor})") } else { (*factor).to_owned() };
                    format!("Tensor::cat({name}, 0).sum() * {factor}")
                })
                .collect();
            body.push_str(&format!("        {}\n", terms.join(" + ")));
        }
    }
    let about: Vec<&str> = kinds.iter().map(|(about, ..)| *about).collect();
    format!(
        "
    /// {} over weights and kernels. Burn's own weight decay would pull on biases and batch norm, too.
    fn penalty(&self) -> Tensor<1> {{
{body}    }}
",
        about.join(" + ")
    )
}

/// Every parameter: its place in the struct, its name in the page's file, and whether the place is an `Option`.
pub(super) fn loaded(plan: &Plan) -> Vec<(String, String, bool)> {
    let mut out = Vec::new();
    for it in &plan.layers {
        let fields: &[(&str, bool)] = match it.layer {
            LayerSpec::Dense { .. } | LayerSpec::Conv2d { .. } | LayerSpec::Conv1d { .. } => &[("weight", false), ("bias", true)],
            LayerSpec::BatchNorm => &[("gamma", false), ("beta", false)],
            LayerSpec::LayerNorm => &[("gamma", false), ("beta", true)],
            LayerSpec::Embedding { .. } => &[("weight", false)],
            LayerSpec::Recurrent { cell: Cell::Gru, .. } => {
                &[("input_weight", false), ("hidden_weight", false), ("bias", false), (INNER_BIAS, false)]
            }
            LayerSpec::Recurrent { .. } => &[("input_weight", false), ("hidden_weight", false), ("bias", false)],
            LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. } => &[],
            LayerSpec::MaxPool2d { .. }
            | LayerSpec::AvgPool2d { .. }
            | LayerSpec::Dropout { .. }
            | LayerSpec::Activate { .. }
            | LayerSpec::Compare
            | LayerSpec::Flatten
            | LayerSpec::GlobalPool { .. } => &[],
        };
        out.extend(fields.iter().map(|(field, is_optional)| {
            let place = format!("{}.{field}", it.name);
            (place.clone(), place, *is_optional)
        }));
    }
    out
}
