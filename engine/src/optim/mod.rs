//! Optimizers: how a gradient becomes a step.
//!
//! Our own rather than Burn's, for three reasons: the definitions are PyTorch's to the letter and nothing is left to a default
//! that differs (Burn: dampening 0.1, epsilon 1e-5, RMSprop momentum 0.9); the state can be saved and put back on any device of
//! a build that has two (Burn restores it on `Device::default()`, which panics there); and the update is short enough to read.

mod rule;
mod working;

use crate::model::Net;
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_spec::{OptimizerSpec, TrainingSpec};
use std::collections::HashMap;

pub(crate) use rule::apply;
pub use rule::slot_names;
pub use working::working;

/// What pulls the weights towards zero beside the loss. Biases and batch norm's γ and β are left alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Penalty {
    /// λ of `λ ‖w‖₁`, whose gradient is `λ sign(w)`, and 0 at 0.
    pub l1: f64,
    /// λ of `λ/2 ‖w‖²`, whose gradient is `λ w`.
    pub l2: f64,
}

impl Penalty {
    /// Those of a training.
    pub fn of(training: &TrainingSpec) -> Penalty {
        Penalty { l1: training.l1, l2: training.l2 }
    }

    fn add_gradient<const D: usize>(self, grad: Tensor<D>, weight: &Tensor<D>) -> Tensor<D> {
        // Biases, γ and β have rank 1.
        if D == 1 {
            return grad;
        }
        let grad = if self.l2 > 0.0 { grad + weight.clone() * self.l2 } else { grad };
        if self.l1 > 0.0 { grad + weight.clone().sign() * self.l1 } else { grad }
    }
}

/// An update rule with its state.
#[derive(Debug, Clone)]
pub struct Optimizer {
    spec: OptimizerSpec,
    learning_rate: f64,
    penalty: Penalty,
    n_steps: u64,
    slots: HashMap<ParamId, Vec<Tensor<1>>>,
}

impl Optimizer {
    /// A fresh optimizer; its state is all zeros.
    pub fn new(spec: OptimizerSpec, learning_rate: f64, penalty: Penalty) -> Optimizer {
        Optimizer { spec, learning_rate, penalty, n_steps: 0, slots: HashMap::new() }
    }

    /// Changes what may change while running.
    pub fn tune(&mut self, learning_rate: f64, penalty: Penalty) {
        self.learning_rate = learning_rate;
        self.penalty = penalty;
    }

    /// Takes the rate of the next step.
    pub fn set_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    /// Steps taken; Adam's bias correction depends on it.
    pub fn n_steps(&self) -> u64 {
        self.n_steps
    }

    /// Applies one step to every parameter that has a gradient.
    pub fn step(&mut self, net: Net, grads: GradientsParams) -> Net {
        self.n_steps += 1;
        net.map(&mut Step { optimizer: self, grads })
    }

    /// What the rule is given for a tensor of weights: the loss's gradient and the pull of the penalties.
    pub fn pulled<const D: usize>(&self, grad: Tensor<D>, weight: &Tensor<D>) -> Tensor<D> {
        self.penalty.add_gradient(grad, weight)
    }

    /// The state of one parameter, in the order of [`slot_names`]; empty before its first step.
    pub fn slots(&self, id: ParamId) -> &[Tensor<1>] {
        self.slots.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Puts a saved state back.
    pub fn restore(&mut self, n_steps: u64, slots: HashMap<ParamId, Vec<Tensor<1>>>) {
        self.n_steps = n_steps;
        self.slots = slots;
    }
}

struct Step<'a> {
    optimizer: &'a mut Optimizer,
    grads: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(grad) = self.grads.remove::<D>(param.id) else { return param };
        let (id, tracked, mapper) = param.consume();
        let weight = tracked.inner();
        let dims = weight.dims();
        let len = dims.iter().product::<usize>();
        let Optimizer { spec, learning_rate, penalty, n_steps, slots } = &mut *self.optimizer;
        let grad = penalty.add_gradient(grad, &weight);
        let slots = slots.entry(id).or_default();
        let updated = rule::apply(spec, *learning_rate, *n_steps, weight.reshape([len]), grad.reshape([len]), slots);
        Param::from_mapped_value(id, Tensor::from_inner(updated.reshape(dims)).require_grad(), mapper)
    }
}
