//! WebGPU against the CPU. In tests the adapter is Chromium's software one: slow, and a different machine all the same.

use crate::page::Page;
use crate::site::FakeSite;
use burn::nn::pool::MaxPool2dConfig;
use burn::tensor::{Device, Int, Tensor, TensorData};
use descent_engine::data::LabData;
use descent_engine::device::open_device;
use descent_engine::kernels;
use descent_engine::kernels::update::StepRule;
use descent_engine::loss::cross_entropy;
use descent_engine::read::read_one;
use descent_engine::session::Supervised;
use descent_spec::device::Backend;
use descent_spec::link;
use descent_spec::message::ToWorker;
use descent_spec::{Activation, Experiment, OptimizerSpec};
use wasm_bindgen_test::wasm_bindgen_test;

async fn losses(experiment: &Experiment, n_steps: usize, device: &Device, data: &LabData) -> Vec<f32> {
    let mut session = Supervised::open(experiment, device, data).unwrap();
    for step in 1..=n_steps {
        session.step(data);
        if step % 5 == 0 {
            session.poll(data).await.unwrap();
        }
    }
    session.report(data).await.unwrap().points.into_iter().map(|point| point.loss).collect()
}

fn largest_difference(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one - other).abs() / one.abs()).fold(0.0, f32::max)
}

/// The first twenty losses agree within a thousandth, or, where the run itself is more touchy than that, within three times what
/// a learning rate changed by a millionth does to the CPU. Adam's CNN on generated digits is such a run: their strokes leave
/// values that are nearly equal, a ReLU or a maximum flips, and twenty steps later the CPU differs from itself by 1.0e-3. (On
/// MNIST itself the same net stays within 4e-7; the end-to-end tests hold it to the thousandth there.)
async fn follows_the_cpu(link: &str) {
    let mut data = LabData::generated_empty();
    (0..10).for_each(|idx| data.insert_generated(1, idx));
    let (device, _) = open_device(Backend::WebGpu).await.unwrap();
    let experiment = link::decode(link).experiment;
    let cpu = losses(&experiment, 20, &Device::flex(), &data).await;
    let gpu = losses(&experiment, 20, &device, &data).await;
    let mut touchiness: f32 = 0.0;
    for change in [-1e-6, 1e-6] {
        let mut nudged = experiment.clone();
        nudged.training.learning_rate *= 1.0 + change;
        touchiness = touchiness.max(largest_difference(&cpu, &losses(&nudged, 20, &Device::flex(), &data).await));
    }
    let difference = largest_difference(&cpu, &gpu);
    web_sys::console::log_1(&format!("{link}: differs by {difference:e}, the CPU from itself by {touchiness:e}").into());
    assert!(difference <= (3.0 * touchiness).max(1e-3), "{link}: {cpu:?} on the CPU, {gpu:?} on WebGPU");
}

/// Burn's own slope of GELU on WebGPU is that of the approximation by tanh, up to 9e-4 away.
#[wasm_bindgen_test]
async fn the_slope_of_gelu_is_exact() {
    let (device, _) = open_device(Backend::WebGpu).await.unwrap();
    let experiment = link::decode("circle?layers=dense:8:gelu").experiment;
    let data = LabData::points(&experiment.data, experiment.seed);
    let session = Supervised::open(&experiment, &device, &data).unwrap();
    for example in [[3.0, -2.0], [-2.0, 2.0], [0.5, 4.0]] {
        let layer = session.follow(&example, 1.0).await.unwrap().layers.remove(0);
        for (&z, &slope) in layer.sums.iter().zip(&layer.slopes) {
            let exact = Activation::Gelu.slope(z.into()) as f32;
            assert!((slope - exact).abs() < 1e-5, "a slope of {slope} at {z}, and {exact} is exact");
        }
    }
}

#[wasm_bindgen_test]
async fn a_software_adapter_says_so() {
    let (_, info) = open_device(Backend::WebGpu).await.unwrap();
    assert!(info.backend == Backend::WebGpu && info.adapter.contains("software"), "{info:?}");
    let kept = js_sys::Reflect::get(&js_sys::global(), &"descentGpu".into()).unwrap();
    assert!(kept.is_object(), "the device is kept where a test can destroy it");
}

#[wasm_bindgen_test]
async fn the_mlp_follows_the_cpus_loss() {
    follows_the_cpu("mnist?model=mlp").await;
}

#[wasm_bindgen_test]
async fn the_cnn_follows_the_cpus_loss() {
    follows_the_cpu("mnist?model=cnn&opt=sgd&lr=0.1").await;
    follows_the_cpu("mnist?model=cnn").await;
}

#[wasm_bindgen_test]
async fn the_worker_trains_on_it_and_opens_again() {
    let _site = FakeSite::empty();
    let experiment = link::decode("mnist?layers=dense:16:relu,bn,drop:0.1&device=webgpu").experiment;
    let page = Page::start(Backend::WebGpu).await;
    let mut first = Vec::new();
    for run in 1..3 {
        page.send(ToWorker::Open { run, experiment: experiment.clone() });
        page.opened().await;
        let losses = page.losses(12).await;
        assert!(losses.len() == 12 && losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
        page.send(ToWorker::Checkpoint);
        let (progress, bytes) = page.checkpoint().await;
        assert!(progress.step == 12 && !bytes.is_empty());
        first.push(losses[0]);
    }
    assert!((first[0] - first[1]).abs() < 1e-4, "{first:?}");
}

/// Values in −1..1 that look random and are the same in every run; a few are equal, as in pictures.
fn noise<const D: usize>(dims: [usize; D], seed: u32, device: &Device) -> Tensor<D> {
    let value = |idx: u32| (idx.wrapping_add(seed.wrapping_mul(7919)).wrapping_mul(2_654_435_761) >> 22) as f32 / 512.0 - 1.0;
    let values: Vec<f32> = (0..dims.iter().product::<usize>() as u32).map(value).collect();
    Tensor::from_data(TensorData::new(values, dims), device)
}

fn close(gpu: &[f32], cpu: &[f32], tolerance: f32, what: &str) {
    let scale = cpu.iter().fold(1.0_f32, |most, value| most.max(value.abs()));
    assert_eq!(gpu.len(), cpu.len(), "{what}");
    for (idx, (a, b)) in gpu.iter().zip(cpu).enumerate() {
        assert!((a - b).abs() <= tolerance * scale, "{what}, number {idx}: {a} on WebGPU, {b} on the CPU");
    }
}

/// What a function makes of its inputs on a device, and the gradients for all of them, of a weighted sum of what it makes.
async fn with_gradients<const D: usize>(inputs: Vec<Tensor<D>>, f: impl Fn(&[Tensor<D>]) -> Tensor<D>) -> Vec<Vec<f32>> {
    let inputs: Vec<_> = inputs.into_iter().map(Tensor::require_grad).collect();
    let result = f(&inputs);
    let weights = noise(result.dims(), 99, &result.device());
    let grads = (result.clone() * weights).sum().backward();
    let mut all = vec![read_one(result.inner()).await.unwrap()];
    for input in &inputs {
        all.push(read_one(input.grad(&grads).unwrap()).await.unwrap());
    }
    all
}

/// Sizes that are multiples of four and sizes that are not take different programs.
#[wasm_bindgen_test]
async fn a_dense_layer_and_its_gradients_are_the_cpus() {
    let (gpu, _) = open_device(Backend::WebGpu).await.unwrap();
    for (batch, inputs, units) in [(8, 12, 16), (64, 784, 128), (64, 128, 10), (3, 7, 5), (1, 2, 1), (33, 4, 36), (5, 1, 3)] {
        for function in [Activation::Linear, Activation::Relu, Activation::Tanh] {
            let mut both = Vec::new();
            for device in [gpu.clone().autodiff(), Device::flex().autodiff()] {
                let of = [noise([batch, inputs], 1, &device), noise([inputs, units], 2, &device), noise([1, units], 3, &device)];
                let dense =
                    |of: &[Tensor<2>]| kernels::dense(of[0].clone(), of[1].clone(), of[2].clone().reshape([units]), function);
                both.push(with_gradients(of.to_vec(), dense).await);
            }
            for (name, (gpu, cpu)) in ["y", "dx", "dw", "db"].iter().zip(both[0].iter().zip(&both[1])) {
                close(gpu, cpu, 5e-6, &format!("{name} of {batch} × {inputs} × {units}, {function:?}"));
            }
        }
    }
}

#[wasm_bindgen_test]
async fn a_convolution_and_its_gradients_are_the_cpus() {
    let (gpu, _) = open_device(Backend::WebGpu).await.unwrap();
    // Batch, channels, filters, height, width, kernel, padding.
    let shapes = [
        (2, 1, 8, 28, 28, 5, 0),
        (3, 3, 5, 9, 11, 3, 1),
        (2, 4, 6, 7, 6, 1, 0),
        (1, 2, 3, 12, 10, 7, 3),
        (2, 2, 4, 13, 12, 9, 4),
    ];
    for (batch, channels, filters, height, width, kernel, padding) in shapes {
        for function in [Activation::Linear, Activation::Relu, Activation::Tanh] {
            let mut both = Vec::new();
            for device in [gpu.clone().autodiff(), Device::flex().autodiff()] {
                let of = [
                    noise([batch, channels, height, width], 1, &device),
                    noise([filters, channels, kernel, kernel], 2, &device),
                    noise([1, 1, 1, filters], 3, &device),
                ];
                let convolution = |of: &[Tensor<4>]| {
                    kernels::convolution(of[0].clone(), of[1].clone(), of[2].clone().reshape([filters]), padding, function)
                };
                both.push(with_gradients(of.to_vec(), convolution).await);
            }
            for (name, (gpu, cpu)) in ["y", "dx", "dw", "db"].iter().zip(both[0].iter().zip(&both[1])) {
                close(gpu, cpu, 5e-6, &format!("{name} of {kernel} × {kernel} on {channels} × {height} × {width}, {function:?}"));
            }
        }
    }
}

#[wasm_bindgen_test]
async fn max_pooling_and_its_gradient_are_the_cpus() {
    let (gpu, _) = open_device(Backend::WebGpu).await.unwrap();
    let (gpu, cpu) = (gpu.autodiff(), Device::flex().autodiff());
    for (height, width, size) in [(8, 8, 2), (9, 7, 2), (10, 11, 3), (5, 4, 4)] {
        let dims = [2, 3, height, width];
        let pool = MaxPool2dConfig::new([size, size]).with_strides([size, size]).init();
        let ours = with_gradients(vec![noise(dims, 1, &gpu)], |of| kernels::max_pool(of[0].clone(), size)).await;
        let burns = with_gradients(vec![noise(dims, 1, &cpu)], |of| pool.forward(of[0].clone())).await;
        assert_eq!(ours, burns, "{height} × {width} by {size}");
    }
}

#[wasm_bindgen_test]
async fn cross_entropy_and_its_gradient_are_the_cpus() {
    let (gpu, _) = open_device(Backend::WebGpu).await.unwrap();
    for (batch, n_classes) in [(64, 10), (1, 2), (130, 7)] {
        let mut both = Vec::new();
        for device in [gpu.clone().autodiff(), Device::flex().autodiff()] {
            let classes: Vec<i32> = (0..batch).map(|idx| (idx * 5 % n_classes) as i32).collect();
            let classes = Tensor::<1, Int>::from_data(TensorData::new(classes, [batch]), &device);
            // Logits of some size: exp overflows where the largest is not taken off.
            let logits = noise([batch, n_classes], 1, &device) * 60.0;
            let loss = |of: &[Tensor<2>]| cross_entropy(of[0].clone(), classes.clone()).reshape([1, 1]);
            both.push(with_gradients(vec![logits], loss).await);
        }
        close(&both[0][0], &both[1][0], 1e-6, "loss");
        close(&both[0][1], &both[1][1], 1e-6, "gradient");
    }
}

/// Against the definitions in double precision, on the first and the fifth step.
#[wasm_bindgen_test]
async fn an_optimizer_step_is_its_definition() {
    let (gpu, _) = open_device(Backend::WebGpu).await.unwrap();
    let rules = [
        OptimizerSpec::Sgd,
        OptimizerSpec::Momentum { beta: 0.9 },
        OptimizerSpec::Nesterov { beta: 0.9 },
        OptimizerSpec::AdaGrad { epsilon: 1e-8 },
        OptimizerSpec::RmsProp { alpha: 0.99, epsilon: 1e-8 },
        OptimizerSpec::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
        OptimizerSpec::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01 },
    ];
    let rate = 0.01;
    for spec in rules {
        for (len, n_steps) in [(1, 1_u64), (7, 5), (12, 1), (1000, 5)] {
            let tensors: Vec<Tensor<1>> = (0..4).map(|seed| noise([len], seed, &gpu)).collect();
            let [w, g, first, second] = [&tensors[0], &tensors[1], &tensors[2].clone().abs(), &tensors[3].clone().abs()];
            let n_slots = spec.slot_names().len();
            let mut state = vec![first.clone(), second.clone()];
            state.truncate(n_slots);
            let rule = StepRule { spec, learning_rate: rate, n_steps, l1: 0.0, l2: 0.0 };
            let updated = kernels::update(w.clone(), g.clone(), &mut state, rule);
            assert_eq!(state.len(), n_slots);
            let mut all = Vec::new();
            for tensor in [w, g, first, second, &updated].into_iter().chain(&state) {
                all.push(read_one(tensor.clone()).await.unwrap());
            }
            for idx in 0..len {
                let [w, g, s, v] = [0, 1, 2, 3].map(|of: usize| f64::from(all[of][idx]));
                let t = n_steps as f64;
                let adam = |beta1: f64, beta2: f64, epsilon: f64, decay: f64| {
                    let (m, v) = (beta1 * s + (1.0 - beta1) * g, beta2 * v + (1.0 - beta2) * g * g);
                    let (m_hat, v_hat) = (m / (1.0 - beta1.powf(t)), v / (1.0 - beta2.powf(t)));
                    (w - rate * decay * w - rate * m_hat / (v_hat.sqrt() + epsilon), vec![m, v])
                };
                let (expected, slots) = match spec {
                    OptimizerSpec::Sgd => (w - rate * g, vec![]),
                    OptimizerSpec::Momentum { beta } => (w - rate * (beta * s + g), vec![beta * s + g]),
                    OptimizerSpec::Nesterov { beta } => (w - rate * (g + beta * (beta * s + g)), vec![beta * s + g]),
                    OptimizerSpec::AdaGrad { epsilon } => {
                        let square = s + g * g;
                        (w - rate * g / (square.sqrt() + epsilon), vec![square])
                    }
                    OptimizerSpec::RmsProp { alpha, epsilon } => {
                        let square = alpha * s + (1.0 - alpha) * g * g;
                        (w - rate * g / (square.sqrt() + epsilon), vec![square])
                    }
                    OptimizerSpec::Adam { beta1, beta2, epsilon } => adam(beta1, beta2, epsilon, 0.0),
                    OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => adam(beta1, beta2, epsilon, weight_decay),
                };
                for (slot, expected) in [expected].into_iter().chain(slots).enumerate() {
                    let value = f64::from(all[4 + slot][idx]);
                    assert!(
                        (value - expected).abs() <= 1e-6 * expected.abs().max(0.1),
                        "{spec:?} of {len}, {slot}: {value}, {expected}"
                    );
                }
            }
        }
    }
}
