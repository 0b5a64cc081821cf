//! Film reviews with Burn: an experiment of Descent.
//!
//!     #/imdb
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
const BATCH_SIZE: usize = 64;
const LEARNING_RATE: f64 = 0.01;
/// Share of the training set.
const VALIDATION: f64 = 0.2;

/// Inputs one after the other, and a target for each.
struct Examples {
    inputs: Vec<i32>,
    targets: Vec<f32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 400] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<2, Int>, Tensor<2>) {
        let inputs: Vec<i32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 400..][..400]).copied().collect();
        let targets: Vec<f32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 400]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len(), 1]), device))
    }
}

/// Tokens of a review that count; a shorter one is filled up with 0.
const WINDOW: usize = 400;
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
    dense1: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            embed1: EmbeddingConfig::new(5000, 16).with_initializer(Initializer::Uniform { min: -0.05, max: 0.05 }).init(device),
            dense1: dense(16, 1, device),
        }
    }

    /// Logits [batch, 1] of tokens [batch, 400].
    fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<2> {
        let lengths = tokens.clone().not_equal_elem(0).int().sum_dim(1).clamp_min(1);  // [batch, 1]
        let x = self.embed1.forward(tokens);                              // [batch, 400, 16]
        let x = with_padding(x, &lengths, 0.0);
        let x = with_padding(x, &lengths, 0.0).sum_dim(1).squeeze_dim::<2>(1) / lengths.float();  // [batch, 16]
        self.dense1.forward(x)                                            // [batch, 1]
    }
}

/// Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)); biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::XavierUniform { gain: 1.0 };
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

/// Adam (Kingma and Ba 2015). Burn's default ε is 1e-5.
fn optimizer() -> ModuleOptimizer {
    AdamConfig::new().with_beta_1(0.9).with_beta_2(0.999).with_epsilon(1e-8).init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, x: Tensor<2, Int>, y: Tensor<2>) -> (Model, f32) {
    let loss = cross_entropy(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads(loss.backward(), &model);
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
    model.dense1.weight = Param::from_tensor(tensor(&weights, "dense1.weight", &device)?);
    model.dense1.bias = Some(Param::from_tensor(tensor(&weights, "dense1.bias", &device)?));

    let bytes = std::fs::read(format!("{folder}/batches.safetensors"))?;
    let batches = SafeTensors::deserialize(&bytes)?;
    let mut optimizer = optimizer();
    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {
        let x = batches.tensor(&format!("x{n}"))?;
        let tokens: Vec<i32> = words(x.data()).map(i32::from_le_bytes).collect();
        let x = Tensor::from_data(TensorData::new(tokens, [x.shape()[0], 400]), &device);
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
