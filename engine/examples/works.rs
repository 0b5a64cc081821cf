//! Times the works of the bench page natively, and prints how near they come to this build's matrix product.
//!
//!     cargo run --profile site --package descent-engine --example works [work …]

use burn::tensor::Device;
use descent_engine::bench;
use std::time::Instant;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let all = ["matmul512", "mlp", "cnn", "cnn-cifar", "lstm-char", "tiny"].map(String::from);
    let started = Instant::now();
    let mut best = f64::NAN;
    for work in if named.is_empty() { all.to_vec() } else { named } {
        let now_ms = || started.elapsed().as_secs_f64() * 1e3;
        match pollster::block_on(bench::run(&work, 1, &Device::flex(), now_ms, || {})) {
            Ok(result) => {
                if work == "matmul512" {
                    best = result.gflops;
                }
                let share = 100.0 * result.gflops / best;
                println!(
                    "{work:10} {:9.4} ms a step {:6.2} GFLOP/s {share:4.0} % of matmul512",
                    result.ms_per_step, result.gflops
                );
            }
            Err(why) => eprintln!("{work}: {why}"),
        }
    }
}
