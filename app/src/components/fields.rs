//! Fields of the set-up: a number box that refuses in words, and a choice from a table.

use descent_spec::registry::Entry;
use leptos::prelude::*;

/// A number with its bounds; what does not fit is explained under it and changes nothing.
#[component]
pub fn NumberBox(
    /// The field's name.
    label: &'static str,
    /// What stands before it, a part of its name, where the rest goes without saying for those who see.
    #[prop(optional)]
    shown: Option<&'static str>,
    /// The value now.
    #[prop(into)]
    value: Signal<f64>,
    /// Smallest value.
    min: f64,
    /// Largest value.
    max: f64,
    /// Whether `min` itself is out of bounds.
    #[prop(optional)]
    above_min: bool,
    /// Whether only whole numbers fit.
    #[prop(optional)]
    whole: bool,
    /// One line about it.
    #[prop(optional)]
    about: &'static str,
    /// Takes a value that fits.
    set: impl Fn(f64) + 'static,
) -> impl IntoView {
    let problem = RwSignal::new(None::<String>);
    let text = Memo::new(move |_| spelled(value.get()));
    // Another value from outside makes an old complaint moot.
    Effect::new(move |_| {
        text.track();
        problem.set(None);
    });
    let id = field_id(label);
    let problem_id = format!("{id}-problem");
    let on_change = move |event| match parse(&event_target_value(&event), min, max, above_min, whole) {
        Ok(value) => {
            problem.set(None);
            set(value);
        }
        Err(why) => problem.set(Some(why)),
    };
    view! {
        <div class="row" title=about>
            <label for=id.clone()>{shown.unwrap_or(label)}</label>
            <input
                type="number"
                aria-label=shown.map(|_| label)
                id=id
                step="any"
                inputmode=if whole { "numeric" } else { "decimal" }
                prop:value=text
                aria-invalid=move || problem.read().is_some().to_string()
                aria-describedby=problem_id.clone()
                on:change=on_change
            />
        </div>
        <p class="problem" id=problem_id hidden=move || problem.read().is_none()>{move || problem.get()}</p>
    }
}

/// A choice from a table of the spec.
#[component]
pub fn Choice<T>(
    /// The field's name.
    label: &'static str,
    /// The table.
    table: &'static [Entry<T>],
    /// The value now.
    #[prop(into)]
    value: Signal<T>,
    /// Takes the choice.
    set: impl Fn(T) + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let id = field_id(label);
    let chosen = Memo::new(move |_| table.iter().position(|entry| entry.value == value.get()).unwrap_or(0));
    let on_change = move |event| {
        let id = event_target_value(&event);
        if let Some(entry) = table.iter().find(|entry| entry.id == id) {
            set(entry.value.clone());
        }
    };
    view! {
        <div class="row" title=move || table[chosen.get()].about>
            <label for=id.clone()>{label}</label>
            <select id=id on:change=on_change prop:value=move || table[chosen.get()].id>
                {table
                    .iter()
                    .enumerate()
                    .map(|(idx, entry)| {
                        view! { <option value=entry.id selected=move || chosen.get() == idx>{entry.label}</option> }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

/// An id that no other field has: several layers show fields of the same name.
pub fn field_id(label: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name: String = label.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    format!("{name}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// As one would type it: `0.001`, but `1e-8` for what would be a row of zeros.
fn spelled(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-4 { format!("{value:e}") } else { value.to_string() }
}

fn parse(text: &str, min: f64, max: f64, above_min: bool, whole: bool) -> Result<f64, String> {
    let range = match (above_min, whole) {
        (true, _) => format!("greater than {min} and at most {max}"),
        (false, true) => format!("a whole number from {min} to {max}"),
        (false, false) => format!("from {min} to {max}"),
    };
    let value: f64 = text.trim().parse().map_err(|_| format!("This must be a number, {range}. The old value still counts."))?;
    let is_in_range = value <= max && if above_min { value > min } else { value >= min };
    if is_in_range && (!whole || value.fract() == 0.0) {
        Ok(value)
    } else {
        Err(format!("{value} does not fit: it must be {range}. The old value still counts."))
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, spelled};

    #[test]
    fn numbers_are_spelled_as_typed() {
        assert_eq!([spelled(1e-8), spelled(0.001), spelled(64.0), spelled(0.0)], ["1e-8", "0.001", "64", "0"]);
    }

    #[test]
    fn numbers_fit_or_are_explained() {
        assert_eq!(parse("64", 1.0, 1024.0, false, true), Ok(64.0));
        assert_eq!(parse("1e-4", 0.0, 10.0, true, false), Ok(1e-4));
        assert!(parse("0", 0.0, 10.0, true, false).unwrap_err().contains("greater than 0 and at most 10"));
        assert!(parse("2.5", 1.0, 9.0, false, true).unwrap_err().contains("whole number"));
        for bad in ["", "NaN", "inf", "-1", "1e99"] {
            assert!(parse(bad, 0.0, 10.0, false, false).is_err(), "{bad}");
        }
    }
}
