//! Burn: the same crate the engine stands on, as one would write it for a single experiment.

mod model;

use crate::data;
use crate::plan::{Plan, join, number};
use descent_spec::registry::Registry;
use descent_spec::{OptimizerSpec, Shape};

/// The program.
pub(crate) fn write(plan: &Plan) -> String {
    let data = data::rust(plan);
    let parts = [
        head(plan, &data),
        uses(plan, &data),
        constants(plan),
        examples(plan),
        data.text,
        model::text(plan),
        training(plan),
        check(plan),
    ];
    join(&parts, 1)
}

fn head(plan: &Plan, data: &data::RustData) -> String {
    let (title, link) = (plan.experiment.data.set.label(), plan.link());
    let dependencies: Vec<String> = data.dependencies.iter().map(|line| format!("//! {line}\n")).collect();
    format!(
        r#"//! {title} with Burn: an experiment of Descent.
//!
//!     #/{link}
//!
//! ```toml
//! [dependencies]
//! burn = {{ version = "=0.22.1", default-features = false, features = ["std", "optim", "flex", "simd"] }}
{}//! safetensors = "0.8" # for --check
//! ```
//!
//! Model, hyper-parameters and updates are those of the page. First weights, split and order are drawn here, so a curve only
//! resembles the page's; `--check` (at the end) starts from the page's own weights and batches, and then the losses are the same.
"#,
        dependencies.concat()
    )
}

fn uses(plan: &Plan, data: &data::RustData) -> String {
    let mut lines: Vec<String> = model::uses(plan);
    lines.extend(data.uses.iter().map(|&line| line.to_owned()));
    lines.extend(
        [
            "use burn::module::{Module, Param};",
            "use burn::nn::loss::CrossEntropyLossConfig;",
            "use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};",
            "use safetensors::SafeTensors;",
            "use std::error::Error;",
        ]
        .map(str::to_owned),
    );
    lines.push(format!("use burn::optim::{{GradientsParams, ModuleOptimizer, {}}};", optimizer(plan).0));
    lines.sort();
    lines.join("\n") + "\n\ntype Result<T> = std::result::Result<T, Box<dyn Error>>;\n"
}

fn constants(plan: &Plan) -> String {
    let training = &plan.experiment.training;
    let l2 = match training.l2 > 0.0 {
        true => format!("/// λ of the penalty λ/2 ‖w‖² on weights, not on biases.\nconst L2: f64 = {};\n", number(training.l2)),
        false => String::new(),
    };
    format!(
        "const SEED: u64 = {};\nconst EPOCHS: usize = {};\n/// The last batch of an epoch may be smaller.\nconst BATCH_SIZE: usize = {};\n\
         const LEARNING_RATE: f64 = {};\n{l2}/// Share of the training set.\nconst VALIDATION: f64 = {};\n",
        plan.experiment.seed,
        training.epochs,
        training.batch_size,
        number(training.learning_rate),
        number(plan.experiment.data.validation),
    )
}

/// Rank of a batch, and the sizes behind the batch's.
fn batch_dims(plan: &Plan) -> (usize, String) {
    match plan.input() {
        Shape::Image { channels, height, width } => (4, format!("{channels}, {height}, {width}")),
        Shape::Flat { units } => (2, units.to_string()),
    }
}

fn examples(plan: &Plan) -> String {
    let (rank, dims) = batch_dims(plan);
    let len = plan.input().len();
    format!(
        r#"/// Inputs one after the other, channels first, and a class for each.
struct Examples {{
    inputs: Vec<f32>,
    targets: Vec<i32>,
}}

impl Examples {{
    /// The examples with these indices: inputs [batch, {dims}] and targets [batch].
    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<{rank}>, Tensor<1, Int>) {{
        let inputs: Vec<f32> = indices.iter().flat_map(|&idx| &self.inputs[idx * {len}..][..{len}]).copied().collect();
        let targets: Vec<i32> = indices.iter().map(|&idx| self.targets[idx]).collect();
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), {dims}]), device);
        (x, Tensor::from_data(TensorData::new(targets, [indices.len()]), device))
    }}
}}
"#
    )
}

/// What the optimizer's configuration is called, how it is made, and where Burn's defaults are others.
fn optimizer(plan: &Plan) -> (&'static str, String, &'static str) {
    match plan.experiment.training.optimizer {
        OptimizerSpec::Sgd => ("SgdConfig", "SgdConfig::new().init()".into(), "SGD: w ← w − lr g."),
        OptimizerSpec::Momentum { beta } => (
            "SgdConfig, momentum::MomentumConfig",
            format!(
                "SgdConfig::new().with_momentum(Some(MomentumConfig {{ momentum: {}, dampening: 0.0, nesterov: false }})).init()",
                number(beta)
            ),
            "Momentum: v ← β v + g;  w ← w − lr v. Burn's default has a dampening of 0.1.",
        ),
        OptimizerSpec::RmsProp { alpha, epsilon } => (
            "RmsPropConfig",
            format!(
                "RmsPropConfig::new().with_alpha({}).with_epsilon({}).with_momentum(0.0).init()",
                number(alpha),
                number(epsilon)
            ),
            "RMSprop: s ← α s + (1 − α) g²;  w ← w − lr g / (√s + ε). Burn's default adds a momentum of 0.9.",
        ),
        OptimizerSpec::Adam { beta1, beta2, epsilon } => (
            "AdamConfig",
            format!(
                "AdamConfig::new().with_beta_1({}).with_beta_2({}).with_epsilon({}).init()",
                number(beta1),
                number(beta2),
                number(epsilon)
            ),
            "Adam (Kingma and Ba 2015). Burn's default ε is 1e-5.",
        ),
    }
}

fn training(plan: &Plan) -> String {
    let (_, make, about) = optimizer(plan);
    let (rank, _) = batch_dims(plan);
    let objective = if plan.experiment.training.l2 > 0.0 { "loss + model.penalty()" } else { "loss" };
    format!(
        r#"/// {about}
fn optimizer() -> ModuleOptimizer {{
    {make}
}}

/// One batch: forward, backward, update. Returns the loss before the update, without a penalty.
fn train_step(model: Model, optimizer: &mut ModuleOptimizer, x: Tensor<{rank}>, y: Tensor<1, Int>) -> (Model, f32) {{
    let loss = cross_entropy(model.forward(x), y);
    let value = loss.clone().into_scalar();
    let grads = GradientsParams::from_grads(({objective}).backward(), &model);
    (optimizer.step(LEARNING_RATE, model, grads), value)
}}

/// The mean over the batch of −log softmax(logits)[y].
fn cross_entropy(logits: Tensor<2>, y: Tensor<1, Int>) -> Tensor<1> {{
    CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, y)
}}

/// Mean loss and accuracy over these examples, a thousand at a time.
fn evaluate(model: &Model, examples: &Examples, indices: &[usize], device: &Device) -> (f32, f32) {{
    let (model, device) = (model.valid(), device.clone().inner());
    let (mut loss, mut right) = (0.0, 0.0);
    for part in indices.chunks(1000) {{
        let (x, y) = examples.batch(part, &device);
        let logits = model.forward(x);
        loss += cross_entropy(logits.clone(), y.clone()).into_scalar::<f32>() * part.len() as f32;
        right += logits.argmax(1).reshape([part.len()]).equal(y).float().sum().into_scalar::<f32>();
    }}
    (loss / indices.len() as f32, right / indices.len() as f32)
}}

/// The items in random order: sorted by a random number each.
fn shuffled(items: &[usize], device: &Device) -> Vec<usize> {{
    let keys = Tensor::<1>::random([items.len()], Distribution::Uniform(0.0, 1.0), &device.clone().inner());
    keys.argsort(0).into_data().iter::<i64>().map(|place| items[place as usize]).collect()
}}

fn train() -> Result<()> {{
    let device = Device::flex().autodiff();
    device.seed(SEED);
    let (examples, test) = (load(false)?, load(true)?);
    let all: Vec<usize> = (0..examples.targets.len()).collect();
    let n_validation = (all.len() as f64 * VALIDATION).round() as usize;
    let mut train = shuffled(&all, &device);
    let validation = train.split_off(all.len() - n_validation);

    let mut model = Model::new(&device);
    let mut optimizer = optimizer();
    for epoch in 1..=EPOCHS {{
        let mut losses = Vec::new();
        for batch in shuffled(&train, &device).chunks(BATCH_SIZE) {{
            let (x, y) = examples.batch(batch, &device);
            let loss;
            (model, loss) = train_step(model, &mut optimizer, x, y);
            losses.push(loss);
        }}
        let mean = losses.iter().sum::<f32>() / losses.len() as f32;
        let (loss, accuracy) = evaluate(&model, &examples, &validation, &device);
        println!("epoch {{epoch}}: training loss {{mean:.4}}, validation loss {{loss:.4}}, accuracy {{:.2}} %", accuracy * 100.0);
    }}
    let (loss, accuracy) = evaluate(&model, &test, &(0..test.targets.len()).collect::<Vec<_>>(), &device);
    println!("test: loss {{loss:.4}}, accuracy {{:.2}} %", accuracy * 100.0);
    Ok(())
}}
"#
    )
}

fn check(plan: &Plan) -> String {
    let dropout = match plan.has_dropout() {
        true => "/// Dropout draws other units than the page does, so these losses only resemble the page's.\n///\n",
        false => "",
    };
    let rows: Vec<String> = model::loaded(plan)
        .into_iter()
        .map(|(place, name, is_optional)| {
            let value = format!("Param::from_tensor(tensor(&weights, \"{name}\", &device)?)");
            let value = if is_optional { format!("Some({value})") } else { value };
            format!("    model.{place} = {value};\n")
        })
        .collect();
    format!(
        r#"/// Optional: compare with the page. Starts from its weights, learns from its batches, and returns the losses.
///
{dropout}/// `weights.safetensors` holds `dense1.weight` and so on, `batches.safetensors` the inputs x1, x2, … and the targets y1, y2, …
/// of the first steps.
pub fn check(folder: &str) -> Result<Vec<f32>> {{
    let device = Device::flex().autodiff();
    let bytes = std::fs::read(format!("{{folder}}/weights.safetensors"))?;
    let weights = SafeTensors::deserialize(&bytes)?;
    let mut model = Model::new(&device);
{}
    let bytes = std::fs::read(format!("{{folder}}/batches.safetensors"))?;
    let batches = SafeTensors::deserialize(&bytes)?;
    let mut optimizer = optimizer();
    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {{
        let x = tensor(&batches, &format!("x{{n}}"), &device)?;
        let classes = batches.tensor(&format!("y{{n}}"))?;
        let classes: Vec<i32> = words(classes.data()).map(i32::from_le_bytes).collect();
        let y = Tensor::from_data(TensorData::new(classes.clone(), [classes.len()]), &device);
        let loss;
        (model, loss) = train_step(model, &mut optimizer, x, y);
        losses.push(loss);
    }}
    Ok(losses)
}}

fn tensor<const D: usize>(file: &SafeTensors, name: &str, device: &Device) -> Result<Tensor<D>> {{
    let view = file.tensor(name)?;
    let values: Vec<f32> = words(view.data()).map(f32::from_le_bytes).collect();
    Ok(Tensor::from_data(TensorData::new(values, view.shape().to_vec()), device))
}}

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {{
    bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]])
}}

fn main() -> Result<()> {{
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {{
        Some("--check") => println!("{{:?}}", check(&args[2])?),
        _ => train()?,
    }}
    Ok(())
}}
"#,
        rows.concat()
    )
}
