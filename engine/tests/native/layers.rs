//! Layers and the loss: outputs and gradients are PyTorch's.

use crate::support::*;
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor};
use descent_engine::loss::cross_entropy;
use descent_engine::model::{Net, Signal};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::{Activation, LayerSpec, Padding, Shape};
use serde_json::{Value, json};

/// Gradients by parameter name, and that of the input, of `Σ output · upstream`.
struct Backward {
    output: Vec<f32>,
    grad_input: Vec<f32>,
    grads: std::collections::HashMap<String, Vec<f32>>,
}

fn run_flat(net: &Net, traced: &[TracedLayer], input: &Value, upstream: &Value) -> Backward {
    let x: Tensor<2> = tensor::<2>(input).require_grad();
    let output = net.forward(Signal::Flat(x.clone()));
    let grads = (output.clone() * tensor::<2>(upstream)).sum().backward();
    let grad_input = values(x.grad(&grads).unwrap());
    Backward { output: values(output), grad_input, grads: by_name(net, traced, grads) }
}

fn run_image(net: &Net, traced: &[TracedLayer], input: &Value, upstream: &Value) -> Backward {
    let x: Tensor<4> = tensor::<4>(input).require_grad();
    let output = image(net.forward_with_taps(Signal::Image(x.clone())).pop().unwrap());
    let grads = (output.clone() * tensor::<4>(upstream)).sum().backward();
    let grad_input = values(x.grad(&grads).unwrap());
    Backward { output: values(output), grad_input, grads: by_name(net, traced, grads) }
}

fn by_name(net: &Net, traced: &[TracedLayer], grads: burn::tensor::Gradients) -> std::collections::HashMap<String, Vec<f32>> {
    let grads = GradientsParams::from_grads(grads, net);
    net.named_tensors(traced)
        .into_iter()
        .filter_map(|it| {
            let grad = match it.dims.len() {
                1 => grads.get::<1>(it.id).map(values),
                2 => grads.get::<2>(it.id).map(values),
                4 => grads.get::<4>(it.id).map(values),
                _ => None,
            };
            grad.map(|grad| (it.name, grad))
        })
        .collect()
}

#[test]
fn activations_and_their_slopes() {
    let numbers = numbers();
    let mut seen = Vec::new();
    for row in numbers["activations"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let activation = Activation::parse(name).unwrap();
        seen.push(activation);
        let (x, dims) = array(&row["x"]);
        let (net, _) = net(&[LayerSpec::Activate { activation }], Shape::Flat { units: dims[0] });
        let x = Tensor::<1>::from_floats(x.as_slice(), &device()).reshape([1, dims[0]]).require_grad();
        let y = net.forward(Signal::Flat(x.clone()));
        let slope = x.grad(&y.clone().sum().backward()).unwrap();
        assert_close(name, &values(y), &array(&row["y"]).0, 2e-6);
        assert_close(&format!("slope of {name}"), &values(slope), &array(&row["slope"]).0, 2e-6);
    }
    assert_eq!(seen.len(), Activation::table().len(), "every activation has reference numbers");
}

/// Far from zero a formula such as ln(1 + exp(x)) overflows in `f32` unless it is written with care.
/// At 0 several functions have a kink, and the background of a picture lies there before the first step. Slopes of PyTorch 2.2.2.
#[test]
fn slopes_at_zero() {
    for (activation, slope) in [
        (Activation::Relu, 0.0),
        (Activation::LeakyRelu, 0.01),
        (Activation::Elu, 1.0),
        (Activation::Gelu, 0.5),
        (Activation::Silu, 0.5),
        (Activation::Tanh, 1.0),
        (Activation::Sigmoid, 0.25),
        (Activation::Softplus, 0.5),
        (Activation::Linear, 1.0),
    ] {
        let (net, _) = net(&[LayerSpec::Activate { activation }], Shape::Flat { units: 1 });
        let x = Tensor::<2>::zeros([1, 1], &device()).require_grad();
        let grads = net.forward(Signal::Flat(x.clone())).sum().backward();
        assert_close(activation.id(), &values(x.grad(&grads).unwrap()), &[slope], 1e-6);
    }
}

/// GELU is z Φ(z) and its slope Φ(z) + z φ(z), by Python's `math.erf`: the slope of the approximation by tanh, which Burn has on
/// WebGPU, is 8.7e-4 away at 2 and -2.
#[test]
fn gelu_is_exact() {
    let exact: [[f32; 3]; 9] = [
        [-3.0, -0.004_05, -0.011_946],
        [-2.0, -0.045_5, -0.085_232],
        [-1.0, -0.158_655, -0.083_315],
        [-0.5, -0.154_269, 0.132_505],
        [0.0, 0.0, 0.5],
        [0.5, 0.345_731, 0.867_495],
        [1.0, 0.841_345, 1.083_315],
        [2.0, 1.954_5, 1.085_232],
        [3.0, 2.995_95, 1.011_946],
    ];
    let (net, _) = net(&[LayerSpec::Activate { activation: Activation::Gelu }], Shape::Flat { units: 9 });
    let x = Tensor::<1>::from_floats(exact.map(|it| it[0]), &device()).reshape([1, 9]).require_grad();
    let y = net.forward(Signal::Flat(x.clone()));
    let slope = x.grad(&y.clone().sum().backward()).unwrap();
    assert_close("gelu", &values(y), &exact.map(|it| it[1]), 1e-6);
    assert_close("slope of gelu", &values(slope), &exact.map(|it| it[2]), 1e-6);
}

#[test]
fn activations_stay_finite_far_from_zero() {
    let mut broken = Vec::new();
    for entry in Activation::table() {
        let (net, _) = net(&[LayerSpec::Activate { activation: entry.value }], Shape::Flat { units: 6 });
        let x = Tensor::<2>::from_floats([[-1e4, -200.0, -90.0, 90.0, 200.0, 1e4]], &device()).require_grad();
        let y = net.forward(Signal::Flat(x.clone()));
        let slopes = values(x.grad(&y.clone().sum().backward()).unwrap());
        let y = values(y);
        // Rectifiers become the identity, the others their upper bound.
        let upper = if matches!(entry.value, Activation::Tanh | Activation::Sigmoid) { 1.0 } else { 200.0 };
        let good = y.iter().chain(&slopes).all(|it| it.is_finite()) && (y[4] - upper).abs() < 1e-3;
        if !good {
            broken.push(format!("{}: {y:?}, slopes {slopes:?}", entry.label));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn dense() {
    let numbers = numbers();
    let row = &numbers["linear"];
    let layer = LayerSpec::Dense { units: 3, activation: Activation::Linear };
    let (net, traced) =
        net_with(&[layer], Shape::Flat { units: 4 }, &[("dense1.weight", &row["weight"]), ("dense1.bias", &row["bias"])]);
    let seen = run_flat(&net, &traced, &row["input"], &row["upstream"]);
    assert_close("output", &seen.output, &array(&row["output"]).0, 1e-5);
    assert_close("gradient of the input", &seen.grad_input, &array(&row["grad_input"]).0, 1e-5);
    assert_close("gradient of W", &seen.grads["dense1.weight"], &array(&row["grad_weight"]).0, 1e-5);
    assert_close("gradient of b", &seen.grads["dense1.bias"], &array(&row["grad_bias"]).0, 1e-5);
}

#[test]
fn convolution() {
    for row in numbers()["conv2d"].as_array().unwrap() {
        let padding = Padding::parse(row["padding"].as_str().unwrap()).unwrap();
        let kernel = row["kernel"].as_u64().unwrap() as usize;
        let layer = LayerSpec::Conv2d { filters: 3, kernel, padding, activation: Activation::Linear };
        let input = Shape::Image { channels: 2, height: 5, width: 4 };
        let (net, traced) = net_with(&[layer], input, &[("conv1.weight", &row["weight"]), ("conv1.bias", &row["bias"])]);
        let seen = run_image(&net, &traced, &row["input"], &row["upstream"]);
        assert_close("output", &seen.output, &array(&row["output"]).0, 1e-5);
        assert_close("gradient of the input", &seen.grad_input, &array(&row["grad_input"]).0, 1e-5);
        assert_close("gradient of K", &seen.grads["conv1.weight"], &array(&row["grad_weight"]).0, 1e-5);
        assert_close("gradient of b", &seen.grads["conv1.bias"], &array(&row["grad_bias"]).0, 1e-5);
    }
}

#[test]
fn max_pool() {
    let numbers = numbers();
    let row = &numbers["max_pool"];
    let (net, traced) = net(&[LayerSpec::MaxPool2d { size: 2 }], Shape::Image { channels: 2, height: 5, width: 4 });
    let seen = run_image(&net, &traced, &row["input"], &row["upstream"]);
    assert_close("output", &seen.output, &array(&row["output"]).0, 1e-6);
    assert_close("gradient of the input", &seen.grad_input, &array(&row["grad_input"]).0, 1e-6);
}

/// Small enough to check by hand. Each output is the mean of its four inputs, and each of those gets a quarter of the output's
/// gradient; the last row and the last column fill no window and get none. PyTorch drops them too (`ceil_mode=False`).
#[test]
fn avg_pool() {
    let (net, traced) = net(&[LayerSpec::AvgPool2d { size: 2 }], Shape::Image { channels: 2, height: 3, width: 5 });
    let input = json!([[
        [[1.0, 2.0, 3.0, 4.0, 90.0], [5.0, 6.0, 7.0, 9.0, 90.0], [90.0, 90.0, 90.0, 90.0, 90.0]],
        [[-8.0, 0.0, 0.5, 0.5, 90.0], [0.0, 4.0, 0.5, -0.5, 90.0], [90.0, 90.0, 90.0, 90.0, 90.0]],
    ]]);
    let seen = run_image(&net, &traced, &input, &json!([[[[4.0, -2.0]], [[1.0, 0.0]]]]));
    // (1 + 2 + 5 + 6) / 4, (3 + 4 + 7 + 9) / 4, (−8 + 0 + 0 + 4) / 4, (0.5 + 0.5 + 0.5 − 0.5) / 4
    assert_close("output", &seen.output, &[3.5, 5.75, -1.0, 0.25], 1e-6);
    let first = [1.0, 1.0, -0.5, -0.5, 0.0, 1.0, 1.0, -0.5, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let second = [0.25, 0.25, 0.0, 0.0, 0.0, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_close("gradient of the input", &seen.grad_input, &[first, second].concat(), 1e-6);
}

#[test]
fn batch_norm() {
    for row in numbers()["batch_norm"].as_array().unwrap() {
        let (_, dims) = array(&row["input"]);
        let input = match dims.as_slice() {
            [_, channels, height, width] => Shape::Image { channels: *channels, height: *height, width: *width },
            [_, units] => Shape::Flat { units: *units },
            other => panic!("{other:?}"),
        };
        let weights = [("bn1.gamma", &row["gamma"]), ("bn1.beta", &row["beta"])];
        let (net, traced) = net_with(&[LayerSpec::BatchNorm], input, &weights);
        let run = if dims.len() == 4 { run_image } else { run_flat };
        let seen = run(&net, &traced, &row["input"], &row["upstream"]);
        assert_close("training output", &seen.output, &array(&row["output"]).0, 1e-5);
        assert_close("gradient of the input", &seen.grad_input, &array(&row["grad_input"]).0, 2e-5);
        assert_close("gradient of γ", &seen.grads["bn1.gamma"], &array(&row["grad_gamma"]).0, 2e-5);
        assert_close("gradient of β", &seen.grads["bn1.beta"], &array(&row["grad_beta"]).0, 2e-5);
        let after = named(&net, &traced);
        assert_close("running mean", &after["bn1.running_mean"], &array(&row["running_mean"]).0, 1e-6);
        assert_close("running variance", &after["bn1.running_var"], &array(&row["running_var"]).0, 1e-6);
        // Evaluation: the same input, untracked, through the running statistics.
        let (net, plain) = (net.valid(), Device::flex());
        let x = match dims.len() {
            4 => Signal::Image(Tensor::from_data(data(&row["input"]), &plain)),
            _ => Signal::Flat(Tensor::from_data(data(&row["input"]), &plain)),
        };
        let output = match net.forward_with_taps(x).pop().unwrap() {
            Signal::Image(image) => values(image),
            other => values(other.into_flat()),
        };
        assert_close("evaluation output", &output, &array(&row["eval_output"]).0, 1e-5);
    }
}

#[test]
fn dropout_scales_the_survivors() {
    let _turn = take_generator();
    for row in numbers()["dropout"].as_array().unwrap() {
        let rate = row["rate"].as_f64().unwrap();
        let survivor = row["survivor"].as_f64().unwrap() as f32;
        let (net, _) = net(&[LayerSpec::Dropout { rate }], Shape::Flat { units: 10_000 });
        device().seed(3);
        let y = values(net.forward(Signal::Flat(Tensor::ones([1, 10_000], &device()))));
        assert!(y.iter().all(|&y| y == 0.0 || (y - survivor).abs() < 1e-6), "rate {rate}");
        let dropped = y.iter().filter(|&&y| y == 0.0).count() as f64 / 10_000.0;
        // Four standard deviations of the share, √(p (1 − p) / n).
        assert!((dropped - rate).abs() <= 4.0 * (rate * (1.0 - rate) / 10_000.0).sqrt(), "rate {rate}: {dropped} dropped");
        let y = values(net.valid().forward(Signal::Flat(Tensor::ones([1, 10_000], &Device::flex()))));
        assert!(y.iter().all(|&y| y == 1.0), "evaluation drops nothing");
    }
}

#[test]
fn cross_entropy_and_its_gradient() {
    let numbers = numbers();
    let row = &numbers["cross_entropy"];
    let logits: Tensor<2> = tensor::<2>(&row["logits"]).require_grad();
    let classes: Vec<i32> = row["targets"].as_array().unwrap().iter().map(|class| class.as_i64().unwrap() as i32).collect();
    let loss = cross_entropy(logits.clone(), Tensor::<1, Int>::from_ints(classes.as_slice(), &device()));
    let grads = loss.backward();
    assert_close("loss", &values(loss), &[row["loss"].as_f64().unwrap() as f32], 1e-6);
    assert_close("gradient", &values(logits.grad(&grads).unwrap()), &array(&row["gradient"]).0, 1e-6);
}
