//! The page at `#/race`.

use super::form::Form;
use super::pictures::{Losses, Map};
use super::results::{LossTable, Results};
use super::state::{RaceLab, Stage};
use crate::course::frame::{Frame, TITLE_ID};
use crate::format::count;
use crate::link;
use descent_spec::contest;
use leptos::prelude::*;

/// Optimizers racing: form, pictures, results.
#[component]
pub fn RacePage() -> impl IntoView {
    let race = expect_context::<RaceLab>();
    on_cleanup(move || race.leave());
    // The form goes into the address bar as long as it is one that can be raced.
    Effect::new(move |_| {
        let setup = race.setup();
        if setup.check().is_ok() {
            link::write_fragment(&contest::link::encode(&setup));
        }
    });
    let problem = Memo::new(move |_| race.setup().check().err());
    let is_first = move || race.run.with(|run| run.runners.is_empty());
    view! {
        <Frame trail="Week 3 · Optimizer race">
            <div class="week-head">
                <h1 id=TITLE_ID tabindex="-1">"Optimizer race"</h1>
                <p class="lead">
                    "The same start and the same ground for all; on a net the same first weights and the same batches, too. Only the \
                     rule and its learning rate differ. "<a href="#/week/3">"The rules are in week 3"</a>"."
                </p>
            </div>
            <div class="race">
                <section class="race-form" aria-label="Set-up">
                    <Form race/>
                    <p class="race-buttons">
                        <button
                            type="button"
                            class="solid"
                            disabled=move || race.is_busy() || problem.read().is_some()
                            on:click=move |_| race.start()
                        >
                            {move || if is_first() { "Race" } else { "Again" }}
                        </button>
                        <button type="button" disabled=move || !race.is_busy() on:click=move |_| race.stop()>"Stop"</button>
                        <span class="quiet race-stage">{move || stage_words(race)}</span>
                    </p>
                    <p class="problem" hidden=move || problem.read().is_none()>{move || problem.get()}</p>
                </section>
                <section class="race-views" aria-label="Race">
                    <p role="status" class="race-outcome">{move || race.run.with(|run| run.outcome())}</p>
                    <div class="race-pictures">
                        <Map race/>
                        <Losses race/>
                    </div>
                    <Results race/>
                    <LossTable race/>
                </section>
            </div>
        </Frame>
    }
}

fn stage_words(race: RaceLab) -> String {
    let step = move || race.run.with(|run| count(u64::from(run.step)));
    match race.stage.get() {
        Stage::Ready => "Ready".into(),
        Stage::Starting => "Starting".into(),
        Stage::Racing => format!("Racing, step {}", step()),
        Stage::Measuring => "Measuring the slice".into(),
        Stage::Over => "Done".into(),
    }
}
