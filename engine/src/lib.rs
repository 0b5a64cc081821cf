//! What an experiment **does**: Burn models built from a spec, sessions that step, probes that look inside, checkpoints.
//!
//! The same code runs natively (tests, benches) and in the browser's worker (the package `worker`). It knows no DOM: what it has
//! to say leaves as the messages of `descent_spec::message`.
//!
//! Invariants, and who keeps them:
//! - Tensors are read in one place, [`read`], and never synchronously: a synchronous read panics on WebGPU in the browser.
//! - Every random draw comes from [`rng::Streams`], so the seed alone decides a run; first weights are drawn on the host, so CPU
//!   and WebGPU start from the same numbers.
//! - No hyper-parameter is left to a library's default.

pub mod bench;
pub mod contest;
pub mod data;
pub mod device;
pub mod digit;
#[cfg(target_arch = "wasm32")]
mod envelope;
pub mod loss;
pub mod model;
pub mod optim;
pub mod read;
pub mod replicas;
pub mod rng;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod worker;

pub use descent_kernels as kernels;
