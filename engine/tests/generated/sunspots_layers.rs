//! Sunspots with Burn: an experiment of Descent.
//!
//!     #/sunspots?window=15&layers=lstm:6:all,lnorm,gru:5:last&init=glorot_normal&opt=adamw
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
use burn::optim::{GradientsParams, ModuleOptimizer, AdamWConfig};
use burn::tensor::activation;
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use safetensors::SafeTensors;
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 30;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 32;
const LEARNING_RATE: f64 = 0.005;
/// Share of the training set.
const VALIDATION: f64 = 0.2;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<f32>,
    targets: Vec<f32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 15, 1] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<3>, Tensor<2>) {
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 15..][..15]).copied().collect();
        let targets: Vec<f32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 15, 1]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len(), 1]), device))
    }
}

/// Values in a row that the net is given.
const WINDOW: usize = 15;
/// Which value behind them it foretells.
const HORIZON: usize = 1;

/// Monthly numbers of sunspots, Zürich, 1749 to 1983.
/// The table of <https://raw.githubusercontent.com/jbrownlee/Datasets/master/> lies beside the program.
fn read_series() -> Result<Vec<f32>> {
    let table = std::fs::read_to_string("monthly-sunspots.csv")?;
    let cells = |line: &str| line.split(',').map(|cell| cell.trim().trim_matches('"').to_owned()).collect::<Vec<_>>();
    let mut rows = table.lines().filter(|line| !line.trim().is_empty()).map(cells);
    let header = rows.next().ok_or("the table is empty")?;
    let column = header.iter().position(|name| name == "Sunspots").ok_or("there is no column Sunspots")?;
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
    lstm1: Lstm,
    lnorm1: LayerNorm,
    gru1: Gru,
    dense1: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            lstm1: Lstm::new(1, 6, device),
            lnorm1: LayerNormConfig::new(6).with_epsilon(1e-5).init(device),
            gru1: Gru::new(6, 5, device),
            dense1: dense(5, 1, device),
        }
    }

    /// Outputs [batch, 1] of inputs [batch, 15, 1].
    fn forward(&self, x: Tensor<3>) -> Tensor<2> {
        let x = self.lstm1.forward(x);                   // [batch, 15, 6]
        let x = self.lnorm1.forward(x);                  // [batch, 15, 6]
        let x = self.gru1.forward(x);                    // [batch, 15, 5]
        let x = x.narrow(1, 14, 1).squeeze_dim::<2>(1);  // [batch, 5]: the last state
        self.dense1.forward(x)                           // [batch, 1]
    }
}

/// Glorot and Bengio 2010: normal, σ = √(2 / (fan in + fan out)); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::XavierNormal { gain: 1.0 };
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
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
        let initializer = Initializer::XavierNormal { gain: 1.0 };
        Gru {
            input_weight: initializer.init_with([inputs, 3 * units], Some(inputs), Some(3 * units), device),
            hidden_weight: initializer.init_with([units, 3 * units], Some(units), Some(3 * units), device),
            bias: Initializer::Zeros.init([3 * units], device),
            hidden_bias: Initializer::Zeros.init([units], device),
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

/// An LSTM (Hochreiter and Schmidhuber 1997): c = f c₋₁ + i g, h = o tanh(c). What each unit sums up lies part by part: input
/// gate, forget gate, candidate, output gate. Burn's own has two biases a gate.
#[derive(Module, Debug)]
struct Lstm {
    input_weight: Param<Tensor<2>>,
    hidden_weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl Lstm {
    fn new(inputs: usize, units: usize, device: &Device) -> Lstm {
        let initializer = Initializer::XavierNormal { gain: 1.0 };
        // The forget gate begins by remembering.
        let zeros = Tensor::<1>::zeros([units], device);
        Lstm {
            input_weight: initializer.init_with([inputs, 4 * units], Some(inputs), Some(4 * units), device),
            hidden_weight: initializer.init_with([units, 4 * units], Some(units), Some(4 * units), device),
            bias: Param::from_tensor(Tensor::cat(vec![zeros.clone(), zeros.clone() + 1.0, zeros.clone(), zeros], 0)),
        }
    }

    /// The state after every step, [batch, steps, units], of [batch, steps, inputs].
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (w, u, b) = (self.input_weight.val(), self.hidden_weight.val(), self.bias.val().unsqueeze::<2>());
        let ([batch, _, _], [units, _]) = (x.dims(), u.dims());
        let mut h = Tensor::<2>::zeros([batch, units], &x.device());
        let mut c = h.clone();
        let mut states = Vec::new();
        for x in x.iter_dim(1) {
            let x = x.squeeze_dim::<2>(1);
            let sums = x.matmul(w.clone()) + h.matmul(u.clone()) + b.clone();
            let part = |n: usize| sums.clone().narrow(1, n * units, units);
            let (i, f) = (activation::sigmoid(part(0)), activation::sigmoid(part(1)));
            let (g, o) = (part(2).tanh(), activation::sigmoid(part(3)));
            c = f * c + i * g;
            h = o * c.clone().tanh();
            states.push(h.clone());
        }
        Tensor::stack(states, 1)
    }
}

/// AdamW (Loshchilov and Hutter 2019): w ← w − lr λ w, then Adam's step. Burn's default ε is 1e-5.
fn optimizer() -> ModuleOptimizer {
    let config = AdamWConfig::new().with_beta_1(0.9).with_beta_2(0.999);
    config.with_epsilon(1e-8).with_weight_decay(0.01).init()
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
    model.lstm1.input_weight = Param::from_tensor(tensor(&weights, "lstm1.input_weight", &device)?);
    model.lstm1.hidden_weight = Param::from_tensor(tensor(&weights, "lstm1.hidden_weight", &device)?);
    model.lstm1.bias = Param::from_tensor(tensor(&weights, "lstm1.bias", &device)?);
    model.lnorm1.gamma = Param::from_tensor(tensor(&weights, "lnorm1.gamma", &device)?);
    model.lnorm1.beta = Some(Param::from_tensor(tensor(&weights, "lnorm1.beta", &device)?));
    model.gru1.input_weight = Param::from_tensor(tensor(&weights, "gru1.input_weight", &device)?);
    model.gru1.hidden_weight = Param::from_tensor(tensor(&weights, "gru1.hidden_weight", &device)?);
    model.gru1.bias = Param::from_tensor(tensor(&weights, "gru1.bias", &device)?);
    model.gru1.hidden_bias = Param::from_tensor(tensor(&weights, "gru1.hidden_bias", &device)?);
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
