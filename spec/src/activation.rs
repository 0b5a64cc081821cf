//! Activation functions: the non-linear step after a layer's weighted sum.

use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Slope of a leaky ReLU below zero: PyTorch's default.
const LEAK: f64 = 0.01;

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
    /// Gaussian error linear unit, the exact form with erf (Hendrycks and Gimpel 2016).
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

impl Activation {
    /// The function at `z`, in double precision: what the engine computes in single.
    ///
    /// ```
    /// use descent_spec::Activation;
    /// assert_eq!(Activation::Sigmoid.value(0.0), 0.5);
    /// assert_eq!(Activation::LeakyRelu.value(-3.0), -0.03);
    /// ```
    pub fn value(self, z: f64) -> f64 {
        match self {
            Activation::Linear => z,
            Activation::Relu => z.max(0.0),
            Activation::LeakyRelu => {
                if z > 0.0 {
                    z
                } else {
                    LEAK * z
                }
            }
            Activation::Elu => {
                if z > 0.0 {
                    z
                } else {
                    z.exp_m1()
                }
            }
            Activation::Gelu => z * normal(z),
            Activation::Silu => z * sigmoid(z),
            Activation::Tanh => z.tanh(),
            Activation::Sigmoid => sigmoid(z),
            // ln(1 + eᶻ), written so that a large z does not overflow.
            Activation::Softplus => z.max(0.0) + (-z.abs()).exp().ln_1p(),
        }
    }

    /// The derivative at `z`. Where there is none, at the kink of ReLU and leaky ReLU, it is PyTorch's: that from the left.
    ///
    /// ```
    /// use descent_spec::Activation;
    /// assert_eq!(Activation::Sigmoid.slope(0.0), 0.25);
    /// assert_eq!(Activation::Relu.slope(0.0), 0.0);
    /// ```
    pub fn slope(self, z: f64) -> f64 {
        match self {
            Activation::Linear => 1.0,
            Activation::Relu => {
                if z > 0.0 {
                    1.0
                } else {
                    0.0
                }
            }
            Activation::LeakyRelu => {
                if z > 0.0 {
                    1.0
                } else {
                    LEAK
                }
            }
            Activation::Elu => {
                if z > 0.0 {
                    1.0
                } else {
                    z.exp()
                }
            }
            Activation::Gelu => normal(z) + z * (-z * z / 2.0).exp() / (2.0 * PI).sqrt(),
            Activation::Silu => sigmoid(z) * (1.0 + z * (1.0 - sigmoid(z))),
            Activation::Tanh => 1.0 - z.tanh().powi(2),
            Activation::Sigmoid => sigmoid(z) * (1.0 - sigmoid(z)),
            Activation::Softplus => sigmoid(z),
        }
    }
}

/// `σ(z) = 1 / (1 + e⁻ᶻ)`.
fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Distribution function of the standard normal distribution, `Φ(z) = (1 + erf(z / √2)) / 2`.
fn normal(z: f64) -> f64 {
    0.5 * (1.0 + libm::erf(z * FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Activation> {
        Activation::table().iter().map(|entry| entry.value)
    }

    #[test]
    fn values_and_slopes_are_those_of_pytorch() {
        #[derive(serde::Deserialize)]
        struct Numbers {
            activations: Vec<Reference>,
        }
        #[derive(serde::Deserialize)]
        struct Reference {
            name: String,
            x: Vec<f64>,
            y: Vec<f64>,
            slope: Vec<f64>,
        }
        let text = include_str!("../../tests/reference/numbers.json");
        let references = serde_json::from_str::<Numbers>(text).unwrap().activations;
        for activation in all() {
            let reference = references.iter().find(|it| it.name == activation.id()).unwrap();
            assert!(reference.x.len() >= 7);
            for (idx, &z) in reference.x.iter().enumerate() {
                let (value, slope) = (reference.y[idx], reference.slope[idx]);
                // They were written with twelve digits.
                let is_near = |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-11 * theirs.abs().max(1.0);
                assert!(is_near(activation.value(z), value), "{activation:?}({z}) is {value}");
                assert!(is_near(activation.slope(z), slope), "{activation:?}'({z}) is {slope}");
            }
        }
    }

    #[test]
    fn values_at_zero_are_those_worked_out_by_hand() {
        for (activation, value, slope) in [
            (Activation::Linear, 0.0, 1.0),
            // At a kink PyTorch takes the slope from the left.
            (Activation::Relu, 0.0, 0.0),
            (Activation::LeakyRelu, 0.0, 0.01),
            (Activation::Elu, 0.0, 1.0),
            (Activation::Gelu, 0.0, 0.5),
            (Activation::Silu, 0.0, 0.5),
            (Activation::Tanh, 0.0, 1.0),
            (Activation::Sigmoid, 0.5, 0.25),
            (Activation::Softplus, std::f64::consts::LN_2, 0.5),
        ] {
            assert_eq!((activation.value(0.0), activation.slope(0.0)), (value, slope), "{activation:?}");
        }
    }

    #[test]
    fn the_slope_is_that_of_the_function() {
        let h = 1e-6;
        for activation in all() {
            // Odd steps of 1/16: none is nearer to the kinks at zero than the difference reaches.
            for z in (-97..=97).step_by(2).map(|step| f64::from(step) / 16.0) {
                let difference = (activation.value(z + h) - activation.value(z - h)) / (2.0 * h);
                let slope = activation.slope(z);
                assert!((slope - difference).abs() < 1e-8, "{activation:?} at {z}: {slope}, by differences {difference}");
            }
        }
    }

    #[test]
    fn far_out_nothing_overflows() {
        for activation in all() {
            for z in [-1e4, 1e4] {
                assert!(activation.value(z).is_finite() && activation.slope(z).is_finite(), "{activation:?} at {z}");
            }
        }
        assert_eq!(Activation::Softplus.value(1e4), 1e4);
    }

    #[test]
    fn every_activation_has_one_row() {
        use Activation::*;
        crate::registry::check_table(&[Relu, LeakyRelu, Elu, Gelu, Silu, Tanh, Sigmoid, Softplus, Linear]);
    }
}
