//! The stage of labs on words: a map of their vectors, the neighbours of one, analogies, and what was planted.

pub mod analogy;
pub mod map;
pub mod neighbours;
pub mod planted;

use super::code::CodeView;
use crate::lesson::Guarded;
use crate::state::{Lab, RunPhase};
use crate::word_vectors::{Atlas, Names};
use analogy::Analogy;
use descent_spec::DataSet;
use descent_spec::lesson::Control;
use leptos::prelude::*;
use leptos::task::spawn_local;
use map::MapView;
use neighbours::Neighbours;
use planted::Planted;
use std::sync::Arc;

/// What the views of words share.
#[derive(Clone, Copy)]
pub struct Words {
    /// The newest vectors; none before the first came.
    pub atlas: RwSignal<Option<Arc<Atlas>>>,
    /// What was typed or chosen as the word to look at.
    pub typed: RwSignal<String>,
}

impl Words {
    /// The word that is looked at, where it is known.
    pub fn chosen(self) -> Option<usize> {
        let atlas = self.atlas.read();
        atlas.as_ref().and_then(|atlas| self.typed.with(|typed| atlas.names.find(typed)))
    }

    /// Looks at a word.
    pub fn choose(self, word: usize) {
        let name = self.atlas.with_untracked(|atlas| atlas.as_ref().map(|atlas| atlas.names.of(word).to_owned()));
        if let Some(name) = name {
            self.typed.set(name);
        }
    }
}

/// The middle pane.
#[component]
pub fn WordsStage() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words { atlas: RwSignal::new(None), typed: RwSignal::new("king".to_owned()) };
    provide_context(words);
    follow(lab, words);
    let is_planted = lab.experiment.with_untracked(|experiment| experiment.data.set == DataSet::PlantedWords);
    view! {
        <div class="stage-view words-stage">
            <MapView/>
            {is_planted.then(|| view! { <Planted/> })}
            <Neighbours/>
            <Analogy/>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}

/// Asks for the vectors whenever there are newer ones, one question at a time.
fn follow(lab: Lab, words: Words) {
    let is_open = Memo::new(move |_| matches!(lab.run_phase.get(), RunPhase::Session(_)));
    let is_asking = StoredValue::new(false);
    let again = RwSignal::new(());
    Effect::new(move |_| {
        again.track();
        lab.progress.track();
        lab.facts.track();
        if !is_open.get() || is_asking.get_value() {
            return;
        }
        let names = lab.facts.with_untracked(|facts| facts.as_ref().map(|facts| facts.vocabulary.clone()));
        let Some(names) = names.filter(|names| !names.is_empty()) else { return };
        is_asking.set_value(true);
        let answer = lab.vectors();
        spawn_local(async move {
            let answer = answer.await;
            // The stage may have gone meanwhile.
            if is_asking.try_update_value(|asking| *asking = false).is_none() {
                return;
            }
            let Ok(trained) = answer else { return };
            let earlier = words.atlas.get_untracked();
            let known = earlier.as_ref().filter(|earlier| earlier.names.len() == names.len());
            let names = known.map_or_else(|| Arc::new(Names::new(names)), |earlier| Arc::clone(&earlier.names));
            let step = trained.step;
            words.atlas.set(Some(Arc::new(Atlas::new(&trained, names, known.map(AsRef::as_ref)))));
            if lab.progress.with_untracked(|progress| progress.step != step) {
                again.set(());
            }
        });
    });
}
