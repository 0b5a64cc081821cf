//! The shell.
use leptos::prelude::*;
/// The page.
#[component]
pub fn App() -> impl IntoView {
    let lab = crate::state::Lab::new(Default::default());
    provide_context(lab);
    lab.start();
    view! { <main></main> }
}
