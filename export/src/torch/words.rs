//! Word vectors: skip-gram with negative sampling.

use crate::plan::Plan;
use descent_spec::{Initializer, LayerSpec};

/// The class and the model, and its first vectors.
pub(super) fn model(plan: &Plan) -> String {
    let n_words = plan.experiment.data.set.n_words();
    let features = features(plan);
    let first = match plan.experiment.model.initializer {
        Initializer::Zeros => {
            "# All zero: words never become different.\nfor table in model.children():\n    nn.init.zeros_(table.weight)\n"
        }
        Initializer::FanInUniform | Initializer::UnitNormal => "# First vectors are PyTorch's own: normal, σ = 1.\n",
        Initializer::GlorotUniform | Initializer::GlorotNormal | Initializer::HeUniform | Initializer::HeNormal => {
            "# First vectors as Keras draws them; PyTorch's own are normal, σ = 1.
for table in model.children():
    nn.init.uniform_(table.weight, -0.05, 0.05)\n"
        }
    };
    format!(
        r#"# Model


class SkipGram(nn.Module):
    """A vector for each word, and another one for it as a neighbour (Mikolov et al. 2013)."""

    def __init__(self):
        super().__init__()
        self.word = nn.Embedding({n_words}, {features})
        self.neighbour = nn.Embedding({n_words}, {features})

    def forward(self, words):
        """Logits [batch, {n_others}]: the dot products of the first of words [batch, {n_all}] with the others."""
        word = self.word(words[:, :1])         # [batch, 1, {features}]
        others = self.neighbour(words[:, 1:])  # [batch, {n_others}, {features}]
        return (word * others).sum(dim=2)


model = SkipGram()

{first}"#,
        n_others = plan.head().n_outputs(),
        n_all = plan.input().len(),
    )
}

/// Numbers of a vector.
pub(crate) fn features(plan: &Plan) -> usize {
    let of_layer = |layer: &LayerSpec| if let LayerSpec::Embedding { features, .. } = layer { Some(*features) } else { None };
    plan.layers.iter().find_map(|it| of_layer(&it.layer)).unwrap_or(1)
}

pub(super) const LOSS: &str = r#"def negative_sampling(logits, y, reduction="mean"):
    """−ln σ(z) of the true neighbour's logit, −ln σ(−z) of each drawn word's; their sum."""
    is_true = F.one_hot(y, logits.shape[1]).to(logits.dtype)
    losses = F.binary_cross_entropy_with_logits(logits, is_true, reduction="none").sum(dim=1)
    return losses.sum() if reduction == "sum" else losses.mean()


"#;

/// The body of `check` that puts the page's weights into both tables.
pub(super) const LOADED: &str = "        table = weights[\"embed1.weight\"]  # the page has both in one
        model.word.weight.copy_(table[:N_WORDS])
        model.neighbour.weight.copy_(table[N_WORDS:])";

/// What `check` takes the inputs of a batch for.
pub(super) const INPUTS: &str = "        x = batches[f\"x{n}\"].long()
        x[:, 1:] -= N_WORDS  # where the page numbers neighbours behind all words\n";
