//! Writes what a program in another framework needs to repeat our first steps, and our losses to compare with:
//!
//! ```text
//! cargo run -p descent-engine --example dump -- OUT 20 'mnist' 'mnist?model=cnn'
//! ```
//!
//! `OUT/0`, `OUT/1`, … hold for each link `weights.safetensors` (before the first step), `batches.safetensors` (inputs x1, x2, …
//! of shape `[batch, …]`, targets y1, y2, … of shape `[batch]`), `steps_per_epoch.txt` (for schedules that
//! count epochs) and `losses.json`. In place of pictures stand the generated digits,
//! so that nothing has to be there first.

use descent_engine::data::{LabData, epoch_order};
use descent_engine::session::Supervised;
use descent_spec::{Experiment, Head, Shape, link};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::error::Error;
use std::path::Path;

/// Seed of the generated digits.
const DATA_SEED: u32 = 1;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(out), Some(n_steps)) = (args.next(), args.next()) else {
        return Err("usage: dump OUT STEPS LINK...".into());
    };
    let n_steps = n_steps.parse()?;
    let digits = LabData::generated(DATA_SEED);
    for (idx, text) in args.enumerate() {
        let decoded = link::decode(&text);
        if let Some(refusal) = decoded.refusals.first() {
            return Err(format!("{text}: {}={}: {}", refusal.key, refusal.value, refusal.why).into());
        }
        let folder = Path::new(&out).join(idx.to_string());
        std::fs::create_dir_all(&folder)?;
        let experiment = &decoded.experiment;
        let points = experiment.data.set.is_planar().then(|| LabData::points(&experiment.data, experiment.seed));
        pollster::block_on(dump(experiment, points.as_ref().unwrap_or(&digits), n_steps, &folder))?;
    }
    Ok(())
}

/// Writes the files of one experiment.
pub(crate) async fn dump(experiment: &Experiment, data: &LabData, n_steps: usize, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut session = Supervised::open(experiment, &burn::tensor::Device::flex(), data)?;
    std::fs::write(folder.join("weights.safetensors"), session.weights().await?)?;
    std::fs::write(folder.join("batches.safetensors"), batches(experiment, data, n_steps)?)?;
    std::fs::write(folder.join("steps_per_epoch.txt"), session.steps_per_epoch().to_string())?;
    for _ in 0..n_steps {
        session.step(data);
    }
    let losses: Vec<f32> = session.report(data).await?.points.iter().map(|point| point.loss).collect();
    std::fs::write(folder.join("losses.json"), serde_json::to_string(&losses)?)?;
    Ok(())
}

/// The first batches of a run, as the session takes them: epoch after epoch, the last batch of each possibly smaller.
fn batches(experiment: &Experiment, data: &LabData, n_steps: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let train = data.train_pool.partition(experiment.data.validation, experiment.seed).train;
    let order = |epoch| epoch_order(experiment.seed, epoch, &train, data.train_pool.shard_bounds());
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut n = 0;
    for epoch in 0.. {
        for batch in order(epoch).chunks(experiment.training.batch_size) {
            n += 1;
            if n > n_steps {
                let views: Result<Vec<_>, _> = tensors
                    .iter()
                    .map(|(name, dtype, dims, bytes)| TensorView::new(*dtype, dims.clone(), bytes).map(|view| (name, view)))
                    .collect();
                return Ok(safetensors::serialize(views?, None)?);
            }
            let (mut inputs, mut targets) = (Vec::new(), Vec::new());
            data.train_pool.fill_batch(batch, &mut inputs, &mut targets);
            let dims = match data.train_pool.shape() {
                Shape::Image { channels, height, width } => vec![batch.len(), channels, height, width],
                Shape::Flat { units } => vec![batch.len(), units],
                Shape::Sequence { steps, features } => vec![batch.len(), steps, features],
                Shape::Tokens { steps, .. } => vec![batch.len(), steps],
            };
            tensors.push((format!("x{n}"), Dtype::F32, dims, inputs.iter().flat_map(|it| it.to_le_bytes()).collect()));
            // One a step where the head answers after every step.
            let target_dims = match targets.len() / batch.len() {
                1 => vec![batch.len()],
                steps => vec![batch.len(), steps],
            };
            let (dtype, targets) = match experiment.head() {
                // Classes, as indices.
                Head::Softmax { .. } | Head::Tokens { .. } => {
                    (Dtype::I32, targets.iter().flat_map(|it| (*it as i32).to_le_bytes()).collect())
                }
                Head::Sigmoid | Head::Perceptron | Head::Linear => {
                    (Dtype::F32, targets.iter().flat_map(|it| it.to_le_bytes()).collect())
                }
            };
            tensors.push((format!("y{n}"), dtype, target_dims, targets));
        }
    }
    Err("there are more epochs than a u32 can count".into())
}
