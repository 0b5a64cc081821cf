//! When the loss stops being a number: which layer went first, and why.

use crate::model::{Net, Signal};
use crate::read::{ReadError, read_all};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_spec::TrainingSpec;
use descent_spec::model::TracedLayer;

/// A run that left the numbers, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// The first step whose loss was not finite.
    pub step: u64,
    /// The layer whose numbers went first.
    pub layer: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub advice: String,
}

impl Divergence {
    pub(super) fn unexplained(step: u64, loss: f32) -> Divergence {
        Divergence {
            step,
            layer: String::new(),
            message: format!("Training diverged: at step {step} the loss was {}.", words(loss)),
            advice: "Lower the learning rate and press Reset.".into(),
        }
    }
}

/// What is kept of the last step until its loss is known. Tensors are shared, not copied.
pub(super) struct Suspect {
    /// The net before the step's update: the one that made the loss.
    net: Net,
    /// Squares of the gradients are summed only when somebody asks.
    grads: Vec<(usize, Tensor<1>)>,
    norms: Option<Vec<f32>>,
    /// The step's examples, as indices into the pool.
    pub(super) batch: Vec<u32>,
}

impl Suspect {
    pub(super) fn remember(net: &Net, grads: &GradientsParams, traced: &[TracedLayer], batch: Vec<u32>) -> Suspect {
        debug_assert_eq!(net.layers.len(), traced.len());
        let mut collect = CollectGradients { grads, layer_idx: 0, out: Vec::new() };
        for (layer_idx, layer) in net.layers.iter().enumerate() {
            collect.layer_idx = layer_idx;
            layer.visit(&mut collect);
        }
        Suspect { grads: collect.out, net: net.clone(), norms: None, batch }
    }

    /// L2 norm of the gradient, layer by layer.
    pub(super) async fn gradient_norms(&mut self, n_layers: usize) -> Result<Vec<f32>, ReadError> {
        if let Some(norms) = &self.norms {
            return Ok(norms.clone());
        }
        let squares: Vec<Tensor<1>> = self.grads.iter().map(|(_, grad)| (grad.clone() * grad.clone()).sum()).collect();
        let mut sums = vec![0.0_f32; n_layers];
        if !squares.is_empty() {
            let values = read_all(vec![Tensor::cat(squares, 0)]).await?.remove(0);
            for ((layer_idx, _), value) in self.grads.iter().zip(values) {
                sums[*layer_idx] += value;
            }
        }
        let norms: Vec<f32> = sums.into_iter().map(f32::sqrt).collect();
        self.norms = Some(norms.clone());
        Ok(norms)
    }

    /// Sends the batch once more through the net that failed and finds the first layer whose output is not finite.
    pub(super) async fn explain(
        &mut self,
        step: u64,
        loss: f32,
        x: Signal,
        traced: &[TracedLayer],
        training: &TrainingSpec,
    ) -> Result<Divergence, ReadError> {
        let net = self.net.valid();
        let taps = net.forward_with_taps(x);
        let mut largest = Vec::with_capacity(2 * taps.len());
        for (layer_idx, tap) in taps.into_iter().enumerate() {
            largest.push(tap.into_flat().abs().max());
            let weights =
                net.named_tensors(traced).into_iter().filter(|it| it.layer_idx == layer_idx).map(|it| it.values.abs().max());
            largest.push(weights.reduce(|a, b| a.max_pair(b)).unwrap_or_else(|| Tensor::zeros([1], &net_device(&net))));
        }
        let values = read_all(vec![Tensor::cat(largest, 0)]).await?.remove(0);
        let first = values.chunks_exact(2).position(|pair| !pair[0].is_finite());
        let idx = first.unwrap_or(traced.len() - 1);
        let (output, weight) = (values[2 * idx], values[2 * idx + 1]);
        let layer = &traced[idx];
        let what = match (first, weight.is_finite()) {
            (Some(_), true) => format!(
                "the outputs of {} ({}) were the first to grow past what a 32-bit number can hold; its largest weight is {weight:.1e}",
                layer.name,
                layer.layer.title()
            ),
            (Some(_), false) => {
                format!("the weights of {} ({}) were the first that are no longer numbers", layer.name, layer.layer.title())
            }
            (None, _) => format!("the outputs reached {output:.1e}, too large for a loss"),
        };
        let entry = training.optimizer.entry();
        let rate = training.learning_rate;
        let why = if rate > entry.learning_rate {
            format!(
                "The learning rate {rate} is large for {}: each step overshot, and the next gradient was larger still.",
                entry.label
            )
        } else if training.l2 * rate > 0.5 {
            format!("L2 of {} with a learning rate of {rate} shrinks each weight past zero.", training.l2)
        } else {
            "The gradients grew from layer to layer: the initial weights or the activation do not suit this depth.".into()
        };
        let advice = if rate > entry.learning_rate {
            format!("Set the learning rate to {} and press Reset.", entry.learning_rate)
        } else {
            format!("Lower the learning rate to {}, or add batch norm, and press Reset.", rate / 10.0)
        };
        Ok(Divergence {
            step,
            layer: layer.name.clone(),
            message: format!("Training diverged: at step {step} the loss was {}, and {what}. {why}", words(loss)),
            advice,
        })
    }
}

fn net_device(net: &Net) -> burn::tensor::Device {
    net.devices().into_iter().next().unwrap_or_else(burn::tensor::Device::flex)
}

fn words(loss: f32) -> &'static str {
    if loss.is_nan() { "not a number" } else { "infinite" }
}

struct CollectGradients<'a> {
    grads: &'a GradientsParams,
    layer_idx: usize,
    out: Vec<(usize, Tensor<1>)>,
}

impl ModuleVisitor for CollectGradients<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.get::<D>(param.id) {
            let len = grad.dims().iter().product::<usize>();
            self.out.push((self.layer_idx, grad.reshape([len])));
        }
    }
}
