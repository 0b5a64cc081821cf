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
    let fits = Fits { min, max, above_min, whole };
    number_box(label, shown, value, fits, about, Box::new(set))
}

/// What numbers a field takes.
#[derive(Clone, Copy)]
struct Fits {
    min: f64,
    max: f64,
    /// Whether `min` itself is out of bounds.
    above_min: bool,
    whole: bool,
}

/// One box for all numbers, compiled once and not for each closure that takes one.
fn number_box(
    label: &'static str,
    shown: Option<&'static str>,
    value: Signal<f64>,
    fits: Fits,
    about: &'static str,
    set: Box<dyn Fn(f64)>,
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
    let on_change = move |event| match parse(&event_target_value(&event), fits) {
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
                inputmode=if fits.whole { "numeric" } else { "decimal" }
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
    let chosen = Memo::new(move |_| table.iter().position(|entry| entry.value == value.get()).unwrap_or(0));
    let rows = table.iter().map(|entry| Row { id: entry.id, label: entry.label, about: entry.about }).collect();
    choice(label, rows, chosen, Box::new(move |idx| set(table[idx].value.clone())))
}

/// An entry of a table without its value.
struct Row {
    id: &'static str,
    label: &'static str,
    about: &'static str,
}

/// One choice for all tables, of places in them.
fn choice(label: &'static str, rows: Vec<Row>, chosen: Memo<usize>, set: Box<dyn Fn(usize)>) -> impl IntoView {
    let id = field_id(label);
    let rows = StoredValue::new(rows);
    let row = move |read: fn(&Row) -> &'static str| rows.with_value(|rows| read(&rows[chosen.get()]));
    let on_change = move |event| {
        let id = event_target_value(&event);
        if let Some(idx) = rows.with_value(|rows| rows.iter().position(|row| row.id == id)) {
            set(idx);
        }
    };
    let options = rows.with_value(|rows| {
        let option = |(idx, row): (usize, &Row)| {
            view! { <option value=row.id selected=move || chosen.get() == idx>{row.label}</option> }
        };
        rows.iter().enumerate().map(option).collect_view()
    });
    view! {
        <div class="row" title=move || row(|row| row.about)>
            <label for=id.clone()>{label}</label>
            <select id=id on:change=on_change prop:value=move || row(|row| row.id)>
                {options}
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

fn parse(text: &str, fits: Fits) -> Result<f64, String> {
    let Fits { min, max, above_min, whole } = fits;
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
    use super::{Fits, parse, spelled};

    #[test]
    fn numbers_are_spelled_as_typed() {
        assert_eq!([spelled(1e-8), spelled(0.001), spelled(64.0), spelled(0.0)], ["1e-8", "0.001", "64", "0"]);
    }

    #[test]
    fn numbers_fit_or_are_explained() {
        let fits = |min, max| Fits { min, max, above_min: false, whole: false };
        assert_eq!(parse("64", Fits { whole: true, ..fits(1.0, 1024.0) }), Ok(64.0));
        let above = Fits { above_min: true, ..fits(0.0, 10.0) };
        assert_eq!(parse("1e-4", above), Ok(1e-4));
        assert!(parse("0", above).unwrap_err().contains("greater than 0 and at most 10"));
        assert!(parse("2.5", Fits { whole: true, ..fits(1.0, 9.0) }).unwrap_err().contains("whole number"));
        for bad in ["", "NaN", "inf", "-1", "1e99"] {
            assert!(parse(bad, fits(0.0, 10.0)).is_err(), "{bad}");
        }
    }
}
