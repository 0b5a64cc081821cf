//! The home page: what this is, a network at work, twelve weeks, and the visitor's progress.

use super::frame::{Frame, TITLE_ID};
use super::home_lab::HomeLab;
use super::progress_file::ProgressFile;
use super::week_card::WeekCard;
use descent_course::weeks;
use leptos::prelude::*;

/// The page at `#/`.
#[component]
pub fn Home() -> impl IntoView {
    view! {
        <Frame trail="">
            <div class="hero">
                <div class="hero-words">
                    <h1 id=TITLE_ID tabindex="-1">"A deep-learning course you play"</h1>
                    <p class="lead">
                        "Every network here is real: it trains in your browser, on your machine, and you can stop it, step it, open it up and break it."
                    </p>
                    <p class="hero-links"><a class="button solid" href="#/week/1">"Start with week 1"</a></p>
                </div>
                <HomeLab/>
            </div>
            <section aria-labelledby="weeks-title">
                <h2 id="weeks-title">"Twelve weeks"</h2>
                <ol class="weeks">{weeks().iter().map(|week| view! { <WeekCard week/> }).collect_view()}</ol>
            </section>
            <ProgressFile/>
        </Frame>
    }
}
