//! One step of an optimizer in one pass over a parameter, in place.
//!
//! The same operations in the same order as the engine's rules (`optim`) on tensors, each rounded to single precision, so that both give
//! the same bits; a test holds them to it.

use descent_spec::OptimizerSpec;
use wide::f32x8;

/// What a step needs beside the numbers themselves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepRule {
    /// The rule.
    pub spec: OptimizerSpec,
    /// Learning rate of this step.
    pub learning_rate: f64,
    /// Steps with this one: 1 for the first.
    pub n_steps: u64,
    /// λ of `λ ‖w‖₁`, 0 for none.
    pub l1: f64,
    /// λ of `λ/2 ‖w‖²`, 0 for none.
    pub l2: f64,
}

/// Moves `weight` by its gradient; `slots` is the rule's state, in the order of [`OptimizerSpec::slot_names`](descent_spec::OptimizerSpec::slot_names), each as long as the weight.
pub fn step(rule: &StepRule, weight: &mut [f32], grad: &[f32], slots: [&mut [f32]; 2]) {
    let rate = rule.learning_rate as f32;
    let pull = Pull { l1: rule.l1 as f32, l2: rule.l2 as f32 };
    let [first, second] = slots;
    match rule.spec {
        OptimizerSpec::Sgd => each(weight, grad, [first, second], pull, |w, g, _| w - g * rate),
        OptimizerSpec::Momentum { beta } => {
            let beta = beta as f32;
            each(weight, grad, [first, second], pull, |w, g, [velocity, _]| {
                *velocity = *velocity * beta + g;
                w - *velocity * rate
            });
        }
        OptimizerSpec::Nesterov { beta } => {
            let beta = beta as f32;
            each(weight, grad, [first, second], pull, |w, g, [velocity, _]| {
                *velocity = *velocity * beta + g;
                w - (g + *velocity * beta) * rate
            });
        }
        OptimizerSpec::AdaGrad { epsilon } => {
            let epsilon = epsilon as f32;
            each(weight, grad, [first, second], pull, |w, g, [square, _]| {
                *square += g * g;
                w - g * rate / (square.sqrt() + epsilon)
            });
        }
        OptimizerSpec::RmsProp { alpha, epsilon } => {
            let (keep, add, epsilon) = (alpha as f32, (1.0 - alpha) as f32, epsilon as f32);
            each(weight, grad, [first, second], pull, |w, g, [square, _]| {
                *square = *square * keep + g * g * add;
                w - g * rate / (square.sqrt() + epsilon)
            });
        }
        OptimizerSpec::Adam { beta1, beta2, epsilon } => {
            let adam = Adam::new(rule, [beta1, beta2], epsilon);
            each(weight, grad, [first, second], pull, |w, g, slots| w - adam.change(g, slots));
        }
        OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => {
            let adam = Adam::new(rule, [beta1, beta2], epsilon);
            let keep = (1.0 - rule.learning_rate * weight_decay) as f32;
            each(weight, grad, [first, second], pull, |w, g, slots| w * keep - adam.change(g, slots));
        }
    }
}

/// The penalties on a weight.
#[derive(Clone, Copy)]
struct Pull {
    l1: f32,
    l2: f32,
}

impl Pull {
    #[inline(always)]
    fn on(self, grad: f32x8, weight: f32x8) -> f32x8 {
        let grad = if self.l2 > 0.0 { grad + weight * self.l2 } else { grad };
        if self.l1 == 0.0 {
            return grad;
        }
        let sign = weight.simd_eq(f32x8::ZERO).select(f32x8::ZERO, weight.simd_gt(f32x8::ZERO).select(f32x8::ONE, -f32x8::ONE));
        grad + sign * self.l1
    }
}

/// Adam's numbers of one step.
struct Adam {
    keep: [f32; 2],
    add: [f32; 2],
    /// Rate over the mean's bias correction.
    rate: f32,
    /// One over the root of the square's bias correction.
    scale: f32,
    epsilon: f32,
}

impl Adam {
    fn new(rule: &StepRule, betas: [f64; 2], epsilon: f64) -> Adam {
        let [mean, square] = betas.map(|beta| 1.0 - beta.powf(rule.n_steps as f64));
        Adam {
            keep: betas.map(|beta| beta as f32),
            add: betas.map(|beta| (1.0 - beta) as f32),
            rate: (rule.learning_rate / mean) as f32,
            scale: (1.0 / square.sqrt()) as f32,
            epsilon: epsilon as f32,
        }
    }

    /// `lr m̂ / (√v̂ + ε)`, with the averages moved on.
    #[inline(always)]
    fn change(&self, grad: f32x8, [mean, square]: [&mut f32x8; 2]) -> f32x8 {
        *mean = *mean * self.keep[0] + grad * self.add[0];
        *square = *square * self.keep[1] + grad * grad * self.add[1];
        *mean * self.rate / (square.sqrt() * self.scale + self.epsilon)
    }
}

/// Replaces each weight by `f` of itself, its gradient and its state, eight at a time. A slot that the rule does not have is empty.
#[inline(always)]
fn each(
    weight: &mut [f32],
    grad: &[f32],
    [first, second]: [&mut [f32]; 2],
    pull: Pull,
    f: impl Fn(f32x8, f32x8, [&mut f32x8; 2]) -> f32x8,
) {
    for (idx, (weight, grad)) in weight.chunks_mut(8).zip(grad.chunks(8)).enumerate() {
        let at = 8 * idx;
        let mut states = [load(first, at), load(second, at)];
        let [a, b] = &mut states;
        let w = load(weight, 0);
        store(f(w, pull.on(load(grad, 0), w), [a, b]), weight, 0);
        store(states[0], first, at);
        store(states[1], second, at);
    }
}

/// Eight numbers from `at` on; those beyond the end are 0.
#[inline(always)]
fn load(values: &[f32], at: usize) -> f32x8 {
    let Some(values) = values.get(at..) else { return f32x8::ZERO };
    match values.first_chunk() {
        Some(chunk) => f32x8::new(*chunk),
        None => {
            let mut chunk = [0.0; 8];
            chunk[..values.len()].copy_from_slice(values);
            f32x8::new(chunk)
        }
    }
}

/// Puts eight numbers to `at`, as far as there is room.
#[inline(always)]
fn store(register: f32x8, values: &mut [f32], at: usize) {
    let Some(values) = values.get_mut(at..) else { return };
    match values.first_chunk_mut() {
        Some(chunk) => *chunk = register.to_array(),
        None => values.copy_from_slice(&register.to_array()[..values.len()]),
    }
}
