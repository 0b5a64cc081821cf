//! Activations and their slopes as formulas, with letters and with numbers.

use super::shown::term;
use crate::format::sig3;
use descent_spec::Activation;

/// A formula and the same with numbers in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filled {
    pub(super) letters: &'static str,
    /// Empty where the letters stand for a single number.
    numbers: String,
    /// On which side of zero it holds; empty where it holds everywhere.
    pub(super) side: &'static str,
}

impl Filled {
    /// With what comes out: `tanh(z) = tanh(0.500) = 0.462`, `z = 0.500, as z > 0`, `1, as z > 0`.
    pub(super) fn said(&self, value: f64) -> String {
        let is_constant = self.letters.parse::<f64>().is_ok();
        let mut parts = vec![self.letters.to_owned(), self.numbers.clone()];
        if !is_constant {
            parts.push(sig3(value));
        }
        parts.retain(|part| !part.is_empty());
        let side = if self.side.is_empty() { String::new() } else { format!(", as {}", self.side) };
        format!("{}{side}", parts.join(" = "))
    }
}

const ABOVE: &str = "z > 0";
const BELOW: &str = "z ≤ 0";

fn everywhere(letters: &'static str, numbers: String) -> Filled {
    Filled { letters, numbers, side: "" }
}

/// `act(z)`.
pub(super) fn value(activation: Activation, z: f64) -> Filled {
    let (s, t) = (sig3(z), term(z));
    let is_above = z > 0.0;
    match activation {
        Activation::Linear => everywhere("z", String::new()),
        Activation::Relu => everywhere("max(0, z)", format!("max(0, {s})")),
        Activation::LeakyRelu | Activation::Elu if is_above => Filled { letters: "z", numbers: String::new(), side: ABOVE },
        Activation::LeakyRelu => Filled { letters: "0.01 z", numbers: format!("0.01 · {t}"), side: BELOW },
        Activation::Elu => Filled { letters: "exp(z) − 1", numbers: format!("exp({s}) − 1"), side: BELOW },
        Activation::Gelu => everywhere("z Φ(z)", format!("{t} · Φ({s})")),
        Activation::Silu => everywhere("z / (1 + exp(−z))", format!("{t} / (1 + exp({}))", sig3(-z))),
        Activation::Tanh => everywhere("tanh(z)", format!("tanh({s})")),
        Activation::Sigmoid => everywhere("1 / (1 + exp(−z))", format!("1 / (1 + exp({}))", sig3(-z))),
        Activation::Softplus => everywhere("ln(1 + exp(z))", format!("ln(1 + exp({s}))")),
    }
}

/// `act′(z)`, with a = act(z).
pub(super) fn slope(activation: Activation, z: f64, a: f64) -> Filled {
    let (s, t, b) = (sig3(z), term(z), term(a));
    let is_above = z > 0.0;
    let constant = |letters, side| Filled { letters, numbers: String::new(), side };
    match activation {
        Activation::Linear => constant("1", ""),
        Activation::Relu | Activation::LeakyRelu | Activation::Elu if is_above => constant("1", ABOVE),
        Activation::Relu => constant("0", BELOW),
        Activation::LeakyRelu => constant("0.01", BELOW),
        Activation::Elu => Filled { letters: "exp(z)", numbers: format!("exp({s})"), side: BELOW },
        Activation::Gelu => everywhere("Φ(z) + z φ(z)", format!("Φ({s}) + {t} · φ({s})")),
        Activation::Silu => everywhere("σ(z) + a (1 − σ(z))", format!("σ({s}) + {b} · (1 − σ({s}))")),
        Activation::Tanh => everywhere("1 − a²", format!("1 − {b}²")),
        Activation::Sigmoid => everywhere("a (1 − a)", format!("{b} · (1 − {b})")),
        Activation::Softplus => everywhere("1 / (1 + exp(−z))", format!("1 / (1 + exp({}))", sig3(-z))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_where_the_letters_stood() {
        assert_eq!(value(Activation::Tanh, -0.5).said(-0.462), "tanh(z) = tanh(−0.500) = −0.462");
        assert_eq!(value(Activation::Silu, -2.0).numbers, "(−2.00) / (1 + exp(2.00))");
        assert_eq!(value(Activation::Elu, 0.5).said(0.5), "z = 0.500, as z > 0");
        assert_eq!(value(Activation::LeakyRelu, -2.0).said(-0.02), "0.01 z = 0.01 · (−2.00) = −0.0200, as z ≤ 0");
        assert_eq!(slope(Activation::Tanh, -0.5, -0.25).said(0.9375), "1 − a² = 1 − (−0.250)² = 0.938");
        assert_eq!(slope(Activation::Relu, 0.0, 0.0).said(0.0), "0, as z ≤ 0");
        assert_eq!(slope(Activation::Linear, 3.0, 3.0).said(1.0), "1");
    }
}
