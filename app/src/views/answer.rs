//! The network's probabilities, one bar for each class.

use crate::format::percent;
use leptos::prelude::*;

/// Ten bars and their numbers, the largest in blue. Real text, so that it can be read, selected and read out.
#[component]
pub fn Answer(
    /// One for each class; empty bars while there is none.
    #[prop(into)]
    probabilities: Signal<Option<Vec<f32>>>,
    /// Names of the classes.
    classes: &'static [&'static str],
    /// What the bars are about.
    label: &'static str,
) -> impl IntoView {
    let best = Memo::new(move |_| probabilities.with(|all| all.as_deref().and_then(winner)));
    let rows = classes.iter().enumerate().map(|(class, name)| {
        let share = Memo::new(move |_| probabilities.with(|all| all.as_ref()?.get(class).copied()));
        view! {
            <li class:best=move || best.get() == Some(class)>
                <span class="class">{*name}</span>
                <span class="rail">
                    <span class="bar" style:transform=move || format!("scaleX({:.4})", share.get().unwrap_or(0.0))></span>
                </span>
                <span class="share">{move || share.get().map_or("–".into(), |share| percent(share.into()))}</span>
            </li>
        }
    });
    view! { <ol class="answer" aria-label=label>{rows.collect_view()}</ol> }
}

/// The most probable class.
///
/// ```
/// use descent_app::views::answer::winner;
/// assert_eq!(winner(&[0.1, 0.7, 0.2]), Some(1));
/// assert_eq!(winner(&[]), None);
/// ```
pub fn winner(probabilities: &[f32]) -> Option<usize> {
    (0..probabilities.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]))
}
