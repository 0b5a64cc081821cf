//! The quiz: one answer for each question, explained at once.

use super::state::Course;
use descent_course::{Question, WeekText};
use leptos::prelude::*;

/// All questions of a week.
#[component]
pub fn Quiz(
    /// The text of the week.
    text: &'static WeekText,
) -> impl IntoView {
    let course = expect_context::<Course>();
    let standing = move || {
        let progress = course.progress.read();
        let is_right = |question: &Question| {
            let choice = progress.answers.get(&question.id).and_then(|choice| question.choices.get(*choice as usize));
            choice.is_some_and(|choice| choice.is_right)
        };
        let n_right = text.questions.iter().filter(|question| is_right(question)).count();
        format!("{n_right} of {} right", text.questions.len())
    };
    (!text.questions.is_empty()).then(|| {
        view! {
            <section class="quiz" aria-labelledby="quiz-title">
                <h2 id="quiz-title">"Quiz"</h2>
                <p class="small quiet standing">{standing}</p>
                <ol>{text.questions.iter().map(|question| view! { <li><Asked question/></li> }).collect_view()}</ol>
            </section>
        }
    })
}

#[component]
fn Asked(question: &'static Question) -> impl IntoView {
    let course = expect_context::<Course>();
    let taken = Memo::new(move |_| course.progress.read().answers.get(&question.id).map(|choice| *choice as usize));
    let choices = question.choices.iter().enumerate().map(|(idx, choice)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=question.id.as_str()
                    prop:checked=move || taken.get() == Some(idx)
                    on:change=move |_| course.answer(&question.id, idx as u32)
                />
                <span inner_html=choice.html.as_str()></span>
            </label>
        }
    });
    let chosen = move || taken.get().and_then(|idx| question.choices.get(idx));
    let verdict = move || chosen().map_or("", |choice| if choice.is_right { "Right. " } else { "Not quite. " });
    let why = move || chosen().map_or("", |choice| choice.why_html.as_str());
    view! {
        <fieldset class="question" data-question=question.id.as_str()>
            <legend inner_html=question.html.as_str()></legend>
            {choices.collect_view()}
            <p class="why" role="status"><b>{verdict}</b><span inner_html=why></span></p>
        </fieldset>
    }
}
