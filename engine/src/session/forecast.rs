//! Forecasts of a series: every window of a split through the net, and through methods without one, in the units of the series.
//!
//! Walk-forward: a window holds only values before the one it foretells, and the net, the scale and the linear baseline have seen
//! only the training period.

use super::Supervised;
use super::comparison::{compare, errors};
use crate::data::{LabData, Linear, Windows, last_value, moving_average};
use crate::model::Net;
use crate::read::{ReadError, read_one};
use descent_spec::Split;
use descent_spec::forecast::{ForecastErrors, Method};
use descent_spec::registry::Registry;

/// Windows per unit of work: small enough that the worker can listen between two of them.
const BATCH: usize = 128;

/// What needs no net, fitted once for a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Baselines {
    linear: Linear,
}

/// Forecasts under way. They are made with a snapshot of the net.
pub struct Forecasting {
    net: Net,
    split: Split,
    step: u64,
    /// Index of each window within its pool.
    windows: Vec<u32>,
    forecasts: Vec<f32>,
}

/// Forecasts of a whole split.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecasts {
    /// Which part.
    pub split: Split,
    /// Steps done when they were made.
    pub step: u64,
    /// How far off each method is; the model first.
    pub errors: Vec<ForecastErrors>,
    /// For each of `errors` one forecast for each window, in the order of time.
    pub values: Vec<Vec<f32>>,
}

impl Supervised {
    /// Whether the session is one on a series.
    pub fn is_series(&self) -> bool {
        self.experiment.data.set.kind() == descent_spec::Kind::Series
    }

    /// The baselines of a series that has come, fitted on its training windows; none for other data.
    pub fn baselines(&self, data: &LabData) -> Option<Baselines> {
        let windows = windows_of(Split::Train, data)?;
        Some(Baselines { linear: Linear::fit(windows, &self.partition.train) })
    }

    /// Starts forecasting a split of a series; none where there is no series, or it has not come.
    pub fn forecast(&self, split: Split, data: &LabData) -> Option<Forecasting> {
        windows_of(split, data)?;
        let indices = (0..self.n_examples(split, data)).filter_map(|index| self.pool_index(split, index)).map(|idx| idx as u32);
        Some(Forecasting {
            net: self.evaluation_net(),
            split,
            step: self.progress.step,
            windows: indices.collect(),
            forecasts: Vec::new(),
        })
    }
}

impl Forecasting {
    /// Works through the next windows; says whether there is more to do.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn advance(&mut self, session: &Supervised, data: &LabData) -> Result<bool, ReadError> {
        let Some(windows) = windows_of(self.split, data) else { return Ok(false) };
        let from = self.forecasts.len();
        let batch = &self.windows[from..(from + BATCH).min(self.windows.len())];
        if batch.is_empty() {
            return Ok(false);
        }
        let mut inputs = Vec::new();
        windows.fill_inputs(batch, &mut inputs);
        let x = session.batch_tensor(inputs, batch.len(), &session.device.clone().inner());
        let outputs = read_one(self.net.forward(x)).await?; // [batch]
        self.forecasts.extend(outputs.iter().map(|&output| windows.scale().measured(output)));
        Ok(self.forecasts.len() < self.windows.len())
    }

    /// The forecasts beside those of the baselines; none where the series has gone.
    pub fn finish(self, baselines: &Baselines, data: &LabData) -> Option<Forecasts> {
        let windows = windows_of(self.split, data)?;
        let given = || self.windows.iter().filter_map(|&idx| windows.given(idx as usize));
        let truth: Vec<f32> = self.windows.iter().filter_map(|&idx| windows.foretold(idx as usize)).collect();
        let last: Vec<f32> = given().map(last_value).collect();
        let forecasts = |method: Method| match method {
            Method::Model => self.forecasts.clone(),
            Method::LastValue => last.clone(),
            Method::MovingAverage => given().map(moving_average).collect(),
            Method::Linear => given().map(|window| baselines.linear.forecast(window)).collect(),
        };
        let judged = |method: Method, forecasts: &[f32]| {
            let (absolute, root_squared) = errors(forecasts, &truth);
            let against_last = (method != Method::LastValue).then(|| compare(forecasts, &last, &truth, windows.horizon()));
            ForecastErrors { method, absolute, root_squared, against_last }
        };
        let all = Method::table().iter().map(|entry| {
            let values = forecasts(entry.value);
            (judged(entry.value, &values), values)
        });
        let (errors, values) = all.unzip();
        Some(Forecasts { split: self.split, step: self.step, errors, values })
    }
}

/// The windows that a split lies among, once their values have come.
pub(super) fn windows_of(split: Split, data: &LabData) -> Option<&Windows> {
    let pool = match split {
        Split::Train | Split::Validation => &data.train_pool,
        Split::Test => &data.test,
    };
    pool.series().filter(|windows| windows.series().is_some())
}
