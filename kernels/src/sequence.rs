//! What the recurrent kernels share: the sizes of a sequence, and the gradient of the weight that leads from state to state.

use super::product::{Matrix, add_product, product};

/// Sizes of a recurrent layer's sequence; arrays are time-major.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceShape {
    /// Steps in time, at least one.
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
}

/// Gradient of the weight `[hidden, width]` by which each step multiplies the state before it.
///
/// Shapes: hidden states `[steps, batch, hidden]`, the one before them `[batch, hidden]`, gradients of the products
/// `[steps, batch, width]`.
pub fn weight_gradient(hidden: &[f32], first_hidden: &[f32], d_products: &[f32], shape: &SequenceShape) -> Vec<f32> {
    let &SequenceShape { steps, batch, hidden: units } = shape;
    let step_len = d_products.len() / steps;
    let width = step_len / batch;
    // All steps but the first in one product: the states before them lie side by side.
    let mut d_weight = product(
        Matrix::new(&hidden[..(steps - 1) * shape.state_len()], (steps - 1) * batch, units).transposed(),
        Matrix::new(&d_products[step_len..], (steps - 1) * batch, width),
    );
    let first = Matrix::new(first_hidden, batch, units).transposed();
    add_product(&mut d_weight, first, Matrix::new(&d_products[..step_len], batch, width));
    d_weight
}

/// The last `len` numbers, if there are any: the state of the step before, among those of all earlier ones.
pub(super) fn last(values: &[f32], len: usize) -> Option<&[f32]> {
    values.len().checked_sub(len).map(|start| &values[start..])
}

pub(super) fn last_mut(values: &mut [f32], len: usize) -> Option<&mut [f32]> {
    values.len().checked_sub(len).map(|start| &mut values[start..])
}
