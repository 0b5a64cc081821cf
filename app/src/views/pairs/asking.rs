//! Asks for the answer to a source again and again, as the net learns.

use super::Told;
use crate::state::{Lab, RunPhase};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// While training, a source is answered again this often at most: faster than that nobody follows.
const PAUSE_MS: f64 = 400.0;
/// And at most this part of the time goes into it: a beam of five computes five answers for each token.
const LEAST_REST: f64 = 4.0;

/// The newest answer to the text, asked for whenever text, beam or weights have changed; one question at a time, and none that nobody
/// sees. The second is why there is no answer.
pub fn answered(lab: Lab, text: Signal<String>, beam: Signal<u32>) -> (RwSignal<Option<Told>>, RwSignal<Option<String>>) {
    let (told, problem) = (RwSignal::new(None::<Told>), RwSignal::new(None));
    let (is_stale, is_busy) = (StoredValue::new(false), StoredValue::new(false));
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    Effect::new(move |_| {
        beam.track();
        lab.progress.track();
        // Trained weights change no step, and are evaluated as soon as they are in.
        lab.evaluations.track();
        if text.with(|text| text.trim().is_empty()) {
            told.set(None);
            problem.set(None);
            return;
        }
        if !is_open.get() || lab.hidden.get() {
            return;
        }
        is_stale.set_value(true);
        if is_busy.get_value() {
            return;
        }
        is_busy.set_value(true);
        spawn_local(async move {
            // The values are gone when the view is.
            while is_stale.try_update_value(std::mem::take) == Some(true) {
                let Some(asked) = text.try_get_untracked().filter(|text| !text.trim().is_empty()) else { break };
                let Some(width) = beam.try_get_untracked() else { break };
                let started_at_ms = js_sys::Date::now();
                let answer = lab.translate(asked.clone(), width).await;
                let is_asked = text.try_get_untracked().as_ref() == Some(&asked) && beam.try_get_untracked() == Some(width);
                match answer {
                    Ok(translation) if is_asked => {
                        told.try_set(Some(Told { text: asked, translation }));
                        problem.try_set(None);
                    }
                    // It is asked again, and then it may be answered.
                    _ if !is_asked || is_stale.try_get_value() == Some(true) => {}
                    Ok(_) => {}
                    Err(why) => {
                        told.try_set(None);
                        problem.try_set(Some(why));
                    }
                }
                if lab.running.try_get_untracked() == Some(true) {
                    let rest_ms = (LEAST_REST * (js_sys::Date::now() - started_at_ms)).max(PAUSE_MS);
                    gloo_timers::future::sleep(Duration::from_millis(rest_ms as u64)).await;
                }
            }
            is_busy.try_set_value(false);
        });
    });
    (told, problem)
}
