//! Film reviews with Burn: an experiment of Descent.
//!
//!     #/imdb?window=30&layers=embed:8,conv1d:6:4:elu,gru:6:last&init=he_uniform&batch=16&l2=0.001
//!
//! ```toml
//! [dependencies]
//! burn = { version = "=0.22.1", default-features = false, features = ["std", "optim", "flex", "simd"] }
//! flate2 = "1"
//! serde_json = "1"
//! safetensors = "0.8" # for --check
//! ```
//!
//! Model, hyper-parameters and updates are those of the page. First weights, split and order are drawn here, so a curve only
//! resembles the page's; `--check` (at the end) starts from the page's own weights and batches, and then the losses are the same.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Embedding, EmbeddingConfig, Initializer, Linear};
use burn::optim::{GradientsParams, ModuleOptimizer, AdamConfig};
use burn::tensor::activation;
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use flate2::read::GzDecoder;
use safetensors::SafeTensors;
use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 5;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 16;
const LEARNING_RATE: f64 = 0.01;
/// λ of the penalty λ/2 ‖w‖² on weights, not on biases.
const L2: f64 = 0.001;
/// Share of the training set.
const VALIDATION: f64 = 0.2;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<i32>,
    targets: Vec<f32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 30] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<2, Int>, Tensor<2>) {
        let inputs: Vec<i32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 30..][..30]).copied().collect();
        let targets: Vec<f32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 30]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len(), 1]), device))
    }
}

/// Tokens of a review that count; a shorter one is filled up with 0.
const WINDOW: usize = 30;
/// 0 fills up, 1 is an unknown word, then come the most frequent ones.
const N_TOKENS: usize = 5000;

/// Reviews of films, 5,000 to learn from and 2,000 for the final test: a cut of the Large Movie Review Dataset of
/// A. L. Maas et al. 2011, <https://ai.stanford.edu/~amaas/data/sentiment/>. Both files lie in the folder `imdb`;
/// each line is a JSON object with the `text` and its `label`, 1 where the review praises.
fn load(is_test: bool) -> Result<Examples> {
    let train = read("imdb_train_5000")?;
    let mut counts: HashMap<&str, i32> = HashMap::new();
    for word in train.iter().flat_map(|(review, _)| review) {
        *counts.entry(word).or_default() += 1;
    }
    let mut frequent: Vec<(&str, i32)> = counts.into_iter().collect();
    frequent.sort_unstable_by_key(|&(word, count)| (-count, word));
    let frequent = frequent.into_iter().take(N_TOKENS - 2);
    let numbers: HashMap<String, i32> = frequent.zip(2..).map(|((word, _), number)| (word.to_owned(), number)).collect();
    let reviews = if is_test { read("imdb_test_2000")? } else { train };
    let mut examples = Examples { inputs: Vec::new(), targets: Vec::new() };
    for (idx, (review, label)) in reviews.iter().enumerate() {
        examples.inputs.extend(review.iter().take(WINDOW).map(|word| numbers.get(word).copied().unwrap_or(1)));
        examples.inputs.resize((idx + 1) * WINDOW, 0);
        examples.targets.push(*label);
    }
    Ok(examples)
}

/// Each review as its words, and its label.
fn read(name: &str) -> Result<Vec<(Vec<String>, f32)>> {
    let mut lines = String::new();
    GzDecoder::new(File::open(format!("imdb/{name}.jsonl.gz"))?).read_to_string(&mut lines)?;
    let review = |line: &str| -> Result<(Vec<String>, f32)> {
        let review: serde_json::Value = serde_json::from_str(line)?;
        let text = review["text"].as_str().ok_or("a review has no text")?;
        Ok((words_of(text), if review["label"] == 1 { 1.0 } else { 0.0 }))
    };
    lines.lines().map(review).collect()
}

/// Runs of letters and digits in lower case, with apostrophes inside.
fn words_of(text: &str) -> Vec<String> {
    let text = text.replace("<br />", " ").replace('’', "'").to_lowercase();
    let runs = text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(|run| run.trim_matches('\''));
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

#[derive(Module, Debug)]
struct Model {
    embed1: Embedding,
    conv1d1: Conv1d,
    gru1: Gru,
    dense1: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            embed1: EmbeddingConfig::new(5000, 8).with_initializer(Initializer::Uniform { min: -0.05, max: 0.05 }).init(device),
            conv1d1: stretch(8, 6, 4, device),
            gru1: Gru::new(6, 6, device),
            dense1: dense(6, 1, device),
        }
    }

    /// Logits [batch, 1] of tokens [batch, 30].
    fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<2> {
        let lengths = tokens.clone().not_equal_elem(0).int().sum_dim(1).clamp_min(1);  // [batch, 1]
        let x = self.embed1.forward(tokens);                              // [batch, 30, 8]
        let x = with_padding(x, &lengths, 0.0);
        let x = elu(self.conv1d1.forward(x.swap_dims(1, 2)).swap_dims(1, 2));  // [batch, 27, 6]
        let lengths = (lengths - 3).clamp_min(1);
        let x = self.gru1.forward(x);                                     // [batch, 27, 6]
        let x = at(x, lengths - 1);                                       // [batch, 6]: after the last token
        self.dense1.forward(x)                                            // [batch, 1]
    }

    /// λ/2 ‖w‖² over weights and kernels. Burn's own weight decay would pull on biases and batch norm, too.
    fn penalty(&self) -> Tensor<1> {
        let squares = vec![
            self.embed1.weight.val().square().sum(),
            self.conv1d1.weight.val().square().sum(),
            self.gru1.input_weight.val().square().sum(),
            self.gru1.hidden_weight.val().square().sum(),
            self.dense1.weight.val().square().sum(),
        ];
        Tensor::cat(squares, 0).sum() * (L2 / 2.0)
    }
}

/// He et al. 2015: uniform in ±√(6 / fan in); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::KaimingUniform { gain: std::f64::consts::SQRT_2, fan_out_only: false };
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
}

/// x, [batch, steps, features], with this value in every step that is padding, behind the lengths [batch, 1].
fn with_padding(x: Tensor<3>, lengths: &Tensor<2, Int>, value: f32) -> Tensor<3> {
    let [batch, steps, features] = x.dims();
    let places = Tensor::<1, Int>::arange(0..steps as i64, &lengths.device()).unsqueeze::<2>().expand([batch, steps]);
    let is_padding = places.greater_equal(lengths.clone().expand([batch, steps]));
    x.mask_fill(is_padding.unsqueeze_dim::<3>(2).expand([batch, steps, features]), value)
}

/// What x, [batch, steps, features], is at one step of each example, [batch, 1].
fn at(x: Tensor<3>, step: Tensor<2, Int>) -> Tensor<2> {
    let [batch, _, features] = x.dims();
    x.gather(1, step.unsqueeze_dim::<3>(2).expand([batch, 1, features])).squeeze_dim::<2>(1)
}

/// A convolution over time, its first weights as those of dense layers. It takes [batch, features, steps].
fn stretch(features: usize, filters: usize, kernel: usize, device: &Device) -> Conv1d {
    let config = Conv1dConfig::new(features, filters, kernel);
    let initializer = Initializer::KaimingUniform { gain: std::f64::consts::SQRT_2, fan_out_only: false };
    let mut layer = config.with_initializer(initializer).init(device);
    layer.bias = Some(Initializer::Zeros.init([filters], device));
    layer
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
        let initializer = Initializer::KaimingUniform { gain: std::f64::consts::SQRT_2, fan_out_only: false };
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

/// x if x > 0, else exp(x) − 1; exp is kept away from large x, where it overflows.
fn elu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    activation::relu(x.clone()) + (x.clamp_max(0.0).exp() - 1.0)
}

/// Adam (Kingma and Ba 2015). Burn's default ε is 1e-5.
fn optimizer() -> ModuleOptimizer {
    AdamConfig::new().with_beta_1(0.9).with_beta_2(0.999).with_epsilon(1e-8).init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, x: Tensor<2, Int>, y: Tensor<2>) -> (Model, f32) {
    let loss = cross_entropy(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads((loss + model.penalty()).backward(), &model);
    (optimizer.step(LEARNING_RATE, model, grads), value)
}

/// The mean over the batch of −y ln p − (1 − y) ln(1 − p), p = 1 / (1 + exp(−z)), without overflow.
fn cross_entropy(outputs: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    (outputs.clone() * (y.neg() + 1.0) - activation::log_sigmoid(outputs)).mean()
}

/// Mean loss and accuracy over these examples, a thousand at a time.
fn evaluate(model: &Model, examples: &Examples, indices: &[usize], device: &Device) -> (f32, f32) {
    let (model, device) = (model.valid(), device.clone().inner());
    let (mut loss, mut total) = (0.0, 0.0);
    for part in indices.chunks(1000) {
        let (x, y) = examples.batch(part, &device);
        let outputs = model.forward(x);
        loss += cross_entropy(outputs.clone(), y.clone()).into_scalar::<f32>() * part.len() as f32;
        total += outputs.greater_elem(0.0).float().equal(y).float().sum().into_scalar::<f32>();
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
    model.embed1.weight = Param::from_tensor(tensor(&weights, "embed1.weight", &device)?);
    model.conv1d1.weight = Param::from_tensor(kernel(&weights, "conv1d1.weight", &model.conv1d1, &device)?);
    model.conv1d1.bias = Some(Param::from_tensor(tensor(&weights, "conv1d1.bias", &device)?));
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
        let x = batches.tensor(&format!("x{n}"))?;
        let tokens: Vec<i32> = words(x.data()).map(i32::from_le_bytes).collect();
        let x = Tensor::from_data(TensorData::new(tokens, [x.shape()[0], 30]), &device);
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
