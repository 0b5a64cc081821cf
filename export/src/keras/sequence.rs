//! Models that read sequences: layers called one after the other, because lengths travel beside the values.

use super::{function, init_name, options};
use crate::plan::{INNER_BIAS, Plan, activation, batch_shape, n_channels, number};
use descent_spec::model::TracedLayer;
use descent_spec::{Cell, Initializer, LayerSpec, Pooling, Returns, Shape};

/// Functions that the model calls.
pub(super) fn functions(plan: &Plan) -> Vec<String> {
    let mut out = Vec::new();
    if plan.last_with_lengths().is_some() {
        out.push(IS_THERE.to_owned());
    }
    if plan.has_cell(Cell::Gru) {
        out.push(ONE_BIAS.into());
        if plan.experiment.model.initializer == Initializer::FanInUniform {
            out.push(GRU_BIAS.into());
        }
    }
    out
}

const IS_THERE: &str = r#"def is_there(x, lengths):
    """1 at the steps of x, [batch, steps, features], that are no padding, else 0: [batch, steps, 1]."""
    steps = keras.ops.arange(x.shape[1], dtype="int32")
    return keras.ops.cast(keras.ops.less(steps, lengths[:, None]), x.dtype)[:, :, None]"#;

const ONE_BIAS: &str = r#"def one_bias(bias):
    """Keras adds two biases for both gates, the page one: the second, in the second row, stays 0."""
    width = bias.shape[1]
    is_kept = keras.ops.cast(np.arange(width) >= 2 * width // 3, bias.dtype)
    return keras.ops.stack([bias[0], bias[1] * is_kept])"#;

const GRU_BIAS: &str = r#"def gru_bias(units):
    first = fan_in_uniform_bias(units)
    return lambda shape, dtype=None: one_bias(first(shape, dtype))"#;

/// `model`, from its inputs on.
pub(super) fn model(plan: &Plan) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = |text: &str| lines.push(text.to_owned());
    match plan.input() {
        Shape::Tokens { steps, .. } => line(&format!("x = tokens = keras.Input(({steps},), dtype=\"int32\")")),
        Shape::Sequence { steps, features } => line(&format!("x = inputs = keras.Input(({steps}, {features}))")),
        other => line(&format!("x = inputs = keras.Input(({},))", other.len())),
    }
    let inputs = if plan.vocabulary() > 0 { "tokens" } else { "inputs" };
    let last_with_lengths = plan.last_with_lengths();
    if last_with_lengths.is_some() {
        line("# A review is filled up with 0.");
        line("lengths = keras.ops.sum(keras.ops.cast(keras.ops.not_equal(tokens, 0), \"int32\"), axis=1)");
        line("lengths = keras.ops.maximum(lengths, 1)");
    }
    if plan.is_one_hot() {
        line(&format!("x = keras.ops.one_hot(tokens, {}, dtype=keras.config.floatx())", plan.vocabulary()));
    }
    for (idx, it) in plan.layers.iter().enumerate() {
        let is_padded = last_with_lengths.is_some_and(|last| idx <= last);
        match &it.layer {
            LayerSpec::Embedding { .. } => {
                line(&layer(plan, it, "x"));
                if is_padded {
                    line("x = x * is_there(x, lengths)");
                }
            }
            LayerSpec::Recurrent { returns, .. } => {
                on_every_step(plan, it, "x").iter().for_each(|it| line(it));
                if *returns == Returns::Last && is_padded {
                    line("# The state after the last token.");
                    line("x = keras.ops.sum(x * keras.ops.one_hot(lengths - 1, x.shape[1])[:, :, None], axis=1)");
                }
            }
            LayerSpec::Conv1d { kernel, .. } => {
                line(&layer(plan, it, "x"));
                if last_with_lengths.is_some_and(|last| idx < last) && *kernel > 1 {
                    line(&format!("lengths = keras.ops.maximum(lengths - {}, 1)", kernel - 1));
                }
            }
            LayerSpec::GlobalPool { pooling } => match (pooling, is_padded) {
                (Pooling::Mean, false) => line("x = keras.layers.GlobalAveragePooling1D()(x)"),
                (Pooling::Max, false) => line("x = keras.layers.GlobalMaxPooling1D()(x)"),
                (Pooling::Mean, true) => {
                    line("x = keras.ops.sum(x * is_there(x, lengths), axis=1) / keras.ops.cast(lengths, x.dtype)[:, None]");
                }
                (Pooling::Max, true) => line("x = keras.ops.max(keras.ops.where(is_there(x, lengths) > 0, x, -1e30), axis=1)"),
            },
            // `code` has refused it.
            LayerSpec::Compare => {}
            LayerSpec::Flatten => line("x = keras.layers.Flatten()(x)"),
            LayerSpec::LayerNorm
            | LayerSpec::Dropout { .. }
            | LayerSpec::Activate { .. }
            | LayerSpec::BatchNorm
            | LayerSpec::Dense { .. } => on_every_step(plan, it, "x").iter().for_each(|it| line(it)),
            // `pair` writes them.
            LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. } => {}
            // Pictures only.
            LayerSpec::Conv2d { .. } | LayerSpec::MaxPool2d { .. } | LayerSpec::AvgPool2d { .. } => {}
        }
    }
    let shape = plan.layers.last().map_or(plan.input(), |it| it.output);
    format!("{}\nmodel = keras.Model({inputs}, x)  # to {}\n", lines.join("\n"), batch_shape(shape))
}

/// The lines that take the sequence `x` through a layer that leaves a sequence, whatever its lengths.
pub(super) fn on_every_step(plan: &Plan, it: &TracedLayer, x: &str) -> Vec<String> {
    let name = &it.name;
    let called = |layer: String| vec![format!("{x} = keras.layers.{layer}({x})")];
    match &it.layer {
        LayerSpec::LayerNorm => called(format!("LayerNormalization(epsilon=1e-5, name=\"{name}\")")),
        LayerSpec::Dropout { rate } => called(format!("Dropout({})", number(*rate))),
        LayerSpec::Activate { activation } => {
            called(format!("Activation({})", function(*activation).unwrap_or_else(|| "\"linear\"".into())))
        }
        LayerSpec::BatchNorm => {
            let about = "# Keras keeps the biased variance; the page and PyTorch keep n / (n − 1) times as much.";
            let norm = called(format!("BatchNormalization(momentum=0.9, epsilon=1e-5, name=\"{name}\")"));
            [vec![about.to_owned()], norm].concat()
        }
        LayerSpec::Recurrent { cell: Cell::Rnn, .. } => {
            let about = "# --check unrolls it: in double precision the states of JAX's loop would change their type.";
            vec![about.to_owned(), layer(plan, it, x)]
        }
        _ => vec![layer(plan, it, x)],
    }
}

/// The call of a layer with weights on `x`.
pub(super) fn layer(plan: &Plan, it: &TracedLayer, x: &str) -> String {
    let inputs = n_channels(it.input);
    let weighted = |first: &[String], fan_in: usize| {
        let mut all = first.to_vec();
        all.extend(options(plan, activation(&it.layer).unwrap_or(descent_spec::Activation::Linear), fan_in, &it.name));
        call(&all, x)
    };
    match &it.layer {
        LayerSpec::Dense { units, .. } => weighted(&[format!("Dense({units}")], inputs),
        LayerSpec::Conv1d { filters, kernel, .. } => {
            weighted(&[format!("Conv1D({filters}"), kernel.to_string()], inputs * kernel)
        }
        LayerSpec::Embedding { features, .. } => call(&embedding(plan, inputs, *features, &it.name), x),
        LayerSpec::Recurrent { cell, units, returns } => call(&recurrent(plan, &it.name, (*cell, *units, *returns)), x),
        _ => String::new(),
    }
}

/// A table of vectors from its class on, argument by argument.
pub(super) fn embedding(plan: &Plan, n_tokens: usize, features: usize, name: &str) -> Vec<String> {
    let mut arguments = vec![format!("Embedding({n_tokens}"), features.to_string()];
    // Keras's own first vectors are uniform in ±0.05.
    arguments.extend(match plan.experiment.model.initializer {
        Initializer::Zeros => Some("embeddings_initializer=\"zeros\"".to_owned()),
        Initializer::FanInUniform | Initializer::UnitNormal => {
            Some("embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0)".to_owned())
        }
        _ => None,
    });
    arguments.extend(regularizer(plan).map(|it| format!("embeddings_regularizer={it}")));
    arguments.push(format!("name=\"{name}\""));
    arguments
}

/// A recurrent layer from its class on, argument by argument.
pub(super) fn recurrent(plan: &Plan, name: &str, (cell, units, returns): (Cell, usize, Returns)) -> Vec<String> {
    let class = match cell {
        Cell::Rnn => "SimpleRNN",
        Cell::Gru => "GRU",
        Cell::Lstm => "LSTM",
    };
    let init = init_name(plan.experiment.model.initializer);
    let mut out = vec![format!("{class}({units}")];
    if returns == Returns::All || plan.last_with_lengths().is_some() {
        out.push("return_sequences=True".into());
    }
    // On JAX Keras's tanh computes in single precision even then, and the loop wants states of one type.
    out.extend((cell == Cell::Rnn).then(|| "unroll=CHECK".into()));
    if plan.experiment.model.initializer == Initializer::FanInUniform {
        let bias = if cell == Cell::Gru { "gru_bias" } else { "fan_in_uniform_bias" };
        out.push(format!("kernel_initializer=fan_in_uniform_bias({units})"));
        out.push(format!("recurrent_initializer={init}()"));
        out.push(format!("bias_initializer={bias}({units})"));
        out.extend((cell == Cell::Lstm).then(|| "unit_forget_bias=False".into()));
    } else {
        out.push(format!("kernel_initializer={init}()"));
        out.push(format!("recurrent_initializer={init}()"));
    }
    out.extend((cell == Cell::Gru).then(|| "bias_constraint=one_bias".into()));
    if let Some(it) = regularizer(plan) {
        out.push(format!("kernel_regularizer={it}"));
        out.push(format!("recurrent_regularizer={it}"));
    }
    out.push(format!("name=\"{name}\""));
    out
}

/// The penalty on weights as an argument; none where there is no penalty.
pub(super) fn regularizer(plan: &Plan) -> Option<&'static str> {
    let training = &plan.experiment.training;
    if training.l1 > 0.0 { Some("penalty") } else { (training.l2 > 0.0).then_some("keras.regularizers.L2(L2 / 2)") }
}

/// `x = keras.layers.Dense(…)(x)` from `Dense(64` and the other arguments: on one line, or one argument a line.
pub(super) fn call(arguments: &[String], x: &str) -> String {
    const WIDTH: usize = 100;
    let line = format!("{x} = keras.layers.{})({x})", arguments.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let broken = arguments.join(",\n    ").replacen('(', "(\n    ", 1);
    format!("{x} = keras.layers.{broken},\n)({x})")
}

/// How `check` puts the page's weights into the layers that only sequences have.
pub(super) fn loaded(plan: &Plan) -> Vec<String> {
    let mut kinds = Vec::new();
    if plan.any(|layer| matches!(layer, LayerSpec::Embedding { .. })) {
        kinds.push(
            "        if isinstance(layer, keras.layers.Embedding):
            layer.set_weights([weights[f\"{layer.name}.weight\"]])"
                .to_owned(),
        );
    }
    if plan.any(|layer| matches!(layer, LayerSpec::Conv1d { .. })) {
        kinds.push(
            "        if isinstance(layer, keras.layers.Conv1D):  # Keras keeps [kernel, features, filters]
            kernel = weights[f\"{layer.name}.weight\"].reshape(layer.kernel.shape)
            layer.set_weights([kernel, weights[f\"{layer.name}.bias\"]])"
                .to_owned(),
        );
    }
    if plan.has_cell(Cell::Rnn) || plan.has_cell(Cell::Lstm) {
        kinds.push(
            "        if isinstance(layer, (keras.layers.SimpleRNN, keras.layers.LSTM)):
            fields = [\"input_weight\", \"hidden_weight\", \"bias\"]
            layer.set_weights([weights[f\"{layer.name}.{field}\"] for field in fields])"
                .to_owned(),
        );
    }
    if plan.has_cell(Cell::Gru) {
        kinds.push(format!(
            r#"        if isinstance(layer, keras.layers.GRU):
            # The page has reset gate, update gate and candidate; Keras has the update gate first.
            def parts(field):
                reset, update, candidate = np.split(weights[f"{{layer.name}}.{{field}}"], 3, axis=-1)
                return np.concatenate([update, reset, candidate], axis=-1)

            inner = weights[f"{{layer.name}}.{INNER_BIAS}"]
            bias = np.stack([parts("bias"), np.pad(inner, (2 * len(inner), 0))])
            layer.set_weights([parts("input_weight"), parts("hidden_weight"), bias])"#
        ));
    }
    kinds
}
