//! The gated recurrent unit over a whole sequence, forward and backward through time, on plain slices.
//!
//! PyTorch's definition, gates in the order reset, update, candidate; with `s` the sums from below and `p` the product `h₋₁ W`:
//! `r, z = σ(s + p)`, `n = tanh(s + r (p + b′))`, `h = (1 − z) n + z h₋₁`. The bias `b′` stands inside the reset gate's product, so
//! that it cannot be part of the sums from below (Keras's `reset_after`).

use super::activation;
use super::product::{Matrix, add_product};
use super::sequence::{SequenceShape, last, last_mut};
use descent_spec::Activation::{Sigmoid, Tanh};

/// What a sequence left behind beside its hidden states.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Reset and update gate after their function, then `p + b′` of the candidate, `[steps, batch, 3 hidden]`.
    pub gates: Vec<f32>,
    /// Candidates after their function, `[steps, batch, hidden]`.
    pub candidates: Vec<f32>,
}

/// The sequence forward: hidden states, `[steps, batch, hidden]`, and the rest.
///
/// Shapes: sums from below `[steps, batch, 3 hidden]`, weight `[hidden, 3 hidden]`, bias inside the reset gate `[hidden]`, first state
/// `[batch, hidden]`.
pub fn forward(
    sums: Vec<f32>,
    weight: &[f32],
    hidden_bias: &[f32],
    first_hidden: &[f32],
    shape: &SequenceShape,
) -> (Vec<f32>, Trace) {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let state_len = shape.state_len();
    let mut gates = sums;
    let mut candidates = vec![0.0; steps * state_len];
    let mut hidden = vec![0.0; steps * state_len];
    for t in 0..steps {
        let at = t * state_len;
        let (past, hidden) = hidden.split_at_mut(at);
        let (before, hidden) = (last(past, state_len).unwrap_or(first_hidden), &mut hidden[..state_len]);
        let gates = &mut gates[3 * at..][..3 * state_len];
        let candidates = &mut candidates[at..][..state_len];
        // The candidate's sum from below steps aside, so that one product makes all three.
        for (gates, candidate) in gates.chunks_exact_mut(3 * units).zip(candidates.chunks_exact_mut(units)) {
            let below = &mut gates[2 * units..];
            candidate.copy_from_slice(below);
            below.copy_from_slice(hidden_bias);
        }
        add_product(gates, Matrix::new(before, batch, units), Matrix::new(weight, units, 3 * units));
        for (gates, candidate) in gates.chunks_exact_mut(3 * units).zip(candidates.chunks_exact_mut(units)) {
            let (both, inner) = gates.split_at_mut(2 * units);
            activation::apply(Sigmoid, both);
            for ((candidate, reset), inner) in candidate.iter_mut().zip(both).zip(inner) {
                *candidate += *reset * *inner;
            }
        }
        activation::apply(Tanh, candidates);
        let states = hidden.chunks_exact_mut(units).zip(before.chunks_exact(units));
        for ((gates, candidate), (hidden, before)) in
            gates.chunks_exact(3 * units).zip(candidates.chunks_exact(units)).zip(states)
        {
            let update = &gates[units..2 * units];
            for (((hidden, before), candidate), update) in hidden.iter_mut().zip(before).zip(candidate).zip(update) {
                *hidden = candidate + update * (before - candidate);
            }
        }
    }
    (hidden, Trace { gates, candidates })
}

/// Backward through time, in place. `trace.gates` becomes the gradient of what each step's product is added to, and
/// `trace.candidates` that of the candidates' sums.
///
/// `d_hidden` comes with the gradient that each hidden state has from above and goes with the whole, what comes back from the later
/// steps included. `d_first`, `[batch, hidden]`, is the gradient of the first state where it is wanted; it comes as zeros.
pub fn backward(
    hidden: &[f32],
    trace: &mut Trace,
    weight: &[f32],
    first_hidden: &[f32],
    d_hidden: &mut [f32],
    mut d_first: Option<&mut [f32]>,
    shape: &SequenceShape,
) {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let state_len = shape.state_len();
    for t in (0..steps).rev() {
        let at = t * state_len;
        let before = last(&hidden[..at], state_len).unwrap_or(first_hidden);
        let (past, d_hidden) = d_hidden.split_at_mut(at);
        let mut d_before = last_mut(past, state_len).or(d_first.as_deref_mut());
        let gates = &mut trace.gates[3 * at..][..3 * state_len];
        let candidates = &mut trace.candidates[at..][..state_len];
        for row in 0..batch {
            let r = row * units..(row + 1) * units;
            let (reset, rest) = gates[3 * r.start..][..3 * units].split_at_mut(units);
            let (update, inner) = rest.split_at_mut(units);
            let (candidate, before, d_hidden) = (&mut candidates[r.clone()], &before[r.clone()], &d_hidden[r.clone()]);
            if let Some(d_before) = &mut d_before {
                for ((d_before, d_hidden), update) in d_before[r].iter_mut().zip(d_hidden).zip(update.iter()) {
                    *d_before += d_hidden * update;
                }
            }
            for j in 0..units {
                let (r, z, n) = (reset[j], update[j], candidate[j]);
                let d_candidate = d_hidden[j] * (1.0 - z) * (1.0 - n * n);
                reset[j] = d_candidate * inner[j] * (r * (1.0 - r));
                update[j] = d_hidden[j] * (before[j] - n) * (z * (1.0 - z));
                inner[j] = d_candidate * r;
                candidate[j] = d_candidate;
            }
        }
        if let Some(d_before) = d_before {
            let weight = Matrix::new(weight, units, 3 * units).transposed();
            add_product(d_before, Matrix::new(gates, batch, 3 * units), weight);
        }
    }
}
