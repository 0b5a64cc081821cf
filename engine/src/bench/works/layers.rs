//! Nets of dense and convolution layers: `mlp`, `cnn`, `cnn-cifar` and `tiny`.

use super::seeded::{first_weights, value_batches};
use crate::model::Net;
use crate::optim::{Optimizer, Penalty};
use crate::read::read_one;
use crate::replicas::Crew;
use crate::rng::Streams;
use crate::session::{Blueprint, Slice};
use burn::tensor::Device;
use descent_spec::slices::is_sliced;
use descent_spec::{Head, Initializer, LayerSpec, ModelSpec, OptimizerSpec, Shape};

/// A net being trained on one work's batches.
pub(crate) struct LayersWork {
    net: Net,
    optimizer: Optimizer,
    crew: Crew,
    /// What each step computes, batch after batch.
    batches: Vec<Vec<Slice>>,
    batch: usize,
    /// What the loss is told by.
    loss_scale: f32,
    n_operations: f64,
    n_steps: usize,
}

/// What a work is; the models are those of the comparison, whatever the page's own presets are.
struct Definition {
    layers: &'static str,
    input: Shape,
    head: Head,
    batch: usize,
    optimizer: OptimizerSpec,
    learning_rate: f64,
    loss_scale: f32,
}

fn definition_of(work: &str) -> Result<Definition, String> {
    let digits = Definition {
        layers: "dense:128:relu",
        input: Shape::Image { channels: 1, height: 28, width: 28 },
        head: Head::Softmax { n_classes: 10 },
        batch: 64,
        optimizer: OptimizerSpec::ADAM,
        learning_rate: 0.001,
        loss_scale: 1.0,
    };
    Ok(match work {
        "mlp" => digits,
        "cnn" => Definition { layers: "conv:8:5:valid:relu,pool:2,conv:16:5:valid:relu,pool:2,dense:64:relu", ..digits },
        "cnn-cifar" => Definition {
            layers: "conv:32:3:same:relu,pool:2,conv:64:3:same:relu,pool:2,dense:128:relu",
            input: Shape::Image { channels: 3, height: 32, width: 32 },
            ..digits
        },
        // Half the squared error at a rate of 0.03 is the squared error at half that rate.
        "tiny" => Definition {
            layers: "dense:8:tanh,dense:8:tanh",
            input: Shape::Flat { units: 2 },
            head: Head::Linear,
            batch: 10,
            optimizer: OptimizerSpec::Sgd,
            learning_rate: 0.015,
            loss_scale: 0.5,
        },
        other => {
            return Err(format!("There is no work named {other:?} here; there are mlp, cnn, cnn-cifar, lstm-char and tiny."));
        }
    })
}

impl LayersWork {
    pub(super) async fn open(work: &str, n_workers: usize, device: &Device) -> Result<LayersWork, String> {
        let Definition { layers, input, head, batch, optimizer, learning_rate, loss_scale } = definition_of(work)?;
        let layers = layers.split(',').map(LayerSpec::from_link).collect::<Result<_, _>>()?;
        let model = ModelSpec { layers, initializer: Initializer::GlorotUniform };
        let traced = model.trace(input, head.n_outputs()).map_err(|err| err.to_string())?;
        let is_sliced = is_sliced(&traced, batch) && *device == Device::flex();
        let device = device.clone().autodiff();
        let net = Net::init(&traced, model.initializer, &Streams::new(0), &device);
        let net = net.replace(&traced, first_weights(&traced), &device).map_err(|err| err.to_string())?;

        let targets: Vec<f32> = match head {
            Head::Softmax { n_classes } => (0..batch).map(|idx| (idx % n_classes) as f32).collect(),
            _ => (0..batch).map(|idx| (idx % 2) as f32 * 2.0 - 1.0).collect(),
        };
        let cut = |inputs: Vec<f32>| {
            if is_sliced { Slice::cut(&inputs, &targets) } else { vec![Slice::whole(inputs, targets.clone())] }
        };
        // Nobody asks for the gradient of the input, so the first layer multiplies twice for each weight and the others three times.
        let multiplications: Vec<f64> = traced.iter().map(|layer| layer.n_multiplications() as f64).collect();
        let n_multiplications = 3.0 * multiplications.iter().sum::<f64>() - multiplications[0];
        let mut crew = Crew::open(if is_sliced { n_workers } else { 1 }, Blueprint { layers: traced, head }, &device);
        crew.ready().await;
        Ok(LayersWork {
            net,
            optimizer: Optimizer::new(optimizer, learning_rate, Penalty::default()),
            crew,
            batches: value_batches(input, batch).into_iter().map(cut).collect(),
            batch,
            loss_scale,
            n_operations: 2.0 * batch as f64 * n_multiplications,
            n_steps: 0,
        })
    }

    /// Uploads the next batch, takes one step and reads the loss.
    pub(super) async fn step(&mut self) -> Result<f32, String> {
        let slices = &self.batches[self.n_steps % self.batches.len()];
        self.n_steps += 1;
        let part = self.crew.differentiate(&self.net, slices).await.map_err(|err| err.to_string())?;
        let part = part.ok_or("A batch without examples has no step.")?;
        self.net = self.optimizer.step(self.net.clone(), part.grads);
        let loss = read_one(part.loss).await.map_err(|err| err.to_string())?;
        Ok(self.loss_scale * loss[0])
    }

    pub(super) fn batch(&self) -> usize {
        self.batch
    }

    pub(super) fn n_operations(&self) -> f64 {
        self.n_operations
    }
}
