//! Writes what a program in another framework needs to repeat our first steps, and our losses to compare with:
//!
//! ```text
//! cargo run -p descent-engine --example dump -- OUT 20 'mnist' 'mnist?model=cnn'
//! ```
//!
//! `OUT/0`, `OUT/1`, … hold for each link `weights.safetensors` (before the first step), `batches.safetensors` (inputs x1, x2, …
//! of shape `[batch, …]`, targets y1, y2, … of shape `[batch]`, of texts and pairs `[batch, steps]`), `steps_per_epoch.txt` (for
//! schedules that count epochs) and `losses.json`. In place of pictures stand the generated digits, of series the random walk, of
//! texts, reviews and translations tokens drawn here, so that nothing has to be there first.

use descent_engine::data::{LabData, Pairs, Pool, Reviews, TextWindows, epoch_order};
use descent_engine::rng::{Stream, Streams, uniform_f32};
use descent_engine::session::Supervised;
use descent_spec::manifest::Source;
use descent_spec::pairs::UNKNOWN_TOKEN;
use descent_spec::{DataSet, Experiment, Head, Kind, Shape, link};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// Seed of the generated digits.
const DATA_SEED: u32 = 1;
/// Tokens of the drawn text.
const TEXT_LEN: usize = 60_000;
/// Drawn reviews to learn and choose from.
const N_REVIEWS: usize = 2_000;
/// Drawn translations, the same.
const N_PAIRS: usize = 2_000;

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
        let drawn = stand_in(experiment)?;
        pollster::block_on(dump(experiment, drawn.as_ref().unwrap_or(&digits), n_steps, &folder))?;
    }
    Ok(())
}

/// Data for an experiment that nothing has to be loaded for; none for pictures, in whose place stand the digits.
pub(crate) fn stand_in(experiment: &Experiment) -> Result<Option<LabData>, Box<dyn Error>> {
    let data = &experiment.data;
    if data.set == DataSet::FraEng {
        return Ok(Some(translations(data.facts().shape)));
    }
    if data.set.kind() == Kind::Words {
        return Ok(Some(LabData::drawn(data, experiment.seed)));
    }
    let Shape::Tokens { vocabulary, .. } = data.facts().shape else {
        return Ok((data.set.kind() != Kind::Pictures).then(|| LabData::drawn(data, experiment.seed)));
    };
    let mut rng = Streams::new(DATA_SEED).rng(Stream::Walk, 1);
    let mut below = |n: usize| (uniform_f32(&mut rng) * n as f32) as usize;
    let (train_pool, test) = if data.set.kind() == Kind::Text {
        // Each token follows from the one before, or begins anew.
        let mut token = 0;
        let mut next = || {
            token = if below(4) == 0 { below(vocabulary) } else { (token * 3 + 1) % vocabulary };
            token as u8
        };
        let tokens: Arc<Vec<u8>> = Arc::new((0..TEXT_LEN).map(|_| next()).collect());
        let (mut pool, mut test) = TextWindows::announced(TEXT_LEN, vocabulary, data);
        pool.insert(&tokens)?;
        test.insert(&tokens)?;
        (Pool::Text(pool), Pool::Text(test))
    } else {
        // Shorter than a window and longer; reviews that praise use other words more often.
        let mut reviews = |count: usize| -> Result<Pool, Box<dyn Error>> {
            let labels: Vec<u8> = (0..count).map(|idx| (idx % 2) as u8).collect();
            let lengths: Vec<u16> = labels.iter().map(|_| (3 + below(2 * data.window)) as u16).collect();
            let mut bytes = labels.clone();
            bytes.extend(lengths.iter().flat_map(|length| length.to_le_bytes()));
            for (label, length) in labels.iter().zip(&lengths) {
                for _ in 0..*length {
                    let n_known = if below(3) == 0 { 40 } else { vocabulary - 1 };
                    let token = 1 + (below(n_known) + 20 * usize::from(*label)) % (vocabulary - 1);
                    bytes.extend((token as u16).to_le_bytes());
                }
            }
            let mut reviews = Reviews::empty(data.window, vocabulary, 2, &[count]);
            reviews.insert_shard(0, &bytes)?;
            Ok(Pool::Reviews(reviews))
        };
        (reviews(N_REVIEWS)?, reviews(N_REVIEWS / 4)?)
    };
    Ok(Some(of_pools(train_pool, test)))
}

/// Pairs of every length that there is room for; each token of a target follows from one of its source.
fn translations(shape: Shape) -> LabData {
    let Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } = shape else {
        return of_pools(Pool::Pairs(Pairs::empty(shape, &[])), Pool::Pairs(Pairs::empty(shape, &[])));
    };
    let mut rng = Streams::new(DATA_SEED).rng(Stream::Walk, 2);
    let mut below = |n: usize| (uniform_f32(&mut rng) * n as f32) as usize;
    let first = UNKNOWN_TOKEN as usize;
    let mut pair = || {
        let tokens: Vec<usize> = (0..1 + below(source - 1)).map(|_| below(source_vocabulary - first)).collect();
        let follows = |t: usize| (tokens[t % tokens.len()] * 3 + t) % (target_vocabulary - first);
        let answer: Vec<usize> = (0..1 + below(target - 1)).map(follows).collect();
        [tokens, answer].map(|side| side.iter().map(|token| (first + token) as u16).collect())
    };
    let mut part = |count: usize| -> Pool {
        let pairs: Vec<[Vec<u16>; 2]> = (0..count).map(|_| pair()).collect();
        Pool::Pairs(Pairs::of(shape, &pairs))
    };
    of_pools(part(N_PAIRS), part(N_PAIRS / 4))
}

fn of_pools(train_pool: Pool, test: Pool) -> LabData {
    let (licence, citation, vocabulary) = (String::new(), String::new(), Vec::new());
    LabData {
        train_pool,
        test,
        source: Source::Generated,
        licence,
        citation,
        vocabulary,
        target_vocabulary: Vec::new(),
        glove: None,
    }
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
                shape @ (Shape::TokenPair { .. } | Shape::Pair { .. }) => vec![batch.len(), shape.len()],
            };
            let (dtype, inputs) = match data.train_pool.shape() {
                Shape::Tokens { .. } | Shape::TokenPair { .. } => {
                    (Dtype::I32, inputs.iter().flat_map(|it| (*it as i32).to_le_bytes()).collect())
                }
                _ => (Dtype::F32, inputs.iter().flat_map(|it| it.to_le_bytes()).collect()),
            };
            tensors.push((format!("x{n}"), dtype, dims, inputs));
            // One a step where the head answers after every step.
            let target_dims = match targets.len() / batch.len() {
                1 => vec![batch.len()],
                steps => vec![batch.len(), steps],
            };
            let (dtype, targets) = match experiment.head() {
                // Classes, as indices.
                Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => {
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
