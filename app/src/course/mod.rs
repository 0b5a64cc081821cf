//! The course as it is seen: home, week pages, and what the lab shows of the week it was opened from.
//!
//! What is taught comes from `descent-course`; nothing here knows one week from another. Reading order: [`progress`] (what is
//! kept), [`texts`] (what is fetched), [`state`] (the store), the pages, their parts.

pub mod progress;
pub mod snapshot;
pub mod state;
pub mod texts;

pub mod frame;

pub mod home;
pub mod home_lab;
pub mod week_card;

pub mod week_page;

pub mod exercise_card;
pub mod lab_card;
pub mod quiz;
pub mod week_text;

pub mod figures;

pub mod exercise_panel;
pub mod progress_file;
pub mod variant_panel;

pub use exercise_panel::ExercisePanel;
pub use home::Home;
pub use state::Course;
pub use variant_panel::VariantPanel;
pub use week_page::WeekPage;
