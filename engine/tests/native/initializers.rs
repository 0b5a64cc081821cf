//! First weights: bounds and standard deviations are torch.nn.init's, and units differ from one another.

use crate::support::*;
use descent_engine::model::Net;
use descent_engine::rng::Streams;
use descent_spec::registry::Registry;
use descent_spec::{Activation, Initializer, LayerSpec, Padding, Shape};

fn first_weights(initializer: Initializer, layer: &str, seed: u32) -> (Vec<f32>, Vec<f32>) {
    let (spec, input) = match layer {
        "dense" => (LayerSpec::Dense { units: 100, activation: Activation::Relu }, Shape::Flat { units: 300 }),
        _ => {
            let spec = LayerSpec::Conv2d { filters: 16, kernel: 5, padding: Padding::Valid, activation: Activation::Relu };
            (spec, Shape::Image { channels: 8, height: 12, width: 12 })
        }
    };
    let (_, traced) = net(&[spec], input);
    let net = Net::init(&traced, initializer, &Streams::new(seed), &device());
    let mut all = named(&net, &traced);
    (all.remove(&format!("{layer}1.weight")).unwrap(), all.remove(&format!("{layer}1.bias")).unwrap())
}

#[test]
fn spread_as_in_pytorch() {
    for row in numbers()["initializers"].as_array().unwrap() {
        let (name, layer) = (row["name"].as_str().unwrap(), row["layer"].as_str().unwrap());
        let (weights, biases) = first_weights(Initializer::parse(name).unwrap(), layer, 11);
        let n = weights.len() as f64;
        let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / n;
        let std = (weights.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / n).sqrt();
        let expected = row["std"].as_f64().unwrap();
        // At least 3,200 weights: four standard errors of the mean, and 5 % of the deviation is as much.
        assert!(mean.abs() < 4.0 * expected / n.sqrt(), "{name}, {layer}: mean {mean}");
        assert!((std / expected - 1.0).abs() < 0.05, "{name}, {layer}: σ {std}, and PyTorch says {expected}");
        if let Some(bound) = row["bound"].as_f64() {
            let largest = weights.iter().fold(0.0f32, |most, w| most.max(w.abs()));
            assert!(f64::from(largest) <= bound * 1.000_001, "{name}, {layer}: {largest} outside ±{bound}");
            assert!(f64::from(largest) > 0.99 * bound, "{name}, {layer}: ±{bound} is not reached");
        }
        match Initializer::parse(name).unwrap() {
            Initializer::FanInUniform => {
                let bound = row["bound"].as_f64().unwrap();
                assert!(biases.iter().any(|&b| b != 0.0) && biases.iter().all(|&b| f64::from(b.abs()) <= bound * 1.000_001));
            }
            _ => assert!(biases.iter().all(|&b| b == 0.0), "{name}: biases start at zero"),
        }
    }
}

#[test]
fn the_seed_decides() {
    for entry in Initializer::table() {
        let [first, again, other] = [5, 5, 6].map(|seed| first_weights(entry.value, "dense", seed));
        assert_eq!(first, again, "{}", entry.label);
        assert_eq!(first == other, entry.value == Initializer::Zeros, "{}", entry.label);
    }
}
