//! The store of the course: one [`Course`] in Leptos context, kept in the browser's storage.

use super::progress::Progress;
use super::texts::Texts;
use crate::state::Lab;
use leptos::prelude::*;

/// Where progress is kept on the device.
const PROGRESS_KEY: &str = "descent.progress";
/// Where a text goes that could not be read, so that it is not overwritten.
const UNREADABLE_KEY: &str = "descent.progress.unreadable";
/// Where the week is kept from which the lab was opened, for as long as the tab lives.
const FROM_KEY: &str = "descent.from-week";

/// What a visitor has done and where they come from. Copy it into closures freely.
#[derive(Clone, Copy)]
pub struct Course {
    /// Weeks visited, exercises solved, questions answered.
    pub progress: RwSignal<Progress>,
    /// The week from which the lab was opened.
    pub from_week: RwSignal<Option<u32>>,
    /// What there is to read.
    pub texts: Texts,
    /// Alerts are the lab's: the page has one place for them.
    lab: Lab,
    /// Whether it was said that storage does not work.
    told: StoredValue<bool>,
}

impl Course {
    /// The course with what this device remembers of it.
    pub fn new(lab: Lab) -> Course {
        let course = Course {
            progress: RwSignal::new(Progress::default()),
            from_week: RwSignal::new(None),
            texts: Texts::unfetched(),
            lab,
            told: StoredValue::new(false),
        };
        if let Some(text) = local().and_then(|storage| storage.get_item(PROGRESS_KEY).ok().flatten()) {
            match Progress::parse(&text) {
                Ok(progress) => course.progress.set(progress),
                Err(why) => {
                    if let Some(storage) = local() {
                        let _ = storage.set_item(UNREADABLE_KEY, &text);
                    }
                    lab.alert(format!(
                        "The progress kept in this browser could not be read, and the course starts afresh. {why} \
                         The old text is kept under {UNREADABLE_KEY}."
                    ));
                }
            }
        }
        let from = session().and_then(|storage| storage.get_item(FROM_KEY).ok().flatten());
        course
            .from_week
            .set(from.and_then(|number| number.parse().ok()).filter(|number| descent_course::week(*number).is_some()));
        course
    }

    /// A week's page was opened.
    pub fn visit(self, week: u32) {
        if !self.progress.read_untracked().weeks.contains(&week) {
            self.progress.update(|progress| {
                let _ = progress.weeks.insert(week);
            });
            self.save();
        }
    }

    /// A lab is about to be opened from this week.
    pub fn leave_for_lab(self, week: u32) {
        self.from_week.set(Some(week));
        if let Some(storage) = session() {
            let _ = storage.set_item(FROM_KEY, &week.to_string());
        }
    }

    /// Whether this exercise was solved once.
    pub fn is_solved(self, id: &str) -> bool {
        self.progress.read().exercises.contains(id)
    }

    /// An exercise was solved.
    pub fn solve(self, id: &str) {
        if !self.progress.read_untracked().exercises.contains(id) {
            self.progress.update(|progress| {
                let _ = progress.exercises.insert(id.into());
            });
            self.save();
        }
    }

    /// A question was answered, or answered anew.
    pub fn answer(self, id: &str, choice: u32) {
        self.progress.update(|progress| {
            let _ = progress.answers.insert(id.into(), choice);
        });
        self.save();
    }

    /// Takes over the progress of a file, and says what was in it.
    ///
    /// # Errors
    /// A sentence; everything is as it was then.
    pub fn import(self, text: &str) -> Result<String, String> {
        let imported = Progress::parse(text)?;
        let (n_exercises, n_answers) = (imported.exercises.len(), imported.answers.len());
        self.progress.update(|progress| progress.merge(imported));
        self.save();
        Ok(format!("The file is imported: exercises solved: {n_exercises}, questions answered: {n_answers}."))
    }

    /// Writes everything down. What another tab has written meanwhile is taken over first, so that no tab undoes another.
    fn save(self) {
        let storage = local();
        let stored = storage.as_ref().and_then(|storage| storage.get_item(PROGRESS_KEY).ok().flatten());
        if let Some(Ok(stored)) = stored.map(|text| Progress::parse(&text)) {
            self.progress.update(|progress| progress.merge(stored));
        }
        let text = self.progress.read_untracked().to_json();
        let is_saved = storage.is_some_and(|storage| storage.set_item(PROGRESS_KEY, &text).is_ok());
        if !is_saved && !self.told.get_value() {
            self.told.set_value(true);
            self.lab.alert(
                "This browser does not let the page keep your progress: it lasts until the page is closed. \
                 Export it on the home page to keep it.",
            );
        }
    }
}

fn local() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn session() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}
