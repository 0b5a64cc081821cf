//! Own series with Burn: an experiment of Descent.
//!
//!     #/own-series?window=6&layers=dense:5:gelu,flat,lnorm&opt=momentum&lr=0.002&batch=8
//!
//! ```toml
//! [dependencies]
//! burn = { version = "=0.22.1", default-features = false, features = ["std", "optim", "flex", "simd"] }
//! safetensors = "0.8" # for --check
//! ```
//!
//! Model, hyper-parameters and updates are those of the page. First weights and order are drawn here, so a curve only
//! resembles the page's; `--check` (at the end) starts from the page's own weights and batches, and then the losses are the same.

use burn::module::{Module, Param};
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, Linear};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig, momentum::MomentumConfig};
use burn::tensor::activation;
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use safetensors::SafeTensors;
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 200;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 8;
const LEARNING_RATE: f64 = 0.002;
/// Share of the training set.
const VALIDATION: f64 = 0.2;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<f32>,
    targets: Vec<f32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 6, 1] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<3>, Tensor<2>) {
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 6..][..6]).copied().collect();
        let targets: Vec<f32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 6, 1]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len(), 1]), device))
    }
}

/// Values in a row that the net is given.
const WINDOW: usize = 6;
/// Which value behind them it foretells.
const HORIZON: usize = 1;

/// Your series.
fn read_series() -> Result<Vec<f32>> {
    Ok(vec![
        50.0, 55.8, 59.0, 59.0, 57.1, 56.0, 57.2, 60.0, 62.2, 61.4,
        57.2, 51.4, 46.7, 44.9, 45.7, 46.8, 46.0, 42.9, 39.2, 37.4,
        39.2, 44.0, 49.2, 52.5, 52.9, 52.1, 52.4, 55.3, 60.1, 64.2,
        65.4, 62.9, 58.5, 54.8, 53.6, 54.3, 54.9, 53.2, 48.6, 43.1,
        39.4, 39.3, 42.1, 45.6, 47.4, 46.9, 45.6, 45.9, 49.3, 55.0,
        60.6, 63.5, 63.0, 60.6, 58.8, 59.3, 61.5, 63.0, 61.8, 57.3,
        51.3, 46.6, 45.0, 46.1, 47.7, 47.5, 45.0, 42.0, 40.8, 43.3,
        48.5, 54.1, 57.5, 58.0, 57.0, 56.9, 59.3, 63.5, 67.0, 67.5,
        64.4, 59.4, 55.2, 53.6, 54.2, 54.8, 53.2, 49.0, 44.0, 40.9,
        41.4, 44.9, 49.1, 51.5, 51.4, 50.4, 50.9, 54.3, 59.9, 65.1,
        67.6, 66.4, 63.4, 60.9, 60.7, 62.3, 63.4, 61.8, 57.1, 51.1,
        46.6, 45.4, 46.9, 49.1, 49.6, 47.8, 45.4, 44.9, 47.8, 53.4,
        59.1, 62.5, 62.8, 61.5, 61.0, 62.8, 66.3, 69.1, 69.0, 65.3,
        59.8, 55.2, 53.5, 54.1, 54.8, 53.6, 49.9, 45.5, 43.0, 44.2,
        48.3, 53.1, 56.0, 56.3, 55.5, 55.9, 59.2, 64.4, 69.2, 71.0,
        69.2, 65.5, 62.4, 61.6, 62.7, 63.5, 61.7, 57.0, 51.2, 47.0,
        46.2, 48.4, 51.2, 52.4, 51.3, 49.4, 49.4, 52.6, 58.4, 64.2,
        67.4, 67.4, 65.5, 64.4, 65.6, 68.4, 70.6, 69.8, 65.6, 59.8,
        55.1, 53.3, 54.1, 55.2, 54.4, 51.3, 47.6, 45.8, 47.6, 52.4,
        57.6, 60.9, 61.3, 60.5, 60.8, 63.7, 68.5, 72.6, 73.8, 71.3,
        66.9, 63.2, 62.0, 62.7, 63.3, 61.6, 57.0, 51.5, 47.8, 47.7,
        50.5, 54.0, 55.8, 55.3, 54.0, 54.3, 57.7, 63.4, 69.0, 71.9,
        71.4, 69.0, 67.2, 67.7, 69.9, 71.4, 70.2, 65.7, 59.7, 55.0,
        53.4, 54.5, 56.1, 55.9, 53.4, 50.4, 49.2, 51.7, 56.9, 62.5,
    ])
}

/// Windows in the order of time; the values that those of the test foretell lie in its last fifth. The scale knows the training
/// part alone, which ends HORIZON − 1 values before the validation part: those were not yet known when that began.
fn load(is_test: bool) -> Result<Examples> {
    let series = read_series()?;
    let first = WINDOW + HORIZON - 1; // the first value that can be foretold
    let test_from = series.len() - (series.len() as f64 * 0.2).round() as usize;
    let n_pool = test_from - first;
    let n_known = first + n_pool - (n_pool as f64 * VALIDATION).round() as usize - (HORIZON - 1);
    let known = series[..n_known].iter().map(|&value| f64::from(value));
    let mean = known.clone().sum::<f64>() / n_known as f64;
    let deviation = (known.map(|value| (value - mean).powi(2)).sum::<f64>() / n_known as f64).sqrt();
    let scaled: Vec<f32> = series.iter().map(|&value| ((f64::from(value) - mean) / deviation) as f32).collect();
    let times = if is_test { test_from..series.len() } else { first..test_from };
    let inputs = times.clone().flat_map(|time| &scaled[time + 1 - HORIZON - WINDOW..time + 1 - HORIZON]).copied().collect();
    let targets = times.map(|time| scaled[time]).collect();
    Ok(Examples { inputs, targets })
}

#[derive(Module, Debug)]
struct Model {
    dense1: Linear,
    lnorm1: LayerNorm,
    dense2: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            dense1: dense(1, 5, device),
            lnorm1: LayerNormConfig::new(30).with_epsilon(1e-5).init(device),
            dense2: dense(30, 1, device),
        }
    }

    /// Outputs [batch, 1] of inputs [batch, 6, 1].
    fn forward(&self, x: Tensor<3>) -> Tensor<2> {
        let x = activation::gelu(self.dense1.forward(x));  // [batch, 6, 5]
        let x = x.flatten::<2>(1, 2);                      // [batch, 30]
        let x = self.lnorm1.forward(x);                    // [batch, 30]
        self.dense2.forward(x)                             // [batch, 1]
    }
}

/// Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::XavierUniform { gain: 1.0 };
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
}

/// Momentum: v ← β v + g;  w ← w − lr v. Burn's default has a dampening of 0.1.
fn optimizer() -> ModuleOptimizer {
    let momentum = MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false };
    SgdConfig::new().with_momentum(Some(momentum)).init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, x: Tensor<3>, y: Tensor<2>) -> (Model, f32) {
    let loss = squared_error(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads(loss.backward(), &model);
    (optimizer.step(LEARNING_RATE, model, grads), value)
}

/// The mean over the batch of (ŷ − y)².
fn squared_error(outputs: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    (outputs - y).square().mean()
}

/// Mean loss and error over these examples, a thousand at a time.
fn evaluate(model: &Model, examples: &Examples, indices: &[usize], device: &Device) -> (f32, f32) {
    let (model, device) = (model.valid(), device.clone().inner());
    let (mut loss, mut total) = (0.0, 0.0);
    for part in indices.chunks(1000) {
        let (x, y) = examples.batch(part, &device);
        let outputs = model.forward(x);
        loss += squared_error(outputs.clone(), y.clone()).into_scalar::<f32>() * part.len() as f32;
        total += (outputs - y).abs().sum().into_scalar::<f32>();
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
    let examples = load(false)?;
    let test = load(true)?;
    // In the order of time; between the parts lie HORIZON − 1 values that were not yet known.
    let (n, gap) = (examples.targets.len(), HORIZON - 1);
    let cut = n - (n as f64 * VALIDATION).round() as usize;
    let train: Vec<usize> = (0..cut - gap).collect();
    let validation: Vec<usize> = (cut..n - gap).collect();

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
        if epoch % 20 == 0 {
            let mean = losses.iter().sum::<f32>() / losses.len() as f32;
            let (loss, error) = evaluate(&model, &examples, &validation, &device);
            println!("epoch {epoch}: training loss {mean:.4}, validation loss {loss:.4}, mean absolute error {error:.4}");
        }
    }
    let all: Vec<usize> = (0..test.targets.len()).collect();
    let (loss, error) = evaluate(&model, &test, &all, &device);
    println!("test: loss {loss:.4}, mean absolute error {error:.4}");
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
    model.lnorm1.gamma = Param::from_tensor(tensor(&weights, "lnorm1.gamma", &device)?);
    model.lnorm1.beta = Some(Param::from_tensor(tensor(&weights, "lnorm1.beta", &device)?));
    model.dense2.weight = Param::from_tensor(tensor(&weights, "dense2.weight", &device)?);
    model.dense2.bias = Some(Param::from_tensor(tensor(&weights, "dense2.bias", &device)?));

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
