//! Layers on sequences.

use super::init::{draw, draw_bias};
use super::recurrent::{Recurrent, State};
use super::signal::{Sequence, Signal, Tokens};
use crate::kernels::{dense, lookup};
use crate::rng::{normal_f32, uniform_f32};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use descent_spec::{Activation, Cell, Initializer, Pooling, Returns};
use rand_chacha::ChaCha8Rng;

/// Bound of first embeddings, Keras's.
const EMBEDDING_BOUND: f32 = 0.05;

/// A vector for each token; the padding's is zero and stays it.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[vocabulary, features]`.
    weight: Param<Tensor<2>>,
    /// Whether no gradient reaches the vectors.
    #[module(skip)]
    is_frozen: bool,
}

impl Embedding {
    /// First vectors uniform in ±0.05 (Keras's default), whatever the initializer says of matrices; standard normal (PyTorch's)
    /// with the initializers that are PyTorch's or have deviation 1, and zero with zeros.
    pub fn init(
        vocabulary: usize,
        features: usize,
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Embedding {
        let weight = first_vectors(vocabulary, features, initializer, rng);
        Embedding { weight: matrix(weight, [vocabulary, features], device), is_frozen: false }
    }

    /// The same with vectors that are known for some tokens in place of drawn ones, and frozen or not. All are drawn, so that what is
    /// drawn for the others does not depend on them.
    pub fn init_from(
        (vocabulary, features, is_frozen): (usize, usize, bool),
        known: &[(usize, &[f32])],
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Embedding {
        let mut weight = first_vectors(vocabulary, features, initializer, rng);
        for (token, row) in known {
            if let Some(place) = weight.get_mut(token * features..(token + 1) * features)
                && place.len() == row.len()
            {
                place.copy_from_slice(row);
            }
        }
        Embedding { weight: matrix(weight, [vocabulary, features], device), is_frozen }
    }

    /// Tokens `[steps, batch]` to vectors `[steps, batch, features]`.
    pub fn forward(&self, tokens: Tokens) -> Sequence {
        let steps = tokens.steps();
        let table = if self.is_frozen { self.weight.val().detach() } else { self.weight.val() };
        let rows = lookup(table, &tokens.ids);
        let features = rows.dims()[1];
        let sequence = Sequence { values: rows.reshape([steps, tokens.batch, features]), lengths: tokens.lengths };
        match sequence.is_missing() {
            Some(missing) => Sequence { values: sequence.values.mask_fill(missing, 0.0), ..sequence },
            None => sequence,
        }
    }
}

fn first_vectors(vocabulary: usize, features: usize, initializer: Initializer, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let mut value = || match initializer {
        Initializer::Zeros => 0.0,
        Initializer::FanInUniform | Initializer::UnitNormal => normal_f32(rng),
        _ => (2.0 * uniform_f32(rng) - 1.0) * EMBEDDING_BOUND,
    };
    (0..vocabulary * features).map(|_| value()).collect()
}

/// A recurrent layer and what it hands on.
#[derive(Module, Debug)]
pub struct Carried {
    /// The weights.
    pub recurrent: Recurrent,
    #[module(skip)]
    returns: Returns,
}

impl Carried {
    /// First weights by the initializer, of inputs (fan in: inputs, fan out: units times gates) and of the state (fan in: units)
    /// alike; biases zero, but the LSTM's forget gate 1, so that it begins by remembering (Jozefowicz et al. 2015; Keras's
    /// default). With PyTorch's initializer all are uniform in ±1 / √units, as there.
    pub fn init(
        (cell, inputs, units, returns): (Cell, usize, usize, Returns),
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Carried {
        let width = cell.n_gates() * units;
        let fan_in = if initializer == Initializer::FanInUniform { units } else { inputs };
        let input_weight = draw(initializer, fan_in, width, inputs * width, rng);
        let hidden_weight = draw(initializer, units, width, units * width, rng);
        let mut bias = draw_bias(initializer, units, width, rng);
        if cell == Cell::Lstm && initializer != Initializer::FanInUniform {
            bias[units..2 * units].fill(1.0);
        }
        let inner = if cell == Cell::Gru { draw_bias(initializer, units, units, rng) } else { Vec::new() };
        Carried { recurrent: Recurrent::new(cell, input_weight, hidden_weight, bias, inner, device), returns }
    }

    /// From tokens or vectors to states.
    pub fn forward(&self, x: Signal) -> Signal {
        self.forward_from(x, &mut None)
    }

    /// The same from a state that an earlier stretch left behind, or from none; afterwards it is the one that this stretch leaves.
    pub fn forward_from(&self, x: Signal, state: &mut Option<State>) -> Signal {
        let device = self.recurrent.device();
        let mut first = |batch| state.take().unwrap_or_else(|| self.recurrent.zero_state(batch, &device));
        let ((hidden, last), lengths) = match x {
            Signal::Tokens(tokens) => {
                (self.recurrent.forward_tokens(&tokens.ids, tokens.batch, first(tokens.batch)), tokens.lengths)
            }
            Signal::Sequence(sequence) => {
                let batch = sequence.values.dims()[1];
                (self.recurrent.forward(sequence.values, first(batch)), sequence.lengths)
            }
            other => return other,
        };
        *state = Some(last);
        let states = Sequence { values: hidden, lengths };
        match self.returns {
            Returns::All => Signal::Sequence(states),
            Returns::Last => Signal::Flat(last_of(&states)),
        }
    }
}

/// The last step that is there of each sequence, `[batch, features]`.
pub(super) fn last_of(sequence: &Sequence) -> Tensor<2> {
    let [steps, batch, features] = sequence.values.dims();
    match &sequence.lengths {
        None => sequence.values.clone().narrow(0, steps - 1, 1).reshape([batch, features]),
        Some(lengths) => {
            let ends: Vec<u32> = lengths.iter().enumerate().map(|(b, &length)| ((length - 1) * batch + b) as u32).collect();
            lookup(sequence.rows(), &ends)
        }
    }
}

/// 1-D convolution over time: each kernel sees some steps in a row.
#[derive(Module, Debug)]
pub struct Conv1d {
    /// `[kernel · features, filters]`: the rows of one step after those of the step before it.
    weight: Param<Tensor<2>>,
    /// `[filters]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
}

impl Conv1d {
    /// First weights as a dense layer's that sees so many steps.
    pub fn init(
        (features, filters, kernel, activation): (usize, usize, usize, Activation),
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Conv1d {
        let fan_in = features * kernel;
        let weight = draw(initializer, fan_in, filters * kernel, fan_in * filters, rng);
        let bias = draw_bias(initializer, fan_in, filters, rng);
        Conv1d {
            weight: matrix(weight, [fan_in, filters], device),
            bias: Param::from_data(TensorData::new(bias, [filters]), device),
            activation,
        }
    }

    /// `[steps, batch, features]` to `[steps − kernel + 1, batch, filters]`: one product of all stretches with all kernels.
    pub fn forward(&self, x: &Sequence) -> Sequence {
        let [steps, batch, features] = x.values.dims();
        let kernel = self.weight.val().dims()[0] / features;
        let steps_left = steps + 1 - kernel;
        let shifted = (0..kernel).map(|shift| x.values.clone().narrow(0, shift, steps_left)).collect();
        let stretches = Tensor::cat(shifted, 2).reshape([steps_left * batch, kernel * features]);
        let y = dense(stretches, self.weight.val(), self.bias.val(), self.activation);
        // A kernel that reaches into the padding sees zeros there; a sequence shorter than the kernel has one such place.
        let lengths =
            x.lengths.as_ref().map(|lengths| lengths.iter().map(|&len| (len + 1).saturating_sub(kernel).max(1)).collect());
        Sequence { values: y.reshape([steps_left, batch, self.bias.val().dims()[0]]), lengths }
    }
}

/// All steps that are there put together, `[batch, features]`.
pub(super) fn pool(pooling: Pooling, x: &Sequence) -> Tensor<2> {
    let [steps, batch, features] = x.values.dims();
    let missing = x.is_missing();
    match (pooling, missing) {
        (Pooling::Mean, None) => x.values.clone().sum_dim(0).reshape([batch, features]) / steps as f64,
        (Pooling::Mean, Some(missing)) => {
            let sums = x.values.clone().mask_fill(missing, 0.0).sum_dim(0).reshape([batch, features]);
            let lengths: Vec<f32> =
                x.lengths.iter().flat_map(|lengths| lengths.iter()).map(|&len| len.min(steps) as f32).collect();
            sums / Tensor::<2>::from_data(TensorData::new(lengths, [batch, 1]), &x.values.device().inner())
        }
        (Pooling::Max, None) => x.values.clone().max_dim(0).reshape([batch, features]),
        (Pooling::Max, Some(missing)) => {
            x.values.clone().mask_fill(missing, f64::from(f32::MIN)).max_dim(0).reshape([batch, features])
        }
    }
}

/// The dot product of the first step's vector with that of each later step, `[batch, steps − 1]`.
pub(super) fn compare(x: &Sequence) -> Tensor<2> {
    let [steps, batch, _features] = x.values.dims();
    let first = x.values.clone().narrow(0, 0, 1); // [1, batch, features]
    let others = x.values.clone().narrow(0, 1, steps - 1);
    (others * first).sum_dim(2).reshape([steps - 1, batch]).swap_dims(0, 1)
}

fn matrix(values: Vec<f32>, dims: [usize; 2], device: &Device) -> Param<Tensor<2>> {
    Param::from_data(TensorData::new(values, dims), device)
}
