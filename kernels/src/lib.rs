//! Operations that Burn puts together from many, as one: kernels of our own on the CPU and on WebGPU.
//!
//! Burn lets a crate add operations to chosen backends (`backend_extension`). On the CPU ([`flex`]) each of these is one pass over plain
//! slices, on WebGPU ([`webgpu`]) one launch or two of a program in WGSL, and for autodiff one node. [`composed`] has the same from
//! Burn's own operations: for what WebGPU has no kernel for, and for the tests, which compare the two.

pub mod activation;
mod autodiff;
pub mod composed;
pub mod conv;
mod flex;
pub mod gru;
pub mod lstm;
pub mod pool;
pub mod product;
pub mod rnn;
pub mod score;
pub mod sequence;
pub mod update;
#[cfg(feature = "webgpu")]
mod webgpu;

use burn::backend::tensor::FloatTensor;
#[cfg(feature = "webgpu")]
use burn::backend::tensor::IntTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
#[cfg(feature = "webgpu")]
use burn::tensor::DType;
use burn::tensor::{Device, Int, Tensor};
use descent_spec::{Activation, Head};
use update::StepRule;

/// Operations forward, tracked by autodiff, that both devices have.
#[backend_extension(Flex, Cube: cfg(feature = "webgpu"), Autodiff)]
pub trait Kernels: Backend {
    /// See [`dense`]; the function is one that is fused there.
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>, function: Activation)
    -> FloatTensor<Self>;

    /// See [`convolution`]; the function is one that is fused there.
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: usize,
        function: Activation,
    ) -> FloatTensor<Self>;

    /// See [`max_pool`].
    fn max_pool(x: FloatTensor<Self>, size: usize) -> FloatTensor<Self>;
}

/// Their backward passes, which are not differentiated again.
pub trait Gradient: Backend {
    /// Of weight and bias, and with `of_x` of the input.
    fn dense_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        function: Activation,
        of_x: bool,
    ) -> Vec<FloatTensor<Self>>;

    /// Of weight and bias, and with `of_x` of the input.
    fn convolution_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        padding: usize,
        function: Activation,
        of_x: bool,
    ) -> Vec<FloatTensor<Self>>;

    /// Of the input.
    fn max_pool_gradient(x: FloatTensor<Self>, dy: FloatTensor<Self>, size: usize) -> FloatTensor<Self>;
}

/// Operations forward that only the CPU has a kernel for.
#[backend_extension(Flex, Autodiff)]
pub trait HostKernels: Backend {
    /// See [`activate`].
    fn activate(x: FloatTensor<Self>, function: Activation) -> FloatTensor<Self>;

    /// See [`lookup`].
    fn lookup(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self>;

    /// See [`rnn()`].
    fn rnn(sums: FloatTensor<Self>, weight: FloatTensor<Self>, first_hidden: FloatTensor<Self>) -> FloatTensor<Self>;

    /// See [`gru()`]: hidden states, which are tracked; then gates and candidates of [`gru::Trace`], on Flex only.
    fn gru(
        sums: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        hidden_bias: FloatTensor<Self>,
        first_hidden: FloatTensor<Self>,
    ) -> Vec<FloatTensor<Self>>;

    /// See [`lstm()`]: hidden states, which are tracked, and cell states, which are not; then gates, on Flex only.
    fn lstm(
        sums: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        first_hidden: FloatTensor<Self>,
        first_cell: FloatTensor<Self>,
    ) -> Vec<FloatTensor<Self>>;

    /// Loss, which is tracked, and metric, which is not, each `[1]`; then the loss's slope for the outputs, on Flex only.
    fn score(outputs: FloatTensor<Self>, head: Head, targets: Vec<f32>) -> Vec<FloatTensor<Self>>;
}

/// The backward passes of [`HostKernels`].
pub trait HostGradient: Backend {
    /// Of the input; `at` is the output where the slope needs only that, else the input.
    fn activate_gradient(at: FloatTensor<Self>, dy: FloatTensor<Self>, function: Activation) -> FloatTensor<Self>;

    /// Of the table of so many rows.
    fn lookup_gradient(dy: FloatTensor<Self>, ids: Vec<u32>, rows: usize) -> FloatTensor<Self>;

    /// Of sums and weight, and with `of_first` of the first state.
    fn rnn_gradients(
        hidden: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        first_hidden: FloatTensor<Self>,
        d_hidden: FloatTensor<Self>,
        of_first: bool,
    ) -> Vec<FloatTensor<Self>>;

    /// Of sums, weight and the bias inside the reset gate, and with `of_first` of the first state; `trace` is what
    /// [`HostKernels::gru`] returned.
    fn gru_gradients(
        trace: Vec<FloatTensor<Self>>,
        weight: FloatTensor<Self>,
        first_hidden: FloatTensor<Self>,
        d_hidden: FloatTensor<Self>,
        of_first: bool,
    ) -> Vec<FloatTensor<Self>>;

    /// Of sums and weight; `trace` is what [`HostKernels::lstm`] returned.
    fn lstm_gradients(
        trace: Vec<FloatTensor<Self>>,
        weight: FloatTensor<Self>,
        first_hidden: FloatTensor<Self>,
        first_cell: FloatTensor<Self>,
        d_hidden: FloatTensor<Self>,
    ) -> Vec<FloatTensor<Self>>;
}

/// What only WebGPU has a kernel for.
#[cfg(feature = "webgpu")]
#[backend_extension(Cube, Autodiff)]
pub trait DeviceKernels: Backend {
    /// See [`cross_entropy`].
    fn cross_entropy(logits: FloatTensor<Self>, classes: IntTensor<Self>) -> FloatTensor<Self>;
}

/// The backward pass of [`DeviceKernels`].
#[cfg(feature = "webgpu")]
pub trait DeviceGradient: Backend {
    /// Of the logits, times `dy`, `[1]`.
    fn cross_entropy_gradient(logits: FloatTensor<Self>, classes: IntTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// What happens between two passes.
#[backend_extension(Flex, Cube: cfg(feature = "webgpu"))]
pub trait Update: Backend {
    /// The weight after a step of an optimizer, then its state; in place where nobody else holds them. A rule with less than two slots
    /// does not look at the rest.
    fn update(
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        first_slot: FloatTensor<Self>,
        second_slot: FloatTensor<Self>,
        rule: StepRule,
    ) -> Vec<FloatTensor<Self>>;
}

/// Whether a device is the host: its kernels then are those on plain slices.
pub fn is_host(device: &Device) -> bool {
    // The build without WebGPU has no other device, and small nets feel every comparison.
    !cfg!(feature = "webgpu") || *device == Device::flex()
}

/// `f(x W + b)`.
///
/// Shapes: x `[batch, inputs]`, weight `[inputs, units]`, bias `[units]`, result `[batch, units]`.
pub fn dense(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, function: Activation) -> Tensor<2> {
    with_function(is_host(&x.device()), function, |function| {
        Tensor::from_dispatch(<Dispatch as Kernels>::dense(
            x.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            function,
        ))
    })
}

/// `f(x ∗ w + b)`, stride 1, with `padding` zeros around.
///
/// Shapes: x `[batch, channels, height, width]`, weight `[filters, channels, kernel, kernel]`, bias `[filters]`, result
/// `[batch, filters, height + 2 padding − kernel + 1, width + 2 padding − kernel + 1]`.
pub fn convolution(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, padding: usize, function: Activation) -> Tensor<4> {
    with_function(is_host(&x.device()), function, |function| {
        Tensor::from_dispatch(<Dispatch as Kernels>::convolution(
            x.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            padding,
            function,
        ))
    })
}

/// A function that is not fused is an operation of its own behind the one that makes its sums: on the CPU one whose slope needs the
/// sums, on WebGPU any but ReLU.
fn with_function<const D: usize>(
    is_host: bool,
    function: Activation,
    operation: impl FnOnce(Activation) -> Tensor<D>,
) -> Tensor<D> {
    let is_fused = if is_host {
        activation::slope_needs_only_output(function)
    } else {
        matches!(function, Activation::Linear | Activation::Relu)
    };
    if is_fused { operation(function) } else { activate(function, operation(Activation::Linear)) }
}

/// Applies an activation to each value; the formulas stand in `descent_spec::Activation`'s table.
pub fn activate<const D: usize>(function: Activation, x: Tensor<D>) -> Tensor<D> {
    if function == Activation::Linear {
        return x;
    }
    if !is_host(&x.device()) {
        return composed::activate(function, x);
    }
    Tensor::from_dispatch(<Dispatch as HostKernels>::activate(x.into_dispatch(), function))
}

/// Largest number of each window of `size × size`; what does not fill a window is left out.
///
/// Shapes: x `[batch, channels, height, width]`, result `[batch, channels, height / size, width / size]`.
pub fn max_pool(x: Tensor<4>, size: usize) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Kernels>::max_pool(x.into_dispatch(), size))
}

/// Rows of a table `[rows, width]` by their numbers, `[ids, width]`.
pub fn lookup(table: Tensor<2>, ids: &[u32]) -> Tensor<2> {
    if !is_host(&table.device()) {
        return composed::lookup(table, ids);
    }
    Tensor::from_dispatch(<Dispatch as HostKernels>::lookup(table.into_dispatch(), ids.to_vec()))
}

/// Hidden states of a simple recurrent layer over a sequence, `[steps, batch, hidden]`; the definition stands in [`mod@rnn`].
///
/// Gradients flow into sums, weight and first state.
///
/// Shapes: sums from below `[steps, batch, hidden]`, weight `[hidden, hidden]`, first state `[batch, hidden]`.
pub fn rnn(sums: Tensor<3>, weight: Tensor<2>, first: Tensor<2>) -> Tensor<3> {
    if !is_host(&sums.device()) {
        return composed::rnn(&sums, &weight, first);
    }
    Tensor::from_dispatch(<Dispatch as HostKernels>::rnn(sums.into_dispatch(), weight.into_dispatch(), first.into_dispatch()))
}

/// Hidden states of a gated recurrent unit over a sequence, `[steps, batch, hidden]`; the definition stands in [`mod@gru`].
///
/// Gradients flow into sums, weight, bias and first state.
///
/// Shapes: sums from below `[steps, batch, 3 hidden]`, weight `[hidden, 3 hidden]`, bias inside the reset gate `[hidden]`, first state
/// `[batch, hidden]`.
pub fn gru(sums: Tensor<3>, weight: Tensor<2>, hidden_bias: Tensor<1>, first: Tensor<2>) -> Tensor<3> {
    if !is_host(&sums.device()) {
        return composed::gru(&sums, &weight, &hidden_bias, first);
    }
    let states = <Dispatch as HostKernels>::gru(
        sums.into_dispatch(),
        weight.into_dispatch(),
        hidden_bias.into_dispatch(),
        first.into_dispatch(),
    );
    let hidden = states.into_iter().next().map(Tensor::from_dispatch);
    hidden.unwrap_or_else(|| unreachable!("the kernel returns the hidden states first"))
}

/// Hidden and cell states of an LSTM over a sequence, each `[steps, batch, hidden]`; the definition stands in [`mod@lstm`].
///
/// Gradients flow through the hidden states into sums and weight, not into the first states: what came before is a constant.
///
/// Shapes: sums from below `[steps, batch, 4 hidden]`, weight `[hidden, 4 hidden]`, first hidden and cell state `[batch, hidden]`.
pub fn lstm(sums: Tensor<3>, weight: Tensor<2>, first: [Tensor<2>; 2]) -> [Tensor<3>; 2] {
    if !is_host(&sums.device()) {
        return composed::lstm(&sums, &weight, first);
    }
    let [first_hidden, first_cell] = first.map(Tensor::into_dispatch);
    let states = <Dispatch as HostKernels>::lstm(sums.into_dispatch(), weight.into_dispatch(), first_hidden, first_cell);
    let mut states = states.into_iter().map(Tensor::from_dispatch);
    std::array::from_fn(|_| states.next().unwrap_or_else(|| unreachable!("the kernel returns hidden and cell states first")))
}

/// Loss and metric of a batch of outputs, each `[1]`; the metric is untracked. Only on the host.
pub fn score(outputs: Tensor<2>, head: Head, targets: Vec<f32>) -> [Tensor<1>; 2] {
    let parts = <Dispatch as HostKernels>::score(outputs.into_dispatch(), head, targets);
    let mut parts = parts.into_iter().map(Tensor::from_dispatch);
    std::array::from_fn(|_| parts.next().unwrap_or_else(|| unreachable!("the kernel returns loss and metric")))
}

/// Mean cross-entropy of logits `[batch, classes]` against classes `[batch]`, as `[1]`; none where the device has no kernel for it.
pub fn cross_entropy(logits: &Tensor<2>, classes: &Tensor<1, Int>) -> Option<Tensor<1>> {
    #[cfg(feature = "webgpu")]
    if !is_host(&logits.device()) && classes.dtype() == DType::I32 {
        let loss = <Dispatch as DeviceKernels>::cross_entropy(logits.clone().into_dispatch(), classes.clone().into_dispatch());
        return Some(Tensor::from_dispatch(loss));
    }
    let _ = (logits, classes);
    None
}

/// The weight after a step of an optimizer; `slots` is moved on. Nothing may be tracked. On WebGPU the gradient
/// comes with its penalties; the rule's are for the host.
pub fn update<const D: usize>(weight: Tensor<D>, grad: Tensor<D>, slots: &mut Vec<Tensor<1>>, rule: StepRule) -> Tensor<D> {
    let grad = grad.into_dispatch();
    let mut states = std::mem::take(slots).into_iter().map(Tensor::into_dispatch);
    let [first, second] = std::array::from_fn(|_| states.next().unwrap_or_else(|| grad.clone()));
    let mut changed = <Dispatch as Update>::update(weight.into_dispatch(), grad, first, second, rule).into_iter();
    let weight = changed.next().map(Tensor::from_dispatch).unwrap_or_else(|| unreachable!("the kernel returns the weight first"));
    slots.extend(changed.map(Tensor::from_dispatch));
    weight
}
