//! Times recurrent layers natively, forward and backward through time: 128 units, 40 steps of 65 tokens, 64 sequences.
//!
//!     cargo run --profile site --package descent-engine --example cells [rnn gru lstm]

use burn::tensor::Device;
use descent_engine::model::{CellWeights, Recurrent};
use descent_spec::Cell;
use descent_spec::registry::Registry;
use std::time::Instant;

const UNITS: usize = 128;
const STEPS: usize = 40;
const BATCH: usize = 64;
const VOCABULARY: usize = 65;

fn main() {
    let device = Device::flex().autodiff();
    let named: Vec<String> = std::env::args().skip(1).collect();
    for entry in Cell::table().iter().filter(|entry| named.is_empty() || named.iter().any(|it| it == entry.id)) {
        let width = entry.value.n_gates() * UNITS;
        let fill = |len: usize| (0..len).map(|idx| ((idx * 7919 % 1013) as f32 / 1013.0 - 0.5) * 0.2).collect::<Vec<_>>();
        let weights = CellWeights {
            cell: entry.value,
            input_weight: fill(VOCABULARY * width),
            hidden_weight: fill(UNITS * width),
            bias: vec![0.0; width],
            hidden_bias: vec![0.0; if entry.value == Cell::Gru { UNITS } else { 0 }],
        };
        let layer = Recurrent::from_weights(weights, &device);
        let tokens: Vec<u32> = (0..STEPS * BATCH).map(|idx| (idx * 31 % VOCABULARY) as u32).collect();
        let mut times: Vec<[f64; 2]> = (0..60)
            .map(|_| {
                let start = Instant::now();
                let (hidden, _) = layer.forward_tokens(&tokens, BATCH, layer.zero_state(BATCH, &device));
                let loss = hidden.narrow(0, STEPS - 1, 1).sum();
                let forward = start.elapsed().as_secs_f64() * 1e3;
                std::hint::black_box(loss.backward());
                [forward, start.elapsed().as_secs_f64() * 1e3]
            })
            .collect();
        // The fastest counts: whatever else the machine does makes a step slower, never faster.
        times.sort_by(|a, b| a[1].total_cmp(&b[1]));
        let [forward, both] = times[0];
        // Forward and twice backward, each multiplication with its addition.
        let gflops = 6.0 * (STEPS * BATCH * UNITS * width) as f64 / both / 1e6;
        println!("{:4} {both:7.2} ms, {forward:6.2} of them forward, {gflops:5.1} GFLOP/s", entry.label);
    }
}
