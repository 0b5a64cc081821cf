//! Beside the first sentence: a small network to look at.

use super::lab_card::LabLink;
use descent_course::week;
use leptos::prelude::*;

/// The first lab of the course, one click away.
#[component]
pub fn HomeLab() -> impl IntoView {
    let first = week(1).and_then(|week| week.labs.first().map(|lab| (week.number, lab)));
    first.map(|(week, lab)| {
        view! {
            <section class="home-lab" aria-labelledby="home-lab-title">
                <h2 id="home-lab-title">"The first lab"</h2>
                <p class="home-lab-link"><LabLink week lab/></p>
                <p class="quiet">{lab.why.as_str()}</p>
            </section>
        }
    })
}
