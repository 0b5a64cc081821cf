//! The optimizer race: optimizers from one start over one ground, each with its own rate. It has a worker of its own, so that the
//! lab's run stays as it is.
//!
//! Reading order: [`state`] (what is raced, what came of it, the worker), [`page`], then its parts: [`form`], [`pictures`],
//! [`results`].

pub mod form;
pub mod page;
pub mod pictures;
pub mod results;
pub mod run;
pub mod state;

pub use page::RacePage;
pub use state::RaceLab;
