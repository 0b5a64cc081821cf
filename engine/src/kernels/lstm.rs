//! Long short-term memory over a whole sequence, forward and backward through time, on plain slices.
//!
//! PyTorch's definition, with `s` the sums of a step, gates in the order input, forget, cell, output:
//! `i, f, o = σ(s)`, `g = tanh(s)`, `c = f c₋₁ + i g`, `h = o tanh(c)`; `s` is what comes from below plus `h₋₁ W`.

use super::activation;
use super::product::{Matrix, add_product, product};
use descent_spec::Activation::{Sigmoid, Tanh};

/// Sizes of a recurrent layer's sequence; arrays are time-major.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceShape {
    /// Steps in time.
    pub steps: usize,
    /// Sequences side by side.
    pub batch: usize,
    /// Units of the layer.
    pub hidden: usize,
}

impl SequenceShape {
    /// Numbers of the state of one step: `[batch, hidden]`.
    pub fn state_len(&self) -> usize {
        self.batch * self.hidden
    }

    /// Numbers of the four gates of one step: `[batch, 4 hidden]`.
    pub fn gates_len(&self) -> usize {
        4 * self.state_len()
    }
}

/// What a sequence left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Hidden states, `[steps, batch, hidden]`.
    pub hidden: Vec<f32>,
    /// Cell states, `[steps, batch, hidden]`.
    pub cells: Vec<f32>,
    /// Gates after their functions, `[steps, batch, 4 hidden]`.
    pub gates: Vec<f32>,
}

/// The sequence forward.
///
/// Shapes: sums from below `[steps, batch, 4 hidden]`, weight `[hidden, 4 hidden]`, first states `[batch, hidden]`.
pub fn forward(sums: Vec<f32>, weight: &[f32], first_hidden: &[f32], first_cell: &[f32], shape: &SequenceShape) -> Trace {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let state_len = shape.state_len();
    let mut gates = sums;
    let mut hidden = vec![0.0; steps * state_len];
    let mut cells = vec![0.0; steps * state_len];
    for (t, gates) in gates.chunks_exact_mut(shape.gates_len()).enumerate() {
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
    Trace { hidden, cells, gates }
}

/// Gradients of the sums from below, `[steps, batch, 4 hidden]`, and of the weight, from those of the hidden states; the first
/// states are constants.
pub fn gradients(
    trace: &Trace,
    weight: &[f32],
    first_hidden: &[f32],
    first_cell: &[f32],
    d_hidden: &[f32],
    shape: &SequenceShape,
) -> (Vec<f32>, Vec<f32>) {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let (state_len, gates_len) = (shape.state_len(), shape.gates_len());
    let mut d_sums = vec![0.0; steps * gates_len];
    // What reaches a step's states from the step after it.
    let (mut from_hidden, mut from_cell) = (vec![0.0; state_len], vec![0.0; state_len]);
    let mut tanh_cell = vec![0.0; units];
    for t in (0..steps).rev() {
        let at = t * state_len;
        let before_cell = last(&trace.cells[..at], state_len).unwrap_or(first_cell);
        let d_sums = &mut d_sums[t * gates_len..][..gates_len];
        for row in 0..batch {
            let r = row * units..(row + 1) * units;
            let [input, forget, candidate, output] = quarters(&trace.gates[t * gates_len + 4 * r.start..][..4 * units]);
            let [d_input, d_forget, d_candidate, d_output] = quarters_mut(&mut d_sums[4 * r.start..][..4 * units]);
            let (above, before_cell) = (&d_hidden[at..][r.clone()], &before_cell[r.clone()]);
            let (from_hidden, from_cell) = (&from_hidden[r.clone()], &mut from_cell[r.clone()]);
            tanh_cell.copy_from_slice(&trace.cells[at..][r]);
            activation::apply(Tanh, &mut tanh_cell);
            for j in 0..units {
                let d_hidden = above[j] + from_hidden[j];
                let d_cell = from_cell[j] + d_hidden * output[j] * (1.0 - tanh_cell[j] * tanh_cell[j]);
                d_output[j] = d_hidden * tanh_cell[j] * (output[j] * (1.0 - output[j]));
                d_input[j] = d_cell * candidate[j] * (input[j] * (1.0 - input[j]));
                d_candidate[j] = d_cell * input[j] * (1.0 - candidate[j] * candidate[j]);
                d_forget[j] = d_cell * before_cell[j] * (forget[j] * (1.0 - forget[j]));
                from_cell[j] = d_cell * forget[j];
            }
        }
        from_hidden.fill(0.0);
        let weight = Matrix::new(weight, units, 4 * units);
        add_product(&mut from_hidden, Matrix::new(d_sums, batch, 4 * units), weight.transposed());
    }
    // All steps but the first in one product: the states before them lie side by side.
    let mut d_weight = product(
        Matrix::new(&trace.hidden[..(steps - 1) * state_len], (steps - 1) * batch, units).transposed(),
        Matrix::new(&d_sums[gates_len..], (steps - 1) * batch, 4 * units),
    );
    let first = Matrix::new(first_hidden, batch, units).transposed();
    add_product(&mut d_weight, first, Matrix::new(&d_sums[..gates_len], batch, 4 * units));
    (d_sums, d_weight)
}

/// The last `len` numbers, if there are any.
fn last(values: &[f32], len: usize) -> Option<&[f32]> {
    values.len().checked_sub(len).map(|start| &values[start..])
}

/// Input, forget, cell and output gate of one row.
fn quarters(gates: &[f32]) -> [&[f32]; 4] {
    let (first, second) = gates.split_at(gates.len() / 2);
    let ((input, forget), (candidate, output)) = (first.split_at(first.len() / 2), second.split_at(second.len() / 2));
    [input, forget, candidate, output]
}

fn quarters_mut(gates: &mut [f32]) -> [&mut [f32]; 4] {
    let (first, second) = gates.split_at_mut(gates.len() / 2);
    let (n_first, n_second) = (first.len() / 2, second.len() / 2);
    let ((input, forget), (candidate, output)) = (first.split_at_mut(n_first), second.split_at_mut(n_second));
    [input, forget, candidate, output]
}
