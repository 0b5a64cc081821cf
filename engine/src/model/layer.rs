//! The twin of `descent_spec::LayerSpec`: a spec becomes a layer with weights.

use super::attention::{Attend, Positions, Transformer};
use super::batch_norm::BatchNorm;
use super::init::{draw, draw_bias};
use super::pair::{PairEmbedding, PairRecurrent};
use super::sequence::{Carried, Conv1d, Embedding, compare, pool};
use super::signal::{Pair, Signal};
use crate::kernels::{activate, convolution, dense, max_pool};
use burn::module::{Module, Param};
use burn::nn::conv::Conv2d;
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig, Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Initializer, LayerSpec, Padding, Pooling, Shape};
use rand_chacha::ChaCha8Rng;

/// One layer with its weights.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a net has a handful of layers, and their weights lie elsewhere anyway")]
pub enum Layer {
    /// `act(x W + b)`.
    Dense(Dense),
    /// `act(x ∗ K + b)`.
    Conv2d(Convolution),
    /// Maximum of each window.
    MaxPool2d(MaxPool2d),
    /// Mean of each window.
    AvgPool2d(AvgPool2d),
    /// Normalisation over the batch.
    BatchNorm(BatchNorm),
    /// Random zeros while training.
    Dropout(Dropout),
    /// An activation on its own.
    Activate(Activate),
    /// A vector for each token.
    Embedding(Embedding),
    /// A state carried from step to step.
    Recurrent(Carried),
    /// `act(x ∗ K + b)` over time.
    Conv1d(Conv1d),
    /// All steps put together.
    GlobalPool(GlobalPool),
    /// Normalisation over the features.
    LayerNorm(LayerNorm),
    /// One row of numbers.
    Flatten(Flatten),
    /// A vector for each token of two sides.
    PairEmbedding(PairEmbedding),
    /// An encoder and a decoder.
    PairRecurrent(PairRecurrent),
    /// The target looks back at the source.
    Attend(Attend),
    /// Waves that tell the place.
    Positions(Positions),
    /// Attention instead of a state.
    Transformer(Transformer),
    /// Dot products with the first step.
    Compare(Compare),
}

/// How steps are put together.
#[derive(Module, Debug)]
pub struct GlobalPool {
    #[module(skip)]
    pooling: Pooling,
}

/// Nothing but another shape.
#[derive(Module, Debug)]
pub struct Flatten {}

/// No numbers of its own.
#[derive(Module, Debug)]
pub struct Compare {}

/// A dense layer and its activation.
#[derive(Module, Debug)]
pub struct Dense {
    linear: Linear,
    #[module(skip)]
    activation: Activation,
}

/// A convolution and its activation.
#[derive(Module, Debug)]
pub struct Convolution {
    conv: Conv2d,
    #[module(skip)]
    activation: Activation,
}

/// An activation as a layer.
#[derive(Module, Debug)]
pub struct Activate {
    #[module(skip)]
    activation: Activation,
}

impl Layer {
    /// Builds the layer with weights from `rng`, on a device that tracks gradients; `known` as in [`Net::init_from`](super::Net).
    pub fn init(
        traced: &TracedLayer,
        known: &[(usize, &[f32])],
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Layer {
        match (&traced.layer, traced.input) {
            (LayerSpec::Dense { units, activation }, shape) => {
                let fan_in = match shape {
                    Shape::Sequence { features, .. } | Shape::Pair { features, .. } => features,
                    _ => shape.len(),
                };
                let weight = draw(initializer, fan_in, *units, fan_in * units, rng);
                let bias = draw_bias(initializer, fan_in, *units, rng);
                let linear = Linear {
                    weight: Param::from_data(TensorData::new(weight, [fan_in, *units]), device),
                    bias: Some(Param::from_data(TensorData::new(bias, [*units]), device)),
                };
                Layer::Dense(Dense { linear, activation: *activation })
            }
            (LayerSpec::Conv2d { filters, kernel, padding, activation }, shape) => {
                let channels = n_channels(shape);
                let (fan_in, fan_out) = (channels * kernel * kernel, filters * kernel * kernel);
                let weight = draw(initializer, fan_in, fan_out, filters * fan_in, rng);
                let bias = draw_bias(initializer, fan_in, *filters, rng);
                let border = match padding {
                    Padding::Valid => 0,
                    Padding::Same => kernel / 2, // The spec allows odd kernels only.
                };
                let conv = Conv2d {
                    weight: Param::from_data(TensorData::new(weight, [*filters, channels, *kernel, *kernel]), device),
                    bias: Some(Param::from_data(TensorData::new(bias, [*filters]), device)),
                    stride: [1, 1],
                    kernel_size: [*kernel, *kernel],
                    dilation: [1, 1],
                    groups: 1,
                    padding: PaddingConfig2d::Explicit(border, border, border, border),
                };
                Layer::Conv2d(Convolution { conv, activation: *activation })
            }
            (LayerSpec::MaxPool2d { size }, _) => {
                Layer::MaxPool2d(MaxPool2dConfig::new([*size, *size]).with_strides([*size, *size]).init())
            }
            (LayerSpec::AvgPool2d { size }, _) => {
                Layer::AvgPool2d(AvgPool2dConfig::new([*size, *size]).with_strides([*size, *size]).init())
            }
            (LayerSpec::BatchNorm, shape) => Layer::BatchNorm(BatchNorm::new(n_channels(shape), device)),
            (LayerSpec::Dropout { rate }, _) => Layer::Dropout(DropoutConfig::new(*rate).init()),
            (LayerSpec::Activate { activation }, _) => Layer::Activate(Activate { activation: *activation }),
            (LayerSpec::Embedding { features, .. }, Shape::TokenPair { source_vocabulary, target_vocabulary, .. }) => {
                let vocabularies = [source_vocabulary, target_vocabulary];
                Layer::PairEmbedding(PairEmbedding::init(vocabularies, *features, initializer, rng, device))
            }
            (LayerSpec::Recurrent { cell, units, .. }, Shape::TokenPair { source_vocabulary, target_vocabulary, .. }) => {
                let sizes = (*cell, [source_vocabulary, target_vocabulary], *units);
                Layer::PairRecurrent(PairRecurrent::init(sizes, initializer, rng, device))
            }
            (LayerSpec::Recurrent { cell, units, .. }, Shape::Pair { features, .. }) => {
                Layer::PairRecurrent(PairRecurrent::init((*cell, [features; 2], *units), initializer, rng, device))
            }
            (LayerSpec::Attend { score }, shape) => {
                Layer::Attend(Attend::init(*score, n_channels(shape), initializer, rng, device))
            }
            (LayerSpec::Positions, _) => Layer::Positions(Positions {}),
            (LayerSpec::Transformer { heads, hidden }, shape) => {
                let sizes = (*heads, n_channels(shape), *hidden);
                Layer::Transformer(Transformer::init(sizes, initializer, rng, device))
            }
            (LayerSpec::Embedding { features, .. }, shape) => {
                let kind = (n_channels(shape), *features, traced.layer.is_frozen());
                let known = if traced.layer.takes_glove() { known } else { &[] };
                Layer::Embedding(Embedding::init_from(kind, known, initializer, rng, device))
            }
            (LayerSpec::Recurrent { cell, units, returns }, shape) => {
                Layer::Recurrent(Carried::init((*cell, n_channels(shape), *units, *returns), initializer, rng, device))
            }
            (LayerSpec::Conv1d { filters, kernel, activation }, shape) => {
                let sizes = (n_channels(shape), *filters, *kernel, *activation);
                Layer::Conv1d(Conv1d::init(sizes, initializer, rng, device))
            }
            (LayerSpec::GlobalPool { pooling }, _) => Layer::GlobalPool(GlobalPool { pooling: *pooling }),
            (LayerSpec::LayerNorm, shape) => {
                Layer::LayerNorm(LayerNormConfig::new(n_channels(shape)).with_epsilon(1e-5).init(device))
            }
            (LayerSpec::Flatten, _) => Layer::Flatten(Flatten {}),
            (LayerSpec::Compare, _) => Layer::Compare(Compare {}),
        }
    }

    /// One layer forward. Dropout and batch norm behave as in training exactly when the input is tracked by autodiff.
    pub fn forward(&self, x: Signal) -> Signal {
        match (self, x) {
            // Only the answer goes on.
            (Layer::Dense(_) | Layer::LayerNorm(_), Signal::Pair(pair)) => self.forward(Signal::Sequence(pair.target)),
            (Layer::PairEmbedding(embedding), x) => embedding.forward(x),
            (Layer::PairRecurrent(recurrent), x) => recurrent.forward(x),
            (Layer::Positions(positions), Signal::Pair(pair)) => Signal::Pair(positions.forward(pair)),
            (Layer::Attend(_) | Layer::Transformer(_), Signal::Pair(pair)) => Signal::Pair(self.attend(pair).0),
            (Layer::Dense(dense), Signal::Sequence(sequence)) => {
                let rows = dense.forward(sequence.rows());
                Signal::Sequence(sequence.with_rows(rows))
            }
            (Layer::Dense(dense), x) => Signal::Flat(dense.forward(x.into_flat())),
            (Layer::Conv2d(Convolution { conv, activation }), Signal::Image(x)) => Signal::Image(convolve(conv, *activation, x)),
            (Layer::MaxPool2d(pool), Signal::Image(x)) => Signal::Image(max_pool(x, pool.kernel_size[0])),
            (Layer::AvgPool2d(pool), Signal::Image(x)) => Signal::Image(pool.forward(x)),
            (Layer::BatchNorm(norm), x) => x.map(|image| norm.forward(image), |flat| norm.forward(flat), |sequence| sequence),
            (Layer::Dropout(dropout), x) => {
                x.map(|image| dropout.forward(image), |flat| dropout.forward(flat), |sequence| dropout.forward(sequence))
            }
            (Layer::Activate(Activate { activation }), x) => x.map(
                |image| activate(*activation, image),
                |flat| activate(*activation, flat),
                |sequence| activate(*activation, sequence),
            ),
            (Layer::Embedding(embedding), Signal::Tokens(tokens)) => Signal::Sequence(embedding.forward(tokens)),
            (Layer::Recurrent(carried), x) => carried.forward(x),
            (Layer::Conv1d(conv), Signal::Sequence(x)) => Signal::Sequence(conv.forward(&x)),
            (Layer::GlobalPool(GlobalPool { pooling }), Signal::Sequence(x)) => Signal::Flat(pool(*pooling, &x)),
            (Layer::LayerNorm(norm), x) => x.map(|image| image, |flat| norm.forward(flat), |sequence| norm.forward(sequence)),
            (Layer::Compare(_), Signal::Sequence(x)) => Signal::Flat(compare(&x)),
            (Layer::Flatten(_), x) => Signal::Flat(x.into_flat()),
            // The spec lets no layer stand where it does not fit.
            (_, x) => x,
        }
    }
}

impl Layer {
    /// A layer with attention forward, and the weights with which the target attends to the source, `[batch, target, source]` for each
    /// head; none of other layers.
    pub fn attend(&self, pair: Pair) -> (Pair, Vec<Tensor<3>>) {
        match self {
            Layer::Attend(attend) => {
                let (pair, weights) = attend.forward(pair);
                (pair, vec![weights])
            }
            Layer::Transformer(block) => {
                let (pair, weights) = block.forward(pair);
                let [batch, heads, n_queries, n_keys] = weights.dims();
                let of_head = |head| weights.clone().narrow(1, head, 1).reshape([batch, n_queries, n_keys]);
                (pair, (0..heads).map(of_head).collect())
            }
            _ => (pair, Vec::new()),
        }
    }
}

impl Dense {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.through(x, self.activation)
    }

    /// `x W + b`, `[batch, units]`, from `[batch, inputs]`.
    pub fn sums(&self, x: Tensor<2>) -> Tensor<2> {
        self.through(x, Activation::Linear)
    }

    fn through(&self, x: Tensor<2>, function: Activation) -> Tensor<2> {
        match &self.linear.bias {
            Some(bias) => dense(x, self.linear.weight.val(), bias.val(), function),
            None => activate(function, self.linear.forward(x)),
        }
    }

    /// What the layer makes of its sums, `[batch, units]`.
    pub fn activate(&self, sums: Tensor<2>) -> Tensor<2> {
        activate(self.activation, sums)
    }
}

/// The layers of a spec have stride 1, a square kernel and a bias, which is what our kernel does.
fn convolve(conv: &Conv2d, function: Activation, x: Tensor<4>) -> Tensor<4> {
    let (PaddingConfig2d::Explicit(padding, ..), Some(bias)) = (&conv.padding, &conv.bias) else {
        return activate(function, conv.forward(x));
    };
    convolution(x, conv.weight.val(), bias.val(), *padding, function)
}

/// Numbers of one place, step or example: feature maps, units, features; of tokens, how many different ones.
fn n_channels(shape: Shape) -> usize {
    match shape {
        Shape::Image { channels, .. } => channels,
        Shape::Flat { units } => units,
        Shape::Sequence { features, .. } | Shape::Pair { features, .. } => features,
        Shape::Tokens { vocabulary, .. } | Shape::TokenPair { target_vocabulary: vocabulary, .. } => vocabulary,
    }
}
