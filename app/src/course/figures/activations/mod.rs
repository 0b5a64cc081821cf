//! The activation gallery: every function with its slope, one of them large, read at any z.

pub mod function;
pub mod table;
pub mod tiles;

use crate::canvas::function::{Flatness, INPUTS, Plot, draw_large};
use crate::components::fields::field_id;
use crate::course::state::Course;
use crate::format::sig3;
use crate::views::painted::Painted;
use descent_course::WeekText;
use descent_course::model::FunctionText;
use descent_spec::Activation;
use function::{Shown, slope_text};
use leptos::html::Canvas;
use leptos::prelude::*;
use table::Table;
use tiles::Tiles;
use web_sys::PointerEvent;

/// Places of z in one unit: a key moves it by a tenth.
const PER_UNIT: f64 = 10.0;

/// The gallery.
#[component]
pub fn Activations(
    /// Number of the week: its labs lead back there.
    week: u32,
    /// The text it stands in, which says something of every function.
    text: &'static WeekText,
) -> impl IntoView {
    let chosen = RwSignal::new(Shown::Trainable(Activation::Sigmoid));
    let z = RwSignal::new(1.0);
    view! {
        <section class="gallery" aria-labelledby="gallery-title">
            <h3 id="gallery-title">"Activation gallery"</h3>
            <Tiles chosen/>
            <p class="legend">
                <span class="solid">"value f(z)"</span>
                <span class="dashed">"slope f′(z)"</span>
                <span class="almost">"almost flat: slope below 0.05 either way, saturated"</span>
                <span class="flat">"flat: slope exactly 0, dead"</span>
            </p>
            <div class="gallery-large">
                <Large chosen z/>
                <Facts chosen text/>
                <Train chosen week/>
                <Table chosen/>
            </div>
        </section>
    }
}

/// The chosen function with its read-out.
#[component]
fn Large(chosen: RwSignal<Shown>, z: RwSignal<f64>) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let id = field_id("gallery-z");
    let reading = Memo::new(move |_| Reading::of(chosen.get(), z.get()));
    let label = Signal::derive(move || {
        let (Reading { z, value, slope, .. }, shown) = (reading.get(), chosen.get());
        let (name, places) = (shown.label(), shown.flat_places());
        format!("{name} and its slope for z from −6 to 6. At z = {z}: value {value}, slope {slope}. {places}")
    });
    let said = move || {
        let Reading { z, value, slope, .. } = reading.get();
        format!("z {z}, value {value}, slope {slope}")
    };
    let point = move |event: PointerEvent| {
        let Some(canvas) = node.get_untracked() else { return };
        let is_pressed = event.buttons() & 1 == 1;
        if is_pressed {
            let plot = Plot::large(canvas.client_width().into(), canvas.client_height().into());
            z.set((plot.input_at(event.offset_x().into()) * PER_UNIT).round() / PER_UNIT);
        }
    };
    let slide = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<f64>() {
            z.set(value.clamp(INPUTS.start, INPUTS.end));
        }
    };
    view! {
        <p class="gallery-name">{move || chosen.get().label()}</p>
        <Painted
            node
            label
            track=|| ()
            hand=Box::new(move || {
                chosen.track();
                z.track();
            })
            draw=move |surface, theme| draw_large(surface, theme, |z| chosen.get().at(z), z.get())
            on:pointerdown=point
            on:pointermove=point
        />
        <div class="gallery-z">
            <label for=id.clone()>"z"</label>
            <input
                type="range"
                id=id
                min=INPUTS.start.to_string()
                max=INPUTS.end.to_string()
                step=(1.0 / PER_UNIT).to_string()
                aria-valuetext=said
                prop:value=move || format!("{:.1}", z.get())
                on:input=slide
            />
        </div>
        <dl class="gallery-reading">
            <div><dt>"z"</dt><dd>{move || reading.get().z}</dd></div>
            <div><dt>"f(z)"</dt><dd>{move || reading.get().value}</dd></div>
            <div><dt>"f′(z)"</dt><dd>{move || reading.get().slope}</dd></div>
            <div class="gallery-meaning"><dt>"here"</dt><dd>{move || reading.get().meaning}</dd></div>
        </dl>
    }
}

/// Formulas, what to see, and where it is flat.
#[component]
fn Facts(chosen: RwSignal<Shown>, text: &'static WeekText) -> impl IntoView {
    // Made from checked text by the build of the course.
    let words = move |of: fn(&'static FunctionText) -> &'static String| text.function(chosen.get().id()).map_or("", |it| of(it));
    view! {
        <ul class="gallery-formulas">
            <li inner_html=move || words(|text| &text.value_html)></li>
            <li inner_html=move || words(|text| &text.slope_html)></li>
        </ul>
        <p inner_html=move || words(|text| &text.about_html)></p>
        <p class="quiet">{move || chosen.get().flat_places()}</p>
    }
}

/// The way into a lab, or why there is none.
#[component]
fn Train(chosen: RwSignal<Shown>, week: u32) -> impl IntoView {
    let course = expect_context::<Course>();
    move || match chosen.get().lab_link() {
        Some(link) => {
            let leave = move |_| course.leave_for_lab(week);
            view! { <p><a href=format!("#/{link}") on:click=leave>"Train a small net with it"</a></p> }.into_any()
        }
        None => view! { <p class="quiet">"No net here is trained with it: it has no slope to follow."</p> }.into_any(),
    }
}

/// The function at one place, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reading {
    z: String,
    value: String,
    slope: String,
    /// What the slope means for learning.
    meaning: &'static str,
}

impl Reading {
    fn of(shown: Shown, z: f64) -> Reading {
        let sample = shown.at(z);
        let meaning = match sample.flatness {
            _ if sample.slope.is_nan() => "a jump, without a slope",
            Flatness::Steep => "it learns",
            Flatness::Almost => "almost flat: it hardly learns",
            Flatness::Flat => "flat: nothing is learned",
        };
        Reading { z: tenths(z), value: sig3(sample.value), slope: slope_text(sample), meaning }
    }
}

/// A number with one decimal: `−1.5`.
fn tenths(value: f64) -> String {
    // Adding zero takes its sign from a negative zero.
    format!("{:.1}", value + 0.0).replace('-', "−")
}
