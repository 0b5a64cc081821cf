//! What is **taught**: twelve weeks of text, labs, exercises and quizzes, as plain data.
//!
//! This crate knows neither the page nor a browser: it depends on `descent-spec` only. The weeks are files, `weeks/*.md`; they are
//! read, checked and typeset when the crate is built, so that adding a week, a lab or an exercise is a matter of text. What the
//! page needs at once is in this library; the texts become files of the site, which `bin/course-files.rs` writes.
//!
//! Reading order: [`model`] (what a week is), [`condition`] (what an exercise asks), [`check`] (how it is checked). The format of
//! the files is read in `author/`, at build time.

pub mod model;

pub mod check;
pub mod condition;

pub use check::{Snapshot, Verdict};
pub use model::{Exercise, FunctionText, Lab, Question, StatedResult, Status, Variant, Week, WeekText};

use std::sync::LazyLock;

#[cfg(test)]
#[path = "../author/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the build script")]
mod author;
#[cfg(test)]
mod tests;

static WEEKS: LazyLock<Vec<Week>> = LazyLock::new(|| {
    // The build wrote it from the same types; a test counts the weeks.
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/weeks.json"))).unwrap_or_default()
});

/// The folder of the site in which the texts lie.
pub const FOLDER: &str = "course";

/// All weeks, in order.
pub fn weeks() -> &'static [Week] {
    &WEEKS
}

/// The week with this number, from 1.
pub fn week(number: u32) -> Option<&'static Week> {
    weeks().iter().find(|week| week.number == number)
}

impl Week {
    /// Every link of the week with what it promises: labs and their variants.
    pub fn promises(&self) -> impl Iterator<Item = (&str, &StatedResult)> {
        self.labs.iter().flat_map(|lab| {
            let variants = lab.variants.iter().map(|it| (it.link.as_str(), &it.result));
            std::iter::once((lab.link.as_str(), &lab.result)).chain(variants)
        })
    }

    /// The lab of this week with this id.
    pub fn lab(&self, id: &str) -> Option<&Lab> {
        self.labs.iter().find(|lab| lab.id == id)
    }

    /// Where its text is, from the site's folder.
    pub fn address(&self) -> String {
        format!("{FOLDER}/{}", self.file)
    }
}

impl WeekText {
    /// Reads a file of the site.
    ///
    /// # Errors
    /// What is odd about it, for those who can mend it.
    pub fn parse(json: &str) -> Result<WeekText, String> {
        serde_json::from_str(json).map_err(|err| err.to_string())
    }

    /// What the activation gallery says of the function with this id: an activation's of the registry, or `step`.
    pub fn function(&self, id: &str) -> Option<&FunctionText> {
        self.functions.iter().find(|function| function.id == id)
    }
}
