//! Random walk with Burn: an experiment of Descent.
//!
//!     #/random-walk?window=8&horizon=2&layers=rnn:12:last&schedule=exp:0.9&l1=0.0001
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
use burn::nn::{Initializer, Linear};
use burn::optim::{GradientsParams, ModuleOptimizer, AdamConfig};
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use safetensors::SafeTensors;
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 30;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 32;
const LEARNING_RATE: f64 = 0.005;
/// λ of the penalty λ ‖w‖₁ on weights, not on biases.
const L1: f64 = 0.0001;
/// Share of the training set.
const VALIDATION: f64 = 0.2;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<f32>,
    targets: Vec<f32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 8, 1] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<3>, Tensor<2>) {
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 8..][..8]).copied().collect();
        let targets: Vec<f32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 8, 1]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len(), 1]), device))
    }
}

/// Values in a row that the net is given.
const WINDOW: usize = 8;
/// Which value behind them it foretells.
const HORIZON: usize = 2;

/// A walk of 2,000 independent steps, the same each time: nothing foretells it better than its last value.
fn read_series(device: &Device) -> Vec<f32> {
    device.seed(SEED);
    let steps = Tensor::<1>::random([2000], Distribution::Normal(0.0, 1.0), &device.clone().inner());
    let walk = |at: &mut f64, step: f64| {
        *at += step;
        Some(*at as f32)
    };
    steps.into_data().iter::<f64>().scan(100.0, walk).collect()
}

/// Windows in the order of time; the values that those of the test foretell lie in its last fifth. The scale knows the training
/// part alone, which ends HORIZON − 1 values before the validation part: those were not yet known when that began.
fn load(is_test: bool, device: &Device) -> Examples {
    let series = read_series(device);
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
    Examples { inputs, targets }
}

#[derive(Module, Debug)]
struct Model {
    rnn1: Rnn,
    dense1: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            rnn1: Rnn::new(1, 12, device),
            dense1: dense(12, 1, device),
        }
    }

    /// Outputs [batch, 1] of inputs [batch, 8, 1].
    fn forward(&self, x: Tensor<3>) -> Tensor<2> {
        let x = self.rnn1.forward(x);                   // [batch, 8, 12]
        let x = x.narrow(1, 7, 1).squeeze_dim::<2>(1);  // [batch, 12]: the last state
        self.dense1.forward(x)                          // [batch, 1]
    }

    /// λ ‖w‖₁ over weights and kernels. Burn's own weight decay would pull on biases and batch norm, too.
    fn penalty(&self) -> Tensor<1> {
        let magnitudes = vec![
            self.rnn1.input_weight.val().abs().sum(),
            self.rnn1.hidden_weight.val().abs().sum(),
            self.dense1.weight.val().abs().sum(),
        ];
        Tensor::cat(magnitudes, 0).sum() * L1
    }
}

/// Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::XavierUniform { gain: 1.0 };
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
}

/// h = tanh(x W + h₋₁ U + b) (Elman 1990).
#[derive(Module, Debug)]
struct Rnn {
    input_weight: Param<Tensor<2>>,
    hidden_weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl Rnn {
    fn new(inputs: usize, units: usize, device: &Device) -> Rnn {
        let initializer = Initializer::XavierUniform { gain: 1.0 };
        Rnn {
            input_weight: initializer.init_with([inputs, units], Some(inputs), Some(units), device),
            hidden_weight: initializer.init_with([units, units], Some(units), Some(units), device),
            bias: Initializer::Zeros.init([units], device),
        }
    }

    /// The state after every step, [batch, steps, units], of [batch, steps, inputs].
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (w, u, b) = (self.input_weight.val(), self.hidden_weight.val(), self.bias.val().unsqueeze::<2>());
        let ([batch, _, _], [units, _]) = (x.dims(), u.dims());
        let mut h = Tensor::<2>::zeros([batch, units], &x.device());
        let mut states = Vec::new();
        for x in x.iter_dim(1) {
            let x = x.squeeze_dim::<2>(1);
            h = (x.matmul(w.clone()) + h.matmul(u.clone()) + b.clone()).tanh();
            states.push(h.clone());
        }
        Tensor::stack(states, 1)
    }
}

/// The rate after e whole epochs: lr γ^e with γ = 0.9.
fn learning_rate(step: usize, steps_per_epoch: usize) -> f64 {
    LEARNING_RATE * 0.9_f64.powf((step / steps_per_epoch) as f64)
}

/// Adam (Kingma and Ba 2015). Burn's default ε is 1e-5.
fn optimizer() -> ModuleOptimizer {
    AdamConfig::new().with_beta_1(0.9).with_beta_2(0.999).with_epsilon(1e-8).init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, lr: f64, x: Tensor<3>, y: Tensor<2>) -> (Model, f32) {
    let loss = squared_error(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads((loss + model.penalty()).backward(), &model);
    (optimizer.step(lr, model, grads), value)
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
    let examples = load(false, &device);
    let test = load(true, &device);
    // In the order of time; between the parts lie HORIZON − 1 values that were not yet known.
    let (n, gap) = (examples.targets.len(), HORIZON - 1);
    let cut = n - (n as f64 * VALIDATION).round() as usize;
    let train: Vec<usize> = (0..cut - gap).collect();
    let validation: Vec<usize> = (cut..n - gap).collect();

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
        if epoch % 3 == 0 {
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
    model.rnn1.input_weight = Param::from_tensor(tensor(&weights, "rnn1.input_weight", &device)?);
    model.rnn1.hidden_weight = Param::from_tensor(tensor(&weights, "rnn1.hidden_weight", &device)?);
    model.rnn1.bias = Param::from_tensor(tensor(&weights, "rnn1.bias", &device)?);
    model.dense1.weight = Param::from_tensor(tensor(&weights, "dense1.weight", &device)?);
    model.dense1.bias = Some(Param::from_tensor(tensor(&weights, "dense1.bias", &device)?));

    let bytes = std::fs::read(format!("{folder}/batches.safetensors"))?;
    let batches = SafeTensors::deserialize(&bytes)?;
    let mut optimizer = optimizer();
    let steps_per_epoch: usize = std::fs::read_to_string(format!("{folder}/steps_per_epoch.txt"))?.trim().parse()?;
    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {
        let x = tensor(&batches, &format!("x{n}"), &device)?;
        let targets: Tensor<1> = tensor(&batches, &format!("y{n}"), &device)?;
        let y = targets.unsqueeze_dim(1);
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
