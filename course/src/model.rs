//! The course as plain data. The build writes it as JSON from `weeks/*.md`; the page reads it.
//!
//! A week has two parts. The page holds every [`Week`] from the start: cards, labs and exercises need them at once. The
//! [`WeekText`], which is most of it, is a file of the site that is fetched when the week is opened.
//!
//! Fields called `html` hold markup made by the build from checked text, formulas as MathML; all others are plain text.

use crate::condition::Condition;
use serde::{Deserialize, Serialize};

/// What the page knows of a week without fetching anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Week {
    /// From 1, in the order of the course.
    pub number: u32,
    /// Short: "Neurons".
    pub title: String,
    /// What the visitor does here, in one line.
    pub theme: String,
    /// Whether there is something to study already.
    pub status: Status,
    /// Name of the file with its [`WeekText`], with a hash of what is in it: `week-3-0123456789ab.json`.
    pub file: String,
    /// Experiments to open.
    pub labs: Vec<Lab>,
    /// Races of optimizers to open.
    pub races: Vec<Race>,
    /// Tasks that check themselves.
    pub exercises: Vec<Exercise>,
}

/// What is read and answered on the page of a week.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekText {
    /// What one can do afterwards, one line of markup each.
    pub goals: Vec<String>,
    /// The text, in reading order.
    pub sections: Vec<Section>,
    /// Words explained in the text, in the order of their first use.
    pub terms: Vec<Term>,
    /// The quiz.
    pub questions: Vec<Question>,
    /// Books and papers, one line of markup each.
    pub reading: Vec<String>,
    /// What its activation gallery says of each function; nothing where it has no gallery.
    pub functions: Vec<FunctionText>,
}

/// Whether a week can be studied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Text, labs, exercises and quiz are there.
    Open,
    /// A description, and nothing that pretends to be more.
    Coming,
}

/// A stretch of text under its own heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The heading; empty for what stands before the first one.
    pub title: String,
    /// Text and figures, in reading order.
    pub parts: Vec<Part>,
}

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Markup of any number of paragraphs.
    Html(String),
    /// Something to move.
    Figure(Figure),
}

/// An interactive figure. The text names it, the page draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Activation functions with their slopes.
    Activations,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Figure; 1] = [Figure::Activations];

    /// How the text names it.
    pub fn id(self) -> &'static str {
        match self {
            Figure::Activations => "activations",
        }
    }

    /// The figure of this name.
    ///
    /// # Errors
    /// A sentence with the names there are.
    pub fn parse(id: &str) -> Result<Figure, String> {
        Figure::ALL.into_iter().find(|figure| figure.id() == id).ok_or_else(|| {
            let known = Figure::ALL.map(Figure::id).join(", ");
            format!("there is no figure {id}; there are: {known}")
        })
    }
}

/// What the activation gallery says of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionText {
    /// Id of the activation in the registry, or `step`.
    pub id: String,
    /// Formula of its value at z.
    pub value_html: String,
    /// Formula of its slope at z.
    pub slope_html: String,
    /// What to see in it, in a sentence or two.
    pub about_html: String,
}

/// A word of the field, explained where it is used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The word.
    pub name: String,
    /// What it means.
    pub explanation: String,
}

/// A preset experiment: a link with a reason to open it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    /// Unique in the course; never changes once released.
    pub id: String,
    /// Short: "One neuron, two clouds".
    pub title: String,
    /// Why to open it, in one line.
    pub why: String,
    /// The experiment, as the address bar holds it behind `#/`.
    pub link: String,
    /// What it does when Play is pressed, so that a test can hold it to that.
    pub result: StatedResult,
    /// Set-ups to go over to with one click.
    pub variants: Vec<Variant>,
}

/// A set-up of a lab that the page offers beside it: something broken, or its cure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Unique in the course; never changes once released.
    pub id: String,
    /// Heading it stands under: "Broken", "Cures".
    pub group: String,
    /// Short, for a button: "Five sigmoids".
    pub title: String,
    /// What is changed, and what to watch.
    pub says: String,
    /// The experiment.
    pub link: String,
    /// What it does when it is played.
    pub result: StatedResult,
}

/// A preset race of optimizers: a link with a reason to open it. It promises nothing, because who wins is the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Race {
    /// Unique in the course; never changes once released.
    pub id: String,
    /// Short: "Seven in a long bowl".
    pub title: String,
    /// Why to open it, in one line.
    pub why: String,
    /// The race, as the address bar holds it behind `#/`.
    pub link: String,
}

/// What a lab promises, on the processor of a two-core laptop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatedResult {
    /// What will hold.
    pub condition: Condition,
    /// Whether it is reached at some step up to `steps`, or is what one finds after them.
    pub when: When,
    /// Optimizer steps from Play.
    pub steps: u64,
    /// Seconds of training.
    pub seconds: u32,
}

/// How a stated result is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Reached at this step or earlier.
    Within,
    /// Found at this step: for labs whose point is what does not happen.
    After,
}

/// A task that is checked against the running experiment; [`Exercise::check`](crate::check) does it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exercise {
    /// Unique in the course; progress is kept under it, so it never changes once released.
    pub id: String,
    /// Short: "Solve XOR".
    pub title: String,
    /// The task.
    pub html: String,
    /// Id of the lab of the same week it starts from.
    pub lab: String,
    /// All must hold at once. The first that does not is what the hint is about.
    pub check: Vec<Condition>,
    /// Advice for states one can get stuck in; the first that fits is given.
    pub advice: Vec<Advice>,
}

/// Advice for one state of the experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// Given when all of these hold.
    pub when: Vec<Condition>,
    /// A sentence or two.
    pub text: String,
}

/// One question of a quiz.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Unique in the course; the answer is kept under it, so it never changes once released.
    pub id: String,
    /// The question.
    pub html: String,
    /// At least two, exactly one of them right.
    pub choices: Vec<Choice>,
}

/// One answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The answer.
    pub html: String,
    /// Whether it is the right one.
    pub is_right: bool,
    /// Why it is right or wrong.
    pub why_html: String,
}
