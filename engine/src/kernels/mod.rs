//! Operations of our own for the CPU, where Burn's are slow on wasm; WebGPU keeps Burn's.
//!
//! Burn lowers the gradient of a convolution to another convolution whose kernel is as large as the picture, and copies columns
//! scalar by scalar; most of a small network's step went there. [`conv`] does the arithmetic on plain slices, and this file hands
//! it to Burn as a backend extension: one operation `relu(x ∗ w + b)` with its own backward pass.

pub mod conv;

#[cfg(feature = "webgpu")]
use burn::backend::Cube;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Shape, Tensor, TensorData};
use conv::ConvShape;

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
}

/// `relu(x ∗ w + b)` or `x ∗ w + b`, stride 1.
///
/// Shapes: x `[batch, channels, height, width]`, weight `[filters, channels, kernel, kernel]`, bias `[filters]`, result
/// `[batch, filters, height + 2 padding − kernel + 1, width + 2 padding − kernel + 1]`.
pub fn convolution(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, padding: usize, relu: bool) -> Tensor<4> {
    let y = <Dispatch as Kernels>::convolution(x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch(), padding, relu);
    Tensor::from_dispatch(y)
}

fn options(padding: usize) -> ConvOptions<2> {
    ConvOptions::new([1, 1], [padding, padding], [1, 1], 1)
}

#[cfg(feature = "webgpu")]
impl Kernels for Cube {}

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
