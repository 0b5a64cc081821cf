//! A race of optimizers on the loop: some milliseconds of it at a time, beside whatever session is open.

use super::clock::now_ms;
use super::run::{SLICE_MS, Worker};
use super::wire::{Bulk, Outbox};
use crate::contest::{Race, Slicing};
use crate::session::{LandscapeError, Stop};
use burn::tensor::Device;
use descent_spec::contest::Contest;
use descent_spec::message::{ContestId, ToApp};

/// Between two reports.
const REPORT_EVERY_MS: f64 = 100.0;
/// Steps after which a report is due at the latest, so that no message grows without bound.
const REPORT_EVERY_STEPS: u32 = 500;

/// A race with what the loop must remember about it.
pub(super) struct Bout {
    contest: ContestId,
    outbox: Outbox,
    stage: Stage,
    reported_at_ms: f64,
    reported_at_step: u32,
}

enum Stage {
    Racing(Box<Race>),
    Slicing(Box<Slicing>),
    Over,
}

impl Bout {
    /// Always on the CPU: nets this small and points of a surface are over before a graphics device has heard of them.
    pub(super) async fn open(contest: ContestId, setup: &Contest, outbox: Outbox) -> Result<Bout, String> {
        let race = Race::open(setup, &Device::flex()).await?;
        let stage = Stage::Racing(Box::new(race));
        Ok(Bout { contest, outbox, stage, reported_at_ms: now_ms(), reported_at_step: 0 })
    }

    /// One unit of work; says whether there is more.
    async fn advance(&mut self) -> Result<bool, Stop> {
        match &mut self.stage {
            Stage::Racing(race) => {
                if !race.advance().await? {
                    self.finish_race(false).await?;
                } else if now_ms() - self.reported_at_ms >= REPORT_EVERY_MS
                    || race.step() - self.reported_at_step >= REPORT_EVERY_STEPS
                {
                    self.report();
                }
            }
            Stage::Slicing(slicing) => {
                if !slicing.advance().await.map_err(device_of)? {
                    self.tell_slice();
                }
            }
            Stage::Over => return Ok(false),
        }
        Ok(true)
    }

    fn report(&mut self) {
        let Stage::Racing(race) = &mut self.stage else { return };
        self.reported_at_ms = now_ms();
        self.reported_at_step = race.step();
        self.outbox.send(ToApp::ContestSteps { contest: self.contest, step: race.step(), racers: race.report() });
    }

    /// Ends the race where it is and goes over to its slice.
    async fn finish_race(&mut self, stopped: bool) -> Result<(), Stop> {
        self.report();
        let Stage::Racing(mut race) = std::mem::replace(&mut self.stage, Stage::Over) else { return Ok(()) };
        let racers = race.results().await.map_err(device_of)?;
        self.outbox.send(ToApp::ContestDone { contest: self.contest, stopped, racers });
        if let Some(slicing) = race.into_slicing().await? {
            self.stage = Stage::Slicing(Box::new(slicing));
        }
        Ok(())
    }

    fn tell_slice(&mut self) {
        let Stage::Slicing(slicing) = std::mem::replace(&mut self.stage, Stage::Over) else { return };
        let slice = slicing.finish();
        let arrays = std::iter::once(slice.grid).chain(slice.paths).map(Bulk::Floats).collect();
        self.outbox.send_with(ToApp::ContestSlice { contest: self.contest, slice: slice.facts }, arrays);
    }
}

/// A place on the slice has as many coordinates as the net has weights, so that only the device is left to fail.
fn device_of(err: LandscapeError) -> Stop {
    match err {
        LandscapeError::Device(err) => Stop::Device(err),
        LandscapeError::Place(err) => Stop::Device(crate::read::ReadError(err.to_string())),
    }
}

impl Worker {
    /// A slice of time for the race, if there is one; says whether there was.
    pub(super) async fn race_on(&mut self) -> Result<bool, Stop> {
        let Some(bout) = &mut self.bout else { return Ok(false) };
        let started_at_ms = now_ms();
        while now_ms() - started_at_ms < SLICE_MS {
            if !bout.advance().await? {
                self.bout = None;
                break;
            }
        }
        Ok(true)
    }

    /// Ends the race where it is; a slice that is being measured is left unfinished.
    pub(super) async fn stop_contest(&mut self) -> Result<(), Stop> {
        match &mut self.bout {
            Some(bout) if matches!(bout.stage, Stage::Racing(_)) => bout.finish_race(true).await,
            _ => {
                self.bout = None;
                Ok(())
            }
        }
    }
}
