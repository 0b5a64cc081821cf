//! One example's way through the net and back, as the worker told it.

use crate::client::Answer;
use descent_spec::message::{Losses, ToApp};

/// Every number of one example, forwards and backwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Steps done when it was taken.
    pub step: u64,
    /// The class's index, or the value for regression.
    pub target: f32,
    /// Its loss by the session's head.
    pub loss: f64,
    /// What other losses say of the same answer.
    pub losses: Losses,
    /// The input as the net takes it.
    pub input: Vec<f32>,
    /// The probability of class 1, of each class, or the value.
    pub answer: Vec<f32>,
    /// The dense layers, in order.
    pub layers: Vec<FollowedLayer>,
    /// What the optimizer keeps for each weight: `velocity`, `mean`, `square`.
    pub slots: Vec<String>,
    /// The unit whose weights were nudged (layer, unit), with the gradient found for each of its inputs and then for its bias.
    pub nudged: Option<((u32, u32), Vec<f32>)>,
}

/// A dense layer on the way. Weights are `[inputs, units]`, everything else `[units]`; L is the example's loss.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedLayer {
    /// Index into [`RunFacts::layers`](descent_spec::message::RunFacts::layers).
    pub layer: u32,
    /// W.
    pub weights: Vec<f32>,
    /// b.
    pub biases: Vec<f32>,
    /// z = x W + b.
    pub sums: Vec<f32>,
    /// a = act(z).
    pub outputs: Vec<f32>,
    /// act′(z).
    pub slopes: Vec<f32>,
    /// dL/dz.
    pub sum_grads: Vec<f32>,
    /// dL/da.
    pub output_grads: Vec<f32>,
    /// dL/dW.
    pub weight_grads: Vec<f32>,
    /// dL/db.
    pub bias_grads: Vec<f32>,
    /// For each kind of [`Followed::slots`], the state of the weights and that of the biases.
    pub slots: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Followed {
    /// Reads the worker's answer; none where it is another answer, or not whole.
    pub(crate) fn read(answer: &Answer, nudge: Option<(u32, u32)>) -> Option<Followed> {
        let ToApp::Followed { step, target, loss, losses, dense, slots, .. } = &answer.head else { return None };
        let mut arrays = (0..).map(|idx| answer.floats(idx));
        let mut next = || arrays.next().flatten();
        let (input, said) = (next()?, next()?);
        let mut layers = Vec::with_capacity(dense.len());
        for &layer in dense {
            layers.push(FollowedLayer {
                layer,
                weights: next()?,
                biases: next()?,
                sums: next()?,
                outputs: next()?,
                slopes: next()?,
                sum_grads: next()?,
                output_grads: next()?,
                weight_grads: next()?,
                bias_grads: next()?,
                slots: slots.iter().map(|_| Some((next()?, next()?))).collect::<Option<_>>()?,
            });
        }
        let nudged = match nudge {
            Some(unit) => Some((unit, next()?)),
            None => None,
        };
        let (step, target, loss, losses, slots) = (*step, *target, *loss, *losses, slots.clone());
        let followed = Followed { step, target, loss, losses, input, answer: said, layers, slots, nudged };
        followed.is_whole().then_some(followed)
    }

    /// What comes into the nth dense layer.
    pub fn input_of(&self, nth: usize) -> &[f32] {
        match nth.checked_sub(1) {
            Some(below) => &self.layers[below].outputs,
            None => &self.input,
        }
    }

    /// Whether every array is as long as it must be, so that whoever shows it may index.
    fn is_whole(&self) -> bool {
        let fits = |(nth, it): (usize, &FollowedLayer)| {
            let n_units = it.biases.len();
            let n_weights = n_units * self.input_of(nth).len();
            let of_units = [&it.sums, &it.outputs, &it.slopes, &it.sum_grads, &it.output_grads, &it.bias_grads];
            n_units > 0
                && of_units.iter().all(|values| values.len() == n_units)
                && it.weights.len() == n_weights
                && it.weight_grads.len() == n_weights
                && it.slots.iter().all(|(weights, biases)| weights.len() == n_weights && biases.len() == n_units)
        };
        !self.layers.is_empty() && !self.answer.is_empty() && self.layers.iter().enumerate().all(fits)
    }
}

impl FollowedLayer {
    /// The weights that lead to a unit, or the numbers that belong to them, out of `[inputs, units]`.
    pub fn column<'a>(&self, of: &'a [f32], unit: usize) -> impl Iterator<Item = f32> + 'a {
        of.iter().skip(unit).step_by(self.biases.len()).copied()
    }
}
