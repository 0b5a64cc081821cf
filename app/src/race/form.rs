//! What is raced: where, who, at which rate, for how long.

use super::state::RaceLab;
use crate::canvas::contest::LOOKS;
use crate::components::fields::{NumberBox, field_id};
use descent_spec::contest::{Arena, MAX_STEPS, Surface};
use descent_spec::registry::Registry;
use descent_spec::training::{MAX_LEARNING_RATE, OPTIMIZERS};
use descent_spec::{DataSet, Experiment, link};
use leptos::prelude::*;

/// Labels of the rates, in the order of the optimizers' table.
const RATES: [&str; 7] = [
    "Rate of SGD",
    "Rate of Momentum",
    "Rate of Nesterov",
    "Rate of AdaGrad",
    "Rate of RMSprop",
    "Rate of Adam",
    "Rate of AdamW",
];

/// The form.
#[component]
pub fn Form(
    /// The race.
    race: RaceLab,
) -> impl IntoView {
    let place = move || match race.arena.get() {
        Arena::Surface { surface, .. } => view! { <OnSurface race surface/> }.into_any(),
        Arena::Net { .. } => view! { <OnNet race/> }.into_any(),
    };
    // The fields of an arena stay while its values change.
    let kind = Memo::new(move |_| kind_of(&race.arena.read()));
    view! {
        <WhereChoice race/>
        {move || {
            // A memo that is tracked and never read is not computed anew.
            kind.with(|_| ());
            untrack(place)
        }}
        <NumberBox
            label="Steps"
            value=Signal::derive(move || f64::from(race.steps.get()))
            min=1.0
            max=f64::from(MAX_STEPS)
            whole=true
            set=move |value| race.steps.set(value as u32)
        />
        <ul class="racers">{(0..OPTIMIZERS.len()).map(|row| view! { <RacerRow race row/> }).collect_view()}</ul>
    }
}

/// What the choice of the arena says: a surface's id, or `net`.
fn kind_of(arena: &Arena) -> &'static str {
    match arena {
        Arena::Surface { surface, .. } => surface.id(),
        Arena::Net { .. } => "net",
    }
}

#[component]
fn WhereChoice(race: RaceLab) -> impl IntoView {
    let id = field_id("race-on");
    let kind = Memo::new(move |_| kind_of(&race.arena.read()));
    let choose = move |event| {
        let wanted = event_target_value(&event);
        race.choose(match Surface::parse(&wanted) {
            Ok(surface) => Arena::surface(surface),
            Err(_) => Arena::net(Experiment::for_set(DataSet::Moons)),
        });
    };
    let options = Surface::table().iter().map(|entry| (entry.id, entry.label)).chain([("net", "A small net")]);
    let options = options.map(|(id, label)| view! { <option value=id selected=move || kind.get() == id>{label}</option> });
    view! {
        <div class="row">
            <label for=id.clone()>"Race on"</label>
            <select id=id on:change=choose prop:value=move || kind.get()>
                {options.collect_view()}
            </select>
        </div>
    }
}

#[component]
fn OnSurface(race: RaceLab, surface: Surface) -> impl IntoView {
    let facts = surface.facts();
    let [left, right, low, high] = facts.view;
    let start = move || match race.arena.get() {
        Arena::Surface { start, .. } => start,
        Arena::Net { .. } => facts.start,
    };
    let set = move |start: (f64, f64)| race.move_to(Arena::Surface { surface, start });
    view! {
        <NumberBox
            label="Start x"
            value=Signal::derive(move || start().0)
            min=left
            max=right
            set=move |x| set((x, untrack(start).1))
        />
        <NumberBox label="Start y" value=Signal::derive(move || start().1) min=low max=high set=move |y| set((untrack(start).0, y))/>
        <p class="race-formula">{facts.formula}</p>
        <p class="small quiet">{facts.lesson}" Minimum 0 at "{minima_words(facts.minima)}". Source: "{facts.source}"."</p>
    }
}

fn minima_words(minima: &[(f64, f64)]) -> String {
    let word = |&(x, y): &(f64, f64)| format!("({x}, {y})").replace('-', "−");
    minima.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[component]
fn OnNet(race: RaceLab) -> impl IntoView {
    let experiment = move || match race.arena.get() {
        Arena::Net { experiment } => *experiment,
        Arena::Surface { .. } => Experiment::for_set(DataSet::Moons),
    };
    let id = field_id("race-set");
    let set = Memo::new(move |_| experiment().data.set);
    let sets = DataSet::table().iter().filter(|entry| entry.value.is_planar() && entry.value.is_drawn());
    let options =
        sets.map(|entry| view! { <option value=entry.id selected=move || set.get() == entry.value>{entry.label}</option> });
    let choose = move |event| {
        if let Ok(set) = DataSet::parse(&event_target_value(&event)) {
            let seed = untrack(experiment).seed;
            race.move_to(Arena::net(Experiment { seed, ..Experiment::for_set(set) }));
        }
    };
    let address = move || format!("#/{}", link::encode(&experiment()));
    view! {
        <div class="row">
            <label for=id.clone()>"Points"</label>
            <select id=id on:change=choose prop:value=move || set.get().id()>
                {options.collect_view()}
            </select>
        </div>
        <NumberBox
            label="Seed"
            value=Signal::derive(move || f64::from(experiment().seed))
            min=0.0
            max=f64::from(u32::MAX)
            whole=true
            set=move |seed| race.move_to(Arena::net(Experiment { seed: seed as u32, ..untrack(experiment) }))
        />
        <p class="small quiet">
            {move || net_words(&experiment())}" "<a href=address>"Open it as a lab"</a>
        </p>
    }
}

fn net_words(experiment: &Experiment) -> String {
    let n_parameters: usize = experiment.trace().map_or(0, |layers| layers.iter().map(|layer| layer.n_params).sum());
    let layers: Vec<String> = experiment.model.layers.iter().map(|layer| layer.title()).collect();
    let hidden = if layers.is_empty() { "No hidden layer".to_owned() } else { layers.join(", ") };
    format!("{hidden}; {n_parameters} parameters, batches of {}.", experiment.training.batch_size)
}

#[component]
fn RacerRow(race: RaceLab, row: usize) -> impl IntoView {
    let entrant = move || race.entrants.with(|all| all.get(row).copied());
    let is_on = move || entrant().is_some_and(|entrant| entrant.is_on);
    let name = OPTIMIZERS[row].label;
    view! {
        <li title=OPTIMIZERS[row].about>
            <label class="racer">
                <input
                    type="checkbox"
                    aria-label=format!("{name} races")
                    prop:checked=is_on
                    on:change=move |event| race.set_on(row, event_target_checked(&event))
                />
                <Swatch row/>
            </label>
            <div>
                <NumberBox
                    label=RATES[row]
                    shown=name
                    value=Signal::derive(move || entrant().map_or(0.0, |entrant| entrant.racer.learning_rate))
                    min=0.0
                    above_min=true
                    max=MAX_LEARNING_RATE
                    set=move |rate| race.set_rate(row, rate)
                />
            </div>
        </li>
    }
}

/// Number and line of a racer, as in the pictures.
#[component]
pub fn Swatch(
    /// Its row in the table of optimizers.
    row: usize,
) -> impl IntoView {
    let look = LOOKS[row % LOOKS.len()];
    let dashes = look.dashes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    view! {
        <span class="swatch" aria-hidden="true">
            {row + 1}
            <svg width="28" height="10" viewBox="0 0 28 10">
                <line x1="0" y1="5" x2="28" y2="5" stroke-width="2" stroke-dasharray=dashes style:stroke=format!("var({})", look.property)/>
            </svg>
        </span>
    }
}
