//! What is **taught**: twelve weeks of text, labs, exercises and quizzes, as plain data.
//!
//! This crate knows neither the page nor a browser: it depends on `descent-spec` only. The weeks are files, `weeks/*.md`; they are
//! read, checked and typeset when the crate is built, so that adding a week, a lab or an exercise is a matter of text.
//!
//! Reading order: [`model`] (what a week is), [`condition`] (what an exercise asks), [`check`] (how it is checked). The format of
//! the files is read in `author/`, at build time.

pub mod model;

pub mod check;
pub mod condition;

pub use check::{Snapshot, Verdict};
pub use model::{Exercise, FunctionText, Lab, Question, StatedResult, Status, Variant, Week};

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

static FUNCTIONS: LazyLock<Vec<FunctionText>> = LazyLock::new(|| {
    // As above; a test looks for every activation.
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/functions.json"))).unwrap_or_default()
});

/// All weeks, in order.
pub fn weeks() -> &'static [Week] {
    &WEEKS
}

/// The week with this number, from 1.
pub fn week(number: u32) -> Option<&'static Week> {
    weeks().iter().find(|week| week.number == number)
}

/// What the activation gallery says of the function with this id: an activation's of the registry, or `step`.
pub fn function(id: &str) -> Option<&'static FunctionText> {
    FUNCTIONS.iter().find(|function| function.id == id)
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
}
