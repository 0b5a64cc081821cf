//! Layers with weights for each of the two sides of a pair: an encoder and a decoder.

use super::recurrent::{Recurrent, State};
use super::sequence::{Carried, Embedding, last_of};
use super::signal::{Pair, Sequence, Signal};
use burn::module::Module;
use burn::tensor::Device;
use descent_spec::{Cell, Initializer, Returns};
use rand_chacha::ChaCha8Rng;

/// A vector for each token, from a table for each side.
#[derive(Module, Debug)]
pub struct PairEmbedding {
    encoder: Embedding,
    decoder: Embedding,
}

impl PairEmbedding {
    /// First vectors as of an [`Embedding`], those of the source first.
    pub fn init(
        vocabularies: [usize; 2],
        features: usize,
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> PairEmbedding {
        let [encoder, decoder] = vocabularies.map(|vocabulary| Embedding::init(vocabulary, features, initializer, rng, device));
        PairEmbedding { encoder, decoder }
    }

    /// Tokens to vectors.
    pub fn forward(&self, x: Signal) -> Signal {
        match x {
            Signal::TokenPair(source, target) => {
                Signal::Pair(Pair { source: self.encoder.forward(source), target: self.decoder.forward(target) })
            }
            other => other,
        }
    }
}

/// An encoder that reads the source, and a decoder that goes on from the encoder's state behind the source's last token (Cho et al.
/// 2014).
#[derive(Module, Debug)]
pub struct PairRecurrent {
    encoder: Recurrent,
    decoder: Recurrent,
}

impl PairRecurrent {
    /// First weights as of a recurrent layer, those of the encoder first; `inputs` of the two sides.
    pub fn init(
        (cell, inputs, units): (Cell, [usize; 2], usize),
        initializer: Initializer,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> PairRecurrent {
        let [encoder, decoder] =
            inputs.map(|inputs| Carried::init((cell, inputs, units, Returns::All), initializer, rng, device).recurrent);
        PairRecurrent { encoder, decoder }
    }

    /// Tokens or vectors to states.
    pub fn forward(&self, x: Signal) -> Signal {
        let first = |batch| self.encoder.zero_state(batch, &self.encoder.device());
        match x {
            Signal::TokenPair(source, target) => {
                let (states, _) = self.encoder.forward_tokens(&source.ids, source.batch, first(source.batch));
                let source = Sequence { values: states, lengths: source.lengths };
                let values = self.decoder.forward_tokens_from(&target.ids, target.batch, last_of(&source));
                Signal::Pair(Pair { source, target: Sequence { values, lengths: target.lengths } })
            }
            Signal::Pair(Pair { source, target }) => {
                let batch = source.values.dims()[1];
                let (states, _) = self.encoder.forward(source.values, first(batch));
                let source = Sequence { values: states, lengths: source.lengths };
                let values = self.decoder.forward_from(target.values, last_of(&source));
                Signal::Pair(Pair { source, target: Sequence { values, lengths: target.lengths } })
            }
            other => other,
        }
    }
}

impl State {
    pub(super) fn of_hidden(hidden: burn::tensor::Tensor<2>) -> State {
        State { hidden, cell: None }
    }
}
