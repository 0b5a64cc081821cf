//! The text of a week: goals, sections with their figures, the words it explains, books; and what stands there until it comes.

use super::figures::FigureView;
use super::frame::{TITLE_ID, focus};
use super::state::Course;
use super::texts::{Text, Trouble};
use descent_course::model::Part;
use descent_course::{Week, WeekText};
use leptos::prelude::*;

/// Goals and sections, as soon as they are here.
#[component]
pub fn Lesson(
    /// The week.
    week: &'static Week,
    /// Its text, or what became of it.
    text: RwSignal<Text>,
) -> impl IntoView {
    let said =
        move || if text.get() == Text::Awaited { format!("Loading the text of week {}…", week.number) } else { String::new() };
    view! {
        // Until the text is here it keeps a screen's room, so that nothing that can be seen moves when it comes.
        <div class="week-text" class:awaited=move || text.get().here().is_none() aria-busy=move || (text.get() == Text::Awaited).to_string()>
            <p class="quiet" role="status">{said}</p>
            {move || match text.get() {
                Text::Unasked | Text::Awaited => ().into_any(),
                Text::Here(text) => view! { <Sections week=week.number text/> }.into_any(),
                Text::Failed(trouble) => view! { <Failed week trouble/> }.into_any(),
            }}
        </div>
    }
}

/// Says why there is no text, and tries again.
#[component]
fn Failed(week: &'static Week, trouble: Trouble) -> impl IntoView {
    let course = expect_context::<Course>();
    let retry = move |_| {
        // The button goes; who came to it by keyboard is led to the heading above the text.
        focus(TITLE_ID);
        let _ = course.texts.open(week);
    };
    view! {
        <div class="text-failed" role="alert">
            <p>{trouble.sentence(week.number)}</p>
            <button type="button" on:click=retry>"Try again"</button>
        </div>
    }
}

#[component]
fn Sections(week: u32, text: &'static WeekText) -> impl IntoView {
    let goals = (!text.goals.is_empty()).then(|| {
        view! {
            <section class="goals" aria-labelledby="goals-title">
                <h2 id="goals-title">"Afterwards you can"</h2>
                <Items items=&text.goals/>
            </section>
        }
    });
    let sections = text.sections.iter().map(|section| {
        let title = (!section.title.is_empty()).then(|| view! { <h2>{section.title.as_str()}</h2> });
        let parts = section.parts.iter().map(|part| match part {
            // Made from checked text by the build of the course.
            Part::Html(html) => view! { <div inner_html=html.as_str()></div> }.into_any(),
            Part::Figure(figure) => view! { <FigureView figure=*figure week text/> }.into_any(),
        });
        view! { {title}{parts.collect_view()} }
    });
    view! { {goals}{sections.collect_view()} }
}

/// The words the text explains, to look them up again.
#[component]
pub fn Words(
    /// The text.
    text: &'static WeekText,
) -> impl IntoView {
    let entries =
        text.terms.iter().map(|term| view! { <div><dt>{term.name.as_str()}</dt><dd>{term.explanation.as_str()}</dd></div> });
    (!text.terms.is_empty()).then(|| {
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
    /// The text.
    text: &'static WeekText,
) -> impl IntoView {
    (!text.reading.is_empty()).then(|| {
        view! {
            <section class="reading" aria-labelledby="reading-title">
                <h2 id="reading-title">"Further reading"</h2>
                <Items items=&text.reading/>
            </section>
        }
    })
}

#[component]
fn Items(items: &'static [String]) -> impl IntoView {
    view! { <ul class="items">{items.iter().map(|item| view! { <li inner_html=item.as_str()></li> }).collect_view()}</ul> }
}
