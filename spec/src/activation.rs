//! Activation functions: the non-linear step after a layer's weighted sum.

use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// A function applied to each number on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// The identity: the layer stays linear.
    Linear,
    /// Rectified linear unit.
    Relu,
    /// ReLU with a small slope below zero, so that no unit dies.
    LeakyRelu,
    /// Exponential linear unit.
    Elu,
    /// Gaussian error linear unit, the exact form with erf.
    Gelu,
    /// Sigmoid linear unit, also called swish.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
    /// Logistic function.
    Sigmoid,
    /// A smooth ReLU.
    Softplus,
}

impl Registry for Activation {
    const WHAT: &'static str = "activation";

    fn table() -> &'static [Entry<Self>] {
        const fn row(value: Activation, id: &'static str, label: &'static str, about: &'static str) -> Entry<Activation> {
            Entry { value, id, label, about }
        }
        const TABLE: &[Entry<Activation>] = &[
            row(Activation::Relu, "relu", "ReLU", "max(0, x)"),
            row(Activation::LeakyRelu, "leaky", "Leaky ReLU", "x if x > 0, else 0.01 x"),
            row(Activation::Elu, "elu", "ELU", "x if x > 0, else exp(x) − 1"),
            row(Activation::Gelu, "gelu", "GELU", "x Φ(x), Φ the normal distribution function"),
            row(Activation::Silu, "silu", "SiLU", "x / (1 + exp(−x))"),
            row(Activation::Tanh, "tanh", "Tanh", "(exp(x) − exp(−x)) / (exp(x) + exp(−x))"),
            row(Activation::Sigmoid, "sigmoid", "Sigmoid", "1 / (1 + exp(−x))"),
            row(Activation::Softplus, "softplus", "Softplus", "ln(1 + exp(x))"),
            row(Activation::Linear, "linear", "Linear", "x"),
        ];
        TABLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activation_has_one_row() {
        use Activation::*;
        crate::registry::check_table(&[Relu, LeakyRelu, Elu, Gelu, Silu, Tanh, Sigmoid, Softplus, Linear]);
    }
}
