//! Following one example: every number of its way forwards, and of the chain rule backwards.

use super::Supervised;
use crate::loss::{Targets, compare, judge};
use crate::model::{Dense, Layer, ReplaceError};
use crate::read::{ReadError, read_all};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_spec::Head;
use descent_spec::message::{Losses, NUDGE};

/// One example forwards and backwards, without dropout and without the pull of penalties.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// The head's answer: the probability of class 1, of each class, or the value.
    pub answer: Vec<f32>,
    /// Its loss.
    pub loss: f64,
    /// What other losses say of the same answer.
    pub losses: Losses,
    /// The dense layers, in order.
    pub layers: Vec<FollowedLayer>,
    /// What the optimizer keeps for each weight.
    pub slots: &'static [&'static str],
}

/// A dense layer on the way. Weights are `[inputs, units]`, everything else `[units]`; L is the example's loss.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedLayer {
    /// Its index in the trace.
    pub layer: usize,
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
    /// For each kind of [`Followed::slots`] the state of the weights, then that of the biases.
    pub slots: Vec<Vec<f32>>,
}

/// Why an example was not followed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FollowError {
    /// A layer whose numbers are not sums of weight times input.
    #[error(
        "{0} cannot be followed number by number: only dense layers and dropout can. Take it out of the model to see the numbers."
    )]
    OtherLayer(String),
    /// The nudged unit does not exist.
    #[error("The net has no such unit.")]
    NoSuchUnit,
    /// A nudged weight would not go into the net.
    #[error("The weights could not be nudged: {0}.")]
    Refused(#[from] ReplaceError),
    /// The device no longer answers.
    #[error(transparent)]
    Device(#[from] ReadError),
}

/// A dense layer forwards, with a zero added to its sums and another to its outputs. Autodiff keeps gradients only at leaves, and
/// the gradient at a leaf that is added to a value is the gradient at that value.
struct Station {
    layer: usize,
    sums: Tensor<2>,
    outputs: Tensor<2>,
    zero_sums: Tensor<2>,
    zero_outputs: Tensor<2>,
    slopes: Tensor<2>,
}

impl Supervised {
    /// Sends one example through the net as it is now and its loss back. `example` has the length of the input's shape.
    ///
    /// # Errors
    /// A layer that cannot be followed, or a device that no longer answers.
    pub async fn follow(&self, example: &[f32], target: f32) -> Result<Followed, FollowError> {
        self.refuse_other_layers()?;
        let mut x = self.batch_tensor(example.to_vec(), 1, &self.device).into_flat();
        let mut stations = Vec::new();
        for (layer_idx, layer) in self.net.layers.iter().enumerate() {
            // Dropout, the only other layer there is now, lets everything through when it does not train.
            let Layer::Dense(dense) = layer else { continue };
            let station = Station::pass(layer_idx, dense, x);
            x = station.outputs.clone();
            stations.push(station);
        }
        let loss = Targets::new(self.head, vec![target], &self.device).loss(x);
        let grads = loss.backward();

        let flat = |tensor: Tensor<2>| tensor.reshape([-1]);
        let at = |leaf: &Tensor<2>| leaf.grad(&grads).unwrap_or_else(|| leaf.clone().inner().zeros_like());
        let mut wanted: Vec<Tensor<1>> = Vec::new();
        for it in &stations {
            let (sums, outputs) = (it.sums.clone().inner(), it.outputs.clone().inner());
            wanted.extend([sums, outputs, it.slopes.clone(), at(&it.zero_sums), at(&it.zero_outputs)].map(flat));
        }
        let slots = self.experiment.training.optimizer.slot_names();
        let grads = GradientsParams::from_grads(grads, &self.net);
        // A dense layer names its weight before its bias, and no other layer here has any.
        for it in self.net.named_tensors(&self.traced) {
            let grad = match it.dims.len() {
                1 => grads.get::<1>(it.id),
                _ => grads.get::<2>(it.id).map(flat),
            };
            let none = it.values.zeros_like();
            let state = self.optimizer.slots(it.id);
            wanted.extend([it.values, grad.unwrap_or_else(|| none.clone())]);
            wanted.extend((0..slots.len()).map(|kind| state.get(kind).cloned().unwrap_or_else(|| none.clone())));
        }

        let mut read = read_all(wanted).await?.into_iter();
        let mut next = || read.next().unwrap_or_default();
        let mut layers: Vec<FollowedLayer> =
            stations.iter().map(|it| FollowedLayer::on_the_way(it.layer, [next(), next(), next(), next(), next()])).collect();
        for layer in &mut layers {
            (layer.weights, layer.weight_grads) = (next(), next());
            let of_weights: Vec<Vec<f32>> = slots.iter().map(|_| next()).collect();
            (layer.biases, layer.bias_grads) = (next(), next());
            let of_biases = slots.iter().map(|_| next());
            layer.slots = of_weights.into_iter().zip(of_biases).flat_map(|(weights, biases)| [weights, biases]).collect();
        }
        let outputs = layers.last().map_or(&[][..], |layer| layer.outputs.as_slice());
        let judged = judge(self.head, outputs, target);
        let answer = match self.head {
            Head::Sigmoid | Head::Perceptron => judged.probabilities[1..].to_vec(),
            _ => judged.probabilities,
        };
        Ok(Followed { answer, loss: judged.loss, losses: compare(self.head, outputs, target), layers, slots })
    }

    /// `(L(w + h) − L(w − h)) / 2h` for each weight of a unit of a dense layer, then for its bias: the gradient without any calculus.
    ///
    /// # Errors
    /// No such unit, or a device that no longer answers.
    pub async fn nudge(&self, layer: usize, unit: usize, example: &[f32], target: f32) -> Result<Vec<f32>, FollowError> {
        let n_inputs = self.traced.get(layer).map_or(0, |traced| traced.input.len());
        let net = self.evaluation_net();
        let device = self.device.clone().inner();
        let tensors: Vec<_> = net.named_tensors(&self.traced).into_iter().filter(|it| it.layer_idx == layer).collect();
        let values = read_all(tensors.iter().map(|it| it.values.clone()).collect()).await?;
        let (mut distances, mut outputs) = (Vec::new(), Vec::new());
        for input in (0..n_inputs).map(Some).chain([None]) {
            let (name, place) = self.place_of(layer, input, unit).ok_or(FollowError::NoSuchUnit)?;
            let (it, values) = tensors.iter().zip(&values).find(|(it, _)| it.name == name).ok_or(FollowError::NoSuchUnit)?;
            let (low, high) = (values[place] - NUDGE, values[place] + NUDGE);
            // How far the weight really goes: rounding makes it a little more or less than twice the step.
            distances.push(f64::from(high) - f64::from(low));
            for weight in [low, high] {
                let mut nudged = values.clone();
                nudged[place] = weight;
                let net = net.clone().replace_one(it.id, name.clone(), nudged, &device)?;
                outputs.push(net.forward(self.batch_tensor(example.to_vec(), 1, &device)).reshape([-1]));
            }
        }
        let losses: Vec<f64> = read_all(outputs).await?.iter().map(|it| judge(self.head, it, target).loss).collect();
        let slopes =
            losses.chunks_exact(2).zip(distances).map(|(pair, distance)| ((pair[1] - pair[0]) / distance) as f32).collect();
        Ok(slopes)
    }
}

impl Station {
    fn pass(layer: usize, dense: &Dense, x: Tensor<2>) -> Station {
        let zero = |like: &Tensor<2>| Tensor::from_inner(like.clone().inner().zeros_like()).require_grad();
        let sums = dense.sums(x);
        let zero_sums = zero(&sums);
        let sums = sums + zero_sums.clone();
        let outputs = dense.activate(sums.clone());
        let zero_outputs = zero(&outputs);
        let outputs = outputs + zero_outputs.clone();
        // Each output depends on its own sum only, so the gradient of their total holds every slope.
        let leaf = Tensor::from_inner(sums.clone().inner()).require_grad();
        let grads = dense.activate(leaf.clone()).sum().backward();
        let slopes = leaf.grad(&grads).unwrap_or_else(|| leaf.clone().inner().ones_like());
        Station { layer, sums, outputs, zero_sums, zero_outputs, slopes }
    }
}

impl FollowedLayer {
    fn on_the_way(layer: usize, [sums, outputs, slopes, sum_grads, output_grads]: [Vec<f32>; 5]) -> FollowedLayer {
        FollowedLayer {
            layer,
            weights: Vec::new(),
            biases: Vec::new(),
            sums,
            outputs,
            slopes,
            sum_grads,
            output_grads,
            weight_grads: Vec::new(),
            bias_grads: Vec::new(),
            slots: Vec::new(),
        }
    }
}
