//! The data to look at: a few samples in the data card, and all of them, by split and class, in a dialog.

use super::thumbnails::{Shelf, Thumbnails};
use crate::format::count;
use crate::state::Lab;
use descent_spec::data::{Kind, Split};
use descent_spec::registry::Registry;
use leptos::html::Dialog;
use leptos::prelude::*;

/// Samples in the strip.
const STRIP: u32 = 8;
/// Samples on a page of the dialog.
const PAGE: u32 = 50;

/// A strip of training examples, and the button that opens the dialog with all data.
#[component]
pub fn DataBrowser() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let dialog = NodeRef::<Dialog>::new();
    let is_open = RwSignal::new(false);
    let are_reviews = lab.experiment.with_untracked(|experiment| experiment.data.set.kind() == Kind::Reviews);
    let strip = Shelf::new();
    let seed = Memo::new(move |_| lab.facts.read().as_ref().map(|facts| (facts.source, facts.experiment.seed)));
    Effect::new(move |_| {
        // Again when the last data have come: before, there may have been nothing to show.
        let loading = lab.loading.with(Option::is_some);
        if seed.get().is_some() && !are_reviews && (strip.items.read_untracked().is_empty() || !loading) {
            strip.fill(lab.browse(Split::Train, None, 0, STRIP), |_| ());
        }
    });
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            is_open.set(true);
            // A dialog that is open already stays open.
            let _ = dialog.show_modal();
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <div class="data-strip">
            {(!are_reviews).then(|| view! { <Thumbnails items=strip.items side=28.0/> })}
            <button type="button" class="text-button" aria-haspopup="dialog" disabled=move || lab.facts.read().is_none() on:click=open>
                "Browse data"
            </button>
        </div>
        <dialog node_ref=dialog class="browser" aria-labelledby="browser-title" on:close=move |_| is_open.set(false)>
            <Show when=move || is_open.get()>
                <Pages close=Callback::new(move |()| close())/>
            </Show>
        </dialog>
    }
}

/// The dialog's inside: choices, a page of pictures, where they come from.
#[component]
fn Pages(close: Callback<()>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let (set, classes) = lab.experiment.with_untracked(|experiment| (experiment.data.set, experiment.data.facts().classes));
    let split = RwSignal::new(Split::Train);
    let class = RwSignal::new(None::<u32>);
    let offset = RwSignal::new(0_u32);
    let shelf = Shelf::new();
    Effect::new(move |_| {
        let answer = lab.browse(split.get(), class.get(), offset.get(), PAGE);
        shelf.fill(answer, move |item| item.lines = vec![classes.get(item.class as usize).copied().unwrap_or("?").to_owned()]);
    });
    let splits = Split::table().iter().map(|entry| {
        let value = entry.value;
        view! {
            <button
                type="button"
                class="switch"
                title=entry.about
                aria-pressed=move || (split.get() == value).to_string()
                on:click=move |_| {
                    offset.set(0);
                    split.set(value);
                }
            >
                {entry.label}
            </button>
        }
    });
    let class_button = move |value: Option<u32>, name: &'static str| {
        view! {
            <button
                type="button"
                class="switch"
                aria-pressed=move || (class.get() == value).to_string()
                on:click=move |_| {
                    offset.set(0);
                    class.set(value);
                }
            >
                {name}
            </button>
        }
    };
    let class_buttons = classes.iter().enumerate().map(|(idx, name)| class_button(Some(idx as u32), name)).collect_view();
    let is_last = move || offset.get().saturating_add(PAGE) >= shelf.n_matching.get();
    let range = move || match shelf.n_matching.get() {
        0 => "No examples".to_owned(),
        n => {
            let first = offset.get() + 1;
            format!("{}–{} of {}", count(first.into()), count((offset.get() + PAGE).min(n).into()), count(n.into()))
        }
    };
    view! {
        <div class="view-head">
            <h2 id="browser-title">{set.label()}</h2>
            <button type="button" class="text-button" on:click=move |_| close.run(())>"Close"</button>
        </div>
        <div class="choices">
            <div role="group" aria-label="Split">{splits.collect_view()}</div>
            <div role="group" aria-label="Class">{class_button(None, "All")} {class_buttons}</div>
        </div>
        <Thumbnails items=shelf.items chosen=close/>
        {move || shelf.trouble.get().map(|why| view! { <p class="quiet" role="status">{why}</p> })}
        <div class="pager">
            <button
                type="button"
                class="text-button"
                disabled=move || offset.get() == 0
                on:click=move |_| offset.update(|offset| *offset = offset.saturating_sub(PAGE))
            >
                "Previous page"
            </button>
            <span role="status">{range}</span>
            <button
                type="button"
                class="text-button"
                disabled=is_last
                on:click=move |_| offset.update(|offset| *offset += PAGE)
            >
                "Next page"
            </button>
        </div>
        <p class="quiet">
            {move || {
                lab.facts.read().as_ref().map(|facts| format!("{} Terms of use: {}.", facts.citation, facts.licence.trim_end_matches('.')))
            }}
        </p>
    }
}
