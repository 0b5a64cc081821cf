//! Operations of our own where Burn's are slow: on the CPU in wasm, and on WebGPU where there are no tensor cores.
//!
//! Burn lowers the gradient of a convolution to another convolution whose kernel is as large as the picture, and copies columns
//! scalar by scalar; most of a small network's step went there. [`conv`] does the arithmetic on plain slices, [`webgpu`] in
//! programs for the graphics processor, and this file hands both to Burn as a backend extension: operations like
//! `relu(x ∗ w + b)` with their own backward passes.

pub mod conv;
#[cfg(feature = "webgpu")]
mod webgpu;

#[cfg(feature = "webgpu")]
use burn::backend::Cube;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
#[cfg(feature = "webgpu")]
use burn::tensor::DType;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Int, Shape, Tensor, TensorData};
use conv::ConvShape;
use descent_spec::OptimizerSpec;
#[cfg(feature = "webgpu")]
use webgpu::Transposed;

/// What the backends must be able to do beyond Burn's own operations.
#[backend_extension(Flex, Cube: cfg(feature = "webgpu"), Autodiff)]
pub trait Kernels: Backend {
    /// `x ∗ w + b` with stride 1 and `padding` zeros around, and `max(·, 0)` with `relu`.
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: usize,
        relu: bool,
    ) -> FloatTensor<Self> {
        let y = Self::conv2d(x, weight, Some(bias), options(padding));
        if relu { Self::relu(y) } else { y }
    }

    /// `dy` where the convolution's output `y` is positive, else 0: the gradient below the ReLU.
    fn below_relu(y: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::relu_backward(y, dy)
    }

    /// Gradient of the convolution with respect to its input.
    fn convolution_input_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        padding: usize,
    ) -> FloatTensor<Self> {
        Self::conv2d_x_backward(x, weight, dy, options(padding))
    }

    /// Gradient with respect to the kernels.
    fn convolution_weight_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        padding: usize,
    ) -> FloatTensor<Self> {
        Self::conv2d_weight_backward(x, weight, dy, options(padding))
    }

    /// Gradient with respect to the biases.
    fn convolution_bias_gradient(x: FloatTensor<Self>, bias: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::conv2d_bias_backward(x, bias, dy)
    }

    /// `x W + b`, and `max(·, 0)` with `relu`; x `[batch, inputs]`, weight `[inputs, units]`, bias `[units]`.
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>, relu: bool) -> FloatTensor<Self> {
        let units = bias.shape().num_elements();
        let y = Self::float_add(Self::float_matmul(x, weight), Self::float_reshape(bias, Shape::from([1, units])));
        if relu { Self::relu(y) } else { y }
    }

    /// Gradient of the dense layer with respect to its input.
    fn dense_input_gradient(weight: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(dy, Self::float_transpose(weight))
    }

    /// Gradient with respect to the weights.
    fn dense_weight_gradient(x: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(Self::float_transpose(x), dy)
    }

    /// Gradient with respect to the biases.
    fn dense_bias_gradient(dy: FloatTensor<Self>) -> FloatTensor<Self> {
        let [_batch, units] = dy.shape().dims();
        Self::float_reshape(Self::float_sum_dim(dy, 0), Shape::from([units]))
    }

    /// The maximum of each window of `size` by `size`, side by side; x `[batch, channels, height, width]`. Nothing where the
    /// backend has no kernel for it.
    fn max_pool(_x: FloatTensor<Self>, _size: usize) -> Option<FloatTensor<Self>> {
        None
    }

    /// Gradient of [`Kernels::max_pool`], called only where that gave something.
    fn max_pool_gradient(x: FloatTensor<Self>, _dy: FloatTensor<Self>, _size: usize) -> FloatTensor<Self> {
        x
    }

    /// Mean cross-entropy of logits `[batch, classes]` against classes `[batch]`, as `[1]`. Nothing where the backend has no
    /// kernel for it.
    fn cross_entropy(_logits: FloatTensor<Self>, _classes: IntTensor<Self>) -> Option<FloatTensor<Self>> {
        None
    }

    /// Gradient of [`Kernels::cross_entropy`] for the logits, called only where that gave something.
    fn cross_entropy_gradient(logits: FloatTensor<Self>, _classes: IntTensor<Self>, _dy: FloatTensor<Self>) -> FloatTensor<Self> {
        logits
    }

    /// One step of an optimizer for one parameter in one go: the new weights and the new state. Nothing where the backend has no
    /// kernel for it, and the rule is composed of tensor operations. A slot the rule does not have is any tensor, and comes back.
    fn update(
        _spec: OptimizerSpec,
        _learning_rate: f64,
        _n_steps: u64,
        _weight: FloatTensor<Self>,
        _grad: FloatTensor<Self>,
        _slot_0: FloatTensor<Self>,
        _slot_1: FloatTensor<Self>,
    ) -> Option<(FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>)> {
        None
    }
}

/// `relu(x ∗ w + b)` or `x ∗ w + b`, stride 1.
///
/// Shapes: x `[batch, channels, height, width]`, weight `[filters, channels, kernel, kernel]`, bias `[filters]`, result
/// `[batch, filters, height + 2 padding − kernel + 1, width + 2 padding − kernel + 1]`.
pub fn convolution(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, padding: usize, relu: bool) -> Tensor<4> {
    let y = <Dispatch as Kernels>::convolution(x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch(), padding, relu);
    Tensor::from_dispatch(y)
}

/// `relu(x W + b)` or `x W + b`.
///
/// Shapes: x `[batch, inputs]`, weight `[inputs, units]`, bias `[units]`, result `[batch, units]`.
pub fn dense(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, relu: bool) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Kernels>::dense(x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch(), relu))
}

/// The maximum of each window of `size` by `size`, side by side, where the backend has a kernel for it.
///
/// Shapes: x `[batch, channels, height, width]`, result `[batch, channels, height / size, width / size]`.
pub fn max_pool(x: &Tensor<4>, size: usize) -> Option<Tensor<4>> {
    <Dispatch as Kernels>::max_pool(x.clone().into_dispatch(), size).map(Tensor::from_dispatch)
}

/// Mean cross-entropy of logits `[batch, classes]` against classes `[batch]`, as `[1]`, where the backend has a kernel for it.
pub fn cross_entropy(logits: &Tensor<2>, classes: &Tensor<1, Int>) -> Option<Tensor<1>> {
    let loss = <Dispatch as Kernels>::cross_entropy(logits.clone().into_dispatch(), classes.clone().into_dispatch());
    loss.map(Tensor::from_dispatch)
}

/// One step of an optimizer for one parameter, where the backend has a kernel for it; everything `[len]` and untracked.
///
/// `n_steps` counts this step (1 for the first); `slots` are as many as the rule has.
pub fn update(
    spec: &OptimizerSpec,
    learning_rate: f64,
    n_steps: u64,
    weight: &Tensor<1>,
    grad: &Tensor<1>,
    slots: &[Tensor<1>],
) -> Option<(Tensor<1>, Vec<Tensor<1>>)> {
    let slot = |idx: usize| slots.get(idx).unwrap_or(grad).clone().into_dispatch();
    let (slot_0, slot_1) = (slot(0), slot(1));
    let (weight, grad) = (weight.clone().into_dispatch(), grad.clone().into_dispatch());
    let (weight, slot_0, slot_1) = <Dispatch as Kernels>::update(*spec, learning_rate, n_steps, weight, grad, slot_0, slot_1)?;
    let slots = [slot_0, slot_1].into_iter().take(slots.len()).map(Tensor::from_dispatch).collect();
    Some((Tensor::from_dispatch(weight), slots))
}

fn options(padding: usize) -> ConvOptions<2> {
    ConvOptions::new([1, 1], [padding, padding], [1, 1], 1)
}

#[cfg(feature = "webgpu")]
impl Kernels for Cube {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: usize,
        relu: bool,
    ) -> FloatTensor<Self> {
        let shape = conv_shape(&x.shape(), &weight.shape(), padding);
        webgpu::convolution(x, weight, bias, relu, &shape)
    }

    fn convolution_input_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        padding: usize,
    ) -> FloatTensor<Self> {
        let shape = conv_shape(&x.shape(), &weight.shape(), padding);
        webgpu::convolution_input_gradient(weight, dy, &shape)
    }

    fn convolution_weight_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        padding: usize,
    ) -> FloatTensor<Self> {
        let shape = conv_shape(&x.shape(), &weight.shape(), padding);
        webgpu::convolution_weight_gradient(x, dy, &shape)
    }

    fn below_relu(y: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        webgpu::below_relu(y, dy)
    }

    fn max_pool(x: FloatTensor<Self>, size: usize) -> Option<FloatTensor<Self>> {
        Some(webgpu::max_pool(x, size))
    }

    fn max_pool_gradient(x: FloatTensor<Self>, dy: FloatTensor<Self>, size: usize) -> FloatTensor<Self> {
        webgpu::max_pool_gradient(x, dy, size)
    }

    fn cross_entropy(logits: FloatTensor<Self>, classes: IntTensor<Self>) -> Option<FloatTensor<Self>> {
        (classes.dtype() == DType::I32).then(|| webgpu::cross_entropy(logits, classes))
    }

    fn cross_entropy_gradient(logits: FloatTensor<Self>, classes: IntTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        webgpu::cross_entropy_gradient(logits, classes, dy)
    }

    fn convolution_bias_gradient(_x: FloatTensor<Self>, _bias: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        webgpu::convolution_bias_gradient(dy)
    }

    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>, relu: bool) -> FloatTensor<Self> {
        webgpu::product(x, weight, Some(bias), Transposed::None, relu)
    }

    fn dense_input_gradient(weight: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        webgpu::product(dy, weight, None, Transposed::Right, false)
    }

    fn dense_weight_gradient(x: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        webgpu::product(x, dy, None, Transposed::Left, false)
    }

    fn dense_bias_gradient(dy: FloatTensor<Self>) -> FloatTensor<Self> {
        webgpu::sum_of_rows(dy)
    }

    fn update(
        spec: OptimizerSpec,
        learning_rate: f64,
        n_steps: u64,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        slot_0: FloatTensor<Self>,
        slot_1: FloatTensor<Self>,
    ) -> Option<(FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>)> {
        Some(webgpu::update(&spec, learning_rate, n_steps, weight, grad, [slot_0, slot_1]))
    }
}

impl Kernels for Flex {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: usize,
        relu: bool,
    ) -> FloatTensor<Self> {
        let shape = conv_shape(&x.shape(), &weight.shape(), padding);
        let y = conv::forward(&values(&x), &values(&weight), &values(&bias), relu, &shape);
        tensor(y, [shape.batch, shape.filters, shape.out_height(), shape.out_width()], &x)
    }

    fn convolution_input_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        padding: usize,
    ) -> FloatTensor<Self> {
        let shape = conv_shape(&x.shape(), &weight.shape(), padding);
        let dx = conv::input_gradient(&values(&dy), &values(&weight), &shape);
        tensor(dx, [shape.batch, shape.channels, shape.height, shape.width], &x)
    }

    fn convolution_weight_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        padding: usize,
    ) -> FloatTensor<Self> {
        let shape = conv_shape(&x.shape(), &weight.shape(), padding);
        let dw = conv::weight_gradient(&values(&x), &values(&dy), &shape);
        tensor(dw, [shape.filters, shape.channels, shape.kernel, shape.kernel], &x)
    }
}

impl<B: Backend + Kernels, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: usize,
        relu: bool,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Convolution;

        impl<B: Backend + Kernels> Backward<B, 3> for Convolution {
            type State = (NodeId, NodeId, NodeId, Option<FloatTensor<B>>, usize);

            fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
                let [node_x, node_weight, node_bias] = ops.parents;
                let dy = grads.consume::<B>(&ops.node);
                let (x, weight, bias, y, padding) = ops.state;
                let x = checkpointer.retrieve_node_output::<FloatTensor<B>>(x);
                let weight = checkpointer.retrieve_node_output::<FloatTensor<B>>(weight);
                let bias = checkpointer.retrieve_node_output::<FloatTensor<B>>(bias);
                let dy = match y {
                    Some(y) => B::below_relu(y, dy),
                    None => dy,
                };
                // The first layer's input is data and has no node: its gradient is never worked out.
                if let Some(node) = node_x {
                    let dx = B::convolution_input_gradient(x.clone(), weight.clone(), dy.clone(), padding);
                    grads.register::<B>(node.id, dx);
                }
                if let Some(node) = node_weight {
                    grads.register::<B>(node.id, B::convolution_weight_gradient(x.clone(), weight, dy.clone(), padding));
                }
                if let Some(node) = node_bias {
                    grads.register::<B>(node.id, B::convolution_bias_gradient(x, bias, dy));
                }
            }
        }

        let nodes = [x.node(), weight.node(), bias.node()];
        match Convolution.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let states = (prep.checkpoint(&x), prep.checkpoint(&weight), prep.checkpoint(&bias));
                let y = B::convolution(x.into_primitive(), weight.into_primitive(), bias.into_primitive(), padding, relu);
                prep.finish((states.0, states.1, states.2, relu.then(|| y.clone()), padding), y)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::convolution(x.into_primitive(), weight.into_primitive(), bias.into_primitive(), padding, relu))
            }
        }
    }

    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>, relu: bool) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Dense;

        impl<B: Backend + Kernels> Backward<B, 3> for Dense {
            type State = (NodeId, NodeId, Option<FloatTensor<B>>);

            fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
                let [node_x, node_weight, node_bias] = ops.parents;
                let dy = grads.consume::<B>(&ops.node);
                let (x, weight, y) = ops.state;
                let x = checkpointer.retrieve_node_output::<FloatTensor<B>>(x);
                let weight = checkpointer.retrieve_node_output::<FloatTensor<B>>(weight);
                let dy = match y {
                    Some(y) => B::below_relu(y, dy),
                    None => dy,
                };
                if let Some(node) = node_x {
                    grads.register::<B>(node.id, B::dense_input_gradient(weight, dy.clone()));
                }
                if let Some(node) = node_weight {
                    grads.register::<B>(node.id, B::dense_weight_gradient(x, dy.clone()));
                }
                if let Some(node) = node_bias {
                    grads.register::<B>(node.id, B::dense_bias_gradient(dy));
                }
            }
        }

        let nodes = [x.node(), weight.node(), bias.node()];
        match Dense.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let states = (prep.checkpoint(&x), prep.checkpoint(&weight));
                let y = B::dense(x.into_primitive(), weight.into_primitive(), bias.into_primitive(), relu);
                prep.finish((states.0, states.1, relu.then(|| y.clone())), y)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::dense(x.into_primitive(), weight.into_primitive(), bias.into_primitive(), relu))
            }
        }
    }

    fn max_pool(x: FloatTensor<Self>, size: usize) -> Option<FloatTensor<Self>> {
        #[derive(Debug)]
        struct MaxPool;

        impl<B: Backend + Kernels> Backward<B, 1> for MaxPool {
            type State = (NodeId, usize);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
                let [node_x] = ops.parents;
                let dy = grads.consume::<B>(&ops.node);
                let (x, size) = ops.state;
                let x = checkpointer.retrieve_node_output::<FloatTensor<B>>(x);
                if let Some(node) = node_x {
                    grads.register::<B>(node.id, B::max_pool_gradient(x, dy, size));
                }
            }
        }

        let y = B::max_pool(x.clone().into_primitive(), size)?;
        Some(match MaxPool.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = prep.checkpoint(&x);
                prep.finish((state, size), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        })
    }

    fn cross_entropy(logits: FloatTensor<Self>, classes: IntTensor<Self>) -> Option<FloatTensor<Self>> {
        #[derive(Debug)]
        struct CrossEntropy;

        impl<B: Backend + Kernels> Backward<B, 1> for CrossEntropy {
            type State = (NodeId, IntTensor<B>);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
                let [node_logits] = ops.parents;
                let dy = grads.consume::<B>(&ops.node);
                let (logits, classes) = ops.state;
                let logits = checkpointer.retrieve_node_output::<FloatTensor<B>>(logits);
                if let Some(node) = node_logits {
                    grads.register::<B>(node.id, B::cross_entropy_gradient(logits, classes, dy));
                }
            }
        }

        let loss = B::cross_entropy(logits.clone().into_primitive(), classes.clone())?;
        Some(match CrossEntropy.prepare::<C>([logits.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = prep.checkpoint(&logits);
                prep.finish((state, classes), loss)
            }
            OpsKind::UnTracked(prep) => prep.finish(loss),
        })
    }
}

fn conv_shape(x: &Shape, weight: &Shape, padding: usize) -> ConvShape {
    let ([batch, channels, height, width], [filters, _, kernel, _]) = (x.dims::<4>(), weight.dims::<4>());
    ConvShape { batch, channels, filters, height, width, kernel, padding }
}

/// The numbers of a Flex tensor, row by row; copied only where it is a view in another order.
fn values(tensor: &FloatTensor<Flex>) -> std::borrow::Cow<'_, [f32]> {
    match tensor.as_slice::<f32>() {
        Some(values) => values.into(),
        None => tensor.to_contiguous().as_slice::<f32>().map(<[f32]>::to_vec).unwrap_or_default().into(),
    }
}

fn tensor<const D: usize>(values: Vec<f32>, dims: [usize; D], like: &FloatTensor<Flex>) -> FloatTensor<Flex> {
    Flex::float_from_data(TensorData::new(values, dims), &like.device())
}
