//! Optimizers racing from the same start: on a surface with a formula, or as copies of one net that see the same batches.
//!
//! One unit of work is one step of one racer, so that whoever drives a race can listen between any two. Reading order: here,
//! then [`point`] and [`net`] (a step of each kind), then [`slice`] (the plane the paths are shown on).

mod net;
mod point;
mod slice;

pub use slice::{Slice, Slicing, directions};

use crate::read::ReadError;
use crate::session::LandscapeError;
use burn::tensor::Device;
use descent_spec::contest::{Arena, Contest};
use descent_spec::message::{RacerReport, RacerResult};
use net::Nets;
use point::Points;

/// A race under way.
pub struct Race {
    field: Field,
    tallies: Vec<Tally>,
    steps: u32,
    /// Whose turn it is.
    turn: usize,
}

enum Field {
    Points(Points),
    Nets(Box<Nets>),
}

/// What is noted of a racer.
#[derive(Debug, Clone, Default)]
struct Tally {
    steps: u32,
    /// What was not told yet.
    report: RacerReport,
    diverged: bool,
}

/// What came of one step.
enum Stepped {
    /// It has moved on; the loss is that before the step.
    On(f32),
    /// It left the numbers.
    Diverged(String),
}

impl Race {
    /// Puts all racers at the start.
    ///
    /// # Errors
    /// A sentence: what of the setup cannot be raced.
    pub async fn open(setup: &Contest, device: &Device) -> Result<Race, String> {
        setup.check()?;
        let field = match &setup.arena {
            Arena::Surface { surface, start } => Field::Points(Points::new(*surface, *start, &setup.racers, device)),
            Arena::Net { experiment } => Field::Nets(Box::new(Nets::open(experiment, &setup.racers, setup.steps, device).await?)),
        };
        Ok(Race { field, tallies: vec![Tally::default(); setup.racers.len()], steps: setup.steps, turn: 0 })
    }

    /// Steps taken by those who are still racing.
    pub fn step(&self) -> u32 {
        self.tallies.iter().map(|tally| tally.steps).max().unwrap_or(0)
    }

    /// One step of the racer whose turn it is; says whether anybody has a step to take after it. A racer that diverges takes no
    /// more, and the others go on.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn advance(&mut self) -> Result<bool, ReadError> {
        let is_racing = |tally: &Tally| !tally.diverged && tally.steps < self.steps;
        let n = self.tallies.len();
        let Some(idx) = (0..n).map(|by| (self.turn + by) % n).find(|&idx| is_racing(&self.tallies[idx])) else {
            return Ok(false);
        };
        self.turn = (idx + 1) % n;
        let place = self.field.place(idx);
        let stepped = match &mut self.field {
            Field::Points(points) => points.step(idx).await?,
            Field::Nets(nets) => nets.step(idx).await?,
        };
        let tally = &mut self.tallies[idx];
        match stepped {
            Stepped::On(loss) => {
                tally.steps += 1;
                tally.report.losses.push(loss);
                tally.report.places.extend(place);
            }
            Stepped::Diverged(why) => {
                tally.diverged = true;
                tally.report.divergence = Some(why);
            }
        }
        let steps = self.steps;
        Ok(self.tallies.iter().any(|tally| !tally.diverged && tally.steps < steps))
    }

    /// What each racer did since this was asked last.
    pub fn report(&mut self) -> Vec<RacerReport> {
        self.tallies.iter_mut().map(|tally| std::mem::take(&mut tally.report)).collect()
    }

    /// Where everybody stands now.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn results(&mut self) -> Result<Vec<RacerResult>, LandscapeError> {
        let mut results = Vec::new();
        for (idx, tally) in self.tallies.iter_mut().enumerate() {
            let place = self.field.place(idx);
            let (loss, distance) = match &self.field {
                Field::Points(points) => (points.value(idx), points.distance(idx)),
                Field::Nets(nets) => (nets.loss(idx).await?, None),
            };
            // Its last step may have taken it out of the numbers, which no further step has told.
            tally.diverged |= !loss.is_finite();
            results.push(RacerResult {
                steps: tally.steps,
                loss: (!tally.diverged).then_some(loss),
                diverged: tally.diverged,
                place: place.filter(|_| !tally.diverged),
                distance: distance.filter(|_| !tally.diverged),
            });
        }
        Ok(results)
    }

    /// Goes over to measuring the slice that shows the paths best; none on a surface, and none where nobody moved.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn into_slicing(self) -> Result<Option<Slicing>, ReadError> {
        match self.field {
            Field::Points(_) => Ok(None),
            Field::Nets(nets) => {
                let diverged: Vec<bool> = self.tallies.iter().map(|tally| tally.diverged).collect();
                nets.into_slicing(&diverged).await
            }
        }
    }
}

impl Field {
    fn place(&self, idx: usize) -> Option<[f32; 2]> {
        match self {
            Field::Points(points) => Some(points.place(idx)),
            Field::Nets(_) => None,
        }
    }
}
