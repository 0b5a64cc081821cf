//! The same operations put together from Burn's own: what WebGPU computes, and what the tests hold the kernels to.

use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Int, Tensor, activation};
use descent_spec::Activation;
use std::f64::consts::SQRT_2;

/// Applies an activation to each value; the formulas stand in `descent_spec::Activation`'s table.
pub fn activate<const D: usize>(function: Activation, x: Tensor<D>) -> Tensor<D> {
    match function {
        Activation::Linear => x,
        Activation::Relu => activation::relu(x),
        // At exactly 0, where the background of a picture lies before the first step, Burn's slope is 1 and PyTorch's 0.01.
        Activation::LeakyRelu => x.clone().mask_where(x.clone().lower_equal_elem(0.0), x * 0.01),
        // Burn takes exp(x) on the positive side too, where it overflows and leaves a gradient that is not a number.
        Activation::Elu => activation::relu(x.clone()) + (x.clamp_max(0.0).exp() - 1.0),
        // Burn's own has another slope on WebGPU, that of the approximation by tanh, up to 9e-4 away; erf's is exact on both.
        Activation::Gelu => ((x.clone() / SQRT_2).erf() + 1.0) * x * 0.5,
        Activation::Silu => activation::silu(x),
        Activation::Tanh => activation::tanh(x),
        Activation::Sigmoid => activation::sigmoid(x),
        Activation::Softplus => activation::softplus(x, 1.0),
    }
}

/// `f(x W + b)`.
pub fn dense(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, function: Activation) -> Tensor<2> {
    activate(function, x.matmul(weight) + bias.unsqueeze())
}

/// `f(x ∗ w + b)` with stride 1.
pub fn convolution(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, padding: usize, function: Activation) -> Tensor<4> {
    activate(function, conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], [padding, padding], [1, 1], 1)))
}

/// Largest number of each window of `size × size`.
pub fn max_pool(x: Tensor<4>, size: usize) -> Tensor<4> {
    max_pool2d(x, MaxPoolOptions::new([size, size]).with_stride([size, size]))
}

/// Rows of a table.
pub fn lookup(table: Tensor<2>, ids: &[u32]) -> Tensor<2> {
    let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
    let ids = Tensor::<1, Int>::from_ints(ids.as_slice(), &table.device());
    table.select(0, ids)
}

/// Hidden states of a simple recurrent layer, step by step; see `super::rnn`.
pub fn rnn(sums: &Tensor<3>, weight: &Tensor<2>, first: Tensor<2>) -> Tensor<3> {
    let [steps, batch, units] = sums.dims();
    let mut hidden = first;
    let mut hiddens = Vec::with_capacity(steps);
    for t in 0..steps {
        hidden = activation::tanh(sums.clone().narrow(0, t, 1).reshape([batch, units]) + hidden.matmul(weight.clone()));
        hiddens.push(hidden.clone());
    }
    Tensor::stack(hiddens, 0)
}

/// Hidden states of a gated recurrent unit, step by step; see `super::gru`.
pub fn gru(sums: &Tensor<3>, weight: &Tensor<2>, hidden_bias: &Tensor<1>, first: Tensor<2>) -> Tensor<3> {
    let [steps, batch, width] = sums.dims();
    let units = width / 3;
    let mut hidden = first;
    let mut hiddens = Vec::with_capacity(steps);
    for t in 0..steps {
        let sums = sums.clone().narrow(0, t, 1).reshape([batch, width]);
        let products = hidden.clone().matmul(weight.clone());
        let part = |of: &Tensor<2>, nth: usize| of.clone().slice([0..batch, nth * units..(nth + 1) * units]);
        let [reset, update] = [0, 1].map(|nth| activation::sigmoid(part(&sums, nth) + part(&products, nth)));
        let inner = part(&products, 2) + hidden_bias.clone().unsqueeze();
        let candidate = activation::tanh(part(&sums, 2) + reset * inner);
        hidden = candidate.clone() + update * (hidden - candidate);
        hiddens.push(hidden.clone());
    }
    Tensor::stack(hiddens, 0)
}

/// Hidden and cell states of an LSTM, step by step; see `super::lstm`.
pub fn lstm(sums: &Tensor<3>, weight: &Tensor<2>, first: [Tensor<2>; 2]) -> [Tensor<3>; 2] {
    let [steps, batch, width] = sums.dims();
    let units = width / 4;
    let [mut hidden, mut cell] = first;
    let (mut hiddens, mut cells) = (Vec::with_capacity(steps), Vec::with_capacity(steps));
    for t in 0..steps {
        let sums = sums.clone().narrow(0, t, 1).reshape([batch, width]) + hidden.matmul(weight.clone());
        let part = |nth: usize| sums.clone().slice([0..batch, nth * units..(nth + 1) * units]);
        let [input, forget, output] = [0, 1, 3].map(|nth| activation::sigmoid(part(nth)));
        cell = forget * cell + input * activation::tanh(part(2));
        hidden = output * activation::tanh(cell.clone());
        hiddens.push(hidden.clone());
        cells.push(cell.clone());
    }
    [Tensor::stack(hiddens, 0), Tensor::stack(cells, 0)]
}
