//! A step on a surface: the exact slope at a point, and the engine's own rule for what to do with it.

use super::Stepped;
use crate::optim::apply;
use crate::read::{ReadError, read_one};
use burn::tensor::{Device, Tensor};
use descent_spec::contest::{Racer, Surface};

/// All racers on a surface.
pub(super) struct Points {
    surface: Surface,
    device: Device,
    racers: Vec<Walker>,
}

struct Walker {
    racer: Racer,
    n_steps: u64,
    /// `(x, y)`; the same numbers as in `weight`.
    place: [f32; 2],
    weight: Tensor<1>, // [2]
    slots: Vec<Tensor<1>>,
}

impl Points {
    pub(super) fn new(surface: Surface, (x, y): (f64, f64), racers: &[Racer], device: &Device) -> Points {
        let place = [x as f32, y as f32];
        let walker =
            |&racer: &Racer| Walker { racer, n_steps: 0, place, weight: Tensor::from_floats(place, device), slots: Vec::new() };
        Points { surface, device: device.clone(), racers: racers.iter().map(walker).collect() }
    }

    pub(super) fn place(&self, idx: usize) -> [f32; 2] {
        self.racers[idx].place
    }

    pub(super) fn value(&self, idx: usize) -> f64 {
        let [x, y] = self.place(idx).map(f64::from);
        self.surface.value(x, y)
    }

    pub(super) fn distance(&self, idx: usize) -> Option<f64> {
        let [x, y] = self.place(idx).map(f64::from);
        Some(self.surface.distance_to_minimum(x, y))
    }

    /// The slope is computed in double precision, the rule in single, as in a net.
    pub(super) async fn step(&mut self, idx: usize) -> Result<Stepped, ReadError> {
        let loss = self.value(idx) as f32;
        let walker = &mut self.racers[idx];
        let [x, y] = walker.place.map(f64::from);
        let (dx, dy) = self.surface.gradient(x, y);
        let grad = [dx as f32, dy as f32];
        if !loss.is_finite() || grad.iter().any(|slope| !slope.is_finite()) {
            let Racer { optimizer, learning_rate } = walker.racer;
            let step = walker.n_steps + 1;
            return Ok(Stepped::Diverged(format!(
                "{} diverged: at step {step} it was so far up that its height is no number any more. The rate {learning_rate} is \
                 too large for the steepest part of its way.",
                optimizer.entry().label
            )));
        }
        walker.n_steps += 1;
        let grad = Tensor::from_floats(grad, &self.device);
        let Racer { optimizer, learning_rate } = &walker.racer;
        walker.weight = apply(optimizer, *learning_rate, walker.n_steps, walker.weight.clone(), grad, &mut walker.slots);
        let values = read_one(walker.weight.clone()).await?;
        if let [x, y] = values[..] {
            walker.place = [x, y];
        }
        Ok(Stepped::On(loss))
    }
}
