//! Trains labs of the plane natively from their links and prints how well and how fast:
//!
//! ```text
//! cargo run -p descent-engine --example plane -- 1000 circle 'spiral?noise=0.1'
//! ```

use descent_engine::data::LabData;
use descent_engine::session::Supervised;
use descent_spec::{Split, link};
use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let n_steps: usize = args.next().unwrap_or_default().parse()?;
    for link in args {
        let decoded = link::decode(&link);
        for refusal in &decoded.refusals {
            eprintln!("{} = {}: {}", refusal.key, refusal.value, refusal.why);
        }
        pollster::block_on(lab(&decoded.experiment, n_steps))?;
    }
    Ok(())
}

async fn lab(experiment: &descent_spec::Experiment, n_steps: usize) -> Result<(), Box<dyn Error>> {
    let data = LabData::points(&experiment.data, experiment.seed);
    let mut session = Supervised::open(experiment, &burn::tensor::Device::flex(), &data)?;
    let started = Instant::now();
    for _ in 0..n_steps {
        session.step(&data);
        session.poll(&data).await?;
    }
    let steps_per_sec = n_steps as f64 / started.elapsed().as_secs_f64();
    let mut evaluation = session.evaluate(Split::Validation, None, &data)?;
    while evaluation.advance(&session, &data).await? {}
    let point = evaluation.finish().point;
    println!(
        "{}: {steps_per_sec:.0} steps a second; after {n_steps}: validation loss {:.4}, metric {:.4}",
        link::encode(experiment),
        point.loss,
        point.accuracy
    );
    Ok(())
}
