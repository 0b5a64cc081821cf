//! Our kernels against Burn's own operations, on random shapes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData, activation::relu};
use descent_engine::kernels::convolution;
use proptest::prelude::*;

/// Values in −1..1 that look random and are the same in every run.
fn noise(len: usize, seed: u32) -> Vec<f32> {
    (0..len as u32)
        .map(|idx| {
            let mixed = (idx.wrapping_add(seed.wrapping_mul(7919))).wrapping_mul(2_654_435_761) ^ 0x9e37_79b9;
            (mixed.wrapping_mul(2_246_822_519) >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

fn close(ours: &[f32], burns: &[f32], what: &str) {
    let scale = burns.iter().fold(1.0_f32, |most, value| most.max(value.abs()));
    assert_eq!(ours.len(), burns.len(), "{what}");
    for (idx, (a, b)) in ours.iter().zip(burns).enumerate() {
        assert!((a - b).abs() <= 2e-5 * scale, "{what}[{idx}]: {a} against {b}");
    }
}

fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn convolution_and_its_gradients_are_burns(
        batch in 1usize..4, channels in 1usize..6, filters in 1usize..10, height in 5usize..15, width in 5usize..20,
        kernel in 1usize..6, same in any::<bool>(), with_relu in any::<bool>(), seed in any::<u32>(),
    ) {
        let kernel = if same && kernel % 2 == 0 { kernel - 1 } else { kernel };
        let padding = if same { kernel / 2 } else { 0 };
        let device = Device::flex().autodiff();
        let input = |dims: [usize; 4], seed| {
            Tensor::<4>::from_data(TensorData::new(noise(dims.iter().product(), seed), dims), &device).require_grad()
        };
        let bias = Tensor::<1>::from_data(TensorData::new(noise(filters, seed ^ 3), [filters]), &device).require_grad();
        let (x, w) = (input([batch, channels, height, width], seed), input([filters, channels, kernel, kernel], seed ^ 1));

        let burns = conv2d(x.clone(), w.clone(), Some(bias.clone()), ConvOptions::new([1, 1], [padding, padding], [1, 1], 1));
        let burns = if with_relu { relu(burns) } else { burns };
        let ours = convolution(x.clone(), w.clone(), bias.clone(), padding, with_relu);
        // A weighted sum, so that every output has a gradient of its own.
        let weights = input(ours.dims(), seed ^ 2).inner();
        let weights = Tensor::from_inner(weights);
        let (our_grads, burn_grads) = ((ours.clone() * weights.clone()).sum().backward(), (burns.clone() * weights).sum().backward());

        close(&read(ours.inner()), &read(burns.inner()), "y");
        close(&read(x.grad(&our_grads).unwrap()), &read(x.grad(&burn_grads).unwrap()), "dx");
        close(&read(w.grad(&our_grads).unwrap()), &read(w.grad(&burn_grads).unwrap()), "dw");
        close(&read(bias.grad(&our_grads).unwrap()), &read(bias.grad(&burn_grads).unwrap()), "db");
    }
}

#[test]
fn a_view_in_another_order_is_read_right() {
    let device = Device::flex();
    let x = Tensor::<4>::from_data(TensorData::new(noise(2 * 3 * 6 * 7, 5), [2, 3, 7, 6]), &device).swap_dims(2, 3);
    let w = Tensor::<4>::from_data(TensorData::new(noise(4 * 3 * 9, 6), [4, 3, 3, 3]), &device);
    let bias = Tensor::<1>::zeros([4], &device);
    let burns = conv2d(x.clone(), w.clone(), Some(bias.clone()), ConvOptions::new([1, 1], [0, 0], [1, 1], 1));
    close(&read(convolution(x, w, bias, 0, false)), &read(burns), "y");
}
