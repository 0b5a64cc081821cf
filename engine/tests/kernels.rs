//! Our kernels against Burn's own operations, on random shapes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use burn::tensor::{Device, Tensor, TensorData};
use descent_engine::kernels::{self, composed};
use descent_engine::loss::Targets;
use descent_spec::registry::Registry;
use descent_spec::{Activation, Head};
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

fn tensor<const D: usize>(dims: [usize; D], seed: u32, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(noise(dims.iter().product(), seed), dims), device)
}

/// The same, tracked by autodiff.
fn tracked<const D: usize>(dims: [usize; D], seed: u32) -> Tensor<D> {
    tensor(dims, seed, &Device::flex().autodiff()).require_grad()
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

/// Holds two results and their gradients for some inputs against each other, with a weight of its own for every output.
macro_rules! compare {
    ($ours:expr, $burns:expr, [$($input:ident),+]) => {{
        let (ours, burns) = ($ours, $burns);
        let weights = tensor(ours.dims(), 99, &Device::flex().autodiff());
        let our_grads = (ours.clone() * weights.clone()).sum().backward();
        let burn_grads = (burns.clone() * weights).sum().backward();
        close(&read(ours.inner()), &read(burns.inner()), "result");
        $(close(
            &read($input.grad(&our_grads).unwrap()),
            &read($input.grad(&burn_grads).unwrap()),
            concat!("gradient of ", stringify!($input)),
        );)+
    }};
}

fn an_activation() -> impl Strategy<Value = Activation> {
    prop::sample::select(Activation::table().iter().map(|entry| entry.value).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn convolution_and_its_gradients_are_burns(
        batch in 1usize..4, channels in 1usize..6, filters in 1usize..10, height in 5usize..15, width in 5usize..20,
        kernel in 1usize..6, same in any::<bool>(), function in an_activation(), seed in any::<u32>(),
    ) {
        let kernel = if same && kernel % 2 == 0 { kernel - 1 } else { kernel };
        let padding = if same { kernel / 2 } else { 0 };
        let x = tracked([batch, channels, height, width], seed);
        let w = tracked([filters, channels, kernel, kernel], seed ^ 1);
        let b = tracked([filters], seed ^ 3);
        compare!(
            kernels::convolution(x.clone(), w.clone(), b.clone(), padding, function),
            composed::convolution(x.clone(), w.clone(), b.clone(), padding, function),
            [x, w, b]
        );
    }

    #[test]
    fn dense_and_its_gradients_are_burns(
        batch in 1usize..20, inputs in 1usize..50, units in 1usize..40, function in an_activation(), seed in any::<u32>(),
    ) {
        let (x, w, b) = (tracked([batch, inputs], seed), tracked([inputs, units], seed ^ 1), tracked([units], seed ^ 2));
        compare!(
            kernels::dense(x.clone(), w.clone(), b.clone(), function),
            composed::dense(x.clone(), w.clone(), b.clone(), function),
            [x, w, b]
        );
    }

    #[test]
    fn activations_and_their_slopes_are_burns(len in 1usize..40, function in an_activation(), seed in any::<u32>()) {
        let x = tracked([2, len], seed);
        compare!(
            kernels::activate(function, x.clone() * 4.0),
            composed::activate(function, x.clone() * 4.0),
            [x]
        );
    }

    #[test]
    fn max_pool_and_its_gradient_are_burns(
        batch in 1usize..3, channels in 1usize..4, height in 4usize..12, width in 4usize..12, size in 1usize..5, seed in any::<u32>(),
    ) {
        let x = tracked([batch, channels, height, width], seed);
        compare!(kernels::max_pool(x.clone(), size), composed::max_pool(x.clone(), size), [x]);
    }

    #[test]
    fn looking_up_is_burns(rows in 1usize..20, width in 1usize..20, ids in prop::collection::vec(0u32..20, 1..30), seed in any::<u32>()) {
        let ids: Vec<u32> = ids.into_iter().map(|id| id % rows as u32).collect();
        let table = tracked([rows, width], seed);
        compare!(kernels::lookup(table.clone(), &ids), composed::lookup(table.clone(), &ids), [table]);
    }

    #[test]
    fn rnn_and_its_gradients_are_burns(
        steps in 1usize..6, batch in 1usize..6, units in 1usize..70, seed in any::<u32>(),
    ) {
        let (sums, weight) = (tracked([steps, batch, units], seed), tracked([units, units], seed ^ 1));
        let first = tensor([batch, units], seed ^ 2, &Device::flex().autodiff());
        compare!(
            kernels::rnn(sums.clone(), weight.clone(), first.clone()),
            composed::rnn(&sums, &weight, first.clone()),
            [sums, weight]
        );
    }

    #[test]
    fn gru_and_its_gradients_are_burns(
        steps in 1usize..6, batch in 1usize..6, units in 1usize..40, seed in any::<u32>(),
    ) {
        let (sums, weight) = (tracked([steps, batch, 3 * units], seed), tracked([units, 3 * units], seed ^ 1));
        let (bias, first) = (tracked([units], seed ^ 2), tensor([batch, units], seed ^ 3, &Device::flex().autodiff()));
        compare!(
            kernels::gru(sums.clone(), weight.clone(), bias.clone(), first.clone()),
            composed::gru(&sums, &weight, &bias, first.clone()),
            [sums, weight, bias]
        );
    }

    #[test]
    fn lstm_and_its_gradients_are_burns(
        steps in 1usize..6, batch in 1usize..6, units in 1usize..40, seed in any::<u32>(),
    ) {
        let sums = tracked([steps, batch, 4 * units], seed);
        let weight = tracked([units, 4 * units], seed ^ 1);
        let device = Device::flex().autodiff();
        let first = || [2, 3].map(|nth| tensor([batch, units], seed ^ nth, &device));
        let [ours, our_cells] = kernels::lstm(sums.clone(), weight.clone(), first());
        let [burns, burn_cells] = composed::lstm(&sums, &weight, first());
        close(&read(our_cells.inner()), &read(burn_cells.inner()), "cells");
        compare!(ours, burns, [sums, weight]);
    }

    #[test]
    fn losses_and_their_slopes_are_burns(batch in 1usize..30, n_classes in 2usize..12, head in 0usize..4, seed in any::<u32>()) {
        let head = [Head::Softmax { n_classes }, Head::Sigmoid, Head::Perceptron, Head::Linear][head];
        let width = if head == (Head::Softmax { n_classes }) { n_classes } else { 1 };
        let n_answers = if width == 1 { 2 } else { n_classes };
        let targets: Vec<f32> = (0..batch).map(|idx| ((idx * 7 + seed as usize % 13) % n_answers) as f32).collect();
        let outputs = tracked([batch, width], seed);
        let [loss, metric] = Targets::new(head, targets.clone(), &outputs.device()).score(outputs.clone() * 5.0);
        let [burn_loss, burn_metric] = Targets::on_device(head, targets, &outputs.device()).score(outputs.clone() * 5.0);
        close(&read(metric), &read(burn_metric), "metric");
        compare!(loss, burn_loss, [outputs]);
    }
}

#[test]
fn a_view_in_another_order_is_read_right() {
    let device = Device::flex();
    let x = tensor([2, 3, 7, 6], 5, &device).swap_dims(2, 3);
    let (w, bias) = (tensor([4, 3, 3, 3], 6, &device), tensor([4], 7, &device));
    let burns = composed::convolution(x.clone(), w.clone(), bias.clone(), 0, Activation::Linear);
    close(&read(kernels::convolution(x, w, bias, 0, Activation::Linear)), &read(burns), "convolution");
    let x = tensor([6, 7], 8, &device).swap_dims(0, 1);
    let (w, bias) = (tensor([9, 6], 9, &device).swap_dims(0, 1), tensor([9], 7, &device));
    let burns = composed::dense(x.clone(), w.clone(), bias.clone(), Activation::Tanh);
    close(&read(kernels::dense(x, w, bias, Activation::Tanh)), &read(burns), "dense");
}
