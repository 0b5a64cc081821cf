//! What the app and the worker say to each other.
//!
//! One `postMessage` carries a [`ToWorker`] or a [`ToApp`] as a plain JavaScript value under the key `head`, and any number of
//! typed arrays under the key `bulk`, transferred, not copied. Each message says which arrays come with it.
//!
//! Order matters and is kept: the app may rely on every [`StepPoint`] up to a checkpoint having arrived before the checkpoint.

use crate::data::Split;
use crate::device::Backend;
use crate::experiment::Experiment;
use crate::manifest::Source;
use crate::model::TracedLayer;
use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// Tells the answers to one request from those to another.
pub type RequestId = u32;
/// Tells one opened experiment from the next: reports about an older one are dropped.
pub type RunId = u32;

/// From the app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToWorker {
    /// The first message, answered by [`ToApp::Ready`] or a fatal [`ToApp::Fault`].
    Start {
        /// Absolute address of the site's folder; data lie below it.
        base: String,
        /// Which of the two to bring up. The app starts a CPU worker when the WebGPU one says no.
        backend: Backend,
    },
    /// Builds the session of an experiment and stops at step 0 (or at the checkpoint's step). Answered by [`ToApp::Opened`].
    /// Bulk: nothing, or one `Uint8Array` with a checkpoint to go on from.
    Open {
        /// Carried by every report about this session.
        run: RunId,
        /// What to build.
        experiment: Experiment,
    },
    /// Trains until the experiment's last epoch, or on past it by one epoch when it is already done.
    Play,
    /// Stops before the next batch.
    Pause,
    /// Exactly this many optimizer steps.
    Step {
        /// How many.
        count: u32,
    },
    /// To the end of the current epoch.
    Epoch,
    /// Takes over the live fields of the experiment (learning rate, L1, L2, epochs) without a restart.
    Tune {
        /// Differs from the running one in live fields only.
        experiment: Experiment,
    },
    /// Evaluates a whole split and answers with [`ToApp::Evaluated`].
    Evaluate {
        /// Which.
        split: Split,
    },
    /// From now on, reports show this example ([`ToApp::Picture`], at most ten a second while training, and once at once) or, for
    /// [`Subject::Plane`], what every unit says over the plane ([`ToApp::Plane`], at most thirty a second while training, and
    /// at once after this, after opening, after a step and after [`ToWorker::SetWeight`]).
    /// Bulk for [`Subject::Ink`]: one `Float32Array` of `side²` ink values in `[0, 1]`, row by row.
    Watch {
        /// What to show.
        subject: Subject,
    },
    /// Sets one weight or bias of the running session to exactly this value; the optimizer's state stays. What is watched is shown
    /// again at once. [`ToApp::Refused`] when there is no such weight, or the value is not finite.
    SetWeight {
        /// Index into [`RunFacts::layers`] of a dense layer.
        layer: u32,
        /// Index of the input the weight belongs to, or none for the unit's bias.
        input: Option<u32>,
        /// Index of the unit.
        unit: u32,
        /// Its new value.
        value: f32,
    },
    /// Asks for examples to look at; answered by [`ToApp::Examples`]. Points of a plane are no pictures: [`ToApp::Points`] sends them.
    Browse {
        /// Echoed.
        request: RequestId,
        /// Which part.
        split: Split,
        /// Only this class.
        class: Option<u32>,
        /// How many matching examples to skip.
        offset: u32,
        /// How many to send, at most 200.
        count: u32,
    },
    /// Asks for the examples with these indices, in this order; answered by [`ToApp::Examples`].
    Fetch {
        /// Echoed.
        request: RequestId,
        /// Which part.
        split: Split,
        /// Indices within the split, at most 200.
        indices: Vec<u32>,
    },
    /// The answer to one input as the net takes it (for points: the value of each feature); answered by [`ToApp::Predicted`].
    /// Bulk: one `Float32Array` with an example; pictures with values in `[0, 1]`, channels first.
    Predict {
        /// Echoed.
        request: RequestId,
    },
    /// Asks for the weights as a safetensors file, answered by [`ToApp::Weights`].
    Weights {
        /// Echoed.
        request: RequestId,
    },
    /// Asks for a [`ToApp::Checkpoint`] now.
    Checkpoint,
    /// Times training steps of this experiment on made-up data without touching the session; answered by [`ToApp::Raced`].
    Race {
        /// Echoed.
        request: RequestId,
        /// The model to time.
        experiment: Experiment,
        /// Steps to time after a warm-up; timing also ends after three seconds.
        steps: u32,
    },
    /// Runs one work of the bench page; answered by [`ToApp::Benched`].
    Bench {
        /// Echoed.
        request: RequestId,
        /// `mlp`, `cnn`, …
        work: String,
    },
    /// Answered at once by [`ToApp::Pong`]: shows that the worker lives.
    Ping {
        /// Echoed.
        request: RequestId,
    },
}

/// An example whose way through the net is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An example of the data.
    Example {
        /// Which part.
        split: Split,
        /// Index within the split.
        index: u32,
    },
    /// The visitor's drawing, as ink on a square canvas; the engine centres and scales it as MNIST was made.
    Ink {
        /// Side of the square in pixels, in `28..=560`.
        side: u32,
    },
    /// The whole plane, for sessions on points; others have nothing to show for it.
    Plane {
        /// Points along each side of the grid, in `2..=200` ([`Subject::PLANE_SIDES`]).
        side: u32,
    },
}

/// From the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "the large one comes once a session; a box would stand in every match")]
pub enum ToApp {
    /// The worker stands.
    Ready {
        /// What it computes on.
        device: DeviceInfo,
    },
    /// Bytes of data so far.
    Loading {
        /// Which run.
        run: RunId,
        /// Loaded and checked.
        bytes: u64,
        /// To load in all.
        total: u64,
    },
    /// A session stands.
    Opened {
        /// Which run.
        run: RunId,
        /// Facts about its data and model.
        facts: RunFacts,
        /// Where it stands: zero, or where the checkpoint was taken.
        progress: Progress,
    },
    /// What the session is doing now.
    Phase {
        /// Which run.
        run: RunId,
        /// The new state.
        phase: Phase,
    },
    /// The points of a session on a plane, once after [`ToApp::Opened`].
    /// Bulk: three `Float32Array`s with one value for each point: x, y, and its target (the class's index, or the value for
    /// regression). The training points come first, then validation, then test, each in the order of its split: the i-th
    /// validation point stands at `n_train + i` and is `Subject::Example { split: Validation, index: i }`.
    Points {
        /// Which run.
        run: RunId,
        /// How many training points.
        n_train: u32,
        /// How many validation points.
        n_validation: u32,
        /// How many test points.
        n_test: u32,
    },
    /// New steps, at most ten times a second; thirty for sessions on points.
    Steps {
        /// Which run.
        run: RunId,
        /// Where the session stands after the last of them.
        progress: Progress,
        /// Every step since the last report, in order.
        points: Vec<StepPoint>,
        /// L2 norm of the last step's gradient, for each layer of [`RunFacts::layers`] (0 for layers without parameters).
        gradient_norms: Vec<f32>,
        /// Training examples per second since Play.
        examples_per_sec: f64,
    },
    /// A whole or a sampled evaluation on validation data while training: a point of the dashed curve.
    Validation {
        /// Which run.
        run: RunId,
        /// The point.
        point: EvalPoint,
    },
    /// The answer to [`ToWorker::Evaluate`], also sent by itself for validation at the end of each epoch.
    Evaluated {
        /// Which run.
        run: RunId,
        /// Which part.
        split: Split,
        /// Loss and accuracy over the whole part.
        point: EvalPoint,
        /// `confusion[truth * n_classes + predicted]`: how many. Empty for regression, like `mistakes` and `cells`.
        confusion: Vec<u32>,
        /// Wrong answers, most certain first, at most 100.
        mistakes: Vec<Mistake>,
        /// For each cell of `confusion`, up to 24 indices of its examples.
        cells: Vec<Vec<u32>>,
    },
    /// How the watched example looks inside the net.
    /// Bulk, as `Float32Array`s: the input as the net sees it; the output of each layer of [`RunFacts::layers`] (channels first,
    /// the classifier's logits last); then, for each layer with kernels or weights to show, as `kernels` says.
    Picture {
        /// Which run.
        run: RunId,
        /// Step it was taken at.
        step: u64,
        /// Which example.
        subject: Subject,
        /// Its class, unless it is a drawing or there are no classes.
        truth: Option<u32>,
        /// One for each class, by the session's [`Head`](crate::model::Head); for regression the one predicted value.
        probabilities: Vec<f32>,
        /// Kernels of the first layer: `[filters, channels × height, width]`-like picture shape, one bulk array more. Dense first
        /// layers on pictures send each unit's weights as a picture of the input's shape (at most 64 units).
        kernels: Option<KernelFacts>,
    },
    /// What the net says over the square from −[`PLANE_EXTENT`](crate::plane::PLANE_EXTENT) to +`PLANE_EXTENT` on both axes, corner to corner.
    /// Bulk, as `Float32Array`s: first, for each layer of [`RunFacts::layers`], the output of each unit at each point of the grid,
    /// `[units, side, side]`, row 0 at the top (y = +1.2), column 0 at the left (x = −1.2). For the last layer that is the answer,
    /// not the logit: the probability of class 1 in `[0, 1]` where two classes share one logit (`[1, side, side]`), the
    /// probability of each class (`[classes, side, side]`), or for regression the value. Then, for each layer in `dense`, two
    /// arrays: its weights `[inputs, units]` and its biases `[units]`.
    Plane {
        /// Which run.
        run: RunId,
        /// Steps done when it was taken.
        step: u64,
        /// Points along each side of the grid.
        side: u32,
        /// Number of layers: that many arrays of outputs come first.
        layers: u32,
        /// Which layers are dense, as indices into [`RunFacts::layers`].
        dense: Vec<u32>,
    },
    /// The answer to [`ToWorker::Browse`] and [`ToWorker::Fetch`].
    /// Bulk: one `Uint8Array` with the pictures, channels first, one after the other.
    Examples {
        /// Echoed.
        request: RequestId,
        /// Which part.
        split: Split,
        /// Index and class of each picture sent.
        examples: Vec<ExampleFacts>,
        /// How many examples match.
        n_matching: u32,
    },
    /// The answer to [`ToWorker::Predict`].
    Predicted {
        /// Echoed.
        request: RequestId,
        /// One for each class, with the sum 1; for regression the one predicted value.
        probabilities: Vec<f32>,
    },
    /// The answer to [`ToWorker::Weights`]. Bulk: one `Uint8Array`, a safetensors file.
    Weights {
        /// Echoed.
        request: RequestId,
    },
    /// Everything needed to go on from here, sent when training pauses, at the end of each epoch, every five seconds between, and
    /// on request. Bulk: one `Uint8Array`.
    Checkpoint {
        /// Which run.
        run: RunId,
        /// Where it was taken.
        progress: Progress,
    },
    /// The answer to [`ToWorker::Race`].
    Raced {
        /// Echoed.
        request: RequestId,
        /// Median time of one step.
        ms_per_step: f64,
    },
    /// The answer to [`ToWorker::Bench`].
    Benched {
        /// Echoed.
        request: RequestId,
        /// The figures, or why there are none.
        result: Result<BenchResult, String>,
    },
    /// The answer to [`ToWorker::Ping`].
    Pong {
        /// Echoed.
        request: RequestId,
    },
    /// Something the visitor should hear that stops nothing ("shard 3 came altered, fetching it again").
    Note {
        /// A sentence or two.
        text: String,
    },
    /// A request could not be served; the session goes on.
    Refused {
        /// The request, where it had a number.
        request: Option<RequestId>,
        /// What and why.
        text: String,
    },
    /// Something broke.
    Fault(Fault),
}

/// What a session runs on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// CPU or WebGPU.
    pub backend: Backend,
    /// The adapter's name on WebGPU, "Wasm SIMD, one thread" on the CPU.
    pub adapter: String,
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

impl Subject {
    /// Most examples one [`ToWorker::Browse`] or [`ToWorker::Fetch`] sends.
    pub const MAX_BROWSE: u32 = 200;
    /// Fewest and most points along a side of [`Subject::Plane`].
    pub const PLANE_SIDES: (u32, u32) = (2, 200);
}
