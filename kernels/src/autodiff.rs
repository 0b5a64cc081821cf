//! The kernels under autodiff: one node each, with a backward pass of its own.
//!
//! What a backward pass needs is kept as tensors, which share their memory with the forward pass; we never trade memory for time
//! by checkpointing, so that nothing has to be worked out twice.

use super::activation::slope_needs_only_output;
use super::{Gradient, HostGradient, HostKernels, Kernels};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Backend, TensorMetadata};
use descent_spec::{Activation, Head};

/// One node of the graph: registers `$node`, whose state is made of the forward pass's result when somebody is tracked.
macro_rules! record {
    ($node:ident, $strategy:ty, [$($parent:expr),+], $output:expr, |$y:ident| $state:expr) => {{
        let nodes = [$($parent.node()),+];
        let prepared = $node.prepare::<$strategy>(nodes).compute_bound().stateful();
        let $y = $output;
        match prepared {
            OpsKind::Tracked(prepared) => {
                let state = $state;
                prepared.finish(state, $y)
            }
            OpsKind::UnTracked(prepared) => prepared.finish($y),
        }
    }};
}

/// Hands gradients to the parents that want them, in the order of the parents.
macro_rules! register {
    ($grads:ident, $backend:ty, [$($parent:expr => $gradient:expr),+ $(,)?]) => {
        $(if let (Some(node), Some(gradient)) = ($parent, $gradient) {
            $grads.register::<$backend>(node.id, gradient);
        })+
    };
}

#[derive(Debug)]
struct Dense;

impl<B: Gradient> Backward<B, 3> for Dense {
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, Activation);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let (x, weight, y, function) = ops.state;
        let [of_x, of_weight, of_bias] = ops.parents;
        // The first layer's input is data and has no node: its gradient is never worked out.
        let mut gradients = B::dense_gradients(x, weight, y, dy, function, of_x.is_some()).into_iter();
        register!(grads, B, [of_weight => gradients.next(), of_bias => gradients.next(), of_x => gradients.next()]);
    }
}

#[derive(Debug)]
struct Convolution;

impl<B: Gradient> Backward<B, 3> for Convolution {
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, usize, Activation);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let (x, weight, y, padding, function) = ops.state;
        let [of_x, of_weight, of_bias] = ops.parents;
        let mut gradients = B::convolution_gradients(x, weight, y, dy, padding, function, of_x.is_some()).into_iter();
        register!(grads, B, [of_weight => gradients.next(), of_bias => gradients.next(), of_x => gradients.next()]);
    }
}

#[derive(Debug)]
struct Activate;

impl<B: HostGradient> Backward<B, 1> for Activate {
    type State = (FloatTensor<B>, Activation);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let ([of_x], (at, function)) = (ops.parents, ops.state);
        register!(grads, B, [of_x => Some(B::activate_gradient(at, dy, function))]);
    }
}

#[derive(Debug)]
struct MaxPool;

impl<B: Gradient> Backward<B, 1> for MaxPool {
    type State = (FloatTensor<B>, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let ([of_x], (x, size)) = (ops.parents, ops.state);
        register!(grads, B, [of_x => Some(B::max_pool_gradient(x, dy, size))]);
    }
}

#[derive(Debug)]
struct Lookup;

impl<B: HostGradient> Backward<B, 1> for Lookup {
    type State = (Vec<u32>, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let ([of_table], (ids, rows)) = (ops.parents, ops.state);
        register!(grads, B, [of_table => Some(B::lookup_gradient(dy, ids, rows))]);
    }
}

#[derive(Debug)]
struct Rnn;

impl<B: HostGradient> Backward<B, 3> for Rnn {
    type State = [FloatTensor<B>; 3];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let d_hidden = grads.consume::<B>(&ops.node);
        let ([of_sums, of_weight, of_first], [hidden, weight, first_hidden]) = (ops.parents, ops.state);
        let mut gradients = B::rnn_gradients(hidden, weight, first_hidden, d_hidden, of_first.is_some()).into_iter();
        register!(grads, B, [of_sums => gradients.next(), of_weight => gradients.next(), of_first => gradients.next()]);
    }
}

#[derive(Debug)]
struct Gru;

impl<B: HostGradient> Backward<B, 4> for Gru {
    type State = (Vec<FloatTensor<B>>, FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let d_hidden = grads.consume::<B>(&ops.node);
        let (trace, weight, first_hidden) = ops.state;
        let [of_sums, of_weight, of_bias, of_first] = ops.parents;
        let mut gradients = B::gru_gradients(trace, weight, first_hidden, d_hidden, of_first.is_some()).into_iter();
        register!(grads, B, [of_sums => gradients.next(), of_weight => gradients.next(), of_bias => gradients.next()]);
        register!(grads, B, [of_first => gradients.next()]);
    }
}

#[derive(Debug)]
struct Lstm;

impl<B: HostGradient> Backward<B, 2> for Lstm {
    type State = (Vec<FloatTensor<B>>, FloatTensor<B>, [FloatTensor<B>; 2]);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let d_hidden = grads.consume::<B>(&ops.node);
        let (trace, weight, [first_hidden, first_cell]) = ops.state;
        let [of_sums, of_weight] = ops.parents;
        let mut gradients = B::lstm_gradients(trace, weight, first_hidden, first_cell, d_hidden).into_iter();
        register!(grads, B, [of_sums => gradients.next(), of_weight => gradients.next()]);
    }
}

/// The loss knows its slope since the forward pass.
#[derive(Debug)]
struct Loss;

impl<B: Backend> Backward<B, 1> for Loss {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = grads.consume::<B>(&ops.node);
        let ([of_outputs], slope) = (ops.parents, ops.state);
        let upstream = B::float_reshape(upstream, [1, 1].into());
        register!(grads, B, [of_outputs => Some(B::float_mul(slope, upstream))]);
    }
}

impl<B: Kernels + Gradient, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        function: Activation,
    ) -> FloatTensor<Self> {
        let (a, w) = (x.primitive().clone(), weight.primitive().clone());
        let y = B::dense(a.clone(), w.clone(), bias.primitive().clone(), function);
        record!(Dense, C, [x, weight, bias], y, |y| (a, w, y.clone(), function))
    }

    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: usize,
        function: Activation,
    ) -> FloatTensor<Self> {
        let (a, w) = (x.primitive().clone(), weight.primitive().clone());
        let y = B::convolution(a.clone(), w.clone(), bias.primitive().clone(), padding, function);
        record!(Convolution, C, [x, weight, bias], y, |y| (a, w, y.clone(), padding, function))
    }

    fn max_pool(x: FloatTensor<Self>, size: usize) -> FloatTensor<Self> {
        let at = x.primitive().clone();
        record!(MaxPool, C, [x], B::max_pool(at.clone(), size), |y| (at, size))
    }
}

impl<B: HostKernels + HostGradient, C: CheckpointStrategy> HostKernels for Autodiff<B, C> {
    fn activate(x: FloatTensor<Self>, function: Activation) -> FloatTensor<Self> {
        let at = x.primitive().clone();
        let y = B::activate(at.clone(), function);
        record!(Activate, C, [x], y, |y| (if slope_needs_only_output(function) { y.clone() } else { at }, function))
    }

    fn lookup(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self> {
        let rows = table.shape().dims::<2>()[0];
        record!(Lookup, C, [table], B::lookup(table.primitive().clone(), ids.clone()), |y| (ids, rows))
    }

    fn rnn(sums: FloatTensor<Self>, weight: FloatTensor<Self>, first_hidden: FloatTensor<Self>) -> FloatTensor<Self> {
        let (w, first) = (weight.primitive().clone(), first_hidden.primitive().clone());
        let hidden = B::rnn(sums.primitive().clone(), w.clone(), first.clone());
        record!(Rnn, C, [sums, weight, first_hidden], hidden, |hidden| [hidden.clone(), w, first])
    }

    fn gru(
        sums: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        hidden_bias: FloatTensor<Self>,
        first_hidden: FloatTensor<Self>,
    ) -> Vec<FloatTensor<Self>> {
        let (w, first) = (weight.primitive().clone(), first_hidden.primitive().clone());
        let trace = B::gru(sums.primitive().clone(), w.clone(), hidden_bias.primitive().clone(), first.clone());
        let Some(hidden) = trace.first().cloned() else { return Vec::new() };
        vec![record!(Gru, C, [sums, weight, hidden_bias, first_hidden], hidden, |hidden| (trace, w, first))]
    }

    fn lstm(
        sums: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        first_hidden: FloatTensor<Self>,
        first_cell: FloatTensor<Self>,
    ) -> Vec<FloatTensor<Self>> {
        let first = [first_hidden, first_cell].map(|it| it.into_primitive());
        let w = weight.primitive().clone();
        let trace = B::lstm(sums.primitive().clone(), w.clone(), first[0].clone(), first[1].clone());
        let [Some(hidden), Some(cells)] = [trace.first().cloned(), trace.get(1).cloned()] else { return Vec::new() };
        vec![record!(Lstm, C, [sums, weight], hidden, |hidden| (trace, w, first)), Self::from_inner(cells)]
    }

    fn score(outputs: FloatTensor<Self>, head: Head, targets: Vec<f32>) -> Vec<FloatTensor<Self>> {
        let mut parts = B::score(outputs.primitive().clone(), head, targets).into_iter();
        let (Some(loss), Some(metric), Some(slope)) = (parts.next(), parts.next(), parts.next()) else { return Vec::new() };
        vec![record!(Loss, C, [outputs], loss, |loss| slope), Self::from_inner(metric)]
    }
}

#[cfg(feature = "webgpu")]
mod device {
    use super::super::{DeviceGradient, DeviceKernels};
    use super::*;
    use burn::backend::tensor::IntTensor;

    #[derive(Debug)]
    struct CrossEntropy;

    impl<B: DeviceGradient> Backward<B, 1> for CrossEntropy {
        type State = (FloatTensor<B>, IntTensor<B>);

        fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
            let dy = grads.consume::<B>(&ops.node);
            let ([of_logits], (logits, classes)) = (ops.parents, ops.state);
            register!(grads, B, [of_logits => Some(B::cross_entropy_gradient(logits, classes, dy))]);
        }
    }

    impl<B: DeviceKernels + DeviceGradient, C: CheckpointStrategy> DeviceKernels for Autodiff<B, C> {
        fn cross_entropy(logits: FloatTensor<Self>, classes: IntTensor<Self>) -> FloatTensor<Self> {
            let at = logits.primitive().clone();
            let loss = B::cross_entropy(at.clone(), classes.clone());
            record!(CrossEntropy, C, [logits], loss, |loss| (at, classes))
        }
    }
}
