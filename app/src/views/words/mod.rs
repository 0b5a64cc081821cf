//! The stage of labs on words: a map of their vectors, the neighbours of one, analogies, and what was planted; all but the last of
//! GloVe's vectors, too.

pub mod analogy;
pub mod layout;
pub mod map;
pub mod neighbours;
pub mod planted;
pub mod source;

use super::code::CodeView;
use crate::lesson::Guarded;
use crate::state::{Lab, RunPhase};
use crate::word_vectors::{Atlas, Names};
use analogy::Analogy;
use descent_spec::DataSet;
use descent_spec::lesson::Control;
use descent_spec::vectors::Near;
use layout::Layout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use map::MapView;
use neighbours::Neighbours;
use planted::Planted;
use source::SourceView;
use std::sync::Arc;

/// Neighbours and answers that are listed at most.
const N_LISTED: usize = 8;

/// What the views of words share.
#[derive(Clone, Copy)]
pub struct Words {
    /// The newest vectors of the run; none before the first came.
    pub trained: RwSignal<Option<Arc<Atlas>>>,
    /// GloVe's, once they were asked for and have come.
    pub glove: RwSignal<Option<Arc<Atlas>>>,
    /// Whether what is learned here is the planted words.
    pub is_planted: bool,
    /// Whether GloVe's are looked at.
    pub shows_glove: RwSignal<bool>,
    /// Those that are looked at.
    pub atlas: Signal<Option<Arc<Atlas>>>,
    /// How they are made into a map.
    pub layout: Layout,
    /// What was typed or chosen as the word to look at.
    pub typed: RwSignal<String>,
    /// The words most like it, the nearest first.
    pub near: Memo<Vec<Near>>,
    /// "a is to b as c is to ?", as typed.
    pub question: [RwSignal<String>; 3],
    /// Whether the question's own words are no answers.
    pub leave_out: RwSignal<bool>,
    /// The question's words and the answers, or why there are none; nothing before there are vectors.
    pub found: Memo<Option<Result<Answered, String>>>,
}

/// Three words, and those nearest to b − a + c.
pub type Answered = ([usize; 3], Vec<Near>);

impl Words {
    fn new(set: DataSet) -> Words {
        let is_planted = set == DataSet::PlantedWords;
        // A word and a question that each set has an answer to.
        let (word, question) = if is_planted { ("king", ["man", "woman", "king"]) } else { ("wife", ["is", "are", "was"]) };
        let (trained, glove, shows_glove) = (RwSignal::new(None), RwSignal::new(None), RwSignal::new(false));
        let atlas = Signal::derive(move || if shows_glove.get() { glove.get() } else { trained.get() });
        let typed = RwSignal::new(word.to_owned());
        // Each is a search through all words, a few milliseconds among GloVe's: done once for all views.
        let near = Memo::new(move |_| {
            let atlas: Option<Arc<Atlas>> = atlas.get();
            let found = atlas.as_ref().and_then(|atlas| Some((atlas, typed.with(|typed| atlas.names.find(typed))?)));
            found.map(|(atlas, word)| atlas.vectors.neighbours(word, N_LISTED)).unwrap_or_default()
        });
        let question = question.map(|word| RwSignal::new(word.to_owned()));
        let leave_out = RwSignal::new(true);
        let found = Memo::new(move |_| {
            let atlas: Arc<Atlas> = atlas.get()?;
            let asked = question.map(|typed| typed.with(|typed| atlas.names.find(typed).ok_or_else(|| typed.trim().to_owned())));
            if let Some(Err(unknown)) = asked.iter().find(|it| it.is_err()) {
                return Some(Err(format!("“{unknown}” is none of the words.")));
            }
            let asked = asked.map(Result::unwrap_or_default);
            Some(Ok((asked, atlas.vectors.analogy(asked, N_LISTED, leave_out.get()))))
        });
        Words { trained, glove, is_planted, shows_glove, atlas, layout: Layout::new(), typed, near, question, leave_out, found }
    }

    /// Whether the planted words are looked at, of which it is known what belongs together.
    pub fn shows_planted(self) -> bool {
        self.is_planted && !self.shows_glove.get()
    }

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
    let words = Words::new(lab.experiment.with_untracked(|experiment| experiment.data.set));
    provide_context(words);
    follow(lab, words);
    layout::follow(words);
    view! {
        <div class="stage-view words-stage">
            <SourceView/>
            <MapView/>
            <Show when=move || words.shows_planted()>
                <Planted/>
            </Show>
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
            let earlier = words.trained.get_untracked();
            let known = earlier.as_ref().filter(|earlier| earlier.names.len() == names.len());
            let names = known.map_or_else(|| Arc::new(Names::new(names)), |earlier| Arc::clone(&earlier.names));
            let step = trained.step;
            words.trained.set(Some(Arc::new(Atlas::new(&trained, names, known.map(AsRef::as_ref)))));
            if lab.progress.with_untracked(|progress| progress.step != step) {
                again.set(());
            }
        });
    });
}
