//! What the app and the worker say to each other.
//!
//! One `postMessage` carries a [`ToWorker`] or a [`ToApp`] as a plain JavaScript value under the key `head`, and any number of
//! typed arrays under the key `bulk`, transferred, not copied. Each message says which arrays come with it.
//!
//! Order matters and is kept: the app may rely on every [`StepPoint`] up to a checkpoint having arrived before the checkpoint.

mod facts;
mod to_app;
mod to_worker;

pub use facts::{
    BenchResult, ClassLosses, DeviceInfo, EvalPoint, ExampleFacts, Fault, FaultKind, KernelFacts, Losses, Mistake, Phase,
    Progress, RunFacts, StepPoint,
};
pub use to_app::ToApp;
pub use to_worker::{Subject, ToWorker};

/// Tells the answers to one request from those to another.
pub type RequestId = u32;
/// Tells one opened experiment from the next: reports about an older one are dropped.
pub type RunId = u32;
