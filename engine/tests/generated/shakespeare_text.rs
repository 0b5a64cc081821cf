//! Tiny Shakespeare with Burn: an experiment of Descent.
//!
//!     #/shakespeare
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
use burn::tensor::activation;
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use std::collections::{BTreeSet, HashMap};
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 10;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 64;
const LEARNING_RATE: f64 = 0.005;
/// Share of the training set.
const VALIDATION: f64 = 0.05;

/// Inputs one after the other, and a target for each token of them.
struct Examples {
    inputs: Vec<i32>,
    targets: Vec<i32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 40] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<2, Int>, Tensor<1, Int>) {
        let inputs: Vec<i32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 40..][..40]).copied().collect();
        let targets: Vec<i32> = indices.iter().flat_map(|&idx| &self.targets[idx * 40..][..40]).copied().collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 40]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len() * WINDOW]), device))
    }
}

/// Characters of a window.
const WINDOW: usize = 40;

/// Windows of Shakespeare's plays, one behind the other, and for each token the one that follows; the last 5 % are the test. The
/// text, <https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt>,
/// lies beside the program. A token is the number of its character in the alphabet of the text, 65 in all.
fn load(is_test: bool) -> Result<Examples> {
    let text = std::fs::read_to_string("tinyshakespeare.input.txt")?;
    let alphabet: BTreeSet<char> = text.chars().collect();
    let numbers: HashMap<char, i32> = alphabet.into_iter().zip(0..).collect();
    let tokens: Vec<i32> = text.chars().map(|character| numbers[&character]).collect();
    let test_from = tokens.len() - (tokens.len() as f64 * 0.05).round() as usize;
    let part = if is_test { &tokens[test_from..] } else { &tokens[..test_from] };
    let n = (part.len() - 1) / WINDOW * WINDOW;
    Ok(Examples { inputs: part[..n].to_vec(), targets: part[1..=n].to_vec() })
}

#[derive(Module, Debug)]
struct Model {
    lstm1: Lstm,
    dense1: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            lstm1: Lstm::new(65, 128, device),
            dense1: dense(128, 65, device),
        }
    }

    /// Logits [batch · 40, 65] of tokens [batch, 40].
    fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<2> {
        let x = tokens.one_hot::<3>(65).float();  // [batch, 40, 65]
        let x = self.lstm1.forward(x);            // [batch, 40, 128]
        let x = self.dense1.forward(x);           // [batch, 40, 65]
        x.flatten::<2>(0, 1)                      // one row for each step
    }
}

/// Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::XavierUniform { gain: 1.0 };
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
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
        let initializer = Initializer::XavierUniform { gain: 1.0 };
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

/// The rate after t of T steps: lr (1 + cos(π t / T)) / 2.
fn learning_rate(step: usize, steps_per_epoch: usize) -> f64 {
    let total = (EPOCHS * steps_per_epoch) as f64;
    LEARNING_RATE * (1.0 + (std::f64::consts::PI * step as f64 / total).cos()) / 2.0
}

/// Adam (Kingma and Ba 2015). Burn's default ε is 1e-5.
fn optimizer() -> ModuleOptimizer {
    AdamConfig::new().with_beta_1(0.9).with_beta_2(0.999).with_epsilon(1e-8).init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, lr: f64, x: Tensor<2, Int>, y: Tensor<1, Int>) -> (Model, f32) {
    let loss = cross_entropy(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads(loss.backward(), &model);
    (optimizer.step(lr, model, grads), value)
}

/// The mean over the batch of −log softmax(logits)[y] at every step; a target of −1 is none, so that the step does not count.
fn cross_entropy(outputs: Tensor<2>, y: Tensor<1, Int>) -> Tensor<1> {
    let counts = y.clone().greater_equal_elem(0).float();
    let of_targets = activation::log_softmax(outputs, 1).gather(1, y.clamp_min(0).unsqueeze_dim::<2>(1)).squeeze_dim::<1>(1);
    (of_targets.neg() * counts.clone()).sum() / counts.sum()
}

/// Mean loss and accuracy over these examples, a thousand at a time.
fn evaluate(model: &Model, examples: &Examples, indices: &[usize], device: &Device) -> (f32, f32) {
    let (model, device) = (model.valid(), device.clone().inner());
    let (mut loss, mut total) = (0.0, 0.0);
    for part in indices.chunks(1000) {
        let (x, y) = examples.batch(part, &device);
        let outputs = model.forward(x);
        loss += cross_entropy(outputs.clone(), y.clone()).into_scalar::<f32>() * part.len() as f32;
        total += (outputs.argmax(1).squeeze_dim::<1>(1).equal(y).float().mean() * part.len() as f64).into_scalar::<f32>();
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
    // In the order of the text; one window at least is held out.
    let n = examples.targets.len() / WINDOW;
    let cut = n - (n as f64 * VALIDATION).round().max(1.0) as usize;
    let train: Vec<usize> = (0..cut).collect();
    let validation: Vec<usize> = (cut..n).collect();

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
    let all: Vec<usize> = (0..test.targets.len() / WINDOW).collect();
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
    model.lstm1.input_weight = Param::from_tensor(tensor(&weights, "lstm1.input_weight", &device)?);
    model.lstm1.hidden_weight = Param::from_tensor(tensor(&weights, "lstm1.hidden_weight", &device)?);
    model.lstm1.bias = Param::from_tensor(tensor(&weights, "lstm1.bias", &device)?);
    model.dense1.weight = Param::from_tensor(tensor(&weights, "dense1.weight", &device)?);
    model.dense1.bias = Some(Param::from_tensor(tensor(&weights, "dense1.bias", &device)?));

    let bytes = std::fs::read(format!("{folder}/batches.safetensors"))?;
    let batches = SafeTensors::deserialize(&bytes)?;
    let mut optimizer = optimizer();
    let steps_per_epoch: usize = std::fs::read_to_string(format!("{folder}/steps_per_epoch.txt"))?.trim().parse()?;
    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {
        let x = batches.tensor(&format!("x{n}"))?;
        let tokens: Vec<i32> = words(x.data()).map(i32::from_le_bytes).collect();
        let x = Tensor::from_data(TensorData::new(tokens, [x.shape()[0], 40]), &device);
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
