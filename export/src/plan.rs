//! What every dialect writes from: the experiment with its layers in place, and questions that several of them ask.

use crate::Unsupported;
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Cell, DataSet, Experiment, Head, Kind, LayerSpec, Returns, Shape, link};

/// An experiment whose model can be built.
pub(crate) struct Plan<'a> {
    pub(crate) experiment: &'a Experiment,
    /// From the input upwards; the last is the classifier.
    pub(crate) layers: Vec<TracedLayer>,
}

impl Plan<'_> {
    pub(crate) fn new(experiment: &Experiment) -> Result<Plan<'_>, Unsupported> {
        let layers =
            experiment.trace().map_err(|err| Unsupported(format!("There is no code while the model cannot be built. {err}")))?;
        Ok(Plan { experiment, layers })
    }

    /// Shape of one example.
    pub(crate) fn input(&self) -> Shape {
        self.experiment.data.facts().shape
    }

    /// How the outputs become an answer, and the loss.
    pub(crate) fn head(&self) -> Head {
        self.experiment.head()
    }

    /// What an output is called.
    pub(crate) fn outputs(&self) -> &'static str {
        match self.head() {
            Head::Softmax { .. } | Head::Tokens { .. } | Head::Sigmoid | Head::Sampled { .. } => "logits",
            Head::Perceptron | Head::Linear => "outputs",
        }
    }

    /// Whether an example is a sequence, vectors or tokens in time, or a pair of such.
    pub(crate) fn is_sequence(&self) -> bool {
        matches!(self.input(), Shape::Sequence { .. }) || self.has_tokens()
    }

    /// Whether an example is one sequence to be read and one to be answered.
    pub(crate) fn is_pair(&self) -> bool {
        matches!(self.input(), Shape::TokenPair { .. })
    }

    /// Whether an example is a word with others that it is compared with.
    pub(crate) fn is_words(&self) -> bool {
        self.experiment.data.set.kind() == Kind::Words
    }

    /// Whether inputs are whole numbers that stand for tokens.
    pub(crate) fn has_tokens(&self) -> bool {
        matches!(self.input(), Shape::Tokens { .. } | Shape::TokenPair { .. })
    }

    /// The last layer that takes something from the source of a pair: above it the source's side is of no use.
    pub(crate) fn last_with_source(&self) -> Option<usize> {
        let joins = |layer: &LayerSpec| {
            matches!(layer, LayerSpec::Recurrent { .. } | LayerSpec::Attend { .. } | LayerSpec::Transformer { .. })
        };
        self.layers.iter().rposition(|it| joins(&it.layer) && sides(it.input).is_some())
    }

    /// How many different tokens there are; 0 where there are none.
    pub(crate) fn vocabulary(&self) -> usize {
        if let Shape::Tokens { vocabulary, .. } = self.input() { vocabulary } else { 0 }
    }

    /// Whether tokens are looked at as one-hot vectors, because no embedding takes them.
    pub(crate) fn is_one_hot(&self) -> bool {
        self.vocabulary() > 0 && !self.any(|layer| matches!(layer, LayerSpec::Embedding { .. }))
    }

    /// Whether sequences are of different lengths, and the index of the last layer that has to know them.
    pub(crate) fn last_with_lengths(&self) -> Option<usize> {
        let is_padded = matches!(self.input(), Shape::Tokens { is_padded: true, .. });
        let knows = |layer: &LayerSpec| match layer {
            LayerSpec::Recurrent { returns, .. } => *returns == Returns::Last,
            LayerSpec::Embedding { .. } | LayerSpec::GlobalPool { .. } => true,
            _ => false,
        };
        self.layers.iter().rposition(|it| is_padded && knows(&it.layer))
    }

    /// Whether the parts follow from the order of time, so that no split is drawn.
    pub(crate) fn is_chronological(&self) -> bool {
        matches!(self.experiment.data.set.kind(), Kind::Series | Kind::Text | Kind::Words)
    }

    /// What a program draws by itself, as the subject of a sentence.
    pub(crate) fn drawn(&self) -> &'static str {
        if self.is_chronological() { "First weights and order" } else { "First weights, split and order" }
    }

    pub(crate) fn has_cell(&self, cell: Cell) -> bool {
        self.layers.iter().any(|it| matches!(it.layer, LayerSpec::Recurrent { cell: its, .. } if its == cell))
    }

    pub(crate) fn has_recurrent(&self) -> bool {
        self.any(|layer| matches!(layer, LayerSpec::Recurrent { .. }))
    }

    /// Whether the set has a part for testing; the visitor's own points have none.
    pub(crate) fn has_test(&self) -> bool {
        self.experiment.data.set != DataSet::Own
    }

    /// Whether weights are pulled towards zero by a penalty.
    pub(crate) fn has_penalty(&self) -> bool {
        self.experiment.training.l1 > 0.0 || self.experiment.training.l2 > 0.0
    }

    /// A program tells ten of its epochs where there are very many.
    pub(crate) fn told_epochs(&self) -> Option<usize> {
        let epochs = self.experiment.training.epochs;
        (epochs > 20).then_some(epochs / 10)
    }

    pub(crate) fn link(&self) -> String {
        link::encode(self.experiment)
    }

    pub(crate) fn any(&self, is: fn(&LayerSpec) -> bool) -> bool {
        self.layers.iter().any(|it| is(&it.layer))
    }

    pub(crate) fn has_dropout(&self) -> bool {
        self.any(|layer| matches!(layer, LayerSpec::Dropout { .. }))
    }

    /// The activations in use, each once, in order of appearance, without the identity.
    pub(crate) fn activations(&self) -> Vec<Activation> {
        let mut found = Vec::new();
        for it in &self.layers {
            if let Some(activation) = activation(&it.layer)
                && !found.contains(&activation)
            {
                found.push(activation);
            }
        }
        found
    }
}

/// The activation a layer applies, unless it is the identity.
pub(crate) fn activation(layer: &LayerSpec) -> Option<Activation> {
    let activation = match layer {
        LayerSpec::Dense { activation, .. } | LayerSpec::Conv2d { activation, .. } | LayerSpec::Activate { activation } => {
            *activation
        }
        LayerSpec::Conv1d { activation, .. } => *activation,
        LayerSpec::MaxPool2d { .. }
        | LayerSpec::AvgPool2d { .. }
        | LayerSpec::BatchNorm
        | LayerSpec::Dropout { .. }
        | LayerSpec::Embedding { .. }
        | LayerSpec::Recurrent { .. }
        | LayerSpec::GlobalPool { .. }
        | LayerSpec::LayerNorm
        | LayerSpec::Compare
        | LayerSpec::Flatten
        | LayerSpec::Attend { .. }
        | LayerSpec::Positions
        | LayerSpec::Transformer { .. } => Activation::Linear,
    };
    (activation != Activation::Linear).then_some(activation)
}

/// Numbers of one place, step or example: feature maps, units, features; of tokens, how many different ones.
pub(crate) fn n_channels(shape: Shape) -> usize {
    match shape {
        Shape::Image { channels, .. } => channels,
        Shape::Flat { units } => units,
        Shape::Sequence { features, .. } | Shape::Pair { features, .. } => features,
        Shape::Tokens { vocabulary, .. } | Shape::TokenPair { target_vocabulary: vocabulary, .. } => vocabulary,
    }
}

/// Source and target of a pair, as one sequence each.
pub(crate) fn sides(shape: Shape) -> Option<[Shape; 2]> {
    match shape {
        Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } => {
            let tokens = |steps, vocabulary| Shape::Tokens { steps, vocabulary, is_padded: false };
            Some([tokens(source, source_vocabulary), tokens(target, target_vocabulary)])
        }
        Shape::Pair { source, target, features } => Some([source, target].map(|steps| Shape::Sequence { steps, features })),
        _ => None,
    }
}

/// The name under which the page keeps the bias within a GRU's reset gate.
pub(crate) const INNER_BIAS: &str = "hidden_bias";

/// A number as Python and Rust read it back to the same double: `0.002`, `1e-8`, `64.0`.
pub(crate) fn number(value: f64) -> String {
    format!("{value:?}")
}

/// The shape of a batch for a comment: `[batch, 8, 24, 24]`, channels first.
pub(crate) fn batch_shape(shape: Shape) -> String {
    match shape {
        Shape::Image { channels, height, width } => format!("[batch, {channels}, {height}, {width}]"),
        Shape::Flat { units } => format!("[batch, {units}]"),
        Shape::Sequence { steps, features } => format!("[batch, {steps}, {features}]"),
        Shape::Tokens { steps, .. } => format!("[batch, {steps}]"),
        Shape::TokenPair { source, target, .. } => format!("[batch, {source} + {target}]"),
        Shape::Pair { source, target, features } => format!("[batch, {source} + {target}, {features}]"),
    }
}

/// Puts comments behind lines, in one column where the lines are short enough.
pub(crate) fn with_comments(lines: &[(String, String)], mark: &str) -> String {
    let widest = lines.iter().filter(|(_, note)| !note.is_empty()).map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let column = widest.min(72);
    let mut out = String::new();
    for (line, note) in lines {
        match note.is_empty() {
            true => out.push_str(line),
            false => out.push_str(&format!("{line:column$}  {mark} {note}")),
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// Paragraphs of a program, the empty ones left out, with `gap` empty lines between two.
pub(crate) fn join(parts: &[String], gap: usize) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_matches('\n')).filter(|part| !part.is_empty()).collect();
    parts.join(&"\n".repeat(gap + 1)) + "\n"
}
