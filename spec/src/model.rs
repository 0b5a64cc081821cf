//! A model: a stack of layers with a head on top.

use crate::activation::Activation;
use crate::cell::Cell;
use crate::layer::{LayerSpec, Padding, Pooling, Returns, Score};
use crate::registry::{Entry, Registry};
use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// Most layers a visitor can stack.
pub const MAX_LAYERS: usize = 16;
/// Most parameters a model may have: weights, gradients and two optimizer moments of this many stay under 100 MB.
pub const MAX_PARAMETERS: usize = 5_000_000;

/// How the first weights are drawn; biases start at zero except where said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initializer {
    /// Glorot and Bengio 2010, Keras's default.
    GlorotUniform,
    /// The same with a normal distribution.
    GlorotNormal,
    /// He et al. 2015, made for ReLU.
    HeUniform,
    /// The same with a normal distribution.
    HeNormal,
    /// PyTorch's default for dense and convolutional layers, weights and biases.
    FanInUniform,
    /// All zeros: shows why symmetry must be broken.
    Zeros,
    /// Normal with deviation 1, whatever the width: shows why first weights are scaled to it.
    UnitNormal,
}

impl Registry for Initializer {
    const WHAT: &'static str = "initializer";

    fn table() -> &'static [Entry<Self>] {
        const fn row(value: Initializer, id: &'static str, label: &'static str, about: &'static str) -> Entry<Initializer> {
            Entry { value, id, label, about }
        }
        const TABLE: &[Entry<Initializer>] = &[
            row(Initializer::GlorotUniform, "glorot_uniform", "Glorot uniform", "uniform in ±√(6 / (fan in + fan out))"),
            row(Initializer::GlorotNormal, "glorot_normal", "Glorot normal", "normal, σ = √(2 / (fan in + fan out))"),
            row(Initializer::HeUniform, "he_uniform", "He uniform", "uniform in ±√(6 / fan in)"),
            row(Initializer::HeNormal, "he_normal", "He normal", "normal, σ = √(2 / fan in)"),
            row(
                Initializer::FanInUniform,
                "fan_in_uniform",
                "Fan-in uniform",
                "uniform in ±1 / √(fan in), biases too (PyTorch's default)",
            ),
            row(Initializer::Zeros, "zeros", "Zeros", "all weights 0: hidden units never become different"),
            row(Initializer::UnitNormal, "normal", "Normal, σ = 1", "normal, σ = 1 whatever the width: deep nets explode"),
        ];
        TABLE
    }
}

/// How the last layer's outputs `z` become an answer, and which loss they are trained with. It follows from the data
/// ([`DataSpec::facts`](crate::DataSpec::facts)) and, where these leave the choice, from [`Loss`](crate::Loss):
/// [`Experiment::head`](crate::Experiment::head).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// One logit for each class: `p = softmax(z)`, cross-entropy `−ln p[class]` (PyTorch's `CrossEntropyLoss`).
    Softmax {
        /// Number of classes.
        n_classes: usize,
    },
    /// One logit for two classes: `p = 1 / (1 + exp(−z))` is the probability of class 1, binary cross-entropy
    /// `−y ln p − (1 − y) ln(1 − p)` (PyTorch's `BCEWithLogitsLoss`).
    Sigmoid,
    /// One sum for two classes, and a step: class 1 where `z > 0`, class 0 where `z < 0`, and a mistake for both where `z = 0`
    /// (answers 1, 0 and ½). Loss `max(0, −t z)` with `t = +1` for class 1 and `−1` for class 0; its slope for z is `−t` where
    /// `t z ≤ 0`, so that learning can start from zero weights (Rosenblatt 1958).
    Perceptron,
    /// One logit for each token of a vocabulary, after every step: `p = softmax(z)`, cross-entropy `−ln p[next token]`, the mean
    /// over all steps. A target below 0 is none: the step does not count.
    Tokens {
        /// How many tokens there are.
        vocabulary: usize,
    },
    /// One logit for a true neighbour and one for each drawn word: `−ln σ(z₀) − Σₖ ln σ(−zₖ)` (negative sampling, Mikolov 2013), the
    /// mean over the batch.
    Sampled {
        /// How many words are drawn.
        negatives: usize,
    },
    /// One number: `ŷ = z`, mean squared error `(ŷ − y)²`, without a factor ½ (PyTorch's `MSELoss`).
    Linear,
}

impl Head {
    /// Whether it answers after every step of a sequence, and not once for the whole.
    pub fn is_stepwise(self) -> bool {
        matches!(self, Head::Tokens { .. })
    }

    /// Units of the implied last layer.
    pub fn n_outputs(self) -> usize {
        match self {
            Head::Softmax { n_classes } => n_classes,
            Head::Tokens { vocabulary } => vocabulary,
            Head::Sampled { negatives } => 1 + negatives,
            Head::Sigmoid | Head::Perceptron | Head::Linear => 1,
        }
    }
}

/// The hidden layers and how they start; the last layer (dense, as many units as the [`Head`] has, no activation) is implied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSpec {
    /// From the input upwards, without the last layer.
    pub layers: Vec<LayerSpec>,
    /// Draws the first weights.
    pub initializer: Initializer,
}

/// One layer in place: what comes in, what goes out, what it costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TracedLayer {
    /// The layer; the last one is the implied one below the head.
    pub layer: LayerSpec,
    /// A name unique in the model, used for parameters and captions: `conv1`, `dense2`.
    pub name: String,
    /// Shape of one example before the layer.
    pub input: Shape,
    /// Shape of one example after the layer.
    pub output: Shape,
    /// Trained parameters.
    pub n_params: usize,
}

impl TracedLayer {
    /// Multiplications of weights with inputs when one example goes forward.
    pub fn n_multiplications(&self) -> u64 {
        self.layer.n_multiplications(self.input)
    }
}

/// Why an experiment cannot be built: the layer to mend, or none where the data are to be mended, and a sentence for its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}{message}", layer_idx.map(|idx| format!("Layer {}: ", idx + 1)).unwrap_or_default())]
pub struct ModelError {
    /// Index into [`ModelSpec::layers`].
    pub layer_idx: Option<usize>,
    /// What is wrong and what to do.
    pub message: String,
}

impl ModelSpec {
    /// The multi-layer perceptron every lab can start from: 784-128-10 on MNIST.
    pub fn mlp() -> ModelSpec {
        ModelSpec {
            layers: vec![LayerSpec::Dense { units: 128, activation: Activation::Relu }],
            initializer: Initializer::GlorotUniform,
        }
    }

    /// A small convolutional network after LeNet-5 (LeCun et al. 1998): 46,730 parameters on MNIST.
    pub fn cnn() -> ModelSpec {
        let conv = |filters| LayerSpec::Conv2d { filters, kernel: 5, padding: Padding::Valid, activation: Activation::Relu };
        ModelSpec {
            layers: vec![
                conv(16),
                LayerSpec::MaxPool2d { size: 2 },
                conv(32),
                LayerSpec::MaxPool2d { size: 2 },
                LayerSpec::Dense { units: 64, activation: Activation::Relu },
            ],
            initializer: Initializer::GlorotUniform,
        }
    }

    /// Two hidden layers of four and two tanh units, for points of a plane: small enough to follow every number.
    pub fn tiny() -> ModelSpec {
        ModelSpec::two_hidden(4, 2, Activation::Tanh)
    }

    /// A recurrent layer that hands on its last state, or every one.
    pub fn recurrent(cell: Cell, units: usize, returns: Returns) -> ModelSpec {
        ModelSpec { layers: vec![LayerSpec::Recurrent { cell, units, returns }], initializer: Initializer::GlorotUniform }
    }

    /// A bag of embeddings: the mean of the tokens' vectors, whatever their order, and nothing above it but the answer (Joulin et al.
    /// 2017).
    pub fn bag() -> ModelSpec {
        ModelSpec {
            layers: vec![LayerSpec::embedding(16), LayerSpec::GlobalPool { pooling: Pooling::Mean }],
            initializer: Initializer::GlorotUniform,
        }
    }

    /// Kernels over three tokens in a row. The mean of each kernel's answers, not the strongest as of Kim 2014, whose embeddings were
    /// trained elsewhere: learned from 4,000 reviews alone, the strongest has 79 % of validation right and the mean 86 %.
    pub fn text_cnn() -> ModelSpec {
        ModelSpec {
            layers: vec![
                LayerSpec::embedding(16),
                LayerSpec::Conv1d { filters: 32, kernel: 3, activation: Activation::Relu },
                LayerSpec::GlobalPool { pooling: Pooling::Mean },
                LayerSpec::Dropout { rate: 0.5 },
            ],
            initializer: Initializer::GlorotUniform,
        }
    }

    /// An LSTM over the tokens' vectors, and the mean of its states: the last state alone has 78 % of validation right, for what stood
    /// at the beginning of a review is forgotten 400 words later.
    pub fn text_lstm() -> ModelSpec {
        ModelSpec {
            layers: vec![
                LayerSpec::embedding(16),
                LayerSpec::Dropout { rate: 0.3 },
                LayerSpec::Recurrent { cell: Cell::Lstm, units: 16, returns: Returns::All },
                LayerSpec::GlobalPool { pooling: Pooling::Mean },
                LayerSpec::Dropout { rate: 0.3 },
            ],
            initializer: Initializer::GlorotUniform,
        }
    }

    /// A vector for each word, and one for it as a neighbour.
    pub fn word_vectors(features: usize) -> ModelSpec {
        ModelSpec { layers: vec![LayerSpec::embedding(features)], initializer: Initializer::GlorotUniform }
    }

    /// A window of a series as one row, and one hidden layer.
    pub fn window_mlp() -> ModelSpec {
        ModelSpec {
            layers: vec![LayerSpec::Flatten, LayerSpec::Dense { units: 16, activation: Activation::Relu }],
            initializer: Initializer::GlorotUniform,
        }
    }

    /// An encoder and a decoder, each a GRU, with or without attention between them (Cho et al. 2014; Bahdanau et al. 2015).
    pub fn encoder_decoder(features: usize, units: usize, dropout: f64, score: Option<Score>) -> ModelSpec {
        let drop = || (dropout > 0.0).then_some(LayerSpec::Dropout { rate: dropout });
        let mut layers = vec![LayerSpec::embedding(features)];
        layers.extend(drop());
        layers.push(LayerSpec::Recurrent { cell: Cell::Gru, units, returns: Returns::All });
        layers.extend(score.map(|score| LayerSpec::Attend { score }));
        layers.extend(drop());
        ModelSpec { layers, initializer: Initializer::GlorotUniform }
    }

    /// Blocks of a transformer above vectors that know their place (Vaswani et al. 2017).
    pub fn transformer(features: usize, dropout: f64, blocks: usize, (heads, hidden): (usize, usize)) -> ModelSpec {
        let mut layers = vec![LayerSpec::embedding(features), LayerSpec::Positions];
        layers.extend((dropout > 0.0).then_some(LayerSpec::Dropout { rate: dropout }));
        layers.extend((0..blocks).map(|_| LayerSpec::Transformer { heads, hidden }));
        ModelSpec { layers, initializer: Initializer::GlorotUniform }
    }

    /// Two dense hidden layers.
    pub fn two_hidden(first: usize, second: usize, activation: Activation) -> ModelSpec {
        let dense = |units| LayerSpec::Dense { units, activation };
        ModelSpec { layers: vec![dense(first), dense(second)], initializer: Initializer::GlorotUniform }
    }

    /// Follows the shape of one example through all layers to a head, which wants one answer for the whole, or one a step.
    ///
    /// # Errors
    /// The first layer that does not fit, or the last one where what it hands on does not suit the head.
    pub fn trace_to(&self, input: Shape, head: Head) -> Result<Vec<TracedLayer>, ModelError> {
        if let Head::Sampled { .. } = head {
            return self.trace_words(input);
        }
        let is_sequence = |shape: Shape| shape.steps().is_some();
        let top = self.layers.iter().try_fold(input, |shape, layer| layer.output(shape));
        let message = match top {
            Ok(top) if is_sequence(top) && !head.is_stepwise() => {
                "One answer is wanted for the whole sequence: return the last state, pool over time, or flatten."
            }
            Ok(top) if !is_sequence(top) && head.is_stepwise() => {
                "An answer is wanted after every step: let every layer return the whole sequence."
            }
            Ok(top) if head.is_stepwise() && top.steps() != input.steps() => {
                "An answer is wanted after every step, and a 1-D convolution leaves fewer steps than there were: take a recurrent layer."
            }
            _ => return self.trace(input, head.n_outputs()),
        };
        Err(ModelError { layer_idx: self.layers.len().checked_sub(1), message: message.into() })
    }

    /// Word vectors are one table, and what stands above it is implied: [`LayerSpec::Compare`].
    fn trace_words(&self, input: Shape) -> Result<Vec<TracedLayer>, ModelError> {
        let message = match self.layers.as_slice() {
            [LayerSpec::Embedding { .. }] => return self.trace_below(input, &LayerSpec::Compare),
            [] => "Word vectors are an embedding: add one.",
            [LayerSpec::Embedding { .. }, ..] => "Word vectors are compared as they are: remove what stands above the embedding.",
            _ => "Word vectors are an embedding and nothing else: remove this layer, or put an embedding in its place.",
        };
        let layer_idx = match self.layers.as_slice() {
            [] => None,
            [LayerSpec::Embedding { .. }, ..] => Some(1),
            _ => Some(0),
        };
        Err(ModelError { layer_idx, message: message.into() })
    }

    /// Follows the shape of one example through all layers and the implied last one, whatever the head.
    ///
    /// The error names the first layer that does not fit; the layers before it are fine.
    pub fn trace(&self, input: Shape, n_outputs: usize) -> Result<Vec<TracedLayer>, ModelError> {
        self.trace_below(input, &LayerSpec::Dense { units: n_outputs, activation: Activation::Linear })
    }

    /// The same below a last layer.
    fn trace_below(&self, input: Shape, last: &LayerSpec) -> Result<Vec<TracedLayer>, ModelError> {
        if self.layers.len() > MAX_LAYERS {
            return Err(ModelError {
                layer_idx: Some(MAX_LAYERS),
                message: format!("There can be at most {MAX_LAYERS} layers: remove some."),
            });
        }
        let mut shape = input;
        let mut traced: Vec<TracedLayer> = Vec::with_capacity(self.layers.len() + 1);
        for (layer_idx, layer) in self.layers.iter().chain([last]).enumerate() {
            let output = match last {
                LayerSpec::Dense { units, .. } if layer_idx == self.layers.len() => answered(shape, *units),
                _ => layer.output(shape),
            };
            let output = output.map_err(|message| ModelError { layer_idx: Some(layer_idx), message })?;
            let nth = traced.iter().filter(|earlier| earlier.layer.kind() == layer.kind()).count() + 1;
            traced.push(TracedLayer {
                layer: layer.clone(),
                name: format!("{}{nth}", layer.kind()),
                input: shape,
                output,
                n_params: layer.n_params(shape),
            });
            shape = output;
        }
        let n_params: usize = traced.iter().map(|layer| layer.n_params).sum();
        if n_params > MAX_PARAMETERS {
            let largest = (0..traced.len()).max_by_key(|&idx| traced[idx].n_params).unwrap_or(0);
            return Err(ModelError {
                layer_idx: Some(largest.min(self.layers.len().saturating_sub(1))),
                message: format!(
                    "The model would have {n_params} parameters, and {MAX_PARAMETERS} is the most: make this layer smaller."
                ),
            });
        }
        Ok(traced)
    }
}

/// The shape behind the implied last layer, which may be as wide as a vocabulary.
fn answered(shape: Shape, n_outputs: usize) -> Result<Shape, String> {
    let one = LayerSpec::Dense { units: 1, activation: Activation::Linear }.output(shape)?;
    Ok(match one {
        Shape::Sequence { steps, .. } => Shape::Sequence { steps, features: n_outputs },
        _ => Shape::Flat { units: n_outputs },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MNIST: Shape = Shape::Image { channels: 1, height: 28, width: 28 };

    #[test]
    fn the_presets_have_the_textbook_number_of_parameters() {
        let count = |model: ModelSpec| model.trace(MNIST, 10).unwrap().iter().map(|layer| layer.n_params).sum::<usize>();
        assert_eq!(count(ModelSpec::mlp()), 784 * 128 + 128 + 128 * 10 + 10);
        // 5·5·1·16+16 = 416, 5·5·16·32+32 = 12,832, 4·4·32·64+64 = 32,832, 64·10+10 = 650.
        assert_eq!(count(ModelSpec::cnn()), 416 + 12_832 + 32_832 + 650);
    }

    #[test]
    fn the_presets_multiply_as_often_as_counted_by_hand() {
        let count = |model: ModelSpec| model.trace(MNIST, 10).unwrap().iter().map(TracedLayer::n_multiplications).sum::<u64>();
        assert_eq!(count(ModelSpec::mlp()), 784 * 128 + 128 * 10);
        // 24² places of 16 filters of 5², 8² places of 32 filters of 5² on 16 channels, 4²·32 → 64 → 10.
        assert_eq!(count(ModelSpec::cnn()), 576 * 16 * 25 + 64 * 32 * 25 * 16 + 512 * 64 + 640);
    }

    /// By hand: tables (2,000 + 2,800) · 64; two GRUs with 3 · 128 · (64 + 128 + 1) + 128; attention 2 · 128² + 128 and 256 · 128 + 128;
    /// answers 128 · 2,800 + 2,800.
    #[test]
    fn translations_have_as_many_parameters_as_counted_by_hand() {
        let layers = crate::Experiment::for_set(crate::DataSet::FraEng).trace().unwrap();
        let counted = 4_800 * 64 + 2 * (384 * 193 + 128) + (2 * 16_384 + 128) + (256 * 128 + 128) + 129 * 2_800;
        assert_eq!(layers.iter().map(|layer| layer.n_params).sum::<usize>(), counted);
        assert!(crate::Experiment::for_set(crate::DataSet::Dates).trace().is_ok());
    }

    #[test]
    fn names_count_within_a_kind() {
        let names: Vec<_> = ModelSpec::cnn().trace(MNIST, 10).unwrap().into_iter().map(|layer| layer.name).collect();
        assert_eq!(names, ["conv1", "pool1", "conv2", "pool2", "dense1", "dense2"]);
    }

    #[test]
    fn an_error_names_its_layer() {
        let mut model = ModelSpec::cnn();
        model.layers.insert(4, LayerSpec::MaxPool2d { size: 5 });
        assert_eq!(model.trace(MNIST, 10).unwrap_err().layer_idx, Some(4));
        model.layers[4] = LayerSpec::Dense { units: 1024, activation: Activation::Relu };
        assert!(model.trace(MNIST, 10).is_ok());
        let huge =
            ModelSpec { layers: vec![LayerSpec::Dense { units: 1024, activation: Activation::Relu }; MAX_LAYERS], ..model };
        assert!(huge.trace(MNIST, 10).unwrap_err().message.contains("parameters"));
    }

    #[test]
    fn what_answers_after_every_step_keeps_every_step() {
        let tokens = Shape::Tokens { steps: 40, vocabulary: 65, is_padded: false };
        let head = Head::Tokens { vocabulary: 65 };
        let mut model = ModelSpec::recurrent(Cell::Lstm, 8, Returns::All);
        assert!(model.trace_to(tokens, head).is_ok());
        model.layers.push(LayerSpec::Conv1d { filters: 8, kernel: 3, activation: Activation::Relu });
        let refused = model.trace_to(tokens, head).unwrap_err();
        assert_eq!(refused.layer_idx, Some(1));
        assert!(refused.message.contains("fewer steps"));
    }

    #[test]
    fn every_initializer_has_one_row() {
        use Initializer::*;
        crate::registry::check_table(&[GlorotUniform, GlorotNormal, HeUniform, HeNormal, FanInUniform, Zeros, UnitNormal]);
    }
}
