//! Activations and their slopes as formulas, with letters and with numbers.

use super::shown::term;
use crate::format::sig3;
use descent_spec::Activation;

/// A formula, and the same with the numbers in.
pub(super) type Filled = (&'static str, String);

/// `act(z)`.
pub(super) fn value(activation: Activation, z: f64) -> Filled {
    let (s, t) = (sig3(z), term(z));
    let is_above = z > 0.0;
    match activation {
        Activation::Linear => ("z", s),
        Activation::Relu => ("max(0, z)", format!("max(0, {s})")),
        Activation::LeakyRelu if is_above => ("z where z > 0", s),
        Activation::LeakyRelu => ("0.01 z where z ≤ 0", format!("0.01 · {t}")),
        Activation::Elu if is_above => ("z where z > 0", s),
        Activation::Elu => ("exp(z) − 1 where z ≤ 0", format!("exp({s}) − 1")),
        Activation::Gelu => ("z Φ(z)", format!("{t} · Φ({s})")),
        Activation::Silu => ("z / (1 + exp(−z))", format!("{t} / (1 + exp({}))", sig3(-z))),
        Activation::Tanh => ("tanh(z)", format!("tanh({s})")),
        Activation::Sigmoid => ("1 / (1 + exp(−z))", format!("1 / (1 + exp({}))", sig3(-z))),
        Activation::Softplus => ("ln(1 + exp(z))", format!("ln(1 + exp({s}))")),
    }
}

/// `act′(z)`, with a = act(z).
pub(super) fn slope(activation: Activation, z: f64, a: f64) -> Filled {
    let (s, t, b) = (sig3(z), term(z), term(a));
    let is_above = z > 0.0;
    let constant = |value: &str| value.to_owned();
    match activation {
        Activation::Linear => ("1", constant("1")),
        Activation::Relu if is_above => ("1 where z > 0", constant("1")),
        Activation::Relu => ("0 where z ≤ 0", constant("0")),
        Activation::LeakyRelu if is_above => ("1 where z > 0", constant("1")),
        Activation::LeakyRelu => ("0.01 where z ≤ 0", constant("0.01")),
        Activation::Elu if is_above => ("1 where z > 0", constant("1")),
        Activation::Elu => ("exp(z) where z ≤ 0", format!("exp({s})")),
        Activation::Gelu => ("Φ(z) + z φ(z)", format!("Φ({s}) + {t} · φ({s})")),
        Activation::Silu => ("σ(z) + a (1 − σ(z))", format!("σ({s}) + {b} · (1 − σ({s}))")),
        Activation::Tanh => ("1 − a²", format!("1 − {b}²")),
        Activation::Sigmoid => ("a (1 − a)", format!("{b} · (1 − {b})")),
        Activation::Softplus => ("σ(z)", format!("1 / (1 + exp({}))", sig3(-z))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_where_the_letters_stood() {
        assert_eq!(value(Activation::Tanh, -0.5), ("tanh(z)", "tanh(−0.500)".into()));
        assert_eq!(value(Activation::Sigmoid, 2.0).1, "1 / (1 + exp(−2.00))");
        assert_eq!(value(Activation::Silu, -2.0).1, "(−2.00) / (1 + exp(2.00))");
        assert_eq!(slope(Activation::Tanh, -0.5, -0.25).1, "1 − (−0.250)²");
        assert_eq!(slope(Activation::Relu, 0.0, 0.0), ("0 where z ≤ 0", "0".into()));
    }
}
