//! Word vectors: skip-gram with negative sampling.

use super::sequence::{call, embedding};
use crate::plan::Plan;
use descent_spec::LayerSpec;

/// `model`, from its inputs on.
pub(super) fn model(plan: &Plan) -> String {
    let of_layer = |layer: &LayerSpec| if let LayerSpec::Embedding { features, .. } = layer { Some(*features) } else { None };
    let features = plan.layers.iter().find_map(|it| of_layer(&it.layer)).unwrap_or(1);
    let table = |name: &str, words: &str| {
        let text = call(&embedding(plan, plan.experiment.data.set.n_words(), features, name), "x");
        let text = text.strip_prefix("x = ").unwrap_or(&text);
        format!("{}({words})", text.strip_suffix("(x)").unwrap_or(text))
    };
    format!(
        r#"# A vector for each word, and another one for it as a neighbour (Mikolov et al. 2013).
words = keras.Input(({n_all},), dtype="int32")  # a word, its neighbour, and drawn words
word = {}
others = {}
logits = keras.ops.sum(word * others, axis=2)  # dot products
model = keras.Model(words, logits)  # to [batch, {n_others}]
"#,
        table("word", "words[:, :1]"),
        table("neighbour", "words[:, 1:]"),
        n_all = plan.input().len(),
        n_others = plan.head().n_outputs(),
    )
}

pub(super) const LOSS: &str = r#"
def negative_sampling(y, logits):
    """−ln σ(z) of the true neighbour's logit, −ln σ(−z) of each drawn word's; their sum."""
    is_true = keras.ops.one_hot(keras.ops.cast(y, "int32"), logits.shape[-1], dtype=logits.dtype)
    return keras.ops.sum(keras.ops.binary_crossentropy(is_true, logits, from_logits=True), axis=-1)


"#;

/// The body of `check` that puts the page's weights into both tables.
pub(super) const LOADED: &str = "    table = weights[\"embed1.weight\"]  # the page has both in one
    model.get_layer(\"word\").set_weights([table[:N_WORDS]])
    model.get_layer(\"neighbour\").set_weights([table[N_WORDS:]])";

/// The inputs of a batch in `check`.
pub(super) const INPUTS: &str = "batches[f\"x{n}\"] - N_WORDS * (np.arange(2 + NEGATIVES) > 0)";
