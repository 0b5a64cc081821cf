//! What a teacher's link does to the page: a hidden control is not there, a locked one is shown and says why it rests.

use crate::state::Lab;
use descent_spec::lesson::{Control, Rule};
use descent_spec::registry::Registry;
use leptos::prelude::*;

impl Lab {
    /// Why a control may not be used, as a sentence; none where it may. Keys and scripts ask here: what the page does not offer
    /// they do not do either.
    pub fn refusal(self, control: Control) -> Option<String> {
        self.lesson.read_untracked().rule(control).map(|_| format!("{}.", reason(control)))
    }

    /// Whether a control may be used. If not, it is said why.
    pub fn allows(self, control: Control) -> bool {
        let refusal = self.refusal(control);
        let allows = refusal.is_none();
        if let Some(why) = refusal {
            self.say(why);
        }
        allows
    }
}

/// `Learning rate: locked by this link`.
pub fn reason(control: Control) -> String {
    format!("{}: locked by this link", control.label())
}

/// Fields that belong to a control of a teacher's link.
#[component]
pub fn Guarded(
    /// Which one.
    control: Control,
    /// The fields.
    children: ChildrenFn,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let rule = Memo::new(move |_| lab.lesson.read().rule(control));
    move || match rule.get() {
        None => children().into_any(),
        Some(Rule::Hidden) => ().into_any(),
        // The browser disables all that stands in it, and readers tell the legend with each field.
        Some(Rule::Locked) => view! {
            <fieldset class="locked" disabled>
                <legend>{reason(control)}</legend>
                {children()}
            </fieldset>
        }
        .into_any(),
    }
}
