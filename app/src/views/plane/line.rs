//! The line of a single neuron: drawn over what it says, told as numbers, and why it may never be right about all points.

use crate::canvas::plane::Square;
use crate::canvas::surface::Surface;
use crate::canvas::theme::Theme;
use crate::format::{count, sig3};
use crate::state::{Lab, PlanePoints};
use descent_spec::line::LineFacts;
use descent_spec::message::RunFacts;
use descent_spec::model::Head;
use descent_spec::plane::PLANE_EXTENT;
use descent_spec::separable::{Point, obstacle};
use descent_spec::{DataSet, OptimizerSpec};
use leptos::prelude::*;

/// Length of the drawn normal: it shows a direction, the numbers show a size. In pixels, like the size of its head.
const ARROW: f64 = 34.0;
const HEAD: f64 = 7.0;
/// Own points are whole thousandths. Others are compared to 2⁻³⁰, finer than what they are drawn with.
const THOUSANDTHS: f64 = 1000.0;
const FINE: f64 = (1_u64 << 30) as f64;

/// Draws the line and, from the middle of what can be seen of it, its normal, which points to where class 1 is answered.
pub fn draw_line(surface: &Surface, theme: &Theme, line: &LineFacts, square: Square) {
    let Some([(x0, y0), (x1, y1)]) = line.within(PLANE_EXTENT) else { return };
    let context = surface.context();
    let (from, to) = (square.place(x0, y0), square.place(x1, y1));
    context.set_stroke_style_str(&theme.ink.css());
    context.set_line_width(1.5);
    context.begin_path();
    context.move_to(from.0, from.1);
    context.line_to(to.0, to.1);
    // Down the canvas is down the plane, so y turns its sign.
    let (across, down) = (f64::from(line.weights[0]), -f64::from(line.weights[1]));
    let length = across.hypot(down);
    let (across, down) = (across / length, down / length);
    let foot = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
    let tip = (foot.0 + ARROW * across, foot.1 + ARROW * down);
    context.move_to(foot.0, foot.1);
    context.line_to(tip.0, tip.1);
    for side in [-1.0, 1.0] {
        context.move_to(tip.0, tip.1);
        context.line_to(tip.0 - HEAD * across + side * HEAD / 2.0 * down, tip.1 - HEAD * down - side * HEAD / 2.0 * across);
    }
    context.stroke();
}

/// The line's numbers, and what can be said about any line for these points; nothing where the net draws another border.
#[component]
pub fn LineWords() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let line = Memo::new(move |_| lab.plane.read().as_ref().and_then(|report| report.line));
    let draws = Memo::new(move |_| line.read().is_some());
    let hindrance = Memo::new(move |_| {
        let points = lab.points.read();
        lab.facts.with(|facts| hindrance(points.as_ref()?, facts.as_ref().filter(|facts| facts.experiment.draws_a_line())?))
    });
    let told = move |tell: fn(&LineFacts) -> String| move || line.read().as_ref().map(tell);
    let corrections = move || {
        let progress = lab.progress.get();
        let corrects = lab.facts.with(|facts| facts.as_ref().is_some_and(corrects_mistakes_only));
        corrects.then(|| format!("{} in {} steps", count(progress.corrections), count(progress.step)))
    };
    let is_learning = move || lab.progress.read().step > 0;
    let said = move || {
        lab.facts.with(|facts| {
            let (line, facts) = (line.get()?, facts.as_ref()?);
            Some(verdict(facts, &line, hindrance.read().as_deref(), is_learning()))
        })
    };
    view! {
        <Show when=move || draws.get()>
            <section class="line-words" aria-label="The line">
                <p class="subject equation">{told(equation)}</p>
                <dl>
                    <div><dt>"Weights w"</dt><dd class="weights-told">{told(|it| format!("({}, {})", sig3(it.weights[0].into()), sig3(it.weights[1].into())))}</dd></div>
                    <div><dt>"Bias b"</dt><dd>{told(|it| sig3(it.bias.into()))}</dd></div>
                    <div title="The smallest t (w · x + b) / ‖w‖ over the training points: negative while one lies on the wrong side">
                        <dt>"Margin"</dt>
                        <dd class="margin-told">{told(|it| it.margin.map_or("none: both weights are 0".into(), sig3))}</dd>
                    </div>
                    <div title="On the wrong side of the line, or on it">
                        <dt>"Mistakes"</dt>
                        <dd class="mistakes-told">{told(|it| format!("{} of {} training points", it.mistakes, it.n_points))}</dd>
                    </div>
                    <Show when=move || corrections().is_some()>
                        <div><dt>"Corrections"</dt><dd class="corrections-told">{corrections}</dd></div>
                    </Show>
                </dl>
                <p class="about verdict">{said}</p>
            </section>
        </Show>
    }
}

/// Whether a step changes something exactly when its batch holds a mistake, so that such steps are corrections.
fn corrects_mistakes_only(facts: &RunFacts) -> bool {
    let training = &facts.experiment.training;
    facts.experiment.head() == Head::Perceptron
        && training.optimizer == OptimizerSpec::Sgd
        && (training.l1, training.l2) == (0.0, 0.0)
}

/// `0.750 x + 1.50 y − 1.00 = 0`.
fn equation(line: &LineFacts) -> String {
    let term = |value: f32| match value < 0.0 {
        true => format!("− {}", sig3(-f64::from(value))),
        false => format!("+ {}", sig3(value.into())),
    };
    format!("{} x {} y {} = 0", sig3(line.weights[0].into()), term(line.weights[1]), term(line.bias))
}

/// The training points that no line tells apart, in words; none where a line does.
fn hindrance(points: &PlanePoints, facts: &RunFacts) -> Option<String> {
    let scale = if facts.experiment.data.set == DataSet::Own { THOUSANDTHS } else { FINE };
    let of_class = |class: f32| -> Vec<Point> {
        (0..points.n_train.min(points.x.len()))
            .filter(|&idx| points.target[idx] == class)
            .map(|idx| [points.x[idx], points.y[idx]].map(|value| (f64::from(value) * scale).round() as i64))
            .collect()
    };
    let [of_0, of_1] = obstacle(&of_class(0.0), &of_class(1.0))?;
    let spelled = |points: &[Point]| {
        let each = |it: &Point| format!("({}, {})", sig3(it[0] as f64 / scale), sig3(it[1] as f64 / scale));
        points.iter().map(each).collect::<Vec<_>>().join(", ")
    };
    Some(format!("class 0 at {} and class 1 at {}", spelled(&of_0), spelled(&of_1)))
}

/// What becomes of this line.
fn verdict(facts: &RunFacts, line: &LineFacts, hindrance: Option<&str>, is_learning: bool) -> String {
    let is_rule = corrects_mistakes_only(facts);
    match hindrance {
        Some(points) => {
            let never =
                if is_rule { " So the perceptron rule never comes to rest: it trades one mistake for another." } else { "" };
            format!(
                "No line can do it. Whichever one is drawn, at least one of these training points lies on its wrong side or on it: \
                 {points}.{never}"
            )
        }
        None if line.mistakes == 0 && is_rule && is_learning => {
            "At rest: no training point is wrong, so the rule has nothing more to correct.".into()
        }
        None if line.mistakes == 0 => "This line has every training point on its right side.".into(),
        None if is_rule => {
            "Some line has every training point on its right side, so the rule will come to rest after finitely many corrections."
                .into()
        }
        None => "Some line has every training point on its right side.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equation_is_spelled_with_its_signs() {
        let line = LineFacts::new([0.75, -1.5], -1.0, std::iter::empty());
        assert_eq!(equation(&line), "0.750 x − 1.50 y − 1.00 = 0");
        assert_eq!(equation(&LineFacts::new([0.0, 0.0], 0.0, std::iter::empty())), "0 x + 0 y + 0 = 0");
    }
}
