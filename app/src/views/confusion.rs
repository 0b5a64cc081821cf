//! The confusion matrix of the validation split; each cell opens its examples.

use super::curves::Switch;
use super::painted::{Painted, settled};
use super::thumbnails::{Shelf, Thumbnails};
use crate::canvas::matrix::{Cell, Matrix};
use crate::format::{count, percent};
use crate::state::{Evaluation, Lab};
use descent_spec::data::Split;
use leptos::html::Canvas;
use leptos::prelude::*;
use std::sync::Arc;
use web_sys::{KeyboardEvent, MouseEvent, PointerEvent};

/// The matrix, the line that reads it, and the examples of the chosen cell.
#[component]
pub fn Confusion() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let classes = lab.experiment.with_untracked(|experiment| experiment.data.facts().classes);
    let evaluation = Memo::new(move |_| lab.evaluations.read().get(&Split::Validation).cloned());
    let table = RwSignal::new(false);
    let [marked, open] = [RwSignal::new(None::<Cell>), RwSignal::new(None::<Cell>)];
    let node = NodeRef::<Canvas>::new();
    let counts = move || evaluation.get().map(|evaluation| evaluation.confusion.clone()).unwrap_or_default();
    let cell_at = move |x: i32, y: i32| {
        let width = node.get_untracked().map_or(0, |canvas| canvas.client_width());
        Matrix { counts: &[], classes }.cell_at(x.into(), y.into(), width.into())
    };
    let choose = move |cell: Option<Cell>| {
        let filled = |cell: &Cell| Matrix { counts: &untrack(counts), classes }.count(*cell) > 0;
        open.set(cell.filter(filled).filter(|cell| open.get_untracked() != Some(*cell)));
    };
    let key = move |event: KeyboardEvent| {
        let (truth, answer) = marked.get_untracked().unwrap_or((0, 0));
        let last = classes.len() - 1;
        match event.key().as_str() {
            "ArrowUp" => marked.set(Some((truth.saturating_sub(1), answer))),
            "ArrowDown" => marked.set(Some(((truth + 1).min(last), answer))),
            "ArrowLeft" => marked.set(Some((truth, answer.saturating_sub(1)))),
            "ArrowRight" => marked.set(Some((truth, (answer + 1).min(last)))),
            "Enter" => choose(marked.get_untracked()),
            "Escape" if open.get_untracked().is_some() => open.set(None),
            _ => return,
        }
        // Escape would close an alert as well.
        event.stop_propagation();
        event.prevent_default();
    };
    let label = settled(move || evaluation.track(), move || described(evaluation.get_untracked().as_deref(), classes));
    view! {
        <section class="confusion" aria-labelledby="confusion-title">
            <div class="view-head">
                <h2 id="confusion-title">"Confusion, validation"</h2>
                <div class="view-tools"><Switch on=table name="Confusion" text="Table" long="table"/></div>
            </div>
            <Show when=move || !table.get() fallback=move || view! { <CountTable counts=counts() classes/> }>
                <Painted
                    node
                    label
                    size=Signal::stored((0.0, Matrix { counts: &[], classes }.height()))
                    track=move || evaluation.track()
                    hand=Box::new(move || {
                        marked.track();
                        open.track();
                    })
                    draw=move |surface, theme| {
                        Matrix { counts: &counts(), classes }.draw(surface, theme, marked.get().or(open.get()));
                    }
                    attr:tabindex="0"
                    attr:class="matrix"
                    on:pointermove=move |event: PointerEvent| marked.set(cell_at(event.offset_x(), event.offset_y()))
                    on:pointerleave=move |_| marked.set(None)
                    on:blur=move |_| marked.set(None)
                    on:click=move |event: MouseEvent| choose(cell_at(event.offset_x(), event.offset_y()))
                    on:keydown=key
                />
            </Show>
            <p class="readout">{move || reading(evaluation.get().as_deref(), classes, marked.get().or(open.get()))}</p>
            {move || open.get().map(|cell| view! { <Opened cell evaluation open classes/> })}
        </section>
    }
}

/// The examples of one cell.
#[component]
fn Opened(
    cell: Cell,
    evaluation: Memo<Option<Arc<Evaluation>>>,
    open: RwSignal<Option<Cell>>,
    classes: &'static [&'static str],
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let shelf = Shelf::new();
    let (truth, answer) = cell;
    Effect::new(move |_| {
        let indices =
            evaluation.read().as_ref().and_then(|evaluation| evaluation.cells.get(truth * classes.len() + answer).cloned());
        let note = format!("read as {}", classes[answer]);
        match indices {
            Some(indices) if !indices.is_empty() => {
                shelf.fill(lab.fetch_examples(Split::Validation, indices), move |item| item.note.clone_from(&note));
            }
            _ => shelf.clear(),
        }
    });
    view! {
        <div class="opened" role="group" aria-label="Examples of the chosen cell">
            <div class="view-head">
                <h3>{format!("{} read as {}", classes[truth], classes[answer])}</h3>
                <button type="button" class="text-button" on:click=move |_| open.set(None)>"Close"</button>
            </div>
            <Thumbnails items=shelf.items/>
            {move || shelf.trouble.get().map(|why| view! { <p class="quiet">{why}</p> })}
        </div>
    }
}

#[component]
fn CountTable(counts: Vec<u32>, classes: &'static [&'static str]) -> impl IntoView {
    let matrix = Matrix { counts: &counts, classes };
    let header = classes.iter().map(|name| view! { <th scope="col">{*name}</th> }).collect_view();
    let rows = (0..classes.len()).map(|truth| {
        let cells = (0..classes.len()).map(|answer| view! { <td>{matrix.count((truth, answer))}</td> }).collect_view();
        view! { <tr><th scope="row">{classes[truth]}</th>{cells}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Confusion by truth and answer">
            <table class="count-table">
                <caption class="visually-hidden">"Rows are the truth, columns the network's answers."</caption>
                <thead><tr><td></td>{header}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The text alternative: how many are right, and the most frequent confusion.
fn described(evaluation: Option<&Evaluation>, classes: &[&str]) -> String {
    let Some(evaluation) = evaluation else { return "Confusion matrix, no evaluation yet".into() };
    let matrix = Matrix { counts: &evaluation.confusion, classes };
    let wrong = (0..classes.len()).flat_map(|truth| (0..classes.len()).map(move |answer| (truth, answer)));
    let worst = wrong.filter(|(truth, answer)| truth != answer).max_by_key(|cell| matrix.count(*cell));
    let right: u32 = (0..classes.len()).map(|class| matrix.count((class, class))).sum();
    let worst = worst.filter(|cell| matrix.count(*cell) > 0).map(|cell| {
        format!(" Most often confused: {} read as {}, {} times.", classes[cell.0], classes[cell.1], matrix.count(cell))
    });
    format!(
        "Confusion matrix of the validation split: {} of {} right.{} Arrow keys choose a cell, Enter shows its examples.",
        count(right.into()),
        count(evaluation.point.count.into()),
        worst.unwrap_or_default()
    )
}

/// The line under the matrix.
fn reading(evaluation: Option<&Evaluation>, classes: &[&str], cell: Option<Cell>) -> String {
    let Some(evaluation) = evaluation else {
        return "Filled at the end of each epoch, or by Validate above.".into();
    };
    let Some((truth, answer)) = cell else {
        return "Rows: the truth. Columns: the answer. A cell shows its examples.".into();
    };
    let matrix = Matrix { counts: &evaluation.confusion, classes };
    let (n, of) = (matrix.count((truth, answer)), matrix.n_of(truth));
    let share = percent(f64::from(n) / f64::from(of.max(1)));
    format!("{} read as {}: {} of {} ({share})", classes[truth], classes[answer], count(n.into()), count(of.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::message::EvalPoint;

    #[test]
    fn the_matrix_is_described_in_words() {
        let evaluation = Evaluation {
            point: EvalPoint { step: 1, loss: 0.1, accuracy: 0.85, count: 20 },
            confusion: vec![8, 2, 1, 9],
            mistakes: Vec::new(),
            cells: Vec::new(),
        };
        let text = described(Some(&evaluation), &["0", "1"]);
        assert!(text.contains("17 of 20 right. Most often confused: 0 read as 1, 2 times."), "{text}");
        assert_eq!(reading(Some(&evaluation), &["0", "1"], Some((0, 1))), "0 read as 1: 2 of 10 (20.0 %)");
        assert!(described(None, &["0"]).contains("no evaluation"));
    }
}
