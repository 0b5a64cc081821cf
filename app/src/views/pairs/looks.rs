//! Where the answer looked: attention as a matrix of cells, read by hand, by keyboard or as a table.

use super::Told;
use crate::canvas::attention::{Attention, Cell};
use crate::components::fields::field_id;
use crate::format::percent;
use crate::pairs::{label_of, name_of};
use crate::state::Lab;
use crate::views::curves::Switch;
use crate::views::painted::{Painted, settled};
use descent_spec::LayerSpec;
use leptos::html::Div;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

/// One map with its labels.
#[derive(Debug, Clone, Default, PartialEq)]
struct Shown {
    rows: Vec<String>,
    columns: Vec<String>,
    weights: Vec<f32>,
}

impl Shown {
    fn with<T>(&self, f: impl FnOnce(Attention<'_>) -> T) -> T {
        let labels = |tokens: &'_ [String]| tokens.iter().map(|token| label_of(token).to_owned()).collect::<Vec<_>>();
        let (rows, columns) = (labels(&self.rows), labels(&self.columns));
        let (rows, columns): (Vec<&str>, Vec<&str>) =
            (rows.iter().map(String::as_str).collect(), columns.iter().map(String::as_str).collect());
        f(Attention { rows: &rows, columns: &columns, weights: &self.weights })
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.columns.is_empty()
    }
}

/// The matrix of one map, or why there is none.
#[component]
pub fn Looks(
    /// What was answered.
    told: Signal<Option<Told>>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let set = lab.experiment.with_untracked(|experiment| experiment.data.set);
    let chosen = RwSignal::new(0_usize);
    let table = RwSignal::new(false);
    let marked = RwSignal::new(None::<Cell>);
    let names = Memo::new(move |_| {
        let told = told.read();
        told.as_ref().map(|told| told.translation.maps.iter().map(|map| map.name.clone()).collect::<Vec<_>>()).unwrap_or_default()
    });
    let at = Memo::new(move |_| chosen.get().min(names.read().len().saturating_sub(1)));
    let shown = Memo::new(move |_| {
        let told = told.read();
        let Some(told) = told.as_ref() else { return Shown::default() };
        let Some(map) = told.translation.maps.get(at.get()) else { return Shown::default() };
        Shown { rows: told.translation.answers[0].tokens.clone(), columns: told.written(set), weights: map.weights.clone() }
    });
    let has_attention = Memo::new(move |_| {
        let facts = lab.facts.read();
        let attends = |layer: &LayerSpec| matches!(layer, LayerSpec::Attend { .. } | LayerSpec::Transformer { .. });
        facts.as_ref().is_none_or(|facts| facts.experiment.model.layers.iter().any(attends))
    });
    let size = Memo::new(move |_| shown.read().with(|map| map.size()));
    let room = NodeRef::<Div>::new();
    let cell_at = move |event: &PointerEvent| {
        shown.with_untracked(|shown| shown.with(|map| map.cell_at(event.offset_x().into(), event.offset_y().into())))
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (n_rows, n_columns) = shown.with_untracked(|shown| (shown.rows.len(), shown.columns.len()));
        let (Some(last_row), Some(last_column)) = (n_rows.checked_sub(1), n_columns.checked_sub(1)) else { return };
        let now = marked.get_untracked();
        let (row, column) = now.unwrap_or((0, 0));
        let (row, column) = (row.min(last_row), column.min(last_column));
        let next = match event.key().as_str() {
            // The first key shows where one is.
            "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" if now.is_none() => (0, 0),
            "ArrowUp" => (row.saturating_sub(1), column),
            "ArrowDown" => ((row + 1).min(last_row), column),
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowRight" => (row, (column + 1).min(last_column)),
            "Home" => (row, 0),
            "End" => (row, last_column),
            _ => return,
        };
        event.prevent_default();
        marked.set(Some(next));
        if let Some(room) = room.get_untracked() {
            // The marked column is kept in sight, with its neighbors.
            let (from, to) = shown.with_untracked(|shown| shown.with(|map| map.span_of(next.1)));
            let (left, width) = (f64::from(room.scroll_left()), f64::from(room.client_width()));
            if from - 40.0 < left {
                room.set_scroll_left((from - 40.0) as i32);
            } else if to + 40.0 > left + width {
                room.set_scroll_left((to + 40.0 - width) as i32);
            }
        }
    };
    let label = settled(move || shown.track(), move || shown.with_untracked(described));
    let id = field_id("map");
    view! {
        <div class="looks" role="group" aria-labelledby="looks-title">
            <div class="view-head">
                <h3 id="looks-title">"Where the answer looked"</h3>
                <div class="view-tools">
                    <Show when=move || { names.read().len() > 1 }>
                        <label class="visually-hidden" for=id.clone()>"Attention map"</label>
                        <select id=id.clone() on:change=move |event| chosen.set(event_target_value(&event).parse().unwrap_or(0))>
                            {move || {
                                let option = |(idx, name): (usize, String)| view! { <option value=idx selected=move || at.get() == idx>{name}</option> };
                                names.get().into_iter().enumerate().map(option).collect_view()
                            }}
                        </select>
                    </Show>
                    {move || has_attention.get().then(|| view! { <Switch on=table name="Attention" text="Table" long="table"/> })}
                </div>
            </div>
            <Show
                when=move || has_attention.get()
                fallback=|| view! {
                    <p class="about">
                        "This net has no attention: its decoder knows the source by the encoder's last state alone. Add the layer \
                         “Attention” behind the recurrent layer in the set-up, and this place shows where each token of the answer looks."
                    </p>
                }
            >
                <Show when=move || !table.get() fallback=move || view! { <WeightTable shown/> }>
                    <div class="attention-room" node_ref=room>
                        <Painted
                            label
                            size
                            track=move || shown.track()
                            hand=Box::new(move || marked.track())
                            draw=move |surface, theme| shown.with(|shown| shown.with(|map| map.draw(surface, theme, marked.get())))
                            attr:tabindex="0"
                            attr:class="attention"
                            on:pointermove=move |event: PointerEvent| marked.set(cell_at(&event))
                            on:pointerdown=move |event: PointerEvent| marked.set(cell_at(&event))
                            on:pointerleave=move |_| marked.set(None)
                            on:blur=move |_| marked.set(None)
                            on:keydown=key
                        />
                    </div>
                </Show>
                <p class="readout" aria-live=move || if lab.running.get() { "off" } else { "polite" }>
                    {move || shown.with(|shown| reading(shown, marked.get()))}
                </p>
            </Show>
        </div>
    }
}

/// The same weights as numbers.
#[component]
fn WeightTable(shown: Memo<Shown>) -> impl IntoView {
    let header = move || {
        shown.read().columns.iter().map(|token| view! { <th scope="col">{label_of(token).to_owned()}</th> }).collect_view()
    };
    let rows = move || {
        let shown = shown.read();
        let n_columns = shown.columns.len().max(1);
        let row = |(token, weights): (&String, &[f32])| {
            let cells = weights.iter().map(|&weight| view! { <td>{percent(weight.into())}</td> }).collect_view();
            view! { <tr><th scope="row">{label_of(token).to_owned()}</th>{cells}</tr> }
        };
        shown.rows.iter().zip(shown.weights.chunks(n_columns)).map(row).collect_view()
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Attention by token">
            <table>
                <caption class="visually-hidden">"Rows are the answer's tokens, columns the source's; each row sums to 100 %."</caption>
                <thead><tr><td></td>{header}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The text alternative: where each row looks most.
fn described(shown: &Shown) -> String {
    if shown.is_empty() {
        return "Attention, no answer yet".into();
    }
    let most = shown.with(|map| {
        let row = |row: usize| {
            map.strongest(row).map(|column| format!("{} at {}", name_of(&shown.rows[row]), name_of(&shown.columns[column])))
        };
        (0..shown.rows.len()).filter_map(row).collect::<Vec<_>>().join(", ")
    });
    format!("Attention: each token of the answer and where it looks most: {most}. Arrow keys read the cells.")
}

/// The line under the matrix.
fn reading(shown: &Shown, cell: Option<Cell>) -> String {
    if shown.is_empty() {
        return "Filled with the first answer.".into();
    }
    match cell.filter(|cell| cell.0 < shown.rows.len() && cell.1 < shown.columns.len()) {
        Some(cell) => {
            let weight = shown.with(|map| map.weight(cell));
            let (row, column) = (name_of(&shown.rows[cell.0]), name_of(&shown.columns[cell.1]));
            format!(
                "For {row} (token {} of the answer) it looks at {column} (token {}) with {}.",
                cell.0 + 1,
                cell.1 + 1,
                percent(weight.into())
            )
        }
        None => {
            "Rows: the answer. Columns: the source. The stronger the color, the larger the weight; each row sums to 1.".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_in_words() {
        let shown = Shown {
            rows: ["1", "<end>"].map(String::from).to_vec(),
            columns: ["m", " ", "<end>"].map(String::from).to_vec(),
            weights: vec![0.25, 0.5, 0.25, 0.0, 0.0, 1.0],
        };
        assert_eq!(reading(&shown, Some((0, 1))), "For “1” (token 1 of the answer) it looks at the space (token 2) with 50.0 %.");
        assert_eq!(
            reading(&shown, Some((1, 2))),
            "For the end (token 2 of the answer) it looks at the end (token 3) with 100.0 %."
        );
        assert!(described(&shown).contains("“1” at the space, the end at the end."));
        assert!(reading(&Shown::default(), None).starts_with("Filled"));
    }
}
