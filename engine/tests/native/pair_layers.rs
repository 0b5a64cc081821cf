//! Layers on pairs of sequences: outputs and gradients are PyTorch's, which was given each pair alone, so that it knew of no padding.

use crate::support::*;
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use descent_engine::model::{Pair, Sequence, Signal, waves};
use descent_spec::{LayerSpec, Shape};
use serde_json::Value;
use std::sync::Arc;

const BATCH: usize = 2;
const SOURCE: usize = 4;
const TARGET: usize = 3;
const FEATURES: usize = 4;

#[test]
fn layers_on_pairs_are_pytorchs() {
    let numbers: Value = serde_json::from_str(include_str!("../../../tests/reference/pairs.json")).unwrap();
    for row in numbers["layers"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let layer = LayerSpec::from_link(name).unwrap();
        let shape = Shape::Pair { source: SOURCE, target: TARGET, features: FEATURES };
        let weights: Vec<(String, &Value)> = row["weights"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(field, value)| (format!("{}1.{field}", layer.kind()), value))
            .collect();
        let weights: Vec<(&str, &Value)> = weights.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let (net, traced) = net_with(&[layer], shape, &weights);
        assert_eq!(weights.len(), net.named_tensors(&traced).len(), "{name}: PyTorch has every weight");

        let ends: Arc<[usize]> = row["lengths"].as_array().unwrap().iter().map(|len| len.as_u64().unwrap() as usize).collect();
        let leaf = |side: &str, steps: usize| {
            let data = TensorData::new(array(&row[side]).0, [BATCH, steps, FEATURES]);
            Tensor::<3>::from_data(data, &device()).require_grad()
        };
        let (source, target) = (leaf("source", SOURCE), leaf("target", TARGET));
        let signal = Signal::Pair(Pair {
            source: Sequence { values: source.clone().swap_dims(0, 1), lengths: Some(ends) },
            target: Sequence { values: target.clone().swap_dims(0, 1), lengths: None },
        });
        // The target's side, [steps · batch, …].
        let output = net.forward(signal);
        let width = output.dims()[1];
        let output = output.reshape([TARGET, BATCH, width]).swap_dims(0, 1);
        let upstream = TensorData::new(array(&row["upstream"]).0, [BATCH, TARGET, width]);
        let grads = (output.clone() * Tensor::<3>::from_data(upstream, &device())).sum().backward();
        assert_close(&format!("{name}: output"), &values(output), &array(&row["output"]).0, 1e-5);
        for (side, leaf) in [("grad_source", source), ("grad_target", target)] {
            // What the answer does not depend on has no gradient, and PyTorch says 0.
            let gradient = leaf.grad(&grads).map_or_else(|| vec![0.0; leaf.dims().iter().product()], values);
            assert_close(&format!("{name}: {side}"), &gradient, &array(&row[side]).0, 2e-5);
        }
        let grads = GradientsParams::from_grads(grads, &net);
        for it in net.named_tensors(&traced) {
            let field = it.name.split_once('.').unwrap().1;
            let gradient = if it.dims.len() == 1 { grads.get::<1>(it.id).map(values) } else { grads.get::<2>(it.id).map(values) };
            let expected = array(&row["grads"][field]).0;
            assert_close(&format!("{name}: gradient of {field}"), &gradient.unwrap(), &expected, 2e-5);
        }
    }
}

/// By hand, of four features: the angle is t for the first two and t / 100 for the others.
#[test]
fn waves_are_sines_and_cosines() {
    let expected: Vec<f32> = [0.0f64, 1.0, 2.0]
        .into_iter()
        .flat_map(|t| [t.sin(), t.cos(), (t / 100.0).sin(), (t / 100.0).cos()].map(|it| it as f32))
        .collect();
    assert_close("waves", &waves(3, 4), &expected, 1e-6);
}
