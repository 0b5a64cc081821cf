//! What models that read sequences need beside Burn's own layers: cells with one bias, and steps that are padding.

use super::model::{draw, is_default_init};
use crate::plan::{INNER_BIAS, Plan, activation, batch_shape};
use descent_spec::model::TracedLayer;
use descent_spec::{Cell, Initializer, LayerSpec, Pooling, Returns, Shape};

/// What they use.
pub(super) fn uses(plan: &Plan) -> (Vec<String>, Vec<&'static str>) {
    let has = |is: fn(&LayerSpec) -> bool| plan.any(is);
    let (mut lines, mut nn) = (Vec::new(), Vec::new());
    if has(|it| matches!(it, LayerSpec::Embedding { .. })) {
        nn.extend(["Embedding", "EmbeddingConfig", "Initializer"]);
    }
    if has(|it| matches!(it, LayerSpec::Conv1d { .. })) {
        lines.push("use burn::nn::conv::{Conv1d, Conv1dConfig};".to_owned());
    }
    if plan.has_recurrent() {
        nn.push("Initializer");
    }
    (lines, nn)
}

/// The type that holds a recurrent layer.
pub(super) fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Rnn => "Rnn",
        Cell::Gru => "Gru",
        Cell::Lstm => "Lstm",
    }
}

/// The name of the input within `forward`.
pub(super) fn input(plan: &Plan) -> &'static str {
    if plan.vocabulary() > 0 { "tokens" } else { "x" }
}

/// The first lines of `forward`.
pub(super) fn start(plan: &Plan) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    if plan.last_with_lengths().is_some() {
        let count = "tokens.clone().not_equal_elem(0).int().sum_dim(1).clamp_min(1)";
        lines.push((format!("        let lengths = {count};"), "[batch, 1]".to_owned()));
    }
    if plan.is_one_hot() {
        let (steps, vocabulary) = (plan.input().len(), plan.vocabulary());
        let run = format!("        let x = tokens.one_hot::<3>({vocabulary}).float();");
        lines.push((run, format!("[batch, {steps}, {vocabulary}]")));
    }
    lines
}

/// The lines of `forward` for a layer that only sequences have; none for others.
pub(super) fn forward(plan: &Plan, idx: usize, it: &TracedLayer) -> Option<Vec<(String, String)>> {
    let last_with_lengths = plan.last_with_lengths();
    let is_padded = last_with_lengths.is_some_and(|last| idx <= last);
    let (name, shape) = (&it.name, batch_shape(it.output));
    let line = |text: &str, note: &str| (format!("        let {text};"), note.to_owned());
    let lines = match &it.layer {
        LayerSpec::Embedding { .. } => {
            let mut lines = vec![line(&format!("x = self.{name}.forward(tokens)"), &shape)];
            lines.extend(is_padded.then(|| line("x = x.clone().mask_fill(is_missing(&x, &lengths), 0.0)", "")));
            lines
        }
        LayerSpec::Recurrent { units, returns, .. } => {
            let steps = match it.input {
                Shape::Sequence { steps, .. } | Shape::Tokens { steps, .. } => steps,
                Shape::Image { .. } | Shape::Flat { .. } => 1,
            };
            let every = batch_shape(Shape::Sequence { steps, features: *units });
            let mut lines = vec![line(&format!("x = self.{name}.forward(x)"), &every)];
            match (returns, is_padded) {
                (Returns::All, _) => {}
                (Returns::Last, false) => {
                    let run = format!("x = x.narrow(1, {}, 1).squeeze_dim::<2>(1)", steps - 1);
                    lines.push(line(&run, &format!("{shape}: the last state")));
                }
                (Returns::Last, true) => lines.push(line("x = at(x, lengths - 1)", &format!("{shape}: after the last token"))),
            }
            lines
        }
        LayerSpec::Conv1d { kernel, .. } => {
            let run = format!("self.{name}.forward(x.swap_dims(1, 2)).swap_dims(1, 2)");
            let run = activation(&it.layer).map_or(run.clone(), |function| super::model::apply(function, &run));
            let mut lines = vec![line(&format!("x = {run}"), &shape)];
            if last_with_lengths.is_some_and(|last| idx < last) && *kernel > 1 {
                lines.push(line(&format!("lengths = (lengths - {}).clamp_min(1)", kernel - 1), ""));
            }
            lines
        }
        LayerSpec::GlobalPool { pooling } => {
            let run = match (pooling, is_padded) {
                (Pooling::Mean, false) => "x = x.mean_dim(1).squeeze_dim::<2>(1)".to_owned(),
                (Pooling::Max, false) => "x = x.max_dim(1).squeeze_dim::<2>(1)".to_owned(),
                (Pooling::Mean, true) => {
                    "x = x.clone().mask_fill(is_missing(&x, &lengths), 0.0).sum_dim(1).squeeze_dim::<2>(1) / lengths.float()"
                        .to_owned()
                }
                (Pooling::Max, true) => {
                    "x = x.clone().mask_fill(is_missing(&x, &lengths), f32::MIN).max_dim(1).squeeze_dim::<2>(1)".to_owned()
                }
            };
            vec![line(&run, &shape)]
        }
        _ => return None,
    };
    Some(lines)
}

/// Whether steps that are padding are left out by a mask.
pub(super) fn has_missing(plan: &Plan) -> bool {
    let is_masked = |layer: &LayerSpec| matches!(layer, LayerSpec::Embedding { .. } | LayerSpec::GlobalPool { .. });
    plan.last_with_lengths().is_some() && plan.any(is_masked)
}

/// Structs and functions beside the model.
pub(super) fn functions(plan: &Plan) -> Vec<String> {
    let mut out = Vec::new();
    if has_missing(plan) {
        out.push(IS_MISSING.to_owned());
    }
    let is_last = |it: &TracedLayer| matches!(it.layer, LayerSpec::Recurrent { returns: Returns::Last, .. });
    if plan.last_with_lengths().is_some() && plan.layers.iter().any(is_last) {
        out.push(AT.to_owned());
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Conv1d { .. })) {
        out.push(convolution(plan));
    }
    for cell in [Cell::Rnn, Cell::Gru, Cell::Lstm] {
        if plan.has_cell(cell) {
            out.push(recurrent(plan, cell));
        }
    }
    out
}

const IS_MISSING: &str = r#"/// Which steps of x, [batch, steps, features], are padding, behind the lengths [batch, 1].
fn is_missing(x: &Tensor<3>, lengths: &Tensor<2, Int>) -> Tensor<3, Bool> {
    let [batch, steps, features] = x.dims();
    let places = Tensor::<1, Int>::arange(0..steps as i64, &lengths.device()).unsqueeze::<2>().expand([batch, steps]);
    let missing = places.greater_equal(lengths.clone().expand([batch, steps]));
    missing.unsqueeze_dim::<3>(2).expand([batch, steps, features])
}
"#;

const AT: &str = r#"/// What x, [batch, steps, features], is at one step of each example, [batch, 1].
fn at(x: Tensor<3>, step: Tensor<2, Int>) -> Tensor<2> {
    let [batch, _, features] = x.dims();
    x.gather(1, step.unsqueeze_dim::<3>(2).expand([batch, 1, features])).squeeze_dim::<2>(1)
}
"#;

fn convolution(plan: &Plan) -> String {
    let made = match draw(plan.experiment.model.initializer) {
        Some((init, _)) => format!(
            "    let initializer = Initializer::{init};
    let mut layer = config.with_initializer(initializer).init(device);
    layer.bias = Some(Initializer::Zeros.init([filters], device));
    layer"
        ),
        None => "    config.init(device)".into(),
    };
    format!(
        r#"/// A convolution over time, its first weights as those of dense layers. It takes [batch, features, steps].
fn stretch(features: usize, filters: usize, kernel: usize, device: &Device) -> Conv1d {{
    let config = Conv1dConfig::new(features, filters, kernel);
{made}
}}
"#
    )
}

/// How an embedding is made.
pub(super) fn embedding(plan: &Plan, vocabulary: usize, features: usize) -> String {
    let initializer = match plan.experiment.model.initializer {
        Initializer::Zeros => "Zeros",
        Initializer::FanInUniform | Initializer::UnitNormal => "Normal { mean: 0.0, std: 1.0 }",
        // Keras's.
        _ => "Uniform { min: -0.05, max: 0.05 }",
    };
    format!("EmbeddingConfig::new({vocabulary}, {features}).with_initializer(Initializer::{initializer}).init(device)")
}

/// A recurrent layer, step by step.
fn recurrent(plan: &Plan, cell: Cell) -> String {
    let n_gates = cell.n_gates();
    let (about, note) = match cell {
        Cell::Rnn => ("h = tanh(x W + h₋₁ U + b) (Elman 1990).", ""),
        Cell::Gru => (
            "A GRU (Cho et al. 2014): h = (1 − z) n + z h₋₁. What each unit sums up lies part by part: reset gate, update gate, candidate.",
            "\n/// Burn's own adds two biases for the gates as well.",
        ),
        Cell::Lstm => (
            "An LSTM (Hochreiter and Schmidhuber 1997): c = f c₋₁ + i g, h = o tanh(c). What each unit sums up lies part by part: input\n/// gate, forget gate, candidate, output gate.",
            " Burn's own adds two biases.",
        ),
    };
    let class = class(cell);
    let is_gru = cell == Cell::Gru;
    let (inner_field, inner_made) = match (is_gru, is_default_init(plan)) {
        (false, _) => (String::new(), String::new()),
        (true, true) => (
            format!("    {INNER_BIAS}: Param<Tensor<1>>,\n"),
            format!("            {INNER_BIAS}: initializer.init([units], device),\n"),
        ),
        (true, false) => (
            format!("    {INNER_BIAS}: Param<Tensor<1>>,\n"),
            format!("            {INNER_BIAS}: Initializer::Zeros.init([units], device),\n"),
        ),
    };
    let width = if n_gates == 1 { "units".to_owned() } else { format!("{n_gates} * units") };
    let (initializer, weights, bias) = match draw(plan.experiment.model.initializer) {
        None => (
            "        // As PyTorch draws all of them.\n        let bound = 1.0 / (units as f64).sqrt();\n        let initializer = Initializer::Uniform { min: -bound, max: bound };\n".to_owned(),
            ["inputs", "units"].map(|rows| format!("initializer.init([{rows}, {width}], device)")),
            format!("initializer.init([{width}], device)"),
        ),
        Some((init, _)) => (
            format!("        let initializer = Initializer::{init};\n"),
            ["inputs", "units"].map(|rows| format!("initializer.init_with([{rows}, {width}], Some({rows}), Some({width}), device)")),
            match cell {
                Cell::Lstm => "Param::from_tensor(Tensor::cat(vec![zeros.clone(), zeros.clone() + 1.0, zeros.clone(), zeros], 0))".into(),
                Cell::Rnn | Cell::Gru => format!("Initializer::Zeros.init([{width}], device)"),
            },
        ),
    };
    let zeros = match cell {
        Cell::Lstm if !is_default_init(plan) => {
            "        // The forget gate begins by remembering.\n        let zeros = Tensor::<1>::zeros([units], device);\n"
        }
        _ => "",
    };
    let [of_input, of_state] = weights;
    let step = match cell {
        Cell::Rnn => {
            "            h = (x.matmul(self.input_weight.val()) + h.matmul(self.hidden_weight.val()) + self.bias.val().unsqueeze::<2>()).tanh();"
                .to_owned()
        }
        Cell::Gru => format!(
            "            let below = x.matmul(self.input_weight.val()) + self.bias.val().unsqueeze::<2>();
            let before = h.clone().matmul(self.hidden_weight.val());
            let part = |sums: &Tensor<2>, n: usize| sums.clone().narrow(1, n * units, units);
            let r = activation::sigmoid(part(&below, 0) + part(&before, 0));
            let z = activation::sigmoid(part(&below, 1) + part(&before, 1));
            let n = (part(&below, 2) + r * (part(&before, 2) + self.{INNER_BIAS}.val().unsqueeze::<2>())).tanh();
            h = n.clone() + z * (h - n);"
        ),
        Cell::Lstm => "            let sums = x.matmul(self.input_weight.val()) + h.matmul(self.hidden_weight.val()) + self.bias.val().unsqueeze::<2>();
            let part = |n: usize| sums.clone().narrow(1, n * units, units);
            let (i, f) = (activation::sigmoid(part(0)), activation::sigmoid(part(1)));
            let (g, o) = (part(2).tanh(), activation::sigmoid(part(3)));
            c = f * c + i * g;
            h = o * c.clone().tanh();"
            .to_owned(),
    };
    let cell_state = if cell == Cell::Lstm { "        let mut c = h.clone();\n" } else { "" };
    format!(
        r#"/// {about}{note}
#[derive(Module, Debug)]
struct {class} {{
    input_weight: Param<Tensor<2>>,
    hidden_weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
{inner_field}}}

impl {class} {{
    fn new(inputs: usize, units: usize, device: &Device) -> {class} {{
{initializer}{zeros}        {class} {{
            input_weight: {of_input},
            hidden_weight: {of_state},
            bias: {bias},
{inner_made}        }}
    }}

    /// The state after every step, [batch, steps, units], of [batch, steps, inputs].
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {{
        let ([batch, steps, _], [units, _]) = (x.dims(), self.hidden_weight.val().dims());
        let mut h = Tensor::<2>::zeros([batch, units], &x.device());
{cell_state}        let mut states = Vec::new();
        for t in 0..steps {{
            let x = x.clone().narrow(1, t, 1).squeeze_dim::<2>(1);
{step}
            states.push(h.clone());
        }}
        Tensor::stack(states, 1)
    }}
}}
"#
    )
}

/// Fields that hold weights and kernels.
pub(super) fn weights(layer: &LayerSpec) -> &'static [&'static str] {
    match layer {
        LayerSpec::Dense { .. } | LayerSpec::Conv2d { .. } | LayerSpec::Conv1d { .. } | LayerSpec::Embedding { .. } => {
            &["weight"]
        }
        LayerSpec::Recurrent { .. } => &["input_weight", "hidden_weight"],
        LayerSpec::MaxPool2d { .. }
        | LayerSpec::AvgPool2d { .. }
        | LayerSpec::BatchNorm
        | LayerSpec::Dropout { .. }
        | LayerSpec::Activate { .. }
        | LayerSpec::GlobalPool { .. }
        | LayerSpec::LayerNorm
        | LayerSpec::Compare
        | LayerSpec::Flatten => &[],
    }
}
