//! The address bar: which page, and in a lab the experiment; an address that is opened or edited becomes the experiment.

use crate::client::base_address;
use crate::own_text;
use crate::state::Lab;
use descent_spec::{Experiment, Lesson, link};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// What the address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The start: the course.
    Home,
    /// A week of the course, with its number where it is one.
    Week(Option<u32>),
    /// A lab; the rest of the fragment is its experiment.
    Lab,
    /// The race of optimizers; the rest of the fragment says what is raced.
    Race,
    /// The page that times training steps.
    Bench,
}

/// The fragment behind the `#`, without it.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// Where a fragment leads: `#/` to the course, `#/week/2` to a week, `#/race` to the race of optimizers, `#/bench` to the bench page, all else to a lab: `#/mnist?…`.
pub fn route_of(fragment: &str) -> Route {
    let path = fragment.trim_start_matches('/');
    let name = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    match name.split_once('/') {
        None if path.is_empty() => Route::Home,
        None if name == "bench" => Route::Bench,
        None if name == descent_spec::contest::link::PAGE => Route::Race,
        None if name == "week" => Route::Week(None),
        Some(("week", number)) => Route::Week(number.parse().ok()),
        _ => Route::Lab,
    }
}

/// The address of the lab as it is.
pub fn address_of(lab: Lab) -> String {
    address_with(&lab.experiment.read_untracked(), &lab.lesson.read_untracked())
}

/// The address of this experiment with what is hidden and locked.
pub fn address_with(experiment: &Experiment, lesson: &Lesson) -> String {
    format!("{}#/{}", base_address(), link::encode_lesson(experiment, lesson))
}

/// Reads an address into an experiment, takes over what it hides and locks, and tells which of its fields were refused.
pub fn read(lab: Lab, address: &str) -> Experiment {
    let mut decoded = link::decode(address);
    own_text::recall(&mut decoded);
    if !decoded.refusals.is_empty() {
        lab.alert(refusal_text(&decoded.refusals));
    }
    if *lab.lesson.read_untracked() != decoded.lesson {
        lab.lesson.set(decoded.lesson);
    }
    decoded.experiment
}

/// Puts the experiment into the address bar, without a new entry in the browser's history for every keystroke.
pub fn write(experiment: &Experiment, lesson: &Lesson) {
    write_fragment(&link::encode_lesson(experiment, lesson));
}

/// The same for the link of another page.
pub fn write_fragment(link: &str) {
    let address = format!("#/{link}");
    if format!("#{}", fragment()) == address {
        return;
    }
    if let Ok(history) = window().history() {
        // Browsers limit how often this may be called; a late address is no reason to stop.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// One sentence for all refused fields, or a list where there are several.
pub fn refusal_text(refusals: &[link::Refusal]) -> String {
    const MOST: usize = 12;
    let mut parts: Vec<String> = refusals
        .iter()
        .take(MOST)
        .map(|refusal| match refusal.value.is_empty() {
            true => format!("{}: {}", refusal.key, refusal.why),
            false => format!("{}={}: {}", refusal.key, refusal.value, refusal.why),
        })
        .collect();
    if refusals.len() > MOST {
        parts.push(format!("and {} more", refusals.len() - MOST));
    }
    format!("Parts of the link could not be used, and the defaults stand in their place. {}.", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_lead_somewhere() {
        assert_eq!([route_of(""), route_of("/")], [Route::Home; 2]);
        assert_eq!([route_of("/week/2"), route_of("week/2/"), route_of("/week/2?x")], [Route::Week(Some(2)); 3]);
        assert_eq!([route_of("/week/two"), route_of("/week/-1"), route_of("/week")], [Route::Week(None); 3]);
        assert_eq!([route_of("?lr=0.1"), route_of("/../../week/1"), route_of("/weeks/1")], [Route::Lab; 3]);
        assert_eq!(route_of("/mnist?lr=0.1"), Route::Lab);
        assert_eq!([route_of("/race"), route_of("race?on=net&lab=moons?seed=3")], [Route::Race; 2]);
        assert_eq!(route_of("/bench"), Route::Bench);
        assert_eq!(route_of("/bench?device=webgpu"), Route::Bench);
    }

    #[test]
    fn refusals_are_told_in_one_breath() {
        let refusals = link::decode("mnist?lr=-1&colour=red").refusals;
        let text = refusal_text(&refusals);
        assert!(text.contains("lr=-1: it must be greater than 0"), "{text}");
        assert!(text.contains("colour=red: there is no such field"), "{text}");
    }
}
