//! Which loss is made small, where there is a choice.

use crate::model::Head;
use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// The loss that is trained on.
///
/// With the perceptron loss, [`Sgd`](crate::OptimizerSpec::Sgd), batches of one example, a learning rate of 1, weights from
/// [`Zeros`](crate::Initializer::Zeros) and no hidden layer, a training step **is** Rosenblatt's perceptron rule of 1958: where
/// `t z ≤ 0` the subgradient for z is −t, so that `w ← w + t x` and `b ← b + t`; where `t z > 0` it is 0, and nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The one that belongs to the data: [`Head::Sigmoid`]'s for two classes of points, where there is the choice.
    #[default]
    Usual,
    /// [`Head::Perceptron`]'s, for two classes of points.
    Perceptron,
}

impl Registry for Loss {
    const WHAT: &'static str = "loss";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Loss>] = &[
            Entry {
                value: Loss::Usual,
                id: "cross_entropy",
                label: "Cross-entropy",
                about: "−y ln p − (1 − y) ln(1 − p): every point pulls, by as much as its probability is off",
            },
            Entry {
                value: Loss::Perceptron,
                id: "perceptron",
                label: "Perceptron",
                about: "max(0, −t z), t = +1 or −1: only mistakes pull; with SGD, batch 1 and rate 1 the rule of 1958",
            },
        ];
        TABLE
    }
}

impl Loss {
    /// The head with this loss, from the head of the data; or a sentence that says what the loss needs.
    ///
    /// # Errors
    /// The perceptron loss on anything but two classes of points.
    pub fn head(self, of_data: Head) -> Result<Head, String> {
        match (self, of_data) {
            (Loss::Usual, head) => Ok(head),
            (Loss::Perceptron, Head::Sigmoid | Head::Perceptron) => Ok(Head::Perceptron),
            (Loss::Perceptron, Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } | Head::Linear) => {
                Err("the perceptron loss needs points of exactly two classes".into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loss_has_one_row() {
        crate::registry::check_table(&[Loss::Usual, Loss::Perceptron]);
    }

    #[test]
    fn the_perceptron_tells_two_classes_apart_and_nothing_else() {
        assert_eq!(Loss::Perceptron.head(Head::Sigmoid), Ok(Head::Perceptron));
        assert_eq!(Loss::Usual.head(Head::Sigmoid), Ok(Head::Sigmoid));
        assert!(Loss::Perceptron.head(Head::Linear).is_err());
        assert!(Loss::Perceptron.head(Head::Softmax { n_classes: 3 }).is_err());
    }
}
