//! MNIST handwritten digits with Burn: an experiment of Descent.
//!
//!     #/mnist?layers=none&init=zeros&opt=sgd&lr=0.1
//!
//! ```toml
//! [dependencies]
//! burn = { version = "=0.22.1", default-features = false, features = ["std", "optim", "flex", "simd"] }
//! flate2 = "1"
//! safetensors = "0.8" # for --check
//! ```
//!
//! Model, hyper-parameters and updates are those of the page. First weights, split and order are drawn here, so a curve only
//! resembles the page's; `--check` (at the end) starts from the page's own weights and batches, and then the losses are the same.

use burn::module::{Module, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Initializer, Linear};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use flate2::read::GzDecoder;
use safetensors::SafeTensors;
use std::error::Error;
use std::fs::File;
use std::io::Read;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const EPOCHS: usize = 5;
/// The last batch of an epoch may be smaller.
const BATCH_SIZE: usize = 64;
const LEARNING_RATE: f64 = 0.1;
/// Share of the training set.
const VALIDATION: f64 = 0.2;

/// Inputs one after the other, channels first, and a target for each.
struct Examples {
    inputs: Vec<f32>,
    targets: Vec<i32>,
}

impl Examples {
    /// The examples with these indices: inputs [batch, 1, 28, 28] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<4>, Tensor<1, Int>) {
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * 784..][..784]).copied().collect();
        let targets: Vec<i32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), 1, 28, 28]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len()]), device))
    }
}

/// 60,000 handwritten digits to learn from and 10,000 for the final test,
/// by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0). The four files of
/// <https://storage.googleapis.com/cvdf-datasets/mnist/> lie in the folder `mnist`.
fn load(is_test: bool) -> Result<Examples> {
    let name = if is_test { "t10k" } else { "train" };
    let pixels = read_idx(&format!("mnist/{name}-images-idx3-ubyte.gz"), 16)?;
    let labels = read_idx(&format!("mnist/{name}-labels-idx1-ubyte.gz"), 8)?;
    Ok(Examples {
        inputs: pixels.into_iter().map(|pixel| f32::from(pixel) / 255.0).collect(),
        targets: labels.into_iter().map(i32::from).collect(),
    })
}

/// The values of an IDX file, behind its header of sizes.
fn read_idx(path: &str, header: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes.split_off(header))
}

#[derive(Module, Debug)]
struct Model {
    dense1: Linear,
}

impl Model {
    fn new(device: &Device) -> Model {
        Model {
            dense1: dense(784, 10, device),
        }
    }

    /// Logits [batch, 10] of inputs [batch, 1, 28, 28].
    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = x.flatten::<2>(1, 3);  // [batch, 784]
        self.dense1.forward(x)         // [batch, 10]
    }
}

/// All weights zero: hidden units never become different; biases 0. Burn would draw biases, too.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let initializer = Initializer::Zeros;
    let weight = initializer.init_with([inputs, units], Some(inputs), Some(units), device);
    Linear { weight, bias: Some(Initializer::Zeros.init([units], device)) }
}

/// SGD: w ← w − lr g.
fn optimizer() -> ModuleOptimizer {
    SgdConfig::new().init()
}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, x: Tensor<4>, y: Tensor<1, Int>) -> (Model, f32) {
    let loss = cross_entropy(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads(loss.backward(), &model);
    (optimizer.step(LEARNING_RATE, model, grads), value)
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
    model.dense1.weight = Param::from_tensor(tensor(&weights, "dense1.weight", &device)?);
    model.dense1.bias = Some(Param::from_tensor(tensor(&weights, "dense1.bias", &device)?));

    let bytes = std::fs::read(format!("{folder}/batches.safetensors"))?;
    let batches = SafeTensors::deserialize(&bytes)?;
    let mut optimizer = optimizer();
    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {
        let x = tensor(&batches, &format!("x{n}"), &device)?;
        let classes = batches.tensor(&format!("y{n}"))?;
        let classes: Vec<i32> = words(classes.data()).map(i32::from_le_bytes).collect();
        let y = Tensor::from_data(TensorData::new(classes.clone(), [classes.len()]), &device);
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
