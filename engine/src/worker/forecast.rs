//! Forecasts on the loop: some windows at a time, before the next training step, as long as the page watches the series.

use super::clock::now_ms;
use super::lab::Lab;
use super::show::{Watched, refuse};
use super::store::{examples, part_of};
use super::wire::Bulk;
use crate::data::LabData;
use crate::session::{Baselines, Forecasting, InsideError, Stop};
use descent_spec::Split;
use descent_spec::message::{RequestId, ToApp};
use std::collections::VecDeque;

/// Between two forecasts while training.
const FORECAST_EVERY_MS: f64 = 250.0;
/// The same as a multiple of what the last one took: four fifths of the time stay for training.
const FORECAST_PAUSE: f64 = 4.0;

/// What the loop must remember of the forecasts of a session.
#[derive(Default)]
pub(super) struct Forecasts {
    baselines: Option<Baselines>,
    /// Splits that are still to be forecast with the net as it is.
    waiting: VecDeque<Split>,
    underway: Option<Forecasting>,
    /// The net has changed since the last ones.
    pub(super) are_stale: bool,
    /// The test part was evaluated, and its forecasts have not been made.
    pub(super) owe_test: bool,
    is_series_told: bool,
    made_at_ms: f64,
    /// What the last ones took, and what those under way have taken so far.
    took_ms: f64,
    spent_ms: f64,
}

impl Forecasts {
    pub(super) fn new() -> Forecasts {
        Forecasts { are_stale: true, made_at_ms: f64::NEG_INFINITY, ..Forecasts::default() }
    }

    /// The page looks anew: the series is told again, and its forecasts are made at once.
    pub(super) fn look_again(&mut self) {
        self.are_stale = true;
        self.is_series_told = false;
        self.made_at_ms = f64::NEG_INFINITY;
    }
}

impl Lab {
    /// Forecasts some windows, if they are wanted; says whether anything was done.
    pub(super) async fn forecast_a_batch(&mut self, watched: Option<&Watched>, data: &LabData) -> Result<bool, Stop> {
        if !self.session.is_series() || !watched.is_some_and(Watched::is_series) {
            return Ok(false);
        }
        let started_at_ms = now_ms();
        if self.forecasts.underway.is_none() && !self.begin_forecast(data) {
            return Ok(false);
        }
        self.stop_clock();
        let Some(underway) = &mut self.forecasts.underway else { return Ok(false) };
        let has_more = underway.advance(&self.session, data).await?;
        if !has_more && let Some(done) = self.forecasts.underway.take() {
            self.tell_forecasts(done, data);
        }
        self.forecasts.spent_ms += now_ms() - started_at_ms;
        if self.forecasts.underway.is_none() && self.forecasts.waiting.is_empty() {
            (self.forecasts.took_ms, self.forecasts.spent_ms) = (self.forecasts.spent_ms, 0.0);
            self.forecasts.made_at_ms = now_ms();
        }
        Ok(true)
    }

    /// Begins with the next split, where one is due; all splits of one round have the same net, for no step comes between them.
    fn begin_forecast(&mut self, data: &LabData) -> bool {
        let pause_ms = FORECAST_EVERY_MS.max(FORECAST_PAUSE * self.forecasts.took_ms);
        let is_due = !self.is_training() || now_ms() - self.forecasts.made_at_ms >= pause_ms;
        if self.forecasts.waiting.is_empty() && self.forecasts.are_stale && is_due {
            self.forecasts.waiting.extend([Split::Validation, Split::Train]);
            self.forecasts.are_stale = false;
        }
        // What the test part says is told once for each time it was asked for, and never by itself.
        if std::mem::take(&mut self.forecasts.owe_test) {
            self.forecasts.waiting.push_front(Split::Test);
        }
        let Some(&split) = self.forecasts.waiting.front() else { return false };
        let Some(underway) = self.session.forecast(split, data) else {
            // The series has not come: when it has, all of this is done anew.
            self.forecasts.waiting.clear();
            self.forecasts.are_stale = true;
            return false;
        };
        self.send_series(data);
        self.forecasts.waiting.pop_front();
        self.forecasts.underway = Some(underway);
        true
    }

    fn tell_forecasts(&mut self, done: Forecasting, data: &LabData) {
        if self.forecasts.baselines.is_none() {
            self.forecasts.baselines = self.session.baselines(data);
        }
        let Some(made) = self.forecasts.baselines.as_ref().and_then(|baselines| done.finish(baselines, data)) else { return };
        let head = ToApp::Forecast { run: self.run, step: made.step, split: made.split, errors: made.errors };
        self.outbox.send_with(head, made.values.into_iter().map(Bulk::Floats).collect());
    }

    /// Sends the values of the series and how its time is cut, once.
    fn send_series(&mut self, data: &LabData) {
        let Some(series) = data.train_pool.series().and_then(|windows| windows.series()) else { return };
        let Some(periods) = self.session.experiment().data.periods() else { return };
        if std::mem::replace(&mut self.forecasts.is_series_told, true) {
            return;
        }
        let periods = [periods.train, periods.validation, periods.test].map(|part| (part.start as u32, part.end as u32));
        let head = ToApp::Series { run: self.run, dates: series.dates.clone(), periods };
        self.outbox.send_with(head, vec![Bulk::Floats(series.values.clone())]);
    }

    /// Sends what goes on within a recurrent layer on one window.
    pub(super) async fn look_inside(&self, request: RequestId, (split, index): (Split, u32), data: &LabData) -> Result<(), Stop> {
        let windows = examples(data, part_of(split)).series();
        let idx = self.session.pool_index(split, index as usize);
        let Some((windows, idx)) = windows.zip(idx).filter(|(windows, idx)| windows.is_loaded(*idx)) else {
            refuse(&self.outbox, Some(request), "There is no such window of a series, or it has not come yet.");
            return Ok(());
        };
        match self.session.inside(windows, idx).await {
            Ok((facts, arrays)) => {
                let head = ToApp::Inside { request, facts };
                self.outbox.send_with(head, arrays.into_iter().map(Bulk::Floats).collect());
            }
            Err(InsideError::Device(err)) => return Err(err.into()),
            Err(why) => refuse(&self.outbox, Some(request), why.to_string()),
        }
        Ok(())
    }
}
