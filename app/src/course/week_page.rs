//! A week: text with its labs beside it, exercises, quiz, words, books, and the way to its neighbours.

use super::exercise_card::Exercises;
use super::frame::{Frame, TITLE_ID};
use super::lab_card::{LabCard, RaceCard};
use super::quiz::Quiz;
use super::state::Course;
use super::week_text::{Lesson, Reading, Words};
use descent_course::{Status, Week, week};
use leptos::prelude::*;

/// The page at `#/week/N`.
#[component]
pub fn WeekPage(
    /// Its number, if the address holds one.
    number: Option<u32>,
) -> impl IntoView {
    match number.and_then(week) {
        Some(week) => view! { <Found week/> }.into_any(),
        None => view! { <Missing/> }.into_any(),
    }
}

#[component]
fn Found(week: &'static Week) -> impl IntoView {
    let course = expect_context::<Course>();
    course.visit(week.number);
    let text = course.texts.open(week);
    let labs = (!week.labs.is_empty()).then(|| {
        let cards = week.labs.iter().map(|lab| view! { <LabCard week=week.number lab/> }).collect_view();
        view! {
            <section class="week-labs" aria-labelledby="labs-title">
                <h2 id="labs-title">"Labs"</h2>
                <ul>{cards}</ul>
            </section>
        }
    });
    let races = (!week.races.is_empty()).then(|| {
        let cards = week.races.iter().map(|race| view! { <RaceCard race/> }).collect_view();
        view! {
            <section class="week-races" aria-labelledby="races-title">
                <h2 id="races-title">"Races"</h2>
                <ul>{cards}</ul>
            </section>
        }
    });
    let coming = (week.status == Status::Coming).then_some("coming");
    view! {
        <Frame trail=format!("Week {} · {}", week.number, week.title)>
            <div class="week-head">
                <p class="eyebrow"><span>{format!("Week {}", week.number)}</span><span>{coming}</span></p>
                <h1 id=TITLE_ID tabindex="-1">{week.title.as_str()}</h1>
                <p class="lead">{week.theme.as_str()}</p>
            </div>
            <div class="week-body">
                <Lesson week text/>
                <div class="week-aside">{labs}{races}</div>
            </div>
            <Exercises week/>
            {move || text.get().here().map(|text| view! { <Quiz text/><Words text/><Reading text/> })}
            <Neighbours number=week.number/>
        </Frame>
    }
}

#[component]
fn Missing() -> impl IntoView {
    view! {
        <Frame trail="">
            <div class="week-head">
                <h1 id=TITLE_ID tabindex="-1">"There is no such week"</h1>
                <p class="lead">"The course has twelve weeks. "<a href="#/">"See them all"</a>"."</p>
            </div>
        </Frame>
    }
}

#[component]
fn Neighbours(number: u32) -> impl IntoView {
    let link = |neighbour: Option<&'static Week>, rel: &'static str, word: &'static str| {
        neighbour.map(|week| {
            view! {
                <a href=format!("#/week/{}", week.number) rel=rel>
                    <small>{word}</small>
                    {format!("Week {}: {}", week.number, week.title)}
                </a>
            }
        })
    };
    let before = number.checked_sub(1).and_then(week);
    view! {
        <nav class="neighbours" aria-label="Weeks">
            {link(before, "prev", "Previous")}
            {link(week(number + 1), "next", "Next")}
        </nav>
    }
}
