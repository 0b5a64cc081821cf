//! Times the convolution kernels natively on the shapes of the bench works and prints GFLOP/s.

use descent_engine::kernels::conv::{self, ConvShape};
use std::time::Instant;

fn main() {
    let layers = [
        ("cnn conv1", ConvShape { batch: 64, channels: 1, filters: 8, height: 28, width: 28, kernel: 5, padding: 0 }),
        ("cnn conv2", ConvShape { batch: 64, channels: 8, filters: 16, height: 12, width: 12, kernel: 5, padding: 0 }),
        ("cifar conv1", ConvShape { batch: 64, channels: 3, filters: 32, height: 32, width: 32, kernel: 3, padding: 1 }),
        ("cifar conv2", ConvShape { batch: 64, channels: 32, filters: 64, height: 16, width: 16, kernel: 3, padding: 1 }),
    ];
    for (name, shape) in layers {
        let fill = |len: usize| (0..len).map(|idx| (idx % 17) as f32 - 8.0).collect::<Vec<_>>();
        let (x, dy, w, bias) = (fill(shape.in_len()), fill(shape.out_len()), fill(shape.weight_len()), fill(shape.filters));
        let flop = 2.0 * (shape.out_len() * shape.channels * shape.kernel * shape.kernel) as f64;
        let time = |work: &dyn Fn() -> Vec<f32>| {
            let mut times: Vec<f64> = (0..15)
                .map(|_| {
                    let start = Instant::now();
                    std::hint::black_box(work());
                    start.elapsed().as_secs_f64()
                })
                .collect();
            times.sort_by(f64::total_cmp);
            format!("{:6.2} ms {:5.1} GFLOP/s", times[7] * 1e3, flop / times[7] / 1e9)
        };
        println!(
            "{name:12} forward {}   input gradient {}   weight gradient {}",
            time(&|| conv::forward(&x, &w, &bias, true, &shape)),
            time(&|| conv::input_gradient(&dy, &w, &shape)),
            time(&|| conv::weight_gradient(&x, &dy, &shape)),
        );
    }
}
