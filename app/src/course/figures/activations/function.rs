//! The functions of the gallery: those that a layer can have, and the step.

use crate::canvas::function::{Flatness, INPUTS, Sample};
use crate::format::tick;
use descent_spec::registry::Registry;
use descent_spec::{Activation, DataSet, Experiment, ModelSpec, link};

/// A slope smaller than this, either way, is called saturated: of a correction not even a twentieth gets through.
const ALMOST_FLAT: f64 = 0.05;

/// A function to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The perceptron's. It cannot be trained by slopes, so no layer offers it.
    Step,
    /// One that a layer can have.
    Trainable(Activation),
}

/// What is written about a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Its formula.
    pub value: &'static str,
    /// That of its slope.
    pub slope: &'static str,
    /// What to see in it.
    pub about: &'static str,
}

impl Shown {
    /// The step first, then the registry in its order.
    pub fn all() -> impl Iterator<Item = Shown> {
        std::iter::once(Shown::Step).chain(Activation::table().iter().map(|entry| Shown::Trainable(entry.value)))
    }

    /// Its name on the page.
    pub fn label(self) -> &'static str {
        match self {
            Shown::Step => "Step",
            Shown::Trainable(activation) => activation.label(),
        }
    }

    /// Value and slope at `z`.
    pub fn at(self, z: f64) -> Sample {
        let (value, slope) = match self {
            Shown::Step => (if z > 0.0 { 1.0 } else { -1.0 }, if z == 0.0 { f64::NAN } else { 0.0 }),
            Shown::Trainable(activation) => (activation.value(z), activation.slope(z)),
        };
        let flatness = match slope.abs() {
            0.0 => Flatness::Flat,
            small if small < ALMOST_FLAT => Flatness::Almost,
            _ => Flatness::Steep,
        };
        Sample { z, value, slope, flatness }
    }

    /// Where it is flat, in words; nothing where it nowhere is.
    pub fn flat_places(self) -> String {
        // In hundredths, so that zero is met exactly.
        let (first, last) = ((INPUTS.start * 100.0) as i32, (INPUTS.end * 100.0) as i32);
        let samples: Vec<Sample> = (first..=last).map(|hundredth| self.at(f64::from(hundredth) / 100.0)).collect();
        let places = |flatness: Flatness| {
            let runs = samples.chunk_by(|one, next| one.flatness == next.flatness);
            let runs = runs.filter(|run| run.first().is_some_and(|sample| sample.flatness == flatness));
            runs.filter_map(|run| {
                let (from, to) = (run.first()?.z, run.last()?.z);
                Some(match (from == INPUTS.start, to == INPUTS.end) {
                    (true, true) => "everywhere".to_owned(),
                    (true, false) => format!("up to {}", tick(to)),
                    (false, true) => format!("from {} on", tick(from)),
                    (false, false) => format!("from {} to {}", tick(from), tick(to)),
                })
            })
            .collect::<Vec<_>>()
            .join(" and ")
        };
        let named = |name: &str, places: String| (!places.is_empty()).then(|| format!("{name} {places}."));
        if self == Shown::Step {
            return "Flat everywhere but at the jump, where it has no slope at all.".into();
        }
        let sentences = [named("Flat", places(Flatness::Flat)), named("Almost flat", places(Flatness::Almost))];
        sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// A link to a small net with this activation; none for what cannot be trained.
    pub fn lab_link(self) -> Option<String> {
        let Shown::Trainable(activation) = self else { return None };
        let model = ModelSpec::two_hidden(4, 2, activation);
        Some(link::encode(&Experiment { model, ..Experiment::for_set(DataSet::Circle) }))
    }

    /// Formula and explanation.
    pub fn words(self) -> Words {
        let (value, slope, about) = match self {
            Shown::Step => (
                "1 if z > 0, else −1",
                "0, and none at z = 0",
                "It says yes or no. Flat on both sides, it tells no weight which way to go, so it cannot be trained by \
                 slopes: that is why the perceptron has a rule of its own, and why the others here were invented.",
            ),
            Shown::Trainable(activation) => of_activation(activation),
        };
        Words { value, slope, about }
    }
}

fn of_activation(activation: Activation) -> (&'static str, &'static str, &'static str) {
    match activation {
        Activation::Linear => (
            "z",
            "1",
            "It passes the sum on unchanged. However many such neurons follow each other, together they make one straight cut.",
        ),
        Activation::Relu => (
            "max(0, z)",
            "1 if z > 0, else 0",
            "It passes positive sums unchanged and silences the others. At the corner it has no derivative; 0 is taken.",
        ),
        Activation::LeakyRelu => (
            "z if z > 0, else 0.01 z",
            "1 if z > 0, else 0.01",
            "ReLU with a hundredth of its slope left below zero: little, but enough for a silent neuron to come back.",
        ),
        Activation::Elu => (
            "z if z > 0, else exp(z) − 1",
            "1 if z > 0, else exp(z)",
            "Below zero it bends smoothly towards −1, so that outputs lie on both sides of zero; far to the left it saturates.",
        ),
        Activation::Gelu => (
            "z Φ(z), with Φ(z) = (1 + erf(z / √2)) / 2",
            "Φ(z) + z exp(−z² / 2) / √(2π)",
            "A smooth ReLU, common in language models. It dips below zero: left of the bottom of the dip its slope is negative.",
        ),
        Activation::Silu => (
            "z σ(z), with σ(z) = 1 / (1 + exp(−z))",
            "σ(z) (1 + z (1 − σ(z)))",
            "The sum times its own sigmoid, also called swish: much like GELU, with a wider and deeper dip.",
        ),
        Activation::Tanh => (
            "(exp(z) − exp(−z)) / (exp(z) + exp(−z))",
            "1 − tanh(z)²",
            "It runs from −1 to 1: a sigmoid stretched to be centred on zero, four times as steep there and saturated sooner.",
        ),
        Activation::Sigmoid => (
            "1 / (1 + exp(−z))",
            "σ(z) (1 − σ(z))",
            "It turns any sum into a number between 0 and 1. Even at its steepest, only a quarter of a correction gets through.",
        ),
        Activation::Softplus => (
            "ln(1 + exp(z))",
            "1 / (1 + exp(−z))",
            "ReLU with its corner rounded off: never quite zero, and its slope is the sigmoid.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_places_are_told() {
        let of = |activation| Shown::Trainable(activation).flat_places();
        // σ (1 − σ) = 0.05 at σ = (1 − √0.8) / 2 = 0.0528, where z = ln(0.0528 / 0.9472) = −2.887.
        assert_eq!(of(Activation::Sigmoid), "Almost flat up to −2.89 and from 2.89 on.");
        // 1 − tanh² = 0.05 at z = artanh √0.95 = 2.178.
        assert_eq!(of(Activation::Tanh), "Almost flat up to −2.18 and from 2.18 on.");
        assert_eq!(of(Activation::Relu), "Flat up to 0.");
        assert_eq!(of(Activation::LeakyRelu), "Almost flat up to 0.");
        // eᶻ = 0.05 at z = −2.996.
        assert_eq!(of(Activation::Elu), "Almost flat up to −3.");
        assert_eq!(of(Activation::Linear), "");
        assert!(Shown::Step.flat_places().starts_with("Flat everywhere"));
    }

    #[test]
    fn every_lab_opens_with_its_activation() {
        assert_eq!(Shown::Step.lab_link(), None);
        assert_eq!(
            Shown::Trainable(Activation::Sigmoid).lab_link().as_deref(),
            Some("circle?layers=dense:4:sigmoid,dense:2:sigmoid")
        );
        for shown in Shown::all().skip(1) {
            let Shown::Trainable(activation) = shown else { unreachable!() };
            let decoded = link::decode(&shown.lab_link().unwrap());
            assert!(decoded.refusals.is_empty(), "{shown:?}");
            assert_eq!(decoded.experiment.model, ModelSpec::two_hidden(4, 2, activation));
        }
    }

    #[test]
    fn the_step_has_no_slope_to_learn_by() {
        assert_eq!([-0.1, 0.0, 0.1].map(|z| Shown::Step.at(z).value), [-1.0, -1.0, 1.0]);
        assert_eq!([-0.1, 0.1].map(|z| Shown::Step.at(z).slope), [0.0, 0.0]);
        assert!(Shown::Step.at(0.0).slope.is_nan());
    }
}
