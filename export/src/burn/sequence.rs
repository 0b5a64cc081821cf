//! What models that read sequences need beside Burn's own layers: steps that are padding, the last state, convolutions over time.

use super::model::draw;
use super::recurrent;
use crate::plan::{Plan, activation, batch_shape};
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
            lines.extend(is_padded.then(|| line("x = with_padding(x, &lengths, 0.0)", "")));
            lines
        }
        LayerSpec::Recurrent { units, returns, .. } => {
            let steps = match it.input {
                Shape::Sequence { steps, .. } | Shape::Tokens { steps, .. } => steps,
                Shape::Image { .. } | Shape::Flat { .. } | Shape::TokenPair { .. } | Shape::Pair { .. } => 1,
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
                    "x = with_padding(x, &lengths, 0.0).sum_dim(1).squeeze_dim::<2>(1) / lengths.float()".to_owned()
                }
                (Pooling::Max, true) => "x = with_padding(x, &lengths, f32::MIN).max_dim(1).squeeze_dim::<2>(1)".to_owned(),
            };
            vec![line(&run, &shape)]
        }
        _ => return None,
    };
    Some(lines)
}

/// Whether steps that are padding are filled with a value.
fn has_padding(plan: &Plan) -> bool {
    let is_filled = |layer: &LayerSpec| matches!(layer, LayerSpec::Embedding { .. } | LayerSpec::GlobalPool { .. });
    plan.last_with_lengths().is_some() && plan.any(is_filled)
}

/// Structs and functions beside the model.
pub(super) fn functions(plan: &Plan) -> Vec<String> {
    let mut out = Vec::new();
    if has_padding(plan) {
        out.push(WITH_PADDING.to_owned());
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
            out.push(recurrent::text(plan, cell));
        }
    }
    out
}

const WITH_PADDING: &str = r#"/// x, [batch, steps, features], with this value in every step that is padding, behind the lengths [batch, 1].
fn with_padding(x: Tensor<3>, lengths: &Tensor<2, Int>, value: f32) -> Tensor<3> {
    let [batch, steps, features] = x.dims();
    let places = Tensor::<1, Int>::arange(0..steps as i64, &lengths.device()).unsqueeze::<2>().expand([batch, steps]);
    let is_padding = places.greater_equal(lengths.clone().expand([batch, steps]));
    x.mask_fill(is_padding.unsqueeze_dim::<3>(2).expand([batch, steps, features]), value)
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
        | LayerSpec::Flatten
        | LayerSpec::Attend { .. }
        | LayerSpec::Positions
        | LayerSpec::Transformer { .. } => &[],
    }
}
