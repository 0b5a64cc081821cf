//! What the worker answers and reports.

use super::{
    Answer, BagOfWords, BenchResult, Bleu, CameTrue, ContestId, DeviceInfo, EvalPoint, ExampleFacts, Fault, InsideFacts,
    KernelFacts, Losses, Mistake, Phase, Piece, Progress, RacerReport, RacerResult, RateTest, RequestId, RunFacts, RunId,
    SliceFacts, StepPoint, Subject, TranslatedPair, WeightUpdate, WordCount, Workers,
};
#[cfg(doc)]
use super::{FaultKind, NUDGE, ToWorker};
use crate::data::Split;
use crate::forecast::ForecastErrors;
use crate::line::LineFacts;
use serde::{Deserialize, Serialize};

/// From the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
        facts: Box<RunFacts>,
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
    /// How many workers share the steps from now on. Told when it changes; a session begins with one.
    Workers {
        /// Which run.
        run: RunId,
        /// How many, and what was measured.
        workers: Workers,
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
    /// The series of a session, once after [`ToApp::Opened`] when it is watched and has come. Bulk: one `Float32Array`, its values.
    Series {
        /// Which run.
        run: RunId,
        /// When each was measured, as the source writes it.
        dates: Vec<String>,
        /// When the values lie that the windows foretell, as indices into the series.
        periods: [(u32, u32); 3],
    },
    /// What is foretold for a part of the time by the net as it is, and by methods without one. Sent while [`Subject::Series`] is
    /// watched: train and validation whenever the net has changed, test after each evaluation of the test part and never before.
    /// Bulk, as `Float32Array`s, in the units of the series: one for each of `errors`, in their order, with one forecast for each
    /// window of the split, in the order of time.
    Forecast {
        /// Which run.
        run: RunId,
        /// Steps done when it was made.
        step: u64,
        /// Which part.
        split: Split,
        /// How far off each method is; the model first.
        errors: Vec<ForecastErrors>,
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
        /// Learning rate of the last step, schedule included.
        learning_rate: f64,
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
    /// not the logit: the probability of class 1 in `[0, 1]` where two classes share one output (`[1, side, side]`; a perceptron says 0 or 1), the
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
        /// The line of a single neuron, and how the training points lie to it; none where the net draws another border.
        line: Option<LineFacts>,
    },
    /// The answer to [`ToWorker::Browse`] and [`ToWorker::Fetch`].
    /// Bulk: one `Uint8Array` with the pictures, channels first, one after the other; of reviews, for each its number of tokens and
    /// then its tokens, all of them, whatever the window (two bytes each, little-endian).
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
    /// The answer to [`ToWorker::Follow`]: one example forwards and backwards, without dropout and without the pull of penalties.
    /// Bulk, as `Float32Array`s: the input as the net takes it; the head's answer (the probability of class 1 where two classes
    /// share one logit, one for each class, or the value). Then for each layer in `dense` nine arrays, where L is the loss of
    /// this example: weights W `[inputs, units]`, biases b `[units]`, the sums z = x W + b, the outputs a = act(z), the slopes
    /// act′(z), dL/dz, dL/da (each `[units]`), dL/dW `[inputs, units]`, dL/db `[units]`; and for each kind in `slots` two
    /// more: the optimizer's state of the weights and of the biases (zeros before the first step). Where a unit was to be
    /// nudged, one array last: (L(w + h) − L(w − h)) / 2h, h being [`NUDGE`], for each of its inputs, then for its bias.
    Followed {
        /// Echoed.
        request: RequestId,
        /// Steps done when it was taken.
        step: u64,
        /// The class's index, or the value for regression.
        target: f32,
        /// This example's loss, by the session's [`Head`](crate::model::Head).
        loss: f64,
        /// What other losses would say of the same answer.
        losses: Losses,
        /// Which layers are dense, as indices into [`RunFacts::layers`].
        dense: Vec<u32>,
        /// What the optimizer keeps for each weight: `velocity`, `mean`, `square`; empty for plain SGD.
        slots: Vec<String>,
    },
    /// The answer to [`ToWorker::Inside`]. Bulk, as `Float32Array`s: the window in the units of the series; for each of `parts` its
    /// values after every step, `[steps, units]`; then for each of `roads` the length of the loss's gradient at every step, `[steps]`.
    Inside {
        /// Echoed.
        request: RequestId,
        /// What it is about.
        facts: InsideFacts,
    },
    /// The answer to [`ToWorker::TestRates`].
    RatesTested {
        /// Echoed.
        request: RequestId,
        /// What was found.
        result: RateTest,
    },
    /// The answer to [`ToWorker::Foretell`].
    Foretold {
        /// Echoed.
        request: RequestId,
        /// The update.
        update: Box<WeightUpdate>,
        /// The last step as it was foretold for this weight and as it was: none where nobody asked before that step, or where a
        /// weight or the training was changed by hand in between.
        came_true: Option<CameTrue>,
    },
    /// A stretch of a text that the net writes: one it was asked for, one that it writes by itself while it is trained (both in
    /// pieces, at most ten times a second), or one that is kept at the end of an epoch (in one piece).
    Wrote {
        /// Which run.
        run: RunId,
        /// The stretch.
        piece: Piece,
    },
    /// The answer to [`ToWorker::ReadText`]: `n` characters were read.
    /// Bulk, as `Float32Array`s: what each unit of the layer says behind each character, `[n, units]`; the
    /// [`N_LIKELY`](super::N_LIKELY) most probable tokens behind each, `[n, N_LIKELY]`; their probabilities, `[n, N_LIKELY]`; and
    /// the probability that was given to each character before it was seen, `[n]` (of the first none: −1).
    TextRead {
        /// Echoed.
        request: RequestId,
        /// Steps done when it was read.
        step: u64,
        /// What was read.
        text: String,
        /// Units of the layer.
        units: u32,
    },
    /// The answer to [`ToWorker::LoadWeights`].
    WeightsLoaded {
        /// Echoed.
        request: RequestId,
    },
    /// The answer to [`ToWorker::Explain`].
    /// Bulk: one `Float32Array`, for each token that was read the logit of all of them less the logit without it: above 0 where it
    /// speaks for class 1. As many as were sent, or as the window takes.
    Explained {
        /// Echoed.
        request: RequestId,
        /// Steps done when it was read.
        step: u64,
        /// The logit of all tokens.
        logit: f32,
        /// One for each class.
        probabilities: Vec<f32>,
    },
    /// The answer to [`ToWorker::CompareWords`].
    WordsCompared {
        /// Echoed.
        request: RequestId,
        /// What was found.
        found: BagOfWords,
    },
    /// The answer to [`ToWorker::Vectors`]. Bulk: one `Float32Array`, `[words, width]`, in the order of the vocabulary.
    Vectors {
        /// Echoed.
        request: RequestId,
        /// Steps done when they were read.
        step: u64,
        /// Numbers of a vector.
        width: u32,
    },
    /// The answer to [`ToWorker::Glove`]. Bulk: one `Float32Array`, `[words, WIDTH]` ([`WIDTH`](crate::glove::WIDTH)).
    Glove {
        /// Echoed.
        request: RequestId,
        /// The commonest first.
        words: Vec<String>,
    },
    /// The answer to [`ToWorker::Word`].
    /// Bulk: one `Float32Array` with the word's embedding; empty where the net has none.
    Word {
        /// Echoed.
        request: RequestId,
        /// Steps done.
        step: u64,
        /// How often it stands in the training reviews.
        count: WordCount,
    },
    /// The answer to [`ToWorker::Translate`].
    /// Bulk: one `Float32Array` for each of `maps`, the weights of attention for the best answer, `[its tokens, tokens of the source]`.
    Translated {
        /// Echoed.
        request: RequestId,
        /// Steps done when it was answered.
        step: u64,
        /// The source as it was read, its end included; what is not in the vocabulary is spelled as the unknown.
        source: Vec<String>,
        /// The best first.
        answers: Vec<Answer>,
        /// What each map is of: `attend1`, `transformer1 head 1`.
        maps: Vec<String>,
    },
    /// The answer to [`ToWorker::HeldOut`].
    HeldOut {
        /// Echoed.
        request: RequestId,
        /// Steps done when they were answered.
        step: u64,
        /// In the order of the split.
        pairs: Vec<TranslatedPair>,
    },
    /// The answer to [`ToWorker::ScorePairs`], also sent by itself for up to [`SCORED_PAIRS`](super::SCORED_PAIRS) pairs of validation,
    /// every hundred steps and at the end of each epoch.
    PairsScored {
        /// Which run.
        run: RunId,
        /// Echoed; none where nobody asked.
        request: Option<RequestId>,
        /// Steps done when the net was as it was scored.
        step: u64,
        /// Whole epochs done then.
        epoch: u32,
        /// Which part.
        split: Split,
        /// How many pairs.
        n: u32,
        /// Share of answers that are right to the last token.
        exact: f64,
        /// Of translations.
        bleu: Option<Bleu>,
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
    /// New steps of a contest, at most ten times a second.
    ContestSteps {
        /// Which.
        contest: ContestId,
        /// Steps done by those that are still racing.
        step: u32,
        /// One for each racer, in the order of the setup.
        racers: Vec<RacerReport>,
    },
    /// All racers have ended.
    ContestDone {
        /// Which.
        contest: ContestId,
        /// Whether it was stopped before its last step.
        stopped: bool,
        /// One for each racer, in the order of the setup.
        racers: Vec<RacerResult>,
    },
    /// The slice through a net's loss that holds most of the racers' paths, after [`ToApp::ContestDone`].
    /// Bulk, as `Float32Array`s: the loss over all training points at each point of the grid, `[side, side]`, top row first (the
    /// highest second coordinate), where it is no number `NaN`; then for each racer its path on the plane, `[places, 2]`, empty
    /// for one that diverged.
    ContestSlice {
        /// Which.
        contest: ContestId,
        /// Its place and what it shows.
        slice: SliceFacts,
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
