//! The set-up pane, in reading order: data, model, training.

pub mod data_card;
pub mod find_rate;
pub mod layer_row;
pub mod loss_choice;
pub mod model_card;
pub mod own_series;
pub mod pairs_fields;
pub mod points_fields;
pub mod reviews_fields;
pub mod schedule_fields;
pub mod series_fields;
pub mod set_choice;
pub mod text_fields;
pub mod training_card;
pub mod words_fields;

use super::teacher_link::TeacherLink;
use data_card::DataCard;
use leptos::prelude::*;
use model_card::ModelCard;
use training_card::TrainingCard;

/// Data, model, training.
#[component]
pub fn SetUp() -> impl IntoView {
    view! {
        <DataCard/>
        <ModelCard/>
        <TrainingCard/>
        <TeacherLink/>
    }
}
