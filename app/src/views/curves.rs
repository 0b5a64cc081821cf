//! The loss and the accuracy over the steps: training solid, validation dashed.

use super::curve_table::CurveTable;
use super::painted::{Painted, settled};
use crate::canvas::chart::{Chart, Curve, Plot, Stroke};
use crate::canvas::scale::Axis;
use crate::canvas::series::{Point, extent, nearest, smoothed};
use crate::format::{count, percent, sig3, tick, tick_percent};
use crate::history::History;
use crate::pairs::PairScore;
use crate::state::Lab;
use descent_spec::model::Head;
use leptos::html::Canvas;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

/// Share of the past in the smoothed curve: a batch of 64 jumps about, ten of them together hardly do.
pub const SMOOTHING: f64 = 0.9;
/// The fewest steps a chart spans, so that the first of them do not fill it.
const FEWEST_STEPS: f64 = 10.0;
/// How far an arrow key moves the read-out, as a share of the chart.
const KEY_STEP: f64 = 0.02;

/// What a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Mean loss, by the head: cross-entropy, perceptron loss, or squared error.
    Loss,
    /// Share that was right.
    Accuracy,
    /// Mean absolute error of a regression.
    Error,
    /// Share of pairs answered right to the last token; of validation only.
    Exact,
    /// BLEU of the answers; of validation only.
    Bleu,
}

/// The curves of one quantity as points.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Every training step.
    pub train: Vec<Point>,
    /// The same, smoothed; empty when smoothing is off.
    pub smooth: Vec<Point>,
    /// Every evaluation on validation data.
    pub validation: Vec<Point>,
}

/// The values at one step, as text.
#[derive(Debug, Clone, Default, PartialEq)]
struct Reading {
    step: String,
    train: String,
    validation: String,
}

impl Quantity {
    /// Its name on the page.
    pub fn label(self) -> &'static str {
        match self {
            Quantity::Loss => "Loss",
            Quantity::Accuracy => "Accuracy",
            Quantity::Error => "Mean absolute error",
            Quantity::Exact => "Exact answers",
            Quantity::Bleu => "BLEU",
        }
    }

    /// What is measured, in a word.
    fn unit(self, head: Head) -> &'static str {
        match (self, head) {
            (Quantity::Loss, Head::Softmax { .. } | Head::Sigmoid) => "cross-entropy",
            (Quantity::Loss, Head::Tokens { .. }) => "cross-entropy, nats a token",
            (Quantity::Loss, Head::Sampled { .. }) => "negative sampling, nats a pair",
            (Quantity::Loss, Head::Perceptron) => "perceptron loss",
            (Quantity::Loss, Head::Linear) => "mean squared error",
            (Quantity::Accuracy, _) => "share right",
            (Quantity::Error, _) => "",
            (Quantity::Exact, _) => "share right to the last token",
            (Quantity::Bleu, _) => "from 0 to 1",
        }
    }

    /// A value as text.
    pub fn text(self, value: f64) -> String {
        match self {
            Quantity::Loss | Quantity::Error | Quantity::Bleu => sig3(value),
            Quantity::Accuracy | Quantity::Exact => percent(value),
        }
    }

    fn tick(self) -> fn(f64) -> String {
        match self {
            Quantity::Loss | Quantity::Error | Quantity::Bleu => tick,
            Quantity::Accuracy | Quantity::Exact => tick_percent,
        }
    }

    /// Whether it is found for the batches that are learned from, too.
    pub fn has_training(self) -> bool {
        !matches!(self, Quantity::Exact | Quantity::Bleu)
    }

    /// Its curves in the history.
    pub fn series(self, history: &History, smooth: bool) -> Series {
        let of_score = |score: &PairScore| match self {
            Quantity::Bleu => score.bleu.map(|bleu| bleu.score),
            _ => Some(score.exact),
        };
        if !self.has_training() {
            let validation = history.scores.iter().filter_map(|score| Some((score.step as f64, of_score(score)?))).collect();
            return Series { validation, ..Series::default() };
        }
        let of = |loss: f32, accuracy: f32| f64::from(if self == Quantity::Loss { loss } else { accuracy });
        let train: Vec<Point> = history.points.iter().map(|point| (point.step as f64, of(point.loss, point.accuracy))).collect();
        let validation = history.validation.iter().map(|point| (point.step as f64, of(point.loss, point.accuracy))).collect();
        let smooth = if smooth { smoothed(&train, SMOOTHING) } else { Vec::new() };
        Series { train, smooth, validation }
    }

    fn axis(self, series: &Series, log: bool) -> Axis {
        let shown = if series.smooth.is_empty() { &series.train } else { &series.smooth };
        let range = extent([shown.as_slice(), series.validation.as_slice()]);
        match (self, log, range) {
            (Quantity::Accuracy | Quantity::Exact, false, _) | (Quantity::Bleu, ..) => Axis::share(),
            (Quantity::Accuracy | Quantity::Exact, true, range) => Axis::error(range.map_or(0.0, |range| range.1)),
            (Quantity::Loss | Quantity::Error, true, Some((low, high))) => Axis::log(low, high),
            (Quantity::Loss | Quantity::Error, true, None) => Axis::log(0.1, 3.0),
            (Quantity::Loss | Quantity::Error, false, range) => Axis::linear(range.map_or(3.0, |range| range.1)),
        }
    }
}

impl Series {
    fn last_step(&self) -> f64 {
        let last = |points: &[Point]| points.last().map_or(0.0, |point| point.0);
        last(&self.train).max(last(&self.validation)).max(FEWEST_STEPS)
    }

    fn reading(&self, quantity: Quantity, cursor: Option<f64>) -> Reading {
        let shown = if self.smooth.is_empty() { &self.train } else { &self.smooth };
        let at = cursor.unwrap_or(f64::MAX);
        let text = |point: Option<Point>| point.map_or("–".into(), |point| quantity.text(point.1));
        let train = nearest(shown, at);
        let validation = nearest(&self.validation, at);
        let named = if quantity.has_training() { train } else { validation };
        Reading {
            step: named.map(|point| format!("step {}", count(point.0 as u64))).unwrap_or_default(),
            train: text(train),
            validation: text(validation),
        }
    }
}

/// One chart with its switches, its read-out and its table.
#[component]
pub fn Curves(
    /// What it shows.
    quantity: Quantity,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let [log, smooth] = [RwSignal::new(quantity.has_training()), RwSignal::new(true)];
    let table = RwSignal::new(false);
    let cursor = RwSignal::new(None::<f64>);
    let reading = RwSignal::new(Reading::default());
    let node = NodeRef::<Canvas>::new();
    let name = quantity.label();
    let id = match quantity {
        Quantity::Loss => "loss-title",
        Quantity::Accuracy => "accuracy-title",
        Quantity::Error => "error-title",
        Quantity::Exact => "exact-title",
        Quantity::Bleu => "bleu-title",
    };
    let head = Memo::new(move |_| lab.experiment.read().head());
    let series = move || lab.history.with_value(|history| quantity.series(history, smooth.get_untracked()));
    let last_step = move || {
        lab.history.with_value(|history| {
            let train = history.points.last().map_or(0, |point| point.step);
            train.max(history.validation.last().map_or(0, |point| point.step)) as f64
        })
    };
    let last_step = move || last_step().max(FEWEST_STEPS);
    let label = settled(
        move || lab.history_tick.track(),
        move || {
            let Reading { step, train, validation } = series().reading(quantity, None);
            if step.is_empty() {
                return format!("{name} over the steps: no steps yet");
            }
            let train = if quantity.has_training() { format!("train {train}, ") } else { String::new() };
            format!("{name} over the steps, at {step}: {train}validation {validation}. T shows the table.")
        },
    );
    let draw = move |surface: &crate::canvas::surface::Surface, theme: &crate::canvas::theme::Theme| {
        let series = series();
        let mut curves = Vec::new();
        if series.smooth.is_empty() {
            curves.push(Curve { points: &series.train, stroke: Stroke::Solid });
        } else {
            curves.push(Curve { points: &series.train, stroke: Stroke::Faint });
            curves.push(Curve { points: &series.smooth, stroke: Stroke::Solid });
        }
        curves.push(Curve { points: &series.validation, stroke: Stroke::Dashed });
        let x_high = series.last_step();
        let cursor = cursor.get().map(|step| step.min(x_high));
        let x_label = format!("step {}", count(cursor.unwrap_or(x_high).round() as u64));
        let axis = quantity.axis(&series, log.get());
        Chart { curves, axis, tick: quantity.tick(), x_high, x_label, cursor }.draw(surface, theme);
        reading.set(series.reading(quantity, cursor));
    };
    let point = move |event: PointerEvent| {
        let Some(canvas) = node.get_untracked() else { return };
        let plot = Plot::within(canvas.client_width().into(), canvas.client_height().into());
        cursor.set(Some(plot.step_at(event.offset_x().into(), last_step())));
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let last = last_step();
        let go = |by: f64| Some((cursor.get_untracked().unwrap_or(last) + by * KEY_STEP * last).clamp(0.0, last));
        match event.key().as_str() {
            "ArrowLeft" => cursor.set(go(-1.0)),
            "ArrowRight" => cursor.set(go(1.0)),
            "Home" => cursor.set(Some(0.0)),
            "End" => cursor.set(None),
            "Escape" if cursor.get_untracked().is_some() => cursor.set(None),
            "t" | "T" => table.update(|table| *table = !*table),
            _ => return,
        }
        // Escape would close an alert as well.
        event.stop_propagation();
        event.prevent_default();
    };
    let no_steps = move || reading.read().step.is_empty();
    view! {
        <section class="curves" aria-labelledby=id>
            <div class="view-head">
                <h2 id=id>{name}</h2>
                <span class="unit">{move || quantity.unit(head.get())}</span>
                <div class="view-tools">
                    {(quantity != Quantity::Bleu).then(|| view! { <Switch on=log name text="Log" long="log scale"/> })}
                    {quantity.has_training().then(|| view! { <Switch on=smooth name text="Smooth" long="smooth"/> })}
                    <Switch on=table name text="Table" long="table"/>
                </div>
            </div>
            <Painted
                node
                label
                track=move || lab.history_tick.track()
                hand=Box::new(move || {
                    cursor.track();
                    log.track();
                    smooth.track();
                })
                draw
                attr:class="chart"
                attr:tabindex="0"
                on:pointermove=point
                on:pointerdown=point
                on:pointerleave=move |_| cursor.set(None)
                on:blur=move |_| cursor.set(None)
                on:keydown=key
            />
            <p class="legend">
                <Show
                    when=move || !no_steps()
                    fallback=move || view! { <span>{if quantity.has_training() { "No steps yet: Play draws the first." } else { "Told every 100 steps and at the end of each epoch." }}</span> }
                >
                    {quantity.has_training().then(|| view! { <span class="solid">"train " <b>{move || reading.get().train}</b></span> })}
                    <span class="dashed">"validation " <b>{move || reading.get().validation}</b></span>
                    <span class="visually-hidden">{move || reading.get().step}</span>
                </Show>
            </p>
            <Show when=move || table.get()>
                <CurveTable quantity smooth/>
            </Show>
        </section>
    }
}

/// A small button that is either on or off.
#[component]
pub fn Switch(
    /// Its state.
    on: RwSignal<bool>,
    /// What it belongs to: begins its accessible name.
    name: &'static str,
    /// What is written on it.
    text: &'static str,
    /// Ends its accessible name.
    long: &'static str,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="switch"
            aria-pressed=move || on.get().to_string()
            aria-label=format!("{name}, {long}")
            on:click=move |_| on.update(|on| *on = !*on)
        >
            {text}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::message::{EvalPoint, StepPoint};

    fn history() -> History {
        let mut history = History::default();
        let points: Vec<_> =
            (1..=40).map(|step| StepPoint { step, loss: 2.0 / step as f32, accuracy: step as f32 / 40.0 }).collect();
        history.push_steps(&points, &[]);
        history.push_validation(EvalPoint { step: 40, loss: 0.25, accuracy: 0.5, count: 100 });
        history
    }

    #[test]
    fn readings_name_the_nearest_step() {
        let series = Quantity::Loss.series(&history(), false);
        assert_eq!(
            series.reading(Quantity::Loss, Some(10.2)),
            Reading { step: "step 10".into(), train: "0.200".into(), validation: "0.250".into() }
        );
        let newest = Quantity::Accuracy.series(&history(), false).reading(Quantity::Accuracy, None);
        assert_eq!((newest.step.as_str(), newest.train.as_str()), ("step 40", "100.0 %"));
        assert_eq!(Series::default().reading(Quantity::Loss, None).train, "–");
    }

    #[test]
    fn axes_stand_before_the_first_step() {
        let empty = Series::default();
        assert_eq!(Quantity::Loss.axis(&empty, true).ticks.len(), 3);
        assert_eq!(Quantity::Accuracy.axis(&empty, true).ticks, [0.0, 0.5, 0.9]);
        assert_eq!(empty.last_step(), FEWEST_STEPS);
    }
}
