//! Gaussians with Burn: an experiment of Descent.
//!
//!     #/gaussians?opt=sgd&lr=0.1&schedule=warmup_cosine:7&epochs=3
//!
//! ```toml
//! [dependencies]
//! burn = { version = "=0.22.1", default-features = false, features = ["std", "optim", "flex", "simd"] }
//! safetensors = "0.8" # for --check
//! ```
//!
//! Model, hyper-parameters and updates are those of the page. First weights, split and order are drawn here, so a curve only
//! resembles the page's; `--check` (at the end) starts from the page's own weights and batches, and then the losses are the same.

use burn::module::{Module, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Initializer, Linear};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation;
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use std::error::Error;
use std::f64::consts::TAU;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 3;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 10;
const LEARNING_RATE: f64 = 0.1;
/// Share of the training set.
const VALIDATION: f64 = 0.3;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<f32>,
    targets: Vec<i32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 2] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 2..][..2]).copied().collect();
        let targets: Vec<i32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 2]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len()]), device))
    }
}

const N_POINTS: usize = 500;
const N_CLASSES: usize = 3;
/// Standard deviation.
const NOISE: f64 = 0.05;

/// Points in the square from −1 to 1; those of the test are drawn apart.
fn load(is_test: bool, device: &Device) -> Examples {
    let n = if is_test { N_POINTS / 2 } else { N_POINTS };
    let normal = random([n, 4], Distribution::Normal(0.0, 1.0), device);
    let mut examples = Examples { inputs: Vec::new(), targets: Vec::new() };
    for idx in 0..n {
        let class = idx % N_CLASSES; // the classes take turns
        // Round blobs on a circle, the first in the upper right.
        let angle = TAU * (class as f64 / N_CLASSES as f64 + 0.125);
        let x = 0.6 * angle.cos() + 0.12 * normal[4 * idx + 2];
        let y = 0.6 * angle.sin() + 0.12 * normal[4 * idx + 3];
        let [x, y] = [x + NOISE * normal[4 * idx], y + NOISE * normal[4 * idx + 1]].map(|it| it.clamp(-1.5, 1.5));
        examples.inputs.extend([x, y].map(|value| value as f32));
        examples.targets.push(class as i32);
    }
    examples
}

fn random(shape: [usize; 2], distribution: Distribution, device: &Device) -> Vec<f64> {
    let numbers = Tensor::<2>::random(shape, distribution, &device.clone().inner());
    numbers.into_data().iter::<f64>().collect()
}

#[derive(Module, Debug)]
struct Model {
    dense1: Linear,
    dense2: Linear,
    dense3: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            dense1: dense(2, 4, device),
            dense2: dense(4, 2, device),
            dense3: dense(2, 3, device),
        }
    }

    /// Logits [batch, 3] of inputs [batch, 2].
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = activation::tanh(self.dense1.forward(x));  // [batch, 4]
        let x = activation::tanh(self.dense2.forward(x));  // [batch, 2]
        self.dense3.forward(x)                             // [batch, 3]
    }
}

/// Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::XavierUniform { gain: 1.0 };
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
}

/// The rate after t of T steps: lr (t + 1) / 8 for t < 7, then lr (1 + cos(π (t − 7) / (T − 7))) / 2.
fn learning_rate(step: usize, steps_per_epoch: usize) -> f64 {
    if step < 7 {
        return LEARNING_RATE * (step + 1) as f64 / 8.0;
    }
    let share = (step - 7) as f64 / (EPOCHS * steps_per_epoch - 7) as f64;
    LEARNING_RATE * (1.0 + (std::f64::consts::PI * share).cos()) / 2.0
}

/// SGD: w ← w − lr g.
fn optimizer() -> ModuleOptimizer {
    SgdConfig::new().init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, lr: f64, x: Tensor<2>, y: Tensor<1, Int>) -> (Model, f32) {
    let loss = cross_entropy(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads(loss.backward(), &model);
    (optimizer.step(lr, model, grads), value)
}

/// The mean over the batch of −log softmax(logits)[y].
fn cross_entropy(outputs: Tensor<2>, y: Tensor<1, Int>) -> Tensor<1> {
    CrossEntropyLossConfig::new().init(&outputs.device()).forward(outputs, y)
}

/// Mean loss and accuracy over these examples, a thousand at a time.
fn evaluate(model: &Model, examples: &Examples, indices: &[usize], device: &Device) -> (f32, f32) {
    let (model, device) = (model.valid(), device.clone().inner());
    let (mut loss, mut total) = (0.0, 0.0);
    for part in indices.chunks(1000) {
        let (x, y) = examples.batch(part, &device);
        let outputs = model.forward(x);
        loss += cross_entropy(outputs.clone(), y.clone()).into_scalar::<f32>() * part.len() as f32;
        total += outputs.argmax(1).reshape([part.len()]).equal(y).float().sum().into_scalar::<f32>();
    }
    (loss / indices.len() as f32, total / indices.len() as f32)
}

/// The items in random order: sorted by a random number each.
fn shuffled(items: &[usize], device: &Device) -> Vec<usize> {
    let keys = Tensor::<1>::random([items.len()], Distribution::Uniform(0.0, 1.0), &device.clone().inner());
    keys.argsort(0).into_data().iter::<i64>().map(|place| items[place as usize]).collect()
}

fn train() -> Result<()> {
    let device = Device::flex().autodiff();
    device.seed(SEED);
    let examples = load(false, &device);
    let test = load(true, &device);
    let all: Vec<usize> = (0..examples.targets.len()).collect();
    let n_validation = (all.len() as f64 * VALIDATION).round() as usize;
    let mut train = shuffled(&all, &device);
    let validation = train.split_off(all.len() - n_validation);

    let mut model = Model::new(&device);
    let mut optimizer = optimizer();
    let steps_per_epoch = train.len().div_ceil(BATCH_SIZE);
    let mut step = 0;
    for epoch in 1..=EPOCHS {
        let mut losses = Vec::new();
        for batch in shuffled(&train, &device).chunks(BATCH_SIZE) {
            let (x, y) = examples.batch(batch, &device);
            let loss;
            let lr = learning_rate(step, steps_per_epoch);
            (model, loss) = train_step(model, &mut optimizer, lr, x, y);
            step += 1;
            losses.push(loss);
        }
        let mean = losses.iter().sum::<f32>() / losses.len() as f32;
        let (loss, accuracy) = evaluate(&model, &examples, &validation, &device);
        println!("epoch {epoch}: training loss {mean:.4}, validation loss {loss:.4}, accuracy {:.2} %", 100.0 * accuracy);
    }
    let all: Vec<usize> = (0..test.targets.len()).collect();
    let (loss, accuracy) = evaluate(&model, &test, &all, &device);
    println!("test: loss {loss:.4}, accuracy {:.2} %", 100.0 * accuracy);
    Ok(())
}

/// Optional: compare with the page. Starts from its weights, learns from its batches, and returns the losses.
///
/// `weights.safetensors` holds `dense1.weight` and so on, `batches.safetensors` the inputs x1, x2, … and the targets y1, y2, …
/// of the first steps.
pub fn check(folder: &str) -> Result<Vec<f32>> {
    let device = Device::flex().autodiff();
    let bytes = std::fs::read(format!("{folder}/weights.safetensors"))?;
    let weights = SafeTensors::deserialize(&bytes)?;
    let mut model = Model::new(&device);
    model.dense1.weight = Param::from_tensor(tensor(&weights, "dense1.weight", &device)?);
    model.dense1.bias = Some(Param::from_tensor(tensor(&weights, "dense1.bias", &device)?));
    model.dense2.weight = Param::from_tensor(tensor(&weights, "dense2.weight", &device)?);
    model.dense2.bias = Some(Param::from_tensor(tensor(&weights, "dense2.bias", &device)?));
    model.dense3.weight = Param::from_tensor(tensor(&weights, "dense3.weight", &device)?);
    model.dense3.bias = Some(Param::from_tensor(tensor(&weights, "dense3.bias", &device)?));

    let bytes = std::fs::read(format!("{folder}/batches.safetensors"))?;
    let batches = SafeTensors::deserialize(&bytes)?;
    let mut optimizer = optimizer();
    let steps_per_epoch: usize = std::fs::read_to_string(format!("{folder}/steps_per_epoch.txt"))?.trim().parse()?;
    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {
        let x = tensor(&batches, &format!("x{n}"), &device)?;
        let classes = batches.tensor(&format!("y{n}"))?;
        let classes: Vec<i32> = words(classes.data()).map(i32::from_le_bytes).collect();
        let y = Tensor::from_data(TensorData::new(classes.clone(), [classes.len()]), &device);
        let loss;
        let lr = learning_rate(n - 1, steps_per_epoch);
        (model, loss) = train_step(model, &mut optimizer, lr, x, y);
        losses.push(loss);
    }
    Ok(losses)
}

fn tensor<const D: usize>(file: &SafeTensors, name: &str, device: &Device) -> Result<Tensor<D>> {
    let view = file.tensor(name)?;
    let values: Vec<f32> = words(view.data()).map(f32::from_le_bytes).collect();
    Ok(Tensor::from_data(TensorData::new(values, view.shape().to_vec()), device))
}

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]])
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("--check") => println!("{:?}", check(&args[2])?),
        _ => train()?,
    }
    Ok(())
}
