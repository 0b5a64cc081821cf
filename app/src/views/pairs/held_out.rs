//! Pairs that the net never learned from, with its answers.

use crate::components::fields::field_id;
use crate::format::count;
use crate::state::{Lab, RunPhase};
use descent_spec::data::Split;
use descent_spec::message::TranslatedPair;
use descent_spec::registry::Registry;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Pairs on a page.
const N_SHOWN: u32 = 10;

/// The parts that are held out.
const PARTS: [Split; 2] = [Split::Validation, Split::Test];

/// What came back.
#[derive(Debug, Clone, PartialEq)]
struct Page {
    split: Split,
    from: u32,
    step: u64,
    pairs: Vec<TranslatedPair>,
}

/// A page of pairs, and buttons to the others.
#[component]
pub fn HeldOut() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let split = RwSignal::new(Split::Validation);
    let from = RwSignal::new(0_u32);
    let page = RwSignal::new(None::<Page>);
    let trouble = RwSignal::new(None::<String>);
    let n = Memo::new(move |_| {
        lab.facts.with(|facts| {
            facts.as_ref().map_or(0, |facts| if split.get() == Split::Test { facts.n_test } else { facts.n_validation })
        }) as u32
    });
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    let epoch = Memo::new(move |_| lab.progress.read().epoch);
    let loaded = Memo::new(move |_| lab.loading.with(Option::is_none));
    let is_busy = StoredValue::new(false);
    // What was asked for last: an answer to something else is asked for again.
    let again = RwSignal::new(0_u32);
    Effect::new(move |_| {
        again.track();
        loaded.track();
        // As for an own source: trained weights are evaluated as soon as they are in.
        lab.evaluations.track();
        // Once for each epoch and at rest: answers to a page of pairs cost as much as some steps.
        epoch.track();
        if !lab.running.get() {
            lab.progress.track();
        }
        let asked = (split.get(), from.get());
        if !is_open.get() || n.get() == 0 || lab.hidden.get() || is_busy.get_value() {
            return;
        }
        is_busy.set_value(true);
        let step = lab.progress.read_untracked().step;
        let answer = lab.held_out(asked.0, asked.1, N_SHOWN);
        spawn_local(async move {
            let answer = answer.await;
            is_busy.try_set_value(false);
            let now = split.try_get_untracked().zip(from.try_get_untracked());
            match answer {
                Ok((step, pairs)) if now == Some(asked) => {
                    trouble.try_set(None);
                    page.try_set(Some(Page { split: asked.0, from: asked.1, step, pairs }));
                }
                Ok(_) => {}
                Err(why) => drop(trouble.try_set(Some(why))),
            }
            let is_late = lab.progress.try_get_untracked().is_some_and(|progress| progress.step != step)
                && lab.running.try_get_untracked() == Some(false);
            if now.is_some() && (now != Some(asked) || is_late) {
                again.try_update(|again| *again += 1);
            }
        });
    });
    let turn = move |by: i64| {
        move |_| {
            let next = i64::from(from.get_untracked()) + by * i64::from(N_SHOWN);
            from.set(next.clamp(0, i64::from(n.get_untracked().saturating_sub(1))) as u32);
        }
    };
    let is_first = move || from.get() == 0;
    let is_last = move || from.get() + N_SHOWN >= n.get();
    let said = move || {
        let page = page.read();
        let Some(page) = page.as_ref() else { return String::new() };
        let n_right = page.pairs.iter().filter(|pair| pair.is_exact).count();
        format!(
            "{} {} to {} of {}: {n_right} of {} right, at step {}",
            page.split.label(),
            count(u64::from(page.from) + 1),
            count(u64::from(page.from) + page.pairs.len() as u64),
            count(n.get().into()),
            page.pairs.len(),
            count(page.step)
        )
    };
    let id = field_id("part");
    view! {
        <section class="held-out pairs" aria-labelledby="held-out-title">
            <div class="view-head">
                <h2 id="held-out-title">"Held-out pairs"</h2>
                <p class="subject" role="status" aria-live=move || if lab.running.get() { "off" } else { "polite" }>{said}</p>
                <div class="view-tools" role="group" aria-label="Pairs">
                    <label class="visually-hidden" for=id.clone()>"Part of the pairs"</label>
                    <select
                        id=id
                        on:change=move |event| {
                            let chosen = event_target_value(&event);
                            from.set(0);
                            split.set(PARTS.into_iter().find(|part| part.id() == chosen).unwrap_or(Split::Validation));
                        }
                    >
                        {PARTS.map(|part| view! { <option value=part.id() selected=move || split.get() == part>{part.label()}</option> })}
                    </select>
                    <button type="button" class="text-button" aria-label="Previous pairs" disabled=is_first on:click=turn(-1)>"Previous"</button>
                    <button type="button" class="text-button" aria-label="Next pairs" disabled=is_last on:click=turn(1)>"Next"</button>
                </div>
            </div>
            <table class="figures-table pairs-table">
                <caption class="visually-hidden">"Pairs the net did not learn from, and its answers, the most probable token at each step"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Source"</th>
                        <th scope="col">"Reference"</th>
                        <th scope="col">"Answer"</th>
                        <th scope="col"><span class="visually-hidden">"Verdict"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {move || page.get().map(|page| page.pairs.into_iter().map(row).collect_view())}
                </tbody>
            </table>
            <p class="quiet" hidden=move || page.read().is_some()>"The pairs are being answered."</p>
            <p class="problem" hidden=move || trouble.read().is_none()>{move || trouble.get()}</p>
        </section>
    }
}

fn row(pair: TranslatedPair) -> impl IntoView {
    view! {
        <tr class:right=pair.is_exact>
            <th scope="row">{pair.source}</th>
            <td>{pair.target}</td>
            <td>{pair.answer}</td>
            <td>{if pair.is_exact { "right" } else { "wrong" }}</td>
        </tr>
    }
}
