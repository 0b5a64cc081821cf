//! A lab to open: its name, why to open it, and what it promises.

use super::state::Course;
use descent_course::condition::{Kind, Relation, Value};
use descent_course::model::{Lab, Race, StatedResult, Variant, When};
use leptos::prelude::*;

/// A link that opens a lab and remembers the week it was opened from.
#[component]
pub fn LabLink(
    /// Number of the week.
    week: u32,
    /// The lab.
    lab: &'static Lab,
) -> impl IntoView {
    let course = expect_context::<Course>();
    view! { <a href=format!("#/{}", lab.link) on:click=move |_| course.leave_for_lab(week)>{lab.title.as_str()}</a> }
}

/// The card beside the text.
#[component]
pub fn LabCard(
    /// Number of the week.
    week: u32,
    /// The lab.
    lab: &'static Lab,
) -> impl IntoView {
    let course = expect_context::<Course>();
    let variants = (!lab.variants.is_empty()).then(|| {
        let row = |it: &'static Variant| {
            view! {
                <li>
                    <a href=format!("#/{}", it.link) on:click=move |_| course.leave_for_lab(week)>{it.title.as_str()}</a>
                    <p class="small quiet">{promise(&it.result)}</p>
                </li>
            }
        };
        view! {
            <details class="more">
                <summary>{format!("{} set-ups, one click each", lab.variants.len())}</summary>
                <ul class="variant-list">{lab.variants.iter().map(row).collect_view()}</ul>
            </details>
        }
    });
    view! {
        <li class="card">
            <h3><LabLink week lab/></h3>
            <p>{lab.why.as_str()}</p>
            <p class="small quiet">{promise(&lab.result)}</p>
            {variants}
        </li>
    }
}

/// The card of a race.
#[component]
pub fn RaceCard(
    /// The race.
    race: &'static Race,
) -> impl IntoView {
    view! {
        <li class="card">
            <h3><a href=format!("#/{}", race.link)>{race.title.as_str()}</a></h3>
            <p>{race.why.as_str()}</p>
        </li>
    }
}

/// What a lab does when it is played, in words: "Validation accuracy at least 95 % within 400 steps".
fn promise(result: &StatedResult) -> String {
    let condition = &result.condition;
    let row = condition.quantity.row();
    let relation = match condition.relation {
        Relation::AtLeast => "at least ",
        Relation::AtMost => "at most ",
        Relation::Above => "more than ",
        Relation::Below => "below ",
        Relation::Is => "",
    };
    let value = match &condition.value {
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Number(share) if row.kind == Kind::Share => format!("{} %", (share * 1000.0).round() / 10.0),
        Value::Number(number) => number.to_string(),
        Value::Name(name) => name.clone(),
    };
    let when = match result.when {
        When::Within => "within",
        When::After => "still, after",
    };
    format!("{} {relation}{value} {when} {} steps", row.label, result.steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_course::condition::Condition;

    #[test]
    fn promises_are_words() {
        let of = |condition: &str, when| {
            promise(&StatedResult { condition: Condition::parse(condition).unwrap(), when, steps: 750, seconds: 30 })
        };
        assert_eq!(of("validation_accuracy >= 0.95", When::Within), "Validation accuracy at least 95 % within 750 steps");
        assert_eq!(of("validation_accuracy < 0.85", When::After), "Validation accuracy below 85 % still, after 750 steps");
        assert_eq!(
            of("gradient_ratio < 0.05", When::After),
            "Gradient ratio, lowest layer over highest, below 0.05 still, after 750 steps"
        );
        assert_eq!(of("diverged = yes", When::Within), "Divergence yes within 750 steps");
    }
}
