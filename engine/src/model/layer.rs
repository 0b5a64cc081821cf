//! The twin of `descent_spec::LayerSpec`: a spec becomes a layer with weights.

use super::batch_norm::BatchNorm;
use super::init::{draw, draw_bias};
use crate::kernels::{self, convolution};
use burn::module::{Module, Param};
use burn::nn::conv::Conv2d;
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData, activation};
use descent_spec::model::TracedLayer;
use descent_spec::{Activation, Initializer, LayerSpec, Padding, Shape};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::SQRT_2;

/// A batch on its way through the net.
#[derive(Debug, Clone)]
pub enum Signal {
    /// `[batch, channels, height, width]`.
    Image(Tensor<4>),
    /// `[batch, units]`.
    Flat(Tensor<2>),
}

impl Signal {
    /// `[batch, units]`; pictures are flattened channels first.
    pub fn into_flat(self) -> Tensor<2> {
        match self {
            Signal::Image(image) => image.flatten(1, 3),
            Signal::Flat(flat) => flat,
        }
    }

    fn map(self, on_image: impl FnOnce(Tensor<4>) -> Tensor<4>, on_flat: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Signal {
        match self {
            Signal::Image(image) => Signal::Image(on_image(image)),
            Signal::Flat(flat) => Signal::Flat(on_flat(flat)),
        }
    }
}

/// One layer with its weights.
#[derive(Module, Debug)]
pub enum Layer {
    /// `act(x W + b)`.
    Dense(Dense),
    /// `act(x ∗ K + b)`.
    Conv2d(Convolution),
    /// Maximum of each window.
    MaxPool2d(MaxPool2d),
    /// Mean of each window.
    AvgPool2d(AvgPool2d),
    /// Normalisation over the batch.
    BatchNorm(BatchNorm),
    /// Random zeros while training.
    Dropout(Dropout),
    /// An activation on its own.
    Activate(Activate),
}

/// A dense layer and its activation.
#[derive(Module, Debug)]
pub struct Dense {
    linear: Linear,
    #[module(skip)]
    activation: Activation,
}

/// A convolution and its activation.
#[derive(Module, Debug)]
pub struct Convolution {
    conv: Conv2d,
    #[module(skip)]
    activation: Activation,
}

/// An activation as a layer.
#[derive(Module, Debug)]
pub struct Activate {
    #[module(skip)]
    activation: Activation,
}

impl Layer {
    /// Builds the layer with weights from `rng`, on a device that tracks gradients.
    pub fn init(traced: &TracedLayer, initializer: Initializer, rng: &mut ChaCha8Rng, device: &Device) -> Layer {
        match (&traced.layer, traced.input) {
            (LayerSpec::Dense { units, activation }, shape) => {
                let fan_in = shape.len();
                let weight = draw(initializer, fan_in, *units, fan_in * units, rng);
                let bias = draw_bias(initializer, fan_in, *units, rng);
                let linear = Linear {
                    weight: Param::from_data(TensorData::new(weight, [fan_in, *units]), device),
                    bias: Some(Param::from_data(TensorData::new(bias, [*units]), device)),
                };
                Layer::Dense(Dense { linear, activation: *activation })
            }
            (LayerSpec::Conv2d { filters, kernel, padding, activation }, shape) => {
                let channels = n_channels(shape);
                let (fan_in, fan_out) = (channels * kernel * kernel, filters * kernel * kernel);
                let weight = draw(initializer, fan_in, fan_out, filters * fan_in, rng);
                let bias = draw_bias(initializer, fan_in, *filters, rng);
                let border = match padding {
                    Padding::Valid => 0,
                    Padding::Same => kernel / 2, // The spec allows odd kernels only.
                };
                let conv = Conv2d {
                    weight: Param::from_data(TensorData::new(weight, [*filters, channels, *kernel, *kernel]), device),
                    bias: Some(Param::from_data(TensorData::new(bias, [*filters]), device)),
                    stride: [1, 1],
                    kernel_size: [*kernel, *kernel],
                    dilation: [1, 1],
                    groups: 1,
                    padding: PaddingConfig2d::Explicit(border, border, border, border),
                };
                Layer::Conv2d(Convolution { conv, activation: *activation })
            }
            (LayerSpec::MaxPool2d { size }, _) => {
                Layer::MaxPool2d(MaxPool2dConfig::new([*size, *size]).with_strides([*size, *size]).init())
            }
            (LayerSpec::AvgPool2d { size }, _) => {
                Layer::AvgPool2d(AvgPool2dConfig::new([*size, *size]).with_strides([*size, *size]).init())
            }
            (LayerSpec::BatchNorm, shape) => Layer::BatchNorm(BatchNorm::new(n_channels(shape), device)),
            (LayerSpec::Dropout { rate }, _) => Layer::Dropout(DropoutConfig::new(*rate).init()),
            (LayerSpec::Activate { activation }, _) => Layer::Activate(Activate { activation: *activation }),
        }
    }

    /// One layer forward. Dropout and batch norm behave as in training exactly when the input is tracked by autodiff.
    pub fn forward(&self, x: Signal) -> Signal {
        match self {
            Layer::Dense(dense) => Signal::Flat(dense.forward(x.into_flat())),
            Layer::Conv2d(Convolution { conv, activation }) => x.map(|image| convolve(conv, *activation, image), |flat| flat),
            Layer::MaxPool2d(pool) => x.map(|image| max_pool(pool, image), |flat| flat),
            Layer::AvgPool2d(pool) => x.map(|image| pool.forward(image), |flat| flat),
            Layer::BatchNorm(norm) => x.map(|image| norm.forward(image), |flat| norm.forward(flat)),
            Layer::Dropout(dropout) => x.map(|image| dropout.forward(image), |flat| dropout.forward(flat)),
            Layer::Activate(Activate { activation }) => {
                x.map(|image| activate(*activation, image), |flat| activate(*activation, flat))
            }
        }
    }
}

impl Dense {
    /// `act(x W + b)`; ReLU is part of our kernel.
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match (self.activation, &self.linear.bias) {
            (Activation::Relu, Some(bias)) => kernels::dense(x, self.linear.weight.val(), bias.val(), true),
            _ => self.activate(self.sums(x)),
        }
    }

    /// `x W + b`, `[batch, units]`, from `[batch, inputs]`.
    pub fn sums(&self, x: Tensor<2>) -> Tensor<2> {
        match &self.linear.bias {
            Some(bias) => kernels::dense(x, self.linear.weight.val(), bias.val(), false),
            None => self.linear.forward(x),
        }
    }

    /// What the layer makes of its sums, `[batch, units]`.
    pub fn activate(&self, sums: Tensor<2>) -> Tensor<2> {
        activate(self.activation, sums)
    }
}

/// The layers of a spec have stride 1, a square kernel and a bias, which is what our kernel does; ReLU is part of it.
fn convolve(conv: &Conv2d, activation: Activation, x: Tensor<4>) -> Tensor<4> {
    let (PaddingConfig2d::Explicit(padding, ..), Some(bias)) = (&conv.padding, &conv.bias) else {
        return activate(activation, conv.forward(x));
    };
    match activation {
        Activation::Relu => convolution(x, conv.weight.val(), bias.val(), *padding, true),
        other => activate(other, convolution(x, conv.weight.val(), bias.val(), *padding, false)),
    }
}

/// The spec's windows are square and lie side by side, which is what our kernel does.
fn max_pool(pool: &MaxPool2d, x: Tensor<4>) -> Tensor<4> {
    kernels::max_pool(&x, pool.kernel_size[0]).unwrap_or_else(|| pool.forward(x))
}

/// Applies an activation to each value; the formulas stand in `descent_spec::Activation`'s table.
pub(crate) fn activate<const D: usize>(function: Activation, x: Tensor<D>) -> Tensor<D> {
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

fn n_channels(shape: Shape) -> usize {
    match shape {
        Shape::Image { channels, .. } => channels,
        Shape::Flat { units } => units,
    }
}
