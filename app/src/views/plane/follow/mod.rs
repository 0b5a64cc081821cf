//! One example followed through the net: every sum term by term, the loss, and the chain rule backwards.

mod asking;
pub mod backward;
mod formulas;
pub mod losses;
pub mod matrix;
pub mod neuron;
pub mod shown;
pub mod update;

use super::columns;
use crate::format::count;
use crate::state::{Lab, PlanePoints, Unit};
use asking::{Asking, ask_again_and_again};
use backward::Backward;
use descent_spec::{DataSet, Split};
use leptos::prelude::*;
use losses::LossTable;
use matrix::Matrix;
use neuron::Neuron;
use shown::Shown;
use update::NextUpdate;

/// Which example is followed, and whether anybody looks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Following {
    is_open: RwSignal<bool>,
    /// Index into the points: training, then validation, then test.
    idx: RwSignal<usize>,
}

impl Following {
    /// Where the example lies, while it is followed.
    pub fn place(self, lab: Lab) -> Option<(f64, f64)> {
        let points = lab.points.get().filter(|_| self.is_open.get())?;
        let idx = self.idx.get();
        Some(((*points.x.get(idx)?).into(), (*points.y.get(idx)?).into()))
    }

    /// Follows the point nearest to a place, if one is within reach.
    pub fn pick(self, lab: Lab, at: (f64, f64), reach: f64, shows_test: bool) {
        let Some(points) = lab.points.get_untracked().filter(|_| self.is_open.get_untracked()) else { return };
        if let Some(idx) = nearest(&points, at, reach, shows_test) {
            self.idx.set(idx);
        }
    }

    /// Tracks what the frame around the example depends on.
    pub fn track(self) {
        self.is_open.track();
        self.idx.track();
    }
}

fn nearest(points: &PlanePoints, (x, y): (f64, f64), reach: f64, shows_test: bool) -> Option<usize> {
    let distance = |idx: usize| (f64::from(points.x[idx]) - x).hypot(f64::from(points.y[idx]) - y);
    (0..points.x.len())
        .filter(|&idx| shows_test || points.split_of(idx) != Split::Test)
        .filter(|&idx| distance(idx) <= reach)
        .min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
}

/// The panel below the network; closed, it asks the worker for nothing.
#[component]
pub fn FollowPanel(
    /// The unit whose sum is shown, while one is chosen.
    chosen: RwSignal<Option<Unit>>,
    /// The example.
    following: Following,
) -> impl IntoView {
    let toggled = move |event| following.is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    view! {
        <details class="follow" on:toggle=toggled>
            <summary><h2>"Follow one example"</h2></summary>
            <Show when=move || following.is_open.get()>
                <Open chosen following/>
            </Show>
        </details>
    }
}

#[component]
fn Open(chosen: RwSignal<Option<Unit>>, following: Following) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let is_backwards = RwSignal::new(false);
    let shown_columns = Memo::new(move |_| lab.facts.read().as_ref().map(columns).unwrap_or_default());
    // A feature has no sum: then, and while none is chosen, the first output.
    let unit = Memo::new(move |_| {
        let columns = shown_columns.read();
        let has = |unit: &Unit| unit.column > 0 && columns.get(unit.column).is_some_and(|it| unit.unit < it.units.len());
        chosen.get().filter(has).unwrap_or(Unit { column: columns.len().saturating_sub(1), unit: 0 })
    });
    let n_points = Memo::new(move |_| lab.points.read().as_ref().map_or(0, |points| points.x.len()));
    Effect::new(move |_| {
        let last = n_points.get().saturating_sub(1);
        if n_points.get() > 0 && following.idx.get_untracked() > last {
            following.idx.set(last);
        }
    });
    let nudge = Memo::new(move |_| {
        let layer = shown_columns.read().get(unit.get().column)?.dense?;
        is_backwards.get().then_some((layer as u32, unit.get().unit as u32))
    });
    let question = Memo::new(move |_| {
        let idx = following.idx.get();
        let (split, index) = lab.points.with(|points| points.as_ref().map(|it| place_of(it, idx)))?;
        Some((idx, (split, index as u32), nudge.get()))
    });
    let Asking { newest, problem } =
        ask_again_and_again(lab, question, move |(_, (split, index), nudge)| lab.follow(split, index, nudge));
    let shown = Memo::new(move |_| {
        let (_, followed) = newest.get()?;
        lab.facts.with(|facts| Shown::new(facts.as_ref()?, &shown_columns.read(), followed, unit.get()))
    });
    // Round and round: before the first point comes the last.
    let go = move |is_next: bool| {
        move |_| {
            let n_points = n_points.get_untracked().max(1);
            let by = if is_next { 1 } else { n_points - 1 };
            following.idx.update(|idx| *idx = (*idx + by) % n_points);
        }
    };
    let random = move |_| following.idx.set((js_sys::Math::random() * n_points.get_untracked() as f64) as usize);
    let how = move || match lab.experiment.read().data.set == DataSet::Own {
        true => "The framed point is followed.",
        false => "The framed point is followed; a press on another one follows that.",
    };
    let no_points = move || n_points.get() == 0;
    view! {
        <div class="view-head">
            <p class="subject">{move || subject(lab, newest.read().as_ref().map(|((idx, ..), followed)| (*idx, followed.step)))}</p>
            <div class="view-tools" role="group" aria-label="Example to follow">
                <button type="button" class="text-button" aria-label="Previous point" disabled=no_points on:click=go(false)>
                    "Previous"
                </button>
                <button type="button" class="text-button" aria-label="Next point" disabled=no_points on:click=go(true)>
                    "Next"
                </button>
                <button type="button" class="text-button" aria-label="Random point" disabled=no_points on:click=random>
                    "Random"
                </button>
                <button
                    type="button"
                    class="switch"
                    aria-pressed=move || is_backwards.get().to_string()
                    on:click=move |_| is_backwards.update(|is| *is = !*is)
                >
                    "Backwards"
                </button>
            </div>
        </div>
        <p class="about">{how}</p>
        <UnitChoice chosen unit columns=shown_columns/>
        <p class="problem" hidden=move || problem.read().is_none()>{move || problem.get()}</p>
        <div class="follow-views" hidden=move || shown.read().is_none()>
            <Neuron shown/>
            <Matrix shown is_backwards/>
            <Show when=move || is_backwards.get()>
                <Backward shown/>
                <NextUpdate shown/>
            </Show>
            <LossTable shown/>
        </div>
    }
}

/// The unit by name, for those who do not point at the network.
#[component]
fn UnitChoice(chosen: RwSignal<Option<Unit>>, unit: Memo<Unit>, columns: Memo<Vec<super::Column>>) -> impl IntoView {
    let spelled = |unit: Unit| format!("{}.{}", unit.column, unit.unit);
    let choose = move |event| {
        let value: String = event_target_value(&event);
        let parsed = value.split_once('.').and_then(|(column, unit)| Some((column.parse().ok()?, unit.parse().ok()?)));
        if let Some((column, unit)) = parsed {
            chosen.set(Some(Unit { column, unit }));
        }
    };
    let options = move || {
        let columns = columns.get();
        let last = columns.len().saturating_sub(1);
        let of_column = |(column, it): (usize, &super::Column)| -> Vec<_> {
            let name = |unit: &String| if column == last { unit.clone() } else { format!("{}, unit {unit}", it.name) };
            it.units.iter().enumerate().map(|(idx, unit)| (Unit { column, unit: idx }, name(unit))).collect()
        };
        columns
            .iter()
            .enumerate()
            .skip(1)
            .flat_map(of_column)
            .map(|(it, name)| view! { <option value=spelled(it) selected=move || unit.get() == it>{name}</option> })
            .collect_view()
    };
    view! {
        <div class="row unit-choice">
            <label for="follow-unit">"Unit (or choose one in the network)"</label>
            <select id="follow-unit" on:change=choose prop:value=move || spelled(unit.get())>{options}</select>
        </div>
    }
}

/// A point's split and its index there.
fn place_of(points: &PlanePoints, idx: usize) -> (Split, usize) {
    let split = points.split_of(idx);
    let start = match split {
        Split::Train => 0,
        Split::Validation => points.n_train,
        Split::Test => points.n_train + points.n_validation,
    };
    (split, idx - start)
}

/// Which point the numbers are about, in words, so that it changes with them and not before.
fn subject(lab: Lab, about: Option<(usize, u64)>) -> String {
    let points = lab.points.get();
    let Some(((idx, step), points)) = about.zip(points).filter(|((idx, _), points)| *idx < points.x.len()) else {
        return "No numbers yet.".into();
    };
    let (split, index) = place_of(&points, idx);
    let (name, of) = match split {
        Split::Train => ("Training point", points.n_train),
        Split::Validation => ("Validation point", points.n_validation),
        Split::Test => ("Test point", points.x.len() - points.n_train - points.n_validation),
    };
    let target = f64::from(points.target[idx]);
    let is_regression = lab.facts.with(|facts| facts.as_ref().is_some_and(|it| it.experiment.data.n_classes == 0));
    let truth = if is_regression { format!("value {}", crate::format::sig3(target)) } else { format!("class {target}") };
    format!("{name} {} of {}, {truth}, at step {}", count(index as u64 + 1), count(of as u64), count(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_finds_the_nearest_point_that_can_be_seen() {
        let points = PlanePoints {
            x: vec![0.0, 0.5, 0.1, 0.02],
            y: vec![0.0, 0.5, 0.0, 0.0],
            target: vec![0.0; 4],
            n_train: 2,
            n_validation: 1,
        };
        assert_eq!(nearest(&points, (0.03, 0.0), 0.1, false), Some(0));
        assert_eq!(nearest(&points, (0.03, 0.0), 0.1, true), Some(3), "the test point is nearer");
        assert_eq!(nearest(&points, (-0.5, 0.5), 0.1, true), None);
        let places: Vec<_> = (0..4).map(|idx| place_of(&points, idx)).collect();
        assert_eq!(places, [(Split::Train, 0), (Split::Train, 1), (Split::Validation, 0), (Split::Test, 0)]);
    }
}
