//! What came of a race so far, as plain values.

use crate::canvas::contest::{GROUND_SIDE, Ground, levels};
use crate::canvas::series::Point;
use crate::format::{count, sig3};
use descent_spec::contest::{Arena, Contest, Racer, Surface};
use descent_spec::message::{RacerReport, RacerResult, SliceFacts};
use descent_spec::training::OPTIMIZERS;

/// A race as far as it has come.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// What is raced; the form may have moved on.
    pub setup: Contest,
    /// In the order of the setup.
    pub runners: Vec<Runner>,
    /// Steps done by those who are still racing.
    pub step: u32,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// The plane on which a net's paths are shown.
    pub slice: Option<SliceFacts>,
}

/// One racer.
#[derive(Debug, Clone, PartialEq)]
pub struct Runner {
    /// Its row in the table of optimizers.
    pub row: usize,
    /// Rule and rate.
    pub racer: Racer,
    /// Step and the loss before it.
    pub losses: Vec<Point>,
    /// On a surface where it stood; on a net its path on the slice.
    pub path: Vec<Point>,
    /// Why it went no further.
    pub divergence: Option<String>,
    /// How it ended.
    pub result: Option<RacerResult>,
}

impl Run {
    /// Everybody at the start.
    pub fn new(setup: Contest) -> Run {
        let runner = |&racer: &Racer| Runner {
            row: row_of(&racer),
            racer,
            losses: Vec::new(),
            path: Vec::new(),
            divergence: None,
            result: None,
        };
        Run { runners: setup.racers.iter().map(runner).collect(), setup, ..Run::default() }
    }

    /// Takes new steps in.
    pub fn take_steps(&mut self, step: u32, reports: Vec<RacerReport>) {
        self.step = step;
        for (runner, report) in self.runners.iter_mut().zip(reports) {
            let first = runner.losses.len();
            let losses = report.losses.iter().enumerate();
            runner.losses.extend(losses.map(|(idx, &loss)| ((first + idx) as f64, f64::from(loss))));
            runner.path.extend(report.places.iter().map(|&[x, y]| (f64::from(x), f64::from(y))));
            runner.divergence = report.divergence.or(runner.divergence.take());
        }
    }

    /// Takes the ends in.
    pub fn take_results(&mut self, stopped: bool, results: Vec<RacerResult>) {
        self.stopped = stopped;
        for (runner, result) in self.runners.iter_mut().zip(results) {
            runner.path.extend(result.place.map(|[x, y]| (f64::from(x), f64::from(y))));
            runner.result = Some(result);
        }
    }

    /// Takes a net's paths in: for each racer its places as pairs.
    pub fn take_slice(&mut self, slice: SliceFacts, paths: &[Vec<f32>]) {
        for (runner, path) in self.runners.iter_mut().zip(paths) {
            runner.path = path.chunks_exact(2).map(|pair| (f64::from(pair[0]), f64::from(pair[1]))).collect();
        }
        self.slice = Some(slice);
    }

    /// Those who ended with a number, the lowest loss first.
    pub fn ranking(&self) -> Vec<(&Runner, f64)> {
        let mut ranked: Vec<_> = self.runners.iter().filter_map(|runner| Some((runner, runner.result.as_ref()?.loss?))).collect();
        ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
        ranked
    }

    /// Who won and who diverged, in a sentence or two; nothing before the end.
    pub fn outcome(&self) -> String {
        if self.runners.is_empty() || self.runners.iter().any(|runner| runner.result.is_none()) {
            return String::new();
        }
        let what = if matches!(self.setup.arena, Arena::Net { .. }) { "training loss" } else { "height" };
        let ended = if self.stopped { "Stopped" } else { "Finished" };
        let steps = count(u64::from(self.step));
        let mut text = match self.ranking().first() {
            Some((winner, loss)) => format!("{ended} after {steps} steps: {} is lowest, {what} {}.", winner.name(), sig3(*loss)),
            None => format!("{ended} after {steps} steps: nobody arrived."),
        };
        for runner in &self.runners {
            if let Some(result) = runner.result.as_ref().filter(|result| result.diverged) {
                text.push_str(&format!(" {} diverged at step {}.", runner.name(), count(u64::from(result.steps) + 1)));
            }
        }
        text
    }
}

impl Runner {
    /// Whether its path on a net's slice is still to come: it has moved and is somewhere.
    pub fn path_is_due(&self) -> bool {
        self.result.as_ref().is_some_and(|result| !result.diverged && result.steps > 0)
    }

    /// Its name on the page.
    pub fn name(&self) -> &'static str {
        self.racer.optimizer.entry().label
    }
}

/// Row of a racer in the table of optimizers.
pub fn row_of(racer: &Racer) -> usize {
    OPTIMIZERS.iter().position(|entry| entry.id == racer.optimizer.entry().id).unwrap_or(0)
}

/// The picture of a surface.
pub fn ground_of(surface: Surface) -> Ground {
    let facts = surface.facts();
    let [left, right, low, high] = facts.view;
    let last = (GROUND_SIDE - 1) as f64;
    let height = |row: usize, column: usize| {
        let (x, y) = (left + (right - left) * column as f64 / last, high - (high - low) * row as f64 / last);
        surface.value(x, y) as f32
    };
    let heights: Vec<f32> = (0..GROUND_SIDE).flat_map(|row| (0..GROUND_SIDE).map(move |column| height(row, column))).collect();
    Ground { view: facts.view, levels: levels(&heights, GROUND_SIDE), minima: facts.minima.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(loss: Option<f64>, steps: u32) -> RacerResult {
        RacerResult { steps, loss, diverged: loss.is_none(), place: loss.map(|_| [0.5, 0.25]), distance: loss }
    }

    #[test]
    fn reports_become_curves_paths_and_an_outcome() {
        let mut setup = Contest::default();
        setup.racers.truncate(2);
        let mut run = Run::new(setup);
        assert_eq!(run.outcome(), "");
        let report =
            |losses: &[f32]| RacerReport { losses: losses.to_vec(), places: vec![[1.0, 2.0]; losses.len()], divergence: None };
        run.take_steps(2, vec![report(&[3.0, 2.0]), report(&[3.0])]);
        run.take_steps(3, vec![report(&[1.0]), RacerReport { divergence: Some("Too far.".into()), ..report(&[]) }]);
        run.take_results(false, vec![result(Some(0.5), 3), result(None, 1)]);
        assert_eq!(run.runners[0].losses, [(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)]);
        assert_eq!((run.runners[0].path.len(), run.runners[1].path.len()), (4, 1));
        assert_eq!(run.runners[1].divergence.as_deref(), Some("Too far."));
        assert_eq!(run.outcome(), "Finished after 3 steps: SGD is lowest, height 0.500. Momentum diverged at step 2.");
        assert_eq!(run.ranking().len(), 1);
    }

    #[test]
    fn the_ground_has_its_lowest_place_at_the_minimum() {
        let ground = ground_of(Surface::Bowl);
        let middle = GROUND_SIDE / 2;
        assert_eq!(ground.levels[middle * GROUND_SIDE + middle], 0.0);
        assert_eq!(ground.levels[0], 1.0);
    }
}
