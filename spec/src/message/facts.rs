//! What messages are made of: facts, places and figures.

#[cfg(doc)]
use super::{ToApp, ToWorker};
use crate::device::Backend;
use crate::experiment::Experiment;
use crate::manifest::Source;
use crate::model::TracedLayer;
use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// What a session runs on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// CPU or WebGPU.
    pub backend: Backend,
    /// The adapter's name on WebGPU, "Wasm SIMD, one thread" on the CPU.
    pub adapter: String,
}

/// How many workers share each step of a session on the CPU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workers {
    /// Those at work, the session's own included.
    pub count: u32,
    /// Median time of a step with each number of workers that was tried, in the order they were tried; empty until the numbers
    /// were compared.
    pub compared: Vec<StepTime>,
    /// Whether those that helped ended so often that no more are started.
    pub are_lost: bool,
}

/// What a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepTime {
    /// How many workers share it.
    pub workers: u32,
    /// How long it takes.
    pub ms: f64,
}

/// Facts of an opened session that do not change while it lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// The experiment it was built from.
    pub experiment: Experiment,
    /// Every layer in place; the last is the one below the head.
    pub layers: Vec<TracedLayer>,
    /// Sizes of train, validation and test.
    pub n_train: usize,
    /// See above.
    pub n_validation: usize,
    /// See above.
    pub n_test: usize,
    /// Real data, or generated in their place.
    pub source: Source,
    /// Terms of use.
    pub licence: String,
    /// Whom to cite.
    pub citation: String,
    /// Optimizer steps in an epoch.
    pub steps_per_epoch: u64,
    /// What each token stands for, in the order of their numbers; none where there are no tokens.
    #[serde(default)]
    pub vocabulary: Vec<String>,
    /// Of pairs, the same of what is answered; then `vocabulary` is that of the source.
    #[serde(default)]
    pub target_vocabulary: Vec<String>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Optimizer steps done.
    pub step: u64,
    /// Whole epochs done.
    pub epoch: u32,
    /// Steps done within the current epoch.
    pub batch: u64,
    /// Steps whose batch held a mistake: with the perceptron loss those that corrected something. At most `step`.
    #[serde(default)]
    pub corrections: u64,
    /// Time spent training, in milliseconds, over all stretches of play.
    pub elapsed_ms: f64,
}

/// What a session is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Built, at step 0.
    Ready,
    /// Waiting for data that the next batch needs.
    Loading,
    /// The first step on WebGPU, while kernels are compiled.
    Compiling,
    /// Training, on and on.
    Training,
    /// On the last batch that Step asked for. It is over before anybody could pause it, so the button goes on saying Play: one
    /// that said Pause meanwhile would take a Play that follows at once for the wrong one.
    Stepping,
    /// Working through an evaluation.
    Evaluating,
    /// Stopped by the visitor, or after Step and Epoch.
    Paused,
    /// Past the experiment's last epoch.
    Done,
    /// The loss is no longer a number; a [`ToApp::Fault`] of kind [`FaultKind::Diverged`] says more.
    Diverged,
}

/// One optimizer step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepPoint {
    /// Number of the step, from 1.
    pub step: u64,
    /// Mean loss of the batch before the step, by the session's [`Head`](crate::model::Head), without penalties.
    pub loss: f32,
    /// Share of the batch that was right before the step; for regression, the mean absolute error.
    pub accuracy: f32,
}

/// One evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EvalPoint {
    /// Steps done when it was made.
    pub step: u64,
    /// Mean loss, by the session's [`Head`](crate::model::Head).
    pub loss: f32,
    /// Share that was right; for regression, the mean absolute error.
    pub accuracy: f32,
    /// How many examples it was made on.
    pub count: u32,
}

/// A wrong answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Index within the split.
    pub index: u32,
    /// The right class.
    pub truth: u32,
    /// The net's class.
    pub predicted: u32,
    /// How certain the net was of it.
    pub probability: f32,
}

/// One answer judged by several losses. p is the probability of class 1, or `pₖ` that of class k; `yₖ` is 1 for the right class
/// and 0 for the others; z are the logits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// Mean squared error: `(p − y)²`, the mean of `(pₖ − yₖ)²`, or for regression `(ŷ − y)²`.
    pub squared: f64,
    /// Mean absolute error: `|p − y|`, the mean of `|pₖ − yₖ|`, or `|ŷ − y|`.
    pub absolute: f64,
    /// Those that need classes; none for regression.
    pub of_classes: Option<ClassLosses>,
}

/// Losses of an answer that is a class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassLosses {
    /// Categorical cross-entropy: `−ln p` of the right class.
    pub categorical: f64,
    /// Binary cross-entropy: `−y ln p − (1 − y) ln(1 − p)`; for several classes the mean of it over them.
    pub binary: f64,
    /// Hinge loss: `max(0, 1 − t z)` with t = 2y − 1; for several classes `max(0, 1 + max zₖ − z)`, z that of the right class and
    /// the maximum over the others (Crammer and Singer 2001).
    pub hinge: f64,
}

/// One picture of the answer to [`ToWorker::Browse`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleFacts {
    /// Index within the split.
    pub index: u32,
    /// Its class.
    pub class: u32,
}

/// The first layer's weights as pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KernelFacts {
    /// Name of the layer: `conv1`.
    pub layer: String,
    /// Number of pictures.
    pub count: usize,
    /// Shape of each.
    pub shape: Shape,
}

/// Figures of the bench page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenchResult {
    /// Median time of one training step with its loss read back.
    pub ms_per_step: f64,
    /// Batch size over that.
    pub examples_per_sec: f64,
    /// Thousand million floating-point operations a second, counting what the arithmetic needs at least.
    pub gflops: f64,
    /// Losses of the first three steps, to be compared with other libraries.
    pub losses: Vec<f32>,
}

/// Something that broke, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What the app does about it.
    pub kind: FaultKind,
    /// What happened.
    pub message: String,
    /// What the visitor can do next.
    pub advice: String,
}

/// Kinds of breakage, by what the app does about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The loss is no longer a number. The session stands where it was stopped.
    Diverged,
    /// Data could not be loaded, after retries. Play tries again.
    Data,
    /// The experiment cannot be built.
    Experiment,
    /// The checkpoint does not fit; the session was opened at step 0.
    Checkpoint,
    /// WebGPU cannot be used here; the app takes the CPU and tells why.
    NoWebGpu,
    /// The GPU device was lost; the app restores the last checkpoint on the CPU.
    GpuLost,
    /// The worker panicked; the app starts a fresh one from the last checkpoint.
    Crash,
}
