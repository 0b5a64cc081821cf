//! Burn: the same crate the engine stands on, as one would write it for a single experiment.

mod model;
mod recurrent;
mod sequence;
mod training;

use crate::data;
use crate::plan::{Plan, join, number};
use crate::schedule;
use descent_spec::registry::Registry;
use descent_spec::{Head, LayerSpec, Shape};
use training::{Words, words};

/// The program.
pub(crate) fn write(plan: &Plan) -> String {
    let data = data::rust(plan);
    let parts = [
        head(plan, &data),
        uses(plan, &data),
        constants(plan),
        examples(plan),
        data.text.clone(),
        model::text(plan),
        training::text(plan, &data),
        check(plan),
    ];
    join(&parts, 1)
}

fn head(plan: &Plan, data: &data::RustData) -> String {
    let (title, link, drawn) = (plan.experiment.data.set.label(), plan.link(), plan.drawn());
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
//! Model, hyper-parameters and updates are those of the page. {drawn} are drawn here, so a curve only
//! resembles the page's; `--check` (at the end) starts from the page's own weights and batches, and then the losses are the same.
"#,
        dependencies.concat()
    )
}

fn uses(plan: &Plan, data: &data::RustData) -> String {
    let mut lines: Vec<String> = model::uses(plan);
    lines.extend(data.uses.iter().map(|&line| line.to_owned()));
    lines.extend(
        ["use burn::module::{Module, Param};", "use safetensors::SafeTensors;", "use std::error::Error;"].map(str::to_owned),
    );
    let int = match plan.head() {
        Head::Softmax { .. } => {
            lines.push("use burn::nn::loss::CrossEntropyLossConfig;".into());
            " Int,"
        }
        Head::Sigmoid | Head::Tokens { .. } => {
            lines.push("use burn::tensor::activation;".into());
            ""
        }
        Head::Perceptron | Head::Linear | Head::Sampled { .. } => "",
    };
    let int = if plan.vocabulary() > 0 { " Int," } else { int };
    lines.push(format!("use burn::tensor::{{Device, Distribution,{int} Tensor, TensorData}};"));
    lines.push(format!("use burn::optim::{{GradientsParams, ModuleOptimizer, {}}};", training::optimizer(plan).0));
    lines.sort();
    lines.dedup();
    lines.join("\n") + "\n\ntype Result<T> = std::result::Result<T, Box<dyn Error>>;\n"
}

fn constants(plan: &Plan) -> String {
    let training = &plan.experiment.training;
    let mut penalties = String::new();
    if training.l1 > 0.0 {
        let l1 = number(training.l1);
        penalties.push_str(&format!("/// λ of the penalty λ ‖w‖₁ on weights, not on biases.\nconst L1: f64 = {l1};\n"));
    }
    if training.l2 > 0.0 {
        let l2 = number(training.l2);
        penalties.push_str(&format!("/// λ of the penalty λ/2 ‖w‖² on weights, not on biases.\nconst L2: f64 = {l2};\n"));
    }
    format!(
        "const SEED: u64 = {};\nconst EPOCHS: usize = {};\n/// The last batch of an epoch may be smaller.\nconst BATCH_SIZE: usize = {};\n\
         const LEARNING_RATE: f64 = {};\n{penalties}/// Share of the training set.\nconst VALIDATION: f64 = {};\n",
        plan.experiment.seed,
        training.epochs,
        training.batch_size,
        number(training.learning_rate),
        number(plan.experiment.data.validation),
    )
}

/// The type of a batch of inputs.
fn input_type(plan: &Plan) -> &'static str {
    match plan.input() {
        Shape::Image { .. } => "Tensor<4>",
        Shape::Sequence { .. } => "Tensor<3>",
        Shape::Flat { .. } => "Tensor<2>",
        Shape::Tokens { .. } | Shape::TokenPair { .. } | Shape::Pair { .. } => "Tensor<2, Int>",
    }
}

/// The sizes behind the batch's.
fn batch_dims(plan: &Plan) -> String {
    match plan.input() {
        Shape::Image { channels, height, width } => format!("{channels}, {height}, {width}"),
        Shape::Sequence { steps, features } => format!("{steps}, {features}"),
        other => other.len().to_string(),
    }
}

fn examples(plan: &Plan) -> String {
    let Words { target, batch, shape, .. } = words(plan);
    let (tensor, dims) = (input_type(plan), batch_dims(plan));
    let len = plan.input().len();
    let order = if matches!(plan.input(), Shape::Image { .. }) { ", channels first" } else { "" };
    let input = if plan.vocabulary() > 0 { "i32" } else { "f32" };
    // Of a text each token has a target.
    let (each, targets) = match plan.head() {
        Head::Tokens { .. } => {
            let targets = format!("indices.iter().flat_map(|&idx| &self.targets[idx * {len}..][..{len}]).copied().collect()");
            ("each token of them", targets)
        }
        Head::Softmax { .. } | Head::Sigmoid | Head::Perceptron | Head::Linear | Head::Sampled { .. } => {
            ("each", "indices.iter().map(|&idx| self.targets[idx]).collect()".to_owned())
        }
    };
    format!(
        r#"/// Inputs one after the other{order}, and a target for {each}.
struct Examples {{
    inputs: Vec<{input}>,
    targets: Vec<{target}>,
}}

impl Examples {{
    /// The examples with these indices: inputs [batch, {dims}] and their targets.
    fn batch(&self, indices: &[usize], device: &Device) -> ({tensor}, {batch}) {{
        let inputs: Vec<{input}> = indices.iter().flat_map(|&idx| &self.inputs[idx * {len}..][..{len}]).copied().collect();
        let targets: Vec<{target}> = {targets};
        let x = Tensor::from_data(TensorData::new(inputs, [indices.len(), {dims}]), device);
        (x, Tensor::from_data(TensorData::new(targets, {shape}), device))
    }}
}}
"#
    )
}

fn check(plan: &Plan) -> String {
    let dropout = match plan.has_dropout() {
        true => "/// Dropout draws other units than the page does, so these losses only resemble the page's.\n///\n",
        false => "",
    };
    let targets = match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } => {
            r#"        let classes = batches.tensor(&format!("y{n}"))?;
        let classes: Vec<i32> = words(classes.data()).map(i32::from_le_bytes).collect();
        let y = Tensor::from_data(TensorData::new(classes.clone(), [classes.len()]), &device);"#
        }
        Head::Sigmoid | Head::Perceptron | Head::Linear | Head::Sampled { .. } => {
            r#"        let targets: Tensor<1> = tensor(&batches, &format!("y{n}"), &device)?;
        let y = targets.unsqueeze_dim(1);"#
        }
    };
    let step = match schedule::is_constant(plan) {
        true => "(model, loss) = train_step(model, &mut optimizer, x, y);".to_owned(),
        false => format!(
            "let lr = learning_rate(n - 1{});
        (model, loss) = train_step(model, &mut optimizer, lr, x, y);",
            schedule::argument(plan, ", ")
        ),
    };
    let steps = match plan.experiment.training.schedule.needs_epochs() {
        true => {
            "    let steps_per_epoch: usize = std::fs::read_to_string(format!(\"{folder}/steps_per_epoch.txt\"))?.trim().parse()?;\n"
        }
        false => "",
    };
    let rows: Vec<String> = model::loaded(plan)
        .into_iter()
        .map(|(place, name, is_optional)| {
            let value = match place.strip_suffix(".weight").filter(|_| place.starts_with("conv1d")) {
                Some(layer) => format!("kernel(&weights, \"{name}\", &model.{layer}, &device)?"),
                None => format!("tensor(&weights, \"{name}\", &device)?"),
            };
            let value = format!("Param::from_tensor({value})");
            let value = if is_optional { format!("Some({value})") } else { value };
            format!("    model.{place} = {value};\n")
        })
        .collect();
    let x = match plan.vocabulary() {
        0 => r#"tensor(&batches, &format!("x{n}"), &device)?;"#.to_owned(),
        _ => format!(
            r#"batches.tensor(&format!("x{{n}}"))?;
        let tokens: Vec<i32> = words(x.data()).map(i32::from_le_bytes).collect();
        let x = Tensor::from_data(TensorData::new(tokens, [x.shape()[0], {}]), &device);"#,
            plan.input().len()
        ),
    };
    let kernel = if plan.any(|layer| matches!(layer, LayerSpec::Conv1d { .. })) { KERNEL } else { "" };
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
{steps}    let mut losses = Vec::new();
    for n in 1..=batches.len() / 2 {{
        let x = {x}
{targets}
        let loss;
        {step}
        losses.push(loss);
    }}
    Ok(losses)
}}

{kernel}fn tensor<const D: usize>(file: &SafeTensors, name: &str, device: &Device) -> Result<Tensor<D>> {{
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

const KERNEL: &str = "/// The page keeps [kernel · features, filters], Burn [filters, features, kernel].
fn kernel(file: &SafeTensors, name: &str, layer: &Conv1d, device: &Device) -> Result<Tensor<3>> {
    let [filters, features, kernel] = layer.weight.val().dims();
    Ok(tensor::<2>(file, name, device)?.reshape([kernel, features, filters]).permute([2, 1, 0]))
}

";
