//! Models that read sequences: a module with a forward pass of its own, because recurrent layers hand on more than one thing.

use super::{module_of, pair};
use crate::plan::{INNER_BIAS, Plan, activation, batch_shape, with_comments};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::{Activation, Cell, Initializer, LayerSpec, Pooling, Returns, Shape};

/// The class and the model, before its first weights.
pub(super) fn model(plan: &Plan) -> String {
    let made: Vec<String> =
        plan.layers.iter().filter_map(|it| module(it).map(|module| format!("        self.{} = {module}\n", it.name))).collect();
    let is_padded = plan.last_with_lengths().is_some();
    let is_there = if is_padded { IS_THERE } else { "" };
    let (argument, about) = match plan.input() {
        Shape::Tokens { is_padded: true, .. } => ("tokens", "tokens, which 0 fills up"),
        Shape::Tokens { .. } => ("tokens", "tokens"),
        _ => ("x", "inputs"),
    };
    let outputs = if plan.outputs() == "logits" { "Logits" } else { "Outputs" };
    let result = plan.layers.last().map_or(plan.input(), |it| it.output);
    format!(
        r#"# Model


{is_there}class Model(nn.Module):
    def __init__(self):
        super().__init__()
{}
    def forward(self, {argument}):
        """{outputs} {} of {about} {}."""
{}
        return x


model = Model()
{}"#,
        made.concat(),
        batch_shape(result),
        batch_shape(plan.input()),
        with_comments(&forward(plan), "#"),
        first_weights(plan),
    )
}

const IS_THERE: &str = r#"def is_there(x, lengths):
    """Which steps of x, [batch, steps, features], are no padding: [batch, steps, 1]."""
    return (torch.arange(x.shape[1]) < lengths[:, None])[:, :, None]


"#;

/// The module that holds the layer; none for a plain function.
pub(super) fn module(it: &TracedLayer) -> Option<String> {
    match it.layer {
        LayerSpec::GlobalPool { .. } | LayerSpec::Compare | LayerSpec::Flatten | LayerSpec::Activate { .. } => None,
        _ => Some(module_of(it)),
    }
}

/// The lines of the forward pass, each with the shape behind it.
fn forward(plan: &Plan) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |text: String, note: &str| lines.push((format!("        {text}"), note.to_owned()));
    let last_with_lengths = plan.last_with_lengths();
    if last_with_lengths.is_some() {
        line("lengths = (tokens != 0).sum(dim=1).clamp(min=1)".into(), "[batch]");
    }
    if plan.is_one_hot() {
        let dtype = plan.layers.first().map_or(String::new(), |it| format!("self.{}.weight_ih_l0.dtype", it.name));
        let (vocabulary, steps) = (plan.vocabulary(), plan.input().len());
        line(format!("x = F.one_hot(tokens, {vocabulary}).to({dtype})"), &format!("[batch, {steps}, {vocabulary}]"));
    }
    for (idx, it) in plan.layers.iter().enumerate() {
        let (name, shape) = (&it.name, batch_shape(it.output));
        // Lengths are kept up as long as a layer further up asks for them.
        let is_padded = last_with_lengths.is_some_and(|last| idx <= last);
        match &it.layer {
            LayerSpec::Embedding { .. } => {
                line(format!("x = self.{name}(tokens)"), &shape);
                if is_padded {
                    line("x = x * is_there(x, lengths)".into(), "");
                }
            }
            LayerSpec::Recurrent { returns, .. } => {
                line(on_every_step(it, "x"), &batch_shape(every_state(it)));
                match (returns, is_padded) {
                    (Returns::All, _) => {}
                    (Returns::Last, false) => line("x = x[:, -1]".into(), &format!("{shape}: the last state")),
                    (Returns::Last, true) => {
                        line(
                            "x = x[torch.arange(len(x)), lengths - 1]".into(),
                            &format!("{shape}: the state after the last token"),
                        );
                    }
                }
            }
            LayerSpec::Conv1d { kernel, .. } => {
                line(on_every_step(it, "x"), &shape);
                if last_with_lengths.is_some_and(|last| idx < last) && *kernel > 1 {
                    line(format!("lengths = (lengths - {}).clamp(min=1)", kernel - 1), "");
                }
            }
            LayerSpec::GlobalPool { pooling } => {
                let run = match (pooling, is_padded) {
                    (Pooling::Mean, false) => "x.mean(dim=1)",
                    (Pooling::Mean, true) => "(x * is_there(x, lengths)).sum(dim=1) / lengths[:, None]",
                    (Pooling::Max, false) => "x.max(dim=1).values",
                    (Pooling::Max, true) => "x.masked_fill(~is_there(x, lengths), -torch.inf).max(dim=1).values",
                };
                line(format!("x = {run}"), &shape);
            }
            // `code` has refused it.
            LayerSpec::Compare => {}
            LayerSpec::Flatten => line("x = x.flatten(start_dim=1)".into(), &shape),
            LayerSpec::Activate { .. }
            | LayerSpec::Dense { .. }
            | LayerSpec::Conv2d { .. }
            | LayerSpec::MaxPool2d { .. }
            | LayerSpec::AvgPool2d { .. }
            | LayerSpec::BatchNorm
            | LayerSpec::Dropout { .. }
            | LayerSpec::LayerNorm
            | LayerSpec::Attend { .. }
            | LayerSpec::Positions
            | LayerSpec::Transformer { .. } => {
                line(on_every_step(it, "x"), &shape);
            }
        }
    }
    lines
}

/// The statement that takes the sequence `x` through a layer that leaves a sequence, whatever its lengths.
pub(super) fn on_every_step(it: &TracedLayer, x: &str) -> String {
    let name = &it.name;
    let run = match &it.layer {
        LayerSpec::Recurrent { .. } => return format!("{x}, _ = self.{name}({x})"),
        LayerSpec::Conv1d { .. } => format!("self.{name}({x}.transpose(1, 2)).transpose(1, 2)"),
        LayerSpec::Activate { .. } => x.to_owned(),
        _ => format!("self.{name}({x})"),
    };
    format!("{x} = {}", apply(activation(&it.layer), &run))
}

/// The shape of a recurrent layer's states, whatever it hands on.
fn every_state(it: &TracedLayer) -> Shape {
    match (&it.layer, it.input) {
        (LayerSpec::Recurrent { units, .. }, Shape::Sequence { steps, .. } | Shape::Tokens { steps, .. }) => {
            Shape::Sequence { steps, features: *units }
        }
        _ => it.output,
    }
}

fn apply(activation: Option<Activation>, x: &str) -> String {
    match activation {
        None | Some(Activation::Linear) => x.to_owned(),
        Some(Activation::LeakyRelu) => format!("F.leaky_relu({x}, 0.01)"),
        Some(function @ (Activation::Tanh | Activation::Sigmoid)) => format!("torch.{}({x})", function.id()),
        Some(function @ (Activation::Relu | Activation::Elu | Activation::Gelu | Activation::Silu | Activation::Softplus)) => {
            format!("F.{}({x})", function.id())
        }
    }
}

/// First weights of every kind of layer, and the biases that PyTorch has twice.
pub(super) fn first_weights(plan: &Plan) -> String {
    let (about, draw) = super::draw(plan.experiment.model.initializer);
    let mut kinds = Vec::new();
    let has_convolution = plan.any(|layer| matches!(layer, LayerSpec::Conv1d { .. }));
    let draw_into = |weight: &str| draw.map(|draw| draw.replace("layer.weight", weight));
    if let Some(draw) = draw_into("layer.weight") {
        let dense = if has_convolution { "nn.Conv1d | nn.Linear" } else { "nn.Linear" };
        let bias = match pair::has_layer_without_bias(plan) {
            true => "if layer.bias is not None:\n            nn.init.zeros_(layer.bias)",
            false => "nn.init.zeros_(layer.bias)",
        };
        kinds.push(format!("    if isinstance(layer, {dense}):\n        {draw}\n        {bias}\n"));
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Transformer { .. })) {
        kinds.push(match draw_into("weight") {
            Some(draw) => format!(
                "    if isinstance(layer, nn.MultiheadAttention):  # queries, keys and values are three matrices in one
        for weight in layer.in_proj_weight.detach().chunk(3):
            {draw}\n"
            ),
            None => "    if isinstance(layer, nn.MultiheadAttention):  # where PyTorch's own are Glorot's, and biases 0
        bound = layer.embed_dim**-0.5
        for parameter in (layer.in_proj_weight, layer.in_proj_bias, layer.out_proj.bias):
            nn.init.uniform_(parameter, -bound, bound)\n"
                .into(),
        });
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Embedding { .. })) {
        let draw = match plan.experiment.model.initializer {
            Initializer::Zeros => Some("nn.init.zeros_(layer.weight)"),
            // PyTorch's own are these.
            Initializer::FanInUniform | Initializer::UnitNormal => None,
            _ => Some("nn.init.uniform_(layer.weight, -0.05, 0.05)  # as Keras does; PyTorch's own are normal, σ = 1"),
        };
        kinds.extend(draw.map(|draw| format!("    if isinstance(layer, nn.Embedding):\n        {draw}\n")));
    }
    if plan.has_recurrent() {
        if let (Some(of_input), Some(of_state)) = (draw_into("layer.weight_ih_l0"), draw_into("layer.weight_hh_l0")) {
            kinds.push(format!(
                "    if isinstance(layer, nn.RNNBase):\n        {of_input}\n        {of_state}\n        nn.init.zeros_(layer.bias_ih_l0)\n"
            ));
            if plan.has_cell(Cell::Gru) {
                kinds.push("        nn.init.zeros_(layer.bias_hh_l0)\n".into());
            }
            if plan.has_cell(Cell::Lstm) {
                kinds.push(
                    "    if isinstance(layer, nn.LSTM):  # the forget gate begins by remembering
        with torch.no_grad():
            layer.bias_ih_l0[layer.hidden_size : 2 * layer.hidden_size] = 1\n"
                        .into(),
                );
            }
        }
        if plan.has_cell(Cell::Rnn) || plan.has_cell(Cell::Lstm) {
            kinds.push(
                "    if isinstance(layer, nn.RNN | nn.LSTM):  # PyTorch adds two biases, the page one: this stays 0
        nn.init.zeros_(layer.bias_hh_l0).requires_grad_(False)\n"
                    .into(),
            );
        }
        if plan.has_cell(Cell::Gru) {
            kinds.push(
                "    if isinstance(layer, nn.GRU):  # PyTorch adds two biases for both gates, the page one: the second stays 0
        n_gates = 2 * layer.hidden_size
        with torch.no_grad():
            layer.bias_hh_l0[:n_gates] = 0
        layer.bias_hh_l0.register_hook(lambda gradient, n=n_gates: F.pad(gradient[n:], (n, 0)))\n"
                    .into(),
            );
        }
    }
    match kinds.is_empty() {
        true => format!("# {about}.\n"),
        false => {
            let modules = if pair::is_nested(plan) { "modules" } else { "children" };
            format!("\n# {about}.\nfor layer in model.{modules}():\n{}", kinds.concat())
        }
    }
}

/// How `check` puts the page's weights into the layers that only sequences have.
pub(super) fn loaded(plan: &Plan) -> Vec<String> {
    let mut kinds = Vec::new();
    if plan.any(|layer| matches!(layer, LayerSpec::Embedding { .. })) {
        kinds.push(
            "            if isinstance(layer, nn.Embedding):
                layer.weight.copy_(weights[f\"{name}.weight\"])"
                .to_owned(),
        );
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Conv1d { .. })) {
        kinds.push(
            "            if isinstance(layer, nn.Conv1d):  # [kernel · features, filters] to [filters, features, kernel]
                kernel = weights[f\"{name}.weight\"].unflatten(0, (layer.kernel_size[0], -1))
                layer.weight.copy_(kernel.permute(2, 1, 0))
                layer.bias.copy_(weights[f\"{name}.bias\"])"
                .to_owned(),
        );
    }
    if plan.has_recurrent() {
        kinds.push(
            "            if isinstance(layer, nn.RNNBase):
                layer.weight_ih_l0.copy_(weights[f\"{name}.input_weight\"].T)
                layer.weight_hh_l0.copy_(weights[f\"{name}.hidden_weight\"].T)
                layer.bias_ih_l0.copy_(weights[f\"{name}.bias\"])"
                .to_owned(),
        );
    }
    if plan.has_cell(Cell::Gru) {
        kinds.push(format!(
            "            if isinstance(layer, nn.GRU):  # the candidate's second bias, within the reset gate
                layer.bias_hh_l0[-layer.hidden_size :] = weights[f\"{{name}}.{INNER_BIAS}\"]"
        ));
    }
    kinds
}
