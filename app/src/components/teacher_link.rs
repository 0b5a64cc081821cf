//! Makes a teacher's link: what to hide, what to lock, and the address to hand out.

use crate::keyboard::copy_address;
use crate::link::address_with;
use crate::state::Lab;
use descent_spec::Lesson;
use descent_spec::lesson::{Control, Rule};
use descent_spec::registry::{Entry, Registry};
use leptos::html::Dialog;
use leptos::prelude::*;

/// The button and its dialog.
#[component]
pub fn TeacherLink() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let dialog = NodeRef::<Dialog>::new();
    let is_open = RwSignal::new(false);
    // What is chosen here acts in the link only, not in the page it is made on.
    let draft = RwSignal::new(Lesson::default());
    let address = Memo::new(move |_| address_with(&lab.experiment.read(), &draft.read()));
    // The browser's own dialog traps the focus and closes on Escape.
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (is_open.get(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let open = move |_| {
        draft.set(lab.lesson.get_untracked());
        is_open.set(true);
    };
    view! {
        <p class="teacher-link">
            <button type="button" class="text-button" aria-haspopup="dialog" on:click=open>"Teacher link"</button>
        </p>
        <dialog node_ref=dialog class="teacher" aria-labelledby="teacher-title" on:close=move |_| is_open.set(false)>
            <h2 id="teacher-title">"Teacher link"</h2>
            <p>
                "A link that opens this lab as it is set up now. What you hide is not on the page, what you lock is shown and cannot be "
                "changed. Curves, evaluations and their tables always stay."
            </p>
            <Show when=move || is_open.get()>
                <Rules draft/>
            </Show>
            <p><input type="text" readonly aria-label="The teacher link" prop:value=address/></p>
            <p class="teacher-actions">
                <button type="button" class="solid" on:click=move |_| copy_address(lab, address.get_untracked())>"Copy teacher link"</button>
                <a class="button" href=address on:click=move |_| is_open.set(false)>"Open it here"</a>
                <button type="button" on:click=move |_| is_open.set(false)>"Close"</button>
            </p>
        </dialog>
    }
}

/// One row for each control that the page of this data set has.
#[component]
fn Rules(draft: RwSignal<Lesson>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let set = lab.experiment.read_untracked().data.set;
    let rows = Control::table().iter().filter(|entry| entry.value.suits(set)).map(|entry| row(entry, draft)).collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="What students cannot change">
            <table>
                <thead>
                    <tr><th scope="col">"Control"</th><th scope="col">"Hide"</th><th scope="col">"Lock"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(entry: &'static Entry<Control>, draft: RwSignal<Lesson>) -> impl IntoView {
    let control = entry.value;
    let check_box = move |rule: Rule, word: &str| {
        let has_it = move || draft.read().rule(control) == Some(rule);
        view! {
            <input
                type="checkbox"
                aria-label=format!("{word} {}", entry.label)
                prop:checked=has_it
                on:change=move |_| draft.update(|draft| draft.set(control, if draft.rule(control) == Some(rule) { None } else { Some(rule) }))
            />
        }
    };
    view! {
        <tr>
            <th scope="row" title=entry.about>{entry.label}</th>
            <td>{check_box(Rule::Hidden, "Hide")}</td>
            <td>{control.can_lock().then(|| check_box(Rule::Locked, "Lock"))}</td>
        </tr>
    }
}
