//! Two moons with Burn: an experiment of Descent.
//!
//!     #/moons?loss=perceptron&opt=sgd
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
use burn::nn::{Initializer, Linear};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation;
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use safetensors::SafeTensors;
use std::error::Error;
use std::f64::consts::TAU;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 1000;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 10;
const LEARNING_RATE: f64 = 0.1;
/// Share of the training set.
const VALIDATION: f64 = 0.3;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<f32>,
    targets: Vec<f32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 2] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<2>, Tensor<2>) {
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 2..][..2]).copied().collect();
        let targets: Vec<f32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 2]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len(), 1]), device))
    }
}

const N_POINTS: usize = 500;
const N_CLASSES: usize = 2;
/// Standard deviation.
const NOISE: f64 = 0.05;

/// Points in the square from −1 to 1; those of the test are drawn apart.
fn load(is_test: bool, device: &Device) -> Examples {
    let n = if is_test { N_POINTS / 2 } else { N_POINTS };
    let uniform = random([n, 2], Distribution::Uniform(0.0, 1.0), device);
    let normal = random([n, 4], Distribution::Normal(0.0, 1.0), device);
    let mut examples = Examples { inputs: Vec::new(), targets: Vec::new() };
    for idx in 0..n {
        let class = idx % N_CLASSES; // the classes take turns
        let u = uniform[2 * idx];
        // Half circles as in scikit-learn's make_moons, moved and shrunk into the square.
        let (sin, cos) = (TAU / 2.0 * u).sin_cos();
        let (x, y) = if class == 0 { (cos, sin) } else { (1.0 - cos, 0.5 - sin) };
        let (x, y) = ((x - 0.5) / 1.75, (y - 0.25) / 1.75);
        let [x, y] = [x + NOISE * normal[4 * idx], y + NOISE * normal[4 * idx + 1]].map(|it| it.clamp(-1.5, 1.5));
        examples.inputs.extend([x, y].map(|value| value as f32));
        examples.targets.push(class as f32);
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
            dense3: dense(2, 1, device),
        }
    }

    /// Outputs [batch, 1] of inputs [batch, 2].
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = activation::tanh(self.dense1.forward(x));  // [batch, 4]
        let x = activation::tanh(self.dense2.forward(x));  // [batch, 2]
        self.dense3.forward(x)                             // [batch, 1]
    }
}

/// Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::XavierUniform { gain: 1.0 };
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
}

/// SGD: w ← w − lr g.
fn optimizer() -> ModuleOptimizer {
    SgdConfig::new().init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, x: Tensor<2>, y: Tensor<2>) -> (Model, f32) {
    let loss = perceptron(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads(loss.backward(), &model);
    (optimizer.step(LEARNING_RATE, model, grads), value)
}

/// The mean over the batch of max(0, −t z), t = 2 y − 1; where z is 0 the slope is −t, too, so that zero weights learn.
fn perceptron(outputs: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    let to_its_side = (y * 2.0 - 1.0) * outputs;
    let is_mistake = to_its_side.clone().lower_equal_elem(0.0).float();
    (is_mistake * to_its_side.neg()).mean()
}

/// Mean loss and accuracy over these examples, a thousand at a time.
fn evaluate(model: &Model, examples: &Examples, indices: &[usize], device: &Device) -> (f32, f32) {
    let (model, device) = (model.valid(), device.clone().inner());
    let (mut loss, mut total) = (0.0, 0.0);
    for part in indices.chunks(1000) {
        let (x, y) = examples.batch(part, &device);
        let outputs = model.forward(x);
        loss += perceptron(outputs.clone(), y.clone()).into_scalar::<f32>() * part.len() as f32;
        total += ((y * 2.0 - 1.0) * outputs).greater_elem(0.0).float().sum().into_scalar::<f32>();
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
    for epoch in 1..=EPOCHS {
        let mut losses = Vec::new();
        for batch in shuffled(&train, &device).chunks(BATCH_SIZE) {
            let (x, y) = examples.batch(batch, &device);
            let loss;
            (model, loss) = train_step(model, &mut optimizer, x, y);
            losses.push(loss);
        }
        if epoch % 100 == 0 {
            let mean = losses.iter().sum::<f32>() / losses.len() as f32;
            let (loss, accuracy) = evaluate(&model, &examples, &validation, &device);
            println!("epoch {epoch}: training loss {mean:.4}, validation loss {loss:.4}, accuracy {:.2} %", 100.0 * accuracy);
        }
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
    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {
        let x = tensor(&batches, &format!("x{n}"), &device)?;
        let targets: Tensor<1> = tensor(&batches, &format!("y{n}"), &device)?;
        let y = targets.unsqueeze_dim(1);
        let loss;
        (model, loss) = train_step(model, &mut optimizer, x, y);
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
