//! Optimizers: how a gradient becomes a step.
//!
//! Our own rather than Burn's, for three reasons: the definitions are PyTorch's to the letter and nothing is left to a default
//! that differs (Burn: dampening 0.1, epsilon 1e-5, RMSprop momentum 0.9); the state can be saved and put back on any device of
//! a build that has two (Burn restores it on `Device::default()`, which panics there); and the update is short enough to read.

mod rule;
mod working;

use crate::kernels::update::StepRule;
use crate::kernels::{self, is_host};
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_spec::{OptimizerSpec, TrainingSpec};
use std::collections::HashMap;

pub(crate) use rule::apply;
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

    /// The weight after this step, with the state of its parameter moved on.
    fn move_on<const D: usize>(&mut self, id: ParamId, weight: Tensor<D>, grad: Tensor<D>) -> Tensor<D> {
        let Optimizer { spec, learning_rate, penalty, n_steps, slots } = self;
        let slots = slots.entry(id).or_default();
        if slots.is_empty() {
            let len = weight.shape().num_elements();
            slots.extend(spec.slot_names().iter().map(|_| Tensor::zeros([len], &weight.device())));
        }
        let rule = StepRule { spec: *spec, learning_rate: *learning_rate, n_steps: *n_steps, l1: 0.0, l2: 0.0 };
        if !is_host(&weight.device()) {
            let grad = penalty.add_gradient(grad, &weight);
            return kernels::update(weight, grad, slots, rule);
        }
        // Biases, γ and β have rank 1.
        let Penalty { l1, l2 } = if D == 1 { Penalty::default() } else { *penalty };
        kernels::update(weight, grad, slots, StepRule { l1, l2, ..rule })
    }

    /// Applies one step to every parameter that has a gradient.
    pub fn step<M: Module>(&mut self, net: M, grads: GradientsParams) -> M {
        self.n_steps += 1;
        net.map(&mut Step { optimizer: self, grads })
    }

    /// What the rule is given for a tensor of weights: the loss's gradient and the pull of the penalties.
    pub fn pulled<const D: usize>(&self, grad: Tensor<D>, weight: &Tensor<D>) -> Tensor<D> {
        self.penalty.add_gradient(grad, weight)
    }

    /// The state of one parameter, in the order of [`OptimizerSpec::slot_names`]; empty before its first step.
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
        let updated = self.optimizer.move_on(id, weight, grad);
        Param::from_mapped_value(id, Tensor::from_inner(updated).require_grad(), mapper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use descent_spec::training::OPTIMIZERS;

    fn noise(len: usize, seed: u32) -> Tensor<2> {
        let value =
            |idx: u32| ((idx + 1).wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(40_503)) >> 8) as f32 / 8e6 - 1.0;
        Tensor::from_data(TensorData::new((0..len as u32).map(value).collect::<Vec<_>>(), [1, len]), &Device::flex())
    }

    fn bits(tensor: &Tensor<1>) -> Vec<u32> {
        tensor.clone().into_data().try_to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
    }

    /// Lengths below, at and above a register; one weight is exactly 0, where the slope of its magnitude is 0.
    #[test]
    fn one_pass_gives_the_bits_of_the_rules_on_tensors() {
        for entry in OPTIMIZERS {
            for (len, penalty) in [(3, (0.0, 0.0)), (8, (0.01, 0.0)), (29, (0.0, 0.02)), (40, (0.01, 0.02))] {
                let penalty = Penalty { l1: penalty.0, l2: penalty.1 };
                let mut optimizer = Optimizer::new(entry.value, 0.013, penalty);
                let mut fast = noise(len, 1).slice_fill([0..1, 1..2], 0.0);
                let (mut slow, mut slots) = (fast.clone(), Vec::new());
                let id = ParamId::new();
                for step in 1..=12 {
                    let grad = noise(len, 100 + step);
                    optimizer.n_steps += 1;
                    fast = optimizer.move_on(id, fast, grad.clone());
                    let pulled = penalty.add_gradient(grad, &slow);
                    let moved = apply(&entry.value, 0.013, u64::from(step), slow.flatten(0, 1), pulled.flatten(0, 1), &mut slots);
                    slow = moved.reshape([1, len]);
                    assert_eq!(
                        bits(&fast.clone().flatten(0, 1)),
                        bits(&slow.clone().flatten(0, 1)),
                        "{:?} step {step}",
                        entry.value
                    );
                    let states = optimizer.slots(id).iter().zip(&slots);
                    assert!(states.clone().count() == slots.len() && states.into_iter().all(|(a, b)| bits(a) == bits(b)));
                }
            }
        }
    }
}
