//! The shell: which page the address asks for, and what keeps lab, address and browser in step.

use crate::components::bench_page::BenchPage;
use crate::components::header::Header;
use crate::components::help::Help;
use crate::components::notices::{Alerts, Foot, RestartStrip};
use crate::components::run_bar::RunBar;
use crate::components::set_up::SetUp;
use crate::components::tabs::{Tabs, pane_id};
use crate::course::frame::show_from;
use crate::course::{Course, ExercisePanel, Home, VariantPanel, WeekPage};
use crate::link::{self, Route};
use crate::race::{RaceLab, RacePage};
use crate::state::{Lab, Pane, RunPhase};
use crate::views::{Results, Stage};
use crate::{console, keyboard};
use descent_spec::Experiment;
use descent_spec::message::{Phase, ToWorker};
use descent_spec::registry::Registry;
use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// An untouched run follows the set-up once nothing was edited for this long.
const SETTLE: Duration = Duration::from_millis(300);

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let lab = Lab::new(Experiment::default());
    provide_context(lab);
    provide_context(Course::new(lab));
    let race = RaceLab::new(lab);
    provide_context(race);
    let route = RwSignal::new(link::route_of(&link::fragment()));
    if route.get_untracked() == Route::Lab {
        lab.experiment.set(link::read(lab, &link::fragment()));
        lab.start();
    }
    if route.get_untracked() == Route::Race {
        race.open_link(&link::fragment());
    }
    let is_started = StoredValue::new(route.get_untracked() == Route::Lab);
    // The page that was left last, and how far down it was read.
    let left = StoredValue::new(None);
    follow_address((lab, race), route, is_started, left);
    keep_in_step(lab, route);
    follow_visibility(lab);
    keyboard::install(lab, route);
    console::install(lab);
    // Another experiment in the same lab is the same page.
    let page = Memo::new(move |_| route.get());
    follow_page(lab, page, left);
    move || match page.get() {
        Route::Home => view! { <Home/> }.into_any(),
        Route::Week(number) => view! { <WeekPage number/> }.into_any(),
        Route::Race => view! { <RacePage/> }.into_any(),
        Route::Bench => view! { <BenchPage/> }.into_any(),
        Route::Lab => view! { <LabPage/> }.into_any(),
    }
}

/// What changes with the page: its title, where it is read from, and whether the lab goes on unseen.
fn follow_page(lab: Lab, page: Memo<Route>, left: StoredValue<Option<(Route, f64)>>) {
    Effect::new(move |before: Option<Route>| {
        let now = page.get();
        let title = match now {
            Route::Home => "Descent: a deep-learning course you play".to_owned(),
            Route::Week(number) => number
                .and_then(descent_course::week)
                .map_or_else(|| "Descent".to_owned(), |week| format!("Week {}: {} · Descent", week.number, week.title)),
            Route::Race => "Optimizer race · Descent".to_owned(),
            Route::Bench => "Bench · Descent".to_owned(),
            Route::Lab => format!("{} · Descent", lab.experiment.read().data.set.label()),
        };
        document().set_title(&title);
        if before.is_some_and(|before| before != now) && now != Route::Lab && lab.running.get_untracked() {
            // Nobody could stop it from there. A pause also saves the run.
            lab.pause();
        }
        if before.is_some_and(|before| before != now) {
            // Who comes back from a lab reads on where they were; every other page begins at its beginning.
            let left = left.get_value().filter(|(page, _)| before == Some(Route::Lab) && *page == now);
            let top = left.map_or(0.0, |(_, top)| top);
            // After the new page stands.
            request_animation_frame(move || show_from(top));
        }
        now
    });
}

#[component]
fn LabPage() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let is_narrow = narrow_signal();
    let role = move || if is_narrow.get() { "tabpanel" } else { "region" };
    let is_current = move |pane: Pane| move || lab.pane.get() == pane;
    // All sets of points share their views; each set of pictures has its own.
    let set = Memo::new(move |_| Some(lab.experiment.read().data.set).filter(|set| !set.is_planar()));
    let pane = move |pane: Pane, name: &'static str, label: &'static str, content: AnyView| {
        view! {
            <section class="pane" class:current=is_current(pane) data-pane=name id=pane_id(pane) role=role aria-label=label>
                {content}
            </section>
        }
    };
    view! {
        <div class="page">
            <Header/>
            <RunBar/>
            <Alerts/>
            <RestartStrip/>
            <Tabs/>
            <main class="panes">
                // Views read shape and class names when they are made: another data set makes them anew.
                {move || {
                    // Read, not only tracked: nobody else would ever work the memo out again.
                    set.with(|_| ());
                    view! {
                        {pane(Pane::SetUp, "set-up", "Set-up", view! { <SetUp/> }.into_any())}
                        {pane(Pane::Stage, "stage", "Stage", view! { <VariantPanel/><ExercisePanel/><Stage/> }.into_any())}
                        {pane(Pane::Results, "results", "Results", view! { <Results/> }.into_any())}
                    }
                }}
            </main>
            <Foot/>
            <Help/>
        </div>
    }
}

/// An edited or clicked address becomes the experiment.
fn follow_address(
    (lab, race): (Lab, RaceLab),
    route: RwSignal<Route>,
    is_started: StoredValue<bool>,
    left: StoredValue<Option<(Route, f64)>>,
) {
    let handle = window_event_listener(ev::hashchange, move |_| {
        let fragment = link::fragment();
        if route.get_untracked() != Route::Lab {
            left.set_value(Some((route.get_untracked(), window().scroll_y().unwrap_or(0.0))));
        }
        let wanted = link::route_of(&fragment);
        if wanted == Route::Race {
            race.open_link(&fragment);
        }
        route.set(wanted);
        if route.get_untracked() == Route::Lab {
            let wanted = link::read(lab, &fragment);
            // Back from another page to the same experiment: the run is still there.
            if !is_started.get_value() || wanted != lab.experiment.get_untracked() {
                is_started.set_value(true);
                lab.open_link(wanted);
            }
        }
    });
    on_cleanup(move || handle.remove());
}

/// The experiment goes into the address bar, live edits into the session, and edits before the first step into a new session.
fn keep_in_step(lab: Lab, route: RwSignal<Route>) {
    Effect::new(move |_| {
        let (experiment, lesson) = (lab.experiment.get(), lab.lesson.get());
        if route.get() == Route::Lab {
            link::write(&experiment, &lesson);
        }
        lab.tune();
    });
    let is_untouched =
        Memo::new(move |_| lab.progress.read().step == 0 && lab.run_phase.get() == RunPhase::Session(Phase::Ready));
    Effect::new(move |pending: Option<Option<TimeoutHandle>>| {
        if let Some(Some(pending)) = pending {
            pending.clear();
        }
        lab.experiment.track();
        let is_due = move || lab.stale.get_untracked() && is_untouched.get_untracked() && !lab.running.get_untracked();
        (lab.stale.get() && is_untouched.get() && lab.trace.read().is_ok())
            .then(|| {
                let restart = move || {
                    if is_due() {
                        lab.reset();
                    }
                };
                set_timeout_with_handle(restart, SETTLE).ok()
            })
            .flatten()
    });
}

/// A hidden page trains on but draws nothing; what was trained until then is saved at once.
fn follow_visibility(lab: Lab) {
    let on_change = Closure::<dyn FnMut()>::new(move || {
        let hidden = document().hidden();
        lab.hidden.set(hidden);
        if !hidden {
            lab.history_tick.update(|tick| *tick += 1);
            lab.send_watch();
        } else if lab.progress.read_untracked().step > 0 && lab.running.get_untracked() {
            lab.command(ToWorker::Checkpoint);
        }
    });
    let _ = document().add_event_listener_with_callback("visibilitychange", on_change.as_ref().unchecked_ref());
    // The page and its listener end together.
    on_change.forget();
}

/// Whether one pane is shown at a time; the same width as in the style sheet.
fn narrow_signal() -> RwSignal<bool> {
    let query = window().match_media("(max-width: 639px)").ok().flatten();
    let narrow = RwSignal::new(query.as_ref().is_some_and(|query| query.matches()));
    if let Some(query) = query {
        let watched = query.clone();
        let on_change = Closure::<dyn FnMut()>::new(move || narrow.set(watched.matches()));
        let _ = query.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
        on_change.forget();
    }
    narrow
}
