//! The store: one [`Lab`] in Leptos context, with everything the page shows and everything a visitor can do.
//!
//! Signals hold what comes from outside (the visitor's edits, the worker's reports); whatever follows from them is a [`Memo`].
//! Nothing here is computed from data: all numbers come from the worker.

use crate::client::Supervisor;
use crate::history::History;
use crate::pairs::PairScore;
use descent_spec::data::Split;
use descent_spec::forecast::ForecastErrors;
use descent_spec::line::LineFacts;
use descent_spec::message::{
    DeviceInfo, EvalPoint, ExampleFacts, KernelFacts, Mistake, Phase, Piece, Progress, RunFacts, StepPoint, Subject, Workers,
};
use descent_spec::model::{ModelError, TracedLayer};
use descent_spec::{Experiment, Lesson};
use leptos::prelude::*;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// What the lab is doing, for people: the worker's phases and those in which there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunPhase {
    /// The worker is being fetched, or builds the session.
    Starting,
    /// A session stands.
    Session(Phase),
    /// The worker or its device broke; a fresh one is being brought to the last checkpoint.
    Restarting,
    /// Nothing runs until the visitor does something; the alert says what.
    Failed,
}

/// Which pane a narrow screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// Data, model, training.
    SetUp,
    /// What the network sees, and the digit to draw.
    Stage,
    /// Curves, confusion, mistakes.
    Results,
}

/// The watched example on its way through the net.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Step it was taken at.
    pub step: u64,
    /// Which example.
    pub subject: Subject,
    /// Its class, unless it is a drawing.
    pub truth: Option<u32>,
    /// One for each class.
    pub probabilities: Vec<f32>,
    /// The input as the net sees it.
    pub input: Vec<f32>,
    /// The output of each layer of [`RunFacts::layers`], channels first.
    pub outputs: Vec<Vec<f32>>,
    /// The first layer's weights as pictures.
    pub kernels: Option<(KernelFacts, Vec<f32>)>,
}

/// What every unit says over the plane, and the weights that make it say so.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneReport {
    /// Step it was taken at.
    pub step: u64,
    /// Points along each side of the grid.
    pub side: usize,
    /// For each layer of [`RunFacts::layers`]: `[units, side, side]`, row 0 at the top.
    pub outputs: Vec<Vec<f32>>,
    /// Weights of the dense layers, in order.
    pub dense: Vec<DenseWeights>,
    /// The line of a single neuron.
    pub line: Option<LineFacts>,
}

/// Weights of a dense layer.
#[derive(Debug, Clone, PartialEq)]
pub struct DenseWeights {
    /// Index into [`RunFacts::layers`].
    pub layer: usize,
    /// `[inputs, units]`.
    pub weights: Vec<f32>,
    /// `[units]`.
    pub biases: Vec<f32>,
}

/// The points of a session on a plane: training, then validation, then test.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanePoints {
    /// Left to right.
    pub x: Vec<f32>,
    /// Bottom to top.
    pub y: Vec<f32>,
    /// Index of the class, or the value to be told.
    pub target: Vec<f32>,
    /// How many training points come first.
    pub n_train: usize,
    /// How many validation points follow.
    pub n_validation: usize,
}

impl PlanePoints {
    /// The split that the point with this index belongs to.
    pub fn split_of(&self, idx: usize) -> Split {
        match idx {
            _ if idx < self.n_train => Split::Train,
            _ if idx < self.n_train + self.n_validation => Split::Validation,
            _ => Split::Test,
        }
    }
}

/// The series of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesData {
    /// When each value was measured.
    pub dates: Vec<String>,
    /// What was measured.
    pub values: Vec<f32>,
    /// Which values are foretold in training, validation and test, as indices.
    pub periods: [Range<usize>; 3],
}

impl SeriesData {
    /// Which values of a split are foretold.
    pub fn period(&self, split: Split) -> Range<usize> {
        self.periods[split as usize].clone()
    }

    /// The split that a value is foretold in.
    pub fn split_of(&self, time: usize) -> Option<Split> {
        [Split::Train, Split::Validation, Split::Test].into_iter().find(|split| self.periods[*split as usize].contains(&time))
    }
}

/// What is foretold for a part of the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Step it was made at.
    pub step: u64,
    /// How far off each method is; the model first.
    pub errors: Vec<ForecastErrors>,
    /// For each of `errors` one value for each time of the split's period.
    pub values: Vec<Vec<f32>>,
}

/// A unit of a drawn net.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// 0 is the features.
    pub column: usize,
    /// Index in the column.
    pub unit: usize,
}

/// A text that the net writes, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sample {
    /// Steps done when it was begun.
    pub step: u64,
    /// The prompt and what was written behind it.
    pub text: String,
    /// Whether nothing more comes.
    pub is_whole: bool,
}

impl Sample {
    /// Adds a piece; a first one begins anew.
    pub fn push(&mut self, piece: &Piece) {
        if piece.is_first {
            self.text.clear();
        }
        self.step = piece.step;
        self.text.push_str(&piece.text);
        self.is_whole = piece.is_last;
    }
}

/// One whole split, evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Loss and accuracy.
    pub point: EvalPoint,
    /// `confusion[truth * n_classes + predicted]`: how many.
    pub confusion: Vec<u32>,
    /// Wrong answers, most certain first.
    pub mistakes: Vec<Mistake>,
    /// For each cell of `confusion`, up to 24 indices of its examples.
    pub cells: Vec<Vec<u32>>,
}

/// Pictures of the data, as asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// Part they belong to.
    pub split: Split,
    /// Index and class of each.
    pub examples: Vec<ExampleFacts>,
    /// All pictures, one after the other, channels first.
    pub pixels: Vec<u8>,
    /// How many examples match the question.
    pub n_matching: u32,
}

/// A drawing: ink in `[0, 1]` on a square, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Ink {
    /// Side in pixels, in `28..=560`.
    pub side: u32,
    /// `side²` values.
    pub values: Arc<Vec<f32>>,
}

/// The lab: signals to read, methods to act. Copy it into closures freely.
#[derive(Clone, Copy)]
pub struct Lab {
    /// The experiment as edited; the session may run an older one ([`Lab::stale`]).
    pub experiment: RwSignal<Experiment>,
    /// What the link hides and locks.
    pub lesson: RwSignal<Lesson>,
    /// Facts about the running session, experiment included.
    pub facts: RwSignal<Option<RunFacts>>,
    /// What it is doing.
    pub run_phase: RwSignal<RunPhase>,
    /// Whether the visitor wants it to train: true from Play until Pause or the end.
    pub wants_play: RwSignal<bool>,
    /// Where the session stands.
    pub progress: RwSignal<Progress>,
    /// Training speed since Play.
    pub examples_per_sec: RwSignal<f64>,
    /// Learning rate of the last step, schedule included.
    pub learning_rate: RwSignal<Option<f64>>,
    /// Bytes of data loaded and to load, while loading.
    pub loading: RwSignal<Option<(u64, u64)>>,
    /// What the session runs on.
    pub device: RwSignal<Option<DeviceInfo>>,
    /// How many workers share a step, once more than one was tried.
    pub workers: RwSignal<Option<Workers>>,
    /// Why it runs there and not elsewhere, in a sentence.
    pub device_note: RwSignal<Option<String>>,
    /// The curves. Not reactive: track [`Lab::history_tick`].
    pub history: StoredValue<History>,
    /// Moves at most ten times a second, whenever `history` has changed.
    pub history_tick: RwSignal<u64>,
    /// The newest training point.
    pub last_point: RwSignal<Option<StepPoint>>,
    /// L2 norm of the last step's gradient for each layer.
    pub gradient_norms: RwSignal<Vec<f32>>,
    /// Newest whole evaluation of each split.
    pub evaluations: RwSignal<HashMap<Split, Arc<Evaluation>>>,
    /// Newest score of each split; for labs on pairs.
    pub pair_scores: RwSignal<HashMap<Split, PairScore>>,
    /// What is watched.
    pub subject: RwSignal<Subject>,
    /// The watched example in the net, newest report.
    pub picture: RwSignal<Option<Arc<Picture>>>,
    /// What the net says over the plane, newest report; for labs on points.
    pub plane: RwSignal<Option<Arc<PlaneReport>>>,
    /// The points of the running session; for labs on points.
    pub points: RwSignal<Option<Arc<PlanePoints>>>,
    /// The series of the running session; for labs on series.
    pub series: RwSignal<Option<Arc<SeriesData>>>,
    /// Newest forecasts of each split; of the test part only once it was evaluated.
    pub forecasts: RwSignal<HashMap<Split, Arc<Forecast>>>,
    /// What the net writes by itself while it is trained; for labs on texts.
    pub live: RwSignal<Sample>,
    /// What it was asked to write.
    pub asked: RwSignal<Option<Sample>>,
    /// The visitor's drawing, if there is one.
    pub ink: RwSignal<Option<Ink>>,
    /// The drawing as the net takes it (28×28 on MNIST), once the worker has said so.
    pub drawn_input: RwSignal<Option<Arc<Vec<f32>>>>,
    /// Probabilities of the drawing; kept up to date while training even when something else is watched.
    pub drawing: RwSignal<Option<Vec<f32>>>,
    /// Pane shown on narrow screens.
    pub pane: RwSignal<Pane>,
    /// Whether the help dialog is open.
    pub help_open: RwSignal<bool>,
    /// Newest thing said politely (role status).
    pub status: RwSignal<String>,
    /// Things that need attention (role alert), newest last, until dismissed.
    pub alerts: RwSignal<Vec<String>>,
    /// The edited model's layers with shapes and parameter counts, or the first layer that does not fit.
    pub trace: Memo<Result<Vec<TracedLayer>, ModelError>>,
    /// Whether the edited experiment needs a restart to take effect.
    pub stale: Memo<bool>,
    /// Whether the large button says Pause.
    pub running: Memo<bool>,
    /// Whether the page is hidden: skip redraws then.
    pub hidden: RwSignal<bool>,
    pub(crate) supervisor: StoredValue<Supervisor, LocalStorage>,
}

impl Lab {
    /// An empty lab; [`Lab::start`] brings its worker up.
    pub fn new(experiment: Experiment) -> Lab {
        let experiment = RwSignal::new(experiment);
        let facts = RwSignal::new(None::<RunFacts>);
        let run_phase = RwSignal::new(RunPhase::Starting);
        let wants_play = RwSignal::new(false);
        let trace = Memo::new(move |_| experiment.read().trace());
        let stale =
            Memo::new(move |_| facts.read().as_ref().is_some_and(|facts| !experiment.read().is_live_edit_of(&facts.experiment)));
        let running = Memo::new(move |_| {
            wants_play.get() || matches!(run_phase.get(), RunPhase::Session(Phase::Training | Phase::Compiling))
        });
        Lab {
            experiment,
            lesson: RwSignal::new(Lesson::default()),
            facts,
            run_phase,
            wants_play,
            progress: RwSignal::new(Progress::default()),
            examples_per_sec: RwSignal::new(0.0),
            learning_rate: RwSignal::new(None),
            loading: RwSignal::new(None),
            device: RwSignal::new(None),
            workers: RwSignal::new(None),
            device_note: RwSignal::new(None),
            history: StoredValue::new(History::default()),
            history_tick: RwSignal::new(0),
            last_point: RwSignal::new(None),
            gradient_norms: RwSignal::new(Vec::new()),
            evaluations: RwSignal::new(HashMap::new()),
            pair_scores: RwSignal::new(HashMap::new()),
            subject: RwSignal::new(Subject::Example { split: Split::Validation, index: 0 }),
            picture: RwSignal::new(None),
            plane: RwSignal::new(None),
            points: RwSignal::new(None),
            series: RwSignal::new(None),
            forecasts: RwSignal::new(HashMap::new()),
            live: RwSignal::new(Sample::default()),
            asked: RwSignal::new(None),
            ink: RwSignal::new(None),
            drawn_input: RwSignal::new(None),
            drawing: RwSignal::new(None),
            pane: RwSignal::new(Pane::Stage),
            help_open: RwSignal::new(false),
            status: RwSignal::new(String::new()),
            alerts: RwSignal::new(Vec::new()),
            trace,
            stale,
            running,
            hidden: RwSignal::new(false),
            supervisor: StoredValue::new_local(Supervisor::default()),
        }
    }

    /// Says something politely: it waits until the screen reader has finished.
    pub fn say(self, text: impl Into<String>) {
        self.status.set(text.into());
    }

    /// Says something that must not be missed. The same sentence is not repeated.
    pub fn alert(self, text: impl Into<String>) {
        let text = text.into();
        self.alerts.update(|alerts| {
            alerts.retain(|earlier| *earlier != text);
            alerts.push(text);
            // A page that keeps failing must not fill the screen.
            let surplus = alerts.len().saturating_sub(4);
            alerts.drain(..surplus);
        });
    }
}
