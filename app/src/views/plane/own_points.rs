//! Own points: what a press on the plane does to them, and the buttons that choose it.

use super::csv_file::CsvFile;
use crate::state::Lab;
use descent_spec::Experiment;
use descent_spec::plane::{MAX_OWN_POINTS, OwnPoint};
use leptos::prelude::*;

/// What a press on the plane does to own points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Sets a point of this class, or drags the one that is there.
    Class(u8),
    /// Takes points away.
    Erase,
}

/// The classes to set, the eraser, and the points as a file.
#[component]
pub fn Tools(
    /// What a press does.
    tool: RwSignal<Tool>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let classes = Memo::new(move |_| lab.experiment.read().data.n_classes as u8);
    let button = move |it: Tool, name: String| {
        view! {
            <button type="button" class="switch" aria-pressed=move || (tool.get() == it).to_string() on:click=move |_| tool.set(it)>
                {name}
            </button>
        }
    };
    view! {
        <div class="point-tools" role="group" aria-label="A press on the plane">
            {move || (0..classes.get()).map(|class| button(Tool::Class(class), format!("Class {class}"))).collect_view()}
            {button(Tool::Erase, "Erase".into())}
            <button
                type="button"
                class="text-button"
                on:click=move |_| lab.experiment.update(|experiment| experiment.data.own.clear())
            >
                "Erase all"
            </button>
        </div>
        <CsvFile/>
    }
}

/// What a press did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// It took hold of this point.
    Holds(usize),
    /// It set a point, the last one now.
    Set,
    /// It erased one.
    Erased,
    /// There is no room for another.
    Full,
}

/// Does what a press at a place does; `reach` is how near a point must lie to be meant.
pub fn press(experiment: &mut Experiment, tool: Tool, (x, y): (f64, f64), reach: f64) -> Option<Pressed> {
    let own = &mut experiment.data.own;
    let distance = |point: &OwnPoint| {
        let (px, py) = point.position();
        (px - x).hypot(py - y)
    };
    let near = (0..own.len())
        .filter(|&idx| distance(&own[idx]) <= reach)
        .min_by(|&a, &b| distance(&own[a]).total_cmp(&distance(&own[b])));
    match (tool, near) {
        (Tool::Erase, near) => near.map(|idx| {
            own.remove(idx);
            Pressed::Erased
        }),
        (Tool::Class(_), Some(idx)) => Some(Pressed::Holds(idx)),
        (Tool::Class(_), None) if own.len() >= MAX_OWN_POINTS => Some(Pressed::Full),
        (Tool::Class(class), None) => {
            own.push(OwnPoint::at(x, y, class));
            Some(Pressed::Set)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::DataSet;

    #[test]
    fn a_press_sets_takes_hold_and_erases() {
        let mut experiment = Experiment::for_set(DataSet::Own);
        experiment.data.own = vec![OwnPoint::at(0.0, 0.0, 0)];
        assert_eq!(press(&mut experiment, Tool::Class(1), (0.5, 0.5), 0.05), Some(Pressed::Set));
        assert_eq!(experiment.data.own[1], OwnPoint::at(0.5, 0.5, 1));
        assert_eq!(press(&mut experiment, Tool::Class(1), (0.01, 0.01), 0.05), Some(Pressed::Holds(0)));
        assert_eq!(press(&mut experiment, Tool::Erase, (0.01, 0.01), 0.05), Some(Pressed::Erased));
        assert_eq!(experiment.data.own, [OwnPoint::at(0.5, 0.5, 1)]);
        assert_eq!(press(&mut experiment, Tool::Erase, (-1.0, -1.0), 0.05), None);
        assert_eq!(experiment.data.own.len(), 1);
        experiment.data.own = vec![OwnPoint::at(0.0, 0.0, 0); MAX_OWN_POINTS];
        assert_eq!(press(&mut experiment, Tool::Class(0), (0.9, 0.9), 0.05), Some(Pressed::Full));
    }
}
