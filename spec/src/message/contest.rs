//! What the worker tells of a contest of optimizers.

#[cfg(doc)]
use super::{ToApp, ToWorker};
#[cfg(doc)]
use crate::contest::Arena;
use serde::{Deserialize, Serialize};

/// Tells one contest from the next: reports about an older one are dropped.
pub type ContestId = u32;

/// What one racer did since the last report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RacerReport {
    /// The loss before each of its steps: of the batch on a net, the surface's value on a surface.
    pub losses: Vec<f32>,
    /// Where it stood before each of those steps, on a surface only.
    pub places: Vec<[f32; 2]>,
    /// Why it goes no further, if it diverged.
    pub divergence: Option<String>,
}

/// How one racer ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RacerResult {
    /// Steps it took.
    pub steps: u32,
    /// The loss where it ended: over all training points on a net, without penalties; the value on a surface. None where it is no
    /// number.
    pub loss: Option<f64>,
    /// Whether it diverged.
    pub diverged: bool,
    /// On a surface: where it ended.
    pub place: Option<[f32; 2]>,
    /// On a surface: how far from the nearest minimum it ended.
    pub distance: Option<f64>,
}

/// A slice through a net's loss: a plane in the space of its weights with its origin where all racers start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceFacts {
    /// Points along each side of the grid.
    pub side: u32,
    /// What the grid spans along the first direction and along the second, from the start, in the units of the weights.
    pub view: [f64; 4],
    /// How much of all racers' squared distances from the start lies in the plane, in `[0, 1]`.
    pub share: f64,
    /// The same for each racer; none for one that diverged or never moved.
    pub shares: Vec<Option<f64>>,
}
