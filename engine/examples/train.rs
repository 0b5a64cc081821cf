//! Trains a lab natively from its link and prints what the page would show:
//!
//! ```text
//! cargo run --release -p descent-engine --example train -- 'mnist?model=cnn&epochs=3' public/data
//! ```
//!
//! With a file's name behind it, the weights are written there after each epoch, in 16 bits: `docs/pretrained.md` says how the
//! weights that come with the site were made.

use descent_engine::data::{LabData, shard};
use descent_engine::session::Supervised;
use descent_spec::glove::Glove;
use descent_spec::manifest::{Manifest, Shard};
use descent_spec::registry::Registry;
use descent_spec::{DataSpec, Kind, Split, link};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let decoded = link::decode(&args.next().unwrap_or_default());
    for refusal in &decoded.refusals {
        eprintln!("{} = {}: {}", refusal.key, refusal.value, refusal.why);
    }
    let experiment = decoded.experiment;
    let folder = args.next().unwrap_or_else(|| "public/data".into());
    let weights_file = args.next();
    let mut data = match experiment.data.set.folder() {
        Some(of_set) => load(&Path::new(&folder).join(of_set), &experiment.data, experiment.seed)?,
        None => LabData::drawn(&experiment.data, experiment.seed),
    };
    if experiment.wants_glove() {
        data.glove = Some(Arc::new(load_glove(&Path::new(&folder).join(descent_spec::glove::FOLDER))?));
        println!("{} of {} tokens start from GloVe", data.known_vectors().len(), data.vocabulary.len());
    }
    pollster::block_on(async {
        let mut session = Supervised::open(&experiment, &burn::tensor::Device::flex(), &data)?;
        println!("{}", link::encode(&experiment));
        while !session.is_done() {
            let started = Instant::now();
            let epoch = session.progress().epoch;
            let mut loss = 0.0;
            while session.progress().epoch == epoch {
                session.step(&data);
                session.poll(&data).await?;
            }
            let report = session.report(&data).await?;
            loss += report.points.iter().map(|point| f64::from(point.loss)).sum::<f64>() / report.points.len() as f64;
            let ms_per_step = started.elapsed().as_secs_f64() * 1e3 / report.points.len() as f64;
            print!("epoch {}: loss {loss:.4}, {ms_per_step:.3} ms a step", epoch + 1);
            for split in [Split::Validation, Split::Test] {
                let mut evaluation = session.evaluate(split, None, &data)?;
                while evaluation.advance(&session, &data).await? {}
                let point = evaluation.finish().point;
                print!(", {split:?} loss {:.4} metric {:.4}", point.loss, point.accuracy);
            }
            println!();
            if session.is_translating() {
                let started = Instant::now();
                let mut answers = session.answer_pairs(Split::Validation, 0, 500, &data)?;
                while answers.advance(&data).await? {}
                let score = answers.score(&data);
                let took_ms = started.elapsed().as_secs_f64() * 1e3;
                println!("  {} pairs in {took_ms:.0} ms: exact {:.4}, {:?}", score.n, score.exact, score.bleu);
            }
            if let Some(file) = &weights_file {
                std::fs::write(file, session.weights_in_half().await?)?;
            }
        }
        if experiment.data.set.kind() == Kind::Reviews {
            let mut comparison = session.compare_words(&data)?;
            let found = loop {
                if let Some(found) = comparison.advance() {
                    break found;
                }
            };
            println!("counting words: {found:?}");
        }
        if session.is_translating() {
            let mut answers = session.answer_pairs(Split::Test, 0, usize::MAX, &data)?;
            while answers.advance(&data).await? {}
            println!("test: {:?}", answers.score(&data));
            for pair in answers.pairs(&data).iter().take(20) {
                println!("  {pair:?}");
            }
        }
        print_forecasts(&session, &data).await
    })
}

/// Of a series: how far off the net and the baselines are, in its units.
async fn print_forecasts(session: &Supervised, data: &LabData) -> Result<(), Box<dyn Error>> {
    let Some(baselines) = session.baselines(data) else { return Ok(()) };
    for split in [Split::Validation, Split::Test] {
        let Some(mut forecasting) = session.forecast(split, data) else { continue };
        let started = Instant::now();
        while forecasting.advance(session, data).await? {}
        let took_ms = started.elapsed().as_secs_f64() * 1e3;
        let Some(made) = forecasting.finish(&baselines, data) else { continue };
        println!("{split:?}: {} forecasts in {took_ms:.1} ms", made.values[0].len());
        for it in made.errors {
            let against = it.against_last.map(|it| format!("{:+.4} ± {:.4} {:?}", it.difference, it.standard_error, it.finding));
            let against = against.unwrap_or_default();
            println!("  {:14} MAE {:.4}, RMSE {:.4}, {against}", it.method.label(), it.absolute, it.root_squared);
        }
    }
    Ok(())
}

/// Reads GloVe's folder, made by the same.
fn load_glove(folder: &Path) -> Result<Glove, Box<dyn Error>> {
    let manifest = Manifest::parse(&std::fs::read_to_string(folder.join("manifest.json"))?)?;
    let part = manifest.train.first().ok_or("it lists no shards")?;
    let bytes = shard::unpack(&std::fs::read(folder.join(&part.file))?, part, manifest.shape)?;
    Ok(Glove::unpack(manifest.vocabulary, &bytes)?)
}

/// Reads a data folder made by `cargo xtask data`.
fn load(folder: &Path, data: &DataSpec, seed: u32) -> Result<LabData, Box<dyn Error>> {
    let manifest = Manifest::parse(&std::fs::read_to_string(folder.join("manifest.json"))?)?;
    let unpacked = |shard: &Shard| -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(shard::unpack(&std::fs::read(folder.join(&shard.file))?, shard, manifest.shape)?)
    };
    let mut lab = LabData::announced(&manifest, data, seed);
    for (idx, shard) in manifest.train.iter().enumerate() {
        lab.insert_train(idx, unpacked(shard)?)?;
    }
    for (idx, shard) in manifest.test.iter().enumerate() {
        lab.insert_test(idx, unpacked(shard)?)?;
    }
    Ok(lab)
}
