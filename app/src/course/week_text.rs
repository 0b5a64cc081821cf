//! The text of a week: goals, sections with their figures, the words it explains, books.

use super::figures::FigureView;
use descent_course::Week;
use descent_course::model::Part;
use leptos::prelude::*;

/// Goals and sections.
#[component]
pub fn WeekText(
    /// The week.
    week: &'static Week,
) -> impl IntoView {
    let goals = (!week.goals.is_empty()).then(|| {
        view! {
            <section class="goals" aria-labelledby="goals-title">
                <h2 id="goals-title">"Afterwards you can"</h2>
                <Items items=&week.goals/>
            </section>
        }
    });
    let sections = week.sections.iter().map(|section| {
        let title = (!section.title.is_empty()).then(|| view! { <h2>{section.title.as_str()}</h2> });
        let parts = section.parts.iter().map(|part| match part {
            // Made from checked text by the build of the course.
            Part::Html(html) => view! { <div inner_html=html.as_str()></div> }.into_any(),
            Part::Figure(figure) => view! { <FigureView figure=*figure week=week.number/> }.into_any(),
        });
        view! { {title}{parts.collect_view()} }
    });
    view! { <div class="week-text">{goals}{sections.collect_view()}</div> }
}

/// The words the text explains, to look them up again.
#[component]
pub fn Words(
    /// The week.
    week: &'static Week,
) -> impl IntoView {
    let entries =
        week.terms.iter().map(|term| view! { <div><dt>{term.name.as_str()}</dt><dd>{term.explanation.as_str()}</dd></div> });
    (!week.terms.is_empty()).then(|| {
        view! {
            <section aria-labelledby="words-title">
                <h2 id="words-title">"Words of this week"</h2>
                <dl class="words">{entries.collect_view()}</dl>
            </section>
        }
    })
}

/// Books and papers.
#[component]
pub fn Reading(
    /// The week.
    week: &'static Week,
) -> impl IntoView {
    (!week.reading.is_empty()).then(|| {
        view! {
            <section class="reading" aria-labelledby="reading-title">
                <h2 id="reading-title">"Further reading"</h2>
                <Items items=&week.reading/>
            </section>
        }
    })
}

#[component]
fn Items(items: &'static [String]) -> impl IntoView {
    view! { <ul class="items">{items.iter().map(|item| view! { <li inner_html=item.as_str()></li> }).collect_view()}</ul> }
}
