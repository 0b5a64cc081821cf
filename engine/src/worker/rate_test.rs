//! The learning-rate range test on the loop: one step at a time, before the run's own, so that the worker goes on listening.

use super::lab::Lab;
use super::show::refuse;
use crate::data::LabData;
use crate::session::{RateTesting, Stop};
use burn::tensor::Device;
use descent_spec::message::{RequestId, ToApp};

/// A test that was asked for.
pub(super) struct RateTestJob {
    request: RequestId,
    testing: RateTesting,
}

impl Lab {
    /// Begins what [`TestRates`](descent_spec::message::ToWorker::TestRates) asks for.
    pub(super) fn begin_rate_test(&mut self, request: RequestId, device: &Device, data: &LabData) {
        if self.rate_test.is_some() {
            return refuse(&self.outbox, Some(request), "A range test is under way already: wait for its result.");
        }
        match RateTesting::new(self.session.experiment(), device, data) {
            Ok(testing) => self.rate_test = Some(RateTestJob { request, testing }),
            Err(err) => refuse(&self.outbox, Some(request), err.to_string()),
        }
    }

    /// One step of the test, if there is one and its data are there; says whether anything was done.
    pub(super) async fn test_a_rate(&mut self, data: &LabData) -> Result<bool, Stop> {
        let Some(job) = &mut self.rate_test else { return Ok(false) };
        if !job.testing.is_ready(data) {
            return Ok(false);
        }
        let has_more = job.testing.advance(data).await?;
        self.stop_clock();
        if !has_more && let Some(RateTestJob { request, testing }) = self.rate_test.take() {
            self.outbox.send(ToApp::RatesTested { request, result: testing.finish() });
        }
        Ok(true)
    }

    /// Gives a test up, and says why to whoever waits for it.
    pub(super) fn end_rate_test(&mut self, why: &str) {
        if let Some(job) = self.rate_test.take() {
            refuse(&self.outbox, Some(job.request), why);
        }
    }
}
