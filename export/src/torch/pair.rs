//! Models that read one sequence and answer with another: a module with a source and a target side, an encoder and a decoder.

use super::module_of;
use super::sequence::{first_weights, on_every_step};
use crate::plan::{Plan, batch_shape, n_channels, sides, with_comments};
use descent_spec::model::TracedLayer;
use descent_spec::{LayerSpec, Score, Shape};

/// The classes and the model, before its first weights.
pub(super) fn model(plan: &Plan) -> String {
    let made: Vec<String> = plan.layers.iter().enumerate().flat_map(|(idx, it)| modules(plan, idx, it)).collect();
    let result = plan.layers.last().map_or(plan.input(), |it| it.output);
    format!(
        r#"# Model


{}class Model(nn.Module):
    def __init__(self):
        super().__init__()
{}
    def forward(self, tokens):
        """Logits {} of the answers.

        Tokens {} are the source, and behind it what the decoder reads:
        each of its steps answers with the next token.
        """
{}
        return target


model = Model()
{}"#,
        classes(plan),
        made.concat(),
        batch_shape(result),
        batch_shape(plan.input()),
        with_comments(&forward(plan), "#"),
        first_weights(plan),
    )
}

pub(super) const WHOLLY_RIGHT: &str = r#"@torch.no_grad()
def wholly_right(x, y):
    """The share of answers that are right to their end, where the model goes on from its own tokens."""
    model.eval()
    right = 0
    for tokens, part_y in zip(x.split(250), y.split(250)):
        tokens = tokens.clone()
        tokens[:, SOURCE_STEPS + 1 :] = PADDING  # the begin is all that is left of the target
        for _ in range(TARGET_STEPS):  # each pass settles one token more
            logits = model(tokens)
            logits[:, :, [PADDING, BEGIN]] = -torch.inf  # never said
            said = logits.argmax(dim=2)
            tokens[:, SOURCE_STEPS + 1 :] = said[:, :-1]
        right += ((said == part_y) | (part_y < 0)).all(dim=1).sum().item()
    model.train()
    return right / len(x)


"#;

/// Whether the model has attention with this score.
fn attends_by(plan: &Plan, score: Score) -> bool {
    plan.layers.iter().any(|it| it.layer == LayerSpec::Attend { score })
}

/// The modules that PyTorch does not have.
fn classes(plan: &Plan) -> String {
    let of_score = |score, class| if attends_by(plan, score) { class } else { "" };
    let of_place = if plan.any(|layer| *layer == LayerSpec::Positions) { POSITIONS } else { "" };
    [of_place, of_score(Score::Additive, ADDITIVE), of_score(Score::Dot, DOT)].concat()
}

const POSITIONS: &str = r#"class Positions(nn.Module):
    """√d x + p, where p are sines and cosines of the step's number (Vaswani et al. 2017, 3.5)."""

    def __init__(self, steps, features):
        super().__init__()
        angles = np.arange(steps)[:, None] / 10_000 ** (np.arange(0, features, 2) / features)
        waves = np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(steps, -1)[:, :features]
        self.register_buffer("waves", torch.tensor(waves, dtype=torch.float32))

    def forward(self, x):
        _, steps, features = x.shape
        return features**0.5 * x + self.waves[:steps]


"#;

const ADDITIVE: &str = r#"class AdditiveAttention(nn.Module):
    """What each step s of the target takes from the steps h of the source, weighed by v · tanh(h W + s U)
    (Bahdanau et al. 2015); then tanh of a dense layer over both (Luong et al. 2015)."""

    def __init__(self, features):
        super().__init__()
        self.source = nn.Linear(features, features, bias=False)
        self.target = nn.Linear(features, features, bias=False)
        self.score = nn.Linear(features, 1, bias=False)
        self.output = nn.Linear(2 * features, features)

    def forward(self, target, source, is_padding):
        keys, queries = self.source(source)[:, None], self.target(target)[:, :, None]
        scores = self.score(torch.tanh(keys + queries))[..., 0]  # [batch, target, source]
        weights = scores.masked_fill(is_padding[:, None], -torch.inf).softmax(dim=2)
        context = weights @ source  # [batch, target, features]
        return torch.tanh(self.output(torch.cat([context, target], dim=2)))


"#;

const DOT: &str = r#"class DotAttention(nn.Module):
    """What each step s of the target takes from the steps h of the source, weighed by h · s; then tanh of a
    dense layer over both (Luong et al. 2015)."""

    def __init__(self, features):
        super().__init__()
        self.output = nn.Linear(2 * features, features)

    def forward(self, target, source, is_padding):
        scores = target @ source.transpose(1, 2)  # [batch, target, source]
        weights = scores.masked_fill(is_padding[:, None], -torch.inf).softmax(dim=2)
        context = weights @ source  # [batch, target, features]
        return torch.tanh(self.output(torch.cat([context, target], dim=2)))


"#;

/// Whether anything is still to be taken from the source's side of this layer.
fn has_source(plan: &Plan, idx: usize) -> bool {
    plan.last_with_source().is_some_and(|last| idx <= last)
}

/// The assignments that make the modules of one layer.
fn modules(plan: &Plan, idx: usize, it: &TracedLayer) -> Vec<String> {
    let name = &it.name;
    let make = |name: &str, module: String| format!("        self.{name} = {module}\n");
    let Some([source, target]) = sides(it.input) else {
        return super::sequence::module(it).map(|module| make(name, module)).into_iter().collect();
    };
    let features = n_channels(it.input);
    match &it.layer {
        LayerSpec::Embedding { .. } | LayerSpec::Recurrent { .. } => {
            let side = |input| module_of(&TracedLayer { input, ..it.clone() });
            let encoder = has_source(plan, idx).then(|| make(&format!("{name}_encoder"), side(source)));
            encoder.into_iter().chain([make(&format!("{name}_decoder"), side(target))]).collect()
        }
        LayerSpec::Attend { score: Score::Additive } => vec![make(name, format!("AdditiveAttention({features})"))],
        LayerSpec::Attend { score: Score::Dot } => vec![make(name, format!("DotAttention({features})"))],
        LayerSpec::Positions => {
            let steps = source.steps().max(target.steps()).unwrap_or(1);
            vec![make(name, format!("Positions({steps}, {features})"))]
        }
        LayerSpec::Transformer { heads, hidden } => {
            let side = |class: &str| format!("nn.{class}({features}, {heads}, {hidden}, dropout=0.0, batch_first=True)");
            vec![
                make(&format!("{name}_encoder"), side("TransformerEncoderLayer")),
                make(&format!("{name}_decoder"), side("TransformerDecoderLayer")),
            ]
        }
        LayerSpec::Activate { .. } => Vec::new(),
        _ => vec![make(name, module_of(it))],
    }
}

/// The lines of the forward pass, each with the shape behind it.
fn forward(plan: &Plan) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |text: String, note: &str| lines.push((format!("        {text}"), note.to_owned()));
    let Some([of_source, _]) = sides(plan.input()) else { return Vec::new() };
    line("source, target = tokens.split([SOURCE_STEPS, TARGET_STEPS], dim=1)".into(), "");
    if plan.last_with_source().is_some() {
        line("is_padding = source == PADDING".into(), &batch_shape(of_source));
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Transformer { .. })) {
        line("# No step of the answer sees a later one.".into(), "");
        line("is_later = torch.ones(TARGET_STEPS, TARGET_STEPS, dtype=torch.bool).triu(1)".into(), "");
    }
    for (idx, it) in plan.layers.iter().enumerate() {
        let name = &it.name;
        let of_target = sides(it.output).map_or(it.output, |[_, target]| target);
        let shape = batch_shape(of_target);
        if sides(it.input).is_none() {
            line(on_every_step(it, "target"), &shape);
            continue;
        }
        let has_source = has_source(plan, idx);
        let shape_of_source = sides(it.output).map_or(String::new(), |[source, _]| batch_shape(source));
        match &it.layer {
            LayerSpec::Embedding { .. } => {
                if has_source {
                    line(format!("source = self.{name}_encoder(source)"), &shape_of_source);
                }
                line(format!("target = self.{name}_decoder(target)"), &shape);
            }
            LayerSpec::Recurrent { .. } => {
                if let Shape::TokenPair { source_vocabulary, target_vocabulary, .. } = it.input {
                    let dtype = format!("self.{name}_encoder.weight_ih_l0.dtype");
                    line(format!("source = F.one_hot(source, {source_vocabulary}).to({dtype})"), "");
                    line(format!("target = F.one_hot(target, {target_vocabulary}).to({dtype})"), "");
                }
                line(format!("source, _ = self.{name}_encoder(source)"), &shape_of_source);
                line("last = (~is_padding).sum(dim=1) - 1".into(), "the place of each source's end");
                line("state = source[torch.arange(len(source)), last]".into(), "what the decoder goes on from");
                line(format!("target, _ = self.{name}_decoder(target, state[None])"), &shape);
            }
            LayerSpec::Attend { .. } => line(format!("target = self.{name}(target, source, is_padding)"), &shape),
            LayerSpec::Transformer { .. } => {
                let encoder = format!("source = self.{name}_encoder(source, src_key_padding_mask=is_padding)");
                line(encoder, &shape_of_source);
                let masks = "is_later, memory_key_padding_mask=is_padding";
                line(format!("target = self.{name}_decoder(target, source, {masks})"), &shape);
            }
            // Behind these only the answer goes on.
            LayerSpec::Dense { .. } | LayerSpec::LayerNorm => line(on_every_step(it, "target"), &shape),
            _ => {
                if has_source {
                    line(on_every_step(it, "source"), &shape_of_source);
                }
                line(on_every_step(it, "target"), &shape);
            }
        }
    }
    lines
}

/// What `check` needs to put weights into blocks, before it goes through the model.
pub(super) fn helpers(plan: &Plan) -> &'static str {
    if plan.any(|layer| matches!(layer, LayerSpec::Transformer { .. })) { BLOCK } else { "" }
}

const BLOCK: &str = r#"
    def put(layer, weight, bias):
        layer.weight.copy_(weights[weight].T)
        layer.bias.copy_(weights[bias])

    def put_attention(layer, name):
        """PyTorch keeps queries, keys and values in one matrix."""
        parts = ("query", "key", "value")
        layer.in_proj_weight.copy_(torch.cat([weights[f"{name}.{part}_weight"].T for part in parts]))
        layer.in_proj_bias.copy_(torch.cat([weights[f"{name}.{part}_bias"] for part in parts]))
        put(layer.out_proj, f"{name}.output_weight", f"{name}.output_bias")

"#;

/// How `check` puts the page's weights into the layers that only pairs have.
pub(super) fn loaded(plan: &Plan) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    let of_score = [
        (
            Score::Additive,
            "            if isinstance(layer, AdditiveAttention):
                for part in (\"source\", \"target\", \"score\"):
                    getattr(layer, part).weight.copy_(weights[f\"{name}.{part}_weight\"].T)
                layer.output.weight.copy_(weights[f\"{name}.weight\"].T)
                layer.output.bias.copy_(weights[f\"{name}.bias\"])",
        ),
        (
            Score::Dot,
            "            if isinstance(layer, DotAttention):
                layer.output.weight.copy_(weights[f\"{name}.weight\"].T)
                layer.output.bias.copy_(weights[f\"{name}.bias\"])",
        ),
    ];
    kinds.extend(of_score.into_iter().filter(|(score, _)| attends_by(plan, *score)).map(|(_, text)| text));
    if plan.any(|layer| matches!(layer, LayerSpec::Transformer { .. })) {
        kinds.push(
            "            if isinstance(layer, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer):
                is_encoder = isinstance(layer, nn.TransformerEncoderLayer)
                side = name.split(\".\")[0] + (\".source\" if is_encoder else \".target\")
                cross = name.split(\".\")[0] + \".cross\"
                put_attention(layer.self_attn, f\"{side}_attention\")
                put(layer.linear1, f\"{side}_dense.inner_weight\", f\"{side}_dense.inner_bias\")
                put(layer.linear2, f\"{side}_dense.outer_weight\", f\"{side}_dense.outer_bias\")
                norms = [(layer.norm1, f\"{side}_norm\"), (layer.norm2, f\"{side}_end\")]
                if not is_encoder:
                    put_attention(layer.multihead_attn, f\"{cross}_attention\")
                    norms = [norms[0], (layer.norm2, f\"{cross}_norm\"), (layer.norm3, f\"{side}_end\")]
                for norm, its_name in norms:
                    norm.weight.copy_(weights[f\"{its_name}.gamma\"])
                    norm.bias.copy_(weights[f\"{its_name}.beta\"])",
        );
    }
    kinds
}

/// Whether the model has modules within modules.
pub(super) fn is_nested(plan: &Plan) -> bool {
    plan.any(|layer| matches!(layer, LayerSpec::Attend { .. } | LayerSpec::Transformer { .. }))
}

/// Whether a dense layer within a module has no bias.
pub(super) fn has_layer_without_bias(plan: &Plan) -> bool {
    attends_by(plan, Score::Additive)
}
