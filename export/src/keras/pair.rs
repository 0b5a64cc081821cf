//! Models that read one sequence and answer with another: layers on a source and a target, called one after the other.

use super::sequence::{call, layer, on_every_step, recurrent, regularizer};
use super::{init_name, options};
use crate::plan::{Plan, batch_shape, n_channels, sides};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Cell, Initializer, LayerSpec, Score, Shape};

/// Functions that the model calls.
pub(super) fn functions(plan: &Plan) -> Vec<String> {
    let mut out = Vec::new();
    if plan.any(|layer| matches!(layer, LayerSpec::Attend { .. })) {
        out.push(CONTEXT.to_owned());
    }
    if plan.any(|layer| *layer == LayerSpec::Positions) {
        out.push(POSITIONS.into());
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Transformer { .. })) {
        out.extend(block(plan));
    }
    out
}

const CONTEXT: &str = r#"def context(scores, source, is_there):
    """What each step of the target takes from the source, by scores [batch, target, source]."""
    weights = keras.ops.softmax(keras.ops.where(is_there[:, None], scores, -1e9))
    return keras.ops.matmul(weights, source)"#;

const POSITIONS: &str = r#"def positions(x):
    """√d x + p, where p are sines and cosines of the step's number (Vaswani et al. 2017, 3.5)."""
    _, steps, features = x.shape
    angles = np.arange(steps)[:, None] / 10_000 ** (np.arange(0, features, 2) / features)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(steps, -1)[:, :features]
    return features**0.5 * x + waves.astype(x.dtype)"#;

/// The functions of a transformer's block (Vaswani et al. 2017).
fn block(plan: &Plan) -> Vec<String> {
    let init = init_name(plan.experiment.model.initializer);
    let penalty = regularizer(plan).map(|it| format!("\n        kernel_regularizer={it},")).unwrap_or_default();
    let is_fan_in = plan.experiment.model.initializer == Initializer::FanInUniform;
    let bias = if is_fan_in { format!("\n        bias_initializer={init}_bias(features),") } else { String::new() };
    let dense = |units: &str, activation, fan_in: &str, part: &str| {
        let mut arguments = vec![format!("Dense({units}")];
        arguments.extend(options(plan, activation, 0, "").into_iter().filter(|it| !it.starts_with("name=")));
        let name = format!("name=f\"{{name}}_{part}\"");
        arguments.push(name);
        let text = call(&arguments, "x").replace("_bias(0)", &format!("_bias({fan_in})"));
        format!("    {}", text.replace('\n', "\n    "))
    };
    let of_heads = format!(
        r#"class OfHeads(keras.initializers.Initializer):
    """The matrices of all heads are drawn as one, [features, features]."""

    def __call__(self, shape, dtype=None):
        features = round(np.prod(shape) ** 0.5)
        return keras.ops.reshape({init}()((features, features), dtype), shape)"#
    );
    let attention = format!(
        r#"def attention(query, value, heads, name, **mask):
    features = query.shape[-1]
    layer = keras.layers.MultiHeadAttention(
        heads,
        features // heads,
        kernel_initializer=OfHeads(),{bias}{penalty}
        name=name,
    )
    return layer(query, value, **mask)"#
    );
    let step_dense = format!(
        r#"def step_dense(x, hidden, name):
    """Two dense layers on each step."""
    features = x.shape[-1]
{}
{}
    return x"#,
        dense("hidden", Activation::Relu, "features", "inner"),
        dense("features", Activation::Linear, "hidden", "outer"),
    );
    vec![of_heads, attention, step_dense, SIDES.into()]
}

const SIDES: &str = r#"def norm(x, name):
    return keras.layers.LayerNormalization(epsilon=1e-5, name=name)(x)


def encoder_block(x, is_there, heads, hidden, name):
    """Attention of the source over itself, then dense layers (Vaswani et al. 2017)."""
    seen = attention(x, x, heads, f"{name}_source_attention", attention_mask=is_there[:, None])
    x = norm(x + seen, f"{name}_source_norm")
    return norm(x + step_dense(x, hidden, f"{name}_source_dense"), f"{name}_source_end")


def decoder_block(x, source, is_there, heads, hidden, name):
    """The same of the target, which sees no later step, with attention over the source between the two."""
    seen = attention(x, x, heads, f"{name}_target_attention", use_causal_mask=True)
    x = norm(x + seen, f"{name}_target_norm")
    seen = attention(x, source, heads, f"{name}_cross_attention", attention_mask=is_there[:, None])
    x = norm(x + seen, f"{name}_cross_norm")
    return norm(x + step_dense(x, hidden, f"{name}_target_dense"), f"{name}_target_end")"#;

/// `model`, from its inputs on.
pub(super) fn model(plan: &Plan) -> String {
    let Some([source, target]) = sides(plan.input()) else { return String::new() };
    let mut lines: Vec<String> = vec![
        "# The source, and behind it what the decoder reads: each of its steps answers with the next token.".into(),
        "tokens = keras.Input((SOURCE_STEPS + TARGET_STEPS,), dtype=\"int32\")".into(),
        format!(
            "source, target = tokens[:, :SOURCE_STEPS], tokens[:, SOURCE_STEPS:]  # {}, {}",
            batch_shape(source),
            batch_shape(target)
        ),
    ];
    if plan.last_with_source().is_some() {
        lines.push("is_there = keras.ops.not_equal(source, PADDING)".into());
    }
    for (idx, it) in plan.layers.iter().enumerate() {
        match sides(it.input) {
            Some(sides) => lines.extend(on_pair(plan, it, sides, plan.last_with_source().is_some_and(|last| idx <= last))),
            None => lines.extend(on_every_step(plan, it, "target")),
        }
    }
    let shape = plan.layers.last().map_or(plan.input(), |it| it.output);
    format!("{}\nmodel = keras.Model(tokens, target)  # to {}\n", lines.join("\n"), batch_shape(shape))
}

/// The lines of a layer on both sides; of the target alone where nothing is taken from the source any more.
fn on_pair(plan: &Plan, it: &TracedLayer, [source, target]: [Shape; 2], has_source: bool) -> Vec<String> {
    let name = &it.name;
    let features = n_channels(it.input);
    let side = |input, side: &str| TracedLayer { input, name: format!("{name}_{side}"), ..it.clone() };
    let (encoder, decoder) = (side(source, "encoder"), side(target, "decoder"));
    let mut lines = Vec::new();
    match &it.layer {
        LayerSpec::Embedding { .. } => {
            lines.extend(has_source.then(|| layer(plan, &encoder, "source")));
            lines.push(layer(plan, &decoder, "target"));
        }
        LayerSpec::Recurrent { cell, units, returns } => {
            if let Shape::TokenPair { source_vocabulary, target_vocabulary, .. } = it.input {
                for (side, vocabulary) in [("source", source_vocabulary), ("target", target_vocabulary)] {
                    lines.push(format!("{side} = keras.ops.one_hot({side}, {vocabulary}, dtype=keras.config.floatx())"));
                }
            }
            if *cell == Cell::Rnn {
                lines.push("# --check unrolls it: in double precision the states of JAX's loop would change their type.".into());
            }
            let layer = |name: &str, and: Option<&str>| {
                let mut arguments = recurrent(plan, name, (*cell, *units, *returns));
                let place = arguments.iter().position(|it| it == "return_sequences=True").map_or(1, |it| it + 1);
                and.into_iter().for_each(|it| arguments.insert(place, it.to_owned()));
                arguments
            };
            let called = |arguments: Vec<String>, result: &str, with: &str| {
                let text = call(&arguments, "x");
                let text = text.strip_prefix("x = ").unwrap_or(&text);
                format!("{result} = {}({with})", text.strip_suffix("(x)").unwrap_or(text))
            };
            lines.push("# The decoder goes on from the encoder's state after the source's last token.".into());
            let arguments = layer(&encoder.name, Some("return_state=True"));
            lines.push(called(arguments, "source, state", "source, mask=is_there"));
            lines.push(called(layer(&decoder.name, None), "target", "target, initial_state=state"));
        }
        LayerSpec::Attend { score } => {
            match score {
                Score::Additive => {
                    let dense = |units: usize, x: &str, part: &str| {
                        let mut arguments = vec![format!("Dense({units}"), "use_bias=False".to_owned()];
                        arguments.push(format!("kernel_initializer={}()", init_name(plan.experiment.model.initializer)));
                        arguments.extend(regularizer(plan).map(|it| format!("kernel_regularizer={it}")));
                        arguments.push(format!("name=\"{name}_{part}\""));
                        let text = call(&arguments, x);
                        text.strip_prefix(&format!("{x} = ")).unwrap_or(&text).to_owned()
                    };
                    lines.push(
                        "# Attention: v · tanh(h W + s U) weighs the steps h of the source for a step s of the target.".into(),
                    );
                    lines.push(format!("keys = {}", dense(features, "source", "source")));
                    lines.push(format!("queries = {}", dense(features, "target", "target")));
                    lines.push(
                        "sums = keras.ops.tanh(queries[:, :, None] + keys[:, None])  # [batch, target, source, features]".into(),
                    );
                    lines.push(format!("scores = {}[..., 0]", dense(1, "sums", "score")));
                }
                Score::Dot => {
                    lines.push("# Attention: h · s weighs the steps h of the source for a step s of the target.".into());
                    lines.push("scores = keras.ops.matmul(target, keras.ops.transpose(source, (0, 2, 1)))".into());
                }
            }
            lines.push("target = keras.ops.concatenate([context(scores, source, is_there), target], axis=2)".into());
            let dense = vec![format!("Dense({features}")];
            lines.push(call(&[dense, options(plan, Activation::Tanh, 2 * features, name)].concat(), "target"));
        }
        LayerSpec::Positions => {
            lines.extend(has_source.then(|| "source = positions(source)".to_owned()));
            lines.push("target = positions(target)".into());
        }
        LayerSpec::Transformer { heads, hidden } => {
            lines.push(format!("source = encoder_block(source, is_there, {heads}, {hidden}, \"{name}\")"));
            lines.push(format!("target = decoder_block(target, source, is_there, {heads}, {hidden}, \"{name}\")"));
        }
        // Behind these only the answer goes on.
        LayerSpec::Dense { .. } | LayerSpec::LayerNorm => {
            lines.extend(on_every_step(plan, &TracedLayer { input: target, ..it.clone() }, "target"));
        }
        _ => {
            lines.extend(has_source.then(|| on_every_step(plan, it, "source")).into_iter().flatten());
            lines.extend(on_every_step(plan, it, "target"));
        }
    }
    lines
}

/// How `check` calls the page's weights by the names of the layers here.
pub(super) const RENAMED: &str = r#"    def renamed(name):
        """gru1.encoder.bias is gru1_encoder.bias here, attend1.score_weight is attend1_score.weight."""
        name = re.sub(r"^(\w+)\.(\w+)\.", r"\1_\2.", name)
        return re.sub(r"\.(source|target|score|inner|outer)_", r"_\1.", name)

    weights = {renamed(name): value for name, value in weights.items()}
"#;

/// How `check` puts weights into dense layers, some of which have no bias.
pub(super) const DENSE: &str = "        if isinstance(layer, keras.layers.Dense):
            fields = [\"weight\", \"bias\"] if layer.use_bias else [\"weight\"]
            layer.set_weights([weights[f\"{layer.name}.{field}\"] for field in fields])";

/// How `check` puts the page's weights into the layers that only pairs have.
pub(super) fn loaded(plan: &Plan) -> Option<&'static str> {
    plan.any(|layer| matches!(layer, LayerSpec::Transformer { .. })).then_some(
        "        if isinstance(layer, keras.layers.MultiHeadAttention):
            parts = [layer.query_dense, layer.key_dense, layer.value_dense, layer.output_dense]
            for part, its_name in zip(parts, [\"query\", \"key\", \"value\", \"output\"]):
                values = [weights[f\"{layer.name}.{its_name}_{field}\"] for field in (\"weight\", \"bias\")]
                part.set_weights([value.reshape(own.shape) for value, own in zip(values, part.weights)])",
    )
}
