//! What the app and the worker say to each other.
//!
//! One `postMessage` carries a [`ToWorker`] or a [`ToApp`] as a `Uint8Array` under the key `head` ([`to_bytes`]), and any number of
//! typed arrays under the key `bulk`. All are transferred, not copied. Each message says which arrays come with it.
//!
//! Order matters and is kept: the app may rely on every [`StepPoint`] up to a checkpoint having arrived before the checkpoint.

mod bytes;
mod contest;
mod facts;
mod inside;
mod pairs;
mod rate_test;
mod reviews;
mod text;
mod to_app;
mod to_worker;
mod update;

pub use bytes::{from_bytes, to_bytes};
pub use contest::{ContestId, RacerReport, RacerResult, SliceFacts};
pub use facts::{
    BenchResult, ClassLosses, DeviceInfo, EvalPoint, ExampleFacts, Fault, FaultKind, KernelFacts, Losses, Mistake, Phase,
    Progress, RunFacts, StepPoint, StepTime, Workers,
};
pub use inside::{GradientRoad, InsideFacts};
pub use pairs::{Answer, Bleu, MAX_HELD_OUT, SCORED_PAIRS, TranslatedPair};
pub use rate_test::{LOWEST_TESTED_RATE, MAX_TEST_STEPS, RatePoint, RateTest, RateTestEnd, tested_rate};
pub use reviews::{BagOfWords, WordCount};
pub use text::{MAX_READ, N_LIKELY, Piece, SampleOf, SampleSpec};
pub use to_app::ToApp;
pub use to_worker::{Subject, ToWorker};
pub use update::{CameTrue, Memory, WeightUpdate, Working};

/// Tells the answers to one request from those to another.
pub type RequestId = u32;

/// The id of requests that nobody waits for: a [`ToApp::Pong`] with it says that the worker lives.
pub const HEARTBEAT: RequestId = 0;
/// Tells one opened experiment from the next: reports about an older one are dropped.
pub type RunId = u32;
/// How far [`ToWorker::Follow`] nudges a weight to each side. In 32 bits a loss near 1 is known to some 1e-7, so that the difference
/// quotient is off by 1e-5 from rounding and by about as much (h²/6 times the third derivative) from the curve's bend; a smaller
/// step rounds worse.
pub const NUDGE: f32 = 0.01;
