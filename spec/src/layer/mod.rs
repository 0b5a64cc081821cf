//! Layers: what each one is, what it does to a shape, how many parameters it has, and how a link spells it.
//!
//! To add a layer: a variant here with its row in [`LAYER_KINDS`] and its arms in the methods of [`LayerSpec`], then its twin in
//! the engine (`engine/src/model/layer`). CONTRIBUTING.md walks through it.

mod link;
mod pair;
mod shapes;

use crate::activation::Activation;
use crate::cell::Cell;
use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// Largest width of a dense layer.
pub const MAX_UNITS: usize = 1024;
/// Largest number of filters of a convolution.
pub const MAX_FILTERS: usize = 128;
/// Largest number of units of a recurrent layer, and of numbers in an embedding.
pub const MAX_FEATURES: usize = 512;
/// Largest side of a kernel or pooling window.
pub const MAX_KERNEL: usize = 11;

/// How a convolution treats the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// No padding: the picture shrinks by kernel − 1.
    Valid,
    /// Zeros around the picture, so that at stride 1 its size stays.
    Same,
}

impl Registry for Padding {
    const WHAT: &'static str = "padding";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Padding>] = &[
            Entry {
                value: Padding::Valid, id: "valid", label: "Valid", about: "no padding: the picture shrinks by kernel − 1"
            },
            Entry { value: Padding::Same, id: "same", label: "Same", about: "zeros around the picture: its size stays" },
        ];
        TABLE
    }
}

/// What a layer hands on of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// The state after the last step; behind it there is no sequence any more.
    Last,
    /// The state after every step.
    All,
}

impl Registry for Returns {
    const WHAT: &'static str = "part of a sequence";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Returns>] = &[
            Entry { value: Returns::Last, id: "last", label: "Last state", about: "the state after the last step" },
            Entry { value: Returns::All, id: "all", label: "Every state", about: "the state after every step, as a sequence" },
        ];
        TABLE
    }
}

/// What becomes of a sequence when its steps are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// `Σ xₜ / T` over the steps that are there.
    Mean,
    /// The largest value of each feature over the steps that are there.
    Max,
}

impl Registry for Pooling {
    const WHAT: &'static str = "pooling";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Pooling>] = &[
            Entry { value: Pooling::Mean, id: "mean", label: "Mean", about: "the mean over all steps" },
            Entry { value: Pooling::Max, id: "max", label: "Maximum", about: "the largest value over all steps" },
        ];
        TABLE
    }
}

/// Where the vectors of an embedding come from, and whether they are learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstVectors {
    /// Drawn at random, and learned.
    #[default]
    Drawn,
    /// GloVe's ([`glove`](crate::glove)) where it has the word, else drawn; learned from there.
    Glove,
    /// The same, and left as they are.
    GloveFrozen,
}

impl Registry for FirstVectors {
    const WHAT: &'static str = "first vectors";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<FirstVectors>] = &[
            Entry { value: FirstVectors::Drawn, id: "drawn", label: "Drawn", about: "random, and learned" },
            Entry {
                value: FirstVectors::Glove,
                id: "glove",
                label: "GloVe",
                about: "GloVe's where it has the word; learned from there",
            },
            Entry {
                value: FirstVectors::GloveFrozen,
                id: "glove:frozen",
                label: "GloVe, frozen",
                about: "GloVe's where it has the word, and never changed",
            },
        ];
        TABLE
    }
}

/// How well a step of the source suits a step of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// `v · tanh(h W + s U)` (Bahdanau et al. 2015).
    Additive,
    /// `h · s` (Luong et al. 2015).
    Dot,
}

impl Registry for Score {
    const WHAT: &'static str = "score of attention";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Score>] = &[
            Entry {
                value: Score::Additive, id: "additive", label: "Additive", about: "v · tanh(h W + s U): a small net judges"
            },
            Entry { value: Score::Dot, id: "dot", label: "Dot product", about: "h · s: nothing to learn" },
        ];
        TABLE
    }
}

/// One layer of a model, with everything needed to build it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerSpec {
    /// Fully connected: `y = act(x W + b)`, `W` of shape `[inputs, units]`. Pictures are flattened first; of a sequence each step
    /// is taken by itself, with the same weights.
    Dense {
        /// Number of outputs.
        units: usize,
        /// Applied to each output.
        activation: Activation,
    },
    /// 2-D convolution with stride 1: `y = act(x ∗ K + b)`, `K` of shape `[filters, channels, kernel, kernel]`.
    Conv2d {
        /// Number of output channels.
        filters: usize,
        /// Side of the square kernel.
        kernel: usize,
        /// Border treatment.
        padding: Padding,
        /// Applied to each output.
        activation: Activation,
    },
    /// The maximum of each `size × size` window; stride = size, an incomplete border is dropped.
    MaxPool2d {
        /// Side of the window.
        size: usize,
    },
    /// The mean of each `size × size` window, `Σ x / size²`; stride = size, an incomplete border is dropped.
    AvgPool2d {
        /// Side of the window.
        size: usize,
    },
    /// Batch normalisation over each channel or unit: `γ (x − mean) / √(var + 1e-5) + β`, running statistics with momentum 0.1.
    BatchNorm,
    /// In training, sets each value to zero with probability `rate` and scales the rest by `1 / (1 − rate)`.
    Dropout {
        /// Probability of dropping, in `[0, 1)`.
        rate: f64,
    },
    /// An activation on its own, for orders such as dense, batch norm, ReLU.
    Activate {
        /// The function.
        activation: Activation,
    },
    /// A table of vectors, `[vocabulary, features]`: each token becomes its row.
    Embedding {
        /// Numbers for each token.
        features: usize,
        /// Where they start. Checkpoints from before this was a choice do not say.
        #[serde(default)]
        first: FirstVectors,
    },
    /// A state carried from step to step by a [`Cell`]. Tokens are taken as if each were one-hot.
    Recurrent {
        /// How the state changes in a step.
        cell: Cell,
        /// Numbers of the state.
        units: usize,
        /// What is handed on.
        returns: Returns,
    },
    /// 1-D convolution over time with stride 1, without padding: `yₜ = act(Σᵢ xₜ₊ᵢ Kᵢ + b)`, `K` of shape
    /// `[filters, features, kernel]`.
    Conv1d {
        /// Number of output features.
        filters: usize,
        /// Steps that a kernel sees.
        kernel: usize,
        /// Applied to each output.
        activation: Activation,
    },
    /// Puts all steps of a sequence together.
    GlobalPool {
        /// How.
        pooling: Pooling,
    },
    /// Layer normalisation over the features of each example or step: `γ (x − mean) / √(var + 1e-5) + β` (Ba et al. 2016).
    LayerNorm,
    /// A picture or sequence as one row of numbers.
    Flatten,
    /// Attention of the target's states s over the source's states h: weights `a = softmax(score(h, s))` over the steps of the source
    /// that are there, context `c = Σ a h`; the target's side becomes `tanh([c; s] W + b)` (Luong et al. 2015), of the same width.
    Attend {
        /// How a state of the source is weighed.
        score: Score,
    },
    /// `√d x + p`, where `p` are sines and cosines of the step's number with wave lengths from 2π to 10,000 · 2π (Vaswani et al. 2017).
    Positions,
    /// A block of a transformer on each side (Vaswani et al. 2017): of the source, self-attention and two dense layers; of the target,
    /// self-attention that sees no later step, attention over the source's block, and two dense layers. Around each of them
    /// `LayerNorm(x + f(x))`.
    Transformer {
        /// Parts that the features are divided into, each with an attention of its own.
        heads: usize,
        /// Width between the two dense layers.
        hidden: usize,
    },
    /// The dot product of the first step's vector with each of the others. Implied above word vectors, in no list and in no link.
    Compare,
}

/// The kinds of layer a visitor can add, with the values they start from.
pub const LAYER_KINDS: &[Entry<LayerSpec>] = &[
    Entry {
        value: LayerSpec::Dense { units: 64, activation: Activation::Relu },
        id: "dense",
        label: "Dense",
        about: "every output sees every input",
    },
    Entry {
        value: LayerSpec::Conv2d { filters: 8, kernel: 3, padding: Padding::Valid, activation: Activation::Relu },
        id: "conv",
        label: "Convolution",
        about: "the same small kernel at every place of the picture",
    },
    Entry {
        value: LayerSpec::MaxPool2d { size: 2 },
        id: "pool",
        label: "Max pool",
        about: "keeps the largest value of each window",
    },
    Entry {
        value: LayerSpec::AvgPool2d { size: 2 },
        id: "avgpool",
        label: "Average pool",
        about: "keeps the mean of each window",
    },
    Entry {
        value: LayerSpec::BatchNorm,
        id: "bn",
        label: "Batch norm",
        about: "gives each channel mean 0 and variance 1 over the batch",
    },
    Entry {
        value: LayerSpec::Dropout { rate: 0.25 },
        id: "drop",
        label: "Dropout",
        about: "switches random units off while training",
    },
    Entry {
        value: LayerSpec::Activate { activation: Activation::Relu },
        id: "act",
        label: "Activation",
        about: "a non-linear function on its own",
    },
    Entry { value: LayerSpec::embedding(16), id: "embed", label: "Embedding", about: "a learned vector for each token" },
    Entry {
        value: LayerSpec::Recurrent { cell: Cell::Rnn, units: 32, returns: Returns::Last },
        id: "rnn",
        label: "RNN",
        about: "a state carried from step to step",
    },
    Entry {
        value: LayerSpec::Recurrent { cell: Cell::Gru, units: 32, returns: Returns::Last },
        id: "gru",
        label: "GRU",
        about: "a state with two gates: one keeps, one forgets",
    },
    Entry {
        value: LayerSpec::Recurrent { cell: Cell::Lstm, units: 32, returns: Returns::Last },
        id: "lstm",
        label: "LSTM",
        about: "a state and a memory cell with three gates",
    },
    Entry {
        value: LayerSpec::Conv1d { filters: 32, kernel: 5, activation: Activation::Relu },
        id: "conv1d",
        label: "1-D convolution",
        about: "the same small kernel at every step",
    },
    Entry {
        value: LayerSpec::GlobalPool { pooling: Pooling::Mean },
        id: "global",
        label: "Pool over time",
        about: "the mean or the maximum of all steps",
    },
    Entry {
        value: LayerSpec::LayerNorm,
        id: "lnorm",
        label: "Layer norm",
        about: "gives the features of each step mean 0 and variance 1",
    },
    Entry { value: LayerSpec::Flatten, id: "flat", label: "Flatten", about: "all steps or pixels as one row of numbers" },
    Entry {
        value: LayerSpec::Attend { score: Score::Additive },
        id: "attend",
        label: "Attention",
        about: "each step of the answer looks back at the source",
    },
    Entry { value: LayerSpec::Positions, id: "pos", label: "Positions", about: "waves that tell each step its place" },
    Entry {
        value: LayerSpec::Transformer { heads: 2, hidden: 128 },
        id: "block",
        label: "Transformer block",
        about: "attention instead of a state carried along",
    },
];

impl LayerSpec {
    /// An embedding of so many numbers, drawn at first.
    pub const fn embedding(features: usize) -> LayerSpec {
        LayerSpec::Embedding { features, first: FirstVectors::Drawn }
    }

    /// Whether the layer starts from GloVe's vectors.
    pub fn takes_glove(&self) -> bool {
        matches!(self, LayerSpec::Embedding { first: FirstVectors::Glove | FirstVectors::GloveFrozen, .. })
    }

    /// Whether its numbers are never changed by training.
    pub fn is_frozen(&self) -> bool {
        matches!(self, LayerSpec::Embedding { first: FirstVectors::GloveFrozen, .. })
    }

    /// Whether the layer takes pictures only, so that it must stand before the first dense layer.
    pub fn needs_picture(&self) -> bool {
        matches!(self, LayerSpec::Conv2d { .. } | LayerSpec::MaxPool2d { .. } | LayerSpec::AvgPool2d { .. })
    }

    /// Whether the layer takes sequences or tokens only, so that it must stand before what ends the sequence.
    pub fn needs_sequence(&self) -> bool {
        matches!(
            self,
            LayerSpec::Embedding { .. } | LayerSpec::Recurrent { .. } | LayerSpec::Conv1d { .. } | LayerSpec::GlobalPool { .. }
        )
    }

    /// Whether the layer takes pairs of sequences only.
    pub fn needs_pair(&self) -> bool {
        matches!(self, LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. })
    }

    /// What the page calls the layer: `Conv 5×5, 8, ReLU`.
    pub fn title(&self) -> String {
        let with = |text: String, activation: &Activation| match activation {
            Activation::Linear => text,
            other => format!("{text}, {}", other.label()),
        };
        match self {
            LayerSpec::Dense { units, activation } => with(format!("Dense {units}"), activation),
            LayerSpec::Conv2d { filters, kernel, activation, .. } => {
                with(format!("Conv {kernel}×{kernel}, {filters}"), activation)
            }
            LayerSpec::MaxPool2d { size } => format!("Max pool {size}×{size}"),
            LayerSpec::AvgPool2d { size } => format!("Average pool {size}×{size}"),
            LayerSpec::BatchNorm => "Batch norm".into(),
            LayerSpec::Dropout { rate } => format!("Dropout {rate}"),
            LayerSpec::Activate { activation } => activation.label().into(),
            LayerSpec::Embedding { features, first: FirstVectors::Drawn } => format!("Embedding {features}"),
            LayerSpec::Embedding { features, first } => format!("Embedding {features}, {}", first.label()),
            LayerSpec::Recurrent { cell, units, returns: Returns::Last } => format!("{} {units}", cell.label()),
            LayerSpec::Recurrent { cell, units, returns: Returns::All } => format!("{} {units}, every state", cell.label()),
            LayerSpec::Conv1d { filters, kernel, activation } => with(format!("Conv {kernel}, {filters}"), activation),
            LayerSpec::GlobalPool { pooling: Pooling::Mean } => "Mean over time".into(),
            LayerSpec::GlobalPool { pooling: Pooling::Max } => "Maximum over time".into(),
            LayerSpec::LayerNorm => "Layer norm".into(),
            LayerSpec::Flatten => "Flatten".into(),
            LayerSpec::Attend { score: Score::Additive } => "Attention, additive".into(),
            LayerSpec::Attend { score: Score::Dot } => "Attention, dot product".into(),
            LayerSpec::Positions => "Positions".into(),
            LayerSpec::Transformer { heads, hidden } => format!("Transformer block, {heads} heads, {hidden}"),
            LayerSpec::Compare => "Dot products".into(),
        }
    }

    /// The kind's id in [`LAYER_KINDS`], which is also the first word of its link spelling: `conv`.
    pub fn kind(&self) -> &'static str {
        if let LayerSpec::Recurrent { cell, .. } = self {
            return cell.id();
        }
        if *self == LayerSpec::Compare {
            return "compare";
        }
        let same = std::mem::discriminant(self);
        LAYER_KINDS.iter().find(|entry| std::mem::discriminant(&entry.value) == same).map_or("", |entry| entry.id)
    }
}

fn in_range(name: &str, value: usize, low: usize, high: usize) -> Result<(), String> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(format!("{name} must lie between {low} and {high}, and {value} does not."))
    }
}

#[cfg(test)]
mod tests;
