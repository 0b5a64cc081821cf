//! A step of a net: one supervised session for each racer, all from the same experiment but for optimizer and rate.
//!
//! First weights, order of the batches and dropout's masks come from the seed alone, so they are the same for all.

use super::Stepped;
use super::slice::Slicing;
use crate::data::LabData;
use crate::read::ReadError;
use crate::session::{Landscape, LandscapeError, Stop, Supervised};
use burn::tensor::Device;
use descent_spec::Experiment;
use descent_spec::contest::{PATH_PLACES, Racer};

/// All racers with their nets.
pub(super) struct Nets {
    data: LabData,
    racers: Vec<Runner>,
    landscape: Landscape,
    start: Vec<f32>,
    /// A place is kept each time this many steps are done.
    stride: u32,
}

struct Runner {
    label: &'static str,
    session: Supervised,
    n_steps: u32,
    /// Where it was after each stride, without the start.
    path: Vec<Vec<f32>>,
}

impl Nets {
    pub(super) async fn open(experiment: &Experiment, racers: &[Racer], steps: u32, device: &Device) -> Result<Nets, String> {
        let data = LabData::points(&experiment.data, experiment.seed);
        let open = |racer: &Racer| {
            let mut own = experiment.clone();
            own.training.optimizer = racer.optimizer;
            own.training.learning_rate = racer.learning_rate;
            let session = Supervised::open(&own, device, &data).map_err(|err| err.to_string())?;
            Ok(Runner { label: racer.optimizer.entry().label, session, n_steps: 0, path: Vec::new() })
        };
        let racers = racers.iter().map(open).collect::<Result<Vec<Runner>, String>>()?;
        let first = &racers.first().ok_or("Nobody races.")?.session;
        let start = first.position().await.map_err(|err| err.to_string())?;
        let landscape = first.landscape(&data);
        Ok(Nets { data, landscape, start, stride: steps.div_ceil(PATH_PLACES).max(1), racers })
    }

    pub(super) async fn step(&mut self, idx: usize) -> Result<Stepped, ReadError> {
        let runner = &mut self.racers[idx];
        runner.session.step(&self.data);
        match runner.session.poll(&self.data).await {
            Ok(()) => {}
            Err(Stop::Device(err)) => return Err(err),
            Err(Stop::Diverged(divergence)) => return Ok(Stepped::Diverged(format!("{}: {}", runner.label, divergence.message))),
        }
        runner.n_steps += 1;
        if runner.n_steps.is_multiple_of(self.stride) {
            runner.path.push(runner.session.position().await?);
        }
        Ok(Stepped::On(runner.session.take_points().last().map_or(f32::NAN, |point| point.loss)))
    }

    /// Over all training points, with the weights as they are now.
    pub(super) async fn loss(&self, idx: usize) -> Result<f64, LandscapeError> {
        let position = self.racers[idx].session.position().await?;
        self.landscape.loss_at(&position).await
    }

    /// Who diverged has no place on the slice: it would shrink everybody else's path to a dot.
    pub(super) async fn into_slicing(self, diverged: &[bool]) -> Result<Option<Slicing>, ReadError> {
        let Nets { racers, landscape, start, stride, .. } = self;
        let mut paths = Vec::new();
        for (runner, &diverged) in racers.into_iter().zip(diverged) {
            let Runner { session, n_steps, mut path, .. } = runner;
            if !n_steps.is_multiple_of(stride) && !diverged {
                path.push(session.position().await?);
            }
            paths.push((!diverged).then_some(path));
        }
        Ok(Slicing::new(landscape, start, &paths))
    }
}
