//! Airline passengers with Burn: an experiment of Descent.
//!
//!     #/passengers?layers=gru:8:all,conv1d:4:2:leaky,global:max&init=fan_in_uniform&opt=rmsprop&lr=0.001
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
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::optim::{GradientsParams, ModuleOptimizer, RmsPropConfig};
use burn::tensor::activation;
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use safetensors::SafeTensors;
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 200;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 32;
const LEARNING_RATE: f64 = 0.001;
/// Share of the training set.
const VALIDATION: f64 = 0.2;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<f32>,
    targets: Vec<f32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 12, 1] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<3>, Tensor<2>) {
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 12..][..12]).copied().collect();
        let targets: Vec<f32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 12, 1]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len(), 1]), device))
    }
}

/// Values in a row that the net is given.
const WINDOW: usize = 12;
/// Which value behind them it foretells.
const HORIZON: usize = 1;

/// Monthly airline passengers in thousands, 1949 to 1960 (Box and Jenkins 1976, series G).
/// The table of <https://raw.githubusercontent.com/jbrownlee/Datasets/master/> lies beside the program.
fn read_series() -> Result<Vec<f32>> {
    let table = std::fs::read_to_string("airline-passengers.csv")?;
    let cells = |line: &str| line.split(',').map(|cell| cell.trim().trim_matches('"').to_owned()).collect::<Vec<_>>();
    let mut rows = table.lines().filter(|line| !line.trim().is_empty()).map(cells);
    let header = rows.next().ok_or("the table is empty")?;
    let column = header.iter().position(|name| name == "Passengers").ok_or("there is no column Passengers")?;
    let value = |row: Vec<String>| -> Result<f32> { Ok(row.get(column).ok_or("a row is too short")?.parse()?) };
    rows.map(value).collect()
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
    gru1: Gru,
    conv1d1: Conv1d,
    dense1: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            gru1: Gru::new(1, 8, device),
            conv1d1: stretch(8, 4, 2, device),
            dense1: LinearConfig::new(4, 1).init(device),
        }
    }

    /// Outputs [batch, 1] of inputs [batch, 12, 1].
    fn forward(&self, x: Tensor<3>) -> Tensor<2> {
        let x = self.gru1.forward(x);                                     // [batch, 12, 8]
        let x = leaky_relu(self.conv1d1.forward(x.swap_dims(1, 2)).swap_dims(1, 2));  // [batch, 11, 4]
        let x = x.max_dim(1).squeeze_dim::<2>(1);                         // [batch, 4]
        self.dense1.forward(x)                                            // [batch, 1]
    }
}

/// A convolution over time, its first weights as those of dense layers. It takes [batch, features, steps].
fn stretch(features: usize, filters: usize, kernel: usize, device: &Device) -> Conv1d {
    let config = Conv1dConfig::new(features, filters, kernel);
    config.init(device)
}

/// A GRU (Cho et al. 2014): h = (1 − z) n + z h₋₁. What each unit sums up lies part by part: reset gate, update gate, candidate.
/// Burn's own has two biases in every gate.
#[derive(Module, Debug)]
struct Gru {
    input_weight: Param<Tensor<2>>,
    hidden_weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
    hidden_bias: Param<Tensor<1>>,
}

impl Gru {
    fn new(inputs: usize, units: usize, device: &Device) -> Gru {
        // As PyTorch draws all of them.
        let bound = 1.0 / (units as f64).sqrt();
        let initializer = Initializer::Uniform { min: -bound, max: bound };
        Gru {
            input_weight: initializer.init([inputs, 3 * units], device),
            hidden_weight: initializer.init([units, 3 * units], device),
            bias: initializer.init([3 * units], device),
            hidden_bias: initializer.init([units], device),
        }
    }

    /// The state after every step, [batch, steps, units], of [batch, steps, inputs].
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (w, u, b) = (self.input_weight.val(), self.hidden_weight.val(), self.bias.val().unsqueeze::<2>());
        let inner = self.hidden_bias.val().unsqueeze::<2>();
        let ([batch, _, _], [units, _]) = (x.dims(), u.dims());
        let mut h = Tensor::<2>::zeros([batch, units], &x.device());
        let mut states = Vec::new();
        for x in x.iter_dim(1) {
            let x = x.squeeze_dim::<2>(1);
            let (below, before) = (x.matmul(w.clone()) + b.clone(), h.clone().matmul(u.clone()));
            let part = |sums: &Tensor<2>, n: usize| sums.clone().narrow(1, n * units, units);
            let r = activation::sigmoid(part(&below, 0) + part(&before, 0));
            let z = activation::sigmoid(part(&below, 1) + part(&before, 1));
            let n = (part(&below, 2) + r * (part(&before, 2) + inner.clone())).tanh();
            h = n.clone() + z * (h - n);
            states.push(h.clone());
        }
        Tensor::stack(states, 1)
    }
}

/// x if x > 0, else 0.01 x. Burn's own has a slope of 1 at exactly 0.
fn leaky_relu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.clone().mask_where(x.clone().lower_equal_elem(0.0), x * 0.01)
}

/// RMSprop: s ← α s + (1 − α) g²;  w ← w − lr g / (√s + ε). Burn's default adds a momentum of 0.9.
fn optimizer() -> ModuleOptimizer {
    RmsPropConfig::new().with_alpha(0.99).with_epsilon(1e-8).with_momentum(0.0).init()
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
    model.gru1.input_weight = Param::from_tensor(tensor(&weights, "gru1.input_weight", &device)?);
    model.gru1.hidden_weight = Param::from_tensor(tensor(&weights, "gru1.hidden_weight", &device)?);
    model.gru1.bias = Param::from_tensor(tensor(&weights, "gru1.bias", &device)?);
    model.gru1.hidden_bias = Param::from_tensor(tensor(&weights, "gru1.hidden_bias", &device)?);
    model.conv1d1.weight = Param::from_tensor(kernel(&weights, "conv1d1.weight", &model.conv1d1, &device)?);
    model.conv1d1.bias = Some(Param::from_tensor(tensor(&weights, "conv1d1.bias", &device)?));
    model.dense1.weight = Param::from_tensor(tensor(&weights, "dense1.weight", &device)?);
    model.dense1.bias = Some(Param::from_tensor(tensor(&weights, "dense1.bias", &device)?));

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

/// The page keeps [kernel · features, filters], Burn [filters, features, kernel].
fn kernel(file: &SafeTensors, name: &str, layer: &Conv1d, device: &Device) -> Result<Tensor<3>> {
    let [filters, features, kernel] = layer.weight.val().dims();
    Ok(tensor::<2>(file, name, device)?.reshape([kernel, features, filters]).permute([2, 1, 0]))
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
