//! Long short-term memory over a whole sequence, forward and backward through time, on plain slices.
//!
//! PyTorch's definition, with `s` the sums of a step, gates in the order input, forget, cell, output:
//! `i, f, o = σ(s)`, `g = tanh(s)`, `c = f c₋₁ + i g`, `h = o tanh(c)`; `s` is what comes from below plus `h₋₁ W`.

use super::activation;
use super::product::{Matrix, add_product};
use super::sequence::{SequenceShape, last, last_mut};
use descent_spec::Activation::{Sigmoid, Tanh};

/// What a sequence left behind beside its hidden states.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Cell states, `[steps, batch, hidden]`.
    pub cells: Vec<f32>,
    /// Gates after their functions, `[steps, batch, 4 hidden]`.
    pub gates: Vec<f32>,
}

/// The sequence forward: hidden states, `[steps, batch, hidden]`, and the rest.
///
/// Shapes: sums from below `[steps, batch, 4 hidden]`, weight `[hidden, 4 hidden]`, first states `[batch, hidden]`.
pub fn forward(
    sums: Vec<f32>,
    weight: &[f32],
    first_hidden: &[f32],
    first_cell: &[f32],
    shape: &SequenceShape,
) -> (Vec<f32>, Trace) {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let state_len = shape.state_len();
    let mut gates = sums;
    let mut hidden = vec![0.0; steps * state_len];
    let mut cells = vec![0.0; steps * state_len];
    for (t, gates) in gates.chunks_exact_mut(4 * state_len).enumerate() {
        let (past_hidden, hidden) = hidden.split_at_mut(t * state_len);
        let (past_cells, cells) = cells.split_at_mut(t * state_len);
        let before_hidden = last(past_hidden, state_len).unwrap_or(first_hidden);
        let before_cell = last(past_cells, state_len).unwrap_or(first_cell);
        add_product(gates, Matrix::new(before_hidden, batch, units), Matrix::new(weight, units, 4 * units));
        let rows = hidden.chunks_exact_mut(units).zip(cells.chunks_exact_mut(units)).zip(before_cell.chunks_exact(units));
        for (gates, ((hidden, cell), before_cell)) in gates.chunks_exact_mut(4 * units).zip(rows) {
            let [input, forget, candidate, output] = quarters_mut(gates);
            activation::apply(Sigmoid, input);
            activation::apply(Sigmoid, forget);
            activation::apply(Tanh, candidate);
            activation::apply(Sigmoid, output);
            for (j, cell) in cell.iter_mut().enumerate() {
                *cell = forget[j] * before_cell[j] + input[j] * candidate[j];
            }
            hidden.copy_from_slice(cell);
            activation::apply(Tanh, hidden);
            for (hidden, output) in hidden.iter_mut().zip(output) {
                *hidden *= *output;
            }
        }
    }
    (hidden, Trace { cells, gates })
}

/// Backward through time, in place. `trace.gates` becomes the gradient of the sums, and `trace.cells` that of the cell states, what
/// reaches them through their hidden states and from the later steps included.
///
/// `d_hidden` comes with the gradient that each hidden state has from above and goes with the whole, what comes back from the later
/// steps included.
pub fn backward(trace: &mut Trace, weight: &[f32], first_cell: &[f32], d_hidden: &mut [f32], shape: &SequenceShape) {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let state_len = shape.state_len();
    // What reaches a step's cells from the step after it.
    let mut from_cell = vec![0.0; state_len];
    for t in (0..steps).rev() {
        let at = t * state_len;
        let (past_cells, cells) = trace.cells.split_at_mut(at);
        let (before_cell, cells) = (last(past_cells, state_len).unwrap_or(first_cell), &mut cells[..state_len]);
        let (past, d_hidden) = d_hidden.split_at_mut(at);
        let gates = &mut trace.gates[4 * at..][..4 * state_len];
        activation::apply(Tanh, cells);
        for row in 0..batch {
            let r = row * units..(row + 1) * units;
            let [input, forget, candidate, output] = quarters_mut(&mut gates[4 * r.start..][..4 * units]);
            let (tanh_cell, before_cell) = (&mut cells[r.clone()], &before_cell[r.clone()]);
            let (d_hidden, from_cell) = (&d_hidden[r.clone()], &mut from_cell[r]);
            for j in 0..units {
                let (i, f, g, o, tanh) = (input[j], forget[j], candidate[j], output[j], tanh_cell[j]);
                let d_cell = from_cell[j] + d_hidden[j] * o * (1.0 - tanh * tanh);
                input[j] = d_cell * g * (i * (1.0 - i));
                forget[j] = d_cell * before_cell[j] * (f * (1.0 - f));
                candidate[j] = d_cell * i * (1.0 - g * g);
                output[j] = d_hidden[j] * tanh * (o * (1.0 - o));
                from_cell[j] = d_cell * f;
                tanh_cell[j] = d_cell;
            }
        }
        if let Some(d_before) = last_mut(past, state_len) {
            let weight = Matrix::new(weight, units, 4 * units).transposed();
            add_product(d_before, Matrix::new(gates, batch, 4 * units), weight);
        }
    }
}

/// Input, forget, cell and output gate of one row.
fn quarters_mut(gates: &mut [f32]) -> [&mut [f32]; 4] {
    let (first, second) = gates.split_at_mut(gates.len() / 2);
    let (n_first, n_second) = (first.len() / 2, second.len() / 2);
    let ((input, forget), (candidate, output)) = (first.split_at_mut(n_first), second.split_at_mut(n_second));
    [input, forget, candidate, output]
}
