//! The series with its forecasts: truth, net and baselines over time, and the residuals below.

use super::errors::ErrorsView;
use super::outlook_table::OutlookTable;
use super::verdict::{errors_of, net_name};
use crate::canvas::forecast::{self, Line, Outlook, Pen};
use crate::canvas::surface::Surface;
use crate::canvas::theme::Theme;
use crate::format::{count, sig3};
use crate::state::{Lab, SeriesData};
use crate::views::curves::Switch;
use crate::views::painted::{Painted, settled};
use descent_spec::data::Split;
use descent_spec::forecast::Method;
use descent_spec::registry::Registry;
use leptos::html::Canvas;
use leptos::prelude::*;
use std::ops::Range;
use web_sys::{KeyboardEvent, PointerEvent};

/// Values before a part that are shown with it.
const LEAD: usize = 20;

/// What part of the time the charts show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// All of it.
    All,
    /// One part.
    On(Split),
}

impl Zoom {
    /// The times shown.
    pub fn range(self, series: &SeriesData) -> Range<usize> {
        let Zoom::On(split) = self else { return 0..series.values.len() };
        let period = series.period(split);
        period.start.saturating_sub(LEAD)..period.end.max(period.start + 1).min(series.values.len())
    }
}

/// The values at one time, as text.
#[derive(Debug, Clone, Default, PartialEq)]
struct Reading {
    date: String,
    truth: String,
    /// One for each method.
    methods: [String; 4],
    residual: String,
}

/// What each method says of a time, where it was asked.
pub fn told(lab: Lab, series: &SeriesData, time: usize) -> [Option<f32>; 4] {
    let Some(split) = series.split_of(time) else { return [None; 4] };
    let forecasts = lab.forecasts.read_untracked();
    let idx = time - series.period(split).start;
    std::array::from_fn(|nth| {
        let method = Method::table()[nth].value;
        let forecast = forecasts.get(&split)?;
        let nth = forecast.errors.iter().position(|errors| errors.method == method)?;
        forecast.values[nth].get(idx).copied()
    })
}

/// The chart, the residuals, the verdict and the table.
#[component]
pub fn OutlookView() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let zoom = RwSignal::new(Zoom::All);
    let cursor = RwSignal::new(None::<usize>);
    let table = RwSignal::new(false);
    let [node, below] = [NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new()];
    let track = move || {
        lab.series.track();
        lab.forecasts.track();
    };
    let shown = move || lab.series.read_untracked().as_ref().map(|series| zoom.get_untracked().range(series));
    // Another part of the time: what was read there is not in it.
    Effect::new(move |_| {
        zoom.track();
        cursor.set(None);
    });
    let reading = Memo::new(move |_| {
        track();
        let series = lab.series.read();
        let Some(series) = series.as_ref() else { return Reading::default() };
        let time = cursor.get().unwrap_or_else(|| newest(lab, series));
        read(lab, series, time)
    });
    let label = settled(track, move || described(lab));
    let draw = move |surface: &Surface, theme: &Theme| {
        let series = lab.series.read_untracked();
        let Some(series) = series.as_ref() else { return };
        let forecasts = lab.forecasts.read_untracked();
        let mut lines = Vec::new();
        // The net lies on top of the truth, and the baselines under both.
        for (method, pen) in [
            (Method::MovingAverage, Pen::MovingAverage),
            (Method::Linear, Pen::Linear),
            (Method::LastValue, Pen::LastValue),
            (Method::Model, Pen::Model),
        ] {
            if pen == Pen::Model {
                lines.push(Line { from: 0, values: &series.values, pen: Pen::Truth });
            }
            for (split, forecast) in forecasts.iter() {
                let Some(nth) = forecast.errors.iter().position(|errors| errors.method == method) else { continue };
                lines.push(Line { from: series.period(*split).start, values: &forecast.values[nth], pen });
            }
        }
        let shown = zoom.get().range(series);
        let date = |time: usize| series.dates.get(time).map_or("", String::as_str);
        let [train, validation, test] = series.periods.clone();
        Outlook {
            lines,
            ends: (date(shown.start), date(shown.end.saturating_sub(1))),
            periods: [("train", train), ("validation", validation), ("test", test)],
            cursor: cursor.get().map(|time| (time, date(time))),
            shown,
        }
        .draw(surface, theme);
    };
    let draw_below = move |surface: &Surface, theme: &Theme| {
        let series = lab.series.read_untracked();
        let Some(series) = series.as_ref() else { return };
        let shown = zoom.get().range(series);
        let off = |time: usize| told(lab, series, time)[0].map(|ours| f64::from(series.values[time]) - f64::from(ours));
        let residuals: Vec<(usize, f64)> = shown.clone().filter_map(|time| Some((time, off(time)?))).collect();
        forecast::residuals(surface, theme, &residuals, &shown, cursor.get());
    };
    let point = move |node: NodeRef<Canvas>| {
        move |event: PointerEvent| {
            let (Some(canvas), Some(shown)) = (node.get_untracked(), shown()) else { return };
            cursor.set(Some(forecast::time_at(event.offset_x().into(), canvas.client_width().into(), &shown)));
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let Some(shown) = shown().filter(|shown| !shown.is_empty()) else { return };
        let page = if event.shift_key() { 10 } else { 1 };
        let last = shown.end - 1;
        let at = cursor.get_untracked().unwrap_or(last);
        match event.key().as_str() {
            "ArrowLeft" => cursor.set(Some(at.saturating_sub(page).max(shown.start))),
            "ArrowRight" => cursor.set(Some((at + page).min(last))),
            "Home" => cursor.set(Some(shown.start)),
            "End" => cursor.set(Some(last)),
            "Escape" if cursor.get_untracked().is_some() => cursor.set(None),
            "t" | "T" => table.update(|table| *table = !*table),
            _ => return,
        }
        // Escape would close an alert as well.
        event.stop_propagation();
        event.prevent_default();
    };
    let zoomed = move |to: Zoom, text: &'static str| {
        view! {
            <button
                type="button"
                class="switch"
                aria-pressed=move || (zoom.get() == to).to_string()
                aria-label=format!("Show {text}")
                on:click=move |_| zoom.set(to)
            >
                {text}
            </button>
        }
    };
    let hand = move || {
        cursor.track();
        zoom.track();
    };
    let name = move || lab.facts.with(|facts| facts.as_ref().map_or("net".into(), |facts| net_name(&facts.experiment)));
    let ahead = move || {
        let horizon = lab.facts.with(|facts| facts.as_ref().map_or(1, |facts| facts.experiment.data.horizon));
        if horizon == 1 { "one step ahead".to_owned() } else { format!("{horizon} steps ahead") }
    };
    view! {
        <section class="outlook" aria-labelledby="outlook-title">
            <div class="view-head">
                <h2 id="outlook-title">"Forecast and truth"</h2>
                <span class="unit">{ahead}</span>
                <div class="view-tools" role="group" aria-label="Part of the time">
                    {zoomed(Zoom::All, "All")}
                    {zoomed(Zoom::On(Split::Validation), "Validation")}
                    {zoomed(Zoom::On(Split::Test), "Test")}
                    <Switch on=table name="Forecast" text="Table" long="table"/>
                </div>
            </div>
            <Painted
                node
                label
                track=track
                hand=Box::new(hand)
                draw
                attr:class="chart outlook-chart"
                attr:tabindex="0"
                on:pointermove=point(node)
                on:pointerdown=point(node)
                on:pointerleave=move |_| cursor.set(None)
                on:blur=move |_| cursor.set(None)
                on:keydown=key
            />
            <p class="legend outlook-legend">
                <span class="date">{move || reading.get().date}</span>
                <span class="truth">"truth " <b>{move || reading.get().truth}</b></span>
                <span class="model">{name} " " <b>{move || reading.get().methods[0].clone()}</b></span>
                <span class="last">"last value " <b>{move || reading.get().methods[1].clone()}</b></span>
                <span class="mean">"moving average " <b>{move || reading.get().methods[2].clone()}</b></span>
                <span class="linear">"linear " <b>{move || reading.get().methods[3].clone()}</b></span>
            </p>
            <h3>"Residual: truth less forecast"</h3>
            <Painted
                node=below
                label=Signal::stored("Residuals of the net over the same time; the table holds them".to_owned())
                track=track
                hand=Box::new(hand)
                draw=draw_below
                attr:class="chart residuals"
                on:pointermove=point(below)
                on:pointerdown=point(below)
                on:pointerleave=move |_| cursor.set(None)
            />
            <p class="readout">{move || reading.get().residual}</p>
            <Show when=move || table.get()>
                <OutlookTable zoom/>
            </Show>
            <ErrorsView/>
        </section>
    }
}

/// The newest time with a forecast of the net, or the last of all.
fn newest(lab: Lab, series: &SeriesData) -> usize {
    let forecasts = lab.forecasts.read_untracked();
    let ends = [Split::Test, Split::Validation, Split::Train].into_iter().filter(|split| forecasts.contains_key(split));
    let last = ends.map(|split| series.period(split).end).find(|end| *end > 0).unwrap_or(series.values.len());
    last.saturating_sub(1)
}

fn read(lab: Lab, series: &SeriesData, time: usize) -> Reading {
    let text = |value: Option<f32>| value.map_or("–".into(), |value| sig3(value.into()));
    let told = told(lab, series, time);
    let truth = series.values.get(time).copied();
    let residual = match (truth, told[0]) {
        (Some(truth), Some(model)) => format!("residual {}", sig3(f64::from(truth) - f64::from(model))),
        _ => "no forecast here".into(),
    };
    Reading { date: series.dates.get(time).cloned().unwrap_or_default(), truth: text(truth), methods: told.map(text), residual }
}

fn described(lab: Lab) -> String {
    let series = lab.series.read_untracked();
    let Some(series) = series.as_ref() else { return "Forecast and truth: the series has not come yet".into() };
    let date = |time: Option<&String>| time.cloned().unwrap_or_default();
    let n_values = count(series.values.len() as u64);
    let (first, last) = (date(series.dates.first()), date(series.dates.last()));
    let off = lab.forecasts.with_untracked(|all| {
        let forecast = all.get(&Split::Validation)?;
        let of = |method| errors_of(forecast, method).map(|errors| sig3(errors.absolute));
        Some((of(Method::Model)?, of(Method::LastValue)?))
    });
    let off = off.map_or(String::new(), |(model, last)| {
        format!(" On validation the net is off by {model} on average, the last value by {last}.")
    });
    format!("Forecast and truth: {n_values} values from {first} to {last}.{off} Left and right read values, T shows the table.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_within_the_series() {
        let series = SeriesData { dates: Vec::new(), values: vec![0.0; 100], periods: [6..63, 65..78, 80..100] };
        assert_eq!(Zoom::All.range(&series), 0..100);
        assert_eq!(Zoom::On(Split::Validation).range(&series), 45..78);
        assert_eq!(Zoom::On(Split::Test).range(&series), 60..100);
        assert_eq!(Zoom::On(Split::Train).range(&series), 0..63);
        assert_eq!((series.split_of(64), series.split_of(80)), (None, Some(Split::Test)));
    }
}
