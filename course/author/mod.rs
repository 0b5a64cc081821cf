//! How `weeks/*.md` and `figures/*.md` are read. This runs when the crate is built and in its tests, never in the page.
//!
//! The format is strict: what is not understood stops the build with file, line and a sentence. CONTRIBUTING.md shows it.

mod blocks;
mod formula;
mod functions;
mod parts;
mod prose;
mod terms;

pub use prose::Piece;

use crate::model::{Figure, FunctionText, Part, Week, WeekText};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A week with what only tests want to know of it.
#[derive(Debug, Clone)]
pub struct Authored {
    /// What the page knows of it from the start; its file has no name yet.
    pub week: Week,
    /// What the page fetches.
    pub text: WeekText,
    /// For each exercise, states that solve it and states that do not.
    pub examples: Vec<Example>,
    /// The text as words, with the places where terms are explained.
    pub pieces: Vec<Piece>,
}

/// A state of an experiment, and whether it solves an exercise.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Id of the exercise.
    pub exercise: String,
    /// Whether it solves it.
    pub passes: bool,
    /// The running experiment.
    pub link: String,
    /// `step`, `validation_accuracy` and the like, with their values.
    pub values: Vec<(String, f64)>,
}

/// What is wrong with a line: its number from 1, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub text: String,
}

impl Problem {
    fn new(line: usize, text: impl Into<String>) -> Problem {
        Problem { line, text: text.into() }
    }
}

/// Reads all weeks: file names with their texts, in the order of the course.
///
/// # Errors
/// One line, `name:line: what is wrong`, for each file with a mistake.
pub fn read_weeks(files: &[(String, String)]) -> Result<Vec<Authored>, Vec<String>> {
    let mut weeks = Vec::new();
    let mut complaints = Vec::new();
    for (name, text) in files {
        match parts::read_week(text) {
            Ok(week) => weeks.push((name, week)),
            Err(problem) => complaints.push(format!("{name}:{}: {}", problem.line, problem.text)),
        }
    }
    let mut ids = BTreeSet::new();
    for (idx, (name, authored)) in weeks.iter().enumerate() {
        let week = &authored.week;
        if week.number as usize != idx + 1 && complaints.is_empty() {
            complaints.push(format!("{name}:1: this is file {} and calls itself week {}", idx + 1, week.number));
        }
        let labs = week.labs.iter().flat_map(|it| std::iter::once(&it.id).chain(it.variants.iter().map(|it| &it.id)));
        let all = labs.chain(week.races.iter().map(|it| &it.id));
        for id in all.chain(week.exercises.iter().map(|it| &it.id)).chain(authored.text.questions.iter().map(|it| &it.id)) {
            if !ids.insert(id.clone()) {
                complaints.push(format!("{name}:0: the id {id} is used twice in the course"));
            }
        }
    }
    let texts: Vec<_> = weeks.iter().map(|(name, week)| (name.as_str(), week.pieces.as_slice())).collect();
    complaints.extend(terms::complaints(&texts));
    if complaints.is_empty() { Ok(weeks.into_iter().map(|(_, week)| week).collect()) } else { Err(complaints) }
}

/// Reads the words of the activation gallery: the file's name and its text.
///
/// # Errors
/// `name:line: what is wrong`.
pub fn read_functions(name: &str, text: &str) -> Result<Vec<FunctionText>, String> {
    functions::read_functions(text).map_err(|problem| format!("{name}:{}: {}", problem.line, problem.text))
}

/// A file of the site: its name and what is in it.
pub type SiteFile = (String, String);

/// Makes of what was read the weeks that the page holds and, for each, the file that it fetches.
///
/// A file is named after its content, so that a browser may keep it for ever and never meets that of another release.
///
/// # Errors
/// Where a text cannot be written as JSON.
pub fn publish(authored: Vec<Authored>, functions: &[FunctionText]) -> serde_json::Result<(Vec<Week>, Vec<SiteFile>)> {
    let mut weeks = Vec::new();
    let mut files = Vec::new();
    for Authored { mut week, mut text, .. } in authored {
        let has_gallery = text.sections.iter().any(|it| it.parts.contains(&Part::Figure(Figure::Activations)));
        if has_gallery {
            text.functions = functions.to_vec();
        }
        let json = serde_json::to_string(&text)?;
        // Six bytes in hexadecimal, as in the names of the workers' folders.
        let hash: String = Sha256::digest(&json).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        week.file = format!("week-{}-{hash}.json", week.number);
        files.push((week.file.clone(), json));
        weeks.push(week);
    }
    Ok((weeks, files))
}
