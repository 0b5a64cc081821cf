//! What a layer makes of a pair of sequences, and what it costs: most have weights for each of the two sides.

use super::{LayerSpec, MAX_FEATURES, MAX_UNITS, Returns, Score, in_range};
use crate::cell::Cell;
use crate::shape::Shape;

/// Most heads of a transformer block.
const MAX_HEADS: usize = 16;

impl LayerSpec {
    /// [`LayerSpec::output`] of a pair.
    pub(super) fn output_of_pair(&self, input: Shape) -> Result<Shape, String> {
        match (self, input) {
            (LayerSpec::Embedding { features, .. }, Shape::TokenPair { source, target, .. }) => {
                in_range("Features", *features, 1, MAX_FEATURES)?;
                Ok(Shape::Pair { source, target, features: *features })
            }
            (LayerSpec::Embedding { .. }, _) => Err("An embedding needs tokens, so it can only be the first layer.".into()),
            (LayerSpec::Recurrent { returns: Returns::Last, .. }, _) => {
                Err("Attention and the answer need the state after every step: return every state.".into())
            }
            (LayerSpec::Recurrent { cell: Cell::Lstm, .. }, _) => {
                Err("What an encoder hands on to its decoder is one state, and an LSTM has two: take a GRU or an RNN.".into())
            }
            (
                LayerSpec::Recurrent { units, .. },
                Shape::TokenPair { source, target, .. } | Shape::Pair { source, target, .. },
            ) => {
                in_range("Units", *units, 1, MAX_FEATURES)?;
                Ok(Shape::Pair { source, target, features: *units })
            }
            (_, Shape::TokenPair { .. }) => {
                Err("Tokens are names, not numbers: begin with an embedding or a recurrent layer.".into())
            }
            // Behind the first of these only the answer goes on.
            (LayerSpec::Dense { units, .. }, Shape::Pair { target, .. }) => {
                in_range("Units", *units, 1, MAX_UNITS)?;
                Ok(Shape::Sequence { steps: target, features: *units })
            }
            (LayerSpec::LayerNorm, Shape::Pair { target, features, .. }) => Ok(Shape::Sequence { steps: target, features }),
            (LayerSpec::Dropout { rate }, _) if !(0.0..=0.95).contains(rate) => {
                Err(format!("The rate must lie between 0 and 0.95, and {rate} does not."))
            }
            (LayerSpec::Dropout { .. } | LayerSpec::Activate { .. } | LayerSpec::Attend { .. } | LayerSpec::Positions, shape) => {
                Ok(shape)
            }
            (LayerSpec::Transformer { heads, hidden }, Shape::Pair { features, .. }) => {
                in_range("Heads", *heads, 1, MAX_HEADS)?;
                in_range("Units", *hidden, 1, MAX_UNITS)?;
                if features % heads != 0 {
                    return Err(format!(
                        "{features} features cannot be divided among {heads} heads: take another number of heads."
                    ));
                }
                Ok(input)
            }
            _ => {
                Err("This layer does not take a source and a target side by side: remove it, or put a dense layer before it."
                    .into())
            }
        }
    }

    /// [`LayerSpec::n_params`] of a pair.
    pub(super) fn n_params_of_pair(&self, input: Shape) -> usize {
        match (self, input) {
            (LayerSpec::Embedding { features, .. }, Shape::TokenPair { source_vocabulary, target_vocabulary, .. }) => {
                (source_vocabulary + target_vocabulary) * features
            }
            (LayerSpec::Recurrent { cell, units, .. }, Shape::TokenPair { source_vocabulary, target_vocabulary, .. }) => {
                cell.n_params(source_vocabulary, *units) + cell.n_params(target_vocabulary, *units)
            }
            (LayerSpec::Recurrent { cell, units, .. }, Shape::Pair { features, .. }) => 2 * cell.n_params(features, *units),
            (LayerSpec::Dense { units, .. }, Shape::Pair { features, .. }) => features * units + units,
            (LayerSpec::LayerNorm, Shape::Pair { features, .. }) => 2 * features,
            (LayerSpec::Attend { score }, Shape::Pair { features, .. }) => {
                let of_score = if *score == Score::Additive { 2 * features * features + features } else { 0 };
                of_score + 2 * features * features + features
            }
            (LayerSpec::Transformer { hidden, .. }, Shape::Pair { features, .. }) => {
                let attention = 4 * (features * features + features);
                let dense = features * hidden + hidden + hidden * features + features;
                // One and two attentions, two and three norms.
                3 * attention + 2 * dense + 5 * 2 * features
            }
            _ => 0,
        }
    }

    /// [`LayerSpec::n_multiplications`] of a pair: of weights with inputs, and of states with states where they attend.
    pub(super) fn n_multiplications_of_pair(&self, input: Shape) -> u64 {
        let count = match (self, input) {
            (LayerSpec::Recurrent { cell, units, .. }, Shape::TokenPair { source, target, .. }) => {
                (source + target) * cell.n_gates() * units * units
            }
            (LayerSpec::Recurrent { cell, units, .. }, Shape::Pair { source, target, features }) => {
                (source + target) * cell.n_gates() * units * (features + units)
            }
            (LayerSpec::Dense { units, .. }, Shape::Pair { target, features, .. }) => target * features * units,
            (LayerSpec::Attend { score }, Shape::Pair { source, target, features }) => {
                let of_score = if *score == Score::Additive { (source + target) * features * features } else { 0 };
                of_score + 2 * source * target * features + 2 * target * features * features
            }
            (LayerSpec::Transformer { hidden, .. }, Shape::Pair { source, target, features }) => {
                // Queries, keys, values and outputs of three attentions, of which one has its queries from the target and its keys from the
                // source; the two dense layers of each side; scores and sums.
                let attention = (4 * source + 4 * target + 2 * source + 2 * target) * features * features;
                let dense = 2 * (source + target) * features * hidden;
                attention + dense + 2 * (source * source + target * target + source * target) * features
            }
            _ => 0,
        };
        count as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Activation;

    const TOKENS: Shape = Shape::TokenPair { source: 5, target: 4, source_vocabulary: 20, target_vocabulary: 10 };
    const PAIR: Shape = Shape::Pair { source: 5, target: 4, features: 6 };

    /// By hand: an attention has 4 · (36 + 6) = 168, the two dense layers 48 + 8 + 48 + 6 = 110, a norm 12.
    #[test]
    fn a_block_has_as_many_parameters_as_counted_by_hand() {
        assert_eq!(
            LayerSpec::Transformer { heads: 2, hidden: 8 }.n_params(PAIR),
            (168 + 110 + 2 * 12) + (2 * 168 + 110 + 3 * 12)
        );
    }

    #[test]
    fn both_sides_have_weights_of_their_own() {
        assert_eq!(LayerSpec::embedding(6).n_params(TOKENS), 20 * 6 + 10 * 6);
        let gru = LayerSpec::Recurrent { cell: Cell::Gru, units: 6, returns: Returns::All };
        assert_eq!(gru.output(TOKENS), Ok(PAIR));
        assert_eq!(gru.n_params(PAIR), 2 * (3 * 6 * (6 + 6 + 1) + 6));
        assert_eq!(LayerSpec::Attend { score: Score::Dot }.n_params(PAIR), 12 * 6 + 6);
        assert_eq!(LayerSpec::Attend { score: Score::Additive }.n_params(PAIR), 36 + 36 + 6 + 12 * 6 + 6);
    }

    #[test]
    fn what_ends_a_pair_leaves_the_answer() {
        let dense = LayerSpec::Dense { units: 3, activation: Activation::Relu };
        assert_eq!(dense.output(PAIR), Ok(Shape::Sequence { steps: 4, features: 3 }));
        let odd = LayerSpec::Transformer { heads: 4, hidden: 8 };
        assert!(odd.output(PAIR).unwrap_err().contains("4 heads"));
        assert!(odd.output(Shape::Sequence { steps: 4, features: 8 }).is_err());
        for refused in [LayerSpec::Flatten, LayerSpec::BatchNorm, LayerSpec::MaxPool2d { size: 2 }] {
            assert!(refused.output(PAIR).unwrap_err().ends_with('.'));
        }
    }
}
