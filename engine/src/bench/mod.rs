//! Timing: the works of the bench page, and the race that chooses a device.
//!
//! The bench follows the rules that other libraries are timed by in the same browser run (`run`): the same batches and first
//! weights, each step uploads its batch and reads its loss back, three warm-up steps and half a second at least, then the median
//! over 20 steps and 1.5 seconds at least, and 10 seconds at most.

mod works;

use crate::data::LabData;
use crate::rng::{Stream, Streams, below};
use crate::session::Supervised;
use burn::tensor::Device;
use descent_spec::manifest::{FORMAT, Manifest, Shard, Source};
use descent_spec::message::BenchResult;
use descent_spec::{Experiment, Kind, Shape};
use rand_chacha::rand_core::Rng;
use std::sync::Arc;
use works::Work;

const WARM_UP_STEPS: usize = 3;
const WARM_UP_MS: f64 = 500.0;
const MIN_STEPS: usize = 20;
const MIN_SAMPLES: usize = 3;
const MIN_MS: f64 = 1_500.0;
const MAX_MS: f64 = 10_000.0;
/// A sample lasts about this long: browsers round their clocks to 0.1 ms.
const SAMPLE_MS: f64 = 10.0;
/// The race ends after this long, whatever the number of steps.
const MAX_RACE_MS: f64 = 3_000.0;
/// Steps between two reads in the race: training, too, reads seldom on WebGPU.
const RACE_CHUNK: u32 = 4;

/// Runs one work: `mlp`, `cnn`, `cnn-cifar`, `lstm-char`, `tiny`, the product of two matrices, `matmul512` and the like, or an
/// experiment, named by its link. Batches of the first five that are cut are shared by `n_workers`. `now_ms` is the clock; `alive` is
/// called now and then, for whoever might think that nothing happens any more.
///
/// # Errors
/// A sentence when the work is not known or the device does not answer.
pub async fn run(
    work: &str,
    n_workers: usize,
    device: &Device,
    now_ms: impl Fn() -> f64,
    alive: impl Fn(),
) -> Result<BenchResult, String> {
    let mut work = Work::open(work, n_workers, device).await?;
    let mut losses = Vec::new();
    let mut last_ms = 0.0;
    let started = now_ms();
    while losses.len() < WARM_UP_STEPS || now_ms() - started < WARM_UP_MS {
        let step_started = now_ms();
        losses.push(work.step().await?);
        last_ms = now_ms() - step_started;
    }
    losses.truncate(WARM_UP_STEPS);

    let mut chunk = (SAMPLE_MS / f64::max(last_ms, 0.05)).ceil().max(1.0) as usize;
    let (mut samples, mut n_steps, mut total_ms) = (Vec::new(), 0, 0.0);
    while total_ms < MAX_MS && (n_steps < MIN_STEPS || samples.len() < MIN_SAMPLES || total_ms < MIN_MS) {
        let sample_started = now_ms();
        for _ in 0..chunk {
            work.step().await?;
        }
        let ms = now_ms() - sample_started;
        alive();
        if ms < SAMPLE_MS / 2.0 {
            // Too short to be timed: again, with longer samples.
            chunk = (chunk as f64 * SAMPLE_MS / f64::max(ms, 0.2)).ceil() as usize;
            (samples, n_steps, total_ms) = (Vec::new(), 0, 0.0);
            continue;
        }
        total_ms += ms;
        n_steps += chunk;
        samples.push(ms / chunk as f64);
    }
    let ms_per_step = median(samples);
    Ok(BenchResult {
        ms_per_step,
        examples_per_sec: 1000.0 * work.batch() as f64 / ms_per_step,
        gflops: work.n_operations() / ms_per_step / 1e6,
        losses,
    })
}

/// Median time of a training step of this experiment on made-up data, after a warm-up.
///
/// # Errors
/// A sentence when the model cannot be built or the device does not answer.
pub async fn race(experiment: &Experiment, device: &Device, n_steps: u32, now_ms: impl Fn() -> f64) -> Result<f64, String> {
    let data = made_up(experiment);
    let mut session = Supervised::open(experiment, device, &data).map_err(|err| err.to_string())?;
    // The first chunk compiles kernels, the second fills the pools of memory.
    for _ in 0..2 {
        chunk_of_steps(&mut session, RACE_CHUNK, &data).await?;
    }
    let started = now_ms();
    let mut samples = Vec::new();
    while samples.is_empty() || (samples.len() as u32 * RACE_CHUNK < n_steps && now_ms() - started < MAX_RACE_MS) {
        let chunk_started = now_ms();
        chunk_of_steps(&mut session, RACE_CHUNK, &data).await?;
        samples.push((now_ms() - chunk_started) / f64::from(RACE_CHUNK));
    }
    Ok(median(samples))
}

async fn chunk_of_steps(session: &mut Supervised, n_steps: u32, data: &LabData) -> Result<(), String> {
    for _ in 0..n_steps {
        session.step(data);
    }
    session.poll(data).await.map_err(|err| err.to_string())
}

/// Noise in the shape of the experiment's data: a step takes as long on it as on the real ones.
fn made_up(experiment: &Experiment) -> LabData {
    let data = &experiment.data;
    let facts = data.facts();
    let n_classes = facts.classes.len() as u32;
    let count = 4 * experiment.training.batch_size;
    let mut rng = Streams::new(experiment.seed).rng(Stream::Race, 0);
    let labels: Vec<u8> = (0..count).map(|_| below(&mut rng, n_classes) as u8).collect();
    let (shape, vocabulary) = match facts.shape {
        Shape::Tokens { vocabulary, .. } => (facts.shape, vocabulary as u32),
        shape => (shape, 0),
    };
    let (mut manifest, bytes) = match data.set.kind() {
        Kind::Plane | Kind::Series | Kind::Words => return LabData::drawn(data, experiment.seed),
        Kind::Pairs => {
            let Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } = shape else {
                return LabData::drawn(data, experiment.seed);
            };
            let lengths = [source as u8 - 1, target as u8 - 1].repeat(count);
            let mut token = |vocabulary: usize| (4 + below(&mut rng, vocabulary as u32 - 4) as u16).to_le_bytes();
            let mut tokens = Vec::new();
            for _ in 0..count {
                tokens.extend((1..source).flat_map(|_| token(source_vocabulary)));
                tokens.extend((1..target).flat_map(|_| token(target_vocabulary)));
            }
            (noise(count), [lengths, tokens].concat())
        }
        Kind::Pictures => {
            let pixels: Vec<u8> = (0..count * shape.len()).map(|_| rng.next_u32() as u8).collect();
            (noise(count), [labels, pixels].concat())
        }
        Kind::Text => {
            let n_tokens = 2 * count * data.window;
            (noise(n_tokens), (0..n_tokens).map(|_| below(&mut rng, vocabulary) as u8).collect())
        }
        Kind::Reviews => {
            let lengths = vec![(data.window as u16).to_le_bytes(); count].concat();
            let tokens = (0..count * data.window).flat_map(|_| (below(&mut rng, vocabulary) as u16).to_le_bytes());
            (noise(count), [labels, lengths, tokens.collect()].concat())
        }
    };
    manifest.shape = shape;
    manifest.classes = vec![String::new(); n_classes as usize];
    let mut made = LabData::announced(&manifest, data, experiment.seed);
    // Noise has no words.
    made.glove = Some(Arc::default());
    let inserted = made.insert_train(0, bytes);
    debug_assert!(inserted.is_ok(), "noise keeps to the format: {inserted:?}");
    made
}

/// One shard of something made up.
fn noise(count: usize) -> Manifest {
    Manifest {
        format: FORMAT,
        name: String::new(),
        shape: Shape::Flat { units: 0 },
        classes: Vec::new(),
        vocabulary: Vec::new(),
        target_vocabulary: Vec::new(),
        train: vec![Shard { file: String::new(), count, unpacked: None, bytes: 0, sha256: String::new() }],
        test: Vec::new(),
        source: Source::Generated,
        licence: String::new(),
        citation: String::new(),
    }
}

/// The middle value, or the mean of the two middle ones.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// A clock that moves by this much each time it is looked at.
    fn clock(step_ms: f64) -> impl Fn() -> f64 {
        let now = Cell::new(0.0);
        move || {
            now.set(now.get() + step_ms);
            now.get()
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn a_bench_starts_like_the_other_libraries() {
        // Computed in double precision on the numbers every library is fed with: the first two by loops of plain JavaScript, the
        // others by `tests/reference/bench.py`.
        let expected = [
            ("mlp", 64.0, [2.318_662, 2.296_977, 2.293_562]),
            ("cnn", 64.0, [2.304_714, 2.303_132, 2.302_545]),
            ("cnn-cifar", 64.0, [2.303_55, 2.300_908, 2.298_608]),
            ("lstm-char", 64.0, [4.173_389, 4.177_609, 4.175_5]),
            ("tiny", 10.0, [0.487_615, 0.500_399, 0.517_931]),
        ];
        for (work, batch, expected) in expected {
            let result = pollster::block_on(run(work, 1, &Device::flex(), clock(200.0), || {})).unwrap();
            assert_eq!(result.losses.len(), 3);
            for (loss, expected) in result.losses.iter().zip(expected) {
                assert!((loss - expected).abs() < 1e-5, "{work}: {:?}", result.losses);
            }
            assert!((result.examples_per_sec * result.ms_per_step - 1000.0 * batch).abs() < 1e-6);
        }
        assert!(pollster::block_on(run("gan", 1, &Device::flex(), clock(1.0), || {})).unwrap_err().contains("lstm-char"));
        assert!(
            pollster::block_on(run("matmul9000", 1, &Device::flex(), clock(1.0), || {})).unwrap_err().contains("out of bounds")
        );
    }

    #[test]
    fn operations_are_counted_as_in_the_comparison() {
        // Its formulas, by hand: two for each multiplication and addition, no gradient for the first layer's input.
        let expected = [
            ("mlp", 2.0 * 64.0 * (2.0 * (784.0 * 128.0 + 128.0 * 10.0) + 128.0 * 10.0)),
            ("cnn-cifar", 2.0 * 64.0 * (2.0 * 1024.0 * 32.0 * 27.0 + 3.0 * (256.0 * 64.0 * 288.0 + 4096.0 * 128.0 + 1280.0))),
            ("lstm-char", 2.0 * 64.0 * 3.0 * (40.0 * 128.0 * 512.0 + 128.0 * 65.0)),
            ("tiny", 2.0 * 10.0 * (2.0 * 2.0 * 8.0 + 3.0 * (8.0 * 8.0 + 8.0))),
            ("matmul64", 2.0 * 64.0 * 64.0 * 64.0),
        ];
        for (work, expected) in expected {
            let work = pollster::block_on(Work::open(work, 1, &Device::flex())).unwrap();
            assert_eq!(work.n_operations(), expected);
        }
    }

    /// By hand: of moons' 2-4-2-1 net 8 + 8 + 2 multiplications for each of ten points; one forward and two backward, two operations each.
    #[test]
    fn a_lab_is_timed_by_its_link() {
        let run = |link| pollster::block_on(run(link, 1, &Device::flex(), clock(200.0), || {}));
        let moons = run("moons").unwrap();
        assert!((moons.gflops * moons.ms_per_step * 1e6 - 2.0 * 3.0 * 10.0 * 18.0).abs() < 1e-6);
        assert!(moons.losses.iter().all(|loss| loss.is_finite()));
        // What learns from noise at this rate leaves the numbers, and is timed all the same.
        assert!(run("hill?layers=dense:8:relu&opt=sgd&lr=10").unwrap().ms_per_step > 0.0);
        assert!(run("moons?lr=fast").unwrap_err().contains("lr=fast"));
    }

    #[test]
    fn a_race_times_steps() {
        // The clock is looked at twice a chunk and once between: 8 steps are two chunks of 1 ms.
        let ms = pollster::block_on(race(&Experiment::default(), &Device::flex(), 8, clock(1.0))).unwrap();
        assert_eq!(ms, 0.25);
    }
}
