//! When the worker is asked for the numbers of a followed example.

use super::{Following, place_of};
use crate::client::now_ms;
use crate::followed::Followed;
use crate::state::Lab;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// While training the numbers change at most four times a second: faster than that nobody reads them.
const REFRESH_MS: f64 = 250.0;

/// What came of asking.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    /// The newest answer with the index of the point it is about.
    pub(super) newest: RwSignal<Option<(usize, Followed)>>,
    /// Why there is none.
    pub(super) problem: RwSignal<Option<String>>,
}

/// Asks whenever the weights, the example or the unit have changed, one question at a time.
pub(super) fn ask_again_and_again(lab: Lab, following: Following, nudge: Memo<Option<(u32, u32)>>) -> Asking {
    let (newest, problem) = (RwSignal::new(None), RwSignal::new(None));
    let (is_stale, is_asking, asked_at) = (StoredValue::new(false), StoredValue::new(false), StoredValue::new(f64::MIN));
    Effect::new(move |_| {
        following.idx.track();
        nudge.track();
        // Comes after each step, after opening and after a weight was set.
        lab.plane.track();
        if lab.points.read().is_none() {
            newest.set(None);
            return;
        }
        is_stale.set_value(true);
        if is_asking.get_value() {
            return;
        }
        is_asking.set_value(true);
        spawn_local(async move {
            // The values are gone when the panel is.
            while is_stale.try_update_value(std::mem::take) == Some(true) {
                let pause_ms = asked_at.try_get_value().unwrap_or(0.0) + REFRESH_MS - now_ms();
                if lab.running.try_get_untracked() == Some(true) && pause_ms > 0.0 {
                    gloo_timers::future::sleep(Duration::from_millis(pause_ms as u64)).await;
                }
                let (Some(idx), Some(nudge)) = (following.idx.try_get_untracked(), nudge.try_get_untracked()) else { return };
                let Some((split, index)) = lab.points.with_untracked(|points| points.as_ref().map(|it| place_of(it, idx))) else {
                    break;
                };
                asked_at.try_set_value(now_ms());
                match lab.follow(split, index as u32, nudge).await {
                    Ok(answer) => {
                        newest.try_set(Some((idx, answer)));
                        problem.try_set(None);
                    }
                    Err(why) => {
                        newest.try_set(None);
                        problem.try_set(Some(why));
                    }
                }
            }
            is_asking.try_set_value(false);
        });
    });
    Asking { newest, problem }
}
