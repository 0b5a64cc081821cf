//! The simple recurrent layer over a whole sequence, forward and backward through time, on plain slices.
//!
//! PyTorch's definition, with the hyperbolic tangent: `h = tanh(s)`, where `s` is what comes from below plus `h₋₁ W`.

use super::activation;
use super::product::{Matrix, add_product};
use super::sequence::{SequenceShape, last, last_mut};
use descent_spec::Activation::Tanh;

/// The sequence forward: hidden states, `[steps, batch, hidden]`.
///
/// Shapes: sums from below `[steps, batch, hidden]`, weight `[hidden, hidden]`, first state `[batch, hidden]`.
pub fn forward(sums: Vec<f32>, weight: &[f32], first_hidden: &[f32], shape: &SequenceShape) -> Vec<f32> {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let state_len = shape.state_len();
    let mut hidden = sums;
    for t in 0..steps {
        let (past, hidden) = hidden.split_at_mut(t * state_len);
        let (before, hidden) = (last(past, state_len).unwrap_or(first_hidden), &mut hidden[..state_len]);
        add_product(hidden, Matrix::new(before, batch, units), Matrix::new(weight, units, units));
        activation::apply(Tanh, hidden);
    }
    hidden
}

/// Backward through time: the gradients of the sums, `[steps, batch, hidden]`.
///
/// `d_hidden` comes with the gradient that each hidden state has from above and goes with the whole, what comes back from the later
/// steps included. `d_first`, `[batch, hidden]`, is the gradient of the first state where it is wanted; it comes as zeros.
pub fn backward(
    hidden: &[f32],
    weight: &[f32],
    d_hidden: &mut [f32],
    mut d_first: Option<&mut [f32]>,
    shape: &SequenceShape,
) -> Vec<f32> {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let state_len = shape.state_len();
    let mut d_sums = vec![0.0; steps * state_len];
    for t in (0..steps).rev() {
        let at = t * state_len;
        let (past, d_hidden) = d_hidden.split_at_mut(at);
        let d_sums = &mut d_sums[at..][..state_len];
        d_sums.copy_from_slice(&d_hidden[..state_len]);
        activation::apply_slope(Tanh, &hidden[at..][..state_len], d_sums);
        if let Some(d_before) = last_mut(past, state_len).or(d_first.as_deref_mut()) {
            add_product(d_before, Matrix::new(d_sums, batch, units), Matrix::new(weight, units, units).transposed());
        }
    }
    d_sums
}
