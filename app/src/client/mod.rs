//! The worker's other end: one [`Connection`] is one worker, the [`Supervisor`] keeps one alive and brings a broken one back.
//!
//! Reading order: [`wire`] (a message as JavaScript sees it), [`connection`] (requests, heartbeat), [`device`] (which worker),
//! [`supervisor`] (open), [`recovery`], [`reports`] (what the worker says, into signals). [`tsne`] is the other end of another worker.

mod connection;
mod device;
mod recovery;
mod reports;
mod supervisor;
mod tsne;
mod wire;

pub(crate) use connection::{Connection, Heard, base_address, now_ms};
pub(crate) use supervisor::Supervisor;
pub(crate) use tsne::Tsne;
pub(crate) use wire::{Answer, Payload};
