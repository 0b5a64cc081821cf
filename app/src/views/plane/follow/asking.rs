//! When the worker is asked for the numbers of a followed example.

use crate::client::now_ms;
use crate::state::Lab;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// While training the numbers change at most four times a second: faster than that nobody reads them.
const REFRESH_MS: f64 = 250.0;

/// What came of asking.
#[derive(Debug)]
pub(super) struct Asking<Q: 'static, A: 'static> {
    /// The newest answer with its question.
    pub(super) newest: RwSignal<Option<(Q, A)>>,
    /// Why there is none.
    pub(super) problem: RwSignal<Option<String>>,
}

/// Asks whenever the weights or the question have changed, one question at a time; never while there is none.
pub(super) fn ask_again_and_again<Q, A, F>(
    lab: Lab,
    question: Memo<Option<Q>>,
    ask: impl Fn(Q) -> F + Copy + 'static,
) -> Asking<Q, A>
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    A: Send + Sync + 'static,
    F: Future<Output = Result<A, String>> + 'static,
{
    let (newest, problem) = (RwSignal::new(None), RwSignal::new(None));
    let (is_stale, is_asking, asked_at) = (StoredValue::new(false), StoredValue::new(false), StoredValue::new(f64::MIN));
    Effect::new(move |_| {
        // Comes after each step, after opening and after a weight was set.
        lab.plane.track();
        if question.read().is_none() {
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
                let Some(asked) = question.try_get_untracked() else { return };
                let Some(asked) = asked else { break };
                asked_at.try_set_value(now_ms());
                match ask(asked.clone()).await {
                    Ok(answer) => {
                        newest.try_set(Some((asked, answer)));
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
