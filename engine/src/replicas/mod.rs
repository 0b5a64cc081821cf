//! Replicas: the same net in several workers, each with a part of every batch (data parallelism).
//!
//! A [`Crew`] is whoever trains and its replicas. For each step a replica gets the weights and some slices of the batch, and
//! answers with their losses and gradients; it keeps nothing that could be lost. The sum is made in the order of the slices by
//! whoever trains, who also computes what nobody answered. So neither the number of workers nor their pace nor their death
//! changes a number.
//!
//! Reading order: [`Crew`], `trial` (how many workers pay), `browser` (a replica as a worker: no shared memory, so any static
//! host will do).

#[cfg(target_arch = "wasm32")]
mod browser;
mod crew;
mod trial;

#[cfg(target_arch = "wasm32")]
pub use browser::{REPLICA_NAME, allow, most_workers, serve};
pub use crew::{Crew, Start};
pub use trial::Trial;

use crate::session::Slice;
use std::task::{Context, Poll};

/// What a replica makes of one slice, as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The slice's loss times its share.
    pub loss: f32,
    /// The same of the metric.
    pub metric: f32,
    /// One row for each parameter, in the order of [`parameter_rows`](crate::model::Net::parameter_rows).
    pub gradients: Vec<Vec<f32>>,
}

/// Whether a replica can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Still being fetched or built.
    Starting,
    /// Waits for work.
    Ready,
    /// Stopped, silent or talking nonsense: to be dropped.
    Dead,
}

/// A replica as whoever trains sees it.
pub trait Replica {
    /// How it is.
    fn condition(&self) -> Condition;

    /// Sends the weights and the slices to differentiate. Does not wait.
    fn ask(&mut self, parameters: &[Vec<f32>], slices: &[Slice]);

    /// The answer, one for each slice in their order; none when there will be none.
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Vec<Answer>>>;

    /// Comes back once it is no longer starting.
    fn poll_start(&mut self, context: &mut Context<'_>) -> Poll<()>;
}
