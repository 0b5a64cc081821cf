//! What the app asks for.

use super::{ContestId, RequestId, RunId, SampleSpec};
#[cfg(doc)]
use super::{RunFacts, ToApp};
use crate::contest::Contest;
use crate::data::Split;
use crate::device::Backend;
use crate::experiment::Experiment;
use serde::{Deserialize, Serialize};

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
    /// Takes over the live fields of the experiment (learning rate, L1, L2, epochs, cores) without a restart.
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
    /// at once after this, after opening, after a step and after [`ToWorker::SetWeight`]), or, for [`Subject::Series`], forecasts
    /// ([`ToApp::Forecast`], a few times a second while training, and at once after this, after opening and at rest).
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
    /// Asks for every number of one example's way through the net and back, with the weights as they are; answered by
    /// [`ToApp::Followed`]. Only for points of a plane and nets of dense layers (dropout may stand between them).
    Follow {
        /// Echoed.
        request: RequestId,
        /// Which part.
        split: Split,
        /// Index within the split.
        index: u32,
        /// A layer (index into [`RunFacts::layers`]) and a unit of it, whose weights' gradients are also to be found by nudging each
        /// weight: the check by finite differences.
        nudge: Option<(u32, u32)>,
    },
    /// Asks for what goes on within a recurrent layer on one window of a series; answered by [`ToApp::Inside`].
    Inside {
        /// Echoed.
        request: RequestId,
        /// Which part.
        split: Split,
        /// Index within the split.
        index: u32,
    },
    /// The learning-rate range test: trains a second session of the running experiment from its first weights on its first batches,
    /// at rates that grow from step to step, without touching the run; answered by [`ToApp::RatesTested`]. It waits for data,
    /// and steps of the run wait for it. Schedules do not count.
    TestRates {
        /// Echoed.
        request: RequestId,
    },
    /// Asks for the next update of one weight of a dense layer, of a bias where there is no input, on the batch that comes next;
    /// answered by [`ToApp::Foretold`]. Only where [`ToWorker::Follow`] is answered.
    Foretell {
        /// Echoed.
        request: RequestId,
        /// Index into [`RunFacts::layers`].
        layer: u32,
        /// Which of the layer's inputs.
        input: Option<u32>,
        /// Which of its units.
        unit: u32,
    },
    /// Draws a text from the net as it is now; it comes in pieces ([`ToApp::Wrote`]). One that is being drawn ends unheard. Only
    /// for sessions on texts, whose layers work on one character after the other.
    Write {
        /// How.
        sample: SampleSpec,
    },
    /// Ends the text that [`ToWorker::Write`] asked for where it is.
    StopWriting,
    /// How the net writes by itself from now on: while it is trained it begins anew every few seconds, which takes less than a fifth
    /// of the time ([`ToApp::Wrote`]). `seed` does not count.
    WriteLive {
        /// How; none for not at all. A session begins with [`SampleSpec::default`].
        sample: Option<SampleSpec>,
    },
    /// Reads a text and tells what every unit of a layer says behind each character, and what the net expects next; answered by
    /// [`ToApp::TextRead`]. Characters that are not in the vocabulary are left out.
    ReadText {
        /// Echoed.
        request: RequestId,
        /// The text; of it at most the first [`MAX_READ`](super::MAX_READ) characters are read.
        text: String,
        /// Index into [`RunFacts::layers`].
        layer: u32,
    },
    /// Fetches weights that come with the site, checks them and begins anew from them, at step 0; answered by
    /// [`ToApp::WeightsLoaded`]. Only where [`Pretrained`](crate::Pretrained) has some for the running experiment.
    LoadWeights {
        /// Echoed.
        request: RequestId,
    },
    /// Asks what each word of a review does to the answer, the net being as it is now; answered by [`ToApp::Explained`]. Only for
    /// sessions on reviews. Several are answered in turn.
    /// Bulk: one `Float32Array` with the tokens, as many as there are; those behind the window are not read.
    Explain {
        /// Echoed.
        request: RequestId,
    },
    /// Fits a logistic regression on bags of words to the running experiment's training reviews; answered by
    /// [`ToApp::WordsCompared`]. It waits for the data, the test part included, and works beside the training.
    CompareWords {
        /// Echoed.
        request: RequestId,
    },
    /// Asks for what is known of a token: how often it stands in the training reviews, and its embedding as it is now; answered by
    /// [`ToApp::Word`].
    Word {
        /// Echoed.
        request: RequestId,
        /// Its number.
        token: u32,
    },
    /// Asks for the answer to a source, the net being as it is now; answered by [`ToApp::Translated`]. Only for sessions on pairs.
    Translate {
        /// Echoed.
        request: RequestId,
        /// What is read, at most [`MAX_SOURCE_CHARS`](crate::pairs::MAX_SOURCE_CHARS) characters.
        source: String,
        /// How many answers a beam search keeps, at most [`MAX_BEAM`](crate::pairs::MAX_BEAM); 1 for the most probable token at each
        /// step.
        beam: u32,
    },
    /// Asks for pairs of a part with the net's answers; answered by [`ToApp::HeldOut`].
    HeldOut {
        /// Echoed.
        request: RequestId,
        /// Which part.
        split: Split,
        /// Index of the first within the split.
        from: u32,
        /// How many, at most [`MAX_HELD_OUT`](super::MAX_HELD_OUT).
        count: u32,
    },
    /// Asks how many pairs of a whole part the net answers right, and for its BLEU; answered by [`ToApp::PairsScored`].
    ScorePairs {
        /// Echoed.
        request: RequestId,
        /// Which part.
        split: Split,
    },
    /// Asks for the vectors of all words as they are now; answered by [`ToApp::Vectors`]. Only for sessions on words.
    Vectors {
        /// Echoed.
        request: RequestId,
    },
    /// Fetches [`glove`](crate::glove)'s vectors, which lie on the site beside the data sets; answered by [`ToApp::Glove`]. It needs no
    /// session and holds none up.
    Glove {
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
    /// Races optimizers, beside whatever session is open and without touching it; a contest under way ends unheard. Reported by
    /// [`ToApp::ContestSteps`], then [`ToApp::ContestDone`] and, on a net, [`ToApp::ContestSlice`]; refused in words where
    /// [`Contest::check`] says so.
    Contest {
        /// Carried by every report about it.
        contest: ContestId,
        /// What to race.
        setup: Contest,
    },
    /// Ends the contest where it is: its results follow as if it had come to its end.
    StopContest,
    /// Runs one work of the bench page; answered by [`ToApp::Benched`].
    Bench {
        /// Echoed.
        request: RequestId,
        /// `mlp`, `cnn`, …
        work: String,
        /// How many workers share batches that are cut; as many as the machine has cores, four at most, where none is given.
        n_workers: Option<u32>,
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
    /// The whole series with its forecasts, for sessions on a series; others have nothing to show for it.
    Series,
}

impl Subject {
    /// Most examples one [`ToWorker::Browse`] or [`ToWorker::Fetch`] sends.
    pub const MAX_BROWSE: u32 = 200;
    /// Fewest and most points along a side of [`Subject::Plane`].
    pub const PLANE_SIDES: (u32, u32) = (2, 200);
}
