//! One week on the home page.

use super::lab_card::LabLink;
use super::state::Course;
use descent_course::{Status, Week};
use leptos::prelude::*;

/// The card: title, theme, labs, and how far the visitor has come.
#[component]
pub fn WeekCard(
    /// The week.
    week: &'static Week,
) -> impl IntoView {
    let course = expect_context::<Course>();
    let standing = move || match week.status {
        Status::Coming => "coming".to_owned(),
        Status::Open => {
            let solved = week.exercises.iter().filter(|exercise| course.is_solved(&exercise.id)).count();
            format!("{solved} of {} exercises solved", week.exercises.len())
        }
    };
    let labs = (!week.labs.is_empty()).then(|| {
        let links = week.labs.iter().map(|lab| view! { <li><LabLink week=week.number lab/></li> }).collect_view();
        view! { <ul class="lab-links" aria-label=format!("Labs of week {}", week.number)>{links}</ul> }
    });
    view! {
        <li class="card" class:coming=week.status == Status::Coming>
            <p class="eyebrow"><span>{format!("Week {}", week.number)}</span><span>{standing}</span></p>
            <h3><a href=format!("#/week/{}", week.number)>{week.title.as_str()}</a></h3>
            <p>{week.theme.as_str()}</p>
            {labs}
        </li>
    }
}
