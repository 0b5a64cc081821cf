//! The functions of the gallery: those that a layer can have, and the step.

use crate::canvas::function::{Flatness, INPUTS, Sample};
use crate::format::{sig3, tick};
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

    /// The id under which the text of a week has its formulas and what to see in it. A test of the course looks for each.
    pub fn id(self) -> &'static str {
        match self {
            Shown::Step => "step",
            Shown::Trainable(activation) => activation.id(),
        }
    }
}

/// A slope as text.
pub fn slope_text(sample: Sample) -> String {
    if sample.slope.is_nan() { "none".into() } else { sig3(sample.slope) }
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
